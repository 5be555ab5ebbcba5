// The network: a column a step, each with its blocks, its hidden state and what comes out; and what stands around the columns.

const MANY = 60; // steps; of more than that, none is laid out anew when another one is added
const TOP_ANSWERS = 8;
const LEAST_ROW = 11; // pixels of a row of the memory
const MOST_ROW = 30;
let unfolded = false; // whether every unit is shown: it holds for the whole visit, on all pages

const withColumns = (Base) =>
  class extends Base {
  // The chains that have a block in column i, each with the place of that block.
  chainsAt(i) {
    return this.data.chains.filter(({ first, time }) => i >= first && i < first + time.length).map((chain) => ({ chain, at: i - chain.first }));
  }

  // The chains that read from the first column on; of two networks the second one begins where these end.
  readers() {
    const { chains } = this.data;
    return this.is("two-networks") ? chains.slice(0, -1) : chains.filter((chain) => chain.first === 0);
  }

  // Whether what comes out of column i is written, and goes in again in the next one.
  writes(i) {
    return this.is("feeds-back") && i >= this.data.chains.at(-1).first;
  }

  // A token whose label is another one than a moment ago, though no token up to it has changed: only a chain that reads
  // backwards can do that. The mark stays until somebody types again after a rest.
  markRevised(before, data) {
    const stays = this.typing || before.text === data.text;
    let same = true;
    data.tokens.forEach((token, i) => {
      const old = before.tokens[i];
      same &&= old?.text === token.text;
      const was = same && (old.answer !== token.answer ? old.answer : stays && old.was);
      token.was = was && was !== token.answer ? was : "";
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
    column.memory = element.appendChild(make("uv-memory"));
    column.heats = element.appendChild(make("uv-heats"));
    column.back = element.appendChild(feedback());
    if (element.parentNode === this.at("steps")) column.cut = element.appendChild(scissors());
    element.append(handOver());
    return column;
  }

  // The first and the last column that is in sight. While a network learns, each picture changes all of them: those that nobody sees
  // are drawn when they are scrolled to, or once it rests.
  inSight() {
    const { scrollLeft, clientWidth } = this.at("scroll");
    const from = scrollLeft - this.at("steps").offsetLeft;
    const seen = this.columns.map(({ element }) => element.offsetLeft + element.offsetWidth > from && element.offsetLeft < from + clientWidth);
    return [seen.indexOf(true), seen.lastIndexOf(true)];
  }

  scrolled() {
    if (!this.sight) return;
    this.sight = this.inSight();
    this.columns.forEach((column, i) => this.fill(column, i));
  }

  // A block and a strip of hidden state for each of the column's chains; the last chain stands on top.
  setChains(column, count) {
    const { cell } = this.data;
    const block = count > 1 ? cell.replace(/^Bi/, "") : cell;
    while (column.chains.length > count) {
      for (const part of Object.values(column.chains.pop())) part.remove();
    }
    while (column.chains.length < count) {
      const row = make("uv-row");
      column.blocks.prepend(row);
      row.append(make("uv-wire"), make("uv-block"), make("uv-wire"));
      const heat = column.heats.appendChild(make("uv-heat", "", "canvas"));
      column.chains.push({ row, heat, rows: column.memory.appendChild(make("uv-rows")) });
    }
    column.chains.forEach(({ row }, c) => {
      row.classList.toggle("uv-back", c > 0);
      row.children[1].textContent = block;
    });
  }

  fill(column, i) {
    const { tokens, names, faces, colors, cell } = this.data;
    const token = tokens[i];
    const here = this.chainsAt(i);
    column.here = here;
    column.element.classList.toggle("uv-last", i === tokens.length - 1);
    column.element.classList.toggle("uv-writes", this.writes(i));
    column.element.classList.toggle("uv-first-writes", this.is("two-networks") && this.writes(i) && !this.writes(i - 1));
    const few = names.length <= TOP_ANSWERS;
    const best = !token.answer ? [] : few ? names.map((_, k) => k) : likeliest(token.probs, 5);
    // While somebody types, a causal chain leaves all but the last column as it was.
    const strips = here.map(({ chain, at }) => chain.h.subarray(at * chain.units.length, (at + 1) * chain.units.length));
    const answers = best.map((k) => [names[k], token.probs[k]]);
    const levels = here.map(({ chain: { levels }, at }) => levels.values.subarray(at * levels.names.length, (at + 1) * levels.names.length));
    const bytes = [...strips, ...levels].map((part) => String.fromCharCode(...part));
    const edited = this.data.edits.length > 0; // the same words are written in another way then
    const shown = JSON.stringify([cell, edited, here.map(({ chain }) => chain.levels.names), here[0].chain.levels.largest, { ...token, probs: answers }, bytes]);
    if (column.shown === shown || (this.sight && (i < this.sight[0] || i > this.sight[1]))) return;
    column.shown = shown;
    this.setChains(column, here.length);
    this.fillToken(column, token);
    const { language } = this.data;
    for (const element of [column.label, column.bars]) element.lang = language;
    column.word.lang = this.writes(i) ? language : "";
    column.under.textContent = token.under;
    column.under.hidden = !token.under;
    column.chains.forEach(({ row, heat, rows }, c) => {
      this.paint(heat, strips[c]);
      this.fillRows(rows, here[c]);
      // The column stands for the first chain, and of a second one its row.
      const marks = { step: i + 1, token: token.text, label: token.answer };
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
      bar.title = `${this.data.titles[faces[k]] ?? faces[k]}: ${percent(token.probs[k])}`;
      bar.classList.toggle("uv-taken", names[k] === token.answer);
    });
  }

  fillToken(column, token) {
    const { colors } = this.data;
    column.element.dataset.mark = token.mark.joins;
    column.element.style.setProperty("--label", colors[token.answer]);
    column.label.textContent = token.shown;
    column.label.title = this.data.titles[token.shown] ?? "";
    column.small.textContent = token.note;
    column.was.textContent = !token.was ? "" : this.data.edits.length ? `${token.was} → ${token.shown || "nothing"}` : `was ${token.was}`;
    column.was.title = column.was.textContent;
    column.word.textContent = token.text;
    column.word.parentNode.title = this.data.titles[token.text] ?? (token.wasText ? `${token.text}, where ${token.wasText} stood` : token.text);
  }

  // What each row of a chain's memory is at a step: [name, nats a unit].
  levelsOf({ chain: { levels }, at }) {
    const { names, values, largest } = levels;
    return names.map((name, r) => [name, (values[at * names.length + r] * largest) / 127]);
  }

  // A bar a row: up for the answer, down and pale against it.
  fillRows(rows, place) {
    const { largest, names } = place.chain.levels;
    rows.replaceChildren(
      ...this.levelsOf(place).map(([name, value], r) => {
        const bar = make(value < 0 ? "uv-level uv-against" : "uv-level");
        if (names.indexOf(name) < r) bar.classList.toggle("uv-again", r === names.indexOf(names[0], 1));
        bar.style.cssText = `--v:${Math.abs(value) / largest};--label:${this.data.colors[name]}`;
        bar.title = `${place.chain.name}, ${name}: ${small(value)} nats a unit`;
        return bar;
      }),
    );
  }

  unfold() {
    unfolded = !unfolded;
    this.markUnfolded();
    this.drawTables();
    if (unfolded) this.at("rail").querySelector(".uv-bands").scrollIntoView({ block: "nearest" });
  }

  markUnfolded() {
    this.root.classList.toggle("uv-unfolded", unfolded || this.is("no-readout"));
    this.button("units")?.setAttribute("aria-expanded", String(unfolded));
  }

  // The unit that is pointed at in the unfolded state, by its own line.
  pointAt(event) {
    const canvas = event.target.closest(".uv-heat");
    const i = canvas ? stepOf(canvas) - 1 : -1;
    const place = this.columns[i]?.here[this.columns[i].chains.findIndex(({ heat }) => heat === canvas)];
    if (!place) return;
    const { chain, at } = place;
    const size = chain.units.length;
    const u = Math.max(0, Math.min(size - 1, Math.floor((event.offsetY / canvas.clientHeight) * size)));
    canvas.title = `unit ${chain.units[u]}: h = ${signed(chain.h[at * size + u] / 127)}${tells(chain, u, "; ")}`;
  }

  // The rows of the memory are drawn as high as the screen has room for, so that the whole network is seen at once.
  fit() {
    const page = this.root.closest(".stMainBlockContainer");
    const scroll = this.at("scroll");
    if (!page || !scroll.offsetHeight) return;
    this.enlarge();
    if (this.linked >= 0) this.drawLinks(this.linked); // the columns have moved
    const zoom = scroll.getBoundingClientRect().height / scroll.offsetHeight;
    const bottom = (scroll.getBoundingClientRect().bottom - page.getBoundingClientRect().top) / zoom;
    const rail = this.at("rail");
    const rows = rail.querySelectorAll(".uv-level").length || 1;
    const now = rail.querySelector(".uv-level")?.offsetHeight ?? 0;
    const room = now + (innerHeight / zoom - bottom - 6 + rail.querySelector(".uv-heats").offsetHeight) / rows;
    this.root.style.setProperty("--row", `${Math.floor(Math.max(LEAST_ROW, Math.min(MOST_ROW, room)))}px`);
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
    const { chains, cell, colors, meanings, heat, task, watch } = this.data;
    const reading = this.readers();
    const key = [task, cell, reading.length, reading[0]?.levels.names].join();
    if (this.sides === key) return this.drawScale();
    this.sides = key;
    const rail = this.at("rail");
    this.root.classList.toggle("uv-twice", reading.length > 1);
    this.root.classList.toggle("uv-ends", reading.length > 1 && this.is("answers-last")); // the answer rests on both ends
    this.root.dataset.chains = reading.length;
    rail.replaceChildren(make("uv-out", this.is("feeds-back") ? "is written" : this.is("guesses") ? "comes next?" : "comes out"), make("uv-up"));
    const blocks = rail.appendChild(make("uv-blocks"));
    reading.forEach((chain, c) => blocks.prepend(make("uv-row", reading.length > 1 ? `reads ${c ? "backward" : "forward"}` : "the block")));
    rail.append(make("uv-up"), make("uv-word", "goes in"));
    const memory = rail.appendChild(make("uv-memory"));
    const head = memory.appendChild(make("uv-watch"));
    const units = chains.reduce((sum, chain) => sum + chain.units.length, 0);
    const button = Object.assign(make("", `All ${units.toLocaleString("en")} units`, "button"), { type: "button" });
    button.dataset.do = "units";
    head.append(make("", "Memory:", "b"), make("", watch, "span"), button);
    for (const chain of reading) {
      const rows = memory.appendChild(make("uv-rows"));
      for (const name of chain.levels.names) {
        const row = rows.appendChild(make("uv-level", name));
        row.style.setProperty("--label", colors[name]);
      }
    }
    const heats = rail.appendChild(make("uv-heats"));
    this.markUnfolded();
    for (const chain of reading) {
      const bands = heats.appendChild(make("uv-bands"));
      const height = bands.clientHeight;
      for (const [name, size] of chain.groups) {
        const band = bands.appendChild(make("uv-band", (size * height) / chain.units.length > 13 ? name : ""));
        band.style.cssText = `flex:${size};--label:${colors[name]}`;
        band.title = `${size} hidden units that favour ${name}`;
      }
    }

    // Each chain starts from zero, the backward one at the far end.
    [this.at("zero"), this.at("far")].forEach((side, far) => {
      side.hidden = far && (reading.length === 1 || this.is("two-networks"));
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

    this.at("fold-what").textContent = this.is("two-networks") ? "one block that reads, and one that writes, each" : chains.length > 1 ? "two blocks, one a direction," : "one block,";

    const legend = this.at("legend");
    legend.replaceChildren();
    for (const [name, meaning] of Object.entries(meanings)) {
      const entry = legend.appendChild(make("uv-key", "", "span"));
      entry.append(make("uv-swatch", "", "i"), make("", name, "b"), ` ${meaning}`);
      entry.style.setProperty("--label", colors[name]);
    }
    this.bars = legend.appendChild(make("uv-key", "", "span"));
    const scale = legend.appendChild(make("uv-key uv-state", "hidden state: −1", "span"));
    const ramp = scale.appendChild(make("uv-ramp", "", "i"));
    ramp.style.background = `linear-gradient(90deg, ${heat.negative}, transparent, ${heat.positive})`;
    scale.append("+1");
    const grouped = this.is("no-readout") ? "" : ", grouped by the answer that it favours, the strongest on top";
    legend.append(make("uv-state", `Clear at 0; each row is one unit${grouped}`, "span"));
    this.drawScale();
  }

  // What the bars of the memory mean, and how much fills one.
  drawScale() {
    const [{ levels, says }] = this.data.chains;
    this.bars.hidden = this.is("no-readout");
    const how = says ? "what it adds to the score" : "the slope of the readout at zero, since it bends";
    this.bars.textContent = `Memory: mean over the units that favour an answer of h times ${how}; up for it, down and pale against it; a full bar is ${small(levels.largest).slice(1)} nats a unit`;
  }
  };
