"""What the explorers of lesson 7 show is what the student's functions do."""

import numpy as np
import pytest

from helpers.explorers import ConnectionExplorer, SearchExplorer, SliceExplorer
from helpers.explorers.searches import BUDGET
from tests.browser import students

ONE, OTHER, MIDDLE = np.eye(6)[1], -np.eye(6)[1], 2 * np.eye(6)[0]
PLANE = {"plane": (ONE, np.eye(6)[0], np.eye(6)[2])}
RULES = {"SGD": students.sgd, "momentum": students.momentum}


def errors_of(explorer):
    return [picture.error for picture in explorer.scene(30) if picture.error]


def highest(explorer, bend):
    """The largest loss along the way, as the explorer says it."""
    explorer.set(bend=bend)
    _, way = explorer.scene(30)
    return float(way.says[1].fields["top"])


# --- From one minimum to another ----------------------------------------------------------------


def connection(bezier=students.bezier):
    return ConnectionExplorer(bezier, students.valley, ONE, MIDDLE, OTHER)


def test_the_straight_way_climbs_and_the_bent_one_does_not():
    explorer = connection()
    assert highest(explorer, 0.0) == pytest.approx(1.01)
    assert highest(explorer, 1.0) < 0.3


def test_the_curve_begins_and_ends_in_the_networks():
    _, way = connection().scene(30)
    x, y = way.marks[0].x, way.marks[0].y
    assert (x[0], y[0]) == (0, 0)
    assert x[-1] == pytest.approx(2, abs=0.05)
    assert y[-1] == pytest.approx(0, abs=0.05)


def test_a_curve_of_another_shape_is_said():
    def short(gradient, start, middle, end, tau):
        return start[:2], start[:2]

    assert "the weights have (6,)" in errors_of(connection(short))[0]


def test_one_thing_in_place_of_two_is_said():
    assert "two things" in errors_of(connection(lambda gradient, start, *rest: start))[0]


# --- Slices -------------------------------------------------------------------------------------


def sliced(normalised=None, rules=RULES, loss_slice=students.loss_slice):
    return SliceExplorer(
        loss_slice, students.valley, students.valley_slope, PLANE, rules, normalised
    )


def test_the_ball_begins_at_its_start_and_gets_lower():
    explorer = sliced()
    explorer.set(a=0.5, b=-0.25, rate=0.1)
    _, ball = explorer.scene(30)
    _, shadow, losses, *_ = ball.marks
    assert (shadow.x[0], shadow.y[0]) == (0.5, -0.25)
    start = ONE + 0.5 * np.eye(6)[0] - 0.25 * np.eye(6)[2]
    assert losses.y[0] == pytest.approx(students.valley(start))
    assert losses.y[-1] < losses.y[0]


def test_where_directions_are_normalised_the_students_function_is_asked():
    def twice(direction, w):
        return 2 * direction

    explorer = sliced(twice)
    assert explorer.values["scale"] == "filter-normalised"
    explorer.set(a=0.5, b=0.0)
    _, ball = explorer.scene(30)
    start = ONE + 0.5 * 2 * np.eye(6)[0]
    assert ball.marks[2].y[0] == pytest.approx(students.valley(start))
    assert "shape" in errors_of(sliced(lambda direction, w: direction[:2]))[0]


def test_a_slice_that_is_too_small_is_said():
    assert "must return (21, 21)" in errors_of(sliced(loss_slice=lambda *args: np.ones((2, 2))))[0]


# --- Three searches -----------------------------------------------------------------------------


def test_every_search_spends_the_same_budget():
    explorer = SearchExplorer(students.keep_best, students.genetic_step)
    for picture in explorer.scene(30)[1:]:
        assert len(picture.says[0].fields["lowest"]) == BUDGET


@pytest.mark.parametrize(("dimension", "descent_leads"), [(2, False), (100, True)])
def test_on_the_egg_box_descent_leads_only_where_there_are_many_dimensions(
    dimension, descent_leads
):
    explorer = SearchExplorer(students.keep_best, students.genetic_step)
    explorer.set(dimension=dimension)
    ends = [float(p.says[0].fields["lowest"][-1]) for p in explorer.scene(30)[1:]]
    assert (ends[2] == min(ends)) == descent_leads


def test_a_step_that_changes_the_population_is_said():
    def sorts(population, losses, pairs, mask, noise):
        population[:] = population[np.argsort(losses)]
        return students.genetic_step(population, np.sort(losses), pairs, mask, noise)

    explorer = SearchExplorer(students.keep_best, sorts)
    assert "changed an array" in errors_of(explorer)[0]
