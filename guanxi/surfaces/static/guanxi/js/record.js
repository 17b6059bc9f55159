/* A record's page: tabs on the phone. */

export function wire(root) {
  const tabs = root.querySelector?.("[data-tabs]");
  const record = document.querySelector(".record");
  if (!tabs || !record || tabs.dataset.wired) return;
  tabs.dataset.wired = "1";
  tabs.querySelector(`a[href="#${record.dataset.tab}"]`)?.setAttribute("aria-current", "true");
  tabs.addEventListener("click", (event) => {
    const tab = event.target.closest("a[href^='#']");
    if (!tab) return;
    event.preventDefault();
    record.dataset.tab = tab.hash.slice(1);
    tabs.querySelectorAll("a").forEach((one) => one.toggleAttribute("aria-current", one === tab));
    tab.setAttribute("aria-current", "true");
  });
}
