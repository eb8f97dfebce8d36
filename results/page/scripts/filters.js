// The form above the leaderboard: what the reader wants to see, as one plain object.
"use strict";

salbench.filters = (() => {
  const { element } = salbench;
  const form = document.getElementById("filters");

  function state() {
    const choices = {};
    for (const key of salbench.board.KEYS) choices[key] = form.elements[key].value;
    const families = [...form.querySelectorAll(".families input:checked")].map((box) => box.value);
    return {
      search: form.elements.search.value,
      choices,
      controls: form.elements.controls.checked,
      spread: form.elements.spread.checked,
      families: new Set(families),
    };
  }

  function start(changed) {
    const { board } = salbench;
    for (const key of board.KEYS) {
      const names = [...board.texts[key]];
      const select = form.elements[key];
      select.append(element("option", { value: "" }, "all"));
      select.append(...names.map((name) => element("option", { value: name }, name)));
      select.parentElement.hidden = names.length < 2;
    }
    const families = [...new Set(board.metrics.map((metric) => metric.family))];
    form.querySelector(".families").append(
      ...[...families, "cost"].map((family) =>
        element("label", { class: "chip" }, element("input", { type: "checkbox", value: family, checked: true }), family),
      ),
    );
    form.elements.controls.parentElement.hidden = !board.rows.control.some(Boolean);
    form.addEventListener("input", changed);
    form.addEventListener("reset", () => setTimeout(changed)); // after the fields have their first values again
    form.addEventListener("submit", (event) => event.preventDefault());
    form.querySelector(".more").open = !matchMedia("(max-width: 42rem)").matches;
    form.hidden = false;
  }

  return { start, state };
})();
