"""What `train_epoch` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different, shown
from helpers.questions.usual import value


@shown
class _Affine:
    """A layer of the course's own, with a row of biases; the judge's network is made of these."""

    def __init__(self, weights):
        self.weights = weights

    def output(self, X):
        self.given = np.column_stack([X, np.ones(len(X))])
        return self.given @ self.weights

    def backprop(self, error):
        self.gradient = self.given.T @ error
        return (error @ self.weights.T)[:, :-1]


@shown
class _Bend:
    """A smooth function without weights."""

    def output(self, Z):
        self.h = np.tanh(Z)
        return self.h

    def backprop(self, error):
        return error * (1 - self.h**2)


def _after(train_epoch, weights, more, X, Y, learning_rate, batch_size, seed):
    """The weights of a small network after one epoch, and the sizes of the batches."""
    first, last = _Affine(weights), _Affine(more)
    sizes = []

    def loss_gradient(output, Y):
        sizes.append(len(output))
        return 2 * (output - Y) / len(Y)

    rng = np.random.default_rng(seed)
    train_epoch([first, _Bend(), last], loss_gradient, X, Y, learning_rate, batch_size, rng)
    return first.weights, last.weights, np.array(sizes)


def _epochs(rng):
    m, h, c = different(rng, 3, 2, 6)
    for n, batch_size in ((11, 4), (9, 3), (7, 7)):
        yield (
            rng.normal(size=(m + 1, h)),
            rng.normal(size=(h + 1, c)),
            rng.normal(size=(n, m)),
            rng.normal(size=(n, c)),
            float(rng.uniform(0.05, 0.3)),
            batch_size,
            int(rng.integers(1000)),
        )


def _odd_batches(rng):
    """One example at a time, and a batch larger than the data."""
    for args in _epochs(rng):
        *first, _, seed = args
        yield *first, 1, seed
        yield *first, 50, seed


def _old_arrays(train_epoch, weights, more, X, Y, learning_rate, batch_size, seed):
    """What the arrays hold that were the weights before."""
    _after(train_epoch, weights, more, X, Y, learning_rate, batch_size, seed)
    return weights, more


ASKED = Asked(
    "train_epoch",
    value(4, _epochs, drive=_after, says="the weights after an epoch", rtol=1e-6),
    value(1, _odd_batches, drive=_after, says="batches of one, and of all", rtol=1e-6),
    value(1, _epochs, drive=_old_arrays, says="the old arrays are left as they were"),
    returns=("the first layer's weights", "the last layer's weights", "the batch sizes"),
)
