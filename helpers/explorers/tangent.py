"""The linear model of a curve at a point, and the secant that becomes it as ε shrinks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from helpers.explorers.asking import ask_each
from helpers.explorers.controls import linear, slider
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.scene import Mark, Panel, Picture, Says


class TangentExplorer(Explorer):
    """The curve, the line of slope f'(p) through (p, f(p)), and the secants to p + ε and p − ε.

    f, derivative: functions of one number; domain: the part of the axis to show.
    error: whether the error of the line is told below the plot.
    """

    title = "A curve, its linear model at p and the secants to p + ε and p − ε"

    def __init__(
        self,
        f: Callable,
        derivative: Callable,
        *,
        at: float = 1.0,
        epsilon: float = 0.5,
        domain: tuple[float, float] = (-3.0, 3.0),
        error: bool = True,
    ):
        self.domain, self.error = domain, error
        epsilons = slider("epsilon", "step ε", epsilon, 2.0 ** np.arange(-13, 2))
        self.epsilons = np.array(epsilons.positions)
        super().__init__(
            controls=[
                linear("p", "point p", at, *domain, 61),
                epsilons,
            ],
            panels=[Panel("curve", x=domain, y=(0, 1), x_label="x", y_label="f(x)")],
            layers=[
                Layer("curve", self.curve),
                Layer("here", self.here, asks=("p",), ahead=(("p",),)),
            ],
            functions={"f": f, "derivative": derivative},
        )

    def curve(self) -> Picture:
        x = np.linspace(*self.domain, 241)
        y = ask_each(self.student("f"), x)
        finite = y[np.abs(y) < 1e30]
        low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
        margin = 0.25 * (high - low) or 1.0
        panel = replace(self.panels[0], y=(float(low - margin), float(high + margin)))
        return Picture(
            [Mark(kind="line", panel="curve", x=x, y=y, width=2)],
            [Says(text="f", color="text")],
            [panel],
        )

    def here(self, p: float) -> Picture:
        """The lines at p, the secants for every ε."""
        epsilons = self.epsilons
        value = float(ask_each(self.student("f"), p))
        slope = float(ask_each(self.student("derivative"), p))
        ahead = ask_each(self.student("f"), p + epsilons)
        behind = ask_each(self.student("f"), p - epsilons)
        right, left = (ahead - value) / epsilons, (value - behind) / epsilons
        ends = np.array(self.domain)
        same = np.tile(ends, (len(epsilons), 1))

        def secant(slopes: np.ndarray, color: str, dash: int) -> Mark:
            y = value + slopes[:, None] * (ends - p)
            return Mark(
                kind="line",
                panel="curve",
                x=same,
                y=y,
                color=color,
                dash=dash,
                pick="epsilon",
            )

        def point(x: np.ndarray, y: np.ndarray, color: str, marker: str) -> Mark:
            return Mark(
                kind="points",
                panel="curve",
                x=x,
                y=y,
                color=color,
                marker=marker,
                size=5,
                pick="epsilon",
            )

        line = Mark(
            kind="line",
            panel="curve",
            x=ends,
            y=value + slope * (ends - p),
            color="blue",
            dash=1,
            width=2,
        )
        numbers = {"slope": slope, "right": right, "left": left}
        numbers |= {"error": ahead - (value + slope * epsilons), "square": epsilons**2}
        wrong = _says("error of the linear model at p + ε: {error}; ε² = {square}", numbers)
        return Picture(
            [
                line,
                secant(right, "red", 3),
                secant(left, "green", 2),
                Mark(kind="points", panel="curve", x=[p], y=[value], color="blue", size=6),
                point(p + epsilons, ahead, "red", "square"),
                point(p - epsilons, behind, "green", "triangle"),
            ],
            [
                _says("linear model at p: slope f'(p) = {slope}", numbers, "blue", 1),
                _says("secant to p + ε: slope {right}", numbers, "red", 3),
                _says("secant to p − ε: slope {left}", numbers, "green", 2),
                *([wrong] if self.error else []),
            ],
        )


def _says(text: str, numbers: dict, color: str | None = None, dash: int = 0) -> Says:
    return Says(text=text, fields=numbers, pick="epsilon", color=color, dash=dash)
