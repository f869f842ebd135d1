"""Gradient descent in one variable: what the learning rate does to the path."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure

from helpers import surfaces
from helpers.explorers import style
from helpers.explorers.base import (
    Explorer,
    StudentError,
    ask,
    choice,
    int_slider,
    log_slider,
    numbers,
    slider,
)

FAR = 1e6
"""A path that leaves ±FAR has diverged."""


def path_of(
    gradient_descent: Callable, curve: surfaces.Curve, start: float, rate: float, steps: int
) -> np.ndarray:
    """The student's path, as an array of steps + 1 numbers."""
    answer = ask(gradient_descent, curve.gradient, start, rate, steps)
    path = numbers(answer, "the path that gradient_descent returns")
    if path.shape != (steps + 1,):
        raise StudentError(
            f"gradient_descent must return steps + 1 = {steps + 1} points, "
            f"not an array of shape {path.shape}"
        )
    return path


def diverged(path: np.ndarray) -> bool:
    return bool(not np.isfinite(path).all() or np.abs(path).max() > FAR)


class StepSizeExplorer(Explorer):
    """The path of the student's `gradient_descent(derivative, start, learning_rate, steps)`."""

    title = "Gradient descent on a curve, and its value after each step"

    def __init__(
        self,
        gradient_descent: Callable,
        curves: Sequence[surfaces.Curve] = (surfaces.parabola, surfaces.bumpy),
        *,
        start: float | None = None,
        learning_rate: float = 0.1,
        steps: int = 20,
    ):
        self.gradient_descent = gradient_descent
        self.curves = {curve.name: curve for curve in curves}
        first = curves[0]
        low = min(curve.domain[0] for curve in curves)
        high = max(curve.domain[1] for curve in curves)
        super().__init__(
            {
                "curve": choice("curve", list(self.curves)),
                "learning_rate": log_slider("learning rate", learning_rate, -3, 0.5),
                "start": slider("start", first.start if start is None else start, low, high, 0.05),
                "steps": int_slider("steps", steps, 1, 100),
            }
        )

    def draw(self, figure: Figure) -> str:
        curve = self.curves[self.value("curve")]
        rate, start, steps = self.value("learning_rate"), self.value("start"), self.value("steps")
        path = path_of(self.gradient_descent, curve, start, rate, steps)
        values = np.array([curve(float(x)) for x in path])
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))

        style.dress(left, x="x", y="f(x)", title=curve.formula)
        x = np.linspace(*curve.domain, 400)
        y = curve(x)
        left.plot(x, y, color=style.BLACK)
        left.plot(path, values, "--", color=style.RED, linewidth=1)
        left.plot(path, values, "o", color=style.RED, markersize=4)
        left.plot(path[:1], values[:1], "s", color=style.BLUE, label="start")
        margin = 0.08 * (y.max() - y.min())
        left.set(xlim=curve.domain, ylim=(y.min() - margin, y.max() + margin))
        left.legend(loc="upper center")

        style.dress(right, x="step", y="f(x) − lowest value")
        height = np.clip(values - curve.lowest, 1e-16, 1e16)
        right.semilogy(np.where(np.isfinite(height), height, 1e16), ".-", color=style.RED)
        if diverged(path):
            right.set_title("diverged", color=style.RED, loc="right", fontweight="bold")
            return f"Learning rate {rate:.3g}: diverged. The last point is x = {path[-1]:.3g}."
        return (
            f"Learning rate {rate:.3g}: after {steps} steps x = {path[-1]:.6g}, "
            f"f(x) = {values[-1]:.6g}; the lowest value is {curve.lowest:.6g}."
        )
