"""What lesson 5 says in prose, computed anew with the right answers."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

from autograder.exercises.optimizers.adam import adam
from autograder.exercises.optimizers.adamw import adamw
from autograder.exercises.optimizers.clip_gradients import clip_gradients
from autograder.exercises.optimizers.inverse_decay import inverse_decay
from autograder.exercises.optimizers.momentum import momentum
from autograder.exercises.optimizers.momentum_factor import momentum_factor
from autograder.exercises.optimizers.newton_step import newton_step
from autograder.exercises.optimizers.train_with import train_with
from helpers import datasets, surfaces
from tests.course.canyon import CANYON, CORNER, LESSON, RULES, canyon_path, settled, sgd


def minutes(section):
    """What a section of the lesson says that it takes."""
    return int(re.search(rf"^##+ {re.escape(section)}\n\n\*about (\d+) minutes\*", LESSON, re.M)[1])


# --- How long it takes --------------------------------------------------------------------------


def test_the_minutes_sum_to_seven_hours_and_an_hour_and_ten_minutes_for_the_curious():
    sections = LESSON.split("## For the curious")
    graded, curious = (sum(map(int, re.findall(r"\*about (\d+) minutes\*", s))) for s in sections)
    assert graded == 7 * 60
    assert curious == 70


def test_the_short_route_takes_three_hours():
    route = ("One contract for every rule", "Momentum", "RMS-Prop", "Adam")
    assert 165 <= sum(map(minutes, route)) <= 180


def test_three_evenings_are_of_two_to_three_hours():
    sections = re.findall(r"^## (.*)\n\n\*about", LESSON.split("## For the curious")[0], re.M)
    first, second = sections.index("Momentum"), sections.index("Adam")
    evenings = sections[:first], sections[first:second], sections[second:]
    assert all(110 <= sum(map(minutes, evening)) <= 180 for evening in evenings)


# --- Batches ------------------------------------------------------------------------------------


def test_a_thousand_examples_make_32_batches_and_the_last_has_8():
    assert [len(range(1000)[k : k + 32]) for k in range(0, 1000, 32)] == [32] * 31 + [8]


@pytest.mark.parametrize(("size", "factor"), [(32, 0.97), (256, 0.70), (500, 0.0)])
def test_an_epochs_batches_spread_a_little_less_than_independent_draws(size, factor):
    assert np.sqrt((500 - size) / 499) == pytest.approx(factor, abs=0.005)
    gradients = np.random.default_rng(0).normal(size=500)
    rng = np.random.default_rng(1)
    means = [gradients[rng.permutation(500)[:size]].mean() for _ in range(3000)]
    independent = gradients.std() / np.sqrt(size)
    assert np.std(means) == pytest.approx(factor * independent, abs=0.04 * independent)


@cache
def after_400():
    """The mean loss above the lowest for each size of a batch, by the lesson's own cells."""
    names: dict = {"np": np}
    for what in ("def mini_batches", "def example_gradients", "points = ", "def after_400"):
        cell = next(c for c in re.findall(r"```\{code-cell\}\n(.*?)```", LESSON, re.S) if what in c)
        exec(
            re.sub(
                r"^for size.*", "", re.sub(r"^mini_b.*$", "", cell, flags=re.M), flags=re.S | re.M
            ),
            names,
        )
    rates = {1: (0.02, 0.03, 0.05), 4: (0.1,), 40: (0.3, 0.5), 400: (0.5,)}
    return {
        size: min(np.mean([names["after_400"](size, rate, s) for s in range(20)]) for rate in tried)
        for size, tried in rates.items()
    }


def test_batches_of_4_get_further_than_larger_ones_and_single_examples_no_further():
    above = after_400()
    assert above[4] < above[40] / 1.5 < above[400] / 4
    assert above[1] > 0.9 * above[4]


def cell_with(what):
    """The cell of the lesson that holds this."""
    return next(c for c in re.findall(r"```\{code-cell\}\n(.*?)```", LESSON, re.S) if what in c)


@cache
def small_model():
    """The lesson's model with two weights, and its batches."""
    names: dict = {"np": np}
    exec(re.sub(r"^mini_b.*$", "", cell_with("def mini_batches"), flags=re.M), names)
    exec(re.sub(r"^print.*", "", cell_with("def example_gradients"), flags=re.S | re.M), names)
    exec(cell_with("def after_epoch").split("in_order =")[0], names)
    return names


