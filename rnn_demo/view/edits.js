// What is changed in the network: scissors at every arrow between two blocks, what changed marked with what it was, and chips.

const withEdits = (Base) =>
  class extends Base {
  // All edits of the page, from now on these: as a link has them.
  change(links, words) {
    this.changing = words;
    this.pause();
    this.onChosen({ edits: links.join(",") });
  }

  links() {
    return this.data.edits.map(({ link }) => link);
  }

  isCut(step) {
    return this.data.edits.some(({ kind, step: at }) => kind === "cut" && at === step);
  }

  // The arrow before a step is cut, or, where it is, mended.
  toggleCut(step) {
    const grafted = this.data.edits.findIndex(({ kind, step: at }) => kind === "graft" && at === step);
    if (this.is("fixed")) return;
    if (grafted >= 0) return this.takeBack(grafted);
    if (step < 2 || step > this.length) return this.say("Only an arrow between two blocks can be cut.");
    const cut = `cut:${step}`;
    if (this.isCut(step)) this.change(this.links().filter((link) => link !== cut), `Mended before step ${step}.`);
    else this.change([...this.links(), cut], `Cut before step ${step}.`);
  }

  takeBack(i) {
    const { words } = this.data.edits[i];
    this.change(this.links().filter((_, k) => k !== i), `Taken back: ${words}.`);
  }

  // The edits have changed: the reader is told what became of the answers.
  markChanged(before, data) {
    const links = ({ edits }) => edits.map(({ link }) => link).join();
    if (before.text !== data.text || links(before) === links(data)) return;
    const changed = data.tokens.flatMap(({ was, shown }, i) => (was ? [`step ${i + 1}, ${was} is now ${shown}`] : []));
    const told = changed.length ? `What changed: ${changed.join("; ")}.` : data.edits.length ? "No answer has changed." : "All is as it was.";
    this.say(`${this.changing ?? ""} ${told}`.trim());
    this.changing = null;
  }

  drawEdits() {
    const { edits, tokens } = this.data;
    this.root.classList.toggle("uv-edited", edits.length > 0);
    const chips = this.at("edits");
    chips.hidden = !edits.length;
    const chip = (words, index) => {
      if (this.is("fixed")) return make("uv-chip", words, "span");
      const button = Object.assign(make("uv-chip", words, "button"), { type: "button", title: "Take this change back" });
      button.dataset.back = index;
      button.append(make("", " ×", "span"));
      return button;
    };
    const changed = tokens.filter(({ was }) => was).length;
    const told = changed ? `${changed} of ${tokens.filter(({ answer }) => answer).length} answers changed` : "no answer has changed";
    chips.replaceChildren(make("", "Changed in the network:", "b"), ...edits.map(({ words }, i) => chip(words, i)), make("uv-small", told, "span"));
    if (edits.length > 1 && !this.is("fixed")) chips.append(chip("take all back", "all"));
    this.columns.forEach((column, i) => this.markEdits(column, i));
  }

  // Where an arrow is cut, what is held, and what it was before.
  markEdits(column, i) {
    const { edits, tokens } = this.data;
    const token = tokens[i];
    const step = i + 1;
    if (!edits.length && column.unedited === token.text) return; // while somebody types, most columns stay as they were
    column.unedited = edits.length ? null : token.text;
    const graft = edits.find(({ kind, step: at }) => kind === "graft" && at === step);
    const cut = this.isCut(step) || Boolean(graft);
    const fixed = this.is("fixed");
    const other = graft?.words.split(" before step")[0];
    const stands = graft ? `${other[0].toUpperCase()}${other.slice(1)},` : "The arrow is cut"; // where nothing can be changed
    const what = fixed ? stands : graft ? `Take back the ${other},` : cut ? "Mend the arrow" : "Cut the arrow";
    const why = graft || fixed ? "" : cut ? ": let the memory through again" : ": what follows then hears nothing of what came before";
    const title = `${what} before ${token.text}${why}${fixed ? "" : " (X)"}`;
    Object.assign(column.cut, { hidden: (i === 0 && !graft) || (fixed && !cut), disabled: fixed, title });
    column.cut.setAttribute("aria-label", `${what} before step ${step}, ${token.text}`);
    column.cut.setAttribute("aria-pressed", String(cut));
    column.cut.dataset.holds = graft ? "A" : "0";
    column.element.classList.toggle("uv-changed", Boolean(edits.length && token.was));
    column.word.parentNode.classList.toggle("uv-swapped", Boolean(token.wasText) && edits.some(({ kind, step: at }) => kind === "swap" && at === step));
    const held = edits.filter(({ mark, step: from }) => mark && step >= from);
    const marks = held.map(({ mark }) => mark).join(", ");
    for (const { row } of column.chains) {
      if (marks) row.children[1].dataset.held = marks;
      else delete row.children[1].dataset.held;
    }
    const groups = held.filter(({ kind }) => kind === "clamp").map(({ mark }) => mark.split(" = ")[0]);
    column.chains.forEach(({ rows }, c) => {
      const { names } = column.here[c].chain.levels;
      [...rows.children].forEach((bar, r) => bar.classList.toggle("uv-clamped", groups.includes(names[r])));
    });
  }

  // One tab stop: the scissors of the step that is looked at.
  reachScissors() {
    const at = Math.max(2, Math.min(this.looked, this.length));
    this.columns.forEach(({ cut }, i) => (cut.tabIndex = i + 1 === at ? 0 : -1));
  }
  };
