/* Forms: what is typed is never lost; Ctrl+S saves; Esc leaves, and asks when something is unsaved. */
import { debounce, el, post, word } from "./core.js";
import { Draft, typed } from "./drafts.js";
import { tellEditing } from "./editing.js";
import { ask } from "./frame.js";

export function wire(root) {
  const forms = root.matches?.("[data-form], [data-composer]") ? [root] : root.querySelectorAll("[data-form], [data-composer]");
  forms.forEach((form) => {
    if (form.dataset.wired) return;
    form.dataset.wired = "1";
    form.hasAttribute("data-form") ? wireForm(form) : wireComposer(form);
  });
}

/* A page's form -------------------------------------------------------------------------------- */
function wireForm(form) {
  const problems = form.querySelector("#problems");
  // What comes back refused or as a draft is not saved, even when nothing more is typed.
  const original = problems || form.querySelector("[data-restored]") ? "" : typed(form);
  let isLeaving = false;
  const isDirty = () => typed(form) !== original;
  problems?.focus();
  const draft = new Draft(form, isDirty);
  if (form.dataset.edits) tellEditing(form, isDirty);
  for (const name of ["submit", "gx:let-go"]) form.addEventListener(name, () => { isLeaving = true; });
  const goAway = async (isDropped) => {
    isLeaving = true;
    if (isDropped) await draft.drop();
  };
  window.addEventListener("beforeunload", (event) => { if (!isLeaving && isDirty()) event.preventDefault(); });
  document.addEventListener("keydown", (event) => onFormKey(event, form, isDirty, goAway));
  form.querySelector("[data-cancel]")?.addEventListener("click", (event) => {
    event.preventDefault();
    leave(form, isDirty, goAway);
  });
  if (form.dataset.check) wireCheck(form);
  if (form.dataset.steps) wireSteps(form);
}

/* What a step forward asks for is marked as soon as the step is chosen -------------------------- */
function wireSteps(form) {
  const steps = JSON.parse(form.dataset.steps);
  const show = () => Object.entries(steps).forEach(([name, needs]) => showNeeds(form, name, needs[form.elements[name]?.value] ?? []));
  form.addEventListener("change", show);
  show();
}

function showNeeds(form, name, needs) {
  const place = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
  if (!place) return;
  const blank = needs.filter(([field]) => !form.elements[field]?.value?.trim());
  form.querySelectorAll("[data-field].needed").forEach((one) => one.classList.remove("needed"));
  needs.forEach(([field]) => form.querySelector(`[data-field="${CSS.escape(field)}"]`)?.classList.add("needed"));
  let note = place.querySelector("[data-needs]");
  if (!note) {
    note = el("span", { class: "help needs", "data-needs": "", "aria-live": "polite" });
    place.append(note);
  }
  note.replaceChildren(...(blank.length ? [word("step_needs"), " "] : []));
  blank.forEach(([field, label], n) => note.append(n ? word("comma") : "", el("a", { href: `#id_${field}` }, label)));
}

function onFormKey(event, form, isDirty, release) {
  if (event.isComposing || event.keyCode === 229 || !form.isConnected) return;
  const isCommand = event.ctrlKey || event.metaKey;
  const isSave = isCommand && (event.key.toLowerCase() === "s" || event.key === "Enter");
  if (isSave && !event.shiftKey) {
    event.preventDefault();
    const another = form.querySelector("button[name=then][value=another]");
    form.requestSubmit((event.altKey && another) || form.querySelector("[data-save]"));
  } else if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open], .menu[open], .ts-wrapper.dropdown-active")) {
    event.preventDefault(); // else the same key closes the question at once
    leave(form, isDirty, release);
  }
}

async function leave(form, isDirty, release) {
  const target = form.querySelector("[data-cancel]")?.href;
  if (!target) return;
  let answer = "";
  if (isDirty()) {
    answer = await ask(word("unsaved_title"), word("unsaved_text"), [
      { value: "stay", label: word("unsaved_stay"), look: "btn-primary" },
      { value: "keep", label: word("unsaved_keep") },
      { value: "drop", label: word("unsaved_drop"), look: "btn-danger" },
    ]);
    if (answer !== "keep" && answer !== "drop") return;
  }
  await release(answer === "drop");
  location.assign(target);
}

/* Likely duplicates while the name is typed ---------------------------------------------------- */
function wireCheck(form) {
  const place = form.querySelector("[data-duplicates]") ?? form.querySelector("[data-notices]");
  const look = debounce(async () => {
    const response = await post(form.dataset.check, new FormData(form));
    if (response.ok) {
      const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
      place.replaceChildren(...parsed.body.childNodes);
    }
  }, 350);
  form.querySelectorAll("[data-check-field]").forEach((control) => {
    control.addEventListener("input", (event) => !event.isComposing && look());
    control.addEventListener("compositionend", look);
  });
}

/* The composer --------------------------------------------------------------------------------- */
function wireComposer(form) {
  const text = form.querySelector("textarea");
  new Draft(form, () => text.value.trim() !== "");
  text.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}
