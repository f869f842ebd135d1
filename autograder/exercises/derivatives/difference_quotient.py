"""The right answer to `difference_quotient`."""

from __future__ import annotations


def difference_quotient(f, x, h):
    return (f(x + h) - f(x)) / h
