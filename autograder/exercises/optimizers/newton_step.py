"""The right answer to `newton_step`."""

from __future__ import annotations

import numpy as np


def newton_step(w, gradient, hessian):
    return w - np.linalg.solve(hessian, gradient)
