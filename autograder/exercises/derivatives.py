"""Lesson 1: derivatives. Sums, not means, and the factors as the lesson states them."""

from __future__ import annotations

import numpy as np

from autograder.exercises.base import (
    MEASURED,
    Equivalent,
    Exercise,
    Misconception,
    Property,
    Wrong,
    answered,
    calls,
    different,
    exact,
    kinds,
    left_alone,
    run,
    tiny,
    value,
    watched,
)
from helpers.checks import compare, describe_call

# --- square -------------------------------------------------------------------------------------


def square(x):
    return x * x


def _numbers(rng):
    """Positive, negative, positive, ..., so that a mistake of sign shows as itself."""
    return [(float((-1) ** k * rng.uniform(1.5, 5)),) for k in range(5)]


SQUARE = Exercise(
    name="square",
    reference=square,
    properties=(value(1, square, _numbers),),
    misconceptions=(
        Misconception("doubles", ("x * x", "2 * x"), "It doubles x; doubling is not squaring."),
        Misconception("cubes", ("x * x", "x * x * x"), "There is one factor x too many."),
        Misconception(
            "prints", ("return x * x", "print(x * x)"), "It prints; a check reads what is returned."
        ),
        Misconception(
            "power of two",
            ("x * x", "2**x"),
            "Base and exponent are exchanged: that is two to the power of x.",
        ),
        Misconception(
            "keeps the sign",
            ("x * x", "x * abs(x)"),
            "A square is never negative; yours is where x is.",
        ),
        Misconception("unchanged", ("x * x", "x"), "It returns x as it came."),
        Misconception(
            "root", ("x * x", "abs(x) ** 0.5"), "That is a square root; go the other way."
        ),
        Misconception(
            "negative", ("x * x", "-x * x"), "A square is never negative; yours always is."
        ),
    ),
    equivalents=(
        Equivalent("power", ("x * x", "x**2")),
        Equivalent("numpy", ("x * x", "np.square(x)")),
        Equivalent("absolute values", ("x * x", "abs(x) * abs(x)")),
        Equivalent("pow", ("x * x", "pow(x, 2)")),
    ),
)


# --- linear_model -------------------------------------------------------------------------------


def linear_model(f, derivative, p, epsilon):
    return f(p) + derivative(p) * epsilon


def _curve(rng):
    """A random smooth curve and its derivative."""
    a, b, c = rng.normal(size=3)

    def f(x):
        return a * np.sin(x) + b * x**2 + c

    def derivative(x):
        return a * np.cos(x) + 2 * b * x

    return f, derivative


def _models(rng):
    for _ in range(5):
        f, derivative = _curve(rng)
        yield f, derivative, float(rng.normal(1, 1)), float(rng.normal(0, 0.3))


LINEAR_MODEL = Exercise(
    name="linear_model",
    reference=linear_model,
    properties=(value(2, linear_model, _models, says="f(p) + f'(p)·ε for random curves"),),
    misconceptions=(
        Misconception(
            "not the model but the curve",
            ("f(p) + derivative(p) * epsilon", "f(p + epsilon)"),
            "That is the curve itself; the model may use f and f' at p only.",
        ),
        Misconception(
            "no value",
            ("f(p) + derivative(p)", "derivative(p)"),
            "At ε = 0 the model must give f(p); yours gives 0.",
        ),
        Misconception(
            "no epsilon",
            (" * epsilon", ""),
            "At ε = 0 the model must give f(p). How does your slope term depend on ε?",
        ),
        Misconception(
            "slope at the far end",
            ("derivative(p)", "derivative(p + epsilon)"),
            "The slope is taken at p, the point where the line touches; look at its argument.",
        ),
        Misconception(
            "subtracts", ("f(p) + ", "f(p) - "), "Where f rises, your line falls: look at the sign."
        ),
        Misconception(
            "epsilon is a position",
            ("* epsilon", "* (epsilon - p)"),
            "ε is already the distance from p, not a position on the axis.",
        ),
        Misconception(
            "slope of the point",
            ("derivative(p) * epsilon", "derivative(epsilon) * p"),
            "The roles of p and ε are exchanged in the slope term.",
        ),
        Misconception(
            "curvature",
            ("* epsilon", "* epsilon**2"),
            "A linear model grows in proportion to ε; yours grows with its square.",
        ),
    ),
    equivalents=(
        Equivalent(
            "other order", ("f(p) + derivative(p) * epsilon", "epsilon * derivative(p) + f(p)")
        ),
        Equivalent(
            "names", ("return ", "slope = derivative(p)\n    return slope * epsilon + f(p)  # ")
        ),
        Equivalent("dot", ("derivative(p) * epsilon", "np.dot(derivative(p), epsilon)")),
        Equivalent("line through p", ("* epsilon", "* ((p + epsilon) - p)")),
    ),
)


