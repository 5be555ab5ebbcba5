// What an answer rests on, as a trail that runs under the words: the thicker and the more filled, the more a word matters to it; solid
// where a word speaks for the answer, striped where it speaks against it.

const LEAST_FULL = 1; // nats: where no word adds as much, the trail stays thin

const TRAIL_KEY = "The trail under the words: solid speaks for it, striped against it; the thicker, the more.";

const withTrail = (Base) =>
  class extends Base {
  // {"step", "said", "adds"}, or null as long as nothing is known.
  get trail() {
    const trail = this.data.lens.trail;
    return trail?.adds?.length ? trail : null;
  }

  drawTrail() {
    const said = this.at("rests");
    const { trail } = this.data.lens;
    said.hidden = !trail;
    if (trail) said.replaceChildren(make("", trail.said ?? "What the answer rests on is reckoned once typing rests.", "span"));
    if (this.trail) said.append(" ", make("uv-small", TRAIL_KEY, "span"));
    const most = Math.max(LEAST_FULL, ...(this.trail?.adds ?? []).map(Math.abs));
    this.columns.forEach(({ element, word }, i) => {
      const adds = this.trail?.adds[i] ?? null;
      element.querySelector(".uv-trail")?.remove();
      element.classList.toggle("uv-asked", this.data.lens.looks === i + 1);
      if (adds === null) return;
      const line = word.parentNode.appendChild(make(adds < 0 ? "uv-trail uv-speaks-against" : "uv-trail"));
      line.style.setProperty("--share", Math.abs(adds) / most);
      line.title = `${word.textContent} adds ${small(adds)} nats`;
    });
    this.showTrail();
  }

  // Nothing is told before the answer is known.
  showTrail() {
    const known = this.trail && this.data.tokens[this.trail.step - 1].time <= this.current;
    this.root.classList.toggle("uv-trails", Boolean(known));
    this.at("rests").classList.toggle("uv-hushed", Boolean(this.trail && !known));
    const table = this.at("told").querySelector(".uv-trail-told");
    if (table) table.hidden = !known;
  }

  // The same as text, for who cannot see the trail.
  drawTrailTable() {
    const { adds, said } = this.trail;
    const rows = adds.flatMap((value, i) => (value === null ? [] : [[i + 1, this.data.tokens[i].text, small(value)]]));
    const told = table(said, ["step", "word", "adds to the answer’s log-probability, in nats"], rows);
    told.className = "uv-trail-told";
    this.at("told").append(told);
    this.showTrail();
  }
  };
