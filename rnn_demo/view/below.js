// What the page draws below the view, and the view sets in motion: a walk through a block, stage by stage; and tables that follow
// the player, a row a step.

const STAGE_MS = 1600;
const STAGES = "ol.walk > li:not(.walk-end)"; // between what comes in and what comes out

const withBelow = (Base) =>
  class extends Base {
  openBelow() {
    this.onWalkClick = ({ target }) => target.closest?.("[data-walk]") && this.walk(target.closest(".walking"), target.closest("[data-walk]").dataset.walk);
    this.onWalkKey = (event) => {
      const box = event.target.closest?.(".walking");
      const keys = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", " ": "play" };
      if (!box || !(event.key in keys) || (event.key === " " && event.target.closest("button"))) return;
      event.preventDefault();
      this.walk(box, keys[event.key]);
    };
    document.addEventListener("click", this.onWalkClick);
    document.addEventListener("keydown", this.onWalkKey);
    this.below = new MutationObserver(() => this.follow());
  }

  closeBelow() {
    document.removeEventListener("click", this.onWalkClick);
    document.removeEventListener("keydown", this.onWalkKey);
    this.below.disconnect();
    clearTimeout(this.walking);
    this.watched = null;
  }

  // Once the page has a part below the view, every table that is drawn there follows at once.
  watchBelow() {
    const part = document.querySelector(".st-key-below");
    if (!part || this.watched === part) return;
    this.below.disconnect();
    this.below.observe((this.watched = part), { childList: true, subtree: true });
    this.follow();
  }

  // The rows of the steps that have been read are shown, the one of this step is marked.
  follow() {
    for (const row of document.querySelectorAll(".grid tr[data-step]")) {
      const step = Number(row.dataset.step) || this.length; // 0: what comes out in the end
      row.classList.toggle("grid-to-come", step > this.current);
      row.classList.toggle("grid-now", Number(row.dataset.step) === this.current);
    }
  }

  walk(box, what) {
    const stages = box.querySelectorAll(STAGES).length;
    const at = Number(box.dataset.stage || stages);
    clearTimeout(this.walking);
    const goes = box.classList.contains("walk-plays");
    box.classList.remove("walk-plays");
    const to = { back: at - 1, forward: at + 1, first: 1, last: stages, play: at >= stages ? 1 : at + 1 }[what];
    if (what === "play" && goes) return this.drawWalk(box, at);
    if (what === "play") box.classList.add("walk-plays");
    this.walkTo(box, Math.max(1, Math.min(stages, to)));
  }

  walkTo(box, stage) {
    this.drawWalk(box, stage);
    if (!box.classList.contains("walk-plays")) return;
    const stages = box.querySelectorAll(STAGES).length;
    const pace = STAGE_MS / Math.min(this.speed, 1.5);
    const go = () => box.isConnected && this.walkTo(box, stage + 1);
    if (stage < stages) this.walking = setTimeout(go, pace);
    else {
      box.classList.remove("walk-plays");
      this.drawWalk(box, stage);
    }
  }

  drawWalk(box, stage) {
    const stages = [...box.querySelectorAll(STAGES)];
    box.dataset.stage = stage;
    stages.forEach((item, i) => {
      item.classList.toggle("walk-to-come", i >= stage);
      item.classList.toggle("walk-now", i === stage - 1);
    });
    box.querySelector("li.walk-end:last-child")?.classList.toggle("walk-to-come", stage < stages.length);
    box.querySelector(".walk-count").textContent = `stage ${stage} of ${stages.length}`;
    box.querySelector("[data-walk=play]").textContent = box.classList.contains("walk-plays") ? "Pause" : "Play";
    this.say(stages[stage - 1].textContent);
  }
  };
