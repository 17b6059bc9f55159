/* The calendar: what is dragged, or moved with Alt and an arrow key, is rescheduled to that day. */

import { asset, csrfToken, hasEnded, load, toast, word } from "../guanxi/js/core.js";
import { showDialog } from "../guanxi/js/frame.js";

const calendar = document.querySelector("[data-calendar]");
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** Ask the server for the new day; it says so, or shows what somebody else did meanwhile. */
async function reschedule(entry, day, putBack) {
  const { move, version, time } = entry.dataset;
  const body = new URLSearchParams({
    due_at: `${day}T${time}`, version, _fields: "due_at", back: calendar.dataset.back,
  });
  let response;
  try {
    response = await fetch(move, { method: "POST", body, headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" } });
  } catch {
    putBack();
    toast({ text: word("offline"), failed: true });
    return;
  }
  if (hasEnded(response)) return;
  if (response.ok) {
    location.assign(response.headers.get("HX-Redirect") ?? location.href);
    return;
  }
  putBack();
  if (response.status === 409 || response.status === 422) showDialog(await response.text());
  else toast({ text: word("failed", { code: response.status }), failed: true });
}

/** Some days further on, as a date. */
function shifted(day, days) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, date + days)).toISOString().slice(0, 10);
}

function onKey(event) {
  const days = STEPS[event.key];
  const entry = event.target.closest("[data-move]");
  if (!event.altKey || !days || !entry) return;
  event.preventDefault();
  event.stopPropagation();
  const day = entry.closest("[data-day]").dataset.day;
  reschedule(entry, shifted(day, days), () => {});
}

async function start() {
  calendar.addEventListener("keydown", onKey, true);
  await load(asset("sortable"));
  for (const list of calendar.querySelectorAll("[data-day]")) {
    window.Sortable.create(list, {
      group: "calendar", draggable: "[data-move]", filter: ".cal-move", preventOnFilter: false,
      animation: 100, forceFallback: true, delay: 200, delayOnTouchOnly: true, ghostClass: "sortable-ghost",
      onEnd({ item, from, to, oldIndex }) {
        if (from === to) return;
        reschedule(item, to.dataset.day, () => from.insertBefore(item, from.children[oldIndex] ?? null));
      },
    });
  }
  calendar.dataset.ready = "";
}

if (calendar) start();
