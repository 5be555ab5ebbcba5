// The text box, whose words are underlined, and the link that shares what stands in it.

const MOST_SENT = 20000; // characters; what is beyond stays in the box, and the page says where reading stopped
const MOST_INKED = 4000; // characters that can be underlined
const LONGEST_LINK = 8000; // bytes; longer addresses are cut by some mail programs and proxies

const drafts = new Map(); // what stands in the box of each page, whole, and in which turn it was typed

const withTextBox = (Base) =>
  class extends Base {
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
  // read, its underline is gone until the answer comes. While it plays, what has not been read has none.
  ink() {
    const signs = Array.from(this.typed.value.slice(0, MOST_INKED)); // places are counted in code points
    const parts = [];
    let done = 0;
    for (const { text, start, end, tint, time } of this.data.tokens) {
      const [color, strength] = tint;
      const word = signs.slice(start, end).join("");
      if (time > this.current || strength < 0.02 || word.toLowerCase() !== text.toLowerCase()) continue;
      const mark = make("", word, "u");
      mark.style.textDecorationColor = `color-mix(in srgb, ${color} ${Math.round(100 * strength)}%, transparent)`;
      parts.push(signs.slice(done, start).join(""), mark);
      done = end;
    }
    this.at("ink").replaceChildren(...parts, signs.slice(done).join("") + "\u200b"); // so that a last empty line has its height
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
  };
