"""What `sigmoid` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.sigmoid_rule.shared import logits
from helpers.questions.usual import kinds, silent, value


def _large(rng):
    yield (np.array([-1000.0, -745.0, -710.0, 0.0, 710.0, 1000.0]),)
    yield (np.array([-1000.0]),)
    yield (np.array([1000.0]),)
    yield (np.array([[1000.0]]),)


ASKED = Asked(
    "sigmoid",
    value(2, logits, rtol=1e-9, says="1 / (1 + e^(−z)), in the shape of z"),
    silent(1, _large, free=True, says="no overflow up to |z| = 1000"),
    value(
        1,
        _large,
        says="0 and 1 at the far ends; z and earlier results are left as they were",
        keeps=True,
        leaves=True,
    ),
    kinds(1, logits, integers=(0,), scaled=(0,)),
)
