"""What is the judge's own, and a student's code was given: what of it may be called or changed."""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any

from autograder.sandbox.schema import Ask
from autograder.sandbox.wire import Names

SHOWN = "shown_to_students"
"""The mark of the bank's classes whose objects' attributes a student's code may read and write."""


def done(ask: Ask, target: Any) -> Any:
    """What was asked for. Raises `AttributeError` where a student may not have it."""
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


@lru_cache
def methods(kind: type) -> tuple[str, ...]:
    """What a student may call of its objects, by name: so a call is one message, not two."""
    public = [name for name in dir(kind) if not name.startswith("_")] if is_shown(kind) else []
    return tuple(name for name in public if inspect.isfunction(getattr(kind, name)))


def is_shown(kind: Any) -> bool:
    return inspect.isclass(kind) and getattr(kind, SHOWN, None) is True
