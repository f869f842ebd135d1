"""Points are for what an exercise asks: no answer can tell what it is asked, spoil what is
expected of it, measure where a formula is due, or call a helper of the course in its place.
"""

from __future__ import annotations

import copy
import inspect
import re
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import helpers
from autograder.exercises import find
from autograder.exercises.base import Exercise
from autograder.judge import judge
from helpers._findings import not_plain
from helpers.judging.right import Computed
from helpers.judging.verdict import LATER
from helpers.questions import every_name
from helpers.questions.base import ROLES, Asked, Question, Right, Wrong
from tests.course import measured

EVERY = [find(name) for name in every_name()]
FUNCTIONS = [e for e in EVERY if inspect.isfunction(e.reference)]
each = pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.name)
each_function = pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda e: e.name)


def lost(exercise: Exercise, answer: Callable, seed: int = 0) -> list[str]:
    """What the questions say in which the answer earns nothing."""
    return [f.says for f in judge(exercise, answer, seed).findings if f.wrong]


# --- What is handed over says nothing -----------------------------------------------------------


def handed(value: Any, place: str) -> Iterator[tuple[str, Callable]]:
    """Every function in an argument, and where it stands."""
    if callable(value):
        yield place, value
    elif isinstance(value, dict):
        for part in value.values():
            yield from handed(part, f"{place}, a value")
    elif isinstance(value, tuple | list):
        for i, part in enumerate(value):
            yield from handed(part, f"{place}, {i if isinstance(value, tuple) else 'an item'}")


