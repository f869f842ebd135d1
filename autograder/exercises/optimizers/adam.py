"""The right answer to `adam`."""

from __future__ import annotations

import numpy as np


def adam(w, gradient, state, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    t = state.get("t", 0) + 1
    s = beta1 * state.get("s", 0.0) + (1 - beta1) * gradient
    r = beta2 * state.get("r", 0.0) + (1 - beta2) * gradient**2
    s_hat = s / (1 - beta1**t)
    r_hat = r / (1 - beta2**t)
    return w - learning_rate * s_hat / (np.sqrt(r_hat) + epsilon), {"t": t, "s": s, "r": r}
