"""Descent paths of the student's own update rules on surfaces of two variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
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
from helpers.gradients import numerical_gradient

Rule = Callable[..., tuple]
"""`new_w, new_state = rule(w, gradient, state, learning_rate=...)`, the state {} at first."""

RATES = {"canyon": 0.02, "saddle": 0.05, "rosenbrock": 0.001, "beale": 0.01, "himmelblau": 0.01}
"""A learning rate that plain descent gets along with, by surface."""

ADAPTIVE = 0.1
"""Rules that divide by the size of the gradient take steps of about this length."""


@lru_cache(maxsize=1)
def tiny_network() -> surfaces.Surface:
    """The loss of a real network with two weights: w₂·tanh(w₁·x), fitted to 20 points."""
    rng = np.random.default_rng(3)
    x = rng.uniform(-2, 2, size=20)
    y = 1.5 * np.tanh(2 * x) + 0.1 * rng.normal(size=20)

    def loss(w1, w2):
        predictions = np.multiply.outer(w2, np.ones(20)) * np.tanh(np.multiply.outer(w1, x))
        return np.mean((predictions - y) ** 2, axis=-1)

    def slopes(w1, w2):
        return numerical_gradient(lambda a, b: float(loss(a, b)), (float(w1), float(w2)))

    return surfaces.Surface(
        name="tiny network",
        formula="mean (w₂ tanh(w₁ x) − y)²",
        domain=((-4.0, 4.0), (-3.0, 3.0)),
        minima=((2.0, 1.5),),
        lowest=0.0,
        start=(-0.5, 2.0),
        source="Made for this course: one hidden unit, 20 points. Its gradient is numerical.",
        value=loss,
        slopes=slopes,
    )


def all_surfaces() -> tuple[surfaces.Surface, ...]:
    return (*surfaces.SURFACES, tiny_network())


def path_of(
    descend: Callable,
    rule: Rule,
    surface: surfaces.Surface,
    start: np.ndarray,
    rate: float,
    steps: int,
) -> np.ndarray:
    """The student's path by one rule: (steps + 1, 2), fewer points where it runs away."""

    def run(rule: Rule) -> np.ndarray:
        return descend(rule, surface.gradient, start.copy(), steps, learning_rate=rate)

    run.__name__ = "descend"
    path = numbers(ask(run, rule), "the path that descend returns")
    if path.shape != (steps + 1, 2):
        raise StudentError(f"descend must return {steps + 1} points, not the shape {path.shape}")
    far = ~np.isfinite(path).all(axis=1) | (np.nan_to_num(np.abs(path)).max(axis=1) > 1e8)
    return path[: int(np.argmax(far))] if far.any() else path


def is_adaptive(rule: Rule) -> bool:
    """Does the length of the first step not depend on the gradient's? Then 10 times the gradient
    changes it little."""
    try:
        one, ten = (
            np.linalg.norm(np.asarray(rule(np.zeros(2), g * np.ones(2), {}, learning_rate=1.0)[0]))
            for g in (1.0, 10.0)
        )
    except Exception:  # a rule that fails is shown as such where it is drawn
        return False
    return bool(ten < 2 * one)


class PathExplorer(Explorer):
    """Paths of several rules from one start: `PathExplorer({"SGD": sgd, "Adam": adam}, descend)`.

    descend(rule, gradient, start, steps, learning_rate=...) is the student's as well.
    """

    title = "Descent paths on a surface, and the loss after each step"

    def __init__(
        self,
        rules: Mapping[str, Rule],
        descend: Callable,
        surface: surfaces.Surface | None = None,
        *,
        steps: int = 60,
    ):
        self.rules, self.descend = dict(rules), descend
        self.surfaces = {s.name: s for s in all_surfaces()}
        if surface is not None:
            self.surfaces = {surface.name: surface, **self.surfaces}
        first = surface or surfaces.canyon
        (low_x, high_x), (low_y, high_y) = first.domain
        super().__init__(
            {
                "surface": choice("surface", list(self.surfaces)),
                "x": slider("start x", first.start[0], low_x, high_x, 0.05),
                "y": slider("start y", first.start[1], low_y, high_y, 0.05),
                "rate": log_slider("rate ×", 1.0, -2, 2),
                "steps": int_slider("steps", steps, 1, 300),
            }
        )
        self.controls["surface"].value = first.name
        self.controls["surface"].observe(self._on_surface, names="value")

    def _on_surface(self, change: dict) -> None:
        """A new surface has its own domain and its own start."""
        surface = self.surfaces[change["new"]]
        for name, (low, high), start in zip("xy", surface.domain, surface.start, strict=True):
            control = self.controls[name]
            control.min, control.max = min(low, control.min), max(high, control.max)
            control.value = start
            control.min, control.max = low, high

    def rate(self, rule: Rule, surface: surfaces.Surface) -> float:
        base = ADAPTIVE if is_adaptive(rule) else RATES.get(surface.name, 0.1)
        return base * self.value("rate")

    def draw(self, figure: Figure) -> str:
        surface = self.surfaces[self.value("surface")]
        start = np.array([self.value("x"), self.value("y")])
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        contours(left, surface)
        style.dress(right, x="step", y="loss")
        said = []
        for k, (name, rule) in enumerate(self.rules.items()):
            color, dash = style.CYCLE[k % 6], style.DASHES[k % 6]
            rate, steps = self.rate(rule, surface), self.value("steps")
            try:
                path = path_of(self.descend, rule, surface, start, rate, steps)
            except StudentError as error:
                said.append(f"{name}: {error}")
                left.plot([], [], color=color, label=f"{name} (failed)")
                continue
            losses = losses_along(surface, path)
            lost = diverged(path, steps)
            label = f"{name} (diverged)" if lost else name
            left.plot(*path.T, linestyle=dash, color=color, linewidth=1.6, label=label)
            left.plot(*path[-1], "x" if lost else "o", color=color)
            right.plot(losses, linestyle=dash, color=color)
            said.append(f"{name} {'diverged' if lost else f'ends at a loss of {losses[-1]:.3g}'}")
        left.plot(*start, "s", color=style.BLACK, markersize=5)
        figure.legend(loc="outside lower center", ncols=6, fontsize=8)
        right.set_yscale("symlog", linthresh=1e-6)
        return f"On {surface.name}: " + "; ".join(said) + "."


def losses_along(surface: surfaces.Surface, path: np.ndarray) -> np.ndarray:
    values = np.array([float(surface(w)) for w in path])
    return np.clip(np.nan_to_num(values, nan=1e6, posinf=1e6, neginf=-1e6), -1e6, 1e6)


def diverged(path: np.ndarray, steps: int) -> bool:
    return len(path) <= steps or bool(np.abs(path).max() > 1e4)


def contours(axes: Axes, surface: surfaces.Surface) -> None:
    """Lines of equal height, closer together near the lowest value."""
    (low_x, high_x), (low_y, high_y) = surface.domain
    x, y = np.meshgrid(np.linspace(low_x, high_x, 120), np.linspace(low_y, high_y, 120))
    heights = surface(np.stack([x, y]))
    low, high = float(heights.min()), float(heights.max())
    levels = low + (high - low) * np.linspace(0.02, 1, 16) ** 3
    axes.contour(x, y, heights, levels=levels, colors="#BBBBBB", linewidths=0.7)
    for minimum in surface.minima:
        axes.plot(*minimum, "*", color=style.GREY, markersize=9)
    style.dress(axes, x="x", y="y", title=surface.formula)
    axes.set(xlim=(low_x, high_x), ylim=(low_y, high_y))
