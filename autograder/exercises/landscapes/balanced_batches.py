"""The right answer to `balanced_batches`."""

from __future__ import annotations

import numpy as np


def balanced_batches(y, count, rng):
    order = rng.permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    return [order[k::count] for k in range(count)]
