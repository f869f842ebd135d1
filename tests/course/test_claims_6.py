"""What lesson 6 says in prose, computed anew by its own cells with the worked answers."""

from __future__ import annotations

import contextlib
import io
import math
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jupytext
import matplotlib as mpl
import numpy as np
import pytest

from tests.conftest import ROOT

LESSON = (ROOT / "source" / "06-training" / "06-training.md").read_text(encoding="utf-8")
LEFT_OUT = (  # slow, or a check, or a picture only
    "examine(",
    "Explorer(",
    "grid = {}",
    "compared(train",
    "digits_score, space",
    "their_space",
    "their_choice",
    "results, final_network",
    "late = share_right",
    "where patience leads",
    "final_network is None",
    "first_of",
    "on_grid",
    "def with_so_many",
    "RandomForestClassifier",
)


@cache
def lesson() -> dict[str, Any]:
    """The names that the lesson's cells leave behind, but for the slow ones."""
    names: dict[str, Any] = {"__name__": "lesson"}
    mpl.use("Agg")
    for cell in jupytext.reads(LESSON, fmt="md:myst").cells:
        if cell.cell_type == "code" and not any(text in cell.source for text in LEFT_OUT):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell.source, "<lesson 6>", "exec"), names)
    names["plt"].close("all")
    return names


ORDERS = ("the lesson's", "with the row of biases", "column by column")
"""In what order a right `Dense` draws its first weights: what the lesson says holds for each."""


@cache
def dense(order: str) -> type:
    """A right `Dense` that draws its first weights, N(0, 1/n_in), in this order."""

    class Drawn(lesson()["GivenDense"]):
        def __init__(self, n_in, n_out, rng):
            size = math.sqrt(1 / n_in)
            if order == "with the row of biases":
                weights = rng.normal(scale=size, size=(n_in + 1, n_out))[:-1]
            elif order == "column by column":
                weights = rng.normal(scale=size, size=(n_out, n_in)).T
            else:
                weights = rng.normal(scale=size, size=(n_in, n_out))
            self.weights = np.vstack([weights, np.zeros(n_out)])

    return Drawn


