"""Asking a student's function: its answer as numbers, or what went wrong in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from helpers.checks import call, name_of


class StudentError(Exception):
    """A student's function did not do what the plot needs; the message is shown below it."""


def latest(f: Callable) -> Callable:
    """The function that has f's name in f's module now: a notebook may have defined it anew."""
    name = getattr(f, "__qualname__", "")
    found = getattr(f, "__globals__", {}).get(name, f)
    return found if callable(found) else f


def calls_of(f: Callable) -> list[Callable]:
    """f as it is now, and every function that it holds or calls by a name of its own module."""
    found: list[Callable] = []
    waiting = [latest(f)]
    while waiting:
        function = waiting.pop()
        if function in found:
            continue
        found.append(function)
        code, names = getattr(function, "__code__", None), getattr(function, "__globals__", {})
        held = [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]
        used = [names.get(name) for name in (_names(code) if code else ())]
        waiting += [latest(each) for each in (*held, *used) if isinstance(each, FunctionType)]
    return found


def _names(code: CodeType) -> Iterator[str]:
    """The names that a function looks up, and those that functions inside it do."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def ask(f: Callable, *args: Any) -> Any:
    """A student's function's answer; `StudentError` where it raises, returns None, or changes
    what it was given."""
    given = [each.copy() if isinstance(each, np.ndarray) else each for each in args]
    result = call(f, *given)
    if result.error:
        raise StudentError(result.error)
    if result.value is None:
        raise StudentError(f"{name_of(f)} returned None: does it end in a return?")
    for was, now in zip(args, given, strict=True):
        if isinstance(was, np.ndarray) and not np.array_equal(now, was, equal_nan=True):
            raise StudentError(f"{name_of(f)} changed an array that it was given: work on a copy")
    return result.value


def ask_each(f: Callable, xs: Any) -> np.ndarray:
    """f at each of many numbers; nan and inf are numbers here, because a plot can show them."""

    def every() -> list:
        return [f(x) for x in np.ravel(xs).tolist()]

    every.__name__ = name_of(f)
    answers = ask(every)
    if any(answer is None for answer in answers):
        raise StudentError(f"{name_of(f)} returned None: does it end in a return?")
    if not all(type(a) is float or isinstance(a, np.floating) for a in answers):
        answers = [number(a, f"what {name_of(f)} returns") for a in answers]
    return np.array(answers, dtype=float).reshape(np.shape(xs))


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
