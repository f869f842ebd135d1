"""What lesson 2 says in its text, computed anew, with the bank's answers in the student's place."""

from __future__ import annotations

import re

import jupytext
import matplotlib
import numpy as np
import pytest

from autograder.exercises.numerical_gradient.complex_step import complex_step
from autograder.exercises.numerical_gradient.forward_gradient import forward_gradient
from autograder.exercises.numerical_gradient.gradient_check import gradient_check
from autograder.exercises.numerical_gradient.kinks import kinks
from autograder.exercises.numerical_gradient.numerical_gradient import numerical_gradient
from autograder.exercises.numerical_gradient.relative_error import relative_error
from autograder.exercises.numerical_gradient.richardson import richardson
from helpers.questions import asked_of
from tests.conftest import ROOT

TEXT = (ROOT / "source" / "02-numerical-gradient" / "02-numerical-gradient.md").read_text("utf-8")
NINE = "nine_weights"


@pytest.fixture(scope="module")
def lesson() -> dict:
    """The data and the functions of the lesson's own cells: up to where they need an answer."""
    matplotlib.use("Agg")
    known: dict = {"__name__": "lesson"}
    for cell in jupytext.reads(TEXT, fmt="md:myst").cells:
        source = re.split(r"^with once_written|^guess_", cell.source, flags=re.MULTILINE)[0]
        asks = "Prediction(" in source or "Explorer(" in source or "reveal" in source
        if cell.cell_type != "code" or "nbgrader" in cell.metadata or asks:
            continue
        if source.startswith("import"):
            source = source.replace("    once_written,\n", "")
        if not re.search(r"examine\(|check_gradient\(|perf_counter\(|savefig|subplots", source):
            exec(source, known)
    return known


def error(f, derivative, x: float, h: float) -> float:
    return abs(float(numerical_gradient(f, x, h)) - derivative(x))


def test_the_minutes_add_up():
    minutes = re.findall(r"^\*about (\d+) minutes( · short route)?\*$", TEXT, re.MULTILINE)
    assert sum(int(m) for m, _ in minutes) == int(re.search(r"takes about (\d+) minutes", TEXT)[1])
    short = sum(int(m) for m, is_short in minutes if is_short)
    assert short == int(re.search(r"make (\d+) minutes", TEXT)[1])
    curious = TEXT.split("## For the curious")[1]
    own = sum(int(m) for m in re.findall(r"^\*\w+ · (\d+) minutes", curious, re.MULTILINE))
    assert own <= int(re.search(r"^\*about (\d+) minutes more\*$", curious, re.MULTILINE)[1])


def test_the_points_of_the_short_route():
    sections = re.split(r"^## ", TEXT, flags=re.MULTILINE)
    tests = [re.findall(r"^ *grade_id: test-(\w+)$", s, re.MULTILINE) for s in sections]
    points = [sum(int(asked_of(name).points) for name in names) for names in tests]
    points = [
        n + sum(map(int, re.findall(r'"points": (\d+)', s)))
        for n, s in zip(points, sections, strict=True)
    ]
    short = sum(n for n, s in zip(points, sections, strict=True) if "· short route*" in s)
    said = re.search(r"and (\d+) of the\s+(\d+) points", TEXT)
    assert (short, sum(points)) == (int(said[1]), int(said[2]))


def test_the_left_arm_goes_only_where_the_point_is_exact_as_well():
    steps = (1e-8, 1e-10, 1e-12)
    assert all(error(np.sin, np.cos, np.pi, h) > 1e-9 for h in steps)
    assert error(np.sin, np.cos, np.pi, 1e-12) > 1e3 * error(np.sin, np.cos, np.pi, 1e-8)
    assert all(error(lambda x: x**3, lambda x: 0.0, 0.0, h) <= 2 * h**2 for h in steps)
    assert np.spacing(np.pi) == 2 * np.finfo(float).eps


def test_one_round_of_the_naive_strategy_lowers_the_loss(lesson):
    loss, w = lesson["network_loss"], lesson[NINE].copy()
    before = loss(w)
    for j in range(9):
        either = [w + s * np.eye(9)[j] for s in (-0.05, 0.0, 0.05)]
        w = min(either, key=loss)
    assert loss(w) < before


def test_rounding_limits_a_table_of_five_decimals_and_the_step_hardly_shows(lesson):
    loss, w, h = lesson["network_loss"], lesson[NINE], 1e-4
    rounded = np.array([round(float(loss(w + h * e)), 5) for e in np.eye(9)])
    forward, central = forward_gradient(loss, w, h), numerical_gradient(loss, w)
    by_rounding = np.abs((rounded - round(float(loss(w)), 5)) / h - forward).max()
    by_step = np.abs(forward - central).max()
    assert 20 * by_step < by_rounding <= 0.1 + 1e-9


