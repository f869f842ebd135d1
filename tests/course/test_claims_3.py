"""What lesson 3 says in figures, computed anew: one function for each claim of the text."""

from __future__ import annotations

import functools
import itertools
import re

import numpy as np
import pytest

from autograder.exercises import right_answer
from helpers import datasets


def sigma(z):
    return 0.5 * (1 + np.tanh(np.asarray(z) / 2))


def softmax(scores):
    e = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def test_the_minutes_of_the_sections_are_those_of_the_whole_and_of_the_short_route(course):
    lesson = next(each for each in course.lessons() if each.name.startswith("03-"))
    minutes = [
        int(m) for m in re.findall(r"^\*about (\d+) minutes\*$", lesson.text(), re.MULTILINE)
    ]
    assert 380 <= sum(minutes) <= 400  # about six and a half hours
    curious = re.findall(r"^\*(?:easy|medium|hard) · (\d+) minutes", lesson.text(), re.MULTILINE)
    assert sum(int(m) for m in curious[-3:]) == 75  # one and a quarter more
    linear, _, sigmoid, rule, entropy, _, _, penalty, classifier = minutes
    short = linear + sigmoid + rule + entropy - 25 + penalty + classifier  # without the loops
    assert 230 <= short <= 250  # about four hours


# --- The linear rule and the neuron -------------------------------------------------------------


def test_the_worked_step_of_the_linear_rule():
    X, y, w = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([4.0, 1.0]), np.array([0.5, 1.0])
    delta = y - X @ w
    assert delta.tolist() == [1.5, 0.5]
    assert np.sum(delta**2) == 2.5
    assert (-2 * X.T @ delta).tolist() == [-6.0, -5.0]
    assert w - 0.05 * np.array([-6.0, -5.0]) == pytest.approx([0.8, 1.25])


def test_twice_the_input_is_twice_the_first_step_and_half_the_weight():
    X, y = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([4.0, 1.0])
    steps = [2 * 0.05 * (scaled.T @ y)[1] for scaled in (X, X * [1, 2])]
    assert steps == pytest.approx([0.7, 1.4])
    best = [np.linalg.solve(scaled, y)[1] for scaled in (X, X * [1, 2])]
    assert best[0] == pytest.approx(2 * best[1])


def test_one_perceptron_is_14_of_the_16_functions_of_two_switches():
    corners = np.array(list(itertools.product((0, 1), repeat=2)))
    tried = np.random.default_rng(0).normal(size=(3000, 3))
    found = {tuple((corners @ w[:2] + w[2] > 0).astype(int).tolist()) for w in tried}
    missing = set(itertools.product((0, 1), repeat=4)) - found
    assert missing == {(0, 1, 1, 0), (1, 0, 0, 1)}


# --- The sigmoid and its rule -------------------------------------------------------------------


def test_the_slope_of_sigma_is_a_quarter_and_at_6_a_hundredth_of_it():
    slope = sigma(np.array([0.0, 6.0])) * (1 - sigma(np.array([0.0, 6.0])))
    assert slope[0] == 0.25
    assert 100 < slope[0] / slope[1] < 103


def test_z_is_the_logarithm_of_the_odds():
    z = np.linspace(-5, 5, 11)
    assert np.log(sigma(z) / (1 - sigma(z))) == pytest.approx(z)
    assert sigma(np.log(3)) == pytest.approx(0.75)


def test_double_weights_keep_the_line_and_make_the_neuron_surer():
    z = np.linspace(-3, 3, 13)
    a, surer = sigma(z), sigma(2 * z)
    assert np.array_equal(np.sign(a - 0.5), np.sign(surer - 0.5))
    assert np.all(np.abs(surer - 0.5) >= np.abs(a - 0.5))


def test_the_worked_neuron_of_the_sigmoid_rule():
    x, w = np.array([2.0, -1.0, 1.0]), np.array([0.5, 1.0, 1.0])
    a = sigma(x @ w)
    assert x @ w == 1
    assert round(float(a), 2) == 0.73
    gradient = 2 * a * a * (1 - a) * x
    assert gradient == pytest.approx([0.575, -0.287, 0.287], abs=1e-3)


