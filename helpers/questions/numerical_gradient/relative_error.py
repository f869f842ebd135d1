"""What `relative_error` is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from helpers.checks import describe, describe_call
from helpers.questions.base import Asked, Question, Right, Wrong, numbers, run
from helpers.questions.kept import leaving
from helpers.questions.numerical_gradient.shared import Rng, signs
from helpers.questions.usual import value


def error_probes(rng: Rng) -> Iterator[tuple]:
    a = rng.uniform(0.5, 2.0, 5) * rng.permutation([1, 1, 1, -1, -1])
    yield a, a * float(rng.uniform(0.2, 0.8)) + rng.normal(size=5) / 100
    for shape in ((4,), (2, 3), (3, 1, 2), (3, 3), (1, 5), (1, 1)):
        a = signs(rng, shape) * rng.uniform(0.5, 2.0, shape)
        yield a, a + rng.normal(size=shape) * 10.0 ** rng.uniform(-4, 0)
        yield a, a * float(rng.uniform(-2, 3))
    yield rng.normal(size=(5,)), rng.normal(size=5)
    yield rng.normal(size=(2, 3)).T, rng.normal(size=(3, 2))
    yield rng.normal(size=(2, 3)), rng.normal(size=(3, 2)).T
    yield rng.integers(1, 9, size=4), rng.uniform(1, 9, size=4)
    yield rng.uniform(1, 9, size=4), rng.integers(1, 9, size=4)


def error_scales(rng: Rng) -> Iterator[tuple]:
    for scale in (1e-40, 1e-9, 1e40):
        a = rng.normal(size=(3, 2)) * scale
        yield a, a * (1 + rng.normal(size=(3, 2)) * 10.0 ** rng.uniform(-3, -1))


def error_zeros(rng: Rng) -> Iterator[tuple]:
    n = int(rng.integers(2, 6))
    yield np.zeros(n), np.zeros(n)
    yield np.zeros((n, 3)), np.zeros((n, 3))
    a, b = (np.array([1.0, -1.0, 2.0, -2.0]) * float(rng.integers(1, 9)) for _ in range(2))
    yield a, rng.permutation(b) + np.array([1.0, -1.0, 0.0, 0.0])  # sums of 0, yet not zeros
    yield np.zeros(n), rng.uniform(2, 3, size=n)
    a = np.append(0.0, -rng.uniform(1, 2, size=n))
    yield a, 0 * a
    yield 0 * a, a


def error_shapes(rng: Rng) -> Iterator[tuple]:
    n = int(rng.integers(2, 6))
    a = rng.normal(size=n)
    yield a.reshape(n, 1), a
    yield a, np.append(a, 0.0)
    yield rng.normal(size=(n, n + 1)), rng.normal(size=(n + 1, n))
    yield np.zeros(n), np.zeros((n, 1))
    yield np.zeros(n), np.zeros(n + 1)
    yield a[:1], a
    yield np.append(a, np.nan), a


def error_nan(f: Callable, rng: Rng, right: Right) -> None:
    a = rng.normal(size=4)
    b = a * float(rng.uniform(0.3, 0.8))
    b[int(rng.integers(4))] = np.nan
    lost = np.where(np.isnan(b), np.nan, 0.0)  # nothing but zeros besides
    for args in ((a, b), (b, a), (b, b), (lost, np.zeros(4)), (np.zeros(4), lost)):
        error = run(f, args)
        if not np.all(np.isnan(numbers(error))):
            raise Wrong(f"{describe_call(f, args)}: it returned {describe(error)}, expected nan")
    other = rng.uniform(1, 2, size=(2, 3))
    for args in ((a, rng.normal(size=4)), (other, rng.normal(size=(2, 3))), (other, other + 1e-9)):
        leaving(f, right, args)


ASKED = Asked(
    "relative_error",
    value(2, error_probes, says="the relative error of two gradients", rtol=1e-7),
    value(
        1,
        error_scales,
        says="tiny and huge gradients count alike",
        rtol=1e-6,
        atol=0,
    ),
    value(1, error_zeros, says="0 where both are all zeros, and only there"),
    value(1, error_shapes, says="infinite where the shapes differ"),
    Question("nan is not agreement; a and b are left as they were", 1, error_nan),
)
