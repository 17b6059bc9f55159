/* Navigation, theme, menus, drawer and dialogs, copying, times, and what htmx reports. */
import { el, isTyping, prefer, toast, word } from "./core.js";

const root = document.documentElement;
const byId = (id) => document.getElementById(id);

export function wireFrame() {
  document.addEventListener("click", onClick);
  document.addEventListener("toggle", onToggle, true);
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeTop(event));
  document.addEventListener("submit", onTaken);
  document.addEventListener("keydown", onKey);
  document.addEventListener("pointerover", onRest);
  document.addEventListener("focusin", onRest);
  wireHtmx();
  wireTheme();
  refreshTimes();
  setInterval(refreshTimes, 30000);
}

/* Clicks on marked elements -------------------------------------------------------------------- */
const CLICKS = {
  "[data-fold]": fold,
  "[data-search]": openPalette,
  "[data-copy]": copy,
  "[data-copy-link]": copyLink,
  "[data-close]": (at) => at.closest("dialog")?.close(),
  "[data-print]": () => print(),
  "[data-toggle-density]": density,
};

function onClick(event) {
  closeMenus(event.target);
  for (const [mark, act] of Object.entries(CLICKS)) {
    const at = event.target.closest(mark);
    if (at) {
      event.preventDefault();
      act(at, event);
      return;
    }
  }
  if (event.target.matches("dialog:modal.drawer")) return event.target.close(); // beside the sheet
  const opener = event.target.closest("a[data-drawer], a[data-dialog], a[data-shortcuts]");
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    event.stopPropagation();
    openIn(opener.hasAttribute("data-drawer") ? "drawer" : "dialog", opener.href);
  }
}

function fold(at) {
  const state = root.dataset.nav === "folded" ? "open" : "folded";
  root.dataset.nav = state;
  at.setAttribute("aria-expanded", String(state === "open"));
  prefer("nav", state);
}

function density() {
  root.dataset.density = root.dataset.density === "dense" ? "normal" : "dense";
  prefer("density", root.dataset.density);
}

/** A file is handed out once and the page stays: its line is fetched anew until it says so. */
function onTaken(event) {
  if (!event.target.matches?.("[data-taken]")) return;
  const { action } = event.target;
  const look = (tries) => setTimeout(async () => {
    await window.htmx.ajax("GET", "/exports/", { target: "#exports", swap: "outerHTML" });
    const isStill = [...document.querySelectorAll("[data-taken]")].some((form) => form.action === action);
    if (isStill && tries > 1) look(tries - 1);
  }, 700);
  look(6);
}

/** It opens at once: a key typed while its list is still on the way belongs to it, not to the page. */
export async function openPalette() {
  const box = byId("palette");
  if (box.open) return;
  box.showModal();
  box.querySelector("input[name=q]").select();
  const { fill } = await import("./palette.js");
  fill();
}

function copyLink(at) {
  write(new URL(at.dataset.copyLink, location.href).href);
}

function copy(at) {
  write(at.dataset.copy);
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast({ text: word("copied") });
  } catch {
    toast({ text: word("copy_failed"), failed: true });
  }
}

/* Menus: one open at a time, closed by a click elsewhere --------------------------------------- */
function onToggle(event) {
  if (!event.target.matches?.(".menu") || !event.target.open) return;
  document.querySelectorAll(".menu[open]").forEach((menu) => menu !== event.target && !menu.contains(event.target) && (menu.open = false));
}

function closeMenus(at) {
  document.querySelectorAll(".menu[open]").forEach((menu) => !menu.contains(at) && (menu.open = false));
}

function closeTop(event) {
  const menu = document.querySelector(".menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
    event.preventDefault();
    return;
  }
  const drawer = byId("drawer");
  if (drawer?.open && !document.querySelector("dialog:modal")) drawer.close();
}

/* Drawer and dialog ---------------------------------------------------------------------------- */
let opener = null;
/** On the phone the drawer covers the list, so nothing behind it may be touched or scrolled. */
const isNarrow = () => matchMedia("(max-width: 767px)").matches;

export async function openIn(id, url) {
  const box = byId(id);
  if (!box.open) opener = document.activeElement;
  await window.htmx.ajax("GET", url, { target: box, swap: "innerHTML" });
  if (!box.open) id === "drawer" && !isNarrow() ? box.show() : box.showModal();
  box.querySelector("[autofocus], input:not([type=hidden]), select, textarea, h2, a, button")?.focus({ preventScroll: true });
}

document.addEventListener("close", (event) => {
  if (!event.target.matches?.("#drawer, #dialog")) return;
  event.target.replaceChildren();
  if (opener?.isConnected) opener.focus({ preventScroll: true });
}, true);

