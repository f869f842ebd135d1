"""What `sigmoid_derivative` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.sigmoid_rule.shared import logits
from helpers.questions.usual import exact, kinds, silent, value


def _far_out(rng):
    yield (np.array([-1000.0, 1000.0]),)
    yield (rng.uniform(30, 800, size=4),)


def _many_logits(rng):
    """So many that the rounding of a difference shows in some; one is nan, and stays alone."""
    z = rng.normal(0, 2, size=(40, 10))
    z[rng.integers(40), rng.integers(10)] = np.nan
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
    silent(1, _far_out, says="no overflow up to |z| = 1000"),
    kinds(1, logits, integers=(0,)),
)
