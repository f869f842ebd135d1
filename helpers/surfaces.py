"""Named functions of one and of two variables to descend on, each with its gradient.

>>> from helpers import surfaces
>>> surfaces.parabola(3.0), surfaces.parabola.gradient(3.0)
(9.0, 6.0)
>>> surfaces.rosenbrock.gradient(np.array([1.0, 1.0]))
array([0., 0.])

Where a value is too large for a float it is inf, without a warning: a path that diverges can be
followed to its end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Value = Callable[..., Any]


@dataclass(frozen=True)
class Curve:
    """A function of one variable: `curve(x)` and `curve.gradient(x)`, both in the shape of `x`.

    A number gives a Python float, an array an array.

    domain    (low, high): the part worth plotting, not a constraint
    minima    every local minimum in the domain, the lowest first
    lowest    the value at `minima[0]`
    start     where a descent may begin
    formula   as one writes it
    source    where it comes from
    """

    name: str
    formula: str
    domain: tuple[float, float]
    minima: tuple[float, ...]
    lowest: float
    start: float
    source: str
    value: Value = field(repr=False)
    slope: Value = field(repr=False)

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, x: Any) -> Any:
        return _number_or_array(self.value, np.asarray(x, dtype=float))

    def gradient(self, x: Any) -> Any:
        """The derivative at `x`."""
        return _number_or_array(self.slope, np.asarray(x, dtype=float))


@dataclass(frozen=True)
class Surface:
    """A function of two variables: `surface(point)` and `surface.gradient(point)`.

    `point` is an array of shape (2,), or a whole grid of shape (2, ...) such as
    `np.stack(np.meshgrid(x, y))`. The value has the shape without the 2 (a Python float at one
    point), the gradient the shape of `point`.

    domain    ((x low, x high), (y low, y high)): the part worth plotting, not a constraint
    minima    the points (x, y) of the lowest value; empty where there is none
    lowest    the value there; -inf where the surface falls for ever
    start     a point (x, y) where a descent may begin
    formula   as one writes it
    source    where it comes from
    """

    name: str
    formula: str
    domain: tuple[tuple[float, float], tuple[float, float]]
    minima: tuple[tuple[float, float], ...]
    lowest: float
    start: tuple[float, float]
    source: str
    value: Value = field(repr=False)
    slopes: Value = field(repr=False)

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, point: Any) -> Any:
        return _number_or_array(self.value, *_coordinates(point))

    def gradient(self, point: Any) -> np.ndarray:
        """(∂f/∂x, ∂f/∂y) at `point`, in its shape."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.array(self.slopes(*_coordinates(point)))


def _number_or_array(f: Value, *coordinates: np.ndarray) -> Any:
    with np.errstate(over="ignore", invalid="ignore"):
        result = f(*coordinates)
    return float(result) if np.ndim(result) == 0 else result


def _coordinates(point: Any) -> tuple[np.ndarray, np.ndarray]:
    array = np.asarray(point, dtype=float)
    if array.ndim == 0 or array.shape[0] != 2:
        raise ValueError(f"a point has shape (2,), a grid (2, ...); this has shape {array.shape}")
    return array[0], array[1]


# --- Curves --------------------------------------------------------------------------------------


def _parabola(x):
    return x**2


def _parabola_slope(x):
    return 2 * x


parabola = Curve(
    name="parabola",
    formula="x²",
    domain=(-3.0, 3.0),
    minima=(0.0,),
    lowest=0.0,
    start=2.0,
    source="The simplest function with a minimum.",
    value=_parabola,
    slope=_parabola_slope,
)


def _bumpy(x):
    return x**2 / 10 + np.sin(2 * x) + 1


def _bumpy_slope(x):
    return x / 5 + 2 * np.cos(2 * x)


bumpy = Curve(
    name="bumpy",
    formula="x²/10 + sin 2x + 1",
    domain=(-6.0, 6.0),
    minima=(-0.747964956635879, 2.2430781436053815, -3.7355704568666113, 5.223013431836309),
    lowest=0.05874633882533686,
    start=5.8,
    source="Made for this course: a parabola under a sine; four minima, of which one is lowest.",
    value=_bumpy,
    slope=_bumpy_slope,
)


# --- Surfaces ------------------------------------------------------------------------------------


def _bowl(x, y):
    return x**2 + y**2


def _bowl_slopes(x, y):
    return 2 * x, 2 * y


bowl = Surface(
    name="bowl",
    formula="x² + y²",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    minima=((0.0, 0.0),),
    lowest=0.0,
    start=(2.5, 1.5),
    source="The parabola in two variables: every direction wants the same step size.",
    value=_bowl,
    slopes=_bowl_slopes,
)


def _canyon(x, y):
    return (x**2 + 50 * y**2) / 2


