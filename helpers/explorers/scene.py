"""What an explorer shows, as data: panels, marks drawn in them, and sentences beside them.

The front end draws a scene in the browser and `still` draws the same one with matplotlib; neither
knows which explorer it belongs to. What depends on a control alone needs no Python to change:

    pick="step"     arrays have a leading axis, and the control's position says which entry is drawn
    reveal="step"   a line is drawn up to that point

A position beyond the last entry means the last: a path that ended early stays where it ended.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import ROUND_HALF_UP, Context
from typing import Any

import numpy as np

FOUR_DIGITS = Context(prec=4, rounding=ROUND_HALF_UP)
BAR = 0.6
"""The width of a bar, where the next one is 1 further; the front end has the same."""
LARGEST = float(np.finfo(np.float32).max)
"""What is finite and larger arrives as this, and is told to be larger."""
ARRAYS = ("x", "y", "dx", "dy")
"""The fields of a mark that are arrays of numbers."""


@dataclass(frozen=True)
class Panel:
    """A pair of axes. A range that is None is taken from what is drawn.

    scale: `linear`, `log`, or `symlog` (linear within ±1e-4, logarithmic outside).
    """

    name: str
    x: tuple[float, float] | None = None
    y: tuple[float, float] | None = None
    x_label: str = ""
    y_label: str = ""
    title: str = ""
    x_scale: str = "linear"
    y_scale: str = "linear"
    row: int = 0
    column: int = 0
    weight: float = 1.0
    """The width of its column beside the others'."""
    axes: bool = True
    x_names: tuple[str, ...] = ()
    """Below the axis, in place of numbers: at 0, 1, 2 and so on."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Something drawn in a panel.

    kind    `line` (nan is a gap), `points`, `bars` (from 0 to y, at x), `arrows` (from x, y along
            dx, dy) or `words`
    color   a name of `style.ON_BOTH`, or `text`: black on a light page, white on a dark one
    dash    0 is solid; each higher number another pattern
    marker  `circle`, `square`, `triangle`, `cross`, `star` or `ring`
    """

    kind: str
    panel: str
    x: Any
    y: Any
    dx: Any = None
    dy: Any = None
    words: Sequence[str] | None = None
    color: str = "text"
    dash: int = 0
    width: float = 1.5
    marker: str = "circle"
    size: float = 4.0
    """Of a marker: its radius in pixels."""
    faint: bool = False
    pick: str | None = None
    reveal: str | None = None

    def __post_init__(self) -> None:
        for name in ARRAYS:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float32))


@dataclass(frozen=True, kw_only=True)
class Says:
    """A sentence about the scene, with a sample of the line or marker that it is about.

    text: `{name}` stands for a number of `fields`, of 32 bits: what is finite and larger than these
    hold is `LARGEST`, and is told as such. With `pick`, a field may be an array over the
    control's positions, and the text a list of texts.
    """

    text: str | Sequence[str]
    fields: Mapping[str, Any] = field(default_factory=dict)
    pick: str | None = None
    color: str | None = None
    dash: int = 0
    marker: str | None = None

    def __post_init__(self) -> None:
        numbers = {name: _held(value) for name, value in self.fields.items()}
        object.__setattr__(self, "fields", numbers)


@dataclass(frozen=True)
class Picture:
    """What one layer contributes; `error` says in words why there is nothing to draw.

    panels take the place of the explorer's of the same names; limits are players' last positions.
    """

    marks: Sequence[Mark] = ()
    says: Sequence[Says] = ()
    panels: Sequence[Panel] = ()
    error: str | None = None
    limits: Mapping[str, int] = field(default_factory=dict)


def _held(value: Any) -> np.ndarray:
    """In 32 bits; what is finite stays so."""
    whole = np.asarray(value, dtype=float)
    return np.where(np.isfinite(whole), np.clip(whole, -LARGEST, LARGEST), whole).astype(np.float32)


def show(value: float) -> str:
    """A number in four digits: 0.1235, 12350 as 1.235e4, −3. The front end writes the same."""
    if abs(value) == LARGEST:
        return "over 3e38" if value > 0 else "below −3e38"
    rounded = FOUR_DIGITS.create_decimal(value)  # Python's own format rounds a half to even
    text = f"{float(rounded):.4g}".replace("inf", "∞").replace("-", "−")
    return re.sub(r"e([+−])0*(\d+)", lambda m: "e" + m[1].strip("+") + m[2], text)


def entry(array: np.ndarray, at: int) -> np.ndarray:
    """What stands at a position; beyond the end, the last. A number stands at every position."""
    return array[min(at, len(array) - 1)] if array.ndim else array


def sentence(says: Says, values: Mapping[str, Any]) -> str:
    """The text for the present positions of the controls."""
    numbers = {
        name: show(float(value if says.pick is None else entry(value, values[says.pick])))
        for name, value in says.fields.items()
    }
    text = says.text
    if not isinstance(text, str):
        text = text[min(values[says.pick or ""], len(text) - 1)]
    return re.sub(r"\{(\w+)\}", lambda m: numbers.get(m[1], m[0]), text)


def resolve(mark: Mark, values: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """A mark's arrays as they are drawn for the present positions of the controls."""
    drawn = {}
    for name in ARRAYS:
        array = getattr(mark, name)
        if array is None:
            continue
        if mark.pick is not None:
            array = entry(array, values[mark.pick])
        array = np.atleast_1d(array)
        drawn[name] = array if mark.reveal is None else array[: values[mark.reveal] + 1]
    return drawn


# --- On the wire --------------------------------------------------------------------------------


def wire(part: Any, buffers: dict[bytes, int]) -> Any:
    """A scene as JSON, its arrays as references to `buffers` (32-bit floats, C order).

    Equal arrays are sent once.
    """
    if isinstance(part, np.ndarray):
        content = np.ascontiguousarray(part, dtype="<f4").tobytes()
        return {"buffer": buffers.setdefault(content, len(buffers)), "shape": list(part.shape)}
    if is_dataclass(part):
        said = ((f, getattr(part, f.name)) for f in fields(part))
        return {
            f.name: wire(value, buffers)
            for f, value in said
            if isinstance(value, np.ndarray) or value != f.default
        }
    if isinstance(part, Mapping):
        return {name: wire(value, buffers) for name, value in part.items()}
    if isinstance(part, tuple | list):
        return [wire(p, buffers) for p in part]
    return part
