// The live view: draws a payload of payload.py as an unrolled network, and plays it.
//
// Streamlit calls the default export at every change of the data or the theme, with the same element; now and then, when the
// server is busy, it cleans up in between. One View an element lives on through all of it. Whatever a visitor typed goes in by
// textContent only.

const SETTLE_MS = 700; // typing has come to rest
const STILL_FRAMES = 2;

const views = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) views.set(parentElement, (view = new View(parentElement.querySelector(".uv"))));
  const tell = (event, what) => view.left || setTriggerValue(event, what);
  view.onSettled = () => view.afterTyping(() => tell("settled", true));
  view.onTyped = (what) => tell("typed", what);
  view.onChosen = (what) => view.afterTyping(() => tell("chosen", what));
  view.open();
  view.update(view.withAnswer(data));
  return () => view.close();
}

const PAGE_LINK = "a[data-testid^=stPageLink]";

// A click on a link to another page of the app that opens it in this window.
const opensHere = (event) => event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey) && event.target.closest(PAGE_LINK);

class View extends withLecture(withStory(withTextBox(withSharing(withPlayer(withColumns(withBelow(withBackward(withTrail(withEdits(withInspection(class {}))))))))))) {
  constructor(root) {
    super();
    this.root = root;
    this.at = (name) => root.querySelector(`.uv-${name}`);
    this.columns = [];
    this.data = null;
    this.current = 0; // steps that have been read
    this.pinned = this.hovered = 0; // a step, 1..T, or 0 for none
    this.speed = 1;
    this.playing = false;
    this.moves = [];
    this.left = false; // for another page, whose first run is under way
    this.held = []; // what was chosen, until the page has heard of what was typed before
    this.folded = this.newColumn(this.at("folded").querySelector(".uv-column"));
    this.typed = this.at("box").querySelector("textarea");

    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("keydown", (event) => this.pressed(event));
    this.typed.addEventListener("input", () => this.onTyping());
    this.at("scroll").addEventListener("scroll", () => this.scrolled());
    this.typed.addEventListener("scroll", () => (this.at("ink").scrollTop = this.typed.scrollTop));
    this.at("scrub").addEventListener("input", (event) => this.jump(Number(event.target.value)));
    this.at("steps").addEventListener("pointermove", (event) => this.pointAt(event));
    this.at("steps").addEventListener("pointerover", (event) => this.hover(stepOf(event.target)));
    this.at("steps").addEventListener("pointerleave", () => this.hover(0));
    this.resized = () => this.data && this.fit();
    this.around = new ResizeObserver(this.resized); // what stands above the network takes room from it, or gives it back
    this.touched = (event) => {
      if (this.auto && (!root.contains(event.target) || event.target === this.typed)) this.jump(this.length);
      const away = event.type === "keydown" ? event.key === "Tab" : event.target !== this.typed && !event.target.closest(PAGE_LINK);
      if (away && this.waiting && this.asksAside()) this.send(); // before what is done next
    };
    // Once another page is asked for, nothing more is told: Streamlit would run it for the page that is left, after the new
    // one, and the browser would clear the new page and stay empty. What is still to be told is told when the visitor is back.
    this.leaves = (event) => {
      if (event.type === "click" && !opensHere(event)) return;
      this.stopSending();
      this.left = true;
    };
  }

