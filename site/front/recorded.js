// An explorer in a page of the site. It has no Python to ask: what was recorded answers, and a
// setting that was not recorded snaps to the nearest that was.

// How much it counts, in finding what is near, that a control is one that the hand moved, and that
// a name is another; numbers count by how far they are.
const MOVED = 20;
const NAMED = 10;
// Of controls that moved by themselves, how many are told.
const MOST_NAMED = 3;

/** @typedef {Record<string, any>} Values */
/**
 * @typedef {{setting: any, values: Values, beforehand: string, more: {where: Values, file: string}[]}} First
 * @typedef {{pictures: {layer: string, values: Values, picture: any}[], buffers: DataView[],
 *   first: number}} Recorded Pictures, and their arrays, which are counted on from `first`.
 */

// A number of which only some were recorded: a slider over these. Its value is the number itself, so
// that a point of the plot can be dragged as well.
KINDS.among = ({ label, at, numbers }, changed) => {
  const nearest = (value) =>
    numbers.reduce((best, each, i) => (Math.abs(each - value) < Math.abs(numbers[best] - value) ? i : best), 0);
  const slider = KINDS.slider({ label, at: nearest(at), texts: numbers.map(show) }, (i, settled) =>
    changed(numbers[i], settled),
  );
  return { ...slider, update: (value) => slider.update(nearest(value)) };
};

// A player that plays asks for a frame only so often, in milliseconds: sentences follow the plot when
// it rests a moment, and at each frame they would wait until its end.
const PACE = 50;
const player = KINDS.player;
KINDS.player = (control, changed) => {
  const shown = player(control, changed);
  const input = shown.element.querySelector("input");
  let next = 0;
  return {
    ...shown,
    tick(time) {
      clearTimeout(next);
      if (shown.tick(time)) next = window.setTimeout(() => changed(input.valueAsNumber, false), PACE);
      return false;
    },
  };
};

/** What can be shown of one explorer, as far as it has been loaded. */
class Record {
  /** @param {any} setting */
  constructor(setting) {
    this.layers = setting.layers;
    this.numbers = new Set(
      setting.controls.filter((c) => !["choice", "text"].includes(c.kind)).map((c) => c.name),
    );
    /** @type {Map<string, Map<string, any>>} By layer, and by what it asks for. */
    this.pictures = new Map(this.layers.map((layer) => [layer.name, new Map()]));
    /** @type {DataView[]} */
    this.buffers = [];
    /** @type {Map<string, [number, number]>} Of each number, the lowest and the highest. */
    this.spans = new Map();
  }

  /** @param {Recorded} recorded */
  add({ pictures, buffers, first }) {
    buffers.forEach((buffer, i) => (this.buffers[first + i] = buffer));
    for (const one of pictures) {
      const layer = this.layers.find((each) => each.name === one.layer);
      this.pictures.get(one.layer).set(this.key(layer, one.values), one);
      for (const [name, value] of Object.entries(one.values)) {
        if (!this.numbers.has(name)) continue;
        const [low, high] = this.spans.get(name) ?? [value, value];
        this.spans.set(name, [Math.min(low, value), Math.max(high, value)]);
      }
    }
  }

  key(layer, at) {
    return JSON.stringify(layer.asks.map((name) => at[name]));
  }

  /** The picture of every layer at these values; nothing where one was not recorded. */
  at(values) {
    const found = this.layers.map((layer) => this.pictures.get(layer.name).get(this.key(layer, values)));
    return found.every(Boolean) ? found : undefined;
  }

  /**
   * The setting nearest to `wanted` of which there is a picture of every layer.
   * @param {Values} wanted
   * @param {Values} before where the controls stood
   * @param {boolean} onward whether a number that was moved has to move on, if only a little
   */
  nearest(wanted, before, onward) {
    const moved = new Set(Object.keys(wanted).filter((name) => wanted[name] !== before[name]));
    const at = { ...wanted };
    /** @type {Map<string, number>} How much each control counts. */
    const counts = new Map([...moved].map((name) => [name, MOVED]));
    for (const layer of [...this.layers].sort((a, b) => b.asks.length - a.asks.length)) {
      let [best, least] = [{}, Infinity];
      for (const { values } of this.pictures.get(layer.name).values()) {
        if (onward && !this.isOnward(values, wanted, before, moved)) continue;
        const far = this.distance(values, at, counts);
        if (far < least) [best, least] = [values, far];
      }
      Object.assign(at, best);
      for (const name of layer.asks) counts.set(name, MOVED ** 2);
    }
    return this.at(at) ? at : before;
  }

