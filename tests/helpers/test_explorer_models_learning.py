"""What each explorer of learning computes: descent paths, mini-batches and the graph."""

import numpy as np
import pytest

from autograder.exercises.backprop.local_derivatives import local_derivatives
from helpers import numerical_gradient, surfaces
from helpers.explorers import ErrorCurveExplorer, GraphViewer, MiniBatchExplorer, PathExplorer, Race
from helpers.explorers.asking import StudentError
from helpers.explorers.formula import build, evaluate, given
from helpers.explorers.graph import _plan
from helpers.explorers.path import is_adaptive, settings_of, surface_of, tiny_network
from helpers.explorers.path import path_of as rule_path
from helpers.explorers.scene import sentence
from tests.browser import students
from tests.helpers.differences import errors_of

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


def test_from_far_away_or_the_lowest_place_what_converges_has_not_diverged():
    explorer = PathExplorer({"mine": students.sgd}, students.descend)
    explorer.set(x=1e9, step=0)
    assert "mine: loss 5e17 at step 0, rate 0.02 →" in explorer.text()
    explorer.set(step=60)
    assert "mine: loss 4.427e16 at step 60, rate 0.02 →" in explorer.text()
    heights = explorer.scene()[1].marks[2].y
    assert (np.diff(heights) < 0).all(), "the plot is cut off where it begins"
    steps = lambda w, gradient, state, learning_rate: (w - 0.1 * np.sign(gradient), state)  # noqa: E731
    explorer = PathExplorer({"signs": steps}, students.descend)
    explorer.set(x=1e-6, y=0.0)
    assert "diverged" not in explorer.text()


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
