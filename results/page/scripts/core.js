// The one global name of the page: data arrive here from scripts, and elements are made here from text that stays text.
"use strict";

const salbench = (() => {
  const arrived = new Map();
  const waiting = new Map();

  // Called by every script below data/.
  function receive(name, payload) {
    arrived.set(name, payload);
  }

  function data(name) {
    return arrived.get(name);
  }

  // Loads data/PATH, a script, once; a page opened from disk may not use fetch.
  function load(path, name) {
    if (arrived.has(name)) return Promise.resolve(arrived.get(name));
    if (!waiting.has(name)) {
      waiting.set(
        name,
        new Promise((resolve, reject) => {
          const script = document.createElement("script");
          script.src = `data/${path}`;
          script.onload = () => resolve(arrived.get(name));
          script.onerror = () => {
            waiting.delete(name);
            reject(new Error(`data/${path} is missing from this report`));
          };
          document.head.append(script);
        }),
      );
    }
    return waiting.get(name);
  }

  // An element with attributes and children; a child that is a string becomes text, never markup.
  function element(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
  }

  function drawing(tag, attributes = {}, ...children) {
    return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
  }

  function fill(made, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return made;
  }

  // A number with so many digits after the point, and never as -0.
  function fixed(value, decimals) {
    const text = value.toFixed(decimals);
    return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
  }

  // A name that may break after its underscores.
  function breakable(name) {
    return name.split("_").flatMap((part, place) => (place ? ["_", element("wbr"), part] : [part]));
  }

  // A number with three significant digits, for labels.
  function short(value) {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    if (size >= 1000) return String(Math.round(value));
    return String(Number(value.toPrecision(3)));
  }

  // On a light ground until the reader or the system asks for a dark one.
  function theme() {
    const chosen = document.documentElement.dataset.theme;
    return chosen || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }

  const remembered = (() => {
    try {
      return localStorage.getItem("salbench-theme");
    } catch {
      return null; // some browsers keep nothing for files
    }
  })();
  if (remembered === "dark" || remembered === "light") document.documentElement.dataset.theme = remembered;

  return { receive, data, load, element, drawing, breakable, fixed, short, theme };
})();