/* Theme ---------------------------------------------------------------------------------------- */
function wireTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const theme = root.dataset.theme;
    root.dataset.bsTheme = theme === "dark" || (theme !== "light" && dark.matches) ? "dark" : "light";
  };
  dark.addEventListener("change", apply);
  apply();
}

/* Times: relative below a day ------------------------------------------------------------------ */
const spans = [[60, "second"], [3600, "minute"], [86400, "hour"]];

function refreshTimes() {
  const format = new Intl.RelativeTimeFormat(root.lang, { numeric: "auto" });
  const now = Date.now();
  document.querySelectorAll("time[data-relative]").forEach((time) => {
    const seconds = (new Date(time.dateTime).getTime() - now) / 1000;
    const size = Math.abs(seconds);
    if (size >= 86400) return;
    const [, unit] = spans.find(([limit]) => size < limit);
    const divisor = { second: 1, minute: 60, hour: 3600 }[unit];
    time.textContent = size < 45 ? word("just_now") : format.format(Math.round(seconds / divisor), unit);
  });
}

/* What htmx reports ---------------------------------------------------------------------------- */
function wireHtmx() {
  let pending = 0;
  const busy = byId("busy");
  const mark = () => busy?.classList.toggle("on", pending > 0);
  document.addEventListener("htmx:beforeRequest", () => { pending += 1; setTimeout(mark, 150); });
  document.addEventListener("htmx:afterRequest", () => { pending = Math.max(0, pending - 1); mark(); });
  document.addEventListener("htmx:sendError", () => toast({ text: word("offline"), failed: true }));
  document.addEventListener("htmx:timeout", () => toast({ text: word("offline"), failed: true }));
  document.addEventListener("htmx:beforeSwap", onBeforeSwap);
  document.addEventListener("toast", (event) => toast(event.detail));
  document.addEventListener("gx:close", () => { byId("drawer")?.close(); byId("dialog")?.close(); });
  document.addEventListener("gx:reload", () => location.reload());
  window.addEventListener("offline", () => toast({ text: word("offline"), failed: true }));
}

function onBeforeSwap(event) {
  const { xhr } = event.detail;
  const went = xhr.responseURL ? new URL(xhr.responseURL).pathname : "";
  if (went.startsWith("/accounts/login")) {
    event.detail.shouldSwap = false;
    location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
    return;
  }
  const isPage = xhr.getResponseHeader("X-Guanxi-Dialog");
  const isInDialog = event.detail.target?.matches?.("#dialog");
  if (xhr.status < 400 || (xhr.status === 422 && (!isPage || isInDialog))) return;
  if (xhr.getResponseHeader("X-Guanxi-Swap")) {
    event.detail.shouldSwap = true;
    return;
  }
  event.detail.shouldSwap = false;
  if (isPage) {
    showDialog(xhr.responseText);
    return;
  }
  const told = xhr.getResponseHeader("X-Guanxi-Message");
  toast({ text: told ? decodeURIComponent(told) : word("failed", { code: xhr.status }), failed: true });
}

/** Put the server's answer (a conflict, a refusal) before the person without losing the page. */
export function showDialog(html) {
  const box = byId("dialog");
  const parsed = new DOMParser().parseFromString(html, "text/html");
  box.replaceChildren(...parsed.body.childNodes);
  window.htmx.process(box);
  if (!box.open) box.showModal();
  box.querySelector(".dialog-body :is(input:not([type=hidden]), select, textarea)")?.focus();
}

/** Ask before something is lost; resolves to the chosen value or "". */
export function ask(title, text, choices) {
  const box = byId("dialog");
  return new Promise((resolve) => {
    const foot = el("div", { class: "dialog-foot" });
    for (const choice of choices) {
      const button = el("button", { type: "button", class: `btn ${choice.look ?? ""}` }, choice.label);
      button.addEventListener("click", () => { resolve(choice.value); box.close(); });
      foot.append(button);
    }
    box.replaceChildren(el("div", { class: "dialog-head" }, el("h2", {}, title)), el("div", { class: "dialog-body" }, el("p", {}, text)), foot);
    box.addEventListener("close", () => resolve(""), { once: true });
    box.showModal();
    foot.querySelector("button").focus();
  });
}

/* Keys, as in the sheet behind "?". Never while typing, never while an input method composes ----- */
const ALIASES = { n: "c", ArrowLeft: "k", ArrowRight: "j" };

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

/* The card of a link is fetched only when a pointer or the focus first rests on one that has it. */
function onRest(event) {
  if (!event.target.closest?.("a[data-card]")) return;
  document.removeEventListener("pointerover", onRest);
  document.removeEventListener("focusin", onRest);
  import("./card.js").then((part) => part.wire(event));
}
