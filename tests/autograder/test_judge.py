"""What came from a student's process is shown, never used; and it is shown in few plain words."""

from __future__ import annotations

import inspect
import linecache

import numpy as np
import pytest

from autograder.exercises import find, stand_ins
from autograder.judge import diagnose, fairly, judge, nothing
from autograder.sandbox.remote import raise_as_there
from autograder.sandbox.schema import Error, _line
from helpers.checks import Line, call, explain_exception

BANK = inspect.getfile(find("square").reference)


def raising(classes: list[str], text: str = "a text", line: Line = Line("", 0, "")):  # noqa: B008
    def square(x):
        raise_as_there(Error(tuple(classes), text, line))

    return square


def test_an_error_from_there_shows_the_line_of_the_cell():
    said = call(raising(["ZeroDivisionError"], "by 0", Line("inner", 4, "y = 1 / 0")), 2.0).error
    assert said == (
        "square(2) raised ZeroDivisionError: by 0\n  in inner, line 4 of its cell: y = 1 / 0"
    )


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("f", 4, "  y = 1 ", "", ""), Line("f", 4, "y = 1")),
        (
            ("f", 4, "y = 1", "g returned None", "x is 2"),
            Line("f", 4, "y = 1", "g returned None", "x is 2"),
        ),
        (("f\x1b", 4, "y = 1", "", ""), Line("", 0, "")),
        (("f", 10**9, "y = 1", "", ""), Line("", 0, "")),
        (("f", -1, "y = 1", "", ""), Line("", 0, "")),
        (("f", 4, "y = 1"), Line("", 0, "")),
        (None, Line("", 0, "")),
    ],
)
def test_a_line_is_as_it_must_be_or_none(place, line):
    assert _line(place) == line


def test_an_error_leaves_nothing_where_sources_are_read():
    before = set(linecache.cache)
    line = Line("square", 1, "def square(x): return open('here')")
    assert "open('here')" in (call(raising(["ValueError"], "no", line), 1.0).error or "")
    assert set(linecache.cache) == before


def test_the_bank_is_what_it_was_when_it_was_read(monkeypatch):
    """Whatever a cache or a file says later."""
    square = find("square")
    before = square.source
    lie = ["def square(x):\n", "    return 1 / 0\n"] * 500
    monkeypatch.setitem(linecache.cache, BANK, (1, None, lie, BANK))
    assert square.source == before
    said = str(diagnose(square, lambda x: 2 * x * x))
    assert said == str(diagnose(square, square.compile("def square(x):\n    return 2 * x * x")))


@pytest.mark.parametrize(
    ("classes", "base"),
    [
        (["KeyError", "LookupError", "Exception"], KeyError),
        (["Odd", "OSError", "Exception"], OSError),
        (["Odd", "Exception"], Exception),
        (["ExceptionGroup", "BaseExceptionGroup", "Exception"], Exception),
        (["SystemExit", "BaseException"], Exception),
        (["open", "exit", "__import__"], Exception),
        (["not a name"], Exception),
    ],
)
def test_an_error_from_there_is_one_of_pythons_own(classes, base):
    with pytest.raises(Exception) as raised:  # noqa: PT011
        raise_as_there(Error(tuple(classes), "said", Line("", 0, "")))
    assert isinstance(raised.value, base)
    assert type(raised.value).__bases__ == (base,)
    assert str(raised.value) == "said"


def test_what_is_not_written_yet_is_named():
    def outer(x):
        raise NotImplementedError

    assert (call(outer, 1.0).error or "").startswith("outer is not implemented yet")
    for line, name in ((Line("inner", 3, "x"), "inner"), (Line("", 0, ""), "square")):
        error = raising(["NotImplementedError"], "", line)
        with pytest.raises(NotImplementedError) as raised:
            error(1.0)
        assert explain_exception(raised.value, error, ()).startswith(f"{name} is not implemented")


@pytest.mark.parametrize(
    ("quick", "used", "wrong", "asked_with"),
    [
        (False, {"sigmoid", "softmax"}, {"softmax"}, [{"sigmoid", "softmax"}, {"softmax"}, set()]),
        (True, {"sigmoid", "softmax"}, {"softmax"}, [{"softmax"}, {"sigmoid", "softmax"}, set()]),
        (False, {"sigmoid", "softmax"}, {"penalty"}, [{"sigmoid", "softmax"}, set()]),
        (True, {"sigmoid", "softmax"}, {"penalty"}, [set(), {"sigmoid", "softmax"}]),
        (False, {"sigmoid"}, {"sigmoid"}, [{"sigmoid"}, set()]),
        (True, {"np", "loss"}, {"sigmoid"}, [set()]),
    ],
)
def test_a_wrong_answer_is_judged_as_often_as_makes_a_difference(quick, used, wrong, asked_with):
    exercise, asked = find("smoothed_loss"), []

    def ask(right):
        asked.append(right)
        return judge(exercise, lambda *args, **settings: 0.0, right=right)

    assert {"sigmoid", "softmax", "penalty"} < {each.name for each in stand_ins("smoothed_loss")}
    assert fairly(exercise, ask, wrong, used=used, quick=quick).earned == 0.0
    assert asked == asked_with


def test_an_answer_that_is_right_beside_the_students_own_is_judged_once():
    exercise, asked = find("smoothed_loss"), []

    def ask(right):
        asked.append(right)
        return judge(exercise, exercise.reference, right=right)

    assert fairly(exercise, ask, [], quick=True).earned == exercise.points
    assert asked == [set()]


@pytest.mark.parametrize("quick", [False, True])
def test_of_equal_verdicts_that_beside_right_answers_is_told(quick):
    exercise = find("smoothed_loss")

    def ask(right):
        return nothing(exercise, f"with {sorted(right)}", 0)

    assert "softmax" in fairly(exercise, ask, ["sigmoid"], quick=quick).reason


def test_what_is_handed_a_function_is_right_from_the_beginning():
    exercise, asked = find("gradient_check"), []

    def ask(right):
        asked.append(right)
        return judge(exercise, exercise.reference, right=right)

    used = {"numerical_gradient", "relative_error"}
    assert fairly(exercise, ask, [], used=used, quick=True).earned == exercise.points
    assert asked == [used]


def test_huge_arrays_are_not_called_integers():
    def linear_rule_gradient(w, X, y):
        return -2.0 * X.T @ np.clip(y - X @ w, -1e3, 1e3)

    reason = judge(find("linear_rule_gradient"), linear_rule_gradient, 1).reason
    assert reason.startswith("where the arrays are huge, linear_rule_gradient(")
