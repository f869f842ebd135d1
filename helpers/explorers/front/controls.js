// What the hand moves: native inputs with labels, reached by the keyboard alone.

/**
 * @typedef {{kind: string, name: string, label: string, at: any, texts?: string[],
 *   options?: string[], step?: number, last?: number}} Control
 * @typedef {{element: HTMLElement, update: (value: any) => void,
 *   enable: (able: boolean) => void, limit?: (last: number) => void,
 *   tick?: (time: number) => boolean}} Shown
 *   `limit` sets a player's last position; `tick` moves a player that plays; true while it goes on.
 */

// Each widget has a module of its own, so a counter would give the same names to two of them.
export const uniqueName = () => `downhill-${Math.random().toString(36).slice(2)}`;

/**
 * @param {string} tag
 * @param {Record<string, any>} properties
 * @param {(Node | string)[]} children
 * @returns {any}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && name !== "list") /** @type {any} */ (element)[name] = value;
    else element.setAttribute(name, value);
  }
  // JupyterLab and Notebook take arrow keys and letters for themselves, from all but these.
  if (["INPUT", "SELECT", "BUTTON"].includes(element.tagName)) {
    element.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  element.append(...children);
  return element;
}

/**
 * A row: a label, an input, and what it says.
 * @param {string} label
 * @param {HTMLElement} input
 * @param {(Node | string)[]} after
 */
function row(label, input, ...after) {
  input.id = uniqueName();
  return make("div", { className: "row" }, make("label", { htmlFor: input.id }, label), input, ...after);
}

/**
 * The element of a control. `changed` is called with each new value.
 * @param {Control} control
 * @param {(value: any, settled: boolean) => void} changed
 * @returns {Shown}
 */
export function showControl(control, changed) {
  return KINDS[control.kind](control, changed);
}

/** @type {Record<string, (control: Control, changed: (value: any, settled: boolean) => void) => Shown>} */
const KINDS = {
  slider({ label, at, texts = [] }, changed) {
    const input = make("input", { type: "range", min: 0, max: texts.length - 1, step: 1, value: at });
    const output = make("output", {}, texts[at]);
    const update = (/** @type {number} */ value) => {
      input.value = value;
      output.textContent = texts[value];
      input.setAttribute("aria-valuetext", texts[value]);
    };
    update(at);
    input.addEventListener("input", () => {
      update(input.valueAsNumber);
      changed(input.valueAsNumber, false);
    });
    input.addEventListener("change", () => changed(input.valueAsNumber, true));
    return { element: row(label, input, output), update, enable: (able) => (input.disabled = !able) };
  },

  choice({ label, at, options = [] }, changed) {
    const input = make("select", {}, ...options.map((name) => make("option", { value: name }, name)));
    input.value = at;
    input.addEventListener("change", () => changed(input.value, true));
    return {
      element: row(label, input),
      update: (value) => (input.value = value),
      enable: (able) => (input.disabled = !able),
    };
  },

  number({ label, at, step }, changed) {
    const input = make("input", { type: "number", step: "any", value: at });
    input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const side = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!side) return;
      event.preventDefault();
      input.value = tidy((input.valueAsNumber || 0) + side * Number(step));
      changed(input.valueAsNumber, true);
    });
    input.addEventListener("input", () => {
      if (Number.isFinite(input.valueAsNumber)) changed(input.valueAsNumber, true);
    });
    return {
      element: row(label, input),
      update: (value) => {
        if (input.valueAsNumber !== value) input.value = tidy(value);
      },
      enable: (able) => (input.disabled = !able),
    };
  },

  text({ label, at }, changed) {
    const input = make("input", { type: "text", value: at, spellcheck: false });
    let taken = at;
    const take = () => {
      if (input.value !== taken) changed(input.value, true);
    };
    input.addEventListener("change", take);
    input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter") take();
    });
    return {
      element: row(label, input),
      update: (value) => (input.value = taken = value),
      enable: (able) => (input.disabled = !able),
    };
  },

  player({ label, at, last: most = 0 }, changed) {
    let last = most;
    const input = make("input", { type: "range", min: 0, max: last, step: 1, value: at });
    const output = make("output", {}, `${at} of ${last}`);
    let [value, playing, started, from] = [at, false, 0, 0];
    const update = (/** @type {number} */ to) => {
      value = to;
      input.value = String(to);
      output.textContent = `${to} of ${last}`;
      input.setAttribute("aria-valuetext", output.textContent);
    };
    const go = (/** @type {number} */ to, settled = true) => {
      update(Math.min(Math.max(to, 0), last));
      changed(value, settled);
    };
    const stop = () => {
      playing = false;
      play.textContent = "▶";
      play.setAttribute("aria-label", `Play ${label}`);
    };
    const button = (/** @type {string} */ text, /** @type {string} */ says, /** @type {() => void} */ does) =>
      make("button", { type: "button", "aria-label": says, title: says, onclick: does }, text);
    const back = button("◀", `One ${label} back`, () => (stop(), go(value - 1)));
    const on = button("▷", `One ${label} on`, () => (stop(), go(value + 1)));
    const play = button("▶", `Play ${label}`, () => {
      if (playing) return stop();
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return go(last);
      [playing, started, from] = [true, 0, value >= last ? 0 : value];
      play.textContent = "❚❚";
      play.setAttribute("aria-label", `Pause ${label}`);
      go(from);
    });
    update(at);
    input.addEventListener("input", () => (stop(), go(input.valueAsNumber, false)));
    input.addEventListener("change", () => changed(value, true));
    const buttons = make("span", { className: "buttons" }, back, play, on);
    const element = row(label, input, output, buttons);
    element.classList.add("wide");
    return {
      element,
      update,
      enable: (able) => [input, back, on, play].forEach((each) => (each.disabled = !able)),
      limit(to) {
        if (to === last) return;
        const end = value >= last;
        last = to;
        input.max = String(last);
        update(end ? last : Math.min(value, last));
        changed(value, true);
      },
      tick(time) {
        if (!playing) return false;
        started ||= time;
        const to = Math.floor(from + ((time - started) / 4000) * last);
        if (to !== value) go(to, to >= last);
        if (to >= last) stop();
        return playing;
      },
    };
  },
};

/** A number as one types it: without the digits that are only rounding. @param {number} value */
const tidy = (value) => String(Number(value.toPrecision(6)));
