"""Two curves for each size of a network and each rate of dropout, and what they are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.explorers.asking import StudentError, ask, numbers
from helpers.explorers.controls import Control, slider
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.scene import Mark, Panel, Picture, Says

NAMES = ("not learning", "overfitting", "underfitting", "fine")

Curves = Mapping[tuple[int, float], np.ndarray]
"""By width and rate, the losses on both sets after each epoch, (epochs, 2)."""


def read(curves: Curves) -> dict[tuple[float, float], np.ndarray]:
    """The curves as arrays of one shape, or `StudentError` where one is no such curve."""
    if not isinstance(curves, Mapping) or not curves:
        raise StudentError("there are no curves yet: run the cell that trains the networks")
    found: dict[tuple[float, float], np.ndarray] = {}
    for (width, rate), losses in curves.items():
        losses = numbers(losses, f"the losses of width {width} and rate {rate}")
        if losses.ndim != 2 or losses.shape[1] != 2 or len(losses) < 2:
            text = f"the losses of width {width} and rate {rate} must be (epochs, 2)"
            raise StudentError(f"{text}, not the shape {losses.shape}")
        found[float(width), float(rate)] = losses
    if len({losses.shape for losses in found.values()}) > 1:
        raise StudentError("the curves must all have as many epochs")
    widths, rates = ({key[k] for key in found} for k in (0, 1))
    if len(found) != len(widths) * len(rates):
        raise StudentError("there must be a curve for each width with each rate")
    return found


class CapacityExplorer(Explorer):
    """Training and validation loss by width and dropout: `(curves, diagnose, baseline, wanted)`.

    curves: by (width, rate), the losses on the training and the validation set, (epochs, 2).
    diagnose(training, validation, baseline, wanted) gives the curves their name.
    """

    title = "Capacity and dropout against two curves"
    height = 300

    def __init__(self, curves: Curves, diagnose: Callable, baseline: float, wanted: float):
        self.baseline, self.wanted = float(baseline), float(wanted)
        self.wrong: str | None = None
        try:
            self.curves = read(curves)
        except StudentError as error:  # it is said below the plot
            self.wrong = str(error)
            self.curves = {(1.0, 0.0): np.full((2, 2), np.nan)}
        self.widths = sorted({width for width, _ in self.curves})
        self.rates = sorted({rate for _, rate in self.curves})
        epochs = len(next(iter(self.curves.values()))) - 1
        controls: list[Control] = []
        if len(self.widths) > 1:
            middle = self.widths[len(self.widths) // 2]
            controls.append(slider("width", "hidden units", middle, self.widths))
        if len(self.rates) > 1:
            controls.append(slider("rate", "dropout rate", self.rates[0], self.rates))
        names = tuple(control.name for control in controls)
        ahead = (names,) if names else ()
        alone = (("rate",),) if "rate" in names else ()
        super().__init__(
            controls=controls,
            panels=[
                Panel("curves", x=(0, epochs), y=(0, self.top()), x_label="epoch", title="loss"),
                Panel(
                    "ends",
                    x_label="hidden units",
                    x_scale="log",
                    y=(0, self.top()),
                    title="loss after the last epoch",
                    column=1,
                ),
            ],
            layers=[
                Layer("curves", self.two_curves, asks=names, ahead=ahead),
                Layer("ends", self.ends, asks=tuple(n for n in names if n == "rate"), ahead=alone),
            ],
            functions={"diagnose": diagnose},
        )

    def top(self) -> float:
        """The upper end of both axes: above the baseline, and no curve that runs away."""
        every = np.concatenate([losses.ravel() for losses in self.curves.values()])
        seen = every[np.isfinite(every)]
        highest = float(seen.max()) if seen.size else self.baseline
        return 1.05 * float(min(max(highest, self.baseline), 2 * self.baseline))

    def two_curves(self, **at: float) -> Picture:
        if self.wrong:
            raise StudentError(self.wrong)
        width, rate = at.get("width", self.widths[0]), at.get("rate", self.rates[0])
        training, validation = self.curves[width, rate].T
        x = np.arange(len(training))
        marks = [
            Mark(kind="line", panel="curves", x=x, y=training, color="blue"),
            Mark(kind="line", panel="curves", x=x, y=validation, color="red", dash=1),
            Mark(
                kind="line",
                panel="curves",
                x=x[[0, -1]],
                y=[self.baseline] * 2,
                color="grey",
                dash=2,
                width=1,
            ),
        ]
        lowest = int(np.nan_to_num(validation, nan=np.inf).argmin())
        try:  # without a name there are still curves to look at
            found = self.named(training, validation)
            name = f"Where {{wanted}} is wanted, your diagnose says: {found}."
        except StudentError as error:
            name = f"The curves have no name: {error}"
        says = [
            Says(
                text="training: {last} after the last epoch",
                fields={"last": training[-1]},
                color="blue",
            ),
            Says(
                text="validation: {last} after the last epoch; lowest {low}, after epoch {when}",
                fields={"last": validation[-1], "low": validation[lowest], "when": lowest},
                color="red",
                dash=1,
            ),
            Says(
                text="the naive baseline: {height}",
                fields={"height": self.baseline},
                color="grey",
                dash=2,
            ),
            Says(
                text=name,
                fields={"wanted": self.wanted},
            ),
        ]
        return Picture(marks, says)

    def named(self, training: np.ndarray, validation: np.ndarray) -> str:
        found = ask(
            self.student("diagnose"), training.copy(), validation.copy(), self.baseline, self.wanted
        )
        if found not in NAMES:
            raise StudentError(f"diagnose must return one of {', '.join(NAMES)}")
        return str(found)

    def ends(self, **at: float) -> Picture:
        """Both losses at the end, over the width, for the rate that is chosen."""
        if self.wrong:
            raise StudentError(self.wrong)
        rate = at.get("rate", self.rates[0])
        last = np.array([self.curves[width, rate][-1] for width in self.widths])
        marks = []
        for k, (color, marker) in enumerate((("blue", "circle"), ("red", "square"))):
            look: dict[str, Any] = {
                "panel": "ends",
                "x": self.widths,
                "y": last[:, k],
                "color": color,
            }
            marks += [
                Mark(kind="line", dash=k, **look),
                Mark(kind="points", marker=marker, **look),
            ]
        return Picture(marks)
