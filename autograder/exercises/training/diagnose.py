"""The right answer to `diagnose`."""

from __future__ import annotations

import numpy as np


def diagnose(training, validation, baseline, wanted):
    end = training[-1]
    if np.isnan(end) or end >= baseline:
        return "not learning"
    if validation[-1] > 1.1 * np.min(validation):
        return "overfitting"
    return "underfitting" if end > wanted else "fine"
