// Critical-difference diagrams: average ranks on a line, with a bar over methods that cannot be told apart.
"use strict";

salbench.ranks = (() => {
  const { element, drawing, short } = salbench;
  const view = document.getElementById("ranks-view");
  const form = document.getElementById("ranks-choice");
  const WIDE = 720;
  const AXIS = 56; // height of the line of ranks
  const LETTER = 6.9; // width of a letter, more or less
  const BAR = 9; // between two bars
  const NAME = 20; // between two names

  function show(place) {
    const found = salbench.board.ranks[place];
    const left = found.left_out ? `, ${found.left_out} left out for lack of a method` : "";
    const without = found.without.length ? `, without ${found.without.join(", ")}, which few blocks have` : "";
    const p = found.p === null ? "" : ` Friedman's test that all rank alike: p ${found.p < 0.001 ? "< 0.001" : `= ${found.p.toFixed(3)}`}.`;
    const words = `${found.by} by ${found.metric}, over ${found.blocks} blocks${left}${without}.${p} Average ranks closer than ${found.difference.toFixed(2)}, Nemenyi's critical difference, cannot be told apart. Verdict: ${found.verdict}.`;
    const scroller = element("div", { class: "scroller", role: "region", "aria-label": "Critical-difference diagram", tabindex: "0" }, diagram(found));
    view.replaceChildren(element("figure", { class: "ranks" }, element("figcaption", {}, words), scroller, numbers(found)));
  }

  function diagram(found) {
    const methods = found.average;
    const first = Math.ceil(methods.length / 2); // as many are named on the left, the best highest
    const edge = Math.min(230, Math.max(...methods.map(([name]) => name.length)) * LETTER + 48);
    const x = (rank) => edge + ((rank - 1) / (methods.length - 1)) * (WIDE - 2 * edge);
    const top = AXIS + 24 + BAR * found.groups.length;
    const high = top + NAME * first;
    const said = methods.map(([name, rank]) => `${name} ${short(rank)}`).join(", ");
    const svg = drawing("svg", { viewBox: `0 0 ${WIDE} ${high}`, role: "img", "aria-label": `Average ranks, best first: ${said}. The numbers and the groups follow as a table.` });
    svg.append(drawing("line", { class: "axis", x1: x(1), x2: x(methods.length), y1: AXIS, y2: AXIS }));
    for (let rank = 1; rank <= methods.length; rank += 1) {
      svg.append(drawing("line", { class: "axis", x1: x(rank), x2: x(rank), y1: AXIS - 6, y2: AXIS }), drawing("text", { x: x(rank), y: AXIS - 10, "text-anchor": "middle" }, String(rank)));
    }
    const reach = Math.min(x(1 + found.difference), WIDE - 4);
    const whole = reach < WIDE - 4; // else the ruler is longer than there is room for
    svg.append(
      drawing("path", { class: "ruler", d: `M${x(1)} 16v8m0 -4H${reach}${whole ? "m0 -4v8" : ""}` }),
      drawing("text", { class: "ruler", x: x(1), y: 11 }, `critical difference ${found.difference.toFixed(2)}`),
    );
    methods.forEach(([name, rank], place) => {
      const best = place < first;
      const y = top + NAME * (best ? place : methods.length - 1 - place) + NAME / 2;
      const end = best ? edge - 8 : WIDE - edge + 8;
      svg.append(
        drawing("polyline", { class: "beside", points: `${x(rank)},${AXIS} ${x(rank)},${y} ${end},${y}` }),
        drawing("text", { class: "name", x: best ? end - 4 : end + 4, y: y + 4, "text-anchor": best ? "end" : "start" }, best ? `${name}  ${rank.toFixed(2)}` : `${rank.toFixed(2)}  ${name}`),
      );
    });
    const ranks = new Map(methods);
    found.groups.forEach((group, place) => {
      const y = AXIS + 10 + BAR * place;
      svg.append(drawing("line", { class: "group", x1: x(ranks.get(group[0])) - 4, x2: x(ranks.get(group.at(-1))) + 4, y1: y, y2: y }));
    });
    return svg;
  }

  // The same for those who do not see the diagram.
  function numbers(found) {
    const alike = (name) => found.groups.flatMap((group, place) => (group.includes(name) ? [place + 1] : [])).join(", ");
    const heads = ["method", "average rank", "groups"];
    return element(
      "details",
      {},
      element("summary", {}, "Numbers"),
      element(
        "table",
        { class: "plain" },
        element("caption", { class: "unseen" }, "Average ranks; methods that share a group cannot be told apart"),
        element("thead", {}, element("tr", {}, heads.map((head, place) => element("th", { scope: "col", class: place ? "number" : null }, head)))),
        element("tbody", {}, found.average.map(([name, rank]) => element("tr", {}, element("th", { scope: "row" }, name), element("td", { class: "number" }, rank.toFixed(2)), element("td", { class: "number" }, alike(name) || "–")))),
      ),
    );
  }

  function start() {
    if (!view) return;
    const select = form.elements.metric;
    select.append(...salbench.board.ranks.map((found, place) => element("option", { value: place }, `${found.metric}, ${found.by}`)));
    select.addEventListener("change", () => show(Number(select.value)));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    show(0);
  }

  return { start };
})();
