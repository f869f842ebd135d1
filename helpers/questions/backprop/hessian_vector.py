"""What `hessian_vector` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import calls, left_alone, value


def _bent(rng, size):
    """The gradient of a quadratic with a quartic on top, whose Hessian changes with w."""
    A = rng.normal(size=(size, size))
    A, b, c = A + A.T, rng.normal(size=size), rng.uniform(0.5, 1.5)

    def gradient(w):
        flat = np.reshape(w, -1)
        return np.reshape(A @ flat + b + c * flat**3, np.shape(w))

    return gradient


def _points(rng):
    """Vectors and a matrix of weights; a step that is large, as its error then shows, and no step
    of one's own.
    """
    n, m = different(rng, 2, 2, 4)
    for shape, h in (
        ((n,), 0.1),
        ((n, m), 0.5),
        ((m, n), 0.3),
        ((3,), 0.2),
        ((3,), 0.2),
        ((2, 2), 0.4),
    ):
        w, v = rng.normal(size=shape), rng.normal(size=shape)
        yield _bent(rng, int(np.prod(shape))), w, v, h
    w, v = rng.normal(size=(m, n)).T, np.round(3 * rng.normal(size=(m, n))).T
    v[0, 0] = w[0, 1] = 0.0
    yield _bent(rng, n * m), w, v, 0.25
    whole = np.array([2, -1, 3, 1])[rng.permutation(4)]
    yield _bent(rng, 4), whole, rng.normal(size=4), 0.3
    yield _bent(rng, 4), rng.normal(size=4), whole, 0.3
    yield _bent(rng, 4), rng.normal(size=4), rng.normal(size=4), 1


def _by_default(rng):
    n, m = different(rng, 2, 2, 4)
    for shape in ((n,), (n, m)):
        yield _bent(rng, int(np.prod(shape))), rng.normal(size=shape), rng.normal(size=shape)


ASKED = Asked(
    "hessian_vector",
    value(2, _points, says="the central difference along v"),
    value(1, _by_default, rtol=1e-5, says="with the step that is given by default"),
    calls(1, lambda *args: 2, _points, says="two gradients are enough"),
    left_alone(1, _points, says="w and v are left as they were"),
)