# --- difference_quotient ------------------------------------------------------------------------


def difference_quotient(f, x, h):
    return (f(x + h) - f(x)) / h


def _quotients(rng):
    for h in (0.3, 1e-2, 1e-4, -0.1):
        f, _ = _curve(rng)
        yield f, float(rng.normal(1, 1)), h


def _two_places(f, rng):
    """It asks for f at x and at x + h, and nowhere else."""
    for args, expected in answered(difference_quotient, _quotients(rng)):
        curve, x, h = args
        asked, seen = watched(curve)
        found = run(f, (asked, x, h))
        if set(seen) != {x, x + h}:
            places = ", ".join(f"{place:.6g}" for place in sorted(set(seen))) or "no place"
            raise Wrong(
                f"with x = {x:.6g} and h = {h:.6g} it asked for f at {places}; "
                "it needs f at x and at x + h"
            )
        wrong = compare(found, expected, rtol=1e-6)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}: {wrong}")


DIFFERENCE_QUOTIENT = Exercise(
    name="difference_quotient",
    reference=difference_quotient,
    properties=(
        value(2, difference_quotient, _quotients, rtol=1e-6, says="(f(x + h) − f(x)) / h"),
        Property("f is asked for at x and x + h only", 1, _two_places),
    ),
    misconceptions=(
        Misconception(
            "not divided",
            (" / h", ""),
            "That is how far f moves, not how far it moves for each unit of x.",
        ),
        Misconception(
            "sign",
            ("f(x + h) - f(x)", "f(x) - f(x + h)"),
            "A rising function gets a negative slope: look at the order of the difference.",
        ),
        Misconception(
            "backward",
            ("f(x + h) - f(x)", "f(x) - f(x - h)"),
            "You look to the left of x. That converges too, but this definition looks right.",
        ),
        Misconception(
            "central",
            ("(f(x + h) - f(x)) / h", "(f(x + h) - f(x - h)) / (2 * h)"),
            "That is the central difference of lesson 2; this definition uses x and x + h.",
        ),
        Misconception(
            "half",
            (" / h", " / (2 * h)"),
            "The two points are h apart; you divide by another distance.",
        ),
        Misconception(
            "divides by x", (" / h", " / x"), "You divide by the place; divide by how far you went."
        ),
        Misconception(
            "missing brackets",
            ("(f(x + h) - f(x)) / h", "f(x + h) - f(x) / h"),
            "Only the second term is divided. Division binds tighter than subtraction.",
        ),
        Misconception(
            "its own step",
            ("return ", "h = 1e-5\n    return "),
            "The result does not depend on the h it was given.",
        ),
    ),
    equivalents=(
        Equivalent("two lines", ("return ", "rise = f(x + h) - f(x)\n    return rise / h  # ")),
        Equivalent("factor", ("(f(x + h) - f(x)) / h", "(1 / h) * (f(x + h) - f(x))")),
        Equivalent("separate", ("(f(x + h) - f(x)) / h", "-(f(x) - f(x + h)) / h")),
        Equivalent("numpy", ("(f(x + h) - f(x)) / h", "np.divide(f(x + h) - f(x), h)")),
    ),
)


# --- derivatives_by_hand ------------------------------------------------------------------------


def derivatives_by_hand(x, a):
    return (
        -np.sin(x),
        a,
        3 * x**2 - 2,
        -2 * x * np.exp(-(x**2)),
        -2 * x / (1 + x**2) ** 2,
    )


def _places(rng):
    return [(float(rng.normal(0, 1.2)), float(rng.normal(2, 1))) for _ in range(6)]


def _tiny_places(rng):
    return [(float(rng.choice([-1, 1]) * tiny(rng)), float(rng.normal(2, 1))) for _ in range(3)]


