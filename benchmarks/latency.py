"""From the hand to the pixels: how soon does a plot in JupyterLab follow?

`python -m benchmarks.latency [--presses N] [--delay MS]` starts JupyterLab and headless Chromium
and measures the paths of four optimizers, 150 steps each on Beale's function: drawn by
`ipywidgets.interact` with inline matplotlib, the baseline, and by `PathExplorer`.

ms      from the keydown event, in the page, to the end of the last frame in which the picture
        changed, before it stayed the same for half a second. The picture is the canvas or the
        image, scaled to 160 × 80 and compared byte by byte after each frame. The handle that marks
        the start is no part of the canvas: where the start moves, nothing changes on the canvas
        until Python has answered, and the last change is that by the last of its answers.
fps     frames in which the picture changed, a second, in 3 s of dragging. The page itself sends
        a move of the mouse (pointermove, mousemove) or sets the slider (input) before each frame;
        Playwright waits until each move was taken note of, and so misses every second frame.
kB      that arrived on the page's websockets during a drag, before compression, by changed frames.
        A "-" says that nothing was drawn.

The keys of a row are pressed half a second after each other's last change: where the start moved,
Python is then busy with the pictures along the sliders, which it sends beforehand. "At rest" waits
until it has sent them all.

"Slower" is Chromium's own emulation of a slow processor: only the page is slowed, not Python.
Where the network is slow, every byte is late by the delay, there and back: twice it in all.
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
from playwright.sync_api import Locator, Page

from benchmarks import _lab

SETUP = """
%matplotlib inline
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import FloatSlider, interact
from autograder.exercises import right_answer
from helpers import surfaces
from helpers.explorers import PathExplorer, style
from helpers.explorers.path import path_of, rate_of

def sgd(w, gradient, state, learning_rate=0.01):
    return w - learning_rate * gradient, state

names = ("descend", "momentum", "rms_prop", "adam")
descend, momentum, rms_prop, adam = map(right_answer, names)
rules = {"SGD": sgd, "momentum": momentum, "RMS-Prop": rms_prop, "Adam": adam}
beale = surfaces.beale
"""

BASELINE = """
def show(power):
    figure, axes = plt.subplots(figsize=(7.2, 3.6))
    x, y = np.linspace(-4.5, 4.5, 80), np.linspace(-4.5, 4.5, 80)
    heights = beale(np.stack(np.meshgrid(x, y)))
    axes.contour(x, y, heights, levels=style.levels(heights), colors="#BBBBBB", linewidths=0.8)
    for rule, color, dash in zip(rules.values(), style.CYCLE, style.DASHES):
        rate = rate_of(rule, beale, 10**power)
        path = path_of(descend, rule, beale, np.array(beale.start), 150, learning_rate=rate)
        axes.plot(*path.T, color=color, linestyle=dash)
    axes.set(xlim=(-4.5, 4.5), ylim=(-4.5, 4.5), title=beale.formula)
    plt.show()

interact(show, power=FloatSlider(0, min=-2, max=2, step=0.25, description="log rate"));
"""

EXPLORER = "PathExplorer(rules, descend, beale, steps=150)"

WATCH = """
const bench = window.bench = { received: 0, heard: 0 };

window.WebSocket = class extends WebSocket {
  constructor(...all) {
    super(...all);
    this.addEventListener("message", ({ data }) => {
      bench.received += data.byteLength ?? data.size ?? data.length;
      bench.heard = performance.now();
    });
  }
};

const small = document.createElement("canvas");
[small.width, small.height] = [160, 80];
const context = small.getContext("2d", { willReadFrequently: true });
context.imageSmoothingQuality = "medium";
let [before, pressed, watched, changes] = [null, 0, null, []];

const look = () => {
  const now = performance.now();
  const source = document.querySelector(watched);
  if (!source || source.complete === false) return;
  context.clearRect(0, 0, 160, 80);
  context.drawImage(source, 0, 0, 160, 80);
  const pixels = new Uint32Array(context.getImageData(0, 0, 160, 80).data.buffer);
  if (before && pixels.some((pixel, i) => pixel !== before[i])) changes.push(now);
  before = pixels;
};
// A message posted while a frame is made arrives when the frame is done.
const { port1, port2 } = new MessageChannel();
const nextFrame = () => requestAnimationFrame(() => port2.postMessage(0));
port1.onmessage = () => {
  if (!watched) return;
  look();
  nextFrame();
};
window.addEventListener("keydown", () => (pressed = performance.now()), true);

