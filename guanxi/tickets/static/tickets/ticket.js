/* The ticket's page: what is said meanwhile appears by itself; wording is looked at while one types. */

const list = () => document.getElementById("messages");
const composer = () => document.getElementById("composer");
const lastSeq = () => Number(list()?.querySelector("[data-seq]:last-of-type")?.dataset.seq ?? 0);
let reading = Promise.resolve();

/** Read on from the last message that is shown, until nothing is missing. */
async function readOn() {
  const place = list();
  if (!place) return;
  for (let pages = 0; pages < 20; pages += 1) {
    const url = `${place.dataset.talk}?after=${lastSeq()}`;
    const answer = await fetch(url, { headers: { "HX-Request": "true", "X-Guanxi-Background": "1" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const parsed = new DOMParser().parseFromString(`<ol>${await answer.text()}</ol>`, "text/html");
    const hasMore = Boolean(parsed.querySelector("[data-more]"));
    const fresh = [...parsed.querySelectorAll("[data-seq]")].filter((one) => Number(one.dataset.seq) > lastSeq());
    if (list() !== place) return;
    fresh.forEach((one) => one.classList.add("fresh"));
    place.append(...fresh);
    noteSeen(fresh);
    if (!hasMore) return;
  }
}

/** Who is writing has not read yet what comes meanwhile: the server will show it before it sends. */
function noteSeen(fresh) {
  const form = composer();
  const shown = fresh.filter((one) => one.hasAttribute("data-public")).at(-1);
  if (form && shown && !form.elements.body.value.trim()) form.elements.public_seq.value = shown.dataset.seq;
}

document.addEventListener("gx:record-changed", (event) => {
  if (event.detail.topic === list()?.dataset.topic) reading = reading.then(readOn);
});

/** The first phrase that should not be said, while a reply is written. */
function lookAtWording(form) {
  const hint = form.querySelector("[data-wording-hint]");
  const isReply = form.elements.said.value === "reply";
  const plain = (text) => text.replace(/\s+/g, "").toLowerCase();
  const body = plain(form.elements.body.value);
  const found = isReply ? JSON.parse(form.dataset.wordings).find(([phrase]) => body.includes(plain(phrase))) : null;
  hint.hidden = !found;
  hint.textContent = found ? `${hint.dataset.text.replace("{phrase}", found[0])} ${found[1]}` : "";
}

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.closest?.(".talk-composer");
    if (form && !event.isComposing) lookAtWording(form);
  });
}
