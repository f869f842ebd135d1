"""Gradients by measuring, for every exercise that asks for a formula.

Each is a loss written as the lesson has it, and `slopes`, which moves one number at a time and
looks how the loss changes. A lesson asks for the formula, so none of these may earn everything.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Slopes = Callable[[Callable, np.ndarray], np.ndarray]


def entry_by_entry(slope: Callable) -> Slopes:
    """From `slope(line)`, the slope at 0 of a function of one number, those of a whole array."""

    def slopes(f: Callable, x: np.ndarray) -> np.ndarray:
        x = np.asarray(x)
        found = np.zeros(x.shape)
        for i in np.ndindex(x.shape):

            def line(step: complex, i: tuple = i) -> complex:
                moved = x.astype(type(step))
                moved[i] += step
                return f(moved)

            found[i] = slope(line)
        return found

    return slopes


def central(line: Callable, h: float = 1e-5) -> float:
    return (line(h) - line(-h)) / (2 * h)


def richardson(line: Callable) -> float:
    """Three central differences, whose errors of the second and the fourth order are cancelled."""
    coarse, middle, fine = (central(line, h) for h in (4e-3, 2e-3, 1e-3))
    one, other = (4 * middle - coarse) / 3, (4 * fine - middle) / 3
    return (16 * other - one) / 15


def complex_step(h: float) -> Callable:
    """Exact for the usual functions, to the last digit."""
    return lambda line: np.imag(line(complex(0, h))) / h


WAYS: dict[str, Slopes] = {
    "central": entry_by_entry(central),
    "Richardson": entry_by_entry(richardson),
    "complex step": entry_by_entry(complex_step(1e-30)),
    "larger complex step": entry_by_entry(complex_step(1e-8)),
}


def sigma(z):
    return 0.5 * (1 + np.tanh(z / 2))


def softplus(z):
    return np.log(1 + np.exp(z)) if np.max(np.abs(np.real(z)), initial=0) < 700 else 0 * z


def size(x):
    return np.where(np.real(x) < 0, -x, x) * (np.real(x) != 0)


def answers(slopes: Slopes) -> dict[str, Callable]:
    """An answer to each exercise, by its name."""

    def derivatives_by_hand(x, a):
        five = (np.cos, lambda t: a * t, lambda t: t**3 - 2 * t)
        five += (lambda t: np.exp(-(t**2)), lambda t: 1 / (1 + t**2))
        return tuple(float(slopes(f, x)) for f in five)

    def squared_loss_gradient(W, x, y):
        return slopes(lambda W: np.sum((y - W @ x) ** 2), W)

    def linear_rule_gradient(w, X, y):
        return slopes(lambda w: np.sum((y - X @ w) ** 2), w)

    def linear_rule(w, X, y, learning_rate):
        return w - learning_rate * slopes(lambda w: np.sum((y - X @ w) ** 2), w)

    def sigmoid_derivative(z):
        return slopes(lambda z: np.sum(sigma(z)), np.clip(z, -40, 40))

    def sigmoid_rule_gradient(w, X, y):
        return slopes(lambda w: np.sum((y - sigma(X @ w)) ** 2), w)

    def sigmoid_rule(w, X, y, learning_rate):
        return w - learning_rate * slopes(lambda w: np.sum((y - sigma(X @ w)) ** 2), w)

    def logistic_loss(w, b, X, y):
        def loss(v):
            z = X @ v[:-1] + v[-1]
            return np.mean(softplus(z) - y * z)

        v = np.append(w, b)
        slope = slopes(loss, v)
        return float(loss(v)), slope[:-1], slope[-1]

    def regularised_loss(w, X, y, l1, l2):
        def loss(w):
            z = X @ w[:-1] + w[-1]
            penalty = l1 * np.sum(size(w[:-1])) + l2 * np.sum(w[:-1] ** 2)
            return np.mean(softplus(z) - y * z) + penalty

        return float(loss(w)), slopes(loss, w)

    def softmax_loss(W, X, labels):
        def loss(W):
            scores = X @ W.T
            top = np.max(np.real(scores), axis=1)
            total = np.log(np.sum(np.exp(scores - top[:, None]), axis=1)) + top
            return np.mean(total - scores[np.arange(len(labels)), labels])

        return float(loss(W)), slopes(loss, W)

    def penalty(w, l1, l2):
        def total(w):
            return l1 * np.sum(size(w[:-1])) + l2 * np.sum(w[:-1] ** 2)

        return float(total(w)), slopes(total, w)

    def chain_derivative(functions, derivatives, x):
        def end(t):
            for function in functions:
                t = function(float(np.real(t)))
            return t

        return float(slopes(end, x))

    def scalar_network(w1, w2, x, y):
        def loss(w):
            return 0.5 * (w[1] * np.tanh(w[0] * x) - y) ** 2

        output, w = w2 * np.tanh(w1 * x), np.array([w1, w2])
        of_output = slopes(lambda output: 0.5 * (output - y) ** 2, output)
        return (float(loss(w)), float(of_output), *slopes(loss, w)[::-1])

    def local_derivatives(operation, inputs, output):
        return tuple(slopes(lambda v: OPERATIONS[operation](*v), np.array(inputs)))

    def backward(graph, values):
        def end(moved, at):
            found = []
            for i, (operation, *places) in enumerate(graph):
                given = [found[j] for j in places]
                value = values[i] if operation == "input" else OPERATIONS[operation](*given)
                found.append(moved if i == at else value)
            return found[-1]

        return [float(slopes(lambda v, i=i: end(v[()], i), v)) for i, v in enumerate(values)]

    given = dict(locals(), logistic_loss_loops=logistic_loss)
    return {k: f for k, f in given.items() if k != "slopes"} | modules(slopes)


OPERATIONS = {
    "+": lambda a, b: a + b,
    "*": lambda a, b: a * b,
    "exp": np.exp,
    "max": lambda a, b: a if np.real(a) >= np.real(b) else b,
}


def modules(slopes: Slopes) -> dict[str, Callable]:
    class Dense:
        def __init__(self, n_in, n_out, rng):
            weights = rng.normal(0, 1 / np.sqrt(n_in), size=(n_in, n_out))
            self.weights = np.vstack([weights, np.zeros((1, n_out))])

        def output(self, X, weights=None):
            self.X = X if weights is None else self.X
            weights = self.weights if weights is None else weights
            return X @ weights[:-1] + weights[-1]

        def backprop(self, error):
            X = self.X
            self.gradient = slopes(lambda W: np.sum(error * self.output(X, W)), self.weights)
            return slopes(lambda X: np.sum(error * self.output(X, self.weights)), X)

    class Module:
        def output(self, Z):
            self.Z = Z
            return self.of(Z)

        def backprop(self, error):
            return slopes(lambda Z: np.sum(error * self.of(Z)), self.Z)

    class Sigmoid(Module):
        of = staticmethod(sigma)

    class ReLU(Module):
        of = staticmethod(lambda Z: np.where(np.real(Z) > 0, Z, 0))

    return {"Dense": Dense, "Sigmoid": Sigmoid, "ReLU": ReLU}
