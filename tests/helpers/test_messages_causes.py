"""What a beginner reads of an error, of its cause and of the grader's questions."""

from __future__ import annotations

import linecache
import textwrap
from dataclasses import replace

import numpy as np
import pytest

import helpers
from autograder.exercises import find
from autograder.proving.record import record
from helpers._describing import is_are
from helpers.judging.diagnosis import diagnose
from helpers.judging.outcomes import fingerprint, outcomes
from helpers.judging.relations import Case
from helpers.judging.right import computed
from helpers.judging.structure import read
from helpers.judging.verdict import ask_one
from helpers.questions.base import arguments_of
from tests.helpers.beginners import BEGINNERS, NEVER, notebook, run_cell

# --- Where an error comes from ------------------------------------------------------------------


def told(answer: str, check: str) -> str:
    """What one line of a check prints, of a function that stands in an earlier cell."""
    checks = {name: getattr(helpers, name) for name in helpers.__all__}
    return run_cell(f"print({check})", notebook(answer, **checks), 9)


NONE = "returned None: does it end in a `return`?"

CAUSES = {
    "a part of None": (
        "def f(x):\n    x",
        "check_value(lambda: f(2)[0], expected=1)",
        f"✗ f(2) {NONE}",
    ),
    "None in a sum": (
        "def f(x):\n    x",
        "check_value(lambda: 1 + f(2), expected=1)",
        f"✗ f(2) {NONE}",
    ),
    "None to numpy": (
        "def f(x):\n    x",
        "check_silent(lambda: np.concatenate(f([1, 2])))",
        f"✗ f([1, 2]) {NONE}",
    ),
    "None compared": (
        "def f(x):\n    x",
        "check_true(lambda: f(1) < 2, 'a', 'b')",
        f"✗ f(1) {NONE}",
    ),
    "a function within": (
        "def g(x):\n    x\n\ndef f(x):\n    return 2 * g(x)",
        "check_value(f, 3.0, expected=6.0)",
        f"✗ g(x) {NONE}\n  in f, line 5 of its cell: return 2 * g(x)",
    ),
    "a method": (
        "class A:\n    def get(self):\n        pass\n\ndef f(x):\n    return A().get() + x",
        "check_value(f, 3.0, expected=6.0)",
        f"✗ A.get {NONE}",
    ),
    "a string in a product": (
        "def f(x):\n    return 'no'",
        "check_gradient(lambda x: x @ x, lambda x: x @ f(x), np.ones(2))",
        "✗ f(x) returned a string 'no'",
    ),
    "too few to unpack": (
        'def f(x):\n    """Returns a pair (a, b)."""\n    return 1.0, 2.0, 3.0\n'
        "def g(x):\n    a, b = f(x)\n    return a",
        "check_value(g, 3.0, expected=1.0)",
        "✗ f(x) must return a pair (a, b); it returned a tuple of 3 things",
    ),
    "shapes": (
        "def f(X, y):\n    return X.T @ (X * y)",
        "check_value(f, np.ones((4, 3)), np.ones(4), expected=1)",
        "the shapes (4,3) and (4,) do not fit together\n"
        "  in f, line 2 of its cell: return X.T @ (X * y)\n  there X has shape (4, 3), y (4,)",
    ),
    "shapes of attributes": (
        "class A:\n    def __init__(self):\n        self.W = np.ones((2, 3))\n"
        "    def get(self, x):\n        return x @ self.W",
        "check_value(lambda x: A().get(x), np.ones(3), expected=1)",
        "there x has shape (3,), self.W (2, 3)",
    ),
    "in place on whole numbers": (
        "def f(x):\n    x = x.copy()\n    x -= 0.5\n    return x",
        "check_value(f, np.array([1, 2]), expected=1)",
        "an array of whole numbers cannot take other numbers in place",
    ),
    "a power that is none, of an array": (
        "def f(x):\n    return x^2",
        "check_value(f, np.ones(2), expected=1)",
        "raised TypeError: ^ is no power in Python; that is **",
    ),
    "None in a line of its own": (
        "def f(x):\n    y = print()\n    return x - y",
        "check_value(f, 2.0, expected=1)",
        "raised TypeError: there is no - of float and None\n"
        "  in f, line 3 of its cell: return x - y\n  there x is 2, y is None",
    ),
    "names without values": (
        "def f(x):\n    a, b = x\n    return a",
        "check_value(f, np.ones(3), expected=1)",
        "raised ValueError: for 2 names there are more values",
    ),
    "zero": (
        "def f(n):\n    return 1 / (n - 1)",
        "check_value(f, 1, expected=1)",
        "raised ZeroDivisionError: division by zero\n"
        "  in f, line 2 of its cell: return 1 / (n - 1)\n  there n is 1\n",
    ),
    "a function for a number": (
        "def g(x):\n    return x\n\ndef f(x):\n    return 2 * g",
        "check_value(f, 1, expected=1)",
        "there g is a function",
    ),
    "a call of its own line": (
        "def f(x):\n    return x",
        "check_value(lambda x: f(x) + 1, 2.5, expected=1.0)",
        "✗ f(x) + 1 at x = 2.5: it returned 3.5, expected 1",
    ),
    "a lambda with a name": (
        "square = lambda x: x * x",
        "check_value(square, 3.0, expected=8.0)",
        "✗ square(3): it returned 9, expected 8",
    ),
    "a lambda given": (
        "def f(g, x):\n    return g(x)",
        "check_value(f, lambda x: x**2, 3.0, expected=8.0)",
        "✗ f(x ↦ x**2, 3): it returned 9, expected 8",
    ),
    "kept, and put back": (
        "y = np.ones(3)\n\ndef f(x, y):\n    y += x\n    return y[0]",
        "check_value(lambda: f(1.0, y), expected=2.0), y",
        "✗ f changed y: work on a copy, y.copy() [1. 1. 1.]",
    ),
    "unsolved": (
        "def f(x):\n    raise NotImplementedError",
        "check_value(lambda: f(2)[0], expected=1)",
        None,
    ),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_an_error_is_told_by_its_cause(cause):
    answer, check, expected = CAUSES[cause]
    if expected is None:
        assert told(answer, check).startswith("✗ f is not implemented yet: write your code at")
        return
    text = told(answer, check)
    assert expected in text
    assert not NEVER.search(text), text


def test_a_call_is_not_made_twice_where_nothing_went_wrong():
    calls = []
    names = notebook("def f(x):\n    calls.append(x)\n    return x", calls=calls)
    assert helpers.check_value(names["f"], 2.0, expected=2.0)
    assert calls == [2.0]


def test_a_line_that_is_only_text_here_is_never_run():
    """A grader raises a student's error again, from a line that the student wrote."""
    filename, ran = "<ipython-input-77-hostile>", []
    line = "trap()[0]()\n"
    linecache.cache[filename] = (len(line), None, [line], filename)
    code = compile("raise error", filename, "exec")

    def remote():
        exec(code, {"error": TypeError("no"), "trap": lambda: ran.append(1)})

    report = helpers.check_value(remote, expected=1.0)
    assert "raised TypeError: no\n  in line 1 of its cell: trap()[0]()" in str(report)
    assert not ran


# --- The grader's questions ---------------------------------------------------------------------


def asked(exercise: str, place: int, answer: str) -> str:
    """What one question says of an answer."""
    found = find(exercise)
    with np.errstate(all="ignore"):
        said = ask_one(
            found.asked,
            place,
            found.compile(textwrap.dedent(answer)),
            101,
            computed(found.reference),
        )
    return said or ""


STEP = "def momentum(w, gradient, state, learning_rate=0.01, alpha=0.9):\n    "
VELOCITY = 'v = alpha * state.get("v", 0) - learning_rate * gradient\n    '

QUESTIONS = {
    "one value for two": (
        ("momentum", 0, STEP + "return w"),
        "momentum must return (new w, new state); it returned an array of shape (2,)",
    ),
    "nothing": (("momentum", 0, STEP + "pass"), f"momentum {NONE}"),
    "state in place": (
        ("momentum", 3, STEP + VELOCITY + 'state["v"] = v\n    return w + v, state'),
        "momentum changed the `state` it was given: work on a copy, state.copy()",
    ),
    "y in place": (
        (
            "linear_rule",
            2,
            "def linear_rule(w, X, y, rate):\n    y -= X @ w\n    return w + 2 * rate * X.T @ y",
        ),
        "linear_rule changed y: work on a copy, y.copy()",
    ),
    "error in place": (
        (
            "ReLU",
            4,
            """
            class ReLU:
                def output(self, Z):
                    self.Z = Z
                    return np.maximum(Z, 0)

                def backprop(self, error):
                    error[self.Z <= 0] = 0
                    return error
            """,
        ),
        "ReLU changed error: work on a copy, error.copy()",
    ),
    "read only": (
        (
            "linear_rule",
            3,
            "def linear_rule(w, X, y, rate):\n    w += 2 * rate * X.T @ (y - X @ w)\n    return w",
        ),
        "raised ValueError: it writes into an array that is there to be read only",
    ),
    "an attribute named W": (
        ("Dense", 0, BEGINNERS["an attribute named W"][1]),
        "its output does not change with `layer.weights`",
    ),
    "what it was tried with": (
        ("Dense", 0, BEGINNERS["no bias"][1].replace("error.sum(axis=0)", "0 * error[0]")),
        "Dense, tried with weights of shape ",
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_speaks_as_a_check_does(question):
    given, expected = QUESTIONS[question]
    said = asked(*given)
    assert expected in said
    assert not NEVER.search(said), said


def test_an_error_alone_is_no_sign_of_an_edit():
    """Many edits raise the same error: the error is told, and no guess at one of them."""
    square = find("square")
    recorded = record(square)
    raises = square.compile("def square(x):\n    return x.nothing")
    mark = fingerprint(outcomes(square.asked, raises, recorded.rights))
    told = diagnose(square.asked, raises, replace(recorded, edits=(("sign", mark),)))
    assert not told.hypothesis
    doubled = square.compile("def square(x):\n    return 2.5 * x * x")
    mark = fingerprint(outcomes(square.asked, doubled, recorded.rights))
    told = diagnose(square.asked, doubled, replace(recorded, mistakes=(), edits=(("sign", mark),)))
    assert "2.5 times the right one" in str(told)


def test_parts_are_told_by_their_names_and_in_their_number():
    assert arguments_of((), lambda layer, weights, *more: None, 3) == [
        "weights",
        "more[0]",
        "more[1]",
    ]
    assert arguments_of(("w", "X"), None, 2) == ["w", "X"]
    sizes = [Case({"n": n}, np.arange(n), np.arange(n)) for n in (2, 3)]
    both = [Case(c.arguments, (c.got, 2.0 * k), (c.want, 1.0)) for k, c in enumerate(sizes, 2)]
    told = read(both, ("the batch sizes", "the loss"))
    assert told.right == "the batch sizes are right"
    told = read([Case(c.arguments, 2 * c.got, c.want) for c in sizes], ("the batch sizes",))
    assert told.wrong == "The batch sizes are exactly twice the right one"
    for name, verb in (("the loss", "is"), ("the bias", "is"), ("dw", "is"), ("weights", "are")):
        assert is_are([name]) == f"{name} {verb}"
