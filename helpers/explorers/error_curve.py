"""The error of a difference quotient over its step h: too large is wrong, too small is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.figure import Figure

from helpers.explorers import style
from helpers.explorers.base import Explorer, ask, ask_number, choice, number, slider

STEPS = np.logspace(-15, 0, 121)


def errors(difference: Callable, f: Callable, derivative: Callable, x: float) -> np.ndarray:
    """|difference(f, x, h) − f'(x)| for every h in `STEPS`."""
    exact = ask_number(derivative, x)
    numerical = [number(ask(difference, f, x, float(h)), "the difference") for h in STEPS]
    return np.abs(np.array(numerical) - exact)


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
        self.differences, self.functions = dict(differences), dict(functions)
        super().__init__(
            {
                "function": choice("function", list(self.functions)),
                "x": slider("point x", at, -3, 3, 0.05),
            }
        )

    def draw(self, figure: Figure) -> str:
        f, derivative = self.functions[self.value("function")]
        x = self.value("x")
        axes = style.dress(figure.subplots(), x="step h", y="error")
        found = []
        for i, (label, difference) in enumerate(self.differences.items()):
            error = errors(difference, f, derivative, x)
            colour, dash = style.CYCLE[i % 6], style.DASHES[i % 6]
            shown = np.maximum(error, 1e-17)
            axes.loglog(STEPS, shown, color=colour, linestyle=dash, linewidth=1.5, label=label)
            if np.isfinite(error).any():
                h = best(error)
                axes.loglog([h], [max(np.nanmin(error), 1e-17)], "o", color=colour)
                found.append(f"{label}: best h ≈ {h:.0e}, error {np.nanmin(error):.0e}")
        axes.set(xlim=(1e-15, 1), ylim=(1e-17, 1e2))
        axes.legend(loc="upper center", ncols=2)
        return f"At x = {x:.3g}. " + "; ".join(found) + "."
