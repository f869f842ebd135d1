// Panels that stand beside each other stand below each other where there is no room for them.

/** @typedef {import("./scene.js").Panel} Panel */

// A plot that is narrower has no room, in pixels; and so many times as high it becomes at most.
const NARROW = 560;
const MOST_TIMES = 3 * 0.85;

/**
 * Where the panels stand in a plot of this width, and how high it is.
 * @param {Panel[]} panels
 * @param {number} width
 * @param {number} height where they stand beside each other
 * @returns {{panels: Panel[], height: number}}
 */
export function arranged(panels, width, height) {
  const across = 1 + Math.max(...panels.map((panel) => panel.column ?? 0));
  const down = 1 + Math.max(...panels.map((panel) => panel.row ?? 0));
  if (across === 1 || width >= NARROW) return { panels, height };
  const beside = down > 1 ? 2 : 1;
  const rows = Math.ceil((down * across) / beside);
  const below = (/** @type {Panel} */ panel) => {
    const nth = (panel.row ?? 0) * across + (panel.column ?? 0);
    return { ...panel, row: Math.floor(nth / beside), column: nth % beside };
  };
  return { panels: panels.map(below), height: height * Math.min((0.85 * rows) / down, MOST_TIMES) };
}
