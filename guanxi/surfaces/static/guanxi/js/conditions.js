/* The condition builder: rows come from the server, so field, operator and value always fit. */

export function wire(root) {
  const form = root.matches?.("[data-conditions]") ? root : root.querySelector?.("[data-conditions]");
  if (!form || form.dataset.wired) return;
  form.dataset.wired = "1";
  form.addEventListener("change", onChange);
  form.addEventListener("click", onClick);
  noteShapes();
  catchUp(form);
}

/** A field that was chosen before this script had come has no operators yet. */
function catchUp(form) {
  for (const field of form.querySelectorAll("[data-field-choice]")) {
    if (field.value && !field.closest(".clause").querySelector("[data-op-choice]")) onChange({ target: field });
  }
}

async function fetchInto(url, place, how) {
  const response = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!response.ok) return;
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  const nodes = [...parsed.body.childNodes].filter((node) => node.nodeType === 1);
  how === "replace" ? place.replaceWith(...nodes) : place.append(...nodes);
  nodes.forEach((node) => document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: node } })));
  nodes[0]?.querySelector("[data-op-choice], [data-field-choice]")?.focus();
  noteShapes();
}

function noteShapes() {
  document.querySelectorAll("[data-op-choice]").forEach((op) => (op.dataset.shape = shape(op.value)));
}

/** What kind of value an operator asks for; only another kind needs another control. */
function shape(op) {
  if (op === "empty" || op === "not_empty") return "none";
  if (op === "within" || op === "between") return op;
  return op === "in" || op === "not_in" ? "many" : "one";
}

function onChange(event) {
  const clause = event.target.closest(".clause");
  if (!clause || !event.target.matches("[data-field-choice], [data-op-choice]")) return;
  const op = clause.querySelector("[data-op-choice]");
  if (event.target === op && shape(op.value) === op.dataset.shape) return;
  const form = clause.closest("[data-conditions]");
  const query = new URLSearchParams({ n: clause.dataset.n, group: clause.dataset.group });
  query.set("field", clause.querySelector("[data-field-choice]").value);
  if (event.target.matches("[data-op-choice]")) query.set("op", event.target.value);
  fetchInto(`${form.dataset.conditions}?${query}`, clause, "replace");
}

const nextNumber = (form) => Math.max(0, ...[...form.querySelectorAll(".clause")].map((one) => Number(one.dataset.n))) + 1;

function onClick(event) {
  const at = event.target.closest("[data-add-clause], [data-add-group], [data-drop-clause]");
  if (!at) return;
  event.preventDefault();
  const form = at.closest("[data-conditions]");
  if (at.matches("[data-drop-clause]")) {
    at.closest(".clause").remove();
    return;
  }
  const query = new URLSearchParams({ n: nextNumber(form), group: at.dataset.group ?? "" });
  if (at.matches("[data-add-group]")) query.set("group", String(form.querySelectorAll("fieldset fieldset").length + 1));
  const place = at.matches("[data-add-group]") ? form.querySelector("[data-groups]") : at.closest("fieldset").querySelector("[data-clauses]");
  if (at.matches("[data-add-group]")) query.set("new", "group");
  fetchInto(`${form.dataset.conditions}?${query}`, place, "append");
}
