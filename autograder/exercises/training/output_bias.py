"""The right answer to `output_bias`."""

from __future__ import annotations

import numpy as np


def output_bias(Y, kind):
    share = np.mean(Y, axis=0)
    if kind == "number":
        return share
    return np.log(share) - np.log(1 - share)
