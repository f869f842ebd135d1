"""A wrong answer is explained by its structure, a misconception or an edit; at most by one."""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace

import numpy as np
import pytest

from autograder.exercises import exercises, find
from autograder.judge import SECRET, diagnose, judge, student_seed
from autograder.proving.mutants import mutants
from autograder.proving.prove import prove
from helpers.judging.dependence import moved_by
from helpers.judging.outcomes import fingerprint, mark, outcomes
from helpers.judging.recorded import record_of
from helpers.judging.right import computed
from helpers.questions.base import Asked
from helpers.questions.usual import value


def told(name: str, source: str) -> str:
    return str(diagnose(find(name), find(name).compile(textwrap.dedent(source))))


def read_alone(name: str, source: str) -> str:
    """What is said of an answer that no page knows."""
    answer = find(name).compile(textwrap.dedent(source))
    return str(diagnose(find(name), answer, replace(record_of(name), mistakes=())))


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
    assert said == (
        "In “loss and gradient” the gradient is exactly 3 times the right one; the loss is right."
    )


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
    assert said == "db is wrong; in “loss, dw and db” the loss and dw are right."


SLOW_STEPS = """
def gradient_descent(derivative, start, learning_rate, steps):
    path = [start]
    for k in range(steps):
        x = path[-1]
        path.append(x - (learning_rate + 0.01 * (k + 1)) * derivative(x))
    return np.array(path)
"""


def test_an_edit_is_told_only_where_its_kind_helps_and_is_the_only_one():
    """Known by its fingerprint, for which a name, a sign or a number could stand for too much."""
    exercise = find("gradient_descent")
    answer = exercise.compile(SLOW_STEPS)
    with np.errstate(all="ignore"):
        known = fingerprint(outcomes(exercise.asked, answer, computed(exercise.reference)))
    plain = replace(record_of("gradient_descent"), mistakes=())
    said = {}
    for kinds in (("name",), ("comparison",), ("comparison", "name")):
        record = replace(plain, edits=tuple((kind, known) for kind in kinds))
        said[kinds] = str(diagnose(exercise, answer, record))
    assert said["name",] == said["comparison", "name"]
    assert (
        said["name",]
        == "In “every point of the path” your result is right in its first entry only."
    )
    assert "It behaves as if a comparison went the other way" in said["comparison",]


def test_what_a_later_question_refutes_is_not_said_to_be_right():
    """Nor is it said of the whole answer, where it was seen in one question."""
    said = read_alone(
        "penalty",
        """
        def penalty(w, l1, l2):
            gradient = l1 * np.divide(w, np.abs(w)) + 2 * l2 * w
            gradient[-1] = 0
            return l1 * np.sum(np.abs(w[:-1])) + l2 * np.sum(w[:-1] ** 2), gradient
        """,
    )
    assert said.startswith("All is right but “weights of 0, which L1 pulls neither way")
    assert "its gradient is wrong only where `w` is 0" in said
    said = read_alone(
        "softmax_loss",
        """
        def softmax_loss(W, X, labels):
            p = softmax(X @ W.T)
            rows = np.arange(len(X))
            loss = -np.mean(np.log(p[rows, labels]))
            p[rows, labels] -= 1
            return loss, p.T @ X / len(X)
        """,
    )
    assert said == "All is right but “finite and silent for scores of ±1000”."


def test_where_hardly_anything_is_right_that_is_named():
    said = read_alone(
        "derivatives_by_hand",
        """
        def derivatives_by_hand(x, a):
            h = 1e-4
            five = (np.cos, lambda t: a * t, lambda t: t**3 - 2 * t)
            five += (lambda t: np.exp(-(t**2)), lambda t: 1 / (1 + t**2))
            return tuple((f(x + h) - f(x)) / h for f in five)
        """,
    )
    assert said == "Only “five numbers, at least one of them right” and “(a·x)'” are right."


def test_arguments_for_which_it_is_wrong_are_named():
    said = read_alone(
        "difference_quotient",
        """
        def difference_quotient(f, x, h):
            return (f(x + abs(h)) - f(x)) / h
        """,
    )
    assert said == "It is wrong where `h` is below 0, and right elsewhere."
    said = read_alone(
        "forward_gradient",
        """
        def forward_gradient(f, x, h=1e-6):
            gradient, here = np.zeros_like(x), f(np.array(x, dtype=float))
            for index in np.ndindex(np.shape(x)):
                moved = np.array(x, dtype=float)
                moved[index] += h
                gradient[index] = (f(moved) - here) / h
            return gradient
        """,
    )
    assert said.startswith("All is right but “integer and float32 x”")


