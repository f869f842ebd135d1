"""What `newton_step` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, Question, Wrong, different, numbers, run
from helpers.questions.optimizers.shared import begun
from helpers.questions.usual import kinds, left_alone, value


def _curvatures(rng):
    """Symmetric, with curvatures between 0.5 and 20 in random directions, of some sizes twice; and
    at the lowest place already. Some are small: what is added to them shows.

    One weight is 0, others are far from it, and so is one entry of the gradient.
    """
    for m in (*different(rng, 2), 3, 1):
        yield begun(rng, m), _with_a_zero(rng, m), _turned(rng, rng.uniform(0.5, 20, size=m))
    for hessian in (_saddle(rng), -abs(_saddle(rng))):
        yield begun(rng, 3), _with_a_zero(rng, 3), hessian
    yield begun(rng, 2), _with_a_zero(rng, 2), _turned(rng, rng.uniform(1e-6, 4e-6, size=2))
    yield begun(rng, 1), np.zeros(1), np.full((1, 1), rng.uniform(0.5, 20))


def _with_a_zero(rng, m):
    gradient = rng.normal(size=m)
    gradient[rng.integers(m)] = 0.0 if m > 1 else gradient[0]
    return gradient


def _turned(rng, curvatures):
    """The Hessian with these curvatures in random directions."""
    axes, _ = np.linalg.qr(rng.normal(size=(len(curvatures), len(curvatures))))
    hessian = (axes * curvatures) @ axes.T
    return (hessian + hessian.T) / 2


def _saddle(rng):
    """Symmetric, with nothing on the diagonal: an elimination must change rows."""
    signs = rng.choice([-1.0, 1.0], size=3)
    return rng.uniform(0.5, 4) * np.outer(signs, signs) * (1 - np.eye(3))


def _solved(f, rng, right):
    """Where curvatures differ by 10¹⁰, the step still solves H s = −g.

    A solver leaves an error of about 1e-16 of g; the inverse loses the digits that the curvatures
    differ by, about 1e-7 of g.
    """
    for m in different(rng, 2, 4):
        hessian = _turned(rng, np.geomspace(1e-4, 1e6, m))
        gradient = hessian @ rng.uniform(1, 2, size=m)
        step = numbers(run(f, (np.zeros(m), gradient, hessian)))
        if step.shape != (m,):
            raise Wrong(f"it returned the shape {step.shape}, expected ({m},)")
        with np.errstate(all="ignore"):  # of a step that is no number
            left = float(np.linalg.norm(hessian @ step + gradient) / np.linalg.norm(gradient))
        if not left < 1e-10:
            raise Wrong(
                "where curvatures differ by a factor of 10¹⁰, the step s should still solve "
                f"H s = −g; yours leaves {left:.1g} of g. An inverse loses these digits, "
                "np.linalg.solve does not"
            )


def _whole(rng):
    yield 3 * rng.normal(size=4), 3 * rng.normal(size=4), _turned(rng, rng.uniform(0.5, 20, 4))


ASKED = Asked(
    "newton_step",
    value(2, _curvatures, rtol=1e-8, keeps=True, says="w − H⁻¹ g"),
    Question("a system solved, no inverse formed", 1, _solved),
    left_alone(1, _curvatures, says="w, gradient and hessian are left as they were"),
    kinds(1, _whole, integers=(0, 1)),
)
