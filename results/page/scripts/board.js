// The leaderboard as data: which rows a filter leaves, and in which order. Nothing here touches the page.
"use strict";

salbench.board = (() => {
  const board = salbench.data("board");
  const KEYS = ["dataset", "architecture", "training", "saliency"];
  const { rows, texts, metrics, cells, seeds } = board;
  const count = rows.group.length;
  const lower = Object.fromEntries(KEYS.map((key) => [key, texts[key].map((text) => text.toLowerCase())]));
  const places = Object.fromEntries(KEYS.map((key) => [key, alphabetic(texts[key])]));
  const COSTS = [
    { name: "training_seconds", label: "training s", title: "seconds that training the model took, mean over seeds" },
    { name: "milliseconds", label: "map ms", title: "milliseconds that one map took, mean over models" },
  ];

  // The address of an entry, or of one of its numbers; it says names, so that it lasts when rows are added.
  function address(row, metric) {
    const names = KEYS.map((key) => `${key}=${encodeURIComponent(text(row, key))}`);
    return `#${names.join("&")}${metric ? `&metric=${encodeURIComponent(metric)}` : ""}`;
  }

  // The row and metric that an address names; the row is -1 if there is no such entry, all is null for other addresses.
  function find(hash) {
    const names = new URLSearchParams(hash.slice(1));
    if (!KEYS.every((key) => names.has(key))) return null;
    const wanted = KEYS.map((key) => texts[key].indexOf(names.get(key)));
    for (let row = 0; row < count; row += 1) {
      if (KEYS.every((key, place) => rows[key][row] === wanted[place])) return { row, metric: names.get("metric"), names };
    }
    return { row: -1, metric: null, names };
  }

  // Is the interval of a cell over samples alone?
  const alone = board.sources.map((source) => source.startsWith("over samples"));
  function single(row, place) {
    return alone[cells[place].source[row]] || false;
  }

  // The place of each text in the alphabet.
  function alphabetic(list) {
    const order = list.map((_, place) => place).sort((one, other) => (list[one] < list[other] ? -1 : 1));
    const ranks = new Int32Array(list.length);
    order.forEach((place, rank) => (ranks[place] = rank));
    return ranks;
  }

  function text(row, key) {
    return texts[key][rows[key][row]];
  }

  // The rows that every word of a search and every choice agree with. Words are looked up in the few distinct names.
  function filter({ search = "", choices = {}, controls = true }) {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = words.map((word) => KEYS.map((key) => lower[key].map((name) => name.includes(word))));
    const columns = KEYS.map((key) => rows[key]);
    const wanted = KEYS.map((key) => (choices[key] ? texts[key].indexOf(choices[key]) : -1));
    const kept = [];
    for (let row = 0; row < count; row += 1) {
      if (!controls && rows.control[row]) continue;
      let fits = true;
      for (let key = 0; fits && key < KEYS.length; key += 1) {
        fits = wanted[key] < 0 || columns[key][row] === wanted[key];
      }
      for (let word = 0; fits && word < hits.length; word += 1) {
        fits = false;
        for (let key = 0; !fits && key < KEYS.length; key += 1) fits = hits[word][key][columns[key][row]];
      }
      if (fits) kept.push(row);
    }
    return kept;
  }

  // Numbers to sort by; what is missing is NaN.
  function values(column) {
    if (column.kind === "metric") return cells[column.place].mean;
    return rows[column.name];
  }

  // Groups stay together, competitors before controls; what is missing comes last in either direction.
  function sort(kept, column, descending) {
    const keys = new Float64Array(count);
    if (column.kind === "name") {
      const [first, second] = column.name === "saliency" ? ["saliency", "training"] : ["training", "saliency"];
      for (const row of kept) {
        const key = places[first][rows[first][row]] * texts[second].length + places[second][rows[second][row]];
        keys[row] = descending ? -key : key;
      }
    } else {
      const found = values(column);
      for (const row of kept) {
        const value = found[row];
        keys[row] = value === null ? Infinity : descending ? -value : value;
      }
    }
    const blocks = new Map();
    for (const row of kept) {
      const block = rows.group[row] * 2 + rows.control[row];
      if (!blocks.has(block)) blocks.set(block, []);
      blocks.get(block).push(row);
    }
    const order = [...blocks.keys()].sort((one, other) => one - other);
    return order.flatMap((block) =>
      blocks.get(block).sort((one, other) => (keys[one] === keys[other] ? one - other : keys[one] < keys[other] ? -1 : 1)),
    );
  }

  // The metrics that any of the rows has, and the costs that are known.
  function columns(kept, families) {
    const has = metrics.map((metric, place) => {
      const status = cells[place].status;
      return families.has(metric.family) && kept.some((row) => status[row] !== 3 && status[row] !== 5);
    });
    const order = [...new Set(metrics.map((metric) => metric.family))];
    const shown = metrics
      .map((metric, place) => ({ kind: "metric", place, ...metric }))
      .filter((metric) => has[metric.place])
      .sort((one, other) => order.indexOf(one.family) - order.indexOf(other.family) || one.place - other.place);
    const costs = families.has("cost")
      ? COSTS.filter((cost) => kept.some((row) => rows[cost.name][row] !== null))
      : [];
    return [...shown, ...costs.map((cost) => ({ kind: "cost", higher: false, family: "cost", ...cost }))];
  }

  // The lowest and the highest value of a metric within each group, with the intervals of the means.
  const reaches = new Map();
  function reach(place, group) {
    if (!reaches.has(place)) {
      const low = new Float64Array(cells[place].decimals.length).fill(Infinity);
      const high = new Float64Array(cells[place].decimals.length).fill(-Infinity);
      const { mean, low: from, high: to, values: one } = cells[place];
      for (let row = 0; row < count; row += 1) {
        if (mean[row] === null) continue;
        const at = rows.group[row];
        low[at] = Math.min(low[at], mean[row], from[row] ?? Infinity);
        high[at] = Math.max(high[at], mean[row], to[row] ?? -Infinity);
        for (let seed = 0; seed < seeds.length; seed += 1) {
          const value = one[row * seeds.length + seed];
          if (value === null) continue;
          low[at] = Math.min(low[at], value);
          high[at] = Math.max(high[at], value);
        }
      }
      reaches.set(place, { low, high });
    }
    const { low, high } = reaches.get(place);
    return [low[group], high[group]];
  }

  return { ...board, KEYS, count, text, address, find, single, filter, sort, columns, reach };
})();
