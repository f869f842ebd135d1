"""What each explorer computes of right functions."""

import re

import numpy as np
import pytest

from autograder.exercises.backprop.local_derivatives import local_derivatives
from helpers import numerical_gradient, surfaces
from helpers.explorers import (
    ErrorCurveExplorer,
    GraphViewer,
    MiniBatchExplorer,
    NeuronExplorer,
    PathExplorer,
    Race,
    SoftmaxExplorer,
    StepSizeExplorer,
    SurfaceExplorer,
    TangentExplorer,
)
from helpers.explorers.asking import StudentError
from helpers.explorers.error_curve import best, errors
from helpers.explorers.formula import build, evaluate, given
from helpers.explorers.graph import _plan
from helpers.explorers.neuron import ARROW, REACH, Z, arrows, cross_entropy, crossings, examples
from helpers.explorers.path import is_adaptive, settings_of, surface_of, tiny_network
from helpers.explorers.path import path_of as rule_path
from helpers.explorers.scene import sentence
from helpers.explorers.sigmoid_unit import activation, border, weights_path
from helpers.explorers.step_size import diverged, path_of
from helpers.explorers.surface import PLACES, RATES, downhill
from helpers.explorers.surface import path_of as weights_on
from tests.browser import students


def twenty():
    """Twenty points and the class of each."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(20, 2)), np.ones(20)])
    return X, (X[:, 0] > 0).astype(float)


def errors_of(explorer):
    """What is wrong, of each layer where something is."""
    return [picture.error for picture in explorer.scene(30) if picture.error]


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


# --- Descent paths ------------------------------------------------------------------------------


def test_a_rule_is_followed_by_the_students_own_loop():
    start = np.array([1.0, 0.0])
    path = rule_path(
        students.descend, students.momentum, surfaces.bowl, start, 2, learning_rate=0.1
    )
    np.testing.assert_allclose(path, [[1, 0], [0.8, 0], [0.46, 0]])


def test_a_path_that_runs_away_ends_there():
    path = rule_path(students.descend, students.sgd, surfaces.bowl, np.ones(2), 60, learning_rate=9)
    assert 1 < len(path) < 20
    assert np.isfinite(path).all()


def test_a_loop_that_returns_something_else_is_said():
    explorer = PathExplorer({"mine": students.sgd}, lambda *args, **settings: np.zeros((2, 2)))
    assert "descend must return 61 points" in explorer.text()


def test_one_broken_rule_leaves_the_others():
    def unsolved(w, gradient, state, learning_rate):
        raise NotImplementedError

    for kind in (PathExplorer, Race):
        text = kind({"good": students.sgd, "bad": unsolved}, students.descend).text()
        assert "good: " in text
        assert "unsolved is not implemented yet" in text


def test_a_path_that_runs_away_is_marked_and_not_lost():
    explorer = PathExplorer({"wild": students.sgd}, students.descend)
    explorer.set(rate=100.0)
    assert "diverged ✕" in explorer.text()
    marks = [mark for picture in explorer.scene() for mark in picture.marks]
    assert [mark.marker for mark in marks].count("cross") == 1


@pytest.mark.parametrize("surface", [surface.name for surface in surfaces.SURFACES])
def test_every_surface_can_be_descended(surface):
    explorer = PathExplorer({"mine": students.sgd}, students.descend)
    explorer.set(surface=surface)
    losses = explorer.scene()[1].says[0].fields["loss"]
    assert losses[-1] < losses[0]


def test_a_function_of_ones_own_comes_first():
    explorer = PathExplorer({"mine": students.sgd}, students.descend, tiny_network())
    assert explorer.read("surface") == "tiny network"
    mine = surface_of(lambda p: abs(p[0] - 1) + p[1] ** 2, ((-2.0, 2.0), (-2.0, 2.0)), (0.0, 1.0))
    explorer = PathExplorer({"mine": students.sgd}, students.descend, mine)
    explorer.set(rate=0.1)
    path = explorer.scene()[1].marks[0]
    np.testing.assert_allclose([path.x[1], path.y[1]], [0.01, 0.98], rtol=1e-5)


@pytest.mark.parametrize("name", ["gradient", "surface", "descend", "x", "a {b}", "costs $\\a_{"])
def test_a_rule_may_have_any_name(name):
    explorer = PathExplorer({name: students.sgd}, students.descend)
    assert f"{name}: loss" in explorer.text()
    assert explorer.png().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "many",
    [
        lambda k: PathExplorer({f"rule {i}": students.sgd for i in range(k)}, students.descend),
        lambda k: ErrorCurveExplorer(
            {f"rule {i}": students.central for i in range(k)}, {"exp": (np.exp,) * 2}
        ),
        lambda k: Race({f"rule {i}": students.sgd for i in range(k)}, students.descend, steps=5),
    ],
)
def test_there_may_be_many_lines(many):
    assert many(7).png().startswith(b"\x89PNG")


def sign_rule(w, gradient, state, learning_rate=0.1):
    return w - learning_rate * np.sign(gradient), state


def test_a_rule_whose_step_ignores_the_gradients_length_is_adaptive():
    assert is_adaptive(sign_rule)
    assert not is_adaptive(students.sgd)
    assert not is_adaptive(lambda *args: 1 / 0)


def test_a_rules_settings_become_sliders():
    def rule(w, gradient, state, learning_rate=0.1, alpha=0.9, epsilon=1e-8, name="x"):
        return w, state

    alpha, epsilon = settings_of("mine", rule)
    assert (alpha.name, alpha.read(alpha.at)) == ("rule mine.alpha", 0.9)
    assert {0.0, 0.5, 0.99} < set(alpha.positions)
    assert (epsilon.name, epsilon.read(epsilon.at)) == ("rule mine.epsilon", 1e-8)
    assert max(epsilon.positions) >= 0.1


def test_a_setting_reaches_the_students_rule():
    explorer = PathExplorer({"mine": students.momentum}, students.descend)
    explorer.set(**{"rule mine.alpha": 0.0})
    plain = PathExplorer({"mine": students.sgd}, students.descend)
    paths = [each.scene()[1].marks[0] for each in (explorer, plain)]
    np.testing.assert_array_equal(paths[0].x, paths[1].x)


def test_the_race_names_who_is_ahead():
    rules = {"lazy": lambda w, g, s, learning_rate: (w, s), "quick": students.momentum}
    text = Race(rules, students.descend).text()
    assert "quick: lowest at the end on 6 of 6 surfaces" in text
    assert "lazy: lowest at the end on 0 of 6 surfaces" in text


# --- Mini-batches -------------------------------------------------------------------------------


def test_the_spread_is_measured_by_the_students_function():
    gradients = np.random.default_rng(0).normal(0, [1, 3], size=(200, 2))
    explorer = MiniBatchExplorer(
        students.mini_batches, lambda g, size, repeats, rng: np.array([7, 8 / size]), gradients
    )
    explorer.set(batch_size=4)
    sigma = gradients.std(axis=0) / 2
    assert f"it spreads by 7, σ/√n_b is {sigma[0]:.4g}" in explorer.text()
    assert f"it spreads by 2, σ/√n_b is {sigma[1]:.4g}" in explorer.text()


def test_the_cloud_is_of_the_students_batches():
    gradients = np.arange(12.0).reshape(6, 2)
    explorer = MiniBatchExplorer(
        lambda n, size, rng: [np.array([0, 1]), np.array([5])], students.standard_error, gradients
    )
    cloud = explorer.scene()[1].marks[0]
    assert len(cloud.x) == 200
    assert cloud.x[:4].tolist() == [1, 10, 1, 10]
    assert cloud.y[:4].tolist() == [2, 11, 2, 11]


# --- The graph ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "point"),
    [
        ("(a + b) * max(a, c)", {"a": 2.0, "b": -1.0, "c": 3.0}),
        ("a * a * b - a / b + -a", {"a": 1.3, "b": 0.7}),
        ("exp(sin(a) * cos(b)) + log(a) ** 2 + tanh(a * b)", {"a": 1.3, "b": 0.7}),
        ("a ** b", {"a": 1.3, "b": 0.7}),
    ],
)
def test_the_graphs_gradients_are_the_formulas(expression, point):
    nodes = build(expression, point)
    evaluate(nodes)
    functions = {name: getattr(np, name) for name in ("exp", "log", "sin", "cos", "tanh")}

    def formula(values):
        return float(eval(expression, {"max": max, **functions}, values))

    slopes = numerical_gradient(formula, point)
    assert nodes[-1].value == pytest.approx(formula(point))
    for node in nodes:
        if node.label in point:
            assert node.gradient == pytest.approx(slopes[node.label], rel=1e-6)


def test_a_name_used_twice_is_one_node():
    assert [node.label for node in build("a * a + a", {})] == ["a", "×", "+"]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("a +", "not a formula"),
        ("", "not a formula"),
        ("__import__('os')", "is none of"),
        ("a.b", "is none of"),
        ("max(a)", "is none of"),
        ("log(a - a)", "has no value there"),
        ("1 / (a - a)", "has no value there"),
        ("(-a) ** 0.5", "has no value there"),
        ("+".join("a*b" for _ in range(30)), "do not fit"),
        ("-" * 3000 + "a", ""),
    ],
)
def test_a_formula_that_cannot_be_drawn_is_said(expression, words):
    viewer = GraphViewer("a * b", a=1.0)
    viewer.set(expression=expression)
    assert words in errors_of(viewer)[0]
    viewer.set(expression="a + b")
    assert errors_of(viewer) == []


def test_a_viewer_of_a_formula_that_cannot_be_drawn_says_so():
    assert "not a formula" in GraphViewer("a +").text()


def test_values_are_read_as_they_are_typed():
    assert given("a=2, b = -1.5,") == {"a": 2, "b": -1.5}
    with pytest.raises(StudentError, match="write values as a=2"):
        given("a=5, b=oops")


def walked(viewer):
    """What is said of each step."""
    said = []
    for step in range(viewer.scene()[0].limits["step"] + 1):
        viewer.set(step=step)
        said.append(sentence(viewer.scene()[0].says[0], viewer.values))
    return said


def test_the_graph_is_walked_step_by_step():
    said = walked(GraphViewer("a * b", backward=students.backward, a=2.0, b=3.0))
    assert said[3] == "Forward: “a × b” has the value 6."
    assert said[4] == (
        "Backward, by your function: the output grows by 1 for each unit of “a × b”."
        " It is the output itself."
    )
    assert said[5] == (
        "Backward, by your function: the output grows by 2 for each unit of “b”. Used by “a × b”."
    )
    assert len(set(said)) == len(said) == 7


def written(viewer):
    """What stands above and below the node of each label."""
    *_, labels, values, derivatives = viewer.scene()[0].marks
    at = {label: (x, y) for x, y, label in zip(labels.x, labels.y, labels.words, strict=True)}

    def near(mark, label):
        x, y = at[label]
        places = zip(mark.x, mark.y, mark.words, strict=True)
        found = [(abs(v - y), word) for h, v, word in places if h == x and word]
        return min(found)[1]

    return {label: (near(values, label), near(derivatives, label)) for label in at}


def test_each_node_has_its_value_above_and_the_students_derivative_below():
    viewer = GraphViewer("a * b", backward=students.backward, a=2.0, b=3.0)
    assert written(viewer) == {"a": ("2", "3"), "b": ("3", "2"), "×": ("6", "1")}
    assert "agree with slopes that are measured, at all 3 nodes" in viewer.text()


def test_the_students_derivatives_are_shown_though_they_are_wrong():
    viewer = GraphViewer("a * b", backward=lambda graph, values: [3.0, 7.0, 1.0], a=2.0, b=3.0)
    assert written(viewer) == {"a": ("2", "3"), "b": ("3", "7 ✗"), "×": ("6", "1")}
    assert "yours first differ at “b”: 7, measured 2." in viewer.text()


def test_the_first_that_differs_is_the_first_on_the_way_back():
    """Where only the last use counts, the sum is right and what is used twice is not."""

    def last_use(graph, values):
        derivatives = [0.0] * (len(graph) - 1) + [1.0]
        for i, (operation, *places) in reversed(list(enumerate(graph))):
            if operation != "input":
                inputs = [values[j] for j in places]
                local = local_derivatives(operation, inputs, values[i])
                for j, slope in zip(places, local, strict=True):
                    derivatives[j] = slope * derivatives[i]
        return derivatives

    viewer = GraphViewer("(a + b) * a", backward=last_use, a=2.0, b=-1.0)
    assert "yours first differ at “a”: 2, measured 3." in viewer.text()


@pytest.mark.parametrize(
    ("expression", "point"),
    [
        ("(a + b) * max(a, c)", {"a": 2.0, "b": -1.0, "c": 3.0}),
        ("max(a, b) + max(b, a) * 2", {"a": 1.5, "b": 1.5}),  # a tie: the first input is heard
        ("max(a, b) * c", {"a": 1.5, "b": 1.5 + 1e-9, "c": 2.0}),  # a kink within a small step
        ("max(a, a) * exp(a + -1 * b)", {"a": 0.3, "b": -2.0}),
        ("exp(exp(a * a))", {"a": 1.4}),
        ("exp(a) * exp(a) * 1000", {"a": 12.0}),
        ("a * a * a * a * b", {"a": 0.0, "b": 1e-9}),
        ("a + 0 * b", {"a": 1e8, "b": 1e-3}),
        ("exp(a * 100)", {"a": 9.0}),  # the value is infinite, and nothing can be measured
        ("3", {}),
    ],
)
def test_right_derivatives_agree_with_what_is_measured(expression, point):
    viewer = GraphViewer(expression, backward=students.backward, **point)
    text = viewer.text()
    assert "agree" in text or "has no value there" in text


def test_what_the_lesson_does_not_ask_for_is_said():
    viewer = GraphViewer("a - b", backward=students.backward, a=2.0)
    assert "first differ" in viewer.text()
    assert "(The formula has “−”; the lesson asks for +, *, exp, max.)" in viewer.text()


def test_the_backward_pass_gets_the_graph_as_the_lesson_writes_it():
    seen = []

    def backward(graph, values):
        seen.append((graph, values))
        return students.backward(graph, values)

    GraphViewer("(a + b) * a + -2", backward=backward, a=2.0, b=-1.0).text()
    graph = [("input",), ("input",), ("+", 0, 1), ("*", 2, 0), ("input",), ("+", 3, 4)]
    assert seen[0] == (graph, [2.0, -1.0, 1.0, 2.0, -2.0, 0.0])


def test_without_a_backward_pass_no_derivative_is_told():
    viewer = GraphViewer("(a + b) * max(a, c)", a=2.0, b=-1.0, c=3.0)
    assert {below for _, below in written(viewer).values()} == {"?"}
    every = " ".join([*walked(viewer), viewer.text()])
    assert "grows by" not in every
    assert "add up" not in every


@pytest.mark.parametrize("body", ["raise NotImplementedError", "return [1.0]", "return None"])
def test_where_there_is_no_answer_only_the_way_forward_is_shown(body):
    notebook = {}
    exec(f"def backward(graph, values): {body}", notebook)
    viewer = GraphViewer("a * b", backward=notebook["backward"], a=2.0, b=3.0)
    assert viewer.scene()[0].limits == {"step": 3}
    assert walked(viewer)[3] == "Forward: “a × b” has the value 6."
    assert "Only the way forward is shown." in viewer.text()


def test_a_slope_can_be_measured_by_hand():
    viewer = GraphViewer("a * b", a=2.0, b=3.0)
    assert "To measure a slope, type a=2.01 below." in viewer.scene()[0].says[1].text
    viewer.set(values="a=2.01, b=3")
    assert "“a” has moved by 0.01, and with it the output by 0.03." in viewer.text()
    viewer.set(values="a=2.01, b=4")
    assert "moved" not in viewer.text()
    viewer.set(expression="a * b * b", values="a=2.01, b=3")
    assert "moved" not in viewer.text()


@pytest.mark.parametrize(
    "expression", ["(a + b) * a", "a * exp(exp(b)) + a", "(a + b) * max(a, c) + a + b"]
)
def test_no_arrow_runs_through_a_node(expression):
    nodes = build(expression, {})
    places = _plan(nodes).places
    for k, node in enumerate(nodes):
        for i in node.inputs:
            start, along = places[i], places[k] - places[i]
            for j in set(range(len(nodes))) - {i, k}:
                share = np.clip(np.dot(places[j] - start, along) / np.dot(along, along), 0, 1)
                assert np.linalg.norm(places[j] - start - share * along) > 0.25
