"""A neuron of two inputs: its boundary in the plane, and what it makes of each example."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from helpers import datasets
from helpers.checks import name_of
from helpers.explorers.asking import StudentError, ask, numbers
from helpers.explorers.controls import linear
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.scene import Mark, Panel, Picture, Says
from helpers.explorers.sigmoid_unit import border

EXAMPLES = 100
FEATURES = ("mean radius", "mean concave points")
LABELS = ("x₁: radius, standardised", "x₂: concave points, standardised")
REACH = ((-2.6, 3.8), (-1.5, 3.6))
"""Of the plane: it holds all examples, and right angles are drawn as such."""
Z = np.linspace(-12, 12, 241)
"""The weighted sums at which the curve is drawn."""
HALF: dict[str, Any] = {"color": "green", "dash": 1}
TENTH: dict[str, Any] = {"color": "text", "dash": 3}
LEVELS = ((0.1, TENTH | {"width": 1.2}), (0.9, TENTH | {"width": 1.2}), (0.5, HALF | {"width": 2}))
"""The values of a whose lines are drawn."""
DISTANCE: dict[str, Any] = {"color": "purple", "dash": 2}
ARROW = 0.8
"""The length of the arrow; w itself may leave the picture."""
MOST_LINES = 3
"""Of one value of a: a sigmoid has one, and what is none may have many."""


@lru_cache(maxsize=1)
def examples() -> tuple[np.ndarray, np.ndarray]:
    """(X, y): two features of samples of tissue, with mean 0 and deviation 1; y: 0 or 1."""
    data = datasets.tumours()
    X = data.columns(*FEATURES)
    return ((X - X.mean(axis=0)) / X.std(axis=0))[:EXAMPLES], data.y[:EXAMPLES]


def activation(sigmoid: Callable, z: np.ndarray) -> np.ndarray:
    """What the student's function makes of these weighted sums."""
    name = name_of(sigmoid)
    a = numbers(ask(sigmoid, z), f"what {name} returns")
    if a.shape != z.shape:
        raise StudentError(f"{name} returned an array of shape {a.shape}, z has shape {z.shape}")
    return a


def crossings(z: np.ndarray, a: np.ndarray, level: float) -> np.ndarray:
    """Where the curve through these points crosses a level, at most `MOST_LINES` of them."""
    here = np.flatnonzero((a[:-1] < level) != (a[1:] < level))
    here = here[np.isfinite(a[here]) & np.isfinite(a[here + 1])][:MOST_LINES]
    share = (level - a[here]) / (a[here + 1] - a[here])
    return z[here] + share * (z[here + 1] - z[here])


