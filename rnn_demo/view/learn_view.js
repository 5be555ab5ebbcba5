// The network while it learns: draws what picture.py tells, and moves from one picture to the next, so that a few messages a second are
// seen as one movement. Whatever a visitor typed goes in by textContent only.

const MOVE_MS = 300; // from one picture to the next: as long as the server takes for one
const LEAST_MS = 33; // between two drawings
const MOST_PASTED = 60_000; // characters that are learnt from at most, as learn/base.py has it; of a million lines a browser stands still
const PER_DECADE = 1 / 8; // of the height of the gradients: eight powers of ten are seen

const seen = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let view = seen.get(parentElement);
  if (!view) seen.set(parentElement, (view = new LearnView(parentElement.querySelector(".lv"))));
  view.onDoes = (what) => setTriggerValue("does", what);
  view.update(data);
  return () => cancelAnimationFrame(view.frame);
}

const bytes = (base64) => Int8Array.from(atob(base64), (c) => c.charCodeAt(0));
const hex = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
const share = (value) => (value === null ? "–" : `${Math.round(100 * value)} %`.replace("-", "−"));
const nats = (value) => (value === null ? "no number" : value.toFixed(value < 10 ? 2 : 0));
// Places on a line through these points, every few pixels.
const along = (points) =>
  points.flatMap(([x, y], n) => {
    const [x0, y0] = points[Math.max(0, n - 1)];
    const count = Math.max(1, Math.ceil((x - x0) / 5));
    return Array.from({ length: count }, (_, k) => [x0 + ((x - x0) * (k + 1)) / count, y0 + ((y - y0) * (k + 1)) / count]);
  });
const add = (parent, tag, className = "", text = "") => {
  const element = parent.appendChild(document.createElement(tag));
  element.className = className;
  element.textContent = text;
  return element;
};

