/* Pickers: a select that searches the server; without a script it stays a plain select. */
import { asset, load, word } from "./core.js";

export async function wire(root) {
  const found = [...(root.matches?.("[data-pick]") ? [root] : root.querySelectorAll("select[data-pick]"))].filter((one) => !one.tomselect);
  if (!found.length) return;
  await Promise.all([load(asset("tom_select_css")), load(asset("tom_select"))]);
  found.forEach(enhance);
}

function enhance(select) {
  if (select.tomselect) return;
  const url = select.dataset.pick;
  const remote = url ? {
    preload: "focus",
    load(query, done) {
      const from = new URL(url, location.href);
      from.searchParams.set("q", query);
      fetch(from, { headers: { Accept: "application/json" } }).then((answer) => answer.json()).then((json) => done(json.options), () => done());
    },
    shouldLoad: () => true,
  } : {};
  const isAt = document.activeElement === select; // a cell is focused before its picker is there
  const picker = new window.TomSelect(select, {
    valueField: "value", labelField: "label", searchField: ["label", "note", "pinyin"], maxOptions: 100,
    plugins: select.multiple ? ["remove_button"] : ["clear_button"], loadThrottle: 150,
    render: {
      option: (data, escape) => `<div>${escape(data.label ?? data.text)} <span class="muted">${escape(data.note ?? "")}</span></div>`,
      no_results: () => `<div class="no-results">${word("nothing_found")}</div>`,
    },
    ...remote,
  });
  select.setAttribute("aria-hidden", "true"); // the picker beside it carries the label
  if (select.hasAttribute("aria-invalid")) picker.control_input.setAttribute("aria-invalid", "true");
  if (isAt) picker.focus();
}
