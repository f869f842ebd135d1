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
    Wrong,
    left_alone,
    run,
    silent,
    value,
)
from helpers.checks import compare, describe_call, name_of

Rng = np.random.Generator


# --- Functions to differentiate -----------------------------------------------------------------


def takes(shape: tuple[int, ...], f: Callable) -> Callable:
    """`f`, refusing an array of any shape but this one.

    A plain function, so that a copy of the arguments does not copy what a probe remembers.
    """

    def f_(x: Any) -> float:
        if np.shape(x) != shape:
            raise ValueError(f"f takes an array of shape {shape}; it was given {np.shape(x)}")
        return float(f(np.asarray(x, dtype=float)))

    f_.__name__ = "f"
    return f_


def watched(f: Callable) -> tuple[Callable, list[np.ndarray]]:
    """`f`, and the list of every point it is asked for."""
    points: list[np.ndarray] = []

    def f_(x: Any) -> Any:
        points.append(np.array(x, dtype=float))
        return f(x)

    f_.__name__ = name_of(f)
    return f_, points


def signs(rng: Rng, shape: tuple[int, ...]) -> np.ndarray:
    return rng.choice([-1.0, 1.0], size=shape)


def wave(rng: Rng, shape: tuple[int, ...]) -> tuple[Callable, Callable]:
    """f(x) = Σ a sin(x + b) + ½ (Σ c x)², and its gradient a cos(x + b) + c Σ c x.

    Curved in every entry, and the last term couples them all.
    """
    a = signs(rng, shape) * rng.uniform(0.5, 2.0, shape)
    b = rng.uniform(-3.0, 3.0, shape)
    c = signs(rng, shape) * rng.uniform(0.5, 1.5, shape)

    def gradient(x: Any) -> np.ndarray:
        x = np.asarray(x, dtype=float)
        return np.asarray(a * np.cos(x + b) + c * np.sum(c * x))

    gradient.__name__ = "gradient"
    return takes(shape, lambda x: np.sum(a * np.sin(x + b)) + np.sum(c * x) ** 2 / 2), gradient


def vectors(rng: Rng) -> list[tuple[int, ...]]:
    return [(int(n),) for n in rng.choice(np.arange(2, 8), size=3, replace=False)]


def shapes(rng: Rng) -> list[tuple[int, ...]]:
    """A number, one entry, matrices that are not square, three axes; no two axes alike."""
    n, m, c = (int(k) for k in rng.permutation([2, 3, 4]))
    return [(), (1,), (n, m), (1, c), (n, m, c)]


def calls(points: float, times: Callable, probes: Callable, *, says: str) -> Property:
    """The first function among the arguments is called so many times, neither more nor less."""

    def test(f: Callable, rng: Rng) -> None:
        for given, *rest in probes(rng):
            asked, seen = watched(given)
            run(f, (asked, *rest))
            wanted = times(*rest)
            if len(seen) != wanted:
                call = describe_call(f, (asked, *rest))
                raise Wrong(
                    f"{call} called {name_of(given)} {len(seen)} times, expected {wanted} times"
                )

    return Property(says, points, test)


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
        yield f, rng.normal(size=n), int(rng.integers(1, n - 1)), rng.normal(size=k)


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
            lambda w, i, values: len(values),
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
            "the best value",
            (
                "return np.array([at(value) for value in values])",
                "return values[int(np.argmin([at(value) for value in values]))]",
            ),
            "You return a weight where losses are asked for. Choosing among them comes later.",
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
        changes = signs(rng, (n,)) * rng.integers(3, 60, size=n) * 10.0**-digits
        yield loss, np.round(loss + changes, digits), h, digits


def pair(f: Callable, args: tuple) -> tuple:
    answer = run(f, args)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        got = compare(answer, (0.0, 0.0)) or ""
        raise Wrong(f"{describe_call(f, args)}: {got} (the slopes and the margin)")
    return answer[0], answer[1]


def table_slopes(f: Callable, rng: Rng) -> None:
    for args in table(rng):
        slopes, _ = pair(f, args)
        # The difference of two losses near 1 is right to 1e-16, the slope to 1e-16 / h.
        wrong = compare(slopes, slopes_from_table(*args)[0], rtol=1e-7, atol=1e-9)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}, in the slopes: {wrong}")


def table_margin(f: Callable, rng: Rng) -> None:
    for args in table(rng):
        _, margin = pair(f, args)
        wrong = compare(margin, slopes_from_table(*args)[1])
        if wrong:
            raise Wrong(f"{describe_call(f, args)}, in the margin: {wrong}")


def table_list(f: Callable, rng: Rng) -> None:
    for loss, losses, h, digits in table(rng):
        args = (loss, [float(after) for after in losses], h, digits)
        wrong = compare(pair(f, args)[0], slopes_from_table(*args)[0], rtol=1e-7, atol=1e-9)
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


def forward_transposed(rng: Rng) -> Iterator[tuple]:
    yield wave(rng, (3, 2))[0], rng.normal(size=(2, 3)).T, either_way(rng)
    yield wave(rng, (4,))[0], rng.normal(size=8)[::2], either_way(rng)


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
            lambda x, h: np.size(x) + 1,
            forward_vectors,
            says="N + 1 evaluations of f",
        ),
        left_alone(1, forward_vectors, says="x is left as it was"),
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
