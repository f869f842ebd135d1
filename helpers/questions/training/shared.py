"""What several exercises of this lesson are asked on: what chance may do."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Wrong

SIGMAS = 6
"""How many standard deviations chance is allowed: a false alarm in 5 · 10⁸."""


def probably(share, due, count, text):
    """`Wrong`, in these words, where a share of so many is not what it is due, but for chance."""
    if not abs(share - due) < SIGMAS * np.sqrt(due * (1 - due) / count):
        raise Wrong(text)