def _tiny_slopes(rng):
    return [(float(rng.normal(0, 1.2)), float(tiny(rng))) for _ in range(3)]


def _far_places(rng):
    return [(float(rng.choice([-1, 1]) * rng.uniform(1, 9) * 1e70), 1.0) for _ in range(3)]


def _each(which, says, exactly_at=None):
    """One of the five derivatives, worth a point of its own.

    exactly_at: where it must have all its digits, as a formula has; a difference has none there.
    """

    def test(f, rng):
        cases: list[tuple] = [
            (*case, {}, "") for case in answered(derivatives_by_hand, _places(rng))
        ]
        if exactly_at:
            hard = answered(derivatives_by_hand, exactly_at(rng))
            cases += [(*case, {"rtol": 1e-11, "atol": 0.0}, f"\n{MEASURED}") for case in hard]
        for args, expected, tolerance, hint in cases:
            answer = run(f, args)
            if not isinstance(answer, tuple | list) or len(answer) != 5:
                raise Wrong("return the five derivatives as a tuple, in the order of the list")
            wrong = compare(answer[which], expected[which], **tolerance)
            if wrong:
                raise Wrong(f"at x = {args[0]:.4g}, a = {args[1]:.4g}: {wrong}{hint}")

    return Property(says, 1, test)


def _five_numbers(f, rng):
    args = _places(rng)[0]
    expected = derivatives_by_hand(*args)
    answer = run(f, args)
    if not isinstance(answer, tuple | list) or len(answer) != 5:
        raise Wrong("return the five derivatives as a tuple, in the order of the list")
    for part in answer:
        if isinstance(part, bool) or not isinstance(part, int | float | np.number):
            raise Wrong(f"each of the five is a number; one of yours is a {type(part).__name__}")
    if all(compare(one, other) for one, other in zip(answer, expected, strict=True)):
        raise Wrong(f"none of the five is right at x = {args[0]:.4g}, a = {args[1]:.4g}")


DERIVATIVES_BY_HAND = Exercise(
    name="derivatives_by_hand",
    reference=derivatives_by_hand,
    properties=(
        Property("five numbers, at least one of them right", 1, _five_numbers),
        _each(0, "(cos x)'"),
        _each(1, "(a·x)', for a tiny a too", _tiny_slopes),
        _each(2, "(x³ − 2x)', far out too", _far_places),
        _each(3, "(e^(−x²))', near 0 to the last digits", _tiny_places),
        _each(4, "(1 / (1 + x²))', near 0 to the last digits", _tiny_places),
    ),
    misconceptions=(
        Misconception(
            "sign of sine",
            ("-np.sin(x)", "np.sin(x)"),
            "Just right of 0 the cosine falls. Does your first derivative say so?",
        ),
        Misconception(
            "keeps x",
            ("        a,\n", "        a * x,\n"),
            "A straight line has the same slope everywhere; your second one depends on x.",
        ),
        Misconception(
            "keeps the constant",
            ("3 * x**2 - 2,", "3 * x**2 - 2 * x,"),
            "In the third, look at the derivative of −2x.",
        ),
        Misconception(
            "power not lowered",
            ("3 * x**2 - 2,", "3 * x**3 - 2,"),
            "In the third, the power must fall by one.",
        ),
        Misconception(
            "no inner derivative",
            ("-2 * x * np.exp", "np.exp"),
            "In the fourth, the inner function −x² has a derivative too.",
        ),
        Misconception(
            "inner sign",
            ("-2 * x * np.exp", "2 * x * np.exp"),
            "In the fourth, right of 0 the bump falls; look at the sign of the inner derivative.",
        ),
        Misconception(
            "quotient not squared",
            ("(1 + x**2) ** 2", "(1 + x**2)"),
            "In the fifth, look at the power of the denominator.",
        ),
        Misconception(
            "quotient sign",
            ("-2 * x / (1", "2 * x / (1"),
            "In the fifth, 1/u falls where u grows; look at the sign.",
        ),
    ),
    equivalents=(
        Equivalent("math", ("    return (", "    import math\n\n    return (")),
        Equivalent(
            "list",
            """
            def derivatives_by_hand(x, a):
                bump = np.exp(-x * x)
                return [-np.sin(x), a, 3 * x * x - 2, -2 * x * bump, -2 * x * (1 + x * x) ** -2]
        """,
        ),
        Equivalent("shifted sine", ("-np.sin(x)", "np.cos(x + np.pi / 2)")),
        Equivalent(
            "quotient rule",
            ("-2 * x / (1 + x**2) ** 2", "(0 * (1 + x**2) - 1 * 2 * x) / (1 + x**2) ** 2"),
        ),
    ),
)


