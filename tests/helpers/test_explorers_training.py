"""Values and errors through depth; capacity and dropout against two curves."""

import numpy as np
import pytest

from helpers.explorers import CapacityExplorer, DepthExplorer
from helpers.explorers.depth import LAYERS, root_mean_squares
from tests.browser import students

# --- Depth --------------------------------------------------------------------------------------


def ends(explorer, gain):
    """Sizes after the last layer and of the errors at the input: with ReLU, and without."""
    explorer.set(gain=gain)
    marks = explorer.scene()[0].marks
    return [float(mark.y[-1 if mark.panel == "forward" else 0]) for mark in marks]


def test_relu_takes_half_of_the_mean_square_in_each_layer():
    values, errors, plain_values, plain_errors = ends(
        DepthExplorer(students.Dense, students.ReLU), 1.0
    )
    for size in (values, errors):
        assert 1 / 4 < size * 2 ** (LAYERS / 2) < 4
    for size in (plain_values, plain_errors):
        assert 1 / 3 < size < 3


@pytest.mark.parametrize(("gain", "said"), [(0.5, "both shrink"), (1.4, "both stay")])
def test_what_becomes_of_both_is_said(gain, said):
    explorer = DepthExplorer(students.Dense, students.ReLU)
    explorer.set(gain=gain)
    assert said in explorer.text().split("without")[0]


def test_huge_numbers_have_a_size():
    sizes = root_mean_squares([np.full((2, 2), 1e300), np.array([[3.0, 4.0]]), np.zeros((1, 1))])
    np.testing.assert_allclose(sizes, [1e300, np.sqrt(12.5), 0.0])


class Transposed(students.Dense):
    def backprop(self, error):
        return super().backprop(error).T


class Unwritten(students.Dense):
    def output(self, X):
        raise NotImplementedError("not implemented yet")


def test_a_wrong_module_is_named_below_the_plot():
    assert "do not fit together" in DepthExplorer(Transposed, students.ReLU).text()
    assert "not implemented yet" in DepthExplorer(Unwritten, students.ReLU).text()


# --- Capacity -----------------------------------------------------------------------------------


def test_the_curves_that_are_chosen_are_drawn_and_named():
    curves = students.two_curves()
    explorer = CapacityExplorer(curves, students.diagnose, 2.3, 1.0)
    for (width, rate), losses in curves.items():
        explorer.set(width=float(width), rate=rate)
        training, validation, _ = explorer.scene()[0].marks
        np.testing.assert_allclose(training.y, losses[:, 0], rtol=1e-6)
        np.testing.assert_allclose(validation.y, losses[:, 1], rtol=1e-6)
        assert f"diagnose says: {students.diagnose(*losses.T, 2.3, 1.0)}." in explorer.text()


def test_the_ends_over_the_width_are_those_of_the_rate():
    curves = students.two_curves()
    explorer = CapacityExplorer(curves, students.diagnose, 2.3, 1.0)
    explorer.set(rate=0.5)
    marks = explorer.scene()[1].marks
    for k in (0, 1):
        due = [curves[width, 0.5][-1, k] for width in (2, 8, 32, 128)]
        np.testing.assert_allclose(marks[2 * k].y, due, rtol=1e-6)


@pytest.mark.parametrize(
    ("curves", "said"),
    [
        ({}, "there are no curves yet"),
        ({(2, 0.0): np.ones(5)}, "must be (epochs, 2)"),
        ({(2, 0.0): np.ones((5, 2)), (4, 0.0): np.ones((6, 2))}, "as many epochs"),
        ({(2, 0.0): np.ones((5, 2)), (4, 0.5): np.ones((5, 2))}, "for each width with each rate"),
    ],
)
def test_curves_that_cannot_be_drawn_are_named(curves, said):
    assert said in CapacityExplorer(curves, students.diagnose, 2.3, 1.0).text()


def test_another_word_than_the_four_is_refused():
    explorer = CapacityExplorer(students.two_curves(), lambda *args: "bad", 2.3, 1.0)
    assert "diagnose must return one of not learning, overfitting" in explorer.text()


def test_curves_without_a_name_are_drawn_all_the_same():
    def not_written(*args):
        raise NotImplementedError

    curves = students.two_curves()
    for diagnose in (not_written, lambda *args: None, lambda *args: "Overfitting"):
        explorer = CapacityExplorer(curves, diagnose, 2.3, 1.0)
        explorer.set(width=8.0, rate=0.5)
        training, validation, _ = explorer.scene()[0].marks
        np.testing.assert_allclose(training.y, curves[8, 0.5][:, 0], rtol=1e-6)
        np.testing.assert_allclose(validation.y, curves[8, 0.5][:, 1], rtol=1e-6)
        assert "The curves have no name: " in explorer.text()


def test_a_single_width_and_a_single_rate_need_no_slider():
    one = CapacityExplorer(students.two_curves((8,), (0.0,)), students.diagnose, 2.3, 1.0)
    assert not one.controls
    assert "training" in one.text()
