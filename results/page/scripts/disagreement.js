// The inputs on which methods disagree most, all their maps side by side.
"use strict";

salbench.disagreement = (() => {
  const { element, short, pictures } = salbench;
  const view = document.getElementById("disagreement-view");
  const form = document.getElementById("disagreement-choice");

  async function show(name) {
    let found;
    try {
      found = await salbench.load(`${name}.js`, name);
    } catch (error) {
      view.replaceChildren(element("p", { class: "notice", role: "alert" }, error.message));
      return;
    }
    view.replaceChildren(...drawn(found));
  }

  function drawn(found) {
    const { inputs } = found;
    const pairs = found.pairs.filter((pair) => pair.agreement !== null).sort((one, other) => one.agreement - other.agreement);
    const least = pairs[0];
    const most = pairs.at(-1);
    const words = least
      ? `Over all inputs of the model of seed ${found.seed} the mean correlation is ${short(found.overall)}; it is lowest between ${least.methods.join(" and ")} (${short(least.agreement)}) and highest between ${most.methods.join(" and ")} (${short(most.agreement)}).`
      : "No two methods have maps to compare.";
    const figures = inputs.samples.map((sample, place) =>
      element(
        "figure",
        { class: `dispute ${inputs.modality}` },
        element("figcaption", {}, `input ${sample.id}, class ${sample.target}: mean correlation ${short(found.agreement[place])}`),
        element(
          "div",
          { class: "row" },
          labelled("input", pictures.input(inputs, sample)),
          labelled("evidence", pictures.evidence(inputs, sample)),
          found.maps.map((map) => labelled(map.saliency, pictures.map(inputs, sample, map.samples[place], map.saliency))),
        ),
      ),
    );
    return [element("p", { class: "quiet" }, words), pictures.key(), ...figures];
  }

  function labelled(name, picture) {
    return picture && element("div", { class: "labelled" }, element("span", { class: "quiet" }, name), picture);
  }

  // Nothing is loaded before the section comes near.
  function start() {
    if (!view) return;
    const select = form.elements.model;
    select.append(...salbench.board.disagreements.map((item) => element("option", { value: item.name }, item.title)));
    select.addEventListener("change", () => show(select.value));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    const watch = new IntersectionObserver((seen) => {
      if (seen.some((item) => item.isIntersecting)) {
        watch.disconnect();
        show(select.value);
      }
    }, { rootMargin: "600px" });
    watch.observe(view);
  }

  return { start };
})();
