"""Three scores: the student's probabilities, the loss, and its gradient with respect to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from helpers.checks import name_of
from helpers.explorers.asking import StudentError, ask, numbers
from helpers.explorers.controls import Choice, linear, slider
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.scene import Mark, Panel, Picture, Says, show

CLASSES = ("cat", "dog", "ship")
SHIFTS = (-1000, -100, -10, -1, 0, 1, 10, 100, 1000)
"""What is added to every score: e^1000 is more than a float holds, e^−1000 is less."""
SHARES = np.geomspace(1e-5, 1, 60)
"""Where the curve −log p is drawn."""
HIGHEST = 11.0
"""Of the losses that are drawn: scores within ±5 give at most 10.7."""
EXACT = 1e-9
"""A sum that is so close to 1 is called 1."""


def probabilities(softmax: Callable, scores: np.ndarray) -> np.ndarray:
    """What the student's function makes of the scores of one example: (c,)."""
    name = name_of(softmax)
    p = numbers(ask(softmax, scores[None]), f"what {name} returns")
    if p.shape != (1, len(scores)):
        raise StudentError(
            f"{name} returned shape {p.shape} for scores of shape (1, {len(scores)})"
        )
    return p[0]


class SoftmaxExplorer(Explorer):
    """Probabilities p of three classes, −log p of the right one, and the gradient p − one-hot.

    softmax(scores): (n, c), here (1, 3); returns probabilities of the same shape.
    """

    title = "Softmax of three scores: probabilities, the loss, and its gradient by each score"
    height = 300

    def __init__(
        self,
        softmax: Callable,
        *,
        scores: tuple[float, float, float] = (2.0, 1.0, -1.0),
        right: str = "dog",
    ):
        every = (*CLASSES, "right", "shift")
        super().__init__(
            controls=[
                *(
                    linear(c, f"score of {c}", s, -5, 5, 21)
                    for c, s in zip(CLASSES, scores, strict=True)
                ),
                Choice("right", "the right class", CLASSES, right),
                slider("shift", "added to all scores", 0, SHIFTS),
            ],
            panels=[
                Panel("p", (-0.6, 2.6), (0, 1.15), title="probabilities p"),
                Panel("loss", (-0.03, 1.05), (0, HIGHEST), "p", title="loss: −log p", column=1),
                Panel("gradient", (-0.6, 2.6), (-1.2, 1.2), title="gradient p − one-hot", column=2),
            ],
            layers=[
                Layer(
                    "softmax",
                    self.softmax,
                    asks=every,
                    ahead=tuple((name, "right") for name in (*CLASSES, "shift")),
                )
            ],
            functions={"softmax": softmax},
        )

    def softmax(self, right: str, shift: float, **scores: float) -> Picture:
        s = np.array([scores[name] for name in CLASSES])
        softmax, k = self.student("softmax"), CLASSES.index(right)
        p = probabilities(softmax, s + shift)
        gradient = p - (np.arange(len(p)) == k)
        with np.errstate(divide="ignore", invalid="ignore"):
            loss = 0.0 - np.log(p[k])
        names = tuple(f"{name} ✓" if name == right else name for name in CLASSES)
        marks = [
            *bars("p", p, k, 0.0, 1.15),
            *loss_at(p[k], loss),
            *bars("gradient", gradient, k, -1.2, 1.2),
        ]
        panels = [self.named("p", names), self.named("gradient", names)]
        of_all = dict(zip(CLASSES, gradient, strict=True))
        text = "gradient: " + ", ".join(f"{name} {{{name}}}" for name in CLASSES)
        looks: dict[str, Any] = {"color": "green", "marker": "square"}
        said = f"{right} is right: p = {{p}}, −log p = {{loss}}"
        says = [
            Says(text=said, fields={"p": p[k], "loss": loss}, **looks),
            total(p),
            Says(text=text, fields=of_all),
            shifted(p, probabilities(softmax, s), s + shift, shift),
        ]
        return Picture(marks, says, panels)

    def named(self, name: str, names: tuple[str, ...]) -> Panel:
        (panel,) = (panel for panel in self.panels if panel.name == name)
        return replace(panel, x_names=names)


def bars(panel: str, heights: np.ndarray, right: int, low: float, high: float) -> list[Mark]:
    """A bar for each class, green for the right one, with its number at the end."""
    places = np.arange(len(heights))
    others = places != right
    gap = 0.045 * (high - low)
    at = np.where(heights < 0, heights - gap, heights + gap)
    words = [show(float(f"{height:.3g}")) if np.isfinite(height) else "nan" for height in heights]
    at = np.clip(np.nan_to_num(at, nan=gap), low + gap, high - gap)
    return [
        Mark(kind="bars", panel=panel, x=places[others], y=heights[others], color="blue"),
        Mark(kind="bars", panel=panel, x=places[~others], y=heights[~others], color="green"),
        Mark(kind="words", panel=panel, x=places, y=at, words=words),
    ]


def loss_at(p: float, loss: float) -> list[Mark]:
    """The curve −log p and the point on it that belongs to the right class."""
    curve: dict[str, Any] = {"x": SHARES, "y": -np.log(SHARES), "color": "grey", "width": 2}
    point: dict[str, Any] = {"x": [p], "y": [loss], "color": "green", "marker": "square", "size": 5}
    return [
        Mark(kind="line", panel="loss", **curve),
        Mark(kind="points", panel="loss", **point),
    ]


def total(p: np.ndarray) -> Says:
    """What the probabilities sum to, and whether each can be one."""
    if np.isnan(p).any():
        return Says(text="your p is not a number: nan", fields={"sum": np.nan})
    text = "your p sums to 1" if abs(p.sum() - 1) <= EXACT else "your p sums to {sum}, not to 1"
    if (p < 0).any():
        text += "; one is below 0"
    return Says(text=text, fields={"sum": p.sum()})


def shifted(p: np.ndarray, before: np.ndarray, scores: np.ndarray, shift: float) -> Says:
    """What adding the same number to every score has changed."""
    with np.errstate(over="ignore", under="ignore"):
        e = np.exp(scores)
    change = float(np.abs(p - before).max())
    fields = {"shift": shift, "change": change, "top": scores.max()}
    if not shift:
        text = "nothing is added to the scores"
    elif change == 0:
        text = "adding {shift} to all scores does not change p"
    elif np.isfinite(change):
        text = "adding {shift} changes no p by more than {change}"
    elif np.isinf(e).any():
        text = "after adding {shift}, e^{top} is more than a float holds"
    elif not e.any():
        text = "after adding {shift}, every e^s is 0 as a float"
    else:
        text = "adding {shift} to the scores: p is not a number"
    return Says(text=text, fields=fields)