def _canyon_slopes(x, y):
    return x, 50 * y


canyon = Surface(
    name="canyon",
    formula="(x² + 50 y²) / 2",
    domain=((-3.0, 3.0), (-1.0, 1.0)),
    minima=((0.0, 0.0),),
    lowest=0.0,
    start=(-2.5, 0.6),
    source="An ill-conditioned quadratic, after the canyon in D. L. Poole and A. K. Mackworth, "
    "Artificial Intelligence: Foundations of Computational Agents, 3rd edition, 2023, chapter 8. "
    "The second derivatives are 1 along x and 50 along y: descent converges for a learning rate "
    "below 2/50, and along x that is slow.",
    value=_canyon,
    slopes=_canyon_slopes,
)


def _saddle(x, y):
    return x**2 - y**2


def _saddle_slopes(x, y):
    return 2 * x, -2 * y


saddle = Surface(
    name="saddle",
    formula="x² − y²",
    domain=((-2.0, 2.0), (-2.0, 2.0)),
    minima=(),
    lowest=-np.inf,
    start=(1.5, 0.01),
    source="The simplest saddle point. A descent that starts on y = 0 exactly ends at the saddle, "
    "any other falls for ever.",
    value=_saddle,
    slopes=_saddle_slopes,
)


def _rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _rosenbrock_slopes(x, y):
    return -2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)


rosenbrock = Surface(
    name="rosenbrock",
    formula="(1 − x)² + 100 (y − x²)²",
    domain=((-2.0, 2.0), (-1.0, 3.0)),
    minima=((1.0, 1.0),),
    lowest=0.0,
    start=(-1.2, 1.0),
    source="H. H. Rosenbrock, An automatic method for finding the greatest or least value of a "
    "function, The Computer Journal 3 (1960) 175-184; the start is Rosenbrock's own.",
    value=_rosenbrock,
    slopes=_rosenbrock_slopes,
)


def _beale(x, y):
    return sum((c - x * (1 - y**k)) ** 2 for k, c in enumerate((1.5, 2.25, 2.625), start=1))


def _beale_slopes(x, y):
    along_x = along_y = 0.0
    for k, c in enumerate((1.5, 2.25, 2.625), start=1):
        residual = c - x * (1 - y**k)
        along_x = along_x - 2 * residual * (1 - y**k)
        along_y = along_y + 2 * residual * x * k * y ** (k - 1)
    return along_x, along_y


beale = Surface(
    name="beale",
    formula="(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
    domain=((-4.5, 4.5), (-4.5, 4.5)),
    minima=((3.0, 0.5),),
    lowest=0.0,
    start=(1.0, 1.0),
    source="E. M. L. Beale, On an iterative method for finding a local minimum of a function of "
    "more than one variable, Technical Report 25, Statistical Techniques Research Group, Princeton "
    "University, 1958; the start is that of J. J. Moré, B. S. Garbow and K. E. Hillstrom, Testing "
    "unconstrained optimization software, ACM Trans. Mathematical Software 7 (1981) 17-41.",
    value=_beale,
    slopes=_beale_slopes,
)


def _himmelblau(x, y):
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def _himmelblau_slopes(x, y):
    first, second = x**2 + y - 11, x + y**2 - 7
    return 4 * x * first + 2 * second, 2 * first + 4 * y * second


himmelblau = Surface(
    name="himmelblau",
    formula="(x² + y − 11)² + (x + y² − 7)²",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.2831859912861696),
        (3.5844283403304917, -1.8481265269644036),
    ),
    lowest=0.0,
    start=(0.0, 0.0),
    source="D. M. Himmelblau, Applied Nonlinear Programming, McGraw-Hill, 1972. "
    "Four minima, all of value 0.",
    value=_himmelblau,
    slopes=_himmelblau_slopes,
)


def _camel(x, y):
    return 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2


def _camel_slopes(x, y):
    return 4 * x - 4.2 * x**3 + x**5 + y, x + 2 * y


camel = Surface(
    name="camel",
    formula="2x² − 1.05x⁴ + x⁶/6 + xy + y²",
    domain=((-2.2, 2.2), (-1.7, 1.7)),
    minima=((0.0, 0.0),),
    lowest=0.0,
    start=(2.0, 1.0),
    source="The three-hump camel function, as in M. Jamil and X.-S. Yang, A literature "
    "survey of benchmark functions for global optimization problems, International Journal of "
    "Mathematical Modelling and Numerical Optimisation 4 (2013) 150-194. One minimum of value 0, "
    "two of value 0.2986 at ±(1.7476, −0.8738).",
    value=_camel,
    slopes=_camel_slopes,
)


CURVES = (parabola, bumpy)
SURFACES = (bowl, canyon, saddle, rosenbrock, beale, himmelblau)
