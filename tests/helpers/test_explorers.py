"""Explorers draw the student's own code, whatever it does."""

import numpy as np
import pytest

from helpers import surfaces
from helpers.explorers import (
    ErrorCurveExplorer,
    SigmoidUnitExplorer,
    StepSizeExplorer,
    TangentExplorer,
)
from helpers.explorers.error_curve import best, errors
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


MAKE = {
    "tangent": (lambda f=None: TangentExplorer(np.cos, f or (lambda x: -np.sin(x))), "p", 0.3),
    "step size": (lambda f=None: StepSizeExplorer(f or descend), "learning_rate", 0.7),
    "error curve": (
        lambda f=None: ErrorCurveExplorer({"central": f or central}, {"exp": (np.exp, np.exp)}),
        "x",
        2.0,
    ),
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
    assert len(bundle["image/png"]) < 80_000
    assert metadata["image/png"]["alt"] == bundle["text/plain"]


@pytest.mark.parametrize("kind", MAKE)
def test_the_picture_is_the_same_every_time(kind):
    assert MAKE[kind][0]().png() == MAKE[kind][0]().png()


def raises(*args):
    raise RuntimeError("no luck")


def unsolved(*args):
    raise NotImplementedError


BROKEN = {
    "raises": (raises, "RuntimeError: no luck"),
    "unsolved": (unsolved, "not implemented yet"),
    "None": (lambda *args: None, "None"),
    "text": (lambda *args: "far", ""),
    "shape": (lambda *args: np.ones((2, 5)), ""),
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
