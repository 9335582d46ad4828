// A signature drawn with the finger: lists of points in thousandths of the field's width.

export const MOST_POINTS = 4_000; // of one signature
const MOST_STROKES = 500;
const STEP = 3; // thousandths between two points, less is the hand's trembling

export class Pad {
  #canvas;
  #strokes = [];
  #stroke = null;
  #onChange;

  constructor(canvas, onChange) {
    this.#canvas = canvas;
    this.#onChange = onChange;
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) canvas.addEventListener(name, () => this.#end());
  }

  get strokes() {
    return this.#strokes;
  }

  clear() {
    this.#strokes = [];
    this.#canvas.getContext("2d").clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#onChange(this.#strokes);
  }

  #begin(event) {
    if (this.#points() >= MOST_POINTS || this.#strokes.length >= MOST_STROKES) return;
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#stroke = [this.#point(event)];
    this.#strokes.push(this.#stroke);
    draw(this.#canvas, [this.#stroke]);
  }

  #move(event) {
    if (!this.#stroke) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) this.#take(this.#point(each));
    draw(this.#canvas, [this.#stroke.slice(-8)]);
  }

  #take(point) {
    const [x, y] = this.#stroke.at(-1);
    if (Math.hypot(point[0] - x, point[1] - y) >= STEP && this.#points() < MOST_POINTS) this.#stroke.push(point);
  }

  #end() {
    if (!this.#stroke) return;
    this.#stroke = null;
    this.#onChange(this.#strokes);
  }

  #points() {
    return this.#strokes.reduce((sum, each) => sum + each.length, 0);
  }

  #point({ clientX, clientY }) {
    const box = this.#canvas.getBoundingClientRect();
    const kept = (value, most) => Math.round(Math.max(0, Math.min(most, value)));
    return [kept(((clientX - box.left) / box.width) * 1000, 1000), kept(((clientY - box.top) / box.width) * 1000, (box.height / box.width) * 1000)];
  }
}

/** Draw lines into a canvas, in the colour of its text. */
export function draw(canvas, strokes) {
  const pen = canvas.getContext("2d"), unit = canvas.width / 1000;
  Object.assign(pen, { lineWidth: 6 * unit, lineCap: "round", lineJoin: "round", strokeStyle: getComputedStyle(canvas).color });
  for (const [first, ...rest] of strokes) {
    pen.beginPath();
    pen.moveTo(first[0] * unit, first[1] * unit);
    for (const [x, y] of rest.length ? rest : [[first[0] + 0.1, first[1]]]) pen.lineTo(x * unit, y * unit);
    pen.stroke();
  }
}