# --- gradient_step ------------------------------------------------------------------------------


def gradient_step(x, slope, learning_rate):
    return x - learning_rate * slope


def _steps(rng):
    """Downhill is to the left in the first case, to the right in the second, and so on."""
    for k in range(6):
        slope = (-1) ** k * rng.uniform(0.5, 3)
        yield float(rng.normal()), float(slope), float(rng.uniform(0.01, 0.9))


GRADIENT_STEP = Exercise(
    name="gradient_step",
    reference=gradient_step,
    properties=(
        value(
            2,
            gradient_step,
            _steps,
            says="the next x",
        ),
    ),
    misconceptions=(
        Misconception(
            "uphill",
            ("x - ", "x + "),
            "You walk uphill: where f rises to the right, x must move to the left.",
        ),
        Misconception(
            "only the sign",
            ("* slope", "* np.sign(slope)"),
            "Your step has the same length everywhere; a steep slope asks for a longer one.",
        ),
        Misconception(
            "forgets x",
            ("x - learning", "-learning"),
            "You return the step; the new x is where you were plus the step.",
        ),
        Misconception(
            "no learning rate",
            ("learning_rate * slope", "slope"),
            "The learning rate has no effect on your step.",
        ),
        Misconception(
            "divides",
            ("learning_rate * slope", "slope / learning_rate"),
            "A larger learning rate must give a longer step; yours gives a shorter one.",
        ),
        Misconception(
            "scales x",
            ("x - learning_rate * slope", "x * (1 - learning_rate * slope)"),
            "Your step depends on where x is, apart from the slope there.",
        ),
        Misconception(
            "doubles",
            ("learning_rate * slope", "2 * learning_rate * slope"),
            "Your step is twice as long: the factor 2 of (x²)' is already in the slope.",
        ),
        Misconception(
            "absolute slope",
            ("* slope", "* abs(slope)"),
            "You always go left: the sign of the slope says which way.",
        ),
    ),
    equivalents=(
        Equivalent("plus minus", ("x - learning_rate * slope", "x + -learning_rate * slope")),
        Equivalent("named", ("return ", "step = -learning_rate * slope\n    return x + step  # ")),
        Equivalent(
            "augmented",
            ("return x - learning_rate * slope", "x -= slope * learning_rate\n    return x"),
        ),
        Equivalent("numpy", ("x - learning_rate * slope", "np.subtract(x, learning_rate * slope)")),
    ),
)


# --- gradient_descent ---------------------------------------------------------------------------


def gradient_descent(derivative, start, learning_rate, steps):
    path = [start]
    for _ in range(steps):
        x = path[-1]
        path.append(x - learning_rate * derivative(x))
    return np.array(path)


def _descents(rng):
    for steps in (1, 4, 9):
        _, derivative = _curve(rng)
        yield derivative, float(rng.normal(1, 1)), float(rng.uniform(0.02, 0.1)), steps


def _zero_steps(f, rng):
    _, derivative = _curve(rng)
    start, learning_rate = float(rng.normal(1, 1)), float(rng.uniform(0.02, 0.1))
    expected = np.array([start])
    wrong = compare(run(f, (derivative, start, learning_rate, 0)), expected)
    if wrong:
        raise Wrong(f"with steps = 0 the path is the start alone: {wrong}")


