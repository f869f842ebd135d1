"""The right answer to `local_derivatives`."""

from __future__ import annotations


def local_derivatives(operation, inputs, output):
    if operation == "+":
        return 1.0, 1.0
    if operation == "*":
        return inputs[1], inputs[0]
    if operation == "exp":
        return (output,)
    return (1.0, 0.0) if inputs[0] >= inputs[1] else (0.0, 1.0)
