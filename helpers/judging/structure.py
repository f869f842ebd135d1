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
from helpers.judging.outcomes import TINY, Fingerprint
from helpers.judging.places import entries
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
from helpers.judging.steps import (
    affine,
    beginning,
    clipped,
    direction,
    empty,
    itself,
    not_finite,
    power,
    quantity,
    repeated,
    same_steps,
    sided,
    spread,
    step_alone,
    step_scaled,
    totals,
    truncated,
)


@dataclass(frozen=True)
class Reading:
    """`wrong`: what the wrong parts are, if that is known; `right`: the parts that are right.

    firm: whether `wrong` says what was done, not only where or how far off it is. of_value: whether
    it is said of what was returned, not of questions.
    """

    wrong: str | None
    right: str | None
    firm: bool = True
    of_value: bool = True


NAMES = tuple(f"the {place} value" for place in ("first", "second", "third", "fourth", "fifth"))
"""Of the parts of what is returned, where they have none."""

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
        text = _read_part(cases, _rows_of(rows, 0), single=True)
        subject = returns[0] if returns else "your result"
        wrong = text and capital(f"{subject} {_verb(text, [subject])}")
        return Reading(wrong, None, _is_firm(text))
    count = len(cases[0].want)
    if not returns and count > len(NAMES):
        return Reading(None, None)
    if not all(_is_tuple(c.got, count) and _is_tuple(c.want, count) for c in cases):
        return Reading(None, None)
    return _read_parts(cases, returns or NAMES[:count], rows)


def _read_parts(cases: list[Case], names: tuple[str, ...], rows: Rows) -> Reading:
    readings: dict[str, str | None] = {}
    right, at_times = [], set()
    for i, name in enumerate(names):
        part = [Case(c.arguments, c.got[i], c.want[i]) for c in cases]
        if isinstance(part[0].want, str) and all(map(_agrees, part)):
            right.append(name)
        elif not all(_numeric(c.got) for c in part):
            readings[name] = "is None" if all(c.got is None for c in part) else None
        elif all(close(c.got, c.want) for c in map(_in_reach, part)):
            right.append(name)
        else:
            readings[name] = _read_part(part, _rows_of(rows, i))
        if name in readings and any(map(_agrees, part)):
            at_times.add(name)
    exchanged = _exchanged(cases, names)
    tail = None
    if right:
        tail = f"{is_are(right)} right"
    if exchanged:
        return Reading(exchanged, tail)
    by_text: dict[str, list[str]] = {}
    for name, text in readings.items():
        vague = "is wrong in some calls" if name in at_times else "is wrong"
        by_text.setdefault(text or vague, []).append(name)
    wrong = "; ".join(f"{join(who)} {_verb(text, who)}" for text, who in by_text.items())
    if len(cases[0].want) > 1 and not any(readings.values()) and not right:
        return Reading(None, None, firm=False)
    firm = all(_is_firm(text) for text in readings.values())
    return Reading(capital(wrong) if wrong else None, tail, firm)


def _agrees(case: Case) -> bool:
    """Whether a part is right in one call; it may be a word."""
    if isinstance(case.want, str):
        return isinstance(case.got, str) and case.got == case.want
    return _numeric(case.got) and close((near := _in_reach(case)).got, near.want)


def capital(text: str) -> str:
    """With a capital letter, unless it begins with a short name such as `dw`."""
    first = text.split()[0]
    return text if len(first) < 3 and first not in ("in", "it") else text[:1].upper() + text[1:]


def _verb(text: str, who: list[str]) -> str:
    """A predicate in the singular, made to fit what it is said of."""
    verb, _, rest = text.partition(" ")
    if is_are(who).endswith(" is"):
        return text
    each = len(who) > 1 and rest not in ("wrong", "wrong in some calls", "None")
    rest = f" {rest}".replace(" its ", " their ")[1:]
    plural = {"is": "are each" if each else "are", "has": "have", "goes": "go"}
    return f"{plural.get(verb, verb.removesuffix('s'))} {rest}"


def _is_firm(text: str | None) -> bool:
    return text is not None and not text.startswith(VAGUE)


VAGUE = ("is right", "is close", "is too", "is wrong", "has the right sizes", "has the right dir")
"""How a predicate begins that says where or how far off, not what was done."""


def _rows_of(rows: Rows, part: int) -> list[tuple[str, Fingerprint]]:
    return [(words, marks[part]) for words, marks in rows if part < len(marks)]


# --- One part -----------------------------------------------------------------------------------

HYPOTHESES = (
    empty,
    not_finite,
    ratio,
    constant,
    itself,
    quantity,
    transposed,
    reshaped,
    not_summed,
    summed,
    spread,
    offset,
    power,
    affine,
    length,
    order,
    repeated,
    totals,
    truncated,
)
"""What was done, the plainest first."""

STEPS = (step_alone, step_scaled, same_steps)
"""What was done, where the one thing that is returned may be the next place or a path."""

WEAKER = (rounded, clipped, signs, one_place, beginning, direction, entries, near, sided)
"""Where it is right, or how far off."""


def _read_part(
    cases: list[Case], rows: list[tuple[str, Fingerprint]], single: bool = False
) -> str | None:
    """A predicate, such as "is exactly 2 times the right one", or None.

    single: whether it is all that is returned.
    """
    cases = [_in_reach(case) for case in cases]
    telling = [c for c in cases if np.size(c.want)]
    if not telling or all(close(c.got, c.want) for c in telling):
        return None
    for hypothesis in (*HYPOTHESES, *(STEPS if single else ()), subset(rows), *WEAKER):
        text = hypothesis(telling)
        if text:
            return text
    return None


def _in_reach(case: Case) -> Case:
    """The case without its nan, if nan is right there, and tiny numbers made ordinary ones.

    So that products of them are no 0. An argument that is no tiny array stays as it is.
    """
    if np.shape(case.got) != np.shape(case.want) or not np.size(case.want):
        return case
    want = np.asarray(case.want, float)
    size = np.max(np.abs(want[np.isfinite(want)]), initial=0.0)
    gaps = np.isnan(want)
    if not gaps.any() and (not size or size > TINY):
        return case
    scale = 1 / size if 0 < size <= TINY else 1.0

    def plain(value: Any) -> Any:
        if not _numeric(value) or isinstance(value, int):
            return value
        array = np.nan_to_num(np.asarray(value, float), nan=0.0, posinf=np.inf, neginf=-np.inf)
        return array * scale if np.max(np.abs(array), initial=0.0) <= 1e6 * TINY else array

    got = np.where(gaps, 0.0, np.asarray(case.got, float)) * scale
    given = {name: plain(value) for name, value in case.arguments.items()}
    return Case(given, got, np.where(gaps, 0.0, want) * scale)


# --- Helpers ------------------------------------------------------------------------------------


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
