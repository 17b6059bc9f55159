/* The list: picking rows, moving by keys, widths, scroll kept, finding while typing, cells edited in place. */
import { csrfToken, debounce, hasEnded, isTyping, post } from "./core.js";
import { openIn } from "./frame.js";

const page = document.querySelector("[data-list]");
let at = -1;
let lastPicked = -1;
let isWired = false;

const rows = () => [...page.querySelectorAll("tbody tr")];
const boxes = () => [...page.querySelectorAll("tbody .pick input")];

export function wire() {
  if (isWired) return;
  refresh();
  isWired = true;
  page.addEventListener("click", onClick);
  page.addEventListener("dblclick", onDoubleClick);
  page.addEventListener("input", onInput);
  page.addEventListener("compositionend", onInput);
  page.addEventListener("pointerdown", onGrip);
  page.addEventListener("keydown", onCellKey);
  page.addEventListener("scroll", keepScroll, true);
  document.addEventListener("keydown", onKey);
  document.addEventListener("gx:row", (event) => noteVersion(event.detail));
  page.addEventListener("htmx:afterSettle", (event) => event.target === page && refresh());
}

/** After every swap the rows are new: nothing is picked, widths and scroll come back. */
function refresh() {
  restoreWidths();
  watchFrozen();
  restoreScroll();
  showPicked();
  at = -1;
  lastPicked = -1;
}

/* Picking -------------------------------------------------------------------------------------- */
function onClick(event) {
  const box = event.target.closest(".pick input");
  if (box?.hasAttribute("data-pick-all")) {
    boxes().forEach((one) => (one.checked = box.checked));
  } else if (box) {
    pickTo(boxes().indexOf(box), event.shiftKey, box.checked);
  } else if (event.target.closest("[data-pick-none]")) {
    page.querySelectorAll(".pick input, [data-bulk] input[name=all]").forEach((one) => (one.checked = false));
  } else if (!event.target.closest("[data-bulk]")) {
    openTapped(event);
    return;
  }
  showPicked();
}

function openTapped(event) {
  const row = event.target.closest("tbody tr");
  if (!row || event.target.closest("a, button, input, label, .editing") || !matchMedia("(max-width: 767px)").matches) return;
  location.assign(row.dataset.url);
}

function pickTo(index, isRange, isOn) {
  if (isRange && lastPicked >= 0) {
    const [from, to] = [Math.min(index, lastPicked), Math.max(index, lastPicked)];
    boxes().slice(from, to + 1).forEach((one) => (one.checked = isOn));
  }
  lastPicked = index;
}

function showPicked() {
  const bar = page.querySelector("[data-bulk]");
  if (!bar) return;
  const every = boxes();
  const picked = every.filter((one) => one.checked).length;
  rows().forEach((row) => row.classList.toggle("selected", Boolean(row.querySelector(".pick input")?.checked)));
  const head = page.querySelector("[data-pick-all]");
  head.checked = picked > 0 && picked === every.length;
  head.indeterminate = picked > 0 && picked < every.length;
  const all = bar.querySelector("[data-all-matching]");
  all.hidden = picked !== every.length || !bar.dataset.hasMore;
  if (all.hidden) all.querySelector("input").checked = false;
  bar.hidden = picked === 0;
  bar.querySelector("[data-pick-none]").hidden = false;
  bar.querySelector("[data-picked-count]").textContent = bar.dataset.counted.replace("{n}", picked);
}

