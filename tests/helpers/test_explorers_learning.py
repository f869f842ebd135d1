"""What hidden units do while they learn, and where momentum converges."""

import numpy as np
import pytest

from helpers.explorers import ConvergenceMap, HiddenUnitsExplorer
from helpers.explorers.convergence import ALPHAS, KAPPAS, SIZES, arrivals, runs_away
from helpers.explorers.hidden_units import bend, doubles, flat_units, spread, thinned
from helpers.explorers.scene import sentence
from tests.browser import students

# --- Hidden units -------------------------------------------------------------------------------


@pytest.mark.parametrize("units", [1, 2, 5, 16])
def test_every_record_is_drawn_as_it_was_made(units):
    x, y, history = students.learnt(units, every=50)
    explorer = HiddenUnitsExplorer(x, y[:, None], history)
    places = explorer.places
    data, prediction, *lines = explorer.scene()[0].marks
    np.testing.assert_allclose(data.y, y, rtol=1e-6)
    for at, (_, hidden, said, _) in enumerate(history):
        np.testing.assert_allclose(prediction.y[at], said[places], atol=2e-3)
        for unit in range(units):
            np.testing.assert_allclose(lines[unit].y[at], hidden[places, unit], atol=2e-3)
    loss, shown = lines[units:]
    np.testing.assert_allclose(loss.y, [record[3] for record in history], rtol=1e-6)
    np.testing.assert_allclose(shown.x, [record[0] for record in history])


def test_what_a_network_does_is_said_of_each_record():
    x = np.array([2.0, 0.0, 1.0])  # in any order
    ramp = np.column_stack([x, np.zeros(3), x])
    history = [
        (0, 0 * ramp, np.zeros(3), 5 / 3),
        (7, ramp, np.array([[2.0], [0.0], [1.5]]), 0.25 / 3),
    ]
    explorer = HiddenUnitsExplorer(x[:, None], x, history)
    assert explorer.text() == (
        "step 7: loss 0.08333; it is off by 0.5 at most, at x = 1"
        " 1 of 3 hidden units is flat; 1 says the same as another."
        " Over the 2 records the loss fell from 1.667 to 0.08333."
        " unit 1 goes from 0 to 2 in a straight line"
    )
    explorer.set(shown=0, unit=2)
    assert "it is off by 2 at most, at x = 2 3 of 3 hidden units are flat." in explorer.text()
    assert "unit 2 is 0 for every x" in explorer.text()


def test_where_a_unit_bends_is_said():
    x = np.linspace(-1, 1, 101)
    assert bend(x, np.maximum(0, x - 0.4)) == pytest.approx(0.4)
    assert bend(x[::-1], np.maximum(0, x[::-1] - 0.4)) == pytest.approx(0.4)
    assert bend(np.r_[x, x], np.r_[abs(x), abs(x)]) == pytest.approx(0, abs=1e-12)
    assert bend(x, 3 - 2 * x) is None
    assert bend(x, 0 * x) is None


def test_a_loss_that_rises_is_not_said_to_fall():
    x, y, history = students.learnt(2, every=500)
    assert "the loss fell from" in HiddenUnitsExplorer(x, y, history).text()
    assert "the loss rose from" in HiddenUnitsExplorer(x, y, history[::-1]).text()
    assert "the loss went from" in HiddenUnitsExplorer(x, y, history[:1]).text()


def test_a_training_that_ran_away_is_drawn_and_said(no_warnings):
    x, y, history = students.learnt(3, every=500)
    nan = np.full((len(x), 3), np.nan)
    explorer = HiddenUnitsExplorer(x, y, [*history, (9, nan, np.full(len(x), np.inf), np.nan)])
    text = explorer.text()
    assert "step 9: the prediction is no number any more" in text
    assert "The hidden units are no numbers any more." in text
    assert explorer.png().startswith(b"\x89PNG")


def test_of_many_records_and_units_some_are_left_out_and_it_is_said():
    assert thinned(3, 9).tolist() == [0, 1, 2]
    assert thinned(100, 4).tolist() == [0, 33, 66, 99]
    x, y, history = students.learnt(20)
    explorer = HiddenUnitsExplorer(x, y, history)
    assert "The first 16 of 20 are drawn." in explorer.text()
    assert explorer.read("unit") <= 16
    shown = explorer.scene()[0].marks[-1]
    assert (shown.x[0], shown.x[-1]) == (0, 1000)
    assert 12 <= len(shown.x) < len(history)


def test_records_that_become_rarer_stand_on_a_logarithmic_axis():
    assert spread(np.arange(0, 101, 10.0))[0] is False
    rarer, at = spread(np.array([0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]))
    assert rarer
    assert at[:3].tolist() == [0.5, 1, 2]
    x, y, history = students.learnt(2, every=1)
    few = [history[k] for k in (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)]
    explorer = HiddenUnitsExplorer(x, y, few)
    assert explorer.panels[2].x_scale == "log"
    assert explorer.png().startswith(b"\x89PNG")
    assert explorer.text().startswith("step 1000: ")


def test_units_that_are_flat_or_the_same_are_counted():
    x = np.linspace(0, 1, 9)
    hidden = np.column_stack([x, 0 * x + 3, x + 1e-5, -x, 0 * x])
    assert flat_units(hidden).tolist() == [False, True, False, False, True]
    assert doubles(hidden) == 1
    assert doubles(0 * hidden) == 0


