"""What lesson 7 says in prose, computed anew with the right answers."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from autograder.exercises import right_answer
from autograder.exercises.landscapes.genetic_step import genetic_step
from autograder.exercises.landscapes.keep_best import keep_best
from autograder.exercises.landscapes.kind_of_place import kind_of_place
from autograder.exercises.landscapes.surrogates import surrogates
from autograder.exercises.optimizers.adam import adam
from autograder.exercises.optimizers.momentum import momentum
from helpers import surfaces
from tests.course.landscapes import LESSON, lesson, network, sgd


def minutes(section):
    return int(re.search(rf"^##+ {re.escape(section)}\n\n\*about (\d+) minutes\*", LESSON, re.M)[1])


# --- How long it takes --------------------------------------------------------------------------


def test_the_minutes_sum_to_about_6_hours_40_and_45_minutes_for_the_curious():
    assert "About six hours and 40 minutes, and 45 minutes more" in LESSON
    sections = LESSON.split("## For the curious")
    graded, curious = (sum(map(int, re.findall(r"\*about (\d+) minutes\*", s))) for s in sections)
    assert graded == 6 * 60 + 40
    assert curious == 45


SHORT_ROUTE = (
    "Your network",
    "Optimization is not learning",
    "Slices of a loss",
    "From one minimum to another",
    "What does the brain do?",
)


def test_the_short_route_takes_three_hours_and_three_quarters():
    said = re.search(r"If you have three hours and three quarters, do (.*?)\. Of the rest", LESSON)
    assert said
    assert re.findall(r"\*(.*?)\*", said[1]) == list(SHORT_ROUTE)
    assert sum(map(minutes, SHORT_ROUTE)) == 3 * 60 + 45


# --- The network --------------------------------------------------------------------------------


def test_the_network_has_1210_weights():
    assert 65 * 16 + 17 * 10 == 1210 == len(lesson()["new_weights"](np.random.default_rng(0)))


# --- Optimization is not learning ---------------------------------------------------------------


def test_a_mean_surrogate_bounds_the_share_of_mistakes():
    margins = np.random.default_rng(0).normal(size=10_000)
    share, *others = (np.mean(each) for each in surrogates(margins))
    assert all(other >= share for other in others)


def test_three_surrogates_in_numbers():
    _, *others = surrogates(np.array([-1.0, 2.0]))
    assert np.round(np.array(others).T, 2).tolist() == [[2.0, 1.89, 4.0], [0.0, 0.18, 1.0]]


def test_with_more_classes_a_mistake_costs_a_bit_at_least():
    scores = np.random.default_rng(0).normal(size=(10_000, 5))
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    wrong = scores.argmax(axis=1) != 0
    assert np.all(-np.log2(p[wrong, 0]) >= 1)


@pytest.mark.parametrize("far", [50.0, 200.0])
def test_one_right_point_far_out_spoils_the_fit_by_squares_but_not_by_bits(far):
    x = np.array([-3.0, -2, -1, 1, 2, 3, far])
    y = np.sign(x)
    design = np.column_stack([x, np.ones(7)])
    line = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    assert np.any(y * line <= 0)
    w = np.zeros(2)
    for _ in range(2000):
        w += 0.01 * design.T @ (y / (1 + np.exp(np.clip(y * (design @ w), -500, 500)))) / 7
    assert np.all(y * (design @ w) > 0)


def test_from_the_lowest_place_on_the_loss_rises_more_than_the_mistakes():
    names, rng = lesson(), np.random.default_rng(0)
    few, test = names["train"].take(np.arange(200)), names["test"]
    w, state, path = names["new_weights"](rng), {}, []
    for _ in range(300):
        order = rng.permutation(200)
        for first in range(0, 200, 32):
            slope = names["gradient"](w, order[first : first + 32], few)
            w, state = momentum(w, slope, state, learning_rate=0.2)
        path.append(w)
    losses = [names["loss"](w, test) for w in path]
    rise, costs = [], []
    for w in (path[int(np.argmin(losses))], path[-1]):
        logs = names["log_softmax"](names["scores"](w, test.X))
        wrong = logs.argmax(axis=1) != test.y
        rise.append(wrong.mean())
        costs.append(-logs[np.arange(len(test)), test.y][wrong].mean())
    assert losses[-1] / min(losses) > rise[1] / rise[0]
    assert costs[1] > costs[0]


# --- Three ways to search -----------------------------------------------------------------------


def egg_box(w):
    return np.mean(w**2 + 0.5 * (1 - np.cos(2 * np.pi * w)))


def egg_gradient(w):
    return (2 * w + np.pi * np.sin(2 * np.pi * w)) / len(w)


def test_a_coordinate_of_the_egg_box_has_three_dents_and_ten_have_nearly_60_000():
    x = np.linspace(-5, 5, 100_001)
    slope = 2 * x + np.pi * np.sin(2 * np.pi * x)
    assert np.sum((slope[:-1] < 0) & (slope[1:] >= 0)) == 3
    assert pytest.approx(60_000, rel=0.02) == 3**10


def test_in_ten_dimensions_a_random_point_is_not_within_a_tenth_of_the_range():
    right = np.random.default_rng(0).random((100_000, 10)) < 0.1
    assert right[:, :2].all(axis=1).mean() == pytest.approx(0.01, abs=0.001)
    assert not right.all(axis=1).any()


def test_descent_ends_in_the_nearest_dent_of_each_coordinate_in_any_dimension():
    for m in (10, 1000):
        w = np.random.default_rng(0).uniform(-1.9, 1.9, size=m)
        end = w
        for _ in range(600):
            end = end - 0.05 * m * egg_gradient(end)
        assert np.linalg.norm(egg_gradient(end)) < 1e-6
        assert egg_box(end) > 0.2


@pytest.mark.parametrize(("m", "low", "high"), [(10, 0.0, 0.05), (1000, 0.5, 0.75)])
def test_the_genetic_algorithm_is_excellent_in_10_dimensions_and_not_in_1000(m, low, high):
    rng = np.random.default_rng(0)
    population = rng.uniform(-2, 2, size=(40, m))
    losses, spread = np.array([egg_box(w) for w in population]), 0.3
    first = losses.mean()
    for _ in range(98):
        pairs, mask = rng.integers(20, size=(20, 2)), rng.random((20, m)) < 0.5
        noise = spread * rng.normal(size=(20, m))
        population = genetic_step(population, losses, pairs, mask, noise)
        losses = np.append(np.sort(losses)[:20], [egg_box(w) for w in population[20:]])
        spread *= 0.95
    assert low <= losses.min() / first <= high


def test_on_the_egg_box_each_coordinate_ends_in_the_dent_in_which_it_starts():
    start = np.linspace(-3, 3, 10_001)
    end = start
    for _ in range(666):
        end = end - 0.05 * len(end) * egg_gradient(end)
    ridge = np.linspace(0.4, 0.7, 100_001)
    ridge = ridge[np.argmax(ridge**2 + 0.5 * (1 - np.cos(2 * np.pi * ridge)))]
    clear = np.abs(np.abs(start) - ridge) > 1e-3
    assert np.array_equal((np.abs(end) > 0.1)[clear], (np.abs(start) > ridge)[clear])
    assert np.all(
        np.sign(end[clear & (np.abs(end) > 0.1)]) == np.sign(start[clear & (np.abs(end) > 0.1)])
    )


def test_of_2000_random_points_in_100_dimensions_two_thirds_are_left():
    shares = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        centre = rng.uniform(-1, 1, size=100)
        points = rng.uniform(-2, 2, size=(2000, 100))
        losses = np.mean((points - centre) ** 2, axis=1)
        shares.append(losses.min() / losses.mean())
    assert np.mean(shares) == pytest.approx(2 / 3, abs=0.05)


def test_of_2000_random_points_in_1000_dimensions_the_best_is_hardly_better():
    points = np.random.default_rng(0).uniform(-2, 2, size=(2000, 1000))
    _, lowest = keep_best(lambda w: np.mean(w**2), points)
    assert lowest[-1] > 0.85 * np.mean(points**2)


def test_in_1000_dimensions_the_numerical_gradient_spends_the_budget_in_one_step():
    calls = []

    def counted(w):
        calls.append(w)
        return egg_box(w)

    right_answer("numerical_gradient")(counted, np.zeros(1000))
    assert len(calls) == 2000


def test_a_random_network_is_a_little_better_than_a_tenth_and_evolution_far_better():
    names, rng = lesson(), np.random.default_rng(0)
    some = names["train"].take(np.arange(300))
    tries = np.array([names["new_weights"](rng) for _ in range(500)])
    best, _ = keep_best(lambda w: names["loss"](w, some), tries)
    assert 0.1 < names["share_right"](best) < 0.3
    herd = np.array([names["new_weights"](rng) for _ in range(40)])
    fitness = np.array([names["loss"](w, some) for w in herd])
    for k in range(98):
        pairs, mask = rng.integers(20, size=(20, 2)), rng.random((20, 1210)) < 0.5
        noise = 0.1 * 0.99**k * rng.normal(size=(20, 1210))
        herd = genetic_step(herd, fitness, pairs, mask, noise)
        new = [names["loss"](w, some) for w in herd[20:]]
        fitness = np.append(np.sort(fitness)[:20], new)
    assert names["share_right"](herd[fitness.argmin()]) > 0.55


# --- Minima, saddles, plateaus ------------------------------------------------------------------


def test_all_five_eigenvalues_of_a_random_matrix_are_hardly_ever_positive():
    matrices = np.random.default_rng(1).normal(size=(20_000, 5, 5))
    spectra = np.linalg.eigvalsh(matrices + matrices.swapaxes(1, 2))
    assert np.mean(spectra.min(axis=1) > 0) < 1e-3


def test_along_both_axes_up_and_a_saddle_all_the_same():
    H = np.array([[2.0, 4.0], [4.0, 2.0]])
    assert np.allclose(H @ [1, 1], 6 * np.array([1, 1]))
    assert np.allclose(H @ [1, -1], -2 * np.array([1, -1]))
    assert kind_of_place(np.zeros(2), H, 1e-6) == "saddle"

    def loss(x, y):
        return x**2 + 4 * x * y + y**2

    assert loss(0.1, 0) > 0 < loss(0, 0.1)
    assert loss(0.1, -0.1) < 0


def test_where_a_trained_network_stands_most_is_nearly_flat_and_it_is_no_minimum():
    names, w, h = lesson(), network(0), 1e-7
    here = names["gradient"](w)
    rows = np.array([names["gradient"](w + h * e) - here for e in np.eye(len(w))])
    H = (rows + rows.T) / (2 * h)
    curvatures = np.linalg.eigvalsh(H)
    assert not np.any(curvatures < -0.02)
    assert np.sum(curvatures > 0.02) < 60
    assert 0.45 < np.mean(curvatures > 1e-5) < 0.65
    assert 0.05 < np.mean(curvatures < -1e-5) < 0.2
    assert np.linalg.norm(here) < 0.02
    assert kind_of_place(here, H, 0.02) == "undecided"
    assert kind_of_place(here, H, 0.001) == "slope"
    assert np.sum(curvatures < -0.001) > 0
    assert np.mean(np.abs(curvatures) <= 0.001) > 0.8


def test_300_more_steps_lower_the_loss_far_and_help_no_digit_that_is_new():
    names, w, state = lesson(), network(0), {}
    for _ in range(300):
        w, state = adam(w, names["gradient"](w), state, learning_rate=0.003)
    assert names["loss"](w) < names["loss"](network(0)) / 10
    assert abs(names["share_right"](w) - names["share_right"](network(0))) < 0.01


def test_three_pixels_never_change_and_a_number_added_to_all_scores_changes_nothing():
    names, w = lesson(), network(0)
    never = np.flatnonzero(np.ptp(names["train"].X, axis=0) == 0)
    assert len(never) == 3
    W1, W2 = names["unpack"](w)
    other = names["pack"](W1 + 7.0 * np.isin(np.arange(65), never)[:, None], W2 + 3.0)
    assert names["loss"](other) == pytest.approx(names["loss"](w), rel=1e-9)


def test_near_the_saddle_descent_lingers_where_the_height_is_0():
    w, heights = np.array([1.8, 0.0001]), []
    for _ in range(480):
        heights.append(surfaces.saddle(w))
        w = w - 0.01 * surfaces.saddle.gradient(w)
    heights = np.array(heights)
    assert heights[0] > 3
    assert np.sum(np.abs(heights) < 0.05) > 150
    assert heights[-1] < -1


def test_the_networks_are_further_from_each_other_than_from_0_and_equally_good():
    one, other = network(0), network(1)
    assert np.linalg.norm(one - other) > max(np.linalg.norm(one), np.linalg.norm(other))
    assert abs(one @ other) < 0.2 * np.linalg.norm(one) * np.linalg.norm(other)
    assert math.sqrt(2) * 18 == pytest.approx(25, abs=0.5)
    rights = [lesson()["share_right"](w) for w in (one, other)]
    assert min(rights) > 0.95
    assert abs(rights[0] - rights[1]) < 0.02


def ended(alpha=0.0, rule=momentum, rate=0.01):
    x, state = np.linspace(-6, 6, 401), {}
    settings = {"alpha": alpha} if rule is momentum else {}
    for _ in range(5000):
        slope = surfaces.bumpy.gradient(x)
        x, state = rule(x, slope, state, learning_rate=rate, **settings)
    return np.abs(x[:, None] - np.array(surfaces.bumpy.minima)).argmin(axis=1), x


def test_momentum_with_usual_friction_changes_nothing_and_with_little_some():
    plain, usual, little = (ended(alpha) for alpha in (0.0, 0.9, 0.98))
    assert np.array_equal(plain[0], usual[0])
    assert np.mean(little[0] == 0) > np.mean(plain[0] == 0)
    assert surfaces.bumpy(little[1]).mean() < surfaces.bumpy(plain[1]).mean()


@pytest.mark.parametrize("rate", [0.001, 0.01, 0.1])
def test_with_adam_each_ball_ends_where_plain_descent_ends(rate):
    assert np.array_equal(ended(rule=adam, rate=rate)[0], ended()[0])


def test_with_all_weights_0_each_examples_gradient_is_0_but_for_the_biases():
    names = lesson()
    for i in range(5):
        W1, W2 = names["unpack"](names["gradient"](np.zeros(1210), np.array([i])))
        assert not W1.any()
        assert not W2[:-1].any()
        assert W2[-1].any()


def steps_until_low(scale, rule, rate):
    names = lesson()
    w, state = scale * names["new_weights"](np.random.default_rng(0)), {}
    for step in range(200):
        if names["loss"](w) < 1:
            return step
        w, state = rule(w, names["gradient"](w), state, learning_rate=rate)
    return None


def test_near_the_saddle_descent_waits_thirty_steps_for_each_power_of_ten_momentum_ten():
    plain = [steps_until_low(10.0**-k, sgd, 0.5) for k in range(4)]
    rolling = [steps_until_low(10.0**-k, momentum, 0.5) for k in range(4)]
    assert np.all(np.abs(np.diff(plain) - 32) <= 6)
    assert np.all(np.abs(np.diff(rolling) - 10) <= 3)
    adams = [steps_until_low(10.0**-k, adam, 0.01) for k in range(4)]
    assert max(adams) - min(adams) < 12
    for rule, rate in ((sgd, 0.5), (adam, 0.01)):
        assert steps_until_low(0.0, rule, rate) is None


def test_on_a_slope_momentum_is_ten_times_as_fast_and_adam_as_fast_as_ever():
    w, state = 0.0, {}
    for _ in range(200):
        before = w
        w, state = momentum(w, 1e-6, state, learning_rate=1.0)
    assert (before - w) / 1e-6 == pytest.approx(10, rel=1e-3)
    assert -adam(0.0, 1e-4, {}, learning_rate=0.1)[0] == pytest.approx(0.1, rel=1e-3)
