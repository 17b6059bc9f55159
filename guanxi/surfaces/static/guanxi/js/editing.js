/* "Li Fang is editing": an open form that is in use says so; pages of the record show it. */
import { csrfToken, el, word } from "./core.js";

const EVERY = 10_000;
const IDLE = 300_000;

/** Say that this form is in use, until nobody has typed in it for a while or it is left. */
export function tellEditing(form, isDirty) {
  const mark = form.elements._draft?.value;
  let timer = 0;
  let touched = 0;
  const beat = async () => {
    clearTimeout(timer);
    if (Date.now() - touched > IDLE) return left();
    timer = setTimeout(beat, EVERY);
    const answer = await tell(mark);
    if (answer && !answer.ok) clearTimeout(timer); // signed out, or out of sight: nobody is to be told
  };
  const left = () => {
    clearTimeout(timer);
    if (timer) tell(mark, true);
    timer = 0;
  };
  const touch = () => {
    touched = Date.now();
    if (!timer) beat();
  };
  form.addEventListener("input", touch);
  form.addEventListener("change", touch);
  form.addEventListener("submit", () => { clearTimeout(timer); timer = 0; });
  addEventListener("pagehide", left);
  if (isDirty()) touch();
}

function tell(mark, isLeft = false) {
  const body = new URLSearchParams({ _draft: mark, ...(isLeft ? { left: "1" } : {}) });
  const headers = { "X-CSRFToken": csrfToken(), "HX-Request": "true", "X-Guanxi-Background": "1" };
  return fetch("/editing/", { method: "POST", body, headers, keepalive: isLeft }).catch(() => null);
}

/** Show on the page who else is editing a record. */
export function showEditors(topic, people) {
  const text = people.length > 1 ? "editing_several" : "editing";
  const names = people.map((one) => one.name).join(word("comma"));
  document.querySelectorAll(`[data-editors="${CSS.escape(topic)}"]`).forEach((place) => {
    if (place.textContent === (names ? word(text, { names }) : "")) return;
    place.replaceChildren(...(names ? [el("span", { class: "chip chip-indigo" }, el("i", { class: "pulse", "aria-hidden": "true" }), word(text, { names }))] : []));
  });
}

/** What was heard before the connection broke is not known to hold any more. */
export function forgetEditors() {
  document.querySelectorAll("[data-editors]").forEach((place) => place.replaceChildren());
}
