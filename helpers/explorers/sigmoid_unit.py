"""A sigmoid unit that learns two classes in the plane, step by step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from helpers.explorers import style
from helpers.explorers.base import Explorer, StudentError, ask, int_slider, log_slider, numbers


def weights_path(
    step: Callable, X: np.ndarray, y: np.ndarray, learning_rate: float, steps: int
) -> np.ndarray:
    """The weights before and after each step from zero: an array of shape (steps + 1, m)."""
    w = np.zeros(X.shape[1])
    path = [w]
    for _ in range(steps):
        w = numbers(ask(step, w.copy(), X, y, learning_rate), "the new weights")
        if w.shape != path[0].shape:
            raise StudentError(
                f"the step returned shape {w.shape}, the weights have {path[0].shape}"
            )
        path.append(w)
    return np.array(path)


def activation(X: np.ndarray, w: np.ndarray) -> np.ndarray:
    """σ(Xw), as tanh, which does not overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * (X @ w)))


class SigmoidUnitExplorer(Explorer):
    """Where the unit says one half, and how its squared error falls.

    step(w, X, y, learning_rate) returns the new weights. X: (n, 3), two features and a last column
    of ones; y: (n,), 0 or 1.
    """

    title = "A sigmoid unit that learns: the examples, its decision boundary and its error"

    def __init__(
        self,
        step: Callable,
        X: np.ndarray,
        y: np.ndarray,
        *,
        learning_rate: float = 0.5,
        steps: int = 200,
    ):
        self.step, self.X, self.y, self.steps = step, np.asarray(X), np.asarray(y), steps
        super().__init__(
            {
                "shown": int_slider("step", steps // 4, 0, steps),
                "learning_rate": log_slider("learning rate", learning_rate, -3, 2),
            }
        )
        self._known: tuple[float, np.ndarray] | None = None

    def path(self, learning_rate: float) -> np.ndarray:
        """The whole path at this rate; computed once, so that the step slider is cheap."""
        if self._known is None or self._known[0] != learning_rate:
            path = weights_path(self.step, self.X, self.y, learning_rate, self.steps)
            self._known = (learning_rate, path)
        return self._known[1]

    def draw(self, figure: Figure) -> str:
        shown, rate = self.value("shown"), self.value("learning_rate")
        path = self.path(rate)
        w = path[shown]
        error = np.array([np.mean((self.y - activation(self.X, v)) ** 2) for v in path])
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))

        style.dress(left, x="first feature", y="second feature")
        a, b = (self.X[:, j] for j in (0, 1))
        u = np.linspace(a.min() - 0.5, a.max() + 0.5, 60)
        v = np.linspace(b.min() - 0.5, b.max() + 0.5, 60)
        grid = np.stack([*np.meshgrid(u, v), np.ones((60, 60))], axis=-1)
        if np.isfinite(w).all():
            height = activation(grid, w)
            left.contourf(u, v, height, levels=np.linspace(0, 1, 11), cmap="cividis", alpha=0.55)
            if height.min() < 0.5 < height.max():
                left.contour(u, v, height, levels=[0.5], colors=[style.BLACK], linewidths=2)
        for label, marker, colour in ((0, "o", style.BLUE), (1, "^", style.ORANGE)):
            of = self.y == label
            left.scatter(
                a[of],
                b[of],
                s=14,
                marker=marker,
                color=colour,
                edgecolor="white",
                linewidth=0.4,
                label=f"class {label}",
            )
        left.legend(loc="upper left", framealpha=0.9)

        style.dress(right, x="step", y="mean squared error")
        right.plot(error, color=style.RED)
        right.plot([shown], [error[shown]], "o", color=style.BLACK)
        right.set_ylim(0, None)
        correct = np.mean((activation(self.X, w) > 0.5) == (self.y > 0.5))
        return (
            f"After {shown} steps at learning rate {rate:.3g}: mean squared error "
            f"{error[shown]:.4g}, {correct:.0%} of the examples on the right side."
        )
