"""What several exercises of this lesson are asked on."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np

from helpers._comparing import compare
from helpers.questions.base import Question, Wrong, different, numbers, parts, run, tiny
from helpers.questions.usual import exact, kinds, left_alone, silent, value


def sizes(rng):
    """Examples and features: two general cases, a batch of one, a single feature, a square, and a
    single number."""
    n, m, k = different(rng, 3, 2, 6)
    return (n, m), (m, k), (1, n), (k, 1), (k, k), (1, 1)


def some_tiny(rng, n, m):
    """Positive inputs, and positive weights so small that no sum is large; where some features
    are tiny, their weights are 0: what is then added to them shows to the last digit."""
    X, w = rng.uniform(0.1, 0.5, size=(n, m)), rng.uniform(0.1, 0.5, size=m)
    places = rng.permutation(m)[: (m + 1) // 2]
    X[:, places], w[places] = tiny(rng, (n, len(places))), 0.0
    return X, w


def logits(rng):
    yield (rng.uniform(-1.5, 1.5, size=12),)  # near 0, where a wrong border would show
    yield (rng.permutation([1, 1, -1, -1]) * rng.uniform(5.5, 8, size=4),)  # nearly saturated
    for shape in ((5,), (2, 3), (1,), (3, 3), (1, 4), (4, 1)):
        yield (rng.normal(0, 2, size=shape),)
    yield (rng.normal(0, 2, size=(2, 4)).T,)
    yield (float(rng.normal()),)
    yield (0.0,)
    yield (np.append(rng.normal(size=2), 0.0),)


def classes(rng):
    for n, m in sizes(rng):
        y = rng.integers(0, 2, size=n).astype(float)
        yield 0.7 * rng.normal(size=m), float(rng.normal()), rng.normal(size=(n, m)), y
    # A steep loss, upwards and downwards, at an undecided unit.
    X = rng.uniform(20, 30, size=(4, 2)) * [1.0, -1.0]
    yield 0.001 * rng.normal(size=2), 0.1, X, np.zeros(4)


def some_classes(rng):
    """A general case, a batch of one, a single feature, and a square."""
    return islice(classes(rng), 1, 5)


def undecided(rng):
    """No unit so certain that a loss kept finite by clipping would show, even for whole numbers."""
    for w, b, X, y in classes(rng):
        yield w, b, 0.3 * X, y


def unlikely(rng, n, m):
    """Inputs and weights of scores near −18.5: what is added to so small a probability shows."""
    return rng.uniform(0.97, 1.03, size=(n, m)), np.full(m, -18.5 / m)


def tiny_classes(rng):
    """All examples of one class, so that nothing cancels."""
    for n, m in sizes(rng):
        X, w = some_tiny(rng, n, m)
        yield w, float(rng.uniform(-0.5, 0.5)), X, np.full(n, float(rng.integers(2)))


def certain(rng):
    X = np.array([[1.0, 0.0], [-1.0, 0.0], [1.0, 1.0], [-1.0, 1.0]])
    w, order = np.array([rng.uniform(800, 1000), 0.5]), rng.permutation(4)
    yield w, 0.25, X[order], np.array([1.0, 0.0, 0.0, 1.0])[order]


def confident(rng):
    """Weights, inputs and labels: scores of 1000 and −1000, for which `sigmoid` is finite still,
    and two less far out."""
    x, w = rng.normal(size=(2, 3)), rng.normal(size=3)
    w *= 1000 / np.max(np.abs(x @ w))
    yield w, np.vstack([x, -x]), np.array([0.0, 1.0, 0.0, 1.0])


CERTAIN = 40.0, 900.0
"""Scores at which σ is 1, and 1 − σ is 0, to all digits."""


def dear(loss, score):
    """A certain mistake costs as much as its score, and less where the answer keeps that finite by
    keeping probabilities away from 0; but much.
    """
    loss = numbers(loss)
    if loss.shape != ():
        raise Wrong("the loss is one number")
    if not (np.isfinite(loss) and loss > 10):
        due = "certain and wrong should cost much, but a finite number"
        raise Wrong(f"{due}; your loss is {float(loss):.4g}")
    if loss > 1.000001 * score:
        due = (
            f"a score of {score:g} for the wrong class costs {score:g}, or less where it is clipped"
        )
        raise Wrong(f"{due}; your loss is {float(loss):.4g}")


def dear_too(question, ask):
    """The question, and besides that a certain mistake is dear. ask(f, score): what f returns."""

    def test(f, rng, right):
        question.test(f, rng, right)
        for score in CERTAIN:
            dear(ask(f, score), score)

    return replace(question, test=test)


def punished(f, rng, right):
    """A confident mistake costs a lot, a confident hit nothing; how it is kept finite is free, and
    changes nothing where the loss is finite anyway.
    """
    doubt, little = unlikely(rng, 3, 2)
    doubted = little, 0.0, doubt, np.ones(3)
    by_itself = right(*doubted)[0]

    def cost(score, y):
        answer = run(f, (np.array([score]), 0.0, np.array([[1.0]]), np.array([y])))
        loss, *_ = map(numbers, parts(f, answer, "loss", "dw", "db"))
        return loss

    for score in CERTAIN:
        dear(cost(score, 0.0), score)
        dear(cost(-score, 1.0), score)
    for fine in (cost(CERTAIN[-1], 1.0), cost(-CERTAIN[-1], 0.0)):
        if fine.shape != ():
            raise Wrong("the loss is one number")
        if not abs(fine) < 1e-6:
            raise Wrong(f"certain and right should cost nothing; your loss is {float(fine):.4g}")
    if compare(parts(f, run(f, doubted), "loss", "dw", "db")[0], by_itself):
        raise Wrong("where a is near 1e-8 the loss is finite by itself, and yours is another one")


def logistic_properties(digits=2):
    """digits: the points for the last of them."""
    return (
        value(1, classes, rtol=1e-5, says="loss, dw and db"),
        exact(digits, tiny_classes, rtol=1e-10),
        silent(1, certain, free=True, says="finite and silent where a = 0 and a = 1"),
        Question("certain and wrong is expensive", 1, punished),
        left_alone(1, some_classes),
        kinds(1, undecided, integers=(1, 2, 3)),
    )
