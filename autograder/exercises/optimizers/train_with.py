"""The right answer to `train_with`."""

from __future__ import annotations


def train_with(rule, gradient, parameters, states, batches, **settings):
    parameters, states = list(parameters), list(states)
    for batch in batches:
        gradients = gradient(parameters, batch)
        for k, g in enumerate(gradients):
            parameters[k], states[k] = rule(parameters[k], g, states[k], **settings)
    return parameters, states
