"""The right answer to `rms_prop`."""

from __future__ import annotations

import numpy as np


def rms_prop(w, gradient, state, learning_rate=0.001, rho=0.9, epsilon=1e-8):
    r = rho * state.get("r", 0.0) + (1 - rho) * gradient**2
    return w - learning_rate * gradient / np.sqrt(r + epsilon), {"r": r}
