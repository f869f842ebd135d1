"""What lesson 5 says of its rules, in the canyon and in the race, computed anew."""

from __future__ import annotations

import re

import numpy as np
import pytest

from autograder.exercises.optimizers.adam import adam
from autograder.exercises.optimizers.descend import descend
from autograder.exercises.optimizers.inverse_decay import inverse_decay
from autograder.exercises.optimizers.momentum import momentum
from autograder.exercises.optimizers.nesterov import nesterov
from autograder.exercises.optimizers.rms_prop import rms_prop
from helpers import surfaces
from helpers.explorers.path import RATES, rate_of
from tests.conftest import functions_of
from tests.course.canyon import CANYON, CORNER, LESSON, RULES, SURFACES, canyon_path, settled, sgd

# --- The canyon and momentum --------------------------------------------------------------------


def test_of_a_descent_that_does_not_settle_nothing_else_is_said():
    names = functions_of(LESSON, "settled", "settling", canyon=CANYON)
    settling = names["settling"]
    swinging = canyon_path(momentum, 3000, learning_rate=0.039, alpha=0.97)
    assert re.fullmatch(r"below a millionth from step \d+ on", settling(swinging))
    assert settling(swinging[:41]) == "not below a millionth after 40 steps"
    assert settling(np.full((41, 2), np.nan)) == "not below a millionth after 40 steps"
    assert settling(np.zeros((41, 2))) == "below a millionth from step 0 on"


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
