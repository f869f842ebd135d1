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
import traceback
import warnings
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, NamedTuple, ParamSpec

import numpy as np

from helpers._causes import blamed, in_words, lacking, place_of, there
from helpers._code import LAMBDA, body_of, is_cell
from helpers._comparing import compare, lacks_argument
from helpers._describing import describe, describe_call, join, name_of, parameters_of, printable
from helpers._findings import (
    Wrong,
    as_plain,
    change,
    loud,
    numbers,
    returned,
    returned_none,
    same,
    transpose_fits,
    two_answers,
    unusable,
)
from helpers._kept import Kept
from helpers._within import OutOfTime, within

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


def validating() -> bool:
    """Whether nbgrader's *Validate* runs, which finds a mistake only where something raises."""
    return os.environ.get("NBGRADER_EXECUTION") == "validate"


def settle(report: Report) -> Report:
    """Return a report; raise one of an unsolved exercise where nbgrader validates a notebook.

    Everywhere else it is printed, so that Run All goes on past what is left out.
    """
    if UNSOLVED in report.text and validating():
        raise CheckFailed(report)
    return report


# --- Calling a student's function ---------------------------------------------------------------


class Sink(io.TextIOBase):
    """Takes whatever a function prints, and keeps none of it."""

    def write(self, text: str) -> int:
        return len(text)


@dataclass(frozen=True)
class Call:
    """One call of a function: its `value`, or the `error` in words; the warnings it caused.

    place: further lines on the first warning, where it arose in a cell and why; or ''.
    changed: which argument a check's call changed, in words.
    """

    value: Any = None
    error: str | None = None
    warnings: tuple[str, ...] = ()
    place: str = ""
    changed: str | None = None


def call(f: Callable, *args: Any) -> Call:
    """Call `f(*args)` and put whatever happens into words; nothing reaches stderr."""
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stderr(Sink()),
        np.errstate(divide="warn", over="warn", invalid="warn", under="ignore"),
    ):
        warnings.simplefilter("always")
        try:
            value, error = as_plain(f(*args)), None
        except (Exception, SystemExit) as exception:
            value, error = None, explain_exception(exception, f, args)
        warn_if_silenced()
    said = tuple(printable(str(w.message), 200) for w in caught)
    return Call(value, error, said, place_of(caught[0]) if caught else "")


SILENCED = "it switched warnings off for the whole notebook, where others would be missed"


def warn_if_silenced() -> None:
    """Warn where what was called has left numpy's or Python's warnings switched off."""
    state = np.geterr()
    everything = any(
        action == "ignore" and message is None and issubclass(RuntimeWarning, kind)
        for action, message, kind, *_ in warnings.filters[:1]
    )
    if everything or "ignore" in (state["divide"], state["over"], state["invalid"]):
        warnings.simplefilter("always")
        warnings.warn(SILENCED, stacklevel=2)


class Line(NamedTuple):
    """A line of a student's cell: in which function, its number (0: none to show), and its code.

    blame: which function's odd return value the error comes from; further: more lines on it.
    """

    function: str
    number: int
    code: str
    blame: str = ""
    further: str = ""


def explain_exception(exception: BaseException, f: Callable, args: tuple) -> str:
    """What was raised, by which call, and at which line of the student's own cell.

    Where it comes from what another function returned, that is said in its place.
    """
    if isinstance(exception, Wrong):
        return str(exception)
    line = line_of(exception, f)
    if isinstance(exception, NotImplementedError):
        nobody = line.function in ("", LAMBDA, "<module>", "call")
        name = name_of(f) if nobody else line.function
        return f"{name} {UNSOLVED}: write your code at “YOUR CODE HERE”."
    text = line.blame or f"{describe_call(f, args)} {in_words(exception)}"
    if line.number:
        where = "" if line.function.startswith("<") else f"{line.function}, "
        text += f"\n  in {where}line {line.number} of its cell"
        text += f": {line.code}" if line.code else ""
    further = "" if line.blame else line.further
    return text + "".join(f"\n  {more}" for more in further.split("\n") if more)


