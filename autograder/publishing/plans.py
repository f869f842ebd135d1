"""What is recorded of each explorer beyond its worked notebook, so that dragging feels alive.

A plan gives groups of settings. Each group is a file of its own, which a page asks for when the
controls stand where its `where` says, or are about to be touched.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from helpers.explorers.explorer import Explorer

FORMULAS = (
    "(a + b) * max(a, c)",
    "a * b * exp(a * b)",
    "a * b + a",
    "a * a * a + b",
    "max(a * b, c) + exp(c)",
    "(a + b) * (a + b) * c",
    "exp(max(a, b) * c)",
)
"""Of what every viewer of the course can differentiate."""
NUMBERS = ("a=1, b=2, c=3", "a=2, b=0.5, c=-1", "a=-1, b=-2, c=0.5")


class Group(NamedTuple):
    """Settings that are recorded together: values of controls; the others stay as they are."""

    where: Mapping[str, Any]
    settings: list[dict[str, Any]]


def plan(explorer: Explorer) -> list[Group]:
    """What is to be recorded; nothing for those whose worked notebook holds all that there is."""
    make = PLANS.get(type(explorer).__name__)
    return list(make(explorer)) if make else []


def product(**values: Iterable[Any]) -> list[dict[str, Any]]:
    """Every combination."""
    return [
        dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())
    ]


def spread(explorer: Explorer, name: str, count: int) -> list[int]:
    """As many positions of a slider, evenly, with both ends and where it stands at first."""
    last = len(explorer.controls[name].every()) - 1
    found = {round(at) for at in np.linspace(0, last, count)}
    return sorted(found | {int(explorer.controls[name].at)})


def along(low: float, high: float, count: int, *also: float) -> list[float]:
    """Numbers from low to high, to four digits, as a page writes them."""
    return sorted({float(f"{x:.4g}") for x in (*np.linspace(low, high, count), *also)})


def every(explorer: Explorer, name: str) -> Sequence[Any]:
    return explorer.controls[name].every()


# --- One for each kind --------------------------------------------------------------------------


def step_size(explorer: Any) -> Iterator[Group]:
    for name, curve in explorer.curves.items():
        low, high = curve.domain
        starts = along(low + 0.02 * (high - low), high - 0.02 * (high - low), 15)
        starts = sorted({*starts, explorer.values["start"]})
        rates = every(explorer, "learning_rate")
        yield Group({"curve": name}, product(curve=[name], learning_rate=rates, start=starts))


def neuron(explorer: Explorer) -> Iterator[Group]:
    some = {name: spread(explorer, name, 6) for name in ("w1", "w2", "b")}
    yield Group({}, product(**some))


def softmax(explorer: Explorer) -> Iterator[Group]:
    some = {name: spread(explorer, name, 6) for name in ("cat", "dog", "ship")}
    yield Group({}, product(**some, right=every(explorer, "right")))


def graph(explorer: Explorer) -> Iterator[Group]:
    formulas = dict.fromkeys([explorer.values["expression"], *FORMULAS])
    numbers = dict.fromkeys([explorer.values["values"], *NUMBERS])
    yield Group({}, product(expression=formulas, values=numbers))


def seeds(explorer: Explorer) -> Iterator[Group]:
    slider = next(c.name for c in explorer.controls.values() if c.kind == "slider")
    yield Group({}, product(**{slider: every(explorer, slider), "seed": [0, 1, 2, 3, 4]}))


def convergence(explorer: Explorer) -> Iterator[Group]:
    sizes, alphas = spread(explorer, "size", 9), spread(explorer, "alpha", 7)
    for kappa in every(explorer, "kappa"):
        yield Group({"kappa": kappa}, product(kappa=[kappa], size=sizes, alpha=alphas))


def path(explorer: Any) -> Iterator[Group]:
    """Starts over all of each surface, the more on the one that is shown first; and from the
    surface's own start every rate, and some of what each rule can be set to."""
    for name, surface in explorer.surfaces.items():
        (left, right), (low, high) = surface.domain
        x, y = np.array(surface.start, dtype=float)
        here = {"surface": [name]}
        columns, rows = (9, 7) if name == explorer.values["surface"] else (4, 4)
        across = along(*_within(left, right), columns, x)
        up = along(*_within(low, high), rows, y)
        settings = product(**here, x=across, y=up)
        settings += product(**here, x=[x], y=[y], rate=every(explorer, "rate"))
        for own in (each for each in explorer.controls if each.startswith("rule ")):
            some = {own: spread(explorer, own, 4)}
            settings += product(**here, x=[x], y=[y], **some)
        yield Group({"surface": name}, settings)


def searches(explorer: Explorer) -> Iterator[Group]:
    names = ("ground", "dimension", "seed")
    yield Group({}, product(**{name: every(explorer, name) for name in names}))


def plane(explorer: Any) -> Iterator[Group]:
    for name, scale in itertools.product(every(explorer, "plane"), every(explorer, "scale")):
        here = {"plane": [name], "scale": [scale]}
        rules, near = every(explorer, "rule"), along(-0.9, 0.9, 4)
        a, b = explorer.controls["a"].at, explorer.controls["b"].at
        settings = product(**here, zoom=every(explorer, "zoom"))
        settings += product(**here, rule=rules, rate=every(explorer, "rate"), a=[a], b=[b])
        settings += product(**here, rule=rules, a=near, b=near)
        yield Group({"plane": name, "scale": scale}, settings)


def _within(low: float, high: float) -> tuple[float, float]:
    margin = 0.06 * (high - low)
    return low + margin, high - margin


PLANS: dict[str, Callable[[Any], Iterator[Group]]] = {
    "StepSizeExplorer": step_size,
    "NeuronExplorer": neuron,
    "SoftmaxExplorer": softmax,
    "GraphViewer": graph,
    "MiniBatchExplorer": seeds,
    "DepthExplorer": seeds,
    "ConvergenceMap": convergence,
    "PathExplorer": path,
    "SearchExplorer": searches,
    "SliceExplorer": plane,
}
