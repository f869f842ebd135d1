"""What `Tensor` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different, tiny
from helpers.questions.usual import exact, value

PROGRAMS = (
    lambda a, b, c: (a * b).sum(),
    lambda a, b, c: ((c + b) * a).sum() + ((b + c) * 0.5).sum(),
    lambda a, b, c: (a * b * 2.0 + c * 3.0).sum(),
    lambda a, b, c: (a * (b + 1.5)).sum() + (c * c).sum(),
    lambda a, b, c: ((a * b).exp() * c).sum(),
    lambda a, b, c: ((a * a + 1.0).log() * b).sum() + (c * 0.5).sum(),
    lambda a, b, c: (a.relu() * b - c).sum(),
    lambda a, b, c: (2 * a - 0.5 + (3.0 + b) * c).sum() * 1.5,
    lambda a, b, c: (-a * b.data + c * c.relu()).sum() - 1,
)
"""What is computed with three tensors: arithmetic and functions of an entry."""


NETWORKS = (
    lambda X, W, V: ((X @ W).relu() @ V).sum(),
    lambda X, W, V: (((X @ W).exp() + 1.0).log() @ V * 0.5).sum(),
    lambda X, W, V: ((X @ W @ V) * (X @ W @ V)).sum(),
    lambda X, W, V: (X @ (W @ V)).sum() * V.sum(),
)
"""Two layers, for a batch."""


FAR = (
    lambda a, b, c: (a * b + c).sum(),
    lambda a, b, c: ((a - b) * b * c).sum(),
    lambda a, b, c: ((c * c).log() * (a * a * 1e-20).log()).sum() + b.sum(),
    lambda a, b, c: (a.relu() * b).sum() * c.sum(),
    lambda a, b, c: ((a * 8.0).exp() * b).sum() + c.sum(),
)
"""Numbers far from 0, logarithms too, and differences that are 0. None is used three times, which
is asked elsewhere.
"""


SHARED = (
    lambda a, b, c: (a * a * a).sum() + (b * c).sum(),
    lambda a, b, c: _diamond(a, b) + c.sum(),
    lambda a, b, c: (a + a + a).sum() * (b.sum() * c.sum()),
    lambda a, b, c: ((a * b) * a + (a + c) * a).sum(),
)
"""Tensors that are used more than once."""


def _diamond(a, b):
    middle = a * b
    left, fine = middle.exp(), middle * 3.0
    return (left * fine + middle).sum()


def _use(Tensor, formula, *arrays):
    tensors = [Tensor(array) for array in arrays]
    result = formula(*tensors)
    result.backward()
    return result.data, *(tensor.grad for tensor in tensors)


def _backward_again(Tensor, a, b, left):
    """Of one result twice, a matrix, then of one that was made of it, and of the first again.

    All gradients each time, those of the tensors in between as well; and, at the end, the data.
    One gradient begins with what somebody has left there.
    """
    first, second = Tensor(a), Tensor(b)
    first.grad = left
    middle = first * second
    part = middle * middle + first.relu()
    whole = (part * 0.5).sum() + middle.exp().sum()
    tensors = first, second, middle, part
    found = []
    for result in (part, part, whole, part):
        result.backward()
        found += [np.array(tensor.grad) for tensor in tensors]
    return *found, *(tensor.data for tensor in tensors)


def _signed(rng, shape):
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.2, 1.2, size=shape)


def _same_shapes(rng):
    """Each array with a 0 in a place of its own, where the others have none; and at two places the
    first two are of different signs.
    """
    n, m = different(rng, 2, 2, 4)
    for formula in (PROGRAMS[1], *PROGRAMS[4:]):
        arrays = [_signed(rng, 5) for _ in range(3)]
        *zeros, up, down = rng.permutation(5)
        for place, sign in ((up, 1.0), (down, -1.0)):
            for array, turn in zip(arrays, (sign, -sign), strict=False):
                array[place] = turn * abs(array[place])
        for array, place in zip(arrays, zeros, strict=True):
            array[place] = 0.0
        yield formula, *arrays
    yield FAR[0], *(_signed(rng, (n, m)).T for _ in range(3))
    for formula in FAR[1:]:
        yield formula, *_far(rng)


def _far(rng):
    """The numbers of two arrays, their products and sums are far from 0, of either sign; one entry
    of both is the same, and one is 0. Two rows of the first are negative.
    """
    a, b = rng.uniform(7, 9, size=(2, 3, 2))
    a[:2] *= -1
    b[:, 1] *= -1
    c = 100 * a * b
    a[0, 0], c[0, 0] = -20.0, -1e5
    a[2, 0], b[1, 1] = b[2, 0], 0.0
    return a, b, c


def _far_batch(rng):
    """Two examples are the same, one is 0, and two products are far from 0, of either sign."""
    X = rng.uniform(5, 9, size=(4, 2))
    X[1], X[2], X[3] = X[0], -X[2], 0.0
    return X, rng.uniform(0.8, 1.2, size=(2, 3)), rng.uniform(0.8, 1.2, size=(3, 1))


def _spread_shapes(rng):
    n, m = different(rng, 2, 2, 4)
    for formula in PROGRAMS[:3]:
        yield formula, _signed(rng, (n, m)), _signed(rng, (m,)), _signed(rng, (n, 1))
    for formula in PROGRAMS[6:]:
        yield formula, _signed(rng, (1, m)), _signed(rng, (n, 1)), _signed(rng, ())


def _tiny_entries(rng):
    """Positive arrays with tiny entries, for programs in which nothing cancels."""
    n, m = different(rng, 2, 2, 4)
    for which in (4, 5):
        arrays = rng.uniform(0.2, 1.2, size=(3, n, m))
        arrays[rng.random(size=arrays.shape) < 0.2] = tiny(rng)
        yield PROGRAMS[which], *arrays


def _products(rng):
    """A batch of one too; as many of all; arrays the other way round in memory."""
    n, m, h = different(rng, 3, 2, 5)
    yield NETWORKS[3], _signed(rng, (n, m)), _signed(rng, (m, h)), _signed(rng, (h, 2))
    yield NETWORKS[2], _signed(rng, (1, m)), _signed(rng, (m, h)), _signed(rng, (h, 2))
    yield NETWORKS[2], *(_signed(rng, (2, 2)) for _ in range(3))
    yield NETWORKS[1], *_far_batch(rng)
    yield NETWORKS[0], _signed(rng, (m, n)).T, _signed(rng, (h, m)).T, _signed(rng, (2, h)).T


def _reused(rng):
    n, m = different(rng, 2, 2, 4)
    for formula in SHARED:
        yield formula, *(_signed(rng, (n, m)) for _ in range(3))


def _left_over(rng):
    n, m = different(rng, 2, 2, 4)
    yield tuple(_signed(rng, (n, m)) for _ in range(3))


ASKED = Asked(
    "Tensor",
    value(1, _same_shapes, drive=_use, says="+, *, relu, exp, log and sum", rtol=1e-9),
    exact(1, _tiny_entries, drive=_use),
    value(1, _spread_shapes, drive=_use, says="broadcasting is undone"),
    value(2, _products, drive=_use, says="matrix products, batches of one too", rtol=1e-9),
    value(1, _reused, drive=_use, says="a tensor used more than once"),
    value(
        1, _left_over, drive=_backward_again, says="backward again, of all tensors, data as it was"
    ),
    returns=("the value", "the first gradient", "the second gradient", "the third gradient"),
)
