"""What is wrong with what a function returned or did, in a sentence: each is said here, once.

The instant checks, the gradient checks and the questions all speak in these sentences. One that
begins with "it" stands behind a call: `square(3): it returned 6, expected 9`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import numpy as np

from helpers._describing import (
    describe,
    index,
    kind_of,
    name_of,
    printable,
)

DEEPEST = 20
"""Lists within lists that an answer may have."""


class Wrong(Exception):
    """Something does not hold; the message is what the student reads."""


class Raised(Wrong):
    """A function raised an error, or warned, and so there is no value to look at."""


def returned_none(who: str = "it") -> str:
    return f"{who} returned None: does it end in a `return`?"


def returned(value: Any, due: str, who: str = "it") -> str:
    """What was returned, and what was due in its place."""
    if value is None or isinstance(value, Generator):
        return str(unusable(value, who))
    return f"{who} returned {kind_of(value)}, {due}"


def not_due(value: Any, who: str, due: str) -> str:
    """Of something that is not what a function must return; due: what that is, or ''."""
    one = isinstance(value, int | float | np.number | np.ndarray) and np.ndim(value) == 0
    got = f"one number, {describe(value)}" if one else kind_of(value)
    if value is None:
        return returned_none(who)
    if due:
        return f"{who} must return {due}; it returned {got}"
    return f"{who} returned {got}" + (", where several values are due" if one else "")


# --- Numbers ------------------------------------------------------------------------------------


def numbers(value: Any, kinds: str = "fiu", who: str = "it") -> np.ndarray:
    """A value as an array of numbers; `Wrong` where it is none.

    Before any arithmetic on a value, which could otherwise be the answer's own.
    """
    odd = unusable(value, who)
    if odd:
        raise Wrong(odd)
    try:
        array = np.asarray(value)
    except ValueError:
        text = f"{kind_of(value)} whose parts have different shapes (ragged)"
        raise Wrong(f"{who} returned {text}, expected numbers in one shape") from None
    if array.dtype.kind not in kinds:
        truths = array.ndim and array.dtype.kind == "b"
        advice = ": .astype(float) makes 1 and 0 of True and False" if truths else ""
        raise Wrong(returned(value, f"expected real numbers{advice}", who))
    return array


NUMBERS = "return plain numbers or a plain array (np.asarray makes one)"


def unusable(value: Any, who: str = "it", advice: str = NUMBERS) -> str | None:
    """What is wrong with None and with what is not built of plain data; None of anything else."""
    if value is None:
        return returned_none(who)
    if isinstance(value, Generator):
        return f"{who} yields its values one by one: collect them in a list, and return that"
    odd = not_plain(value)
    return f"{who} returned a {odd}; {advice}" if odd else None


PLAIN = frozenset(
    (int, float, complex, bool, str, bytes, type(None), np.ndarray, *np.sctypeDict.values())
)


def not_plain(value: Any, depth: int = 0) -> str | None:
    """None where `value` is built of Python's and NumPy's own types, else the name of another one.

    Any other object may define its own `==` and its own arithmetic, and be compared by these.
    """
    if type(value) in (list, tuple, dict):
        if depth == DEEPEST:
            return "list within too many lists"
        parts = [*value, *value.values()] if type(value) is dict else value
        return next((name for name in (not_plain(v, depth + 1) for v in parts) if name), None)
    return None if type(value) in PLAIN else printable(type(value).__name__, 40)


BASES: tuple[tuple[type, Callable], ...] = (
    (tuple, tuple.__iter__),
    (list, list.__iter__),
    (dict, dict.items),
    (str, lambda text: str.__add__(text, "")),
    (int, int.__pos__),
    (float, float.__pos__),
    (complex, complex.__pos__),
)
"""Python's own kinds, each with what it holds, whatever a subclass has put over it."""


def as_plain(value: Any) -> Any:
    """The same, where a subclass of Python's own kinds is one of these: a namedtuple is a tuple.

    What is plain already is itself, and not a copy.
    """
    return _as_plain(value, {}, 0)


def _as_plain(value: Any, known: dict[int, tuple[Any, Any]], depth: int) -> Any:
    """known: what was met before and what it is plainly; what is met within itself stays as it is.

    Else a list that holds itself twice would be gone through without an end.
    """
    kind = type(value)
    if kind in PLAIN or depth == DEEPEST:
        return value
    base, held = next((pair for pair in BASES if issubclass(kind, pair[0])), (None, None))
    if base is None or held is None:
        return value
    if base not in (tuple, list, dict):
        return held(value)
    if id(value) in known:
        return known[id(value)][1]
    known[id(value)] = value, value
    parts = list(held(value))
    new = [_as_plain(part, known, depth + 1) for part in parts]
    if kind is not base or not all(map(operator.is_, parts, new)):
        known[id(value)] = value, base(new)
    return known[id(value)][1]


