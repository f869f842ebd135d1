"""What `kind_of_place` is asked."""

from __future__ import annotations

import functools

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import left_alone, value

# No curvature is nearer to the tolerance than by a factor of 2, and no gradient's length than by
# a tenth, or it is 5 exactly: rounding decides nothing. It is the length that counts, as the
# docstring says: there are gradients of which each entry is below the tolerance and the length
# above it.


def _in_any_order(places):
    """There are few answers: in one order always, they could be known by heart."""

    @functools.wraps(places)
    def drawn(rng):
        found = list(places(rng))
        return [found[i] for i in rng.permutation(len(found))]

    return drawn


def _turned(rng, curvatures):
    """A symmetric matrix with these eigenvalues, along directions that are drawn."""
    size = len(curvatures)
    axes, _ = np.linalg.qr(rng.normal(size=(size, size)))
    H = (axes * np.asarray(curvatures, dtype=float)) @ axes.T
    return (H + H.T) / 2


def _alike(size, own, other):
    """One number along the diagonal and another elsewhere: own − other, own + (size − 1) other."""
    return np.full((size, size), float(other)) + (own - other) * np.eye(size)


def _sizes(rng, *signs):
    """Curvatures of these signs, far from 0, in any order."""
    return rng.permutation(np.array(signs) * rng.uniform(0.5, 3, size=len(signs)))


@_in_any_order
def _places(rng):
    """Each kind in several sizes; signs on the diagonal, of the trace and of the determinant that
    say something else.
    """
    a, b = different(rng, 2, 3, 6)
    for signs in ([1] * a, [-1] * a, [1] * b, [-1] * b, [1, 1, -1], [1, -1, -1], [1, -1, -1, 1]):
        yield np.zeros(len(signs)), _turned(rng, _sizes(rng, *signs)), 1e-6
    for sign in (1, -1):
        yield np.zeros(2), sign * _alike(2, rng.uniform(0.5, 1), rng.uniform(2, 3)), 1e-6
        yield np.zeros(a), sign * _alike(a, rng.uniform(0.5, 1), rng.uniform(2, 3)), 1e-6
        yield np.zeros(2), sign * _alike(2, rng.uniform(2, 3), -rng.uniform(0.5, 1)), 1e-6
        yield np.zeros(2), sign * _alike(2, rng.uniform(2, 3), rng.uniform(0.5, 1)), 1e-6
        yield np.zeros(1), sign * rng.uniform(1, 2, size=(1, 1)), 1e-6
    yield np.zeros(2), np.diag(rng.permutation([3.0, -0.5])), 1e-6
    yield np.zeros(2), np.diag(rng.permutation([-3.0, 0.5])), 1e-6
    for signs in ([1] * a, [-1] * b, [1, -1, 1]):
        H = _turned(rng, _sizes(rng, *signs))
        yield rng.uniform(0.2, 3, size=len(signs)), H, 1e-6


@_in_any_order
def _flat(rng):
    """Some curvatures count as 0, of either sign, or are 0; all do; tolerances of all sizes."""
    for tolerance in (1e-6, 20.0):
        big = tolerance + 1
        near = tolerance * rng.uniform(0.1, 0.4)
        for curvatures in (
            [2 * big, 3 * big, near],
            [2 * big, 3 * big, -near],
            [-2 * big, near],
            [-2 * big, -near, -3 * big],
            [2 * big, -2 * big, near],
            [-3 * big, -near, 2 * big, 4 * big],
            [-3 * big, near, 2 * big, -near],
            [2 * big, near, -near / 2],
            [-2 * big, near / 2, -near],
            [3 * tolerance, 5 * tolerance],
            [3 * tolerance, -5 * tolerance, near],
            [-3 * tolerance, -5 * tolerance],
            [near, -near],
            [near, near / 2],
            [0.0, 0.0, 0.0],
        ):
            H = _turned(rng, rng.permutation(curvatures))
            yield np.zeros(len(curvatures)), H, tolerance
    for curvatures in ([1e-5, 2e-5], [1e-5, -1e-5, 2e-5], [-1e-5]):
        yield np.zeros(len(curvatures)), np.diag(curvatures), 0.0
    yield np.zeros(2), np.zeros((2, 2)), 0.0
    yield np.zeros(1), np.zeros((1, 1)), 0.5


@_in_any_order
def _slopes(rng):
    """Slopes that are all negative, that sum to 0, that are one among zeros; small ones, too.

    Long ones of which no entry is above the tolerance, and short ones whose sizes sum to more.
    """
    a = different(rng, 1, 3, 6)[0]
    for signs in ([1] * a, [-1] * a, [-1, 1, 1, 1]):
        H, m = _turned(rng, _sizes(rng, *signs)), len(signs)
        yield -rng.uniform(1, 2, size=m), H, 0.01
        yield rng.permutation(np.r_[1.0, -1.0, np.zeros(m - 2)]), H, 0.01
        yield np.eye(m)[-1] * 0.05, H, 0.01
        yield -np.eye(m)[0] * 0.05, H, 0.01
        yield 0.002 * rng.choice([-1, 1], size=m), H, 0.01
        yield 0.8 * 0.01 * rng.choice([-1, 1], size=m), H, 0.01
        yield 0.7 * 0.01 / np.sqrt(m) * rng.choice([-1, 1], size=m), H, 0.01
        yield 5.0 * np.eye(m)[0], H + 0.0, 20.0
        yield np.zeros(m), H, 0.0
        yield 1e-5 * np.eye(m)[0], H, 0.0
    for sign in (1, -1):  # 5 long, exactly
        yield rng.permutation([3.0, 4.0 * sign]), sign * 9 * np.eye(2), 5.0
    for m in (1, 3):
        yield np.ones(m), np.zeros((m, m)), 1e-6
        yield -np.ones(m), np.eye(m), 1e-6


@_in_any_order
def _whole(rng):
    """Whole numbers, whose curvatures and slopes are never ½."""
    own, other = int(rng.integers(1, 4)), int(rng.integers(5, 9))
    for sign in (1, -1):
        H = sign * _alike(3, own, other).astype(int)
        yield np.zeros(3, dtype=int), H, 0.5
        yield np.zeros(3), H + sign * 20 * np.eye(3, dtype=int), 0.5
        yield np.array([0, -sign, 0]), H, 0.5
        yield np.zeros(3, dtype=int), sign * np.ones((3, 3), dtype=int), 0.5


ASKED = Asked(
    "kind_of_place",
    value(2, _places, says="minimum, maximum, saddle; and a slope where there is one"),
    value(1, _flat, says="curvatures that count as 0: undecided, and saddles all the same"),
    value(1, _slopes, says="slopes: negative ones, some that cancel, long and short ones"),
    left_alone(1, _places),
    value(1, _whole, says="whole numbers"),
)
