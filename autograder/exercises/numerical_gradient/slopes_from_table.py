"""The right answer to `slopes_from_table`."""

from __future__ import annotations

import numpy as np


def slopes_from_table(loss, losses, h, digits):
    slopes = np.array([(after - loss) / h for after in losses])
    margin = 10.0**-digits / abs(h)
    return slopes, margin
