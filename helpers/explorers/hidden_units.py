"""What the hidden units of a network do while it learns a curve, record by record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.explorers import style
from helpers.explorers.asking import StudentError, number, numbers
from helpers.explorers.controls import Control, Player, slider
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.scene import Mark, Panel, Picture, Says

MOST_UNITS = 16
"""More units than these are not drawn."""
MOST_NUMBERS = 16_000
"""Of hidden outputs that a picture holds; of more records some are left out."""
FLAT = 1e-3
"""A unit whose output varies by less than this share of the largest output is flat."""
THICK = 60
"""The dash of the line that is told apart by its width: solid, as every sixth is."""


@dataclass(frozen=True)
class Records:
    """A history as arrays, its records first: (r,), (r, n, units), (r, n), (r,)."""

    steps: np.ndarray
    hidden: np.ndarray
    prediction: np.ndarray
    loss: np.ndarray


def read(history: Sequence, n: int) -> Records:
    """The records of a history over n inputs, or `StudentError` where one is no such record."""
    if not isinstance(history, list | tuple) or not len(history):
        raise StudentError("the history must be a list with a record in it: nothing was recorded")
    steps: list[float] = []
    losses: list[float] = []
    hidden: list[np.ndarray] = []
    predictions: list[np.ndarray] = []
    for i, record in enumerate(history):
        here = f"record {i} of the history"
        try:
            step, units, prediction, loss = record
        except (TypeError, ValueError):
            raise StudentError(f"{here} must be (step, hidden, prediction, loss)") from None
        steps.append(number(step, f"the step in {here}"))
        losses.append(number(loss, f"the loss in {here}"))
        units = numbers(units, f"the hidden outputs in {here}")
        if units.ndim != 2 or len(units) != n or not units.size:
            turned = ": is it transposed?" if units.ndim == 2 and units.shape[1] == n else ""
            text = f"the hidden outputs in {here} must have a row for each x, ({n}, units)"
            raise StudentError(f"{text}, not the shape {units.shape}{turned}")
        if hidden and units.shape != hidden[0].shape:
            had = f"{hidden[0].shape} in record 0"
            raise StudentError(f"the hidden outputs have the shape {units.shape} in {here}, {had}")
        hidden.append(units)
        prediction = numbers(prediction, f"the prediction in {here}")
        if prediction.shape not in {(n,), (n, 1)}:
            text = f"the prediction in {here} must be one number for each x, ({n},)"
            raise StudentError(f"{text}, not the shape {prediction.shape}")
        predictions.append(prediction.ravel())
    return Records(*(np.array(each) for each in (steps, hidden, predictions, losses)))


def thinned(count: int, most: int) -> np.ndarray:
    """Which of `count` things are kept: at most so many, evenly, the first and last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, max(most, 2))).round().astype(int))


def spread(steps: np.ndarray) -> tuple[bool, np.ndarray]:
    """Do records become rarer and rarer, and where they stand along an axis for them.

    Such as 1, 2, 5, 10, 20 stand on a logarithmic one, on which 0 is half the first step.
    """
    positive = steps[steps > 0]
    if np.isfinite(steps).all() and len(positive) > 4 and 8 * np.median(steps) < steps.max():
        return True, np.maximum(steps, 0.5 * positive.min())
    return False, steps


def rounded(values: np.ndarray) -> np.ndarray:
    """To a thousandth of their range, finer than a plot shows: so a saved page is half the size."""
    seen = values[np.isfinite(values)]
    wide = float(np.ptp(seen)) if seen.size else 0.0
    if not 0 < wide < 1e30:
        return values
    step = 2.0 ** (np.ceil(np.log2(wide)) - 11)
    return np.round(values / step) * step


def flat_units(hidden: np.ndarray) -> np.ndarray:
    """Which units, (units,), say the same for every x. hidden: (n, units)."""
    return np.ptp(hidden, axis=0) <= FLAT * np.abs(hidden).max()


def doubles(hidden: np.ndarray) -> int:
    """How many units that are not flat say the same as one before them. hidden: (n, units)."""
    varied = hidden[:, ~flat_units(hidden)].T
    close = FLAT * np.abs(hidden).max()
    return sum(
        any(np.abs(unit - other).max() <= close for other in varied[:k])
        for k, unit in enumerate(varied)
    )


