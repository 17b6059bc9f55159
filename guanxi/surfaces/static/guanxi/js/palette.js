/* Ctrl+K: records, pages, actions; arrows choose, Enter opens. */
import { debounce } from "./core.js";

const box = document.getElementById("palette");
let chosen = 0;

const items = () => [...box.querySelectorAll(".palette-item")];
const input = () => box.querySelector("input[name=q]");

export async function open() {
  if (box.open) return;
  if (!box.firstElementChild) {
    await window.htmx.ajax("GET", box.dataset.url, { target: box, swap: "innerHTML" });
  }
  box.showModal();
  input()?.select();
  choose(0);
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

const ask = debounce(() => window.htmx.trigger(input(), "ask"), 90);

box.addEventListener("input", (event) => !event.isComposing && ask());
box.addEventListener("compositionend", ask);
box.addEventListener("htmx:afterSwap", () => choose(0));
box.addEventListener("submit", (event) => event.preventDefault());
box.addEventListener("click", (event) => event.target === box && box.close());
box.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
  } else if (event.key === "Enter") {
    event.preventDefault();
    const item = items()[chosen];
    if (!item) return;
    if (event.ctrlKey || event.metaKey) window.open(item.href, "_blank", "noopener");
    else item.click();
  }
});
