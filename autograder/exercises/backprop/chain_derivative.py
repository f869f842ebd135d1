"""The right answer to `chain_derivative`."""

from __future__ import annotations


def chain_derivative(functions, derivatives, x):
    product = 1.0
    for function, derivative in zip(functions, derivatives, strict=True):
        product = product * derivative(x)
        x = function(x)
    return product
