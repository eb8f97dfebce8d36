// What lies behind one entry, in a dialog: numbers, curves, maps, settings and hashes.
"use strict";

salbench.details = (() => {
  const { element, breakable, fixed, short } = salbench;
  const dialog = document.getElementById("details");
  let opener = null; // what had the focus before
  let shown = null; // the entry and the metric in the dialog; null once a link has led elsewhere

  async function open(row, metric = null) {
    if (!dialog.open) opener = document.activeElement;
    shown = { row, metric };
    const { board } = salbench;
    const names = Object.fromEntries(board.KEYS.map((key) => [key, board.text(row, key)]));
    const close = element("button", { type: "button", class: "close", onclick: () => dialog.close() }, "Close");
    const control = board.rows.control[row] ? element("span", { class: "tag" }, "control") : null;
    const title = element("h2", { id: "details-title", tabindex: "-1" }, element("span", { class: "training" }, names.training), " ", element("span", { class: "saliency" }, names.saliency), control);
    const where = element("p", { class: "quiet" }, `${names.dataset} · ${names.architecture}`);
    const body = element("div", { class: "body" }, element("p", { class: "quiet", role: "status" }, "Loading …"));
    const link = element("a", { href: board.address(row, metric), class: "here" }, "Link to this");
    dialog.replaceChildren(element("header", {}, element("div", {}, title, where), element("div", { class: "ways" }, link, close)), body);
    if (!dialog.open) dialog.showModal();
    title.focus();
    remember(row, metric);
    let entry;
    let inputs = null;
    try {
      entry = await salbench.load(`entries/${row}.js`, `entry-${row}`);
      const file = board.inputs[names.dataset];
      if (file && entry.maps) inputs = await salbench.load(`${file}.js`, file);
    } catch (error) {
      body.replaceChildren(element("p", { class: "notice", role: "alert" }, error.message));
      return;
    }
    body.replaceChildren(...sections(entry, inputs, names, row));
    const wanted = metric && body.querySelector(`tr[data-metric="${CSS.escape(metric)}"]`);
    if (wanted) {
      wanted.classList.add("wanted");
      wanted.scrollIntoView({ block: "center" });
    }
  }

  function sections(entry, inputs, names, row) {
    return [
      part("Numbers", numbers(entry, row)),
      part("Perturbation curves", curves(entry)),
      part("Maps", maps(entry, inputs, names)),
      part("Settings", settings(entry)),
      part("Provenance", provenance(entry)),
    ].filter(Boolean);
  }

  function part(title, content) {
    return content && element("section", {}, element("h3", {}, title), content);
  }

  // A row for each metric that was tried; those that do not apply share one line below.
  function numbers(entry, row) {
    const { board } = salbench;
    const seeds = entry.seeds.map((seed) => seed.seed);
    const places = new Map(board.metrics.map((metric, place) => [metric.name, place]));
    const skipped = entry.metrics.filter((metric) => metric.results.every((result) => result.status === "skipped"));
    const heads = ["metric", "mean", "95 % interval", "within the group", "sd", ...seeds.map((seed) => `seed ${seed}`), "samples", "ms"];
    const body = entry.metrics
      .filter((metric) => !skipped.includes(metric))
      .map((metric) => numberRow(metric, places.get(metric.name), row, seeds));
    const table = element(
      "table",
      { class: "plain wide" },
      element("caption", { class: "unseen" }, "Each metric with its mean over seeds, its interval, and its value for each seed"),
      element("thead", {}, element("tr", {}, heads.map((head, place) => element("th", { scope: "col", class: place ? "number" : null }, head)))),
      element("tbody", {}, body),
    );
    const reasons = new Map();
    for (const metric of skipped) {
      const { note } = metric.results[0];
      reasons.set(note, [...(reasons.get(note) || []), metric.name]);
    }
    const notes = [...reasons].map(([note, names]) => `Skipped: ${names.join(", ")}: ${note}.`);
    return element(
      "div",
      {},
      element("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": "Numbers of each seed" }, table),
      [flaws(entry), ...intervals(entry, row, places), ...doubts(entry, row, places), ...notes].filter(Boolean).map((text) => element("p", { class: "quiet" }, text)),
    );
  }

  function numberRow(metric, place, row, seeds) {
    const { board } = salbench;
    const facts = board.metrics[place];
    const cell = board.cells[place];
    const decimals = cell.decimals[board.rows.group[row]];
    const mean = cell.mean[row];
    const results = new Map(metric.results.map((result) => [result.seed, result]));
    const card = document.getElementById(`metric-${metric.name}`);
    const name = card ? element("a", { href: `#metric-${metric.name}`, onclick: leave }, breakable(metric.name)) : metric.name;
    const time = metric.results.reduce((sum, result) => sum + (result.seconds || 0), 0) / metric.results.length;
    const notes = [...new Set(metric.results.map((result) => result.note).filter(Boolean))].join("; ");
    const doubt = cell.doubts[board.rows.group[row]];
    return element(
      "tr",
      { "data-metric": metric.name },
      element(
        "th",
        { scope: "row" },
        name,
        element("span", { class: "quiet" }, `@${metric.version}`),
        element("span", { class: "arrow", title: facts.higher ? "higher is better" : "lower is better" }, ` ${facts.higher ? "↑" : "↓"}${facts.across ? "" : "†"}`),
        doubt ? element("span", { class: "doubt", title: `unreliable here: ${doubt}` }, " ‡") : null,
        notes ? element("span", { class: "note quiet" }, notes) : null,
      ),
      element("td", { class: cell.best[row] ? "number best" : "number" }, cell.best[row] ? element("span", { class: "star" }, "★ ") : null, element("span", { class: "mean" }, mean === null ? "–" : fixed(mean, decimals))),
      element("td", { class: "number" }, mean === null ? "–" : salbench.table.interval(row, place)),
      element("td", {}, mean === null ? null : salbench.table.track(row, place)),
      element("td", { class: "number quiet" }, cell.sd[row] === null ? "–" : fixed(cell.sd[row], decimals)),
      seeds.map((seed) => value(results.get(seed))),
      element("td", { class: "number quiet" }, String(metric.results[0].count || "–")),
      element("td", { class: "number quiet" }, short(1000 * time)),
    );
  }

  // What the intervals are over, or why there are none.
  function intervals(entry, row, places) {
    const { board } = salbench;
    const found = new Map();
    for (const { name } of entry.metrics) {
      const source = board.sources[board.cells[places.get(name)].source[row]];
      if (source) found.set(source, [...(found.get(source) || []), name]);
    }
    return [...found].map(([source, names]) => `${source.startsWith("over") ? `Intervals ${source}` : `No interval, ${source}`}: ${names.join(", ")}.`);
  }

  // What speaks against metrics on this data set and architecture.
  function doubts(entry, row, places) {
    const { board } = salbench;
    const found = new Map();
    for (const { name } of entry.metrics) {
      const reason = board.cells[places.get(name)].doubts[board.rows.group[row]];
      if (reason) found.set(reason, [...(found.get(reason) || []), name]);
    }
    return [...found].map(([reason, names]) => `‡ Unreliable here: ${names.join(", ")}: ${reason}.`);
  }

  // Close without going back to the row: a link leads elsewhere.
  function leave() {
    shown = null;
    dialog.close();
  }

  function value(result) {
    const text = !result ? "–" : result.value === null ? (result.status === "ok" ? "undefined" : result.status) : short4(result.value);
    return element("td", { class: result && result.value !== null ? "number" : "number absent" }, text);
  }

  function short4(value) {
    if (value && Math.abs(value) < 0.0001) return value.toExponential(1);
    return Math.abs(value) >= 10000 ? String(Math.round(value)) : String(Number(value.toPrecision(4)));
  }

  function flaws(entry) {
    const worst = (name) => Math.max(0, ...entry.metrics.flatMap((metric) => metric.results.map((result) => result[name])));
    const found = [];
    if (worst("degenerate")) found.push(`${worst("degenerate")} maps have one value everywhere`);
    if (worst("incomplete")) found.push(`${worst("incomplete")} maps do not sum to the difference of outputs that they explain`);
    return found.length ? `Beware: ${found.join("; ")}.` : "";
  }

  function curves(entry) {
    const drawn = entry.metrics.filter((metric) => metric.curves);
    return drawn.length ? element("div", { class: "charts" }, drawn.map((metric) => salbench.chart(metric.curves, metric.name))) : null;
  }

  function maps(entry, inputs, names) {
    if (!entry.maps || !inputs) return entry.note ? element("p", { class: "quiet" }, entry.note) : null;
    const shown = entry.maps.samples.map((picture, place) => {
      const sample = inputs.samples[place];
      const right = picture.predicted === sample.target;
      const said = picture.predicted === undefined ? "" : `, predicted ${picture.predicted} at ${Math.round(100 * picture.probability)} % ${right ? "✓" : "✗"}`;
      return element(
        "figure",
        { class: `sample ${inputs.modality}` },
        element("figcaption", {}, `input ${sample.id}: class ${sample.target}${said}`),
        element("div", { class: "row" }, labelled("input", salbench.pictures.input(inputs, sample)), labelled("map", salbench.pictures.map(inputs, sample, picture, names.saliency)), labelled("evidence", salbench.pictures.evidence(inputs, sample))),
      );
    });
    return element("div", {}, salbench.pictures.key(), element("p", { class: "quiet" }, `Model of seed ${entry.maps.seed}; the maps explain the true class.`), element("div", { class: `samples ${inputs.modality}` }, shown));
  }

  function labelled(name, picture) {
    return picture && element("div", { class: "labelled" }, element("span", { class: "quiet", "aria-hidden": "true" }, name), picture);
  }

  function settings(entry) {
    const headings = Object.entries(entry.settings);
    if (!headings.length) return null;
    return element("div", { class: "settings" }, headings.map(([heading, facts]) => element("div", {}, element("h4", {}, heading), facts_(facts))));
  }

  function facts_(facts) {
    return element("dl", {}, Object.entries(facts).map(([name, text]) => element("div", {}, element("dt", {}, name.replaceAll("_", " ")), element("dd", {}, text))));
  }

  function provenance(entry) {
    const seeds = entry.seeds.map((seed) => {
      const facts = { recipe: seed.recipe, weights: seed.weights, maps: seed.attributions, device: seed.device };
      const shown = Object.entries(facts).filter(([, text]) => text);
      return element("div", {}, element("h4", {}, `Seed ${seed.seed}`), element("dl", {}, shown.map(([name, text]) => element("div", {}, element("dt", {}, name), element("dd", {}, name === "device" ? text : element("code", {}, text))))));
    });
    const scores = element("details", {}, element("summary", {}, "Hashes of the per-sample scores"), element("dl", {}, entry.metrics.flatMap((metric) => metric.results.filter((result) => result.scores).map((result) => element("div", {}, element("dt", {}, `${metric.name} seed ${result.seed}`), element("dd", {}, element("code", {}, result.scores)))))));
    return element("div", { class: "provenance" }, seeds, scores, element("p", { class: "quiet" }, entry.versions.join(", ")));
  }

  function remember(row, metric) {
    const found = salbench.board.find(location.hash);
    if (found?.row !== row || found.metric !== metric) history.pushState({}, "", salbench.board.address(row, metric));
  }

  // The address may name an entry: when the page opens, and when the reader goes back.
  function follow() {
    const found = salbench.board.find(location.hash);
    const lost = document.getElementById("lost");
    lost.hidden = !found || found.row >= 0;
    if (found && found.row >= 0) open(found.row, found.metric);
    else if (dialog.open) dialog.close();
    if (!lost.hidden) lost.textContent = `This report has no entry ${salbench.board.KEYS.map((key) => found.names.get(key)).join("/")}.`;
  }

  function start() {
    dialog.addEventListener("close", () => {
      if (salbench.board.find(location.hash)) history.replaceState({}, "", location.pathname + location.search);
      if (!shown) return;
      if (opener?.isConnected && opener !== document.body) opener.focus();
      else salbench.table.focus(shown.row, shown.metric);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // beside its contents
    });
    addEventListener("popstate", follow);
    follow();
  }

  return { open, start };
})();
