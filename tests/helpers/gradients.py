"""A loss, its right gradient, and what is said of a wrong one."""

import numpy as np

RNG = np.random.default_rng(0)
X, T = RNG.normal(size=(7, 3)), RNG.normal(size=(7, 4))
W = RNG.normal(size=(3, 4))


def loss(W):
    return np.sum((X @ W - T) ** 2)


def gradient(W):
    return 2 * X.T @ (X @ W - T)


def complaint(check, *args, **options) -> str:
    report = check(*args, **options)
    assert report.verdict == "wrong"
    return str(report)
