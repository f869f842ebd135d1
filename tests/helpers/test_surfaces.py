"""Surfaces: their gradients are right, and their minima are where they are said to be."""

import numpy as np
import pytest

from helpers import check_derivative, check_gradient
from helpers.surfaces import CURVES, SURFACES, camel


@pytest.mark.parametrize("curve", CURVES, ids=lambda c: c.name)
def test_a_curve(curve):
    check_derivative(curve, curve.gradient, at=np.linspace(*curve.domain, 9))
    for x in curve.minima:
        assert curve.gradient(x) == pytest.approx(0, abs=1e-9)
        assert curve(x) < min(curve(x - 0.01), curve(x + 0.01))
    assert curve(curve.minima[0]) == pytest.approx(curve.lowest)
    x = np.linspace(*curve.domain, 5)
    assert curve(x).shape == curve.gradient(x).shape == (5,)


@pytest.mark.parametrize("surface", [*SURFACES, camel], ids=lambda s: s.name)
def test_a_surface(surface):
    rng = np.random.default_rng(0)
    low, high = np.array(surface.domain).T
    for _ in range(5):
        check_gradient(surface, surface.gradient, rng.uniform(low, high))
    for point in surface.minima:
        np.testing.assert_allclose(surface.gradient(np.array(point)), 0, atol=1e-9)
        assert surface(np.array(point)) == pytest.approx(surface.lowest, abs=1e-12)
    grid = np.stack(np.meshgrid(np.linspace(-1, 1, 4), np.linspace(-1, 1, 3)))
    assert surface(grid).shape == (3, 4)
    assert surface.gradient(grid).shape == grid.shape


def test_a_wrong_point_is_named():
    with pytest.raises(ValueError, match="a point has shape"):
        SURFACES[0](np.zeros(3))
