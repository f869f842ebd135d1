// Draws panels and marks on a canvas.

import { SCALES, axis } from "./axes.js";
import { resolve } from "./scene.js";

/** @typedef {import("./axes.js").Axis} Axis */
/** @typedef {import("./scene.js").Panel} Panel */
/** @typedef {import("./scene.js").Mark} Mark */
/** @typedef {import("./scene.js").Drawn} Drawn */
/** @typedef {import("./scene.js").Values} Values */
/**
 * @typedef {{left: number, top: number, width: number, height: number}} Box
 * @typedef {{panel: Panel, box: Box, x: Axis, y: Axis}} Placed A panel with its place and axes.
 */

// Okabe and Ito's colours that have a contrast of 3:1 on light and on dark.
const COLORS = {
  blue: "#0072B2",
  red: "#D55E00",
  green: "#009E73",
  purple: "#CC79A7",
  grey: "#767676",
};
const DASHES = [[], [8, 4], [9, 3, 2, 3], [2, 3], [14, 3], [4, 2]];
const FONT = "12px system-ui, sans-serif";
const BAR = 0.6; // the width of a bar, where the next one is 1 further
const MOST_PANELS = 12; // in a row or a column

/**
 * Where each panel stands and what its axes show.
 * @param {Panel[]} panels
 * @param {Mark[]} marks
 * @param {Values} values
 * @param {number} width
 * @param {number} height
 * @returns {Map<string, Placed>}
 */
export function place(panels, marks, values, width, height) {
  const rows = Math.min(1 + Math.max(...panels.map((p) => p.row ?? 0)), MOST_PANELS);
  const columns = Math.min(1 + Math.max(...panels.map((p) => p.column ?? 0)), MOST_PANELS);
  const weights = Array.from({ length: columns }, (_, c) =>
    Math.max(...panels.filter((p) => (p.column ?? 0) === c).map((p) => p.weight ?? 1)),
  );
  const total = weights.reduce((sum, w) => sum + w, 0);
  const starts = weights.map((_, c) => weights.slice(0, c).reduce((sum, w) => sum + w, 0));
  return new Map(
    panels.map((panel) => {
      const [row, column, bare] = [panel.row ?? 0, panel.column ?? 0, panel.axes === false];
      const box = {
        left: (width * starts[column]) / total + (bare ? 4 : panel.y_label ? 58 : 44),
        top: (height * row) / rows + (panel.title ? 24 : 10),
        width: 0,
        height: 0,
      };
      box.width = (width * (starts[column] + weights[column])) / total - box.left - 10;
      box.height = (height * (row + 1)) / rows - box.top - (bare ? 4 : panel.x_label ? 40 : 24);
      const mine = panel.x && panel.y ? [] : marks.filter((m) => m.panel === panel.name);
      const x = panel.x ?? range(mine, "x", panel.x_scale ?? "linear", values);
      const y = panel.y ?? range(mine, "y", panel.y_scale ?? "linear", values);
      const along = axis(x[0], x[1], panel.x_scale ?? "linear", box.width);
      const named = (panel.x_names ?? []).map((name, i) => /** @type {[number, string]} */ ([i, name]));
      if (named.length) along.ticks = named;
      return [
        panel.name,
        {
          panel,
          box,
          x: along,
          y: axis(y[0], y[1], panel.y_scale ?? "linear", box.height),
        },
      ];
    }),
  );
}

/**
 * The range that holds what is drawn, revealed or not, so that it does not jump while one plays.
 * @param {Mark[]} marks
 * @param {"x" | "y"} name
 * @param {string} scale
 * @param {Values} values
 * @returns {[number, number]}
 */
function range(marks, name, scale, values) {
  const [into, out] = SCALES[scale];
  let [low, high] = [Infinity, -Infinity];
  for (const mark of marks) {
    for (const value of resolve({ ...mark, reveal: undefined }, values)[name]) {
      const at = into(value);
      if (!Number.isFinite(at)) continue;
      low = Math.min(low, at);
      high = Math.max(high, at);
    }
  }
  if (low > high) [low, high] = [0, 1];
  const margin = 0.05 * (high - low) || 0.5;
  return [out(low - margin), out(high + margin)];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Map<string, Placed>} placed
 * @param {Mark[]} marks
 * @param {Values} values
 * @param {{ink: string, paper: string}} theme
 */
export function draw(context, placed, marks, values, theme) {
  for (const each of placed.values()) drawAxes(context, each, theme);
  for (const mark of marks) {
    const there = placed.get(mark.panel);
    if (!there) continue;
    const { box } = there;
    context.save();
    if (there.panel.axes !== false && mark.kind !== "words") {
      context.beginPath();
      context.rect(box.left - 5, box.top - 5, box.width + 10, box.height + 10);
      context.clip();
    }
    const color = COLORS[/** @type {keyof typeof COLORS} */ (mark.color)] ?? theme.ink;
    context.strokeStyle = context.fillStyle = color;
    context.globalAlpha = mark.faint ? 0.45 : 1;
    context.lineWidth = mark.width ?? 1.5;
    context.setLineDash(DASHES[(mark.dash ?? 0) % DASHES.length]);
    const still = mark.kind === "line" && !mark.pick && !mark.reveal && mark.x.data.length > 1000;
    if (still) drawKept(context, there, mark, values, theme);
    else DRAWN_AS[mark.kind](context, there, mark, resolve(mark, values), theme);
    context.restore();
  }
}

