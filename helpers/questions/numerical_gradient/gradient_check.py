"""What `gradient_check` is asked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers._findings import returned
from helpers.checks import compare, describe_call, name_of
from helpers.questions.base import Asked, Question, Right, Wrong, run, watched
from helpers.questions.kept import leaving
from helpers.questions.numerical_gradient.shared import Rng, loss_of, scaled, signs, takes, wave


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
    if compare(answer, True) and compare(answer, False):
        raise Wrong(f"{describe_call(f, args)}: {returned(answer, 'expected True or False')}")
    return bool(answer)


RIGHT = "rejected a right gradient"


def gradient_cases(rng: Rng) -> list[tuple]:
    """What is wrong, a loss, a gradient, a point. No two share a function or a point."""
    cases = []
    for shape in ((4,), (3, 1, 2)):
        for kind in (*[RIGHT] * 2, *mistakes(lambda x: x, np.ones(shape))):
            loss, gradient = wave(rng, shape)
            x = rng.normal(size=shape)
            if kind != RIGHT:
                gradient = mistakes(gradient, x)[kind]
            cases.append((kind, loss, gradient, x))
    return [cases[k] for k in rng.permutation(len(cases))]


def check_decides(f: Callable, rng: Rng, right: Right) -> None:
    wrong_decisions: set[str] = set()
    asked: dict[str, int] = {"f": 0, "gradient": 0}
    odd = ""
    for kind, loss, gradient, x in gradient_cases(rng):
        (loss, loss_points), (gradient, gradient_points) = watched(loss), watched(gradient)
        accepted = decide(f, (loss, gradient, x))
        if accepted != (kind == RIGHT):
            wrong_decisions.add(kind)
        asked["f"] += len(loss_points)
        asked_for = f"{len(loss_points)} times for {x.size} entries"
        if len(loss_points) > 4 * x.size:
            odd = f"{asked_for}, more than twice as often"
        if accepted and len(loss_points) <= x.size:  # it cannot have looked at every entry
            odd = f"{asked_for}, not as often"
        asked["gradient"] += sum(
            np.shape(p) == x.shape and np.allclose(p, x) for p in gradient_points
        )
    if not wrong_decisions:
        # Nor is a call of the course's own `check_gradient` an answer, or one random direction.
        if odd:
            raise Wrong(
                f"{name_of(f)} asked for f {odd} as a numerical gradient does; "
                "use the one that you wrote"
            )
        return
    said = []
    passed = sorted(wrong_decisions - {RIGHT})
    if len(passed) < len(wrong_decisions):
        said.append(RIGHT)
    if passed:
        said.append(f"accepted these wrong ones: {'; '.join(passed)}")
    said += [f"never called {name}" for name, times in asked.items() if times == 0]
    raise Wrong(f"{name_of(f)} " + ", and it ".join(said))


def check_scales(f: Callable, rng: Rng, right: Right) -> None:
    """In random order: a constant function, flat and steep ones; right and wrong gradients."""
    constant = loss_of((3, 2), lambda x: 1.5), takes((3, 2), np.zeros_like, "gradient")
    said = "rejected the right gradient, zeros, of a constant function"
    cases = [(True, *constant, said)]
    said = "rejected a right gradient with entries near 0"
    cases += [(True, *nearly_level(rng, (3, 2)), said) for _ in range(2)]
    for factor, kind in ((1e-15, "flat"), (1e9, "steep")):
        for times, fine in ((1, True), (2, False)):
            loss, gradient = wave(rng, (3, 2))
            did = "rejected the right gradient" if fine else "accepted a doubled gradient"
            functions = scaled(loss, factor), scaled(gradient, times * factor)
            cases.append((fine, *functions, f"{did} of a very {kind} function"))
    for k in rng.permutation(len(cases)):
        fine, loss, gradient, said = cases[k]
        if decide(f, (loss, gradient, rng.normal(size=(3, 2)))) != fine:
            raise Wrong(f"{name_of(f)} {said}")


def nearly_level(rng: Rng, shape: tuple[int, ...]) -> tuple[Callable, Callable]:
    """A function that half of the entries all but leave alone, one of them altogether."""
    size = int(np.prod(shape))
    order = rng.permutation(size).reshape(shape)
    level = order < size // 2
    slopes = np.where(order > 0, signs(rng, shape) * rng.uniform(1, 9, shape) * 1e-10, 0.0)
    wavy, gradient = wave(rng, shape)

    def loss(x: np.ndarray) -> float:
        return wavy(np.where(level, 0.0, x)) + np.sum((slopes * x)[level]) + 7.0

    def derived(x: np.ndarray) -> np.ndarray:
        return np.where(level, slopes, gradient(np.where(level, 0.0, x)))

    return loss_of(shape, loss), takes(shape, derived, "gradient")


def turned(rng: Rng, shape: tuple[int, ...], gradient: Callable, error: float) -> Callable:
    """The gradient turned aside, as long as it was: by an angle a with sin(a / 2) = error."""
    aside = rng.normal(size=shape)
    angle = 2 * np.arcsin(error)

    def off(x: np.ndarray) -> np.ndarray:
        g = gradient(x)
        across = aside - np.sum(aside * g) / np.sum(g * g) * g
        across *= np.sqrt(np.sum(g * g) / np.sum(across * across))
        return np.cos(angle) * g + np.sin(angle) * across

    return takes(shape, off, "gradient")


def ripples(rng: Rng, shape: tuple[int, ...], h: float) -> tuple[Callable, Callable]:
    """A function so wavy that over a step of size h it comes back to where it was."""
    a, b = rng.uniform(0.5, 2.0, shape), rng.uniform(-3.0, 3.0, shape)
    loss = loss_of(shape, lambda x: np.sum(a * np.sin(np.pi / h * x + b)))
    return loss, takes(shape, lambda x: np.pi / h * a * np.cos(np.pi / h * x + b), "gradient")


def one_entry_off(rng: Rng, shape: tuple[int, ...], x: np.ndarray, error: float) -> tuple:
    """A loss, and its gradient with one entry off, by so much relative to the lengths.

    At `x` all entries are of about one size, so that the error relative to the largest, or of that
    entry by itself, is another.
    """
    slopes = signs(rng, shape) * rng.uniform(0.8, 1.2, shape)
    place = 1 + int(rng.integers(x.size - 1))
    length = np.sqrt(np.sum(slopes**2))
    off = 0.0
    for _ in range(20):  # the length of the wrong one counts, too
        moved = slopes.copy()
        moved.flat[place] += off
        off = error * (length + np.sqrt(np.sum(moved**2)))

    def gradient(y: np.ndarray) -> np.ndarray:
        g = np.asarray(slopes * np.cos(y - x))
        g.flat[place] += off
        return g

    loss = loss_of(shape, lambda y: np.sum(slopes * np.sin(y - x)))
    return loss, takes(shape, gradient, "gradient")


def tolerated(rng: Rng) -> list[tuple]:
    """(shape, relative error, in length or in direction, the tolerance in units of the error)."""
    errors = (((5,), 10.0 ** rng.uniform(-4, -2)), ((2, 3), float(rng.uniform(0.2, 0.3))))
    near = (1.04, 0.96)
    cases: list[tuple] = [(*e, way, t) for e in errors for way in (1, -1, 0) for t in near]
    cases += [(*e, 1, t) for e in errors for t in (3.0, 0.3)]
    cases += [((4,), 10.0 ** rng.uniform(-5.5, -5), 1, t) for t in near]
    return cases + [((3, 2), error, 1, None) for error in (2e-7, 5e-6)]  # the signature's


def check_tolerance(f: Callable, rng: Rng, right: Right) -> None:
    """Well inside and a little inside the tolerance, and outside; tiny, small and large errors."""
    rejected: set[str] = set()
    accepted: set[str] = set()
    cases = tolerated(rng)
    for k in rng.permutation(len(cases)):
        shape, error, way, times = cases[k]
        loss, gradient = wave(rng, shape)
        # One gradient times (1 + e) / (1 − e), or that the other way up, is off by exactly e.
        off = scaled(gradient, ((1 + error) / (1 - error)) ** way)
        off = off if way else turned(rng, shape, gradient, error)
        tolerance = times * error if times else 1e-6
        given = (tolerance,) if times else ()
        fine = error < tolerance
        if decide(f, (loss, off, rng.normal(size=shape), *given)) != fine:
            (rejected if fine else accepted).add(f"{error / tolerance:.2f}")
    error, x = 10.0 ** rng.uniform(-4, -2), rng.normal(size=(2, 3))
    if not decide(f, (*one_entry_off(rng, (2, 3), x, error), x, 1.2 * error)):
        rejected.add("0.83")
    wide = float(rng.uniform(0.2, 0.3))
    coarse = not decide(f, (*ripples(rng, (4,), wide), rng.normal(size=4), wide))
    said = [
        f"{did} gradients whose relative error is {' and '.join(sorted(found))} times the tolerance"
        for did, found in (("rejected", rejected), ("accepted", accepted))
        if found
    ]
    if coarse:
        said.append(
            f"rejected the right gradient of a wavy function, with the tolerance {wide:.2f}"
        )
    if said:
        raise Wrong(f"{name_of(f)} {' and '.join(said)}")


def check_malformed(f: Callable, rng: Rng, right: Right) -> None:
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
            if kind is None:
                leaving(f, right, (loss, gradient, x))
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


ASKED = Asked(
    "gradient_check",
    Question("right gradients pass, wrong ones do not", 3, check_decides),
    Question("flat and steep functions alike", 1, check_scales),
    Question("the tolerance decides", 1, check_tolerance),
    Question("nan and a wrong shape do not pass; x is left as it was", 1, check_malformed),
)
