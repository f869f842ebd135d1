"""The right answer to `tensor_rules`."""

from __future__ import annotations

import numpy as np

from autograder.exercises.backprop.unbroadcast import unbroadcast


def tensor_rules(operation, upstream, inputs, output):
    if operation == "relu":
        return (upstream * (inputs[0] > 0),)
    if operation == "exp":
        return (upstream * output,)
    if operation == "log":
        return (upstream / inputs[0],)
    if operation == "sum":
        return (upstream * np.ones(inputs[0].shape),)
    a, b = inputs
    if operation == "@":
        return upstream @ b.T, a.T @ upstream
    if operation == "*":
        return unbroadcast(upstream * b, a.shape), unbroadcast(upstream * a, b.shape)
    return unbroadcast(upstream, a.shape), unbroadcast(upstream, b.shape)
