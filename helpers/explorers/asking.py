"""Asking a student's function: its answer as numbers, or what went wrong in words."""

from __future__ import annotations

import contextlib
import copy
import ctypes
import threading
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from helpers.checks import call, compare, name_of


class StudentError(Exception):
    """A student's function did not do what the plot needs; the message is shown in the plot."""


class TooLong(BaseException):
    """Raised inside a function that has run for too long; no `except Exception` stops it."""


def latest(f: Callable) -> Callable:
    """The function that has f's name in f's module now: a notebook may have defined it anew."""
    name = getattr(f, "__qualname__", "")
    found = getattr(f, "__globals__", {}).get(name, f)
    return found if callable(found) else f


def calls_of(f: Callable) -> list[Callable]:
    """f as it is now, and every function that it calls by a name of its own notebook or module."""
    found: list[Callable] = []
    waiting = [latest(f)]
    while waiting:
        function = waiting.pop()
        if function in found:
            continue
        found.append(function)
        code, names = getattr(function, "__code__", None), getattr(function, "__globals__", {})
        for name in _names(code) if code else ():
            if isinstance(names.get(name), FunctionType):
                waiting.append(names[name])
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
    before = copy.deepcopy(args)
    result = call(f, *args)
    if result.error:
        raise StudentError(result.error)
    if result.value is None:
        raise StudentError(f"{name_of(f)} returned None: does it end in a return?")
    for was, now in zip(before, args, strict=True):
        if isinstance(was, np.ndarray) and compare(now, was, rtol=0, atol=0):
            raise StudentError(f"{name_of(f)} changed an array that it was given: work on a copy")
    return result.value


def ask_each(f: Callable, xs: Any) -> np.ndarray:
    """f at each of many numbers; nan and inf are numbers here, because a plot can show them."""

    def every() -> list:
        return [f(x) for x in np.ravel(xs).tolist()]

    every.__name__ = name_of(f)
    answers = ask(every)
    if all(type(a) is float or isinstance(a, np.floating) for a in answers):
        return np.array(answers, dtype=float).reshape(np.shape(xs))
    return np.array([number(a, f"what {name_of(f)} returns") for a in answers]).reshape(
        np.shape(xs)
    )


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


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """`StudentError` where the block has not ended in time; in any thread, on any system.

    It interrupts between Python's own steps: one long call inside numpy is waited for.
    """
    thread = ctypes.c_ulong(threading.get_ident())
    ended = threading.Event()

    def watch() -> None:
        wait = seconds
        while not ended.wait(wait):  # once more, where the first was caught
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(TooLong))
            wait = 0.2

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except TooLong:
        raise StudentError(
            f"it did not finish in {seconds:g} s: is there a loop that never ends?"
        ) from None
    finally:
        ended.set()
        watcher.join()
        ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, None)  # take back one that is on its way
