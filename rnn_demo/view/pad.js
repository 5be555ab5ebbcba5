// A pad on which a curve is drawn, with the mouse, a pen or a finger: one height at each place from left to right. A stroke over what is
// there draws it anew. When the pen is lifted, the curve is handed on as learn/curve.py reads it: two digits of 64 a value.

const PLACES = 200; // of the pad, and values of a curve
const LEAST = PLACES / 4; // places that must be drawn on
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const HIGHEST = 4095;
const DRAWN = "drawn.";

class Pad {
  // onLift(text): "" where too little is drawn to be a curve.
  constructor(canvas, onLift) {
    this.canvas = canvas;
    this.clear();
    const take = (event) => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const part = (at, size) => Math.max(0, Math.min(1, at / size));
      this.stroke([Math.round(part(event.clientX - left, width) * (PLACES - 1)), 1 - part(event.clientY - top, height)]);
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.last = null;
      this.draws = true;
      take(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.draws) (event.getCoalescedEvents?.() || [event]).forEach(take);
    });
    const lift = () => {
      if (this.draws) onLift(this.text);
      this.draws = false;
    };
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);
  }

  clear() {
    this.heights = new Array(PLACES).fill(null);
    this.last = null;
    this.onChange?.();
  }

  stroke([place, height]) {
    const [from, was] = this.last || [place, height];
    const step = Math.sign(place - from) || 1;
    for (let i = from; i !== place + step; i += step) {
      this.heights[i] = place === from ? height : was + ((height - was) * (i - from)) / (place - from);
    }
    this.last = [place, height];
    this.onChange?.();
  }

  // The heights from the first place that was drawn on to the last, as many as there are places, without gaps, and smoothed a little:
  // a hand moves from pixel to pixel. Null where too little is drawn.
  get curve() {
    const there = this.heights.flatMap((height, i) => (height === null ? [] : [i]));
    const [first, last] = [there[0], there.at(-1)];
    if (!(last - first >= LEAST)) return null;
    const found = [];
    for (let n = 0, k = 0; n < PLACES; n += 1) {
      const at = first + ((last - first) * n) / (PLACES - 1);
      while (k < there.length - 2 && there[k + 1] < at) k += 1;
      const [a, b] = [there[k], there[k + 1]];
      found.push(this.heights[a] + (this.heights[b] - this.heights[a]) * Math.min(1, (at - a) / (b - a)));
    }
    return found.map((height, n) => (found[Math.max(0, n - 1)] + 2 * height + found[Math.min(PLACES - 1, n + 1)]) / 4);
  }

  get text() {
    const digits = (value) => DIGITS[value >> 6] + DIGITS[value & 63];
    return this.curve ? DRAWN + this.curve.map((height) => digits(Math.round(height * HIGHEST))).join("") : "";
  }

  set text(text) {
    const digits = Array.from(text.slice(DRAWN.length), (sign) => DIGITS.indexOf(sign));
    const values = Array.from({ length: digits.length / 2 }, (_, i) => (64 * digits[2 * i] + digits[2 * i + 1]) / HIGHEST);
    this.heights = values.length ? Array.from({ length: PLACES }, (_, i) => values[Math.floor((i * values.length) / PLACES)]) : new Array(PLACES).fill(null);
  }

  // What is learnt from, up to the dashed line, stands before what is kept back.
  draw({ pen, width, height }, { accent, line, soft, learnt }) {
    const px = (i) => (i / (PLACES - 1)) * width;
    const py = (value) => (1 - value) * height;
    const there = this.heights.flatMap((value, i) => (value === null ? [] : [i]));
    const ends = this.curve ? there[0] + (there.at(-1) - there[0]) * learnt : Infinity;
    pen.lineJoin = pen.lineCap = "round";
    pen.lineWidth = 2.5;
    for (const [color, holds] of [[accent, (i) => i <= ends], [line, (i) => i > ends]]) {
      pen.strokeStyle = color;
      pen.beginPath();
      for (const i of there) {
        if (!holds(i)) continue;
        const goesOn = i > 0 && this.heights[i - 1] !== null;
        if (goesOn) pen.moveTo(px(i - 1), py(this.heights[i - 1]));
        else pen.moveTo(px(i), py(this.heights[i]));
        pen.lineTo(px(i), py(this.heights[i]));
      }
      pen.stroke();
    }
    if (!this.curve) return;
    pen.strokeStyle = pen.fillStyle = soft;
    pen.lineWidth = 1;
    pen.setLineDash([3, 3]);
    pen.beginPath();
    pen.moveTo(px(ends), 0);
    pen.lineTo(px(ends), height);
    pen.stroke();
    pen.setLineDash([]);
    pen.textAlign = "right";
    pen.fillText("it learns from this", px(ends) - 6, 12);
    pen.textAlign = "left";
    const words = ["kept back, to ask it", "kept back", ""].find((words) => px(ends) + 8 + pen.measureText(words).width <= width);
    pen.fillText(words, px(ends) + 6, 12);
  }
}
