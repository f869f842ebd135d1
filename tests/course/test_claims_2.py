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


def test_no_line_of_code_is_wider_than_its_cell():
    for cell in jupytext.reads(TEXT, fmt="md:myst").cells:
        if cell.cell_type == "code":
            assert max(map(len, cell.source.split("\n"))) <= 88, cell.source


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


def test_a_kink_within_the_step_refuses_a_right_gradient_and_kinks_tells(lesson):
    network = lesson["relu_network"]

    def loss(w):
        return network(w)[0]

    apart = {
        h: [relative_error(network(w)[1], numerical_gradient(loss, w, h)) for w in points]
        for h, points in ((1e-3, lesson["relu_points"][:120]), (1e-5, lesson["relu_points"][:120]))
    }
    refused = [k for k, far in enumerate(apart[1e-3]) if far >= 1e-6]
    assert len(refused) >= 6
    assert sum(far >= 1e-6 for far in apart[1e-5]) <= 2
    explained = [kinks(loss, lesson["relu_points"][k], 1e-3, 1e-2).any() for k in refused]
    assert np.mean(explained) > 0.8


def test_four_of_the_eight_are_wrong_and_the_tolerance_lies_in_a_wide_gap(lesson):
    points = np.random.default_rng(5).normal(size=(6, 4))
    apart = {
        name: np.array([relative_error(g(w), numerical_gradient(f, w)) for w in points])
        for name, (f, g) in lesson["candidates"].items()
    }
    wrong = {name for name, far in apart.items() if np.any(far >= 1e-6)}
    assert wrong == {"ridge", "squared sigmoid", "huber", "cosine"}
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


def test_a_check_in_single_precision_has_two_digits(lesson):
    exact = complex_step(lesson["network_loss"], lesson[NINE])
    single = numerical_gradient(lesson["single_loss"], lesson[NINE])
    assert 1e-3 < relative_error(single, exact) < 1e-1
    assert np.spacing(np.float32(8)) == pytest.approx(1e-6, rel=0.1)


def test_a_lifetime_for_one_gradient():
    assert 63 < 2e12 * 1e-3 / 3.156e7 < 64


def test_richardson_falls_with_the_fourth_power_and_the_complex_step_with_none():
    far = [abs(float(richardson(np.sin, 1.0, h)) - np.cos(1.0)) for h in (0.4, 0.2)]
    assert far[0] / far[1] == pytest.approx(16, rel=0.1)
    assert abs(float(complex_step(np.sin, 1.0, 1e-20)) - np.cos(1.0)) < 2e-16
