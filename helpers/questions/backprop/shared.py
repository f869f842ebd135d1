"""What several exercises of this lesson are asked on."""

from __future__ import annotations

from copy import copy
from itertools import islice
from operator import is_not

import numpy as np

from helpers._findings import changed
from helpers.checks import name_of
from helpers.questions.base import Wrong, different, tiny, travels


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
    second = one.output(-0.5 * Z), one.backprop(copy(error)), one.backprop(-2 * error)
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
    """Numbers of either sign, and among them large ones. The last is the other way round in memory,
    of the same shape as the one before.
    """
    n, m = different(rng, 2, 2, 4)
    for shape in ((1, m), (n, 1), (n, m)):
        Z = rng.normal(0, 2, size=shape)
        large = rng.permutation(Z.size)[: min(2, Z.size - 1)]
        Z.flat[large] = (rng.uniform(20, 30, size=2) * [1, -1])[: large.size]
        yield Z, rng.normal(size=shape)
    yield rng.normal(0, 2, size=(m, n)).T, rng.normal(size=(m, n)).T


def tiny_errors(rng):
    """Some errors are tiny; one, at a unit that is on, is nan and stays alone."""
    n, m = different(rng, 2, 2, 4)
    for shape in ((n, m), (1, m)):
        Z = rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.2, 2, size=shape)
        error = rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.2, 2, size=shape)
        error[rng.random(size=shape) < 0.3] = tiny(rng)
        place = tuple(int(rng.integers(k)) for k in shape)
        Z[place], error[place] = abs(Z[place]), np.nan
        yield Z, error


def activations_crossed(rng):
    """Two of different shapes; the first has large numbers of either sign."""
    other, _, one, _ = activations(rng)
    yield *one, *other


def activations_both_ways(rng):
    """One by rows in memory, and one by columns."""
    return islice(activations(rng), 2, None)


def link(rng, slope=0.0, level_at=None):
    """A function of one number and its derivative, neither flat nor linear, of so much slope more.

    The function is rounded, as in a table: what is asked for is made of the derivatives given.
    level_at: where the derivative is 0, if that is wanted.
    """
    a, b, c = rng.uniform(0.4, 1.2), rng.uniform(-2, 2), slope + rng.uniform(0.2, 0.6)
    if level_at is not None:
        c = -a * np.cos(level_at + b)

    def function(x):
        return round(float(a * np.sin(x + b) + c * x), 3)

    def derivative(x):
        return float(a * np.cos(x + b) + c)

    return function, derivative


def keeping_lists(answer, functions, derivatives, *rest):
    """What the answer returns; `Wrong` where the lists no longer hold what they held."""
    given = {"functions": functions, "derivatives": derivatives}
    before = {name: list(one) for name, one in given.items()}
    value = answer(functions, derivatives, *rest)
    for name, one in given.items():
        if one != before[name]:
            raise Wrong(changed(name_of(answer), name))
    return value


@travels
class Squashed:
    """A layer of the course's own; the judge's network is made of these.

    Its weights, a row of biases among them, act through tanh: a `Dense` is another layer, and what
    derives from this one answers nothing.
    """

    def __init__(self, weights):
        self.weights = weights

    def output(self, X):
        self.given = np.column_stack([X, np.ones(len(X))])
        return self.given @ np.tanh(self.weights)

    def backprop(self, error):
        squashed = np.tanh(self.weights)
        self.gradient = (self.given.T @ error) * (1 - squashed**2)
        return (error @ squashed.T)[:, :-1]


@travels
class Bend:
    """A smooth function without weights."""

    def output(self, Z):
        self.h = np.tanh(Z)
        return self.h

    def backprop(self, error):
        return error * (1 - self.h**2)


def network_of(weights):
    """Layers of these weights, with a `Bend` between any two."""
    layers = [Squashed(array) for array in weights]
    return [module for layer in layers for module in (layer, Bend())][:-1]


def row_of(weights):
    """Layers of these weights in a row, between two `Bend`s."""
    return [Bend(), *map(Squashed, weights), Bend()]


def keeping_network(answer, network, *rest, **settings):
    """What the answer returns; `Wrong` where the list no longer holds the same modules."""
    before = list(network)
    value = answer(network, *rest, **settings)
    if len(network) != len(before) or any(map(is_not, network, before)):
        raise Wrong(changed(name_of(answer), "network"))
    return value
