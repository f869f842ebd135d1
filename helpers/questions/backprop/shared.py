"""What several exercises of this lesson are asked on."""

from __future__ import annotations

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
    one, other = Module(), Module()
    outputs = one.output(Z), other.output(other_Z)
    return *outputs, one.backprop(error), other.backprop(other_error)


def activations(rng):
    n, m = different(rng, 2)
    for shape in ((n, m), (1, m), (n, 1)):
        yield rng.normal(0, 2, size=shape), rng.normal(size=shape)


def tiny_errors(rng):
    """Some errors are tiny; one, at a unit that is on, is nan and stays alone."""
    n, m = different(rng, 2)
    for shape in ((n, m), (4, 7), (1, m)):
        Z = rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.2, 2, size=shape)
        error = rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.2, 2, size=shape)
        error[rng.random(size=shape) < 0.3] = tiny(rng)
        place = tuple(int(rng.integers(k)) for k in shape)
        Z[place], error[place] = abs(Z[place]), np.nan
        yield Z, error


def activations_crossed(rng):
    drawn = list(activations(rng))
    for one, other in pairwise(drawn):
        yield *one, *other
