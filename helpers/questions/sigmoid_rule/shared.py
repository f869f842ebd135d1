"""What several exercises of this lesson are asked on."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import (
    Question,
    Wrong,
    different,
    kinds,
    left_alone,
    numbers,
    parts,
    run,
    silent,
    value,
)


def sizes(rng):
    """Examples and features: two general cases, a batch of one, a single feature."""
    n, m, k = different(rng, 3)
    return (n, m), (m, k), (1, n), (k, 1)


def logits(rng):
    yield (rng.uniform(-1.5, 1.5, size=12),)  # near 0, where a wrong border would show
    yield (rng.permutation([1, 1, -1, -1]) * rng.uniform(5.5, 8, size=4),)  # nearly saturated
    for shape in ((5,), (2, 3), (1,)):
        yield (rng.normal(0, 2, size=shape),)
    yield (float(rng.normal()),)


def classes(rng):
    for n, m in sizes(rng):
        y = rng.integers(0, 2, size=n).astype(float)
        yield rng.normal(size=m), float(rng.normal()), rng.normal(size=(n, m)), y


def undecided(rng):
    """No unit so certain that a loss kept finite by clipping would show, even for whole numbers."""
    for w, b, X, y in classes(rng):
        yield w, b, 0.3 * X, y


def certain(rng):
    X = np.array([[1.0, 0.0], [-1.0, 0.0], [1.0, 1.0], [-1.0, 1.0]])
    yield np.array([900.0, 0.5]), 0.25, X, np.array([1.0, 0.0, 0.0, 1.0])


def punished(f, rng, right):
    """A confident mistake costs a lot, a confident hit nothing; how it is kept finite is free."""
    X, w = np.array([[1.0]]), np.array([900.0])
    right, wrong = (run(f, (w, 0.0, X, np.array([y]))) for y in (1.0, 0.0))
    right, wrong = (parts(f, answer, "loss", "dw", "db") for answer in (right, wrong))
    right, wrong = ([numbers(part) for part in answer] for answer in (right, wrong))
    if right[0].shape != () or wrong[0].shape != ():
        raise Wrong("the loss is one number")
    if not (np.isfinite(wrong[0]) and wrong[0] > 10):
        raise Wrong(f"certain and wrong should cost much; your loss is {float(wrong[0]):.4g}")
    if not abs(right[0]) < 1e-6:
        raise Wrong(f"certain and right should cost nothing; your loss is {float(right[0]):.4g}")


def logistic_properties():
    return (
        value(3, classes, says="loss, dw and db"),
        silent(1, certain, says="finite and silent where a = 0 and a = 1"),
        Question("certain and wrong is expensive", 1, punished),
        left_alone(1, classes, says="the arguments are left as they were"),
        kinds(1, undecided, integers=(2, 3)),
    )
