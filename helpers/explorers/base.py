"""What every explorer is: controls, a picture drawn from their values, and a text beside it.

An explorer has a model, which is plain numpy and knows nothing of widgets, and a view, `draw`. The
picture is a PNG, drawn off screen; a saved notebook keeps the first one for where no kernel runs.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from helpers.checks import call

SIZE = (7.2, 3.9)
DPI = 100


class StudentError(Exception):
    """A student's function did not do what the plot needs; the message is shown in the plot."""


class Explorer:
    """An interactive plot. A subclass makes `controls`, and draws from `values()` in `draw`."""

    title = ""

    def __init__(self, controls: dict[str, Any]):
        self.controls = controls
        self.text = ""
        self._figure = Figure(figsize=SIZE, dpi=DPI, layout="constrained")
        FigureCanvasAgg(self._figure)
        self._image = widgets.Image(format="png")
        self._caption = widgets.HTML()
        for control in controls.values():
            control.observe(self._on_change, names="value")

    def draw(self, figure: Figure) -> str:
        """Draw the present state; return the text that stands below the picture."""
        raise NotImplementedError

    def value(self, name: str) -> Any:
        return self.controls[name].value

    def set(self, **values: Any) -> None:
        """Move controls from code: `explorer.set(learning_rate=0.9)`."""
        for name, value in values.items():
            self.controls[name].value = value

    def png(self) -> bytes:
        """The picture of the present state; a student's error is drawn as text, never raised."""
        self._figure.clear()
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                self.text = self.draw(self._figure)
            except StudentError as error:
                self._figure.clear()
                self.text = str(error)
                self._figure.text(0.5, 0.5, self.text, ha="center", va="center", wrap=True)
        picture = io.BytesIO()
        self._figure.savefig(picture, format="png", metadata={"Software": None})
        return picture.getvalue()

    def alt_text(self) -> str:
        return f"{self.title}. {self.text}"

    def _on_change(self, change: dict) -> None:
        self._show(self.png())

    def _show(self, picture: bytes) -> None:
        self._image.value = picture
        self._caption.value = f"<div style='max-width:{SIZE[0] * DPI:.0f}px'>{self.text}</div>"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        picture = self.png()
        self._show(picture)
        box = widgets.VBox([*self.controls.values(), self._image, self._caption])
        bundle = dict(box._repr_mimebundle_())
        bundle |= {"image/png": picture, "text/plain": self.alt_text()}
        return bundle, {"image/png": {"alt": self.alt_text()}}


def slider(name: str, value: float, low: float, high: float, step: float) -> widgets.FloatSlider:
    return widgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=name, **_look(".3g")
    )


def log_slider(name: str, value: float, low: float, high: float) -> widgets.FloatLogSlider:
    """A slider over powers of ten, from 10^low to 10^high."""
    return widgets.FloatLogSlider(
        value=value, base=10, min=low, max=high, step=0.05, description=name, **_look(".3g")
    )


def int_slider(name: str, value: int, low: int, high: int) -> widgets.IntSlider:
    return widgets.IntSlider(value=value, min=low, max=high, description=name, **_look("d"))


def choice(name: str, options: list[str]) -> widgets.Dropdown:
    return widgets.Dropdown(options=options, description=name, style={"description_width": "8em"})


def _look(readout: str) -> dict:
    return {
        "readout_format": readout,
        "style": {"description_width": "8em"},
        "layout": widgets.Layout(width="32em"),
    }


def ask(f: Callable, *args: Any) -> Any:
    """A student's function's answer, or `StudentError` with what happened in words."""
    result = call(f, *args)
    if result.error:
        raise StudentError(result.error)
    if result.value is None:
        raise StudentError(f"{getattr(f, '__name__', 'your function')} returned None")
    return result.value


def ask_number(f: Callable, x: float) -> float:
    """A number; nan and inf are numbers here, because a plot can show them."""
    return number(ask(f, x), f"{getattr(f, '__name__', 'your function')}({x:.3g})")


def number(value: Any, what: str) -> float:
    """A student's answer as a float, or `StudentError`."""
    array = numbers(value, what)
    if array.size != 1:
        raise StudentError(f"{what} must be one number")
    return float(array.reshape(()))


def numbers(value: Any, what: str) -> np.ndarray:
    """A student's answer as an array of floats, or `StudentError`."""
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.array(None)
    if array.dtype.kind not in "fiu":
        raise StudentError(f"{what} must be made of numbers")
    return array.astype(float)
