"""What `ReLU` is asked."""

from __future__ import annotations

from helpers.questions.backprop.shared import (
    activations,
    activations_crossed,
    through,
    through_both,
    tiny_errors,
)
from helpers.questions.base import Asked
from helpers.questions.usual import exact, left_alone, value


def _at_zero(rng):
    Z = rng.permutation([0.0, -1.0, 2.0, 3.0, 0.0, -2.0]) * rng.uniform(0.5, 1.5, size=6)
    yield Z.reshape(2, 3), rng.normal(size=(2, 3))


ASKED = Asked(
    "ReLU",
    value(1, activations, drive=through, says="output, and error handed down"),
    exact(1, tiny_errors, drive=through, says="each entry by itself, to the last digit"),
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
