"""A slice of a network's loss, and a ball that any rule rolls from a place in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from helpers.checks import name_of
from helpers.explorers.asking import StudentError, ask, numbers
from helpers.explorers.contours import contour_lines
from helpers.explorers.controls import Choice, Number, Player, powers, slider
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.path import Rule, is_adaptive, rule_key
from helpers.explorers.scene import Mark, Panel, Picture, Says

Plane = tuple[np.ndarray, np.ndarray, np.ndarray]
"""A place, and two directions."""

ZOOMS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""How far the slice reaches to each side, in lengths of its directions."""
GRID = 21
STEPS = 60
ADAPTIVE = 0.01
PLAIN = 0.3
"""The rates that a rule begins with: whether it divides by the size of the gradient, or not."""


NORMALISED, AS_DRAWN = "filter-normalised", "as drawn"


class SliceExplorer(Explorer):
    """A plane through the weights, walked through; and a ball that leaves it.

    loss_slice(loss, w, first, second, along, across) and the rules are the student's. loss(w) and
    gradient(w) are those of the notebook's network. planes: by name, a place and two directions.
    normalised(direction, w), if it is given, makes a direction comparable: the student's, too.
    The ball rolls among all weights; the plane shows its shadow.
    """

    title = "A slice of the loss of a network, and a ball that rolls from a place in it"
    height = 340
    handle: ClassVar = {"panel": "plane", "x": "a", "y": "b", "label": "The ball's start"}

    def __init__(
        self,
        loss_slice: Callable,
        loss: Callable[[np.ndarray], float],
        gradient: Callable[[np.ndarray], np.ndarray],
        planes: Mapping[str, Plane],
        rules: Mapping[str, Rule],
        normalised: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
    ):
        self.planes = {
            name: tuple(np.array(w, dtype=float) for w in plane) for name, plane in planes.items()
        }
        first, rule = next(iter(self.planes)), next(iter(rules))
        scales = (NORMALISED, AS_DRAWN) if normalised else (AS_DRAWN,)
        ball = ("plane", "scale", "rule", "rate", "a", "b")
        super().__init__(
            controls=[
                Choice("plane", "slice", tuple(self.planes), first),
                Choice("scale", "directions", scales, scales[0]),
                slider("zoom", "reach", 1.0, ZOOMS),
                Choice("rule", "rule", tuple(rules), rule),
                powers("rate", "learning rate ×", 1.0, -1, 1, 3),
                Number("a", "start a", 0.8, 0.05),
                Number("b", "start b", 0.4, 0.05),
                Player("step", "step", STEPS, STEPS),
            ],
            panels=[
                _panel(1.0),
                Panel(
                    "loss",
                    x=(0, STEPS),
                    x_label="step",
                    title="loss of the ball",
                    y_scale="log",
                    column=1,
                    weight=4,
                ),
            ],
            layers=[
                Layer("land", self.land, asks=("plane", "scale", "zoom"), ahead=(("zoom",),)),
                Layer("ball", self.ball, asks=ball, ahead=(("rate",),)),
            ],
            functions={
                "loss_slice": loss_slice,
                "loss": loss,
                "gradient": gradient,
                **({"normalised": normalised} if normalised else {}),
                **{rule_key(name): each for name, each in rules.items()},
            },
        )

    def axes(self, plane: str, scale: str) -> Plane:
        """A place and its two directions, as they were drawn or as the student normalises them."""
        w, *directions = self.planes[plane]
        if scale == NORMALISED:
            f = self.student("normalised")
            what = f"what {name_of(f)} returns"
            directions = [numbers(ask(f, each, w), what) for each in directions]
            if any(each.shape != w.shape for each in directions):
                raise StudentError(f"{name_of(f)} must return a direction of the shape {w.shape}")
        first, second = directions
        return w, first, second

    def land(self, plane: str, scale: str, zoom: float) -> Picture:
        """Lines of equal loss over the plane, by the student's slice."""
        f, loss = self.student("loss_slice"), self.student("loss")
        grid = zoom * np.linspace(-1, 1, GRID)
        w, first, second = self.axes(plane, scale)

        def cut(*given: np.ndarray) -> Any:
            return f(loss, *given)

        cut.__name__ = name_of(f)
        heights = numbers(ask(cut, w, first, second, grid, grid), f"what {name_of(f)} returns")
        if heights.shape != (GRID, GRID):
            raise StudentError(f"{name_of(f)} must return {(GRID, GRID)}, not {heights.shape}")
        heights = np.log(np.clip(np.nan_to_num(heights, nan=1e12), 1e-12, 1e12))
        levels = np.linspace(heights.min(), heights.max(), 14)[1:-1]
        x, y = _short(contour_lines(grid, grid, heights.T, levels).T, zoom)
        low, high = np.exp([heights.min(), heights.max()])
        here: dict[str, Any] = {"panel": "plane"}
        return Picture(
            [
                Mark(kind="line", x=x, y=y, width=0.8, faint=True, **here),
                Mark(kind="points", x=[0], y=[0], marker="star", size=7, color="grey", **here),
            ],
            [
                Says(
                    text="the slice, a and b from −{reach} to {reach}: loss from {low} to {high}; "
                    "the star is where w is",
                    fields={"reach": zoom, "low": low, "high": high},
                    color="grey",
                    marker="star",
                )
            ],
            [_panel(zoom)],
        )

    def ball(self, plane: str, scale: str, rule: str, rate: float, a: float, b: float) -> Picture:
        """The student's rule from a place of the plane: its shadow, its loss, how far off it is."""
        w, first, second = self.axes(plane, scale)
        step_by, loss, slope = (self.student(each) for each in (rule_key(rule), "loss", "gradient"))
        size = rate * (ADAPTIVE if is_adaptive(step_by) else PLAIN)

        def roll(start: np.ndarray) -> list:
            path, state = [start], dict[str, Any]()
            for _ in range(STEPS):
                w, state = step_by(path[-1], slope(path[-1]), state, learning_rate=size)
                path.append(w)
            return [(each, loss(each)) for each in path]

        roll.__name__ = name_of(step_by)
        answers = ask(roll, w + a * first + b * second)
        path = numbers([each for each, _ in answers], f"what {name_of(step_by)} returns")
        losses = numbers([each for _, each in answers], f"what {name_of(loss)} returns")
        if path.shape != (STEPS + 1, *w.shape):
            raise StudentError(f"{name_of(step_by)} must return a w of the shape {w.shape}")
        basis = np.stack([first.ravel(), second.ravel()], axis=1)
        away = (path - w).reshape(STEPS + 1, -1)
        shadow, *_ = np.linalg.lstsq(basis, np.nan_to_num(away).T, rcond=None)
        off = np.round(np.linalg.norm(away.T - basis @ shadow, axis=0), 9)  # 0 in the plane itself
        x, y = _short(shadow, 1.0)
        drawn = np.clip(np.nan_to_num(losses, nan=1e6), 1e-9, 1e6)
        steps = np.arange(STEPS + 1)
        both: list[dict[str, Any]] = [
            {"panel": "plane", "x": x, "y": y, "color": "red"},
            {"panel": "loss", "x": steps, "y": drawn, "color": "red"},
        ]
        marks = [Mark(kind="line", reveal="step", width=2, **each) for each in both]
        marks += [Mark(kind="points", pick="step", size=5, **each) for each in both]
        start = Mark(kind="points", panel="plane", x=[a], y=[b], marker="ring", color="red", size=5)
        return Picture(
            [start, *marks],
            [
                Says(
                    text=f"{rule}, rate {{rate}}, step {{step}}: loss {{loss}}",
                    fields={"rate": np.full(STEPS + 1, size), "step": steps, "loss": losses},
                    pick="step",
                    color="red",
                ),
                Says(
                    text="the ball is {off} beside the plane, and {far} from its start",
                    fields={"off": off, "far": np.linalg.norm(away - away[0], axis=1)},
                    pick="step",
                ),
            ],
        )


def _panel(zoom: float) -> Panel:
    reach = (-zoom, zoom)
    title = "loss in the slice"
    return Panel("plane", reach, reach, "a, first direction", "b, second", title, weight=5)


def _short(values: np.ndarray, zoom: float) -> np.ndarray:
    """As fine as a plot shows; a gap stays a gap."""
    parts = 512 / zoom
    return np.round(np.clip(values, -1e3, 1e3) * parts) / parts
