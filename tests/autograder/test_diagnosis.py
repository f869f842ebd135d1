"""A wrong answer is explained by its structure, a misconception or an edit; at most by one."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import numpy as np
import pytest

from autograder.exercises import exercises, find
from autograder.judge import SECRET, diagnose, judge, student_seed
from autograder.mutants import mutants
from autograder.prove import prove
from helpers.judging.outcomes import mark
from helpers.judging.relations import ROWS, Case, on_rows
from helpers.judging.structure import read
from helpers.questions.base import Asked
from helpers.questions.usual import value


def told(name: str, source: str) -> str:
    return str(diagnose(find(name), find(name).compile(textwrap.dedent(source))))


def test_a_factor_is_named_by_where_it_comes_from():
    said = told(
        "softmax_loss",
        """
        def softmax_loss(W, X, labels):
            p = np.exp(X @ W.T)
            p = p / p.sum(axis=1, keepdims=True)
            rows = np.arange(len(X))
            loss = -np.mean(np.log(p[rows, labels]))
            p[rows, labels] -= 1
            return loss, 3 * p.T @ X / len(X)
        """,
    )
    assert "The gradient is exactly 3 times the right one; the loss is right." in said


STRUCTURES = {
    "twice": (lambda X, want: 2 * want, "is exactly twice the right one"),
    "half": (lambda X, want: want / 2, "is exactly half of the right one"),
    "a third": (lambda X, want: want / 3, "is exactly 1/3 of the right one"),
    "sign": (lambda X, want: -want, "is the right one with its sign turned round"),
    "rows": (lambda X, want: want * len(X), "is exactly `len(X)` times the right one"),
    "columns": (lambda X, want: want / X.shape[1], "the right one divided by `X.shape[1]`"),
    "minus rows": (lambda X, want: -want * len(X), "is minus exactly `len(X)` times"),
    "zero": (lambda X, want: 0 * want, "is 0 everywhere"),
    "seven": (lambda X, want: 0 * want + 7, "is 7 whatever it is given"),
    "transposed": (lambda X, want: want.T, "is transposed"),
    "flat": (lambda X, want: want.ravel(), "has the right numbers in the shape"),
    "offset": (lambda X, want: want + 0.5, "is too large by 0.5 everywhere"),
    "argument": (lambda X, want: want - X, "is the right one minus `X`"),
    "sizes": (lambda X, want: abs(want), "has lost its signs"),
    "summed": (lambda X, want: want.sum(), "is one number: entries that should stay apart"),
    "over rows": (lambda X, want: want.sum(axis=0), "lacks axis 0"),
    "averaged": (lambda X, want: want.mean(axis=0), "lacks axis 0"),
    "spread": (lambda X, want: np.stack([want / 2, want / 2]), "one axis too many"),
    "reverse": (lambda X, want: want[::-1], "in reverse order"),
    "shuffled": (lambda X, want: np.roll(want, 1, axis=1), "in other places"),
    "rounded": (lambda X, want: np.round(want, 3), "is rounded to 3 digits"),
    "near": (lambda X, want: want * (1 + 1e-3 * np.sin(want)), "is close to the right one"),
    "first row": (lambda X, want: want * (np.arange(len(X)) > 0)[:, None], "but for its first row"),
}


@pytest.mark.parametrize("kind", STRUCTURES)
def test_what_is_wrong_with_a_value_is_read_from_it(kind):
    wrong, words = STRUCTURES[kind]
    rng = np.random.default_rng(0)
    cases = []
    for shape in ((5, 3), (2, 4), (3, 6)):
        X = rng.normal(size=shape)
        cases.append(Case({"X": X}, wrong(X, np.sin(3 * X)), np.sin(3 * X)))
    assert words in (read(cases, ()).wrong or "")


def test_a_structure_must_hold_on_every_shape():
    """Divided by 5 is not divided by the number of rows, though the first has five."""
    rng = np.random.default_rng(0)
    cases = []
    for shape in ((5, 3), (2, 4)):
        X = rng.normal(size=shape)
        cases.append(Case({"X": X}, X / 5, X))
    assert read(cases, ()).wrong == "Your result is exactly 1/5 of the right one"


def test_only_a_part_of_the_batch_is_seen():
    rng = np.random.default_rng(0)

    def mean(X, y):
        return X.T @ y / len(y)

    cases = []
    for n, m in ((5, 3), (7, 2), (4, 6)):
        X, y = rng.normal(size=(n, m)), rng.normal(size=n)
        cases.append(Case({"X": X, "y": y}, mean(X[:-1], y[:-1]), mean(X, y)))
    rows = [
        (words, [mark([mean(*on_rows(case, chosen)) for case in cases])]) for words, chosen in ROWS
    ]
    assert "the last example were left out" in (read(cases, (), rows).wrong or "")


def test_where_nothing_explains_it_what_is_right_is_said():
    said = told(
        "logistic_loss",
        """
        def logistic_loss(w, b, X, y):
            z = X @ w + b
            dz = sigmoid(z) - y
            return np.mean(np.logaddexp(0.0, z) - y * z), X.T @ dz / len(y), np.tanh(np.mean(dz))
        """,
    )
    assert said == "The loss and dw are right."


def test_an_edit_that_nobody_thought_of_is_explained_by_its_kind():
    said = told(
        "gradient_descent",
        """
        def gradient_descent(derivative, start, learning_rate, steps):
            path = [start]
            for k in range(steps):
                x = path[-1]
                path.append(x - steps * derivative(x))
            return np.array(path)
        """,
    )
    assert said == (
        "Your result is right in its first entry only. "
        "It behaves as if, in one place, a variable were taken for another. (possible)"
    )


def test_a_right_answer_has_nothing_to_explain():
    for exercise in exercises("03-sigmoid-rule"):
        for form in exercise.page.others:
            diagnosis = diagnose(exercise, exercise.compile(form.source))
            assert (diagnosis.hypothesis, diagnosis.structure) == (None, None), form.name


def test_mutants_are_one_token_away():
    source = "def f(x, y):\n    return x - 2 * y\n"
    lines = {mutant.line for mutant in mutants(source)}
    assert {"return x + 2 * y", "return x - 3 * y", "return y - 2 * y", "return x - 2 / y"} <= lines
    assert "return x - 2 * y" not in lines
    assert len(lines) == len(list(mutants(source)))


def test_a_bank_that_accepts_something_wrong_is_told_so():
    """The proof itself can fail: an exercise whose test looks at one input only."""
    square = find("square")
    weak = replace(square, asked=Asked("square", value(1, lambda rng: [(2.0,)])))
    faults = prove(weak, seeds=2, right_seeds=1).faults
    assert any("misconception “doubles” accepted" in fault for fault in faults)
    assert any("mutant accepted on every seed: return x + x" in fault for fault in faults)
    strict = replace(weak, reference=lambda x: x**3)
    assert any("the reference refused" in fault for fault in prove(strict, 1, 1).faults)


def test_the_seed_is_the_students_own_and_shown_where_points_are_lost(monkeypatch, tmp_path):
    assert student_seed("square") == 20
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setenv(SECRET, "of this class")
    seeds = set()
    for student in ("ada", "bo"):
        folder = tmp_path / student / "01-derivatives"
        folder.mkdir(parents=True)
        monkeypatch.chdir(folder)
        seeds |= {student_seed("square"), student_seed("linear_model"), student_seed("square")}
    assert len(seeds) == 4
    seed = student_seed("square")
    verdict = judge(find("square"), lambda x: 2 * x, seed)
    assert f"The inputs were drawn from seed {seed}." in str(verdict)
    assert str(verdict) == str(judge(find("square"), lambda x: 2 * x, seed))
    assert "seed" not in str(judge(find("square"), lambda x: x * x, seed))
