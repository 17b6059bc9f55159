/* Resting on a link to a customer or a person, with the pointer or by Tab, shows who that is. */

const REST = 350;
let box = null;
let timer = 0;

export function wire(first) {
  if (matchMedia("(hover: hover)").matches) document.addEventListener("pointerover", onOver);
  document.addEventListener("focusin", onFocus);
  if (first.type === "focusin") onFocus(first);
  else if (matchMedia("(hover: hover)").matches) onOver(first);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("scroll", hide, true);
}

function onOver(event) {
  const link = event.target.closest?.("a[data-card]");
  clearTimeout(timer);
  if (link) timer = setTimeout(() => show(link), REST);
  else if (box && !event.target.closest?.(".hover-card")) hide();
}

/** Only where keys have moved the focus: a click opens the link anyway. */
function onFocus(event) {
  const link = event.target.closest?.("a[data-card]:focus-visible");
  clearTimeout(timer);
  if (link) timer = setTimeout(() => show(link), REST);
  else hide();
}

function hide() {
  document.querySelector("[aria-describedby=hover-card]")?.removeAttribute("aria-describedby");
  box?.remove();
  box = null;
}

async function show(link) {
  const response = await fetch(new URL("card/", link.href), { headers: { "HX-Request": "true", "X-Guanxi-Background": "1" } });
  if (!response.ok || !link.isConnected || !link.matches(":hover, :focus-visible")) return;
  hide();
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  box = document.createElement("div");
  box.className = "hover-card";
  box.id = "hover-card";
  box.setAttribute("role", "tooltip");
  link.setAttribute("aria-describedby", box.id);
  box.append(...parsed.body.childNodes);
  document.body.append(box);
  const place = link.getBoundingClientRect();
  const below = place.bottom + box.offsetHeight + 8 < innerHeight;
  box.style.top = `${below ? place.bottom + 6 : place.top - box.offsetHeight - 6}px`;
  box.style.left = `${Math.max(8, Math.min(place.left, innerWidth - box.offsetWidth - 8))}px`;
}
