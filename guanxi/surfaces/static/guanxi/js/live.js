/* Live updates: one stream for what this page shows. Where no stream comes, it asks now and then.

   Shows who is editing, and how much waits at the bell. Raises on the document: gx:record-changed {topic, kind, subject,
   user}, gx:bell {count}, gx:run-progress {topic, state, done, total}; the latter also on the element that follows the run. */
import { el, word } from "./core.js";

/* Every page has a bell, few show a record that somebody may be editing. */
const shownEditors = () => (document.querySelector("[data-editors]") ? import("./editing.js") : null);
const forgetEditors = () => shownEditors()?.then((part) => part.forgetEditors());

const ASK_EVERY = 20_000;
const HIDE_AFTER = 30_000;
const { live: address = "", user: me = "" } = document.body.dataset;

/* What had happened when the page was made is in it and needs no announcement. */
const seen = () => Number(document.querySelector("[data-seen]")?.dataset.seen ?? 0);

let topics = "";
let after = "";
let source = null;
let asking = 0;
let hiding = 0;

/** Follow what the page shows now; runs again when htmx has brought something in. */
export function wire() {
  const found = new Set([...document.querySelectorAll("[data-follow]")].map((one) => one.dataset.follow));
  for (const one of document.querySelectorAll("[data-record][data-id]")) found.add(`${one.dataset.record}:${one.dataset.id}`);
  const wanted = [...found].slice(0, 20).join(",");
  if (wanted === topics) return;
  topics = wanted;
  open();
}

function open() {
  close();
  if (!topics || document.hidden) return;
  if (!address || !window.EventSource || new URL(address).hostname !== location.hostname) return ask();
  source = new EventSource(`${address}/stream/?${query()}`, { withCredentials: true });
  source.addEventListener("open", forgetEditors);
  for (const name of ["record", "run", "bell", "editing", "reset"]) source.addEventListener(name, hear);
  source.addEventListener("error", () => {
    forgetEditors();
    if (source?.readyState === EventSource.CLOSED) ask();
  });
}

function close() {
  source?.close();
  source = null;
  clearTimeout(asking);
}

function query() {
  const from = after || String(seen() || "");
  return new URLSearchParams(from ? { topics, after: from } : { topics });
}

function hear(event) {
  if (event.lastEventId) after = event.lastEventId;
  tell(event.type, JSON.parse(event.data), Number(event.lastEventId || Infinity) > seen());
}

/** The same without a stream: a small question that does not keep the session awake. */
async function ask() {
  close();
  const answer = await fetch(`/live/?${query()}`, { headers: { "X-Guanxi-Background": "1" } }).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    const said = await answer.json();
    after = String(said.after);
    forgetEditors();
    said.happened.forEach((one) => tell(one.name, one));
  } else if (answer && answer.status < 500) return;
  asking = setTimeout(ask, ASK_EVERY);
}

function tell(name, detail, isNew = true) {
  if (name === "editing") return shownEditors()?.then((part) => part.showEditors(detail.topic, detail.people.filter((one) => String(one.id) !== me)));
  if (name === "bell") return ring(detail.count);
  if (name === "run") {
    const raised = () => new CustomEvent("gx:run-progress", { detail });
    document.querySelectorAll(`[data-follow="${CSS.escape(detail.topic)}"]`).forEach((one) => one.dispatchEvent(raised()));
    document.dispatchEvent(raised());
    return;
  }
  document.dispatchEvent(new CustomEvent("gx:record-changed", { detail }));
  if (isNew && String(detail.user ?? "") !== me) announce(detail);
}

/** The bell counts; whoever shows what it counts reads that anew. */
function ring(count) {
  const places = [...document.querySelectorAll("[data-bell]")];
  if (places.every((place) => place.textContent === count)) return;
  places.forEach((place) => { place.textContent = count; });
  document.dispatchEvent(new CustomEvent("gx:bell", { detail: { count } }));
}

/** Say on the record's page that somebody else has changed it, and offer to read it anew. */
async function announce({ topic, kind, user }) {
  // What a part of the page hears itself (data-hears), it shows without being asked.
  if ([...document.querySelectorAll("[data-hears]")].some((one) => one.dataset.hears.split(" ").includes(kind))) return;
  const head = [...document.querySelectorAll("[data-record][data-id]")].find((one) => `${one.dataset.record}:${one.dataset.id}` === topic);
  if (!head) return;
  const name = await nameOf(user);
  const text = name ? word("changed_by", { name }) : word("changed_elsewhere");
  let note = document.getElementById("changed-note");
  if (!note) {
    note = el("div", { id: "changed-note", class: "page-body", role: "status" });
    head.after(note);
  }
  const again = el("a", { href: location.href, class: "btn btn-s" }, word("reload"));
  note.replaceChildren(el("div", { class: "note note-indigo" }, el("div", {}, `${text} `, again)));
}

const names = new Map();
async function nameOf(user) {
  if (!user) return "";
  if (!names.has(user)) {
    const answer = await fetch(`/api/v1/users/${user}/`, { headers: { "X-Guanxi-Background": "1" } }).catch(() => null);
    names.set(user, answer?.ok ? ((await answer.json()).name ?? "") : "");
  }
  return names.get(user);
}

/* Browsers open only a few streams at once for all tabs: one that nobody looks at gives its up. */
document.addEventListener("visibilitychange", () => {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(close, HIDE_AFTER);
  else if (!source) open();
});
addEventListener("pagehide", close);
