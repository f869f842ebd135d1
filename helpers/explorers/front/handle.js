// The handle: a point of the plot that a hand moves.

import { make } from "./controls.js";
import { across, down } from "./plot.js";

/** @typedef {import("./scene.js").Values} Values */

/**
 * A point of the plot that is dragged, clicked to, or moved with the arrow keys.
 * @param {HTMLElement} plot
 * @param {HTMLCanvasElement} canvas
 * @param {{panel: string, x: string, y?: string, label: string}} handle
 * @param {Values} values
 * @param {(changes: Values, settled: boolean) => void} change
 */
export function addHandle(plot, canvas, handle, values, change) {
  /** @type {import("./plot.js").Placed | undefined} */
  let there;
  const button = make("button", { type: "button", className: "handle" });
  plot.append(button);
  const go = (/** @type {number} */ x, /** @type {number} */ y, settled = false) => {
    const round = (/** @type {number} */ v) => Number(v.toPrecision(4));
    change(handle.y ? { [handle.x]: round(x), [handle.y]: round(y) } : { [handle.x]: round(x) }, settled);
  };
  const follow = (/** @type {PointerEvent} */ event, settled = false) => {
    if (!there) return;
    const { box, x, y } = there;
    const frame = canvas.getBoundingClientRect();
    const part = (event.clientX - frame.left - box.left) / box.width;
    const high = 1 - (event.clientY - frame.top - box.top) / box.height;
    if (settled || (part >= 0 && part <= 1 && high >= 0 && high <= 1)) {
      const into = (/** @type {number} */ v) => Math.min(Math.max(v, 0), 1);
      go(x.from(into(part)), y.from(into(high)), settled);
    }
  };
  for (const element of /** @type {HTMLElement[]} */ ([canvas, button])) {
    element.addEventListener("pointerdown", (event) => {
      if (button.disabled) return;
      element.setPointerCapture(event.pointerId);
      follow(event);
      button.focus({ preventScroll: true });
      event.preventDefault();
    });
    element.addEventListener("pointermove", (event) => {
      if (element.hasPointerCapture(event.pointerId)) follow(event);
    });
    element.addEventListener("pointerup", (event) => {
      if (element.hasPointerCapture(event.pointerId)) follow(event, true);
    });
  }
  button.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const sides = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const side = sides[/** @type {keyof typeof sides} */ (event.key)];
    if (!side || !there) return;
    event.preventDefault();
    const fine = event.shiftKey ? 0.1 : 1;
    const along = (/** @type {import("./axes.js").Axis} */ axis, /** @type {number} */ from, /** @type {number} */ steps) =>
      Math.min(Math.max(from + (steps * fine * (axis.high - axis.low)) / 50, axis.low), axis.high);
    const [x, y] = [values[handle.x], handle.y ? values[handle.y] : 0];
    go(along(there.x, x, side[0]), along(there.y, y, side[1]), true);
  });
  return {
    /** @param {Map<string, import("./plot.js").Placed>} placed */
    move(placed) {
      there = placed.get(handle.panel);
      if (!there) return;
      const [x, y] = [values[handle.x], handle.y ? values[handle.y] : there.y.low];
      button.style.left = `${across(there, x)}px`;
      button.style.top = `${down(there, y)}px`;
      const at = handle.y ? `${x}, ${y}` : `${x}`;
      button.setAttribute("aria-label", `${handle.label}: ${at}. Move it with the arrow keys.`);
    },
  };
}
