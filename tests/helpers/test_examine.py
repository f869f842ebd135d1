"""`examine`: the judge's questions in the student's notebook, and nothing that answers them."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import numpy as np
import pytest

from helpers import examine
from helpers.judging import examining
from helpers.judging.examining import Examined


def answer(source: str, name: str, **names) -> object:
    """What a cell with this source defines under this name."""
    namespace = {"np": np, **names}
    exec(textwrap.dedent(source), namespace)
    return namespace[name]


def told(given: object) -> str:
    with pytest.raises(Examined) as found:
        examine(given)
    return str(found.value)


def square(x):
    return x * x


def test_a_right_answer_is_told_what_it_was_asked(capsys):
    examine(square)
    assert capsys.readouterr().out == "square: 1 of 1 point\n  ✓ the right value (1/1)\n"


def test_a_mistake_is_named_and_the_grade_is_told():
    text = told(answer("def square(x):\n    return 2 * x\n", "square"))
    assert text.startswith("square: 0 of 1 point\n  ✗ the right value (0/1)\n      square(")
    assert "It doubles x; doubling is not squaring. (almost certain)" in text


def test_what_is_not_written_yet_is_said_in_one_line_and_run_all_goes_on(monkeypatch, capsys):
    unsolved = answer("def square(x):\n    raise NotImplementedError\n", "square")
    examine(unsolved)
    said = "square is not implemented yet: write your code at “YOUR CODE HERE”."
    assert capsys.readouterr().out == f"✗ {said}\n"
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert told(unsolved) == said


def test_it_says_nothing_while_a_submission_is_graded(monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    examine(answer("def square(x):\n    return 2 * x\n", "square"))
    assert capsys.readouterr().out == ""


def test_a_lambda_is_known_by_its_name_in_the_notebook(capsys):
    examine(answer("square = lambda x: x * x", "square"))
    assert "1 of 1" in capsys.readouterr().out


def test_something_that_is_no_exercise_is_refused():
    with pytest.raises(ValueError, match="cube is none"):
        examine(answer("def cube(x):\n    return x**3\n", "cube"))
    with pytest.raises(ValueError, match="as in examine"):
        examine(square(3.0))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("while True: pass", "is there a loop that never ends?"),
        ("raise SystemExit", "raised SystemExit"),
        ("import sys; sys.exit(3)", "raised SystemExit"),
        ("print('x' * 10_000_000)", "it returned None"),
        ("while True:\n        print('flood')", "is there a loop that never ends?"),
        ("return f(x + 1)\n\nf = lambda x: f(x)", "RecursionError"),
    ],
)
def test_whatever_an_answer_does_costs_a_sentence(monkeypatch, capfd, body, words):
    monkeypatch.setattr(examining, "PATIENCE", 0.3)
    assert words in told(answer(f"def square(x):\n    {body}\n", "square"))
    assert len(capfd.readouterr().out) < 1000


def test_an_answer_that_changes_its_arguments_changes_none_of_ours(capsys):
    source = """
        def update_weights(W, gradient, learning_rate):
            W -= learning_rate * gradient
            return W
    """
    first = told(answer(source, "update_weights"))
    assert first == told(answer(source, "update_weights"))
    examine(square)


def test_an_answer_that_counts_its_calls_is_told_the_same_twice():
    """A check leaves nothing behind, so running a cell again never breaks what was right."""
    kept = answer("calls = []\ndef square(x):\n    calls.append(x)\n    return x * x\n", "square")
    examine(kept)
    examine(kept)


WRONG_SIGMOID = "def sigmoid(z):\n    return 1 / (1 + np.exp(z))\n"
DERIVATIVE = """
    def sigmoid_derivative(z):
        s = sigmoid(z)
        return s * (1 - s)

"""


def test_an_earlier_answer_that_is_wrong_is_named_first():
    both = textwrap.dedent(WRONG_SIGMOID) + textwrap.dedent(
        "def sigmoid_rule(w, X, y, learning_rate):\n"
        "    a = sigmoid(X @ w)\n"
        "    return w + 2 * learning_rate * X.T @ ((y - a) * a * (1 - a))\n"
    )
    with pytest.raises(examining.CheckFailed) as found:
        examine(answer(both, "sigmoid_rule"))
    assert "sigmoid_rule uses sigmoid, which is not right yet" in str(found.value)


def test_what_is_right_all_the_same_is_said():
    """An earlier answer that is nearly right hides nothing of a later one."""
    naive = "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))\n" + textwrap.dedent(DERIVATIVE)
    with np.errstate(over="ignore"), pytest.raises(examining.CheckFailed) as found:
        examine(answer(naive, "sigmoid_derivative"))
    assert "✓" in str(found.value)
    assert "sigmoid_derivative uses sigmoid, which is not right yet" in str(found.value)


def test_it_takes_helpers_and_numpy_alone(tmp_path):
    """No autograder, no network, no other package of the course's."""
    code = """
        import sys
        sys.modules["autograder"] = None
        from helpers.judging.examining import examine
        def square(x):
            return x * x
        examine(square)
        heavy = {"nbgrader", "sklearn", "IPython", "jupytext", "socket"} & set(sys.modules)
    """
    place = examining.__file__.rpartition("helpers")[0]
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={"PYTHONPATH": place, "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "square: 1 of 1 point" in ran.stdout, ran.stderr