def test_what_only_coincides_with_the_cause_is_not_named():
    """Half-lives are whole at small rates too, and a path of two weights has several steps; that
    all tables of one odd number of rows are among the wrong ones says nothing of odd numbers.
    """
    said = read_alone(
        "inverse_decay",
        """
        def inverse_decay(learning_rate, step, half_life):
            if learning_rate > 1:
                raise ValueError("a rate is at most 1")
            return learning_rate / (1 + step / half_life)
        """,
    )
    assert said == ""
    said = read_alone(
        "descend",
        """
        def descend(rule, gradient, start, steps, **settings):
            w, state = np.array(start, dtype=float), {}
            path = [w.copy()]
            for _ in range(steps):
                new, state = rule(w, gradient(w), state, **settings)
                w[:] = new
                path.append(w)
            return np.array(path)
        """,
    )
    assert said == ""
    said = read_alone(
        "train_epoch",
        """
        def train_epoch(network, loss_gradient, X, Y, learning_rate, batch_size, rng):
            order = rng.permutation(len(X))
            for k in range(0, len(X), batch_size):
                rows = order[k : k + batch_size]
                values = X[rows]
                for module in network:
                    values = module.output(values)
                error = loss_gradient(values, Y[rows])
                for module in reversed(network):
                    error = module.backprop(error)
                for module in network:
                    if hasattr(module, "weights"):
                        module.weights = module.weights - learning_rate * module.gradient
            rng.permutation(len(X))
        """,
    )
    assert said == "All is right but “long networks, three epochs”."


def test_calls_that_are_missing_are_not_told_as_calls_too_many():
    source = textwrap.dedent(
        """
        def random_search(score, space, data, trials, rng):
            scores = {}
            for _ in range(trials):
                drawn = {name: values[rng.integers(len(values))] for name, values in space.items()}
                last = tuple(drawn.values())
                if last not in scores:
                    scores[last] = score(drawn, data["train"], data["validation"])
            best = max(scores, key=scores.get)
            return dict(zip(space, best)), scores[best]
        """
    )
    answer = find("random_search").compile(source)
    for seed in range(20):
        reason = judge(find("random_search"), answer, seed).reason
        assert re.search(r"score was called \d+ times; expected", reason), reason


def test_what_is_kept_between_calls_is_noticed():
    said = told(
        "gradient_descent",
        """
        def gradient_descent(derivative, start, learning_rate, steps, path=[]):
            path.append(start)
            for _ in range(steps):
                path.append(path[-1] - learning_rate * derivative(path[-1]))
            return np.array(path)
        """,
    )
    assert said.startswith("The same call does not give the same twice")


def test_errors_are_not_explained_by_edits():
    said = read_alone("layer", "def layer(X, W, b):\n    return sigmoid(X @ W + b)\n")
    assert "It behaves" not in said
    assert said in ("", "Every call ends in an error.")


def test_what_was_not_returned_is_named():
    said = read_alone(
        "ReLU",
        """
        class ReLU:
            def output(self, Z):
                self.on = Z > 0

            def backprop(self, error):
                return error * self.on
        """,
    )
    assert said.startswith("The output is None; in “output, and error handed down” the error")


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


@pytest.mark.parametrize("given", ["path", "tuple(path)", "np.array(path)"])
def test_a_path_in_a_list_is_one_thing_of_which_each_entry_may_change(given):
    source = f"""
        def gradient_descent(derivative, start, learning_rate, steps):
            path = [start]
            for _ in range(steps):
                path.append(path[-1] - SLOPE)
            return {given}
        """
    twice = told(
        "gradient_descent", source.replace("SLOPE", "2 * learning_rate * derivative(path[-1])")
    )
    assert "does not change" not in twice
    uphill = told(
        "gradient_descent", source.replace("SLOPE", "-learning_rate * derivative(path[-1])")
    )
    assert "Your path climbs" in uphill
    fixed = told("gradient_descent", source.replace("SLOPE", "0.3 * derivative(path[-1]) + 0.01"))
    assert "does not change with `learning_rate`, and should" in fixed


def test_what_is_one_thing_may_lie_in_tuples_within_a_list():
    asked = find("gradient_descent").asked
    names = ("derivative", "start", "learning_rate", "steps")
    nested = moved_by(asked, lambda d, x, rate, n: [x, (x, (n, rate * d(x)))], names, whole=True)
    assert nested[0, "learning_rate"]
    assert not moved_by(asked, lambda d, x, rate, n: [x, (x, (n,))], names, whole=True)[
        0, "learning_rate"
    ]


def test_a_reason_in_words_that_is_right_is_not_called_wrong():
    said = read_alone(
        "descend_until",
        """
        def descend_until(derivative, start, learning_rate, tolerance, max_steps):
            x, steps = start, 0
            while True:
                slope = derivative(x)
                if not np.isfinite(slope):
                    return slope, steps, "diverged"
                if abs(slope) <= tolerance:
                    return slope, steps, "flat"
                if steps == max_steps:
                    return slope, steps, "out of steps"
                x, steps = x - learning_rate * slope, steps + 1
        """,
    )
    assert "the step count and the reason are right" in said
    assert "reason are wrong" not in said


def test_a_number_is_the_same_whoever_made_it():
    """`np.where` makes an array of a number, and a comparison times 1.0 a float."""
    one, other = (np.where(2.0 > 1, 1.0, 0.0), np.float64(2), 3.0), ((2.0 > 1) * 1.0, 2.0, 3.0)
    assert mark(one) == mark(other)
    assert mark(one) != mark((0.0, 2.0, 3.0))
