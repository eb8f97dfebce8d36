// Puts the parts of the page together once all of them are there.
"use strict";

(() => {
  const { table, filters, details, ranks, disagreement } = salbench;
  table.start((row, metric) => details.open(row, metric));
  const changed = () => table.update(filters.state());
  filters.start(changed);
  changed();
  details.start();
  ranks.start();
  disagreement.start();

  const button = document.getElementById("theme");
  const other = () => (salbench.theme() === "dark" ? "light" : "dark");
  const name = () => (button.textContent = other() === "dark" ? "Dark" : "Light");
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = other();
    try {
      localStorage.setItem("salbench-theme", salbench.theme());
    } catch {
      // some browsers keep nothing for files; the choice then lasts as long as the page
    }
    name();
  });
  button.hidden = false;
  name();
})();
