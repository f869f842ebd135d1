"""What `squared_loss_gradient` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different, tiny
from helpers.questions.usual import exact, kinds, left_alone, value


def _matrices(rng):
    c, m, k = different(rng, 3)
    for shape in ((c, m), (m, k), (1, m), (c, 1), (k, k), (1, 1)):
        yield rng.normal(size=shape), rng.normal(size=shape[1]), rng.normal(size=shape[0])


def _tiny_inputs(rng):
    """Some inputs are tiny; one output has no target (nan), which is its own row's matter only."""
    for W, x, y in _matrices(rng):
        places = rng.permutation(len(x))[: (len(x) + 1) // 2]
        x = rng.uniform(0.3, 1, size=x.shape)
        x[places] = tiny(rng, len(places))
        y = rng.uniform(9, 12, size=y.shape)
        if len(y) > 1:
            y[rng.integers(len(y))] = np.nan
        yield rng.uniform(0.2, 1, size=W.shape), x, y


ASKED = Asked(
    "squared_loss_gradient",
    value(1, _matrices, says="the gradient, in the shape of W"),
    exact(2, _tiny_inputs, nans=True),
    left_alone(1, _matrices, says="W, x, y and earlier results are left as they were"),
    kinds(1, _matrices, integers=(0, 1, 2), scaled=(1, 2)),
)