def broken(at, part):
    """A history whose record at a place has another part."""
    x, y, history = students.learnt(2, every=250)
    history = [list(record) for record in history]
    for place, value in part.items():
        history[at][place] = value
    return x, y, history


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (broken(1, {1: np.ones((2, 101))}), "record 1 of the history must have a row for each x"),
        (broken(1, {1: np.ones((2, 101))}), "not the shape (2, 101): is it transposed?"),
        (broken(2, {1: np.ones((101, 3))}), "(101, 3) in record 2 of the history, (101, 2) in"),
        (broken(0, {1: np.ones(101)}), "(101, units), not the shape (101,)"),
        (broken(0, {2: np.ones(7)}), "must be one number for each x, (101,), not the shape (7,)"),
        (broken(0, {3: "small"}), "the loss in record 0 of the history must be made of numbers"),
        (broken(0, {0: [1, 2]}), "the step in record 0 of the history must be one number"),
        ((np.ones(4), np.ones(4), []), "nothing was recorded"),
        ((np.ones(4), np.ones(4), [3]), "must be (step, hidden, prediction, loss)"),
        ((np.ones(4), np.ones(5), [3]), "x and y must be as many numbers"),
        ((np.ones(1), np.ones(1), [3]), "at least two"),
        ((["a", "b"], np.ones(2), [3]), "x must be made of numbers"),
    ],
)
def test_a_history_that_does_not_fit_is_said(made, words):
    explorer = HiddenUnitsExplorer(*made)
    (error,) = {picture.error for picture in explorer.scene(30) if picture.error}
    assert words in error
    assert explorer.png().startswith(b"\x89PNG")


# --- Where momentum converges -------------------------------------------------------------------


def runs(*far):
    """Runs of 121 points that go through these distances, and stay at the last."""
    return np.array([[*each, *[each[-1]] * (121 - len(each))] for each in far], dtype=float)


def test_a_run_has_arrived_where_it_is_close_for_good():
    far = runs([1, 0.5, 0.01], [1, 0.001, 0.5, 0.009], [1, 0.5], [1, 1.2], [0, 0], [2, np.inf])
    assert arrivals(far).tolist() == [2, 3, np.inf, np.inf, 0, np.inf]
    assert runs_away(far[[0, 2, 3, 5]]).tolist() == [False, False, True, True]


def factor(size, alpha, kappa):
    """By how much a step shrinks the distance in the end: the largest root of
    z² − (1 + α − ηc) z + α, over both curvatures c."""
    curvatures = size / kappa * np.array([1, kappa])
    return max(np.abs(np.roots([1, c - 1 - alpha, alpha])).max() for c in curvatures)


@pytest.mark.parametrize("kappa", KAPPAS)
def test_the_map_is_what_the_roots_of_the_recurrence_say(kappa):
    explorer = ConvergenceMap(students.momentum, students.descend)
    explorer.set(kappa=kappa)
    picture = explorer.picture(explorer.layers["map"], explorer.values, 30)
    text = " ".join(sentence(says, explorer.values) for says in picture.says)
    assert "η = 2(1 + α)/κ; 0 cells say otherwise" in text
    drawn = [mark for mark in picture.marks if mark.kind == "points"]
    assert sum(len(mark.x) for mark in drawn) == len(SIZES) * len(ALPHAS)
    *within, _, lost = drawn
    assert lost.marker == "cross"
    assert all(factor(s, a, kappa) > 0.999 for s, a in zip(lost.x, lost.y, strict=True))
    for mark, most in zip(within, (15, 30, 60, 120), strict=True):
        for size, alpha in zip(mark.x, mark.y, strict=True):
            assert factor(size, alpha, kappa) < 0.1 ** (1 / most)


def test_the_fastest_cell_is_named_and_the_fastest_without_momentum():
    explorer = ConvergenceMap(students.momentum, students.descend)
    text = explorer.text()
    assert "the fastest cell: η = 0.06, α = 0.6, 20 steps" in text
    assert "the fastest at α = 0: η = 0.035, α = 0, 120 steps" in text
    best = (2 / (1 + np.sqrt(50))) ** 2, ((np.sqrt(50) - 1) / (np.sqrt(50) + 1)) ** 2
    assert np.allclose([0.06, 0.6], best, atol=0.05)  # Polyak's, as far as a grid can tell
    explorer.set(kappa=100)
    assert "the fastest at α = 0: none arrives in 120 steps" in explorer.text()
    explorer.set(kappa=1)
    assert "the fastest cell: η = 1, α = 0, 1 step " in explorer.text()


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ({"size": 1.0, "alpha": 0.0}, "η = 0.02, α = 0: after 120 steps 0.06261 of the distance"),
        ({"size": 3.0, "alpha": 0.6}, "η = 0.06, α = 0.6: 100 times closer after 20 steps, ×0.794"),
        ({"size": 2.0, "alpha": 0.0}, "η = 0.04, α = 0: after 120 steps 0.7071 of the d"),
        ({"size": 2.25, "alpha": 0.15}, "α = 0.15: 100 times closer after 83 steps, ×0.946 a st"),
        ({"size": 4.0, "alpha": 0.0}, "η = 0.08, α = 0: 100 times as far as at first after 5 st"),
    ],
)
def test_what_becomes_of_the_chosen_run_is_said(at, words):
    explorer = ConvergenceMap(students.momentum, students.descend)
    explorer.set(**at)
    assert words in explorer.text()
    point = explorer.scene()[-1].marks[0]
    np.testing.assert_allclose([point.x[0], point.y[0]], list(at.values()), rtol=1e-6)


def test_a_wrong_rule_contradicts_the_theory():
    def uphill(w, gradient, state, learning_rate=0.01, alpha=0.9):
        v = alpha * state.get("v", 0.0) + learning_rate * gradient
        return w + v, {"v": v}

    text = ConvergenceMap(uphill, students.descend).text()
    assert "in 120 steps no closer, 340" in text
    assert " 0 cells say otherwise" not in text
