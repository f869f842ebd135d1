"""What `ReLU` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.backprop.shared import (
    BOTH,
    activations,
    activations_both_ways,
    activations_crossed,
    through,
    through_both,
    tiny_errors,
)
from helpers.questions.base import Asked
from helpers.questions.usual import exact, left_alone, value


def _uncapped(rng):
    """Each with one number that is far from 0, and so is its error, of one sign or the other. Where
    its row has another entry, one is below 0.
    """
    for sign, (Z, error) in zip(rng.permutation([1, -1, 1, -1]), activations(rng), strict=True):
        place = np.unravel_index(np.argmax(Z), Z.shape)
        Z[place[0], place[1] - 1] = -rng.uniform(0.5, 2)
        Z[place] = rng.uniform(1e3, 1e4)
        error[place] = sign * rng.uniform(20, 40)
        yield Z, error


def _at_zero(rng):
    """Zeros with an error of either sign."""
    Z = np.array([0.0, 0.0, -1.0, 2.0, 3.0, -2.0]) * rng.uniform(0.5, 1.5, size=6)
    error = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0]) * rng.uniform(0.2, 2, size=6)
    order = rng.permutation(6)
    yield Z[order].reshape(2, 3), error[order].reshape(2, 3)
    yield Z[:4].reshape(2, 2), error[:4].reshape(2, 2)  # where a matrix product would do


ASKED = Asked(
    "ReLU",
    value(1, _uncapped, drive=through, says="output, and error handed down"),
    exact(1, tiny_errors, drive=through, says="each entry by itself, to the last digit"),
    value(1, _at_zero, drive=through, says="at 0 nothing is handed down"),
    value(
        1,
        activations_crossed,
        drive=through_both,
        returns=BOTH,
        says="a second module, a second call: each has its own input",
    ),
    left_alone(
        1, activations_both_ways, drive=through, says="input and error are left as they were"
    ),
    returns=("the output", "the error handed down"),
)
