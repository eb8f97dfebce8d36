// A small line chart: one thin line a seed, their mean, and the controls of the same model beside them in gray.
"use strict";

salbench.chart = (() => {
  const { element, drawing, short } = salbench;
  const WIDE = 420;
  const HIGH = 230;
  const LEFT = 44;
  const RIGHT = 100; // room for names at the ends of lines
  const TOP = 10;
  const BOTTOM = 34;
  const DASHES = ["6 3", "2 3", "8 3 2 3", "4 2 1 2 1 2", "10 4", "1 4"];

  function chart(curves, title) {
    const across = (line) => line[curves.x];
    const up = (line) => line[curves.y];
    const all = [...curves.lines, ...curves.beside];
    const [left, right] = extent(all.flatMap(across));
    const [low, high] = padded(extent(all.flatMap(up)));
    const x = (value) => LEFT + ((value - left) / (right - left || 1)) * (WIDE - LEFT - RIGHT);
    const y = (value) => HIGH - BOTTOM - ((value - low) / (high - low || 1)) * (HIGH - TOP - BOTTOM);
    const path = (xs, ys) => xs.map((value, place) => (ys[place] === null ? "" : `${x(value).toFixed(1)},${y(ys[place]).toFixed(1)}`)).filter(Boolean).join(" ");
    const mean = across(curves.lines[0]).map((_, place) => {
      const values = curves.lines.map((line) => up(line)[place]).filter((value) => value !== null && value !== undefined);
      return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
    });
    const grid = across(curves.lines[0]);
    const svg = drawing("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": summary(title, curves, grid, mean) });
    for (const tick of ticks(low, high)) {
      svg.append(
        drawing("line", { class: "grid", x1: LEFT, x2: WIDE - RIGHT, y1: y(tick), y2: y(tick) }),
        drawing("text", { class: "tick", x: LEFT - 6, y: y(tick) + 3.5, "text-anchor": "end" }, short(tick)),
      );
    }
    for (const tick of ticks(left, right)) {
      svg.append(drawing("text", { class: "tick", x: x(tick), y: HIGH - BOTTOM + 15, "text-anchor": "middle" }, short(tick)));
    }
    svg.append(drawing("text", { class: "axis", x: (LEFT + WIDE - RIGHT) / 2, y: HIGH - 4, "text-anchor": "middle" }, curves.x === "percent" ? "% of the features removed" : curves.x));
    const labels = [];
    curves.beside.forEach((line, number) => {
      svg.append(drawing("polyline", { class: "beside", points: path(across(line), up(line)), "stroke-dasharray": DASHES[number % DASHES.length] }));
      labels.push({ text: line.name, y: y(up(line).at(-1)), name: "beside" });
    });
    if (curves.lines.length > 1) {
      for (const line of curves.lines) svg.append(drawing("polyline", { class: "seed", points: path(across(line), up(line)) }));
    }
    svg.append(drawing("polyline", { class: "mean", points: path(grid, mean) }));
    labels.push({ text: "this entry", y: y(mean.at(-1) ?? low), name: "mean" });
    for (const item of apart(labels)) svg.append(drawing("text", { class: `end ${item.name}`, x: WIDE - RIGHT + 6, y: item.y + 3.5 }, item.text));
    return element("figure", { class: "chart" }, element("figcaption", {}, `${title} · ${curves.y}`), svg, table(curves, grid, mean));
  }

  function summary(title, curves, grid, mean) {
    const name = curves.y;
    return `${title}: mean ${name} ${short(mean[0])} at ${short(grid[0])} ${curves.x}, ${short(mean.at(-1))} at ${short(grid.at(-1))} ${curves.x}. The numbers follow as a table.`;
  }

  function table(curves, grid, mean) {
    const names = [curves.x, "mean", ...curves.lines.map((line) => `seed ${line.seed}`)];
    const body = grid.map((value, place) => [value, mean[place], ...curves.lines.map((line) => line[curves.y][place])]);
    return element(
      "details",
      {},
      element("summary", {}, "Numbers"),
      element(
        "table",
        { class: "plain" },
        element("caption", { class: "unseen" }, `The numbers of the curve: ${curves.y} by ${curves.x}`),
        element("thead", {}, element("tr", {}, names.map((name) => element("th", { scope: "col", class: "number" }, name)))),
        element("tbody", {}, body.map((row) => element("tr", {}, row.map((value, place) => element(place ? "td" : "th", place ? { class: "number" } : { scope: "row", class: "number" }, short(value)))))),
      ),
    );
  }

  function extent(values) {
    const known = values.filter((value) => value !== null && value !== undefined);
    return [Math.min(...known), Math.max(...known)];
  }

  function padded([low, high]) {
    const margin = (high - low) * 0.05 || 0.05;
    return [low - margin, high + margin];
  }

  // Round numbers between two ends.
  function ticks(low, high) {
    const rough = (high - low) / 4 || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
    const found = [];
    for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) found.push(Math.abs(tick) < step * 1e-9 ? 0 : tick);
    return found;
  }

  // Labels pushed apart until none covers another.
  function apart(labels) {
    const sorted = [...labels].sort((one, other) => one.y - other.y);
    for (let place = 1; place < sorted.length; place += 1) sorted[place].y = Math.max(sorted[place].y, sorted[place - 1].y + 12);
    const over = sorted.length ? sorted.at(-1).y - (HIGH - BOTTOM + 4) : 0;
    if (over > 0) {
      sorted.at(-1).y -= over;
      for (let place = sorted.length - 2; place >= 0; place -= 1) sorted[place].y = Math.min(sorted[place].y, sorted[place + 1].y - 12);
    }
    return sorted;
  }

  return chart;
})();
