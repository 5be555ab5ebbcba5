// The live view: draws a payload of trace_view.py as an unrolled network, and plays it.
//
// Streamlit calls the default export at every change of the data or the theme, with the same element; now and then, when the
// server is busy, it cleans up in between. One View an element lives on through all of it. Whatever a visitor typed goes in by
// textContent only.

const STEP_MS = 800; // one step at speed 1, of which MOVE_MS are seen to move
const MOVE_MS = 340;
const SETTLE_MS = 700; // typing has come to rest
const TOP_UNITS = 6;
const MANY = 60; // steps; of more than that, none is laid out anew when another one is added
const TOP_ANSWERS = 8;
const MOST_SENT = 20000; // characters; what is beyond stays in the box, and the page says where reading stopped
const MOST_INKED = 4000; // characters that can be underlined
const LONGEST_LINK = 8000; // bytes; longer addresses are cut by some mail programs and proxies

const RAIL = { "one-to-many": "is written", "encoder-decoder": "is written", "next-word": "comes next?" };

const views = new WeakMap();
const drafts = new Map(); // what stands in the box of each page, whole, and in which turn it was typed

export default function ({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) views.set(parentElement, (view = new View(parentElement.querySelector(".uv"))));
  view.onSettled = () => setTriggerValue("settled", true);
  view.onTyped = (text) => setTriggerValue("typed", { text });
  view.onChosen = (step, name) => setTriggerValue("chosen", { step, name });
  view.open();
  view.update(data);
  return () => view.close();
}

const make = (className, text = "", tag = "div") => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};
const percent = (p) => (p > 0.995 ? ">99 %" : p < 0.005 ? "<1 %" : `${Math.round(p * 100)} %`); // never quite sure, as in words.py
const signed = (v) => (v < 0 ? "−" : "+") + Math.abs(v).toFixed(2);
const numbers = (base64) => Int8Array.from(atob(base64), (c) => c.charCodeAt(0));
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

class View {
  constructor(root) {
    this.root = root;
    this.at = (name) => root.querySelector(`.uv-${name}`);
    this.columns = [];
    this.data = null;
    this.current = 0; // steps that have been read
    this.pinned = this.hovered = 0; // a step, 1..T, or 0 for none
    this.speed = 1;
    this.playing = false;
    this.moves = [];
    this.folded = this.newColumn(this.at("folded").querySelector(".uv-column"));
    this.typed = this.at("box").querySelector("textarea");

    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("keydown", (event) => this.pressed(event));
    this.typed.addEventListener("input", () => this.onTyping());
    this.typed.addEventListener("scroll", () => (this.at("ink").scrollTop = this.typed.scrollTop));
    this.at("scrub").addEventListener("input", (event) => this.jump(Number(event.target.value)));
    this.at("steps").addEventListener("pointerover", (event) => this.hover(stepOf(event.target)));
    this.at("steps").addEventListener("pointerleave", () => this.hover(0));
    this.touched = (event) => {
      if (this.auto && (!root.contains(event.target) || event.target === this.typed)) this.jump(this.length);
    };
  }

