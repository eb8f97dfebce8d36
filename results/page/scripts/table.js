// The leaderboard as a table: a page of rows at a time, so that many thousands stay quick.
"use strict";

salbench.table = (() => {
  const { element, breakable, fixed, short } = salbench;
  const PAGE = 100; // rows
  const FIRST = 28; // rows that are drawn at once; the rest of a page follows when the browser has time
  const STATUS = ["", "", "failed", "skipped", "undefined", "not measured"];
  const SILENT = new Set([3, 5]); // shown as a dash
  const host = document.getElementById("table");
  const pages = document.getElementById("pages");
  const NAME = { kind: "name", name: "training", family: "" };
  let filters = null;
  let sorting = { column: NAME, descending: false };
  let columns = [];
  let order = [];
  let page = 0;
  let rest = 0; // timer of the rows that follow
  let open = () => {};
  let groups = new Set(); // that have an entry among `order`

  // Filter, sort and draw anew.
  function update(state) {
    filters = state;
    const kept = salbench.board.filter(state);
    columns = salbench.board.columns(kept, state.families);
    const still = columns.some((column) => column.name === sorting.column.name) || sorting.column.kind === "name";
    if (!still) sorting = { column: NAME, descending: false };
    arrange(kept);
  }

  function arrange(kept) {
    const first = sorting.column.kind === "name" && !sorting.touched;
    order = first ? kept : salbench.board.sort(kept, sorting.column, sorting.descending);
    page = 0;
    groups = new Set(order.map((row) => salbench.board.rows.group[row]));
    draw();
    announce();
  }

  function announce() {
    const { board } = salbench;
    const controls = order.reduce((sum, row) => sum + board.rows.control[row], 0);
    const number = (value) => value.toLocaleString("en");
    const some = order.length < board.count ? ` of ${number(board.count)}` : "";
    const sorted = sorting.touched ? `, sorted by ${label(sorting.column)} ${sorting.descending ? "from high to low" : "from low to high"}` : "";
    document.getElementById("count").textContent = order.length
      ? `${number(order.length)}${some} entries (${number(controls)} controls) in ${groups.size} group${groups.size === 1 ? "" : "s"}${sorted}`
      : "No entry fits; reset the filters to see all.";
  }

  function label(column) {
    if (column.kind === "name") return column.name === "saliency" ? "saliency method" : "training method";
    return column.label || column.name;
  }

  function draw(focused = null) {
    const shown = order.slice(page * PAGE, (page + 1) * PAGE);
    const table = element(
      "table",
      { class: filters.spread ? "board" : "board narrow" },
      element("caption", { class: "unseen" }, "Entries by training and saliency method, compared within each data set and architecture"),
      head(),
    );
    clearTimeout(rest);
    grow(table, shown.slice(0, FIRST), -1);
    if (shown.length > FIRST) rest = setTimeout(() => grow(table, shown.slice(FIRST), shown[FIRST - 1]));
    const left = host.scrollLeft;
    host.replaceChildren(table);
    host.scrollLeft = left;
    if (focused) host.querySelector(`[data-sort="${CSS.escape(focused)}"]`)?.focus();
    drawPages();
  }

  function head() {
    const runs = [];
    for (const column of columns) {
      if (runs.length && runs.at(-1).family === column.family) runs.at(-1).span += 1;
      else runs.push({ family: column.family, span: 1 });
    }
    const bands = runs.map((run) => element("th", { scope: "colgroup", colspan: run.span, class: "family" }, run.family));
    return element(
      "thead",
      {},
      element("tr", {}, element("td", { class: "entry" }), ...bands),
      element("tr", {}, nameHeader(), ...columns.map(header)),
    );
  }

  function nameHeader() {
    const { column, descending } = sorting;
    const active = column.kind === "name" && sorting.touched;
    const buttons = ["training", "saliency"].map((name) => {
      const mine = active && column.name === name;
      return sortButton({ ...NAME, name }, [name, mark(mine)], `sort by ${name} method`);
    });
    return element("th", { scope: "col", class: "entry", "aria-sort": active ? (descending ? "descending" : "ascending") : "none" }, ...buttons);
  }

  function header(column, place) {
    const mine = sorting.touched && sorting.column.name === column.name;
    const better = column.kind === "cost" ? "lower is cheaper" : column.higher ? "higher is better" : "lower is better";
    const doubts = column.kind === "cost" ? 0 : doubtful(column.place).length;
    const arrow = column.kind === "cost" ? "" : (column.higher ? "↑" : "↓") + (column.across ? "" : "†") + (doubts ? "‡" : "");
    const trust = doubts ? `, unreliable in ${doubts} group${doubts === 1 ? "" : "s"}` : "";
    const button = sortButton(
      column,
      [element("span", {}, breakable(label(column))), element("span", { class: "arrow", "aria-hidden": "true" }, arrow && `\u00a0${arrow}`), element("span", { class: "unseen" }, `, ${better}${trust}`), mark(mine)],
      column.title || better + trust,
    );
    const sorted = mine ? (sorting.descending ? "descending" : "ascending") : "none";
    const edge = place && columns[place - 1].family === column.family ? "" : " edge";
    return element("th", { scope: "col", class: `number${edge}`, "aria-sort": sorted }, button);
  }

  // The groups on display in which a metric is unreliable.
  function doubtful(place) {
    const { doubts } = salbench.board.cells[place];
    return [...groups].filter((group) => doubts[group]);
  }

  function mark(active) {
    return element("span", { class: "sorted", "aria-hidden": "true" }, active ? (sorting.descending ? "▼" : "▲") : "");
  }

  function sortButton(column, children, title) {
    return element("button", { type: "button", title, "data-sort": column.name, onclick: () => sortBy(column) }, ...children);
  }

  // The first press brings the best to the top, the next turns the order round.
  function sortBy(column) {
    const again = sorting.touched && sorting.column.name === column.name;
    const descending = again ? !sorting.descending : column.kind === "metric" && column.higher;
    sorting = { column, descending, touched: true };
    order = salbench.board.sort(order, column, descending);
    page = 0;
    draw(column.name);
    announce();
  }

  // Adds rows below the last one, with one body for each group's competitors and one for its controls.
  function grow(table, shown, last) {
    const { rows } = salbench.board;
    let group = last < 0 ? -1 : rows.group[last];
    let control = last < 0 ? -1 : rows.control[last];
    for (const row of shown) {
      if (rows.group[row] !== group) {
        group = rows.group[row];
        control = -1;
        table.append(element("tbody", { class: "title" }, groupRow(row), doubtRow(group)));
      }
      if (rows.control[row] !== control) {
        control = rows.control[row];
        table.append(element("tbody", { class: control ? "controls" : "competitors" }));
      }
      table.lastElementChild.append(bodyRow(row));
    }
  }

  function groupRow(row) {
    const name = `${salbench.board.text(row, "dataset")} · ${salbench.board.text(row, "architecture")}`;
    return element("tr", {}, element("th", { scope: "rowgroup", colspan: columns.length + 1 }, element("span", {}, name)));
  }

  // What speaks against metrics in a group.
  function doubtRow(group) {
    const found = columns.filter((column) => column.kind === "metric" && salbench.board.cells[column.place].doubts[group]);
    if (!found.length) return null;
    const reasons = found.map((column) => element("li", {}, element("b", {}, column.name), `: ${salbench.board.cells[column.place].doubts[group]}`));
    const summary = element("summary", {}, `‡ ${found.length} of the metrics ${found.length === 1 ? "is" : "are"} unreliable here`);
    return element("tr", {}, element("td", { colspan: columns.length + 1, class: "doubts" }, element("details", {}, summary, element("ul", {}, reasons))));
  }

  function bodyRow(row) {
    const { board } = salbench;
    const control = board.rows.control[row] ? element("span", { class: "tag" }, "control") : null;
    const button = element(
      "button",
      { type: "button", "data-row": row },
      element("span", { class: "training" }, breakable(board.text(row, "training"))),
      element("span", { class: "saliency" }, breakable(board.text(row, "saliency"))),
    );
    const line = element("tr", { "data-row": row }, element("th", { scope: "row", class: "entry" }, button, control));
    const address = board.address(row);
    columns.forEach((column, place) => {
      const edge = place && columns[place - 1].family === column.family ? "" : " edge";
      line.append(column.kind === "metric" ? metricCell(row, column, edge, address) : costCell(row, column, edge));
    });
    return line;
  }

  function costCell(row, column, edge) {
    return element("td", { class: `number cost${edge}` }, short(salbench.board.rows[column.name][row]));
  }

  function metricCell(row, column, edge, address) {
    const { board } = salbench;
    const cell = board.cells[column.place];
    const status = cell.status[row];
    const made = element("td", { class: `number${edge}`, "data-metric": column.name });
    const link = (text) => element("a", { class: "mean", tabindex: "-1", href: `${address}&metric=${encodeURIComponent(column.name)}` }, text);
    if (status > 1) {
      made.classList.add("absent");
      if (SILENT.has(status)) made.append(element("span", { "aria-hidden": "true" }, "–"), element("span", { class: "unseen" }, STATUS[status]));
      else made.append(link(STATUS[status]));
      return made;
    }
    const group = board.rows.group[row];
    const decimals = cell.decimals[group];
    made.append(link(fixed(cell.mean[row], decimals)));
    if (cell.doubts[group]) {
      made.classList.add("doubtful");
      made.append(element("sup", { "aria-hidden": "true" }, "‡"), element("span", { class: "unseen" }, " unreliable here"));
    }
    if (cell.best[row]) {
      made.classList.add("best");
      made.prepend(element("span", { class: "star", "aria-hidden": "true" }, "★"), element("span", { class: "unseen" }, "best: "));
    }
    if (status === 1) made.append(element("span", { class: "part" }, ` (${cell.seeds[row]}/${cell.expected[row]})`));
    if (filters.spread) {
      made.title = board.sources[cell.source[row]] ?? "";
      const said = status === 1 && cell.low[row] === null ? "" : ` ${interval(row, column.place)}`; // how many seeds stands there already
      made.append(element("span", { class: "interval" }, said), track(row, column.place));
    }
    return made;
  }

  // Both ends, or how many seeds there are where that is too few.
  function interval(row, place) {
    const { board } = salbench;
    const { low, high, seeds, decimals } = board.cells[place];
    const digits = decimals[board.rows.group[row]];
    if (low[row] === null) return `${seeds[row]} seed${seeds[row] === 1 ? "" : "s"}`;
    return `[${fixed(low[row], digits)}, ${fixed(high[row], digits)}]`;
  }

  // Seeds as ticks, the mean as a mark, its interval as a band, within the range of the group.
  function track(row, place) {
    const { board } = salbench;
    const group = board.rows.group[row];
    const cell = board.cells[place];
    const [low, high] = board.reach(place, group);
    const share = (value) => (high > low ? (100 * (value - low)) / (high - low) : 50);
    const made = element("span", { class: board.single(row, place) ? "track single" : "track", "aria-hidden": "true" });
    const mean = cell.mean[row];
    const from = share(cell.low[row] ?? mean);
    const ticks = [];
    for (let seed = 0; seed < board.seeds.length && seed < 10; seed += 1) {
      const value = cell.values[row * board.seeds.length + seed];
      if (value !== null) ticks.push(`linear-gradient(var(--tick),var(--tick)) ${share(value)}% 0/1px 100% no-repeat`);
    }
    made.style.cssText =
      `--low:${from}%;--wide:${share(cell.high[row] ?? mean) - from}%;--mean:${share(mean)}%;` +
      (ticks.length ? `background:${ticks.join(",")}` : "");
    return made;
  }

  function drawPages() {
    const total = Math.max(1, Math.ceil(order.length / PAGE));
    pages.hidden = total < 2;
    pages.querySelector("span").textContent = `page ${page + 1} of ${total}`;
    pages.querySelector("[name=previous]").disabled = page === 0;
    pages.querySelector("[name=next]").disabled = page === total - 1;
  }

  function turn(step) {
    page += step;
    draw();
    host.scrollTop = 0;
    host.scrollIntoView({ block: "start" });
  }

  // The arrow keys move between entries and their numbers; Enter opens one, as for any button or link.
  function move(event) {
    const cell = event.target.closest("tr[data-row] > *");
    if (!cell || !event.key.startsWith("Arrow") || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const next = neighbor(cell, event.key);
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }

  function neighbor(cell, key) {
    const line = cell.parentElement;
    const inside = (other) => other?.querySelector("button, a");
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const others = [...line.children];
      const reached = key === "ArrowRight" ? others.slice(cell.cellIndex + 1) : others.slice(0, cell.cellIndex).reverse();
      return inside(reached.find(inside));
    }
    const lines = [...host.querySelectorAll("tr[data-row]")];
    const other = lines[lines.indexOf(line) + (key === "ArrowDown" ? 1 : -1)];
    return other && (inside(other.children[cell.cellIndex]) || inside(other));
  }

  // Where a reader who opened an entry by its address comes back to.
  function focus(row, metric) {
    const line = host.querySelector(`tr[data-row="${row}"]`);
    const cell = metric && line?.querySelector(`td[data-metric="${CSS.escape(metric)}"] a`);
    (cell || line?.querySelector("button") || host).focus();
  }

  function start(openEntry) {
    open = openEntry;
    host.addEventListener("click", (event) => {
      const line = event.target.closest("tr[data-row]");
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a link may be opened in a tab of its own
      event.target.closest("a")?.focus();
      if (event.target.closest("a")) event.preventDefault(); // it is opened here, once
      if (line) open(Number(line.dataset.row), event.target.closest("td[data-metric]")?.dataset.metric);
    });
    host.addEventListener("keydown", move);
    pages.querySelector("[name=previous]").addEventListener("click", () => turn(-1));
    pages.querySelector("[name=next]").addEventListener("click", () => turn(1));
  }

  return { start, update, focus, interval, track };
})();
