// An explorer in the page: it keeps every picture that it was sent, and asks for those it lacks.

import { make, showControl } from "./controls.js";
import { addHandle } from "./handle.js";
import { arranged } from "./narrow.js";
import { draw, place, sample } from "./plot.js";
import { sentence, unwire } from "./scene.js";

/** @typedef {import("./scene.js").Picture} Picture */
/** @typedef {import("./scene.js").Values} Values */
/** @typedef {{layer: string, values: Values}} Asked */
/**
 * @typedef {{name: string, asks: string[], ahead: string[][]}} Layer
 * @typedef {{title: string, height: number, panels: import("./scene.js").Panel[],
 *   controls: import("./controls.js").Control[], layers: Layer[],
 *   handle: {panel: string, x: string, y?: string, label: string} | null,
 *   brings: Record<string, Record<string, Values>>}} Setting
 * @typedef {{setting: Setting, values: Values, saved?: boolean,
 *   ask: (asked: Asked[], ahead: boolean) => void, keep: (values: Values) => void}} Source
 *   Where pictures come from; `ahead` says that nobody waits for them yet.
 */

// How many pictures are asked beforehand at once; and in milliseconds, when a hand is at rest, when
// Python is said to be silent, and how often sentences change.
const AT_ONCE = 16;
const REST = 150;
const SILENCE = 4000;
const READ = 150;
// Pixels of a plot's height, whatever is asked for.
const HIGHEST = 2000;
// Pictures that are kept, at about 10 kB each; the oldest go first.
const MOST_KNOWN = 3000;

/**
 * Show an explorer in `root`. Returns how pictures are delivered, forgotten, and how it ends.
 * @param {HTMLElement} root
 * @param {Source} source
 */
