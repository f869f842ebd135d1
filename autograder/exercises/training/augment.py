"""The right answer to `augment`."""

from __future__ import annotations

import numpy as np


def augment(images, share, rng):
    n, rows, columns = images.shape
    moved = rng.random(n) < share
    down = np.where(moved, rng.integers(-1, 2, size=n), 0)
    right = np.where(moved, rng.integers(-1, 2, size=n), 0)
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    i = np.arange(rows)[:, None] + 1 - down[:, None, None]
    j = np.arange(columns) + 1 - right[:, None, None]
    return framed[np.arange(n)[:, None, None], i, j]
