"""What `train_epoch` is asked."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, pairwise

import numpy as np

from helpers._findings import Raised
from helpers.checks import call, compare
from helpers.questions.backprop.shared import keeping_network, network_of, row_of
from helpers.questions.base import Asked, Wrong, different, driven
from helpers.questions.usual import left_alone, value


def _after(train_epoch, weights, more, X, Y, learning_rate, batch_size, seed):
    """The weights of a small network after one epoch, and the sizes of the batches."""
    network = network_of([weights, more])
    sizes = []

    def loss_gradient(output, Y):
        sizes.append(len(output))
        return 2 * (output - Y) / len(Y)

    rng = np.random.default_rng(seed)
    train_epoch(list(network), loss_gradient, X, Y, learning_rate, batch_size, rng)
    return network[0].weights, network[2].weights, np.array(sizes)


def _with_its_list(train_epoch, weights, more, X, Y, learning_rate, batch_size, seed):
    """As above; the list of modules has to be the same afterwards."""
    network, rng = network_of([weights, more]), np.random.default_rng(seed)
    first = network[0]
    keeping_network(train_epoch, network, loss_gradient, X, Y, learning_rate, batch_size, rng)
    return first.weights


def loss_gradient(output, Y):
    """Of the mean of squares."""
    return 2 * (output - Y) / len(Y)


def _three_epochs(train_epoch, weights, in_a_row, X, Y, learning_rate, batch_size, seed):
    """The weights of a long network, or of a single layer, after three epochs: all examples, all
    but one, and all once more.

    in_a_row: modules without weights stand not between the layers, but before and behind them.
    """
    network = row_of(weights) if in_a_row else network_of(weights)
    layers, rng = [m for m in network if hasattr(m, "weights")], np.random.default_rng(seed)
    for first in (0, 1, 0):
        inputs, targets = X[first:].copy(), Y[first:].copy()
        train_epoch(list(network), loss_gradient, inputs, targets, learning_rate, batch_size, rng)
    return tuple(layer.weights for layer in layers)


def _epochs(rng):
    """The last batch is short by more than one, so that sizes as equal as can be are others. Where
    all are one batch, the targets are far away, and so is one step.
    """
    m, h, c = different(rng, 3, 2, 5)
    for n, batch_size in ((9, 4), (6, 3), (7, 7)):
        yield (
            rng.normal(size=(m + 1, h)),
            rng.normal(size=(h + 1, c)),
            rng.normal(size=(n, m)),
            rng.normal(0, 100 if n == batch_size else 1, size=(n, c)),
            float(rng.uniform(0.05, 0.3)),
            batch_size,
            int(rng.integers(1000)),
        )


def _one_epoch(rng):
    return islice(_epochs(rng), 1, 2)


def _odd_batches(rng):
    """One example at a time, and a batch larger than the data; one layer, and four; three in a
    row.
    """
    for sizes, batch_size in (([3, 2], 1), ([2, 3, 2, 1, 3], 50), ([2, 4, 1, 2], 5)):
        in_a_row = batch_size == 5
        weights = [rng.normal(size=(m + 1, c)) for m, c in pairwise(sizes)]
        n = 4 if batch_size == 1 else 7
        X, Y = rng.normal(size=(n, sizes[0])), rng.normal(size=(n, sizes[-1]))
        rate, seed = float(rng.uniform(0.05, 0.3)), int(rng.integers(1000))
        yield weights, in_a_row, X, Y, rate, batch_size, seed


def _drawing_from_rng(question):
    """The same question; where it is failed, also whether equal generators give equal epochs."""

    def test(f, rng, right):
        try:
            question.test(f, rng, right)
        except Raised:
            raise
        except Wrong as wrong:
            given = next(_epochs(np.random.default_rng(0)))
            one, other = (call(driven(f, _after), *given).value for _ in range(2))
            differ = one is not None and other is not None and compare(one, other)
            more = "\n  equal generators give different weights: draw from rng" if differ else ""
            raise Wrong(f"{wrong}{more}") from None

    return replace(question, test=test)


ASKED = Asked(
    "train_epoch",
    _drawing_from_rng(
        value(4, _epochs, drive=_after, says="the weights after an epoch", rtol=1e-9)
    ),
    value(1, _odd_batches, drive=_three_epochs, says="long networks, three epochs", rtol=1e-9),
    left_alone(
        1,
        _one_epoch,
        drive=_with_its_list,
        says="X, Y, old weights and the list are left as they were",
    ),
    returns=("the first layer's weights", "the last layer's weights", "the batch sizes"),
)
