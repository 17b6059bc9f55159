/* The customer's page: the way to the composer, titles of files, printing. */

/** Bring the composer before the person, also when the phone shows another tab. */
function toComposer() {
  document.querySelector('[data-tabs] a[href="#talk"]')?.click();
  const text = document.getElementById("talk-text");
  text?.scrollIntoView({ block: "center" });
  text?.focus();
}

/** As long as nobody wrote an own title, it follows kind and year: XX公司2026年合同. */
function suggestTitle(form) {
  const { title, kind, year } = form.elements;
  if (title.dataset.own) return;
  title.value = form.dataset.pattern
    .replace("{year}", year.value.trim())
    .replace("{kind}", kind.selectedOptions[0]?.textContent ?? "");
}

document.addEventListener("click", (event) => {
  if (event.target.closest('a[href="#talk-text"]')) {
    event.preventDefault();
    toComposer();
  } else if (event.target.closest("[data-print-now]")) {
    print();
  }
});

/* Ctrl+Enter writes the talk down from any part of the composer; in the text itself form.js does it. */
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("[data-composer]");
  if (!form || event.target.matches("textarea")) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("[data-filing]");
  if (!form) return;
  if (event.target.name === "title") event.target.dataset.own = "1";
  else suggestTitle(form);
});

document.documentElement.classList.add("js");
if (location.hash === "#talk-text") toComposer();