def _named(frames: list[traceback.FrameSummary]) -> str:
    """The function in which the innermost line stands; within it may be a list comprehension."""
    here = [frame.name for frame in frames if frame.filename == frames[-1].filename]
    inside = ("<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>", LAMBDA)
    return next((name for name in reversed(here) if name not in inside), here[-1])


def _caller(frames: list[traceback.FrameSummary]) -> str:
    """Where the function that was asked calls the one in which it went wrong, or ''."""
    outer = frames[0]
    if outer.name.startswith("<") or outer.name == _named(frames):
        return ""
    return f"called from {outer.name}, line {outer.lineno} of its cell: {_quoted(outer)}"


def _quoted(frame: traceback.FrameSummary) -> str:
    code = frame.line or linecache.getline(frame.filename, frame.lineno or 0).strip()
    return printable(code, 120)


def line_of(exception: BaseException, f: Callable | None = None) -> Line:
    """The innermost line of a cell that an exception went through, and what it comes from.

    One that was raised in another process brings it along (`raised_at`). f: the function that a
    check has called; where it is the check's own lambda, its line stands in the call already.
    """
    told = getattr(exception, "raised_at", None)
    if type(told) is Line:
        return told
    frames = traceback.extract_tb(exception.__traceback__)
    own = [frame for frame in frames if is_cell(frame.filename)]
    if not own or isinstance(exception, NotImplementedError):
        return Line((own or frames)[-1].name if own or frames else "", 0, "")
    frame = own[-1]
    number = 0 if f is not None and _is_shown(f, frame) else frame.lineno or 0
    further = "\n".join(filter(None, (there(exception), lacking(exception), _caller(own))))
    blame = blamed(exception) or ""
    return Line(_named(own), number, _quoted(frame), blame, further)


def _is_shown(f: Callable, frame: traceback.FrameSummary) -> bool:
    """Whether this is a line of a check's own lambda, which stands in the name of the call."""
    code = getattr(f, "__code__", None)
    its = (code.co_name, code.co_filename) if code else None
    return its == (frame.name, frame.filename) and name_of(f) == body_of(f)


# --- The checks ---------------------------------------------------------------------------------


PATIENCE = 10.0
"""Seconds that a check may take."""

Given = ParamSpec("Given")


def in_time(
    check: Callable[Given, Report], called: Callable[[Any, tuple], str] = describe_call
) -> Callable[Given, Report]:
    """The check, which ends also where what it calls does not; `called` names that."""

    @wraps(check)
    def bounded(*args: Given.args, **settings: Given.kwargs) -> Report:
        try:
            return within(PATIENCE, lambda: check(*args, **settings))
        except OutOfTime as error:
            return settle(Report(False, f"{called(args[0], args[1:])}: {error}"))

    return bounded


def checked(f: Callable, *args: Any) -> Call:
    """One call on copies of the arguments, for a check: with an `error` also where it changed
    something that `f` uses by name. That is put back.
    """
    kept, given = Kept(f), copy.deepcopy(args)
    result = call(f, *given)
    named = kept.change()
    changed = change(f, lambda: parameters_of(f, len(args)), args, given)
    return replace(result, error=result.error or named, changed=changed)


@in_time
def check_value(
    f: Callable, *args: Any, expected: Any, rtol: float = 1e-7, atol: float = 1e-10
) -> Report:
    """Is `f(*args)` the expected value, in shape and in every entry?"""
    result = checked(f, *args)
    if result.error:
        return settle(Report(False, result.error))
    wrong = compare(result.value, expected, rtol=rtol, atol=atol)
    if wrong:
        first = f"{result.changed}\n  " if result.changed else ""
        lacks = lacks_argument(f, args, result.value, expected)
        return settle(Report(False, f"{first}{describe_call(f, args)}: {wrong}{lacks}"))
    return Report(True, f"{describe_call(f, args)} {_right(expected)}")