GRADIENT_DESCENT = Exercise(
    name="gradient_descent",
    reference=gradient_descent,
    properties=(
        value(3, gradient_descent, _descents, says="every point of the path"),
        Property("no step, no move", 1, _zero_steps),
        calls(
            1,
            gradient_descent,
            lambda derivative, start, learning_rate, steps: steps,
            _descents,
            says="one derivative a step",
        ),
    ),
    misconceptions=(
        Misconception(
            "uphill",
            ("x - learning", "x + learning"),
            "Your path climbs: look at the sign of the step.",
        ),
        Misconception(
            "last point only",
            ("return np.array(path)", "return path[-1]"),
            "Return the whole path, the start included; yours is one point.",
        ),
        Misconception(
            "no start",
            ("return np.array(path)", "return np.array(path[1:])"),
            "The path begins with the start: steps + 1 points in all.",
        ),
        Misconception(
            "slope of the start",
            ("x - learning_rate * derivative(x)", "x - learning_rate * derivative(start)"),
            "Every step uses the slope at the start; it must be taken where you are.",
        ),
        Misconception(
            "from the start",
            ("path.append(x - ", "path.append(start - "),
            "Every step begins at the start again; it must begin where the last one ended.",
        ),
        Misconception(
            "one too many", ("range(steps)", "range(steps + 1)"), "You take one step too many."
        ),
        Misconception(
            "no learning rate",
            ("learning_rate * ", ""),
            "The learning rate has no effect on your path.",
        ),
        Misconception(
            "shrinking rate",
            (
                "x - learning_rate * derivative(x))",
                "x - learning_rate * derivative(x))\n        learning_rate = learning_rate / 2",
            ),
            "Your learning rate changes on the way; here it stays the same.",
        ),
    ),
    equivalents=(
        Equivalent(
            "preallocated",
            """
            def gradient_descent(derivative, start, learning_rate, steps):
                path = np.empty(steps + 1)
                path[0] = start
                for k in range(steps):
                    path[k + 1] = path[k] - learning_rate * derivative(path[k])
                return path
        """,
        ),
        Equivalent(
            "while",
            """
            def gradient_descent(derivative, start, learning_rate, steps):
                x, path = start, [start]
                while len(path) <= steps:
                    x = x - learning_rate * derivative(x)
                    path.append(x)
                return np.asarray(path)
        """,
        ),
        Equivalent("a list", ("np.array(path)", "path")),
        Equivalent(
            "accumulate",
            """
            def gradient_descent(derivative, start, learning_rate, steps):
                from itertools import accumulate, repeat

                def step(x, _):
                    return x - learning_rate * derivative(x)

                return np.fromiter(accumulate(repeat(0, steps), step, initial=start), dtype=float)
        """,
        ),
    ),
)


# --- squared_loss_gradient ----------------------------------------------------------------------


def squared_loss_gradient(W, x, y):
    return -2 * np.outer(y - W @ x, x)


def _matrices(rng):
    c, m, k = different(rng, 3)
    for shape in ((c, m), (m, k), (1, m), (c, 1)):
        yield rng.normal(size=shape), rng.normal(size=shape[1]), rng.normal(size=shape[0])


