"""What `diagnose` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.usual import left_alone, value


def _curve(rng, last, lowest=None):
    """Losses that fall to `lowest`, somewhere, and end at `last`; the first ones are higher."""
    count = int(rng.integers(4, 9))
    losses = np.sort(rng.uniform(1.2, 2, size=count))[::-1] * max(last, lowest or last)
    losses[-1] = last
    if lowest is not None:
        losses[rng.integers(1, count - 1)] = lowest
    return losses


def _curves(rng):
    """Each name in several ways, far from the borders; two names fit, and the first one counts."""
    for _ in range(2):
        end, climbed = rng.uniform(0.3, 0.6), rng.uniform(0.8, 1)
        over = _curve(rng, climbed, climbed / rng.uniform(1.15, 3))
        level = _curve(rng, climbed, climbed / rng.uniform(1.01, 1.08))
        for validation in (over, level, _curve(rng, climbed)):
            for baseline in (2.0 * end, 0.8 * end):
                for wanted in (1.2 * end, 0.7 * end):
                    yield _curve(rng, end), validation, baseline, wanted
    low = _curve(rng, 0.9, 0.2)  # it was lower before: what counts is the last one
    for baseline, wanted in ((0.5, 0.3), (2.0, 0.3)):
        yield low, _curve(rng, 1.0), baseline, wanted
    yield low, _curve(rng, 1.0, 0.5), 2.0, 0.3
    end = rng.uniform(0.3, 0.6)  # the validation loss is above the baseline, or climbs by little
    yield _curve(rng, end), _curve(rng, 1.0), 0.9, 1.2 * end
    yield _curve(rng, 0.02), _curve(rng, 1.0, 0.95), 2.0, 1.2 * end
    for lowest in (0, 1):  # long ago, even at the first epoch
        long = np.full(30, 1.0)
        long[lowest] = 0.5
        yield _curve(rng, end), long, 2.0, 1.2 * end
    up, down = (np.append(_curve(rng, before * end), end) for before in (0.2, 4.0))
    for baseline, wanted in ((2.0, 0.9 * end), (0.9 * end, 2.0), (1.2 * end, 1.1 * end)):
        for training in (up, down):  # it jumps at its end
            yield training, down, baseline, wanted


def _borders(rng):
    """A loss that is nan, exactly the baseline, exactly what is wanted; a single epoch."""
    end = float(rng.uniform(0.3, 0.6))
    falling = _curve(rng, end)
    for wanted in (0.7 * end, 1.2 * end):
        yield falling, _curve(rng, 1.0), end, wanted
        broken = falling.copy()
        broken[-1] = np.nan
        yield broken, _curve(rng, 1.0), 2.0, wanted
        yield broken, broken.copy(), 2.0, wanted
    yield np.array([np.nan]), np.array([np.nan]), 2.0, 1.0
    yield falling, _curve(rng, 1.0), 2.0, end
    for baseline, wanted in ((2.0, 1.0), (2.0, 0.1), (0.1, 1.0)):
        yield np.array([end]), np.array([0.7]), baseline, wanted
    for above in (1.095, 1.105):
        yield falling, _curve(rng, 1.0, 1 / above), 2.0, 1.0
    for gain in (1.0, 100.0):  # it is a tenth of the lowest loss, whatever its size
        turned = gain * _curve(rng, 1.0, 0.95)
        yield gain * falling, turned, gain * 2.0, gain
        yield gain * falling, gain * _curve(rng, 1.0, 0.85), gain * 2.0, gain
        yield gain * falling, turned, gain * 2.0, gain * 0.01


ASKED = Asked(
    "diagnose",
    value(3, _curves, says="the first name that fits"),
    value(1, _borders, says="nan, exactly on a border, a single epoch"),
    left_alone(1, _curves),
)
