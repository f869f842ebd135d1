"""The right answer to `one_epoch`."""

from __future__ import annotations


def one_epoch(network, rule, states, loss_gradient, X, Y, batch_size, rng, **settings):
    states = list(states)
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        values = X[rows]
        for module in network:
            values = module.output(values)
        error = loss_gradient(values, Y[rows])
        for module in reversed(network):
            error = module.backprop(error)
        for k, module in enumerate(network):
            if hasattr(module, "weights"):
                w, g = module.weights, module.gradient
                module.weights, states[k] = rule(w, g, states[k], **settings)
    return states
