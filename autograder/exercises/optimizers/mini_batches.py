"""The right answer to `mini_batches`."""

from __future__ import annotations


def mini_batches(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]