def complaint(f: Callable, /, *args: Any, **settings: Any) -> str:
    """What calling it with these comes to, without numbers and shapes."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return type(f(*args, **settings)).__name__
        except Exception as error:
            return re.sub(r"\([^)]*\)|\d+", "", f"{type(error).__name__}: {error}")


ODD = ((), (None,), ("a",), (1j,), ([],), (np.zeros((1, 1, 1, 7)),), (1.0,) * 7)
NAMES = ("x", "w", "z", "f", "h", "no such name")


@each_function
def test_functions_that_are_handed_over_differ_in_nothing_but_their_values(exercise: Exercise):
    """In a place of the arguments they are all alike, whatever is asked, and none is seen twice.

    Of arguments of the same shapes, that is: these an answer sees anyway.
    """
    right = exercise.compile(exercise.source)
    seen: dict[str, list[Callable]] = defaultdict(list)

    def answer(*args: Any, **settings: Any) -> Any:
        shapes = [np.shape(a) for a in args if isinstance(a, np.ndarray | float | int)]
        for place, f in (p for i, arg in enumerate(args) for p in handed(arg, str(i))):
            seen[f"{place} with {shapes}"].append(f)
        return right(*args, **settings)

    answer.__name__ = exercise.name
    for seed in range(4):
        assert not lost(exercise, answer, seed)
    names = {(place.split(" with ")[0], f.__name__) for place in seen for f in seen[place]}
    assert len(names) == len({place for place, _ in names})
    for place, functions in seen.items():
        assert len({f.__name__ for f in functions}) == 1, place
        assert {f.__name__ for f in functions} <= {"f", *ROLES}, place
        assert len({(f.__qualname__, f.__doc__, f.__module__) for f in functions}) == 1, place
        assert not any(map(vars, functions)), place
        assert len({str(inspect.signature(f)) for f in functions}) == 1, place
        assert len(set(map(id, functions))) == len(functions), place
        for odd in ODD:
            assert len({complaint(f, *odd) for f in functions}) == 1, (place, odd)
        for name in NAMES:
            assert len({complaint(f, **{name: 1.0}) for f in functions}) == 1, (place, name)


@pytest.mark.parametrize("honest", range(1, 11))
def test_no_call_is_the_one_that_counts(honest: int):
    """An answer that computes each derivative twice, in all calls but one."""
    calls = []

    def gradient_descent(derivative, start, learning_rate, steps):
        calls.append(steps)
        path = [start]
        for _ in range(steps):
            slope = derivative(path[-1])
            if len(calls) != honest:
                slope = derivative(path[-1])
            path.append(path[-1] - learning_rate * slope)
        return np.array(path)

    (says,) = lost(find("gradient_descent"), gradient_descent)
    assert says.startswith("one derivative a step")


def test_an_answer_that_is_right_only_where_it_is_not_counted_earns_nothing():
    def gradient_descent(derivative, start, learning_rate, steps):
        for _ in range(steps):
            derivative(start)

    assert judge(find("gradient_descent"), gradient_descent).earned == 0


def test_questions_are_asked_in_an_order_of_chance_and_told_in_their_own():
    asked: list[int] = []

    def question(i: int) -> Question:
        def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
            asked.append(i)
            if f() == i:
                raise Wrong("wrong")

        return Question(f"the {i}.", 1, test)

    exercise = replace(find("square"), asked=Asked("square", *map(question, range(4))))
    orders = set()
    for seed in range(30):
        asked.clear()
        verdict = judge(exercise, lambda: 2, seed)
        assert [f.says for f in verdict.findings] == ["the 0.", "the 1.", "the 2.", "the 3."]
        assert [f.earned for f in verdict.findings] == [1, 1, 0, 1]
        assert sorted(asked) == [0, 1, 2, 3]
        orders.add(tuple(asked))
        wrong = judge(exercise, lambda: 0, seed)
        assert [f.wrong for f in wrong.findings] == ["wrong", LATER, LATER, LATER]
    assert len({order[0] for order in orders}) == 4


# --- What an answer does to its arguments -------------------------------------------------------

ARGUMENTS = ("left as", "left alone", "leaves the weights alone", "stay as", "stays as")
KEEP_A_PATH = ("momentum", "nesterov", "rms_prop", "adam", "adamw", "descend", "train_with")
"""Of these the points of a path are what was returned, and given again: they may not change."""


def spoil(value: Any) -> None:
    """Whatever can be changed in place: arrays to 0, lists and dicts emptied."""
    if isinstance(value, np.ndarray):
        if value.flags.writeable:
            value[...] = 0
    elif isinstance(value, tuple | list | dict):
        for part in list(value.values()) if isinstance(value, dict) else value:
            spoil(part)
        if not isinstance(value, tuple):
            value.clear()


def spoiling(f: Callable) -> Callable:
    """`f`, which leaves nothing of its arguments; it works on copies of them itself."""

    def answer(*args: Any, **settings: Any) -> Any:
        kept = tuple(a if not_plain(a) else copy.deepcopy(a) for a in args)
        try:
            return f(*kept, **settings)
        finally:
            spoil(list(args))

    answer.__name__ = f.__name__
    return answer


@pytest.mark.parametrize(
    "exercise", [e for e in EVERY if e.name not in KEEP_A_PATH], ids=lambda e: e.name
)
def test_a_right_answer_that_spoils_its_arguments_loses_the_points_for_that_alone(exercise):
    answer = exercise.compile(exercise.source)
    if inspect.isclass(answer):
        for name in {"output", "backprop"} & set(vars(answer)):
            setattr(answer, name, spoiling(vars(answer)[name]))
    else:
        answer = spoiling(answer)
    assert all(any(word in says for word in ARGUMENTS) for says in lost(exercise, answer))


@each
def test_a_wrong_answer_that_spoils_its_arguments_earns_nothing(exercise):
    answer = spoiling(lambda *args, **settings: copy.deepcopy(args))
    assert judge(exercise, answer).earned == 0
    assert judge(exercise, spoiling(lambda *args, **settings: 0.0)).earned == 0


def codes(answer: Any) -> set[int]:
    functions = vars(answer).values() if inspect.isclass(answer) else [answer]
    return {id(f.__code__) for f in functions if inspect.isfunction(f)}


@each
def test_the_reference_is_asked_before_the_answer(exercise: Exercise):
    """No question calls the reference once the answer has been called, with whatever it left."""
    right = exercise.compile(exercise.source)
    own, answers = codes(exercise.reference), codes(right)
    assert own
    assert not own & answers
    late = []
    called = False

    def watch(frame: Any, event: str, _: Any) -> None:
        nonlocal called
        if event == "call":
            called = called or id(frame.f_code) in answers
            if called and id(frame.f_code) in own:
                late.append(frame.f_back.f_code.co_name)

    for i, question in enumerate(exercise.asked.questions):
        called = False
        sys.setprofile(watch)
        try:
            question.test(right, np.random.default_rng([0, i]), Computed(exercise.reference))
        finally:
            sys.setprofile(None)
        assert called, question.says
        assert not late, (question.says, late)


# --- What is measured is no formula -------------------------------------------------------------


@pytest.mark.parametrize("way", measured.WAYS)
def test_a_measured_gradient_never_earns_what_a_formula_does(way: str):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, answer in measured.answers(measured.WAYS[way]).items():
            answer.__name__ = name
            for seed in (0, 1, 2):
                verdict = judge(find(name), answer, seed)
                assert verdict.earned < verdict.points, f"{name}: {verdict}"
                assert "raised" not in (verdict.findings[0].wrong or ""), str(verdict)


def test_the_measured_ones_would_pass_but_for_that():
    """Else the test above would prove nothing: by the complex step the values are right."""
    for name, answer in measured.answers(measured.WAYS["complex step"]).items():
        answer.__name__ = name
        gate, *_ = judge(find(name), answer).findings
        assert (gate.wrong is None) == (name != "chain_derivative"), f"{name}: {gate}"


# --- The course's own helpers are no answer -----------------------------------------------------


def passes(check: Callable, *args: Any, **settings: Any) -> bool:
    try:
        return bool(check(*args, **settings))
    except helpers.CheckFailed:
        return False


def near_misses() -> dict[str, Callable]:
    """Helpers of the same job as an exercise, as a student would put them in its place."""
    from helpers.explorers.sigmoid_unit import activation
    from helpers.gradients import check_derivative, check_gradient, numerical_gradient

    def one_point(f, gradient, x, tolerance=1e-6):
        return passes(check_gradient, f, gradient, x, points=1, rtol=tolerance)

    def as_array(f, gradient, x, tolerance=1e-6):
        return passes(check_gradient, f, gradient(x), x, rtol=tolerance)

    def each_entry(f, gradient, x, tolerance=1e-6):
        def moved(i, t):
            y = np.array(x)
            y.flat[i] = t
            return y

        return all(
            passes(
                check_derivative,
                lambda t, i=i: f(moved(i, t)),
                lambda t, i=i: float(gradient(moved(i, t)).flat[i]),
                [x.flat[i]],
            )
            for i in range(x.size)
        )

    return {
        "numerical_gradient": lambda f, x, h=1e-5: numerical_gradient(f, x),
        "forward_gradient": lambda f, x, h: numerical_gradient(f, x),
        "gradient_check": one_point,
        "gradient_check, of an array": as_array,
        "gradient_check, entry by entry": each_entry,
        "sigmoid": lambda z: activation(np.asarray(z, dtype=float)[..., None], np.ones(1)),
    }


@pytest.mark.parametrize("name", near_misses())
def test_a_helper_of_the_same_job_earns_nothing(name: str):
    exercise = find(name.split(",")[0])
    answer = near_misses()[name]
    answer.__name__ = exercise.name
    assert judge(exercise, answer).earned == 0
