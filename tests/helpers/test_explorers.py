"""Explorers draw the student's own code, whatever it does."""

import numpy as np
import pytest

from helpers import numerical_gradient, surfaces
from helpers.explorers import (
    ErrorCurveExplorer,
    GraphViewer,
    PathExplorer,
    Race,
    SigmoidUnitExplorer,
    StepSizeExplorer,
    TangentExplorer,
)
from helpers.explorers.base import StudentError
from helpers.explorers.error_curve import best, errors
from helpers.explorers.graph import build, evaluate
from helpers.explorers.path import path_of as rule_path
from helpers.explorers.path import tiny_network
from helpers.explorers.sigmoid_unit import weights_path
from helpers.explorers.step_size import diverged, path_of
from helpers.explorers.tangent import tangent

RNG = np.random.default_rng(0)
X = np.column_stack([RNG.normal(size=(20, 2)), np.ones(20)])
Y = (X[:, 0] > 0).astype(float)


def descend(derivative, start, learning_rate, steps):
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - learning_rate * derivative(path[-1]))
    return np.array(path)


def step(w, X, y, learning_rate):
    s = 1 / (1 + np.exp(-X @ w))
    return w + learning_rate * X.T @ (y - s)


def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


def heavy_ball(w, gradient, state, learning_rate=0.01):
    v = 0.9 * state.get("v", 0.0) - learning_rate * gradient
    return w + v, {"v": v}


def follow(rule, gradient, start, steps, **settings):
    w, state, path = start, {}, [start]
    for _ in range(steps):
        w, state = rule(w, gradient(w), state, **settings)
        path.append(w)
    return np.array(path)


MAKE = {
    "tangent": (lambda f=None: TangentExplorer(np.cos, f or (lambda x: -np.sin(x))), "p", 0.3),
    "step size": (lambda f=None: StepSizeExplorer(f or descend), "learning_rate", 0.7),
    "error curve": (
        lambda f=None: ErrorCurveExplorer({"central": f or central}, {"exp": (np.exp, np.exp)}),
        "x",
        2.0,
    ),
    "path": (lambda f=None: PathExplorer({"mine": f or heavy_ball}, follow), "x", 1.0),
    "race": (lambda f=None: Race({"mine": f or heavy_ball}, follow, steps=20), "rate", 0.1),
    "sigmoid unit": (lambda f=None: SigmoidUnitExplorer(f or step, X, Y), "shown", 7),
}


@pytest.mark.parametrize("kind", MAKE)
def test_a_moved_slider_makes_another_picture(kind):
    make, name, value = MAKE[kind]
    explorer = make()
    explorer._repr_mimebundle_()
    before = bytes(explorer._image.value)
    explorer.set(**{name: value})
    assert before.startswith(b"\x89PNG")
    assert bytes(explorer._image.value) != before


@pytest.mark.parametrize("kind", MAKE)
def test_a_saved_notebook_keeps_a_picture_and_a_text(kind):
    bundle, metadata = MAKE[kind][0]()._repr_mimebundle_()
    assert {"image/png", "text/plain", "application/vnd.jupyter.widget-view+json"} <= set(bundle)
    assert len(bundle["image/png"]) < 150_000
    assert metadata["image/png"]["alt"] == bundle["text/plain"]


@pytest.mark.parametrize("kind", MAKE)
def test_the_picture_is_the_same_every_time(kind):
    assert MAKE[kind][0]().png() == MAKE[kind][0]().png()


def raises(*args, **settings):
    raise RuntimeError("no luck")


def unsolved(*args, **settings):
    raise NotImplementedError


BROKEN = {
    "raises": (raises, "RuntimeError: no luck"),
    "unsolved": (unsolved, "not implemented yet"),
    "None": (lambda *args, **settings: None, "None"),
    "text": (lambda *args, **settings: "far", ""),
    "shape": (lambda *args, **settings: np.ones((2, 5)), ""),
}


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("kind", MAKE)
def test_a_broken_function_is_said_in_the_plot(kind, how, recwarn):
    function, words = BROKEN[how]
    explorer = MAKE[kind][0](function)
    assert explorer.png().startswith(b"\x89PNG")
    assert words in explorer.text
    assert not recwarn.list


@pytest.mark.parametrize("kind", ["tangent", "error curve"])
def test_nan_is_drawn_as_nothing(kind):
    assert MAKE[kind][0](lambda *args: np.nan).png().startswith(b"\x89PNG")


