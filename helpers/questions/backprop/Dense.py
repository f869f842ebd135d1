"""What `Dense` is asked."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np

from helpers._findings import Raised
from helpers.checks import call, compare
from helpers.questions.base import Asked, Question, Wrong, different, driven, numbers, tiny
from helpers.questions.usual import exact, kinds, left_alone, value


def _layer(Dense, weights):
    made = Dense(weights.shape[0] - 1, weights.shape[1], np.random.default_rng(0))
    made.weights = weights
    return made


def _pass(Dense, weights, X, error):
    """Forward and back through one layer with these weights."""
    layer = _layer(Dense, weights)
    output = layer.output(X)
    below = layer.backprop(error)
    return output, below, layer.gradient


def _back_twice(Dense, weights, X, first, second):
    """One pass forward, two back: the second must not remember the first, nor write into it."""
    layer = _layer(Dense, weights)
    layer.output(X)
    found: list = []
    kept: list = []
    for error in (first, second):
        found += [layer.backprop(error), copy(layer.gradient)]
        kept.append(layer.gradient)
    return *found, kept[0]


def _again(Dense, weights, X, error, other_weights, other_X, other_error):
    """Other inputs, another number of them, and then other weights; arrays are new each time."""
    layer = _layer(Dense, weights)
    found = []
    for given, above in ((X, error), (-2 * X, error), (other_X, other_error)):
        found += [layer.output(copy(given)), layer.backprop(copy(above)), layer.gradient]
    layer.weights = other_weights
    return *found, layer.output(X), layer.backprop(error), layer.gradient


def _crossed(Dense, weights, X, error, other_weights, other_X, other_error):
    """Two layers, forward and back in turns."""
    one, other = _layer(Dense, weights), _layer(Dense, other_weights)
    outputs = one.output(X), other.output(other_X)
    return *outputs, one.backprop(error), other.backprop(other_error), one.gradient, other.gradient


def _weights_after(Dense, weights, X, error):
    layer = _layer(Dense, weights)
    layer.output(X)
    layer.backprop(error)
    return layer.weights


def _far(rng, n, m, c):
    """Of two examples output and error are far from 0, of either sign, and so is what is handed
    down; the gradient is, too, of the sign of X.
    """
    weights, X, error = (rng.normal(size=shape) for shape in ((m + 1, c), (n, m), (n, c)))
    weights[:-1] = rng.uniform(0.5, 1.5, size=(m, c))
    for row, sign in ((0, 1), (1, -1)):
        X[row] = sign * rng.uniform(5, 10, size=m)
        error[row] = sign * rng.uniform(5, 10, size=c)
    return weights, X, error


def _batches(rng):
    """One example, one unit, one input; as many of all; arrays the other way round in memory."""
    a, b, d = different(rng, 3, 2, 5)
    yield _far(rng, a, b, d)
    for n, m, c in ((1, d, a), (b, a, 1), (d, 1, b)):
        yield rng.normal(size=(m + 1, c)), rng.normal(size=(n, m)), rng.normal(size=(n, c))
    yield tuple(rng.normal(size=(2, k)).T for k in (3, 2, 2))


def _tiny_batches(rng):
    """An input whose weights are tiny, an output whose error is, and a nan; nothing cancels."""
    a, b, d = different(rng, 3, 2, 5)
    for n, m, c in ((a, b, d), (1, d, a)):
        weights = rng.uniform(0.2, 1, size=(m + 1, c))
        weights[rng.integers(m)] = tiny(rng, c)
        error = rng.uniform(0.2, 1, size=(n, c))
        small = int(rng.integers(c))
        error[:, small] = tiny(rng, n)
        if n > 1:
            error[rng.integers(n), small - 1] = np.nan
        yield weights, rng.uniform(0.2, 1, size=(n, m)), error


def _two_batches(rng):
    return list(_batches(rng))[:2]


def _by_rows_and_columns(rng):
    """In memory."""
    first, *_, last = _batches(rng)
    return [first, last]


def _two_errors(rng):
    for weights, X, error in _two_batches(rng):
        yield weights, X, error, rng.normal(size=error.shape)


def _small_batch(rng):
    yield _far(rng, 2, *different(rng, 2, 2, 4))


def _pairs(rng):
    """Of two different layers."""
    one, _, _, other, _ = _batches(rng)
    yield *one, *other


def _other_batches(rng):
    """For one layer, two batches and two arrays of weights."""
    m, c = different(rng, 2, 2, 4)
    yield *_far(rng, 4, m, c), *_far(rng, 2, m, c)


def _new_weights(Dense, n_in, n_out, rng):
    return Dense(n_in, n_out, rng).weights


def _drawn(f, n_in, n_out, rng):
    """A new layer's weights; `rng` itself goes on, no copy of it."""
    result = call(driven(f, _new_weights), n_in, n_out, rng)
    if result.error:
        raise Wrong(result.error)
    return numbers(result.value)


