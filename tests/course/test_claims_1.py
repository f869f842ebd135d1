"""What the text of lesson 1 claims, computed."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

from autograder.exercises import right_answer
from helpers import check_derivative, datasets, surfaces
from helpers.explorers.surface import PLACES, path_of
from tests.conftest import ROOT, functions_of

LESSON = (ROOT / "source" / "01-derivatives" / "01-derivatives.md").read_text(encoding="utf-8")


def bumpy_bend(x):
    return 0.2 - 4 * np.sin(2 * x)


def settles_at(start, rate, steps=2000):
    path = right_answer("gradient_descent")(surfaces.bumpy.gradient, start, rate, steps)
    return abs(path[-1] - path[-2]) < 1e-9, path[-1]


def test_two_values_for_each_of_640_weights_are_a_number_of_193_digits():
    assert len(str(2**640)) == 193


def test_of_a_loss_that_is_not_reached_nothing_else_is_said():
    first = functions_of(LESSON, "first_as_low")["first_as_low"]
    assert first([1.0, 0.8, 0.6], 0.8, "step") == "at step 1"
    assert first([1.0, 1.3, 1.9], 0.8, "step") == "at no step"
    assert first([1.0, 0.8, 0.6], np.nan, "try") == "at no try"


@cache
def digits():
    """The 500 pictures of the lesson and their targets."""
    data = datasets.digits()
    chosen = np.random.default_rng(0).permutation(len(data))[:500]
    return data.X[chosen], np.eye(10)[data.y[chosen]]


def test_of_no_weights_every_picture_has_the_loss_1():
    _, targets = digits()
    assert np.allclose(np.sum(targets**2, axis=1), 1)


@pytest.mark.parametrize(("rate", "falls"), [(0.05, True), (0.09, True), (0.1, False)])
def test_the_largest_bend_of_the_digits_loss_is_20_9_and_sets_the_limit(rate, falls):
    pictures, targets = digits()
    bend = np.linalg.eigvalsh(2 * pictures.T @ pictures / 500).max()
    assert bend == pytest.approx(20.9, abs=0.05)
    assert (rate < 2 / bend) == falls
    W = np.zeros((10, 64))
    losses = []
    for _ in range(60):
        losses.append(np.mean(np.sum((targets - pictures @ W.T) ** 2, axis=1)))
        W = W + rate * 2 * (targets - pictures @ W.T).T @ pictures / 500
    assert (losses[-1] < losses[-2]) == falls


def loss_of(W):
    pictures, targets = digits()
    return np.mean(np.sum((targets - pictures @ W.T) ** 2, axis=1))


def read_by(W):
    pictures, targets = digits()
    return np.mean(np.argmax(pictures @ W.T, axis=1) == np.argmax(targets, axis=1))


def after(steps, rate=0.05):
    pictures, targets = digits()
    W = np.zeros((10, 64))
    for _ in range(steps):
        W = W + rate * 2 * (targets - pictures @ W.T).T @ pictures / 500
    return W


def searched(tries=1000):
    """The losses of local search, and how many of its changes were kept."""
    rng = np.random.default_rng(0)
    W, losses, kept = np.zeros((10, 64)), [1.0], 0
    for _ in range(tries):
        trial = W + 0.005 * rng.normal(size=W.shape)
        if loss_of(trial) < losses[-1]:
            W, kept = trial, kept + 1
        losses.append(loss_of(W))
    return losses, kept


def test_by_the_loss_a_step_is_worth_about_100_tries_and_16_what_1000_did():
    losses, kept = searched()
    assert kept == 191
    assert 90 <= np.argmax(np.array(losses) <= loss_of(after(1))) <= 120
    assert loss_of(after(16)) <= losses[-1] < loss_of(after(15))


@pytest.mark.parametrize("rate", [0.001, 0.05, 1.0])
def test_what_a_first_step_from_0_reads_is_the_same_for_every_rate(rate):
    assert read_by(after(1, rate)) == read_by(after(1)) == pytest.approx(0.74)
    assert rate < 1 or loss_of(after(1, rate)) == pytest.approx(40, abs=0.5)


@pytest.mark.parametrize(("size", "falls"), [(0.005, 0.36), (0.0005, 0.48)])
def test_half_go_down_only_where_the_step_is_short(size, falls):
    rng = np.random.default_rng(7)
    trials = [loss_of(size * rng.normal(size=(10, 64))) < 1 for _ in range(1500)]
    assert np.mean(trials) == pytest.approx(falls, abs=0.03)


def test_random_matrices_read_a_tenth_give_or_take_4_hundredths():
    rng = np.random.default_rng(0)
    shares = [read_by(0.03 * rng.normal(size=(10, 64))) for _ in range(1000)]
    assert np.mean(shares) == pytest.approx(0.10, abs=0.005)
    assert np.std(shares) == pytest.approx(0.04, abs=0.005)


def test_the_digits_can_be_solved_with_five_pixels_that_are_always_white():
    pictures, targets = digits()
    assert np.sum(~pictures.any(axis=0)) == 5
    assert np.linalg.matrix_rank(pictures) == 59
    W = np.linalg.lstsq(pictures, targets, rcond=None)[0].T
    assert read_by(W) == pytest.approx(0.968)
    assert loss_of(W) == pytest.approx(0.277, abs=0.001)
    assert loss_of(after(50)) == pytest.approx(0.410, abs=0.001)
    assert read_by(after(50)) == pytest.approx(0.932)


@pytest.mark.parametrize(
    ("steps", "loss"), [(50, 0.4098), (1000, 0.291), (10**6, 0.278), (10**7, 0.2774)]
)
def test_the_walk_to_the_solved_loss_takes_millions_of_steps(steps, loss):
    """Along each direction of the valley a step multiplies the distance by 1 − η times its bend."""
    pictures, targets = digits()
    U, s, _ = np.linalg.svd(pictures, full_matrices=False)
    gone = np.where(s > 1e-9, 1 - (1 - 0.05 * 2 * s**2 / 500) ** steps, 0)
    reached = np.mean(np.sum((targets - U @ (gone[:, None] * (U.T @ targets))) ** 2, axis=1))
    assert reached == pytest.approx(loss, abs=0.0005 if loss > 0.2775 else 0.00005)
    if steps == 50:
        assert reached == pytest.approx(loss_of(after(50)), abs=1e-9)


def angle_to_the_minimum(a, b):
    """Of the negative gradient of (a² + 50 b²) / 2 with the way to 0, in degrees."""
    g, way = np.array([a, 50 * b]), np.array([a, b])
    return np.degrees(np.arccos(g @ way / np.linalg.norm(g) / np.linalg.norm(way)))


def test_in_the_narrow_valley_the_way_down_is_68_degrees_off_and_74_at_most():
    assert angle_to_the_minimum(1.5, 0.5) == pytest.approx(68.1, abs=0.05)
    most = max(angle_to_the_minimum(1, b) for b in np.linspace(0.01, 1, 2000))
    assert most == pytest.approx(73.9, abs=0.05)
    (wide, _), (_, high) = np.abs(PLACES["narrow valley"].domain)
    assert wide > 1.5
    assert high > 0.5


@pytest.mark.parametrize(
    ("minimum", "bend", "limit"), [((0.0, 0.0), 4.41, 0.45), ((1.7475523, -0.8737762), 12.25, 0.16)]
)
def test_each_of_the_three_basins_holds_a_descent_up_to_two_over_its_largest_bend(
    minimum, bend, limit
):
    h, slopes = 1e-5, surfaces.camel.gradient
    bends = [(slopes(minimum + h * e) - slopes(minimum - h * e)) / (2 * h) for e in np.eye(2)]
    largest = np.linalg.eigvalsh(bends).max()
    assert largest == pytest.approx(bend, abs=0.005)
    assert 2 / largest == pytest.approx(limit, abs=0.005)


@pytest.mark.parametrize(("rate", "lowest", "hopping"), [(0.1, 3, 0), (0.2, 3, 3), (0.3, 6, 0)])
def test_the_learning_rate_decides_with_the_start_in_which_basin_a_descent_ends(
    rate, lowest, hopping
):
    place = PLACES["three basins"]
    paths = [
        path_of(right_answer("update_weights"), place.surface, start, rate, 2000)
        for start in place.starts()
    ]
    near = [np.hypot(*path[-1]) < 0.05 for path in paths]
    assert sum(near) == lowest
    assert sum(np.hypot(*(path[-1] - path[-2])) > 0.1 for path in paths) == hopping
    assert all(abs(path[-1][0]) > 1.4 for path, low in zip(paths, near, strict=True) if not low)


def test_the_minutes_of_the_sections_are_those_of_the_table_and_of_the_opening():
    said = re.findall(r"^## (.+)\n\n\*about (\d+) minutes", LESSON, re.MULTILINE)
    opening, _ = LESSON.split("**Little time")
    table = re.findall(r"\| (\*\*)?([^|*]+?)(?:\*\*)? \| (?:\*\*)?(\d+)", opening)
    assert {name: minutes for _, name, minutes in table} == dict(said)
    sums = [int(minutes) for name, minutes in said if name != "For the curious"]
    assert 290 <= sum(sums) <= 310  # about five hours
    assert sum(int(minutes) for bold, _, minutes in table if bold) == 80
    assert "bold, 80 minutes together" in LESSON


def test_a_difference_quotient_may_pass_the_visible_check_and_never_all_that_is_asked():
    five = (np.cos, lambda t: 2.5 * t, lambda t: t**3 - 2 * t)
    five += (lambda t: np.exp(-(t**2)), lambda t: 1 / (1 + t**2))

    def slopes(x, h=1e-6):
        return [(f(x + h) - f(x - h)) / (2 * h) for f in five]

    for which, curve in enumerate(five):
        report = check_derivative(curve, lambda x, k=which: slopes(x)[k], at=[-1.3, 0.4, 2.0])
        assert report.passed


def test_at_the_steepest_place_of_the_bump_the_error_of_the_line_falls_as_the_cube():
    p = 1 / np.sqrt(2)
    slope = -2 * p * np.exp(-(p**2))
    errors = [np.exp(-((p + e) ** 2)) - np.exp(-(p**2)) - slope * e for e in (1 / 64, 1 / 128)]
    assert errors[0] / errors[1] == pytest.approx(8, abs=0.2)


def test_on_the_fourth_power_a_thousandth_takes_a_hundred_times_as_many_steps():
    descend = right_answer("descend_until")
    steps = [descend(lambda x: 4 * x**3, 2.0, 0.1, tol, 10**6)[1] for tol in (1e-3, 1e-6)]
    assert steps == [309, 31_489]


def test_a_typical_direction_in_640_dimensions_has_one_25th_of_the_slope():
    assert 1 / np.sqrt(640) == pytest.approx(1 / 25, rel=0.02)


def test_the_bump_is_steepest_and_does_not_bend_at_one_over_root_two():
    x = np.linspace(0, 3, 30001)
    slope = -2 * x * np.exp(-(x**2))
    bend = (4 * x**2 - 2) * np.exp(-(x**2))
    assert x[np.argmax(np.abs(slope))] == pytest.approx(1 / np.sqrt(2), abs=1e-3)
    assert np.interp(1 / np.sqrt(2), x, bend) == pytest.approx(0, abs=1e-6)
    assert np.all(slope[1:] != 0)


def test_the_error_of_the_line_is_about_half_the_second_derivative_times_the_square():
    model = right_answer("linear_model")
    error = np.exp(1.001) - model(np.exp, np.exp, 1.0, 0.001)
    assert error == pytest.approx(np.e / 2 * 1e-6, rel=1e-3)


def test_the_lowest_valley_of_the_bumpy_curve_takes_steps_up_to_two_over_its_bend():
    valley = surfaces.bumpy.minima[0]
    limit = 2 / bumpy_bend(valley)
    assert 0.47 < limit < 0.48
    assert settles_at(valley + 0.05, 0.47)[0]
    assert not settles_at(valley + 0.05, 0.48)[0]


def test_just_above_the_limit_a_descent_hops_for_ever_for_the_walls_bend_less():
    valley = surfaces.bumpy.minima[0]
    path = right_answer("gradient_descent")(surfaces.bumpy.gradient, valley + 0.05, 0.48, 5000)
    assert np.allclose(path[-1], path[-3])
    assert path[-1] > valley > path[-2]
    assert bumpy_bend(path[-1]) < bumpy_bend(valley)
    assert bumpy_bend(valley - 0.3) < bumpy_bend(valley)


def test_near_a_minimum_a_step_multiplies_the_distance_by_one_minus_rate_times_bend():
    valley = surfaces.bumpy.minima[0]
    x = valley + 1e-5
    after = x - 0.1 * surfaces.bumpy.gradient(x)
    assert (after - valley) / 1e-5 == pytest.approx(1 - 0.1 * bumpy_bend(valley), rel=1e-3)


def test_a_step_below_two_over_the_largest_bend_never_climbs():
    largest = 4.2  # |0.2 − 4 sin 2x| is never more
    x = np.linspace(-6, 6, 1201)
    for rate in (0.01, 0.2, 0.47):
        assert rate < 2 / largest
        there = x - rate * surfaces.bumpy.gradient(x)
        assert np.all(surfaces.bumpy(there) <= surfaces.bumpy(x) + 1e-12)


def test_two_starts_close_together_end_in_different_valleys_and_58_in_the_highest():
    ends = [settles_at(start, 0.1, 500)[1] for start in (0.8, 0.85, 5.8)]
    assert ends == pytest.approx([surfaces.bumpy.minima[k] for k in (0, 1, 3)], abs=1e-6)


def test_a_thousand_times_smaller_takes_31_steps_at_a_learning_rate_of_a_tenth():
    assert 0.8**31 < 1 / 1000 < 0.8**30
    descend = right_answer("descend_until")
    loose, strict = (descend(lambda x: 2 * x, 2.0, 0.1, tol, 999)[1] for tol in (1e-3, 1e-6))
    assert strict - loose == 31
    assert loose > 31


def test_half_is_there_at_once_and_both_ends_are_slow():
    descend = right_answer("descend_until")
    steps = {rate: descend(lambda x: 2 * x, 2.0, rate, 1e-6, 9999)[1] for rate in (0.02, 0.5, 0.98)}
    assert steps[0.5] == 1
    assert min(steps[0.02], steps[0.98]) > 300


def valley_side(start, tolerance):
    def derivative(x):
        return 2 * x * np.exp(-(x**2))

    return right_answer("descend_until")(derivative, start, 0.1, tolerance, 10_000)


def test_on_the_plain_at_4_the_slope_is_less_than_a_millionth_and_no_step_is_taken():
    assert 8 * np.exp(-16) < 1e-6
    assert valley_side(4.0, 1e-6) == (4.0, 0, "flat")


def test_from_3_most_steps_are_spent_on_the_first_stretch():
    x, steps, reason = valley_side(3.0, 1e-6)
    assert reason == "flat"
    assert abs(x) < 1e-5
    path = right_answer("gradient_descent")(lambda x: 2 * x * np.exp(-(x**2)), 3.0, 0.1, steps)
    assert np.sum(path > 2) > 0.9 * steps


def test_two_slopes_give_that_of_every_direction():
    g = np.array([2.0, 6.0])
    quotient = right_answer("difference_quotient")
    angles = np.radians(np.arange(360))
    for u in np.array([np.cos(angles), np.sin(angles)]).T:
        slope = quotient(lambda t, u=u: (1 + t * u[0]) ** 2 + 3 * (1 + t * u[1]) ** 2, 0.0, 1e-7)
        assert slope == pytest.approx(g @ u, abs=1e-5)
    assert np.hypot(2, 6) == pytest.approx(6.32, abs=0.005)
    assert 8 / np.sqrt(2) == pytest.approx(5.66, abs=0.005)


def test_the_worked_numbers_of_the_matrix_are_right():
    W, x, y = np.array([[1, 0, 2], [0, 1, -1]]), np.array([1, 3, 2]), np.array([4, 3])
    assert (W @ x).tolist() == [5, 1]
    assert np.sum((y - W @ x) ** 2) == 5
    gradient = right_answer("squared_loss_gradient")(W, x, y)
    assert gradient.tolist() == [[2, 6, 4], [-4, -12, -8]]


def test_with_both_signs_changed_the_smallest_network_computes_the_same():
    x = np.linspace(-2, 2, 9)
    assert np.allclose(1.5 * np.tanh(2 * x), -1.5 * np.tanh(-2 * x))


def test_between_the_two_minima_of_the_smallest_network_lies_a_saddle():
    rng = np.random.default_rng(3)
    x = rng.uniform(-2, 2, size=20)
    y = 1.5 * np.tanh(2 * x) + 0.1 * rng.normal(size=20)

    def loss(w1, w2):
        return np.mean((w2 * np.tanh(w1 * x) - y) ** 2)

    small = 0.05
    assert loss(small, small) < loss(0, 0) < loss(small, -small)


def test_newton_goes_from_08_to_the_top_where_descent_finds_a_valley():
    end = right_answer("newton_path")(surfaces.bumpy.gradient, bumpy_bend, 0.8, 6)[-1]
    assert surfaces.bumpy.gradient(end) == pytest.approx(0, abs=1e-12)
    assert bumpy_bend(0.8) < 0
    assert bumpy_bend(end) < 0
    assert surfaces.bumpy.minima[0] < end < surfaces.bumpy.minima[1]


def test_newton_more_than_doubles_the_digits_on_the_bumpy_curve():
    path = right_answer("newton_path")(surfaces.bumpy.gradient, bumpy_bend, -0.5, 3)
    off = np.abs(path - surfaces.bumpy.minima[0])
    digits = -np.log10(off)
    assert np.all(digits[1:] / digits[:-1] > 2)
    valley = surfaces.bumpy.minima[0]  # the third derivative is −8 cos 2x
    assert abs(-8 * np.cos(2 * valley)) < 0.1 * 8


def test_descent_on_the_fourth_power_needs_ever_more_steps_for_a_digit():
    descend = right_answer("descend_until")
    steps = [descend(lambda x: 4 * x**3, 2.0, 0.01, tol, 10**5)[1] for tol in (1e-1, 1e-2, 1e-3)]
    assert steps[2] - steps[1] > 3 * (steps[1] - steps[0])


def test_the_arrows_on_the_parabola_point_down_and_the_steepest_is_the_longest():
    places = np.array([-3.0, -1.5, 1.0, 2.5])
    source = re.search(r"^def gradient_step\(.*?\n    return .*?\n", LESSON, re.M | re.S)[0]
    names = {}
    exec(source, names)
    steps = names["gradient_step"](places, 2 * places, 0.1) - places
    assert np.all(np.sign(steps) == -np.sign(places))
    assert np.all((places + steps) ** 2 < places**2)
    assert np.array_equal(np.argsort(np.abs(steps)), np.argsort(np.abs(2 * places)))
    assert np.argmax(np.abs(steps)) == 0
