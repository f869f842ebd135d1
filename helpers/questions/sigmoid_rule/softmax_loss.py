"""What `softmax_loss` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different, parts, run
from helpers.questions.sigmoid_rule.shared import dear_too, some_tiny, unlikely
from helpers.questions.usual import exact, kinds, left_alone, silent, value


def _pictures(rng):
    a, b, d = different(rng, 3)
    general, alike = ((a, b, d), (b, d, a), (1, a, b)), ((d, d, d), (a, b, a), (b, d, d), (d, d, a))
    for n, m, c in (*general, *alike, (a, 1, b), (1, 1, b), (a, b, 1), (1, 1, 1)):
        W, X = 0.5 * rng.normal(size=(c, m)), rng.normal(size=(n, m))
        if m > 1:
            W[0, 0] = X[0, -1] = 0.0
        yield W, X, rng.integers(0, c, size=n)
    X = rng.uniform(20, 30, size=(4, 2)) * [1.0, -1.0]  # a steep loss, upwards and downwards
    yield 0.001 * rng.normal(size=(2, 2)), X, np.zeros(4, dtype=int)


def _undecided(rng):
    """No class is so unlikely, even for whole numbers, that a loss kept finite would show it."""
    for W, X, labels in _pictures(rng):
        yield W, 0.3 * X, labels


def _tiny_pictures(rng):
    """All examples of one class, so that nothing cancels."""
    a, b, d = different(rng, 3)
    for n, m, c in ((a, b, d), (b, d, a), (1, a, b)):
        X, _ = some_tiny(rng, n, m)
        yield rng.uniform(0.1, 0.5, size=(c, m)), X, np.full(n, rng.integers(c))


def _misjudged(rng):
    """The true class has a probability near 1e-8; or all have a large score, which says nothing."""
    n, m = different(rng, 2)
    X, w = unlikely(rng, n, m)
    yield np.array([[0.0], [1.0], [0.0]]) * w, X, np.ones(n, dtype=int)
    yield np.full((3, m), rng.uniform(900, 1000)), rng.uniform(1, 2, size=(n, m)), np.ones(n, int)


def _sure(rng):
    X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    size = rng.uniform(900, 1000)
    yield size * np.array([[1.0, -1.0], [-1.0, 1.0]]), X, np.array([0, 0, 1])


def _mistaken(softmax_loss, score):
    """The loss of one picture that is surely of the other class."""
    W, X = np.array([[0.0], [1.0]]), np.array([[score]])
    loss, _ = parts(softmax_loss, run(softmax_loss, (W, X, np.array([0]))), "loss", "gradient")
    return loss


ASKED = Asked(
    "softmax_loss",
    value(1, _pictures, says="loss and gradient"),
    exact(1, _tiny_pictures, rtol=1e-10),
    value(1, _misjudged, says="where the true class has hardly a chance"),
    dear_too(silent(1, _sure, free=True, says="finite and silent for scores of ±1000"), _mistaken),
    left_alone(1, _pictures, says="W, X, labels and earlier results are left as they were"),
    kinds(1, _undecided, integers=(1,)),
    returns=("the loss", "the gradient"),
)
