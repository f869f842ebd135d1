"""The linear model of a curve at a point, and the secant that becomes it as ε shrinks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from helpers.explorers import style
from helpers.explorers.base import Explorer, ask_number, log_slider, slider


@dataclass(frozen=True)
class Tangent:
    """f near p: the value and the slope there, both one-sided slopes, the linear model's error."""

    value: float
    slope: float
    right: float
    left: float
    error: float


def tangent(f: Callable, derivative: Callable, p: float, epsilon: float) -> Tangent:
    """The linear model f(p) + f'(p)·ε beside f(p + ε) and f(p − ε)."""
    value, slope = ask_number(f, p), ask_number(derivative, p)
    ahead, behind = ask_number(f, p + epsilon), ask_number(f, p - epsilon)
    return Tangent(
        value,
        slope,
        (ahead - value) / epsilon,
        (value - behind) / epsilon,
        ahead - (value + slope * epsilon),
    )


class TangentExplorer(Explorer):
    """The curve, the line of slope f'(p) through (p, f(p)), and the secant to p + ε.

    f, derivative: functions of one number; domain: the part of the axis to show.
    """

    title = "A curve, its linear model at p and the secant to p + ε"

    def __init__(
        self,
        f: Callable,
        derivative: Callable,
        *,
        at: float = 1.0,
        epsilon: float = 0.5,
        domain: tuple[float, float] = (-3.0, 3.0),
    ):
        self.f, self.derivative, self.domain = f, derivative, domain
        super().__init__(
            {
                "p": slider("point p", at, *domain, 0.05),
                "epsilon": log_slider("step ε", epsilon, -4, np.log10(2.0)),
            }
        )

    def draw(self, figure: Figure) -> str:
        p, epsilon = self.value("p"), self.value("epsilon")
        here = tangent(self.f, self.derivative, p, epsilon)
        axes = style.dress(figure.subplots(), x="x", y="f(x)")
        x = np.linspace(*self.domain, 241)
        y = np.array([ask_number(self.f, float(t)) for t in x])
        axes.plot(x, y, color=style.BLACK, label="f")
        axes.plot(
            x, here.value + here.slope * (x - p), "--", color=style.BLUE, label="linear model at p"
        )
        secant = here.value + here.right * (x - p)
        axes.plot(x, secant, ":", color=style.RED, label="secant from p to p + ε")
        axes.plot([p], [here.value], "o", color=style.BLUE)
        axes.plot([p + epsilon], [here.value + here.right * epsilon], "s", color=style.RED)
        finite = y[np.isfinite(y)]
        if finite.size:
            low, high = finite.min(), finite.max()
            margin = 0.25 * (high - low) or 1.0
            axes.set_ylim(low - margin, high + margin)
        axes.set_xlim(*self.domain)
        axes.legend(loc="upper right", framealpha=0.9)
        return (
            f"f'(p) = {here.slope:.6g}; slope to the right {here.right:.6g}, "
            f"to the left {here.left:.6g}. Error of the linear model at p + ε: "
            f"{here.error:.3g}; ε² = {epsilon**2:.3g}."
        )
