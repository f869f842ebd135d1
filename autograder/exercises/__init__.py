"""The exercise bank: a folder a lesson; for each exercise its right answer, and a page.

`LESSON/EXERCISE.py` holds the right answer, `LESSON/EXERCISE.md` the wrong answers that students
give, `LESSON/EXERCISE.right.md` other right ones. What is asked stands in `helpers/questions`, which students have. See `page` for the form.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from autograder.exercises.base import Exercise, source_of
from autograder.exercises.page import Page, read_page
from helpers.judging.right import Computed
from helpers.questions import LESSONS, asked_of, lesson_of, names_in
from helpers.questions.base import misfit, replaced, shown


def exercises(lesson: str) -> tuple[Exercise, ...]:
    """The exercises of a lesson, in its order."""
    return tuple(find(name) for name in names_in(lesson))


@cache
def find(name: str) -> Exercise:
    """The exercise of this name, from whichever lesson. Raises `KeyError`, and `PageError`."""
    exercise = without_page(name)
    return replace(exercise, page=read_page(_file(exercise.reference), exercise.source))


@cache
def without_page(name: str) -> Exercise:
    """The exercise as grading needs it, and one that builds on it: its page says what proves it."""
    reference = right_answer(name)
    earlier = {other: right_answer(other) for other in earlier_than(name)}
    return Exercise(asked_of(name), reference, source_of(reference), Page(), earlier)


def _file(reference: Callable) -> Path:
    return Path(inspect.getfile(reference))


def right_answer(name: str) -> Callable:
    folder = LESSONS[lesson_of(name)]
    answer = getattr(import_module(f"autograder.exercises.{folder}.{name}"), name)
    return shown(answer) if inspect.isclass(answer) else answer


def earlier_than(name: str) -> tuple[str, ...]:
    """The exercises before this one in its lesson."""
    return tuple(takewhile(lambda other: other != name, names_in(lesson_of(name))))


def stand_ins(name: str, which: Collection[str] | None = None) -> tuple[Exercise, ...]:
    """The earlier exercises of the lesson, whose right answers this one may build on.

    No later ones: two answers that call each other would both be given the right one. And none
    that would itself pass as the answer: to call it would be no answer. which: of these alone.
    """
    earlier = [each for each in earlier_than(name) if which is None or each in which]
    return tuple(without_page(each) for each in earlier if _may_stand_in(each, name))


@cache
def _may_stand_in(earlier: str, name: str) -> bool:
    return not _passes(without_page(earlier).reference, without_page(name))


def _passes(answer: Callable, exercise: Exercise) -> bool:
    first = exercise.asked.questions[0]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            first.test(answer, np.random.default_rng(0), Computed(exercise.reference))
        except Exception:  # whatever another exercise's function does with these arguments
            return False
    return True


@contextlib.contextmanager
def others_are_right(
    exercise: Exercise, answer: Callable, which: Collection[str] | None = None
) -> Iterator[None]:
    """While an answer is judged, the exercises before it that it may build on are the references.

    So that a mistake in `sigmoid` costs the points of `sigmoid` and no other's. which: these alone,
    by name; the others are the student's own.
    """
    found = stand_ins(exercise.name, which)
    with replaced(answer, {e.name: called_in_any_way(e.reference) for e in found}):
        yield


@cache
def _parameters(reference: Callable) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(reference).parameters


def called_in_any_way(reference: Callable) -> Callable:
    """A right answer that may be called as a student's own, which it stands for, is called.

    Where one that it must have is missing, arguments under other names are taken for the missing
    ones, in order; else they are further ones, and passed over.
    """
    if inspect.isclass(reference):
        return reference
    parameters = _parameters(reference)
    due = [name for name, each in parameters.items() if each.default is each.empty]

    @functools.wraps(reference)
    def stand_in(*args: Any, **settings: Any) -> Any:
        if misfit(reference, args, settings) is None:
            return reference(*args, **settings)
        given = dict(zip(parameters, args, strict=False))
        given |= {name: value for name, value in settings.items() if name in parameters}
        others = [value for name, value in settings.items() if name not in parameters]
        renamed = any(name not in given for name in due)
        missing = [name for name in parameters if renamed and name not in given]
        return reference(**given, **dict(zip(missing, others, strict=False)))

    return stand_in