def test_ten_or_eleven_digits_are_right_at_the_usual_step():
    for f, derivative in ((np.sin, np.cos), (np.exp, np.exp)):
        for x in (0.5, 1.0, 2.0):
            assert error(f, derivative, x, 1e-5) < 2e-10 * max(1, abs(derivative(x)))


def test_the_best_steps_are_near_those_of_the_formulas():
    u, steps = np.finfo(float).eps, 10.0 ** -np.arange(1, 16)
    best = min(steps, key=lambda h: error(np.sin, np.cos, 1.0, h))
    assert 0.1 < best / (3 * u * np.tan(1.0)) ** (1 / 3) < 10
    best = min(steps, key=lambda h: abs(float(forward_gradient(np.sin, 1.0, h)) - np.cos(1.0)))
    assert 0.1 < best / (4 * u) ** 0.5 < 10


def test_a_step_is_lost_where_numbers_are_far_apart():
    assert np.spacing(1e12) > 1e-5
    assert 1e12 + 1e-5 == 1e12


@pytest.fixture(scope="module")
def kinked(lesson) -> dict:
    """For each step: how far each point is apart, and by how much its two slopes differ at most."""
    network, points = lesson["relu_network"], lesson["relu_points"]

    def loss(w):
        return network(w)[0]

    measured = {}
    for h in (1e-3, 1e-4):
        apart = [relative_error(network(w)[1], numerical_gradient(loss, w, h)) for w in points]
        sides = [forward_gradient(loss, w, h) - forward_gradient(loss, w, -h) for w in points]
        measured[h] = np.array(apart) >= 1e-6, np.abs(sides).max(axis=1)
    return measured


def test_a_kink_within_the_step_refuses_a_right_gradient_and_none_else_does(lesson, kinked):
    inputs, points = lesson["relu_inputs"], lesson["relu_points"]
    moves = np.maximum(1, np.abs(inputs).max(axis=1))[:, None]  # of a weighted sum, in units of h
    for h, (failed, _) in kinked.items():
        z = [inputs @ w[:20].reshape(2, 10) + w[20:30] for w in points]
        reached = np.array([np.any(np.abs(sums) <= h * moves) for sums in z])
        assert np.array_equal(reached, failed)
    assert kinked[1e-3][0].sum() == 28
    assert kinked[1e-4][0].sum() == 4


def test_a_narrow_gap_takes_bends_for_kinks_and_a_wide_one_overlooks_some(kinked):
    failed, differ = kinked[1e-3]
    assert (differ[failed] > 1e-2).sum() == 27
    assert 0.4 < (differ[~failed] > 1e-2).mean() < 0.5  # false alarms: nearly half
    assert differ[~failed].max() == pytest.approx(0.0396, abs=5e-5)
    for h, gap in ((1e-3, 4e-2), (1e-4, 4e-3)):
        failed, differ = kinked[h]
        assert not np.any(differ[~failed] > gap)
        assert 0.5 < (differ[failed] > gap).mean() < 1


def test_the_usual_gap_is_wide_enough_for_the_usual_step(lesson, kinked):
    loss = lesson["relu_loss"] if "relu_loss" in lesson else lambda w: lesson["relu_network"](w)[0]
    for w, far in zip(lesson["relu_points"][:60], kinked[1e-4][0], strict=False):
        if not far:  # nothing within ten times the step
            assert not kinks(loss, w).any()


def test_a_fold_is_a_kink_in_both_of_its_entries():
    def fold(x):
        return np.abs(x[0] - x[1])

    x, h = np.array([0.5, 0.5]), 1e-5
    assert kinks(fold, x).all()
    together = forward_gradient(fold, x, h) - forward_gradient(fold, x - h, h)
    assert not np.any(np.abs(together) > 1e-3)  # moved as a whole, the two entries stay equal


def test_a_kink_shows_the_part_of_its_jump_that_lies_beyond_it():
    for share in (0.0, 0.5, 0.9):
        at = 1e-3 * share
        for gap, shows in ((0.99 * (1 - share), True), (1.01 * (1 - share), False)):
            assert bool(kinks(lambda x: np.maximum(x, 0), at, 1e-3, gap)) is shows


def test_a_factor_k_is_a_relative_error_of_its_own():
    g = np.random.default_rng(0).normal(size=5)
    for k in (0.5, 2, 3):
        assert relative_error(k * g, g) == pytest.approx(abs(k - 1) / (k + 1))


def test_the_product_shows_an_entry_that_was_not_put_back():
    x, h, slopes = np.array([2.0, 3.0]), 0.5, []
    for j in range(2):
        x[j] += h
        above = np.prod(x)
        x[j] -= 2 * h
        slopes.append((above - np.prod(x)) / (2 * h))
    assert slopes == [3.0, 1.5]  # not 2
    assert np.array_equal(numerical_gradient(np.prod, np.array([2.0, 3.0]), h), [3.0, 2.0])


