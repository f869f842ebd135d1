"""Each instant check passes, fails, and says what it saw."""

import warnings

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from helpers import (
    Prediction,
    check_reproducible,
    check_shape,
    check_silent,
    check_true,
    check_unchanged,
    check_value,
)
from helpers.checks import compare


@pytest.mark.parametrize(
    ("actual", "expected", "words"),
    [
        (None, 1.0, "returned None"),
        ("1", 1.0, "a str"),
        (True, 1.0, "expected real numbers"),
        (1 + 2j, 1.0, "expected real numbers"),
        (float("nan"), 1.0, "it returned nan, expected 1"),
        (float("inf"), 1.0, "it returned inf, expected 1"),
        (1.0, float("nan"), "it returned 1"),
        (np.ones(3), 1.0, "an array of shape (3,), expected a single number"),
        (np.ones((3, 1)), np.ones(3), "shape (3, 1), expected an array of shape (3,)"),
        ([[1], [1, 2]], np.ones(3), "ragged"),
        (np.array([1.0, 2.0]), np.array([1.0, 2.5]), "returned 2 at [1], expected 2.5 (1 of 2"),
        (3.0, (1.0, 2.0), "expected 2 values"),
        ((1.0,), (1.0, 2.0), "1 values, expected 2"),
        ((1.0, 3.0), (1.0, 2.0), "in the second of the returned values, it returned 3"),
        ((1.0, 3.0), (1.0, 2.0), "; the first is right"),
        ({}, {"a": 1.0}, "the key 'a' is missing"),
        (1.0, {"a": 1.0}, "expected a dict"),
        ({"a": 2.0}, {"a": 1.0}, "at key 'a', it returned 2"),
        ("cat", "dog", "it returned 'cat', expected 'dog'"),
        (1, True, "expected True"),
    ],
)
def test_a_difference_is_put_into_words(actual, expected, words):
    assert words in str(compare(actual, expected))


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1, 1.0),
        (np.float32(0.5), 0.5),
        (np.array(2.0), 2.0),
        ([1.0, 2.0], np.array([1.0, 2.0])),
        ((1.0, [2.0]), (1.0, np.array([2.0]))),
        ({"a": 1.0, "more": 2.0}, {"a": 1.0}),
        (float("nan"), float("nan")),
        (1 + 1e-12, 1.0),
        (np.empty((0, 2)), np.empty((0, 2))),
    ],
)
def test_equal_values_are_equal(actual, expected):
    assert compare(actual, expected) is None


def failing(check, *args, **options) -> str:
    report = check(*args, **options)
    assert not report.passed
    return str(report)


def test_check_value_says_call_value_and_expectation():
    def double(x):
        return 3 * x

    assert failing(check_value, double, 2.0, expected=4.0) == (
        "✗ double(2): it returned 6, expected 4"
    )
    assert str(check_value(double, 2.0, expected=6.0)) == "✓ double(2) is 6"


def test_an_exception_is_put_into_words():
    def broken(x):
        return x[5]

    text = failing(check_value, broken, np.zeros(2), expected=0.0)
    assert "broken([0., 0.]) raised IndexError" in text


def test_check_shape():
    assert "has shape (2,), expected (3,)" in failing(check_shape, np.abs, np.ones(2), shape=(3,))
    assert check_shape(np.abs, np.ones(2), shape=(2,))
    assert "returned None" in failing(check_shape, lambda: None, shape=())


def test_check_unchanged():
    def scale(x):
        x *= 2
        return x

    assert "scale changed its argument 1" in failing(check_unchanged, scale, np.ones(2))
    point = np.ones(2)
    assert check_unchanged(np.abs, point)


def test_check_silent():
    assert "warned: overflow" in failing(check_silent, np.exp, np.array([1000.0]))
    assert "not a finite number" in failing(check_silent, lambda: np.inf)
    assert check_silent(np.exp, np.array([1.0, -1000.0]))


def test_check_reproducible():
    rng = np.random.default_rng(0)
    assert "two different answers" in failing(check_reproducible, lambda: rng.normal())
    assert check_reproducible(lambda: np.random.default_rng(0).normal())


def test_check_true():
    assert str(check_true(True, "fine", "not fine")) == "✓ fine"
    assert failing(check_true, lambda: False, "fine", "not fine") == "✗ not fine"
    assert "ZeroDivisionError" in failing(check_true, lambda: 1 / 0, "fine", "not fine")


def test_while_nbgrader_grades_a_failed_check_does_not_raise(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    report = check_value(abs, -1.0, expected=2.0)
    assert not report
    assert str(report).startswith("✗")
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    failing(check_value, abs, -1.0, expected=2.0)


def test_a_notebook_shows_the_message_and_no_traceback(capsys):
    shell = InteractiveShell.instance()
    shell.run_cell("from helpers import check_value\ncheck_value(abs, -1.0, expected=2.0)")
    shown = capsys.readouterr().out
    assert "✗ abs(-1): it returned 1, expected 2" in shown
    assert "Traceback" not in shown
    assert "checks.py" not in shown


def test_no_warning_of_a_students_function_gets_out(capfd):
    def noisy(x):
        warnings.warn("look out", stacklevel=1)
        return np.log(x)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_shape(noisy, np.zeros(2), shape=(2,))
    assert capfd.readouterr().err == ""


def test_a_prediction_is_remembered_and_compared():
    guess = Prediction("How many?", ["one", "two"])
    assert guess.reveal("two") == "You made no prediction. It is “two”."
    guess.choose("one")
    assert guess.reveal("two", "we count") == "You predicted “one”. It is “two”: we count."
    guess.choose("two")
    assert guess.reveal("two") == "You predicted “two”, and so it is."
    with pytest.raises(ValueError, match="'three' is not one of"):
        guess.choose("three")
    with pytest.raises(ValueError, match="'three' is not one of"):
        guess.reveal("three")
    assert "( ) one" in guess._repr_mimebundle_()["text/plain"]