def test_an_epoch_sorted_by_target_ends_several_times_as_far_from_the_lowest():
    model = small_model()
    in_order = model["after_epoch"](np.argsort(model["targets"]).reshape(50, 10))
    rngs = map(np.random.default_rng, range(20))
    shuffled = [model["after_epoch"](model["mini_batches"](500, 10, rng)) for rng in rngs]
    assert in_order > 3 * np.mean(shuffled)
    assert in_order > max(shuffled)


def test_at_the_place_of_the_curvature_gradients_along_the_first_weight_spread_by_35():
    model = small_model()
    at = np.array([0.5, -0.2])
    sigma = model["example_gradients"](at, model["points"], model["targets"]).std(axis=0)[0]
    assert sigma == pytest.approx(3.5, abs=0.06)
    assert 50 < np.sqrt(2 / 32) * sigma / 0.01 < 200  # what the reader may work out: about 100


# --- Rates --------------------------------------------------------------------------------------


def test_the_rate_is_a_quarter_after_3_t_and_a_tenth_after_9_t():
    assert inverse_decay(1.0, 3 * 7, 7) == pytest.approx(1 / 4)
    assert inverse_decay(1.0, 9 * 7, 7) == pytest.approx(1 / 10)


def test_a_gradient_that_grows_faster_than_the_distance_may_throw_a_descent_out():
    w = 10.0
    for t in range(3):  # of x⁴/4, with rates that pass both conditions of Robbins and Monro
        w -= w**3 / (t + 1)
    assert abs(w) > 1e20


def test_where_every_example_is_fitted_a_constant_rate_arrives():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5, 8))
    y, w = rng.normal(size=5), np.zeros(8)
    for i in rng.integers(5, size=5000):
        w = w - 0.05 * 2 * (X[i] @ w - y[i]) * X[i]
    assert np.mean((X @ w - y) ** 2) < 1e-20


def far_off(half_life, seed):
    numbers, w, far = 5 + np.random.default_rng(seed).normal(size=2000), 0.0, []
    for t, number in enumerate(numbers):
        w -= inverse_decay(0.3, t, half_life) * (w - number)
        far.append(w - 5)
    return np.sqrt(np.mean(np.square(far[1000:])))


def test_the_best_half_life_is_about_1_over_03_and_1_is_as_bad_as_a_constant_rate():
    lives = (1, 2, 1 / 0.3, 10, 100)
    off = {life: np.mean([far_off(life, seed) for seed in range(20)]) for life in lives}
    assert min(off, key=off.get) == 1 / 0.3
    assert off[1] == pytest.approx(0.43, abs=0.05)
    assert sum(inverse_decay(0.3, t, 1) for t in range(2000)) == pytest.approx(2.5, abs=0.05)
    left = np.prod([1 - inverse_decay(0.3, t, 1) for t in range(2000)])
    assert left == pytest.approx(0.08, abs=0.005)


def test_a_rate_halved_every_3_steps_stops_on_the_way_to_5():
    w = 0.0
    for t, number in enumerate(5 + np.random.default_rng(3).normal(size=2000)):
        w -= 0.3 * 0.5 ** (t / 3) * (w - number)
    assert 5 - w > 0.5


# --- Curvature ----------------------------------------------------------------------------------


