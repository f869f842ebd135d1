"""What `Sigmoid` is asked."""

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
from helpers.questions.usual import exact, left_alone, silent, value


def _inputs(rng):
    """In the last two arrays also zeros, with large errors of either sign."""
    for Z, error in activations(rng):
        if min(Z.shape) > 1:
            places = np.argsort(np.abs(Z), axis=None)[:2]
            Z.flat[places] = 0.0
            error.flat[places] = rng.uniform(30, 40, size=2) * [1, -1]
        yield Z, error
    yield rng.normal(size=(3, 3)), rng.normal(size=(3, 3))  # where a matrix product would do


def _far(rng):
    Z = np.array([[-1000.0, -800.0, -710.0], [0.0, 720.0, 1000.0]])
    yield Z, rng.normal(size=Z.shape)


def _both_ways_and_far(rng):
    yield from activations_both_ways(rng)
    yield from _far(rng)


ASKED = Asked(
    "Sigmoid",
    value(1, _inputs, drive=through, says="output, and error handed down"),
    exact(1, tiny_errors, drive=through, rtol=1e-13),
    silent(1, _far, drive=through, says="no overflow up to |z| = 1000"),
    value(
        1,
        activations_crossed,
        drive=through_both,
        returns=BOTH,
        says="a second module, a second call: each has its own input",
    ),
    left_alone(1, _both_ways_and_far, drive=through, says="input and error are left as they were"),
    returns=("the output", "the error handed down"),
)