def bend(x: np.ndarray, output: np.ndarray) -> float | None:
    """Where a unit's slope changes most; None where it does not change. x, output: (n,)."""
    at, first = np.unique(x, return_index=True)
    if len(at) < 3 or not np.isfinite(output).all():
        return None
    turns = np.abs(np.diff(np.diff(output[first]) / np.diff(at)))
    most = int(turns.argmax())
    straight = turns[most] * np.ptp(at) <= FLAT * np.ptp(output)
    return None if straight else float(at[most + 1])


class HiddenUnitsExplorer(Explorer):
    """A curve that is learnt, and what each hidden unit says over x: `(x, y, history)`.

    x, y: (n,) or (n, 1), the inputs and the targets. history: a list of records, made by the loop
    that trains: (step, hidden (n, units), prediction (n,), loss).
    """

    title = "A network that learns a curve: its prediction, its hidden units and its loss"
    height = 300

    def __init__(self, x: np.ndarray, y: np.ndarray, history: Sequence):
        self.wrong: str | None = None
        try:
            self.x, self.y = (numbers(v, name).ravel() for v, name in ((x, "x"), (y, "y")))
            if self.x.shape != self.y.shape or self.x.size < 2:
                shapes = f"{self.x.shape} and {self.y.shape}"
                raise StudentError(f"x and y must be as many numbers, at least two: not {shapes}")
            records = read(history, len(self.x))
        except StudentError as error:  # it is said below the plot
            self.wrong = str(error)
            self.x = self.y = np.arange(2.0)
            none = np.full((1, 2), np.nan)
            records = Records(np.zeros(1), none[:, :, None], none, np.full(1, np.nan))
        self.all = records
        self.units = records.hidden.shape[2]
        self.drawn = min(self.units, MOST_UNITS)
        order = np.argsort(self.x, kind="stable")
        self.places = order[thinned(len(order), 61 if self.drawn <= 6 else 41)]
        many = int(np.clip(MOST_NUMBERS // (self.drawn * len(self.places)), 12, 80))
        self.kept = thinned(len(records.steps), many)
        last = len(self.kept) - 1
        controls: list[Control] = [Player("shown", "record", last, last)]
        layers = [Layer("network", self.network)]
        if self.drawn > 1:
            numbered = range(1, self.drawn + 1)
            widest = _widest(records.hidden[-1, :, : self.drawn])
            controls.append(slider("unit", "hidden unit", 1 + widest, numbered))
            layers.append(Layer("unit", self.unit, asks=("unit",), ahead=(("unit",),)))
        self.sparser, self.at = spread(records.steps)
        super().__init__(controls, self.planned(), layers, functions={})

    def planned(self) -> list[Panel]:
        """The panels; their axes stay as they are, whatever a record holds."""
        across = float(self.x.min()), float(self.x.max())
        if across[0] == across[1]:
            across = across[0] - 1, across[0] + 1
        losses = self.all.loss
        losses = losses[np.isfinite(losses) & (losses > 0)]
        ends = [losses.min(), losses.max()] if len(losses) else [0.1, 1.0]
        low, high = np.clip([np.floor(np.log10(ends[0])), np.ceil(np.log10(ends[1]))], -30, 6)
        return [
            Panel(
                "curve",
                x=across,
                y=_around(self.y, 0.3),
                x_label="x",
                title="the curve",
                weight=5,
            ),
            Panel(
                "units",
                x=across,
                y=_around(self.all.hidden[self.kept], 0.05),
                x_label="x",
                title="the hidden units",
                column=1,
                weight=5,
            ),
            Panel(
                "loss",
                x=(float(self.at.min()), float(max(self.at.max(), self.at.min() + 1))),
                x_scale="log" if self.sparser else "linear",
                y=(float(10.0**low), float(10.0 ** max(high, low + 1))),
                x_label="step",
                title="loss",
                y_scale="log",
                column=2,
                weight=4,
            ),
        ]

    def hidden(self, unit: int) -> np.ndarray:
        """What a unit said, record by record, as it is drawn."""
        return rounded(self.all.hidden[self.kept][:, self.places, unit])

    def network(self) -> Picture:
        if self.wrong:
            raise StudentError(self.wrong)
        x, losses = self.x[self.places], self.all.loss
        prediction = rounded(self.all.prediction[self.kept][:, self.places])
        across = np.broadcast_to(x, prediction.shape)
        some = np.sort(thinned(len(self.x), 101))
        width = 2.0 if self.drawn <= 4 else 1.2 if self.drawn <= 8 else 0.8
        marks = [
            Mark(
                kind="points",
                panel="curve",
                x=self.x[some],
                y=self.y[some],
                size=1.8,
                color="grey",
            ),
            Mark(
                kind="line",
                panel="curve",
                x=across,
                y=prediction,
                width=2.5,
                color="blue",
                pick="shown",
            ),
        ]
        for unit in range(self.drawn):
            look: dict[str, Any] = {"color": style.ORDER[unit % len(style.ORDER)], "width": width}
            marks.append(
                Mark(
                    kind="line",
                    panel="units",
                    x=across,
                    y=self.hidden(unit),
                    dash=unit,
                    pick="shown",
                    **look,
                )
            )
        at: dict[str, Any] = {"x": self.at[self.kept], "y": losses[self.kept], "color": "green"}
        marks += [
            Mark(kind="line", panel="loss", x=self.at, y=losses, width=1.5, color="green"),
            Mark(kind="points", panel="loss", pick="shown", **at),
        ]
        return Picture(marks, self.told())

    def told(self) -> list[Says]:
        """What the records say, each by itself and all together."""
        kept = self.kept
        off = np.abs(self.all.prediction[kept] - self.y)
        worst = np.nan_to_num(off, nan=np.inf).argmax(axis=1)
        fields = {
            "step": self.all.steps[kept],
            "loss": self.all.loss[kept],
            "off": off[np.arange(len(kept)), worst],
            "at": self.x[worst],
        }
        near = "step {step}: loss {loss}; it is off by {off} at most, at x = {at}"
        lost = "step {step}: the prediction is no number any more, training has run away"
        network = [near if np.isfinite(each).all() else lost for each in off]
        first, last = self.all.loss[[0, -1]]
        went = "fell" if last < first else "rose" if last > first else "went"
        return [
            Says(text="the curve to learn", color="grey", marker="circle"),
            Says(text=network, fields=fields, pick="shown", color="blue"),
            Says(text=[self.counted(i) for i in kept], pick="shown"),
            Says(
                text=f"Over the {{many}} records the loss {went} from {{first}} to {{last}}.",
                fields={"many": len(self.all.steps), "first": first, "last": last},
                color="green",
            ),
        ]

    def counted(self, record: int) -> str:
        """How many of the units do something of their own in a record."""
        hidden = self.all.hidden[record]
        if not np.isfinite(hidden).all():
            return "The hidden units are no numbers any more."
        flat, same, units = int(flat_units(hidden).sum()), doubles(hidden), self.units
        if units == 1:
            text = "The hidden unit is flat" if flat else "The hidden unit is not flat"
        elif flat:
            text = f"{flat} of {units} hidden units {'is' if flat == 1 else 'are'} flat"
        else:
            text = "No hidden unit is flat"
        if same:
            text += f"; {same} {'says' if same == 1 else 'say'} the same as another"
        if units > MOST_UNITS:
            text += f". The first {MOST_UNITS} of {units} are drawn"
        return f"{text}."

    def unit(self, unit: float) -> Picture:
        """One unit among the others: a thick line, and where it bends."""
        if self.wrong:
            raise StudentError(self.wrong)
        k = int(unit) - 1
        shown = self.hidden(k)
        x = np.broadcast_to(self.x[self.places], shown.shape)
        output = self.all.hidden[self.kept][:, :, k]
        bends = [bend(self.x, each) for each in output]
        fields = {
            "low": output.min(axis=1),
            "high": output.max(axis=1),
            "at": [np.nan if at is None else at for at in bends],
        }
        text = [self.described(k, *each) for each in zip(self.kept, bends, strict=True)]
        look: dict[str, Any] = {"width": 3.5, "dash": THICK, "pick": "shown"}
        line = Mark(kind="line", panel="units", x=x, y=shown, **look)
        return Picture([line], [Says(text=text, fields=fields, pick="shown", color="text")])

    def described(self, k: int, record: int, at: float | None) -> str:
        hidden = self.all.hidden[record]
        if not np.isfinite(hidden[:, k]).all():
            return f"unit {k + 1} is no number any more"
        if flat_units(hidden)[k]:
            return f"unit {k + 1} is {{low}} for every x"
        shape = "in a straight line" if at is None else "and bends most near x = {at}"
        return f"unit {k + 1} goes from {{low}} to {{high}} {shape}"


def _widest(hidden: np.ndarray) -> int:
    """The unit whose output varies most over x, of (n, units)."""
    return int(np.nan_to_num(np.ptp(hidden, axis=0)).argmax())


def _around(values: np.ndarray, margin: float) -> tuple[float, float]:
    """A range that holds what is finite, with a margin in shares of it."""
    seen = np.clip(values[np.isfinite(values)], -1e6, 1e6)
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 1.0)
    room = margin * (high - low) or 0.5
    return low - room, high + room
