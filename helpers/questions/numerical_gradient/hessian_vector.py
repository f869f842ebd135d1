"""What `hessian_vector` is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.numerical_gradient.shared import Rng, signs, takes, wave
from helpers.questions.usual import arrays, calls, left_alone, value


def twisted(rng: Rng, shape: tuple[int, ...]) -> Callable:
    """The gradient of a wave, and a cubic term: its slope along d depends on the step."""
    _, gradient = wave(rng, shape)
    a = signs(rng, shape) * rng.uniform(0.2, 0.5, shape)
    return takes(shape, lambda x: gradient(x) + a * x**3, "gradient")


def hessian_points(rng: Rng) -> Iterator[tuple]:
    n, m, c = (int(k) for k in rng.permutation([2, 3, 4]))
    for shape in ((n,), (m, c), (n, m, c), (3, 3), (1, c), (1,), (4,)):
        yield twisted(rng, shape), rng.normal(size=shape), rng.normal(size=shape)
    d = rng.permutation(np.append(0.0, rng.uniform(1.0, 2.0, size=3)))
    yield twisted(rng, (4,)), rng.permutation(np.append(0.0, rng.normal(size=3))), d
    yield twisted(rng, (4,)), rng.normal(size=4), np.zeros(4)


def hessian_steps(rng: Rng) -> Iterator[tuple]:
    for shape in ((4,), (2, 3)):
        h = float(rng.uniform(0.05, 0.4))
        yield twisted(rng, shape), rng.normal(size=shape), rng.normal(size=shape), h
    yield twisted(rng, (3,)), rng.normal(size=3), rng.normal(size=3), 1


def hessian_kinds(rng: Rng) -> Iterator[tuple]:
    for shape in ((5,), (3, 2)):
        x, d = rng.integers(-2, 3, size=shape), rng.integers(-2, 3, size=shape)
        d.flat[0] = 2
        for given in ((x, d), (x, rng.normal(size=shape)), (rng.normal(size=shape), d)):
            yield twisted(rng, shape), *given
    yield twisted(rng, (4, 2)), rng.normal(size=(2, 4)).T, rng.normal(size=(2, 4)).T
    yield twisted(rng, (5,)), rng.normal(size=10)[::2], rng.normal(size=10)[::2]


def hessian_vectors(rng: Rng) -> Iterator[tuple]:
    for n in (2, 5, 5):
        yield twisted(rng, (n,)), rng.normal(size=n), rng.normal(size=n)


ASKED = Asked(
    "hessian_vector",
    value(2, hessian_points, says="the Hessian times d, in the shape of x", rtol=1e-8, atol=1e-8),
    value(
        1,
        hessian_steps,
        says="a central difference of gradients, with the h given",
        rtol=1e-8,
        atol=1e-8,
    ),
    calls(
        1,
        lambda gradient, x, d, *h: 2,
        hessian_vectors,
        says="two gradients, whatever N is",
        rtol=1e-8,
        atol=1e-8,
    ),
    arrays(0.5, hessian_kinds, says="integer arrays, strided ones", rtol=1e-8, atol=1e-8),
    left_alone(0.5, hessian_vectors, says="x, d and earlier results are left as they were"),
)
