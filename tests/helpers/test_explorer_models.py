"""What each explorer computes of right functions."""

import re

import numpy as np
import pytest

from helpers import numerical_gradient, surfaces
from helpers.explorers import (
    NeuronExplorer,
    SoftmaxExplorer,
    StepSizeExplorer,
    SurfaceExplorer,
    TangentExplorer,
)
from helpers.explorers.error_curve import best, errors
from helpers.explorers.neuron import ARROW, REACH, Z, arrows, cross_entropy, crossings, examples
from helpers.explorers.sigmoid_unit import activation, border, weights_path
from helpers.explorers.step_size import diverged, path_of
from helpers.explorers.surface import PLACES, RATES, downhill
from helpers.explorers.surface import path_of as weights_on
from tests.browser import students
from tests.helpers.differences import errors_of


def twenty():
    """Twenty points and the class of each."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(20, 2)), np.ones(20)])
    return X, (X[:, 0] > 0).astype(float)


# --- Curves -------------------------------------------------------------------------------------


def test_the_tangent_and_its_secants():
    explorer = TangentExplorer(lambda x: x**2, lambda x: 2 * x, at=3.0, epsilon=0.5)
    text = explorer.text()
    assert "slope f'(p) = 6" in text
    assert "p + ε: slope 6.5" in text
    assert "p − ε: slope 5.5" in text
    assert "at p + ε: 0.25; ε² = 0.25" in text


def test_a_kink_has_two_slopes():
    text = TangentExplorer(abs, np.sign, at=0.0).text()
    assert "p + ε: slope 1" in text
    assert "p − ε: slope −1" in text


def test_the_path_of_a_step_size():
    path = path_of(students.gradient_descent, surfaces.parabola, 2.0, 0.25, 3)
    np.testing.assert_allclose(path, [2, 1, 0.5, 0.25])


@pytest.mark.parametrize(("rate", "lost"), [(0.9, False), (1.0, False), (1.1, True)])
def test_beyond_the_boundary_a_path_diverges_and_is_marked(rate, lost):
    path = path_of(students.gradient_descent, surfaces.parabola, 2.0, rate, 80)
    assert diverged(path) == lost
    explorer = StepSizeExplorer(students.gradient_descent, learning_rate=rate, steps=80)
    crosses = [mark for mark in explorer.scene()[1].marks if mark.marker == "cross"]
    assert len(crosses) == lost
    assert ("diverged" in explorer.text()) == lost


def test_from_far_away_a_path_that_comes_closer_has_not_diverged():
    explorer = StepSizeExplorer(students.gradient_descent, learning_rate=0.1, start=1e9)
    assert "step 50: x = 1.427e4, f(x) = 2.037e8" in explorer.text()
    assert "diverged" not in explorer.text()
    explorer = StepSizeExplorer(students.gradient_descent, learning_rate=1.1, start=1e9, steps=99)
    assert "diverged" in explorer.text()


def test_the_error_over_h_has_a_best_h():
    error = errors(students.central, np.exp, np.exp, 1.0)
    assert 1e-7 < best(error) < 1e-4
    assert error.min() < 1e-9


# --- A loss of two weights ----------------------------------------------------------------------


def on_surface(surface, **settings):
    """The explorer with these settings, and what it says."""
    explorer = SurfaceExplorer(students.update_weights, surface=surface)
    explorer.set(**settings)
    return explorer.text()


@pytest.mark.parametrize("name", PLACES)
def test_the_minima_of_a_loss_are_minima(name):
    place = PLACES[name]
    for point in np.array([*place.surface.minima, *place.others]):
        np.testing.assert_allclose(place.surface.gradient(point), 0, atol=1e-8)
        around = point + 0.01 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [1, -1]])
        assert place.surface(around.T).min() > place.surface(point)
    for point in place.others:
        assert place.surface(np.array(point)) > place.surface.lowest + 0.1


@pytest.mark.parametrize("name", PLACES)
def test_the_arrows_point_downhill(name):
    place, arrows = PLACES[name], downhill(PLACES[name])
    at = np.array([arrows["x"] + arrows["dx"] / 2, arrows["y"] + arrows["dy"] / 2])
    along = np.array([arrows["dx"], arrows["dy"]])
    down = -place.surface.gradient(at)
    cosine = (along * down).sum(axis=0) / np.hypot(*along) / np.hypot(*down)
    np.testing.assert_allclose(cosine, 1)
    longest, shortest = np.hypot(*along).max(), np.hypot(*along).min()
    assert longest <= 3 * shortest + 1e-12


def test_a_descent_in_the_plane_is_the_students():
    path = weights_on(students.update_weights, surfaces.bowl, np.array([1.0, -2.0]), 0.25, 3)
    np.testing.assert_allclose(path, [[1, -2], [0.5, -1], [0.25, -0.5], [0.125, -0.25]])
    away = weights_on(students.update_weights, surfaces.bowl, np.ones(2), 9.0, 60)
    assert 1 < len(away) < 10


def test_it_is_told_where_a_descent_ends():
    assert "ends at (0, 0), the lowest minimum" in on_surface("bowl", rate=0.5)
    assert "not in a minimum" in on_surface("bowl", rate=1.0)
    assert "runs away ✕" in on_surface("bowl", rate=1.1)
    assert "not in a minimum" in on_surface("narrow valley", rate=0.04)
    assert "runs away ✕" in on_surface("narrow valley", rate=0.05)
    assert "a higher minimum" in on_surface("three basins", rate=0.1, start=4)


def test_it_is_told_how_many_starts_end_where():
    """A rate too large for the narrow basins does not stay in them."""
    assert "the lowest minimum: 3; in another: 3" in on_surface("three basins", rate=0.1)
    assert "the lowest minimum: 3; in none: 3" in on_surface("three basins", rate=0.2)
    assert "the lowest minimum: 6" in on_surface("three basins", rate=0.3)
    assert "the lowest minimum: 0; run away: 6" in on_surface("narrow valley", rate=0.1)


def test_a_descent_of_ascent_runs_away():
    wrong = SurfaceExplorer(lambda W, gradient, rate: W + rate * gradient, learning_rate=0.5)
    assert "runs away ✕" in wrong.text()
    crosses = [m for picture in wrong.scene() for m in picture.marks if m.marker == "cross"]
    assert len(crosses) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [(np.ones((2, 1)), r"shape (2, 1), W has shape (2,)"), ("far", "must be made of numbers")],
)
def test_new_weights_of_another_kind_are_said(answer, words):
    assert words in errors_of(SurfaceExplorer(lambda W, gradient, rate: answer))[0]


def test_a_loss_below_the_picture_is_marked_at_its_edge():
    """So that each step moves something, also where a descent has arrived."""
    explorer = SurfaceExplorer(students.update_weights, learning_rate=0.5)
    (point,) = (m for m in explorer.scene()[2].marks if m.panel == "loss" and m.kind == "points")
    assert point.y[-1] == pytest.approx(1e-6)


def test_every_rate_of_the_surfaces_can_be_chosen():
    assert SurfaceExplorer(students.update_weights).controls["rate"].positions == RATES


# --- The sigmoid unit ---------------------------------------------------------------------------


def test_a_sigmoid_unit_learns():
    X, y = twenty()
    path = weights_path(students.sigmoid_rule, X, y, 0.5, 60)
    assert path.shape == (61, 3)
    assert not path[0].any()
    assert np.mean((X @ path[-1] > 0) == y) > 0.9


def test_on_its_border_the_unit_says_its_share():
    for w in np.array([[2.0, -1.0, 0.3], [0.01, 5.0, 1.0], [3.0, 0.0, -1.0]]):
        for share in (0.1, 0.5, 0.9):
            ends = border(w, share, (-2, 2), (-3, 3))
            says = activation(np.column_stack([*ends, np.ones(2)]), w)
            np.testing.assert_allclose(says, share)
    assert np.isnan(border(np.zeros(3), 0.5, (-2, 2), (-3, 3))).all()


# --- A neuron -----------------------------------------------------------------------------------


def neuron(sigmoid=students.sigmoid, **weights):
    explorer = NeuronExplorer(sigmoid)
    explorer.set(**weights)
    return explorer


def test_every_example_is_in_the_picture():
    X, y = examples()
    low, high = np.array(REACH).T
    assert X.shape == (100, 2)
    assert set(y) == {0, 1}
    assert (low < X).all()
    assert (high > X).all()


def test_a_level_of_the_curve_is_found():
    a = students.sigmoid(Z)
    for level in (0.1, 0.5, 0.9):
        np.testing.assert_allclose(crossings(Z, a, level), [np.log(level / (1 - level))], atol=1e-3)
    assert crossings(Z, np.sin(Z), 0.5).shape == (3,)
    assert crossings(Z, np.full_like(Z, np.nan), 0.5).size == 0


def test_the_mean_cross_entropy():
    y = np.array([1, 0])
    assert cross_entropy(np.array([0.5, 0.5]), y) == pytest.approx(np.log(2))
    assert cross_entropy(np.array([0.25, 0.5]), y) == pytest.approx(1.5 * np.log(2))
    assert cross_entropy(np.array([0.0, 0.5]), y) == np.inf
    assert np.isnan(cross_entropy(np.array([2.0, 1.5]), y))


def test_the_results_are_those_of_these_weights():
    text = neuron(w1=-1.75, w2=-3.0, b=-1.25).text()
    assert "95 % of 100 are right" in text
    assert f"|b|/‖w‖ = {1.25 / np.hypot(1.75, 3):.4g}" in text
    assert f"‖w‖ = {np.hypot(1.75, 3):.4g}" in text
    assert "5 % of 100 are right" in neuron(w1=1.75, w2=3.0, b=1.25).text()


def test_without_weights_there_is_no_boundary():
    explorer = neuron(w1=0.0, w2=0.0, b=0.5)
    assert "z is 0.5 everywhere, there is no boundary" in explorer.text()
    assert explorer.png().startswith(b"\x89PNG")


@pytest.mark.parametrize("b", [-3.0, 0.0, 1.0])
def test_the_arrow_stands_on_the_boundary_at_a_right_angle(b):
    w = np.array([1.5, -2.0])
    (arrow,) = [mark for mark in arrows(w, b) if mark.kind == "arrows"]
    along = np.array([arrow.dx[0], arrow.dy[0]])
    np.testing.assert_allclose(along, ARROW * w / np.hypot(*w), rtol=1e-6)
    assert w @ [arrow.x[0], arrow.y[0]] + b == pytest.approx(0, abs=1e-5)


def lines_of(explorer, **look):
    """The lines of the last layer that look so."""
    every = [mark for mark in explorer.scene()[-1].marks if mark.kind == "line"]
    return [m for m in every if all(getattr(m, name) == is_ for name, is_ in look.items())]


def test_where_a_is_a_half_is_measured_with_the_students_sigmoid():
    (half,) = lines_of(neuron(w1=1.0, w2=0.0, b=0.0), color="green", panel="plane")
    np.testing.assert_allclose(half.x, 0, atol=1e-6)
    (half,) = lines_of(
        neuron(lambda z: students.sigmoid(z - 1), w1=1.0, w2=0.0, b=0.0),
        color="green",
        panel="plane",
    )
    np.testing.assert_allclose(half.x, 1, atol=1e-3)
    assert lines_of(neuron(lambda z: 0.0 * z + 0.7), color="green", panel="plane") == []


def test_a_falling_sigmoid_is_shown_as_it_is():
    text = neuron(lambda z: students.sigmoid(-z), w1=-1.75, w2=-3.0, b=-1.25).text()
    assert "5 % of 100 are right" in text


def test_what_is_no_probability_has_no_cross_entropy():
    for wrong in (np.tanh, lambda z: 2 * students.sigmoid(z), lambda z: z * np.nan):
        assert "not every a lies between 0 and 1" in neuron(wrong).text()


def test_another_shape_is_told():
    assert "shape (1,)" in errors_of(neuron(lambda z: np.ones(1)))[0]


# --- Softmax ------------------------------------------------------------------------------------


def naive(scores):
    e = np.exp(scores)
    return e / e.sum(axis=1, keepdims=True)


def softmax_says(softmax=students.softmax, **settings):
    explorer = SoftmaxExplorer(softmax)
    explorer.set(**settings)
    return explorer.text()


def test_the_loss_and_the_gradient_of_three_scores():
    p = np.exp([2.0, 1.0, -1.0]) / np.exp([2.0, 1.0, -1.0]).sum()
    text = softmax_says()
    assert f"dog is right: p = {p[1]:.4g}, −log p = {-np.log(p[1]):.4g}" in text
    assert f"cat {p[0]:.4g}, dog −{1 - p[1]:.4g}, ship {p[2]:.4g}" in text
    assert "your p sums to 1 " in text


def test_the_gradient_is_that_of_the_loss():
    scores = np.array([0.5, -1.5, 2.0])
    explorer = SoftmaxExplorer(students.softmax, scores=tuple(scores), right="ship")

    def loss(s):
        return np.log(np.exp(s).sum()) - s[2]

    others, right, _ = (m for m in explorer.scene()[0].marks if m.panel == "gradient")
    slopes = numerical_gradient(loss, scores)
    np.testing.assert_allclose([*others.y, *right.y], slopes, atol=1e-6)


@pytest.mark.parametrize("shift", [-1000, -1, 10, 1000])
def test_what_is_added_to_every_score_changes_nothing(shift):
    text = softmax_says(shift=shift)
    change = re.search(r"changes no p by more than (\S+)|does not change p", text)
    assert change
    assert float((change[1] or "0").replace("−", "-")) < 1e-15


def test_what_a_float_cannot_hold_is_told():
    assert "after adding 1000, e^1002 is more than a float holds" in softmax_says(naive, shift=1000)
    assert "after adding −1000, every e^s is 0" in softmax_says(naive, shift=-1000)
    assert "changes no p by more than" in softmax_says(naive, shift=10)


def test_what_is_no_distribution_is_told():
    assert "your p sums to 3, not to 1" in softmax_says(lambda s: s / s)
    assert "your p sums to 1; one is below 0" in softmax_says(lambda s: s / s.sum())
    squares = softmax_says(lambda s: s**2 / (s**2).sum(), shift=1)
    assert "adding 1 changes no p by more than 0.1" in squares


def test_scores_of_one_example_have_one_row():
    assert "shape (3,) for scores of shape (1, 3)" in softmax_says(lambda s: s[0])
