"""Instant checks: what a test cell is made of.

Every check runs your function, looks at one thing, and returns a `Report` whose text says what was
verified, or what is wrong. The cell goes on either way: its last line, `examine`, asks the rest and
says what a mistake looks like. Only where nothing is written yet a check raises `CheckFailed`,
which a notebook shows as its text alone.
"""

from __future__ import annotations

import contextlib
import copy
import io
import linecache
import os
import re
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

PASSED, FAILED, UNDECIDED = "✓", "✗", "?"
UNSOLVED = "is not implemented yet"
"""What is said of an answer that raises NotImplementedError."""


@dataclass(frozen=True, repr=False)
class Report:
    """What a check found: `passed`, and the `text` that a student reads.

    conclusive: whether it could tell at all; where it could not, it neither passed nor failed.
    """

    passed: bool
    text: str
    conclusive: bool = True

    @property
    def verdict(self) -> str:
        """`right`, `wrong` or `inconclusive`."""
        return ("right" if self.passed else "wrong") if self.conclusive else "inconclusive"

    def __str__(self) -> str:
        marks = {"right": PASSED, "wrong": FAILED, "inconclusive": UNDECIDED}
        return f"{marks[self.verdict]} {self.text}"

    __repr__ = __str__  # a check that is not printed shows the same

    def __bool__(self) -> bool:
        return self.passed


class CheckFailed(AssertionError):
    """A check found a mistake; `report` says which."""

    def __init__(self, report: Report):
        super().__init__(str(report))
        self.report = report

    def _render_traceback_(self) -> list[str]:
        """IPython shows these lines in place of a traceback (which would lead into this file)."""
        return str(self).split("\n")


def settle(report: Report) -> Report:
    """Return a report; raise one of an unsolved exercise, except while nbgrader grades."""
    if UNSOLVED in report.text and os.environ.get("NBGRADER_EXECUTION") != "autograde":
        raise CheckFailed(report)
    return report


# --- Calling a student's function ---------------------------------------------------------------


class Sink(io.TextIOBase):
    """Takes whatever a function prints, and keeps none of it."""

    def write(self, text: str) -> int:
        return len(text)


@dataclass(frozen=True)
class Call:
    """One call of a function: its `value`, or the `error` in words; the warnings it caused."""

    value: Any = None
    error: str | None = None
    warnings: tuple[str, ...] = ()


def call(f: Callable, *args: Any) -> Call:
    """Call `f(*args)` and put whatever happens into words; nothing reaches stderr."""
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stderr(Sink()),
        np.errstate(divide="warn", over="warn", invalid="warn", under="ignore"),
    ):
        warnings.simplefilter("always")
        try:
            value, error = f(*args), None
        except (Exception, SystemExit) as exception:
            value, error = None, explain_exception(exception, f, args)
    return Call(value, error, tuple(str(w.message) for w in caught))


def name_of(f: Callable) -> str:
    name = getattr(f, "__name__", type(f).__name__)
    return "the function" if type(name) is not str or name == "<lambda>" else name


def describe_call(f: Callable, args: tuple) -> str:
    """`sigmoid(0.0)`, with large arguments by their shape: `loss(array of shape (8, 3))`."""
    if not args and name_of(f) == "the function":
        return "the value"
    return f"{name_of(f)}({', '.join(describe(a) for a in args)})"


LONGEST = 1000
"""Characters of a value in words."""


def describe(value: Any, most: int = 8) -> str:
    """A value in few characters: exact where it is small, by shape where it is large."""
    text = _in_words(value, most)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _in_words(value: Any, most: int) -> str:
    if isinstance(value, np.ndarray):
        if value.size > most or value.dtype.itemsize > LONGEST:
            return f"array of shape {value.shape}"
        text = np.array2string(value, precision=6, separator=", ").replace("\n", "")
        return " ".join(text.split())
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.10g}"
    if isinstance(value, np.integer):
        return str(int(value))
    if callable(value):
        return name_of(value)
    if isinstance(value, tuple | list):
        inner = ", ".join(describe(v, most) for v in value[:most])
        inner += ", …" if len(value) > most else ""
        if isinstance(value, tuple):
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        return f"[{inner}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{k!r}: {describe(v, most)}" for k, v in list(value.items())[:50])
        return "{" + inner + (", …}" if len(value) > 50 else "}")
    if isinstance(value, np.random.Generator):
        return "rng"
    text = re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))
    return text if len(text) <= 80 else text[:77] + "…"


class Line(NamedTuple):
    """A line of a student's cell: in which function, its number (0: unknown), and its code."""

    function: str
    number: int
    code: str


def explain_exception(exception: BaseException, f: Callable, args: tuple) -> str:
    """What was raised, by which call, and at which line of the student's own cell."""
    line = line_of(exception)
    if isinstance(exception, NotImplementedError):
        nobody = line.function in ("", "<lambda>", "<module>", "call")
        name = name_of(f) if nobody else line.function
        return f"{name} {UNSOLVED}: write your code at “YOUR CODE HERE”."
    text = f"{describe_call(f, args)} raised {type(exception).__name__}: {exception}"
    if line.number:
        text += f"\n  in {line.function}, line {line.number} of its cell: {line.code}"
    return text


