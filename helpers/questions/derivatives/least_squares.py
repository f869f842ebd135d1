"""What `least_squares` is asked."""

from __future__ import annotations

import numpy as np

from helpers.checks import compare, describe_call
from helpers.questions.base import Asked, Question, Wrong, answered, different, largest, run
from helpers.questions.usual import kinds, left_alone


def _regressions(rng):
    m, extra = different(rng, 2)
    for n, columns in ((m + extra, m), (12, extra), (4, 1), (20, 9)):
        yield rng.normal(size=(n, columns)), rng.normal(size=n)
    Q, _ = np.linalg.qr(rng.normal(size=(m, m)))
    X = Q * rng.uniform(1, 3, size=m)
    yield X, X @ (np.resize([1.0, -1.0], m) * rng.uniform(8, 20, size=m))  # large weights
    y = rng.uniform(1, 3, size=m)
    y[rng.integers(m)] = 0.0
    yield X, y
    yield rng.uniform(1, 3, size=(1, 1)), rng.normal(size=1)
    yield X, np.zeros(m)
    yield X, 1e-4 * y  # small weights, which have all their digits, too


NEAR = (
    "That is near, and not there. A walk of many steps comes ever nearer; where gradient = 0 is "
    "solved, all digits are right at once."
)


def _where_the_gradient_is_0(f, rng, right):
    for args, expected in answered(right, _regressions(rng)):
        found = run(f, args)
        wrong = compare(found, expected, rtol=1e-6)
        if wrong:
            near = compare(found, expected, rtol=0, atol=0.02 * largest(expected)) is None
            raise Wrong(f"{describe_call(f, args)}: {wrong}" + (f"\n{NEAR}" if near else ""))


def _well_posed(rng):
    """Orthogonal columns, so that seven digits are enough."""
    X, _ = np.linalg.qr(rng.normal(size=(9, 3)))
    yield 4 * X, rng.normal(size=9)


def _no_descent(f, rng, right):
    """Large and small columns, and small ones alone: an exact solution does not mind, a descent,
    float32 or a little on the diagonal does.
    """
    for sign in (1, -1, 1):
        X = rng.normal(size=(30, 3)) * np.array([1.0, 100.0, 0.01])
        w = np.array([rng.normal(), sign * rng.uniform(5, 9), rng.uniform(0.5, 1.5)])
        wrong = compare(run(f, (X, X @ w)), w, rtol=1e-5)
        if wrong:
            raise Wrong(f"with columns of very different sizes, {wrong}")
    X, w = 1e-5 * rng.normal(size=(9, 3)), rng.uniform(1, 2, size=3)
    wrong = compare(run(f, (X, X @ w)), w, rtol=1e-5)
    if wrong:
        raise Wrong(f"with columns of small numbers, {wrong}")


ASKED = Asked(
    "least_squares",
    Question("the weights where the gradient is 0", 2, _where_the_gradient_is_0, _regressions),
    Question("columns of very different sizes", 1, _no_descent),
    left_alone(1, _regressions, says="X, y and earlier results are left as they were"),
    kinds(1, _well_posed, integers=(0, 1)),
)
