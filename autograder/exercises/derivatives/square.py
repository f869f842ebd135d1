"""The right answer to `square`."""

from __future__ import annotations


def square(x):
    return x * x
