"""Drawings: every word and number that is given stands in the picture, and inside it."""

import matplotlib.pyplot as plt
import pytest

from helpers import drawings


@pytest.fixture
def axes():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_a_circuit_has_its_labels_values_and_derivatives(axes):
    gates = {"a": (0, 0, "a", "2", "3"), "f": (1, 1, "×", "6", "1")}
    drawings.circuit(axes, gates, [("a", "f")])
    assert {"a", "2", "3", "×", "6", "1"} <= {text.get_text() for text in axes.texts}
    assert len([t for t in axes.texts if getattr(t, "arrow_patch", None)]) == 1


def test_matrices_stand_beside_each_other_and_rows_below_each_other(axes):
    rows = [("one", [("A", 2, 3), "@", ("B", 3, 1)]), ("two", [("C", 1, 1)])]
    drawings.matrices(axes, rows)
    first, second, third = (patch.get_bbox() for patch in axes.patches)
    assert first.x1 < second.x0
    assert third.y1 < min(first.y0, second.y0)
    assert (first.width, first.height) == (3, 2)
    low, high = axes.get_ylim()
    assert low <= third.y0 < first.y1 <= high
