/* The time that is left until each due, counted down while the page is open. */

const words = document.querySelector("[data-countdown-words]")?.dataset ?? {};

function length(seconds) {
  const days = Math.floor(seconds / 86400);
  const two = (n) => String(n).padStart(2, "0");
  const clock = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days ? `${days} ${words.days} ${clock}` : clock;
}

function tick() {
  for (const each of document.querySelectorAll("[data-due]")) {
    const left = Math.round((Date.parse(each.dataset.due) - Date.now()) / 1000);
    each.textContent = (left < 0 ? words.late : words.left).replace("{}", length(Math.abs(left)));
    each.closest("tr")?.classList.toggle("tone-late", left < 0);
  }
}

tick();
setInterval(tick, 1000);
