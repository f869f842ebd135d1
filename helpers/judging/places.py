"""Where a wrong answer is wrong: in which entries, and for which arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from helpers.judging.relations import Case

ENOUGH = 3
"""So many right and so many wrong cases tell a condition from a coincidence."""

RIGHT = "the right one"

SIGNS = (("below 0", np.less), ("above 0", np.greater), ("0", np.equal))


def entries(cases: list[Case]) -> str | None:
    """The entries that are wrong are those where an argument, or the right value, has one sign."""
    wrong = wrong_entries(cases)
    if wrong is None or not any(np.ndim(case.want) for case in cases):
        return None  # of single numbers the calls say it
    condition = where_entries(cases, wrong)
    return condition and f"is wrong only where {condition}"


def wrong_entries(cases: list[Case]) -> list[np.ndarray] | None:
    """In each case, which entries are wrong; None where shapes differ."""
    found = []
    for c in cases:
        if np.shape(c.got) != np.shape(c.want):
            return None
        got, want = np.asarray(c.got, float), np.asarray(c.want, float)
        size = float(np.max(np.abs(want[np.isfinite(want)]), initial=0.0))
        allowed = 1e-9 * size + 1e-300
        found.append(~np.isclose(got, want, rtol=1e-6, atol=allowed, equal_nan=True))
    return found


def where_entries(cases: list[Case], marked: list[np.ndarray]) -> str | None:
    """In words, the condition that holds in these entries and in no others."""
    every = np.concatenate([m.ravel() for m in marked])
    if every.sum() < ENOUGH or (~every).sum() < ENOUGH:
        return None
    for name, values in _like(cases):
        flat = np.concatenate([v.ravel() for v in values])
        if not (np.any(flat > 0) and np.any(flat <= 0)) or (np.all(flat >= 0) and name == RIGHT):
            continue  # where the right one is 0, what is wrong may be too small to be seen
        for words, compare in SIGNS:
            if np.array_equal(compare(flat, 0), every):
                return f"{name} is {words}"
    return None


def _like(cases: list[Case]) -> Iterator[tuple[str, list[np.ndarray]]]:
    """What has an entry for each entry of the right value: by its name, in every case."""
    for name in cases[0].arguments:
        values: list[Any] = [c.arguments.get(name) for c in cases]
        if all(
            _is_number(v) and np.shape(v) in ((), np.shape(c.want)) for c, v in _with(cases, values)
        ):
            yield (
                f"`{name}`",
                [np.broadcast_to(np.asarray(v), np.shape(c.want)) for c, v in _with(cases, values)],
            )
    yield RIGHT, [np.asarray(c.want, float) for c in cases]


def _with(cases: list[Case], values: list[Any]) -> Iterator[tuple[Case, Any]]:
    return zip(cases, values, strict=True)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | np.ndarray):
        return False
    return np.asarray(value).dtype.kind in "fiu"


# --- For which arguments ------------------------------------------------------------------------


def condition(arguments: list[dict[str, Any]], chosen: list[bool]) -> str | None:
    """In words, what is true of the arguments in the chosen calls, and of no others."""
    if sum(chosen) < ENOUGH or len(chosen) - sum(chosen) < ENOUGH:
        return None
    for name in arguments[0]:
        values = [a.get(name) for a in arguments]
        for words, holds in _conditions(name, values):
            if holds == chosen:
                return words
    return None


def only(arguments: list[dict[str, Any]], chosen: list[bool]) -> str | None:
    """In words, what all chosen calls have in common, and few others: words that were given.

    Of several words it is at most half, and three.
    """
    if sum(chosen) < ENOUGH:
        return None
    for name in arguments[0]:
        values = [a.get(name) for a in arguments]
        if all(isinstance(v, str) for v in values) and len(set(values)) > 1:
            *words, last = sorted({f"'{v}'" for v, c in zip(values, chosen, strict=True) if c})
            if not words:
                return f"`{name}` is {last}"
            if len(words) < 3 and 2 * len(words) + 2 <= len(set(values)):
                return f"`{name}` is {', '.join(words)} or {last}"
    return None


def _conditions(name: str, values: list[Any]) -> Iterator[tuple[str, list[bool]]]:
    name = f"`{name}`"
    if all(_is_number(v) or isinstance(v, list) for v in values):
        dims = [0 if _is_number(v) and np.ndim(v) == 0 else _ndim(v) for v in values]
        for count, what in enumerate(("a plain number", "a vector", "a matrix")):
            yield f"{name} is {what}", [d == count for d in dims]
        yield f"{name} has more than one axis", [d > 1 for d in dims]
        yield f"{name} is an array", [d > 0 for d in dims]
        for axis, what in ((0, "row"), (1, "column")):
            sizes = [_size(v, axis) for v in values]
            entry = "entry" if axis == 0 and all(d == 1 for d in dims) else what
            yield f"{name} has one {entry}", [s == 1 for s in sizes]
            plural = {"entry": "entries"}.get(entry, f"{entry}s")
            for least, text in ((1, f"one {entry}"), (2, f"two {plural}")):
                if sum(s == least for s in sizes) >= ENOUGH:  # else one of these may be by chance
                    yield f"{name} has more than {text}", [(s or 0) > least for s in sizes]
            yield f"{name} is empty", [s == 0 for s in sizes]
        rows = [_size(v, 0) or 0 for v in values]
        if all(len({n for n in rows if n % 2 == rest}) > 1 for rest in (0, 1)):  # else by chance
            yield f"{name} has an odd number of rows", [n % 2 == 1 for n in rows]
    if all(_is_number(v) for v in values):
        arrays = [np.asarray(v) for v in values]
        integer = [a.dtype.kind in "iu" for a in arrays]
        yield f"{name} holds whole numbers", integer
        yield f"{name} holds no whole numbers", [not i for i in integer]
        if all(a.ndim == 0 for a in arrays):
            for words, compare in SIGNS:
                yield f"{name} is {words}", [bool(compare(a, 0)) for a in arrays]
                yield f"{name} is not {words}", [not compare(a, 0) for a in arrays]
            yield f"{name} is 1", [bool(a == 1) for a in arrays]
            yield f"{name} is not 1", [bool(a != 1) for a in arrays]
    elif all(isinstance(v, str) for v in values):
        for word in sorted(set(values)):
            yield f"{name} is '{word}'", [v == word for v in values]


def _ndim(value: Any) -> int:
    return value.ndim if isinstance(value, np.ndarray) else 1


def _size(value: Any, axis: int) -> int | None:
    if isinstance(value, list):
        return len(value) if axis == 0 else None
    shape = np.shape(value)
    return shape[axis] if axis < len(shape) else None
