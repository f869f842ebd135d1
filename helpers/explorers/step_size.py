"""Gradient descent in one variable: what the learning rate does to the path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from helpers import surfaces
from helpers.explorers.asking import StudentError, ask, numbers
from helpers.explorers.controls import Choice, Number, Player, powers
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.scene import Mark, Panel, Picture, Says

FAR = 1e6
"""A path that comes so many times as far as it began, or as 1, has diverged."""


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
    far = FAR * max(1.0, abs(path[0]))
    return bool(not np.isfinite(path).all() or np.abs(path).max() > far)


class StepSizeExplorer(Explorer):
    """The path of the student's `gradient_descent(derivative, start, learning_rate, steps)`."""

    title = "Gradient descent on a curve, and its value after each step"
    handle: ClassVar = {"panel": "curve", "x": "start", "label": "Start"}

    def __init__(
        self,
        gradient_descent: Callable,
        curves: Sequence[surfaces.Curve] = (surfaces.parabola, surfaces.bumpy),
        *,
        start: float | None = None,
        learning_rate: float = 0.1,
        steps: int = 50,
    ):
        self.curves = {curve.name: curve for curve in curves}
        self.steps = steps
        first = curves[0]
        super().__init__(
            controls=[
                Choice("curve", "curve", tuple(self.curves), first.name),
                powers("learning_rate", "learning rate", learning_rate, -3, 0.5, 8),
                Number("start", "start", float(first.start if start is None else start), 0.1),
                Player("step", "step", steps, steps),
            ],
            panels=[
                Panel("curve", x=(-1, 1), y=(0, 1), x_label="x", y_label="f(x)", weight=3),
                Panel(
                    "height",
                    x=(0, steps),
                    y=(1e-16, 1e4),
                    y_scale="log",
                    x_label="step",
                    title="f(x) − lowest value",
                    column=1,
                    weight=2,
                ),
            ],
            layers=[
                Layer("curve", self.curve, asks=("curve",), ahead=(("curve",),)),
                Layer(
                    "path",
                    self.path,
                    asks=("curve", "learning_rate", "start"),
                    ahead=(("curve", "learning_rate"),),
                ),
            ],
            functions={"gradient_descent": gradient_descent},
        )

    def curve(self, curve: str) -> Picture:
        chosen = self.curves[curve]
        x = np.linspace(*chosen.domain, 241)
        y = chosen(x)
        margin = 0.08 * (y.max() - y.min())
        panel = replace(
            self.panels[0],
            x=chosen.domain,
            y=(float(y.min() - margin), float(y.max() + margin)),
            title=f"f(x) = {chosen.formula}",
        )
        return Picture([Mark(kind="line", panel="curve", x=x, y=y, width=2)], (), [panel])

    def path(self, curve: str, learning_rate: float, start: float) -> Picture:
        chosen = self.curves[curve]
        path = path_of(self.student("gradient_descent"), chosen, start, learning_rate, self.steps)
        values = np.array([chosen(float(x)) for x in path])
        steps = np.arange(len(path))
        height = np.clip(np.nan_to_num(values - chosen.lowest, nan=1e16), 1e-16, 1e16)
        hops: dict[str, Any] = {"x": np.clip(path, -1e7, 1e7), "y": np.clip(values, -1e14, 1e14)}
        marks = [
            Mark(kind="line", panel="curve", **hops, color="red", dash=1, width=1, reveal="step"),
            Mark(kind="points", panel="curve", **hops, color="red", size=3, reveal="step"),
            Mark(kind="points", panel="curve", **hops, color="red", size=6, pick="step"),
            Mark(
                kind="line", panel="height", x=steps, y=height, color="red", dash=1, reveal="step"
            ),
            Mark(kind="points", panel="height", x=steps, y=height, color="red", pick="step"),
        ]
        fields = {"rate": learning_rate, "step": steps}
        fields |= {"x": path, "value": values}
        text = "learning rate {rate}, step {step}: x = {x}, f(x) = {value}"
        said = Says(text=text, fields=fields, pick="step", color="red", dash=1)
        lost = diverged(path)
        fate = "diverged: ✕" if lost else "the lowest value of f is {lowest}"
        if lost:
            out = int(np.argmax(~(np.abs(path) <= chosen.domain[1])))
            marks.append(
                Mark(
                    kind="points",
                    panel="curve",
                    x=0.95 * np.clip(path[out : out + 1], *chosen.domain),  # all of it is seen
                    y=[chosen(chosen.domain[1])],
                    marker="cross",
                    size=8,
                )
            )
        return Picture(marks, [said, Says(text=fate, fields={"lowest": chosen.lowest})])