/** @type {WeakMap<Mark, {key: string, canvas: HTMLCanvasElement}>} */
const kept = new WeakMap();

/**
 * Long lines that no control changes, as contours are: drawn once, and from then on copied.
 * @param {CanvasRenderingContext2D} context
 * @param {Placed} there
 * @param {Mark} mark
 * @param {Values} values
 * @param {{ink: string, paper: string}} theme
 */
function drawKept(context, there, mark, values, theme) {
  const { box, x, y } = there;
  const ratio = context.getTransform().a;
  const key = JSON.stringify([box, x.low, x.high, y.low, y.high, ratio, theme]);
  let found = kept.get(mark);
  if (found?.key !== key) {
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil((box.width + 10) * ratio);
    canvas.height = Math.ceil((box.height + 10) * ratio);
    const own = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    own.setTransform(ratio, 0, 0, ratio, (5 - box.left) * ratio, (5 - box.top) * ratio);
    own.strokeStyle = context.strokeStyle;
    own.lineWidth = context.lineWidth;
    own.setLineDash(context.getLineDash());
    DRAWN_AS.line(own, there, mark, resolve(mark, values), theme);
    found = { key, canvas };
    kept.set(mark, found);
  }
  const { canvas } = found;
  context.drawImage(canvas, box.left - 5, box.top - 5, canvas.width / ratio, canvas.height / ratio);
}

/** @param {Placed} placed @param {number} value */
export const across = ({ box, x }, value) => box.left + x.to(value) * box.width;
/** @param {Placed} placed @param {number} value */
export const down = ({ box, y }, value) => box.top + (1 - y.to(value)) * box.height;

/** @type {Record<string, (c: CanvasRenderingContext2D, p: Placed, m: Mark, d: Drawn, t: {ink: string, paper: string}) => void>} */
const DRAWN_AS = {
  line(context, placed, _, { x, y }) {
    context.beginPath();
    let [h, v, pen] = [NaN, NaN, false];
    for (let i = 0; i < x.length; i++) {
      const [a, b] = [h, v];
      const [c, d] = [across(placed, x[i]), down(placed, y[i])];
      if (i < x.length - 1 && Math.abs(c - a) < 0.5 && Math.abs(d - b) < 0.5) continue;
      [h, v] = [c, d];
      const seen = within(placed.box, a, b, h, v);
      if (!seen) pen = false;
      else {
        if (!pen) context.moveTo(seen[0], seen[1]);
        context.lineTo(seen[2], seen[3]);
        pen = seen[2] === h && seen[3] === v;
      }
    }
    context.stroke();
  },
  points(context, placed, mark, { x, y }, theme) {
    for (let i = 0; i < x.length; i++) {
      const [h, v] = [across(placed, x[i]), down(placed, y[i])];
      if (Number.isFinite(h) && Number.isFinite(v)) {
        marker(context, mark.marker ?? "circle", h, v, mark.size ?? 4, theme.paper);
      }
    }
  },
  bars(context, placed, _, { x, y }) {
    for (let i = 0; i < x.length; i++) {
      const [left, right] = [across(placed, x[i] - BAR / 2), across(placed, x[i] + BAR / 2)];
      const [from, to] = [down(placed, 0), down(placed, y[i])];
      if ([left, right, from, to].every(Number.isFinite)) context.fillRect(left, from, right - left, to - from);
    }
  },
  arrows(context, placed, _, { x, y, dx, dy }) {
    for (let i = 0; i < x.length; i++) {
      const [a, b] = [across(placed, x[i]), down(placed, y[i])];
      const end = [x[i] + /** @type {Float32Array} */ (dx)[i], y[i] + /** @type {Float32Array} */ (dy)[i]];
      arrow(context, a, b, across(placed, end[0]), down(placed, end[1]));
    }
  },
  words(context, placed, mark, { x, y }) {
    context.font = FONT;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let i = 0; i < x.length; i++) {
      const [h, v] = [across(placed, x[i]), down(placed, y[i])];
      if (Number.isFinite(h)) context.fillText(/** @type {string[]} */ (mark.words)[i], h, v);
    }
  },
};

/**
 * The part of a line from (a, b) to (c, d) that is in a box or close to it (Liang and Barsky, 1984).
 * A path that runs away is far longer than the plot, and every dash of it would be drawn.
 * @param {Box} box
 * @param {number} a
 * @param {number} b
 * @param {number} c
 * @param {number} d
 * @returns {[number, number, number, number] | undefined}
 */
