"""A gradient check of a two-layer network with 9,610 parameters, along random directions.

`python -m benchmarks.large_network` plants 21 errors in the gradient, one at a time, and prints
whether each is found and what is said; then the time of a check as a multiple of one backward pass.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from helpers import CheckFailed, check_gradient

BATCH, PIXELS, HIDDEN, CLASSES = 32, 64, 128, 10
Gradient = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def network(seed: int) -> tuple[Callable, Callable, tuple]:
    """A loss, its gradient, and parameters: softmax over a tanh layer, mean over the batch."""
    rng = np.random.default_rng(seed)
    X, labels = rng.normal(size=(BATCH, PIXELS)), rng.integers(0, CLASSES, size=BATCH)
    Y = np.eye(CLASSES)[labels]

    def forward(W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray) -> tuple:
        hidden = np.tanh(X @ W1 + b1)
        scores = hidden @ W2 + b2
        shifted = scores - scores.max(axis=1, keepdims=True)
        return hidden, shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

    def loss(W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray) -> float:
        return -float(np.sum(Y * forward(W1, b1, W2, b2)[1])) / BATCH

    def gradient(W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray) -> Gradient:
        hidden, log_p = forward(W1, b1, W2, b2)
        error = (np.exp(log_p) - Y) / BATCH
        below = (error @ W2.T) * (1 - hidden**2)
        return X.T @ below, below.sum(axis=0), hidden.T @ error, error.sum(axis=0)

    shapes = (PIXELS, HIDDEN), (HIDDEN,), (HIDDEN, CLASSES), (CLASSES,)
    return loss, gradient, tuple(rng.normal(size=s) / np.sqrt(s[0]) for s in shapes)


def planted() -> dict[str, Callable[[list[np.ndarray]], list[np.ndarray]]]:
    """21 errors, each a change of the list of four gradients."""

    def change(part: int, how: Callable[[np.ndarray], np.ndarray]) -> Callable:
        return lambda g: [how(a.copy()) if i == part else a for i, a in enumerate(g)]

    def one_entry(times: float) -> Callable[[np.ndarray], np.ndarray]:
        def spoil(a: np.ndarray) -> np.ndarray:
            a.flat[a.size // 3] *= times
            return a

        return spoil

    def zero_row(a: np.ndarray) -> np.ndarray:
        a[1] = 0
        return a

    def swap_rows(a: np.ndarray) -> np.ndarray:
        a[[0, 1]] = a[[1, 0]]
        return a

    names = ("W1", "b1", "W2", "b2")
    errors: dict[str, Callable] = {}
    for part, name in enumerate(names):
        errors[f"{name} times the batch"] = change(part, lambda a: a * BATCH)
        errors[f"{name} sign flipped"] = change(part, lambda a: -a)
        errors[f"{name} one entry doubled"] = change(part, one_entry(2.0))
    errors["W1 one entry zero"] = change(0, one_entry(0.0))
    errors["W1 one entry off by 1 %"] = change(0, one_entry(1.01))
    errors["W1 everything off by 0.01 %"] = change(0, lambda a: a * 1.0001)
    errors["W1 two rows exchanged"] = change(0, swap_rows)
    errors["W2 one row zero"] = change(2, zero_row)
    errors["W2 reversed"] = change(2, lambda a: a[::-1].copy())
    errors["b1 shifted"] = change(1, lambda a: np.roll(a, 1))
    errors["b2 mean in every entry"] = change(3, lambda a: np.full_like(a, a.mean() + 1e-3))
    errors["weight decay on W1 alone"] = lambda g: [g[0] + 1e-3, *g[1:]]
    return errors


def main() -> None:
    loss, right, parameters = network(0)
    count = sum(p.size for p in parameters)
    print(f"{count} parameters, batch {BATCH}: {check_gradient(loss, right, parameters)}")
    accepted = 0
    for name, spoil in planted().items():
        try:
            check_gradient(loss, lambda *p, s=spoil: tuple(s(list(right(*p)))), parameters)
            accepted += 1
            print(f"  ACCEPTED  {name}")
        except CheckFailed as failed:
            print(f"  found     {name}: {str(failed).splitlines()[0][:150]}")
    times = {}
    for what, run in (
        ("one backward pass", lambda: right(*parameters)),
        ("check by directions", lambda: check_gradient(loss, right, parameters)),
    ):
        best = np.inf
        for _ in range(7):
            start = time.perf_counter()
            run()
            best = min(best, time.perf_counter() - start)
        times[what] = best
        print(f"{what}: {1000 * best:.2f} ms")
    ratio = times["check by directions"] / times["one backward pass"]
    print(f"{accepted} of {len(planted())} accepted; a check costs {ratio:.0f} backward passes")


if __name__ == "__main__":
    main()
