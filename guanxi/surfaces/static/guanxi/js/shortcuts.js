/* Keys, as in the sheet behind "?". Never while typing, never while an input method composes. */
import { isTyping } from "./core.js";
import { openIn, openPalette } from "./frame.js";

const ALIASES = { n: "c", ArrowLeft: "k", ArrowRight: "j" };

export function wireShortcuts() {
  document.addEventListener("keydown", onKey);
}

function onKey(event) {
  if (event.isComposing || event.keyCode === 229) return;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (isCommand || event.altKey || event.defaultPrevented || isTyping(event)) return;
  if (document.querySelector("dialog:modal")) return;
  if (event.key === "/") {
    event.preventDefault();
    openPalette();
  } else if (event.key === "?") {
    event.preventDefault();
    const help = document.querySelector("[data-shortcuts]");
    if (help) openIn("dialog", help.href);
  } else {
    pressMarked(event);
  }
}

/** Click the control that carries this key, such as data-key="e" on Edit. */
function pressMarked(event) {
  const key = ALIASES[event.key] ?? event.key;
  if (key.length !== 1 && !(event.key in ALIASES)) return;
  const onList = document.querySelector("[data-list]");
  if (onList && (key === "j" || key === "k")) return;
  const target = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter((one) => one.checkVisibility());
  const own = target.find((one) => one.closest("main")) ?? target[0];
  if (!own) return;
  event.preventDefault();
  own.click();
}
