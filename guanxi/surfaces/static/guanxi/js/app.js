/* Entry of every page: the frame first, then only the modules this page needs. */
import { fade } from "./core.js";
import { wireFrame } from "./frame.js";

document.documentElement.classList.add("js");
wireFrame();
document.querySelectorAll("#toasts .toast-note").forEach((note) => fade(note, 7000));

/** Modules by the mark of what they serve; also run on content that htmx brings in. */
const PARTS = [
  ["[data-list]", () => import("./list.js")],
  ["[data-form], [data-composer]", () => import("./form.js")],
  ["[data-pick]", () => import("./pick.js")],
  ["[data-place]", () => import("./places.js")],
  ["[data-conditions]", () => import("./conditions.js")],
  ["[data-columns-form]", () => import("./columns.js")],
  ["[data-record]", () => import("./record.js")],
  ["[data-record][data-id], [data-follow]", () => import("./live.js")],
];

function wireParts(root) {
  for (const [mark, bring] of PARTS) {
    if (root.matches?.(mark) || root.querySelector?.(mark)) bring().then((part) => part.wire(root));
  }
}

wireParts(document);
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) wireParts(event.detail.elt);
});

/* Earlier versions kept drafts on the device; what they left there goes. */
Object.keys(localStorage).filter((key) => key.startsWith("gx-draft:")).forEach((key) => localStorage.removeItem(key));
