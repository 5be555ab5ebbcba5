// The text box, whose words are underlined, and the link that shares what stands in it.

const MOST_SENT = 20000; // characters; what is beyond stays in the box, and the page says where reading stopped
const MOST_INKED = 4000; // characters that can be underlined
const LONGEST_LINK = 8000; // bytes; longer addresses are cut by some mail programs and proxies
const RETRY_MS = 2500; // without an answer: then the text is sent once more
const CUT = "The server does not answer. Your text stays here, and is read as soon as the connection is back.";

// What stands in each box, by page and stop of the story, whole: { text, changes, visit, turn, query, lost }. `changes` counts what
// the visitor did to it; `query` is all that was chosen when the server last answered, as a link has it. This outlives a session of the server.
const boxes = new Map();

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
      if (!boxes.has(box.page)) boxes.set(box.page, { text: box.text, changes: 0, visit: box.visit, turn: box.turn });
      const kept = boxes.get(box.page);
      if (this.kept !== kept) {
        this.stopSending();
        this.kept = kept;
        this.typed.value = kept.text;
      }
      if (kept.visit !== box.visit) {
        kept.lost ??= kept.query;
        kept.changes += 1;
        this.stopSending();
      } else if (kept.turn !== box.turn) this.put(box.text, box.keeps ? kept.text.slice(MOST_SENT) : "");
      Object.assign(kept, { visit: box.visit, turn: box.turn });
      if (box.heard >= kept.changes) {
        this.stopSending();
        kept.lost = null;
      } else if (this.retry) this.sendLater(); // it does answer, if not to the last change yet
      else if (!this.waiting) this.send();
      if (!kept.lost) {
        kept.query = query;
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
      if (this.data.wait) this.waiting = setTimeout(() => this.send(), this.data.wait);
      else this.send();
    }

    send() {
      this.waiting = null;
      if (!this.isOpen) return;
      const { text, changes, visit, turn, lost } = this.kept;
      this.onTyped({ text: text.slice(0, MOST_SENT), number: changes, visit, turn, lost });
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
      for (const timer of [this.waiting, this.retry]) clearTimeout(timer);
      this.waiting = this.retry = null;
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

    // What a link cannot hold of what stands in the box, in words; "" where it holds all.
    leftOut() {
      const { box } = this.data;
      if (!box || !(box.unread || this.typed.value.length > MOST_SENT)) return "";
      const count = (text) => Array.from(text).length;
      const all = count(this.typed.value);
      const read = count(this.typed.value.slice(0, MOST_SENT)) - box.unread;
      return `The link holds what was read: the first ${read.toLocaleString("en")} of ${all.toLocaleString("en")} characters.`;
    }

    writeLink() {
      const step = this.pinned || this.current;
      const part = step < this.length ? `&step=${step}` : "";
      const input = this.at("share").querySelector("input");
      input.value = `${location.origin}${location.pathname}?${this.data.query}${part}${this.linkEnd()}`;
      const long = input.value.length > LONGEST_LINK;
      const leftOut = this.leftOut();
      this.at("share").querySelector("span").textContent = leftOut;
      input.parentNode.hidden = long;
      input.parentNode.firstChild.data = leftOut ? "Link to what was read, cell and step " : "Link to this text, cell and step ";
      const file = this.at("file");
      file.hidden = !long && !leftOut;
      URL.revokeObjectURL(file.href);
      if (!file.hidden) file.href = URL.createObjectURL(new Blob([this.data.box ? this.typed.value : this.data.text], { type: "text/plain" }));
      return input;
    }

    async drawLink() {
      const input = this.writeLink();
      const status = this.at("share").querySelector("span");
      const leftOut = this.leftOut();
      if (input.parentNode.hidden) {
        status.textContent = "This text is too long for a link. Share it as a file, and paste it into the box.";
        return;
      }
      input.focus();
      input.select();
      try {
        await navigator.clipboard.writeText(input.value);
        status.textContent = leftOut ? `Copied. ${leftOut} The file holds the whole text.` : "Copied.";
      } catch {
        status.textContent = `Copy it from here. ${leftOut}`; // the browser keeps its clipboard to itself
      }
    }
  };
