"""What `probe` is asked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.numerical_gradient.shared import Rng, wave
from helpers.questions.usual import arrays, calls, left_alone, value


def probe_probes(rng: Rng) -> Iterator[tuple]:
    for n, k in ((4, 3), (7, 2), (3, 5)):
        f, _ = wave(rng, (n,))
        yield f, rng.normal(size=n), int(rng.integers(2, n)), rng.normal(size=k)
    # The first entry, and the last one; not contiguous; the same sizes again.
    for n, k, i in ((4, 4, 0), (5, 1, 4), (4, 4, 0)):
        yield wave(rng, (n,))[0], rng.normal(size=2 * n)[::2], i, rng.normal(size=2 * k)[::2]
    # As many values as weights, a 0 among both.
    w, values = (rng.permutation(np.append(0.0, rng.normal(size=3))) for _ in range(2))
    yield wave(rng, (4,))[0], w, int(rng.integers(4)), values


def probe_integers(rng: Rng) -> Iterator[tuple]:
    for n, k in ((5, 3), (3, 4)):
        f, _ = wave(rng, (n,))
        w = rng.integers(-3, 4, size=n)
        yield f, w, int(rng.integers(0, n)), rng.integers(-3, 3, size=k) + rng.uniform(0.2, 0.8, k)
        yield f, w, int(rng.integers(0, n)), rng.integers(-3, 3, size=k)
        yield f, rng.normal(size=n), int(rng.integers(0, n)), rng.integers(-3, 3, size=k)


ASKED = Asked(
    "probe",
    value(2, probe_probes, says="the loss at each value, the other entries frozen"),
    arrays(1, probe_integers, says="an array, for weights or values that are integers too"),
    left_alone(1, probe_probes, says="w and earlier results are left as they were"),
    calls(
        1,
        lambda loss, w, i, values: len(values),
        probe_probes,
        says="one forward pass per value",
    ),
)
