"""The right answer to `loss_and_gradients`."""

from __future__ import annotations

import numpy as np


def loss_and_gradients(network, X, Y):
    values = X
    for module in network:
        values = module.output(values)
    loss = np.sum((values - Y) ** 2) / (2 * len(X))
    error = (values - Y) / len(X)
    for module in reversed(network):
        error = module.backprop(error)
    return loss, [module.gradient for module in network if hasattr(module, "weights")]
