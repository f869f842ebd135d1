"""A sigmoid unit that learns two classes in the plane, step by step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.explorers.asking import StudentError, ask, numbers
from helpers.explorers.controls import Player, powers
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.scene import Mark, Panel, Picture, Says

SHARES = (0.1, 0.5, 0.9)
"""The activations whose lines are drawn."""


def weights_path(
    step: Callable, X: np.ndarray, y: np.ndarray, learning_rate: float, steps: int
) -> np.ndarray:
    """The weights before and after each step from zero: an array of shape (steps + 1, m)."""
    w = np.zeros(X.shape[1])
    path = [w]
    for _ in range(steps):
        w = numbers(ask(step, w.copy(), X, y, learning_rate), "the new weights")
        if w.shape != path[0].shape:
            raise StudentError(
                f"the step returned shape {w.shape}, the weights have {path[0].shape}"
            )
        path.append(w)
    return np.array(path)


def activation(X: np.ndarray, w: np.ndarray) -> np.ndarray:
    """σ(Xw) to six digits, more than a plot shows. (All of them are an exercise of the lesson.)"""
    return np.round(0.5 * (1.0 + np.tanh(0.5 * (X @ w))), 6)


def border(
    w: np.ndarray, share: float, a: tuple[float, float], b: tuple[float, float]
) -> np.ndarray:
    """The ends, (2, 2), of the line in the plane where σ(w₀a + w₁b + w₂) is `share`; nan if none.

    It is drawn over all of a, or of b where the line is steep.
    """
    height = np.log(share / (1 - share)) - w[2]
    if not np.isfinite(w).all() or not w[:2].any():
        return np.full((2, 2), np.nan)
    if abs(w[1]) * (b[1] - b[0]) >= abs(w[0]) * (a[1] - a[0]):
        x = np.array(a)
        return np.array([x, (height - w[0] * x) / w[1]])
    y = np.array(b)
    return np.array([(height - w[1] * y) / w[0], y])


class SigmoidUnitExplorer(Explorer):
    """Where the unit says one half, and how its squared error falls.

    step(w, X, y, learning_rate) returns the new weights. X: (n, 3), two features and a last column
    of ones; y: (n,), 0 or 1. features, classes: what the two of each are called.
    """

    title = "A sigmoid unit that learns: the examples, its decision boundary and its error"

    def __init__(
        self,
        step: Callable,
        X: np.ndarray,
        y: np.ndarray,
        *,
        learning_rate: float = 0.5,
        steps: int = 100,
        features: tuple[str, str] = ("first feature", "second feature"),
        classes: tuple[str, str] = ("class 0", "class 1"),
    ):
        self.classes = classes
        self.X, self.y, self.steps = np.asarray(X), np.asarray(y), steps
        self.reach = [(float(v.min() - 0.5), float(v.max() + 0.5)) for v in self.X[:, :2].T]
        super().__init__(
            controls=[
                powers("learning_rate", "learning rate", learning_rate, -3, 2, 2),
                Player("shown", "step", steps, steps // 4),
            ],
            panels=[
                Panel(
                    "plane",
                    x=self.reach[0],
                    y=self.reach[1],
                    x_label=features[0],
                    y_label=features[1],
                    weight=3,
                ),
                Panel(
                    "error",
                    x=(0, steps),
                    x_label="step",
                    title="mean squared error",
                    column=1,
                    weight=2,
                ),
            ],
            layers=[
                Layer("examples", self.examples),
                Layer("unit", self.unit, asks=("learning_rate",), ahead=(("learning_rate",),)),
            ],
            functions={"step": step},
        )

    def examples(self) -> Picture:
        marks, says = [], []
        for label, marker, color in ((0, "circle", "blue"), (1, "triangle", "red")):
            x, y = self.X[self.y == label, :2].T
            marks.append(
                Mark(kind="points", panel="plane", x=x, y=y, color=color, marker=marker, size=3)
            )
            says.append(Says(text=self.classes[label], color=color, marker=marker))
        return Picture(marks, says)

    def unit(self, learning_rate: float) -> Picture:
        path = weights_path(self.student("step"), self.X, self.y, learning_rate, self.steps)
        outputs = np.array([activation(self.X, w) for w in path])
        error = np.mean((self.y - outputs) ** 2, axis=1)
        correct = 100 * np.mean((outputs > 0.5) == (self.y > 0.5), axis=1)
        steps = np.arange(len(path))
        marks = []
        for share in SHARES:
            ends = np.array([border(w, share, *self.reach) for w in path])
            marks.append(
                Mark(
                    kind="line",
                    panel="plane",
                    x=ends[:, 0],
                    y=ends[:, 1],
                    width=2.5 if share == 0.5 else 1,
                    dash=0 if share == 0.5 else 3,
                    pick="shown",
                )
            )
        marks += [
            Mark(kind="line", panel="error", x=steps, y=error, width=1, dash=3),
            Mark(kind="line", panel="error", x=steps, y=error, color="green", reveal="shown"),
            Mark(kind="points", panel="error", x=steps, y=error, color="green", pick="shown"),
        ]
        numbers = {"rate": learning_rate, "step": steps}
        numbers |= {"error": error, "correct": correct}
        text = "learning rate {rate}, step {step}: mean squared error {error}, {correct} % right"
        return Picture(
            marks,
            [
                Says(text=text, fields=numbers, pick="shown", color="green"),
                Says(text="the unit says ½", color="text"),
                Says(text="it says 10 % and 90 %", color="text", dash=3),
            ],
        )