@functools.cache
def in_the_plane(rate: float) -> tuple[tuple[float, ...], np.ndarray, np.ndarray]:
    """The mean squared errors of 100 steps of the sigmoid rule, the last outputs, the targets."""
    data = datasets.tumours()
    two = data.columns("mean radius", "mean concave points")
    two = (two - two.mean(axis=0)) / two.std(axis=0)
    X, y, w, errors = np.column_stack([two, np.ones(len(two))])[:150], data.y[:150], np.zeros(3), []
    for _ in range(101):
        a = sigma(X @ w)
        errors.append(float(np.mean((y - a) ** 2)))
        w = w + 2 * rate * X.T @ ((y - a) * a * (1 - a))
    return tuple(errors), a, y


def test_a_bold_rate_settles_early_at_a_larger_error():
    (*_calm, calm_end), _, _ = in_the_plane(0.01)
    (*bold, bold_end), a, y = in_the_plane(10.0)
    assert 0.08 < calm_end < 0.09
    assert 0.11 < bold_end < 0.12
    assert abs(bold[5] - bold_end) < 0.001
    assert np.all(np.diff(bold) < 1e-9)
    wrong = (a > 0.5) != (y == 1)
    assert wrong.sum() == 17
    assert np.all((a * (1 - a))[wrong] < 0.001)


def test_the_shares_that_are_right_can_be_the_other_way_round():
    shares = [np.mean((a > 0.5) == (y == 1)) for _, a, y in map(in_the_plane, (0.01, 10.0))]
    assert shares == pytest.approx([0.880, 0.887], abs=1e-3)


@pytest.mark.parametrize("rate", [1.0, 3.0, 10.0])
def test_above_some_rate_the_error_hardly_falls_after_the_first_steps(rate):
    errors, _, _ = in_the_plane(rate)
    assert errors[2] - errors[-1] < 0.01
    assert errors[-1] > in_the_plane(0.1)[0][-1] + 0.01


# --- Cross-entropy ------------------------------------------------------------------------------


def test_the_costs_in_the_table():
    costs = -np.log([1, 1 / 2, 1 / 10, 1 / 1000])
    assert costs == pytest.approx([0, 0.69, 2.30, 6.91], abs=6e-3)


def test_a_clipped_loss_has_a_cap_and_one_from_z_has_none():
    a = np.clip(sigma(100.0), 1e-15, 1 - 1e-15)
    assert round(float(-np.log(1 - a)), 1) == 34.5
    assert np.logaddexp(0, 100.0) == pytest.approx(100)


def test_the_loss_from_z_is_the_same_loss():
    z = np.linspace(-6, 6, 25)
    for y in (0, 1):
        direct = -(y * np.log(sigma(z)) + (1 - y) * np.log(1 - sigma(z)))
        assert np.logaddexp(0, z) - y * z == pytest.approx(direct)


def test_far_to_the_left_one_slope_is_largest_and_the_other_is_nearly_0():
    a = sigma(np.linspace(-8, 8, 400))
    cross_entropy, squared = 1 - a, 2 * (1 - a) * a * (1 - a)
    assert np.argmax(cross_entropy) == 0
    assert cross_entropy[0] > 0.999
    assert squared[0] < 0.01 * squared.max()


def test_1_crawls_where_10_has_stopped():
    crawls, stopped = in_the_plane(1.0)[0], in_the_plane(10.0)[0]
    assert [round(crawls[i], 4) for i in (10, 100)] == [0.1097, 0.1028]
    assert [round(stopped[i], 4) for i in (10, 100)] == [0.1134, 0.1134]


def test_cross_entropy_frees_the_neuron_that_was_stuck():
    """After 901 steps at the rate 10, half of that at 20; at 30 sooner, and it does not stay."""
    data = datasets.tumours()
    two = data.columns("mean radius", "mean concave points")
    two = (two - two.mean(axis=0)) / two.std(axis=0)
    X, y = np.column_stack([two, np.ones(len(two))])[:150], data.y[:150]

    def by_rule(w):
        a = sigma(X @ w)
        return w + 20 * X.T @ ((y - a) * a * (1 - a))

    def errors(w, step, count):
        found = []
        for _ in range(count):
            w = step(w)
            found.append(np.mean((y - sigma(X @ w)) ** 2))
        return np.array(found), w

    _, stuck = errors(np.zeros(3), by_rule, 100)
    assert np.linalg.norm(stuck) > 300  # the weights had grown long
    falls = {
        rate: errors(stuck, lambda w, r=rate: w - r * X.T @ (sigma(X @ w) - y) / 150, 1000)[0]
        for rate in (10, 20, 30)
    }
    above = {rate: np.sum(each > 0.087) for rate, each in falls.items()}
    assert 800 < above[10] < 990
    assert above[20] == pytest.approx(above[10] / 2, abs=10)
    assert falls[10][-1] == pytest.approx(falls[20][-1], abs=1e-4)
    assert np.argmax(falls[30] < 0.087) < above[20]
    assert falls[30][-1] > 0.1
    assert errors(stuck, by_rule, 1000)[0][-1] > 0.11


