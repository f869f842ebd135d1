"""Lesson 4: backpropagation. Losses say themselves whether they are a sum or a mean."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from autograder.exercises.base import (
    Equivalent,
    Exercise,
    Misconception,
    Property,
    Same,
    Wrong,
    different,
    kinds,
    left_alone,
    numbers,
    run,
    shown,
    silent,
    value,
    watched,
)
from helpers.checks import compare

# --- chain_derivative ---------------------------------------------------------------------------


def chain_derivative(functions, derivatives, x):
    product = 1.0
    for function, derivative in zip(functions, derivatives, strict=True):
        product = product * derivative(x)
        x = function(x)
    return product


def _link(rng):
    """A smooth function of one number and its derivative, neither flat nor linear."""
    a, b, c = rng.uniform(0.4, 1.2), rng.uniform(-2, 2), rng.uniform(0.2, 0.6)

    def function(x):
        return float(a * np.sin(x + b) + c * x)

    def derivative(x):
        return float(a * np.cos(x + b) + c)

    return function, derivative


def _chains(rng):
    for length in (*different(rng, 3), 1):
        links = [_link(rng) for _ in range(length)]
        yield [f for f, _ in links], [d for _, d in links], float(rng.normal())


def _one_sweep(f, rng):
    links = [_link(rng) for _ in range(4)]
    functions = [watched(function) for function, _ in links]
    derivatives = [watched(derivative) for _, derivative in links]
    run(f, ([g for g, _ in functions], [d for d, _ in derivatives], 0.7))
    most = max(len(seen) for _, seen in functions), max(len(seen) for _, seen in derivatives)
    if most[0] > 1 or most[1] > 1:
        raise Wrong(
            f"one sweep calls each function and each derivative once; one function of yours was "
            f"called {most[0]} times, one derivative {most[1]} times"
        )


CHAIN_DERIVATIVE = Exercise(
    name="chain_derivative",
    reference=chain_derivative,
    same=(
        Same(
            "there are as many derivatives as functions",
            ("for function, derivative in zip(functions, derivatives, strict=False):",),
        ),
    ),
    properties=(
        value(2, chain_derivative, _chains, says="the product of the derivatives"),
        Property("one sweep: nothing is computed twice", 1, _one_sweep),
    ),
    misconceptions=(
        Misconception(
            "all at x",
            ("        x = function(x)\n", ""),
            "Every derivative is taken at the first x. The second function never sees that number: at which one is it evaluated?",
        ),
        Misconception(
            "after the step",
            (
                "        product = product * derivative(x)\n        x = function(x)\n",
                "        x = function(x)\n        product = product * derivative(x)\n",
            ),
            "Each derivative is taken at its function's output; it belongs at its function's input.",
        ),
        Misconception(
            "sum",
            ("product * derivative(x)", "product + derivative(x)"),
            "You add the derivatives up. Through a chain, a small change is multiplied at every link.",
        ),
        Misconception(
            "value times derivative",
            ("product * derivative(x)", "product * derivative(x) * x"),
            "Inputs are multiplied in as well; the product holds derivatives only.",
        ),
        Misconception(
            "the last link",
            ("product * derivative(x)", "derivative(x)"),
            "Only the last function's derivative is left; the ones before it are overwritten.",
        ),
        Misconception(
            "the wrong end first",
            (
                "zip(functions, derivatives, strict=True)",
                "zip(functions[::-1], derivatives[::-1], strict=True)",
            ),
            "You apply the last function first. `functions[0]` is the one that meets x.",
        ),
        Misconception(
            "derivatives in reverse",
            (
                "zip(functions, derivatives, strict=True)",
                "zip(functions, derivatives[::-1], strict=True)",
            ),
            "Derivative and function of different links are paired.",
        ),
        Misconception(
            "the value",
            ("return product", "return x"),
            "That is the value at the end of the chain, not its derivative.",
        ),
        Misconception(
            "starts at zero",
            ("product = 1.0", "product = 0.0"),
            "Your product is 0 before the first factor comes.",
        ),
        Misconception(
            "the forward pass again",
            """
            def chain_derivative(functions, derivatives, x):
                product = 1.0
                for i, derivative in enumerate(derivatives):
                    inner = x
                    for function in functions[:i]:
                        inner = function(inner)
                    product *= derivative(inner)
                return product
            """,
            "Right, but for each link you begin the chain anew. Keep the number that the last link gave you.",
        ),
    ),
    equivalents=(
        Equivalent(
            "inputs first",
            """
            def chain_derivative(functions, derivatives, x):
                inputs = [x]
                for function in functions[:-1]:
                    inputs.append(function(inputs[-1]))
                return np.prod([d(value) for d, value in zip(derivatives, inputs)])
            """,
        ),
        Equivalent(
            "backwards",
            """
            def chain_derivative(functions, derivatives, x):
                inputs = []
                for function in functions:
                    inputs.append(x)
                    x = function(x)
                product = 1.0
                for derivative, at in zip(reversed(derivatives), reversed(inputs)):
                    product *= derivative(at)
                return product
            """,
        ),
        Equivalent(
            "recursion",
            """
            def chain_derivative(functions, derivatives, x):
                if not functions:
                    return 1.0
                rest = chain_derivative(functions[1:], derivatives[1:], functions[0](x))
                return derivatives[0](x) * rest
            """,
        ),
        Equivalent(
            "index",
            """
            def chain_derivative(functions, derivatives, x):
                slope, at = 1.0, float(x)
                for i in range(len(functions)):
                    slope *= derivatives[i](at)
                    at = functions[i](at)
                return slope
            """,
        ),
    ),
)


# --- scalar_network -----------------------------------------------------------------------------


def scalar_network(w1, w2, x, y):
    h = np.tanh(w1 * x)
    error = w2 * h - y
    return 0.5 * error**2, error, error * h, error * w2 * (1 - h**2) * x


def _scalars(rng):
    for _ in range(5):
        w1, w2, x, y = rng.choice([-1.0, 1.0], size=4) * rng.uniform(0.3, 1.5, size=4)
        yield float(w1), float(w2), float(x), float(y)


SCALAR_NETWORK = Exercise(
    name="scalar_network",
    reference=scalar_network,
    returns=("E", "∂E/∂ŷ", "∂E/∂w2", "∂E/∂w1"),
    properties=(value(4, scalar_network, _scalars, says="the loss and its three derivatives"),),
    misconceptions=(
        Misconception(
            "no half",
            ("0.5 * error**2", "error**2"),
            "The loss here carries a factor ½, which is why its derivative carries none.",
        ),
        Misconception(
            "factor 2",
            (
                "error, error * h, error * w2 * (1 - h**2) * x",
                "2 * error, 2 * error * h, 2 * error * w2 * (1 - h**2) * x",
            ),
            "Every derivative is twice too large: the 2 of the square meets the ½ of the loss.",
        ),
        Misconception(
            "the other way round",
            ("error = w2 * h - y", "error = y - w2 * h"),
            "Your derivatives point the other way: as ŷ grows past y, the loss must grow.",
        ),
        Misconception(
            "no slope of tanh",
            ("error * w2 * (1 - h**2) * x", "error * w2 * x"),
            "On the way to w1 you pass through tanh; its slope is one of the factors.",
        ),
        Misconception(
            "slope at the output of tanh",
            ("(1 - h**2)", "(1 - np.tanh(h) ** 2)"),
            "You apply tanh twice: the slope at z is 1 − tanh(z)², and tanh(z) is what you have.",
        ),
        Misconception(
            "stops at z",
            ("(1 - h**2) * x", "(1 - h**2)"),
            "That is the derivative with respect to z = w1·x. One more factor leads to w1.",
        ),
        Misconception(
            "w1 for w2",
            ("error * w2 * (1", "error * w1 * (1"),
            "On the way back from ŷ to h you multiply with the wrong weight: which one stands between them?",
        ),
        Misconception(
            "x for h",
            ("error * h, error * w2", "error * x, error * w2"),
            "What is w2 multiplied with on the way forward? Not with x.",
        ),
        Misconception(
            "linear",
            ("h = np.tanh(w1 * x)", "h = w1 * x"),
            "Your network has no tanh in it.",
        ),
    ),
    equivalents=(
        Equivalent(
            "step by step",
            """
            def scalar_network(w1, w2, x, y):
                z = w1 * x
                h = np.tanh(z)
                y_hat = w2 * h
                d_y = y_hat - y
                d_w2 = d_y * h
                d_h = d_y * w2
                d_z = d_h * (1 - h * h)
                return (y_hat - y) ** 2 / 2, d_y, d_w2, d_z * x
            """,
        ),
        Equivalent("cosh", ("(1 - h**2)", "np.cosh(w1 * x) ** -2")),
        Equivalent("factors of the difference of squares", ("(1 - h**2)", "((1 - h) * (1 + h))")),
        Equivalent(
            "math",
            """
            def scalar_network(w1, w2, x, y):
                import math

                h = math.tanh(w1 * x)
                delta = w2 * h - y
                return [delta * delta / 2, delta, delta * h, delta * w2 * x * (1 - h**2)]
            """,
        ),
    ),
)


# --- local_derivatives --------------------------------------------------------------------------


def local_derivatives(operation, inputs, output):
    if operation == "+":
        return 1.0, 1.0
    if operation == "*":
        return inputs[1], inputs[0]
    if operation == "exp":
        return (output,)
    return (1.0, 0.0) if inputs[0] >= inputs[1] else (0.0, 1.0)


def _apply(operation, inputs):
    if operation == "exp":
        return float(np.exp(inputs[0]))
    a, b = inputs
    return {"+": a + b, "*": a * b, "max": max(a, b)}[operation]


def _rules(rng):
    for operation in ("+", "*", "exp", "max", "max", "*"):
        inputs = [float(v) for v in rng.normal(size=1 if operation == "exp" else 2)]
        if operation == "max":  # one of each order
            inputs.sort()
        yield operation, inputs, _apply(operation, inputs)
        yield operation, inputs[::-1], _apply(operation, inputs[::-1])


def _ties(rng):
    a = float(rng.normal())
    yield "max", [a, a], a


LOCAL_DERIVATIVES = Exercise(
    name="local_derivatives",
    reference=local_derivatives,
    properties=(
        value(2, local_derivatives, _rules, says="one derivative for each input"),
        value(1, local_derivatives, _ties, says="at a tie, max follows its first input"),
    ),
    misconceptions=(
        Misconception(
            "the inputs themselves",
            ("return inputs[1], inputs[0]", "return inputs[0], inputs[1]"),
            "For the product you return each input to itself. If a grows by ε, by how much does a·b grow?",
        ),
        Misconception(
            "sum passes values",
            ("return 1.0, 1.0", "return inputs[0], inputs[1]"),
            "For the sum you return its inputs. If a grows by ε, by how much does a + b grow?",
        ),
        Misconception(
            "half each",
            ("return 1.0, 1.0", "return 0.5, 0.5"),
            "For the sum you share one derivative between the two inputs; each has its own.",
        ),
        Misconception(
            "exp of the output",
            ("(output,)", "(float(np.exp(output)),)"),
            "For exp you apply it twice: it is its own derivative, and its value is already there.",
        ),
        Misconception(
            "exp like a power",
            ("(output,)", "(inputs[0] * output,)"),
            "For exp you have a factor too many: eˣ is no power of x.",
        ),
        Misconception(
            "the smaller one",
            ("inputs[0] >= inputs[1]", "inputs[0] < inputs[1]"),
            "For max the derivative goes to the smaller input, which does not reach the output.",
        ),
        Misconception(
            "max is shared",
            ("(1.0, 0.0) if inputs[0] >= inputs[1] else (0.0, 1.0)", "(0.5, 0.5)"),
            "For max both inputs get a half. Moving the smaller one a little changes nothing.",
        ),
        Misconception(
            "ties go to the second",
            ("inputs[0] >= inputs[1]", "inputs[0] > inputs[1]"),
            "Right, but for a tie the exercise says which of the two inputs counts.",
        ),
        Misconception(
            "a number for exp",
            ("return (output,)", "return output"),
            "For exp you return a number. A tuple with one entry is written with a comma.",
        ),
    ),
    equivalents=(
        Equivalent(
            "a table",
            """
            def local_derivatives(operation, inputs, output):
                a, b = inputs[0], inputs[-1]
                table = {"+": (1.0, 1.0), "*": (b, a), "exp": (output,)}
                table["max"] = (1.0, 0.0) if a == output else (0.0, 1.0)
                return table[operation]
            """,
        ),
        Equivalent("exp again", ("(output,)", "(np.exp(inputs[0]),)")),
        Equivalent(
            "comparisons as numbers",
            (
                "(1.0, 0.0) if inputs[0] >= inputs[1] else (0.0, 1.0)",
                "(float(inputs[0] >= inputs[1]), float(inputs[0] < inputs[1]))",
            ),
        ),
        Equivalent(
            "match",
            """
            def local_derivatives(operation, inputs, output):
                match operation:
                    case "+":
                        return [1, 1]
                    case "*":
                        return inputs[::-1]
                    case "exp":
                        return [output]
                    case "max":
                        first = 1 if inputs[0] == output else 0
                        return [first, 1 - first]
            """,
        ),
    ),
)


# --- backward -----------------------------------------------------------------------------------


def backward(graph, values):
    derivatives = [0.0] * len(graph)
    derivatives[-1] = 1.0
    for i in range(len(graph) - 1, -1, -1):
        operation, *inputs = graph[i]
        if operation == "input":
            continue
        local = local_derivatives(operation, [values[j] for j in inputs], values[i])
        for j, derivative in zip(inputs, local, strict=True):
            derivatives[j] += derivative * derivatives[i]
    return derivatives


def _evaluated(graph, inputs):
    values, given = [], iter(inputs)
    for operation, *places in graph:
        if operation == "input":
            values.append(float(next(given)))
        else:
            values.append(_apply(operation, [values[j] for j in places]))
    return graph, values


def _trees(rng):
    """Every node but the last is used exactly once."""
    a, b, c = rng.normal(size=3)
    yield _evaluated([("input",), ("input",), ("*", 0, 1)], (a, b))
    yield _evaluated([("input",), ("input",), ("input",), ("+", 0, 1), ("max", 3, 2)], (a, b, c))
    chain = [("input",), ("input",), ("*", 0, 1), ("exp", 2), ("input",), ("*", 3, 4)]
    yield _evaluated(chain, (a / 2, b / 2, c))


def _shared(rng):
    """A node used twice, by two nodes and by one; a node that nothing uses; a random graph."""
    a, b = rng.uniform(0.3, 1.2, size=2)
    yield _evaluated([("input",), ("*", 0, 0)], (a,))
    diamond = [("input",), ("input",), ("+", 0, 1), ("exp", 2), ("*", 2, 3), ("+", 4, 0)]
    yield _evaluated(diamond, (a, b))
    yield _evaluated([("input",), ("input",), ("input",), ("*", 0, 2), ("+", 3, 3)], (a, b, 2.0))
    graph: list[tuple] = [("input",)] * 3
    for place in range(3, 11):
        operation = str(rng.choice(["+", "*", "max", "+"]))
        graph.append((operation, *(int(j) for j in rng.integers(0, place, size=2))))
    yield _evaluated(graph, rng.uniform(0.2, 0.9, size=3))


def _again(f, rng):
    for graph, values in _shared(rng):
        f(graph, values)
        wrong = compare(run(f, (graph, values)), backward(graph, values))
        if wrong:
            raise Wrong(f"the second call for the same graph: {wrong}")


BACKWARD = Exercise(
    name="backward",
    reference=backward,
    same=(
        Same(
            "graph, values and derivatives have one entry for each node",
            (
                "derivatives = [0.0] * len(values)",
                "for i in range(len(values) - 1, -1, -1):",
                "for i in range(len(derivatives) - 1, -1, -1):",
            ),
        ),
        Same("node 0 can only be an input", ("for i in range(len(graph) - 1, -0, -1):",)),
        Same(
            "an operation has one local derivative for each input",
            ("for j, derivative in zip(inputs, local, strict=False):",),
        ),
    ),
    properties=(
        value(2, backward, _trees, says="every node used once"),
        value(2, backward, _shared, says="nodes used twice, or not at all"),
        Property("a second call gives the same", 1, _again),
        left_alone(1, _shared, says="graph and values are left as they were"),
    ),
    misconceptions=(
        Misconception(
            "overwrites",
            ("derivatives[j] += derivative", "derivatives[j] = derivative"),
            "Right for a node that is used once. A node used twice reaches the output on two ways, and each contributes.",
        ),
        Misconception(
            "no upstream",
            ("derivative * derivatives[i]", "derivative"),
            "You collect local derivatives only: what comes from above, the derivative of the node itself, must be multiplied in.",
        ),
        Misconception(
            "forwards",
            ("range(len(graph) - 1, -1, -1)", "range(len(graph))"),
            "You walk from the inputs to the output. A node can only hand down what it has got: begin at the end.",
        ),
        Misconception(
            "starts at zero",
            ("    derivatives[-1] = 1.0\n", ""),
            "Everything is 0: what is the derivative of the last node with respect to itself?",
        ),
        Misconception(
            "starts with the value",
            ("derivatives[-1] = 1.0", "derivatives[-1] = values[-1]"),
            "You start with the last node's value. The derivative of a number with respect to itself is another one.",
        ),
        Misconception(
            "all ones",
            ("[0.0] * len(graph)", "[1.0] * len(graph)"),
            "Every derivative is too large by 1: before anything is handed down, what has a node got?",
        ),
        Misconception(
            "inputs only",
            (
                "return derivatives",
                'return [d for d, node in zip(derivatives, graph) if node[0] == "input"]',
            ),
            "You return the inputs' derivatives; the exercise asks for one for every node.",
        ),
        Misconception(
            "the last input only",
            ("zip(inputs, local, strict=True)", "list(zip(inputs, local))[-1:]"),
            "Only one of a node's inputs gets its share.",
        ),
        Misconception(
            "local at the output",
            ("[values[j] for j in inputs]", "[values[i] for j in inputs]"),
            "The local derivatives are taken at the node's own value; they belong at the values of its inputs.",
        ),
        Misconception(
            "writes over the values",
            (
                "derivatives = [0.0] * len(graph)",
                "derivatives = values\n    for i in range(len(graph)):\n        derivatives[i] = 0.0",
            ),
            "You write into the list of values. They are not yours, and the local derivatives still need them.",
        ),
    ),
    equivalents=(
        Equivalent(
            "enumerate",
            """
            def backward(graph, values):
                derivatives = np.zeros(len(graph))
                derivatives[-1] = 1
                for i, node in reversed(list(enumerate(graph))):
                    if node[0] != "input":
                        parts = [values[j] for j in node[1:]]
                        for j, d in zip(node[1:], local_derivatives(node[0], parts, values[i])):
                            derivatives[j] = derivatives[j] + d * derivatives[i]
                return list(derivatives)
            """,
        ),
        Equivalent(
            "users of a node",
            """
            def backward(graph, values):
                result = {len(graph) - 1: 1.0}
                for i in range(len(graph) - 2, -1, -1):
                    total = 0.0
                    for k in range(i + 1, len(graph)):
                        operation, *inputs = graph[k]
                        if i in inputs:
                            local = local_derivatives(operation, [values[j] for j in inputs], values[k])
                            total += result[k] * sum(d for j, d in zip(inputs, local) if j == i)
                    result[i] = total
                return [result[i] for i in range(len(graph))]
            """,
        ),
        Equivalent(
            "forward mode, node by node",
            """
            def backward(graph, values):
                def moved(i):
                    rates = []
                    for k, (operation, *inputs) in enumerate(graph):
                        rate = 0.0
                        if operation != "input":
                            local = local_derivatives(operation, [values[j] for j in inputs], values[k])
                            rate = sum(d * rates[j] for d, j in zip(local, inputs))
                        rates.append(1.0 if k == i else rate)
                    return rates[-1]

                return [moved(i) for i in range(len(graph))]
            """,
        ),
        Equivalent(
            "recursion",
            """
            def backward(graph, values):
                derivatives = [0.0] * len(graph)

                def hand_down(i, upstream):
                    derivatives[i] += upstream
                    operation, *inputs = graph[i]
                    if operation != "input":
                        local = local_derivatives(operation, [values[j] for j in inputs], values[i])
                        for j, d in zip(inputs, local):
                            hand_down(j, upstream * d)

                hand_down(len(graph) - 1, 1.0)
                return derivatives
            """,
        ),
    ),
)


# --- Dense --------------------------------------------------------------------------------------


class Dense:
    def __init__(self, n_in, n_out, rng):
        weights = rng.normal(0, 1 / np.sqrt(n_in), size=(n_in, n_out))
        self.weights = np.vstack([weights, np.zeros((1, n_out))])

    def output(self, X):
        self.X = X
        return X @ self.weights[:-1] + self.weights[-1]

    def backprop(self, error):
        self.gradient = np.vstack([self.X.T @ error, np.sum(error, axis=0, keepdims=True)])
        return error @ self.weights[:-1].T


def _layer(Dense, weights):
    made = Dense(weights.shape[0] - 1, weights.shape[1], np.random.default_rng(0))
    made.weights = weights
    return made


def _pass(Dense, weights, X, error):
    """Forward and back through one layer with these weights."""
    layer = _layer(Dense, weights)
    output = layer.output(X)
    below = layer.backprop(error)
    return output, below, layer.gradient


def _back_twice(Dense, weights, X, first, second):
    """One pass forward, two back: the second must not remember the first."""
    layer = _layer(Dense, weights)
    layer.output(X)
    layer.backprop(first)
    return layer.backprop(second), layer.gradient


def _crossed(Dense, weights, X, error, other_weights, other_X, other_error):
    """Two layers, forward and back in turns."""
    one, other = _layer(Dense, weights), _layer(Dense, other_weights)
    outputs = one.output(X), other.output(other_X)
    return *outputs, one.backprop(error), other.backprop(other_error), one.gradient, other.gradient


def _weights_after(Dense, weights, X, error):
    layer = _layer(Dense, weights)
    layer.output(X)
    layer.backprop(error)
    return layer.weights


def _batches(rng):
    a, b, d = different(rng, 3)
    for n, m, c in ((a, b, d), (1, d, a), (b, a, 1), (d, 1, b)):
        yield rng.normal(size=(m + 1, c)), rng.normal(size=(n, m)), rng.normal(size=(n, c))


def _two_errors(rng):
    for weights, X, error in _batches(rng):
        yield weights, X, error, rng.normal(size=error.shape)


def _pairs(rng):
    drawn = list(_batches(rng))
    for one, other in pairwise(drawn):
        yield *one, *other


def _beginning(f, rng):
    """6σ for 90,000 weights: a false alarm in a billion."""
    n_in, n_out = 400, 225
    weights = numbers(run(lambda: f(n_in, n_out, rng).weights, ()))
    if weights.shape != (n_in + 1, n_out):
        raise Wrong(f"Dense({n_in}, {n_out}, rng).weights has shape {weights.shape}")
    if np.any(weights[-1] != 0):
        raise Wrong("the bias, the last row of the new weights, is not 0")
    mean, spread, right = np.mean(weights[:-1]), np.std(weights[:-1]), 1 / np.sqrt(n_in)
    count = n_in * n_out
    if not abs(mean) < 6 * right / np.sqrt(count):
        raise Wrong(f"the mean of the new weights is {mean:.4g}, too far from 0")
    if not abs(spread / right - 1) < 6 / np.sqrt(2 * count):
        raise Wrong(f"with n_in = {n_in} the new weights spread by {spread:.4g}, not {right:.4g}")
    again = [run(lambda: f(4, 3, np.random.default_rng(5)).weights, ()) for _ in range(2)]
    if compare(again[1], again[0]):
        raise Wrong("two generators of the same seed give different weights: draw from rng")
    one = np.random.default_rng(5)
    if not compare(run(lambda: f(4, 3, one).weights, ()), run(lambda: f(4, 3, one).weights, ())):
        raise Wrong("two layers made with one generator have the same weights: draw from rng")


DENSE = Exercise(
    name="Dense",
    reference=Dense,
    same=(
        Same(
            "vstack makes a row of it either way",
            (
                "self.gradient = np.vstack([self.X.T @ error, "
                "np.sum(error, axis=0, keepdims=False)])",
            ),
        ),
    ),
    returns=("the output", "the error handed down", "the gradient"),
    properties=(
        value(3, Dense, _batches, drive=_pass, says="output, error handed down, gradient"),
        Property("new weights: N(0, 1/n_in), and a bias of 0", 1, _beginning),
        value(1, Dense, _two_errors, drive=_back_twice, says="a second backprop starts afresh"),
        value(1, Dense, _pairs, drive=_crossed, says="two layers do not share their state"),
        value(1, Dense, _batches, drive=_weights_after, says="backprop leaves the weights alone"),
        left_alone(1, _batches, drive=_pass, says="input and error are left as they were"),
        kinds(1, Dense, _batches, integers=(1,), drive=_pass),
    ),
    misconceptions=(
        Misconception(
            "bias not summed",
            ("np.sum(error, axis=0, keepdims=True)", "error[:1]"),
            "The bias row of your gradient is one example's error. Every example passed through that bias.",
        ),
        Misconception(
            "bias averaged",
            ("np.sum(error, axis=0, keepdims=True)", "np.mean(error, axis=0, keepdims=True)"),
            "Your bias row is too small by the number of examples: whether the loss is a mean is the loss's business.",
        ),
        Misconception(
            "averaged",
            (
                "[self.X.T @ error, np.sum(error, axis=0, keepdims=True)]",
                "[self.X.T @ error / len(error), np.mean(error, axis=0, keepdims=True)]",
            ),
            "Your gradient is too small by the number of examples: whether the loss is a mean is the loss's business.",
        ),
        Misconception(
            "bias first",
            (
                "[self.X.T @ error, np.sum(error, axis=0, keepdims=True)]",
                "[np.sum(error, axis=0, keepdims=True), self.X.T @ error]",
            ),
            "Your gradient has the bias in its first row; in the weights it is the last one.",
        ),
        Misconception(
            "no bias gradient",
            ("np.sum(error, axis=0, keepdims=True)", "np.zeros((1, error.shape[1]))"),
            "The bias row of your gradient is 0, so that it will never learn.",
        ),
        Misconception(
            "bias in the error handed down",
            ("return error @ self.weights[:-1].T", "return error @ self.weights.T"),
            "What you hand down has a column too many: the bias is fed by a constant 1, which no layer below produced.",
        ),
        Misconception(
            "not transposed",
            ("return error @ self.weights[:-1].T", "return self.X * np.sum(error)"),
            "What you hand down does not depend on the weights. Each input reached every unit through one of them.",
        ),
        Misconception(
            "no bias",
            ("self.weights[:-1] + self.weights[-1]", "self.weights[:-1]"),
            "Your output has no bias in it.",
        ),
        Misconception(
            "accumulates",
            (
                "        self.gradient = np.vstack([self.X.T @ error, np.sum(error, axis=0, keepdims=True)])",
                "        new = np.vstack([self.X.T @ error, np.sum(error, axis=0, keepdims=True)])\n"
                '        self.gradient = getattr(self, "gradient", 0) + new',
            ),
            "Right once. A second call adds to the gradient of the first; here it replaces it.",
        ),
        Misconception(
            "shared state",
            ("        self.X = X", "        Dense.X = X"),
            "One layer alone works. With two, the second one's input replaces the first one's: what belongs to a layer is kept in `self`.",
        ),
        Misconception(
            "updates",
            (
                "        return error @ self.weights[:-1].T",
                "        below = error @ self.weights[:-1].T\n"
                "        self.weights = self.weights - 0.01 * self.gradient\n        return below",
            ),
            "Your backprop changes the weights. It only says what the gradient is; the update comes later.",
        ),
        Misconception(
            "new error from new weights",
            ("1 / np.sqrt(n_in)", "1 / n_in"),
            "The new weights are too small: the variance is to be 1/n_in, and what normal() takes is its root.",
        ),
        Misconception(
            "its own numbers",
            ("rng.normal(", "np.random.default_rng(0).normal("),
            "Your layers all begin with the same weights: draw from the generator that is given.",
        ),
        Misconception(
            "random bias",
            ("np.zeros((1, n_out))", "rng.normal(0, 1 / np.sqrt(n_in), size=(1, n_out))"),
            "The bias of a new layer is to be 0; yours is random.",
        ),
    ),
    equivalents=(
        Equivalent(
            "a column of ones",
            """
            class Dense:
                def __init__(self, n_in, n_out, rng):
                    self.weights = np.zeros((n_in + 1, n_out))
                    self.weights[:n_in] = rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)

                def output(self, X):
                    self.inputs = np.column_stack([X, np.ones(len(X))])
                    return self.inputs @ self.weights

                def backprop(self, error):
                    self.gradient = self.inputs.T @ error
                    return (error @ self.weights.T)[:, :-1]
            """,
        ),
        Equivalent("einsum", ("self.X.T @ error", 'np.einsum("ni,no->io", self.X, error)')),
        Equivalent(
            "loop over examples",
            (
                "        self.gradient = np.vstack([self.X.T @ error, np.sum(error, axis=0, keepdims=True)])",
                "        self.gradient = np.zeros_like(self.weights)\n"
                "        for x, e in zip(self.X, error):\n"
                "            self.gradient += np.outer(np.append(x, 1.0), e)",
            ),
        ),
        Equivalent(
            "other side",
            ("return error @ self.weights[:-1].T", "return (self.weights[:-1] @ error.T).T"),
        ),
        Equivalent("keeps a copy", ("self.X = X", "self.X = np.array(X, dtype=float)")),
    ),
)


# --- Sigmoid and ReLU ---------------------------------------------------------------------------


def _through(Module, Z, error):
    module = Module()
    return module.output(Z), module.backprop(error)


def _through_twice(Module, Z, first, second):
    module = Module()
    module.output(Z)
    module.backprop(first)
    return module.backprop(second)


def _through_both(Module, Z, error, other_Z, other_error):
    one, other = Module(), Module()
    outputs = one.output(Z), other.output(other_Z)
    return *outputs, one.backprop(error), other.backprop(other_error)


def _activations(rng):
    n, m = different(rng, 2)
    for shape in ((n, m), (1, m), (n, 1)):
        yield rng.normal(0, 2, size=shape), rng.normal(size=shape)


def _activations_twice(rng):
    for Z, error in _activations(rng):
        yield Z, error, rng.normal(size=error.shape)


def _activations_crossed(rng):
    drawn = list(_activations(rng))
    for one, other in pairwise(drawn):
        yield *one, *other


def _far(rng):
    Z = np.array([[-1000.0, -800.0, -710.0], [0.0, 720.0, 1000.0]])
    yield Z, rng.normal(size=Z.shape)


def _at_zero(rng):
    Z = np.array([[0.0, -1.0, 2.0], [3.0, 0.0, -2.0]])
    yield Z, rng.normal(size=Z.shape)


class Sigmoid:
    def output(self, Z):
        e = np.exp(-np.abs(Z))
        self.s = np.where(Z >= 0, 1.0, e) / (1.0 + e)
        return self.s

    def backprop(self, error):
        return error * self.s * (1.0 - self.s)


SIGMOID = Exercise(
    name="Sigmoid",
    reference=Sigmoid,
    returns=("the output", "the error handed down"),
    same=(
        Same(
            "at z = 0 both numerators are 1",
            ("self.s = np.where(Z > 0, 1.0, e) / (1.0 + e)",),
        ),
    ),
    properties=(
        value(2, Sigmoid, _activations, drive=_through, says="output, and error handed down"),
        silent(1, _far, drive=_through, says="no overflow up to |z| = 1000"),
        value(
            1,
            Sigmoid,
            _activations_crossed,
            drive=_through_both,
            says="two modules do not share their state",
        ),
        left_alone(1, _activations, drive=_through, says="input and error are left as they were"),
    ),
    misconceptions=(
        Misconception(
            "no upstream",
            ("error * self.s * (1.0 - self.s)", "self.s * (1.0 - self.s)"),
            "You hand down the local slope alone; the error from above must be multiplied in.",
        ),
        Misconception(
            "upstream only",
            ("error * self.s * (1.0 - self.s)", "error.copy()"),
            "You hand the error down as it came; it must be multiplied with the slope of σ.",
        ),
        Misconception(
            "half a slope",
            ("error * self.s * (1.0 - self.s)", "error * self.s"),
            "The slope of σ has two factors; you have one.",
        ),
        Misconception(
            "slope at s",
            (
                "error * self.s * (1.0 - self.s)",
                "error * np.exp(-self.s) / (1.0 + np.exp(-self.s)) ** 2",
            ),
            "You take the slope at σ(z) instead of at z: σ is applied twice.",
        ),
        Misconception(
            "matrix product",
            (
                "return error * self.s * (1.0 - self.s)",
                "return np.sum(error, axis=0) * self.s * (1.0 - self.s)",
            ),
            "You add the errors of all examples up. Each example has its own way back through σ.",
        ),
        Misconception(
            "naive",
            (
                "        e = np.exp(-np.abs(Z))\n        self.s = np.where(Z >= 0, 1.0, e) / (1.0 + e)",
                "        self.s = 1 / (1 + np.exp(-Z))",
            ),
            "The values are right, but for a very negative z the exponential overflows and warns.",
        ),
        Misconception(
            "shared state",
            """
            class Sigmoid:
                def output(self, Z):
                    e = np.exp(-np.abs(Z))
                    Sigmoid.s = np.where(Z >= 0, 1.0, e) / (1.0 + e)
                    return Sigmoid.s

                def backprop(self, error):
                    return error * Sigmoid.s * (1.0 - Sigmoid.s)
            """,
            "One module alone works. With two, the second one's output replaces the first one's: what belongs to a module is kept in `self`.",
        ),
        Misconception(
            "in place",
            (
                "return error * self.s * (1.0 - self.s)",
                "error *= self.s * (1.0 - self.s)\n        return error",
            ),
            "The values are right, but the error that was given has changed too: make a new array.",
        ),
        Misconception(
            "tanh",
            (
                "        e = np.exp(-np.abs(Z))\n        self.s = np.where(Z >= 0, 1.0, e) / (1.0 + e)",
                "        self.s = np.tanh(Z)",
            ),
            "Your output runs from −1 to 1; σ runs from 0 to 1.",
        ),
    ),
    equivalents=(
        Equivalent(
            "tanh form",
            (
                "        e = np.exp(-np.abs(Z))\n        self.s = np.where(Z >= 0, 1.0, e) / (1.0 + e)",
                "        self.s = 0.5 * (1 + np.tanh(0.5 * Z))",
            ),
        ),
        Equivalent(
            "logaddexp",
            (
                "        e = np.exp(-np.abs(Z))\n        self.s = np.where(Z >= 0, 1.0, e) / (1.0 + e)",
                "        self.s = np.exp(-np.logaddexp(0.0, -Z))",
            ),
        ),
        Equivalent(
            "difference", ("error * self.s * (1.0 - self.s)", "error * (self.s - self.s**2)")
        ),
        Equivalent(
            "keeps the slope",
            """
            class Sigmoid:
                def output(self, Z):
                    s = 1 / (1 + np.exp(-np.clip(Z, -500, 500)))
                    self.slope = s * (1 - s)
                    return s

                def backprop(self, error):
                    return self.slope * error
            """,
        ),
    ),
)


class ReLU:
    def output(self, Z):
        self.on = Z > 0
        return np.where(self.on, Z, 0.0)

    def backprop(self, error):
        return np.where(self.on, error, 0.0)


RELU = Exercise(
    name="ReLU",
    reference=ReLU,
    returns=("the output", "the error handed down"),
    properties=(
        value(2, ReLU, _activations, drive=_through, says="output, and error handed down"),
        value(1, ReLU, _at_zero, drive=_through, says="at 0 nothing is handed down"),
        value(
            1,
            ReLU,
            _activations_crossed,
            drive=_through_both,
            says="two modules do not share their state",
        ),
        left_alone(1, _activations, drive=_through, says="input and error are left as they were"),
    ),
    misconceptions=(
        Misconception(
            "no upstream",
            ("np.where(self.on, error, 0.0)", "np.where(self.on, 1.0, 0.0)"),
            "You hand down ones and zeros, the local slope; the error from above must be multiplied in.",
        ),
        Misconception(
            "the sign of the error",
            ("np.where(self.on, error, 0.0)", "np.maximum(error, 0.0)"),
            "You cut the error where the error is negative. What counts is where the input was.",
        ),
        Misconception(
            "upstream only",
            ("np.where(self.on, error, 0.0)", "error.copy()"),
            "You hand every error down. A unit that was off passed nothing on, so nothing comes back.",
        ),
        Misconception(
            "absolute value",
            ("np.where(self.on, Z, 0.0)", "np.abs(Z)"),
            "Your output is |z|; the ReLU is 0 for negative z.",
        ),
        Misconception(
            "the wrong side",
            ("self.on = Z > 0", "self.on = Z < 0"),
            "You keep the negative half and drop the positive one.",
        ),
        Misconception(
            "one at zero",
            ("self.on = Z > 0", "self.on = Z >= 0"),
            "At z = 0 you hand the error down; here the slope at 0 is taken as 0.",
        ),
        Misconception(
            "leaky",
            ("np.where(self.on, Z, 0.0)", "np.where(self.on, Z, 0.01 * Z)"),
            "That is a leaky ReLU; the plain one is 0 for negative z.",
        ),
        Misconception(
            "in place",
            (
                "        return np.where(self.on, error, 0.0)",
                "        error[~self.on] = 0.0\n        return error",
            ),
            "The values are right, but the error that was given has changed too: make a new array.",
        ),
        Misconception(
            "shared state",
            """
            class ReLU:
                def output(self, Z):
                    ReLU.on = Z > 0
                    return np.where(ReLU.on, Z, 0.0)

                def backprop(self, error):
                    return np.where(ReLU.on, error, 0.0)
            """,
            "One module alone works. With two, the second one's input replaces the first one's: what belongs to a module is kept in `self`.",
        ),
    ),
    equivalents=(
        Equivalent("maximum", ("np.where(self.on, Z, 0.0)", "np.maximum(Z, 0.0)")),
        Equivalent("product", ("np.where(self.on, error, 0.0)", "error * self.on")),
        Equivalent(
            "keeps the output",
            """
            class ReLU:
                def output(self, Z):
                    self.out = np.maximum(0, Z)
                    return self.out

                def backprop(self, error):
                    return error * (self.out > 0)
            """,
        ),
        Equivalent(
            "masks on copies",
            """
            class ReLU:
                def output(self, Z):
                    self.off = Z <= 0
                    out = Z.copy()
                    out[self.off] = 0
                    return out

                def backprop(self, error):
                    below = np.array(error)
                    below[self.off] = 0
                    return below
            """,
        ),
    ),
)


# --- train_epoch --------------------------------------------------------------------------------


def train_epoch(network, loss_gradient, X, Y, learning_rate, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        values = X[rows]
        for module in network:
            values = module.output(values)
        error = loss_gradient(values, Y[rows])
        for module in reversed(network):
            error = module.backprop(error)
        for module in network:
            if hasattr(module, "weights"):
                module.weights = module.weights - learning_rate * module.gradient


class _Affine:
    """A layer of the course's own, with a row of biases; the judge's network is made of these."""

    def __init__(self, weights):
        self.weights = weights

    def output(self, X):
        self.given = np.column_stack([X, np.ones(len(X))])
        return self.given @ self.weights

    def backprop(self, error):
        self.gradient = self.given.T @ error
        return (error @ self.weights.T)[:, :-1]


class _Bend:
    """A smooth function without weights."""

    def output(self, Z):
        self.h = np.tanh(Z)
        return self.h

    def backprop(self, error):
        return error * (1 - self.h**2)


def _mean_squared_gradient(output, Y):
    return 2 * (output - Y) / len(Y)


def _after(train_epoch, weights, more, X, Y, learning_rate, batch_size, seed):
    """The weights of a small network after one epoch, and the sizes of the batches."""
    network: list = [_Affine(weights), _Bend(), _Affine(more)]
    sizes = []

    def loss_gradient(output, Y):
        sizes.append(len(output))
        return _mean_squared_gradient(output, Y)

    train_epoch(
        network, loss_gradient, X, Y, learning_rate, batch_size, np.random.default_rng(seed)
    )
    return network[0].weights, network[2].weights, np.array(sizes)


def _epochs(rng):
    m, h, c = different(rng, 3, 2, 6)
    for n, batch_size in ((11, 4), (9, 3), (7, 7)):
        yield (
            rng.normal(size=(m + 1, h)),
            rng.normal(size=(h + 1, c)),
            rng.normal(size=(n, m)),
            rng.normal(size=(n, c)),
            float(rng.uniform(0.05, 0.3)),
            batch_size,
            int(rng.integers(1000)),
        )


def _odd_batches(rng):
    """One example at a time, and a batch larger than the data."""
    for args in _epochs(rng):
        *first, _, seed = args
        yield *first, 1, seed
        yield *first, 50, seed


def _old_arrays(train_epoch, weights, more, X, Y, learning_rate, batch_size, seed):
    """What the arrays hold that were the weights before."""
    network: list = [_Affine(weights), _Bend(), _Affine(more)]
    rng = np.random.default_rng(seed)
    train_epoch(network, _mean_squared_gradient, X, Y, learning_rate, batch_size, rng)
    return weights, more


TRAIN_EPOCH = Exercise(
    name="train_epoch",
    reference=train_epoch,
    same=(
        Same(
            "X, Y and the order have one entry for each example",
            (
                "order = rng.permutation(len(Y))",
                "for start in range(0, len(Y), batch_size):",
                "for start in range(0, len(order), batch_size):",
            ),
        ),
    ),
    returns=("the first layer's weights", "the last layer's weights", "the batch sizes"),
    properties=(
        value(4, train_epoch, _epochs, drive=_after, says="the weights after an epoch", rtol=1e-6),
        value(
            1, train_epoch, _odd_batches, drive=_after, says="batches of one, and of all", rtol=1e-6
        ),
        value(
            1, train_epoch, _epochs, drive=_old_arrays, says="the old arrays are left as they were"
        ),
    ),
    misconceptions=(
        Misconception(
            "not shuffled",
            ("rng.permutation(len(X))", "np.arange(len(X))"),
            "You take the examples in the order in which they came.",
        ),
        Misconception(
            "only X shuffled",
            ("Y[rows]", "Y[start : start + batch_size]"),
            "Your inputs are shuffled and your targets are not, so that they no longer belong to each other.",
        ),
        Misconception(
            "last batch dropped",
            ("range(0, len(X), batch_size)", "range(0, len(X) - batch_size + 1, batch_size)"),
            "The last, short batch is left out, and with it some examples.",
        ),
        Misconception(
            "same batch",
            ("order[start : start + batch_size]", "order[:batch_size]"),
            "Every batch is the first one.",
        ),
        Misconception(
            "drawn with replacement",
            ("rng.permutation(len(X))", "rng.integers(0, len(X), size=len(X))"),
            "Some examples come twice and some not at all; in an epoch each comes once.",
        ),
        Misconception(
            "uphill",
            ("- learning_rate * module.gradient", "+ learning_rate * module.gradient"),
            "The weights go uphill: look at the sign of the update.",
        ),
        Misconception(
            "forward order on the way back",
            ("reversed(network)", "network"),
            "On the way back you begin at the first module. The error comes from the loss: who is nearest to it?",
        ),
        Misconception(
            "error not handed on",
            ("error = module.backprop(error)", "module.backprop(error)"),
            "Each module gets the loss's own error. What a module hands down is the error of the one below.",
        ),
        Misconception(
            "divided twice",
            (
                "error = loss_gradient(values, Y[rows])",
                "error = loss_gradient(values, Y[rows]) / len(rows)",
            ),
            "Your steps are too short by the size of the batch: that the loss is a mean is in its gradient already.",
        ),
        Misconception(
            "one step an epoch",
            (
                "        for module in network:\n            if hasattr",
                "        if start + batch_size < len(X):\n            continue\n        for module in network:\n            if hasattr",
            ),
            "You update once, after the last batch. Every mini-batch is a step.",
        ),
        Misconception(
            "updated before everyone has seen the error",
            (
                '            error = module.backprop(error)\n        for module in network:\n            if hasattr(module, "weights"):\n                module.weights = module.weights - learning_rate * module.gradient',
                '            if hasattr(module, "weights"):\n                module.backprop(error)\n                module.weights = module.weights - learning_rate * module.gradient\n            error = module.backprop(error)',
            ),
            "A module's weights change before it has handed the error down, so that it goes down through the new ones.",
        ),
        Misconception(
            "in place",
            (
                "module.weights = module.weights - learning_rate * module.gradient",
                "module.weights -= learning_rate * module.gradient",
            ),
            "The weights are right, but the old arrays were written into; whoever kept them loses them.",
        ),
    ),
    equivalents=(
        Equivalent(
            "np.array_split by hand",
            """
            def train_epoch(network, loss_gradient, X, Y, learning_rate, batch_size, rng):
                shuffled = rng.permutation(len(X))
                batches = [shuffled[k : k + batch_size] for k in range(0, len(shuffled), batch_size)]
                for batch in batches:
                    signal = X[batch]
                    for module in network:
                        signal = module.output(signal)
                    signal = loss_gradient(signal, Y[batch])
                    for module in network[::-1]:
                        signal = module.backprop(signal)
                    for module in network:
                        if getattr(module, "weights", None) is not None:
                            step = learning_rate * module.gradient
                            module.weights = module.weights - step
            """,
        ),
        Equivalent(
            "shuffles the arrays",
            """
            def train_epoch(network, loss_gradient, X, Y, learning_rate, batch_size, rng):
                order = rng.permutation(len(Y))
                X, Y = X[order], Y[order]
                while len(X):
                    values = X[:batch_size]
                    for module in network:
                        values = module.output(values)
                    error = loss_gradient(values, Y[:batch_size])
                    for module in reversed(network):
                        error = module.backprop(error)
                        if hasattr(module, "weights"):
                            module.weights = module.weights - learning_rate * module.gradient
                    X, Y = X[batch_size:], Y[batch_size:]
            """,
        ),
        Equivalent(
            "reduce",
            """
            def train_epoch(network, loss_gradient, X, Y, learning_rate, batch_size, rng):
                from functools import reduce

                order = rng.permutation(len(X))
                for start in range(0, len(order), batch_size):
                    rows = order[start : start + batch_size]
                    out = reduce(lambda value, module: module.output(value), network, X[rows])
                    error = loss_gradient(out, Y[rows])
                    reduce(lambda e, module: module.backprop(e), network[::-1], error)
                    for module in network:
                        if "weights" in vars(module):
                            module.weights = module.weights - learning_rate * module.gradient
                return network
            """,
        ),
        Equivalent(
            "minus a step",
            (
                "module.weights - learning_rate * module.gradient",
                "module.weights + (-learning_rate) * module.gradient",
            ),
        ),
    ),
)


# --- unbroadcast --------------------------------------------------------------------------------


def unbroadcast(gradient, shape):
    for _ in range(gradient.ndim - len(shape)):
        gradient = gradient.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient


def _broadcasts(rng):
    n, m, k = different(rng, 3)
    for big, small in (
        ((n, m), (m,)),
        ((n, m), (1, m)),
        ((n, m), (n, 1)),
        ((n, m), ()),
        ((n, m), (1, 1)),
        ((k, n, m), (n, 1)),
        ((k, n, m), (m,)),
    ):
        yield rng.normal(size=big), small


def _untouched(rng):
    n, m = different(rng, 2)
    yield rng.normal(size=(n, m)), (n, m)
    yield rng.normal(size=(1, m)), (1, m)
    yield rng.normal(size=n), (n,)


UNBROADCAST = Exercise(
    name="unbroadcast",
    reference=unbroadcast,
    properties=(
        value(2, unbroadcast, _broadcasts, says="the sum over what was repeated"),
        value(1, unbroadcast, _untouched, says="nothing to sum where nothing was repeated"),
    ),
    misconceptions=(
        Misconception(
            "mean",
            ("gradient.sum(axis=0)", "gradient.mean(axis=0)"),
            "You average. A number that was used n times counts n times: its derivatives add up.",
        ),
        Misconception(
            "only new axes",
            ("        if size == 1:\n", "        if size == 0:\n"),
            "Axes that were put in front are summed, but an axis of size 1 was repeated as well.",
        ),
        Misconception(
            "only axes of size one",
            (
                "    for _ in range(gradient.ndim - len(shape)):\n        gradient = gradient.sum(axis=0)\n",
                "",
            ),
            "Axes of size 1 are summed, but axes that broadcasting put in front are still there.",
        ),
        Misconception(
            "axis lost",
            (", keepdims=True", ""),
            "Summing drops the axis; in the shape asked for it is there, with size 1.",
        ),
        Misconception(
            "from the back",
            ("gradient = gradient.sum(axis=0)", "gradient = gradient.sum(axis=-1)"),
            "Broadcasting puts new axes in front; you sum the last ones.",
        ),
        Misconception(
            "a slice",
            (
                "    for _ in range(gradient.ndim - len(shape)):\n        gradient = gradient.sum(axis=0)\n",
                "    for _ in range(gradient.ndim - len(shape)):\n        gradient = gradient[0]\n",
            ),
            "You keep one of the repetitions and drop the others. Each of them had its own derivative.",
        ),
        Misconception(
            "everything",
            ("    return gradient", "    return np.full(shape, gradient.sum())"),
            "Every entry gets the sum of everything: sum only over the repetitions of that entry.",
        ),
        Misconception(
            "as it came",
            """
            def unbroadcast(gradient, shape):
                return gradient
            """,
            "You return the gradient as it came, in the shape of the result.",
        ),
    ),
    equivalents=(
        Equivalent(
            "all axes at once",
            """
            def unbroadcast(gradient, shape):
                extra = gradient.ndim - len(shape)
                axes = tuple(range(extra))
                axes += tuple(extra + i for i, size in enumerate(shape) if size == 1)
                return gradient.sum(axis=axes).reshape(shape)
            """,
        ),
        Equivalent(
            "padded shape",
            """
            def unbroadcast(gradient, shape):
                padded = (1,) * (gradient.ndim - len(shape)) + tuple(shape)
                axes = tuple(i for i, size in enumerate(padded) if size == 1)
                return np.sum(gradient, axis=axes, keepdims=True).reshape(shape)
            """,
        ),
        Equivalent(
            "number of axes first",
            (
                "    for _ in range(gradient.ndim - len(shape)):\n        gradient = gradient.sum(axis=0)\n",
                "    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))\n",
            ),
        ),
        Equivalent(
            "only where the sizes differ",
            ("        if size == 1:\n", "        if size != gradient.shape[axis]:\n"),
        ),
    ),
)


# --- Tensor -------------------------------------------------------------------------------------


class Tensor:
    def __init__(self, data, parents=()):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents = parents

    def __add__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        return Tensor(
            self.data + other.data,
            [
                (self, lambda upstream: unbroadcast(upstream, self.data.shape)),
                (other, lambda upstream: unbroadcast(upstream, other.data.shape)),
            ],
        )

    def __mul__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        return Tensor(
            self.data * other.data,
            [
                (self, lambda upstream: unbroadcast(upstream * other.data, self.data.shape)),
                (other, lambda upstream: unbroadcast(upstream * self.data, other.data.shape)),
            ],
        )

    def __matmul__(self, other):
        return Tensor(
            self.data @ other.data,
            [
                (self, lambda upstream: upstream @ other.data.T),
                (other, lambda upstream: self.data.T @ upstream),
            ],
        )

    def relu(self):
        return Tensor(
            np.maximum(self.data, 0), [(self, lambda upstream: upstream * (self.data > 0))]
        )

    def exp(self):
        result = np.exp(self.data)
        return Tensor(result, [(self, lambda upstream: upstream * result)])

    def log(self):
        return Tensor(np.log(self.data), [(self, lambda upstream: upstream / self.data)])

    def sum(self):
        return Tensor(
            self.data.sum(), [(self, lambda upstream: upstream * np.ones(self.data.shape))]
        )

    def backward(self):
        order, seen = [], set()

        def visit(tensor):
            if id(tensor) not in seen:
                seen.add(id(tensor))
                for parent, _ in tensor.parents:
                    visit(parent)
                order.append(tensor)

        visit(self)
        for tensor in order:
            tensor.grad = np.zeros_like(tensor.data)
        self.grad = np.ones_like(self.data)
        for tensor in reversed(order):
            for parent, hand_down in tensor.parents:
                parent.grad = parent.grad + hand_down(tensor.grad)

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -other


PROGRAMS = (
    lambda a, b, c: (a * b).sum(),
    lambda a, b, c: ((c + b) * a).sum() + ((b + c) * 0.5).sum(),
    lambda a, b, c: (a * b * 2.0 + c * 3.0).sum(),
    lambda a, b, c: (a * (b + 1.5)).sum() + (c * c).sum(),
    lambda a, b, c: ((a * b).exp() * c).sum(),
    lambda a, b, c: ((a * a + 1.0).log() * b).sum() + (c * 0.5).sum(),
    lambda a, b, c: (a.relu() * b - c).sum(),
)
"""What the judge computes with three tensors, by number: arithmetic and functions of an entry."""

NETWORKS = (
    lambda X, W, V: ((X @ W).relu() @ V).sum(),
    lambda X, W, V: (((X @ W).exp() + 1.0).log() @ V * 0.5).sum(),
    lambda X, W, V: ((X @ W @ V) * (X @ W @ V)).sum(),
)

SHARED = (
    lambda a, b, c: (a * a * a).sum() + (b * c).sum(),
    lambda a, b, c: _diamond(a, b) + c.sum(),
    lambda a, b, c: (a + a + a).sum() * (b.sum() * c.sum()),
)
"""Tensors that are used more than once."""


def _diamond(a, b):
    middle = a * b
    left, right = middle.exp(), middle * 3.0
    return (left * right + middle).sum()


def _by(programs):
    def use(Tensor, which, *arrays):
        tensors = [Tensor(array) for array in arrays]
        result = programs[which](*tensors)
        result.backward()
        return result.data, *(tensor.grad for tensor in tensors)

    return use


def _backward_twice(Tensor, which, *arrays):
    tensors = [Tensor(array) for array in arrays]
    result = SHARED[which](*tensors)
    result.backward()
    result.backward()
    return tuple(tensor.grad for tensor in tensors)


def _signed(rng, shape):
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.2, 1.2, size=shape)


def _same_shapes(rng):
    """With a 0 among the entries, where relu hands nothing down."""
    n, m = different(rng, 2)
    for which in range(len(PROGRAMS)):
        a, b, c = (_signed(rng, (n, m)) for _ in range(3))
        a[0, 0] = 0.0
        yield which, a, b, c


def _spread_shapes(rng):
    n, m = different(rng, 2)
    for which in range(len(PROGRAMS)):
        yield which, _signed(rng, (n, m)), _signed(rng, (m,)), _signed(rng, (n, 1))
        yield which, _signed(rng, (1, m)), _signed(rng, (n, 1)), _signed(rng, ())


def _products(rng):
    n, m, h = different(rng, 3)
    for which in range(len(NETWORKS)):
        for k in (1, n):
            yield which, _signed(rng, (k, m)), _signed(rng, (m, h)), _signed(rng, (h, 2))


def _reused(rng):
    n, m = different(rng, 2)
    for which in range(len(SHARED)):
        yield which, *(_signed(rng, (n, m)) for _ in range(3))


TENSOR = Exercise(
    name="Tensor",
    reference=Tensor,
    same=(
        Same(
            "to divide by ones is to multiply with them",
            (
                "return Tensor(self.data.sum(), "
                "[(self, lambda upstream: upstream / np.ones(self.data.shape))])",
            ),
        ),
    ),
    returns=("the value", "the first gradient", "the second gradient", "the third gradient"),
    properties=(
        value(2, Tensor, _same_shapes, drive=_by(PROGRAMS), says="+, *, relu, exp, log and sum"),
        value(1, Tensor, _spread_shapes, drive=_by(PROGRAMS), says="broadcasting is undone"),
        value(
            1, Tensor, _products, drive=_by(NETWORKS), says="matrix products, batches of one too"
        ),
        value(1, Tensor, _reused, drive=_by(SHARED), says="a tensor used more than once"),
        value(1, Tensor, _reused, drive=_backward_twice, says="a second backward gives the same"),
        left_alone(1, _same_shapes, drive=_by(PROGRAMS), says="the arrays are left as they were"),
    ),
    misconceptions=(
        Misconception(
            "overwrites",
            (
                "parent.grad = parent.grad + hand_down(tensor.grad)",
                "parent.grad = hand_down(tensor.grad)",
            ),
            "Right for a tensor that is used once. One used twice has two shares, and the second replaces the first.",
        ),
        Misconception(
            "never starts anew",
            ("            tensor.grad = np.zeros_like(tensor.data)\n", "            pass\n"),
            "The first backward is right; a second one adds to what the first has left.",
        ),
        Misconception(
            "no upstream in the product",
            (
                "unbroadcast(upstream * other.data, self.data.shape)",
                "unbroadcast(other.data + 0 * upstream, self.data.shape)",
            ),
            "In a product the first factor's gradient leaves out what comes from above.",
        ),
        Misconception(
            "product with itself",
            (
                "unbroadcast(upstream * other.data, self.data.shape)",
                "unbroadcast(upstream * self.data, self.data.shape)",
            ),
            "In a product the first factor's gradient is multiplied with the first factor. With which one does it grow?",
        ),
        Misconception(
            "not unbroadcast in the product",
            (
                "(other, lambda upstream: unbroadcast(upstream * self.data, other.data.shape))",
                "(other, lambda upstream: upstream * self.data)",
            ),
            "Right for equal shapes. Where the second factor was repeated, its gradient has the wrong shape.",
        ),
        Misconception(
            "matrix product, sides exchanged",
            (
                "                (self, lambda upstream: upstream @ other.data.T),\n                (other, lambda upstream: self.data.T @ upstream),",
                "                (self, lambda upstream: (other.data @ upstream.T).T * 2),\n                (other, lambda upstream: self.data.T @ upstream),",
            ),
            "In a matrix product the left factor's gradient is twice what it should be.",
        ),
        Misconception(
            "relu of the error",
            ("upstream * (self.data > 0)", "np.maximum(upstream, 0)"),
            "relu cuts the error where the error is negative; what counts is where its input was.",
        ),
        Misconception(
            "exp",
            ("upstream * result", "upstream * np.exp(result)"),
            "exp is its own derivative, and its value is at hand; you apply it once more.",
        ),
        Misconception(
            "log",
            ("upstream / self.data", "upstream / np.log(self.data)"),
            "The derivative of log x is 1/x, not 1/log x.",
        ),
        Misconception(
            "sum without upstream",
            ("upstream * np.ones(self.data.shape)", "np.ones(self.data.shape)"),
            "sum hands down ones, whatever comes from above; right only where it is the last operation.",
        ),
        Misconception(
            "in the order of making",
            ("for tensor in reversed(order):", "for tensor in order:"),
            "You hand down from the inputs to the output. A tensor can only hand down what it has got: begin at the end.",
        ),
        Misconception(
            "depth first",
            """
            class Tensor:
                def __init__(self, data, parents=()):
                    self.data = np.asarray(data, dtype=float)
                    self.grad = np.zeros_like(self.data)
                    self.parents = parents

                def __add__(self, other):
                    other = other if isinstance(other, Tensor) else Tensor(other)
                    return Tensor(self.data + other.data, [
                        (self, lambda upstream: unbroadcast(upstream, self.data.shape)),
                        (other, lambda upstream: unbroadcast(upstream, other.data.shape)),
                    ])

                def __mul__(self, other):
                    other = other if isinstance(other, Tensor) else Tensor(other)
                    return Tensor(self.data * other.data, [
                        (self, lambda upstream: unbroadcast(upstream * other.data, self.data.shape)),
                        (other, lambda upstream: unbroadcast(upstream * self.data, other.data.shape)),
                    ])

                def __matmul__(self, other):
                    return Tensor(self.data @ other.data, [
                        (self, lambda upstream: upstream @ other.data.T),
                        (other, lambda upstream: self.data.T @ upstream),
                    ])

                def relu(self):
                    return Tensor(np.maximum(self.data, 0), [(self, lambda u: u * (self.data > 0))])

                def exp(self):
                    result = np.exp(self.data)
                    return Tensor(result, [(self, lambda u: u * result)])

                def log(self):
                    return Tensor(np.log(self.data), [(self, lambda u: u / self.data)])

                def sum(self):
                    return Tensor(self.data.sum(), [(self, lambda u: u * np.ones(self.data.shape))])

                def backward(self):
                    self.clear()
                    self.grad = np.ones_like(self.data)
                    self.hand_down()

                def clear(self):
                    self.grad = np.zeros_like(self.data)
                    for parent, _ in self.parents:
                        parent.clear()

                def hand_down(self):
                    for parent, rule in self.parents:
                        parent.grad = parent.grad + rule(self.grad)
                        parent.hand_down()

                __radd__ = __add__
                __rmul__ = __mul__

                def __neg__(self):
                    return self * -1.0

                def __sub__(self, other):
                    return self + -other
            """,
            "Where a tensor in the middle is used twice, it hands down its first share twice. It may hand down only when all its shares are in.",
        ),
    ),
    equivalents=(
        Equivalent(
            "in place on its own array",
            (
                "parent.grad = parent.grad + hand_down(tensor.grad)",
                "parent.grad += hand_down(tensor.grad)",
            ),
        ),
        Equivalent(
            "full", ("upstream * np.ones(self.data.shape)", "np.full(self.data.shape, upstream)")
        ),
        Equivalent(
            "where", ("upstream * (self.data > 0)", "np.where(self.data > 0, upstream, 0.0)")
        ),
        Equivalent(
            "a stack in place of recursion",
            (
                """        def visit(tensor):
            if id(tensor) not in seen:
                seen.add(id(tensor))
                for parent, _ in tensor.parents:
                    visit(parent)
                order.append(tensor)

        visit(self)
""",
                """        stack = [(self, False)]
        while stack:
            tensor, done = stack.pop()
            if done:
                order.append(tensor)
            elif id(tensor) not in seen:
                seen.add(id(tensor))
                stack.append((tensor, True))
                stack.extend((parent, False) for parent, _ in tensor.parents)
""",
            ),
        ),
    ),
)


shown(Dense, Sigmoid, ReLU, Tensor, _Affine, _Bend)

EXERCISES = (
    CHAIN_DERIVATIVE,
    SCALAR_NETWORK,
    LOCAL_DERIVATIVES,
    BACKWARD,
    DENSE,
    SIGMOID,
    RELU,
    TRAIN_EPOCH,
    UNBROADCAST,
    TENSOR,
)