@contextlib.contextmanager
def drawing(order: str) -> Iterator[dict[str, Any]]:
    """The lesson's names, its networks beginning with weights that are drawn in this order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(lesson(), "Dense", dense(order))
        yield lesson()


def cell_with(text: str) -> str:
    """The source of the first code cell that has this text."""
    cells = jupytext.reads(LESSON, fmt="md:myst").cells
    return next(c.source for c in cells if c.cell_type == "code" and text in c.source)


def minutes(section: str) -> int:
    return int(re.search(rf"^##+ {section}\n\n\*about (\d+) minutes\*", LESSON, re.M)[1])


# --- How long it takes --------------------------------------------------------------------------


def test_the_minutes_sum_to_a_little_more_than_six_hours_and_half_an_hour_for_the_curious():
    sections = LESSON.split("## For the curious")
    graded, curious = (sum(map(int, re.findall(r"\*about (\d+) minutes\*", s))) for s in sections)
    assert 360 <= graded <= 390
    assert curious == 30


def test_the_short_route_takes_175_minutes_and_a_quarter_of_an_hour_to_begin_with():
    route = ("What the network sees", "When to stop", "Dropout", "The capstone")
    assert sum(map(minutes, route)) == 175
    assert minutes("What this lesson stands on") == 15


# --- What the network sees ----------------------------------------------------------------------


def test_adam_of_lesson_5_is_known_by_where_two_steps_of_it_lead():
    from autograder.exercises.optimizers.adam import adam

    assert np.allclose(lesson()["two_steps"](adam), [0.80822, 1.14695], atol=1e-4)
    assert not np.allclose(lesson()["two_steps"](lesson()["sgd"]), [0.80822, 1.14695], atol=0.1)


def test_the_deviation_of_ten_times_a_tenth_need_not_be_0():
    assert 0 < np.std(np.full((10, 2), 0.1), axis=0)[0] < 1e-16


def test_own_units_leave_the_loss_high_and_the_canyon_narrow():
    assert 0.2 < lesson()["raw"] < 0.4
    assert lesson()["normal"] < 0.1
    X = lesson()["samples"].X
    raw, ready = (np.divide(*lesson()["curvatures"](X)) for X in (X, lesson()["normalise"](X, X)))
    assert raw > 1e7 * ready > 1e11


def test_with_600_digits_hardly_anything_is_left_of_the_leak():
    names, gains = lesson(), []
    train, valid, normalise = names["train"], names["valid"], names["normalise"]
    for seed in range(10):
        few = np.random.default_rng(seed).permutation(len(train))[:600]
        X, y = train.X[few], train.y[few]
        own, leaking = (
            names["nearest_right"](normalise(base, X), y, normalise(base, valid.X), valid.y)
            for base in (X, np.vstack([X, valid.X]))
        )
        gains.append(leaking - own)
    assert 0 < np.mean(gains) < 0.006


def test_at_weights_of_0_the_cross_entropy_has_a_quarter_of_the_curvatures():
    X = np.random.default_rng(0).normal(size=(40, 3))
    ones = np.column_stack([X, np.ones(40)])
    hessian = ones.T @ (0.25 * ones) / 40  # a (1 - a) is a quarter at a = 1/2
    curved = np.linalg.eigvalsh(hessian)[[-1, 0]]
    assert np.allclose(curved, lesson()["curvatures"](X) / 4)


def test_features_chosen_with_the_test_set_make_coin_tosses_look_learnt():
    assert 0.8 < lesson()["leaked"] < 0.9
    assert abs(lesson()["honest"] - 0.5) < 0.05


# --- Where to start -----------------------------------------------------------------------------


def test_units_that_begin_alike_stay_alike_and_one_side_that_differs_is_enough():
    kinds = {name: count for name, (count, _) in lesson()["starts"].items()}
    assert kinds["all 0.1"] == kinds["all 0"] == 1
    assert kinds["in 0.1, out drawn at random"] == kinds["in drawn at random, out 0"] == 32


def test_twenty_layers_of_relu_shrink_to_a_thousandth_and_twice_the_variance_keeps_them():
    sizes = lesson()["sizes_through"]
    assert 1 / 3 < 1024 * sizes(1.0)[0][-1] < 3
    for each in sizes(math.sqrt(2)):
        assert all(1 / 3 < size < 3 for size in each)


def test_the_border_of_the_gain_is_sharp():
    assert (1.2 / math.sqrt(2)) ** 20 == pytest.approx(0.04, abs=0.005)
    assert (1.6 / math.sqrt(2)) ** 20 == pytest.approx(12, abs=0.5)


def test_of_four_deep_networks_the_one_with_twice_the_variance_learns_best():
    shares = {
        layers: {
            gain: lesson()["deep_start"](gain, layers) for gain in (0.5, 1.0, math.sqrt(2), 3.0)
        }
        for layers in (2, 12)
    }
    deep, shallow = shares[12], shares[2].values()
    assert max(deep, key=deep.get) == math.sqrt(2)
    assert max(shallow) - min(shallow) < 0.3 < max(deep.values()) - min(deep.values())


def test_a_bias_of_0_begins_at_twelve_times_the_loss_where_one_in_a_hundred_is_a_yes():
    constant = -(0.01 * math.log(0.01) + 0.99 * math.log(0.99))
    assert math.log(2) / constant == pytest.approx(12, abs=0.5)


def test_the_ten_digits_are_nearly_equally_frequent():
    counts = np.bincount(lesson()["train"].y)
    assert (counts.min(), counts.max()) == (89, 111)


# --- Is it learning? ----------------------------------------------------------------------------


def test_the_four_pictures_are_what_the_text_calls_them():
    names = [
        lesson()["diagnose"](*curves.T, lesson()["nothing"], 1.0)
        for curves in lesson()["cases"].values()
    ]
    assert names == ["not learning", "underfitting", "overfitting", "not learning"]


@pytest.mark.parametrize("order", ORDERS)
def test_the_validation_loss_is_lowest_on_the_way_and_below_the_other_for_about_25_epochs(order):
    with drawing(order) as names:
        training, validation = names["curves_of"](32, 0.1).T
    assert 12 <= validation.argmin() <= 35
    assert validation[-1] > 1.1 * validation.min()
    assert np.mean(np.diff(training) < 0) > 0.85  # "nearly all the time"
    assert np.all(np.diff(training[::10]) < 0)
    assert np.all((validation < training)[1:16])
    assert np.all((validation > training)[30:])
    assert 22 <= np.flatnonzero(validation < training).max() <= 28  # "about 25"


@cache
def early(order: str, patience: int) -> np.ndarray:
    with drawing(order) as names:
        return names["early_stopping"](*names["overfitting"](0), patience, 60)


@pytest.mark.parametrize("order", ORDERS)
def test_patience_1_stops_early_and_beyond_8_little_or_nothing_better_is_found(order):
    low = {patience: early(order, patience).min() for patience in (1, 8, 20, 60)}
    assert low[1] > low[8]
    assert 0 <= low[8] - low[60] < 0.03
    assert len(early(order, 20)) >= len(early(order, 8)) + 12


def test_the_four_patiences_stand_below_the_curve_in_the_picture():
    step = float(re.search(r"whole\.min\(\) - (0\.\d+) \* k", LESSON)[1])
    low = float(re.search(r"xlim=\(0, 60\), ylim=\((0\.\d+), 1\.2\)", LESSON)[1])
    assert early(ORDERS[0], 60).min() - 4 * step > low + 0.03


def test_a_wrong_label_is_learnt_last():
    said = lesson()["said"]
    assert said[5] > 0.6 > 0.3 > said[40] > said[60]


@pytest.mark.parametrize("seed", range(3))
def test_stopping_early_beats_sixty_epochs(seed):
    names = lesson()
    shares = []
    for stops in (True, False):
        network, epoch, loss = names["overfitting"](seed)
        if stops:
            names["early_stopping"](network, epoch, loss, 8, 60)
        else:
            for _ in range(60):
                epoch()
        scores = names["scores_of"](network, names["valid_X"])
        shares.append(names["share_right"](scores, names["valid"].y))
    assert shares[0] > shares[1] + 0.03


# --- Dropout ------------------------------------------------------------------------------------


def test_six_deviations_are_a_false_alarm_in_five_hundred_million():
    assert 1 / math.erfc(6 / math.sqrt(2)) == pytest.approx(5e8, rel=0.05)


@cache
def both_curves(width: int, rate: float) -> np.ndarray:
    """Of a `Dense` in another order than the lesson's, whose own curves the solution shows."""
    with drawing("with the row of biases") as names:
        return names["curves_with"](width, rate)


