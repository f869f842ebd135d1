"""What `ReLU` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.backprop.shared import (
    activations,
    activations_crossed,
    through,
    through_both,
)
from helpers.questions.base import Asked, left_alone, value


def _at_zero(rng):
    Z = np.array([[0.0, -1.0, 2.0], [3.0, 0.0, -2.0]])
    yield Z, rng.normal(size=Z.shape)


ASKED = Asked(
    "ReLU",
    value(2, activations, drive=through, says="output, and error handed down"),
    value(1, _at_zero, drive=through, says="at 0 nothing is handed down"),
    value(
        1,
        activations_crossed,
        drive=through_both,
        says="two modules do not share their state",
    ),
    left_alone(1, activations, drive=through, says="input and error are left as they were"),
    returns=("the output", "the error handed down"),
)
