// Making elements, and numbers in words. Whatever a visitor typed goes in by textContent only.

const make = (className, text = "", tag = "div") => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};
const percent = (p) => (p > 0.995 ? ">99 %" : p < 0.005 ? "<1 %" : `${Math.round(p * 100)} %`); // never quite sure, as in words.py
const signed = (v) => (v < 0 ? "−" : "+") + Math.abs(v).toFixed(2);
const small = (v) => (v < 0 ? "−" : "+") + Number(Math.abs(v).toPrecision(2));
const plainNumber = (v) => (v === 0 ? "0" : v < 0.001 ? v.toExponential(1).replace("-", "−") : String(Number(v.toPrecision(2))));
// What unit u of a chain, in drawing order, tells best, as measured; "" where nobody has measured it.
const tells = ({ tells }, u, before = "") => {
  if (!tells) return "";
  const what = tells.names[tells.units[2 * u]];
  return before + (what ? `${what} (AUC ${(tells.units[2 * u + 1] / 100).toFixed(2)})` : "fits nothing");
};
// What `change` in changes.py makes of `old`: a new value, some new values by key or place, or a new end.
const changed = (old, [kind, what, rest]) => {
  if (kind === 0) return what;
  if (kind === 2) return typeof old === "string" ? old.slice(0, what) + rest : [...old.slice(0, what), ...rest];
  const values = Object.entries(what).map(([key, change]) => [key, changed(old[key], change)]);
  return Object.assign(Array.isArray(old) ? [...old] : { ...old }, Object.fromEntries(values));
};
const numbers = (base64) => Int8Array.from(atob(base64), (c) => c.charCodeAt(0));
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const stepOf = (element) => Number(element.closest(".uv-column[data-step]")?.dataset.step ?? 0);

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

const likeliest = (probs, count) => [...probs.keys()].sort((a, b) => probs[b] - probs[a]).slice(0, count);

function meter(name, share, words, color, strong = false, choose = "", answer = name) {
  const row = make(strong ? "uv-meter uv-strong" : "uv-meter", "", choose ? "button" : "div");
  if (choose) Object.assign(row, { type: "button", title: choose }).dataset.answer = answer;
  const track = make("uv-track");
  const fill = track.appendChild(make("", "", "i"));
  fill.style.cssText = `width:${100 * share}%;background:${color}`;
  row.append(make("uv-name", name, "span"), track, make("uv-value", words, "span"));
  return row;
}

// For which answers the units of a chain speak when they are positive: unit -> name.
function speaksFor({ units, groups }) {
  const names = groups.flatMap(([name, count]) => Array(count).fill(name));
  return new Map(units.map((unit, u) => [unit, names[u]]));
}

function table(caption, head, rows) {
  const element = document.createElement("table");
  element.createCaption().textContent = caption;
  const top = element.createTHead().insertRow();
  for (const words of head) top.append(Object.assign(make("", words, "th"), { scope: "col" }));
  const body = element.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    const [name, ...values] = row;
    line.append(Object.assign(make("", name, "th"), { scope: "row" }));
    for (const value of values) line.insertCell().textContent = value;
  }
  return element;
}

// The arrow from an answer round to the next input, and the letter that travels along it.
function feedback() {
  const box = make("uv-feedback");
  const svg = box.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, d] of [["uv-on", "M0 0 H42 Q50 0 50 6 V94 Q50 100 58 100 H100"], ["uv-round", "M0 0 H82 Q100 0 100 6 V94 Q100 100 82 100 H0"]]) {
    const path = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    path.setAttribute("class", name);
    path.setAttribute("d", d);
  }
  box.append(make("", "", "b"));
  return box;
}

// What cuts the arrow that leads to a block.
function scissors() {
  const button = Object.assign(make("uv-scissors", "", "button"), { type: "button", tabIndex: -1 });
  button.dataset.do = "cut";
  const svg = button.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
  path.setAttribute("d", "M8 8.5L20 20M8 15.5L20 4M5.5 3.5a3 3 0 1 0 .01 0M5.5 14.5a3 3 0 1 0 .01 0");
  return button;
}

// The way from what has read to what writes: the last state becomes the first one.
function handOver() {
  const box = make("uv-hand");
  const far = box.appendChild(make("uv-row uv-back"));
  far.append(make("uv-nought", "0"));
  const near = box.appendChild(make("uv-row"));
  near.append(make("uv-wire"), make("uv-context", "context vector"), make("uv-wire"));
  return box;
}

// The arrow from a block back to itself: what comes out of it goes into it at the next step.
function loop() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "uv-loop");
  svg.setAttribute("viewBox", "0 0 100 64");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (const d of ["M82 38 H94 Q98 38 98 32 V10 Q98 4 92 4 H8 Q2 4 2 10 V32 Q2 38 8 38 H15", "M11 34 L17 38 L11 42"]) {
    const path = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    path.setAttribute("d", d);
  }
  return svg;
}
