"""Lesson 3: the sigmoid rule. Rows of X are examples; sum or mean as each exercise states."""

from __future__ import annotations

import numpy as np

from autograder.exercises.base import (
    Equivalent,
    Exercise,
    Misconception,
    Property,
    Same,
    Wrong,
    answered,
    different,
    exact,
    kinds,
    left_alone,
    numbers,
    run,
    silent,
    tiny,
    value,
)
from helpers.checks import call, compare

# --- linear_rule --------------------------------------------------------------------------------


def linear_rule(w, X, y, learning_rate):
    delta = y - X @ w
    return w + 2 * learning_rate * X.T @ delta


def _sizes(rng):
    """Examples and features: two general cases, a batch of one, a single feature."""
    n, m, k = different(rng, 3)
    return (n, m), (m, k), (1, n), (k, 1)


def _regressions(rng):
    for n, m in _sizes(rng):
        yield (
            rng.normal(size=m),
            rng.normal(size=(n, m)),
            rng.normal(size=n),
            rng.uniform(0.01, 0.3),
        )


def _some_tiny(rng, n, m):
    """Positive inputs, and positive weights so small that no sum is large; where some features
    are tiny, their weights are 0: what is then added to them shows to the last digit."""
    X, w = rng.uniform(0.1, 0.5, size=(n, m)), rng.uniform(0.1, 0.5, size=m)
    places = rng.permutation(m)[: (m + 1) // 2]
    X[:, places], w[places] = tiny(rng, (n, len(places))), 0.0
    return X, w


def _tiny_regressions(rng):
    for n, m in _sizes(rng):
        X, w = _some_tiny(rng, n, m)
        yield w, X, rng.uniform(5, 9, size=n), rng.uniform(0.3, 1)


LINEAR_RULE = Exercise(
    name="linear_rule",
    reference=linear_rule,
    properties=(
        value(1, linear_rule, _regressions, says="the new weights"),
        exact(1, linear_rule, _tiny_regressions),
        left_alone(1, _regressions, says="w, X and y are left as they were"),
        kinds(1, linear_rule, _regressions, integers=(1, 2), scaled=(1, 2)),
    ),
    misconceptions=(
        Misconception(
            "factor 2",
            ("2 * learning_rate", "learning_rate"),
            "Your step is half as long: the loss is a sum of squares, with no ½.",
        ),
        Misconception(
            "uphill",
            ("w + 2", "w - 2"),
            "The error grows: you step along the gradient, or δ is the other way round.",
        ),
        Misconception(
            "mean",
            ("X.T @ delta", "X.T @ delta / len(y)"),
            "Your step is too short by the number of examples: the loss is a sum, not a mean.",
        ),
        Misconception(
            "first example",
            ("X.T @ delta", "X[0] * delta[0]"),
            "Only the first example teaches; the rule sums over all of them.",
        ),
        Misconception(
            "no input",
            ("X.T @ delta", "np.sum(delta)"),
            "Every weight moves by the same amount; δ must be multiplied with its weight's input.",
        ),
        Misconception(
            "forgets w",
            ("w + 2", "2"),
            "That is the step alone; the new weights are the old ones plus the step.",
        ),
        Misconception(
            "no learning rate", ("2 * learning_rate * ", "2 * "), "The learning rate has no effect."
        ),
        Misconception(
            "in place",
            (
                "return w + 2 * learning_rate * X.T @ delta",
                "w += 2 * learning_rate * X.T @ delta\n    return w",
            ),
            "The values are right, but the w that was given has changed too: make a new array.",
        ),
    ),
    equivalents=(
        Equivalent(
            "minus the gradient",
            ("w + 2 * learning_rate * X.T @ delta", "w - learning_rate * (-2 * X.T @ delta)"),
        ),
        Equivalent("einsum", ("X.T @ delta", 'np.einsum("kj,k->j", X, delta)')),
        Equivalent(
            "vector times matrix",
            ("2 * learning_rate * X.T @ delta", "2 * learning_rate * (delta @ X)"),
        ),
        Equivalent(
            "loop",
            """
            def linear_rule(w, X, y, learning_rate):
                step = np.zeros(len(w))
                for x, target in zip(X, y):
                    step += 2 * learning_rate * (target - np.dot(w, x)) * x
                return w + step
        """,
        ),
    ),
)


# --- sigmoid ------------------------------------------------------------------------------------


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def _logits(rng):
    yield (rng.uniform(-1.5, 1.5, size=12),)  # near 0, where a wrong border would show
    yield (rng.permutation([1, 1, -1, -1]) * rng.uniform(5.5, 8, size=4),)  # nearly saturated
    for shape in ((5,), (2, 3), (1,)):
        yield (rng.normal(0, 2, size=shape),)
    yield (float(rng.normal()),)


def _large(rng):
    yield (np.array([-1000.0, -745.0, -710.0, 0.0, 710.0, 1000.0]),)
    yield (np.array([-1000.0]),)
    yield (np.array([[1000.0]]),)


SIGMOID = Exercise(
    name="sigmoid",
    reference=sigmoid,
    same=(
        Same(
            "at z = 0 both numerators are 1",
            ("return np.where(z > 0, 1.0, e) / (1.0 + e)",),
        ),
    ),
    properties=(
        value(2, sigmoid, _logits, says="1 / (1 + e^(−z)), in the shape of z"),
        silent(1, _large, says="no overflow up to |z| = 1000"),
        value(1, sigmoid, _large, says="0 and 1 at the far ends"),
        kinds(1, sigmoid, _logits, integers=(0,), scaled=(0,)),
    ),
    misconceptions=(
        Misconception(
            "sign of the exponent",
            ("np.where(z >= 0, 1.0, e)", "np.where(z >= 0, e, 1.0)"),
            "Your curve falls where σ rises: look at the sign in the exponent.",
        ),
        Misconception(
            "naive",
            """
            def sigmoid(z):
                return 1 / (1 + np.exp(-z))
        """,
            "The values are right, but for a very negative z the exponential overflows and warns.",
        ),
        Misconception(
            "the other naive form",
            """
            def sigmoid(z):
                return np.exp(z) / (1 + np.exp(z))
        """,
            "For a large z this is inf / inf. It is the right form for negative z only.",
        ),
        Misconception(
            "tanh",
            ("return np.where(z >= 0, 1.0, e) / (1.0 + e)", "return np.tanh(z)"),
            "Yours runs from −1 to 1; σ runs from 0 to 1.",
        ),
        Misconception(
            "minus",
            ("/ (1.0 + e)", "/ (1.0 - e)"),
            "At z = 0 yours divides by 0: look at the sign in the denominator.",
        ),
        Misconception(
            "clipped",
            ("    e = ", "    z = np.clip(z, -5, 5)\n    e = "),
            "You cut z off at a value where σ is still far from 0 and 1.",
        ),
        Misconception(
            "integers stay integers",
            (
                "    e = np.exp(-np.abs(z))\n    return np.where(z >= 0, 1.0, e) / (1.0 + e)",
                "    return (0.5 * (1 + np.tanh(z / 2))).round(3)",
            ),
            "You round; the gradient check will see it.",
        ),
        Misconception(
            "a step",
            ("np.where(z >= 0, 1.0, e) / (1.0 + e)", "np.where(z >= 0, 1.0, 0.0)"),
            "That is a threshold; σ is its smooth version.",
        ),
    ),
    equivalents=(
        Equivalent(
            "tanh",
            ("return np.where(z >= 0, 1.0, e) / (1.0 + e)", "return 0.5 * (1 + np.tanh(0.5 * z))"),
        ),
        Equivalent(
            "masks",
            """
            def sigmoid(z):
                z = np.asarray(z, dtype=float)
                out = np.empty_like(z)
                positive = z >= 0
                out[positive] = 1 / (1 + np.exp(-z[positive]))
                e = np.exp(z[~positive])
                out[~positive] = e / (1 + e)
                return out
        """,
        ),
        Equivalent(
            "logaddexp",
            (
                "return np.where(z >= 0, 1.0, e) / (1.0 + e)",
                "return np.exp(-np.logaddexp(0.0, -z))",
            ),
        ),
        Equivalent(
            "clip",
            (
                "    e = np.exp(-np.abs(z))\n    return np.where(z >= 0, 1.0, e) / (1.0 + e)",
                "    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))",
            ),
        ),
    ),
)


# --- sigmoid_derivative -------------------------------------------------------------------------


def sigmoid_derivative(z):
    s = sigmoid(z)
    return s * (1.0 - s)


def _far_out(rng):
    yield (np.array([-1000.0, 1000.0]),)
    yield (rng.uniform(30, 800, size=4),)


def _many_logits(rng):
    """So many that the rounding of a difference shows in some; one is nan, and stays alone."""
    z = rng.normal(0, 2, size=(40, 10))
    z[rng.integers(40), rng.integers(10)] = np.nan
    yield (z,)


SIGMOID_DERIVATIVE = Exercise(
    name="sigmoid_derivative",
    reference=sigmoid_derivative,
    properties=(
        value(1, sigmoid_derivative, _logits, says="the slope of σ at z"),
        exact(
            1,
            sigmoid_derivative,
            _many_logits,
            says="to the last digits, each entry by itself",
            rtol=1e-13,
            atol=1e-15,
        ),
        silent(1, _far_out, says="no overflow up to |z| = 1000"),
        kinds(1, sigmoid_derivative, _logits, integers=(0,)),
    ),
    misconceptions=(
        Misconception(
            "plus",
            ("(1.0 - s)", "(1.0 + s)"),
            "At z = 0 the slope is ¼; yours is larger. Look at the second factor.",
        ),
        Misconception("one factor", ("s * (1.0 - s)", "s"), "That is σ itself, not its slope."),
        Misconception(
            "of z",
            ("s * (1.0 - s)", "z * (1.0 - z)"),
            "The rule has σ(z) in both places where you have z.",
        ),
        Misconception(
            "only 1 − σ",
            ("s * (1.0 - s)", "1.0 - s"),
            "A factor is missing: far to the left the slope must go to 0.",
        ),
        Misconception(
            "takes the activation",
            ("s = sigmoid(z)", "s = sigmoid(sigmoid(z))"),
            "σ is applied twice.",
        ),
        Misconception(
            "square",
            ("s * (1.0 - s)", "s * s"),
            "Far to the right the slope must go to 0; yours goes to 1.",
        ),
        Misconception(
            "tanh's", ("s * (1.0 - s)", "1.0 - s**2"), "1 − s² is the derivative of tanh."
        ),
        Misconception(
            "sign", ("return s", "return -s"), "σ rises everywhere; yours is a falling slope."
        ),
    ),
    equivalents=(
        Equivalent("difference", ("s * (1.0 - s)", "s - s**2")),
        Equivalent("symmetry", ("s * (1.0 - s)", "s * sigmoid(-np.asarray(z))")),
        Equivalent(
            "tanh",
            (
                "    s = sigmoid(z)\n    return s * (1.0 - s)",
                "    return 0.25 * (1 - np.tanh(np.asarray(z) / 2) ** 2)",
            ),
        ),
        Equivalent(
            "exponential",
            (
                "    s = sigmoid(z)\n    return s * (1.0 - s)",
                "    e = np.exp(-np.abs(z))\n    return e / (1 + e) ** 2",
            ),
        ),
    ),
)


# --- sigmoid_rule -------------------------------------------------------------------------------


def sigmoid_rule(w, X, y, learning_rate):
    s = sigmoid(X @ w)
    delta = y - s
    return w + 2 * learning_rate * X.T @ (delta * s * (1 - s))


def _units(rng):
    for n, m in _sizes(rng):
        y = rng.integers(0, 2, size=n).astype(float)
        yield rng.normal(size=m), rng.normal(size=(n, m)), y, rng.uniform(0.1, 1.0)


def _confident(rng):
    X = rng.normal(size=(4, 3))
    yield 2000 * rng.normal(size=3), X, np.array([0.0, 1.0, 0.0, 1.0]), 0.5


def _tiny_units(rng):
    for n, m in _sizes(rng):
        X, w = _some_tiny(rng, n, m)
        yield w, X, np.ones(n), rng.uniform(0.3, 1)


SIGMOID_RULE = Exercise(
    name="sigmoid_rule",
    reference=sigmoid_rule,
    properties=(
        value(1, sigmoid_rule, _units, says="the new weights"),
        exact(2, sigmoid_rule, _tiny_units),
        silent(1, _confident, says="no overflow where the unit is certain"),
        left_alone(1, _units, says="w, X and y are left as they were"),
        kinds(1, sigmoid_rule, _units, integers=(1, 2)),
    ),
    misconceptions=(
        Misconception(
            "no slope",
            ("delta * s * (1 - s)", "delta"),
            "That is the linear rule with σ in the prediction: a factor of the chain rule is missing.",
        ),
        Misconception(
            "slope of s",
            ("s * (1 - s))", "sigmoid(s) * (1 - sigmoid(s)))"),
            "You take the slope at σ(z); it is the slope at z, which σ(z) alone gives.",
        ),
        Misconception(
            "factor 2",
            ("2 * learning_rate", "learning_rate"),
            "Your step is half as long: the loss is a sum of squares, with no ½.",
        ),
        Misconception(
            "uphill",
            ("w + 2", "w - 2"),
            "The error grows: you step along the gradient, or δ is the other way round.",
        ),
        Misconception(
            "mean",
            ("X.T @ (", "X.T / len(y) @ ("),
            "Your step is too short by the number of examples: the loss is a sum.",
        ),
        Misconception(
            "linear prediction",
            ("delta = y - s", "delta = y - X @ w"),
            "δ compares the target with the weighted sum; it must be compared with the unit's output.",
        ),
        Misconception(
            "one factor of the slope",
            ("s * (1 - s))", "s)"),
            "The slope of σ has two factors; you have one.",
        ),
        Misconception(
            "in place",
            (
                "return w + 2 * learning_rate * X.T @ (delta * s * (1 - s))",
                "w += 2 * learning_rate * X.T @ (delta * s * (1 - s))\n    return w",
            ),
            "The values are right, but the w that was given has changed too: make a new array.",
        ),
    ),
    equivalents=(
        Equivalent(
            "sigmoid_derivative", ("delta * s * (1 - s)", "delta * sigmoid_derivative(X @ w)")
        ),
        Equivalent(
            "gradient first",
            (
                "return w + 2 * learning_rate * X.T @ (delta * s * (1 - s))",
                "gradient = -2 * (delta * s * (1 - s)) @ X\n    return w - learning_rate * gradient",
            ),
        ),
        Equivalent(
            "sum over axis",
            ("X.T @ (delta * s * (1 - s))", "np.sum((delta * s * (1 - s))[:, None] * X, axis=0)"),
        ),
        Equivalent(
            "loop",
            """
            def sigmoid_rule(w, X, y, learning_rate):
                new = w.copy()
                for x, target in zip(X, y):
                    s = sigmoid(x @ w)
                    new = new + 2 * learning_rate * (target - s) * s * (1 - s) * x
                return new
        """,
        ),
    ),
)


# --- layer --------------------------------------------------------------------------------------


def layer(X, W, b):
    return sigmoid(X @ W.T + b)


def _layers(rng):
    a, b, d = different(rng, 3)
    for n, m, c in ((a, b, d), (1, d, a), (b, a, 1), (d, 1, b)):
        yield rng.normal(size=(n, m)), rng.normal(size=(c, m)), rng.normal(size=c)


LAYER = Exercise(
    name="layer",
    reference=layer,
    properties=(
        value(2, layer, _layers, says="every unit's output for every example"),
        left_alone(1, _layers, says="X, W and b are left as they were"),
        kinds(1, layer, _layers, integers=(0,)),
    ),
    misconceptions=(
        Misconception(
            "no bias",
            (" + b", ""),
            "Your units have no bias: with X = 0 every output is ½, whatever b is.",
        ),
        Misconception(
            "no sigmoid",
            ("sigmoid(X @ W.T + b)", "X @ W.T + b"),
            "These are the weighted sums; the outputs lie between 0 and 1.",
        ),
        Misconception(
            "bias outside",
            ("sigmoid(X @ W.T + b)", "sigmoid(X @ W.T) + b"),
            "The bias belongs to the weighted sum, inside σ.",
        ),
        Misconception(
            "transposed",
            ("sigmoid(X @ W.T + b)", "sigmoid(X @ W.T + b).T"),
            "Rows and columns are exchanged: one row for each example.",
        ),
        Misconception("minus bias", ("+ b", "- b"), "The bias has the wrong sign."),
        Misconception(
            "a threshold",
            ("sigmoid(X @ W.T + b)", "(X @ W.T + b > 0).astype(float)"),
            "That is the threshold; here the unit's output is smooth.",
        ),
        Misconception("one bias for all", ("+ b", "+ b[0]"), "Every unit has a bias of its own."),
        Misconception(
            "sum of the units",
            ("sigmoid(X @ W.T + b)", "sigmoid(X @ W.T + b).sum(axis=1)"),
            "The units are added up; return each one's output.",
        ),
    ),
    equivalents=(
        Equivalent("einsum", ("X @ W.T", 'np.einsum("ij,kj->ik", X, W)')),
        Equivalent(
            "bias as a weight",
            ("sigmoid(X @ W.T + b)", "sigmoid(np.c_[X, np.ones(len(X))] @ np.c_[W, b].T)"),
        ),
        Equivalent("other side", ("X @ W.T + b", "(W @ X.T).T + b[None, :]")),
        Equivalent(
            "loop",
            """
            def layer(X, W, b):
                return np.array([[float(sigmoid(np.dot(w, x) + c)) for w, c in zip(W, b)] for x in X])
        """,
        ),
    ),
)


# --- logistic_loss_loops and logistic_loss ------------------------------------------------------


def logistic_loss(w, b, X, y):
    z = X @ w + b
    loss = np.mean(np.logaddexp(0.0, z) - y * z)
    dz = sigmoid(z) - y
    return loss, X.T @ dz / len(y), np.mean(dz)


def logistic_loss_loops(w, b, X, y):
    n, m = X.shape
    loss, dw, db = 0.0, np.zeros(m), 0.0
    for i in range(n):
        z = b
        for j in range(m):
            z = z + w[j] * X[i, j]
        a = float(sigmoid(z))
        loss += float(np.logaddexp(0.0, z)) - y[i] * z
        dz = a - y[i]
        for j in range(m):
            dw[j] += X[i, j] * dz
        db += dz
    return loss / n, dw / n, db / n


def _classes(rng):
    for n, m in _sizes(rng):
        y = rng.integers(0, 2, size=n).astype(float)
        yield rng.normal(size=m), float(rng.normal()), rng.normal(size=(n, m)), y


def _undecided(rng):
    """No unit so certain that a loss kept finite by clipping would show, even for whole numbers."""
    for w, b, X, y in _classes(rng):
        yield w, b, 0.3 * X, y


def _tiny_classes(rng):
    """All examples of one class, so that nothing cancels."""
    for n, m in _sizes(rng):
        X, w = _some_tiny(rng, n, m)
        yield w, float(rng.uniform(-0.5, 0.5)), X, np.full(n, float(rng.integers(2)))


def _certain(rng):
    X = np.array([[1.0, 0.0], [-1.0, 0.0], [1.0, 1.0], [-1.0, 1.0]])
    w, order = np.array([rng.uniform(800, 1000), 0.5]), rng.permutation(4)
    yield w, 0.25, X[order], np.array([1.0, 0.0, 0.0, 1.0])[order]


def _punished(f, rng):
    """A confident mistake costs a lot, a confident hit nothing; how it is kept finite is free."""
    X, w = np.array([[1.0]]), np.array([900.0])
    right, wrong = (run(f, (w, 0.0, X, np.array([y]))) for y in (1.0, 0.0))
    for answer in (right, wrong):
        if not isinstance(answer, tuple | list) or len(answer) != 3:
            raise Wrong("return three things: the loss, dw and db")
    right, wrong = ([numbers(part) for part in answer] for answer in (right, wrong))
    if right[0].shape != () or wrong[0].shape != ():
        raise Wrong("the loss is one number")
    if not (np.isfinite(wrong[0]) and wrong[0] > 10):
        raise Wrong(f"certain and wrong should cost much; your loss is {float(wrong[0]):.4g}")
    if not abs(right[0]) < 1e-6:
        raise Wrong(f"certain and right should cost nothing; your loss is {float(right[0]):.4g}")


def _logistic_properties(reference):
    return (
        value(1, reference, _classes, says="loss, dw and db"),
        exact(2, reference, _tiny_classes),
        silent(1, _certain, says="finite and silent where a = 0 and a = 1"),
        Property("certain and wrong is expensive", 1, _punished),
        left_alone(1, _classes, says="the arguments are left as they were"),
        kinds(1, reference, _undecided, integers=(2, 3)),
    )


LOGISTIC_LOSS_LOOPS = Exercise(
    name="logistic_loss_loops",
    reference=logistic_loss_loops,
    returns=("the loss", "dw", "db"),
    properties=_logistic_properties(logistic_loss_loops),
    misconceptions=(
        Misconception(
            "not divided",
            ("return loss / n, dw / n, db / n", "return loss, dw, db"),
            "Loss and gradient are too large by the number of examples: divide the accumulators at the end.",
        ),
        Misconception(
            "loss not divided",
            ("return loss / n,", "return loss,"),
            "The gradient is right; the loss is too large by the number of examples.",
        ),
        Misconception(
            "gradient not divided",
            ("dw / n, db / n", "dw, db"),
            "The loss is right; the gradient is too large by the number of examples.",
        ),
        Misconception(
            "sign", ("a - y[i]", "y[i] - a"), "The gradient has its sign turned round: dz = a − y."
        ),
        Misconception(
            "overwrites",
            ("dw[j] += X[i, j] * dz", "dw[j] = X[i, j] * dz"),
            "Only the last example is left in dw: accumulate.",
        ),
        Misconception(
            "with the slope of sigma",
            ("dz = a - y[i]", "dz = (a - y[i]) * a * (1 - a)"),
            "The factor σ' belongs to the squared error; with cross-entropy it cancels.",
        ),
        Misconception(
            "no bias",
            ("        z = b\n", "        z = 0.0\n"),
            "b has no effect on the prediction.",
        ),
        Misconception(
            "bias not accumulated",
            ("db += dz", "db = dz"),
            "Only the last example is left in db: accumulate.",
        ),
    ),
    equivalents=(
        Equivalent(
            "clipped",
            (
                "loss += float(np.logaddexp(0.0, z)) - y[i] * z",
                "p = min(max(a, 1e-15), 1 - 1e-15)\n        loss -= y[i] * np.log(p) + (1 - y[i]) * np.log(1 - p)",
            ),
        ),
        Equivalent(
            "inner products",
            """
            def logistic_loss_loops(w, b, X, y):
                loss, dw, db = 0.0, np.zeros_like(w), 0.0
                for x, target in zip(X, y):
                    z = x @ w + b
                    loss += np.logaddexp(0, z) - target * z
                    dz = sigmoid(z) - target
                    dw += dz * x
                    db += dz
                return loss / len(y), dw / len(y), db / len(y)
        """,
        ),
        Equivalent(
            "divided on the way",
            (
                "return loss / n, dw / n, db / n",
                "return [loss / n, np.array([d / n for d in dw]), db / n]",
            ),
        ),
        Equivalent(
            "vectorised after all",
            """
            def logistic_loss_loops(w, b, X, y):
                return logistic_loss(w, b, X, y)
        """,
        ),
    ),
)

LOGISTIC_LOSS = Exercise(
    name="logistic_loss",
    reference=logistic_loss,
    same=(
        Same(
            "X, z and dz have as many rows as y",
            tuple(
                f"return (loss, X.T @ dz / len({name}), np.mean(dz))" for name in ("X", "z", "dz")
            ),
        ),
    ),
    returns=("the loss", "dw", "db"),
    properties=_logistic_properties(logistic_loss),
    misconceptions=(
        Misconception(
            "sum",
            (
                "return loss, X.T @ dz / len(y), np.mean(dz)",
                "return loss * len(y), X.T @ dz, np.sum(dz)",
            ),
            "Everything is too large by the number of examples: the loss is a mean.",
        ),
        Misconception(
            "gradient not divided",
            ("X.T @ dz / len(y), np.mean(dz)", "X.T @ dz, np.sum(dz)"),
            "The loss is right; the gradient is too large by the number of examples.",
        ),
        Misconception(
            "bias summed",
            ("np.mean(dz)", "np.sum(dz)"),
            "dw is right; db is too large by the number of examples.",
        ),
        Misconception(
            "sign",
            ("sigmoid(z) - y", "y - sigmoid(z)"),
            "The gradient has its sign turned round: dz = a − y.",
        ),
        Misconception(
            "with the slope of sigma",
            ("dz = sigmoid(z) - y", "dz = (sigmoid(z) - y) * sigmoid(z) * (1 - sigmoid(z))"),
            "The factor σ' belongs to the squared error; with cross-entropy it cancels.",
        ),
        Misconception("no bias", ("X @ w + b", "X @ w"), "b has no effect on the prediction."),
        Misconception(
            "only the hits",
            ("np.logaddexp(0.0, z) - y * z", "y * (np.logaddexp(0.0, z) - z)"),
            "Examples with y = 0 add nothing to your loss: the bracket has two terms.",
        ),
        Misconception(
            "infinite",
            (
                "np.logaddexp(0.0, z) - y * z",
                "-(y * np.log(sigmoid(z)) + (1 - y) * np.log(1 - sigmoid(z)))",
            ),
            "Right where the unit is in doubt; where it is certain, log 0 gives inf or nan.",
        ),
    ),
    equivalents=(
        Equivalent(
            "clipped",
            (
                "    loss = np.mean(np.logaddexp(0.0, z) - y * z)",
                "    a = np.clip(sigmoid(z), 1e-15, 1 - 1e-15)\n    loss = -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))",
            ),
        ),
        Equivalent("vector times matrix", ("X.T @ dz / len(y)", "dz @ X / X.shape[0]")),
        Equivalent("mean over rows", ("X.T @ dz / len(y)", "np.mean(dz[:, None] * X, axis=0)")),
        Equivalent(
            "max form",
            ("np.logaddexp(0.0, z)", "(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))))"),
        ),
    ),
)


# --- softmax ------------------------------------------------------------------------------------


def softmax(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _scores(rng):
    n, m = different(rng, 2)
    for shape in ((n, m), (m, n), (1, m), (n, 1)):
        yield (rng.normal(0, 2, size=shape),)


def _huge(rng):
    """A common shift makes exp overflow, a wide spread makes it underflow."""
    yield (rng.normal(size=(3, 4)) + 1000.0,)
    yield (rng.normal(size=(3, 4)) - 1000.0,)
    yield (np.array([[1000.0, 0.0, -1000.0], [0.0, 1.0, 2.0]]),)


SOFTMAX = Exercise(
    name="softmax",
    reference=softmax,
    properties=(
        value(2, softmax, _scores, says="the probabilities of each row"),
        silent(1, _huge, says="no overflow for scores of ±1000"),
        value(1, softmax, _huge, says="the right probabilities there, too"),
        left_alone(1, _scores, says="the scores are left as they were"),
        kinds(1, softmax, _scores, integers=(0,)),
    ),
    misconceptions=(
        Misconception(
            "over everything",
            ("e.sum(axis=1, keepdims=True)", "e.sum()"),
            "All numbers together sum to 1; each row should.",
        ),
        Misconception(
            "over columns",
            ("e.sum(axis=1, keepdims=True)", "e.sum(axis=0, keepdims=True)"),
            "Your columns sum to 1; each row, an example, should.",
        ),
        Misconception(
            "no shift",
            ("scores - scores.max(axis=1, keepdims=True)", "scores"),
            "Right for small scores; e^1000 is inf.",
        ),
        Misconception(
            "one shift for all",
            ("scores.max(axis=1, keepdims=True)", "scores.max()"),
            "One maximum for all rows: a row far below it underflows to 0/0.",
        ),
        Misconception(
            "not normalised",
            ("return e / e.sum(axis=1, keepdims=True)", "return e"),
            "A row of probabilities sums to 1.",
        ),
        Misconception(
            "no exponential",
            (
                "np.exp(scores - scores.max(axis=1, keepdims=True))",
                "scores - scores.min(axis=1, keepdims=True) + 1",
            ),
            "Probabilities must grow exponentially with the score.",
        ),
        Misconception(
            "sign",
            ("np.exp(scores - scores.max", "np.exp(-scores + scores.min"),
            "The lowest score gets the highest probability.",
        ),
        Misconception(
            "in place",
            (
                "    e = np.exp(scores - ",
                "    scores -= scores.max(axis=1, keepdims=True)\n    e = np.exp(scores - ",
            ),
            "The values are right, but the scores that were given have changed: make a new array.",
        ),
    ),
    equivalents=(
        Equivalent(
            "log-sum-exp",
            (
                "    return e / e.sum(axis=1, keepdims=True)",
                "    return np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, None])",
            ),
        ),
        Equivalent(
            "other shift", ("scores.max(axis=1, keepdims=True)", "scores.max(axis=1)[:, None]")
        ),
        Equivalent(
            "rows",
            """
            def softmax(scores):
                rows = []
                for row in scores:
                    e = np.exp(row - max(row))
                    rows.append(e / sum(e))
                return np.array(rows)
        """,
        ),
        Equivalent(
            "transposed",
            ("return e / e.sum(axis=1, keepdims=True)", "return (e.T / e.sum(axis=1)).T"),
        ),
    ),
)


# --- softmax_loss -------------------------------------------------------------------------------


def softmax_loss(W, X, labels):
    scores = X @ W.T
    rows = np.arange(len(labels))
    log_sum = np.logaddexp.reduce(scores, axis=1)
    loss = np.mean(log_sum - scores[rows, labels])
    error = np.exp(scores - log_sum[:, None])
    error[rows, labels] -= 1
    return loss, error.T @ X / len(labels)


def _pictures(rng):
    a, b, d = different(rng, 3)
    for n, m, c in ((a, b, d), (b, d, a), (1, a, b)):
        yield rng.normal(size=(c, m)), rng.normal(size=(n, m)), rng.integers(0, c, size=n)


def _tiny_pictures(rng):
    """All examples of one class, so that nothing cancels."""
    a, b, d = different(rng, 3)
    for n, m, c in ((a, b, d), (b, d, a), (1, a, b)):
        X, _ = _some_tiny(rng, n, m)
        yield rng.uniform(0.1, 0.5, size=(c, m)), X, np.full(n, rng.integers(c))


def _sure(rng):
    X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    size = rng.uniform(900, 1000)
    yield size * np.array([[1.0, -1.0], [-1.0, 1.0]]), X, np.array([0, 0, 1])


SOFTMAX_LOSS = Exercise(
    name="softmax_loss",
    reference=softmax_loss,
    same=(
        Same(
            "all of these have a row for each example, as labels has",
            (
                "rows = np.arange(len(X))",
                "rows = np.arange(len(scores))",
                *(
                    f"return (loss, error.T @ X / len({name}))"
                    for name in ("X", "scores", "rows", "log_sum", "error")
                ),
            ),
        ),
    ),
    returns=("the loss", "the gradient"),
    properties=(
        value(1, softmax_loss, _pictures, says="loss and gradient"),
        exact(2, softmax_loss, _tiny_pictures),
        silent(1, _sure, says="finite and silent for scores of ±1000"),
        left_alone(1, _pictures, says="W, X and labels are left as they were"),
        kinds(1, softmax_loss, _pictures, integers=(1,)),
    ),
    misconceptions=(
        Misconception(
            "sum",
            ("loss, error.T @ X / len(labels)", "loss * len(labels), error.T @ X"),
            "Everything is too large by the number of examples: the loss is a mean.",
        ),
        Misconception(
            "gradient not divided",
            ("error.T @ X / len(labels)", "error.T @ X"),
            "The loss is right; the gradient is too large by the number of examples.",
        ),
        Misconception(
            "no one-hot",
            ("    error[rows, labels] -= 1\n", ""),
            "The gradient does not know the labels: the true class has p − 1.",
        ),
        Misconception(
            "transposed",
            ("error.T @ X / len(labels)", "X.T @ error / len(labels)"),
            "The gradient is transposed: it has the shape of W.",
        ),
        Misconception(
            "sign", ("error.T @ X", "-error.T @ X"), "The gradient has its sign turned round."
        ),
        Misconception(
            "all classes",
            ("scores[rows, labels])", "scores.mean(axis=1))"),
            "The loss looks at all classes; it is the log-probability of the true one.",
        ),
        Misconception(
            "first column",
            ("scores[rows, labels])", "scores[:, 0])"),
            "The loss looks at class 0 whatever the label is.",
        ),
        Misconception(
            "divided by classes",
            ("/ len(labels)", "/ W.shape[0]"),
            "The loss is right; the gradient is divided by the number of classes.",
        ),
    ),
    equivalents=(
        Equivalent(
            "one-hot",
            ("    error[rows, labels] -= 1\n", "    error = error - np.eye(W.shape[0])[labels]\n"),
        ),
        Equivalent(
            "softmax, clipped",
            """
            def softmax_loss(W, X, labels):
                p = softmax(X @ W.T)
                true = np.clip(p[np.arange(len(labels)), labels], 1e-300, 1)
                return -np.log(true).mean(), (p - np.eye(len(W))[labels]).T @ X / len(X)
        """,
        ),
        Equivalent(
            "einsum", ("error.T @ X / len(labels)", 'np.einsum("nc,nm->cm", error, X) / X.shape[0]')
        ),
        Equivalent(
            "loop",
            """
            def softmax_loss(W, X, labels):
                loss, gradient = 0.0, np.zeros(W.shape)
                for x, label in zip(X, labels):
                    scores = W @ x
                    top = scores.max()
                    e = np.exp(scores - top)
                    loss += np.log(e.sum()) + top - scores[label]
                    p = e / e.sum()
                    p[label] -= 1
                    gradient += np.outer(p, x)
                return loss / len(X), gradient / len(X)
        """,
        ),
    ),
)


# --- penalty ------------------------------------------------------------------------------------


def penalty(w, l1, l2):
    size = l1 * np.sum(np.abs(w[:-1])) + l2 * np.sum(w[:-1] ** 2)
    gradient = np.append(l1 * np.sign(w[:-1]) + 2 * l2 * w[:-1], 0.0)
    return size, gradient


def _weights(rng):
    for m in different(rng, 3):
        signs = np.resize([1.0, -1.0], m)
        yield (
            signs * rng.uniform(0.3, 2, size=m),
            float(rng.uniform(0.1, 1)),
            float(rng.uniform(0.1, 1)),
        )


def _zeros(rng):
    w = rng.permutation([0.0, -2.0, 0.0, 3.0]) * rng.uniform(0.5, 1.5, size=4)
    yield np.append(w, rng.normal()), float(rng.uniform(0.1, 1)), float(rng.uniform(0.1, 1))


def _tiny_strengths(rng):
    """One weight is nan, which is no matter of the others."""
    for w, _, _ in _weights(rng):
        w = np.abs(w)
        if len(w) > 2:
            w[rng.integers(len(w) - 1)] = np.nan
        yield w, float(tiny(rng)), float(tiny(rng))


def _bias(f, rng):
    (args, (_, expected)), *_ = answered(penalty, _weights(rng))
    answer = run(f, args)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("return two things: the penalty and its gradient")
    wrong = compare(answer[1], expected)
    if wrong or call(lambda: answer[1][-1]).value != 0:
        raise Wrong("the last weight is the bias: it adds nothing, and its gradient is 0")


PENALTY = Exercise(
    name="penalty",
    reference=penalty,
    returns=("the penalty", "its gradient"),
    properties=(
        value(1, penalty, _weights, says="the penalty and its gradient"),
        exact(2, penalty, _tiny_strengths),
        value(1, penalty, _zeros, says="at a weight of 0, L1 pulls neither way"),
        Property("the bias is left out", 1, _bias),
        kinds(1, penalty, _weights, scaled=(0,)),
    ),
    misconceptions=(
        Misconception(
            "bias too",
            """
            def penalty(w, l1, l2):
                return l1 * np.sum(np.abs(w)) + l2 * np.sum(w**2), l1 * np.sign(w) + 2 * l2 * w
        """,
            "The bias, the last weight, is pulled too; it should be left alone.",
        ),
        Misconception(
            "L1 is not a sum of sizes",
            ("np.sum(np.abs(w[:-1]))", "np.abs(np.sum(w[:-1]))"),
            "Weights of opposite sign cancel in your L1: sum the sizes, not the weights.",
        ),
        Misconception(
            "no factor 2",
            ("2 * l2 * w", "l2 * w"),
            "The L2 part of the gradient is half of what it should be.",
        ),
        Misconception(
            "root",
            ("np.sum(w[:-1] ** 2)", "np.sqrt(np.sum(w[:-1] ** 2))"),
            "L2 here is the sum of squares, with no root.",
        ),
        Misconception(
            "L1 as L2",
            ("l1 * np.sign(w[:-1])", "l1 * w[:-1]"),
            "L1 pulls every weight with the same force, whatever its size.",
        ),
        Misconception(
            "mean",
            ("l1 * np.sum(np.abs(w[:-1]))", "l1 * np.mean(np.abs(w[:-1]))"),
            "L1 here is a sum, not a mean.",
        ),
        Misconception(
            "sign at zero",
            ("np.sign(w[:-1])", "np.where(w[:-1] >= 0, 1.0, -1.0)"),
            "At a weight of exactly 0 yours pushes it away; 0 is the sensible choice there.",
        ),
        Misconception(
            "bias gradient missing",
            (
                "    gradient = np.append(l1 * np.sign(w[:-1]) + 2 * l2 * w[:-1], 0.0)",
                "    gradient = l1 * np.sign(w[:-1]) + 2 * l2 * w[:-1]",
            ),
            "The gradient is one entry short: the bias has one too, and it is 0.",
        ),
    ),
    equivalents=(
        Equivalent(
            "masked",
            """
            def penalty(w, l1, l2):
                inner = w.copy()
                inner[-1] = 0
                return l1 * np.abs(inner).sum() + l2 * inner @ inner, l1 * np.sign(inner) + 2 * l2 * inner
        """,
        ),
        Equivalent(
            "mask of ones",
            """
            def penalty(w, l1, l2):
                mask = np.ones(len(w))
                mask[-1] = 0
                return np.sum(mask * (l1 * abs(w) + l2 * w**2)), mask * (l1 * np.sign(w) + 2 * l2 * w)
        """,
        ),
        Equivalent(
            "norms",
            (
                "l1 * np.sum(np.abs(w[:-1])) + l2 * np.sum(w[:-1] ** 2)",
                "l1 * np.linalg.norm(w[:-1], 1) + l2 * np.linalg.norm(w[:-1]) ** 2",
            ),
        ),
        Equivalent(
            "loop",
            """
            def penalty(w, l1, l2):
                size, gradient = 0.0, np.zeros(len(w))
                for j in range(len(w) - 1):
                    size += l1 * abs(w[j]) + l2 * w[j] ** 2
                    gradient[j] = l1 * np.sign(w[j]) + 2 * l2 * w[j]
                return size, gradient
        """,
        ),
    ),
)


EXERCISES = (
    LINEAR_RULE,
    SIGMOID,
    SIGMOID_DERIVATIVE,
    SIGMOID_RULE,
    LAYER,
    LOGISTIC_LOSS_LOOPS,
    LOGISTIC_LOSS,
    SOFTMAX,
    SOFTMAX_LOSS,
    PENALTY,
)