/* Keys: J/K move, x picks, Enter opens, e edits, Space previews ---------------------------------- */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event)) return;
  if (document.querySelector("dialog:modal")) return;
  const key = event.key;
  if (key === "j" || key === "k" || key === "J" || key === "K") {
    move(key.toLowerCase() === "j" ? 1 : -1, event.shiftKey);
  } else if (key === "x" && at >= 0) {
    const box = rows()[at].querySelector(".pick input");
    if (!box) return;
    box.checked = !box.checked;
    pickTo(at, false, box.checked);
    showPicked();
  } else if (key === "Enter" && at >= 0 && event.target.matches("body, main, .table-wrap, tr")) {
    location.assign(rows()[at].dataset.url);
  } else if (key === "e" && at >= 0) {
    rows()[at].querySelector("[data-edit]")?.click();
  } else if (key === " " && at >= 0 && event.target.matches("body, main, .table-wrap, tr, .name a")) {
    rows()[at].querySelector("[data-drawer]")?.click();
  } else {
    return;
  }
  event.preventDefault();
}

function move(step, isPicking) {
  const every = rows();
  if (!every.length) return;
  every[at]?.classList.remove("at");
  at = Math.max(0, Math.min(every.length - 1, at + step));
  const row = every[at];
  row.classList.add("at");
  row.scrollIntoView({ block: "nearest" });
  row.querySelector(".name a")?.focus({ preventScroll: true });
  if (isPicking) {
    const box = row.querySelector(".pick input");
    if (box) box.checked = true;
    showPicked();
  }
  if (document.getElementById("drawer").open) peek(row);
}

const peek = debounce((row) => {
  const link = row.querySelector("a[data-drawer]");
  if (link) openIn("drawer", link.href).then(() => row.querySelector(".name a")?.focus({ preventScroll: true }));
}, 120);

/* Finding while typing ------------------------------------------------------------------------- */
const find = debounce((input) => input.form.requestSubmit(), 300);

function onInput(event) {
  if (event.target.matches("[data-find]") && !event.isComposing) find(event.target);
  if (event.target.matches("[data-bulk] input[name=all]")) showPicked();
}

/* Scroll is kept per list, so that coming back finds the same place ------------------------------ */
const scrollKey = () => `gx-scroll:${location.pathname}${location.search}`;
const keepScroll = debounce((event) => {
  if (event.target.matches?.("[data-scroll]")) {
    event.target.classList.toggle("scrolled", event.target.scrollLeft > 0);
    sessionStorage.setItem(scrollKey(), JSON.stringify([event.target.scrollLeft, event.target.scrollTop]));
  }
}, 80);

function restoreScroll() {
  const wrap = page.querySelector("[data-scroll]");
  const kept = JSON.parse(sessionStorage.getItem(scrollKey()) ?? "null");
  if (wrap && kept) wrap.scrollTo(...kept);
}

/* Column widths -------------------------------------------------------------------------------- */
function restoreWidths() {
  page.querySelectorAll("th[data-width]").forEach((head) => setWidth(head, Number(head.dataset.width)));
}

function setWidth(head, width) {
  head.style.width = head.style.minWidth = head.style.maxWidth = `${width}px`;
  const index = [...head.parentNode.children].indexOf(head);
  rows().forEach((row) => (row.children[index].style.maxWidth = `${width}px`));
}

/* Frozen columns: each begins where the ones before it end; those that leave no room scroll ------ */
const MOST_OF_WIDTH = 0.6;
const sizes = new ResizeObserver(() => freeze());

function watchFrozen() {
  sizes.disconnect();
  const heads = page.querySelectorAll("thead .name, thead .frozen");
  if (heads.length < 2) return;
  heads.forEach((head) => sizes.observe(head));
  sizes.observe(page.querySelector(".table-wrap"));
}

function freeze() {
  const table = page.querySelector("table.list");
  const room = page.querySelector(".table-wrap")?.clientWidth * MOST_OF_WIDTH;
  let start = 0;
  let last = "name";
  for (const head of table?.querySelectorAll("thead :is(.pick, .name, .frozen)") ?? []) {
    const place = [...head.classList].find((name) => /^frozen-\d$/.test(name));
    const fits = place && start + head.offsetWidth <= room;
    if (fits) table.style.setProperty(`--${place}`, `${start}px`);
    else if (place) table.style.removeProperty(`--${place}`);
    if (fits) last = place;
    start += head.offsetWidth;
  }
  table?.setAttribute("data-edge", last);
}