def cross_entropy(a: np.ndarray, y: np.ndarray) -> float:
    """The mean of −log of what the right class was given; nan where an a is no probability."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.mean(-np.log(np.where(y == 1, a, 1 - a))))


class NeuronExplorer(Explorer):
    """A neuron a = σ(w · x + b): the line z = 0, the arrow w, and where a is 0.1, ½ and 0.9.

    sigmoid(z): an array of any shape; returns an array of the same shape. The examples are 100
    samples of tissue, two features each.
    """

    title = "A neuron of two inputs: its boundary among the examples, and a over z for each of them"
    height = 350

    def __init__(self, sigmoid: Callable, *, w1: float = 1.0, w2: float = -1.0, b: float = 0.5):
        self.X, self.y = examples()
        sliders = ("w1", "w2", "b")
        super().__init__(
            controls=[
                linear("w1", "weight w₁", w1, -3, 3, 25),
                linear("w2", "weight w₂", w2, -3, 3, 25),
                linear("b", "bias b", b, -3, 3, 25),
            ],
            panels=[
                Panel("plane", *REACH, *LABELS, weight=3),
                Panel(
                    "curve",
                    (float(Z[0]), float(Z[-1])),
                    (-0.05, 1.05),
                    "z = w · x + b",
                    title="a = σ(z)",
                    column=1,
                    weight=2,
                ),
            ],
            layers=[
                Layer("examples", self.examples),
                Layer("neuron", self.neuron, asks=sliders, ahead=tuple((s,) for s in sliders)),
            ],
            functions={"sigmoid": sigmoid},
        )

    def by_class(self, x: np.ndarray, y: np.ndarray, panel: str) -> list[Mark]:
        """The examples at these places, a marker for each class."""
        looks: list[dict[str, Any]] = [
            {"color": "blue", "marker": "circle"},
            {"color": "red", "marker": "triangle"},
        ]
        return [
            Mark(kind="points", panel=panel, x=x[self.y == k], y=y[self.y == k], size=3, **look)
            for k, look in enumerate(looks)
        ]

    def examples(self) -> Picture:
        return Picture(
            self.by_class(self.X[:, 0], self.X[:, 1], "plane"),
            [
                Says(text="y = 0: malignant", color="blue", marker="circle"),
                Says(text="y = 1: benign", color="red", marker="triangle"),
            ],
        )

    def neuron(self, w1: float, w2: float, b: float) -> Picture:
        w = np.array([w1, w2])
        z = self.X @ w + b
        both = activation(self.student("sigmoid"), np.concatenate([Z, z]))
        curve, a = both[: len(Z)], both[len(Z) :]
        marks = [*over_z(curve), *self.by_class(z, a, "curve"), self.line(w, b, {"width": 3.5})]
        for level, look in LEVELS:
            marks += [self.line(w, b - at, look) for at in crossings(Z, curve, level)]
        return Picture([*marks, *arrows(w, b)], [*self.results(a), *boundary(w, b)])

    def line(self, w: np.ndarray, b: float, look: dict[str, Any]) -> Mark:
        """Where w · x + b is 0."""
        x, y = border(np.array([*w, b]), 0.5, *REACH)
        return Mark(kind="line", panel="plane", x=x, y=y, **look)

    def results(self, a: np.ndarray) -> list[Says]:
        right = np.mean((a > 0.5) == (self.y == 1)) * 100
        loss = cross_entropy(a, self.y)
        text = "mean cross-entropy {loss}"
        if not ((a >= 0) & (a <= 1)).all():
            text = "no mean cross-entropy: not every a lies between 0 and 1"
        return [
            Says(
                text="{right} % of {n} are right (a > ½: benign)",
                fields={"right": right, "n": len(a)},
            ),
            Says(text=text, fields={"loss": loss}),
            Says(text="your a is ½", **HALF),
            Says(text="your a is 0.1 and 0.9", **TENTH),
        ]


def over_z(a: np.ndarray) -> list[Mark]:
    """The student's curve, the height ½ and the place z = 0."""
    half: dict[str, Any] = {"x": Z[[0, -1]], "y": [0.5, 0.5], "width": 1}
    zero: dict[str, Any] = {"x": [0, 0], "y": [0, 1], "width": 2}
    return [
        Mark(kind="line", panel="curve", x=Z, y=a, color="grey", dash=4),
        Mark(kind="line", panel="curve", **zero),
        Mark(kind="line", panel="curve", **half, **HALF),
    ]


def arrows(w: np.ndarray, b: float) -> list[Mark]:
    """The way from the origin to the boundary, and the direction of w, across the boundary."""
    if not w.any():
        return []
    foot = -b * w / (w @ w)
    along = np.array([-w[1], w[0]]) / np.hypot(*w)
    shift = np.linspace(-6, 6, 241)
    points = foot + shift[:, None] * along
    low, high = np.array(REACH).T
    inside = ((points > low + ARROW) & (points < high - ARROW)).all(axis=1)
    marks = [
        Mark(kind="points", panel="plane", x=[0], y=[0], marker="ring", color="purple"),
        Mark(kind="line", panel="plane", x=[0, foot[0]], y=[0, foot[1]], **DISTANCE, width=2),
    ]
    if inside.any():
        x, y = points[inside][np.argmin(np.abs(shift[inside]))]
        dx, dy = ARROW * w / np.hypot(*w)
        look: dict[str, Any] = {"x": [x], "y": [y], "dx": [dx], "dy": [dy], "width": 2.5}
        marks.append(Mark(kind="arrows", panel="plane", **look))
    return marks


def boundary(w: np.ndarray, b: float) -> list[Says]:
    """How far the line z = 0 is from the origin, and how long w is."""
    length = float(np.hypot(*w))
    if length == 0:
        return [Says(text="w = 0: z is {b} everywhere, there is no boundary", fields={"b": b})]
    return [
        Says(text="the boundary, z = 0", color="text"),
        Says(
            text="its distance from 0: |b|/‖w‖ = {far}", fields={"far": abs(b) / length}, **DISTANCE
        ),
        Says(text="→ the direction of w; ‖w‖ = {length}", fields={"length": length}),
    ]
