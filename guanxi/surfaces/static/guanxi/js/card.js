/* Resting on a link to a customer or a person shows who that is; only where a pointer can rest. */

const REST = 350;
let box = null;
let timer = 0;

export function wire(first) {
  if (!matchMedia("(hover: hover)").matches) return;
  document.addEventListener("pointerover", onOver);
  onOver(first);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("scroll", hide, true);
}

function onOver(event) {
  const link = event.target.closest?.("a[data-card]");
  clearTimeout(timer);
  if (link) timer = setTimeout(() => show(link), REST);
  else if (box && !event.target.closest?.(".hover-card")) hide();
}

function hide() {
  box?.remove();
  box = null;
}

async function show(link) {
  const response = await fetch(new URL("card/", link.href), { headers: { "HX-Request": "true", "X-Guanxi-Background": "1" } });
  if (!response.ok || !link.isConnected || !link.matches(":hover")) return;
  hide();
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  box = document.createElement("div");
  box.className = "hover-card";
  box.setAttribute("role", "tooltip");
  box.append(...parsed.body.childNodes);
  document.body.append(box);
  const place = link.getBoundingClientRect();
  const below = place.bottom + box.offsetHeight + 8 < innerHeight;
  box.style.top = `${below ? place.bottom + 6 : place.top - box.offsetHeight - 6}px`;
  box.style.left = `${Math.max(8, Math.min(place.left, innerWidth - box.offsetWidth - 8))}px`;
}
