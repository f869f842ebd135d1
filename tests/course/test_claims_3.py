"""What lesson 3 says in figures, computed anew: one function for each claim of the text."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from helpers import datasets
from tests.course.neuron import in_the_plane, sigma, softmax


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
