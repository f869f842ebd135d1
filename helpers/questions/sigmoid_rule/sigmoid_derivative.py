"""What `sigmoid_derivative` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.sigmoid_rule.shared import logits
from helpers.questions.usual import exact, kinds, silent, value


def _far_out(rng):
    yield (np.array([-1000.0, 1000.0]),)
    yield (rng.uniform(0.5, 2, size=2),)
    yield (rng.uniform(30, 800, size=4),)


def _many_logits(rng):
    """So many that the rounding of a difference shows in some; one is nan, and stays alone.

    At two the curve is all but flat.
    """
    z = rng.normal(0, 2, size=(40, 10))
    z.flat[rng.permutation(z.size)[:3]] = np.nan, -rng.uniform(15, 17), rng.uniform(15, 17)
    yield (z,)


ASKED = Asked(
    "sigmoid_derivative",
    value(1, logits, says="the slope of σ at z"),
    exact(
        1,
        _many_logits,
        says="to the last digits, each entry by itself",
        rtol=1e-13,
        atol=1e-15,
    ),
    silent(
        1,
        _far_out,
        says="no overflow up to |z| = 1000; z and earlier results are left as they were",
        keeps=True,
        leaves=True,
    ),
    kinds(1, logits, integers=(0,)),
)
