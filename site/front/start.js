// What lies in files of its own is asked for where it comes into view.

const HERE = new URL(".", /** @type {HTMLScriptElement} */ (document.currentScript).src);
// Pixels below what is seen, within which explorers are made ready.
const SOON = 600;

/** @param {string} packed zlib's bytes in base64 */
async function inflated(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

// As packing.py names and counts them.
const [DROPPED, NOTHING] = [10, -(2 ** 30)];

/**
 * What packing.py packed: plain data, and its arrays.
 * @param {string} packed
 */
async function unpacked(packed) {
  const all = await inflated(packed);
  const start = 4 + new DataView(all).getUint32(0, true);
  const told = JSON.parse(new TextDecoder().decode(new Uint8Array(all, 4, start - 4)));
  const bytes = new Uint8Array(all, start);
  const count = bytes.length / 4;
  let at = 0;
  const buffers = told.sizes.map((/** @type {number} */ size, /** @type {number} */ i) => {
    const kind = told.kinds[i];
    const floats = new Float32Array(size);
    const bits = new Int32Array(floats.buffer);
    let whole = 0;
    for (let k = 0; k < size; k++, at++) {
      const step =
        bytes[at] | (bytes[count + at] << 8) | (bytes[2 * count + at] << 16) | (bytes[3 * count + at] << 24);
      whole = (whole + ((step >>> 1) ^ -(step & 1))) | 0;
      if (typeof kind === "number") floats[k] = whole === NOTHING ? NaN : whole * 2 ** kind;
      else {
        const ordered = kind === "exact" ? whole : whole << DROPPED;
        bits[k] = ordered < 0 ? ordered ^ 0x7fffffff : ordered;
      }
    }
    return new DataView(floats.buffer);
  });
  return { ...told, buffers };
}

/** @type {Map<string, (packed: string) => void>} */
const awaited = new Map();
/** A file of data calls this with its name: a script can be had from a disk, where fetch cannot. */
window.downhillRecorded = (/** @type {string} */ name, /** @type {string} */ packed) => awaited.get(name)?.(packed);

/** @param {string} name @returns {Promise<any>} */
function load(name) {
  return new Promise((resolve, reject) => {
    awaited.set(name, (packed) => resolve(unpacked(packed)));
    const script = make("script", { src: new URL(`${name}.js`, HERE).href, onerror: reject });
    document.head.append(script);
  });
}

/** @param {HTMLElement} figure */
async function start(figure) {
  const stage = figure.querySelector(".downhill-stage");
  try {
    showRecorded(stage, await load(figure.dataset.recorded), load);
  } catch (error) {
    const text = "This picture is still: what makes it move could not be loaded.";
    stage.append(make("p", { className: "recorded" }, text));
    throw error;
  }
}

function startAll() {
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        start(target);
      }
    },
    { rootMargin: `${SOON}px 0px` },
  );
  document.querySelectorAll(".downhill-explorer").forEach((figure) => seen.observe(figure));
  document.querySelectorAll(".downhill-prediction").forEach(showPrediction);
  document.querySelectorAll(".downhill-reveal").forEach((reveal) => showReveal(reveal));
  followTheme();
}

/** The front end looks for the theme where Jupyter says it; this page says it elsewhere. */
function followTheme() {
  const { body } = document;
  const tell = () => body.setAttribute("data-jp-theme-light", getComputedStyle(body).backgroundColor);
  const said = { attributes: true, attributeFilter: ["data-theme"] };
  const changed = new MutationObserver(tell);
  for (const element of [document.documentElement, body]) changed.observe(element, said);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startAll);
else startAll();
