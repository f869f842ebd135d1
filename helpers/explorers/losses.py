"""Losses of small models as surfaces: two weights, and data to fit."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from helpers import datasets, surfaces


@lru_cache(maxsize=1)
def tiny_network() -> surfaces.Surface:
    """The loss of a real network with two weights: w₂·tanh(w₁·x), fitted to 20 points.

    tanh is odd, so −w₁ and −w₂ predict the same as w₁ and w₂: there are two minima.
    """
    rng = np.random.default_rng(3)
    x = rng.uniform(-2, 2, size=20)
    y = 1.5 * np.tanh(2 * x) + 0.1 * rng.normal(size=20)

    def loss(w1, w2):
        predictions = np.multiply.outer(w2, np.ones(20)) * np.tanh(np.multiply.outer(w1, x))
        return np.mean((predictions - y) ** 2, axis=-1)

    def slopes(w1, w2):
        h = 1e-5
        return (
            (loss(w1 + h, w2) - loss(w1 - h, w2)) / (2 * h),
            (loss(w1, w2 + h) - loss(w1, w2 - h)) / (2 * h),
        )

    return surfaces.Surface(
        name="tiny network",
        formula="mean (w₂ tanh(w₁ x) − y)²",
        domain=((-4.0, 4.0), (-3.0, 3.0)),
        minima=((1.97358702, 1.52447714), (-1.97358702, -1.52447714)),
        lowest=0.011372614602635969,
        start=(-0.5, 2.0),
        source="Made for this course: one hidden unit, 20 points. Its gradient is numerical.",
        value=loss,
        slopes=slopes,
    )


FEATURES = ("mean radius", "mean concave points")


@lru_cache(maxsize=1)
def tumours() -> surfaces.Surface:
    """The loss of logistic regression on real data: 569 tissue samples, two features.

    The features, each with mean 0 and standard deviation 1, are correlated by 0.82: at w = 0 the
    loss is ten times as curved along the diagonal of the axes as across it.
    """
    data = datasets.tumours()
    columns = data.columns(*FEATURES)
    columns = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    first, second = columns.T
    signs = np.where(data.y == 1, -1.0, 1.0)  # malignant is what the score speaks for

    def margins(w1, w2):
        return signs * (np.multiply.outer(w1, first) + np.multiply.outer(w2, second))

    def loss(w1, w2):
        return np.mean(np.logaddexp(0.0, -margins(w1, w2)), axis=-1)

    def slopes(w1, w2):
        pull = -signs * np.exp(-np.logaddexp(0.0, margins(w1, w2)))  # −s·σ(−margin)
        return np.mean(pull * first, axis=-1), np.mean(pull * second, axis=-1)

    return surfaces.Surface(
        name="tumours",
        formula="mean log(1 + e^(∓(w₁ x₁ + w₂ x₂)))",
        domain=((-3.0, 5.0), (-3.0, 6.0)),
        minima=((2.39383234, 3.40498331),),
        lowest=0.1921342246050652,
        start=(-2.0, 4.0),
        source="Logistic regression without a bias on the data set of `helpers.datasets.tumours`: "
        "mean radius and mean concave points, standardised.",
        value=loss,
        slopes=slopes,
    )