def test_dropout_raises_the_training_loss():
    assert both_curves(128, 0.5)[-1, 0] > 1.5 * both_curves(128, 0.0)[-1, 0]


def test_with_128_units_dropout_lowers_the_validation_loss_at_the_end():
    without, *with_it = (both_curves(128, rate)[-1, 1] for rate in (0.0, 0.5, 0.8))
    assert max(with_it) < 0.95 * without


def test_fewer_units_close_the_gap_and_8_or_2_end_higher():
    ends = {width: both_curves(width, 0.0)[-1] for width in (2, 8, 32, 128)}
    gap = {width: validation - training for width, (training, validation) in ends.items()}
    assert max(gap[2], gap[8]) < gap[32] < gap[128]
    assert 0.85 < ends[32][1] / ends[128][1] < 1.15  # "about where it does with 128"
    for few in (2, 8):
        assert np.all(ends[few] > np.maximum(ends[32], ends[128]))


def test_with_8_or_2_units_dropout_at_a_half_or_more_raises_both_curves():
    for width in (2, 8):
        for rate in (0.5, 0.8):
            last, without = (both_curves(width, r)[-1] for r in (rate, 0.0))
            assert np.all(last > without)


# --- Augmentation -------------------------------------------------------------------------------


def test_mirrored_digits_do_harm_and_upside_down_ones_most_among_sixes_and_nines():
    names = lesson()
    trained = names["trained_on"]
    pairs = np.isin(names["valid"].y, [6, 9])
    plain, mirrored, turned = (
        trained(names["train"], change, 0, 25)
        for change in (None, names["mirrored"], names["turned"])
    )
    right = names["share_right"]
    assert right(mirrored, names["valid"].y) < right(plain, names["valid"].y)
    assert right(turned[pairs], names["valid"].y[pairs]) < right(
        plain[pairs], names["valid"].y[pairs]
    )


