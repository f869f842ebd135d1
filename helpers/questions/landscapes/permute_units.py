"""What `permute_units` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import kinds, left_alone, value


def _orders(rng):
    """Orders that are not their own inverse; sizes of which two are alike; one unit; none moved;
    weights far from 0, and some that are 0.
    """
    m, q, c = different(rng, 3, 3, 7)
    for inputs, units, outputs in ((m, q, c), (m, q, c), (q - 1, q, c), (m, q, q), (c, q, q + 1)):
        order = np.roll(np.arange(units), 1)
        yield (
            rng.normal(size=(inputs + 1, units)),
            rng.normal(size=(units + 1, outputs)),
            rng.permutation(units)[order] if rng.random() < 0.5 else order,
        )
    yield rng.normal(size=(m + 1, 1)), rng.normal(size=(2, c)), np.array([0])
    yield rng.normal(size=(m + 1, q)), rng.normal(size=(q + 1, c)), np.arange(q)
    yield rng.normal(size=(4, 3)), rng.normal(size=(4, 2)), np.array([1, 2, 0])
    for sign in (1, -1):
        W1, W2 = sign * rng.uniform(7, 9, size=(4, 3)), sign * rng.uniform(7, 9, size=(4, 2))
        yield W1, W2, np.array([2, 0, 1])
    for which in (0, 1):
        pair = [rng.uniform(1, 3, size=(4, 3)), rng.uniform(1, 3, size=(4, 2))]
        pair[which][rng.integers(3), 0] = 0.0
        yield *pair, np.array([2, 0, 1])


ASKED = Asked(
    "permute_units",
    value(2, _orders, keeps=True, says="columns of W1 and rows of W2, the biases in their place"),
    left_alone(1, _orders),
    kinds(1, _orders, integers=(0, 1)),
    returns=("the new W1", "the new W2"),
)
