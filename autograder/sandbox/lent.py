"""What is the judge's own, and a student's code was given: what of it may be called or changed."""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.sandbox.schema import Ask
from autograder.sandbox.wire import Names

MOST_HANDED = 50_000
"""Numbers that one of the judge's functions may be called with. What it makes of two arrays may
have as many as the product of these, and while that is computed in C no alarm comes through.
"""
SHOWN = "shown_to_students"
"""The mark of the bank's classes whose objects' attributes a student's code may read and write."""


def done(ask: Ask, target: Any) -> Any:
    """What was asked for. Raises `AttributeError` where a student may not have it, and `ValueError`
    where it is given more than `MOST_HANDED` numbers.
    """
    if numbers_in((ask.args, ask.kwargs)) > MOST_HANDED:
        raise ValueError(f"more than {MOST_HANDED:,} numbers at once, which no answer needs")
    if ask.what == "call" and callable(target):
        if inspect.isfunction(target) or inspect.ismethod(target) or is_shown(target):
            return target(*ask.args, **(ask.kwargs or {}))
        if len(ask.args) == 1 and not ask.kwargs:  # NumPy's own have options
            return target(*ask.args)
    if is_shown(type(target)) and not ask.name.startswith("_"):
        match ask.what:
            case "method" if ask.name in methods(type(target)):  # type: ignore[arg-type]
                return getattr(target, ask.name)(*ask.args, **(ask.kwargs or {}))
            case "get":
                return getattr(target, ask.name)
            case "set":
                return setattr(target, ask.name, ask.value)
            case "vars":
                public = {k: v for k, v in vars(target).items() if not k.startswith("_")}
                return Names(public)
    raise AttributeError(ask.name or ask.what)


def numbers_in(value: Any) -> int:
    """Of arrays, and of what stands in lists."""
    if isinstance(value, np.ndarray):
        return int(value.size)
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple | set | frozenset):
        return 1
    return sum(map(numbers_in, value))


@lru_cache
def methods(kind: type) -> tuple[str, ...]:
    """What a student may call of its objects, by name: so a call is one message, not two."""
    public = [name for name in dir(kind) if not name.startswith("_")] if is_shown(kind) else []
    return tuple(name for name in public if inspect.isfunction(getattr(kind, name)))


def is_shown(kind: Any) -> bool:
    return inspect.isclass(kind) and getattr(kind, SHOWN, None) is True
