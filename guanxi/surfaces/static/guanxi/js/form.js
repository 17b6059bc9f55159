/* Forms: what is typed is never lost; Ctrl+S saves; Esc leaves, and asks when something is unsaved. */
import { debounce, el, post, word } from "./core.js";
import { ask } from "./frame.js";

const PREFIX = "gx-draft:";
const SUBMITTED = "gx-submitted";
const DRAFT_DAYS = 14;

export function wire(root) {
  const forms = root.matches?.("[data-form], [data-composer]") ? [root] : root.querySelectorAll("[data-form], [data-composer]");
  forms.forEach((form) => {
    if (form.dataset.wired) return;
    form.dataset.wired = "1";
    form.hasAttribute("data-form") ? wireForm(form) : wireComposer(form);
  });
}

const values = (form) => JSON.stringify([...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string"));
const draftKey = (form) => (form.dataset.draft ? PREFIX + form.dataset.draft : "");

/* Drafts --------------------------------------------------------------------------------------- */
function saveDraft(form) {
  const key = draftKey(form);
  if (!key || form.dataset.dropped) return;
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: values(form) }));
    say(form, word("draft_kept"));
  } catch { /* a full store loses the draft, not the page */ }
}

export function dropDraft(form) {
  const key = draftKey(form);
  if (key) localStorage.removeItem(key);
}

function readDraft(form) {
  try {
    const draft = JSON.parse(localStorage.getItem(draftKey(form)));
    if (draft && Date.now() - draft.at < DRAFT_DAYS * 86400000) return draft;
  } catch { /* unreadable is as good as none */ }
  return null;
}

function restore(form, draft) {
  const wanted = new Map();
  for (const [name, value] of JSON.parse(draft.values)) wanted.set(name, [...(wanted.get(name) ?? []), value]);
  for (const control of form.elements) {
    if (!control.name || control.type === "hidden" || control.type === "file" || !("value" in control)) continue;
    const given = wanted.get(control.name) ?? [];
    if (control.type === "checkbox" || control.type === "radio") control.checked = given.includes(control.value);
    else if (control.multiple) [...control.options].forEach((option) => (option.selected = given.includes(option.value)));
    else if (given.length) control.value = given[0];
    control.tomselect?.sync();
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function offerDraft(form, original) {
  const draft = readDraft(form);
  if (!draft || draft.values === original || form.querySelector("#problems")) return;
  const notice = el("div", { class: "note note-indigo", role: "status" });
  const when = ago(draft.at);
  const use = el("button", { type: "button", class: "link" }, word("draft_use"));
  const drop = el("button", { type: "button", class: "link" }, word("draft_drop"));
  use.addEventListener("click", () => { restore(form, draft); notice.remove(); });
  drop.addEventListener("click", () => { dropDraft(form); notice.remove(); });
  notice.append(el("div", {}, word("draft_found", { when }), " ", use, " ", drop));
  (form.querySelector("[data-notices]") ?? form).prepend(notice);
}

/** How long ago: the device's clock may stand in another zone than the reader's. */
function ago(at) {
  const minutes = Math.max(1, Math.round((Date.now() - at) / 60_000));
  const [size, unit] = minutes < 60 ? [1, "minute"] : minutes < 1440 ? [60, "hour"] : [1440, "day"];
  return new Intl.RelativeTimeFormat(document.documentElement.lang).format(-Math.round(minutes / size), unit);
}

const say = (form, text) => {
  const place = form.querySelector("[data-draft-state]");
  if (place) place.textContent = text;
};

/* A page's form -------------------------------------------------------------------------------- */
function wireForm(form) {
  let original = values(form);
  let isLeaving = false;
  const isDirty = () => values(form) !== original;
  offerDraft(form, original);
  if (form.querySelector("#problems")) {
    form.querySelector("#problems").focus();
    original = "";
  }
  const keep = debounce(() => isDirty() && saveDraft(form), 400);
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("submit", () => {
    isLeaving = true;
    saveDraft(form);
    sessionStorage.setItem(SUBMITTED, draftKey(form));
  });
  window.addEventListener("beforeunload", (event) => { if (!isLeaving && isDirty()) event.preventDefault(); });
  document.addEventListener("keydown", (event) => onFormKey(event, form, isDirty, () => { isLeaving = true; }));
  form.querySelector("[data-cancel]")?.addEventListener("click", (event) => {
    event.preventDefault();
    leave(form, isDirty, () => { isLeaving = true; });
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
  if (isDirty()) {
    const answer = await ask(word("unsaved_title"), word("unsaved_text"), [
      { value: "stay", label: word("unsaved_stay"), look: "btn-primary" },
      { value: "keep", label: word("unsaved_keep") },
      { value: "drop", label: word("unsaved_drop"), look: "btn-danger" },
    ]);
    if (answer !== "keep" && answer !== "drop") return;
    if (answer === "drop") {
      form.dataset.dropped = "1";
      dropDraft(form);
    }
  } else {
    dropDraft(form);
  }
  release();
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
  const draft = readDraft(form);
  if (draft && !text.value) restore(form, draft);
  // The answer replaces the form: a draft kept after that would come back as if it were new.
  const keep = debounce(() => form.isConnected && (text.value.trim() ? saveDraft(form) : dropDraft(form)), 300);
  form.addEventListener("input", keep);
  form.addEventListener("htmx:beforeOnLoad", (event) => event.detail.xhr.status < 300 && dropDraft(form));
  text.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}