_WITHIN = {1: 0.682689, 2: 0.954500, 3: 0.997300}
"""The share of a normal distribution within so many standard deviations."""


def _beginning(f, rng, right):
    """New layers of many inputs, and of a few; and what is drawn is drawn from rng."""
    _new(f, int(rng.integers(400, 500)), int(rng.integers(200, 250)), rng)
    _new(f, int(rng.integers(1, 4)), 5000, rng)
    again = [_drawn(f, 4, 3, np.random.default_rng(5)) for _ in range(2)]
    if compare(again[1], again[0]):
        raise Wrong("two generators of the same seed give different weights: draw from rng")
    one = np.random.default_rng(5)
    if not compare(_drawn(f, 4, 3, one), _drawn(f, 4, 3, one)):
        raise Wrong("two layers made with one generator have the same weights: draw from rng")


def _new(f, n_in, n_out, rng):
    """The new weights are as they should be. 6σ: a false alarm in a billion."""
    weights = _drawn(f, n_in, n_out, np.random.default_rng(int(rng.integers(1000))))
    if weights.shape != (n_in + 1, n_out):
        raise Wrong(f"Dense({n_in}, {n_out}, rng).weights has shape {weights.shape}")
    if np.any(weights[-1] != 0):
        raise Wrong("the bias, the last row of the new weights, is not 0")
    mean, spread, fine = np.mean(weights[:-1]), np.std(weights[:-1]), 1 / np.sqrt(n_in)
    count = n_in * n_out
    if not abs(mean) < 6 * fine / np.sqrt(count):
        raise Wrong(f"the mean of the new weights is {mean:.4g}, too far from 0")
    if not abs(spread / fine - 1) < 6 / np.sqrt(2 * count):
        raise Wrong(f"with n_in = {n_in} the new weights spread by {spread:.4g}, not {fine:.4g}")
    if np.unique(weights[:-1]).size < count:
        raise Wrong("some of the new weights are equal: each is drawn by itself")
    for k, due in _WITHIN.items():
        share = np.mean(abs(weights[:-1]) < k * fine)
        if not abs(share - due) < 6 * np.sqrt(due * (1 - due) / count):
            raise Wrong(
                f"{share:.2%} of the new weights are smaller than {k}/√n_in; of a normal "
                f"distribution it is {due:.2%}"
            )


def _with_its_weights(question):
    """The same question; where it is failed, also whether the layer uses its weights at all."""

    def test(f, rng, right):
        try:
            question.test(f, rng, right)
        except Raised:
            raise
        except Wrong as wrong:
            X, weights = np.ones((1, 2)), np.ones((3, 2))
            one, other = (call(_layer(f, w).output, X).value for w in (weights, 2 * weights))
            unused = one is not None and compare(one, other) is None
            more = "\n  its output does not change with `layer.weights`" if unused else ""
            raise Wrong(f"{wrong}{more}") from None

    return replace(question, test=test)


_PARTS = ("the output", "the error handed down", "the gradient")
_TWICE = ("first", "second")
_LAYERS = ("the first layer", "the second layer")
_PASSES = ("the first inputs", "the next inputs", "inputs of another number", "other weights")

ASKED = Asked(
    "Dense",
    _with_its_weights(value(1, _batches, drive=_pass, says="output, error handed down, gradient")),
    exact(1, _tiny_batches, drive=_pass),
    Question("new weights: N(0, 1/n_in), and a bias of 0", 1, _beginning),
    value(
        1,
        _two_errors,
        drive=_back_twice,
        says="a second backprop starts afresh",
        returns=(
            *(f"{part} of the {k} backprop" for k in _TWICE for part in _PARTS[1:]),
            "the first gradient, looked at after the second backprop",
        ),
    ),
    value(
        1,
        _other_batches,
        drive=_again,
        says="other inputs, other sizes, other weights",
        returns=tuple(f"{part} for {given}" for given in _PASSES for part in _PARTS),
    ),
    value(
        1,
        _pairs,
        drive=_crossed,
        says="two layers do not share their state",
        returns=tuple(f"{part} of {layer}" for part in _PARTS for layer in _LAYERS),
    ),
    value(1, _two_batches, drive=_weights_after, says="backprop leaves the weights alone"),
    left_alone(1, _by_rows_and_columns, drive=_pass, says="input and error are left as they were"),
    kinds(1, _small_batch, integers=(1,), drive=_pass),
    returns=_PARTS,
)
