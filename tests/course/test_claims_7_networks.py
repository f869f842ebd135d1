"""What lesson 7 says in prose of networks and of brains, computed anew with the right answers."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from autograder.exercises.landscapes.balanced_batches import balanced_batches
from autograder.exercises.landscapes.bezier import bezier
from autograder.exercises.landscapes.feedback_backprop import feedback_backprop
from autograder.exercises.landscapes.filter_normalised import filter_normalised
from autograder.exercises.landscapes.gradient_guess import gradient_guess
from autograder.exercises.landscapes.loss_slice import loss_slice
from autograder.exercises.landscapes.permute_units import permute_units
from autograder.exercises.optimizers.adam import adam
from tests.course.landscapes import lesson, network

# --- Slices -------------------------------------------------------------------------------------


def test_from_start_to_end_the_loss_falls_without_a_bump():
    names = lesson()
    begin, end = names["new_weights"](np.random.default_rng(0)), network(0)
    line = loss_slice(names["loss"], begin, end - begin, end, np.linspace(0, 1, 41), np.zeros(1))
    assert np.all(np.diff(line[:, 0]) < 0)


def test_beyond_the_trained_network_the_line_goes_lower_still():
    names = lesson()
    begin, end = names["new_weights"](np.random.default_rng(0)), network(0)
    line = loss_slice(names["loss"], begin, end - begin, end, np.linspace(1, 2, 21), [0.0])
    assert line.min() < names["loss"](end) / 2


def test_at_random_there_is_hardly_a_way_down_from_the_start_and_none_from_the_end():
    names, rng = lesson(), np.random.default_rng(1)
    begin, end = names["new_weights"](np.random.default_rng(0)), network(0)
    for at, low, high in ((begin, 0.001, 0.06), (end, 0.0, 0.0)):
        lows = []
        for d in rng.normal(size=(20, len(end))):
            d = d * np.linalg.norm(end - begin) / np.linalg.norm(d)
            cut = loss_slice(names["loss"], at, d, d, np.linspace(-1, 1, 21), [0.0])
            lows.append(cut.min() / names["loss"](at))
        assert low <= 1 - min(lows) <= high


def test_units_scaled_each_by_its_own_number_have_another_normalised_slice():
    names, w = lesson(), network(0)
    W1, W2 = names["unpack"](w)
    own = np.geomspace(0.1, 10, 16)
    scaled = names["pack"](W1 * own, np.vstack([W2[:-1] / own[:, None], W2[-1:]]))
    orders = [np.arange(16)[::-1]]
    orders += [np.random.default_rng(seed).permutation(16) for seed in range(12)]
    turned = [names["pack"](*permute_units(W1, W2, order)) for order in orders]
    dice = np.random.default_rng(2).normal(size=len(w))
    slices = []
    for each in (w, scaled, *turned):
        X = names["test"].X
        assert np.allclose(names["scores"](each, X), names["scores"](w, X))
        layers = map(filter_normalised, names["unpack"](dice), names["unpack"](each))
        way = names["pack"](*layers)
        slices.append(loss_slice(names["loss"], each, way, way, np.linspace(-1, 1, 9), [0.0]))
    by_own, *by_order = (np.max(np.abs(other / slices[0] - 1)) for other in slices[1:])
    assert by_own > 10
    assert by_order[0] > 0.2
    assert 0.15 < min(by_order) < 0.25
    assert max(by_order) > 1


def test_a_scaled_network_computes_the_same_and_has_the_same_normalised_slice():
    names, w = lesson(), network(0)
    W1, W2 = names["unpack"](w)
    scaled = names["pack"](10 * W1, np.vstack([W2[:-1] / 10, W2[-1:]]))
    X = names["test"].X
    assert np.allclose(names["scores"](scaled, X), names["scores"](w, X))
    assert np.abs(W2[:-1]).mean() / 10 == pytest.approx(0.07, abs=0.02)
    dice = np.random.default_rng(2).normal(size=len(w))
    slices = []
    for each in (w, scaled):
        layers = map(filter_normalised, names["unpack"](dice), names["unpack"](each))
        way = names["pack"](*layers)
        slices.append(loss_slice(names["loss"], each, way, way, np.linspace(-1, 1, 9), [0.0]))
    assert np.allclose(*slices)


# --- From one minimum to another ----------------------------------------------------------------


def test_the_curve_is_a_straight_line_where_the_middle_is_in_the_middle():
    one, other = np.array([1.0, 5.0]), np.array([3.0, -5.0])
    for tau in np.linspace(0, 1, 7):
        point, _ = bezier(np.cos, one, (one + other) / 2, other, tau)
        assert np.allclose(point, (1 - tau) * one + tau * other)


def test_16_units_have_2e13_orders():
    assert math.factorial(16) == pytest.approx(2e13, rel=0.05)


def together(networks):
    names = lesson()
    test = names["test"]
    said = [np.exp(names["log_softmax"](names["scores"](w, test.X))) for w in networks]
    return np.mean(np.mean(said, axis=0).argmax(axis=1) == test.y)


def test_networks_that_were_trained_apart_do_a_little_better_together():
    alone = [lesson()["share_right"](network(seed)) for seed in range(8)]
    assert together(map(network, range(8))) > max(alone)
    assert together(map(network, range(8))) - np.mean(alone) < 0.02


@pytest.mark.parametrize("pair", [(0, 1), (2, 3), (4, 5)])
def test_the_line_climbs_and_a_trained_curve_does_not(pair):
    names = lesson()
    one, other = map(network, pair)
    stations = np.linspace(0, 1, 21)
    line = max(names["loss"]((1 - tau) * one + tau * other) for tau in stations)
    rng, theta, state = np.random.default_rng(5), (one + other) / 2, {}
    for k in range(1500):
        rows = rng.choice(len(names["train"]), 64, replace=False)
        slope_there = partial(names["gradient"], rows=rows)
        _, slope = bezier(slope_there, one, theta, other, rng.random())
        theta, state = adam(theta, slope, state, learning_rate=0.01 * (1 - k / 1500))
    curve = [bezier(np.cos, one, theta, other, tau)[0] for tau in stations]
    ends = max(names["loss"](w) for w in (one, other))
    assert line > 10 * ends
    assert min(map(names["loss"], curve)) < min(names["loss"](w) for w in (one, other))
    gain = together(curve[::2]) - max(map(names["share_right"], (one, other)))
    assert gain < {(0, 1): 0.0, (2, 3): 0.005, (4, 5): 0.015}[pair]
    assert pair != (4, 5) or gain > 0.005
    assert max(map(names["loss"], curve)) < 1.3 * ends
    assert min(map(names["share_right"], curve)) > 0.95


def test_units_in_the_same_order_leave_little_of_the_mountain():
    names = lesson()
    one, other = network(0), network(1)
    traits = [np.vstack([W1, W2[:-1].T]) for W1, W2 in map(names["unpack"], (one, other))]
    alike, order = traits[0].T @ traits[1], np.zeros(16, dtype=int)
    for _ in range(16):
        mine, theirs = np.unravel_index(alike.argmax(), alike.shape)
        order[mine] = theirs
        alike[mine, :] = alike[:, theirs] = -np.inf
    turned = names["pack"](*permute_units(*names["unpack"](other), order))
    X = names["test"].X
    assert np.allclose(names["scores"](turned, X), names["scores"](other, X))
    assert names["loss"]((one + turned) / 2) < names["loss"]((one + other) / 2) / 5


# --- All examples, or a few ---------------------------------------------------------------------


def rare_eights():
    train = lesson()["train"]
    return train.take(np.flatnonzero((train.y != 8) | (np.cumsum(train.y == 8) <= 12)))


def weights_after(order_of, rate, epochs, seed=0):
    names, data, rng = lesson(), rare_eights(), np.random.default_rng(seed)
    w = names["new_weights"](rng)
    for _ in range(epochs):
        for batch in order_of(data.y, -(-len(data) // 32), rng):
            w = w - rate * names["gradient"](w, batch, data)
    return w


def after(*how):
    return lesson()["share_right"](weights_after(*how))


def in_order(y, count, rng):
    return np.array_split(np.argsort(y, kind="stable"), count)


def test_sorted_batches_catch_up_at_a_rate_of_1_and_never_at_2():
    assert after(in_order, 1.0, 2) < 0.45
    assert after(balanced_batches, 1.0, 2) > 0.8
    assert after(in_order, 1.0, 15) > 0.88
    assert after(in_order, 2.0, 15) < 0.7


def test_dealt_out_the_network_reads_on_average_fewer_than_half_of_the_rare_eights():
    names, test, shares = lesson(), lesson()["test"], []
    for seed in range(3):
        w = weights_after(balanced_batches, 1.0, 15, seed)
        right = names["scores"](w, test.X).argmax(axis=1) == test.y
        shares.append([right[test.y == 8].mean(), right[test.y != 8].mean()])
    eights, others = np.transpose(shares)
    assert eights.mean() < 0.5
    assert eights[:2].max() < 0.5
    assert others.min() > 0.96


def distance_of_one_example(rate, steps=2000):
    """From the mean of 2,000 numbers, root mean square of ten runs with one of them a step."""
    numbers = 5 + np.random.default_rng(3).normal(size=2000)
    ends = []
    for seed in range(10):
        w, rng = 0.0, np.random.default_rng(seed)
        for t in range(steps):
            w -= rate(t) * (w - rng.choice(numbers))
        ends.append(w - numbers.mean())
    return np.sqrt(np.mean(np.square(ends)))


def test_at_a_constant_rate_one_example_dances_and_at_one_that_falls_it_arrives():
    constant = distance_of_one_example(lambda t: 0.1)
    falling = distance_of_one_example(lambda t: 1 / (t + 1))
    assert 0.1 < constant < 0.4
    assert falling < constant / 5


def test_the_error_of_a_guess_is_as_much_larger_as_there_are_weights_for_a_direction():
    rng, true, k = np.random.default_rng(0), np.ones(50), 10
    found = [
        gradient_guess(lambda w: true @ w, np.zeros(50), rng.normal(size=(k, 50)), 0.1)
        for _ in range(2000)
    ]
    noise = np.mean([np.sum((g - true) ** 2) for g in found]) / np.sum(true**2)
    assert noise == pytest.approx(51 / k, rel=0.05)


def test_newton_from_64_of_400_lands_nearer_than_the_best_gradient_step_and_from_32_no_longer():
    draws = np.random.default_rng(0)
    X = draws.normal(size=(400, 20))
    y = X @ draws.normal(size=20) + draws.normal(size=400)
    solution = np.linalg.lstsq(X, y, rcond=None)[0]
    off = {}
    for size in (64, 32):
        far = []
        for _ in range(100):
            rows = draws.choice(400, size, replace=False)
            step = np.linalg.solve(X[rows].T @ X[rows], X[rows].T @ y[rows])
            far.append(np.linalg.norm(step - solution))
        off[size] = np.median(far)
    g = X.T @ y / 400
    best = g * (g @ g) / (g @ (X.T @ X / 400) @ g)
    assert off[64] < 0.8 * np.linalg.norm(best - solution)
    assert off[32] > np.linalg.norm(best - solution)


def test_the_largest_rate_that_is_tried_with_full_batches_is_the_best():
    names, found = lesson(), {}
    for rate in (2, 3, 4):
        found[rate] = []
        for seed in range(3):
            w = names["new_weights"](np.random.default_rng(seed))
            for _ in range(10):
                w = w - rate * names["gradient"](w)
            found[rate].append(names["share_right"](w))
    assert np.mean(found[3]) > max(np.mean(found[2]), np.mean(found[4]))


def test_a_full_batch_is_42_times_as_expensive():
    assert len(lesson()["train"]) / 32 == pytest.approx(42, abs=0.5)


# --- The brain ----------------------------------------------------------------------------------


def taught(draw_anew, seed=0):
    """Accuracy, angles to the gradient of the hidden layer, and to B of the output's weights."""
    names, rng = lesson(), np.random.default_rng(seed)
    train, draw, w = names["train"], np.random.default_rng(100 + seed), names["new_weights"](rng)
    B, angles = draw.normal(0, 0.25, size=(16, 10)), []
    for _ in range(15):
        for rows in np.array_split(rng.permutation(len(train)), 42):
            W1, W2 = names["unpack"](w)
            X = train.X[rows] - names["pixels"]
            hidden = np.maximum(0, X @ W1[:-1] + W1[-1])
            error = np.exp(names["log_softmax"](hidden @ W2[:-1] + W2[-1]))
            error = (error - np.eye(10)[train.y[rows]]) / len(rows)
            B = draw.normal(0, 0.25, size=(16, 10)) if draw_anew else B
            step = feedback_backprop(X, hidden, error, B)
            true, _ = feedback_backprop(X, hidden, error, W2[:-1])
            angles.append(angle(step[0], true))
            w = w - 0.3 * names["pack"](*step)
    return names["share_right"](w), np.array(angles), angle(B, names["unpack"](w)[1][:-1])


