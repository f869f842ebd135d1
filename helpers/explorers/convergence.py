"""Where momentum converges: learning rate × momentum on a canyon, measured cell by cell.

The picture is that of Gabriel Goh, Why Momentum Really Works (Distill, 2017); momentum on a
quadratic was first analysed by Boris Polyak, Some methods of speeding up the convergence of
iteration methods (1964).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from helpers.explorers.asking import StudentError, ask, numbers
from helpers.explorers.controls import slider
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.path import left_alone
from helpers.explorers.scene import Mark, Panel, Picture, Says

KAPPAS = (1.0, 10.0, 50.0, 100.0)
SIZES = tuple(0.25 * k for k in range(1, 18))
"""Learning rates, in units of 1/κ."""
ALPHAS = tuple(round(0.05 * k, 2) for k in range(20))
STEPS = 120
CLOSER = 100
"""A run has arrived where its distance is this many times smaller than at first, for good."""
START = np.array([1.0, 1.0])
BINS = ((15, "green", 6.0), (30, "blue", 5.0), (60, "purple", 4.0), (STEPS, "grey", 3.0))
"""Steps within which a run arrives, and how its cell is drawn: the slower, the smaller."""
LOWEST, HIGHEST = 1e-8, 1e4
"""Losses are drawn from here to there."""

Cells = Sequence[tuple[float, float]]
"""Pairs of a learning rate and a momentum."""


def distances(
    momentum: Callable, descend: Callable, kappa: float, cells: Cells
) -> tuple[np.ndarray, np.ndarray]:
    """The student's paths on ½(x² + κy²), and how far from the minimum each step is.

    Shapes (cells, STEPS + 1, 2) and (cells, STEPS + 1).
    """
    curvature = np.array([1.0, kappa])

    def slope(w: np.ndarray) -> np.ndarray:
        return curvature * w

    settings = [{"learning_rate": rate, "alpha": alpha} for rate, alpha in cells]

    def first(rule: Callable, start: np.ndarray) -> np.ndarray:
        return descend(rule, slope, start, STEPS, **settings[0])

    def others(rule: Callable, start: np.ndarray) -> list:
        return [descend(rule, slope, start.copy(), STEPS, **each) for each in settings[1:]]

    first.__name__ = others.__name__ = "descend"
    left_alone(momentum, settings[0])
    every_path = [ask(first, momentum, START), *ask(others, momentum, START)]
    paths = [numbers(path, "the path that descend returns") for path in every_path]
    for path in paths:
        if path.shape != (STEPS + 1, 2):
            found = f"not the shape {path.shape}"
            raise StudentError(f"descend must return {STEPS + 1} points, {found}")
    together = np.array(paths)
    return together, np.nan_to_num(np.hypot(*np.moveaxis(together, 2, 0)), nan=np.inf)


def arrivals(far: np.ndarray) -> np.ndarray:
    """After how many steps each run is `CLOSER` times closer and stays so; inf where it is not.

    far: (cells, STEPS + 1), distances.
    """
    away = far > far[:, :1] / CLOSER
    last = STEPS - away[:, ::-1].argmax(axis=1)  # the last place where it is away
    return np.where(away[:, -1], np.inf, np.where(away.any(axis=1), last + 1.0, 0.0))


def runs_away(far: np.ndarray) -> np.ndarray:
    """Which runs are in the end as far as they began, or farther. far: (cells, STEPS + 1)."""
    return far[:, -20:].max(axis=1) >= far[:, 0]


class ConvergenceMap(Explorer):
    """How fast the student's momentum gets down a canyon: `ConvergenceMap(momentum, descend)`.

    momentum(w, gradient, state, learning_rate, alpha) returns (new w, new state);
    descend(rule, gradient, start, steps, **settings) the path, (steps + 1, 2). Every cell is a run
    of both on ½(x² + κy²): a learning rate, in units of 1/κ, and a momentum.
    """

    title = "Where momentum converges, and one run in the canyon"
    height = 330

    def __init__(self, momentum: Callable, descend: Callable):
        across, up = (SIZES[0] - 0.2, SIZES[-1] + 0.2), (-0.04, ALPHAS[-1] + 0.04)
        super().__init__(
            controls=[
                slider("kappa", "steep curvature κ", 50.0, KAPPAS),
                slider("size", "learning rate × κ", 1.75, SIZES),
                slider("alpha", "momentum α", 0.0, ALPHAS),
            ],
            panels=[
                Panel(
                    "map",
                    x=across,
                    y=up,
                    x_label="learning rate × κ",
                    y_label="momentum α",
                    title=f"steps until {CLOSER} times closer",
                    weight=5,
                ),
                Panel("canyon", x=(-1.4, 1.4), y=(-1.4, 1.4), column=1, weight=4),
                Panel(
                    "loss",
                    x=(0, STEPS),
                    y=(LOWEST, HIGHEST),
                    y_scale="log",
                    x_label="step",
                    title="loss",
                    column=2,
                    weight=3,
                ),
            ],
            layers=[
                Layer("canyon", self.canyon, asks=("kappa",), ahead=(("kappa",),)),
                Layer(
                    "run",
                    self.run,
                    asks=("kappa", "size", "alpha"),
                    ahead=(("size",), ("alpha",), ("kappa",)),
                ),
                Layer("map", self.map, asks=("kappa",), ahead=(("kappa",),)),
                Layer("chosen", self.chosen, asks=("size", "alpha"), ahead=(("size",), ("alpha",))),
            ],
            functions={"momentum": momentum, "descend": descend},
        )

    def map(self, kappa: float) -> Picture:
        """Every cell, by how soon its run arrives."""
        size, alpha = (v.ravel() for v in np.meshgrid(SIZES, ALPHAS))
        cells = list(zip(size / kappa, alpha, strict=True))
        _, far = distances(self.student("momentum"), self.student("descend"), kappa, cells)
        arrived, lost = arrivals(far), runs_away(far)
        marks, says, least = [], [], -1.0
        for most, color, radius in BINS:
            these = (arrived > least) & (arrived <= most) & ~lost
            marks.append(_cells(size[these], alpha[these], "square", color, radius))
            text = f"within {most} steps: {{count}} of {len(cells)} cells"
            fields = {"count": these.sum()}
            says.append(Says(text=text, fields=fields, color=color, marker="square"))
            least = most
        slow = ~np.isfinite(arrived) & ~lost
        marks.append(_cells(size[slow], alpha[slow], "square", "grey", 1.5))
        marks.append(_cells(size[lost], alpha[lost], "cross", "red", 3.0))
        says += [
            Says(
                text=f"small dots: slower, {{slow}}; ✕: in {STEPS} steps no closer, {{lost}}",
                fields={"slow": slow.sum(), "lost": lost.sum()},
                color="red",
                marker="cross",
            ),
            self.border(size, alpha, lost),
            *self.best(size / kappa, alpha, arrived, far),
        ]
        edge = np.array([0.0, 1.0])
        marks.append(
            Mark(kind="line", panel="map", x=2 * (1 + edge), y=edge, width=2, color="text", dash=1)
        )
        return Picture(marks, says)

    def border(self, size: np.ndarray, alpha: np.ndarray, lost: np.ndarray) -> Says:
        """Theory's line, and how many cells contradict it. (On the line nothing is promised.)"""
        off = np.abs(size - 2 * (1 + alpha)) > 1e-9
        against = off & (lost == (size < 2 * (1 + alpha)))
        return Says(
            text="theory: it converges left of η = 2(1 + α)/κ; {against} cells say otherwise",
            fields={"against": against.sum()},
            color="text",
            dash=1,
        )

    def best(
        self, rate: np.ndarray, alpha: np.ndarray, arrived: np.ndarray, far: np.ndarray
    ) -> list[Says]:
        """The fastest cell of all, and the fastest without momentum."""
        says = []
        for name, among in (("the fastest cell", alpha >= 0), ("the fastest at α = 0", alpha == 0)):
            candidates = np.nonzero(among)[0]
            first = candidates[np.lexsort((far[candidates, -1], arrived[candidates]))[0]]
            found = {"rate": rate[first], "alpha": alpha[first], "steps": arrived[first]}
            word = "step" if arrived[first] == 1 else "steps"
            text = f"{name}: η = {{rate}}, α = {{alpha}}, {{steps}} {word}"
            if not np.isfinite(arrived[first]):
                text = f"{name}: none arrives in {{most}} steps"
                found = {"most": STEPS}
            says.append(Says(text=text, fields=found))
        return says

    def canyon(self, kappa: float) -> Picture:
        """Lines of equal height, closer together near the lowest value."""
        turn = np.r_[np.linspace(0, 2 * np.pi, 90), np.nan]
        radii = np.sqrt((1 + kappa) * np.linspace(0.1, 1, 9) ** 3)
        x, y = np.outer(radii, np.cos(turn)), np.outer(radii, np.sin(turn)) / np.sqrt(kappa)
        lines: dict[str, Any] = {"x": x.ravel(), "y": y.ravel(), "width": 0.8, "faint": True}
        star: dict[str, Any] = {"marker": "star", "size": 7, "color": "grey"}
        marks = [
            Mark(kind="line", panel="canyon", **lines),
            Mark(kind="points", panel="canyon", x=[0], y=[0], **star),
        ]
        title = f"½ (x² + {kappa:g} y²)" if kappa != 1 else "½ (x² + y²)"
        panel = Panel("canyon", x=(-1.4, 1.4), y=(-1.4, 1.4), title=title, column=1, weight=4)
        return Picture(marks, (), [panel])

    def run(self, kappa: float, size: float, alpha: float) -> Picture:
        """The chosen cell: its path and its loss."""
        cell = [(size / kappa, alpha)]
        paths, far = distances(self.student("momentum"), self.student("descend"), kappa, cell)
        x, y = paths[0].T
        loss = (x**2 + kappa * y**2) / 2
        loss = np.clip(np.nan_to_num(loss, nan=np.inf), LOWEST / 10, HIGHEST * 10)
        arrived, lost = float(arrivals(far)[0]), bool(runs_away(far)[0])
        fields = {"rate": size / kappa, "alpha": alpha, "steps": arrived, "most": STEPS}
        text = "your run, η = {rate}, α = {alpha}: "
        if lost and far.max() >= CLOSER * far[0, 0]:
            fields["steps"] = float(np.argmax(far[0] >= CLOSER * far[0, 0]))
            text += f"{CLOSER} times as far as at first after {{steps}} steps"
        elif lost:
            text += "no closer after {most} steps"
        elif np.isfinite(arrived):
            fields["share"] = CLOSER ** (-1 / max(arrived, 1))
            text += f"{CLOSER} times closer after {{steps}} steps, ×{{share}} a step on average"
        else:
            fields["left"] = float(far[0, -1] / far[0, 0])
            text += "after {most} steps {left} of the distance is left"
        marks = [
            Mark(kind="line", panel="canyon", x=_fine(x), y=_fine(y), width=1.5, color="blue"),
            Mark(kind="line", panel="loss", x=np.arange(STEPS + 1), y=loss, color="blue"),
        ]
        return Picture(marks, [Says(text=text, fields=fields, color="text", marker="circle")])

    def chosen(self, size: float, alpha: float) -> Picture:
        """Which cell the run is of."""
        return Picture([_cells(np.array([size]), np.array([alpha]), "circle", "text", 4.0)])


def _cells(size: np.ndarray, alpha: np.ndarray, marker: str, color: str, radius: float) -> Mark:
    look: dict[str, Any] = {"marker": marker, "color": color, "size": radius}
    return Mark(kind="points", panel="map", x=size, y=alpha, **look)


def _fine(values: np.ndarray) -> np.ndarray:
    """As far away and as fine as the canyon shows it."""
    return np.round(np.clip(np.nan_to_num(values, nan=1e3), -1e3, 1e3) * 1024) / 1024
