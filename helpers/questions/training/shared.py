"""What several exercises of this lesson are asked on: what chance may do."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Wrong

SIGMAS = 7
"""How many standard deviations chance is allowed: of a thousand drawn numbers a share of a
twentieth or more lies beyond it less often than once in 10⁸, as test_chance.py computes.
"""


def probably(share, due, count, text):
    """`Wrong`, in these words, where a share of so many is not what it is due, but for chance."""
    if not abs(share - due) < SIGMAS * np.sqrt(due * (1 - due) / count):
        raise Wrong(text)
