"""Three searches on one surface under one budget of evaluations, in 2, 10 or 100 dimensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks import name_of
from helpers.explorers import style
from helpers.explorers.asking import StudentError, ask, numbers
from helpers.explorers.contours import contour_lines
from helpers.explorers.controls import Choice, Player, slider
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.scene import Mark, Panel, Picture, Says

BUDGET = 300
PRICE = 3
"""Evaluations that a gradient counts for: a backward pass costs about two more forward passes."""
SIZE = 20
"""Of a population; half of it is new in each generation."""
DIMENSIONS = (2, 10, 100)
SIDE = 2.0
"""The search begins within ±SIDE in each coordinate."""
LOWEST = 1e-3
"""Losses are drawn from here."""


def _bowl(w: np.ndarray) -> Any:
    return np.mean(w**2, axis=0)


def _bowl_slope(w: np.ndarray) -> np.ndarray:
    return 2 * w / len(w)


def _egg_box(w: np.ndarray) -> Any:
    return np.mean(w**2 + 0.5 * (1 - np.cos(2 * np.pi * w)), axis=0)


def _egg_slope(w: np.ndarray) -> np.ndarray:
    return (2 * w + np.pi * np.sin(2 * np.pi * w)) / len(w)


GROUNDS = {"bowl": (_bowl, _bowl_slope), "egg box": (_egg_box, _egg_slope)}


def centre_of(seed: int, dimension: int) -> np.ndarray:
    """Where the lowest place is: within ±½, the first two coordinates the same in any dimension."""
    return np.random.default_rng(1000 + seed).uniform(-0.5, 0.5, size=max(DIMENSIONS))[:dimension]


class SearchExplorer(Explorer):
    """Random search, a genetic algorithm and descent, evaluation by evaluation.

    keep_best(loss, candidates) and genetic_step(population, losses, pairs, mask, noise) are the
    student's; the plane shows the first two coordinates.
    """

    title = "Three searches on one surface: where they look, and the lowest loss so far"
    height = 340

    def __init__(self, keep_best: Callable, genetic_step: Callable):
        every = ("ground", "dimension", "seed")
        super().__init__(
            controls=[
                Choice("ground", "surface", tuple(GROUNDS), "egg box"),
                slider("dimension", "dimensions", 2, DIMENSIONS),
                slider("seed", "seed", 1, range(1, 6)),
                Player("spent", "further evaluation", BUDGET - 1, BUDGET - 1),
            ],
            panels=[
                Panel(
                    "plane",
                    x=(-SIDE, SIDE),
                    y=(-SIDE, SIDE),
                    x_label="w₁",
                    y_label="w₂",
                    title="the first two weights",
                    weight=5,
                ),
                Panel(
                    "loss",
                    x=(0, BUDGET),
                    y=(LOWEST, 3.0),
                    x_label="evaluations",
                    title="lowest loss so far",
                    y_scale="log",
                    column=1,
                    weight=5,
                ),
            ],
            layers=[
                Layer("land", self.land, asks=("ground", "seed"), ahead=(("ground",),)),
                Layer("random", self.randomly, asks=every, ahead=(("dimension",),)),
                Layer("genetic", self.genetically, asks=every, ahead=(("dimension",),)),
                Layer("descent", self.downhill, asks=every, ahead=(("dimension",),)),
            ],
            functions={"keep_best": keep_best, "genetic_step": genetic_step},
        )

    def land(self, ground: str, seed: float) -> Picture:
        """Lines of equal height, of the surface in two dimensions."""
        f, _ = GROUNDS[ground]
        side = np.linspace(-SIDE, SIDE, 33)
        grid = np.stack(np.meshgrid(side, side))
        at = centre_of(int(seed), 2)
        heights = f(grid - at[:, None, None])
        x, y = contour_lines(side, side, heights, style.levels(heights)[::2]).T
        here: dict[str, Any] = {"panel": "plane"}
        return Picture(
            [
                Mark(kind="line", x=_short(x), y=_short(y), width=0.8, faint=True, **here),
                Mark(
                    kind="points", x=at[:1], y=at[1:], marker="star", size=7, color="grey", **here
                ),
            ],
            [Says(text="the lowest place, of loss 0", color="grey", marker="star")],
        )

    def surface(self, ground: str, dimension: float, seed: float) -> tuple[Callable, Callable]:
        """The loss of a point, and its gradient."""
        value, slopes = GROUNDS[ground]
        at = centre_of(int(seed), int(dimension))

        def loss(w: np.ndarray) -> float:
            return float(value(np.asarray(w) - at))

        return loss, lambda w: slopes(w - at)

    def randomly(self, ground: str, dimension: float, seed: float) -> Picture:
        """The student's random search over candidates drawn here."""
        loss, _ = self.surface(ground, dimension, seed)
        rng = np.random.default_rng(int(seed))
        tried = rng.uniform(-SIDE, SIDE, size=(BUDGET, int(dimension)))
        f = self.student("keep_best")
        answer = ask(f, loss, tried)
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            raise StudentError(f"{name_of(f)} must return two things: the best, the lowest so far")
        lowest = numbers(answer[1], f"the lowest losses that {name_of(f)} returns")
        if lowest.shape != (BUDGET,):
            text = f"one for each of {BUDGET} candidates, not the shape {lowest.shape}"
            raise StudentError(f"the lowest losses must be {text}")
        return self.search("random search", "grey", 1, tried, lowest)

    def genetically(self, ground: str, dimension: float, seed: float) -> Picture:
        """Generations by the student's step, with chance drawn here."""
        loss, _ = self.surface(ground, dimension, seed)
        f, m, half = self.student("genetic_step"), int(dimension), SIZE // 2

        rng, spread = np.random.default_rng(100 + int(seed)), 0.3
        population = rng.uniform(-SIDE, SIDE, size=(SIZE, m))
        losses = np.array([loss(w) for w in population])
        tried, found = [population], [losses]
        for _ in range((BUDGET - SIZE) // half):
            pairs, mask = rng.integers(half, size=(half, 2)), rng.random((half, m)) < 0.5
            noise = spread * rng.normal(size=(half, m))
            answer = ask(f, population, losses, pairs, mask, noise)
            population = numbers(answer, f"what {name_of(f)} returns")
            if population.shape != (SIZE, m):
                text = f"an array of the shape {(SIZE, m)}, not {population.shape}"
                raise StudentError(f"{name_of(f)} must return {text}")
            new = np.array([loss(w) for w in population[half:]])
            tried.append(population[half:])
            found.append(new)
            losses, spread = np.concatenate([np.sort(losses)[:half], new]), 0.9 * spread
        lowest = np.minimum.accumulate(np.concatenate(found))
        return self.search("genetic algorithm", "blue", 0, np.vstack(tried), lowest)

    def downhill(self, ground: str, dimension: float, seed: float) -> Picture:
        """Plain descent from one random start; each step costs as much as three evaluations."""
        loss, slope = self.surface(ground, dimension, seed)
        m = int(dimension)
        w = np.random.default_rng(200 + int(seed)).uniform(-SIDE, SIDE, size=m)
        path = [w]
        for _ in range(BUDGET // PRICE):
            w = w - 0.05 * m * slope(w)
            path.append(w)
        tried = np.repeat(path, PRICE, axis=0)[:BUDGET]
        losses = np.minimum.accumulate([loss(w) for w in tried])
        picture = self.search("descent", "red", 2, tried, losses)
        x, y = _short(tried[:, 0]), _short(tried[:, 1])
        line = Mark(kind="line", panel="plane", x=x, y=y, color="red", reveal="spent")
        return Picture([line, *picture.marks], picture.says)

    def search(
        self, name: str, color: str, dash: int, tried: np.ndarray, lowest: np.ndarray
    ) -> Picture:
        """Where a search has looked, and how low it has got."""
        both: dict[str, Any] = {"color": color, "reveal": "spent"}
        marker = {"grey": "cross", "blue": "circle", "red": "square"}[color]
        drawn = np.clip(lowest, LOWEST / 10, None)
        marks = [
            Mark(
                kind="points",
                panel="plane",
                x=_short(tried[:, 0]),
                y=_short(tried[:, 1]),
                marker=marker,
                size=2.0,
                **both,
            ),
            Mark(
                kind="line",
                panel="loss",
                x=np.arange(1, BUDGET + 1),
                y=_short(np.log2(drawn), 64, power=True),
                dash=dash,
                **both,
            ),
        ]
        says = Says(
            text=f"{name}: {{lowest}} after {{spent}}",
            fields={"lowest": lowest, "spent": np.arange(1, BUDGET + 1)},
            pick="spent",
            color=color,
            dash=dash,
        )
        return Picture(marks, [says])


def _short(values: np.ndarray, parts: int = 64, *, power: bool = False) -> np.ndarray:
    """As fine as a plot shows; a gap stays a gap. power: 2 to the power of that."""
    fine = np.round(np.clip(values, -1e3, 1e3) * parts) / parts
    return 2.0**fine if power else fine
