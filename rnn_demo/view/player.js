// Where the reading stands, and how it moves on.

const STEP_MS = 800; // one step at speed 1, of which MOVE_MS are seen to move
const MOVE_MS = 340;

const withPlayer = (Base) =>
  class extends Base {
  // `step` tokens have been read. What each chain has read by then, and what could be answered by then, is lit.
  show(step, moving = false) {
    step = Math.min(step, this.limit()); // what is to be guessed first stays hidden
    this.moves.forEach((move) => move.cancel());
    this.moves = [];
    this.current = step;
    this.root.dataset.current = step;
    const { tokens } = this.data;
    this.columns.forEach((column, i) => {
      column.element.classList.toggle("uv-answered", tokens[i].time <= step);
      const times = column.here.map(({ chain, at }) => chain.time[at]);
      column.chains.forEach(({ row, heat, rows }, c) => {
        rows.classList.toggle("uv-read", times[c] <= step);
        row.classList.toggle("uv-read", times[c] <= step);
        row.classList.toggle("uv-now", times[c] === step);
        heat.classList.toggle("uv-read", times[c] <= step);
        if (moving && times[c] === step) this.moveBlock(column, row, heat, c, rows);
      });
      column.element.classList.toggle("uv-reached", times.some((time) => time <= step));
      column.element.classList.toggle("uv-now", times[0] === step);
      if (moving && tokens[i].time === step && tokens[i].answer) this.moveOut(column);
    });
    this.fold(Math.max(step, 1) - 1);
    if (this.data.box) this.ink();
    this.drawVerdict(step);
    this.showRows(step);
    this.showTrail();
    this.at("scrub").value = step;
    this.at("scrub").setAttribute("aria-valuetext", `step ${step} of ${this.length}`);
    this.at("count").textContent = `step ${step} of ${this.length}`;
    const now = tokens[Math.max(step, 1) - 1];
    if (now) this.fillToken(this.folded, now);
    else this.folded.word.textContent = "";
    this.folded.element.classList.toggle("uv-answered", step > 0 && now?.time <= step);
    // With the next frame, for which all is laid out anyway: to ask for a place now would lay it out once more.
    this.seeing ??= requestAnimationFrame(() => {
      this.seeing = null;
      this.keepInSight(this.current);
    });
    this.follow();
    this.inspect();
    this.drawGuess();
  }

  // What came out in the end, once that is known; before that, what is known so far.
  drawVerdict(step) {
    const { verdict, known, tokens, language } = this.data;
    const partial = tokens.filter((token) => token.so_far && token.time <= step).at(-1)?.so_far ?? "";
    const [heading, remark] = step >= known ? verdict : [partial, partial && "so far"];
    this.at("verdict").hidden = !verdict[0];
    const words = this.at("verdict").querySelector("b");
    words.textContent = heading;
    words.lang = language;
    const was = step >= known && this.data.wasVerdict ? ` It was: ${this.data.wasVerdict}` : "";
    this.at("verdict").querySelector("span").textContent = remark + was;
  }

  // The folded network has the blocks that column i has, each with an arrow back to itself.
  fold(i) {
    const count = this.columns[i]?.here.length ?? this.readers().length;
    this.setChains(this.folded, count);
    for (const { row, heat } of this.folded.chains) {
      heat.remove();
      if (!row.querySelector(".uv-loop")) row.append(loop());
    }
    this.folded.element.classList.toggle("uv-writes", this.writes(i));
    this.folded.word.lang = this.writes(i) ? this.data.language : "";
    this.folded.label.lang = this.data.language;
  }

  // A step is seen to happen: the word rises, the state arrives from its side, the block lights up, the label leaves.
  moveBlock(column, row, heat, c, rows) {
    if (calm()) return;
    const pace = { duration: MOVE_MS / Math.max(1, this.speed), easing: "ease-out" };
    const from = c ? 1 : -1;
    const animate = (element, frames, delay = 0) =>
      this.moves.push(element.animate(frames, { ...pace, delay: delay * pace.duration, fill: "backwards" }));
    animate(column.word, [{ transform: "translateY(0)" }, { transform: "translateY(-14px)", opacity: 0.4, offset: 0.6 }, { transform: "none" }]);
    animate(row.children[c ? 2 : 0], [{ transform: `scaleX(0)`, opacity: 0.2 }, { transform: "none", opacity: 1 }]);
    animate(row.children[1], [{ transform: `translateX(${from * 8}px)`, filter: "brightness(1)" }, { filter: "brightness(1.25)", offset: 0.6 }, { transform: "none" }], 0.3);
    for (const bar of rows.children) animate(bar, [{ transform: "scaleY(0)" }, { transform: "none" }], 0.5);
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
    if (this.sight && step === this.keptInSight) return; // while it learns, whoever has scrolled back stays there
    this.keptInSight = step;
    if (!column || scroll.scrollWidth <= scroll.clientWidth) return;
    const rail = this.at("rail").offsetWidth;
    const at = this.at("steps").offsetLeft + column.offsetLeft;
    const left = at - rail;
    const right = at + column.offsetWidth - scroll.clientWidth;
    if (step === 0) scroll.scrollLeft = 0;
    else if (step === this.length) scroll.scrollLeft = scroll.scrollWidth; // with the zero that a second chain starts from
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
    if (this.current >= this.limit()) return this.at("guess").querySelector("button")?.focus();
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
        if (this.current >= this.limit()) {
          this.say(this.question() ? this.at("guess").textContent : this.summary());
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
  };
