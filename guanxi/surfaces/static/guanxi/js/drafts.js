/* Drafts: what is typed is kept on the server a little later, and when the page is left. */
import { csrfToken, el, word } from "./core.js";

const PAUSE = 2500;
const LONGEST = 15_000;
const AGAIN = 20_000;
const MOST_AT_LEAVING = 60_000;

const OF_THE_FORM = ["csrfmiddlewaretoken", "_draft", "once"];

/** What a form holds, as one text to compare. */
export function typed(form) {
  return JSON.stringify(pairs(form).filter(([name]) => !OF_THE_FORM.includes(name)));
}

const isSecret = (form, name) => form.querySelector(`input[type="password"][name="${CSS.escape(name)}"]`);

/** What may be kept of a form: neither files nor passwords. */
const pairs = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !isSecret(form, name));

export class Draft {
  /** Keep a form from now on, whenever it differs from what was kept last and is worth it. */
  constructor(form, isWorth) {
    Object.assign(this, { form, isWorth, mark: form.elements._draft, kept: form.querySelector("#problems, .composer-errors") ? "" : typed(form), timer: 0, since: 0, under: null, isOver: false });
    if (!this.mark) return;
    if (!this.kept) this.later(); // refused: this very text is kept nowhere yet
    this.isKept = Boolean(form.querySelector("[data-restored]"));
    form.addEventListener("input", () => this.later());
    form.addEventListener("change", () => this.later());
    form.addEventListener("submit", () => this.end());
    form.addEventListener("htmx:afterRequest", (event) => { if (!event.detail.successful) this.isOver = false; });
    form.addEventListener("click", (event) => this.onDrop(event));
    document.addEventListener("visibilitychange", () => document.hidden && this.now(true));
    addEventListener("pagehide", () => this.now(true));
  }

  later() {
    this.since ||= Date.now();
    this.wait(Math.max(0, Math.min(PAUSE, this.since + LONGEST - Date.now())));
  }

  wait(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), delay);
  }

  /** The form is being saved: what comes after would only be a copy of it. */
  end() {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  async now(isLeaving = false) {
    clearTimeout(this.timer);
    this.since = 0;
    if (this.isOver || !this.form.isConnected) return;
    if (!this.isWorth()) return this.isKept && !isLeaving ? this.settle() : undefined;
    const held = typed(this.form);
    if (held === this.kept) return;
    if (this.under && !isLeaving) return this.wait(PAUSE);
    const body = new URLSearchParams(pairs(this.form));
    const keepalive = isLeaving && String(body).length < MOST_AT_LEAVING;
    this.under = send("/drafts/keep/", body, keepalive);
    const answer = await this.under;
    this.under = null;
    this.hear(answer, held);
  }

  async hear(answer, held) {
    if (answer?.ok) {
      const { kept, at } = await answer.json();
      this.kept = held;
      this.isKept = kept;
      if (kept) this.say(word("draft_kept", { at }));
      return;
    }
    const elsewhere = answer?.headers.get("HX-Redirect");
    if (elsewhere) {
      this.kept = held;
      return this.lead(answer.status === 401 ? ["draft_ended", "draft_sign_in"] : ["draft_old_page", "draft_reopen"], elsewhere);
    }
    if (answer?.status === 422) return this.say(word("draft_too_long"));
    if (answer?.status === 404) return this.end();
    this.say(word("draft_waits"));
    this.wait(AGAIN);
  }

  /** Nothing is left to keep, or the person wants none of it. */
  async settle() {
    await this.under;
    if (!this.isKept) return;
    this.isKept = false;
    this.kept = "";
    await send(`/drafts/${this.mark.dataset.id}/drop/`, new URLSearchParams());
    this.say("");
  }

  async drop() {
    this.end();
    await this.settle();
  }

  async onDrop(event) {
    const button = event.target.closest("[data-drop-draft]");
    if (!button) return;
    event.preventDefault();
    const isOwn = button.dataset.dropDraft === this.mark.dataset.id;
    await send(`/drafts/${button.dataset.dropDraft}/drop/`, new URLSearchParams());
    if (!isOwn) return button.closest("[data-draft-note]").remove();
    this.end();
    this.form.dispatchEvent(new CustomEvent("gx:let-go"));
    const url = new URL(location.href);
    url.searchParams.delete("draft");
    location.replace(url);
  }

  /** The session is over: say that nothing is lost, and where to go on. */
  lead([said, link], url) {
    let note = this.form.querySelector("[data-ended-note]");
    if (!note) {
      note = el("div", { class: "note note-amber draft-note", role: "alert", "data-ended-note": "" });
      const place = this.form.querySelector("[data-notices]");
      place ? place.prepend(note) : this.form.append(note);
    }
    note.replaceChildren(el("div", {}, word(said), " ", el("a", { href: url, class: "btn btn-s" }, word(link))));
    note.querySelector("a").addEventListener("click", () => this.form.dispatchEvent(new CustomEvent("gx:let-go")));
  }

  say(text) {
    const place = this.form.querySelector("[data-draft-state]");
    if (place) place.textContent = text;
  }
}

/** As a part of the page, so that the end of the session is told and not followed. */
function send(url, body, keepalive = false) {
  const headers = { "X-CSRFToken": csrfToken(), "HX-Request": "true", "HX-Current-URL": location.href };
  return fetch(url, { method: "POST", body, keepalive, headers }).catch(() => null);
}
