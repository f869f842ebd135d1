"""What lesson 5 says in prose, computed anew with the right answers."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

from autograder.exercises.optimizers.adam import adam
from autograder.exercises.optimizers.adamw import adamw
from autograder.exercises.optimizers.clip_gradients import clip_gradients
from autograder.exercises.optimizers.descend import descend
from autograder.exercises.optimizers.inverse_decay import inverse_decay
from autograder.exercises.optimizers.momentum import momentum
from autograder.exercises.optimizers.momentum_factor import momentum_factor
from autograder.exercises.optimizers.nesterov import nesterov
from autograder.exercises.optimizers.newton_step import newton_step
from autograder.exercises.optimizers.rms_prop import rms_prop
from autograder.exercises.optimizers.train_with import train_with
from helpers import datasets, surfaces
from helpers.explorers.path import RATES, all_surfaces, rate_of
from tests.conftest import ROOT

LESSON = (ROOT / "source" / "05-optimizers" / "05-optimizers.md").read_text(encoding="utf-8")
CANYON = surfaces.canyon
CORNER = np.array(CANYON.start)


def sgd(w, gradient, state, learning_rate=0.01):
    return w - learning_rate * gradient, state


RULES = {"SGD": sgd, "momentum": momentum, "RMS-Prop": rms_prop, "Adam": adam}
SURFACES = {surface.name: surface for surface in all_surfaces()}


def canyon_path(rule, steps, **settings):
    with np.errstate(all="ignore"):
        return descend(rule, CANYON.gradient, CORNER, steps, **settings)


def settled(path, height=1e-6):
    above = np.flatnonzero(~(CANYON(path.T) < height))
    return above[-1] + 1 if above[-1] + 1 < len(path) else None


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


# --- The canyon and momentum --------------------------------------------------------------------


def test_along_the_floor_a_step_takes_away_4_percent():
    path = canyon_path(sgd, 40, learning_rate=0.039)
    assert 1 - path[40, 0] / path[39, 0] == pytest.approx(0.04, abs=0.005)


def test_the_shares_of_a_leaky_average():
    assert [round(0.1 * 0.9**k, 3) for k in (0, 1, 10)] == [0.1, 0.09, 0.035]


def test_after_75_steps_a_share_of_098_has_not_reached_1():
    assert 1 - 0.98**75 < 0.8


def test_with_alpha_07_a_quarter_of_the_steps_is_enough_and_097_is_slower_than_none():
    steps = {
        alpha: settled(canyon_path(momentum, 3000, learning_rate=0.039, alpha=alpha))
        for alpha in (0.0, 0.7, 0.97)
    }
    assert steps[0.7] < steps[0.0] / 4 + 1
    assert steps[0.97] > steps[0.0]


@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.9])
def test_momentum_converges_just_below_its_border_and_not_above(alpha):
    border = 2 * (1 + alpha) / 50
    inside = canyon_path(momentum, 4000, learning_rate=0.99 * border, alpha=alpha)
    outside = canyon_path(momentum, 4000, learning_rate=1.01 * border, alpha=alpha)
    assert CANYON(inside[-1]) < 1e-6
    assert not CANYON(outside[-1]) < 1e6


def test_nesterov_converges_just_below_its_lower_border_and_not_above():
    alpha = 0.9
    border = 2 * (1 + alpha) / (50 * (1 + 2 * alpha))
    assert border == pytest.approx(0.027, abs=0.0005)
    assert 2 * (1 + alpha) / 50 == pytest.approx(0.076)
    assert border < 2 / 50
    for share, arrives in ((0.98, True), (1.02, False)):
        w, state = CORNER, {}
        with np.errstate(all="ignore"):
            for _ in range(3000):
                w, state = nesterov(w, CANYON.gradient, state, share * border, alpha)
        assert (CANYON(w) < 1e-6) == arrives


def test_at_a_rate_that_suits_both_nesterov_settles_sooner():
    w, state, losses = CORNER, {}, []
    for _ in range(80):
        w, state = nesterov(w, CANYON.gradient, state, learning_rate=0.02)
        losses.append(CANYON(w))
    plain = CANYON(canyon_path(momentum, 80, learning_rate=0.02).T)[1:]
    assert max(losses[60:]) < max(plain[60:])


def test_with_a_little_more_momentum_the_ball_rolls_past_the_lowest_minimum():
    ends = {}
    for alpha in (0.0, 0.9, 0.97, 0.98, 0.99):
        start, bumpy = np.array([-5.0]), surfaces.bumpy
        path = descend(momentum, bumpy.gradient, start, 2000, learning_rate=0.01, alpha=alpha)
        ends[alpha] = path[-1, 0]
    lowest, second, third, _ = surfaces.bumpy.minima
    told = {0.0: third, 0.9: third, 0.97: lowest, 0.98: second, 0.99: lowest}
    assert ends == pytest.approx(told, abs=1e-3)


# --- RMS-Prop and Adam --------------------------------------------------------------------------


def test_the_longest_step_of_rms_prop_is_32_times_the_rate():
    w, state = rms_prop(0.0, 1e-3, {}, learning_rate=1.0, epsilon=0.0)
    assert -w == pytest.approx(1 / np.sqrt(0.1))
    assert -w == pytest.approx(3.2, abs=0.05)
    far, _ = rms_prop(0.0, 1e9, state, learning_rate=1.0, epsilon=0.0)
    assert -far == pytest.approx(1 / np.sqrt(0.1))


def test_rms_prop_passes_the_border_a_little_before_step_30_and_bursts_thirty_steps_later():
    w, state, rates, losses = CORNER, {}, [], []
    for _ in range(100):
        w, state = rms_prop(w, CANYON.gradient(w), state, learning_rate=0.1)
        rates.append(0.1 / np.sqrt(state["r"][1]))
        losses.append(CANYON(w))
    crossed = int(np.argmax(np.array(rates) > 2 / 50))
    assert 25 < crossed < 30
    assert 55 < np.argmax(losses[40:]) + 40 < 65
    assert rates[50] / rates[49] == pytest.approx(1 / np.sqrt(0.9), rel=1e-6)


def test_rms_prop_settles_across_within_15_steps_and_swings_for_good_from_150_on():
    path = canyon_path(rms_prop, 3000, learning_rate=0.1)
    assert abs(path[15, 1]) < 1e-8
    losses = CANYON(path.T)
    assert losses[70:].max() < losses[:70][40:].max() / 2
    assert losses[150:].min() > 0.06
    assert losses[150:].max() < 0.07


def test_at_a_constant_rate_rms_prop_ends_in_bounces_of_one_rate():
    path = canyon_path(rms_prop, 8000, learning_rate=0.1)
    np.testing.assert_allclose(np.abs(path[-1]), 0.05, atol=1e-4)
    np.testing.assert_allclose(np.abs(path[-1] - path[-2]), 0.1, atol=1e-4)


def test_of_a_quadratic_the_steps_of_rms_prop_do_not_depend_on_the_curvature():
    ends = []
    for curvature in (1.0, 50.0):
        w, state = 1.0, {}
        for _ in range(5):
            w, state = rms_prop(w, curvature * w, state, learning_rate=0.1, epsilon=0.0)
        ends.append(w)
    assert ends[0] == pytest.approx(ends[1], rel=1e-12)


def test_dividing_by_the_size_goes_at_45_degrees_to_the_floor_and_then_along_it():
    def normalised(w, gradient, state):
        return w - 0.1 * gradient / np.abs(gradient), state

    path = descend(normalised, CANYON.gradient, np.array([-2.53, 0.64]), 60)
    floor = int(np.argmax(np.abs(path[:, 1]) < 0.1))
    assert path[floor, 0] == pytest.approx(-1.9, abs=0.05)
    assert np.abs(path[floor:, 1]).max() < 0.1
    np.testing.assert_allclose(np.abs(np.diff(path, axis=0)), 0.1)


def rms_losses(rate_at, **settings):
    w, state, found = CORNER, {}, [CANYON(CORNER)]
    for t in range(400):
        w, state = rms_prop(w, CANYON.gradient(w), state, learning_rate=rate_at(t), **settings)
        found.append(CANYON(w))
    return np.array(found)


def test_the_burst_is_largest_at_step_60_by_both_cells():
    losses = rms_losses(lambda t: 0.1)
    assert losses[50:].argmax() + 50 == 60
    np.testing.assert_array_equal(losses, CANYON(canyon_path(rms_prop, 400, learning_rate=0.1).T))


def test_only_the_falling_rate_keeps_rms_prop_from_bursting():
    plain = rms_losses(lambda t: 0.1)[50:].max()
    assert rms_losses(lambda t: 0.1, rho=0.99)[50:].max() > plain
    assert rms_losses(lambda t: 0.1, epsilon=0.01)[50:].max() > 0.8 * plain
    falling = rms_losses(lambda t: inverse_decay(0.1, t, 20))
    assert falling[50:].max() < 0.05
    assert falling[-1] < rms_losses(lambda t: 0.1)[-1] / 100


def test_adam_does_not_burst_in_200_steps_and_does_in_8000():
    losses = CANYON(canyon_path(adam, 8000, learning_rate=0.1).T)
    assert losses[100:200].max() < 1e-3
    assert losses[200] < 1e-7
    assert losses[1000:3000].max() < 1e-40
    assert losses[5000:].max() > 0.01


def test_adam_swings_through_the_floor():
    path = canyon_path(adam, 60, learning_rate=0.1)
    np.testing.assert_allclose(np.abs(path[1] - path[0]), 0.1, rtol=1e-6)
    assert np.count_nonzero(np.diff(np.sign(path[:, 1]))) >= 4


def test_without_corrections_adams_first_steps_are_three_to_more_than_six_times_too_long():
    t = np.arange(1, 13)
    lengths = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    assert lengths.min() == pytest.approx(3.2, abs=0.05)
    assert 6 < lengths.max() < 7


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


# --- The race -----------------------------------------------------------------------------------


def test_the_table_of_rates_is_that_of_the_explorers():
    rows = dict(re.findall(r"^\| ([\w, ]+?)(?::[^|]*)? \| ([\d.]+) \| 0\.1 \|$", LESSON, re.M))
    told = {n.lower(): float(rate) for names, rate in rows.items() for n in names.split(", ")}
    assert told == pytest.approx(RATES)
    assert rate_of(adam, CANYON, 1.0) == 0.1


def raced(name, rule, steps=60, start=None, times=1.0):
    surface = SURFACES[name]
    begin = np.array(surface.start if start is None else start)
    rate = rate_of(rule, surface, times)
    with np.errstate(all="ignore"):
        return descend(rule, surface.gradient, begin, steps, learning_rate=rate)


def test_on_the_ridge_nobody_leaves_and_beside_it_rms_prop_is_first():
    left = {}
    for name, rule in RULES.items():
        assert np.all(raced("saddle", rule, start=(1.5, 0.0))[:, 1] == 0)
        left[name] = int(np.argmax(np.abs(raced("saddle", rule, start=(1.5, 0.01))[:, 1]) > 1))
    assert min(left, key=left.get) == "RMS-Prop"


def test_only_momentum_gets_around_the_bend_in_60_steps():
    right = {name for name, rule in RULES.items() if raced("rosenbrock", rule)[-1, 0] > 0}
    assert right == {"momentum"}


def test_from_0_0_momentum_ends_in_another_of_himmelblaus_minima():
    minima = np.array(surfaces.himmelblau.minima)
    nearest = {
        name: int(np.argmin(np.linalg.norm(minima - raced("himmelblau", rule)[-1], axis=1)))
        for name, rule in RULES.items()
    }
    assert nearest == {"SGD": 0, "momentum": 3, "RMS-Prop": 0, "Adam": 0}


def test_in_the_tiny_network_all_cross_over_and_momentum_shoots_beyond():
    surface = SURFACES["tiny network"]
    for name, rule in RULES.items():
        path = raced("tiny network", rule)
        assert path[-1, 0] > 0
        assert (path[:, 0].max() > 5) == (name == "momentum")
    flat = raced("tiny network", momentum)[-1]
    assert np.linalg.norm(surface.gradient(flat)) < 0.05
    assert flat[0] == pytest.approx(8.8, abs=0.05)
    assert flat[0] > surface.domain[0][1]
    assert raced("tiny network", momentum, 300)[-1, 0] > 5
    assert raced("tiny network", momentum, 1000)[-1, 0] < 3


@pytest.mark.parametrize("name", ["tiny network", "tumours"])
def test_the_minima_of_the_small_models_are_minima(name):
    surface = SURFACES[name]
    for minimum in surface.minima:
        assert surface(np.array(minimum)) == pytest.approx(surface.lowest, abs=1e-12)
        np.testing.assert_allclose(surface.gradient(np.array(minimum)), 0, atol=1e-6)
    (low, high), (left, right) = surface.domain
    grid = np.stack(np.meshgrid(np.linspace(low, high, 60), np.linspace(left, right, 60)))
    assert surface(grid).min() >= surface.lowest


def test_the_gradient_of_the_tumours_is_that_of_their_loss():
    surface, w, h = SURFACES["tumours"], np.array([0.7, -1.2]), 1e-5
    slopes = [(surface(w + h * e) - surface(w - h * e)) / (2 * h) for e in np.eye(2)]
    np.testing.assert_allclose(surface.gradient(w), slopes, rtol=1e-7)


def finish(times):
    fields = [s for s in SURFACES.values() if s.name != "bowl" and np.isfinite(s.lowest)]
    return {
        field.name: {
            name: float(
                np.nan_to_num(field(raced(field.name, rule, 100, times=times)[-1]), nan=np.inf)
            )
            - field.lowest
            for name, rule in RULES.items()
        }
        for field in fields
    }


def test_no_rule_wins_everywhere_and_adam_wins_nowhere():
    wins = [min(ends, key=ends.get) for ends in finish(1).values()]
    assert {name: wins.count(name) for name in RULES} == {
        "SGD": 1,
        "momentum": 3,
        "RMS-Prop": 2,
        "Adam": 0,
    }


def down(times):
    """On how many surfaces each rule gets to a tenth of the height at which it began."""
    ends = finish(times)
    begin = {f: SURFACES[f](np.array(SURFACES[f].start)) - SURFACES[f].lowest for f in ends}
    return {name: sum(ends[f][name] < begin[f] / 10 for f in ends) for name in RULES}


def test_at_ten_times_the_rate_adam_alone_gets_down_everywhere():
    assert [name for name, count in down(10).items() if count == 6] == ["Adam"]


def test_at_a_tenth_of_the_rate_momentum_gets_furthest_and_adam_does_not():
    counts = down(0.1)
    assert max(counts, key=counts.get) == "momentum"
    assert counts["Adam"] < counts["momentum"] - 2


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