def angle(one, other):
    cosine = np.sum(one * other) / np.linalg.norm(one) / np.linalg.norm(other)
    return np.degrees(np.arccos(cosine))


def test_feedback_alignment_learns_its_angle_falls_and_w2_turns_towards_b():
    right, angles, to_b = taught(draw_anew=False)
    assert right > 0.93
    assert angles[:5].mean() > 75
    assert angles[-42:].mean() < 50
    assert to_b < 60


def test_with_other_feedback_each_time_there_is_nothing_to_turn_to():
    right, angles, _ = taught(draw_anew=True)
    assert right < 0.9
    assert angles[-42:].mean() == pytest.approx(90, abs=5)


def output_alone(W1, seed):
    """What the output reaches over a hidden layer that stays as it is."""
    names, rng = lesson(), np.random.default_rng(seed)
    train, W2 = names["train"], names["unpack"](names["new_weights"](rng))[1]
    for _ in range(15):
        for rows in np.array_split(rng.permutation(len(train)), 42):
            X = train.X[rows] - names["pixels"]
            hidden = np.maximum(0, X @ W1[:-1] + W1[-1])
            error = np.exp(names["log_softmax"](hidden @ W2[:-1] + W2[-1]))
            error = (error - np.eye(10)[train.y[rows]]) / len(rows)
            W2 = W2 - 0.3 * np.vstack([hidden.T @ error, error.sum(axis=0)])
    return names["share_right"](names["pack"](W1, W2))