function showExplorer(root, source) {
  const { setting } = source;
  const values = { ...source.values };
  /** @type {Map<string, Picture>} */
  const known = new Map();
  /** @type {Map<string, Picture>} The last picture of each layer, shown until the next is there. */
  const last = new Map();
  let [moved, asked, drawing] = [-REST, 0, false];
  /** Is an answer on its way for the present values, and one for others, asked beforehand? */
  let [waiting, foreseeing] = [false, false];
  /** @type {Set<string>} Layers of which nothing is asked beforehand: there was an error. */
  const broken = new Set();

  const canvas = make("canvas", { role: "img" });
  const wrong = make("p", { className: "wrong", role: "alert" });
  const plot = make("div", { className: "plot" }, canvas, wrong);
  const says = make("ul", { className: "says" });
  const note = make("p", { className: "note" });
  const aloud = make("div", { className: "aloud", role: "status" });
  const shown = new Map(
    setting.controls.map((control) => [
      control.name,
      showControl(control, (value, settled) => change({ [control.name]: value }, settled)),
    ]),
  );
  const controls = make("div", { className: "controls" }, ...[...shown.values()].map((s) => s.element));
  root.classList.add("downhill");
  root.replaceChildren(plot, says, controls, note, aloud);
  const handle = setting.handle ? addHandle(plot, canvas, setting.handle, values, change) : undefined;

  const key = (/** @type {Layer} */ layer, /** @type {Values} */ at) =>
    layer.name + JSON.stringify(layer.asks.map((name) => at[name]));
  const wanted = (/** @type {Layer} */ layer, /** @type {Values} */ at) => ({
    layer: layer.name,
    values: Object.fromEntries(layer.asks.map((name) => [name, at[name]])),
  });
  const lacking = (/** @type {Layer} */ layer) => !known.has(key(layer, values));

  /** @param {Values} changes @param {boolean} settled */
  function change(changes, settled) {
    const brought = Object.entries(changes).map(([name, value]) => setting.brings[name]?.[value]);
    const all = Object.assign({}, ...brought, changes);
    Object.assign(values, all);
    for (const [name, value] of Object.entries(all)) shown.get(name)?.update(value);
    moved = performance.now();
    if (source.saved) putBack(Object.keys(changes));
    if (settled) keepSoon();
    if (setting.layers.some(lacking)) askNext();
    redraw();
  }

  /** A saved page knows the pictures along one slider at a time. @param {string[]} changed */
  function putBack(changed) {
    if (!setting.layers.some(lacking)) return;
    for (const layer of setting.layers.filter(lacking)) {
      for (const name of layer.asks.filter((each) => !changed.includes(each))) {
        values[name] = source.values[name];
        shown.get(name)?.update(values[name]);
      }
    }
    note.textContent = "A saved page moves one of these at a time; the others went back.";
  }

  let keeping = 0;
  const keepSoon = () => {
    clearTimeout(keeping);
    keeping = window.setTimeout(() => source.keep(values), REST);
  };

  function redraw() {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame((time) => {
      drawing = false;
      let playing = false;
      for (const each of shown.values()) playing = Boolean(each.tick?.(time)) || playing;
      paint();
      askNext();
      if (playing) redraw();
    });
  }

  // Reading these makes the browser lay out the page, so they are read when they change.
  let wide = 720;
  /** @type {{ink: string, paper: string} | undefined} */
  let theme;
  function paint() {
    for (const layer of setting.layers) {
      const picture = known.get(key(layer, values));
      if (picture) last.set(layer.name, picture);
    }
    const pictures = setting.layers.flatMap((layer) => last.get(layer.name) ?? []);
    const panels = new Map(setting.panels.map((panel) => [panel.name, panel]));
    for (const panel of pictures.flatMap((p) => p.panels ?? [])) panels.set(panel.name, panel);
    const marks = pictures.flatMap((p) => p.marks ?? []);
    for (const [name, to] of pictures.flatMap((p) => Object.entries(p.limits ?? {}))) {
      shown.get(name)?.limit?.(to);
    }

    const width = wide;
    // A saved page stands in a frame that grows no higher.
    const there = arranged([...panels.values()], source.saved ? Infinity : width, setting.height);
    const height = Math.min(there.height, HIGHEST);
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) {
      [canvas.width, canvas.height] = [w, h];
      canvas.style.height = `${height}px`;
    }
    theme ??= themeOf(root);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = theme.paper;
    context.fillRect(0, 0, width, height);
    const placed = place(there.panels, marks, values, width, height);
    draw(context, placed, marks, values, theme);
    handle?.move(placed);
    wrong.textContent = [...new Set(pictures.flatMap((p) => p.error ?? []))].join("\n");
    sayInTurn(pictures.flatMap((p) => p.says ?? []), theme);
  }

  // Nobody reads 60 sentences a second, and each makes the browser lay out the page: they follow the
  // plot, after a frame is shown, and say what is shown by then.
  let [said, inTurn] = [-READ, 0];
  let latest = () => {};
  /** @param {import("./scene.js").Says[]} every @param {{ink: string, paper: string}} theme */
  function sayInTurn(every, theme) {
    latest = () => say(every, theme);
    if (inTurn) return; // one that began anew with every frame would never end while it plays
    const now = () => {
      [said, inTurn] = [performance.now(), 0];
      latest();
    };
    inTurn = window.setTimeout(now, Math.max(said + READ - performance.now(), 20));
  }

  /** @type {HTMLElement[]} */
  let lines = [];
  let before = "";
  let speech = 0;
  /** @param {import("./scene.js").Says[]} every @param {{ink: string, paper: string}} theme */
  function say(every, theme) {
    const looks = JSON.stringify([every.map(({ color, dash, marker }) => [color, dash, marker]), theme]);
    if (looks !== before) {
      before = looks;
      lines = every.map(() => make("span"));
      says.replaceChildren(...every.map((each, i) => make("li", {}, ...sampleOf(each, theme), lines[i])));
    }
    every.forEach((each, i) => {
      const text = sentence(each, values);
      if (lines[i].textContent !== text) lines[i].textContent = text;
    });
    clearTimeout(speech);
    speech = window.setTimeout(() => {
      const text = [...lines.map((line) => line.textContent), wrong.textContent].join(" ");
      canvas.setAttribute("aria-label", `${setting.title}. ${text}`);
      if (aloud.textContent !== text) aloud.textContent = text;
    }, 600);
  }

  /** Ask for what is missing here; with nothing missing and the hand at rest, for what is near. */
  function askNext() {
    if (source.saved) return;
    const rest = performance.now() - moved >= REST;
    const missing = setting.layers.filter(lacking);
    if (missing.length && waiting) {
      const late = performance.now() - asked > SILENCE;
      note.textContent = late ? "Python has not answered yet: is it busy, or is there no kernel?" : "";
      later();
    } else if (missing.length) {
      [waiting, asked] = [true, performance.now()];
      source.ask(missing.map((layer) => wanted(layer, values)), false);
    } else if (!rest) later();
    else if (!foreseeing) {
      const next = ahead().slice(0, AT_ONCE);
      foreseeing = next.length > 0;
      if (foreseeing) source.ask(next, true);
    }
  }

  let alarm = 0;
  const later = () => {
    clearTimeout(alarm);
    alarm = window.setTimeout(askNext, waiting ? SILENCE / 4 : REST);
  };

  /** Pictures along the sliders that are not here yet, the nearest first. */
  function ahead() {
    /** @type {[number, Asked][]} */
    const found = [];
    for (const layer of setting.layers.filter((l) => !broken.has(l.name))) {
      for (const group of layer.ahead) {
        for (const at of reach(group)) {
          if (known.has(key(layer, at))) continue;
          found.push([Math.max(...group.map((name) => distance(name, at))), wanted(layer, at)]);
        }
      }
    }
    return found.sort((a, b) => a[0] - b[0]).map(([, each]) => each);
  }

  const every = (/** @type {string} */ name) => {
    const control = setting.controls.find((each) => each.name === name);
    return control?.options ?? control?.texts?.map((_, i) => i) ?? [];
  };
  const distance = (/** @type {string} */ name, /** @type {Values} */ at) => {
    const all = /** @type {any[]} */ (every(name));
    return Math.abs(all.indexOf(at[name]) - all.indexOf(values[name]));
  };
  /** @param {string[]} group @returns {Values[]} */
  const reach = (group) =>
    group.reduce(
      (some, name) => some.flatMap((at) => every(name).map((value) => ({ ...at, [name]: value }))),
      [{ ...values }],
    );

  /** Without Python, a control moves where all the pictures along it were saved. */
  function disableAsking() {
    for (const { name } of setting.controls) {
      const saved = setting.layers
        .filter((layer) => layer.asks.includes(name))
        .every(
          (layer) =>
            layer.ahead.some((group) => group.includes(name)) &&
            every(name).every((value) => known.has(key(layer, { ...values, [name]: value }))),
        );
      shown.get(name)?.enable(saved);
    }
  }

  const looks = new MutationObserver(() => {
    theme = undefined;
    redraw();
  });
  looks.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  const size = new ResizeObserver(() => {
    wide = plot.clientWidth || 720;
    redraw();
  });
  size.observe(plot);
  redraw();

  return {
    /**
     * @param {(Asked & {picture: any})[]} answers
     * @param {DataView[]} buffers
     * @param {boolean} ahead
     */
    deliver(answers, buffers, ahead) {
      const lacked = setting.layers.some(lacking);
      for (const { layer: name, values: at, picture } of answers) {
        const layer = setting.layers.find((each) => each.name === name);
        if (!layer) continue;
        const answered = unwire(picture, buffers);
        known.set(key(layer, at), answered);
        if (known.size > MOST_KNOWN && !source.saved) known.delete(known.keys().next().value ?? "");
        // The hand may have moved on: what it passed is nearer than what stands there.
        if (!ahead) last.set(name, answered);
        if (picture.error) broken.add(name);
        else broken.delete(name);
      }
      if (ahead) foreseeing = false;
      else waiting = false;
      if (source.saved) disableAsking();
      else note.textContent = "";
      if (lacked) redraw();
      askNext();
    },
    /** Move controls, as from Python. @param {Values} to */
    set(to) {
      const other = Object.entries(to).filter(([name, value]) => values[name] !== value);
      if (other.length) change(Object.fromEntries(other), false);
    },
    forget() {
      known.clear();
      broken.clear();
      waiting = foreseeing = false;
      redraw();
    },
    end() {
      looks.disconnect();
      size.disconnect();
      clearTimeout(alarm);
      clearTimeout(speech);
      clearTimeout(inTurn);
      clearTimeout(keeping);
    },
  };
}

