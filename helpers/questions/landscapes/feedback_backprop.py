"""What `feedback_backprop` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different, tiny
from helpers.questions.usual import exact, kinds, left_alone, value


def _pass(rng, n, m, q, c):
    """Inputs, hidden units of which about half say 0, errors and feedback weights."""
    hidden = np.maximum(0.0, rng.normal(size=(n, q)))
    return rng.normal(size=(n, m)), hidden, rng.normal(size=(n, c)), rng.normal(size=(q, c))


def _batches(rng):
    """All sizes different, and twice the same; as many units as outputs; large numbers; many
    examples.
    """
    n, m, q, c = different(rng, 4, 2, 7)
    for sizes in ((n, m, q, c), (n, m, q, c), (m, n, c, c), (c, q, n, m)):
        yield _pass(rng, *sizes)
    yield tuple(10 * array for array in _pass(rng, 3, 3, 3, 3))
    yield _pass(rng, 20, m, q, c)


def _odd(rng):
    """One of anything; all units off; whole numbers in X; hidden values that are tiny; no error;
    single zeros.
    """
    a, b = different(rng, 2, 2, 5)
    for sizes in ((1, a, b, a), (a, 1, b, a), (a, b, 1, b), (b, a, b, 1)):
        yield _pass(rng, *sizes)
    X, hidden, error, B = _pass(rng, a, b, 3, 2)
    yield X, 0 * hidden, error, B
    yield rng.integers(0, 9, size=X.shape), hidden, error, B
    yield X, 1e-12 * (hidden > 0), error, B
    yield X, hidden, error * rng.permuted(np.arange(2 * a) % 2).reshape(a, 2), B
    one = rng.uniform(0.2, 0.8, size=(4, 1, 1))
    yield tuple(one)
    for which in range(3):  # every array of one shape, both steps too, and a single 0 in it
        three = list(rng.uniform(1, 3, size=(3, 3, 2)))
        three[which][rng.integers(3), rng.integers(2)] = 0.0
        yield *three, rng.uniform(1, 3, size=(2, 2))


def _tiny(rng):
    """Nothing cancels, and one output's errors are tiny."""
    n, m, q = different(rng, 3, 2, 5)
    X, hidden, B = (rng.uniform(0.2, 1, size=shape) for shape in ((n, m), (n, q), (q, 2)))
    error = rng.uniform(0.2, 1, size=(n, 2))
    error[:, 0] = tiny(rng, n)
    B[0, 1] = 0.0
    yield X, hidden, error, B


ASKED = Asked(
    "feedback_backprop",
    value(2, _batches, keeps=True, says="the steps of both layers"),
    value(1, _odd, says="one of anything; units that are off; whole numbers"),
    exact(1, _tiny),
    left_alone(1, _batches),
    kinds(1, _batches, integers=(0, 1, 2, 3)),
    returns=("the hidden layer's step", "the output layer's step"),
)