def test_shifts_help_with_a_hundred_digits_and_make_hardly_a_difference_with_a_thousand():
    gains = []
    with drawing("with the row of biases") as names, contextlib.redirect_stdout(io.StringIO()):
        train, changes = names["train"], (None, names["shifts"])
        scarce = train.take(np.random.default_rng(6).permutation(len(train))[:100])
        for data, epochs in ((scarce, 150), (train, 15)):  # half as many as in the lesson
            plain, shifted = names["compared"](data, changes, epochs, 3).values()
            gains.append(shifted[0] - plain[0])
    assert gains[0] > 0.01
    assert abs(gains[1]) < 0.007


# --- Choosing -----------------------------------------------------------------------------------


def test_chance_comes_nearer_where_one_setting_counts_and_a_grid_where_all_do():
    source = cell_with("on_grid")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(source, "<lesson 6>", "exec"), {"np": np})
    one_grid, one_chance, all_grid, all_chance = map(
        float, re.findall(r"\d\.\d{3}", said.getvalue())
    )
    assert 3 * one_chance < one_grid
    assert all_grid < all_chance < 1.5 * all_grid


def test_the_best_of_a_thousand_that_are_right_on_nine_tenths_looks_like_95_percent():
    best = [
        np.random.default_rng(seed).binomial(337, 0.9, size=1000).max() / 337 for seed in range(20)
    ]
    assert min(best) > 0.935
    assert max(best) < 0.97


# --- The capstone -------------------------------------------------------------------------------


def test_the_penalty_is_that_of_lesson_3():
    from autograder.exercises.sigmoid_rule.penalty import penalty

    w = np.array([[1.0, -2.0], [3.0, 0.5], [4.0, -5.0]])
    rule = lesson()["with_penalty"](lambda w, gradient, state: (gradient, state), 0.3, 0.2)
    pull, _ = rule(w, np.zeros_like(w), {})
    assert np.allclose(pull.T, [penalty(column, 0.3, 0.2)[1] for column in w.T])


def test_equal_networks_are_a_deviation_apart_every_other_time_and_three_in_a_few_of_a_hundred():
    count, rng = len(lesson()["test"]), np.random.default_rng(0)
    for right in (0.975, 0.98, 0.985):
        one, other = rng.binomial(count, right, size=(2, 50_000)) / count
        apart, chance = np.abs(one - other), np.sqrt(one * (1 - one) / count)
        assert np.mean(apart > chance) == pytest.approx(1 / 2, abs=0.06)
        assert 0.02 < np.mean(apart > 3 * chance) < 0.08


# --- If it is not good enough -------------------------------------------------------------------


def test_the_first_doubling_takes_away_half_of_the_errors_and_the_last_much_less():
    with drawing("with the row of biases") as names:
        exec(cell_with("def with_so_many").split("missed_of =")[0], names)
        missed = [
            1 - np.mean([names["with_so_many"](count, seed) for seed in range(3)])
            for count in (60, 120, 500, len(names["train"]))
        ]
    assert 1.6 < missed[0] / missed[1] < 2.4
    assert missed[2] / missed[3] < 1.5
