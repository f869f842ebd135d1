"""What an answer does, seen whole: values, arguments after the call, and results looked at later.

Two answers that behave alike on everything that an exercise's questions call, and on variations of
it, are the same answer as far as anyone can tell.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from autograder.exercises.base import Exercise
from autograder.proving.calls import (
    Event,
    Object,
    Script,
    is_array,
    is_number,
    variations,
    varied_script,
)
from helpers.checks import Sink
from helpers.judging.right import Computed
from helpers.questions.base import Question, driven

SEEDS = range(3)
"""Those on which the questions are watched."""

CALLS = 40
"""Calls of an exercise that are kept, evenly spread over all that its questions make."""

LARGEST = 300
"""Numbers among the arguments of a call; with more it shows nothing else, and takes long."""

VARIED = 6
"""Of these, so many are varied."""

RTOL = 1e-6
"""Numbers further apart than this are others; nearer ones no exercise tells apart for certain."""


def scripts_of(exercise: Exercise) -> list[Script]:
    """What the questions call, and variations of it: a script for each use.

    A function's are of one call each, and those stay in on which the right answer is finite.
    """
    if inspect.isclass(exercise.reference):
        uses = list(_uses_of_class(exercise))
        kind = exercise.compile(exercise.source)
        with _quiet():
            return uses + [v for use in _spread(uses, VARIED) for v in _varied_script(use, kind)]
    seen: list[Event] = []
    for question, rng in _asked(exercise):
        with _quiet(), contextlib.suppress(Exception):
            question.test(_watched_function(exercise, seen), rng, Computed(exercise.reference))
    own = _spread([event for event in seen if _size(event.args) <= LARGEST], CALLS)
    with _quiet():
        varied = [
            event
            for base in _spread(own, VARIED)
            for event in variations(base)
            if _finite_there(exercise.reference, event)
        ]
    return [[event] for event in own + varied]


def observed(answer: Callable, scripts: list[Script]) -> Iterator:
    """All that comes of these scripts, one after another, as plain data."""
    if not inspect.isclass(answer):
        yield from _calls(answer, [script[0] for script in scripts])
        return
    for script in scripts:
        yield _play(answer, [script])
    for one, other in _pairs(scripts):
        yield _play(answer, [one, other])
        yield _play(answer, [one, other], again=True)


def behaves(answer: Callable, scripts: list[Script], right: list) -> bool:
    """Whether what comes of the scripts is what is right, all of it."""
    with _quiet():
        return all(map(alike, observed(answer, scripts), right))


def behaviour(answer: Callable, scripts: list[Script]) -> list:
    with _quiet():
        return list(observed(answer, scripts))


def alike(found: Any, right: Any) -> bool:
    """Whether two plain values are the same, numbers up to rounding.

    Among the entries of an array a nan that is right may come out as anything: no question asks.
    """
    if isinstance(found, dict) and isinstance(right, dict):
        return found.keys() == right.keys() and all(alike(found[k], right[k]) for k in right)
    if isinstance(found, list | tuple) and isinstance(right, list | tuple):
        return len(found) == len(right) and all(map(alike, found, right))
    if isinstance(found, str | None) or isinstance(right, str | None):
        return type(found) is type(right) and found == right
    try:
        a, b = np.asarray(_sized(found)), np.asarray(_sized(right))
        if a.shape != b.shape:
            return False
        if a.dtype == b.dtype and a.tobytes() == b.tobytes():  # mostly, and much quicker
            return True
        near = np.isclose(a, b, rtol=RTOL, atol=0.0, equal_nan=True)
        return bool(np.all(near | (np.isnan(b) if b.ndim else False)))
    except (TypeError, ValueError, OverflowError):
        same = type(found) is type(right)  # of functions and generators no more can be said
        return same and (callable(right) or alike(_attributes(found), _attributes(right)))


def _sized(value: Any) -> Any:
    """An integer of Python's, which may have more digits than an array has room for, as a float."""
    return float(value) if type(value) is int else value


def _attributes(value: Any) -> dict[str, Any]:
    """What an object holds, as a network its layers and these their weights."""
    held = getattr(value, "__dict__", {})
    return {k: v for k, v in held.items() if is_array(v) or is_number(v) or isinstance(v, list)}


# --- Functions ----------------------------------------------------------------------------------


def _asked(exercise: Exercise) -> Iterator[tuple[Question, np.random.Generator]]:
    for seed in SEEDS:
        for place, question in enumerate(exercise.asked.questions):
            yield question, np.random.default_rng([seed, place])


def _watched_function(exercise: Exercise, seen: list[Event]) -> Callable:
    reference = exercise.reference

    @functools.wraps(reference)
    def answer(*args: Any, **settings: Any) -> Any:
        seen.append(Event(*copy.deepcopy((args, settings))))
        return reference(*args, **settings)

    return answer


def _calls(answer: Callable, events: list[Event]) -> Iterator:
    kept = []
    for event in events:
        args, settings = copy.deepcopy((event.args, event.settings))
        result = _result(answer, args, settings)
        kept.append(result)
        yield copy.deepcopy((result, args, settings))
    yield kept


def _result(f: Callable, args: tuple, settings: dict) -> Any:
    try:
        result = f(*args, **settings)
    except Exception as error:  # what it raises is what it does
        return type(error).__name__
    return result if not inspect.isgenerator(result) else "a generator"