def line_of(exception: BaseException) -> Line:
    """The innermost line of a cell that an exception went through.

    One that was raised in another process brings it along (`raised_at`).
    """
    told = getattr(exception, "raised_at", None)
    if type(told) is Line:
        return told
    frames = traceback.extract_tb(exception.__traceback__)
    own = [frame for frame in frames if _is_notebook_cell(frame.filename)]
    if not own:
        return Line(frames[-1].name if frames else "", 0, "")
    frame = own[-1]
    code = frame.line or linecache.getline(frame.filename, frame.lineno or 0).strip()
    return Line(frame.name, frame.lineno or 0, code)


def _is_notebook_cell(filename: str) -> bool:
    return "ipykernel" in filename or filename.startswith(("<ipython-input", "<answer"))


# --- Comparing values ---------------------------------------------------------------------------


def compare(actual: Any, expected: Any, *, rtol: float = 1e-7, atol: float = 1e-10) -> str | None:
    """None where `actual` is `expected` to within rounding, else what is wrong, in words.

    `expected` is a number, an array, or a tuple, list or dict of these. Arrays must have the same
    shape; where `expected` is a plain number, a 0-d array will do. An entry is right where
    ``|actual - expected| <= atol + rtol * |expected|`` (the rule of `numpy.isclose`).
    """
    if actual is None:
        return "it returned None: does it end in a `return`?"
    odd = not_plain(actual)
    if odd:
        return f"it returned a {odd}; return plain numbers or a plain array (np.asarray makes one)"
    if isinstance(expected, dict):
        return _compare_dicts(actual, expected, rtol, atol)
    if isinstance(expected, tuple | list):
        return _compare_sequences(actual, expected, rtol, atol)
    if isinstance(expected, str | bool):
        same = type(actual) in (type(expected), np.bool_, np.str_) and actual == expected
        return None if same else f"it returned {describe(actual)}, expected {describe(expected)}"
    return _compare_arrays(actual, expected, rtol, atol)


_PLAIN = frozenset(
    (int, float, complex, bool, str, bytes, type(None), np.ndarray, *np.sctypeDict.values())
)


def not_plain(value: Any) -> str | None:
    """None where `value` is built of Python's and NumPy's own types, else the name of another one.

    Any other object may define its own `==` and its own arithmetic, and be compared by these.
    """
    if type(value) in (list, tuple):
        return next((name for name in map(not_plain, value) if name), None)
    if type(value) is dict:
        return next((name for name in map(not_plain, [*value, *value.values()]) if name), None)
    return None if type(value) in _PLAIN else type(value).__name__


def _compare_dicts(actual: Any, expected: dict, rtol: float, atol: float) -> str | None:
    if not isinstance(actual, dict):
        return f"it returned {_kind(actual)}, expected a dict with the keys {sorted(expected)}"
    missing = [key for key in expected if key not in actual]
    if missing:
        return f"the key {missing[0]!r} is missing from the dict that it returned"
    for key, value in expected.items():
        wrong = compare(actual[key], value, rtol=rtol, atol=atol)
        if wrong:
            return f"at key {key!r}, {wrong}"
    return None


def _compare_sequences(actual: Any, expected: tuple | list, rtol: float, atol: float) -> str | None:
    if type(actual) not in (tuple, list):
        return f"it returned {_kind(actual)}, expected {len(expected)} values"
    if len(actual) != len(expected):
        return f"it returned {len(actual)} values, expected {len(expected)}"
    wrong = {}
    for i, (one, other) in enumerate(zip(actual, expected, strict=True)):
        reason = compare(one, other, rtol=rtol, atol=atol)
        if reason:
            wrong[i] = reason
    if not wrong:
        return None
    first = min(wrong)
    right = [_ordinal(i) for i in range(len(expected)) if i not in wrong]
    tail = f"; the {' and the '.join(right)} right" if 0 < len(right) <= 3 else ""
    tail = tail.replace(" right", " is right" if len(right) == 1 else " are right")
    return f"in the {_ordinal(first)} of the returned values, {wrong[first]}{tail}"


def _ordinal(i: int) -> str:
    ordinals = ("first", "second", "third", "fourth", "fifth", "sixth")
    return ordinals[i] if i < len(ordinals) else f"{i + 1}th"


