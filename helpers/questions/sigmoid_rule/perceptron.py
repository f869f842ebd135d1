"""What `perceptron` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.sigmoid_rule.shared import sizes
from helpers.questions.usual import kinds, left_alone, value


def _neurons(rng):
    for n, m in sizes(rng):
        X = rng.normal(size=(2 * n, m))
        X[:n, 0] = 0.0
        yield rng.normal(size=m + 1), X
    yield rng.normal(size=4), rng.normal(size=(3, 3))  # as many examples as inputs
    near = rng.permutation([-0.3, -0.1, 0.1, 0.3]) * rng.uniform(0.8, 1.2, size=4)
    yield np.array([1.0, 0.0]), near[:, None]
    w = np.append(np.zeros(3), rng.uniform(1, 2))
    yield w, rng.normal(size=(4, 3))  # as many examples as weights
    n = 4 + len(X)
    yield w, rng.normal(size=(n, 3))  # always, never
    yield -w, rng.normal(size=(n, 3))
    yield np.append(rng.normal(0, 20, size=2), rng.normal()), rng.normal(0, 20, size=(n, 2))


def _on_the_border(rng):
    """Small whole numbers, of which some weighted sums are exactly 0; one example; tiny sums."""
    a, b = (float(v) for v in rng.integers(1, 5, size=2))
    X = np.array([[b, -a], [b, a], [-b, a], [0.0, 0.0], [-b, -a], [b + 1, -a]])
    X = X[rng.permutation(6)]
    yield np.array([a, b, 0.0]), X
    yield np.array([-a, b, a * b]), X
    yield np.array([1.0, 1.0, -2.0]), np.array([[1.0, 1.0], [2.0, 1.0], [1.0, 0.0]])
    yield np.array([a, b, 0.0]), np.array([[b, -a]])
    yield np.array([1.0, 0.0]), 1e-20 * rng.permutation([-3.0, -1.0, 0.0, 1.0, 3.0])[:, None]


def _off_the_border(rng):
    """Whole inputs, of which no weighted sum is 0: what a neuron says there is another question.

    The weighted sums of the inputs are even, one is 0, and there the bias alone decides: about 1/3,
    which is lost where the sums are kept as integers; as an integer it is 1.
    """
    n, m = different(rng, 2)
    w = np.append(rng.integers(1, 5, size=m) * rng.choice([-1, 1], size=m), rng.uniform(0.25, 0.4))
    X = 2.0 * rng.integers(-3, 4, size=(n, m))
    X[rng.integers(n)] = 0.0
    yield w, X


ASKED = Asked(
    "perceptron",
    value(1, _neurons, says="1 for each example where it fires, 0 where it does not"),
    value(1, _on_the_border, says="silent where the weighted sum is exactly 0"),
    left_alone(1, _neurons, says="w, X and earlier results are left as they were"),
    kinds(1, _off_the_border, integers=(0, 1)),
)