def _finite_there(reference: Callable, event: Event) -> bool:
    result = _result(reference, *copy.deepcopy((event.args, event.settings)))
    return not isinstance(result, str) and _finite(result)


def _finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_finite, value))
    if not (is_array(value) or is_number(value)) or np.asarray(value).dtype.kind not in "fiubc":
        return True
    return bool(np.all(np.isfinite(value)))


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, list | tuple) else int(np.size(value))


def _spread(items: list, count: int) -> list:
    places = np.linspace(0, len(items) - 1, min(count, len(items)))
    return [items[int(place)] for place in places]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        contextlib.redirect_stdout(Sink()),
    ):
        warnings.simplefilter("ignore")
        yield


# --- Classes ------------------------------------------------------------------------------------


def _uses_of_class(exercise: Exercise) -> Iterator[Script]:
    for question, rng in _asked(exercise):
        if question.probes is None:
            continue
        for args in _spread(list(question.probes(rng)), 4):
            script: Script = []
            with _quiet(), contextlib.suppress(Exception):
                driven(_watched_class(exercise, script), question.drive)(*copy.deepcopy(args))
            yield script


def _varied_script(script: Script, kind: Any) -> Iterator[Script]:
    """Its arrays as integers, larger, and in another order, where that raises nothing."""
    for turned in varied_script(script):
        results, _ = _play(kind, [turned])
        if not any(isinstance(result, str) for result, _ in results):
            yield turned


def methods_of(kind: type) -> list[str]:
    """Its own methods, with the arithmetic, without `__init__`."""
    return [name for name, m in vars(kind).items() if inspect.isfunction(m) and name != "__init__"]


def _watched_class(exercise: Exercise, script: Script) -> type:
    """The right class made anew, which writes down what is called from outside."""
    kind: Any = exercise.compile(exercise.source)
    objects: list[Any] = []
    left: dict[int, dict] = {}
    inside: list[int] = []

    def number_of(value: Any) -> int:
        places = [k for k, one in enumerate(objects) if one is value]
        if places:
            return places[0]
        objects.append(value)
        return len(objects) - 1

    def plain(value: Any) -> Any:
        if isinstance(value, kind):
            return Object(number_of(value))
        return copy.deepcopy(value)

    def watched(name: str, method: Callable) -> Callable:
        @functools.wraps(method)
        def call(self: Any, *args: Any, **settings: Any) -> Any:
            if inside:
                return method(self, *args, **settings)
            inside.append(1)
            try:
                number = number_of(self)
                before = _set_since(left.get(number, {}), vars(self))
                given = tuple(map(plain, args))
                script.append(Event(given, plain(settings), name, number, before))
                result = method(self, *args, **settings)
                left[number] = dict(vars(self))
                if isinstance(result, kind):
                    left[number_of(result)] = dict(vars(result))
                return result
            finally:
                inside.pop()

        return call

    if "__init__" not in vars(kind):
        kind.__init__ = lambda self: None
    for name in ["__init__", *methods_of(kind)]:
        setattr(kind, name, watched(name, vars(kind)[name]))
    return kind


def _set_since(left: dict, now: dict) -> dict:
    return {
        name: copy.deepcopy(value)
        for name, value in now.items()
        if left.get(name) is not value and (is_array(value) or is_number(value))
    }


def _pairs(scripts: list[Script]) -> Iterator[tuple[Script, Script]]:
    """Neighbours that use one object each, by the same methods."""
    single = [s for s in scripts if {event.number for event in s} == {0}]
    for one, other in pairwise(single):
        if [event.method for event in one] == [event.method for event in other]:
            yield one, other


def _play(kind: Any, scripts: list[Script], again: bool = False) -> list:
    """These scripts in turns, each with objects of its own; or one after another, with the same."""
    objects: dict[tuple[int, int], Any] = {}
    found, kept = [], []
    order = (
        [(0, event) for script in scripts for event in script]
        if again
        else [
            (k, event)
            for together in zip(*scripts, strict=True)
            for k, event in enumerate(together)
        ]
    )
    for which, event in order:
        place = which, event.number
        if event.method == "__init__" and place in objects:
            continue
        args = tuple(
            objects.get((which, a.number)) if isinstance(a, Object) else copy.deepcopy(a)
            for a in event.args
        )
        if event.method == "__init__":
            result = objects[place] = _result(kind, args, event.settings)
        else:
            one = objects.get(place)
            result = _result(partial(_called, one, event), args, event.settings)
            if isinstance(result, kind) and not any(o is result for o in objects.values()):
                objects[which, len({n for w, n in objects if w == which})] = result
        found.append(copy.deepcopy([_shown(kind, result), [_shown(kind, a) for a in args]]))
        kept.append(result)
    return [found, [_shown(kind, result) for result in kept]]


def _called(one: Any, event: Event, *args: Any, **settings: Any) -> Any:
    for name, value in copy.deepcopy(event.before).items():
        setattr(one, name, value)
    return getattr(one, event.method)(*args, **settings)


def _shown(kind: type, value: Any) -> Any:
    """An object of this class by its public arrays and numbers.

    Lists in it, of other objects or functions, are its own affair: no two of them are the same.
    """
    if not isinstance(value, kind):
        return value
    held = _attributes(value).items()
    return {k: v for k, v in held if not k.startswith("_") and not isinstance(v, list)}
