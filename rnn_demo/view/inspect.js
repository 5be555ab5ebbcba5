// One step, looked at: what came out, what spoke for it, what it looked at; in sentences and in tables too.

const TOP_UNITS = 6;

const withInspection = (Base) =>
  class extends Base {
  inspect() {
    const { tokens, names, faces, colors, x, choose } = this.data;
    const step = this.looked = this.pinned || this.hovered || Math.max(this.current, 1);
    const token = tokens[step - 1];
    this.root.dataset.pinned = this.pinned || "";
    this.columns.forEach((column, i) => column.element.classList.toggle("uv-pinned", i + 1 === this.pinned));
    this.at("inspect").hidden = !token || !this.ownLens();
    this.reachScissors();
    if (!token) return this.drawLinks(-1);
    if (!this.at("share").hidden) this.writeLink();

    const heading = this.at("now-card").querySelector("h2");
    const known = token.time <= this.current;
    const mark = this.pinned ? " (pinned)" : known ? "" : " (still to come)";
    const written = this.writes(step - 1); // a word that is written is not told before it is
    heading.replaceChildren(`Step ${step}: `, make("", written && !known ? "" : token.text, "bdi"), mark);
    this.root.classList.toggle("uv-unknown", !known);
    if (!known) {
      this.at("probs").replaceChildren(make("uv-small", "The network has not come so far yet.", "p"));
      return this.drawLinks(-1);
    }
    const best = names.length <= TOP_ANSWERS ? names.map((_, k) => k) : likeliest(token.probs, TOP_ANSWERS);
    this.at("probs").replaceChildren(
      ...(token.answer
        ? best.map((k) => meter(faces[k], token.probs[k], percent(token.probs[k]), colors[names[k]], names[k] === token.answer, choose, names[k]))
        : [make("uv-small", token.aloud, "p")]),
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
    this.at("became").replaceChildren("How ", make("", token.text, "bdi"), " became numbers");
    this.at("near").textContent = token.about;
  }

  // The first lens is drawn here, the others by the page.
  ownLens() {
    const { lens, lenses } = this.data;
    return !lenses.length || lens.name === lenses[0][0];
  }

  // Of two events in one moment Streamlit may drop the first: so once more, until the page shows the lens.
  takeLens(name, tries = 5) {
    this.onChosen({ lens: name });
    clearTimeout(this.taking);
    this.taking = setTimeout(() => {
      if (tries && this.isOpen && this.data.lens.name !== name) this.takeLens(name, tries - 1);
    }, 1500);
  }

  drawLenses() {
    const { lens, lenses } = this.data;
    this.at("lenses").hidden = lenses.length < 2;
    const row = this.at("choice");
    if (row.children.length !== lenses.length) {
      row.replaceChildren(
        ...lenses.map(([name, title, question]) => Object.assign(make("", title, "button"), { type: "button", title: question, name })),
      );
    }
    for (const button of row.children) button.setAttribute("aria-pressed", String(button.name === lens.name));
    this.at("question").textContent = lenses.find(([name]) => name === lens.name)?.[2] ?? "";
  }

  drawPushes(i) {
    const { tokens, names, faces, colors } = this.data;
    const label = tokens[i].answer;
    const here = this.chainsAt(i).filter(({ chain }) => label && chain.says);
    this.at("says").parentNode.hidden = !here.length;
    if (!here.length) return;
    const k = names.indexOf(label);
    this.at("says").textContent = `The hidden units that raise ${faces[k]} most at this step`;
    const loud = here.flatMap(({ chain, at }) => this.pushes(chain, at, k).map((push) => ({ ...push, chain })));
    loud.sort((a, b) => b.push - a.push);
    this.at("units").replaceChildren(
      ...loud.slice(0, TOP_UNITS).map(({ unit, u, value, push, chain }) => {
        const where = here.length > 1 ? `${chain.name} ${unit}` : `unit ${unit}`;
        const row = meter(where, push / loud[0].push, signed(push), colors[label]);
        const speaks = `when it is positive it favours ${speaksFor(chain).get(unit)}`;
        row.title = `h = ${signed(value)}, times its weight, adds ${signed(push)} to the score of ${faces[k]}; ${speaks}`;
        const line = tells(chain, u);
        if (line) row.children[0].append(make("uv-tells", ` ${line}`, "i"));
        if (line) row.classList.add("uv-telling");
        return row;
      }),
    );
  }

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
    this.linked = i;
    this.columns.forEach(({ element, small }, k) => {
      if (!this.data.attention || k >= this.data.attention[0]?.length) return;
      small.textContent = looks && looks[k] >= 0.005 ? percent(looks[k]) : "";
      element.style.setProperty("--look", looks ? looks[k] : 0);
    });
    svg.replaceChildren();
    if (!looks) return;
    // Under the words that were written runs one line; it rises where the two networks meet, and parts above the numbers.
    const start = this.at("steps").offsetLeft;
    const middle = ({ element }) => start + element.offsetLeft + element.offsetWidth / 2;
    const writer = this.columns[i].element;
    const lane = writer.querySelector(".uv-up").offsetTop + 9;
    const block = writer.querySelector(".uv-block");
    const from = start + writer.offsetLeft + block.offsetLeft + 8;
    const foot = block.offsetParent === writer ? block.offsetTop : block.offsetParent.offsetTop + block.offsetTop;
    const gap = start + this.columns[looks.length].element.offsetLeft - 10;
    const numbers = this.columns[0].small.offsetTop - 3;
    looks.forEach((weight, k) => {
      if (weight < 0.02) return;
      const to = middle(this.columns[k]);
      const rise = numbers - 46;
      const path = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
      path.setAttribute(
        "d",
        `M${from} ${foot} V${lane + 8} Q${from} ${lane} ${from - 8} ${lane} H${gap + 8} Q${gap} ${lane} ${gap} ${lane - 8} ` +
          `V${numbers} C${gap} ${rise} ${to} ${rise} ${to} ${numbers}`,
      );
      path.style.cssText = `stroke-width:${1 + 5 * weight};opacity:${0.15 + 0.85 * weight}`;
    });
  }

  // What each unit adds to the score of answer k after token i: its h times its weight, over what it adds to all answers.
  pushes(chain, i, k) {
    const size = chain.units.length;
    return chain.units.map((unit, u) => {
      const value = chain.h[i * size + u] / 127;
      return { unit, u, value, push: (value * chain.says.values[k * size + u] * chain.says.largest) / 127 };
    });
  }

  sentence(step) {
    const { tokens } = this.data;
    if (!step) return `Step 0 of ${this.length}: nothing has been read.`;
    const token = tokens[step - 1];
    if (token.time > step) return `Step ${step} of ${this.length}: the second chain has not reached ${token.text} yet.`;
    return `Step ${step} of ${this.length}: ${token.text}, ${token.aloud}.`;
  }

  summary() {
    const tagged = this.is("answers-each") ? this.data.tokens.filter((token) => token.mark.joins) : [];
    const found = tagged.map((token) => `${token.text} ${token.answer}`);
    return `${this.length} steps. ${this.data.verdict.join(" ")} ${found.join(", ")}`;
  }

  say(words) {
    this.at("live").textContent = words;
  }

  // For who cannot see the picture: a row a step, as far as the reading stands.
  drawTables() {
    const rows = this.data.tokens.map(({ text, aloud, under, was }, i) => {
      const parts = this.chainsAt(i).map((place) => {
        const values = this.levelsOf(place).map(([name, value]) => `${name} ${small(value)}`);
        return [this.data.chains.length > 1 ? `${place.chain.name}:` : "", ...values].filter(Boolean).join(" ");
      });
      return [i + 1, text, [aloud, was && `without the change: ${was}`, under].filter(Boolean).join("; "), parts.join("; ")];
    });
    const heading = ["step", "goes in", "comes out", "memory, in nats a unit"];
    this.at("told").replaceChildren(table("The network, step by step", heading, rows), ...this.vocabularies());
    if (this.learning) this.drawErrorTable();
    if (this.trail) this.drawTrailTable();
    this.showRows(this.current);
    this.drawTable();
  }

  showRows(step) {
    const rows = this.at("told").querySelector("tbody")?.rows ?? [];
    if (rows.length === this.length) this.data.tokens.forEach(({ time }, i) => (rows[i].hidden = time > step));
  }

  // What every unit tells, for who cannot point at one, as long as all units are shown.
  vocabularies() {
    const measured = unfolded ? this.data.chains.filter((chain) => chain.tells) : [];
    return measured.map((chain) => {
      const rows = chain.units.map((unit, u) => [unit, tells(chain, u)]);
      return table(`What each hidden unit tells, ${chain.name} chain`, ["unit", "tells"], rows);
    });
  }

  drawTable() {
    if (this.at("table").hidden) return;
    const { tokens, faces, chains } = this.data;
    const head = ["step", "token", "answer", ...faces.map((name) => `p(${name})`)];
    const rows = tokens.map((token, i) => [i + 1, token.text, token.shown, ...token.probs.map((p) => (token.answer ? p.toFixed(4) : ""))]);
    const tables = [table("Answers and their probabilities", head, rows)];
    for (const chain of chains) {
      const size = chain.units.length;
      const speaks = speaksFor(chain);
      const read = tokens.slice(chain.first, chain.first + chain.time.length);
      const values = chain.units.map((unit, u) => [unit, speaks.get(unit), ...(chain.tells ? [tells(chain, u)] : []), ...read.map((_, i) => (chain.h[i * size + u] / 127).toFixed(2))]);
      tables.push(table(`Hidden state, ${chain.name} chain, −1 to 1`, ["unit", "favours, when positive", ...(chain.tells ? ["tells"] : []), ...read.map((token) => token.text)], values));
    }
    this.at("table").replaceChildren(...tables);
  }
  };
