// The matrix of a role: one click fills a group of rights with the same reach.
for (const button of document.querySelectorAll("[data-fill]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const cell of button.closest("tbody").querySelectorAll("input[type=radio]")) {
      if (cell.value === button.dataset.fill) cell.checked = true;
    }
  });
}