const until = (done, most) => new Promise((resolve) => {
  const end = performance.now() + most;
  const timer = setInterval(() => {
    if (!done() && performance.now() < end) return;
    clearInterval(timer);
    resolve();
  }, 20);
});
bench.watch = async (selector) => {
  [before, pressed, watched, changes] = [null, 0, selector, []];
  nextFrame();
  await until(() => before, 5000);
};
bench.stop = () => {
  watched = null;
  return changes;
};
bench.followed = async () => {
  await until(() => changes.length && performance.now() - changes.at(-1) > 500, 5000);
  return changes.length ? changes.at(-1) - pressed : null;
};
// At each frame the next place: a mouse that is held down moves there, a slider is set to it.
bench.drag = async (held, [x, y], places) => {
  const go = (place) => {
    if (typeof place === "number") {
      held.value = place;
      held.dispatchEvent(new Event("input", { bubbles: true }));
    } else {
      const [clientX, clientY] = [x + place[0], y + place[1]];
      const mouse = { clientX, clientY, pointerId: 1, buttons: 1, bubbles: true };
      held.dispatchEvent(new PointerEvent("pointermove", mouse));
      held.dispatchEvent(new MouseEvent("mousemove", mouse));
    }
  };
  const received = bench.received;
  const end = performance.now() + 3000;
  for (let k = 0; performance.now() < end; k++) {
    go(places[k % places.length]);
    await new Promise(requestAnimationFrame);
  }
  go(places[0]);
  return bench.received - received;
};
bench.silence = async () => {
  const start = performance.now();
  await until(() => performance.now() - Math.max(bench.heard, start) > 1000, 30000);
};
"""


@dataclass(frozen=True)
class Plot:
    """What is measured: the picture that changes, and what the hand takes hold of."""

    picture: str
    held: Callable[[Page], Locator]
    keys: Callable[[], Iterator[str]]
    drag: list[tuple[float, float]] | list[int]
    """Where the mouse goes, in pixels from the middle of what it holds; or a slider's values."""


@dataclass(frozen=True)
class Row:
    """One line of the table; what was not measured is nan."""

    what: str
    median: float
    high: float
    fps: float
    kilobytes: float


def to_and_fro() -> Iterator[str]:
    """Arrow keys that never take a slider far from where it stood."""
    return itertools.cycle(["ArrowRight"] * 3 + ["ArrowLeft"] * 6 + ["ArrowRight"] * 3)


def round_and_round() -> list[tuple[float, float]]:
    """Places of the mouse on a spiral, and back to its start."""
    return [
        ((2 + k / 4) * math.cos(k * math.pi / 30), (2 + k / 4) * math.sin(k * math.pi / 30))
        for k in (*range(180), *range(180, 0, -1))
    ]


