// Inputs and maps drawn by their kind: an image, strips over time, colored words, or bars for the features of a table.
"use strict";

salbench.pictures = (() => {
  const { element, short } = salbench;
  const AGAINST = [0, 90, 160]; // blue, for negative values
  const FOR = [200, 80, 0]; // vermilion, for positive ones; color-blind readers can tell the two apart
  const BARS = 12; // features of a table that are drawn

  function bytes(text, signed) {
    const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return signed ? new Int8Array(raw.buffer) : raw;
  }

  // White for zero, towards one of two hues for either sign.
  function color(share) {
    const hue = share < 0 ? AGAINST : FOR;
    const depth = Math.min(1, Math.abs(share)) ** 0.8;
    return hue.map((part) => Math.round(255 + (part - 255) * depth));
  }

  function canvas(high, wide, paint, name, className) {
    const made = element("canvas", { width: wide, height: high, class: className, role: "img", "aria-label": name });
    const context = made.getContext("2d");
    const pixels = context.createImageData(wide, high);
    for (let place = 0; place < high * wide; place += 1) {
      const [red, green, blue] = paint(place);
      pixels.data.set([red, green, blue, 255], 4 * place);
    }
    context.putImageData(pixels, 0, 0);
    return made;
  }

  // Series are kept as time × features and drawn with time to the right.
  function layout(inputs) {
    const [first, second] = inputs.shape;
    if (inputs.modality === "image") return { high: first, wide: second, at: (place) => place };
    return { high: second, wide: first, at: (place) => (place % first) * second + Math.floor(place / first) };
  }

  function input(inputs, sample) {
    const about = `input ${sample.id}, class ${sample.target}`;
    if (inputs.modality === "tabular" || inputs.modality === "text") return null; // drawn with the map
    const { high, wide, at } = layout(inputs);
    const values = bytes(sample.values);
    const paint = (place) => {
      const from = at(place) * sample.channels;
      return sample.channels === 3 ? values.subarray(from, from + 3) : [values[from], values[from], values[from]];
    };
    return canvas(high, wide, paint, `The ${about}`, inputs.modality);
  }

  function map(inputs, sample, picture, name) {
    const shares = Array.from(bytes(picture.values, true), (value) => value / 127);
    const about = `Map by ${name} of input ${sample.id}, class ${sample.target}: ${strongest(inputs, sample, shares)}`;
    if (inputs.modality === "text") return words(inputs, sample, shares, about);
    if (inputs.modality === "tabular") return bars(inputs, sample, shares, picture.scale, about);
    const { high, wide, at } = layout(inputs);
    return canvas(high, wide, (place) => color(shares[at(place)]), about, inputs.modality);
  }

  function evidence(inputs, sample) {
    if (!sample.evidence || inputs.modality === "tabular" || inputs.modality === "text") return null;
    const { high, wide, at } = layout(inputs);
    const marked = bytes(sample.evidence);
    return canvas(high, wide, (place) => (marked[at(place)] ? [20, 110, 80] : [255, 255, 255]), `The true evidence of input ${sample.id}`, inputs.modality);
  }

  function strongest(inputs, sample, shares) {
    let best = 0;
    shares.forEach((share, place) => {
      if (Math.abs(share) > Math.abs(shares[best])) best = place;
    });
    if (!shares[best]) return "zero everywhere";
    const sign = shares[best] < 0 ? "negative" : "positive";
    if (inputs.modality === "text") return `strongest at the word ${sample.values[best]}, ${sign}`;
    if (inputs.modality === "tabular") return `strongest at ${feature(inputs, best)}, ${sign}`;
    const [row, column] = [Math.floor(best / inputs.shape[1]), best % inputs.shape[1]];
    if (inputs.modality === "series") return `strongest at step ${row + 1}, feature ${column + 1}, ${sign}`;
    return `strongest at row ${row + 1}, column ${column + 1}, ${sign}`;
  }

  function feature(inputs, place) {
    return inputs.names[place] || `feature ${place + 1}`;
  }

  function words(inputs, sample, shares, about) {
    const marked = sample.evidence ? bytes(sample.evidence) : [];
    const spans = sample.values.flatMap((word, place) => {
      const [red, green, blue] = color(shares[place] || 0);
      const span = element("span", { class: marked[place] ? "word true" : "word", title: `${word}: ${short(shares[place] || 0)} of the largest` }, word);
      span.style.background = `rgb(${red} ${green} ${blue})`;
      span.style.color = Math.abs(shares[place] || 0) > 0.7 ? "#fff" : "#111";
      return [span, " "];
    });
    const rest = sample.length > sample.values.length ? ` … and ${sample.length - sample.values.length} more words` : "";
    return element("p", { class: "words", "aria-label": about, role: "group" }, spans, rest);
  }

  function bars(inputs, sample, shares, scale, about) {
    const order = shares.map((_, place) => place).sort((one, other) => Math.abs(shares[other]) - Math.abs(shares[one]) || one - other);
    const shown = order.slice(0, BARS).filter((place) => shares[place]);
    const body = shown.map((place) => {
      const bar = element("span", { class: shares[place] < 0 ? "bar against" : "bar for", "aria-hidden": "true" });
      bar.style.setProperty("--share", Math.abs(shares[place]));
      return element(
        "tr",
        {},
        element("th", { scope: "row" }, feature(inputs, place)),
        element("td", { class: "number" }, short(sample.values[place])),
        element("td", { class: "bars" }, bar),
        element("td", { class: "number" }, short(shares[place] * scale)),
      );
    });
    const rest = shares.length - shown.length;
    const names = ["feature", "value", "", "attribution"];
    const heads = names.map((name, place) => element(name ? "th" : "td", { scope: name ? "col" : null, class: place % 2 ? "number" : null }, name));
    return element(
      "table",
      { class: "bars" },
      element("caption", { class: "unseen" }, about),
      element("thead", {}, element("tr", {}, heads)),
      element("tbody", {}, body, rest > 0 ? element("tr", {}, element("td", { colspan: 4, class: "quiet" }, `${rest} weaker features`)) : null),
    );
  }

  function key() {
    const ramp = element("span", { class: "ramp", "aria-hidden": "true" });
    return element("p", { class: "key quiet" }, "speaks against the class ", ramp, " speaks for it; each map has a scale of its own");
  }

  return { input, map, evidence, key };
})();
