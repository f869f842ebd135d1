"""The right answer to `loss_slice`."""

from __future__ import annotations

import numpy as np


def loss_slice(loss, w, first, second, along, across):
    return np.array([[loss(w + a * first + b * second) for b in across] for a in along])