def test_curvature_from_mini_batches():
    """As in the lesson: the same batch at both places is a quarter off, two batches worthless."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 2)) * [1.0, 0.3]
    exact, errors = 2 * np.mean(X[:, 0] ** 2), []
    for _ in range(300):
        here = rng.permutation(500)[:32]
        errors.append(2 * np.mean(X[here, 0] ** 2) - exact)
    assert np.std(errors) / exact == pytest.approx(0.25, abs=0.05)


def test_fewer_examples_than_weights_leave_directions_without_curvature():
    X = datasets.digits().X[:32]
    assert np.linalg.matrix_rank(X.T @ X) <= 32 < X.shape[1]


def test_newton_walks_uphill_onto_a_saddle():
    saddle, stand = surfaces.saddle, np.array([0.1, 1.0])
    w = newton_step(stand, saddle.gradient(stand), np.diag([2.0, -2.0]))
    np.testing.assert_allclose(w, 0, atol=1e-12)
    assert saddle(w) - saddle(stand) == pytest.approx(0.99)


def test_a_network_curves_where_a_linear_model_with_as_few_examples_does_not():
    rng, h = np.random.default_rng(0), 1e-4
    X, y, v = rng.normal(size=(2, 2)), rng.normal(size=2), rng.normal(size=9)

    def loss(v):
        return np.mean((np.tanh(X @ v[:6].reshape(2, 3)) @ v[6:] - y) ** 2)

    steps = h * np.eye(9)
    hessian = [
        [loss(v + a + b) - loss(v + a - b) - loss(v - a + b) + loss(v - a - b) for b in steps]
        for a in steps
    ]
    curvatures = np.linalg.eigvalsh(np.array(hessian) / (4 * h * h))
    assert np.sum(np.abs(curvatures) > 0.1) > 2
    assert curvatures[0] < -0.1


# --- Digits -------------------------------------------------------------------------------------


@cache
def digits():
    """The lesson's own cells about the network, with what they ask."""
    names = {"np": np, "datasets": datasets, "momentum": momentum}
    for what in ("train, test = datasets.split", "def mini_batches"):
        cell = next(c for c in re.findall(r"```\{code-cell\}\n(.*?)```", LESSON, re.S) if what in c)
        exec(re.sub(r"^(print|mini_batches)\(.*$", "", cell, flags=re.M), names)
    return names


def share_right(rule, rate, seed, warm=1):
    lesson, rng = digits(), np.random.default_rng(seed)
    parameters, states, number = lesson["new_network"](rng), [{}, {}], 0
    with np.errstate(all="ignore"):
        for epoch in range(6):
            for batch in lesson["mini_batches"](len(lesson["train"]), 32, rng):
                number += 1
                step = inverse_decay(rate * min(1, number / warm), epoch, 2)
                parameters, states = train_with(
                    rule,
                    lesson["network_gradient"],
                    parameters,
                    states,
                    [batch],
                    learning_rate=step,
                )
        return lesson["share_right"](parameters, lesson["held_out"])


def test_the_networks_gradient_is_that_of_its_loss():
    lesson, rng = digits(), np.random.default_rng(0)
    parameters, batch, h = lesson["new_network"](rng), np.arange(20), 1e-6

    def loss():
        _, s = lesson["network_scores"](parameters, lesson["train"].X[batch])
        top = s.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(s - top).sum(axis=1)) + top[:, 0]
        return np.mean(log_sum - s[np.arange(20), lesson["train"].y[batch]])

    gradients = lesson["network_gradient"](parameters, batch)
    for W, gradient in zip(parameters, gradients, strict=True):
        for place in ((10, 3), (-1, 5), (20, 7)):
            W[place] += h
            up = loss()
            W[place] -= 2 * h
            down = loss()
            W[place] += h
            assert gradient[place] == pytest.approx((up - down) / (2 * h), rel=1e-4, abs=1e-7)


def test_a_tuned_sgd_reaches_adam_on_the_digits_and_at_a_usual_default_does_not():
    best = {
        name: [share_right(RULES[name], rate, seed) for seed in range(3)]
        for name, rate in (("SGD", 3.0), ("momentum", 0.3), ("RMS-Prop", 0.1), ("Adam", 0.03))
    }
    means = {name: np.mean(shares) for name, shares in best.items()}
    assert max(means.values()) - min(means.values()) < 0.015
    assert max(np.ptp(shares) for shares in best.values()) > 0.5 * np.ptp(list(means.values()))
    low = {name: np.mean([share_right(RULES[name], 0.001, s) for s in range(3)]) for name in best}
    assert low["SGD"] < 0.2
    assert low["Adam"] > 0.5
    assert low["RMS-Prop"] > 0.5


# --- For the curious ----------------------------------------------------------------------------


def test_the_best_pair_makes_a_canyon_of_50_like_one_of_its_root():
    root = np.sqrt(50)
    rate, alpha = (2 / (root + 1)) ** 2, ((root - 1) / (root + 1)) ** 2
    for curvature in (1.0, 50.0):
        factor = momentum_factor(curvature, rate, alpha)
        assert factor == pytest.approx((root - 1) / (root + 1), abs=1e-6)
    around = [
        max(momentum_factor(c, rate * a, alpha * b) for c in (1, 50))
        for a in (0.97, 1.03)
        for b in (0.97, 1.03)
    ]
    assert min(around) > (root - 1) / (root + 1)