def spiral() -> Iterator[str]:
    """Arrow keys that come to no place twice: what was seen before is not asked again."""
    sides = itertools.cycle(["ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"])
    for k, side in enumerate(sides, start=2):
        yield from [side] * (k // 2)


def plots() -> dict[str, Plot]:
    canvas = ".downhill .plot canvas"
    places = spiral()
    # One of a slider's 17 positions at a time, to and fro in its middle.
    wave = [*range(5), *range(5, -5, -1), *range(-5, 0)]
    return {
        "interact": Plot(
            picture=".widget-interact img",
            held=lambda page: page.locator(".widget-interact [role=slider]"),
            keys=to_and_fro,
            drag=[(8.75 * k, 0.0) for k in wave],
        ),
        "rate": Plot(
            picture=canvas,
            held=lambda page: page.get_by_label("learning rate ×"),
            keys=to_and_fro,
            drag=[8 + k for k in wave],
        ),
        "start": Plot(
            picture=canvas,
            held=lambda page: page.locator(".downhill .handle"),
            keys=lambda: places,
            drag=round_and_round(),
        ),
    }


def measure(page: Page, what: str, plot: Plot, presses: int, *, rest: bool = False) -> Row:
    """A row of the table: keys pressed one after another, then a drag.

    rest: a key is pressed only when Python has sent all that it sends beforehand
    """
    held = plot.held(page)
    for element in (page.locator(plot.picture), held):
        element.scroll_into_view_if_needed()
    page.evaluate("bench.silence()")
    times = []
    for key in itertools.islice(plot.keys(), presses):
        if rest:
            page.evaluate("bench.silence()")
        times.append(press(page, plot, held, key))
    page.evaluate("bench.silence()")
    changed, received = drag(page, plot, held)
    seen = [t for t in times if t is not None]
    if len(seen) < len(times):
        print(f"    {len(times) - len(seen)} of {len(times)} presses changed nothing in 5 s")
    median, high = np.percentile(seen, [50, 90]) if seen else (math.nan, math.nan)
    each = received / 1000 / changed if changed else math.nan
    print(f"  {what}: {median:.0f} ms, {changed / 3:.1f} fps", flush=True)
    return Row(what, float(median), float(high), changed / 3, each)


def press(page: Page, plot: Plot, held: Locator, key: str) -> float | None:
    """Milliseconds until the picture has followed one key press."""
    held.focus()
    page.evaluate("selector => bench.watch(selector)", plot.picture)
    time.sleep(random.uniform(0.02, 0.04))  # at any moment between two frames
    page.keyboard.press(key)
    followed = page.evaluate("bench.followed()")
    page.evaluate("bench.stop()")
    return followed


def drag(page: Page, plot: Plot, held: Locator) -> tuple[int, int]:
    """Changed pictures, and bytes received, while something is dragged for 3 s."""
    box = held.bounding_box()
    if box is None:
        raise LookupError(f"{held} is not to be seen")
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    by_mouse = isinstance(plot.drag[0], tuple)
    if by_mouse:
        page.mouse.move(*middle)
        page.mouse.down()
    page.evaluate("selector => bench.watch(selector)", plot.picture)
    received = held.evaluate(
        "(held, [middle, places]) => bench.drag(held, middle, places)", [middle, plot.drag]
    )
    changes = page.evaluate("bench.stop().length")
    if by_mouse:
        page.mouse.up()
    return changes, received


def slow_down(page: Page, times: float) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": times})


def measure_near(page: Page, presses: int) -> Iterator[Row]:
    every = plots()
    interact, rate, start = every["interact"], every["rate"], every["start"]
    yield measure(page, "interact", interact, presses)
    yield measure(page, "rate", rate, presses)
    yield measure(page, "start", start, presses)
    yield measure(page, "start, at rest", start, presses // 2, rest=True)
    slow_down(page, 6)
    yield measure(page, "interact, 6 × slower", interact, presses)
    yield measure(page, "rate, 6 × slower", rate, presses)
    yield measure(page, "start, 6 × slower", start, presses)
    slow_down(page, 1)
    page.evaluate("bench.silence()")
    page.evaluate(f"void {_lab.KERNEL}.requestExecute({{ code: 'import time; time.sleep(600)' }})")
    yield measure(page, "rate, kernel busy", rate, presses)
    page.evaluate(f"{_lab.KERNEL}.shutdown()")
    yield measure(page, "rate, kernel dead", rate, presses)


def measure_far(page: Page, presses: int) -> Iterator[Row]:
    for name, plot in plots().items():
        yield measure(page, f"{name}, slow network", plot, presses)


def table(rows: list[Row]) -> str:
    """The figures, and beside each time and rate its ratio to the baseline's of the same run."""
    lines = [f"{'':28}{'median':>9}{'90 %':>9}{'ratio':>8}{'fps':>7}{'ratio':>7}{'kB':>8}"]
    baselines = {r.what.partition(", ")[2]: r for r in rows if r.what.startswith("interact")}
    for row in rows:
        base = baselines.get(row.what.partition(", ")[2], baselines[""])
        lines.append(
            f"{row.what:28}{row.median:6.1f} ms{row.high:6.1f} ms{row.median / base.median:8.2f}"
            f"{row.fps:7.1f}{row.fps / (base.fps or math.nan):7.1f}{row.kilobytes:8.1f}"
        )
    return "\n".join(lines).replace("nan", "  -")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--presses", type=int, default=30, help="of a key, for each row")
    parser.add_argument("--delay", type=float, default=100, help="of a slow network, in ms")
    wanted = parser.parse_args()
    cells = [nbformat.v4.new_code_cell(code) for code in (SETUP, BASELINE, EXPLORER)]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("near", "far"):
            kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
            notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
            nbformat.write(notebook, Path(folder, f"{name}.ipynb"))
        with (
            _lab.lab(Path(folder)) as port,
            _lab.Network(port) as network,
            _lab.chromium() as browser,
        ):
            for name, measured in (("near", measure_near), ("far", measure_far)):
                page = browser.new_page(viewport={"width": 1300, "height": 1200})
                page.set_default_timeout(60_000)
                page.add_init_script(f"(() => {{{WATCH}}})()")
                network.seconds = 0
                _lab.run_notebook(page, port if name == "near" else network.port, name)
                network.seconds = wanted.delay / 1000
                rows.extend(measured(page, wanted.presses))
                page.close()
                _lab.end_sessions(port)
    print(table(rows))


if __name__ == "__main__":
    main()
