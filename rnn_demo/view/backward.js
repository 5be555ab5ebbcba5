// Backwards through time: how the errors of the answers travel from right to left, the way that a network learns.

const DECADES = 3; // powers of ten between the thickest arrow and the thinnest

const LEARNS =
  "Learning goes backwards: the error of each answer enters its block from above and is handed on to the words before it. " +
  "What arrives at a block changes the weights, the same ones at every step; where the dark arrows have thinned away, the network cannot learn to remember.";

const withBackward = (Base) =>
  class extends Base {
  get learning() {
    return Boolean(this.data.lens.backward?.length);
  }

  askBackward() {
    if (this.learning) this.stopBackward();
    this.onChosen({ learn: this.learning ? 0 : 1 });
  }

  drawBackward(before) {
    const button = this.button("learn");
    button.hidden = !this.data.lens.backward;
    button.textContent = this.learning ? "Stop" : "Play it backwards: how it learns";
    this.root.classList.toggle("uv-learning", this.learning);
    const words = this.at("learns");
    words.hidden = !this.learning;
    if (this.hasErrors) this.stopBackward();
    this.hasErrors = this.learning;
    if (!this.learning) return;
    const all = this.data.lens.backward.flatMap(({ own, carried }) => [...own, ...carried]);
    const most = Math.max(...all, 1e-30);
    const told = `Dark: what the last answer sends back; pale: all answers. The thickest arrow is ${plainNumber(most)}, a third less is ten times less. As if every answer were the right one.`;
    words.replaceChildren(make("", LEARNS, "span"), " ", make("uv-small", told, "span"));
    this.columns.forEach((column, i) => this.drawErrors(column, i, most));
    const same = JSON.stringify(before?.lens.backward) === JSON.stringify(this.data.lens.backward);
    if (!same) this.playBackward();
    else this.playBackward(this.errorsFrom); // the page was drawn anew in between
  }

  // Two arrows at every block: down from its own answer, and from the block that comes after it in its chain.
  drawErrors(column, i, most) {
    column.here.forEach(({ chain, at }, c) => {
      const errors = this.data.lens.backward[this.data.chains.indexOf(chain)];
      const arrow = (kind, value, words) => {
        const element = make(`uv-error uv-${kind}${c ? " uv-error-back" : ""}`);
        const share = Math.max(0, 1 + Math.log10(Math.max(value, 1e-30) / most) / DECADES);
        element.style.setProperty("--share", share);
        element.classList.toggle("uv-gone", share === 0);
        element.title = `${words}: ${plainNumber(value)}`;
        return element;
      };
      const [own, carried, last] = [errors.own[at], errors.carried[at], errors.last[at]];
      const ends = own > 0 && last > 0 && Math.abs(own - last) < 1e-9; // the last answer is this one's
      if (own > 0 && c === 0) column.element.append(arrow(ends ? "own" : "own uv-pale", own, "this step's own error"));
      if (carried > 0) column.chains[c].row.append(arrow("carried uv-pale", carried, "carried back to here, from all answers"));
      if (carried > 0 && last > 0 && !ends) column.chains[c].row.append(arrow("carried", last, "carried back to here, from the last answer"));
    });
  }

  // The errors have come back as far as step `step`; those of a chain that reads from the end go the other way.
  showBackward(step) {
    this.errorsFrom = step;
    this.root.dataset.errors = step;
    this.columns.forEach((column, i) => {
      column.chains.forEach(({ row }, c) => {
        const { chain, at } = column.here[c];
        const time = chain.time[at]; // the later a block was read, the sooner its error is known
        row.classList.toggle("uv-felt", time >= step);
        row.classList.toggle("uv-feels", time === step);
      });
      column.element.classList.toggle("uv-felt", column.here[0].chain.time[column.here[0].at] >= step);
    });
  }

  playBackward(from = Math.max(...this.data.chains.flatMap(({ time }) => time)) + 1) {
    clearTimeout(this.goingBack);
    if (from > this.length) this.say(LEARNS);
    if (calm()) return this.showBackward(0);
    const go = (step) => {
      this.showBackward(step);
      if (step > 0 && this.learning) this.goingBack = setTimeout(() => go(step - 1), (STEP_MS * 0.6) / this.speed);
    };
    go(from);
  }

  stopBackward() {
    clearTimeout(this.goingBack);
    delete this.root.dataset.errors;
    for (const { element } of this.columns) {
      element.querySelectorAll(".uv-error").forEach((arrow) => arrow.remove());
      for (const part of [element, ...element.querySelectorAll(".uv-row")]) part.classList.remove("uv-felt", "uv-feels");
    }
  }

  // The same as text, for who cannot see arrows.
  drawErrorTable() {
    const rows = this.columns.flatMap((column, i) =>
      column.here.map(({ chain, at }) => {
        const errors = this.data.lens.backward[this.data.chains.indexOf(chain)];
        const name = this.data.chains.length > 1 ? `${i + 1}, ${chain.name}` : i + 1;
        return [name, this.data.tokens[i].text, ...["own", "carried", "last"].map((part) => plainNumber(errors[part][at]))];
      }),
    );
    this.at("told").append(table("Errors on the way back", ["step", "word", "own error", "carried back", "from the last answer"], rows));
  }
  };
