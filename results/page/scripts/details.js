// What lies behind one entry, in a dialog: numbers, curves, maps, settings and hashes.
"use strict";

salbench.details = (() => {
  const { element, breakable, fixed, short } = salbench;
  const dialog = document.getElementById("details");
  let opener = null;

  async function open(row, metric) {
    opener = document.activeElement;
    const { board } = salbench;
    const names = Object.fromEntries(board.KEYS.map((key) => [key, board.text(row, key)]));
    const close = element("button", { type: "button", class: "close", onclick: () => dialog.close() }, "Close");
    const control = board.rows.control[row] ? element("span", { class: "tag" }, "control") : null;
    const title = element("h2", { id: "details-title", tabindex: "-1" }, element("span", { class: "training" }, names.training), " ", element("span", { class: "saliency" }, names.saliency), control);
    const where = element("p", { class: "quiet" }, `${names.dataset} · ${names.architecture}`);
    const body = element("div", { class: "body" }, element("p", { class: "quiet", role: "status" }, "Loading …"));
    dialog.replaceChildren(element("header", {}, element("div", {}, title, where), close), body);
    if (!dialog.open) dialog.showModal();
    title.focus();
    remember(row);
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
    const heads = ["metric", "mean ± sd", "within the group", ...seeds.map((seed) => `seed ${seed}`), "samples", "ms"];
    const body = entry.metrics
      .filter((metric) => !skipped.includes(metric))
      .map((metric) => numberRow(metric, places.get(metric.name), row, seeds));
    const table = element(
      "table",
      { class: "plain wide" },
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
      [flaws(entry), ...notes].filter(Boolean).map((text) => element("p", { class: "quiet" }, text)),
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
    const spread = cell.sd[row] === null || mean === null ? "" : ` ± ${fixed(cell.sd[row], decimals)}`;
    return element(
      "tr",
      { "data-metric": metric.name },
      element(
        "th",
        { scope: "row" },
        name,
        element("span", { class: "quiet" }, `@${metric.version}`),
        element("span", { class: "arrow", title: facts.higher ? "higher is better" : "lower is better" }, ` ${facts.higher ? "↑" : "↓"}${facts.across ? "" : "†"}`),
        notes ? element("span", { class: "note quiet" }, notes) : null,
      ),
      element("td", { class: cell.best[row] ? "number best" : "number" }, cell.best[row] ? element("span", { class: "star" }, "★ ") : null, element("span", { class: "mean" }, mean === null ? "–" : fixed(mean, decimals)), element("span", { class: "sd" }, spread)),
      element("td", {}, mean === null ? null : salbench.table.track(row, place)),
      seeds.map((seed) => value(results.get(seed))),
      element("td", { class: "number quiet" }, String(metric.results[0].count || "–")),
      element("td", { class: "number quiet" }, short(1000 * time)),
    );
  }

  // Close without going back to the row: a link leads elsewhere.
  function leave() {
    opener = null;
    dialog.close();
  }

  function value(result) {
    const text = !result ? "–" : result.value === null ? (result.status === "ok" ? "undefined" : result.status) : short4(result.value);
    return element("td", { class: result && result.value !== null ? "number" : "number absent" }, text);
  }

  function short4(value) {
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

  function remember(row) {
    if (location.hash !== `#entry=${row}`) history.pushState({ entry: row }, "", `#entry=${row}`);
  }

  // The address may name an entry: when the page opens, and when the reader goes back.
  function follow() {
    const found = /^#entry=(\d+)$/.exec(location.hash);
    if (found && Number(found[1]) < salbench.board.count) open(Number(found[1]));
    else if (dialog.open) dialog.close();
  }

  function start() {
    dialog.addEventListener("close", () => {
      if (location.hash.startsWith("#entry=")) history.replaceState({}, "", location.pathname);
      if (opener && opener.isConnected) opener.focus();
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // beside its contents
    });
    addEventListener("popstate", follow);
    follow();
  }

  return { open, start };
})();