def _tiny_inputs(rng):
    """Some inputs are tiny; one output has no target (nan), which is no matter of the others."""
    for W, x, y in _matrices(rng):
        places = rng.permutation(len(x))[: (len(x) + 1) // 2]
        x = rng.uniform(0.3, 1, size=x.shape)
        x[places] = tiny(rng, len(places))
        y = rng.uniform(9, 12, size=y.shape)
        if len(y) > 1:
            y[rng.integers(len(y))] = np.nan
        yield rng.uniform(0.2, 1, size=W.shape), x, y


SQUARED_LOSS_GRADIENT = Exercise(
    name="squared_loss_gradient",
    reference=squared_loss_gradient,
    properties=(
        value(1, squared_loss_gradient, _matrices, says="the gradient, in the shape of W"),
        exact(2, squared_loss_gradient, _tiny_inputs),
        left_alone(1, _matrices, says="W, x and y are left as they were"),
        kinds(1, squared_loss_gradient, _matrices, integers=(1, 2), scaled=(1, 2)),
    ),
    misconceptions=(
        Misconception(
            "no factor",
            ("-2 * ", "-"),
            "Everywhere half of what it should be: differentiate the square once more.",
        ),
        Misconception(
            "sign", ("-2 * ", "2 * "), "Every sign is turned round: where does W stand in y − Wx?"
        ),
        Misconception(
            "transposed",
            ("np.outer(y - W @ x, x)", "np.outer(x, y - W @ x)"),
            "That is the transpose: entry [i, j] belongs to output i and input j.",
        ),
        Misconception(
            "the residual only",
            ("np.outer(y - W @ x, x)", "(y - W @ x)"),
            "That is the gradient with respect to Wx; a factor of the chain rule is missing.",
        ),
        Misconception(
            "mean",
            ("-2 * np.outer(y - W @ x, x)", "-2 * np.outer(y - W @ x, x) / len(y)"),
            "The loss here is a sum over the outputs, not a mean.",
        ),
        Misconception("no target", ("y - W @ x", "-W @ x"), "Your gradient does not depend on y."),
        Misconception(
            "weights for inputs",
            ("@ x, x)", "@ x, W.mean(axis=0))"),
            "How much entry [i, j] matters depends on the input j it is multiplied with.",
        ),
        Misconception(
            "changes W",
            ("    return -2", "    W -= 0.0 * W + 0.1\n    return -2"),
            "Your function changes the W it was given; compute with a copy.",
        ),
    ),
    equivalents=(
        Equivalent("broadcast", ("np.outer(y - W @ x, x)", "(y - W @ x)[:, None] * x[None, :]")),
        Equivalent("einsum", ("np.outer(y - W @ x, x)", 'np.einsum("i,j->ij", y - W @ x, x)')),
        Equivalent(
            "matrix product",
            ("np.outer(y - W @ x, x)", "(y - W @ x).reshape(-1, 1) @ x.reshape(1, -1)"),
        ),
        Equivalent(
            "loops",
            """
            def squared_loss_gradient(W, x, y):
                gradient = np.zeros_like(W)
                for i in range(W.shape[0]):
                    residual = y[i] - sum(W[i, k] * x[k] for k in range(W.shape[1]))
                    for j in range(W.shape[1]):
                        gradient[i, j] = -2 * residual * x[j]
                return gradient
        """,
        ),
    ),
)


# --- update_weights -----------------------------------------------------------------------------


def update_weights(W, gradient, learning_rate):
    return W - learning_rate * gradient


def _updates(rng):
    n, m = different(rng, 2)
    for shape in ((n, m), (m, 1), (n,)):
        yield rng.normal(size=shape), rng.normal(size=shape), float(rng.uniform(0.01, 1))


UPDATE_WEIGHTS = Exercise(
    name="update_weights",
    reference=update_weights,
    properties=(
        value(1, update_weights, _updates, says="W − learning rate · gradient"),
        left_alone(1, _updates, says="W and the gradient are left as they were"),
        kinds(1, update_weights, _updates, scaled=(0, 1)),
    ),
    misconceptions=(
        Misconception(
            "in place",
            ("return W - learning_rate * gradient", "W -= learning_rate * gradient\n    return W"),
            "The values are right, but the W that was given has changed too: make a new array.",
        ),
        Misconception("uphill", ("W - ", "W + "), "You climb: look at the sign."),
        Misconception(
            "only the sign",
            ("* gradient", "* np.sign(gradient)"),
            "Every entry moves by the same amount; its size in the gradient must count.",
        ),
        Misconception(
            "normalised",
            ("* gradient", "* gradient / np.linalg.norm(gradient)"),
            "Your step always has the same length; the length of the gradient must count.",
        ),
        Misconception(
            "forgets W",
            ("W - learning", "-learning"),
            "That is the step; the new weights are the old ones plus the step.",
        ),
        Misconception(
            "no learning rate", ("learning_rate * ", ""), "The learning rate has no effect."
        ),
        Misconception(
            "mean of the gradient",
            ("* gradient", "* gradient.mean()"),
            "Every entry moves by the same amount: each has its own derivative.",
        ),
        Misconception(
            "scales the gradient",
            ("    return", "    gradient *= learning_rate\n    learning_rate = 1\n    return"),
            "The values are right, but the gradient that was given has changed: make a new array.",
        ),
    ),
    equivalents=(
        Equivalent(
            "numpy", ("W - learning_rate * gradient", "np.subtract(W, learning_rate * gradient)")
        ),
        Equivalent(
            "copy",
            (
                "return W - learning_rate * gradient",
                "W = W.copy()\n    W -= learning_rate * gradient\n    return W",
            ),
        ),
        Equivalent("add", ("W - learning_rate * gradient", "W + (-learning_rate) * gradient")),
        Equivalent(
            "sum of two", ("W - learning_rate * gradient", "sum([W, -learning_rate * gradient])")
        ),
    ),
)


# --- least_squares ------------------------------------------------------------------------------


def least_squares(X, y):
    return np.linalg.solve(X.T @ X, X.T @ y)


def _regressions(rng):
    m, extra = different(rng, 2)
    for n, columns in ((m + extra, m), (12, extra), (4, 1)):
        yield rng.normal(size=(n, columns)), rng.normal(size=n)


def _well_posed(rng):
    """Orthogonal columns, so that seven digits are enough."""
    X, _ = np.linalg.qr(rng.normal(size=(9, 3)))
    yield 4 * X, rng.normal(size=9)


def _no_descent(f, rng):
    """Large and small columns: an exact solution does not mind, a descent does."""
    X = rng.normal(size=(30, 3)) * np.array([1.0, 100.0, 0.01])
    w = rng.normal(size=3)
    wrong = compare(run(f, (X, X @ w)), w, rtol=1e-5)
    if wrong:
        raise Wrong(f"with columns of very different sizes, {wrong}")


LEAST_SQUARES = Exercise(
    name="least_squares",
    reference=least_squares,
    properties=(
        value(
            2, least_squares, _regressions, rtol=1e-6, says="the weights where the gradient is 0"
        ),
        Property("columns of very different sizes", 1, _no_descent),
        left_alone(1, _regressions, says="X and y are left as they were"),
        kinds(1, least_squares, _well_posed, integers=(0, 1)),
    ),
    misconceptions=(
        Misconception(
            "not solved",
            ("np.linalg.solve(X.T @ X, X.T @ y)", "X.T @ y"),
            "That is one side of the equation; it must still be solved for w.",
        ),
        Misconception(
            "divides",
            ("np.linalg.solve(X.T @ X, X.T @ y)", "(X.T @ y) / np.sum(X * X, axis=0)"),
            "Each weight is found as if the others were 0: the columns of X are not orthogonal.",
        ),
        Misconception(
            "mean",
            ("X.T @ y)", "X.T @ y / len(y))"),
            "Your weights are too small by the number of examples: both sides carry the sum.",
        ),
        Misconception("sign", ("X.T @ y)", "-X.T @ y)"), "Every sign is turned round."),
        Misconception(
            "ridge",
            ("X.T @ X,", "X.T @ X + np.eye(X.shape[1]),"),
            "Your weights are pulled towards 0; nothing here is regularised.",
        ),
        Misconception(
            "a factor",
            ("X.T @ y)", "2 * X.T @ y)"),
            "Everything is twice too large: the 2 of the gradient stands on both sides.",
        ),
        Misconception(
            "first rows",
            (
                "np.linalg.solve(X.T @ X, X.T @ y)",
                "np.linalg.solve(X[: X.shape[1]], y[: X.shape[1]])",
            ),
            "You fit the first few examples exactly and leave the rest out.",
        ),
        Misconception(
            "a few steps",
            """
            def least_squares(X, y):
                w = np.zeros(X.shape[1])
                for _ in range(100):
                    w = w - 0.01 * X.T @ (X @ w - y)
                return w
        """,
            "It has not arrived: this is a descent that stopped early. Solve gradient = 0 instead.",
        ),
    ),
    equivalents=(
        Equivalent(
            "lstsq", ("np.linalg.solve(X.T @ X, X.T @ y)", "np.linalg.lstsq(X, y, rcond=None)[0]")
        ),
        Equivalent("pinv", ("np.linalg.solve(X.T @ X, X.T @ y)", "np.linalg.pinv(X) @ y")),
        Equivalent(
            "inverse", ("np.linalg.solve(X.T @ X, X.T @ y)", "np.linalg.inv(X.T @ X) @ X.T @ y")
        ),
        Equivalent(
            "qr",
            (
                "return np.linalg.solve(X.T @ X, X.T @ y)",
                "Q, R = np.linalg.qr(X)\n    return np.linalg.solve(R, Q.T @ y)",
            ),
        ),
    ),
)


EXERCISES = (
    SQUARE,
    LINEAR_MODEL,
    DIFFERENCE_QUOTIENT,
    DERIVATIVES_BY_HAND,
    GRADIENT_STEP,
    GRADIENT_DESCENT,
    SQUARED_LOSS_GRADIENT,
    UPDATE_WEIGHTS,
    LEAST_SQUARES,
)