  open() {
    this.isOpen = true;
    for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, this.touched, true);
  }

  close() {
    this.isOpen = false;
    this.pause();
    for (const kind of ["pointerdown", "keydown"]) document.removeEventListener(kind, this.touched, true);
  }

  get length() {
    return this.data.tokens.length;
  }

  // The chains that have a block in column i, each with the place of that block.
  chainsAt(i) {
    return this.data.chains.filter(({ first, time }) => i >= first && i < first + time.length).map((chain) => ({ chain, at: i - chain.first }));
  }

  // Whether what comes out of column i is written, and goes in again in the next one.
  writes(i) {
    const { shape, chains } = this.data;
    return shape === "one-to-many" || (shape === "encoder-decoder" && i >= chains.at(-1).first);
  }

  // ---- new data: a key was pressed, another cell chosen, or the theme changed -----------------------------------

  update(data) {
    const before = this.data;
    const first = !before;
    const typed = !first && before.text !== data.text;
    this.data = data;
    if (typeof data.x.values === "string") {
      // once: a change of theme brings the same object again
      data.x.values = numbers(data.x.values);
      for (const chain of data.chains) {
        chain.h = numbers(chain.h);
        if (chain.says) chain.says.values = numbers(chain.says.values);
      }
    }
    if (!first && before.cell === data.cell && data.shape === "many-to-many") this.markRevised(before, data);
    if (this.pinned > this.length || (typed && before.tokens[this.pinned - 1]?.text !== data.tokens[this.pinned - 1]?.text)) this.pinned = 0;
    this.hovered = 0;

    this.root.dataset.task = data.task;
    this.root.style.setProperty("--look-color", data.heat.positive);
    this.root.dataset.shape = data.shape;
    this.root.classList.toggle("uv-lists", data.names.length > TOP_ANSWERS);
    this.fillBox();
    this.root.dataset.text = data.text;
    this.root.dataset.cell = data.cell;
    if (this.at("note").textContent !== data.note) this.at("note").textContent = data.note;
    this.at("weights").textContent = data.weights.toLocaleString("en");
    const [heading, remark] = data.verdict;
    this.at("verdict").hidden = !heading;
    this.at("verdict").querySelector("b").textContent = heading;
    this.at("verdict").querySelector("span").textContent = remark;
    this.drawSides();
    this.root.classList.toggle("uv-many", this.length > MANY);
    while (this.columns.length < this.length) {
      this.columns.push(this.newColumn(this.at("steps").appendChild(make("uv-column"))));
    }
    while (this.columns.length > this.length) this.columns.pop().element.remove();
    this.columns.forEach((column, i) => this.fill(column, i));
    this.at("scrub").max = this.length;
    this.closeSide("share");

    if (typed || first) {
      this.pause();
      const start = first && data.start !== null ? Math.min(data.start, this.length) : this.length;
      if (first && data.autoplay && !calm()) {
        this.show(0);
        this.play(true);
      } else this.show(start);
    } else this.show(Math.min(this.current, this.length));
    if (typed) {
      this.typing = true;
      clearTimeout(this.settling);
      this.settling = setTimeout(() => this.settled(), SETTLE_MS);
    } else this.drawTable();
  }

  // ---- the text box, with the words underlined ------------------------------------------------------------------

  fillBox() {
    const { box, task } = this.data;
    this.at("box").hidden = !box;
    if (!box) return;
    this.typed.setAttribute("aria-label", box.label);
    this.typed.placeholder = box.placeholder;
    this.typed.rows = box.rows;
    if (this.turn !== box.turn || this.task !== task) {
      // What has been typed since the page last put a text here stays, even if the page has not heard of it yet.
      const draft = drafts.get(task);
      this.typed.value = draft?.turn === box.turn ? draft.text : box.text;
      const sent = this.typed.value.slice(0, MOST_SENT);
      if (sent !== box.text) this.onTyped(sent);
      Object.assign(this, { turn: box.turn, task });
    }
    this.ink();
  }

  onTyping() {
    drafts.set(this.data.task, { text: this.typed.value, turn: this.turn });
    this.ink();
    clearTimeout(this.waiting);
    const send = () => this.isOpen && this.onTyped(this.typed.value.slice(0, MOST_SENT));
    if (this.data.wait) this.waiting = setTimeout(send, this.data.wait);
    else send();
  }

  // The same text behind the box, in clear letters: only its underlines are seen. Where a word has changed since it was
  // read, its underline is gone until the answer comes.
  ink() {
    const signs = Array.from(this.typed.value.slice(0, MOST_INKED)); // places are counted in code points
    const parts = [];
    let done = 0;
    for (const { text, start, end, tint } of this.data.tokens) {
      const [color, strength] = tint;
      const word = signs.slice(start, end).join("");
      if (strength < 0.02 || word.toLowerCase() !== text.toLowerCase()) continue;
      const mark = make("", word, "u");
      mark.style.textDecorationColor = `color-mix(in srgb, ${color} ${Math.round(100 * strength)}%, transparent)`;
      parts.push(signs.slice(done, start).join(""), mark);
      done = end;
    }
    this.at("ink").replaceChildren(...parts, signs.slice(done).join("") + "\u200b"); // so that a last empty line has its height
  }

  settled() {
    this.typing = false;
    this.say(this.summary());
    this.drawTable();
    if (this.data.settle && this.isOpen) this.onSettled();
  }

  // A token whose label is another one than a moment ago, though no token up to it has changed: only a chain that reads
  // backwards can do that. The mark stays until somebody types again after a rest.
  markRevised(before, data) {
    const stays = this.typing || before.text === data.text;
    let same = true;
    data.tokens.forEach((token, i) => {
      const old = before.tokens[i];
      same &&= old?.text === token.text;
      const was = same && (old.label !== token.label ? old.label : stays && old.was);
      token.was = was && was !== token.label ? was : "";
    });
  }

  newColumn(element) {
    const out = element.appendChild(make("uv-out"));
    const column = {
      element,
      label: out.appendChild(make("uv-label")),
      small: out.appendChild(make("uv-small-print")),
      bars: out.appendChild(make("uv-bars")),
      was: out.appendChild(make("uv-was")),
      chains: [],
    };
    element.appendChild(make("uv-up"));
    column.blocks = element.appendChild(make("uv-blocks"));
    element.appendChild(make("uv-up"));
    column.word = element.appendChild(make("uv-word")).appendChild(make("", "", "bdi"));
    column.under = column.word.parentNode.appendChild(make("uv-under"));
    column.heats = element.appendChild(make("uv-heats"));
    column.back = element.appendChild(feedback());
    element.append(handOver());
    return column;
  }

  // A block and a strip of hidden state for each of the column's chains; the last chain stands on top.
  setChains(column, count) {
    const { cell } = this.data;
    const block = count > 1 ? cell.replace(/^Bi/, "") : cell;
    while (column.chains.length > count) {
      const { row, heat } = column.chains.pop();
      row.remove();
      heat.remove();
    }
    while (column.chains.length < count) {
      const row = make("uv-row");
      column.blocks.prepend(row);
      row.append(make("uv-wire"), make("uv-block"), make("uv-wire"));
      const heat = column.heats.appendChild(make("uv-heat", "", "canvas"));
      column.chains.push({ row, heat });
    }
    column.chains.forEach(({ row }, c) => {
      row.classList.toggle("uv-back", c > 0);
      row.children[1].textContent = block;
    });
  }

  fill(column, i) {
    const { tokens, names, faces, colors, shape, cell } = this.data;
    const token = tokens[i];
    const here = this.chainsAt(i);
    column.here = here;
    column.element.classList.toggle("uv-last", i === tokens.length - 1);
    column.element.classList.toggle("uv-writes", this.writes(i));
    column.element.classList.toggle("uv-first-writes", shape === "encoder-decoder" && this.writes(i) && !this.writes(i - 1));
    const few = names.length <= TOP_ANSWERS;
    const best = !token.label ? [] : few ? names.map((_, k) => k) : likeliest(token.probs, 5);
    // While somebody types, a causal chain leaves all but the last column as it was.
    const strips = here.map(({ chain, at }) => chain.h.subarray(at * chain.units.length, (at + 1) * chain.units.length));
    const answers = best.map((k) => [names[k], token.probs[k]]);
    const shown = JSON.stringify([cell, shape, here.length, { ...token, probs: answers }, strips.map((strip) => String.fromCharCode(...strip))]);
    if (column.shown === shown) return;
    column.shown = shown;
    this.setChains(column, here.length);
    this.fillToken(column, token);
    column.element.dataset.mark = token.mark;
    column.under.textContent = token.under;
    column.under.hidden = !token.under;
    column.chains.forEach(({ row, heat }, c) => {
      this.paint(heat, strips[c]);
      // The column stands for the first chain, and of a second one its row.
      const marks = { step: i + 1, token: token.text, label: token.label };
      if (here.length > 1) marks.chain = here[c].chain.name;
      const element = c ? row : column.element;
      delete element.dataset.chain;
      Object.assign(element.dataset, marks);
    });
    while (column.bars.children.length > best.length) column.bars.lastChild.remove();
    while (column.bars.children.length < best.length) column.bars.append(make("", "", "i"));
    best.forEach((k, n) => {
      const bar = column.bars.children[n];
      bar.style.cssText = `--p:${Math.max(1, token.probs[k] * 100)}%;--share:${token.probs[k]};--label:${colors[names[k]]}`;
      if (few) return;
      bar.dataset.answer = names[k];
      bar.dataset.face = faces[k];
      bar.dataset.p = percent(token.probs[k]);
      bar.title = `${faces[k]}: ${percent(token.probs[k])}`;
      bar.classList.toggle("uv-taken", names[k] === token.label);
    });
  }

  fillToken(column, token) {
    const { names, colors, shape } = this.data;
    column.element.classList.toggle("uv-none", shape === "many-to-many" && token.label === names[0]);
    column.element.style.setProperty("--label", colors[token.label]);
    column.label.textContent = token.shown;
    column.small.textContent = token.small;
    column.was.textContent = token.was ? `was ${token.was}` : "";
    column.word.textContent = token.text;
    column.word.parentNode.title = token.text;
  }

  // Numbers -most..most as a strip of colour, a pixel a number. 0 is clear, so the page's theme is the middle of the scale.
  paint(canvas, values, most = 127, across = false) {
    const [width, height] = across ? [values.length, 1] : [1, values.length];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const image = new ImageData(width, height);
    const [negative, positive] = [this.data.heat.negative, this.data.heat.positive].map(rgb);
    values.forEach((value, i) => {
      image.data.set(value < 0 ? negative : positive, 4 * i);
      image.data[4 * i + 3] = (255 * Math.abs(value)) / most;
    });
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  // The rail of row names, the zero state, the folded network and the legend: they change with the cell only.
  drawSides() {
    const { chains, cell, colors, meanings, heat, task, shape } = this.data;
    const key = task + cell;
    if (this.sides === key) return;
    this.sides = key;
    const rail = this.at("rail");
    const reading = chains.filter((chain) => chain.first === 0); // the others begin where these end
    this.root.classList.toggle("uv-twice", reading.length > 1);
    this.root.dataset.chains = reading.length;
    rail.replaceChildren(make("uv-out", RAIL[shape] ?? "comes out"), make("uv-up"));
    const blocks = rail.appendChild(make("uv-blocks"));
    reading.forEach((chain, c) => blocks.prepend(make("uv-row", reading.length > 1 ? `reads ${c ? "backward" : "forward"}` : "the block")));
    rail.append(make("uv-up"), make("uv-word", "goes in"));
    const heats = rail.appendChild(make("uv-heats"));
    const height = parseInt(getComputedStyle(this.root).getPropertyValue("--heat"));
    for (const chain of reading) {
      const bands = heats.appendChild(make("uv-bands"));
      for (const [name, size] of chain.groups) {
        const band = bands.appendChild(make("uv-band", (size * height) / chain.units.length > 13 ? name : ""));
        band.style.cssText = `flex:${size};--label:${colors[name]}`;
        band.title = `${size} hidden units that speak for ${name}`;
      }
    }

    // Each chain starts from zero, the backward one at the far end.
    [this.at("zero"), this.at("far")].forEach((side, far) => {
      side.hidden = far && (chains.length === 1 || shape === "encoder-decoder");
      side.title = "Before its first word the hidden state is zero: the network knows nothing of this text.";
      side.replaceChildren(make("uv-out"), make("uv-up"));
      const zeroBlocks = side.appendChild(make("uv-blocks"));
      reading.forEach((_, c) => {
        const row = make(c ? "uv-row uv-back" : "uv-row");
        const starts = Boolean(far) === c > 0;
        const parts = starts ? [make("uv-nought", "0"), make("uv-wire")] : [make("uv-wire")];
        row.append(...(far ? parts.reverse() : parts));
        zeroBlocks.prepend(row);
      });
      side.append(make("uv-up"), make("uv-word", "start"), make("uv-heats"));
    });

    this.at("became").textContent = task === "name" ? "How the letter became numbers" : "How the word became numbers";
    this.at("fold-what").textContent = shape === "encoder-decoder" ? "one block that reads, and one that writes, each" : chains.length > 1 ? "two blocks, one a direction," : "one block,";

    const legend = this.at("legend");
    legend.replaceChildren();
    for (const [name, meaning] of Object.entries(meanings)) {
      const entry = legend.appendChild(make("uv-key", "", "span"));
      entry.append(make("uv-swatch", "", "i"), make("", name, "b"), ` ${meaning}`);
      entry.style.setProperty("--label", colors[name]);
    }
    const scale = legend.appendChild(make("uv-key", "hidden state: −1", "span"));
    const ramp = scale.appendChild(make("uv-ramp", "", "i"));
    ramp.style.background = `linear-gradient(90deg, ${heat.negative}, transparent, ${heat.positive})`;
    scale.append("+1");
    legend.append("Clear at 0; a row is one unit, grouped by the answer it speaks for, the loudest on top");
  }

  // ---- where the reading stands ---------------------------------------------------------------------------------

  // `step` tokens have been read. What each chain has read by then, and what could be answered by then, is lit.
  show(step, moving = false) {
    this.moves.forEach((move) => move.cancel());
    this.moves = [];
    this.current = step;
    this.root.dataset.current = step;
    const { tokens } = this.data;
    this.columns.forEach((column, i) => {
      column.element.classList.toggle("uv-answered", tokens[i].time <= step);
      const times = column.here.map(({ chain, at }) => chain.time[at]);
      column.chains.forEach(({ row, heat }, c) => {
        row.classList.toggle("uv-read", times[c] <= step);
        row.classList.toggle("uv-now", times[c] === step);
        heat.classList.toggle("uv-read", times[c] <= step);
        if (moving && times[c] === step) this.moveBlock(column, row, heat, c);
      });
      column.element.classList.toggle("uv-reached", times.some((time) => time <= step));
      column.element.classList.toggle("uv-now", times[0] === step);
      if (moving && tokens[i].time === step && tokens[i].label) this.moveOut(column);
    });
    this.fold(Math.max(step, 1) - 1);
    this.at("scrub").value = step;
    this.at("scrub").setAttribute("aria-valuetext", `step ${step} of ${this.length}`);
    this.at("count").textContent = `step ${step} of ${this.length}`;
    const now = tokens[Math.max(step, 1) - 1];
    if (now) this.fillToken(this.folded, now);
    else this.folded.word.textContent = "";
    this.folded.element.classList.toggle("uv-answered", step > 0 && now?.time <= step);
    this.keepInSight(step);
    this.inspect();
  }

  // The folded network has the blocks that column i has, each with an arrow back to itself.
  fold(i) {
    const count = this.columns[i]?.here.length ?? this.data.chains.filter((chain) => chain.first === 0).length;
    this.setChains(this.folded, count);
    for (const { row, heat } of this.folded.chains) {
      heat.remove();
      if (!row.querySelector(".uv-loop")) row.append(loop());
    }
    this.folded.element.classList.toggle("uv-writes", this.writes(i));
  }

  // A step is seen to happen: the word rises, the state arrives from its side, the block lights up, the label leaves.
  moveBlock(column, row, heat, c) {
    if (calm()) return;
    const pace = { duration: MOVE_MS / Math.max(1, this.speed), easing: "ease-out" };
    const from = c ? 1 : -1;
    const animate = (element, frames, delay = 0) =>
      this.moves.push(element.animate(frames, { ...pace, delay: delay * pace.duration, fill: "backwards" }));
    animate(column.word, [{ transform: "translateY(0)" }, { transform: "translateY(-14px)", opacity: 0.4, offset: 0.6 }, { transform: "none" }]);
    animate(row.children[c ? 2 : 0], [{ transform: `scaleX(0)`, opacity: 0.2 }, { transform: "none", opacity: 1 }]);
    animate(row.children[1], [{ transform: `translateX(${from * 8}px)`, filter: "brightness(1)" }, { filter: "brightness(1.25)", offset: 0.6 }, { transform: "none" }], 0.3);
    animate(heat, [{ opacity: 0.15 }, { opacity: 1 }], 0.5);
  }

  moveOut(column) {
    if (calm()) return;
    const duration = MOVE_MS / Math.max(1, this.speed);
    const frames = [{ transform: "translateY(26px)", opacity: 0 }, { transform: "none", opacity: 1 }];
    for (const element of [column.label, column.small, column.bars]) {
      this.moves.push(element.animate(frames, { duration, delay: duration * 0.45, fill: "backwards", easing: "ease-out" }));
    }
    if (column.element.classList.contains("uv-writes")) this.moveBack(column, duration);
  }

  // What was written goes round, to be the next input.
  moveBack(column, duration) {
    const courier = column.back.querySelector("b");
    courier.textContent = column.label.textContent;
    const { clientWidth: w, clientHeight: h } = column.back;
    const at = (x, y) => ({ transform: `translate(${x}px, ${y}px)`, opacity: 1 });
    const frames = [at(0, 0), at(w / 2, 0), at(w / 2, h), at(w, h)];
    this.moves.push(courier.animate(frames, { duration: 1.1 * duration, delay: duration, easing: "ease-in-out" }));
  }

  keepInSight(step) {
    const scroll = this.at("scroll");
    const column = this.columns[Math.max(step, 1) - 1]?.element;
    if (!column || scroll.scrollWidth <= scroll.clientWidth) return;
    const rail = this.at("rail").offsetWidth;
    const left = column.offsetLeft - rail;
    const right = column.offsetLeft + column.offsetWidth - scroll.clientWidth;
    if (step === 0) scroll.scrollLeft = 0;
    else if (scroll.scrollLeft > left) scroll.scrollLeft = left - 20;
    else if (scroll.scrollLeft < right) scroll.scrollLeft = right + 20;
  }

  jump(step) {
    this.pause();
    this.pinned = 0;
    const to = Math.max(0, Math.min(this.length, step));
    this.show(to, to === this.current + 1);
    this.say(this.sentence(this.current));
  }

  play(auto = false) {
    if (!this.length) return;
    if (this.current >= this.length) this.show(0);
    this.pinned = 0;
    this.playing = true;
    this.auto = auto;
    this.root.classList.add("uv-playing");
    this.button("play").setAttribute("aria-label", "Pause");
    let due = performance.now() + (this.current ? 0 : 350);
    const tick = (now) => {
      if (!this.playing) return;
      if (now >= due) {
        this.show(this.current + 1, true);
        due = now + STEP_MS / this.speed;
        if (this.current >= this.length) {
          this.say(this.summary());
          return this.pause();
        }
        if (!this.auto) this.say(this.sentence(this.current));
      }
      this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  pause() {
    this.playing = this.auto = false;
    cancelAnimationFrame(this.frame);
    this.root.classList.remove("uv-playing");
    this.button("play").setAttribute("aria-label", "Play");
  }

  // ---- what a visitor does --------------------------------------------------------------------------------------

  button(name) {
    return this.root.querySelector(`[data-do=${name}]`);
  }

  clicked(event) {
    const button = event.target.closest("button");
    if (button?.dataset.speed) {
      this.speed = Number(button.dataset.speed);
      for (const other of button.parentNode.children) other.setAttribute("aria-pressed", String(other === button));
    } else if (event.target.closest("[data-answer]")) this.choose(event.target.closest("[data-answer]"));
    else if (button) this.does(button.dataset.do);
    else if (this.at("steps").contains(event.target) && stepOf(event.target)) this.pin(stepOf(event.target));
  }

  does(what) {
    const actions = {
      first: () => this.jump(0),
      back: () => this.jump(this.current - 1),
      play: () => (this.playing ? this.pause() : this.play()),
      forward: () => this.jump(this.current + 1),
      last: () => this.jump(this.length),
      numbers: () => this.toggleSide("numbers", "table", () => this.drawTable()),
      share: () => this.toggleSide("share", "share", () => this.drawLink()),
    };
    actions[what]();
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input[type=text], textarea")) {
      if (event.target === this.typed && event.key === "Enter" && this.data.box.rows === 1) event.preventDefault();
      return;
    }
    if (event.target === this.at("scroll") && event.key === "Enter" && this.length) return this.pin(this.pinned || Math.max(1, this.current));
    const keys = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", " ": "play" };
    const inTable = this.at("table").contains(event.target);
    if (!(event.key in keys) || inTable || (event.key === " " && event.target.closest("button"))) return;
    event.preventDefault();
    this.does(keys[event.key]);
  }

  // Another answer than the one that was given: the page goes on from there.
  choose(element) {
    if (!this.data.choose) return;
    const step = stepOf(element) || this.looked;
    this.onChosen(step, element.dataset.answer);
  }

  hover(step) {
    if (this.hovered === step) return;
    this.hovered = step;
    this.inspect();
  }

  pin(step) {
    this.pause();
    this.pinned = this.pinned === step ? 0 : step;
    if (this.pinned > this.current) this.show(this.pinned);
    this.inspect();
    this.say(this.sentence(step));
  }

  // ---- looking at one step --------------------------------------------------------------------------------------

  inspect() {
    const { tokens, names, faces, colors, x, choose } = this.data;
    const step = this.looked = this.pinned || this.hovered || Math.max(this.current, 1);
    const token = tokens[step - 1];
    this.root.dataset.pinned = this.pinned || "";
    this.columns.forEach((column, i) => column.element.classList.toggle("uv-pinned", i + 1 === this.pinned));
    this.at("inspect").hidden = !token;
    if (!token) return;
    if (!this.at("share").hidden) this.writeLink();

    const heading = this.at("now-card").querySelector("h2");
    const mark = this.pinned ? " (pinned)" : token.time > this.current ? " (still to come)" : "";
    heading.replaceChildren(`Step ${step}: `, make("", token.text, "bdi"), mark);
    const best = names.length <= TOP_ANSWERS ? names.map((_, k) => k) : likeliest(token.probs, TOP_ANSWERS);
    this.at("probs").replaceChildren(
      ...(token.label
        ? best.map((k) => meter(faces[k], token.probs[k], percent(token.probs[k]), colors[names[k]], names[k] === token.label, choose, names[k]))
        : [make("uv-small", token.said, "p")]),
    );
    this.drawLinks(step - 1);
    const looks = this.looks(step - 1);
    if (looks) this.drawLooks(looks);
    else this.drawPushes(step - 1);

    const total = x.parts.reduce((sum, [, size]) => sum + size, 0);
    let from = (step - 1) * total;
    this.at("x").replaceChildren(
      ...x.parts.map(([name, size]) => {
        const part = make("uv-part");
        const canvas = part.appendChild(make("uv-strip", "", "canvas"));
        const values = x.values.subarray(from, from + size);
        this.paint(canvas, values, Math.max(1, ...values.map(Math.abs)), true);
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", `${name}: ${size} numbers`);
        part.append(make("uv-small", `${name}, ${size} numbers`, "span"));
        from += size;
        return part;
      }),
    );
    this.at("near").textContent = token.about;
  }

  drawPushes(i) {
    const { tokens, names, faces, colors } = this.data;
    const label = tokens[i].label;
    const here = this.chainsAt(i).filter(({ chain }) => label && chain.says);
    this.at("says").parentNode.hidden = !here.length;
    if (!here.length) return;
    const k = names.indexOf(label);
    this.at("says").textContent = `Hidden units that speak loudest for ${faces[k]}`;
    const loud = here.flatMap(({ chain, at }) => this.pushes(chain, at, k).map((push) => ({ ...push, chain })));
    loud.sort((a, b) => b.push - a.push);
    this.at("units").replaceChildren(
      ...loud.slice(0, TOP_UNITS).map(({ unit, value, push, chain }) => {
        const where = here.length > 1 ? `${chain.name} ${unit}` : `unit ${unit}`;
        const row = meter(where, push / loud[0].push, signed(push), colors[label]);
        row.title = `h = ${signed(value)}, times its weight, adds ${signed(push)} to the score of ${faces[k]}`;
        return row;
      }),
    );
  }

  // ---- attention: what a column that writes looked at ------------------------------------------------------------

  // How much column i looked at each of the first columns; undefined where it does not look.
  looks(i) {
    const { attention } = this.data;
    return attention?.[i - (this.length - attention.length)];
  }

  drawLooks(looks) {
    const { tokens, heat } = this.data;
    const most = likeliest(looks, TOP_UNITS);
    this.at("says").parentNode.hidden = false;
    this.at("says").textContent = "What it looked at while writing this";
    this.at("units").replaceChildren(...most.map((k) => meter(tokens[k].text, looks[k], percent(looks[k]), heat.positive)));
  }

  // An arc from the column that writes to each column that it looked at, the stronger the more; and the weights in numbers.
  drawLinks(i) {
    const looks = this.looks(i);
    const svg = this.at("links");
    this.columns.forEach(({ element, small }, k) => {
      if (!this.data.attention || k >= this.data.attention[0]?.length) return;
      small.textContent = looks && looks[k] >= 0.005 ? percent(looks[k]) : "";
      element.style.setProperty("--look", looks ? looks[k] : 0);
    });
    svg.replaceChildren();
    if (!looks) return;
    const middle = ({ element }) => element.offsetLeft + element.offsetWidth / 2;
    const top = this.columns[i].element.querySelector(".uv-up").offsetTop + 6;
    const from = middle(this.columns[i]) - 12;
    looks.forEach((weight, k) => {
      if (weight < 0.02) return;
      const to = middle(this.columns[k]);
      const path = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
      path.setAttribute("d", `M${from} ${top + 16} C${from - 40} ${top - 70}, ${to + 40} ${top - 110}, ${to} ${top - 24}`);
      path.style.cssText = `stroke-width:${1 + 5 * weight};opacity:${0.15 + 0.85 * weight}`;
    });
  }

  // What each unit adds to the score of answer k after token i: its h times its weight, over what it adds to all answers.
  pushes(chain, i, k) {
    const size = chain.units.length;
    const n = this.data.names.length;
    return chain.units.map((unit, u) => {
      const value = chain.h[i * size + u] / 127;
      return { unit, value, push: (value * chain.says.values[u * n + k] * chain.says.largest) / 127 };
    });
  }

  sentence(step) {
    const { tokens } = this.data;
    if (!step) return `Step 0 of ${this.length}: nothing has been read.`;
    const token = tokens[step - 1];
    if (token.time > step) return `Step ${step} of ${this.length}: the second chain has not reached ${token.text} yet.`;
    return `Step ${step} of ${this.length}: ${token.text}, ${token.said}.`;
  }

  summary() {
    const tagged = this.data.shape === "many-to-many" ? this.data.tokens.filter((token) => token.mark) : [];
    const found = tagged.map((token) => `${token.text} ${token.label}`);
    return `${this.length} steps. ${this.data.verdict.join(" ")} ${found.join(", ")}`;
  }

  say(words) {
    this.at("live").textContent = words;
  }

  // ---- share and numbers ----------------------------------------------------------------------------------------

  toggleSide(button, side, draw) {
    const element = this.at(side);
    element.hidden = !element.hidden;
    this.button(button).setAttribute("aria-expanded", String(!element.hidden));
    if (!element.hidden) draw();
  }

  closeSide(side) {
    this.at(side).hidden = true;
    this.button(side).setAttribute("aria-expanded", "false");
  }

  writeLink() {
    const step = this.pinned || this.current;
    const part = step < this.length ? `&step=${step}` : "";
    const input = this.at("share").querySelector("input");
    input.value = `${location.origin}${location.pathname}?${this.data.query}${part}`;
    this.at("share").querySelector("span").textContent = "";
    const file = this.at("file");
    file.hidden = input.value.length <= LONGEST_LINK;
    input.parentNode.hidden = !file.hidden;
    if (!file.hidden) file.href = `data:text/plain;charset=utf-8,${encodeURIComponent(this.data.text)}`;
    return input;
  }

  async drawLink() {
    const input = this.writeLink();
    const status = this.at("share").querySelector("span");
    if (input.parentNode.hidden) {
      status.textContent = "This text is too long for a link. Share it as a file, and paste it into the box.";
      return;
    }
    input.focus();
    input.select();
    try {
      await navigator.clipboard.writeText(input.value);
      status.textContent = "Copied.";
    } catch {
      status.textContent = "Copy it from here."; // the browser keeps its clipboard to itself
    }
  }

  drawTable() {
    if (this.at("table").hidden) return;
    const { tokens, faces, chains } = this.data;
    const head = ["step", "token", "answer", ...faces.map((name) => `p(${name})`)];
    const rows = tokens.map((token, i) => [i + 1, token.text, token.shown, ...token.probs.map((p) => (token.label ? p.toFixed(4) : ""))]);
    const tables = [table("Answers and their probabilities", head, rows)];
    for (const chain of chains) {
      const size = chain.units.length;
      const speaks = chain.groups.flatMap(([name, count]) => Array(count).fill(name));
      const read = tokens.slice(chain.first, chain.first + chain.time.length);
      const values = chain.units.map((unit, u) => [unit, speaks[u], ...read.map((_, i) => (chain.h[i * size + u] / 127).toFixed(2))]);
      tables.push(table(`Hidden state, ${chain.name} chain, −1 to 1`, ["unit", "speaks for", ...read.map((token) => token.text)], values));
    }
    this.at("table").replaceChildren(...tables);
  }
}

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

function table(caption, head, rows) {
  const element = document.createElement("table");
  element.createCaption().textContent = caption;
  const top = element.createTHead().insertRow();
  for (const words of head) top.append(Object.assign(make("", words, "th"), { scope: "col" }));
  const body = element.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const value of row) line.insertCell().textContent = value;
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
