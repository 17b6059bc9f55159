/* The column chooser: drag to order; without a script the arrows do the same. */
import { asset, load } from "./core.js";

export async function wire(root) {
  const list = root.querySelector?.("[data-columns-form] .chooser") ?? document.querySelector("[data-columns-form] .chooser");
  if (!list || list.dataset.wired) return;
  list.dataset.wired = "1";
  await load(asset("sortable"));
  window.Sortable.create(list, { handle: ".handle", animation: 100, forceFallback: true, filter: ".fixed", ghostClass: "sortable-ghost" });
  list.dataset.ready = "";
}
