// Lecture mode: only the stage, as large as it fits; and the keys that hold on every page. The view is what knows them all.

const LARGER = 2; // times the type of the page
const LEGIBLE = 1.5; // times, from the last row of a room
const WHOLE = 0.8; // times, where the whole is seen only if its type is smaller than on the page
const LARGER_FIGURE = 1.4; // times: its type is larger to begin with
const LEAST_FIGURE = { true: 0.6, false: 0.8 }; // times, by whether it is a lecture, which must not scroll
const SLACK = 16; // pixels that the end of an arrow may stand out
const SWIPE = 70; // pixels
const KEYS = [
  ["space", "play or pause"],
  ["← →", "one step back or forward"],
  ["N  P", "next and previous stop, or example"],
  ["G", "guess first, on or off"],
  ["1 2 3 …", "your guess"],
  ["R", "reveal the answer"],
  ["L", "lecture mode, on or off"],
  ["Q", "QR code of exactly this view"],
  ["F", "full screen"],
  ["?", "this list"],
];

let arrived = false; // whether the link has been asked for lecture mode: once, since the reader may have left it again

const withLecture = (Base) =>
  class extends Base {
  openKeys() {
    this.onKey = (event) => this.keyed(event);
    addEventListener("keydown", this.onKey, true);
    document.addEventListener("touchstart", (this.onTouch = (event) => (this.touch = event.changedTouches[0])), { passive: true });
    document.addEventListener("touchend", (this.onLift = (event) => this.swiped(event)), { passive: true });
    document.addEventListener("click", (this.onTerm = (event) => this.explained(event)), true);
    if (!arrived && new URLSearchParams(location.search).get("lecture") === "true") document.documentElement.classList.add("uv-lecture");
    arrived = true;
    this.figureSize = new ResizeObserver(() => requestAnimationFrame(() => this.enlargeFigure()));
    for (const element of document.querySelectorAll(".stMain, .stMainBlockContainer")) this.figureSize.observe(element);
  }

  closeKeys() {
    this.figureSize.disconnect();
    removeEventListener("keydown", this.onKey, true);
    document.documentElement.classList.remove("uv-asks");
    document.removeEventListener("touchstart", this.onTouch);
    document.removeEventListener("touchend", this.onLift);
    document.removeEventListener("click", this.onTerm, true);
  }

  get lecturing() {
    return document.documentElement.classList.contains("uv-lecture");
  }

  keyed(event) {
    const writes = event.target.closest?.("input:not([type=range]), textarea, select, [contenteditable=true], [role=combobox]");
    if (writes || event.ctrlKey || event.metaKey || event.altKey) return;
    const inside = this.root.contains(event.target);
    const everywhere = { n: "next", p: "previous", g: "guess", r: "reveal", l: "lecture", q: "qr", f: "full", "?": "keys" };
    const onStage = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", " ": "play" };
    let what = everywhere[event.key.toLowerCase()];
    const onButton = event.key === " " && event.target.closest?.("button, a, summary");
    if (!what && this.lecturing && !inside && !onButton) what = onStage[event.key];
    const digit = /^[1-9]$/.test(event.key) && this.at("guess").querySelectorAll("[data-guess]")[Number(event.key) - 1];
    if (!what && !digit) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // Streamlit has keys of its own, R and C
    if (digit) this.guessed(digit.dataset.guess);
    else this.does(what);
  }

  // A word of the glossary was tapped: its explanation opens over the page, until a tap elsewhere or Escape.
  explained(event) {
    const link = event.target.closest?.('a[href^="#term-"]');
    const entry = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!entry) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    entry.style.setProperty("--glossary", getComputedStyle(this.root).getPropertyValue("--st-background-color"));
    entry.popover = "auto";
    entry.showPopover();
    this.say(entry.textContent);
  }

  swiped(event) {
    if (!this.data?.scene || !this.touch || this.at("scroll").contains(this.touch.target)) return;
    const { clientX, clientY } = event.changedTouches[0];
    const [dx, dy] = [clientX - this.touch.clientX, clientY - this.touch.clientY];
    if (Math.abs(dx) > SWIPE && Math.abs(dx) > 2 * Math.abs(dy)) this.goes(dx < 0 ? 1 : -1);
  }

  // To the next or previous stop of the story, or example of a page.
  goes(by) {
    const stop = document.querySelector(by > 0 ? ".st-key-story_next button" : ".st-key-story_back button");
    if (stop) return stop.click();
    const examples = [...document.querySelectorAll("[class*=_example] .stButtonGroup button, .stButtonGroup[class*=_example] button")];
    if (!examples.length) return;
    this.example = ((this.example ?? (by > 0 ? -1 : 0)) + by + examples.length) % examples.length;
    examples[this.example].click();
  }

  lectureActions() {
    return {
      next: () => this.goes(1),
      previous: () => this.goes(-1),
      guess: () => this.switchGuessing(),
      reveal: () => this.reveal(),
      lecture: () => this.switchLecture(),
      full: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
      keys: () => this.toggleKeys(),
      qr: () => this.toggleQr(),
      add: () => this.adds(),
    };
  }

  // What a link keeps of the address besides the view: lecture mode, and the path that is open.
  linkEnd() {
    const path = new URLSearchParams(location.search).get("path");
    return `${this.lecturing ? "&lecture=true" : ""}${path && this.data.scene ? `&path=${path}` : ""}`;
  }

  adds() {
    this.asksAdd = true; // what has come of it the server says: a path that is full takes nothing
    this.onChosen({ add: this.pinned || this.current });
  }

  // { words, count }: each answer once, though every redraw brings it again.
  drawAdded() {
    const { added } = this.data;
    if (this.asksAdd && added && added.count !== this.addedCount) {
      this.asksAdd = false;
      this.at("shared").textContent = added.words;
    }
    if (!this.asksAdd) this.addedCount = added?.count;
  }

  switchLecture() {
    const on = document.documentElement.classList.toggle("uv-lecture");
    this.button("lecture").setAttribute("aria-pressed", String(on));
    this.fit();
    this.enlargeFigure();
    scrollTo(0, 0);
  }

  toggleKeys() {
    this.openDialog("Keys", () => {
      const list = make("", "", "dl");
      for (const [key, words] of KEYS) list.append(make("", key, "dt"), make("", words, "dd"));
      return list;
    });
  }

  toggleQr() {
    if (!location.protocol.startsWith("http")) return; // a saved page has no address that a phone could open
    this.openDialog("This view on your phone", () => {
      const link = this.writeLink().value.replace("&lecture=true", ""); // a phone is no projector
      this.wantsQr = link.slice(0, LONGEST_LINK); // of a longer one the server says that no code holds it
      this.onChosen({ qr: this.wantsQr });
      return make("uv-qr", "…", "p");
    });
    this.drawQr();
  }

  // The code comes from the server: { link, size, path }, or { link, problem }.
  drawQr() {
    const { qr } = this.data;
    const place = this.at("dialog").querySelector(".uv-qr");
    if (!place || qr?.link !== this.wantsQr) return;
    if (qr.problem) return (place.textContent = qr.problem);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 0 ${qr.size} ${qr.size}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", "QR code of the link to this view");
    for (const [d, fill, stroke] of [[`M0 0h${qr.size}v${qr.size}H0z`, "#fff", "none"], [qr.path, "none", "#000"]]) {
      const path = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
      path.setAttribute("d", d);
      path.setAttribute("fill", fill);
      path.setAttribute("stroke", stroke);
    }
    place.replaceChildren(svg);
  }

  openDialog(title, fill) {
    const dialog = this.at("dialog");
    const same = dialog.open && dialog.querySelector("h2").textContent === title;
    if (dialog.open) dialog.close();
    if (same) return;
    const close = Object.assign(make("", "Close", "button"), { type: "button" });
    close.addEventListener("click", () => dialog.close());
    dialog.replaceChildren(make("", title, "h2"), fill(), close);
    dialog.showModal();
  }

  // What a stop of the story shows in place of the network: as large as the whole of it fits, in a lecture larger than on the page.
  enlargeFigure() {
    const figure = document.querySelector(".st-key-shown");
    const main = document.querySelector(".stMain");
    if (!figure || !main || innerWidth <= 700) return;
    const parts = [main, ...figure.querySelectorAll(".wide")];
    const scrolls = () => parts.some((e) => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1);
    let times = this.lecturing ? LARGER_FIGURE : 1;
    const set = () => document.documentElement.style.setProperty("--figure", times.toFixed(2));
    for (set(); times > LEAST_FIGURE[this.lecturing] && scrolls(); set()) times -= 0.05;
  }

  // As large as the whole network fits, at most LARGER times. A text too long for that is as large as it is high, and scrolls along.
  enlarge() {
    const stage = this.at("stage");
    stage.style.zoom = "";
    if (!this.lecturing) return;
    this.root.style.setProperty("--row", `${LEAST_ROW}px`); // the names first, then what room is left for the memory
    const scroll = this.at("scroll");
    const isHigh = () => stage.getBoundingClientRect().bottom > innerHeight;
    const isWide = () => scroll.scrollWidth > scroll.clientWidth + SLACK;
    const shrink = (least, isTooLarge) => {
      let times = LARGER;
      for (stage.style.zoom = times; times > least && isTooLarge(); stage.style.zoom = times) times -= 0.1;
      return !isTooLarge();
    };
    const page = Number(getComputedStyle(stage).getPropertyValue("--zoom")); // what a large screen enlarges by itself
    const isLarge = () => isHigh() || isWide();
    if (!shrink(LEGIBLE / page, isLarge) && !shrink(WHOLE / page, isLarge)) shrink(1, isHigh);
    this.keepInSight(this.current); // it has moved
  }
  };
