"""What beginners write, what it is told, and how a notebook runs it."""

from __future__ import annotations

import contextlib
import io
import linecache
import re
import textwrap

import numpy as np


def run_cell(source: str, names: dict, number: int) -> str:
    """Run a cell as a notebook does, its source at hand under a name of its own; what it prints."""
    filename = f"<ipython-input-{number}-test>"
    source = textwrap.dedent(source)
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(compile(source, filename, "exec"), names)
    return shown.getvalue()


def notebook(*cells: str, **given) -> dict:
    """A notebook's names after these cells."""
    names = {"__name__": "__main__", "np": np, **given}
    for number, source in enumerate(cells):
        run_cell(source, names, number)
    return names


NEVER = re.compile(
    r"the value|the function\b|your function|lambda|Traceback|gufunc|NoneType|Wrong:"
    r"|argument \d|scalar variable|encountered in \w+$",
    re.MULTILINE,
)
"""What no message may hold."""

BEGINNERS = {
    "lstsq whole": (
        "least_squares",
        "def least_squares(X, y):\n    return np.linalg.lstsq(X, y)",
        [": it returned a tuple of 4 things, expected an array of shape (3,)"],
    ),
    "no square matrix": (
        "least_squares",
        "def least_squares(X, y):\n    return np.linalg.solve(X, y)",
        [
            "raised LinAlgError: the matrix is not square\n  in least_squares, line 2 of its cell: "
            "return np.linalg.solve(X, y)\n  there X has shape (20, 3), y (20,)"
        ],
    ),
    "the error, not the step": (
        "best_step",
        "def best_step(difference, f, derivative, x, steps):\n"
        "    return min(abs(difference(f, x, h) - derivative(x)) for h in steps)",
        ["best_step(numerical_gradient, sin, cos, 1, array of shape (15,)): it returned "],
    ),
    "names twice": (
        "find_wrong_gradients",
        """
        def find_wrong_gradients(candidates, points):
            found = []
            for name, (f, gradient) in candidates.items():
                for x in points:
                    if not gradient_check(f, gradient, x):
                        found.append(name)
            return found
        """,
        ["it returned ['lost factor', 'lost factor', 'lost factor', 'lost sign']; "],
    ),
    "y in place": (
        "linear_rule",
        """
        def linear_rule(w, X, y, learning_rate):
            y -= X @ w
            return w + 2 * learning_rate * X.T @ y
        """,
        ["✗ linear_rule changed y: work on a copy, y.copy()"],
    ),
    "X for X.T": (
        "linear_rule",
        """
        def linear_rule(w, X, y, learning_rate):
            residual = y - X @ w
            return w + 2 * learning_rate * X @ residual
        """,
        [
            "raised ValueError: the sizes 3 and 6 do not fit in a @\n"
            "  in linear_rule, line 4 of its cell: return w + 2 * learning_rate * X @ residual\n"
            "  there X has shape (6, 3), residual (6,)\n"
        ],
    ),
    "the step alone": (
        "linear_rule",
        "def linear_rule(w, X, y, rate):\n    return 2 * rate * X.T @ (y - X @ w)",
        ["it returned [0., 0., 0.]; where y is Xw, the new weights are the old ones"],
    ),
    "nothing returned": (
        "linear_rule",
        "def linear_rule(w, X, y, learning_rate):\n    w = w + learning_rate * X.T @ (y - X @ w)",
        ["✗ linear_rule(w, X_step, y_step, 0.1) returned None: does it end in a `return`?"],
    ),
    "whole numbers": (
        "sigmoid",
        """
        def sigmoid(z):
            a = np.zeros_like(z)
            a[...] = 0.5 * (1 + np.tanh(z / 2))
            return a if a.ndim else float(a)
        """,
        ["✗ sigmoid([0, 0]): it returned 0 at [0], expected 0.5", "it returned whole numbers"],
    ),
    "both formulas": (
        "sigmoid",
        """
        def sigmoid(z):
            return np.where(
                z > 0,
                1 / (1 + np.exp(-z)),
                np.exp(z) / (1 + np.exp(z)),
            )
        """,
        [
            "warned: overflow encountered in exp (a number too large",
            "np.where computes both formulas",
        ],
    ),
    "nothing returned for two": (
        "adam",
        "def adam(w, gradient, state, **settings):\n    t = state.get('t', 0) + 1",
        [
            "✗ adam(0.0, 4.0, {}, learning_rate=0.5, epsilon=0.0) returned None: does it end",
            "✗ adam(w, gradient, state, learning_rate=0.1, epsilon=0.0) returned None: does it end",
            "in third_adam, line 5 of its cell",
        ],
    ),
    "one value for two": (
        "rms_prop",
        '''
        def rms_prop(w, gradient, state, learning_rate=0.001, rho=0.9, epsilon=1e-8):
            """One step. Returns (new w, new state)."""
            return w - learning_rate * np.sign(gradient)
        ''',
        ["must return (new w, new state); it returned one number, -1\n"],
    ),
    "the old mean forgotten": (
        "rms_prop",
        """
        def rms_prop(w, gradient, state, learning_rate=0.001, rho=0.9, epsilon=1e-8):
            r = (1 - rho) * gradient**2
            return w - learning_rate * gradient / np.sqrt(r + epsilon), {"r": r}
        """,
        [
            "✗ two_steps(4, 2): it returned -4; ",
            "(to −4 where the old r is left out of the new one)",
        ],
    ),
    "ε outside": (
        "rms_prop",
        """
        def rms_prop(w, gradient, state, learning_rate=0.001, rho=0.9, epsilon=1e-8):
            r = rho * state.get("r", 0) + (1 - rho) * gradient**2
            return w - learning_rate * gradient / (np.sqrt(r) + epsilon), {"r": r}
        """,
        [
            "✗ rms_prop(0.0, 0.1, {}, learning_rate=1.0, rho=0.0, epsilon=0.03)[0]: "
            "it returned -0.7692308, expected -0.5"
        ],
    ),
    "no state at the start": (
        "momentum",
        """
        def momentum(w, gradient, state, learning_rate=0.01, alpha=0.9):
            v = alpha * state["v"] - learning_rate * gradient
            return w + v, {"v": v}
        """,
        ["raised KeyError: there is no key 'v'", "\n  there state is {}"],
    ),
    "state in place": (
        "adam",
        """
        def adam(w, gradient, state, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
            t = state["t"] = state.get("t", 0) + 1
            s = state["s"] = beta1 * state.get("s", 0) + (1 - beta1) * gradient
            r = state["r"] = beta2 * state.get("r", 0) + (1 - beta2) * gradient**2
            s, r = s / (1 - beta1**t), r / (1 - beta2**t)
            return w - learning_rate * s / (np.sqrt(r) + epsilon), state
        """,
        ["✗ adam changed state: work on a copy, state.copy()"],
    ),
    "an attribute named W": (
        "Dense",
        """
        class Dense:
            def __init__(self, n_in, n_out, rng):
                self.W = np.zeros((n_in + 1, n_out))
                self.W[:-1] = rng.normal(0, n_in**-0.5, size=(n_in, n_out))

            def output(self, X):
                self.X = X
                return X @ self.W[:-1] + self.W[-1]

            def backprop(self, error):
                self.gradient = np.vstack([self.X.T @ error, error.sum(axis=0)])
                return error @ self.W[:-1].T
        """,
        [
            "has no attribute 'weights'\n  this Dense has W, output, backprop",
            "`layer.weights` all 0",
        ],
    ),
    "no bias": (
        "Dense",
        """
        class Dense:
            def __init__(self, n_in, n_out, rng):
                self.weights = np.zeros((n_in + 1, n_out))

            def output(self, X):
                self.X = X
                return X @ self.weights[:-1]

            def backprop(self, error):
                self.gradient = np.vstack([self.X.T @ error, error.sum(axis=0)])
                return error @ self.weights[:-1].T
        """,
        ["✗ dense_output(array of shape (5, 3), [["],
    ),
    "error in place": (
        "ReLU",
        """
        class ReLU:
            def output(self, Z):
                self.Z = Z
                return np.maximum(Z, 0)

            def backprop(self, error):
                error[self.Z <= 0] = 0
                return error
        """,
        ["✗ backprop changed the `error` it was given: work on a copy, error.copy()"],
    ),
    "input in place": (
        "ReLU",
        """
        class ReLU:
            def output(self, Z):
                Z[Z < 0] = 0
                self.Z = Z
                return Z

            def backprop(self, error):
                return error * (self.Z > 0)
        """,
        ["✗ output changed the `Z` it was given: work on a copy, Z.copy()"],
    ),
    "four for five": (
        "derivatives_by_hand",
        '''
        def derivatives_by_hand(x, a):
            """Five slopes. Returns a tuple of five numbers, in this order."""
            return -np.sin(x), a, 3 * x**2 - 2, -2 * x * np.exp(-(x**2))
        ''',
        ["must return a tuple of five numbers, in this order; it returned a tuple of 4 things"],
    ),
    "its own path in place": (
        "descend",
        """
        def descend(rule, gradient, start, steps, **settings):
            w, state, path = start, {}, [start]
            for _ in range(steps):
                new, state = rule(w, gradient(w), state, **settings)
                w += new - w
                path.append(w)
            return np.array(path)
        """,
        ["✗ descend changed start: work on a copy, start.copy()"],
    ),
}
