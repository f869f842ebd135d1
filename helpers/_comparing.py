"""A value held against the one that is expected: what is wrong with it, in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from helpers._describing import describe, is_are, kind_of, parameters_of, told_apart
from helpers._findings import (
    NUMBERS,
    PLAIN,
    Wrong,
    at_entry,
    close,
    numbers,
    returned,
    transpose_fits,
    unusable,
)

WORD = "return the word itself, in quotes"


def compare(
    actual: Any,
    expected: Any,
    *,
    rtol: float = 1e-7,
    atol: float = 1e-10,
    names: Sequence[str] = (),
) -> str | None:
    """None where `actual` is `expected` to within rounding, else what is wrong, in words.

    `expected` is a number, an array, or a tuple, list or dict of these. Arrays must have the same
    shape; where `expected` is a plain number, a 0-d array will do. An entry is right where
    ``|actual - expected| <= atol + rtol * |expected|`` (the rule of `numpy.isclose`).
    names: what the parts of a tuple are called, if there are so many.
    """
    odd = unusable(actual, advice=WORD if isinstance(expected, str) else NUMBERS)
    if odd:
        return odd
    close_to: Callable = lambda one, other: compare(one, other, rtol=rtol, atol=atol)  # noqa: E731
    if isinstance(expected, dict):
        return _compare_dicts(actual, expected, close_to)
    if isinstance(expected, tuple | list):
        return _compare_sequences(actual, expected, close_to, names)
    if isinstance(expected, str | bool):
        alike = type(actual) in (type(expected), np.bool_, np.str_) and actual == expected
        return None if alike else f"it returned {describe(actual)}, expected {describe(expected)}"
    return _compare_arrays(actual, np.asarray(expected), rtol, atol)


def _compare_dicts(actual: Any, expected: dict, wrong_with: Callable) -> str | None:
    if not isinstance(actual, dict):
        return returned(actual, f"expected a dict with the keys {sorted(expected)}")
    missing = [key for key in expected if key not in actual]
    if missing:
        return f"the key {missing[0]!r} is missing from the dict that it returned"
    for key, value in expected.items():
        wrong = wrong_with(actual[key], value)
        if wrong:
            return f"at key {key!r}, {wrong}"
    return None


def _compare_sequences(
    actual: Any, expected: tuple | list, wrong_with: Callable, names: Sequence[str]
) -> str | None:
    many = "1 value" if len(expected) == 1 else f"{len(expected)} values"
    if type(actual) not in (tuple, list):
        return returned(actual, f"expected {many}, in a tuple or a list")
    if len(actual) != len(expected):
        got = "1 value" if len(actual) == 1 else f"{len(actual)} values"
        return f"it returned {got}, expected {len(expected)}"
    reasons = map(wrong_with, actual, expected)
    wrong = {i: reason for i, reason in enumerate(reasons) if reason}
    if not wrong:
        return None
    first = min(wrong)
    named = len(names) == len(expected)
    called = names if named else [f"the {_ordinal(i)}" for i in range(len(expected))]
    right = [called[i] for i in range(len(expected)) if i not in wrong]
    tail = f"; {is_are(right)} right" if 0 < len(right) <= 3 else ""
    place = called[first] if named else f"{called[first]} of the returned values"
    return f"in {place}, {wrong[first]}{tail}"


def _ordinal(i: int) -> str:
    ordinals = ("first", "second", "third", "fourth", "fifth", "sixth")
    return ordinals[i] if i < len(ordinals) else f"{i + 1}th"


def _compare_arrays(actual: Any, want: np.ndarray, rtol: float, atol: float) -> str | None:
    try:
        got = numbers(actual)
    except Wrong as wrong:
        if type(actual) is not tuple:
            return str(wrong)
        due = "one array" if want.ndim else "a single number"
        return returned(actual, f"expected {due}{_among(actual, want, rtol, atol)}")
    if got.shape != want.shape:
        return wrong_shape(actual, got.shape, want.shape) + _among(actual, want, rtol, atol)
    right = np.isclose(got, want, rtol=rtol, atol=atol, equal_nan=True)
    if right.all():
        return None
    return _entry(got, want, right)


def wrong_shape(value: Any, got: tuple, want: tuple) -> str:
    """A value of one shape where another is due."""
    sort = type(value).__name__ if type(value) in (tuple, list) else "array"
    article = "an" if sort == "array" else "a"
    was = f"{article} {sort} of shape {got}" if got else kind_of(value)
    due = f"an array of shape {want}" if want else "a single number"
    return f"it returned {was}, expected {due}{transpose_fits(got, want)}"


def _among(actual: Any, want: np.ndarray, rtol: float, atol: float) -> str:
    """Whether one of several things that were returned is the one that is due."""
    for i, part in enumerate(actual if type(actual) is tuple else ()):
        if part is not None and compare(part, want, rtol=rtol, atol=atol) is None:
            return f"; the {_ordinal(i)} of them is right: return that alone"
    return ""


def _entry(got: np.ndarray, want: np.ndarray, right: np.ndarray) -> str:
    """The entry that is furthest off, and how many are."""
    for word, test in (("nan", np.isnan), ("inf", np.isinf)):
        bad = test(got) & ~test(want)
        if bad.any():
            at = at_entry(bad.argmax(), want.shape)
            return f"it returned {word}{at}, expected {float(want[bad][0]):.7g}"
    error = np.where(right, 0.0, np.abs(got - want.astype(float)))
    worst = int(np.argmax(np.nan_to_num(error, nan=np.inf)))
    yours, due = told_apart(got.flat[worst], want.flat[worst])
    count = "" if want.size == 1 else f" ({int((~right).sum())} of {want.size} entries differ)"
    text = f"it returned {yours}{at_entry(worst, want.shape)}, expected {due}{count}"
    whole = [np.trunc(want), np.rint(want)] if got.ndim and got.dtype.kind in "iu" else []
    if any(np.array_equal(got, cut) and not np.array_equal(want, cut) for cut in whole):
        text += "; it returned whole numbers: does its array take its type from the input?"
    return text


def lacks_argument(f: Any, args: tuple, got: Any, want: Any) -> str:
    """Of a wrong array: the argument to which it should have been added, as a step; or ''.

    Of a single number that would often be said by chance: 6 is 9 − 3.
    """
    if not _is_number(got) or np.size(got) < 2 or not np.any(got):
        return ""
    for name, arg in zip(parameters_of(f, len(args)), args, strict=True):
        if (
            _is_number(arg)
            and np.shape(arg) == np.shape(got)
            and close(got + np.asarray(arg), want)
        ):
            return f"; that is the right one minus {name}"
    return ""


def _is_number(value: Any) -> bool:
    """Whether it is one number or an array of numbers."""
    plain = type(value) in PLAIN and isinstance(value, int | float | np.number | np.ndarray)
    return plain and np.asarray(value).dtype.kind in "fiu"
