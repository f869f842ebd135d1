"""Descents of a loss of two weights: where the gradient points, and where each start ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers import surfaces
from helpers.checks import name_of
from helpers.explorers import style
from helpers.explorers.asking import StudentError, ask, numbers
from helpers.explorers.contours import contour_lines, way_out
from helpers.explorers.controls import Choice, Player, slider
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.path import diverged
from helpers.explorers.scene import Mark, Panel, Picture, Says

Update = Callable[[np.ndarray, np.ndarray, float], np.ndarray]
"""`new_W = update_weights(W, gradient, learning_rate)`."""

RATES = (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 1.1)
STARTS = 6
ARROWS = (9, 7)
"""How many arrows stand side by side, and one above the other."""

NEAR = 0.05
"""So close to a minimum a descent has reached it."""
FAR = 1e4
"""A path that leaves ±FAR has run away, and is followed no further."""
LOSSES = (1e-6, 1e3)
"""The losses that are drawn."""


@dataclass(frozen=True)
class Place:
    """A surface, and the part of it that is shown: the middle is (0, 0).

    others: local minima that are higher than the lowest one.
    """

    surface: surfaces.Surface
    wide: float
    others: tuple[tuple[float, float], ...] = ()

    @property
    def domain(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """As wide as it is high on the page, so that right angles are drawn as such."""
        high = self.wide / 1.3
        return (-self.wide, self.wide), (-high, high)

    def starts(self) -> np.ndarray:
        """(STARTS, 2), the same share of the picture on every surface."""
        at = np.random.default_rng(37).uniform(-0.9, 0.9, size=(STARTS, 2))
        return at * np.array(self.domain)[:, 1]


PLACES = {
    "bowl": Place(surfaces.bowl, 2.6),
    "narrow valley": Place(surfaces.canyon, 2.6),
    "three basins": Place(
        surfaces.camel,
        2.2,
        ((1.7475523458, -0.8737761729), (-1.7475523458, 0.8737761729)),
    ),
}

LOWEST, HIGHER, NOWHERE, AWAY = range(4)
FATES = (
    "ends at ({x}, {y}), the lowest minimum",
    "ends at ({x}, {y}), a higher minimum",
    "ends at ({x}, {y}), not in a minimum",
    "runs away ✕",
)


def path_of(
    update: Update, surface: surfaces.Surface, start: np.ndarray, rate: float, steps: int
) -> np.ndarray:
    """The student's path: (steps + 1, 2), fewer points where it runs away."""

    def run(W: np.ndarray) -> list:
        path = [W]
        while len(path) <= steps and _goes_on(path[-1]):
            path.append(update(path[-1], surface.gradient(path[-1]), rate))
        return path

    name = run.__name__ = name_of(update)
    path = ask(run, start.copy())
    if path[-1] is None:
        raise StudentError(f"{name} returned None: does it end in a return?")
    last = numbers(path[-1], f"what {name} returns")
    if last.shape != (2,):
        raise StudentError(f"{name} returned an array of shape {last.shape}, W has shape (2,)")
    return np.array(path, dtype=float)


def _goes_on(W: Any) -> bool:
    """Is there a next step from here?"""
    fits = isinstance(W, np.ndarray) and W.dtype.kind in "fiu" and W.shape == (2,)
    return fits and bool(np.abs(W).max() <= FAR)


def fate_of(place: Place, path: np.ndarray, losses: np.ndarray, steps: int) -> int:
    """What became of a descent: a place in `FATES`."""

    def reached(minima: tuple[tuple[float, float], ...]) -> bool:
        return any(np.hypot(*(path[-1] - minimum)) < NEAR for minimum in minima)

    if diverged(path, losses, steps):
        return AWAY
    if reached(place.surface.minima):
        return LOWEST
    return HIGHER if reached(place.others) else NOWHERE