  open() {
    if (this.isOpen) return;
    this.isOpen = true;
    this.openBox();
    this.openBelow();
    this.openKeys();
    addEventListener("resize", this.resized);
    const above = [...["box", "note", "edits", "rests", "guess", "verdict", "share"].map(this.at), document.querySelector(".st-key-choices")];
    above.filter(Boolean).forEach((element) => this.around.observe(element));
    for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, this.touched, true);
    for (const kind of ["click", "popstate"]) addEventListener(kind, this.leaves, true);
  }

  close() {
    this.isOpen = false;
    clearTimeout(this.goingBack);
    this.closeBox();
    this.closeBelow();
    this.closeKeys();
    removeEventListener("resize", this.resized);
    this.around.disconnect();
    this.pause();
    for (const kind of ["pointerdown", "keydown"]) document.removeEventListener(kind, this.touched, true);
    for (const kind of ["click", "popstate"]) removeEventListener(kind, this.leaves, true);
  }

  get length() {
    return this.data.tokens.length;
  }

  // Whether the network's shape has a flag, as in shapes.py.
  is(flag) {
    return this.data.flags.includes(flag);
  }

  // Draws a payload: the page's, or where it is `own` the answer to a key.
  update(data, own = false) {
    const before = this.data;
    const first = !before;
    const typed = !first && before.text !== data.text;
    this.data = data;
    const again = !first && !typed && before.query === data.query && before.tokens.length === data.tokens.length;
    this.sight = again && this.is("learning") ? this.inSight() : null;
    this.left = false;
    if (typeof data.x.values === "string") {
      // once: a change of theme brings the same object again
      data.x.values = numbers(data.x.values);
      for (const chain of data.chains) {
        chain.h = numbers(chain.h);
        chain.levels.values = numbers(chain.levels.values);
        if (chain.tells) chain.tells.units = numbers(chain.tells.units);
        if (chain.says) chain.says.values = numbers(chain.says.values);
      }
    }
    const edited = [before, data].some((one) => one?.edits.length);
    if (!first && !edited && before.cell === data.cell && this.is("answers-each") && data.chains.length > 1) this.markRevised(before, data);
    if (this.pinned > this.length || (typed && before.tokens[this.pinned - 1]?.text !== data.tokens[this.pinned - 1]?.text)) this.pinned = 0;
    this.hovered = 0;

    this.root.dataset.task = data.task;
    this.root.style.setProperty("--look-color", data.heat.positive);
    this.root.style.setProperty("--against-color", data.heat.negative);
    // Only where they change: a class that goes and comes back has everything below it styled anew.
    for (const flag of new Set([...(before?.flags ?? []), ...data.flags])) this.root.classList.toggle(`uv-${flag}`, this.is(flag));
    own ? this.ink() : this.fillBox();
    this.root.dataset.text = data.text;
    this.root.dataset.cell = data.cell;
    if (this.at("note").textContent !== data.note) this.at("note").textContent = data.note;
    this.at("weights").textContent = data.weights.toLocaleString("en");
    this.markTab();
    this.drawSides();
    this.drawLenses();
    this.setScene();
    this.drawQr();
    this.drawAdded();
    this.root.classList.toggle("uv-many", this.length > MANY);
    while (this.columns.length < this.length) {
      this.columns.push(this.newColumn(this.at("steps").appendChild(make("uv-column"))));
    }
    while (this.columns.length > this.length) this.columns.pop().element.remove();
    this.columns.forEach((column, i) => this.fill(column, i));
    this.drawEdits();
    this.at("scrub").max = this.length;
    if (before?.query !== data.query) this.closeSide("share");
    this.take(data);

    if (typed || first) {
      this.pause();
      const start = first && data.start !== null ? Math.min(data.start, this.length) : this.length;
      if (first && data.autoplay && !calm()) {
        this.show(0);
        this.play(true);
      } else this.show(start);
    } else this.show(edited && this.current === before.tokens.length ? this.length : Math.min(this.current, this.length));
    if (!first) this.markChanged(before, data);
    if (typed) {
      this.typing = true;
      clearTimeout(this.settling);
      this.settling = setTimeout(() => this.settled(), SETTLE_MS);
    } else if (!this.sight) this.drawTables();
    this.drawBackward(before);
    this.drawTrail();
    this.watchBelow();
    if (this.sight) return; // all that follows is as it was
    if (!typed || before.box?.turn !== data.box?.turn || before.cell !== data.cell) this.fit();
    if (first) this.appear();
  }

  // Streamlit puts a page together piece by piece. It is shown once the view has stood still for some frames.
  appear(before = "", still = 0) {
    const { x, y, width, height } = this.at("scroll").getBoundingClientRect();
    const missing = [...document.querySelectorAll(".stMain [data-testid=stSkeleton]")].filter((e) => !e.closest(".st-key-below"));
    const now = [x, y, width, height, missing.length].join();
    if (now !== before) this.fit();
    else if (still === STILL_FRAMES && !missing.length) {
      this.markTab();
      if (this.data.waits && this.isOpen) this.onSettled();
      return document.documentElement.classList.add("uv-seen");
    }
    requestAnimationFrame(() => this.appear(now, now === before ? Math.min(still + 1, STILL_FRAMES) : 0));
  }

  // Streamlit does not say to a screen reader which page is open.
  markTab() {
    for (const link of document.querySelectorAll(".st-key-shapes a")) {
      if (link.closest(`.st-key-shape_${this.data.scene ? "story" : this.data.task}`)) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  settled() {
    this.typing = false;
    this.say(this.summary());
    this.drawTables();
    if (this.data.settle && this.isOpen) this.onSettled();
  }

  button(name) {
    return this.root.querySelector(`[data-do=${name}]`);
  }

  clicked(event) {
    const button = event.target.closest("button");
    if (button?.dataset.speed) {
      this.speed = Number(button.dataset.speed);
      for (const other of button.parentNode.children) other.setAttribute("aria-pressed", String(other === button));
    } else if (event.target.closest("[data-answer]")) this.choose(event.target.closest("[data-answer]"));
    else if (button?.closest(".uv-choice")) this.takeLens(button.name);
    else if (button?.dataset.do === "cut") this.toggleCut(stepOf(button));
    else if (button?.dataset.back === "all") this.change([], "All changes are taken back.");
    else if (button?.dataset.back) this.takeBack(Number(button.dataset.back));
    else if (button?.dataset.guess) this.guessed(button.dataset.guess);
    else if (button?.dataset.judge) this.judge(button.dataset.judge);
    else if (button?.dataset.do) this.does(button.dataset.do);
    else if (this.at("steps").contains(event.target) && stepOf(event.target)) this.pin(stepOf(event.target));
  }

  does(what) {
    const actions = {
      first: () => this.jump(0),
      back: () => this.jump(this.current - 1),
      play: () => (this.playing ? this.pause() : this.play()),
      forward: () => this.jump(this.current + 1),
      last: () => this.jump(this.length),
      units: () => this.unfold(),
      numbers: () => this.toggleSide("numbers", "table", () => this.drawTable()),
      unpin: () => this.pin(this.pinned),
      learn: () => this.askBackward(),
      share: () => this.toggleSide("share", "share", () => this.drawLink()),
      save: () => this.askPage(),
      picture: () => this.savePicture(),
      ...this.lectureActions(),
    };
    actions[what]();
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input[type=text], textarea")) {
      if (event.target === this.typed && event.key === "Enter" && this.data.box.rows === 1) event.preventDefault();
      return;
    }
    if (event.target === this.at("scroll") && event.key === "Enter" && this.length) return this.pin(this.pinned || Math.max(1, this.current));
    if (event.key.toLowerCase() === "x" && this.at("stage").contains(event.target)) return this.toggleCut(this.looked);
    if (event.key === "Escape" && this.pinned) return this.pin(this.pinned);
    const keys = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", " ": "play" };
    const inTable = this.at("table").contains(event.target);
    if (!(event.key in keys) || inTable || (event.key === " " && event.target.closest("button"))) return;
    event.preventDefault();
    this.does(keys[event.key]);
  }

  // Another answer than the one that was given: the page goes on from there.
  choose(element) {
    if (!this.data.choose) return;
    const step = stepOf(element) || this.looked;
    this.onChosen({ step, name: element.dataset.answer });
  }

  hover(step) {
    if (this.hovered === step) return;
    this.hovered = step;
    this.inspect();
  }

  pin(step) {
    this.pause();
    this.pinned = this.pinned === step ? 0 : step;
    if (this.pinned > this.current) this.show(this.pinned);
    if (this.pinned > this.current) this.pinned = 0; // a guess comes first
    this.inspect();
    this.say(this.sentence(step));
    if (this.pinned && this.data.lens.opens) this.onChosen({ look: step });
  }
}