export function within({ left, top, width, height }, a, b, c, d) {
  if (![a, b, c, d].every(Number.isFinite)) return undefined;
  const [dx, dy] = [c - a, d - b];
  let [enter, leave] = [0, 1];
  for (const [step, room] of [
    [-dx, a - left + 20],
    [dx, left + width + 20 - a],
    [-dy, b - top + 20],
    [dy, top + height + 20 - b],
  ]) {
    if (step === 0 && room < 0) return undefined;
    if (step < 0) enter = Math.max(enter, room / step);
    if (step > 0) leave = Math.min(leave, room / step);
  }
  if (enter > leave) return undefined;
  const end = leave === 1 ? [c, d] : [a + leave * dx, b + leave * dy];
  return [a + enter * dx, b + enter * dy, end[0], end[1]];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} kind
 * @param {number} h
 * @param {number} v
 * @param {number} r
 * @param {string} paper
 */
export function marker(context, kind, h, v, r, paper) {
  context.setLineDash([]);
  context.beginPath();
  if (kind === "cross") {
    context.lineWidth = 2.5;
    for (const side of [-1, 1]) {
      context.moveTo(h - r, v - side * r);
      context.lineTo(h + r, v + side * r);
    }
    context.stroke();
    return;
  }
  if (kind === "square") context.rect(h - r, v - r, 2 * r, 2 * r);
  else if (kind === "circle" || kind === "ring") context.arc(h, v, r, 0, 2 * Math.PI);
  else {
    const tips = kind === "star" ? 10 : 3;
    for (let k = 0; k < tips; k++) {
      const radius = kind === "star" && k % 2 ? 0.45 * r : 1.2 * r;
      const angle = (2 * Math.PI * k) / tips - Math.PI / 2;
      context.lineTo(h + radius * Math.cos(angle), v + radius * Math.sin(angle));
    }
    context.closePath();
  }
  if (kind === "ring") {
    context.fillStyle = paper;
    context.fill();
    context.stroke();
  } else context.fill();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} a
 * @param {number} b
 * @param {number} c
 * @param {number} d
 */
function arrow(context, a, b, c, d) {
  if (![a, b, c, d].every(Number.isFinite)) return;
  const angle = Math.atan2(d - b, c - a);
  context.beginPath();
  context.moveTo(a, b);
  context.lineTo(c, d);
  for (const side of [-1, 1]) {
    context.moveTo(c, d);
    context.lineTo(c - 8 * Math.cos(angle + side * 0.4), d - 8 * Math.sin(angle + side * 0.4));
  }
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Placed} placed
 * @param {{ink: string, paper: string}} theme
 */
function drawAxes(context, placed, theme) {
  const { panel, box, x, y } = placed;
  context.fillStyle = context.strokeStyle = theme.ink;
  context.font = FONT;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  if (panel.title) context.fillText(panel.title, box.left - 34, box.top - 10, box.width + 40);
  if (panel.axes === false) return;
  const [bottom, right] = [box.top + box.height, box.left + box.width];
  const rule = (/** @type {number} */ alpha, /** @type {number[]} */ [a, b, c, d]) => {
    context.globalAlpha = alpha;
    context.beginPath();
    context.moveTo(a, b);
    context.lineTo(c, d);
    context.stroke();
    context.globalAlpha = 1;
  };
  context.lineWidth = 1;
  context.setLineDash([]);
  context.textAlign = "center";
  for (const [value, text] of x.ticks) {
    const h = across(placed, value);
    rule(0.15, [h, box.top, h, bottom]);
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.min(h, right + 9 - half), bottom + 16);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const [value, text] of y.ticks) {
    const v = down(placed, value);
    rule(0.15, [box.left, v, right, v]);
    context.fillText(text, box.left - 6, v);
  }
  rule(0.7, [box.left, bottom, right, bottom]);
  rule(0.7, [box.left, box.top, box.left, bottom]);
  context.textAlign = "center";
  if (panel.x_label) context.fillText(panel.x_label, box.left + box.width / 2, bottom + 32);
  if (panel.y_label) {
    context.save();
    context.translate(box.left - 46, box.top + box.height / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(panel.y_label, 0, 0);
    context.restore();
  }
}

/**
 * A sample of a line or marker, for a legend.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./scene.js").Says} says
 * @param {{ink: string, paper: string}} theme
 */
export function sample(context, says, theme) {
  const color = COLORS[/** @type {keyof typeof COLORS} */ (says.color)] ?? theme.ink;
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = 2;
  context.setLineDash(DASHES[(says.dash ?? 0) % DASHES.length]);
  if (says.marker) marker(context, says.marker, 15, 7, 4, theme.paper);
  else {
    context.beginPath();
    context.moveTo(1, 7);
    context.lineTo(29, 7);
    context.stroke();
  }
}