def test_the_tangent_model():
    here = tangent(lambda x: x**2, lambda x: 2 * x, 3.0, 0.5)
    assert (here.value, here.slope, here.right, here.left) == (9.0, 6.0, 6.5, 5.5)
    assert here.error == pytest.approx(0.25)


def test_the_step_size_model():
    path = path_of(descend, surfaces.parabola, 2.0, 0.25, 3)
    np.testing.assert_allclose(path, [2, 1, 0.5, 0.25])
    assert not diverged(path)
    assert diverged(path_of(descend, surfaces.parabola, 2.0, 1.5, 60))


def test_a_path_that_diverges_is_marked():
    explorer = StepSizeExplorer(descend, learning_rate=1.5, steps=60)
    explorer.png()
    assert "diverged" in explorer.text


def test_the_error_model():
    error = errors(central, np.exp, np.exp, 1.0)
    assert 1e-7 < best(error) < 1e-4
    assert error.min() < 1e-9


def test_the_sigmoid_unit_model():
    path = weights_path(step, X, Y, 0.1, 30)
    assert path.shape == (31, 3)
    assert not path[0].any()
    assert np.mean((X @ path[-1] > 0) == Y) > 0.9


# --- Descent paths ------------------------------------------------------------------------------


def test_a_rule_is_followed_by_the_students_own_loop():
    path = rule_path(follow, heavy_ball, surfaces.bowl, np.array([1.0, 0.0]), 0.1, 2)
    np.testing.assert_allclose(path, [[1, 0], [0.8, 0], [0.46, 0]])


def test_a_loop_that_returns_something_else_is_said():
    explorer = PathExplorer({"mine": heavy_ball}, lambda *args, **settings: np.zeros((2, 2)))
    explorer.png()
    assert "descend must return 61 points" in explorer.text


def test_one_broken_rule_leaves_the_others():
    explorer = PathExplorer({"good": heavy_ball, "bad": unsolved}, follow)
    explorer.png()
    assert "good ends at a loss of" in explorer.text
    assert "bad: unsolved is not implemented yet" in explorer.text


def test_a_path_that_runs_away_is_marked_and_not_lost():
    explorer = PathExplorer({"wild": heavy_ball}, follow)
    explorer.set(rate=100.0)
    assert "wild diverged" in explorer.text


@pytest.mark.parametrize("surface", ["canyon", "saddle", "rosenbrock", "beale", "himmelblau"])
def test_a_new_surface_brings_its_own_start(surface):
    explorer = PathExplorer({"mine": heavy_ball}, follow)
    explorer.set(surface=surface)
    chosen = explorer.surfaces[surface]
    assert (explorer.value("x"), explorer.value("y")) == pytest.approx(chosen.start)
    assert surface in explorer.text


def test_a_function_of_ones_own_can_be_descended():
    explorer = PathExplorer({"mine": heavy_ball}, follow, tiny_network())
    explorer.png()
    assert "On tiny network: mine ends at a loss of" in explorer.text


def test_the_race_names_who_is_ahead():
    race = Race({"slow": lambda w, g, s, learning_rate: (w, s), "fast": heavy_ball}, follow)
    race.png()
    assert "canyon: fast" in race.text


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
        ("__import__('os')", "is none of"),
        ("a.b", "is none of"),
        ("max(a)", "is none of"),
        ("log(a - a)", "has no value there"),
        ("1 / (a - a)", "has no value there"),
        ("+".join("a*b" for _ in range(30)), "do not fit"),
    ],
)
def test_a_formula_that_cannot_be_drawn_is_said(expression, words):
    viewer = GraphViewer("a * b", a=1.0)
    viewer.set(expression=expression)
    assert words in viewer.text
    viewer.set(expression="a + b")
    assert "Backward" in viewer.text
    with pytest.raises(StudentError, match=words):
        evaluate(build(expression, {"a": 1.0}))


def test_the_graph_is_walked_step_by_step():
    viewer = GraphViewer("a * b", a=2.0, b=3.0)
    said = []
    for step in range(7):
        viewer.set(step=step)
        viewer.png()
        said.append(viewer.text)
    assert said[3] == "Forward: node “×” has the value 6."
    assert said[5] == "Backward: the output grows by 2 for each unit of “b”."
    assert len(set(said)) == 7
    viewer.set(values="a=5, b=oops")
    assert "write values as" in viewer.text
