"""What lesson 3 says of its classifier, of rates and limits, and what its figures show."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from autograder.exercises import right_answer
from helpers import datasets
from tests.course.neuron import in_the_plane, sigma, slope, softmax

# --- Regularisation and the classifier ----------------------------------------------------------


def tumours() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    train, test = datasets.split(datasets.tumours(), test=0.25, seed=0)
    mean, deviation = train.X.mean(axis=0), train.X.std(axis=0)
    return (train.X - mean) / deviation, train.y, (test.X - mean) / deviation, test.y


def sizes_after(l1: float, l2: float) -> np.ndarray:
    X, y, _, _ = tumours()
    w = np.zeros(31)
    for _ in range(2000):
        pull = np.append(l1 * np.sign(w[:-1]) + 2 * l2 * w[:-1], 0)
        w = w - 0.1 * (slope(w, X, y) + pull)
    return np.sort(np.abs(w[:-1]))[::-1]


def test_equal_features_and_what_the_penalties_say_of_them():
    weights = np.array([[1, 0], [0.5, 0.5], [10, -9]])
    assert np.all(weights.sum(axis=1) == 1)
    assert np.sum(weights**2, axis=1).tolist() == [1, 0.5, 181]
    assert np.sum(np.abs(weights), axis=1).tolist() == [1, 1, 19]


def test_steps_with_the_sign_hop_over_0():
    sizes = sizes_after(0.02, 0.0)
    assert np.sum(sizes == 0) == 0
    assert 12 <= np.sum(sizes < 0.005) <= 20


def test_with_l2_no_weight_is_very_large_and_none_very_small():
    sizes = sizes_after(0.0, 0.02)
    assert sizes[0] < 0.6 * sizes_after(0.02, 0.0)[0]
    assert sizes[-1] > 0.02


def test_the_proximal_step_makes_zeros_that_are_exact_and_comes_to_the_minimum():
    X, y, _, _ = tumours()
    w = np.zeros(31)
    for _ in range(5000):
        w = w - 0.5 * slope(w, X, y)
        w[:-1] = np.sign(w[:-1]) * np.maximum(np.abs(w[:-1]) - 0.01, 0)
    zero, pull = w[:-1] == 0, slope(w, X, y)[:-1]
    assert zero.sum() == 22
    assert np.abs(pull[~zero] + 0.02 * np.sign(w[:-1][~zero])).max() < 1e-5
    assert np.abs(pull[zero]).max() < 0.02


def test_newton_needs_eight_steps_where_descent_makes_2000():
    X, y, _, _ = tumours()
    Z, ridge = np.column_stack([X, np.ones(len(X))]), 2 * 0.01 * np.append(np.ones(30), 0)
    w, largest = np.zeros(31), []
    for _ in range(8):
        a = sigma(Z @ w)
        curvature = Z.T @ (Z * (a * (1 - a))[:, None]) / len(y) + np.diag(ridge)
        w = w - np.linalg.solve(curvature, slope(w, X, y) + ridge * w)
        largest.append(np.abs(slope(w, X, y) + ridge * w).max())
    assert largest[5] == pytest.approx(2e-6, rel=0.5)
    assert largest[6] == pytest.approx(2e-10, rel=0.5)
    assert largest[7] < 1e-15
    w, path = np.zeros(31), []
    for _ in range(2000):
        path.append(w)
        w = w - 0.5 * (slope(w, X, y) + ridge * w)
    assert np.abs(slope(w, X, y) + ridge * w).max() < 1e-11  # and Newton's seventh is above it
    assert np.abs(w - path[100]).max() == pytest.approx(0.05, abs=0.005)


def test_smoothed_targets_stop_the_true_score_at_the_logarithm_of_28():
    q = 0.9 * np.eye(3)[0] + 0.1 / 3
    assert q[0] / q[1] == pytest.approx(28)
    assert np.log(28) == pytest.approx(3.33, abs=3e-3)
    s = np.zeros(3)
    for _ in range(1000):
        s = s - (softmax(s) - q)
    assert s[0] - s[1] == pytest.approx(np.log(28), abs=1e-6)


# --- Rates, limits, and what was left to say -----------------------------------------------------


def test_of_four_rates_a_tenth_has_the_smallest_error_after_ten_steps():
    ten = [in_the_plane(rate)[0][10] for rate in (0.01, 0.1, 1.0, 10.0)]
    assert ten == pytest.approx([0.1019, 0.0849, 0.1097, 0.1134], abs=6e-5)


def test_the_opposite_of_xor_turns_all_signs_round():
    """Silent at (1, 0) and (0, 1), and firing at (0, 0): then silent at (1, 1)."""
    w1, w2, b = np.random.default_rng(1).normal(size=(3, 3000))
    three = (b > 0) & (w1 + b <= 0) & (w2 + b <= 0)
    assert three.sum() > 100
    assert np.all((w1 + w2 + b)[three] <= 0)


def test_the_logarithm_of_the_sum_exceeds_the_largest_score_by_at_most_log_c():
    s = np.random.default_rng(2).normal(size=(50, 5))
    above = np.logaddexp.reduce(s, axis=1) - s.max(axis=1)
    assert np.all(above > 0)
    assert np.all(above <= np.log(5))
    assert np.logaddexp.reduce(np.full(5, 3.0)) - 3 == pytest.approx(np.log(5))


def test_the_two_factors_of_a_neuron_that_is_certain_and_wrong():
    a = 0.999
    assert 2 * a * a * (1 - a) == pytest.approx(0.002, rel=2e-2)  # 0.002 is accepted
    assert a == pytest.approx(1, rel=2e-2)  # and so is 1


def test_a_cautious_limit_misses_no_malignant_tumour_for_about_ten_false_alarms():
    X, y, X_test, y_test = tumours()
    w, ridge = np.zeros(31), 2 * 0.01 * np.append(np.ones(30), 0)
    for _ in range(2000):
        w = w - 0.5 * (slope(w, X, y) + ridge * w)
    a = sigma(X_test @ w[:-1] + w[-1])
    counts = [
        (int(np.sum((a > t) & (y_test == 0))), int(np.sum((a <= t) & (y_test == 1))))
        for t in (0.5, 0.8)
    ]
    assert len(y_test) == 142
    assert counts == [(2, 1), (0, 9)]


# --- What the figures show ----------------------------------------------------------------------


def test_of_3000_perceptrons_some_are_right_at_all_corners_for_and_and_or_and_at_3_for_xor():
    corners = np.array(list(itertools.product((0, 1), repeat=2)))
    tried = np.random.default_rng(0).normal(size=(3000, 3))
    said = (corners @ tried[:, :2].T + tried[:, 2] > 0).T
    wanted = np.array([[0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0]])
    assert [int(np.sum(said == each, axis=1).max()) for each in wanted] == [4, 4, 3]


def test_the_slopes_for_the_two_targets_are_1_apart_and_the_cost_is_straight_far_out():
    loss = right_answer("logistic_loss")

    def at(z, target):
        return loss(np.zeros(1), z, np.zeros((1, 1)), np.array([target]))

    for z in np.linspace(-8, 8, 9):
        slopes = [at(z, target)[2] for target in (0.0, 1.0)]
        assert slopes == pytest.approx([sigma(z), sigma(z) - 1])
    assert max(at(-8.0, 0.0)[0], at(8.0, 1.0)[0]) < 0.001
    assert at(8.0, 0.0)[0] - at(7.0, 0.0)[0] == pytest.approx(1, abs=0.001)


def test_three_neurons_cut_the_plane_into_seven_pieces_and_never_say_no_yes_yes():
    W, b = np.array([[0.5, 1.0], [1.0, 1.0], [-1.0, 0.0]]), np.array([1.0, 0.0, 0.0])
    side = np.linspace(-4, 4, 201)
    ground = np.array([[first, second] for second in side for first in side])
    yes = right_answer("layer")(ground, W, b) > 0.5
    missing = set(itertools.product((False, True), repeat=3)) - set(map(tuple, yes.tolist()))
    assert missing == {(False, True, True)}
    corners = np.array([[0, 0], [0, -1], [2, -2]])  # where two of the lines meet
    assert np.sum(np.isclose(corners @ W.T + b, 0), axis=1).tolist() == [2, 2, 2]
    assert ((corners.mean(axis=0) @ W.T + b) > 0).tolist() == [True, False, False]
    names = np.array([(-3.6, 1.3), (2.6, -2.1), (-0.6, -3.5)])
    assert np.all(np.diag(names @ W.T + b) > 0)
