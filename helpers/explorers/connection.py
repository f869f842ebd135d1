"""Two minima and the way between them: straight, bent, and how high each way climbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks import name_of
from helpers.explorers.asking import StudentError, ask, numbers
from helpers.explorers.contours import contour_lines
from helpers.explorers.controls import Player, linear
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.scene import Mark, Panel, Picture, Says

STATIONS = 40
"""Steps from one end to the other."""
GRID = 23
"""Places of the map along each side."""


class ConnectionExplorer(Explorer):
    """The plane through two minima and a trained middle, and the loss along a curve in it.

    bezier(gradient, start, middle, end, tau) is the student's; loss(w) is that of the notebook's
    network, and start, middle, end are arrays of one shape, the middle as it was trained.
    """

    title = "From one minimum to another: a way in the plane of both, and the loss along it"
    height = 340

    def __init__(
        self,
        bezier: Callable,
        loss: Callable[[np.ndarray], float],
        start: np.ndarray,
        middle: np.ndarray,
        end: np.ndarray,
    ):
        self.start, self.middle, self.end = (
            np.array(w, dtype=float).ravel() for w in (start, middle, end)
        )
        self.shape = np.shape(start)
        across = self.end - self.start
        self.length = float(np.linalg.norm(across)) or 1.0
        self.across = across / self.length
        off = self.middle - (self.start + self.end) / 2
        up = off - (off @ self.across) * self.across
        self.height_of_middle = float(np.linalg.norm(up)) or 1.0
        self.up = up / self.height_of_middle
        super().__init__(
            controls=[
                linear("bend", "bend, 0 straight and 1 as trained", 0.0, 0, 1.5, 16),
                Player("place", "place along the way", STATIONS, STATIONS // 2),
            ],
            panels=[
                Panel(
                    "plane",
                    x=(-0.3 * self.length, 1.3 * self.length),
                    y=(-0.3 * self.height_of_middle, 0.9 * self.height_of_middle),
                    x_label="from one network to the other",
                    y_label="towards the middle",
                    title="loss in the plane",
                    weight=5,
                ),
                Panel(
                    "loss",
                    x=(0, 1),
                    x_label="τ",
                    title="loss along the way",
                    column=1,
                    weight=4,
                ),
            ],
            layers=[
                Layer("land", self.land),
                Layer("way", self.way, asks=("bend",), ahead=(("bend",),)),
            ],
            functions={"bezier": bezier, "loss": loss},
        )

    def lost(self, points: np.ndarray) -> np.ndarray:
        """The loss at many points, each given as its weights in a row."""
        loss = self.student("loss")

        def every() -> list:
            return [loss(w.reshape(self.shape)) for w in points]

        every.__name__ = name_of(loss)
        return numbers(ask(every), f"what {name_of(loss)} returns")

    def land(self) -> Picture:
        """Lines of equal loss in the plane, closer together where it is low; both networks."""
        x = np.linspace(-0.3 * self.length, 1.3 * self.length, GRID)
        y = np.linspace(-0.3, 0.9, GRID) * self.height_of_middle
        points = [self.start + a * self.across + b * self.up for b in y for a in x]
        heights = np.log(np.maximum(self.lost(np.array(points)), 1e-12)).reshape(GRID, GRID)
        levels = np.linspace(np.min(heights), np.max(heights), 14)[1:-1]
        lines = contour_lines(x, y, heights, levels)
        here: dict[str, Any] = {"panel": "plane"}
        flat_x, flat_y = _short(lines).T
        ends, tau = np.array([0.0, self.length]), np.linspace(0, 1, STATIONS + 1)
        line = self.lost(self.start + tau[:, None] * (self.end - self.start))
        return Picture(
            [
                Mark(kind="line", x=flat_x, y=flat_y, width=0.8, faint=True, **here),
                Mark(
                    kind="points", x=ends, y=0 * ends, marker="star", size=7, color="grey", **here
                ),
                Mark(kind="line", x=ends, y=0 * ends, dash=1, color="red", **here),
                Mark(kind="line", panel="loss", x=tau, y=line, dash=1, color="red"),
            ],
            [
                Says(text="the two networks", color="grey", marker="star"),
                Says(
                    text="straight: loss up to {top}",
                    fields={"top": line.max()},
                    color="red",
                    dash=1,
                ),
            ],
        )

    def way(self, bend: float) -> Picture:
        """The student's curve, with the middle pulled so far from the straight line."""
        f = self.student("bezier")
        halfway = (self.start + self.end) / 2
        middle = halfway + bend * (self.middle - halfway)
        ends = [w.reshape(self.shape) for w in (self.start, middle, self.end)]
        tau = np.linspace(0, 1, STATIONS + 1)

        def every(*given: np.ndarray) -> list:
            return [f(np.zeros_like, *given, t) for t in tau.tolist()]

        every.__name__ = name_of(f)
        answers = ask(every, *ends)
        if any(answer is None for answer in answers):
            raise StudentError(f"{name_of(f)} returned None: does it end in a return?")
        if not all(isinstance(a, tuple | list) and len(a) == 2 for a in answers):
            raise StudentError(f"{name_of(f)} must return two things: the point, and the slope")
        points = numbers([point for point, _ in answers], f"the point that {name_of(f)} returns")
        if points.shape != (STATIONS + 1, *self.shape):
            text = f"the point has the shape {points.shape[1:]}, the weights have {self.shape}"
            raise StudentError(text)
        rows = points.reshape(STATIONS + 1, -1)
        losses = self.lost(rows)
        x, y = (rows - self.start) @ self.across, (rows - self.start) @ self.up
        color: dict[str, Any] = {"color": "blue"}
        here: dict[str, Any] = {"kind": "points", "size": 5, "pick": "place", **color}
        marks = [
            Mark(kind="line", panel="plane", x=_short(x), y=_short(y), width=2, **color),
            Mark(kind="line", panel="loss", x=tau, y=losses, width=2, **color),
            Mark(panel="plane", x=_short(x), y=_short(y), **here),
            Mark(panel="loss", x=tau, y=losses, **here),
        ]
        says = [
            Says(
                text="your curve at τ = {tau}: loss {loss}",
                fields={"tau": tau, "loss": losses},
                pick="place",
                marker="circle",
                **color,
            ),
            Says(
                text="its highest loss: {top}; at the ends {one} and {other}",
                fields={"top": losses.max(), "one": losses[0], "other": losses[-1]},
                **color,
            ),
        ]
        return Picture(marks, says)


def _short(values: np.ndarray) -> np.ndarray:
    """As fine as a plot shows; a gap stays a gap."""
    return np.round(np.clip(values, -1e4, 1e4) * 64) / 64
