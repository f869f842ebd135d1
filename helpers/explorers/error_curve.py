"""The error of a difference quotient over its step h: too large is wrong, too small is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from helpers.explorers import style
from helpers.explorers.asking import ask, ask_each, number
from helpers.explorers.controls import Choice, linear
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.scene import Mark, Panel, Picture, Says

STEPS = np.logspace(-15, 0, 76)
LEAST = 1e-17
"""An error below this is drawn here: a logarithmic axis has no 0."""


def errors(difference: Callable, f: Callable, derivative: Callable, x: float) -> np.ndarray:
    """|difference(f, x, h) − f'(x)| for every h in `STEPS`."""
    exact = number(ask(derivative, x), "the derivative")

    def at(h: float) -> float:
        return difference(f, x, h)

    at.__name__ = getattr(difference, "__name__", "difference")
    return np.abs(ask_each(at, STEPS) - exact)


def best(error: np.ndarray) -> float:
    """The step with the smallest error."""
    return float(STEPS[np.nanargmin(error)])


class ErrorCurveExplorer(Explorer):
    """The error of each difference quotient over h, on logarithmic axes.

    differences: a label for each function (f, x, h) → number.
    functions: a label for each pair (f, derivative).
    """

    title = "The error of difference quotients over the step h"

    def __init__(
        self,
        differences: Mapping[str, Callable],
        functions: Mapping[str, tuple[Callable, Callable]],
        *,
        at: float = 1.0,
    ):
        self.labels, self.pairs = tuple(differences), dict(functions)
        options = tuple(self.pairs)
        super().__init__(
            controls=[
                Choice("function", "function", options, options[0]),
                linear("x", "point x", at, -3, 3, 25),
            ],
            panels=[
                Panel(
                    "error",
                    x=(1e-15, 1.0),
                    y=(LEAST, 1e2),
                    x_scale="log",
                    y_scale="log",
                    x_label="step h",
                    y_label="error",
                )
            ],
            layers=[
                Layer(label, self.layer(i), asks=("function", "x"), ahead=(("function", "x"),))
                for i, label in enumerate(self.labels)
            ],
            functions=differences,
        )

    def layer(self, i: int) -> Callable[..., Picture]:
        label, color = self.labels[i], style.ORDER[i % len(style.ORDER)]

        def compute(function: str, x: float) -> Picture:
            f, derivative = self.pairs[function]
            error = errors(self.student(label), f, derivative, x)
            shown = np.maximum(error, LEAST)
            marks = [
                Mark(kind="line", panel="error", x=STEPS, y=shown, color=color, dash=i, width=2)
            ]
            if not np.isfinite(error).any():
                return Picture(error=f"{label}: no error is a number, at any h")
            h, least = best(error), float(np.nanmin(error))
            marks.append(
                Mark(kind="points", panel="error", x=[h], y=[max(least, LEAST)], color=color)
            )
            text = f"{label}: smallest error {{error}}, at h = {{h}}"
            says = Says(text=text, fields={"error": least, "h": h}, color=color, dash=i)
            return Picture(marks, [says])

        return compute