def test_no_straight_line_gets_more_than_95_of_the_100_right_and_the_sliders_reach_it():
    """A line can be moved until it touches two examples; these two are counted as right."""
    from helpers.explorers.neuron import examples

    X, y = examples()
    most = 0
    for i, j in itertools.combinations(range(len(X)), 2):
        across = (X - X[i]) @ np.array([X[i, 1] - X[j, 1], X[j, 0] - X[i, 0]])
        others = np.delete((across > 0) == (y == 1), [i, j])
        most = max(most, 2 + others.sum(), 2 + (~others).sum())
    slider = np.linspace(-3, 3, 25)
    w = np.array(list(itertools.product(slider, slider, slider)))
    reached = np.sum((w[:, :2] @ X.T + w[:, 2:] > 0) == (y == 1), axis=1).max()
    assert most == reached == 95


# --- Layers and softmax -------------------------------------------------------------------------


def test_the_three_neurons_sum_to_more_than_1():
    W, b = np.array([[0.5, 1], [1, 1], [-1, 0]]), np.array([1, 0, 0])
    z = W @ [2, -1] + b
    assert z.tolist() == [1, 1, -2]
    assert sigma(z) == pytest.approx([0.73, 0.73, 0.12], abs=5e-3)
    assert round(float(sigma(z).sum()), 2) == 1.58
    assert round(float(sigma(z + np.array([2, 0, 0])).sum()), 2) == 1.8


def test_the_worked_scores():
    s = np.array([2.0, 1.0, 0.0])
    assert np.exp(s) == pytest.approx([7.39, 2.72, 1], abs=5e-3)
    assert np.exp(s).sum() == pytest.approx(11.11, abs=5e-3)
    assert softmax(s) == pytest.approx([0.67, 0.24, 0.09], abs=6e-3)
    assert -np.log(softmax(s)[1]) == pytest.approx(1.41, abs=5e-3)
    assert softmax(s) - [0, 1, 0] == pytest.approx([0.67, -0.76, 0.09], abs=6e-3)
    assert round(float(softmax(2 * s)[0]), 2) == 0.87


def test_softmax_of_two_is_the_sigmoid_of_their_difference():
    s = np.random.default_rng(0).normal(size=(9, 2))
    assert softmax(s)[:, 1] == pytest.approx(sigma(s[:, 1] - s[:, 0]))


def test_a_linear_classifier_reads_more_than_nine_digits_in_ten():
    train, test = datasets.split(datasets.digits(), test=0.25, seed=0)
    X, rest = (np.column_stack([part.X, np.ones(len(part))]) for part in (train, test))
    W, one_hot = np.zeros((10, 65)), np.eye(10)[train.y]
    for _ in range(300):
        W = W - 0.5 * (softmax(X @ W.T) - one_hot).T @ X / len(X)
    assert 0.93 < np.mean(np.argmax(rest @ W.T, axis=1) == test.y) < 0.97
    middle = W[0, :-1].reshape(8, 8)[3:5, 3:5]
    assert np.all(middle.mean() < W[0, :-1].mean() - W[0, :-1].std())  # purple


# --- Regularisation and the classifier ----------------------------------------------------------


def tumours() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    train, test = datasets.split(datasets.tumours(), test=0.25, seed=0)
    mean, deviation = train.X.mean(axis=0), train.X.std(axis=0)
    return (train.X - mean) / deviation, train.y, (test.X - mean) / deviation, test.y


def slope(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    dz = sigma(X @ w[:-1] + w[-1]) - y
    return np.append(X.T @ dz, dz.sum()) / len(y)


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
