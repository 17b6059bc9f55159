/* 省市区: each level offers what lies in the one above; anything else may be typed, for addresses abroad. */
import { asset, load, word } from "./core.js";

const LEVELS = ["province", "city", "district"];
/** How many digits of a place's code name the place above it. */
const ABOVE = { city: 2, district: 4 };
let places = null;

export async function wire(root) {
  const found = [...(root.matches?.("[data-place]") ? [root] : root.querySelectorAll?.("[data-place]") ?? [])].filter((one) => !one.tomselect);
  if (!found.length || !asset("areas")) return;
  const [{ areaList }] = await Promise.all([import(asset("areas")), load(asset("tom_select_css")), load(asset("tom_select"))]);
  places ??= Object.fromEntries(LEVELS.map((level, n) => [level, list([areaList.province_list, areaList.city_list, areaList.county_list][n])]));
  found.filter((one) => !one.tomselect).forEach(enhance);
}

const list = (named) => Object.entries(named).map(([code, name]) => ({ code, name }));

/** Whether two names mean one place: 无锡 and 无锡市, 内蒙古 and 内蒙古自治区. */
const isSame = (name, written) => name === written || (written.length > 1 && name.startsWith(written));

/** What is chosen at a level: in the same form, else on the record's page behind the control. */
function chosen(input, level) {
  const beside = input.form?.querySelector(`[data-place="${level}"]`);
  if (beside) return beside.value.trim();
  return document.querySelector(`[data-fact="${level}"] dd`)?.firstChild?.textContent.trim() ?? "";
}

/** The known place of a level, within the place above it where that one is known. */
function known(input, level, written = chosen(input, level)) {
  if (!written) return null;
  const within = level === "province" ? null : known(input, LEVELS[LEVELS.indexOf(level) - 1]);
  const start = within ? within.code.slice(0, ABOVE[level]) : "";
  const here = places[level].filter((one) => one.code.startsWith(start));
  return here.find((one) => one.name === written) ?? here.find((one) => isSame(one.name, written)) ?? null;
}

function offered(input) {
  const level = input.dataset.place;
  if (level === "province") return places.province;
  const city = level === "district" && known(input, "city");
  const above = city || known(input, "province");
  return above ? places[level].filter((one) => one.code.startsWith(above.code.slice(0, city ? 4 : 2))) : places[level];
}

function enhance(input) {
  const isAt = document.activeElement === input; // a cell is focused before its picker is there
  const picker = new window.TomSelect(input, {
    valueField: "name", labelField: "name", searchField: ["name"], maxItems: 1, maxOptions: 120, delimiter: "\n",
    refreshThrottle: 0, create: true, createOnBlur: true, persist: false, selectOnTab: true, plugins: ["clear_button"],
    render: {
      option_create: (data, escape) => `<div class="create">${word("use_typed", { text: escape(data.input) })}</div>`,
      no_results: null,
    },
    onFocus() { offer(this, input); },
  });
  input.setAttribute("aria-hidden", "true"); // the picker beside it carries the label
  if (input.hasAttribute("aria-label")) picker.control_input.setAttribute("aria-label", input.getAttribute("aria-label"));
  picker.on("change", () => settle(input));
  if (isAt) picker.focus();
}

function offer(picker, input) {
  const now = picker.getValue();
  picker.clearOptions((option) => option.name === now);
  picker.addOptions(offered(input));
  picker.refreshOptions(false);
}

/** A place brings the ones above it along, and takes those below it that lie elsewhere away. */
function settle(input) {
  const level = input.dataset.place;
  const place = places[level].find((one) => one.name === input.value.trim());
  if (!input.form || !input.value.trim()) return;
  const at = LEVELS.indexOf(level);
  for (const above of place ? LEVELS.slice(0, at) : []) {
    const start = place.code.slice(0, above === "province" ? 2 : 4);
    const name = places[above].find((one) => one.code.startsWith(start))?.name;
    if (name && !isSame(name, chosen(input, above))) put(input.form, above, name);
  }
  for (const below of LEVELS.slice(at + 1)) {
    const written = chosen(input, below);
    const isHere = (one) => place && one.code.startsWith(place.code.slice(0, ABOVE[LEVELS[at + 1]]));
    const same = places[below].filter((one) => isSame(one.name, written));
    if (written && same.length && !same.some(isHere)) put(input.form, below, "");
  }
}

function put(form, level, name) {
  const picker = form.querySelector(`[data-place="${level}"]`)?.tomselect;
  if (!picker) return;
  if (name) picker.addOption({ name });
  name ? picker.setValue(name, true) : picker.clear(true);
}
