"""The right answer to `backward`."""

from __future__ import annotations

from autograder.exercises.backprop.local_derivatives import local_derivatives


def backward(graph, values):
    derivatives = [0.0] * len(graph)
    derivatives[-1] = 1.0
    for i in range(len(graph) - 1, -1, -1):
        operation, *inputs = graph[i]
        if operation == "input":
            continue
        local = local_derivatives(operation, [values[j] for j in inputs], values[i])
        for j, derivative in zip(inputs, local, strict=True):
            derivatives[j] += derivative * derivatives[i]
    return derivatives
