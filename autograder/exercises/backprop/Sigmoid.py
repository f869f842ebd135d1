"""The right answer to `Sigmoid`."""

from __future__ import annotations

import numpy as np


class Sigmoid:
    def output(self, Z):
        e = np.exp(-np.abs(Z))
        self.s = np.where(Z >= 0, 1.0, e) / (1.0 + e)
        return self.s

    def backprop(self, error):
        return error * self.s * (1.0 - self.s)
