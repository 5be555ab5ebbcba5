// Guess first: what comes out stays hidden until the reader has said what they expect. And what a stop of the story marks.

let guessing = false; // whether every answer is asked for: it holds for the whole visit, on all pages
const score = { asked: 0, you: 0, network: 0, better: { you: [], network: [] } };

const withStory = (Base) =>
  class extends Base {
  setScene() {
    const { scene } = this.data;
    const marks = scene ? [...scene.light.map((part) => `uv-light-${part}`), ...scene.dim.map((part) => `uv-dim-${part}`)] : [];
    for (const name of [...this.root.classList].filter((name) => /^uv-(light|dim)-/.test(name))) this.root.classList.remove(name);
    this.root.classList.add(...marks);
    this.root.classList.toggle("uv-story", Boolean(scene));
    this.root.classList.toggle("uv-away", Boolean(scene?.away));
    this.asksOf ??= this.data.text; // the stop's question belongs to the stop's text
    const reading = [this.data.text, this.data.cell, this.data.verdict[0]].join("\n");
    if (this.guessedOf !== reading) {
      this.guessedOf = reading;
      this.guesses = new Map();
      this.result = null;
    }
  }

  // What is to be guessed next: { i, time, question, right }; null for nothing.
  question() {
    const { tokens, scene } = this.data;
    const own = scene?.guess;
    if (own && !scene.away && this.data.text === this.asksOf && !this.answered && tokens[own.step - 1]) {
      return { i: own.step - 1, time: tokens[own.step - 1].time, question: own.question, right: own.right, own: true };
    }
    if (!guessing || scene?.away) return null;
    const asked = tokens.map(({ answer, time }, i) => ({ i, time, answer })).filter(({ answer }) => answer);
    const open = (this.is("answers-last") ? asked.slice(-1) : asked).filter(({ i }) => !this.guesses.has(i));
    const [next] = open.sort((a, b) => a.time - b.time || a.i - b.i);
    if (!next) return null;
    const word = tokens[next.i].text;
    const question = this.is("answers-last") ? "What will the answer be, at the end?" : this.is("feeds-back") ? `After “${word}”: what will be written?` : this.is("guesses") ? `After “${word}”: which word does it expect most?` : `“${word}”: what will come out?`;
    return { ...next, question, right: this.is("guesses") ? this.following(next.i) : "" };
  }

  // The word that really follows, where it is one of the answers.
  following(i) {
    const word = this.data.tokens[i + 1]?.text ?? "";
    return this.data.names.find((name) => name === word || name === word.toLowerCase()) ?? "";
  }

  // How far the reading may go before the reader has answered.
  limit() {
    const open = this.question();
    return open ? open.time - 1 : this.length;
  }

  drawGuess() {
    const panel = this.at("guess");
    const open = this.question();
    const button = this.button("guess");
    button.setAttribute("aria-pressed", String(guessing));
    this.root.classList.toggle("uv-guessing", Boolean(open));
    document.documentElement.classList.toggle("uv-asks", Boolean(open));
    const key = JSON.stringify([open, this.current, this.result, score]);
    if (panel.dataset.key === key) return;
    panel.dataset.key = key;
    panel.replaceChildren();
    if (this.result) panel.append(this.resultLine());
    if (open && this.current >= open.time - 1) panel.append(...this.asking(open));
    else if (open) panel.append(make("uv-ask", `You are asked at step ${open.time}: play on.`, "p"));
    if (score.asked && (open || this.result)) panel.append(this.scoreLine());
    panel.hidden = !panel.children.length;
    this.fit();
  }

  choices({ i, right }) {
    const { names, faces, tokens } = this.data;
    const ids = names.map((_, k) => k);
    if (names.length <= TOP_ANSWERS) return ids;
    const taken = new Set([...likeliest(tokens[i].probs, 4), names.indexOf(tokens[i].answer), names.indexOf(right)]);
    return ids.filter((k) => taken.has(k)).sort((a, b) => (faces[a] < faces[b] ? -1 : 1));
  }

  asking(open) {
    const row = make("uv-choices");
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", "Your guess");
    this.choices(open).forEach((k, n) => {
      const button = row.appendChild(Object.assign(make("", this.data.faces[k], "button"), { type: "button" }));
      button.dataset.guess = this.data.names[k];
      if (n < 9) button.append(make("uv-key-cap", String(n + 1), "kbd"));
    });
    const skip = row.appendChild(Object.assign(make("uv-skip", "Show me", "button"), { type: "button" }));
    skip.dataset.do = "reveal";
    return [make("uv-ask", `Guess first. ${open.question}`, "p"), row];
  }

  guessed(name) {
    const open = this.question();
    if (!open || this.current < open.time - 1) return;
    this.guesses.set(open.i, name);
    this.answered ||= open.own;
    const token = this.data.tokens[open.i];
    const network = token.answer;
    this.result = { word: this.is("answers-last") ? "At the end" : token.text, shown: token.shown, you: name, network, right: open.right, judged: "" };
    score.asked += 1;
    if (open.right) this.give(name === open.right, network === open.right);
    else if (name === network) this.give(true, true);
    const next = this.question();
    if (!next || next.time > open.time) this.show(open.time, true);
    else this.drawGuess();
    this.say(this.at("guess").textContent);
    this.at("guess").querySelector("button")?.focus({ preventScroll: true });
  }

  give(you, network) {
    score.you += you;
    score.network += network;
    if (you !== network) score.better[you ? "you" : "network"].push(this.result.word);
    this.result.judged = "yes";
  }

  // Where nobody has said what is right, and the two differ, the reader says it.
  judge(who) {
    if (!this.result || this.result.judged) return;
    this.give(who !== "network", who !== "you");
    this.drawGuess();
  }

  face(name) {
    const { names, faces } = this.data;
    return faces[names.indexOf(name)] ?? name;
  }

  resultLine() {
    const { word, shown, you, network, right, judged } = this.result;
    const line = make("uv-result");
    const pair = (who, name) => {
      const part = line.appendChild(make("uv-said", `${who} `, "span"));
      const label = part.appendChild(make("uv-label", this.face(name), "bdi"));
      label.style.setProperty("--label", this.data.colors[name]);
      line.append(" ");
    };
    line.append(make("", word, "bdi"), " ");
    pair("You:", you);
    pair("Network:", network);
    // The answer is the likeliest one; what a page shows in the end may be the mean of all.
    if (this.is("answers-last") && shown !== this.face(network)) line.append(make("", `the likeliest; ${shown} the mean.`, "span"), " ");
    if (right) line.append(make("", you === right && network === right ? "Both are right." : `Right: ${this.face(right)}.`, "span"));
    else if (you === network) line.append(make("", "You agree.", "span"));
    else if (!judged) {
      line.append(make("", "Who is right?", "span"));
      for (const [who, words] of [["you", "I am"], ["network", "The network"], ["both", "Both could be"]]) {
        line.appendChild(Object.assign(make("", words, "button"), { type: "button" })).dataset.judge = who;
      }
    }
    return line;
  }

  scoreLine() {
    const { asked, you, network, better } = score;
    const where = (who, words) => (words.length ? ` ${who} knew better at: ${words.slice(-4).join(", ")}.` : "");
    return make("uv-score", `You ${you}, the network ${network}, of ${asked}.${where("You", better.you)}${where("It", better.network)}`, "p");
  }

  reveal() {
    const open = this.question();
    if (!open) return;
    this.guesses.set(open.i, "");
    this.answered ||= open.own;
    this.result = null;
    this.show(open.time, true);
  }

  switchGuessing() {
    guessing = !guessing;
    this.guesses = new Map();
    this.result = null;
    this.show(guessing ? this.limit() : this.current);
    this.say(guessing ? "Guess first is on." : "Guess first is off.");
  }
  };
