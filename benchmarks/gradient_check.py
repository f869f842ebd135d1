"""Our gradient check beside the textbook one (fixed h, fixed tolerance), on the same cases.

`python -m benchmarks.gradient_check` prints, for right and wrong gradients at scales 1e-4 to 1e4,
the share that each refuses, and the time of ours as a multiple of the textbook's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from helpers import CheckFailed, check_gradient

CASES = 400
H, TOLERANCE = 1e-5, 1e-6


def textbook(f: Callable, gradient: Callable, w: np.ndarray) -> bool:
    """Central differences with a fixed step, relative error below a fixed tolerance."""
    yours, numerical = gradient(w), np.empty_like(w)
    for i in range(w.size):
        step = np.zeros_like(w)
        step[i] = H
        numerical[i] = (f(w + step) - f(w - step)) / (2 * H)
    size = np.maximum(np.abs(yours) + np.abs(numerical), 1e-8)
    return bool(np.max(np.abs(yours - numerical) / size) < TOLERANCE)


def ours(f: Callable, gradient: Callable, w: np.ndarray) -> bool:
    try:
        return bool(check_gradient(f, gradient, w, points=1))
    except CheckFailed:
        return False


def cases(scale: float) -> Iterator[tuple[Callable, Callable, Callable, np.ndarray]]:
    """A loss, its gradient, the gradient with one entry off by a factor, and a point."""
    for seed in range(CASES):
        rng = np.random.default_rng(seed)
        A, y = rng.normal(size=(6, 4)), rng.normal(size=6)
        i, factor = rng.integers(4), 1 + rng.choice([-1, 1]) * 10.0 ** rng.uniform(-4, 0.5)

        def f(w: np.ndarray, A: np.ndarray = A, y: np.ndarray = y) -> float:
            return float(np.sum(np.sqrt(1 + (A @ w - y) ** 2)))

        def right(w: np.ndarray, A: np.ndarray = A, y: np.ndarray = y) -> np.ndarray:
            r = A @ w - y
            return A.T @ (r / np.sqrt(1 + r**2))

        def wrong(
            w: np.ndarray, right: Callable = right, i: int = i, factor: float = factor
        ) -> np.ndarray:
            return right(w) * np.where(np.arange(4) == i, factor, 1.0)

        yield f, right, wrong, scale * rng.normal(size=4)


def main() -> None:
    print(f"{'scale':>7} {'':12} {'right refused':>14} {'wrong accepted':>15} {'time':>7}")
    for scale in (1e-4, 1e-2, 1.0, 1e2, 1e4):
        seconds = {}
        for check in (textbook, ours):
            start = time.perf_counter()
            refused = sum(not check(f, right, w) for f, right, _, w in cases(scale))
            accepted = sum(check(f, wrong, w) for f, _, wrong, w in cases(scale))
            seconds[check] = time.perf_counter() - start
            ratio = seconds[check] / seconds[textbook]
            shares = f"{refused / CASES:>13.1%} {accepted / CASES:>14.1%}"
            print(f"{scale:>7.0e} {check.__name__:12} {shares} {ratio:>6.1f}×")


if __name__ == "__main__":
    main()
