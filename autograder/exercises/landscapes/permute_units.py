"""The right answer to `permute_units`."""

from __future__ import annotations

import numpy as np


def permute_units(W1, W2, order):
    return W1[:, order], np.vstack([W2[:-1][order], W2[-1:]])