class LearnView {
  constructor(root) {
    this.root = root;
    this.at = (name) => root.querySelector(`.lv-${name}`);
    this.slider = root.querySelector("input");
    this.pad = new Pad(this.at("pad"), (text) => {
      if (text) this.onDoes({ do: "drawn", value: text });
      else this.at("note").textContent = "Draw on: a curve goes over at least a quarter of the pad.";
    });
    this.pad.onChange = () => this.data && this.drawPad();
    const here = {
      side: () => this.turn(!this.own),
      clear: () => this.pad.clear(),
      speed: ({ name }) => this.onDoes({ do: "speed", value: name }),
    };
    root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const what = button.dataset.do;
      if (here[what]) return here[what](button);
      if (!this.data.playing) this.turn(true); // whoever lets this network learn looks at it again
      this.onDoes({ do: what === "play" && this.data.playing ? "pause" : what, value: "" });
    });
    this.slider.addEventListener("input", () => {
      this.turn(true);
      this.onDoes({ do: "moment", value: String(this.data.moments[this.slider.value]) });
    });
    document.addEventListener("paste", (event) => root.isConnected && this.cutPaste(event), true);
    new ResizeObserver(() => {
      this.sizes = new Map();
      if (this.data) this.draw(1);
    }).observe(root);
  }

  // Of what is pasted into the page's own box no more is taken than can be learnt from, and that is said.
  cutPaste(event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (text.length <= MOST_PASTED || !event.target.matches?.(".st-key-learn_own textarea")) return;
    event.preventDefault();
    const box = event.target;
    box.setRangeText(text.slice(0, MOST_PASTED), box.selectionStart, box.selectionEnd, "end");
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
    const [most, all] = [MOST_PASTED, text.length].map((count) => count.toLocaleString("en"));
    this.at("note").textContent = `The first ${most} of ${all} characters are in the box: more cannot be learnt here. Leave out what matters least.`;
  }

  update(data) {
    for (const map of data.weights) if (typeof map.values === "string") map.values = bytes(map.values);
    const again = this.data?.run === data.run;
    // What a redraw of the same moment brings has not changed anything: what changed last stays to be seen.
    const same = again && data.shown === this.data.shown;
    this.before = same ? this.before : again ? this.data : data;
    const opens = data.pad !== null && (this.data?.pad ?? null) === null;
    this.data = data;
    if (opens) this.pad.text = data.pad;
    const race = data.race.map(({ run }) => run).join();
    if (race !== this.race) this.own = false; // a new one is what the visitor wants to see, also from the button far below
    if (race && race !== this.race && this.root.getBoundingClientRect().top < 0) this.root.scrollIntoView();
    this.race = race;
    this.root.classList.toggle("lv-drawing", data.pad !== null);
    this.root.classList.toggle("lv-playing", data.playing);
    Object.assign(this.root.dataset, { step: data.step, shown: data.shown, playing: data.playing });
    const play = this.root.querySelector("[data-do=play]");
    play.querySelector("span").textContent = data.playing ? "Pause" : "Learn";
    play.disabled = this.root.querySelector("[data-do=step]").disabled = data.over;
    this.fillSpeeds();
    this.slider.max = data.moments.length - 1;
    this.slider.value = data.moments.indexOf(data.shown);
    this.slider.setAttribute("aria-valuetext", `step ${data.shown}`);
    this.at("count").textContent = `step ${data.shown.toLocaleString("en")}`;
    const waiting = data.place > 1 ? `${data.place - 1} before you: all who train here take turns.` : "";
    this.at("note").textContent = waiting || data.note;
    this.fillMore();
    this.fillWeights();
    this.sizes = new Map();
    cancelAnimationFrame(this.frame);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!data.playing || calm || same || this.before === data) return this.draw(1);
    const start = performance.now();
    let last = 0;
    const tick = (now) => {
      const part = Math.min(1, (now - start) / MOVE_MS);
      if (now - last >= LEAST_MS || part === 1) {
        last = now;
        this.draw(Math.max(0, part));
        this.root.dataset.pictures = Number(this.root.dataset.pictures || 0) + 1;
      }
      if (part < 1) this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  fillSpeeds() {
    const { speeds, speed } = this.data;
    const box = this.at("speeds");
    if (!box.children.length) {
      for (const [name, words] of speeds) Object.assign(add(box, "button", "", words), { type: "button", name }).dataset.do = "speed";
    }
    for (const button of box.children) button.setAttribute("aria-pressed", String(button.name === speed));
  }

  fillMore() {
    const { more, pad } = this.data;
    const card = this.at("more");
    const [title, words] = [card.querySelector("h2"), card.querySelector("p")];
    const drawing = pad !== null;
    card.hidden = !more.samples && !more.alone;
    this.at("alone").hidden = !more.alone || drawing;
    this.at("pad").hidden = !drawing;
    const [clear, open] = card.querySelectorAll("button");
    clear.hidden = !drawing;
    open.hidden = !more.alone;
    open.textContent = drawing ? "Close the pad" : "Draw your own curve";
    words.hidden = !more.samples && !drawing;
    if (more.samples) {
      title.textContent = "It writes";
      words.textContent = more.samples.map((word) => word || "(nothing)").join(" · ");
    } else if (drawing) {
      title.textContent = "Draw a curve from left to right";
      words.textContent = "With mouse or finger; lift it, and the curve is taken. Waves that come again can be learnt best.";
    } else title.textContent = "On its own: from the line on, it reads its own guesses";
  }

  // Each of the race, by its colour, and how far it is.
  fillRacers() {
    const racers = this.data.race.map(({ cell, color, curve }) => [`${cell} ${share(curve.at(-1)[1])}`, color]);
    const box = this.at("against");
    if (box.textContent === racers.map(([words]) => words).join("")) return;
    box.textContent = "";
    for (const [words, color] of racers) add(box, "span", "lv-racer", words).style.setProperty("--racer", color);
  }

  // To this network, or to the race.
  turn(own) {
    if (this.own === own || !this.data.race.length) return;
    this.own = own;
    this.draw(1);
  }

  fillWeights() {
    const box = this.at("weights");
    const { weights } = this.data;
    const key = weights.map(({ title, rows, columns }) => [title, rows, columns]).join();
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    box.replaceChildren();
    for (const map of weights) {
      const figure = add(box, "figure", "lv-heat");
      for (let i = 0; i < 2; i += 1) Object.assign(add(figure, "canvas"), { width: map.columns, height: map.rows });
      add(figure, "figcaption", "", map.title);
    }
  }

  // Everything, at a part of the way from the picture before to this one.
  draw(part) {
    const { data, before } = this;
    const mix = (a, b) => (a === null || b === null ? b : a + (b - a) * part);
    const style = getComputedStyle(this.root);
    this.ground = style.getPropertyValue("--ground");
    this.soft = style.color;
    const accent = style.getPropertyValue("--accent");
    const end = mix(before.shown, data.shown) || 0;
    const accuracy = mix(before.accuracy, data.accuracy);
    const racing = data.race.length > 0 && !this.own;
    const side = this.at("asks").nextElementSibling;
    side.hidden = !data.race.length;
    side.textContent = racing ? "This network" : "The race";
    this.at("asks").textContent = racing ? "The race" : "Is it right?";
    this.at("accuracy").textContent = racing ? "" : share(accuracy);
    this.at("accuracy").hidden = racing;
    if (racing) this.fillRacers();
    else this.at("against").textContent = data.measure;
    this.at("loss").textContent = nats(mix(before.loss, data.loss));
    this.at("loss-against").textContent = "nats an answer";
    const lines = racing
      ? data.race.map(({ color, curve }) => ({ color, points: curve, wide: 2 }))
      : [{ color: accent, points: data.curve.map(([step, , value]) => [step, value]), wide: 2.5 }];
    const steps = racing ? Math.max(10, ...data.race.flatMap(({ curve }) => curve.map(([step]) => step))) : Math.max(10, end);
    const bottom = Math.min(0, ...(racing ? [] : data.curve.map(([, , value]) => Math.max(-1, value ?? 0))));
    this.chart(this.at("right"), { lines, x: [0, steps], y: [bottom, 1], rival: { ...data.rival, at: data.rival.score }, end: racing ? Infinity : end, unit: share });
    const top = Math.max(0.1, data.rival.loss * 1.25, ...data.curve.map(([, loss]) => Math.min(loss ?? 0, data.rival.loss * 4)));
    const of = (points) => points.map(([step, loss]) => [step, loss === null ? null : Math.min(loss, top)]);
    this.chart(this.at("wrong"), {
      lines: [
        { color: style.getPropertyValue("--line"), points: of(data.losses), wide: 1 },
        { color: accent, points: of(data.curve), wide: 2.5 },
      ],
      x: [0, Math.max(10, end)], y: [0, top], rival: { ...data.rival, at: data.rival.loss }, end, unit: nats,
    });
    this.drawBack(data.gradient.map((value, i) => mixed(before.gradient[i], value, part)), accent);
    this.drawWeights(part);
    if (data.pad !== null) this.drawPad();
    else if (data.more.alone) this.drawAlone(accent, style.getPropertyValue("--line"));
    if (part < 1) return; // the rest is words, which nobody hears in between
    const label = `${share(data.accuracy)} ${data.measure} after ${data.shown} steps; ${data.rival.title} ${share(data.rival.score)}`;
    this.at("right").setAttribute("aria-label", label);
    this.at("wrong").setAttribute("aria-label", `Loss ${nats(data.loss)} nats; ${data.rival.title} ${nats(data.rival.loss)}`);
  }

  pen(canvas) {
    const ratio = Math.min(2, devicePixelRatio || 1) * 1.35;
    // Asked once a picture: what is written in between would have the page laid out at every question.
    if (!this.sizes.has(canvas)) this.sizes.set(canvas, [canvas.clientWidth, canvas.clientHeight]);
    const [width, height] = this.sizes.get(canvas);
    if (canvas.width !== Math.round(width * ratio)) Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = "11px system-ui, sans-serif";
    return { pen, width, height };
  }

  chart(canvas, { lines, x, y, rival, end, unit }) {
    const { pen, width, height } = this.pen(canvas);
    if (!width) return;
    const [left, right, head, foot] = [34, 6, 6, 16];
    const px = (value) => left + ((value - x[0]) / (x[1] - x[0])) * (width - left - right);
    const py = (value) => head + (1 - (value - y[0]) / (y[1] - y[0])) * (height - head - foot);
    pen.fillStyle = this.soft;
    pen.textAlign = "right";
    for (const value of [y[0], y[1]]) pen.fillText(unit(value), left - 4, py(value) + 4);
    pen.textAlign = "left";
    pen.fillText("0", left, height - 3);
    pen.textAlign = "right";
    pen.fillText(`${Math.round(x[1]).toLocaleString("en")} steps`, width - right, height - 3);
    pen.strokeStyle = this.soft;
    pen.globalAlpha = 0.35;
    pen.strokeRect(left, head, width - left - right, height - head - foot);
    pen.globalAlpha = 1;
    if (rival.at !== null && rival.at >= y[0] && rival.at <= y[1]) {
      pen.setLineDash([5, 4]);
      pen.beginPath();
      pen.moveTo(left, py(rival.at));
      pen.lineTo(width - right, py(rival.at));
      pen.stroke();
      pen.setLineDash([]);
    }
    pen.lineJoin = "round";
    lines.forEach(({ points, color, wide }) => {
      pen.strokeStyle = color;
      pen.lineWidth = wide;
      pen.beginPath();
      let last = null;
      for (const [step, value] of points) {
        if (value === null) continue;
        const clipped = Math.max(y[0], Math.min(y[1], value));
        if (step > end && last) {
          const part = (end - last[0]) / (step - last[0]);
          pen.lineTo(px(end), py(last[1] + (clipped - last[1]) * part));
          break;
        }
        pen[last ? "lineTo" : "moveTo"](px(step), py(clipped));
        last = [step, clipped];
      }
      pen.stroke();
    });
    pen.lineWidth = 1;
    if (rival.at !== null && rival.at >= y[0] && rival.at <= y[1]) {
      const drawn = ([step, value]) => step <= end && value !== null;
      const at = lines.flatMap(({ points }) => along(points.filter(drawn).map(([step, value]) => [px(step), py(value)])));
      this.label(canvas, pen, `${rival.title}: ${unit(rival.at)}`, py(rival.at), [left + 4, width - right - 4], [head, height - foot], at);
    }
  }

  // The words of a dashed line: over it or under it, at its end or at its beginning, where fewest points of the curves lie. They stay
  // there until a curve comes in their way, with an edge in the colour of the ground, so that they can be read in any case.
  label(canvas, pen, words, line, [left, right], [head, foot], points) {
    const width = pen.measureText(words).width;
    const spots = [right - width, left].flatMap((x) => [line - 4, line + 12].map((y) => [x, y]));
    const there = spots.filter(([, y]) => y - 10 >= head - 4 && y <= foot);
    const covered = ([x, y]) => points.filter(([px, py]) => px > x - 6 && px < x + width + 6 && py > y - 13 && py < y + 5).length;
    const kept = there[Number(canvas.dataset.spot ?? 0)];
    const spot = kept && !covered(kept) ? kept : there.reduce((best, one) => (covered(one) < covered(best) ? one : best));
    canvas.dataset.spot = there.indexOf(spot);
    pen.textAlign = "left";
    pen.lineWidth = 4;
    pen.strokeStyle = this.ground;
    pen.strokeText(words, ...spot);
    pen.fillStyle = this.soft;
    pen.fillText(words, ...spot);
    pen.lineWidth = 1;
  }

  // A bar for each distance, on a log axis from 1e-8 to 1: the answer's own step at the right.
  drawBack(gradient, accent) {
    const canvas = this.at("back");
    const { pen, width, height } = this.pen(canvas);
    if (!width) return;
    const [left, right, head, foot] = [40, 6, 6, 16];
    const most = Math.max(1, ...gradient.filter((value) => value !== null));
    const top = Math.ceil(Math.log10(most));
    const level = (value) => Math.max(0, Math.min(1, 1 + (Math.log10(Math.max(value, 1e-30)) - top) * PER_DECADE));
    const room = height - head - foot;
    const wide = (width - left - right) / Math.max(1, gradient.length);
    pen.fillStyle = this.soft;
    pen.textAlign = "right";
    for (const [power, at] of [[top, 0], [top - 4, 0.5], [top - 8, 1]]) pen.fillText(power === 0 ? "1" : `1e${power}`.replace("-", "−"), left - 4, head + at * room + 4);
    pen.globalAlpha = 0.35;
    pen.strokeStyle = this.soft;
    pen.strokeRect(left, head, width - left - right, room);
    pen.globalAlpha = 1;
    pen.fillStyle = accent;
    gradient.forEach((value, distance) => {
      if (value === null) return;
      const size = level(value) * room;
      pen.fillRect(width - right - (distance + 1) * wide + 0.5, head + room - size, Math.max(1, wide - 1), size);
    });
    pen.fillStyle = this.soft;
    pen.textAlign = "left";
    pen.fillText(`${gradient.length - 1} steps before`, left, height - 3);
    pen.textAlign = "right";
    pen.fillText("the answer", width - right, height - 3);
    const [near, far] = [gradient[0], gradient.at(-1)];
    const times = far > 0 && near > 0 ? far / near : 0;
    const [words, meaning] =
      near === null || far === null ? ["no number", "it has exploded"]
      : times === 0 ? ["0", "of it reaches the beginning"]
      : times >= 0.01 ? [times >= 10 ? `${Math.round(times)} ×` : `${times.toFixed(2)} ×`, "as strong at the beginning"]
      : [`10${raised(Math.round(Math.log10(times)))}`, "of it reaches the beginning"];
    this.at("reach").textContent = words;
    this.at("reach-words").textContent = meaning;
    canvas.setAttribute("aria-label", `Gradient by distance from the answer: ${words} ${meaning}`);
  }

  drawWeights(part) {
    const { weights, heat } = this.data;
    const [negative, positive] = [heat.negative, heat.positive].map(hex);
    this.at("weights").querySelectorAll("figure").forEach((figure, i) => {
      const map = weights[i];
      const old = this.before.weights[i];
      const paint = (canvas, value, most) => {
        const image = new ImageData(map.columns, map.rows);
        for (let k = 0; k < map.values.length; k += 1) {
          const v = value(k);
          const color = v < 0 ? negative : positive;
          image.data[4 * k] = color[0];
          image.data[4 * k + 1] = color[1];
          image.data[4 * k + 2] = color[2];
          image.data[4 * k + 3] = Math.min(255, (255 * Math.abs(v)) / most);
        }
        canvas.getContext("2d").putImageData(image, 0, 0);
      };
      const now = map.largest / 127;
      const was = old.values.length === map.values.length ? old.largest / 127 : 0;
      const before = (k) => (was ? old.values[k] * was : map.values[k] * now);
      paint(figure.children[0], (k) => before(k) * (1 - part) + map.values[k] * now * part, map.largest);
      if (this.before !== this.data) paint(figure.children[1], (k) => map.values[k] * now - before(k), map.largest / 6);
      if (part === 1) figure.title = `${map.title}: ${map.rows} rows, ${map.split ? `the first ${map.split} columns for what goes in, the rest for the old state` : "a row for each answer"}; from −${map.largest} to ${map.largest}`;
    });
  }

  drawPad() {
    const sheet = this.pen(this.at("pad"));
    const style = getComputedStyle(this.root);
    const color = (name) => style.getPropertyValue(`--${name}`);
    if (sheet.width) this.pad.draw(sheet, { accent: color("accent"), line: color("line"), soft: style.color, learnt: this.data.more.learnt });
  }

  drawAlone(accent, line) {
    const { seen, truth, alone } = this.data.more;
    const canvas = this.at("alone");
    const { pen, width, height } = this.pen(canvas);
    if (!width) return;
    const all = [...seen, ...truth];
    const low = Math.min(...all), high = Math.max(...all), edge = (high - low) * 0.15 || 1;
    const px = (i) => 8 + (i / (all.length - 1)) * (width - 16);
    const py = (value) => 8 + (1 - (Math.max(low - edge, Math.min(high + edge, value)) - low + edge) / (high - low + 2 * edge)) * (height - 16);
    const path = (values, first, color, wide) => {
      pen.strokeStyle = color;
      pen.lineWidth = wide;
      pen.beginPath();
      values.forEach((value, i) => pen[i ? "lineTo" : "moveTo"](px(first + i), py(value)));
      pen.stroke();
    };
    path([...seen, ...truth], 0, line, 1.5);
    path([seen.at(-1), ...alone], seen.length - 1, accent, 3);
    pen.setLineDash([3, 3]);
    pen.beginPath();
    pen.lineWidth = 1;
    pen.moveTo(px(seen.length - 1), 0);
    pen.lineTo(px(seen.length - 1), height);
    pen.stroke();
    pen.setLineDash([]);
    canvas.setAttribute("aria-label", `The curve, and ${alone.length} values that the network guesses on its own`);
  }
}

// Between two sizes, on the log axis on which they are drawn.
const mixed = (old, now, part) => {
  if (now === null || !(old > 0) || !(now > 0)) return now;
  return Math.exp(Math.log(old) * (1 - part) + Math.log(now) * part);
};
const raised = (power) => String(power).replace("-", "⁻").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);
