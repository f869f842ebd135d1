"""Each instant check passes, fails, and says what it saw."""

import warnings

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from helpers import (
    check_derivative,
    check_gradient,
    check_property,
    check_reproducible,
    check_shape,
    check_silent,
    check_true,
    check_unchanged,
    check_value,
    check_vjp,
    checks,
)
from helpers.checks import compare, describe


@pytest.mark.parametrize(
    ("actual", "expected", "words"),
    [
        (None, 1.0, "returned None"),
        ("1", 1.0, "it returned a string '1', expected real numbers"),
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
        ((1.0,), (1.0, 2.0), "1 value, expected 2"),
        (
            (1.0, 2.0, 3.0, 5.0),
            (1.0, 2.0, 3.0, 4.0),
            "the first, the second and the third are right",
        ),
        (
            (np.ones(3), np.ones(1), 2),
            np.ones(3),
            "a tuple of 3 things, expected one array; the first",
        ),
        (
            np.ones((2, 3)),
            np.ones((3, 2)),
            "expected an array of shape (3, 2) (the transpose has it)",
        ),
        (18.8915862, 18.8915884, "it returned 18.891586, expected 18.891588"),
        (1 + 3e-16, 1 + 2e-7, "it returned 1, expected 1.0000002"),
        (np.array([0, 0]), np.array([0.5, 0.2]), "it returned whole numbers"),
        ((v for v in (1.0, 2.0)), (1.0, 2.0), "collect them in a list"),
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

    assert failing(check_unchanged, scale, np.ones(2)) == (
        "✗ scale changed x: work on a copy, x.copy()"
    )
    assert check_unchanged(np.abs, np.ones(2))


def test_a_key_added_to_a_dict_is_a_change():
    def remember(w, state):
        state["n"] = 1
        return w

    assert "remember changed state" in failing(check_unchanged, remember, 1.0, {})
    assert str(check_unchanged(lambda w, state: w, 1.0, {})).endswith("leaves state as it was")


def test_warnings_that_are_switched_off_for_good_are_told():
    def numpys(z):
        np.seterr(all="ignore")
        return z

    def pythons(z):
        warnings.simplefilter("ignore")
        return z

    def scoped(z):
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return z

    def reset(z):
        warnings.resetwarnings()
        return z

    before = np.geterr()
    assert "switched warnings off" in check_silent(numpys, 1.0).text
    assert "switched warnings off" in check_silent(pythons, 1.0).text
    assert check_silent(scoped, 1.0)
    assert check_silent(reset, 1.0)
    assert np.geterr() == before


def test_check_silent():
    assert "warned: overflow" in failing(check_silent, np.exp, np.array([1000.0]))
    assert "not a finite number" in failing(check_silent, lambda: np.inf)
    assert check_silent(np.exp, np.array([1.0, -1000.0]))


def test_check_reproducible():
    rng = np.random.default_rng(0)
    assert "two different answers" in failing(check_reproducible, lambda: rng.normal())
    assert check_reproducible(lambda: np.random.default_rng(0).normal())


def test_check_property_says_what_was_returned():
    def double(x):
        return 2 * x

    report = check_property(
        double, 3.0, holds=lambda y: y == 6, text="it doubles", otherwise="6 was due"
    )
    assert str(report) == "✓ it doubles"
    text = failing(
        check_property, double, 3.0, holds=lambda y: y == 9, text="", otherwise="9 was due"
    )
    assert text == "✗ double(3): it returned 6; 9 was due"
    text = failing(check_property, double, 3.0, holds=lambda y: y["a"], text="", otherwise="a dict")
    assert text == "✗ double(3): it returned 6; a dict"


def test_a_step_alone_is_told_from_a_wrong_value():
    text = failing(
        check_value, lambda w, g: -0.5 * g, np.ones(2), np.ones(2), expected=np.ones(2) / 2
    )
    assert text.endswith("that is the right one minus w")


def test_of_a_single_number_nothing_is_told_that_may_be_chance():
    text = failing(check_value, lambda x: 2 * x, 3.0, expected=9.0)
    assert text.endswith("it returned 6, expected 9")


def test_a_large_value_is_praised_for_what_was_verified():
    report = check_value(np.arange, 12, expected=np.arange(12))
    assert str(report) == "✓ arange(12) is right in all its 12 entries"


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


# --- Whatever comes back ------------------------------------------------------------------------


class Strange:
    """Raises from whatever it is asked for."""

    def fail(self, *args):
        raise RuntimeError("no")

    __repr__ = __str__ = __eq__ = __len__ = __iter__ = __array__ = __float__ = __bool__ = fail
    __hash__ = None


def endless():
    inner: list = []
    inner.append(inner)
    return inner


def objects():
    array = np.empty(2, dtype=object)
    array[0] = Strange()
    return array


ODD = {
    "None": lambda: None,
    "ragged": lambda: [[1.0], [1.0, 2.0]],
    "four things": lambda: (np.ones(3), np.ones(1), 2, np.ones(3)),
    "a string": lambda: "forty-two",
    "control characters": lambda: "\x1b[31m\r\x07" * 99,
    "a dict": lambda: {"a": np.ones(3), (1, 2): None},
    "an object": lambda: Strange(),
    "objects in an array": objects,
    "a set": lambda: {1, 2},
    "itself": endless,
    "a generator": lambda: (x for x in range(3)),
    "a huge number": lambda: 10**5000,
    "a complex number": lambda: 1j,
    "a function": lambda: np.sin,
    "nothing": lambda: (),
    "a long text": lambda: "x" * 10**6,
    "many things": lambda: list(range(10**5)),
    "a large dict": lambda: {str(k): k for k in range(10**4)},
}


@pytest.mark.parametrize("kind", ODD)
def test_no_check_trips_over_what_a_function_returns(kind):
    odd = ODD[kind]
    one, square = 1.0, np.ones((3, 3))
    reports = [
        check_value(odd, expected=1.0),
        check_value(odd, expected=np.ones(3)),
        check_value(odd, expected=(1.0, np.ones(2))),
        check_value(odd, expected={"a": 1.0}),
        check_value(odd, expected=True),
        check_shape(odd, shape=(3,)),
        check_unchanged(odd),
        check_silent(odd),
        check_reproducible(odd),
        check_true(odd, "so", "not so"),
        check_property(odd, holds=lambda value: value > 0, text="so", otherwise="not so"),
        check_gradient(lambda x: np.sum(x), lambda x: odd(), square),
        check_gradient(lambda x: odd(), lambda x: x, square),
        check_gradient(lambda a, b: np.sum(a) * b, lambda a, b: odd(), (square, one)),
        check_gradient(lambda p: np.sum(p["a"]), lambda p: odd(), {"a": square}),
        check_vjp(lambda x: 2 * x, lambda error, x: odd(), square),
        check_vjp(lambda x: odd(), lambda error, x: x, square),
        check_derivative(np.sin, lambda x: odd(), at=[one]),
        check_derivative(lambda x: odd(), np.sin, at=[one]),
    ]
    for report in reports:
        text = str(report)
        assert len(text) < 600, text
        assert all(line.isprintable() for line in text.split("\n")), text
        assert text.count("\n") < 4, text
    assert not any(reports[:5])
    assert describe(odd())


@pytest.mark.parametrize("kind", ODD)
def test_no_check_trips_over_what_it_is_given(kind):
    given = ODD[kind]()

    def first(x, y):
        return y

    if kind != "a generator":  # which cannot be copied
        assert check_value(first, given, 2.0, expected=2.0)
        text = failing(check_value, first, given, 2.0, expected=3.0)
        assert len(text) < 300, text
        assert text.replace("\n", "").isprintable(), text


def test_a_long_error_is_cut():
    def broken():
        raise ValueError("x" * 10_000 + "\n" * 50 + "\x1b[2J")

    text = failing(check_value, broken, expected=1.0)
    assert len(text) < 600
    assert "\x1b" not in text


def test_an_error_beside_the_point_is_put_into_words():
    def edge(x):
        if x[0] > 1:
            raise ArithmeticError("too far")
        return x[0]

    text = str(check_gradient(edge, lambda x: np.ones(1), np.array([1.0])))
    assert "raised ArithmeticError: too far" in text
    text = str(check_derivative(lambda x: 1 // int(x < 1), np.sin, at=[1.0]))
    assert "raised ZeroDivisionError" in text


def test_a_loop_that_never_ends_costs_a_sentence(monkeypatch):
    monkeypatch.setattr(checks, "PATIENCE", 0.2)

    def endless(x):
        while True:
            pass

    reports = (
        checks.check_value(endless, 1.0, expected=1.0),
        checks.check_shape(endless, 1.0, shape=()),
        checks.check_property(endless, 1.0, holds=bool, text="", otherwise=""),
        check_gradient(lambda x: x @ x, endless, np.ones(2)),
    )
    for report in reports:
        assert not report
        assert "did not finish in 0.2 s: is there a loop that never ends?" in str(report)
    assert str(reports[0]).startswith("✗ endless(1): it did not finish")


def test_a_call_that_never_ends_is_named_with_the_function_that_it_was_given(monkeypatch):
    monkeypatch.setattr(checks, "PATIENCE", 0.2)

    def endless(derivative, start):
        while True:
            pass

    report = checks.check_value(endless, lambda x: 2 * x, 1.0, expected=1.0)
    assert str(report).startswith("✗ endless(")
    assert "and x" not in str(report)


def test_a_number_of_thousands_of_digits_is_told_by_its_size():
    assert describe(1 << 16610) == "2 ** 16610 or more"
    assert describe([-(3 << 16610)]) == "[-2 ** 16611 or less]"