function onGrip(event) {
  const grip = event.target.closest(".grip");
  if (!grip) return;
  event.preventDefault();
  const head = grip.closest("th");
  const from = head.offsetWidth - event.clientX;
  const drag = (moved) => setWidth(head, Math.max(64, Math.min(640, from + moved.clientX)));
  const drop = () => {
    removeEventListener("pointermove", drag);
    post(page.dataset.settings, { column: head.dataset.column, width: head.offsetWidth });
  };
  addEventListener("pointermove", drag);
  addEventListener("pointerup", drop, { once: true });
}

/* Cells edited in place: Enter saves, Tab saves and goes on, Esc leaves ------------------------- */
function onDoubleClick(event) {
  const cell = event.target.closest("td.editable");
  if (cell && !cell.classList.contains("editing")) edit(cell);
}

function onCellKey(event) {
  const cell = event.target.closest("td.editable");
  if (!cell || event.isComposing || event.keyCode === 229) return;
  if (!cell.classList.contains("editing")) {
    if (event.key === "F2" || (event.key === "Enter" && event.target === cell)) {
      event.preventDefault();
      event.stopPropagation();
      edit(cell);
    }
    return;
  }
  if (event.key === "Escape") stop(cell);
  else if (event.key === "Tab") save(cell, event.shiftKey ? -1 : 1);
  else if (event.key === "Enter" && !event.shiftKey) save(cell, 0);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

async function edit(cell) {
  const row = cell.closest("tr");
  const response = await fetch(`${row.dataset.url}cell/${cell.dataset.field}/`, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
  if (hasEnded(response) || !response.ok) return;
  cell.before_ = [...cell.childNodes];
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  cell.replaceChildren(...parsed.body.childNodes);
  cell.classList.add("editing");
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: cell } }));
  const control = cell.querySelector("input:not([type=hidden]), select, textarea");
  control?.focus();
  control?.select?.();
}

function stop(cell) {
  cell.classList.remove("editing");
  if (cell.before_) cell.replaceChildren(...cell.before_);
  cell.focus();
}

async function save(cell, step) {
  const row = cell.closest("tr");
  const body = new FormData(cell.querySelector("form"));
  body.set("version", row.dataset.version);
  const response = await fetch(`${row.dataset.url}cell/${cell.dataset.field}/`, {
    method: "POST", body, headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true", "HX-Current-URL": location.href },
  });
  if (hasEnded(response)) return;
  const text = await response.text();
  if (response.ok) {
    swap(cell, text, response, step);
  } else if (response.status === 422 && !response.headers.has("X-Guanxi-Dialog")) {
    const parsed = new DOMParser().parseFromString(text, "text/html");
    cell.replaceChildren(...parsed.body.childNodes);
    cell.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  } else {
    const { showDialog } = await import("./frame.js");
    stop(cell);
    showDialog(text);
  }
}

function swap(cell, html, response, step) {
  const table = new DOMParser().parseFromString(`<table><tr>${html}</tr></table>`, "text/html");
  const fresh = table.querySelector("td");
  fresh.classList.add(...[...cell.classList].filter((name) => name.startsWith("frozen")));
  const row = cell.closest("tr");
  const told = JSON.parse(response.headers.get("HX-Trigger") ?? "{}");
  if (told["gx:row"]) noteVersion(told["gx:row"]);
  if (told.toast) document.dispatchEvent(new CustomEvent("toast", { detail: told.toast }));
  const editable = [...row.querySelectorAll("td.editable")];
  const next = step ? editable[editable.indexOf(cell) + step] : null;
  cell.replaceWith(fresh);
  if (next) edit(next);
  else fresh.focus();
}

function noteVersion({ id, version }) {
  const row = page.querySelector(`tbody tr[data-id="${CSS.escape(String(id))}"]`);
  if (row) row.dataset.version = version;
}
