"""The right answer to `standard_error`."""

from __future__ import annotations


def standard_error(gradients, batch_size, repeats, rng):
    rows = rng.integers(0, len(gradients), size=(repeats, batch_size))
    return gradients[rows].mean(axis=1).std(axis=0)
