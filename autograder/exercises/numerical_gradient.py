"""Lesson 2: finite differences, their step, and the gradient check built on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.exercises.base import (
    Equivalent,
    Exercise,
    Misconception,
    Property,
    Same,
    Wrong,
    answered,
    calls,
    left_alone,
    numbers,
    run,
    value,
    watched,
)
from helpers.checks import compare, describe, describe_call, name_of

Rng = np.random.Generator


# --- Functions to differentiate -----------------------------------------------------------------


def takes(shape: tuple[int, ...], function: Callable, name: str) -> Callable:
    """The function, refusing an array of any shape but this one.

    All that are handed over are made here: right and wrong ones have the same name, and say the
    same of an argument that they cannot take.
    """

    def f(x: Any) -> Any:
        if np.shape(x) != shape:
            raise ValueError(f"{name} takes an array of shape {shape}; it was given {np.shape(x)}")
        return function(np.array(x, dtype=float))

    f.__name__ = name
    return f


def loss_of(shape: tuple[int, ...], f: Callable) -> Callable:
    return takes(shape, lambda x: float(f(x)), "f")


def signs(rng: Rng, shape: tuple[int, ...]) -> np.ndarray:
    return rng.choice([-1.0, 1.0], size=shape)


def wave(rng: Rng, shape: tuple[int, ...]) -> tuple[Callable, Callable]:
    """f(x) = Σ a sin(x + b) + ½ (Σ c x)², and its gradient a cos(x + b) + c Σ c x.

    Curved in every entry, and the last term couples them all.
    """
    a = signs(rng, shape) * rng.uniform(0.5, 2.0, shape)
    b = rng.uniform(-3.0, 3.0, shape)
    c = signs(rng, shape) * rng.uniform(0.5, 1.5, shape)

    def loss(x: np.ndarray) -> Any:
        return np.sum(a * np.sin(x + b)) + np.sum(c * x) ** 2 / 2

    def gradient(x: np.ndarray) -> np.ndarray:
        return np.asarray(a * np.cos(x + b) + c * np.sum(c * x))

    return loss_of(shape, loss), takes(shape, gradient, "gradient")


def vectors(rng: Rng) -> list[tuple[int, ...]]:
    return [(int(n),) for n in rng.choice(np.arange(2, 8), size=3, replace=False)]


def shapes(rng: Rng) -> list[tuple[int, ...]]:
    """A number, one entry, matrices that are not square, three axes; no two axes alike."""
    n, m, c = (int(k) for k in rng.permutation([2, 3, 4]))
    return [(), (1,), (n, m), (1, c), (n, m, c)]


# --- probe --------------------------------------------------------------------------------------


def probe(loss, w, i, values):
    def at(value):
        trial = np.array([float(entry) for entry in w])
        trial[i] = value
        return loss(trial)

    return np.array([at(value) for value in values])


def probe_probes(rng: Rng) -> Iterator[tuple]:
    for n, k in ((4, 3), (7, 2), (3, 5)):
        f, _ = wave(rng, (n,))
        yield f, rng.normal(size=n), int(rng.integers(2, n)), rng.normal(size=k)


def probe_integers(rng: Rng) -> Iterator[tuple]:
    for n, k in ((5, 3), (3, 4)):
        f, _ = wave(rng, (n,))
        w = rng.integers(-3, 4, size=n)
        yield f, w, int(rng.integers(0, n)), rng.integers(-3, 3, size=k) + rng.uniform(0.2, 0.8, k)


PROBE = Exercise(
    name="probe",
    reference=probe,
    properties=(
        value(2, probe, probe_probes, says="the loss at each value, the other entries frozen"),
        value(1, probe, probe_integers, says="weights given as integers"),
        left_alone(1, probe_probes, says="w is left as it was"),
        calls(
            1,
            probe,
            lambda loss, w, i, values: len(values),
            probe_probes,
            says="one forward pass per value",
        ),
    ),
    misconceptions=(
        Misconception(
            "adds the value",
            ("trial[i] = value", "trial[i] += value"),
            "The entry moves by each value, as if the values were steps. Read again what "
            "`values` holds.",
        ),
        Misconception(
            "writes into w",
            """
            def probe(loss, w, i, values):
                losses = []
                for value in values:
                    w[i] = value
                    losses.append(loss(w))
                return np.array(losses)
            """,
            "Your function writes into the array it was given, and the caller's weights are "
            "no longer what they were. It also makes whole numbers of the values where w holds "
            "integers. Which array do you write into?",
        ),
        Misconception(
            "copy of the same dtype",
            """
            def probe(loss, w, i, values):
                losses = []
                for value in values:
                    trial = w.copy()
                    trial[i] = value
                    losses.append(loss(trial))
                return np.array(losses)
            """,
            "Right for weights with fractions. A copy of an integer array is an integer array: "
            "what becomes of 0.35 in it?",
        ),
        Misconception(
            "every entry moves",
            ("trial[i] = value", "trial[:] = value"),
            "Every weight takes the value, so nothing is frozen. Look at the left side of the "
            "assignment.",
        ),
        Misconception(
            "the others are zero",
            """
            def probe(loss, w, i, values):
                losses = []
                for value in values:
                    trial = np.zeros(len(w))
                    trial[i] = value
                    losses.append(loss(trial))
                return np.array(losses)
            """,
            "The other weights are zero in the trials. Frozen means that they keep the numbers "
            "they have in w.",
        ),
        Misconception(
            "always the first entry",
            ("trial[i] = value", "trial[0] = value"),
            "It is always the first weight that moves. Where does `i` enter?",
        ),
        Misconception(
            "counts from one",
            ("trial[i] = value", "trial[i - 1] = value"),
            "The neighbour of entry i moves. Python counts entries from 0.",
        ),
        Misconception(
            "differences of the loss",
            (
                "return np.array([at(value) for value in values])",
                "return np.array([at(value) - at(w[i]) for value in values])",
            ),
            "You return by how much the loss changes. The exercise asks for the losses themselves.",
        ),
        Misconception(
            "only the lowest loss",
            (
                "return np.array([at(value) for value in values])",
                "return min(at(value) for value in values)",
            ),
            "You return one loss, the lowest. The exercise asks for all of them, one per value.",
        ),
        Misconception(
            "evaluates the start as well",
            (
                "return np.array([at(value) for value in values])",
                "return np.array([at(value) for value in [w[i], *values]])[1:]",
            ),
            "Right, but it costs a forward pass whose result you throw away. Count your calls "
            "of `loss`.",
        ),
        Misconception(
            "changes add up",
            """
            def probe(loss, w, i, values):
                trial = np.array(w, dtype=float)
                losses = []
                for k, value in enumerate(values):
                    trial[(i + k) % len(trial)] = value
                    losses.append(loss(trial))
                return np.array(losses)
            """,
            "A later trial still holds what an earlier one changed, in another entry. Only "
            "entry i may differ from w.",
        ),
    ),
    equivalents=(
        Equivalent(
            "one copy, refilled",
            """
            def probe(loss, w, i, values):
                losses = np.empty(len(values))
                trial = np.array(w, dtype=float)
                for k, value in enumerate(values):
                    trial[i] = value
                    losses[k] = loss(trial)
                return losses
            """,
        ),
        Equivalent(
            "np.where",
            """
            def probe(loss, w, i, values):
                chosen = np.arange(len(w)) == i
                return np.array([loss(np.where(chosen, value, w)) for value in values])
            """,
        ),
        Equivalent(
            "all trials at once",
            """
            def probe(loss, w, i, values):
                trials = np.tile(np.asarray(w, dtype=float), (len(values), 1))
                trials[:, i] = values
                return np.apply_along_axis(loss, 1, trials)
            """,
        ),
        Equivalent(
            "a list of floats",
            """
            def probe(loss, w, i, values):
                losses = []
                for value in values:
                    trial = [float(entry) for entry in w]
                    trial[i] = value
                    losses.append(loss(np.array(trial)))
                return losses
            """,
        ),
        Equivalent(
            "writes into w and puts it back",
            """
            def probe(loss, w, i, values):
                w = np.asarray(w, dtype=float)
                kept = w[i]
                losses = []
                for value in values:
                    w[i] = value
                    losses.append(loss(w))
                w[i] = kept
                return np.array(losses)
            """,
        ),
    ),
)


# --- slopes_from_table --------------------------------------------------------------------------


def slopes_from_table(loss, losses, h, digits):
    slopes = np.array([(after - loss) / h for after in losses])
    margin = 10.0**-digits / h
    return slopes, margin


def table(rng: Rng) -> Iterator[tuple]:
    """Losses as a table prints them: rounded, next to each other."""
    for n in (3, 9, 1):
        digits = int(rng.integers(4, 8))
        h = float(rng.choice([1e-3, 2e-3, 1e-4, 5e-4]))
        loss = round(float(rng.uniform(0.5, 3.0)), digits)
        either = rng.permutation(np.resize([1.0, -1.0], n))
        changes = either * rng.integers(3, 60, size=n) * 10.0**-digits
        yield loss, np.round(loss + changes, digits), h, digits


def pair(f: Callable, args: tuple) -> tuple:
    answer = run(f, args)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        got = compare(answer, (0.0, 0.0)) or ""
        raise Wrong(f"{describe_call(f, args)}: {got} (the slopes and the margin)")
    return answer[0], answer[1]


def table_slopes(f: Callable, rng: Rng) -> None:
    for args, (expected, _) in answered(slopes_from_table, table(rng)):
        slopes, _ = pair(f, args)
        # The difference of two losses near 1 is right to 1e-16, the slope to 1e-16 / h.
        wrong = compare(slopes, expected, rtol=1e-7, atol=1e-9)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}, in the slopes: {wrong}")


def table_margin(f: Callable, rng: Rng) -> None:
    for args, (_, expected) in answered(slopes_from_table, table(rng)):
        _, margin = pair(f, args)
        wrong = compare(margin, expected)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}, in the margin: {wrong}")


def table_in_lists(rng: Rng) -> Iterator[tuple]:
    for loss, losses, h, digits in table(rng):
        yield loss, [float(after) for after in losses], h, digits


def table_list(f: Callable, rng: Rng) -> None:
    for args, (expected, _) in answered(slopes_from_table, table_in_lists(rng)):
        wrong = compare(pair(f, args)[0], expected, rtol=1e-7, atol=1e-9)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}, in the slopes: {wrong}")


SLOPES_FROM_TABLE = Exercise(
    name="slopes_from_table",
    reference=slopes_from_table,
    properties=(
        Property("the slopes", 2, table_slopes),
        Property("the margin that the printed digits leave", 1, table_margin),
        Property("the losses may be a list", 1, table_list),
    ),
    misconceptions=(
        Misconception(
            "the difference the wrong way round",
            ("(after - loss)", "(loss - after)"),
            "Your slopes have the wrong sign. A loss that grows when the weight grows has a "
            "positive slope: which loss is taken from which?",
        ),
        Misconception(
            "divides by 2h",
            ("(after - loss) / h", "(after - loss) / (2 * h)"),
            "Your slopes are half of what they should be. How far apart are the two points of "
            "this table?",
        ),
        Misconception(
            "does not divide",
            ("(after - loss) / h", "(after - loss)"),
            "You return the changes of the loss. A slope is a change per unit of weight.",
        ),
        Misconception(
            "multiplies by h",
            ("(after - loss) / h", "(after - loss) * h"),
            "Your slopes are tiny: the step stands on the wrong side of the fraction.",
        ),
        Misconception(
            "steeper than it is",
            ("(after - loss) / h", "abs(after - loss) / h"),
            "Your slopes have lost their sign. It says in which direction the loss falls.",
        ),
        Misconception(
            "relative change",
            ("(after - loss) / h", "(after - loss) / loss / h"),
            "You divide by the loss as well. The slope is the change of the loss itself.",
        ),
        Misconception(
            "from row to row",
            """
            def slopes_from_table(loss, losses, h, digits):
                return np.diff(np.append(loss, losses)) / h, 10.0**-digits / h
            """,
            "Only the first slope is right: you compare each row with the row above it. In "
            "every row it is the same starting point from which one weight moved.",
        ),
        Misconception(
            "one rounding",
            ("10.0**-digits / h", "0.5 * 10.0**-digits / h"),
            "Your margin allows for the rounding of one loss. How many printed losses does a "
            "slope use?",
        ),
        Misconception(
            "the margin of the loss",
            ("10.0**-digits / h", "10.0**-digits"),
            "Your margin is that of a difference of losses. The slope is that difference "
            "divided by something, and its error is divided with it.",
        ),
        Misconception(
            "a whole unit for each loss",
            ("10.0**-digits / h", "2 * 10.0**-digits / h"),
            "Your margin is too wide. How far from the truth can a number be that was rounded "
            "to the nearest unit of its last digit?",
        ),
        Misconception(
            "slopes below the margin are zero",
            """
            def slopes_from_table(loss, losses, h, digits):
                margin = 10.0**-digits / h
                slopes = np.array([(after - loss) / h for after in losses])
                return np.round(slopes / margin / 10) * margin * 10, margin
            """,
            "You round the slopes. The margin says how far to trust them; it does not change them.",
        ),
        Misconception(
            "subtracts from a list",
            """
            def slopes_from_table(loss, losses, h, digits):
                return (losses - loss) / h, 10.0**-digits / h
            """,
            "Right for an array. A number cannot be taken from a Python list: what makes an "
            "array of it?",
        ),
        Misconception(
            "slopes alone",
            ("return slopes, margin", "return slopes"),
            "The slopes come alone. The exercise asks for two things: the slopes and the margin.",
        ),
    ),
    equivalents=(
        Equivalent(
            "vectorised",
            """
            def slopes_from_table(loss, losses, h, digits):
                return (np.asarray(losses) - loss) / h, 10 ** (-digits) / h
            """,
        ),
        Equivalent(
            "loop",
            """
            def slopes_from_table(loss, losses, h, digits):
                slopes = []
                for after in losses:
                    slopes.append((after - loss) / h)
                half_a_unit = 0.5 / 10**digits
                return slopes, (half_a_unit + half_a_unit) / h
            """,
        ),
        Equivalent(
            "np.subtract",
            """
            def slopes_from_table(loss, losses, h, digits):
                return np.subtract(losses, loss) / h, np.float64(10) ** -digits / h
            """,
        ),
        Equivalent(
            "rounds the difference to the digits it has",
            """
            def slopes_from_table(loss, losses, h, digits):
                change = np.round(np.array(losses) - loss, digits)
                return [change / h, 1 / (h * 10**digits)]
            """,
        ),
    ),
)


# --- forward_gradient and numerical_gradient ----------------------------------------------------


def forward_gradient(f, x, h):
    x = np.array(x, dtype=float)
    directions = np.eye(x.size).reshape(x.size, *x.shape)
    here = f(x)
    slopes = [(f(x + h * e) - here) / h for e in directions]
    return np.array(slopes).reshape(x.shape)


def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    directions = np.eye(x.size).reshape(x.size, *x.shape)
    slopes = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in directions]
    return np.array(slopes).reshape(x.shape)


def point(rng: Rng, shape: tuple[int, ...]) -> Any:
    """A random point; a plain Python number where the shape is ()."""
    return rng.normal(size=shape) if shape else float(rng.normal())


def either_way(rng: Rng) -> float:
    """A step in one direction or the other, coarse enough that its effect is seen."""
    return float(rng.choice([-1.0, 1.0]) * rng.uniform(0.01, 0.3))


def forward_vectors(rng: Rng) -> Iterator[tuple]:
    for i, shape in enumerate(vectors(rng)):
        h = float(rng.uniform(0.01, 0.3))
        yield wave(rng, shape)[0], rng.normal(size=shape), -h if i % 2 else h


def forward_shapes(rng: Rng) -> Iterator[tuple]:
    for shape in shapes(rng):
        yield wave(rng, shape)[0], point(rng, shape), either_way(rng)


def forward_dtypes(rng: Rng) -> Iterator[tuple]:
    for shape in ((4,), (2, 3)):
        f, _ = wave(rng, shape)
        yield f, rng.integers(-2, 3, size=shape), either_way(rng)
        yield f, rng.normal(size=shape).astype(np.float32), 1e-4


def forward_many(rng: Rng) -> Iterator[tuple]:
    """Entries enough that adding h and taking it away again shows in one of them."""
    yield wave(rng, (12, 5))[0], rng.normal(size=(12, 5)), float(rng.uniform(0.5, 3.0))


def near(points: float, reference: Callable, probes: Callable, *, says: str) -> Property:
    """The value to within the round-off of a difference quotient.

    With |f| below about 30 and h = 1e-5 that is some 1e-9; the tolerance is ten times as much,
    and still a hundred times finer than the error of a one-sided difference.
    """
    return value(points, reference, probes, says=says, rtol=1e-8, atol=1e-8)


FORWARD_GRADIENT = Exercise(
    name="forward_gradient",
    reference=forward_gradient,
    properties=(
        near(2, forward_gradient, forward_vectors, says="the forward differences of a vector"),
        near(1, forward_gradient, forward_shapes, says="x of any shape, a plain number too"),
        near(1, forward_gradient, forward_dtypes, says="integer and float32 x"),
        calls(
            1,
            forward_gradient,
            lambda f, x, h: np.size(x) + 1,
            forward_vectors,
            says="N + 1 evaluations of f",
            rtol=1e-8,
            atol=1e-8,
        ),
        left_alone(1, forward_many, says="x is left as it was"),
    ),
    misconceptions=(
        Misconception(
            "every entry moves at once",
            """
            def forward_gradient(f, x, h):
                x = np.array(x, dtype=float)
                here = f(x)
                return np.array([(f(x + h) - here) / h for _ in x.flat]).reshape(x.shape)
            """,
            "All your slopes are the same number: the whole array moves at once. Only one entry "
            "may move at a time.",
        ),
        Misconception(
            "steps pile up",
            """
            def forward_gradient(f, x, h):
                x = np.array(x, dtype=float)
                here = f(x)
                slopes = np.empty(x.shape)
                for i in np.ndindex(x.shape):
                    x[i] += h
                    slopes[i] = (f(x) - here) / h
                return slopes
            """,
            "Your first slope is right and the others are not: the entry before is still moved "
            "when the next one moves.",
        ),
        Misconception(
            "here moves along",
            """
            def forward_gradient(f, x, h):
                x = np.array(x, dtype=float)
                here = f(x)
                slopes = np.empty(x.shape)
                for i in np.ndindex(x.shape):
                    x[i] += h
                    there = f(x)
                    slopes[i] = (there - here) / h
                    here = there
                return slopes
            """,
            "Each of your slopes is taken from where the one before it ended. All of them are "
            "asked for at x.",
        ),
        Misconception(
            "does not divide",
            ("(f(x + h * e) - here) / h", "(f(x + h * e) - here)"),
            "You return the changes of f. A slope is a change per unit of x.",
        ),
        Misconception(
            "sign",
            ("(f(x + h * e) - here) / h", "(here - f(x + h * e)) / h"),
            "Every sign is the wrong way round. Which value is taken from which?",
        ),
        Misconception(
            "divides by 2h",
            ("here) / h", "here) / (2 * h)"),
            "Your slopes are half of what they should be. How far apart are the two points?",
        ),
        Misconception(
            "central differences",
            """
            def forward_gradient(f, x, h):
                x = np.array(x, dtype=float)
                directions = np.eye(x.size).reshape(x.size, *x.shape)
                slopes = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in directions]
                return np.array(slopes).reshape(x.shape)
            """,
            "These are central differences, on both sides of x. This exercise asks for the "
            "one-sided quotient.",
        ),
        Misconception(
            "the size of the step only",
            ("directions = ", "h = abs(h); directions = "),
            "You take the step to the right also where h is negative. The formula holds for "
            "either sign: leave h as it is.",
        ),
        Misconception(
            "a step of its own",
            ("directions = ", "h = 1e-6; directions = "),
            "Your result does not depend on the step that was given. Where does `h` enter?",
        ),
        Misconception(
            "flat result",
            ("return np.array(slopes).reshape(x.shape)", "return np.array(slopes)"),
            "Right for a vector. For other shapes your slopes come in one long row: the "
            "gradient has the shape of x.",
        ),
        Misconception(
            "rows only",
            """
            def forward_gradient(f, x, h):
                x = np.array(x, dtype=float)
                here = f(x)
                slopes = np.zeros(x.shape)
                for i in range(len(x)):
                    moved = x.copy()
                    moved[i] += h
                    slopes[i] = (f(moved) - here) / h
                return slopes
            """,
            "Right for a vector. In a matrix `x[i]` is a whole row, and all of it moves: you "
            "need an index for every axis.",
        ),
        Misconception(
            "integers stay integers",
            """
            def forward_gradient(f, x, h):
                x = np.array(x)
                here = f(x)
                slopes = np.zeros(x.shape)
                for i in np.ndindex(x.shape):
                    moved = x.copy()
                    moved[i] = moved[i] + h
                    slopes[i] = (f(moved) - here) / h
                return slopes
            """,
            "Right in double precision. A small step added to an integer, or to a number with "
            "seven digits, is lost or cut when it is written back into the same array.",
        ),
        Misconception(
            "f(x) again and again",
            ("- here)", "- f(x))"),
            "Right, but f(x) is computed anew for every entry, though it is always the same "
            "number. Where could it be computed once?",
        ),
        Misconception(
            "moves the caller's x",
            """
            def forward_gradient(f, x, h):
                x = np.asarray(x, dtype=float)
                here = f(x)
                slopes = np.empty(x.shape)
                for i in np.ndindex(x.shape):
                    x[i] += h
                    slopes[i] = (f(x) - here) / h
                    x[i] -= h
                return slopes
            """,
            "Adding h and taking it away again does not give back the same number in the last "
            "digit, and it is the caller's array that you write into.",
        ),
    ),
    equivalents=(
        Equivalent(
            "a step array for each entry",
            """
            def forward_gradient(f, x, h):
                x = np.asarray(x, dtype=float)
                here = f(x)
                slopes = np.empty_like(x)
                for i in np.ndindex(x.shape):
                    step = np.zeros_like(x)
                    step[i] = h
                    slopes[i] = (f(x + step) - here) / h
                return slopes
            """,
        ),
        Equivalent(
            "moves an entry and puts it back",
            """
            def forward_gradient(f, x, h):
                x = np.array(x, dtype=float)
                here = f(x)
                slopes = np.zeros(x.shape)
                for i in np.ndindex(x.shape):
                    kept = x[i]
                    x[i] = kept + h
                    slopes[i] = (f(x) - here) / h
                    x[i] = kept
                return slopes
            """,
        ),
        Equivalent(
            "np.nditer",
            """
            def forward_gradient(f, x, h):
                x = np.array(x, dtype=float)
                here, slopes = f(x), np.zeros(x.shape)
                entries = np.nditer(x, flags=["multi_index"])
                for _ in entries:
                    moved = x.copy()
                    moved[entries.multi_index] += h
                    slopes[entries.multi_index] = (f(moved) - here) / h
                return slopes
            """,
        ),
        Equivalent(
            "flat indices",
            """
            def forward_gradient(f, x, h):
                x = np.array(x, dtype=float)
                here = f(x)
                slopes = np.zeros(x.size)
                for k in range(x.size):
                    moved = x.flatten()
                    moved[k] += h
                    slopes[k] = f(moved.reshape(x.shape)) - here
                return slopes.reshape(x.shape) / h
            """,
        ),
    ),
)


def central_vectors(rng: Rng) -> Iterator[tuple]:
    for shape in vectors(rng):
        yield wave(rng, shape)[0], rng.normal(size=shape)


def central_shapes(rng: Rng) -> Iterator[tuple]:
    for shape in shapes(rng):
        yield wave(rng, shape)[0], point(rng, shape)


def central_steps(rng: Rng) -> Iterator[tuple]:
    for shape in vectors(rng):
        yield wave(rng, shape)[0], rng.normal(size=shape), float(rng.uniform(0.05, 0.4))


def central_dtypes(rng: Rng) -> Iterator[tuple]:
    for shape in ((5,), (3, 2)):
        f, _ = wave(rng, shape)
        yield f, rng.integers(-2, 3, size=shape)
        yield f, rng.normal(size=shape).astype(np.float32)


def central_strided(rng: Rng) -> Iterator[tuple]:
    yield wave(rng, (4, 2))[0], rng.normal(size=(2, 4)).T
    yield wave(rng, (3, 2, 4))[0], rng.normal(size=(4, 2, 3)).T
    yield wave(rng, (5,))[0], rng.normal(size=10)[::2]


def central_gate(f: Callable, rng: Rng) -> None:
    """The value, from f at x ± h·e_i: any other way to measure a slope is not what is asked for.

    So a call of the course's own `numerical_gradient`, which chooses its steps itself, is none.
    """
    h = 1e-5
    for args, expected in answered(numerical_gradient, central_vectors(rng)):
        loss, x = args
        asked, seen = watched(loss)
        wrong = compare(run(f, (asked, x)), expected, rtol=1e-8, atol=1e-8)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}: {wrong}")
        moved = [x + step for step in (*(h * np.eye(x.size)), *(-h * np.eye(x.size)))]
        if not all(any(near_to(p, place) for p in seen) for place in moved):
            raise Wrong(
                f"{describe_call(f, args)}: the value is right, but f was not asked for at "
                f"x + h·e_i and at x − h·e_i for every i, with the h = {h} of the signature"
            )


def near_to(one: Any, other: np.ndarray) -> bool:
    return np.shape(one) == other.shape and bool(np.all(np.abs(one - other) < 1e-9))


def central_many(rng: Rng) -> Iterator[tuple]:
    yield wave(rng, (12, 5))[0], rng.normal(size=(12, 5))


NUMERICAL_GRADIENT = Exercise(
    name="numerical_gradient",
    reference=numerical_gradient,
    properties=(
        Property("the gradient at a vector, from f at x ± h", 2, central_gate, central_vectors),
        near(2, numerical_gradient, central_shapes, says="x of any shape, a plain number too"),
        near(1, numerical_gradient, central_steps, says="central differences, with the h given"),
        calls(
            1,
            numerical_gradient,
            lambda f, x, *h: 2 * np.size(x),
            central_vectors,
            says="2N evaluations of f",
            rtol=1e-8,
            atol=1e-8,
        ),
        near(1, numerical_gradient, central_dtypes, says="integer and float32 x"),
        near(1, numerical_gradient, central_strided, says="a transposed or strided x"),
        left_alone(1, central_many, says="x is left as it was"),
    ),
    misconceptions=(
        Misconception(
            "forward differences",
            ("(f(x + h * e) - f(x - h * e)) / (2 * h)", "(f(x + h * e) - f(x)) / h"),
            "These are one-sided differences: close, but off by about h. The two points should "
            "lie on either side of x.",
        ),
        Misconception(
            "divides by h",
            ("/ (2 * h)", "/ h"),
            "Your gradient is twice what it should be. How far apart are the two points?",
        ),
        Misconception(
            "brackets left out",
            ("/ (2 * h)", "/ 2 * h"),
            "Your gradient is far too small. Python reads `a / 2 * h` from left to right.",
        ),
        Misconception(
            "sign",
            (
                "(f(x + h * e) - f(x - h * e)) / (2 * h)",
                "(f(x - h * e) - f(x + h * e)) / (2 * h)",
            ),
            "Every sign is the wrong way round. Which value is taken from which?",
        ),
        Misconception(
            "every entry moves at once",
            (
                "(f(x + h * e) - f(x - h * e)) / (2 * h)",
                "(f(x + h) - f(x - h)) / (2 * h)",
            ),
            "All your entries are the same number: the whole array moves at once. Only one entry "
            "may move at a time.",
        ),
        Misconception(
            "h to the left, h back",
            """
            def numerical_gradient(f, x, h=1e-5):
                x = np.array(x, dtype=float)
                gradient = np.empty(x.shape)
                for i in np.ndindex(x.shape):
                    x[i] += h
                    above = f(x)
                    x[i] -= h
                    below = f(x)
                    gradient[i] = (above - below) / (2 * h)
                return gradient
            """,
            "Your gradient is half of what it should be. You go up by h and down by h: where "
            "does the second evaluation stand?",
        ),
        Misconception(
            "never put back",
            """
            def numerical_gradient(f, x, h=1e-5):
                x = np.array(x, dtype=float)
                gradient = np.empty(x.shape)
                for i in np.ndindex(x.shape):
                    x[i] += h
                    above = f(x)
                    x[i] -= 2 * h
                    below = f(x)
                    gradient[i] = (above - below) / (2 * h)
                return gradient
            """,
            "Your first entry is right and the others are a little off: where does each entry "
            "stand when the next one moves?",
        ),
        Misconception(
            "zeros",
            """
            def numerical_gradient(f, x, h=1e-5):
                return np.zeros(np.shape(x))
            """,
            "Your gradient is zero everywhere. Is the array that f is asked for ever a different "
            "one?",
        ),
        Misconception(
            "a step of its own",
            ("directions = ", "h = 1e-5; directions = "),
            "Right, but your result does not depend on the h that was given.",
        ),
        Misconception(
            "four points",
            (
                "(f(x + h * e) - f(x - h * e)) / (2 * h)",
                "(8 * (f(x + h * e) - f(x - h * e)) - f(x + 2 * h * e) + f(x - 2 * h * e))"
                " / (12 * h)",
            ),
            "A more exact formula than the one asked for, at twice the price: count your calls "
            "of `f`.",
        ),
        Misconception(
            "f(x) for every entry",
            ("for e in directions]", "for e in directions if f(x) < np.inf]"),
            "Right, but there are evaluations of f that the result does not need. Which of them "
            "enter the formula?",
        ),
        Misconception(
            "flat result",
            ("return np.array(slopes).reshape(x.shape)", "return np.array(slopes)"),
            "Right for a vector. For other shapes your gradient comes in one long row: it must "
            "have the shape of x.",
        ),
        Misconception(
            "rows only",
            """
            def numerical_gradient(f, x, h=1e-5):
                x = np.atleast_1d(np.array(x, dtype=float))
                gradient = np.zeros(x.shape)
                for i in range(len(x)):
                    step = np.zeros(x.shape)
                    step[i] = h
                    gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
                return gradient
            """,
            "Right for a vector. In a matrix one index takes a whole row, and a plain number has "
            "no index at all. What goes through every entry, however many axes there are?",
        ),
        Misconception(
            "integers stay integers",
            """
            def numerical_gradient(f, x, h=1e-5):
                x = np.array(x)
                gradient = np.zeros(x.shape)
                for i in np.ndindex(x.shape):
                    kept = x[i]
                    x[i] = kept + h
                    above = f(x)
                    x[i] = kept - h
                    below = f(x)
                    x[i] = kept
                    gradient[i] = (above - below) / (2 * h)
                return gradient
            """,
            "Right in double precision. A small step added to an integer, or to a number with "
            "seven digits, is lost or cut when it is written back into the same array.",
        ),
        Misconception(
            "zeros_like an integer x",
            """
            def numerical_gradient(f, x, h=1e-5):
                x = np.asarray(x)
                gradient = np.zeros_like(x)
                for i in np.ndindex(x.shape):
                    step = np.zeros(x.shape)
                    step[i] = h
                    gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
                return gradient
            """,
            "Your slopes are computed well and then lose their digits: `zeros_like(x)` makes an "
            "array of the dtype of x. What becomes of 0.7 in an array of integers?",
        ),
        Misconception(
            "a reshaped copy",
            """
            def numerical_gradient(f, x, h=1e-5):
                x = np.asarray(x, dtype=float)
                flat = x.reshape(-1)
                gradient = np.zeros(x.size)
                for k in range(x.size):
                    kept = flat[k]
                    flat[k] = kept + h
                    above = f(x)
                    flat[k] = kept - h
                    below = f(x)
                    flat[k] = kept
                    gradient[k] = (above - below) / (2 * h)
                return gradient.reshape(x.shape)
            """,
            "Right for most arrays. `reshape` gives a view where it can and a copy where it "
            "cannot, as for a transposed array: then f never sees your steps.",
        ),
        Misconception(
            "moves the caller's x",
            """
            def numerical_gradient(f, x, h=1e-5):
                x = np.asarray(x, dtype=float)
                gradient = np.empty(x.shape)
                for i in np.ndindex(x.shape):
                    x[i] += h
                    above = f(x)
                    x[i] -= 2 * h
                    below = f(x)
                    x[i] += h
                    gradient[i] = (above - below) / (2 * h)
                return gradient
            """,
            "It is the caller's array that you write into, and adding and taking away steps "
            "does not bring back the same number in the last digit.",
        ),
    ),
    equivalents=(
        Equivalent(
            "a step array for each entry",
            """
            def numerical_gradient(f, x, h=1e-5):
                x = np.asarray(x, dtype=float)
                gradient = np.empty_like(x)
                for i in np.ndindex(x.shape):
                    step = np.zeros_like(x)
                    step[i] = h
                    gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
                return gradient
            """,
        ),
        Equivalent(
            "writes into x and puts it back",
            """
            def numerical_gradient(f, x, h=1e-5):
                x = np.asarray(x, dtype=float)
                gradient = np.zeros(x.shape)
                for i in np.ndindex(x.shape):
                    kept = float(x[i])
                    x[i] = kept + h
                    above = f(x)
                    x[i] = kept - h
                    below = f(x)
                    x[i] = kept
                    gradient[i] = (above - below) / (2 * h)
                return gradient
            """,
        ),
        Equivalent(
            "divides by the distance that the two points have",
            """
            def numerical_gradient(f, x, h=1e-5):
                x = np.array(x, dtype=float)
                gradient = np.zeros(x.shape)
                for i, entry in np.ndenumerate(x):
                    above, below = x.copy(), x.copy()
                    above[i], below[i] = entry + h, entry - h
                    gradient[i] = (f(above) - f(below)) / (above[i] - below[i])
                return gradient
            """,
        ),
        Equivalent(
            "flat indices",
            """
            def numerical_gradient(f, x, h=1e-5):
                x = np.array(x, dtype=float)
                gradient = np.zeros(x.shape)
                for k in range(x.size):
                    up, down = x.copy(), x.copy()
                    up.flat[k] += h
                    down.flat[k] -= h
                    gradient.flat[k] = (f(up) - f(down)) * 0.5 / h
                return gradient
            """,
        ),
        Equivalent(
            "np.nditer",
            """
            def numerical_gradient(f, x, h=1e-5):
                x = np.array(x, dtype=np.float64)
                gradient = np.zeros_like(x)
                entries = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
                for entry in entries:
                    kept = float(entry)
                    entry[...] = kept + h
                    above = f(x)
                    entry[...] = kept - h
                    below = f(x)
                    entry[...] = kept
                    gradient[entries.multi_index] = (above - below) / (2 * h)
                return gradient
            """,
        ),
        Equivalent(
            "the mean of two one-sided slopes",
            """
            def numerical_gradient(f, x, h=1e-5):
                x = np.array(x, dtype=float)
                steps = h * np.eye(x.size).reshape(-1, *x.shape)
                right = np.array([f(x + step) for step in steps])
                left = np.array([f(x - step) for step in steps])
                return (right / h - left / h).reshape(x.shape) / 2
            """,
        ),
    ),
)


# --- best_step ----------------------------------------------------------------------------------


def best_step(difference, f, derivative, x, steps):
    best, smallest = None, np.inf
    for h in steps:
        error = abs(difference(f, x, h) - derivative(x))
        if error < smallest:
            best, smallest = h, error
    return best


def forward_number(f: Callable, x: float, h: float) -> float:
    return (f(x + h) - f(x)) / h


def central_number(f: Callable, x: float, h: float) -> float:
    return (f(x + h) - f(x - h)) / (2 * h)


def number_wave(rng: Rng) -> tuple[Callable, Callable]:
    a, b, c = rng.uniform(0.5, 2.0), rng.uniform(-3.0, 3.0), rng.uniform(0.3, 1.0)

    def f(x: float) -> float:
        return float(a * np.sin(x + b) + np.exp(c * x))

    def derivative(x: float) -> float:
        return float(a * np.cos(x + b) + c * np.exp(c * x))

    return f, derivative


def erratic(rng: Rng, derivative: Callable, steps: np.ndarray) -> Callable:
    """A difference with an error of its own, of either sign, at each of the steps."""
    errors = signs(rng, steps.shape) * rng.permutation(np.linspace(0.1, 0.9, steps.size))

    def difference(f: Callable, x: float, h: float) -> float:
        f(x + h)  # as every difference does
        return derivative(x) + float(errors[np.argmin(np.abs(np.log(steps / h)))])

    return difference


def step_probes(rng: Rng) -> Iterator[tuple]:
    for k in rng.permutation(7):
        difference = (central_number, forward_number, *[None] * 5)[k]
        f, derivative = number_wave(rng)
        steps = 10.0 ** -np.arange(1, 14) * rng.uniform(0.5, 1.5, size=13)
        difference = difference or erratic(rng, derivative, steps)
        yield difference, f, derivative, float(rng.uniform(-1, 1)), steps


def step_orders(rng: Rng) -> Iterator[tuple]:
    for difference, f, derivative, x, steps in step_probes(rng):
        yield difference, f, derivative, x, steps[::-1]
        yield difference, f, derivative, x, [float(h) for h in rng.permutation(steps)]


def chooses(points: float, probes: Callable, *, says: str) -> Property:
    """The step of the smallest error; the first wrong choices are told."""

    def test(f: Callable, rng: Rng) -> None:
        said = []
        for args, expected in answered(best_step, probes(rng)):
            wrong = compare(run(f, args), expected, atol=0)
            if wrong:
                said.append(f"with {name_of(args[0])} at x = {args[3]:.4g}, {wrong}")
        if said:
            raise Wrong("\n".join(said[:3]))

    return Property(says, points, test)


BEST_STEP = Exercise(
    name="best_step",
    reference=best_step,
    same=(
        Same(
            "of two steps with the same error either is best; the probes have no such two",
            ("if error <= smallest:",),
        ),
    ),
    properties=(
        chooses(2, step_probes, says="the step with the smallest error"),
        chooses(1, step_orders, says="the steps in any order, a list too"),
    ),
    misconceptions=(
        Misconception(
            "no absolute value",
            ("abs(difference(f, x, h) - derivative(x))", "difference(f, x, h) - derivative(x)"),
            "You look for the lowest error with its sign: a difference far below the derivative "
            "looks best. An error is a distance.",
        ),
        Misconception(
            "the largest error",
            """
            def best_step(difference, f, derivative, x, steps):
                return max(steps, key=lambda h: abs(difference(f, x, h) - derivative(x)))
            """,
            "You return the step with the largest error.",
        ),
        Misconception(
            "the index",
            """
            def best_step(difference, f, derivative, x, steps):
                return int(np.argmin([abs(difference(f, x, h) - derivative(x)) for h in steps]))
            """,
            "You return the place of the best step among the steps, not the step itself.",
        ),
        Misconception(
            "the error",
            ("return best", "return smallest"),
            "You return the smallest error. The exercise asks for the step that has it.",
        ),
        Misconception(
            "the smallest step",
            """
            def best_step(difference, f, derivative, x, steps):
                return min(steps)
            """,
            "You return the smallest step. Is that where the error is smallest? Look at the curve.",
        ),
        Misconception(
            "the first step",
            """
            def best_step(difference, f, derivative, x, steps):
                return steps[0]
            """,
            "You return the first step, whatever the errors are.",
        ),
        Misconception(
            "compares with f(x)",
            ("- derivative(x)", "- f(x)"),
            "You compare the difference quotient with the value of f. It approximates something "
            "else.",
        ),
        Misconception(
            "a difference of its own",
            ("difference(f, x, h)", "(f(x + h) - f(x - h)) / (2 * h)"),
            "You compute a difference of your own. `difference` is an argument: which one is "
            "best depends on it.",
        ),
        Misconception(
            "neighbours agree best",
            """
            def best_step(difference, f, derivative, x, steps):
                slopes = np.array([difference(f, x, h) for h in steps])
                return steps[int(np.argmin(np.abs(np.diff(slopes))))]
            """,
            "You return the step that agrees best with the next one. Two slopes can agree and "
            "both be wrong: here the derivative is known.",
        ),
        Misconception(
            "stops when the error rises",
            """
            def best_step(difference, f, derivative, x, steps):
                best = steps[0]
                for h in steps[1:]:
                    if abs(difference(f, x, h) - derivative(x)) > abs(
                        difference(f, x, best) - derivative(x)
                    ):
                        break
                    best = h
                return best
            """,
            "You do not look at every step. Compare all the errors before you choose.",
        ),
        Misconception(
            "the largest step first",
            """
            def best_step(difference, f, derivative, x, steps):
                errors = [abs(difference(f, x, h) - derivative(x)) for h in steps]
                return sorted(steps, reverse=True)[int(np.argmin(errors))]
            """,
            "Right while the steps come in falling order. Keep each step together with its error.",
        ),
    ),
    equivalents=(
        Equivalent(
            "argmin",
            """
            def best_step(difference, f, derivative, x, steps):
                errors = [abs(difference(f, x, h) - derivative(x)) for h in steps]
                return steps[np.argmin(errors)]
            """,
        ),
        Equivalent(
            "min with a key",
            """
            def best_step(difference, f, derivative, x, steps):
                return min(steps, key=lambda h: abs(difference(f, x, h) - derivative(x)))
            """,
        ),
        Equivalent(
            "squared errors",
            """
            def best_step(difference, f, derivative, x, steps):
                exact = derivative(x)
                errors = np.array([difference(f, x, h) - exact for h in steps]) ** 2
                return np.asarray(steps)[errors == errors.min()][0]
            """,
        ),
        Equivalent(
            "sorted pairs",
            """
            def best_step(difference, f, derivative, x, steps):
                exact = derivative(x)
                return sorted((abs(difference(f, x, h) - exact), h) for h in steps)[0][1]
            """,
        ),
    ),
)


# --- relative_error -----------------------------------------------------------------------------


def relative_error(a, b):
    if np.shape(a) != np.shape(b):
        return np.inf
    a = [float(entry) for entry in np.ravel(a)]
    b = [float(entry) for entry in np.ravel(b)]
    apart = sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5
    length = sum(p * p for p in a) ** 0.5 + sum(q * q for q in b) ** 0.5
    return 0.0 if length == 0 else apart / length


def error_probes(rng: Rng) -> Iterator[tuple]:
    a = rng.uniform(0.5, 2.0, 5) * rng.permutation([1, 1, 1, -1, -1])
    yield a, a * float(rng.uniform(0.2, 0.8)) + rng.normal(size=5) / 100
    for shape in ((4,), (2, 3), (3, 1, 2)):
        a = rng.normal(size=shape)
        yield a, a + rng.normal(size=shape) * 10.0 ** rng.uniform(-4, 0)
        yield a, a * float(rng.uniform(-2, 3))
    yield rng.normal(size=(5,)), np.zeros(5)


def error_scales(rng: Rng) -> Iterator[tuple]:
    for scale in (1e-40, 1e-9, 1e40):
        a = rng.normal(size=(3, 2)) * scale
        yield a, a * (1 + rng.normal(size=(3, 2)) * 10.0 ** rng.uniform(-3, -1))


def error_zeros(rng: Rng) -> Iterator[tuple]:
    n = int(rng.integers(2, 6))
    yield np.zeros(n), np.zeros(n)
    yield np.zeros((n, 3)), np.zeros((n, 3))


def error_shapes(rng: Rng) -> Iterator[tuple]:
    n = int(rng.integers(2, 6))
    a = rng.normal(size=n)
    yield a.reshape(n, 1), a
    yield a, np.append(a, 0.0)
    yield rng.normal(size=(n, n + 1)), rng.normal(size=(n + 1, n))


def error_nan(f: Callable, rng: Rng) -> None:
    a = rng.normal(size=4)
    b = a.copy()
    b[int(rng.integers(4))] = np.nan
    for args in ((a, b), (b, a), (b, b)):
        error = run(f, args)
        if np.all(np.isfinite(numbers(error))):
            raise Wrong(f"{describe_call(f, args)}: it returned {describe(error)}, expected nan")


RELATIVE_ERROR = Exercise(
    name="relative_error",
    reference=relative_error,
    same=(
        Same(
            "the shapes are equal by then, so zip has nothing to be strict about",
            ("apart = sum(((p - q) ** 2 for p, q in zip(a, b, strict=False))) ** 0.5",),
        ),
        Same(
            "where the length is 0 so is the distance, and 0 over a length is 0 as well",
            ("return 0.0 if apart == 0 else apart / length",),
        ),
    ),
    properties=(
        value(2, relative_error, error_probes, says="the relative error of two gradients"),
        value(
            1,
            relative_error,
            error_scales,
            says="tiny and huge gradients count alike",
            rtol=1e-6,
            atol=0,
        ),
        value(1, relative_error, error_zeros, says="0 where both are zero"),
        value(1, relative_error, error_shapes, says="infinite where the shapes differ"),
        Property("nan is not agreement", 1, error_nan),
    ),
    misconceptions=(
        Misconception(
            "always 0",
            """
            def relative_error(a, b):
                return 0.0
            """,
            "Every pair of gradients has error 0 for you, however far apart they are.",
        ),
        Misconception(
            "the distance itself",
            """
            def relative_error(a, b):
                if np.shape(a) != np.shape(b):
                    return np.inf
                return np.linalg.norm(np.asarray(a) - np.asarray(b))
            """,
            "You return the distance. Relative to what? The lengths of the two gradients do not "
            "enter.",
        ),
        Misconception(
            "relative to one of them",
            ("length = sum(p * p for p in a) ** 0.5 + ", "length = "),
            "You divide by the length of one gradient. The formula treats the two alike.",
        ),
        Misconception(
            "relative to the larger",
            (
                "length = sum(p * p for p in a) ** 0.5 + sum(q * q for q in b) ** 0.5",
                "length = max(sum(p * p for p in a) ** 0.5, sum(q * q for q in b) ** 0.5)",
            ),
            "Your errors reach 2 where they should reach 1: you divide by one of the two "
            "lengths. Read the denominator again.",
        ),
        Misconception(
            "length of the sum",
            (
                "length = sum(p * p for p in a) ** 0.5 + sum(q * q for q in b) ** 0.5",
                "length = sum((p + q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5",
            ),
            "You divide by the length of a + b, which is small where the two point in opposite "
            "directions. The lengths are taken first and then added.",
        ),
        Misconception(
            "no square root",
            (
                "apart = sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5",
                "apart = sum((p - q) ** 2 for p, q in zip(a, b, strict=True))",
            ),
            "The numerator is the squared distance. A length is the root of the sum of squares.",
        ),
        Misconception(
            "sums of absolute values",
            """
            def relative_error(a, b):
                if np.shape(a) != np.shape(b):
                    return np.inf
                length = np.sum(np.abs(a)) + np.sum(np.abs(b))
                return np.sum(np.abs(np.subtract(a, b))) / length if length > 0 else 0.0
            """,
            "You add up absolute values. ‖·‖ is the Euclidean length: squares, sum, root.",
        ),
        Misconception(
            "signed sums",
            """
            def relative_error(a, b):
                if np.shape(a) != np.shape(b):
                    return np.inf
                length = np.sum(a) + np.sum(b)
                return np.sum(np.subtract(a, b)) / length if length else 0.0
            """,
            "Your entries can cancel each other: a difference of +1 and one of −1 make 0. A "
            "length has no sign.",
        ),
        Misconception(
            "entry by entry",
            """
            def relative_error(a, b):
                if np.shape(a) != np.shape(b):
                    return np.inf
                length = np.abs(a) + np.abs(b)
                return np.abs(np.subtract(a, b)) / np.where(length > 0, length, 1.0)
            """,
            "You return one error per entry. The exercise asks for one number for the whole pair.",
        ),
        Misconception(
            "the worst entry",
            """
            def relative_error(a, b):
                if np.shape(a) != np.shape(b):
                    return np.inf
                length = np.abs(a) + np.abs(b)
                return np.max(np.abs(np.subtract(a, b)) / np.where(length > 0, length, 1.0))
            """,
            "You return the worst relative error of an entry: another convention, which judges "
            "an entry near zero by its rounding. Here it is lengths of whole gradients.",
        ),
        Misconception(
            "a floor under the length",
            ("return 0.0 if length == 0 else apart / length", "return apart / max(length, 1e-8)"),
            "Right for gradients of ordinary size. Tiny gradients look equal to you, because "
            "something in your denominator is larger than they are.",
        ),
        Misconception(
            "no guard",
            """
            def relative_error(a, b):
                if np.shape(a) != np.shape(b):
                    return np.inf
                a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
                return np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b))
            """,
            "Right, but for two gradients of zeros: what is 0 / 0?",
        ),
        Misconception(
            "only a positive length divides",
            (
                "return 0.0 if length == 0 else apart / length",
                "return apart / length if length > 0 else 0.0",
            ),
            "A gradient that holds nan gets the error 0 from you: nan > 0 is false. For which "
            "length exactly is the answer 0?",
        ),
        Misconception(
            "broadcast",
            """
            def relative_error(a, b):
                a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
                length = np.linalg.norm(a) + np.linalg.norm(b)
                return np.linalg.norm(a - b) / length if length > 0 else 0.0
            """,
            "Right for equal shapes. For (n, 1) and (n,) NumPy subtracts every entry from every "
            "other one, and for other shapes it raises. Look at the shapes first.",
        ),
    ),
    equivalents=(
        Equivalent(
            "np.linalg.norm",
            """
            def relative_error(a, b):
                a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
                if a.shape != b.shape:
                    return np.inf
                length = np.linalg.norm(a) + np.linalg.norm(b)
                if length == 0:
                    return 0.0
                return np.linalg.norm(a - b) / length
            """,
        ),
        Equivalent(
            "np.sqrt and np.sum",
            """
            def relative_error(a, b):
                a, b = np.array(a), np.array(b)
                if a.shape != b.shape:
                    return float("inf")
                if not (a.any() or b.any()):
                    return 0.0
                length = np.sqrt(np.sum(a**2)) + np.sqrt(np.sum(b**2))
                return np.sqrt(np.sum((a - b) ** 2)) / length
            """,
        ),
        Equivalent(
            "hypot",
            """
            def relative_error(a, b):
                import math
                if np.shape(a) != np.shape(b):
                    return math.inf
                p, q = np.ravel(a), np.ravel(b)
                length = math.hypot(*p) + math.hypot(*q)
                return math.dist(p, q) / length if length else 0.0
            """,
        ),
        Equivalent(
            "dot products",
            """
            def relative_error(a, b):
                if np.shape(a) != np.shape(b):
                    return np.inf
                p, q = np.ravel(a), np.ravel(b)
                length = np.sqrt(p @ p) + np.sqrt(q @ q)
                return 0.0 if length == 0.0 else np.sqrt((p - q) @ (p - q)) / length
            """,
        ),
        Equivalent(
            "einsum, scaled",
            """
            def relative_error(a, b):
                a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
                if a.shape != b.shape:
                    return np.inf
                scale = max(np.abs(a).max(), np.abs(b).max())
                if scale == 0:
                    return 0.0
                a, b = a.ravel() / scale, b.ravel() / scale
                apart, p, q = (np.sqrt(np.einsum("i,i->", v, v)) for v in (a - b, a, b))
                return apart / (p + q)
            """,
        ),
    ),
)


# --- gradient_check -----------------------------------------------------------------------------


def gradient_check(f, gradient, x, tolerance=1e-6):
    analytic, numerical = np.asarray(gradient(x)), numerical_gradient(f, x)
    if analytic.shape != numerical.shape:
        return False
    apart = np.sqrt(np.sum((analytic - numerical) ** 2))
    length = np.sqrt(np.sum(analytic**2)) + np.sqrt(np.sum(numerical**2))
    return bool(apart <= tolerance * length)


def mistakes(gradient: Callable, x: np.ndarray) -> dict[str, Callable]:
    """Wrong gradients by what is wrong with them; each is wrong at `x` and around it."""
    later = np.abs(gradient(x)).ravel()[1:]  # not the first: a check may look at that one only
    largest = np.unravel_index(1 + int(np.argmax(later)), x.shape)

    def with_largest_times(factor: float) -> Callable:
        def wrong(x: np.ndarray) -> np.ndarray:
            g = gradient(x)
            g[largest] *= factor
            return g

        return wrong

    wrong = {
        "doubled": lambda x: 2 * gradient(x),
        "the sign flipped": lambda x: -gradient(x),
        "all zero": lambda x: 0 * gradient(x),
        "divided by the number of entries": lambda x: gradient(x) / x.size,
        "in reversed order": lambda x: gradient(x).ravel()[::-1].reshape(x.shape),
        "one entry missing": with_largest_times(0.0),
        "one entry off by a hundredth": with_largest_times(1.01),
    }
    return {kind: takes(x.shape, function, "gradient") for kind, function in wrong.items()}


def decide(f: Callable, args: tuple) -> bool:
    answer = run(f, args)
    wrong = compare(answer, True)
    if wrong and compare(answer, False):
        raise Wrong(f"{describe_call(f, args)}: {wrong.replace('True', 'True or False')}")
    return bool(answer)


def scaled(function: Callable, factor: float) -> Callable:
    def scaled_(x: Any) -> Any:
        return factor * function(x)

    scaled_.__name__ = name_of(function)
    return scaled_


RIGHT = "rejected a right gradient"


def gradient_cases(rng: Rng) -> list[tuple]:
    """What is wrong, a loss, a gradient, a point. No two share a function or a point."""
    cases = []
    for shape in ((4,), (2, 3), (3, 1, 2)):
        for kind in (*[RIGHT] * 3, *mistakes(lambda x: x, np.ones(shape))):
            loss, gradient = wave(rng, shape)
            x = rng.normal(size=shape)
            if kind != RIGHT:
                gradient = mistakes(gradient, x)[kind]
            cases.append((kind, loss, gradient, x))
    return [cases[k] for k in rng.permutation(len(cases))]


def check_decides(f: Callable, rng: Rng) -> None:
    wrong_decisions: set[str] = set()
    asked: dict[str, int] = {"f": 0, "gradient": 0}
    greedy = ""
    for kind, loss, gradient, x in gradient_cases(rng):
        (loss, loss_points), (gradient, gradient_points) = watched(loss), watched(gradient)
        if decide(f, (loss, gradient, x)) != (kind == RIGHT):
            wrong_decisions.add(kind)
        asked["f"] += len(loss_points)
        if len(loss_points) > 4 * x.size:
            greedy = f"{len(loss_points)} times for {x.size} entries"
        asked["gradient"] += sum(
            np.shape(p) == x.shape and np.allclose(p, x) for p in gradient_points
        )
    if not wrong_decisions:
        # So is a call of the course's own `check_gradient`, which is no answer.
        if greedy:
            raise Wrong(
                f"{name_of(f)} asked for f {greedy}, more than twice as often as a numerical "
                "gradient does; use the one that you wrote"
            )
        return
    said = []
    accepted = sorted(wrong_decisions - {RIGHT})
    if len(accepted) < len(wrong_decisions):
        said.append(RIGHT)
    if accepted:
        said.append(f"accepted these wrong ones: {'; '.join(accepted)}")
    said += [f"never called {name}" for name, times in asked.items() if times == 0]
    raise Wrong(f"{name_of(f)} " + ", and it ".join(said))


def check_scales(f: Callable, rng: Rng) -> None:
    """In random order: a constant function, and flat and steep ones with right and wrong gradients."""
    constant = loss_of((3, 2), lambda x: 1.5), takes((3, 2), np.zeros_like, "gradient")
    said = "rejected the right gradient, zeros, of a constant function"
    cases = [(True, *constant, said)]
    for factor, kind in ((1e-9, "flat"), (1e9, "steep")):
        for times, right in ((1, True), (2, False)):
            loss, gradient = wave(rng, (3, 2))
            did = "rejected the right gradient" if right else "accepted a doubled gradient"
            functions = scaled(loss, factor), scaled(gradient, times * factor)
            cases.append((right, *functions, f"{did} of a very {kind} function"))
    for k in rng.permutation(len(cases)):
        right, loss, gradient, said = cases[k]
        if decide(f, (loss, gradient, rng.normal(size=(3, 2)))) != right:
            raise Wrong(f"{name_of(f)} {said}")


def check_tolerance(f: Callable, rng: Rng) -> None:
    """Well inside and a little inside the tolerance, and outside; small and large errors."""
    rejected: set[str] = set()
    accepted: set[str] = set()
    cases = [
        (shape, error, sign, times)
        for shape, error in (((5,), 10.0 ** rng.uniform(-4, -2)), ((2, 3), rng.uniform(0.2, 0.3)))
        for sign in (1, -1)
        for times in (3.0, 1.04, 0.96, 0.3)
    ]
    for k in rng.permutation(len(cases)):
        shape, error, sign, times = cases[k]
        loss, gradient = wave(rng, shape)
        # One gradient times (1 + e) / (1 − e), or that the other way up, is off by exactly e.
        off = scaled(gradient, ((1 + error) / (1 - error)) ** sign)
        right = times > 1
        if decide(f, (loss, off, rng.normal(size=shape), times * error)) != right:
            (rejected if right else accepted).add(f"{1 / times:.2f}")
    said = [
        f"{did} gradients whose relative error is {' and '.join(sorted(found))} times the tolerance"
        for did, found in (("rejected", rejected), ("accepted", accepted))
        if found
    ]
    if said:
        raise Wrong(f"{name_of(f)} {' and '.join(said)}")


def check_malformed(f: Callable, rng: Rng) -> None:
    """Gradients that hold nan, or stand in one column, among right ones."""
    n = int(rng.integers(3, 6))
    cases = []
    for shape in ((n,), (2, 3)):
        for kind in ("nan", "column", None):
            loss, gradient = wave(rng, shape)
            cases.append((kind, loss, malformed(gradient, shape, kind), rng.normal(size=shape)))
    for k in rng.permutation(len(cases)):
        kind, loss, gradient, x = cases[k]
        if decide(f, (loss, gradient, x)) == (kind is None):
            continue
        what = {
            "nan": "accepted a gradient that holds nan",
            "column": f"accepted a gradient of shape {(x.size, 1)} at an x of shape {x.shape}",
            None: RIGHT,
        }
        raise Wrong(f"{name_of(f)} {what[kind]}")


def malformed(gradient: Callable, shape: tuple[int, ...], kind: str | None) -> Callable:
    def changed(x: np.ndarray) -> np.ndarray:
        g = gradient(x)
        if kind == "nan":
            g.flat[-1] = np.nan
        return g.reshape(-1, 1) if kind == "column" else g

    return takes(shape, changed, "gradient")


GRADIENT_CHECK = Exercise(
    name="gradient_check",
    reference=gradient_check,
    same=(
        Same(
            "the numerical gradient has the shape of x",
            ("if analytic.shape != x.shape:",),
        ),
    ),
    properties=(
        Property("right gradients pass, wrong ones do not", 3, check_decides),
        Property("flat and steep functions alike", 1, check_scales),
        Property("the tolerance decides", 1, check_tolerance),
        Property("nan and a wrong shape do not pass", 1, check_malformed),
    ),
    misconceptions=(
        Misconception(
            "always True",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                return True
            """,
            "Your check lets everything pass. It never asks for either gradient.",
        ),
        Misconception(
            "always False",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                return False
            """,
            "Your check rejects everything. It never asks for either gradient.",
        ),
        Misconception(
            "the numerical gradient with itself",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                numerical = numerical_gradient(f, x)
                return relative_error(numerical, numerical_gradient(f, x)) < tolerance
            """,
            "Your check compares the numerical gradient with itself. The gradient on trial is "
            "never computed.",
        ),
        Misconception(
            "the analytic gradient with itself",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                return relative_error(gradient(x), gradient(x)) < tolerance
            """,
            "Your check compares the gradient on trial with itself. Nothing in it looks at f.",
        ),
        Misconception(
            "returns the error",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                return relative_error(gradient(x), numerical_gradient(f, x))
            """,
            "You return the relative error. The exercise asks for a decision, True or False.",
        ),
        Misconception(
            "the wrong way round",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                return bool(relative_error(gradient(x), numerical_gradient(f, x)) > tolerance)
            """,
            "Your decisions are the opposite of what they should be. What does True stand for?",
        ),
        Misconception(
            "exactly equal",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                return bool(np.all(gradient(x) == numerical_gradient(f, x)))
            """,
            "Your check rejects right gradients: it asks for equality to the last digit, which "
            "an approximation does not have.",
        ),
        Misconception(
            "lengths only",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                a, b = np.linalg.norm(gradient(x)), np.linalg.norm(numerical_gradient(f, x))
                return bool(abs(a - b) / (a + b) < tolerance)
            """,
            "Your check compares the lengths of the two gradients. Two arrows of one length can "
            "point in different directions.",
        ),
        Misconception(
            "sizes without signs",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                analytic, numerical = gradient(x), numerical_gradient(f, x)
                return relative_error(np.abs(analytic), np.abs(numerical)) < tolerance
            """,
            "Your check does not see signs. A gradient that points uphill for downhill passes.",
        ),
        Misconception(
            "signs only",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                return bool(np.all(np.sign(gradient(x)) == np.sign(numerical_gradient(f, x))))
            """,
            "Your check looks at the signs. The sizes are part of a gradient too.",
        ),
        Misconception(
            "directions only",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                a, b = np.ravel(gradient(x)), np.ravel(numerical_gradient(f, x))
                return bool(a @ b > (1 - 1e-9) * np.linalg.norm(a) * np.linalg.norm(b) > 0)
            """,
            "Your check compares directions. A gradient that is twice as long passes.",
        ),
        Misconception(
            "sums",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                a, b = np.sum(gradient(x)), np.sum(numerical_gradient(f, x))
                return bool(abs(a - b) / (abs(a) + abs(b)) < tolerance)
            """,
            "Your check adds up the entries before it compares. In which order they stand, or "
            "where they cancel, it cannot see.",
        ),
        Misconception(
            "the first entry",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                a, b = np.ravel(gradient(x))[0], np.ravel(numerical_gradient(f, x))[0]
                return bool(abs(a - b) / (abs(a) + abs(b)) < tolerance)
            """,
            "Your check looks at one entry. A mistake in any other one passes.",
        ),
        Misconception(
            "the absolute distance",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                analytic, numerical = np.asarray(gradient(x)), numerical_gradient(f, x)
                if analytic.shape != numerical.shape:
                    return False
                return bool(np.linalg.norm(analytic - numerical) < tolerance)
            """,
            "Right for ordinary functions. You compare the distance itself with the tolerance: "
            "in a very flat function everything is close.",
        ),
        Misconception(
            "relative to the larger length",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                a, b = np.asarray(gradient(x)), numerical_gradient(f, x)
                if a.shape != b.shape:
                    return False
                length = max(np.linalg.norm(a), np.linalg.norm(b))
                return bool(np.linalg.norm(a - b) <= tolerance * length)
            """,
            "Near the tolerance you decide otherwise than the lesson's relative error does, which "
            "divides by the sum of both lengths. Use the function that you wrote for it.",
        ),
        Misconception(
            "a tolerance of its own",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                return relative_error(gradient(x), numerical_gradient(f, x)) < 1e-6
            """,
            "Right, but the tolerance that is given does not enter in your decision.",
        ),
        Misconception(
            "np.allclose",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                return np.allclose(gradient(x), numerical_gradient(f, x), rtol=1e-4)
            """,
            "`np.allclose` has tolerances of its own, one of them absolute (1e-8), and it "
            "broadcasts. Use your relative error, and the tolerance that is given.",
        ),
        Misconception(
            "not greater",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                return not relative_error(gradient(x), numerical_gradient(f, x)) > tolerance
            """,
            "A gradient that holds nan passes: no comparison with nan is true, so `not ... >` "
            "is. Ask the question the other way.",
        ),
        Misconception(
            "flattened first",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                analytic, numerical = gradient(x), numerical_gradient(f, x)
                return relative_error(np.ravel(analytic), np.ravel(numerical)) < tolerance
            """,
            "Right for the values. You flatten both, and so a gradient in the wrong shape passes.",
        ),
    ),
    equivalents=(
        Equivalent(
            "its relative error",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                return relative_error(gradient(x), numerical_gradient(f, x)) < tolerance
            """,
        ),
        Equivalent(
            "norms",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                a, b = np.asarray(gradient(x)), numerical_gradient(f, x)
                if a.shape != b.shape:
                    return False
                length = np.linalg.norm(a) + np.linalg.norm(b)
                return np.linalg.norm(a - b) <= tolerance * length
            """,
        ),
        Equivalent(
            "if and else",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                error = relative_error(numerical_gradient(f, x), gradient(x))
                if error < tolerance:
                    return True
                else:
                    return False
            """,
        ),
        Equivalent(
            "its own loop",
            """
            def gradient_check(f, gradient, x, tolerance=1e-6):
                analytic = np.asarray(gradient(x))
                if analytic.shape != x.shape:
                    return False
                numerical = np.zeros(x.shape)
                for i in np.ndindex(x.shape):
                    step = np.zeros(x.shape)
                    step[i] = 2e-5
                    numerical[i] = (f(x + step) - f(x - step)) / 4e-5
                return bool(relative_error(analytic, numerical) <= tolerance)
            """,
        ),
    ),
)


# --- kinks --------------------------------------------------------------------------------------


def kinks(f, x, h=1e-6, gap=1e-3):
    right = forward_gradient(f, x, h)
    left = forward_gradient(f, x, -h)
    return np.abs(right - left) > gap


def bent(rng: Rng, shape: tuple[int, ...], bends: Any, at: np.ndarray) -> Callable:
    """A function whose slope in entry i jumps by `bends` at `at`; it is smooth elsewhere."""
    a = signs(rng, shape) * rng.uniform(0.5, 3.0, shape)
    b = rng.uniform(-3.0, 3.0, shape)
    return loss_of(shape, lambda x: np.sum(bends / 2 * np.abs(x - at) + a * np.sin(x + b)))


def standing(rng: Rng, shape: tuple[int, ...]) -> tuple[Callable, np.ndarray, np.ndarray]:
    """A bent function, a point, and which of the point's entries stand on a kink.

    Every second entry does, with the slope jumping up and down in turn; one other entry is 0.
    """
    size = int(np.prod(shape))
    order = rng.permutation(size)
    on = (order % 2 == 0).reshape(shape)
    up = np.where(order % 4 < 2, 1.0, -1.0).reshape(shape)
    at = rng.normal(size=shape)
    away = signs(rng, shape) * rng.uniform(0.05, 1.0, shape)
    at = np.where((order == 1).reshape(shape), -away, at)
    bends = up * rng.uniform(0.3, 4.0, shape)
    return bent(rng, shape, bends, at), np.where(on, at, at + away), on


def same_flags(f: Callable, args: tuple, expected: np.ndarray) -> None:
    answer = run(f, args)
    if answer is None:
        raise Wrong(f"{describe_call(f, args)}: it returned None: does it end in a `return`?")
    got = answer if isinstance(answer, np.ndarray) else np.array(None)
    if isinstance(answer, bool | np.bool_):
        got = np.array(answer)
    if got.dtype != bool or got.shape != expected.shape:
        raise Wrong(
            f"{describe_call(f, args)}: it returned values of dtype {got.dtype} in shape "
            f"{got.shape}, expected True or False for each entry, shape {expected.shape}"
        )
    if not np.array_equal(got, expected):
        raise Wrong(
            f"{describe_call(f, args)}: True at {places(got)}, expected True at {places(expected)}"
        )


def places(flags: np.ndarray) -> str:
    found = [", ".join(str(int(i)) for i in index) for index in np.argwhere(flags)]
    return ", ".join(f"[{index}]" for index in found) or "no entry"


def kinks_vectors(f: Callable, rng: Rng) -> None:
    for n in (14, 5):
        function, x, on = standing(rng, (n,))
        same_flags(f, (function, x), on)


def kinks_shapes(f: Callable, rng: Rng) -> None:
    for shape in ((2, 3), (3, 1, 2), (1, 4)):
        function, x, on = standing(rng, shape)
        same_flags(f, (function, x), on)


def kinks_settings(f: Callable, rng: Rng) -> None:
    gap = float(rng.uniform(0.05, 0.5))
    jump = rng.permutation([0.6, 0.8, 1.3, 1.7])
    at = rng.normal(size=4)
    function = bent(rng, (4,), jump * gap * signs(rng, (4,)), at)
    same_flags(f, (function, at, 1e-6, gap), jump > 1)

    h = float(rng.uniform(1e-4, 3e-4))
    away = rng.permutation([0.1, 0.3, 2.0, 4.0])
    function = bent(rng, (4,), signs(rng, (4,)), at)
    same_flags(f, (function, at + h * away * signs(rng, (4,)), h, 0.05), away < 1)


KINKS = Exercise(
    name="kinks",
    reference=kinks,
    same=(
        Same(
            "a jump that equals the gap to the last digit does not occur",
            ("return np.abs(right - left) >= gap",),
        ),
    ),
    properties=(
        Property("which entries stand on a kink", 2, kinks_vectors),
        Property("x of any shape", 1, kinks_shapes),
        Property("the h and the gap that are given", 1, kinks_settings),
    ),
    misconceptions=(
        Misconception(
            "both slopes to the right",
            ("forward_gradient(f, x, -h)", "forward_gradient(f, x, h / 2)"),
            "You find no kink anywhere. On which side of x is each of your two slopes taken?",
        ),
        Misconception(
            "the left slope with the wrong sign",
            ("left = forward_gradient(f, x, -h)", "left = -forward_gradient(f, x, -h)"),
            "You call smooth places kinks, wherever f is steep. What is the sign of a slope that "
            "is taken to the left, and by what did you divide?",
        ),
        Misconception(
            "no absolute value",
            ("np.abs(right - left) > gap", "right - left > gap"),
            "You find the kinks where the slope jumps up, as in |x|, and miss those where it "
            "jumps down, as in −|x|.",
        ),
        Misconception(
            "jumps down only",
            ("np.abs(right - left) > gap", "left - right > gap"),
            "You find the kinks where the slope jumps down, as in −|x|, and miss those where it "
            "jumps up, as in |x|.",
        ),
        Misconception(
            "a change of sign",
            ("np.abs(right - left) > gap", "right * left < 0"),
            "You look for slopes of opposite sign. At a kink the slope jumps, but it may keep "
            "its sign.",
        ),
        Misconception(
            "the smooth ones",
            ("np.abs(right - left) > gap", "np.abs(right - left) < gap"),
            "You have True where f is smooth. What does True stand for?",
        ),
        Misconception(
            "where x is zero",
            ("return np.abs(right - left) > gap", "return np.abs(x) < h"),
            "You look at x where you should look at f. The ReLU has its kink at 0; other "
            "functions have theirs elsewhere.",
        ),
        Misconception(
            "one answer for all",
            ("np.abs(right - left) > gap", "np.max(np.abs(right - left)) > gap"),
            "You give one answer. The exercise asks for one for every entry of x.",
        ),
        Misconception(
            "the jumps themselves",
            ("np.abs(right - left) > gap", "np.abs(right - left)"),
            "You return by how much the slope jumps. The exercise asks where it does: True or "
            "False.",
        ),
        Misconception(
            "right against central",
            ("forward_gradient(f, x, -h)", "numerical_gradient(f, x, h)"),
            "Your jumps are half as large as they are: a central difference lies halfway "
            "between the slope on the left and the slope on the right.",
        ),
        Misconception(
            "settings of its own",
            (
                "right = forward_gradient(f, x, h)",
                "h, gap = 1e-6, 1e-3; right = forward_gradient(f, x, h)",
            ),
            "Right for the usual h and gap. The ones that are given do not enter.",
        ),
        Misconception(
            "the first index only",
            """
            def kinks(f, x, h=1e-6, gap=1e-3):
                jumps = np.zeros(np.shape(x))
                for i in range(len(x)):
                    step = np.zeros(np.shape(x))
                    step[i] = h
                    jumps[i] = (f(x + step) - 2 * f(x) + f(x - step)) / h
                return np.abs(jumps) > gap
            """,
            "Right for a vector. In a matrix one index moves a whole row.",
        ),
    ),
    equivalents=(
        Equivalent(
            "second difference",
            """
            def kinks(f, x, h=1e-6, gap=1e-3):
                jumps = np.zeros(x.shape)
                for i in np.ndindex(x.shape):
                    step = np.zeros(x.shape)
                    step[i] = h
                    jumps[i] = (f(x + step) - 2 * f(x) + f(x - step)) / h
                return abs(jumps) > gap
            """,
        ),
        Equivalent(
            "right against central, doubled",
            """
            def kinks(f, x, h=1e-6, gap=1e-3):
                half = forward_gradient(f, x, h) - numerical_gradient(f, x, h)
                return np.abs(2 * half) > gap
            """,
        ),
        Equivalent(
            "np.isclose",
            """
            def kinks(f, x, h=1e-6, gap=1e-3):
                left, right = (forward_gradient(f, x, step) for step in (-h, h))
                return ~np.isclose(left, right, rtol=0, atol=gap)
            """,
        ),
        Equivalent(
            "entry by entry",
            """
            def kinks(f, x, h=1e-6, gap=1e-3):
                right, left = forward_gradient(f, x, h), forward_gradient(f, x, -h)
                found = np.zeros(right.shape, dtype=bool)
                for i in np.ndindex(right.shape):
                    found[i] = max(right[i], left[i]) - min(right[i], left[i]) >= gap
                return found
            """,
        ),
    ),
)


# --- find_wrong_gradients -----------------------------------------------------------------------


def find_wrong_gradients(candidates, points):
    wrong = []
    for name, (f, gradient) in candidates.items():
        if not all(gradient_check(f, gradient, x) for x in points):
            wrong.append(name)
    return wrong


NAMES = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa")


def named(rng: Rng, candidates: list[tuple]) -> tuple[dict, list[str]]:
    """Candidates (f, gradient, is it wrong?) under random names, in random order."""
    names = [str(name) for name in rng.permutation(NAMES)]
    order = [candidates[k] for k in rng.permutation(len(candidates))]
    found = {name: (f, gradient) for name, (f, gradient, _) in zip(names, order, strict=False)}
    return found, [name for name, (*_, wrong) in zip(names, order, strict=False) if wrong]


def judge_hunt(f: Callable, candidates: dict, points: np.ndarray, expected: list[str]) -> None:
    answer = run(f, (candidates, points))
    if not isinstance(answer, list | tuple | set) or not all(isinstance(n, str) for n in answer):
        raise Wrong(f"{name_of(f)} returned {answer!r}, expected a list of names")
    missed = sorted(set(expected) - set(answer))
    innocent = sorted(set(answer) - set(expected))
    said = [
        f"{text} {', '.join(found)}"
        for text, found in (
            ("it missed", missed),
            ("it calls wrong what is right:", innocent),
            ("it names more than once", sorted({n for n in answer if list(answer).count(n) > 1})),
        )
        if found
    ]
    if said:
        raise Wrong(f"of the gradients {', '.join(candidates)}: {'; '.join(said)}")


def hunt(f: Callable, rng: Rng, points: np.ndarray, wrong: list[Callable], right: int) -> None:
    """Among so many right gradients, those that these functions make wrong."""
    shape = points.shape[1:]
    pool = []
    for change in (*wrong, *[None] * right):
        loss, gradient = wave(rng, shape)
        pool.append((loss, change(gradient) if change else gradient, change is not None))
    candidates, names = named(rng, pool)
    judge_hunt(f, candidates, points, names)


def times(factor: float) -> Callable[[Callable], Callable]:
    return lambda gradient: scaled(gradient, factor)


def around(places: np.ndarray, factor: float, otherwise: float) -> Callable[[Callable], Callable]:
    """A gradient that is multiplied with one number at these points, with another elsewhere."""

    def change(gradient: Callable) -> Callable:
        def switched(x: np.ndarray) -> np.ndarray:
            here = np.any(np.all(np.abs(places - x) < 1e-3, axis=1))
            return (factor if here else otherwise) * gradient(x)

        return takes(places.shape[1:], switched, "gradient")

    return change


def any_factor(rng: Rng) -> float:
    return float(rng.choice([-1, 0, 0.5, 2, 1.01]))


def hunt_everywhere(f: Callable, rng: Rng) -> None:
    for n in (3, 5):
        points = rng.normal(size=(int(rng.integers(3, 6)), n))
        wrong = [times(any_factor(rng)) for _ in range(int(rng.integers(3, 6)))]
        hunt(f, rng, points, wrong, int(rng.integers(3, 5)))


def hunt_somewhere(f: Callable, rng: Rng) -> None:
    """Gradients that are right at some points and wrong at others."""
    points = rng.normal(size=(5, int(rng.integers(3, 6))))
    wrong = [around(p, 2.0, 1.0) for p in (points[:1], points[2:3], points[-1:], points[1:4])]
    wrong.append(around(points[1:2], 1.0, 2.0))
    wrong += [times(any_factor(rng)) for _ in range(int(rng.integers(2)))]
    hunt(f, rng, points, wrong, int(rng.integers(2, 4)))


def hunt_extremes(f: Callable, rng: Rng) -> None:
    """None is wrong, or all are; in either order."""
    for all_wrong in rng.permutation([True, False]):
        points = rng.normal(size=(int(rng.integers(3, 6)), int(rng.integers(3, 6))))
        count = int(rng.integers(3, 8))
        wrong = [times(any_factor(rng)) for _ in range(count)] if all_wrong else []
        hunt(f, rng, points, wrong, 0 if all_wrong else count)


FIND_WRONG_GRADIENTS = Exercise(
    name="find_wrong_gradients",
    reference=find_wrong_gradients,
    properties=(
        Property("the gradients that are wrong", 2, hunt_everywhere),
        Property("gradients that are wrong at some points only", 2, hunt_somewhere),
        Property("none wrong, or all of them", 1, hunt_extremes),
    ),
    misconceptions=(
        Misconception(
            "the right ones",
            ("if not all(", "if all("),
            "You return the gradients that pass. The exercise asks for those that do not.",
        ),
        Misconception(
            "every name",
            """
            def find_wrong_gradients(candidates, points):
                return list(candidates)
            """,
            "You accuse every gradient.",
        ),
        Misconception(
            "no name",
            """
            def find_wrong_gradients(candidates, points):
                return []
            """,
            "You accuse no gradient.",
        ),
        Misconception(
            "stops at the first",
            ("wrong.append(name)", "wrong.append(name); break"),
            "You stop at the first wrong gradient. There may be more.",
        ),
        Misconception(
            "one for each point",
            """
            def find_wrong_gradients(candidates, points):
                wrong = []
                for name, (f, gradient) in candidates.items():
                    for x in points:
                        if not gradient_check(f, gradient, x):
                            wrong.append(name)
                return wrong
            """,
            "A gradient that fails at three points is named three times. Once is enough.",
        ),
        Misconception(
            "the first point",
            ("for x in points)", "for x in points[:1])"),
            "You check at the first point only. A gradient can be right there and wrong elsewhere.",
        ),
        Misconception(
            "the last point",
            """
            def find_wrong_gradients(candidates, points):
                wrong = []
                for name, (f, gradient) in candidates.items():
                    for x in points:
                        passed = gradient_check(f, gradient, x)
                    if not passed:
                        wrong.append(name)
                return wrong
            """,
            "Only what the last point says counts in your code: each point overwrites the "
            "decision of the one before.",
        ),
        Misconception(
            "wrong at every point",
            ("if not all(", "if not any("),
            "You call a gradient wrong where it fails at every point. At how many points must "
            "a right gradient pass?",
        ),
        Misconception(
            "the majority",
            (
                "if not all(gradient_check(f, gradient, x) for x in points):",
                "if sum(gradient_check(f, gradient, x) for x in points) < len(points) / 2:",
            ),
            "You let the majority of the points decide. One point at which it is wrong convicts "
            "a gradient.",
        ),
        Misconception(
            "the mean of the points",
            (
                "all(gradient_check(f, gradient, x) for x in points)",
                "gradient_check(f, gradient, np.mean(points, axis=0))",
            ),
            "You check at one place, the middle of the points. Each point is a trial of its own.",
        ),
        Misconception(
            "decisions for names",
            ("wrong.append(name)", "wrong.append(True)"),
            "You return decisions. The exercise asks for names.",
        ),
        Misconception(
            "numbers for names",
            (
                "if not all(gradient_check(f, gradient, x) for x in points):\n"
                "            wrong.append(name)",
                "if not all(gradient_check(f, gradient, x) for x in points):\n"
                "            wrong.append(list(candidates).index(name))",
            ),
            "You return the places of the wrong gradients in the dictionary. The exercise asks "
            "for their names.",
        ),
        Misconception(
            "how many",
            ("return wrong", "return len(wrong)"),
            "You return how many are wrong. The exercise asks which.",
        ),
    ),
    equivalents=(
        Equivalent(
            "comprehension",
            """
            def find_wrong_gradients(candidates, points):
                return [
                    name
                    for name, (f, gradient) in candidates.items()
                    if any(not gradient_check(f, gradient, x) for x in points)
                ]
            """,
        ),
        Equivalent(
            "break at the first failure",
            """
            def find_wrong_gradients(candidates, points):
                wrong = []
                for name in candidates:
                    f, gradient = candidates[name]
                    for x in points:
                        if not gradient_check(f, gradient, x):
                            wrong.append(name)
                            break
                return wrong
            """,
        ),
        Equivalent(
            "a set, sorted",
            """
            def find_wrong_gradients(candidates, points):
                found = set()
                for x in points:
                    for name, functions in candidates.items():
                        if not gradient_check(*functions, x):
                            found.add(name)
                return sorted(found)
            """,
        ),
        Equivalent(
            "counts failures",
            """
            def find_wrong_gradients(candidates, points):
                failures = {
                    name: sum(not gradient_check(f, gradient, x) for x in points)
                    for name, (f, gradient) in candidates.items()
                }
                return [name for name, count in failures.items() if count > 0]
            """,
        ),
    ),
)


EXERCISES = (
    PROBE,
    SLOPES_FROM_TABLE,
    FORWARD_GRADIENT,
    NUMERICAL_GRADIENT,
    BEST_STEP,
    RELATIVE_ERROR,
    GRADIENT_CHECK,
    KINKS,
    FIND_WRONG_GRADIENTS,
)