def outermost(value: Any) -> Any:
    """The same of a tuple, list or dict alone: what it holds stays what it is."""
    for base, held in BASES[:3]:
        if type(value) is not base and issubclass(type(value), base):
            return base(held(value))
    return value


def close(one: Any, other: Any, rtol: float = 1e-6, share: float = 1e-9) -> bool:
    """Equal in shape, and to within rounding: each entry, and in units of the largest one.

    What cannot be made an array of floats is close to nothing.
    """
    if one is None or other is None:
        return False
    try:
        one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    except (TypeError, ValueError):  # an object, or a ragged list
        return False
    if one.shape != other.shape:
        return False
    size = float(np.max(np.abs(other[np.isfinite(other)]), initial=0.0))
    return bool(np.allclose(one, other, rtol=rtol, atol=share * size + 1e-300, equal_nan=True))


# --- What was changed ---------------------------------------------------------------------------


def changed(who: str, name: str, given: bool = False) -> str:
    """`name`: of what should have stayed as it was; given: the changer itself was given it."""
    what = f"the `{name}` it was given" if given else name
    copy = f", {name}.copy()" if name.isidentifier() else ""
    return f"{who} changed {what}: work on a copy{copy}"


def change(f: Any, names: Callable, before: Sequence, after: Sequence) -> str | None:
    """Which of its arguments a function changed, the first of them; None where it changed none.

    names: gives what they are called, and is asked only where it matters.
    """
    for i, (one, other) in enumerate(zip(before, after, strict=True)):
        if not same(one, other):
            return changed(name_of(f), names()[i])
    return None


def same(one: Any, other: Any, depth: int = 0) -> bool:
    """Whether plain data holds the same numbers, exactly; other objects count as the same."""
    if depth == DEEPEST or (not_plain(one) and type(one) not in (list, tuple, dict)):
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        floats = one.dtype.kind == "f"
        return one.dtype.kind == "O" or np.array_equal(one, other, equal_nan=floats)
    if isinstance(one, dict):
        if one.keys() != other.keys():
            return False
        one, other = list(one.values()), [other[key] for key in one]
    if isinstance(one, list | tuple):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(same(a, b, depth + 1) for a, b in pairs)
    return bool(one == other or (one != one and other != other))


def two_answers(who: str) -> str:
    why = "does it remember an earlier call, or draw random numbers of its own?"
    return f"{who} gave two different answers to two equal calls: {why}"


# --- What is not finite -------------------------------------------------------------------------


def not_finite(value: Any) -> str | None:
    """Where a value, or a part of it, holds nan or inf, or is no number at all."""
    for part in _parts(value):
        try:
            array = numbers(part, "fiub")
        except Wrong as wrong:
            return str(wrong)
        bad = ~np.isfinite(array)
        if bad.any():
            place = at_entry(bad.argmax(), array.shape)
            return f"it returned {array[bad].flat[0]}{place}, not a finite number"
    return None


GLOSS = (
    ("overflow", "a number too large for a float"),
    ("divide by zero", "a division by 0, or the log of 0"),
    ("invalid value", "something like 0/0 or inf − inf, which is nan"),
)
"""What numpy's warnings mean, by how they begin."""


def loud(result: Any, where: str) -> str | None:
    """What a call (of `helpers.checks`) warned of, or what is not finite in its value, or None."""
    if result.warnings:
        first = result.warnings[0]
        gloss = next((f" ({words})" for start, words in GLOSS if first.startswith(start)), "")
        return f"{where} warned: {first}{gloss}{result.place}"
    wrong = not_finite(result.value)
    return wrong and f"{where}: {wrong}"


def _parts(value: Any) -> Iterator[Any]:
    if type(value) in (tuple, list, dict) and not not_plain(value):
        for part in value.values() if type(value) is dict else value:
            yield from _parts(part)
    else:
        yield value


def at_entry(flat: Any, shape: tuple[int, ...]) -> str:
    """` at [1, 2]`, and nothing for a plain number."""
    return f" at {index(np.unravel_index(int(flat), shape))}" if shape else ""


def transpose_fits(got: tuple, want: tuple) -> str:
    """A hint for a wrong shape, or ''."""
    return " (the transpose has it)" if got[::-1] == want != got else ""