/** The colours of text and page, as the theme sets them. @param {HTMLElement} root */
function themeOf(root) {
  const { color, backgroundColor } = getComputedStyle(root);
  return { ink: color, paper: backgroundColor };
}

/**
 * The sample before a sentence of a legend.
 * @param {import("./scene.js").Says} says
 * @param {{ink: string, paper: string}} theme
 */
function sampleOf(says, theme) {
  if (!says.color && !says.marker) return [];
  const canvas = make("canvas", { width: 60, height: 28, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  sample(context, says, theme);
  return [canvas];
}

/**
 * A page without a kernel: all pictures are in the text, packed as page.py packs them.
 * @param {HTMLElement} root
 * @param {string} packed
 */
async function showSaved(root, packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const all = await new Response(stream).arrayBuffer();
  let at = 4 + new DataView(all).getUint32(0, true);
  const { setting, values, pictures, sizes } = JSON.parse(
    new TextDecoder().decode(new Uint8Array(all, 4, at - 4)),
  );
  const buffers = sizes.map((/** @type {number} */ size) => {
    at += size;
    return new DataView(all, at - size, size);
  });
  const view = showExplorer(root, { setting, values, saved: true, ask: () => {}, keep: () => {} });
  view.deliver(pictures, buffers, false);
}

/** The widget, by anywidget's protocol. */
export default {
  /** @param {{model: any, el: HTMLElement}} context */
  render({ model, el }) {
    const root = make("div");
    el.append(root);
    const view = showExplorer(root, {
      setting: model.get("setting"),
      values: model.get("values"),
      ask: (asked, ahead) => model.send({ ask: asked, ahead }),
      keep: (values) => {
        model.set("values", { ...values });
        model.save_changes();
      },
    });
    const heard = (/** @type {any} */ message, /** @type {DataView[]} */ buffers) => {
      if (message.pictures) view.deliver(message.pictures, buffers, message.ahead);
      if (message.forget) view.forget();
    };
    const moved = () => view.set(model.get("values"));
    model.on("msg:custom", heard);
    model.on("change:values", moved);
    return () => {
      model.off("msg:custom", heard);
      model.off("change:values", moved);
      view.end();
    };
  },
};