class SurfaceExplorer(Explorer):
    """Contours of a loss of two weights, arrows down its slope, and descents from random starts.

    update_weights(W, gradient, learning_rate) returns the new weights, W left as it was; W and
    gradient: (2,). surface: "bowl", "narrow valley" or "three basins", the one that is shown first.
    """

    title = "Descents on a loss of two weights, from random starts, and the loss after each step"
    height = 340

    def __init__(
        self,
        update_weights: Update,
        *,
        surface: str = "bowl",
        learning_rate: float = 0.1,
        start: int = 1,
        steps: int = 30,
    ):
        self.steps = steps
        every = ("surface", "rate", "start")
        super().__init__(
            controls=[
                Choice("surface", "loss", tuple(PLACES), surface),
                slider("rate", "learning rate η", learning_rate, RATES),
                slider("start", "random start", start, range(1, STARTS + 1)),
                Player("step", "step", steps, steps),
            ],
            panels=[
                Panel("plane", x_label="w₁", y_label="w₂", weight=3),
                Panel(
                    "loss",
                    x=(0, steps),
                    y=LOSSES,
                    y_scale="log",
                    x_label="step",
                    title="loss",
                    column=1,
                    weight=2,
                ),
            ],
            layers=[
                Layer("surface", self.surface, asks=("surface",), ahead=(("surface",),)),
                Layer("every start", self.starts, asks=every[:2], ahead=(every[:2],)),
                Layer("one start", self.start, asks=every, ahead=(every,)),
            ],
            functions={"update_weights": update_weights},
        )

    def surface(self, surface: str) -> Picture:
        """Lines of equal height, the minima, and arrows against the gradient."""
        place = PLACES[surface]
        x, y = (np.linspace(low, high, 48) for low, high in place.domain)
        heights = place.surface(np.stack(np.meshgrid(x, y)))
        lines = contour_lines(x, y, heights, style.levels(heights))
        points = _short(lines)
        minima = np.array([*place.surface.minima, *place.others]).T
        plane: dict[str, Any] = {"panel": "plane"}
        marks = [
            Mark(kind="line", x=points[:, 0], y=points[:, 1], width=0.8, faint=True, **plane),
            Mark(kind="arrows", color="grey", width=1.2, **downhill(place), **plane),
            Mark(kind="points", x=minima[0], y=minima[1], marker="star", size=7, **plane),
        ]
        low, *higher = [*place.surface.minima, *place.others]
        numbers = {
            "low": place.surface.lowest,
            "high": place.surface(np.array((higher or [low])[0])),
        }
        text = "the only minimum, of loss {low}"
        if higher:
            text = "the minima: one of loss {low}, two of loss {high}"
        panel = Panel("plane", *place.domain, "w₁", "w₂", f"loss = {in_weights(place)}", weight=3)
        return Picture(
            marks,
            [
                Says(text="→ against the gradient: downhill (not to scale)"),
                Says(text=text, fields=numbers, marker="star"),
            ],
            [panel],
        )

    def starts(self, surface: str, rate: float) -> Picture:
        """The descents from every start, and how many of them end where."""
        place, marks, fates = PLACES[surface], [], []
        for start in place.starts():
            path, losses = self.path(place, start, rate)
            fates.append(fate_of(place, path, losses, self.steps))
            marks += drawn(place, path, losses, {"color": "blue", "dash": 3, "width": 1.2})
        at = place.starts().T
        ring: dict[str, Any] = {"marker": "ring", "size": 3.5, "color": "blue"}
        marks.append(Mark(kind="points", panel="plane", x=at[0], y=at[1], **ring))
        counts = {"n": STARTS} | {f"k{fate}": fates.count(fate) for fate in range(len(FATES))}
        rest = {HIGHER: "in another", NOWHERE: "in none", AWAY: "run away"}
        text = f"of {{n}} starts, in the lowest minimum: {{k{LOWEST}}}"
        text += "".join(f"; {what}: {{k{k}}}" for k, what in rest.items() if k in fates)
        return Picture(marks, [Says(text=text, fields=counts, color="blue", dash=3)])

    def start(self, surface: str, rate: float, start: float) -> Picture:
        """The descent from one start."""
        place, number = PLACES[surface], int(start)
        path, losses = self.path(place, place.starts()[number - 1], rate)
        marks = drawn(place, path, losses, {"color": "red", "width": 2})
        fate = fate_of(place, path, losses, self.steps)
        if fate == AWAY:
            marks += way_out(path, place.domain, "red")
        fields = {"start": number, "step": np.arange(len(path)), "loss": _short(losses, 16)}
        text = "start {start}, step {step}: loss {loss}"
        x, y = np.round(path[-1], 3) + 0.0  # no −0
        ends = {"start": number, "x": x, "y": y}
        return Picture(
            marks,
            [
                Says(text=text, fields=fields, pick="step", color="red"),
                Says(text=f"start {{start}} {FATES[fate]}", fields=ends),
            ],
        )

    def path(self, place: Place, start: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
        path = path_of(self.student("update_weights"), place.surface, start, rate, self.steps)
        return path, np.asarray(place.surface(path.T), dtype=float)


def in_weights(place: Place) -> str:
    """The formula in w₁ and w₂."""
    return place.surface.formula.replace("x", "w₁").replace("y", "w₂")


def downhill(place: Place) -> dict[str, Any]:
    """Arrows (x, y, dx, dy) against the gradient on a grid: the steeper, the longer, but the
    longest only three times as long as the shortest."""
    (left, right), (low, high) = place.domain
    across, up = ARROWS
    room = (right - left) / across
    x, y = np.meshgrid(
        np.linspace(left, right, across + 1)[1:] - room / 2,
        np.linspace(low, high, up + 1)[1:] - (high - low) / up / 2,
    )
    slope = -place.surface.gradient(np.stack([x, y])).reshape(2, -1)
    steep = np.hypot(*slope)
    at = np.stack([x.ravel(), y.ravel()])[:, steep > 1e-9]
    slope, steep = slope[:, steep > 1e-9], steep[steep > 1e-9]
    length = room * (0.3 + 0.6 * (steep / steep.max()) ** 0.5)
    along = slope / steep * length
    x, y = at - along / 2
    return {"x": x, "y": y, "dx": along[0], "dy": along[1]}


def drawn(place: Place, path: np.ndarray, losses: np.ndarray, look: dict[str, Any]) -> list[Mark]:
    """A path in the plane and its losses beside it; where it is now, if it has no dash.

    What runs away is drawn as far as the first point that is far outside.
    """
    far = (np.abs(path) > 3 * place.wide).any(axis=1)
    far &= np.cumsum(far) > 1
    x, y = _short(np.where(far[:, None], np.nan, np.clip(path, -1e6, 1e6))).T
    loss = _short(np.clip(losses, LOSSES[0] / 100, LOSSES[1] * 100), 16)
    step = np.arange(len(losses))
    both: list[dict[str, Any]] = [
        {"panel": "plane", "x": x, "y": y},
        {"panel": "loss", "x": step, "y": loss},
    ]
    marks = [Mark(kind="line", reveal="step", **look, **there) for there in both]
    if not look.get("dash"):
        color = look["color"]
        both[1] = both[1] | {"y": np.clip(loss, *LOSSES)}  # the point stays in the picture
        marks += [Mark(kind="points", pick="step", color=color, size=5, **there) for there in both]
        dots: dict[str, Any] = {"size": 2.5, "color": color, "reveal": "step"}
        marks.append(Mark(kind="points", **both[0], **dots))
    return marks


def _short(array: np.ndarray, bits: int = 0) -> np.ndarray:
    """To a 256th, or to so many binary digits: more than is seen, and half the size in a page."""
    if not bits:
        return np.round(256 * array) / 256
    digits, power = np.frexp(array)
    return np.ldexp(np.round(digits * 2**bits) / 2**bits, power)
