"""The right answer to `train_epoch`."""

from __future__ import annotations


def train_epoch(network, loss_gradient, X, Y, learning_rate, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        values = X[rows]
        for module in network:
            values = module.output(values)
        error = loss_gradient(values, Y[rows])
        for module in reversed(network):
            error = module.backprop(error)
        for module in network:
            if hasattr(module, "weights"):
                module.weights = module.weights - learning_rate * module.gradient
