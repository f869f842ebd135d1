"""What `softmax_loss` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different, kinds, left_alone, silent, value


def _pictures(rng):
    a, b, d = different(rng, 3)
    for n, m, c in ((a, b, d), (b, d, a), (1, a, b)):
        yield rng.normal(size=(c, m)), rng.normal(size=(n, m)), rng.integers(0, c, size=n)


def _sure(rng):
    X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    yield np.array([[1000.0, -1000.0], [-1000.0, 1000.0]]), X, np.array([0, 0, 1])


ASKED = Asked(
    "softmax_loss",
    value(3, _pictures, says="loss and gradient"),
    silent(1, _sure, says="finite and silent for scores of ±1000"),
    left_alone(1, _pictures, says="W, X and labels are left as they were"),
    kinds(1, _pictures, integers=(1,)),
    returns=("the loss", "the gradient"),
)
