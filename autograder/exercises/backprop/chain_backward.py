"""The right answer to `chain_backward`."""

from __future__ import annotations


def chain_backward(functions, derivatives, error_derivative, x):
    values = [x]
    for function in functions:
        values.append(function(values[-1]))
    handed = [error_derivative(values[-1])]
    for derivative, value in zip(reversed(derivatives), reversed(values[:-1]), strict=True):
        handed.insert(0, handed[0] * derivative(value))
    return handed
