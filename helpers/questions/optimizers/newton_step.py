"""What `newton_step` is asked."""

from __future__ import annotations

import numpy as np

from helpers.checks import compare
from helpers.questions.base import Asked, Question, Wrong, different, run
from helpers.questions.usual import kinds, left_alone, value


def _curvatures(rng):
    """Symmetric, with curvatures between 0.5 and 20 in random directions."""
    for m in (*different(rng, 2), 1):
        axes, _ = np.linalg.qr(rng.normal(size=(m, m)))
        hessian = axes @ np.diag(rng.uniform(0.5, 20, size=m)) @ axes.T
        yield rng.normal(size=m), rng.normal(size=m), hessian


def _lands(f, rng, right):
    for _, target, hessian in _curvatures(rng):
        start = target + rng.normal(size=target.shape)
        landed = run(f, (start, hessian @ (start - target), hessian))
        wrong = compare(landed, target, rtol=1e-8, atol=1e-8)
        if wrong:
            raise Wrong(f"on a quadratic, one step from anywhere lands at the minimum: {wrong}")


ASKED = Asked(
    "newton_step",
    value(2, _curvatures, rtol=1e-8, says="w − H⁻¹ g"),
    Question("one step lands on a quadratic's minimum", 1, _lands),
    left_alone(1, _curvatures, says="w, gradient and hessian are left as they were"),
    kinds(1, _curvatures),
)