def eigenvalues(push, alpha):
    return np.linalg.eigvals(np.array([[alpha, -push], [alpha, 1 - push]]))


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.9])
def test_the_ball_creeps_swings_or_zigzags(alpha):
    low, high = (1 - np.sqrt(alpha)) ** 2, (1 + np.sqrt(alpha)) ** 2
    creeps, swings, zigzags = (eigenvalues(p, alpha) for p in (0.9 * low, 1.0, 1.001 * high))
    assert creeps.dtype == zigzags.dtype == float
    assert creeps.min() > 0
    assert zigzags.max() < 0
    np.testing.assert_allclose(np.abs(swings), np.sqrt(alpha))
    assert np.abs(eigenvalues(2 * (1 + alpha), alpha) + 1).min() < 1e-12


@pytest.mark.parametrize("push", [0.1, 0.8, 1.5, 3.5])
def test_the_best_share_for_a_rate_is_where_the_eigenvalues_become_complex(push):
    best = (1 - np.sqrt(push)) ** 2
    shares = np.linspace(0, 0.999, 400)
    sizes = [np.abs(eigenvalues(push, alpha)).max() for alpha in shares]
    assert shares[np.argmin(sizes)] == pytest.approx(best, abs=0.005)


def test_a_place_of_the_map_is_a_little_sooner_than_the_best_pair():
    root = np.sqrt(50)
    best = (2 / (root + 1)) ** 2, ((root - 1) / (root + 1)) ** 2
    steps = [
        settled(canyon_path(momentum, 200, learning_rate=rate, alpha=alpha))
        for rate, alpha in (best, (0.06, 0.58))
    ]
    assert steps[1] < steps[0]


def test_clipped_rosenbrock_gets_down_and_unclipped_flies_out():
    ends = []
    for limit in (np.inf, 1.0):
        w = np.array(surfaces.rosenbrock.start)
        with np.errstate(all="ignore"):
            for _ in range(1000):
                w = w - 0.01 * clip_gradients([surfaces.rosenbrock.gradient(w)], limit)[0]
        ends.append(surfaces.rosenbrock(w))
    assert not ends[0] < 1e6
    assert ends[1] < 0.05
    start = np.array(surfaces.rosenbrock.start)
    length = np.linalg.norm(surfaces.rosenbrock.gradient(start))
    assert length == pytest.approx(233, abs=0.5)


def test_adamw_shrinks_all_weights_alike_and_adam_with_a_penalty_does_not():
    draws = np.random.default_rng(0).normal(size=(2000, 3)) * [0.01, 1.0, 100.0]
    penalised = decayed = np.ones(3)
    one: dict = {}
    other: dict = {}
    for g in draws:
        penalised, one = adam(penalised, g + penalised, one)
        decayed, other = adamw(decayed, g, other, decay=1.0)
    np.testing.assert_allclose(decayed, (1 - 0.001) ** 2000, atol=0.03)
    assert penalised[2] > 0.9
    assert penalised[0] < 0.05


def test_warm_up_helps_where_the_rate_is_too_large():
    means = [
        np.mean([share_right(momentum, 3.0, s, warm) for s in range(3)]) for warm in (1, 32, 96)
    ]
    assert means == sorted(means)
    assert means[2] > means[0] + 0.2
    assert means[2] < np.mean([share_right(momentum, 0.3, s) for s in range(3)]) - 0.03


def test_in_each_shuffled_epoch_every_example_has_one_turn_and_the_last_batch_has_two():
    source = re.search(r"^def mini_batches\(.*?\n    return .*?\n", LESSON, re.M | re.S)[0]
    names = {"np": np}
    exec(source, names)
    shuffler = np.random.default_rng(0)
    for _ in range(3):
        batches = names["mini_batches"](20, 6, shuffler)
        assert [len(batch) for batch in batches] == [6, 6, 6, 2]
        assert sorted(np.concatenate(batches)) == list(range(20))


def test_newtons_step_is_in_the_middle_at_once_and_descent_hits_the_opposite_wall():
    assert newton_step(CORNER, CANYON.gradient(CORNER), np.diag([1.0, 50.0])) == pytest.approx(0)
    path = canyon_path(sgd, 40, learning_rate=0.039)
    assert path[1][1] * path[0][1] < 0
    assert np.abs(path[-1]) == pytest.approx([0.51, 0.08], abs=0.005)
