/* Ctrl+K: records, pages, actions; arrows choose, Enter opens. */
const box = document.getElementById("palette");
let chosen = 0;
let hurried = null;

const items = () => [...box.querySelectorAll(".palette-item")];
const input = () => box.querySelector("input[name=q]");

/** Bring in what there is before anything is typed, once a page. */
export async function fill() {
  if (items().length || input().value) return choose(0);
  await window.htmx.ajax("GET", box.dataset.url, { target: "#palette-found", swap: "outerHTML" });
}

function choose(index) {
  const found = items();
  if (!found.length) {
    input()?.removeAttribute("aria-activedescendant");
    return;
  }
  chosen = (index + found.length) % found.length;
  found.forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
  found[chosen].scrollIntoView({ block: "nearest" });
  input()?.setAttribute("aria-activedescendant", found[chosen].id);
}

/** Whether what stands there answers what is typed now. */
const isAnswered = () => box.querySelector("#palette-found").dataset.query === input().value.trim();

/** Open the chosen line; one typed ahead of its answer waits for it instead of opening another. */
function enter(isNewTab) {
  hurried = isAnswered() ? null : { isNewTab };
  const item = hurried ? null : items()[chosen];
  if (!item) return;
  if (isNewTab) window.open(item.href, "_blank", "noopener");
  else item.click();
}

box.addEventListener("htmx:afterSwap", () => {
  choose(0);
  if (hurried && isAnswered()) enter(hurried.isNewTab);
});
box.addEventListener("input", () => (hurried = null));
box.addEventListener("close", () => (hurried = null));
box.addEventListener("submit", (event) => event.preventDefault());
box.addEventListener("click", (event) => event.target === box && box.close());
box.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
  } else if (event.key === "Enter") {
    event.preventDefault();
    enter(event.ctrlKey || event.metaKey);
  }
});
