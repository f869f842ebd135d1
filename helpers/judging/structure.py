"""Reading a wrong answer by its structure: what it is, compared with the right value.

No wrong answer is known here. A reading is a fact that holds on every input that was tried, and the
inputs have different shapes, so that a factor n cannot be taken for a factor 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers._describing import is_are, join
from helpers._findings import close
from helpers.judging.outcomes import Fingerprint
from helpers.judging.relations import (
    Case,
    constant,
    length,
    near,
    not_summed,
    offset,
    one_place,
    order,
    ratio,
    reshaped,
    rounded,
    signs,
    subset,
    summed,
    transposed,
)


@dataclass(frozen=True)
class Reading:
    """`wrong`: what the wrong parts are, if that is known; `right`: the parts that are right.

    firm: whether `wrong` says what was done, not only where or how far off it is.
    """

    wrong: str | None
    right: str | None
    firm: bool = True


Rows = Sequence[tuple[str, Sequence[Fingerprint]]]
"""By the words for some rows of a batch: what each part comes to where only these count."""


def read(cases: list[Case], returns: tuple[str, ...], rows: Rows = ()) -> Reading:
    """What can be said of all these cases together."""
    cases = [case for case in cases if case.want is not None]
    if not cases:
        return Reading(None, None)
    several = isinstance(cases[0].want, tuple | list)
    if not several:
        if not all(_numeric(c.got) for c in cases):
            return Reading(None, None)
        text = _read_part(cases, _rows_of(rows, 0))
        subject = returns[0] if returns else "your result"
        wrong = text and f"{subject[:1].upper()}{subject[1:]} {_verb(text, [subject])}"
        return Reading(wrong, _right_where(cases), _is_firm(text))
    count = len(cases[0].want)
    if not all(_is_tuple(c.got, count) and _is_tuple(c.want, count) for c in cases):
        return Reading(None, None)
    return _read_parts(cases, returns or tuple(f"value {i + 1}" for i in range(count)), rows)


def _read_parts(cases: list[Case], names: tuple[str, ...], rows: Rows) -> Reading:
    readings: dict[str, str | None] = {}
    right = []
    for i, name in enumerate(names):
        part = [Case(c.arguments, c.got[i], c.want[i]) for c in cases]
        if not all(_numeric(c.got) for c in part):
            readings[name] = None
        elif all(close(c.got, c.want) for c in part):
            right.append(name)
        else:
            readings[name] = _read_part(part, _rows_of(rows, i))
    exchanged = _exchanged(cases, names)
    tail = None
    if right:
        tail = f"{is_are(right)} right"
    if exchanged:
        return Reading(exchanged, tail)
    if any(text is None for text in readings.values()):
        return Reading(None, tail)
    by_text: dict[str, list[str]] = {}
    for name, text in readings.items():
        by_text.setdefault(text or "", []).append(name)
    wrong = "; ".join(f"{join(who)} {_verb(text, who)}" for text, who in by_text.items())
    firm = all(_is_firm(text) for text in readings.values())
    return Reading(wrong[:1].upper() + wrong[1:] if wrong else None, tail, firm)


def _verb(text: str, who: list[str]) -> str:
    """A predicate in the singular, made to fit what it is said of."""
    verb, _, rest = text.partition(" ")
    if is_are(who).endswith(" is"):
        return text
    plural = {"is": "are each" if len(who) > 1 else "are", "has": "have", "lacks": "lack"}
    return f"{plural.get(verb, verb)} {rest}"


def _is_firm(text: str | None) -> bool:
    return not (text or "").startswith(("is right", "is close"))


def _rows_of(rows: Rows, part: int) -> list[tuple[str, Fingerprint]]:
    return [(words, marks[part]) for words, marks in rows if part < len(marks)]


# --- One part -----------------------------------------------------------------------------------


def _read_part(cases: list[Case], rows: list[tuple[str, Fingerprint]]) -> str | None:
    """A predicate, such as "is exactly 2 times the right one", or None."""
    telling = [c for c in cases if np.size(c.want)]
    if not telling or all(close(c.got, c.want) for c in telling):
        return None
    for hypothesis in (
        ratio,
        constant,
        transposed,
        reshaped,
        not_summed,
        summed,
        offset,
        signs,
        length,
        order,
        subset(rows),
        rounded,
        one_place,
        near,
    ):
        text = hypothesis(telling)
        if text:
            return text
    return None


# --- Helpers ------------------------------------------------------------------------------------


def _right_where(cases: list[Case]) -> str | None:
    """Right where one axis of an argument has size 1 and wrong elsewhere, or the other way."""
    right = [close(c.got, c.want) for c in cases]
    if all(right) or not any(right):
        return None
    for name, value in cases[0].arguments.items():
        for axis in range(np.ndim(value)):
            label = f"len({name})" if axis == 0 else f"{name}.shape[{axis}]"
            single = [_size(c.arguments[name], axis) == 1 for c in cases]
            if single == right:
                return f"it is right where `{label}` is 1, and wrong otherwise"
            if single == [not r for r in right]:
                return f"it is wrong only where `{label}` is 1"
    return None


def _size(value: Any, axis: int) -> int | None:
    shape = np.shape(value)
    return shape[axis] if axis < len(shape) else None


def _exchanged(cases: list[Case], names: tuple[str, ...]) -> str | None:
    for i in range(len(names)):
        for j in range(i):
            if all(close(c.got[i], c.want[j]) and close(c.got[j], c.want[i]) for c in cases):
                if all(close(c.want[i], c.want[j]) for c in cases):
                    continue
                return f"{join([names[j], names[i]])} are exchanged"
    return None


def _is_tuple(value: Any, count: int) -> bool:
    return type(value) in (tuple, list) and len(value) == count


def _numeric(value: Any) -> bool:
    try:
        return np.asarray(value).dtype.kind in "fiu"
    except ValueError:
        return False
