"""What is wrong with a value is read from its structure."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.judging.outcomes import mark
from helpers.judging.places import only
from helpers.judging.relations import ROWS, Case, on_rows
from helpers.judging.structure import read

STRUCTURES = {
    "twice": (lambda X, want: 2 * want, "is exactly twice the right one"),
    "half": (lambda X, want: want / 2, "is exactly half of the right one"),
    "a third": (lambda X, want: want / 3, "is exactly 1/3 of the right one"),
    "sign": (lambda X, want: -want, "is the right one with its sign turned round"),
    "rows": (lambda X, want: want * len(X), "is exactly `len(X)` times the right one"),
    "columns": (lambda X, want: want / X.shape[1], "the right one divided by `X.shape[1]`"),
    "minus rows": (lambda X, want: -want * len(X), "is minus exactly `len(X)` times"),
    "zero": (lambda X, want: 0 * want, "is 0 everywhere"),
    "seven": (lambda X, want: 0 * want + 7, "is 7 on every input that was tried"),
    "transposed": (lambda X, want: want.T, "is transposed"),
    "flat": (lambda X, want: want.ravel(), "has the right numbers in the shape"),
    "offset": (lambda X, want: want + 0.5, "is too large by 0.5 everywhere"),
    "square": (lambda X, want: want**2, "is the square of the right one"),
    "rest": (lambda X, want: 1 - want, "is 1 minus the right one"),
    "affine": (lambda X, want: 2 * want - 1, "is 2 times the right one minus 1"),
    "itself": (lambda X, want: X, "is `X` itself"),
    "size": (lambda X, want: np.full(X.shape, len(X)), "is `len(X)` in every place"),
    "back": (lambda X, want: 2 * X - want, "is `X` plus the right step with its sign turned"),
    "longer": (lambda X, want: X + 3 * (want - X), "`X` plus exactly 3 times the right step"),
    "step": (lambda X, want: X - want, "is the right step from `X` with its sign turned"),
    "nan": (lambda X, want: np.nan * X, "is nan in every place"),
    "empty": (lambda X, want: want[want != want], "is empty: there is no entry in it"),
    "spread out": (lambda X, want: np.full(X.shape, want.mean()), "the average of the right ones"),
    "whole": (lambda X, want: np.floor(want), "is a whole number in each"),
    "bound": (lambda X, want: np.minimum(want, 0.25), "is right, but never above 0.25"),
    "last row": (lambda X, want: want[-1] + 0 * want, "the same row everywhere"),
    "unit": (lambda X, want: want / np.linalg.norm(want), "but always the length 1"),
    "longer each time": (lambda X, want: want * np.exp(X[0, 0]), "has the right direction"),
    "below": (lambda X, want: want * np.where(X < 0, 1.5, 1), "is wrong only where `X` is below 0"),
    "above": (lambda X, want: want + X**2, "is too large in every place"),
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


def test_rows_and_columns_that_should_add_up_to_one_are_told_apart():
    rng = np.random.default_rng(0)
    cases = []
    for shape in ((5, 3), (2, 4), (3, 6)):
        e = np.exp(rng.normal(size=shape))
        cases.append(Case({}, e / e.sum(axis=0), e / e.sum(axis=1, keepdims=True)))
    said = read(cases, ()).wrong
    assert said == "Your result has columns that add up to 1, where its rows should"


def test_a_path_is_read_as_one():
    rng = np.random.default_rng(0)
    frozen, late = [], []
    for count in (5, 6, 8):
        want = np.cumsum(rng.normal(size=count))
        frozen.append(Case({}, want[0] + (want[1] - want[0]) * np.arange(count), want))
        late.append(Case({}, np.append(want[:2], 2 * want[2:]), want))
    assert "makes its first step, which is right, again and again" in (read(frozen, ()).wrong or "")
    assert "is right in its first two entries only" in (read(late, ()).wrong or "")


def test_tiny_numbers_are_compared_as_others_are():
    """Their squares are 0; so a factor would hold for whatever is returned."""
    want = np.array([3e-307, 4e-307])
    cases = [Case({}, 2 * want, want), Case({}, np.array([5e-307, 1e-307]), want)]
    assert "twice" not in (read(cases, ()).wrong or "")
    assert "exactly twice" in (read(cases[:1], ()).wrong or "")


def test_what_is_wrong_in_one_place_is_not_wrong_everywhere():
    """Though it is so little that the other places seem to be off by as much."""
    want = np.array([1e-12, 0.3, 0.9])
    cases = [Case({}, want + np.array([2e-9, 0, 0]), want)]
    assert "everywhere" not in (read(cases, ()).wrong or "")
    assert "by 2e-09 everywhere" in (read([Case({}, want + 2e-9, want)], ()).wrong or "")


def test_the_words_for_which_it_is_wrong_are_at_most_half_of_those_given():
    given = [{"operation": word} for word in "+*@-" * 4]
    assert only(given, [a["operation"] in "+*" for a in given]) == "`operation` is '*' or '+'"
    assert only(given, [a["operation"] in "+*@" for a in given]) is None
    assert only(given, [a["operation"] == "+" for a in given]) == "`operation` is '+'"


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
