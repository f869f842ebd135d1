"""What `sigmoid_derivative` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, kinds, silent, value
from helpers.questions.sigmoid_rule.shared import logits


def _far_out(rng):
    yield (np.array([-1000.0, 1000.0]),)
    yield (rng.uniform(30, 800, size=4),)


ASKED = Asked(
    "sigmoid_derivative",
    value(2, logits, says="the slope of σ at z"),
    silent(1, _far_out, says="no overflow up to |z| = 1000"),
    kinds(1, logits, integers=(0,)),
)
