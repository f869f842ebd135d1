"""The right answer to `ReLU`."""

from __future__ import annotations

import numpy as np


class ReLU:
    def output(self, Z):
        self.on = Z > 0
        return np.where(self.on, Z, 0.0)

    def backprop(self, error):
        return np.where(self.on, error, 0.0)
