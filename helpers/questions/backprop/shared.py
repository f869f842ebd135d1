"""What several exercises of this lesson are asked on."""

from __future__ import annotations

from copy import copy
from itertools import pairwise

import numpy as np

from helpers.questions.base import different, tiny


def apply(operation, inputs):
    if operation == "exp":
        return float(np.exp(inputs[0]))
    a, b = inputs
    return {"+": a + b, "*": a * b, "max": max(a, b)}[operation]


def through(Module, Z, error):
    module = Module()
    return module.output(Z), module.backprop(error)


def through_both(Module, Z, error, other_Z, other_error):
    """Two modules in turns; then the first one again, with other inputs and other sizes.

    What they returned is looked at when all is done; what they are handed is new each time.
    """
    one, other = Module(), Module()
    outputs = one.output(copy(Z)), other.output(copy(other_Z))
    first = *outputs, one.backprop(copy(error)), other.backprop(copy(other_error))
    second = one.output(-Z), one.backprop(copy(error)), one.backprop(-2 * error)
    return *first, *second, one.output(other_Z), one.backprop(other_error)


BOTH = (
    "the first module's output",
    "the second module's output",
    "the error that the first module handed down",
    "the error that the second module handed down",
    "the first module's output for other inputs",
    "the error that it then handed down",
    "the error that it handed down in a second backprop",
    "its output for inputs of other sizes",
    "the error that it handed down for these",
)
"""What `through_both` returns."""


def activations(rng):
    """Numbers of either sign, and among them large ones; one is the other way round in memory."""
    n, m = different(rng, 2, 2, 4)
    for shape in ((n, m), (1, m), (n, 1)):
        Z = rng.normal(0, 2, size=shape)
        large = rng.permutation(Z.size)[: min(2, Z.size - 1)]
        Z.flat[large] = (rng.uniform(20, 30, size=2) * [1, -1])[: large.size]
        yield Z, rng.normal(size=shape)
    yield rng.normal(0, 2, size=(n, m)).T, rng.normal(size=(n, m)).T


def tiny_errors(rng):
    """Some errors are tiny; one, at a unit that is on, is nan and stays alone."""
    n, m = different(rng, 2, 2, 4)
    for shape in ((n, m), (2, 4), (1, m)):
        Z = rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.2, 2, size=shape)
        error = rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.2, 2, size=shape)
        error[rng.random(size=shape) < 0.3] = tiny(rng)
        place = tuple(int(rng.integers(k)) for k in shape)
        Z[place], error[place] = abs(Z[place]), np.nan
        yield Z, error


def activations_crossed(rng):
    """In pairs of different shapes."""
    drawn = list(activations(rng))
    for one, other in pairwise(drawn[:3]):
        yield *one, *other
