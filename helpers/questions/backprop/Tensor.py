"""What `Tensor` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked, different, tiny
from helpers.questions.usual import exact, left_alone, value

PROGRAMS = (
    lambda a, b, c: (a * b).sum(),
    lambda a, b, c: ((c + b) * a).sum() + ((b + c) * 0.5).sum(),
    lambda a, b, c: (a * b * 2.0 + c * 3.0).sum(),
    lambda a, b, c: (a * (b + 1.5)).sum() + (c * c).sum(),
    lambda a, b, c: ((a * b).exp() * c).sum(),
    lambda a, b, c: ((a * a + 1.0).log() * b).sum() + (c * 0.5).sum(),
    lambda a, b, c: (a.relu() * b - c).sum(),
)
"""What is computed with three tensors: arithmetic and functions of an entry."""


NETWORKS = (
    lambda X, W, V: ((X @ W).relu() @ V).sum(),
    lambda X, W, V: (((X @ W).exp() + 1.0).log() @ V * 0.5).sum(),
    lambda X, W, V: ((X @ W @ V) * (X @ W @ V)).sum(),
)


SHARED = (
    lambda a, b, c: (a * a * a).sum() + (b * c).sum(),
    lambda a, b, c: _diamond(a, b) + c.sum(),
    lambda a, b, c: (a + a + a).sum() * (b.sum() * c.sum()),
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


def _backward_twice(Tensor, formula, *arrays):
    tensors = [Tensor(array) for array in arrays]
    result = formula(*tensors)
    result.backward()
    result.backward()
    return tuple(tensor.grad for tensor in tensors)


def _signed(rng, shape):
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.2, 1.2, size=shape)


def _same_shapes(rng):
    """With a 0 among the entries, where relu hands nothing down."""
    n, m = different(rng, 2, 2, 5)
    for formula in PROGRAMS:
        a, b, c = (_signed(rng, (n, m)) for _ in range(3))
        a[0, 0] = 0.0
        yield formula, a, b, c


def _spread_shapes(rng):
    n, m = different(rng, 2, 2, 5)
    for formula in PROGRAMS:
        yield formula, _signed(rng, (n, m)), _signed(rng, (m,)), _signed(rng, (n, 1))
        yield formula, _signed(rng, (1, m)), _signed(rng, (n, 1)), _signed(rng, ())


def _tiny_entries(rng):
    """Positive arrays with tiny entries, for programs in which nothing cancels."""
    n, m = different(rng, 2, 2, 5)
    for which in (0, 2, 4, 5):
        arrays = rng.uniform(0.2, 1.2, size=(3, n, m))
        arrays[rng.random(size=arrays.shape) < 0.2] = tiny(rng)
        yield PROGRAMS[which], *arrays


def _products(rng):
    n, m, h = different(rng, 3, 2, 6)
    for formula in NETWORKS:
        for k in (1, n):
            yield formula, _signed(rng, (k, m)), _signed(rng, (m, h)), _signed(rng, (h, 2))


def _reused(rng):
    n, m = different(rng, 2, 2, 5)
    for formula in SHARED:
        yield formula, *(_signed(rng, (n, m)) for _ in range(3))


ASKED = Asked(
    "Tensor",
    value(1, _same_shapes, drive=_use, says="+, *, relu, exp, log and sum"),
    exact(1, _tiny_entries, drive=_use),
    value(1, _spread_shapes, drive=_use, says="broadcasting is undone"),
    value(1, _products, drive=_use, says="matrix products, batches of one too"),
    value(1, _reused, drive=_use, says="a tensor used more than once"),
    value(1, _reused, drive=_backward_twice, says="a second backward gives the same"),
    left_alone(1, _same_shapes, drive=_use, says="the arrays are left as they were"),
    returns=("the value", "the first gradient", "the second gradient", "the third gradient"),
)
