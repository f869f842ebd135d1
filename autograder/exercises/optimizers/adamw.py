"""The right answer to `adamw`."""

from __future__ import annotations

import numpy as np


def adamw(
    w, gradient, state, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, decay=0.01
):
    t = state.get("t", 0) + 1
    s = beta1 * state.get("s", 0.0) + (1 - beta1) * gradient
    r = beta2 * state.get("r", 0.0) + (1 - beta2) * gradient**2
    pull = s / (1 - beta1**t) / (np.sqrt(r / (1 - beta2**t)) + epsilon)
    return w - learning_rate * (pull + decay * w), {"t": t, "s": s, "r": r}