  isOnward(place, wanted, before, moved) {
    const asked = [...moved].filter((name) => name in place && this.numbers.has(name));
    return asked.every((name) => (place[name] - before[name]) * (wanted[name] - before[name]) > 0);
  }

  distance(place, wanted, counts) {
    let sum = 0;
    for (const [name, value] of Object.entries(place)) {
      if (value === wanted[name]) continue;
      const [low, high] = this.spans.get(name) ?? [0, 0];
      const far = this.numbers.has(name) ? (value - wanted[name]) / (high - low || 1) : NAMED;
      sum += far ** 2 * (counts.get(name) ?? 1);
    }
    return sum;
  }
}

/**
 * Show an explorer in place of its still picture.
 * @param {HTMLElement} stage
 * @param {First & Recorded} told
 * @param {(file: string) => Promise<Recorded>} load
 */
function showRecorded(stage, told, load) {
  const record = new Record(told.setting);
  record.add(told);
  const root = make("div");
  const said = make("p", { className: "recorded", role: "status" }, told.beforehand);
  stage.append(root);
  stage.classList.add("alive");
  holdOnlyTheHandle(stage);

  let now = { ...told.values };
  /** @type {{where: Values, file: string, done?: boolean, loading?: Promise<void>}[]} */
  const parts = told.more;
  let byKey = false;
  /** @type {ReturnType<typeof showExplorer>} */
  let view;
  stage.addEventListener("keydown", () => (byKey = true), true);
  stage.addEventListener("pointerdown", () => (byKey = false), true);
  for (const sign of ["pointerenter", "focusin"]) stage.addEventListener(sign, () => fetchFor(now));

  /** What is not here yet, of what was recorded for these values. @param {Values} values */
  const lacking = (values) =>
    parts.filter(({ where, done }) => !done && Object.entries(where).every(([name, v]) => values[name] === v));
  /** @param {Values} values */
  const fetchFor = (values) => Promise.all(lacking(values).map((part) => (part.loading ??= fetched(part))));
  /** @param {typeof parts[0]} part */
  async function fetched(part) {
    try {
      record.add(await load(part.file));
    } catch {
      failed = true; // and it is said with the next move
    }
    part.done = true;
  }
  let failed = false;

  // A layer that shows nothing and asks for every control, so that each move is heard of: under a
  // new name each time, because what was answered once would not be asked again.
  const place = { name: "place 0", asks: told.setting.controls.map((each) => each.name), ahead: [] };
  let moves = 0;

  /** @param {{layer: string, values: Values}[]} asked */
  function ask(asked) {
    const wanted = asked.find((one) => one.layer === place.name)?.values ?? now;
    if (record.at(wanted) || !lacking(wanted).length) return answer(wanted);
    fetchFor(wanted).then(() => view.deliver([], [], false)); // which asks anew, for where it is then
  }

  /** @param {Values} wanted */
  function answer(wanted) {
    const at = record.at(wanted) ? wanted : record.nearest(wanted, now, byKey);
    say(at, wanted);
    now = at;
    place.name = `place ${++moves}`;
    const pictures = [...record.at(at)];
    pictures.push({ layer: place.name, values: at, picture: {} });
    // First where the controls stand, then what is seen there: nothing is asked in between.
    ask.muted = true;
    view.set(at);
    ask.muted = false;
    view.deliver(pictures, record.buffers, false);
  }
  ask.muted = false;

  const controls = new Map(told.setting.controls.map((each) => [each.name, each]));
  /** @param {Values} at @param {Values} wanted */
  function say(at, wanted) {
    const other = [...controls.values()].filter(({ name }) => at[name] !== wanted[name]);
    const names = other.filter(({ kind }) => kind !== "player").map(({ name, label, texts }) => {
      const value = texts?.[at[name]] ?? (typeof at[name] === "number" ? show(at[name]) : at[name]);
      return `${label} ${value}`;
    });
    if (names.length > MOST_NAMED) names.splice(MOST_NAMED - 1, names.length, "and others");
    const nearest = `The nearest that was recorded: ${names.join(", ")}.`;
    const lost = failed ? " More was, and could not be loaded." : "";
    const text = other.length ? nearest + lost : told.beforehand;
    if (said.textContent !== text) said.textContent = text;
  }

  const { setting } = told;
  view = showExplorer(root, {
    setting: {
      ...setting,
      layers: [...setting.layers.map((layer) => ({ ...layer, ahead: [] })), place],
      controls: setting.controls.map((each) => ({ ...each, at: now[each.name] })),
    },
    values: now,
    ask: (asked, ahead) => ahead || ask.muted || ask(asked),
    keep: () => {},
  });
  root.querySelector(".plot").after(said);
}
