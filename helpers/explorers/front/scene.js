// A scene: panels, marks drawn in them and sentences beside them. See scene.py, which it mirrors.

/**
 * @typedef {{data: Float32Array, shape: number[]}} Numbers An array, in C order.
 * @typedef {Record<string, any>} Values What each control is set to.
 * @typedef {{name: string, x?: [number, number], y?: [number, number], x_label?: string,
 *   y_label?: string, title?: string, x_scale?: string, y_scale?: string, row?: number,
 *   column?: number, weight?: number, axes?: boolean, x_names?: string[]}} Panel
 * @typedef {{kind: string, panel: string, x: Numbers, y: Numbers, dx?: Numbers, dy?: Numbers,
 *   words?: string[], color?: string, dash?: number, width?: number, marker?: string,
 *   size?: number, faint?: boolean, pick?: string, reveal?: string}} Mark
 * @typedef {{text: string | string[], fields?: Record<string, Numbers>, pick?: string, color?: string,
 *   dash?: number, marker?: string}} Says
 * @typedef {{marks?: Mark[], says?: Says[], panels?: Panel[], error?: string,
 *   limits?: Record<string, number>}} Picture
 * @typedef {{x: Float32Array, y: Float32Array, dx?: Float32Array, dy?: Float32Array}} Drawn
 */

/**
 * Put the buffers that came with a picture in the places that refer to them.
 * @param {any} part
 * @param {DataView[]} buffers
 * @returns {any}
 */
export function unwire(part, buffers) {
  if (Array.isArray(part)) return part.map((each) => unwire(each, buffers));
  if (part === null || typeof part !== "object") return part;
  if ("buffer" in part) {
    const { buffer, byteOffset, byteLength } = buffers[part.buffer];
    const aligned = buffer.slice(byteOffset, byteOffset + byteLength);
    return { data: new Float32Array(aligned), shape: part.shape };
  }
  return Object.fromEntries(
    Object.entries(part).map(([name, each]) => [name, unwire(each, buffers)]),
  );
}

/**
 * What stands at a position of the first axis; beyond the end, the last. A number stands at all.
 * @param {Numbers} numbers
 * @param {number} at
 * @returns {Float32Array}
 */
function entry({ data, shape }, at) {
  if (shape.length === 0) return data;
  const size = shape.slice(1).reduce((product, n) => product * n, 1);
  const row = Math.min(at, shape[0] - 1);
  return data.subarray(row * size, (row + 1) * size);
}

/**
 * A mark's arrays as they are drawn for the present positions of the controls.
 * @param {Mark} mark
 * @param {Values} values
 * @returns {Drawn}
 */
export function resolve(mark, values) {
  /** @type {any} */
  const drawn = {};
  for (const name of /** @type {const} */ (["x", "y", "dx", "dy"])) {
    const numbers = mark[name];
    if (!numbers) continue;
    const array = mark.pick ? entry(numbers, values[mark.pick]) : numbers.data;
    drawn[name] = mark.reveal ? array.subarray(0, values[mark.reveal] + 1) : array;
  }
  return drawn;
}

// What is finite and larger than 32 bits hold arrives as this.
const LARGEST = 3.4028234663852886e38;

/**
 * A number in four digits, as `show` of scene.py writes it.
 * @param {number} value
 * @returns {string}
 */
export function show(value) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Math.abs(value) === LARGEST) return value > 0 ? "over 3e38" : "below −3e38";
  if (value === 0) return Object.is(value, -0) ? "−0" : "0";
  const [digits, exponent] = value.toExponential(3).split("e");
  const power = Number(exponent);
  const bare = (/** @type {string} */ text) =>
    text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  const small = power < -4 || power >= 4;
  const text = small ? `${bare(digits)}e${power}` : bare(value.toFixed(3 - power));
  return text.replaceAll("-", "−");
}

/**
 * The text for the present positions of the controls.
 * @param {Says} says
 * @param {Values} values
 * @returns {string}
 */
export function sentence(says, values) {
  const { text, pick } = says;
  const chosen = Array.isArray(text)
    ? text[Math.min(values[/** @type {string} */ (pick)], text.length - 1)]
    : text;
  return chosen.replace(/\{(\w+)\}/g, (all, name) => {
    const numbers = says.fields?.[name];
    if (!numbers) return all;
    return show(pick ? entry(numbers, values[pick])[0] : numbers.data[0]);
  });
}
