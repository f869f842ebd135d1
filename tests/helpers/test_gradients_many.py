"""Gradients of many parameters, and vector-Jacobian products."""

import numpy as np
import pytest

from helpers import check_derivative, check_gradient, check_vjp
from tests.helpers.gradients import RNG, W, X, complaint, gradient, loss

# --- Many parameters ----------------------------------------------------------------------------


def test_none_of_the_planted_errors_passes_along_random_directions():
    from benchmarks.large_network import network, planted

    loss, right, parameters = network(1)
    assert check_gradient(loss, right, parameters, points=1)
    assert len(planted()) == 21
    for name, spoil in planted().items():
        wrong = complaint(
            check_gradient, loss, lambda *p, s=spoil: tuple(s(list(right(*p)))), parameters
        )
        part = name.split()[0] if not name.startswith("weight decay") else "W1"
        assert f"The gradient of {part} disagrees" in wrong, name


def test_along_directions_a_single_wrong_entry_is_found_by_name():
    big = np.random.default_rng(3).normal(size=(60, 50))

    def wrong(W):
        g = 3 * W**2
        g[41, 7] *= 1.5
        return g

    assert check_gradient(lambda W: np.sum(W**3), lambda W: 3 * W**2, big)
    text = complaint(check_gradient, lambda W: np.sum(W**3), wrong, big)
    assert "at entry [41, 7]" in text
    assert "1 is wrong" in text
    text = complaint(check_gradient, loss, lambda W: -gradient(W), W, directions=2)
    assert "sign flipped" in text


def test_a_derivative_that_is_nearly_right_has_no_flipped_sign():
    text = complaint(check_derivative, np.cos, lambda x: round(-np.sin(x), 5), at=[0.4])
    assert "Yours is close, but off by about 4e-06 of its size: measured, or rounded?" in text
    assert "flipped" not in text


# --- Vector-Jacobian products -------------------------------------------------------------------


def affine(X, W, b):
    return np.tanh(X @ W + b)


def affine_vjp(upstream, X, W, b):
    below = upstream * (1 - affine(X, W, b) ** 2)
    return below @ W.T, X.T @ below, below.sum(axis=0)


POINT = (X, W, RNG.normal(size=4))

WRONG_PRODUCTS = {
    "ignores the upstream gradient": (
        lambda u, X, W, b: affine_vjp(np.ones_like(u), X, W, b),
        "The gradient of X disagrees",
    ),
    "bias not summed": (
        lambda u, X, W, b: (*affine_vjp(u, X, W, b)[:2], u * (1 - affine(X, W, b) ** 2)),
        "has shape (7, 4), the parameter has (4,)",
    ),
    "bias of the first example": (
        lambda u, X, W, b: (
            *affine_vjp(u, X, W, b)[:2],
            (u * (1 - affine(X, W, b) ** 2))[0],
        ),
        "The gradient of b disagrees",
    ),
    "changes the upstream gradient": (
        lambda u, X, W, b: affine_vjp(np.multiply(u, 1.5, out=u), X, W, b),
        "changed the `u` it was given: work on a copy, u.copy()",
    ),
    "mean of the upstream gradient": (
        lambda u, X, W, b: affine_vjp(np.full_like(u, u.mean()), X, W, b),
        "disagrees",
    ),
}


def test_a_right_vector_jacobian_product_passes():
    report = check_vjp(affine, affine_vjp, POINT)
    assert report.verdict == "right"
    assert "37 entries" in str(report)


@pytest.mark.parametrize("kind", WRONG_PRODUCTS)
def test_a_wrong_vector_jacobian_product_is_refused(kind):
    wrong, words = WRONG_PRODUCTS[kind]
    assert words in complaint(check_vjp, affine, wrong, POINT)


def test_a_bias_spread_over_the_batch_is_refused():
    """A gradient that is right for an upstream gradient of ones and for no other."""

    def f(x, b):
        return x + b

    def vjp(upstream, x, b):
        return upstream.copy(), np.full(b.shape, float(len(x)))

    assert "The gradient of b disagrees" in complaint(check_vjp, f, vjp, (X, np.ones(3)))
