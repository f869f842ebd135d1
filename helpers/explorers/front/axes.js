// Axes: where a value stands on one, and its ticks.

/**
 * @typedef {{low: number, high: number, to: (value: number) => number,
 *   from: (part: number) => number, ticks: [number, string][]}} Axis
 *   `to` maps a value to 0..1 along the axis, `from` back.
 */

const LINEAR_PART = 1e-4;
const MOST_TICKS = 100;

/** @type {Record<string, [(v: number) => number, (v: number) => number]>} */
export const SCALES = {
  linear: [(v) => v, (v) => v],
  log: [(v) => (v > 0 ? Math.log10(v) : NaN), (v) => 10 ** v],
  symlog: [
    (v) => Math.sign(v) * Math.log10(1 + Math.abs(v) / LINEAR_PART),
    (v) => Math.sign(v) * LINEAR_PART * (10 ** Math.abs(v) - 1),
  ],
};

/**
 * @param {number} low
 * @param {number} high
 * @param {string} scale
 * @param {number} length in pixels
 * @returns {Axis}
 */
export function axis(low, high, scale, length) {
  const [into, out] = SCALES[scale];
  const [a, b] = [into(low), into(high)];
  return {
    low,
    high,
    to: (value) => (into(value) - a) / (b - a),
    from: (part) => out(a + part * (b - a)),
    ticks: scale === "linear" ? evenTicks(low, high, length) : powerTicks(low, high, scale, length),
  };
}

/**
 * @param {number} low
 * @param {number} high
 * @param {number} length
 * @returns {[number, string][]}
 */
function evenTicks(low, high, length) {
  const wanted = (high - low) / Math.max(2, length / 55);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = power * ([1, 2, 5].find((k) => k * power >= wanted) ?? 10);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  // Beyond 2^53 a number plus one is the number itself.
  const first = Math.ceil(low / step - 1e-9);
  for (let k = first; k * step <= high + 1e-9 * step && ticks.length < MOST_TICKS; k++) {
    const many = Math.abs(k * step) >= 1e5;
    const text = many ? (k * step).toExponential(0).replace("+", "") : (k * step).toFixed(digits);
    ticks.push(/** @type {[number, string]} */ ([k * step, text.replace("-", "−")]));
  }
  return ticks;
}

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** @param {number} power */
function powerOfTen(power) {
  const digits = [...String(Math.abs(power))].map((d) => RAISED[Number(d)]).join("");
  return `10${power < 0 ? "⁻" : ""}${digits}`;
}

/**
 * @param {number} low
 * @param {number} high
 * @param {string} scale
 * @param {number} length
 * @returns {[number, string][]}
 */
function powerTicks(low, high, scale, length) {
  /** @type {[number, string][]} */
  const ticks = scale === "symlog" && low <= 0 && high >= 0 ? [[0, "0"]] : [];
  const first = scale === "symlog" ? Math.log10(LINEAR_PART) + 1 : -300;
  const along = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ sign) => {
    const [start, end] = [Math.max(Math.ceil(Math.log10(from)), first), Math.floor(Math.log10(to))];
    const every = Math.max(1, Math.ceil((end - start + 1) / Math.max(2, length / 45)));
    for (let power = end; power >= start; power -= every) {
      ticks.push([sign * 10 ** power, (sign < 0 ? "−" : "") + powerOfTen(power)]);
    }
  };
  if (high > 0) along(Math.max(low, 1e-300, scale === "symlog" ? LINEAR_PART : 0), high, 1);
  if (low < 0 && scale === "symlog") along(LINEAR_PART, -low, -1);
  return ticks;
}