def test_four_of_the_eight_are_wrong_and_the_tolerance_lies_in_a_wide_gap(lesson):
    points = np.random.default_rng(5).normal(size=(6, 4))
    apart = {
        name: np.array([relative_error(g(w), numerical_gradient(f, w)) for w in points])
        for name, (f, g) in lesson["candidates"].items()
    }
    wrong = {name for name, far in apart.items() if np.any(far >= 1e-6)}
    assert wrong == {"ridge", "squared sigmoid", "huber", "cosine"}
    assert apart["squared sigmoid"] == pytest.approx(1 / 2)
    for name in ("ridge", "huber", "cosine"):
        assert apart[name].max() > 1.2 * apart[name].min()
    every = np.concatenate(list(apart.values()))
    assert np.all((every < 1e-9) | (every > 1e-4))
    assert 0 < np.sum(apart["huber"] > 1e-4) < 6


def test_a_slope_that_is_forgotten_shows_only_after_some_training(lesson):
    loss, gradient = lesson["early_loss"], lesson["early_gradient"]
    w = 1e-4 * np.random.default_rng(1).normal(size=24)
    assert relative_error(gradient(w, forgets=True), numerical_gradient(loss, w)) < 1e-6
    for _ in range(200):
        w = w - 0.1 * gradient(w, forgets=True)
    assert relative_error(gradient(w, forgets=True), numerical_gradient(loss, w)) > 1e-2
    assert relative_error(gradient(w, forgets=False), numerical_gradient(loss, w)) < 1e-8


def test_a_penalty_covers_half_a_gradient_in_proportion(lesson):
    w, far = np.array([0.4, -1.2, 0.7, 0.2]), []
    for strength in (1e3, 1e4, 1e6):
        slopes = numerical_gradient(
            lambda w, s=strength: lesson["squared"](w) + s * np.sum(w**2), w
        )
        far.append(relative_error(lesson["squared_gradient"](w) / 2 + 2 * strength * w, slopes))
    assert far[0] / far[1] == pytest.approx(10, rel=0.05)
    assert far[2] < 1e-6


def test_a_bias_is_lost_among_larger_gradients(lesson):
    w = np.random.default_rng(0).normal(size=4)
    loss, gradient = lesson["house_loss"], lesson["house_gradient"]
    assert gradient_check(loss, gradient, w)
    alone = relative_error(gradient(w)[3:], numerical_gradient(loss, w)[3:])
    assert alone == pytest.approx(1 / 3, rel=1e-3)


def test_the_right_bias_is_refused_as_well_while_the_inputs_are_huge(lesson):
    w = lesson["house_rng"].normal(size=4)  # as the lesson's cell draws it
    loss, gradient = lesson["house_loss"], lesson["house_gradient"]
    mended = relative_error(2 * gradient(w)[3:], numerical_gradient(loss, w)[3:])
    assert 1e-6 < mended < 1e-4
    assert 1e11 < loss(w) < 2e11
    assert np.spacing(loss(w)) == pytest.approx(1.5e-5, rel=0.05)
    assert np.spacing(loss(w)) / 2e-5 == pytest.approx(0.8, abs=0.05)


def test_a_check_in_single_precision_has_two_digits(lesson):
    exact = complex_step(lesson["network_loss"], lesson[NINE])
    single = numerical_gradient(lesson["single_loss"], lesson[NINE])
    assert 1e-3 < relative_error(single, exact) < 1e-1
    assert lesson["network_loss"](lesson[NINE]) == pytest.approx(8.5, abs=0.05)
    assert np.linalg.norm(exact) == pytest.approx(11.2, abs=0.1)
    assert np.spacing(np.float32(8.5)) / 2e-5 == pytest.approx(0.05, rel=0.1)
    assert np.abs(single - exact).max() < 0.1


def test_a_lifetime_for_one_gradient():
    assert 63 < 2e12 * 1e-3 / 3.156e7 < 64


def test_richardson_falls_with_the_fourth_power_and_the_complex_step_with_none():
    far = [abs(float(richardson(np.sin, 1.0, h)) - np.cos(1.0)) for h in (0.4, 0.2)]
    assert far[0] / far[1] == pytest.approx(16, rel=0.1)
    assert abs(float(complex_step(np.sin, 1.0, 1e-20)) - np.cos(1.0)) < 2e-16


def test_against_the_gradient_of_the_unit_each_short_step_goes_down_and_costs_four(lesson):
    loss, calls = lesson["unit_loss"], []

    def counted(w):
        calls.append(w)
        return loss(w)

    places = np.linspace(-1.75, 1.75, 11)
    for w in (np.array([a, b]) for a in places for b in places):
        calls.clear()
        gradient = numerical_gradient(counted, w)
        assert len(calls) == 4
        assert loss(w - 0.01 * gradient) < loss(w)
