// The text box, whose words are underlined.

const MOST_SENT = 20000; // characters; what is beyond stays in the box, and the page says where reading stopped
const MOST_INKED = 4000; // characters that can be underlined
const REST_MS = 400; // without a key: then the page hears of a text whose picture was asked for beside it
const ASK_MS = 5000; // that an answer to a key may take
const RETRY_MS = 2500; // without an answer: then the text is sent once more
const CUT = "The server does not answer. Your text stays here, and is read as soon as the connection is back.";

// What stands in each box, by page and stop of the story, whole: { text, changes, visit, turn, query, lost }. `changes` counts what
// the visitor did to it; `query` is all that was chosen when the server last answered, as a link has it. This outlives a session of the server.
const boxes = new Map();

// The session that was heard of last, and the stops that were collected in it, as a file: a session that knows nothing is told of these.
const known = { visit: "", path: "" };

// Of a link's query all that was chosen, but for the text.
const choicesOf = (query) => {
  const choices = new URLSearchParams(query);
  choices.delete("text");
  return String(choices);
};

const withTextBox = (Base) =>
  class extends Base {
    openBox() {
      this.dialogs = new MutationObserver(() => this.uncover());
      this.dialogs.observe(document.body, { childList: true });
      // The dialog takes the keyboard before it is seen: no key may go astray until it is closed.
      this.keepFocus = ({ relatedTarget }) => relatedTarget === this.typed && this.uncover() && this.typed.focus({ preventScroll: true });
      document.addEventListener("focusin", this.keepFocus, true);
    }

    closeBox() {
      this.dialogs.disconnect();
      document.removeEventListener("focusin", this.keepFocus, true);
    }

    // While the server does not answer, Streamlit covers the page with a dialog. The box must stay in reach, so it is closed, and a
    // line below the box says so instead; the cover cannot take the focus while it is inert. Whether there was such a dialog.
    uncover() {
      const dialog = document.querySelector("[role=dialog]");
      if (!this.kept || dialog?.querySelector("h2")?.textContent !== "Connection error") return false;
      const cover = [...document.body.children].find((child) => child.contains(dialog));
      cover.inert = !cover.contains(this.root);
      for (let element = this.root; element; element = element.parentElement) element.inert = false;
      dialog.querySelector("button").click();
      this.at("cut").textContent = CUT;
      this.kept.changes += 1; // asks until the server answers
      this.sendLater();
      return true;
    }

    // Another `visit` is a session that knows nothing of what was typed in the one before: it is told. Another `turn` of the same
    // visit means that the page itself has put a text here. `heard` is the last change that the server has heard of.
    fillBox() {
      const { box, query } = this.data;
      this.at("box").hidden = !box;
      if (!box) return;
      this.typed.setAttribute("aria-label", box.label);
      this.typed.placeholder = box.placeholder;
      this.typed.rows = box.rows;
      if (!boxes.has(box.page)) {
        const visit = known.path ? known.visit : box.visit;
        boxes.set(box.page, { text: box.text, changes: 0, visit, turn: box.turn, query });
      }
      const kept = boxes.get(box.page);
      if (this.kept !== kept) {
        this.stopSending();
        this.held = []; // it was chosen on another page
        this.kept = kept;
        this.typed.value = kept.text;
      }
      if (kept.visit !== box.visit) {
        kept.lost ??= kept.query;
        kept.changes += 1;
        this.stopSending();
      } else if (kept.turn !== box.turn) {
        this.put(box.text, box.keeps ? kept.text.slice(MOST_SENT) : "");
        kept.changes = box.heard; // what was typed before that is nobody's text any more
      }
      Object.assign(kept, { visit: box.visit, turn: box.turn });
      if (box.heard >= kept.changes) {
        this.stopSending();
        kept.lost = null;
        this.alone = false;
        for (const tell of this.held.splice(0)) setTimeout(tell);
      } else {
        if (this.retry) this.sendLater(); // it does answer, if not to the last change yet
        else if (!this.waiting) this.send();
        if (this.asksAside() && !this.askSoon && !kept.lost) this.ask();
      }
      if (!kept.lost) {
        kept.query = query;
        Object.assign(known, { visit: box.visit, path: this.data.path });
        this.at("cut").textContent = ""; // a new session must first have been told
      }
      this.ink();
    }

    onTyping() {
      if (this.putting) return;
      this.kept.text = this.typed.value;
      this.kept.changes += 1;
      this.ink();
      clearTimeout(this.waiting);
      clearTimeout(this.askSoon);
      const { wait } = this.data;
      const asks = this.asksAside();
      const rest = asks ? Math.max(wait, REST_MS) : wait;
      if (rest) this.waiting = setTimeout(() => this.send(), rest);
      else this.send();
      this.askSoon = asks && wait ? setTimeout(() => this.ask(), wait) : null;
      if (asks && !wait) this.ask();
    }

    // Whether a key is asked for beside the page: keystrokes.py says why. Not where nothing answers there.
    asksAside() {
      return this.data.box?.asks && !this.alone;
    }

    // What the newest text changes, one question at a time.
    async ask() {
      this.askSoon = null;
      if (this.asked) return;
      const { kept } = this;
      const { text, changes, visit, turn } = kept;
      this.asked = true;
      const { task } = this.data;
      const query = choicesOf(this.data.query);
      const holds = this.holds?.name ?? "";
      const answer = await this.askFor({ task, text: text.slice(0, MOST_SENT), query, visit, number: changes, turn, holds });
      this.asked = false;
      if (!this.isOpen || this.left) return; // what is drawn now would have Streamlit run the page that is left
      const stands = this.kept === kept && kept.visit === visit && kept.turn === turn;
      if (answer && stands) {
        this.ahead = { page: this.data.box.page, changes, visit, turn, choices: choicesOf(answer.query), answer };
        this.update(this.withAnswer(this.data), true);
      }
      if (this.asksAside() && (stands ? kept.changes > changes : this.data.box.heard < this.kept.changes)) this.ask();
      else if (this.alone && this.waiting) this.send();
    }

    // Of an answer comes what is new since the one before, which is kept as it came: what is drawn is written into.
    async askFor(question) {
      try {
        const reply = await fetch(this.data.box.asks, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(question),
          signal: AbortSignal.timeout(ASK_MS),
        });
        if (reply.status === 204) return null; // a later question has been asked
        if (reply.ok) {
          const { name, whole, change } = await reply.json();
          this.holds = { name, answer: whole ?? changed(this.holds.answer, change) };
          return structuredClone(this.holds.answer);
        }
      } catch {} // the line is cut: the page is told, and says so
      this.alone = true;
      return null;
    }

    // What the page sends may be older than the answer to a key that is drawn: then that stays, as long as nothing else was chosen.
    withAnswer(data) {
      const { ahead } = this;
      const same = ahead && data.box?.page === ahead.page && data.box.heard < ahead.changes &&
        data.box.visit === ahead.visit && data.box.turn === ahead.turn;
      if (!same || (data !== this.data && choicesOf(data.query) !== ahead.choices)) {
        this.ahead = null;
        return data;
      }
      const { unread, ...answer } = ahead.answer;
      const { lens } = data;
      // What takes longer waits until typing rests.
      const quiet = { trail: lens.trail && {}, backward: lens.backward && [], looks: lens.looks && answer.tokens.length };
      return { ...data, ...answer, lens: { ...lens, ...quiet }, box: { ...data.box, unread }, start: null, autoplay: false, page: "" };
    }

    // What is chosen belongs to the text that is seen: the page hears of that first.
    afterTyping(tell) {
      if (!this.kept || !this.asksAside() || this.data.box.heard >= this.kept.changes) return tell();
      this.held.push(tell);
      if (this.waiting) this.send();
    }

    send() {
      clearTimeout(this.waiting);
      this.waiting = null;
      if (!this.isOpen) return;
      const { text, changes, visit, turn, lost } = this.kept;
      const path = lost ? known.path : null;
      this.onTyped({ text: text.slice(0, MOST_SENT), number: changes, visit, turn, lost, path });
      if (!this.retry) this.sendLater();
    }

    // What is sent while the line is cut never arrives: so once more, until the server has heard of the last change.
    sendLater() {
      clearTimeout(this.retry);
      this.retry = setTimeout(() => {
        this.retry = null;
        this.at("cut").textContent = CUT;
        this.send();
      }, RETRY_MS);
    }

    stopSending() {
      for (const timer of [this.waiting, this.retry, this.askSoon]) clearTimeout(timer);
      this.waiting = this.retry = this.askSoon = null;
    }

    // As if it were typed, in place of all but the rest, so that Ctrl+Z brings back what stood here.
    put(text, rest) {
      if (this.typed.value === text + rest) return;
      const before = document.activeElement;
      this.putting = true;
      this.typed.focus({ preventScroll: true });
      this.typed.setSelectionRange(0, this.typed.value.length - rest.length);
      const done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
      if (!done) this.typed.value = text + rest;
      this.putting = false;
      if (before !== this.typed) {
        this.typed.blur();
        before?.focus({ preventScroll: true });
      }
      this.kept.text = this.typed.value;
    }

    // The same text behind the box, in clear letters: only its underlines are seen. Where a word has changed since it was
    // read, its underline is gone until the answer comes. While it plays, what has not been read has none.
    ink() {
      const signs = Array.from(this.typed.value.slice(0, MOST_INKED)); // places are counted in code points
      const read = Array.from(this.data.text);
      const parts = [];
      let done = 0;
      for (const [i, { start, end, time }] of this.data.tokens.entries()) {
        const { color, strength } = this.newest(i).mark;
        const word = signs.slice(start, end).join("");
        if (time > this.current || strength < 0.02 || word !== read.slice(start, end).join("")) continue;
        const line = make("", word, "u");
        line.style.textDecorationColor = `color-mix(in srgb, ${color} ${Math.round(100 * strength)}%, transparent)`;
        parts.push(signs.slice(done, start).join(""), line);
        done = end;
      }
      this.at("ink").replaceChildren(...parts, signs.slice(done).join("") + "\u200b"); // so that a last empty line has its height
    }

    // The newest word, of those read, of the name that token i belongs to: it says what the whole of it is. "New York" is a
    // place until "Times" has been read.
    newest(i) {
      const { tokens } = this.data;
      while (tokens[i + 1]?.mark.joins === "I" && tokens[i + 1].time <= this.current) i++;
      return tokens[i];
    }

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
  };
