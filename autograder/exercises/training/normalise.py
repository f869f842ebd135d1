"""The right answer to `normalise`."""

from __future__ import annotations

import numpy as np


def normalise(train_X, X):
    varies = np.max(train_X, axis=0) > np.min(train_X, axis=0)
    deviation = np.where(varies, np.std(train_X, axis=0), 1.0)
    return (X - np.mean(train_X, axis=0)) / deviation