def test_mixtures_of_mean_images_let_the_output_reach_85_percent_the_start_65():
    names = lesson()
    X, y = names["train"].X - names["pixels"], names["train"].y
    means = np.array([X[y == c].mean(axis=0) for c in range(10)])
    drawn, mixed = [], []
    for seed in range(3):
        W1, _ = names["unpack"](names["new_weights"](np.random.default_rng(seed)))
        mixture = means.T @ np.random.default_rng(50 + seed).normal(size=(10, 16))
        mixture *= np.linalg.norm(W1[:-1], axis=0) / np.linalg.norm(mixture, axis=0)
        drawn.append(output_alone(W1, seed))
        mixed.append(output_alone(np.vstack([mixture, np.zeros(16)]), seed))
    assert np.mean(drawn) == pytest.approx(0.65, abs=0.04)
    assert np.mean(mixed) == pytest.approx(0.85, abs=0.025)


# --- For the curious ----------------------------------------------------------------------------


def test_as_many_directions_as_weights_come_within_about_45_degrees():
    rng, true = np.random.default_rng(0), np.arange(1.0, 101)
    found = gradient_guess(lambda w: true @ w, np.zeros(100), rng.normal(size=(100, 100)), 0.1)
    assert angle(found, true) == pytest.approx(45, abs=7)