def _compare_arrays(actual: Any, expected: Any, rtol: float, atol: float) -> str | None:
    want = np.asarray(expected)
    if not isinstance(actual, int | float | complex | np.number | np.ndarray | list | tuple):
        return f"it returned {_kind(actual)}, expected {_kind(expected)}"
    try:
        got = np.asarray(actual)
    except ValueError:
        return "it returned a ragged list, expected an array"
    if got.dtype.kind not in "fiu":
        return f"it returned {_kind(actual)}, expected real numbers"
    if got.shape != want.shape:
        return f"it returned {_shape(got)}, expected {_shape(want)}"
    if want.size == 0:
        return None
    right = np.isclose(got, want, rtol=rtol, atol=atol, equal_nan=True)
    if right.all():
        return None
    bad_nan = np.isnan(got) & ~np.isnan(want)
    bad_inf = np.isinf(got) & ~np.isinf(want)
    for bad, word in ((bad_nan, "nan"), (bad_inf, "inf")):
        if bad.any():
            at = _index(bad.argmax(), want.shape)
            return f"it returned {word}{at}, expected {float(want[bad][0]):.7g}"
    error = np.where(right, 0.0, np.abs(got - want.astype(float)))
    worst = int(np.argmax(np.nan_to_num(error, nan=np.inf)))
    at = _index(worst, want.shape)
    count = "" if want.size == 1 else f" ({int((~right).sum())} of {want.size} entries differ)"
    return f"it returned {got.flat[worst]:.7g}{at}, expected {want.flat[worst]:.7g}{count}"


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, bool | int | float | np.number):
        return f"the number {describe(value)}"
    article = "an" if type(value).__name__[:1] in ("a", "e", "i", "o", "u") else "a"
    return f"{article} {type(value).__name__}"


def _shape(array: np.ndarray) -> str:
    return f"an array of shape {array.shape}" if array.ndim else "a single number"


def _index(flat: Any, shape: tuple[int, ...]) -> str:
    if not shape:
        return ""
    return f" at [{', '.join(str(int(i)) for i in np.unravel_index(int(flat), shape))}]"


# --- The checks ---------------------------------------------------------------------------------


def check_value(
    f: Callable, *args: Any, expected: Any, rtol: float = 1e-7, atol: float = 1e-10
) -> Report:
    """Is `f(*args)` the expected value, in shape and in every entry?"""
    result = call(f, *copy.deepcopy(args))
    if result.error:
        return settle(Report(False, result.error))
    wrong = compare(result.value, expected, rtol=rtol, atol=atol)
    if wrong:
        return settle(Report(False, f"{describe_call(f, args)}: {wrong}"))
    return Report(True, f"{describe_call(f, args)} is {describe(expected)}")


def check_shape(f: Callable, *args: Any, shape: tuple[int, ...]) -> Report:
    """Has `f(*args)` this shape?"""
    result = call(f, *copy.deepcopy(args))
    if result.error:
        return settle(Report(False, result.error))
    if result.value is None:
        wrong = "it returned None: does it end in a `return`?"
        return settle(Report(False, f"{describe_call(f, args)}: {wrong}"))
    got = np.shape(result.value)
    if got != shape:
        text = f"{describe_call(f, args)} has shape {got}, expected {shape}"
        return settle(Report(False, text))
    return Report(True, f"{describe_call(f, args)} has shape {shape}")


def check_unchanged(f: Callable, *args: Any) -> Report:
    """Does `f(*args)` leave its arguments as they were?"""
    given = copy.deepcopy(args)
    result = call(f, *given)
    if result.error:
        return settle(Report(False, result.error))
    for i, (before, after) in enumerate(zip(args, given, strict=True)):
        if not callable(before) and compare(after, before, rtol=0, atol=0):
            text = f"{name_of(f)} changed its argument {i + 1}: work on a copy, x.copy()"
            return settle(Report(False, text))
    return Report(True, f"{name_of(f)} leaves its arguments as they were")


def check_silent(f: Callable, *args: Any) -> Report:
    """Does `f(*args)` finish with finite numbers and without a warning?"""
    result = call(f, *copy.deepcopy(args))
    if result.error:
        return settle(Report(False, result.error))
    where = describe_call(f, args)
    if result.warnings:
        return settle(Report(False, f"{where} warned: {result.warnings[0]}"))
    if not np.all(np.isfinite(np.asarray(result.value, dtype=float))):
        return settle(Report(False, f"{where} is {describe(result.value)}, not a finite number"))
    return Report(True, f"{where} gives finite numbers and no warning")


def check_reproducible(f: Callable, *args: Any) -> Report:
    """Do two equal calls give equal values?"""
    first, second = (call(f, *copy.deepcopy(args)) for _ in range(2))
    if first.error or second.error:
        return settle(Report(False, first.error or second.error or ""))
    if compare(second.value, first.value, rtol=0, atol=0):
        text = f"{describe_call(f, args)} gave two different answers to two equal calls"
        return settle(Report(False, text))
    return Report(True, f"{describe_call(f, args)} gives the same answer twice")


def check_true(condition: Any, text: str, otherwise: str) -> Report:
    """A property in your own words: `text` where the condition holds, else `otherwise`.

    `condition` is a function of no arguments, so that an error in it is put into words as well.
    """
    result = call(condition) if callable(condition) else Call(condition)
    if result.error:
        return settle(Report(False, result.error))
    passed = bool(np.all(result.value))
    return settle(Report(passed, text if passed else otherwise))
