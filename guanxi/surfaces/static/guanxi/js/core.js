/* What every module shares: words, requests, toasts, knowing whether somebody is typing. */

const wordsBlock = document.getElementById("gx-words");
const words = wordsBlock ? JSON.parse(wordsBlock.textContent) : {};

/** A phrase in the reader's language; %(name)s is filled from params. */
export function word(key, params = {}) {
  const text = words[key] ?? key;
  return text.replace(/%\((\w+)\)s/g, (_, name) => params[name] ?? "");
}

/** The address of a third-party file, which carries a fingerprint. */
export function asset(name) {
  return words.assets?.[name] ?? "";
}

export function csrfToken() {
  const headers = document.body.getAttribute("hx-headers");
  return headers ? JSON.parse(headers)["X-CSRFToken"] : "";
}

/** Send a form's worth of values; resolves to the response. */
export function post(url, values = {}) {
  const body = values instanceof FormData ? values : new URLSearchParams(values);
  return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": csrfToken(), "X-Requested-With": "fetch" } });
}

/** Whether a key belongs to what the person is typing, or to an input method at work. */
export function isTyping(event) {
  if (event.isComposing || event.keyCode === 229) return true;
  const at = event.target;
  if (!(at instanceof HTMLElement)) return false;
  if (at.isContentEditable || at.tagName === "TEXTAREA" || at.tagName === "SELECT") return true;
  return at.tagName === "INPUT" && !["checkbox", "radio", "button", "submit"].includes(at.type);
}

/** Ask to sign in again when the session has ended, or lead to what was typed; whether it did. */
export function hasEnded(response) {
  const target = response.headers.get("HX-Redirect");
  const isOver = response.status === 401 || (response.status === 403 && Boolean(target));
  if (isOver && target) location.assign(target);
  return isOver;
}

export function debounce(action, delay) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...given), delay);
  };
}

/** Make an element: el("button", {class: "btn", type: "button"}, "text", child). */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

const LINGER = 5000;

/** Say quietly what happened; an undo address adds the way back. */
export function toast({ text, undo = "", failed = false, url = "", link = "" }) {
  const box = document.getElementById("toasts");
  if (!box || !text) return;
  const note = el("div", { class: failed ? "toast-note failed" : "toast-note" }, el("span", {}, text));
  if (undo) {
    const button = el("button", { type: "button" }, word("undo"));
    button.addEventListener("click", async () => {
      button.disabled = true;
      const response = await post(undo);
      note.remove();
      if (response.ok) location.reload();
      else toast({ text: (await response.text()).slice(0, 300), failed: true });
    });
    note.append(button);
  }
  if (url) note.append(el("a", { href: url }, link || word("open")));
  box.append(note);
  fade(note, failed ? LINGER * 2 : undo ? LINGER * 2 : LINGER);
}

/** Take a note away after a while, not while the pointer or the focus is on it. */
export function fade(note, after = LINGER) {
  setTimeout(() => (note.matches(":hover, :focus-within") ? fade(note, 2000) : note.remove()), after);
}

/** Keep a preference on this device and, when the person is signed in, with the server. */
export function prefer(name, value) {
  document.cookie = `gx_${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}

/** Load a script or stylesheet once. */
const loaded = new Map();
export function load(url) {
  if (!loaded.has(url)) {
    loaded.set(url, new Promise((resolve, reject) => {
      const isStyle = url.split("?")[0].endsWith(".css");
      const node = isStyle ? el("link", { rel: "stylesheet", href: url }) : el("script", { src: url });
      node.addEventListener("load", resolve);
      node.addEventListener("error", reject);
      document.head.append(node);
    }));
  }
  return loaded.get(url);
}
