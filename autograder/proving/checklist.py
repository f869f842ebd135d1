"""Kinds of wrong answers that every exercise is tried on by itself: the right one, wrapped.

Nobody writes them down for an exercise. Each is made of its right answer, and is one only if it
behaves otherwise somewhere (`behaviour`): else that kind does not apply.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.exercises.base import Exercise
from autograder.proving.behaviour import behaves, behaviour, methods_of, scripts_of
from autograder.proving.kinds import KINDS, OF_AN_ARGUMENT, REMEMBERING, Kind, KindOfArgument, Once


@dataclass(frozen=True)
class Generated:
    """A generated wrong answer: its kind, and how to make it anew, with nothing kept yet."""

    kind: str
    make: Callable[[], Callable]


def checklist(exercise: Exercise) -> Iterator[Generated]:
    """The generated answers that are wrong for this exercise."""
    scripts = scripts_of(exercise)
    reference: Any = exercise.reference
    if inspect.isclass(reference):
        reference = exercise.compile(exercise.source)
    right = behaviour(reference, scripts)
    for answer in _generated(exercise):
        if not behaves(answer.make(), scripts, right):
            yield answer


def _generated(exercise: Exercise) -> Iterator[Generated]:
    reference: Any = exercise.reference
    if not inspect.isclass(reference):
        for kind, behave in _behaviours(reference, 0):
            yield Generated(kind, functools.partial(_function, reference, behave))
        return
    yield Generated("all objects share their state", functools.partial(_sharing, exercise))
    for name in methods_of(reference):
        for kind, behave in _behaviours(vars(reference)[name], 1):
            for shared in (False, True) if kind in REMEMBERING else (False,):
                label = f"`{name}` {kind}" + (", for all objects" if shared else "")
                make = functools.partial(_class, exercise, name, behave, shared)
                yield Generated(label, make)


def _behaviours(function: Callable, first: int) -> Iterator[tuple[str, Kind]]:
    """Every kind by its name; those of an argument for each of the function's."""
    yield from KINDS.items()
    for name in list(inspect.signature(function).parameters)[first:]:
        for kind, behave in OF_AN_ARGUMENT.items():
            yield kind.format(f"`{name}`"), functools.partial(_of_argument, behave, name)


def _of_argument(behave: KindOfArgument, name: str, once: Once) -> Any:
    return behave(once, name) if name in once.given else once.result()


def _function(reference: Callable, behave: Kind) -> Callable:
    memory: dict[str, Any] = {}
    signature = inspect.signature(reference)

    @functools.wraps(reference)
    def answer(*args: Any, **settings: Any) -> Any:
        return behave(Once(reference, signature.bind(*args, **settings), memory))

    return answer


def _class(exercise: Exercise, name: str, behave: Kind, shared: bool) -> Any:
    """The right class with one method wrapped; what is kept is an object's own, or all share it."""
    made: Any = exercise.compile(exercise.source)
    method = vars(made)[name]
    memories: dict[int, tuple[Any, dict]] = {}

    @functools.wraps(method)
    def wrapped(self: Any, *args: Any, **settings: Any) -> Any:
        _, memory = memories.setdefault(0 if shared else id(self), (self, {}))
        function = functools.partial(method, self)
        bound = inspect.signature(function).bind(*args, **settings)
        return behave(Once(function, bound, memory))

    setattr(made, name, wrapped)
    return made


def _sharing(exercise: Exercise) -> Any:
    made: Any = exercise.compile(exercise.source)
    begin = made.__init__
    state: dict[str, Any] = {}

    def __init__(self: Any, *args: Any, **settings: Any) -> None:
        object.__setattr__(self, "__dict__", state)
        begin(self, *args, **settings)

    if "__init__" in vars(made):
        functools.update_wrapper(__init__, begin)
    made.__init__ = __init__
    return made
