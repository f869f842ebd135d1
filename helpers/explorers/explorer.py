"""What every explorer is: controls, layers that are computed from them, and three ways to show it.

A layer asks for some of the controls and computes a `Picture`, mostly by calling the student's own
functions. The front end keeps every picture that it was sent, so a control asks Python only for a
picture that has never been seen; those along a slider are sent beforehand.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import itertools
import os
import re
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from helpers._within import ENDLESS, OutOfTime, within
from helpers.explorers import page, still
from helpers.explorers.asking import StudentError, calls_of, latest
from helpers.explorers.controls import Control
from helpers.explorers.scene import Panel, Picture, Says, sentence, wire

if TYPE_CHECKING:
    from helpers.explorers.widget import Widget

PATIENCE = 2.0
"""Seconds that one picture may take."""

GRADING_PATIENCE = 0.025
"""Seconds that all pictures together may take while a submission is graded."""

LATE = "Not drawn in full while grading: it takes longer than there is time for."

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Layer:
    """A part of the scene: `compute` is given what the controls named in `asks` stand for.

    ahead: groups of controls; the pictures at all positions of a group's controls (and the others
    as they are) are sent before the hand gets there.
    """

    name: str
    compute: Callable[..., Picture]
    asks: tuple[str, ...] = ()
    ahead: tuple[tuple[str, ...], ...] = ()


class Explorer:
    """An interactive plot of what the student's own functions do.

    A subclass gives its controls, panels and layers to `__init__`, and calls the student's
    functions by `self.student(name)`, which is always the newest definition.
    """

    title = ""
    height = 320
    """Of the plot, in pixels, where it is 720 wide."""
    handle: ClassVar[dict[str, str] | None] = None
    """A point to drag: the `panel`, the controls that are its `x` and perhaps `y`, a `label`."""
    brings: Mapping[str, Mapping[str, Mapping[str, Any]]] = {}
    """What a choice sets besides itself: control, then option, then the values of others."""

    def __init__(
        self,
        controls: Sequence[Control],
        panels: Sequence[Panel],
        layers: Sequence[Layer],
        functions: Mapping[str, Callable],
    ):
        self.controls = {control.name: control for control in controls}
        self.panels = tuple(panels)
        self.layers = {layer.name: layer for layer in layers}
        self.values: dict[str, Any] = {control.name: control.at for control in controls}
        self._given = dict(functions)
        self._widget: Widget | None = None

    # --- The state

    def student(self, name: str) -> Callable:
        """A student's function: the newest definition of it."""
        return latest(self._given[name])

    def functions(self) -> list[Callable]:
        """All of the student's functions that the plot depends on, as they are defined now."""
        return [each for f in self._given.values() for each in calls_of(f)]

    def set(self, **settings: Any) -> None:
        """Move controls from code: `explorer.set(learning_rate=0.9)`, to the nearest position."""
        for name, value in settings.items():
            brought = self.brings.get(name, {}).get(value, {})
            for each, setting in {name: value, **brought, **settings}.items():
                self.values[each] = self.controls[each].write(setting)
        if self._widget is not None:
            self._widget.values = dict(self.values)

    def read(self, name: str, values: Values | None = None) -> Any:
        """What a control stands for: a number, a name, a text."""
        return self.controls[name].read((values or self.values)[name])

    def picture(self, layer: Layer, values: Values, patience: float = PATIENCE) -> Picture:
        """One layer at these values; a student's error is shown, never raised."""
        asked = {name: self.read(name, values) for name in layer.asks}
        quiet = contextlib.redirect_stdout(io.StringIO())
        with warnings.catch_warnings(), np.errstate(all="ignore"), quiet:
            warnings.simplefilter("ignore")
            try:
                return within(patience, lambda: layer.compute(**asked))
            except (StudentError, OutOfTime) as error:
                return Picture(error=str(error))

    def scene(self, patience: float = PATIENCE, late: str = "") -> list[Picture]:
        """Every layer at the present values; patience is for all of them together.

        late: what is said, in place of an error, where the time was over.
        """
        end = time.monotonic() + patience
        pictures = []
        for layer in self.layers.values():
            left = end - time.monotonic()
            picture = Picture(error=f"no time was left for {layer.name}")
            if left > 0:
                picture = self.picture(layer, self.values, left)
            if late and picture.error and time.monotonic() > end:
                picture = Picture(error=late)
            pictures.append(picture)
        return pictures

    def text(self, pictures: Sequence[Picture] | None = None) -> str:
        """What the plot says, in words."""
        pictures = self.scene() if pictures is None else pictures
        every = [says for picture in pictures for says in picture.says]
        said = [sentence(says, self.values) for says in every if says.fields or says.pick]
        return " ".join([*said, *dict.fromkeys(p.error for p in pictures if p.error)])

    # --- Towards the browser

    def setting(self) -> dict[str, Any]:
        """What the front end needs to know once."""
        return {
            "title": self.title,
            "height": self.height,
            "handle": self.handle,
            "brings": self.brings,
            "panels": [wire(panel, {}) for panel in self.panels],
            "controls": [
                {"kind": c.kind, "name": c.name, "label": c.label, "at": c.at, **c.settings()}
                for c in self.controls.values()
            ],
            "layers": [
                {"name": layer.name, "asks": layer.asks, "ahead": layer.ahead}
                for layer in self.layers.values()
            ],
        }

    def answer(self, asked: Iterable[Mapping], seconds: float) -> tuple[list[dict], list[bytes]]:
        """The pictures that were asked for, as many as are ready in time and at least one."""
        end = time.monotonic() + seconds
        answers: list[dict] = []
        buffers: dict[bytes, int] = {}
        wrong: set[str] = set()
        for one in asked:
            if one["layer"] in wrong:  # what never ends here may never end at any position
                continue
            picture = self.picture(self.layers[one["layer"]], one["values"])
            if picture.error and ENDLESS in picture.error:
                wrong.add(one["layer"])
            answers.append({**one, "picture": wire(picture, buffers)})
            if time.monotonic() > end:
                break
        return answers, list(buffers)

    def now(self) -> list[dict]:
        """What the present values ask of every layer."""
        return [_asked(layer, self.values) for layer in self.layers.values()]

    def ahead(self) -> list[dict]:
        """What can be asked at every position that the hand may reach from the present values."""
        asked = self.now()
        for layer in self.layers.values():
            for group in layer.ahead:
                for positions in itertools.product(*(self.controls[n].every() for n in group)):
                    values = self.values | dict(zip(group, positions, strict=True))
                    asked.append(_asked(layer, values))
        return asked

    def to_html(self) -> str:
        """A page of its own, without kernel or network, on which the sliders still move."""
        return page.document(self.setting(), self.values, *self.answer(self.ahead(), np.inf))

    def png(self, pictures: Sequence[Picture] | None = None) -> bytes:
        """A still picture of the present state."""
        pictures = self.scene() if pictures is None else pictures
        return still.draw(self.panels, pictures, self.values, self.height)

    def alt_text(self, pictures: Sequence[Picture] | None = None) -> str:
        return f"{self.title}. {self.text(pictures)}"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        if "NBGRADER_EXECUTION" in os.environ:
            return self._graded(), {}
        pictures = self.scene()
        alt, picture = self.alt_text(pictures), self.png(pictures)
        bundle = {"image/png": picture, "text/plain": alt}
        if page.WANTED in os.environ or not importlib.util.find_spec("anywidget"):
            bundle["text/html"] = page.frame(
                self.to_html(), self._frame_height(pictures), alt, picture
            )
        else:
            bundle = self._live() | bundle
        return bundle, {"image/png": {"alt": alt}}

    def _frame_height(self, pictures: Sequence[Picture] | None = None) -> int:
        """Pixels for the plot, and for the sentences and controls below it, in two columns."""
        pictures = self.scene() if pictures is None else pictures
        said = [_longest(says) for picture in pictures for says in picture.says]
        wrong = [line for p in pictures for line in (p.error or "").splitlines()]
        controls = list(self.controls.values())
        wide = sum(control.kind == "player" for control in controls)
        return (
            self.height
            + 22 * (_rows(said, 44) + sum(1 + len(line) // 100 for line in wrong))
            + 32 * (wide + -(-(len(controls) - wide) // 2))
            + 50
        )

    def _live(self) -> dict:
        """The view that asks this explorer, as long as there is a kernel."""
        from helpers.explorers.widget import Widget

        self._widget = self._widget or Widget(self)
        return self._widget.view()

    def _graded(self) -> dict[str, str]:
        """Only the present state, and only what is quick: a class is waiting."""
        pictures = self.scene(GRADING_PATIENCE, LATE)
        alt = self.alt_text(pictures)
        buffers: dict[bytes, int] = {}
        answers = [
            {**one, "picture": wire(picture, buffers)}
            for one, picture in zip(self.now(), pictures, strict=True)
        ]
        html = page.document(self.setting(), self.values, answers, list(buffers))
        high = self._frame_height(pictures)
        return {"text/html": page.frame(html, high, alt), "text/plain": alt}


def _asked(layer: Layer, values: Values) -> dict:
    return {"layer": layer.name, "values": {name: values[name] for name in layer.asks}}


def _longest(says: Says) -> int:
    """Letters of a sentence at most, at any position: a number takes up to eight."""
    texts = [says.text] if isinstance(says.text, str) else says.text
    return max((len(re.sub(r"\{\w+\}", 8 * "0", text)) for text in texts), default=0)


def _rows(lengths: Sequence[int], wide: int) -> int:
    """Lines that sentences take in two columns, row by row."""
    lines = [1 + length // wide for length in lengths]
    return sum(max(lines[k : k + 2]) for k in range(0, len(lines), 2))
