"""What a student may have written, and an explorer of each kind for it. Also a notebook's cell."""

import numpy as np

from autograder.exercises.backprop.backward import backward
from autograder.exercises.landscapes.bezier import bezier
from autograder.exercises.landscapes.genetic_step import genetic_step
from autograder.exercises.landscapes.keep_best import keep_best
from autograder.exercises.landscapes.loss_slice import loss_slice
from helpers.explorers import (
    CapacityExplorer,
    ConnectionExplorer,
    ConvergenceMap,
    DepthExplorer,
    ErrorCurveExplorer,
    GraphViewer,
    HiddenUnitsExplorer,
    MiniBatchExplorer,
    NeuronExplorer,
    PathExplorer,
    Race,
    SearchExplorer,
    SigmoidUnitExplorer,
    SliceExplorer,
    SoftmaxExplorer,
    StepSizeExplorer,
    SurfaceExplorer,
    TangentExplorer,
)


def gradient_descent(derivative, start, learning_rate, steps):
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - learning_rate * derivative(path[-1]))
    return np.array(path)


def update_weights(W, gradient, learning_rate):
    return W - learning_rate * gradient


def forward(f, x, h):
    return (f(x + h) - f(x)) / h


def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1.0, e) / (1.0 + e)


def softmax(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def sigmoid_rule(w, X, y, learning_rate):
    a = 0.5 * (1 + np.tanh(X @ w / 2))
    return w + 2 * learning_rate * X.T @ ((y - a) * a * (1 - a))


def sgd(w, gradient, state, learning_rate=0.01):
    return w - learning_rate * gradient, state


def momentum(w, gradient, state, learning_rate=0.01, alpha=0.9):
    v = alpha * state.get("v", 0.0) - learning_rate * gradient
    return w + v, {"v": v}


def descend(rule, gradient, start, steps, **settings):
    w, state = np.array(start, dtype=float), {}
    path = [w]
    for _ in range(steps):
        w, state = rule(w, gradient(w), state, **settings)
        path.append(w)
    return np.array(path)


def mini_batches(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[k : k + batch_size] for k in range(0, n, batch_size)]


def standard_error(gradients, batch_size, repeats, rng):
    rows = rng.integers(len(gradients), size=(repeats, batch_size))
    return gradients[rows].mean(axis=1).std(axis=0)


def learnt(units, *, rate=0.1, steps=1000, every=10):
    """A curve, and how a network of tanh units learns it: its inputs, its targets, its history."""
    rng = np.random.default_rng(units)
    x = np.linspace(-1, 1, 101)
    y = np.sin(4 * x) + 0.5 * x
    inputs = np.column_stack([x, np.ones(101)])
    first, last = rng.normal(size=(2, units)), rng.normal(size=units) / units
    history = []
    for step in range(steps + 1):
        hidden = np.tanh(inputs @ first)
        prediction = hidden @ last
        if step % every == 0:
            history.append((step, hidden, prediction, np.mean((prediction - y) ** 2)))
        error = 2 * (prediction - y) / len(x)
        down = np.outer(error, last) * (1 - hidden**2)
        first, last = first - rate * inputs.T @ down, last - rate * hidden.T @ error
    return x, y, history


class Dense:
    def __init__(self, n_in, n_out, rng):
        self.weights = np.zeros((n_in + 1, n_out))
        self.weights[:-1] = rng.normal(0, 1 / np.sqrt(n_in), size=(n_in, n_out))

    def output(self, X):
        return X @ self.weights[:-1] + self.weights[-1]

    def backprop(self, error):
        return error @ self.weights[:-1].T


class ReLU:
    def output(self, Z):
        self.on = Z > 0
        return Z * self.on

    def backprop(self, error):
        return error * self.on


def diagnose(training, validation, baseline, wanted):
    if not training[-1] < baseline:
        return "not learning"
    if validation[-1] > 1.1 * np.min(validation):
        return "overfitting"
    return "underfitting" if training[-1] > wanted else "fine"


def two_curves(widths=(2, 8, 32, 128), rates=(0.0, 0.2, 0.5, 0.8), epochs=60):
    """Losses as of networks of these widths: the wider, the lower; the last part climbs."""
    t = np.linspace(0, 1, epochs + 1)
    return {
        (width, rate): np.column_stack(
            [2.3 * np.exp(-3 * t), 2.3 * np.exp(-3 * t) + (1 - rate) * np.log10(width) * t**2]
        )
        for width in widths
        for rate in rates
    }


def valley(w):
    """A loss of six weights, lowest where w₁² + w₂² is 1 and the others are 0."""
    return (w[0] ** 2 + w[1] ** 2 - 1) ** 2 + np.sum(w[2:] ** 2) + 0.01


def valley_slope(w):
    slope = 2 * w
    slope[:2] = 4 * (w[0] ** 2 + w[1] ** 2 - 1) * w[:2]
    return slope


PLACES = np.eye(6)
"""The second row and its opposite are minima of `valley`; twice the first is a good middle."""


def explorers():
    """One of each kind, by name."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(60, 2)), np.ones(60)])
    y = (X @ [2.0, -1.0, 0.3] > 0).astype(float)
    rules = {"SGD": sgd, "momentum": momentum}
    return {
        "tangent": TangentExplorer(np.cos, lambda x: -np.sin(x)),
        "step size": StepSizeExplorer(gradient_descent),
        "surface": SurfaceExplorer(update_weights),
        "error curve": ErrorCurveExplorer(
            {"forward": forward, "central": central}, {"exp": (np.exp, np.exp)}
        ),
        "neuron": NeuronExplorer(sigmoid),
        "sigmoid unit": SigmoidUnitExplorer(sigmoid_rule, X, y),
        "softmax": SoftmaxExplorer(softmax),
        "path": PathExplorer(rules, descend),
        "convergence": ConvergenceMap(momentum, descend),
        "race": Race(rules, descend, steps=60),
        "graph": GraphViewer("(a + b) * max(a, c)", backward=backward, a=2.0, b=-1.0, c=3.0),
        "hidden units": HiddenUnitsExplorer(*learnt(4)),
        "searches": SearchExplorer(keep_best, genetic_step),
        "connection": ConnectionExplorer(bezier, valley, PLACES[1], 2 * PLACES[0], -PLACES[1]),
        "slice": SliceExplorer(
            loss_slice, valley, valley_slope, {"plane": (PLACES[1], PLACES[0], PLACES[2])}, rules
        ),
        "mini-batch": MiniBatchExplorer(mini_batches, standard_error, rng.normal(size=(300, 2))),
        "depth": DepthExplorer(Dense, ReLU),
        "capacity": CapacityExplorer(two_curves(), diagnose, 2.3, 1.0),
    }