def _right(expected: Any) -> str:
    """What was verified: the value itself, or how much of it."""
    text = describe(expected)
    if "array of shape" not in text and "…" not in text:
        return f"is {text}"
    parts = expected if isinstance(expected, tuple | list) else [expected]
    count = sum(np.size(part) for part in parts)
    return f"is right in all its {count} entries"


@in_time
def check_shape(f: Callable, *args: Any, shape: tuple[int, ...]) -> Report:
    """Has `f(*args)` this shape?"""
    result, where = checked(f, *args), describe_call(f, args)
    if result.error:
        return settle(Report(False, result.error))
    try:
        got = numbers(result.value, "fiub").shape
    except Wrong as wrong:
        due = f"expected an array of shape {shape}" if shape else "expected a single number"
        told = returned(result.value, due) if type(result.value) is tuple else str(wrong)
        return settle(Report(False, f"{where}: {told}"))
    if got != shape:
        text = f"{where} has shape {got}, expected {shape}{transpose_fits(got, shape)}"
        return settle(Report(False, text))
    return Report(True, f"{where} has shape {shape}")


@in_time
def check_unchanged(f: Callable, *args: Any) -> Report:
    """Does `f(*args)` leave its arguments as they were?"""
    result = checked(f, *args)
    wrong = result.error or result.changed
    if wrong:
        return settle(Report(False, wrong))
    names, kinds = parameters_of(f, len(args)), (np.ndarray, list, dict)
    data = [name for name, arg in zip(names, args, strict=True) if isinstance(arg, kinds)]
    were = "it was" if len(data) == 1 else "they were"
    return Report(True, f"{name_of(f)} leaves {join(data or ['its arguments'])} as {were}")


@in_time
def check_silent(f: Callable, *args: Any) -> Report:
    """Does `f(*args)` finish with finite numbers and without a warning?"""
    result, where = checked(f, *args), describe_call(f, args)
    wrong = result.error or loud(result, where)
    if wrong:
        return settle(Report(False, wrong))
    return Report(True, f"{where} gives finite numbers and no warning")


@in_time
def check_reproducible(f: Callable, *args: Any) -> Report:
    """Do two equal calls give equal values?"""
    first = checked(f, *args)
    second = first if first.error else checked(f, *args)
    where = describe_call(f, args)
    if first.error or second.error:
        return settle(Report(False, first.error or second.error or ""))
    if first.value is None:
        return settle(Report(False, returned_none(where)))
    if not same(first.value, second.value):
        return settle(Report(False, two_answers(where)))
    return Report(True, f"{where} gives the same answer twice")


@in_time
def check_true(condition: Any, text: str, otherwise: str) -> Report:
    """A property in your own words: `text` where the condition holds, else `otherwise`.

    `condition` is a function of no arguments, so that an error in it is put into words as well.
    """
    result = checked(condition) if callable(condition) else Call(condition)
    if result.error:
        return settle(Report(False, result.error))
    passed = _holds(result.value)
    return settle(Report(passed, text if passed else otherwise))


@in_time
def check_property(
    f: Callable, *args: Any, holds: Callable[[Any], Any], text: str, otherwise: str
) -> Report:
    """A property of what `f(*args)` returns: `text` where `holds(value)`, else what was returned
    and `otherwise`.
    """
    result = checked(f, *args)
    if result.error:
        return settle(Report(False, result.error))
    where = describe_call(f, args)
    if result.value is None or isinstance(result.value, Generator):
        return settle(Report(False, unusable(result.value, where) or ""))
    if _holds(call(holds, result.value).value):
        return Report(True, text)
    return settle(Report(False, f"{where}: it returned {describe(result.value)}; {otherwise}"))


def _holds(condition: Any) -> bool:
    """Whether a condition holds, everywhere where it is an array; what is none does not."""
    try:
        return condition is not None and bool(np.all(condition))
    except Exception:  # an object of the student's that is neither true nor false
        return False
