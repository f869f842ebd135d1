"""The right answer to `one_hot`."""

from __future__ import annotations

import numpy as np


def one_hot(train_values, values):
    categories = np.unique(train_values)
    table = np.zeros((len(values), len(categories)))
    for column, category in enumerate(categories):
        table[values == category, column] = 1.0
    return table
