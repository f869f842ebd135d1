"""What `gradient_check` is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks import compare, describe_call, name_of
from helpers.questions.base import Asked, Question, Right, Wrong, run, watched
from helpers.questions.numerical_gradient.shared import Rng, scaled, takes, wave


def mistakes(gradient: Callable, x: np.ndarray) -> dict[str, Callable]:
    """Wrong gradients by what is wrong with them; each is wrong at `x` and around it."""
    later = np.abs(gradient(x)).ravel()[1:]  # not the first: a check may look at that one only
    largest = np.unravel_index(1 + int(np.argmax(later)), np.shape(x))

    def with_largest_times(factor: float) -> Callable:
        def wrong(x: Any) -> np.ndarray:
            g = gradient(x).copy()
            g[largest] *= factor
            return g

        return wrong

    return {
        "doubled": lambda x: 2 * gradient(x),
        "the sign flipped": lambda x: -gradient(x),
        "all zero": lambda x: 0 * gradient(x),
        "divided by the number of entries": lambda x: gradient(x) / np.size(x),
        "in reversed order": lambda x: gradient(x).ravel()[::-1].reshape(np.shape(x)),
        "one entry missing": with_largest_times(0.0),
        "one entry off by a hundredth": with_largest_times(1.01),
    }


def decide(f: Callable, args: tuple) -> bool:
    answer = run(f, args)
    wrong = compare(answer, True)
    if wrong and compare(answer, False):
        raise Wrong(f"{describe_call(f, args)}: {wrong.replace('True', 'True or False')}")
    return bool(answer)


def check_decides(f: Callable, rng: Rng, right: Right) -> None:
    cases: list[tuple] = []
    for shape in ((4,), (2, 3), (3, 1, 2)):
        loss, gradient = wave(rng, shape)
        x = rng.normal(size=shape)
        cases += [(None, loss, gradient, x)] * 3
        cases += [(kind, loss, wrong, x) for kind, wrong in mistakes(gradient, x).items()]
    wrong_decisions: set[str] = set()
    asked: dict[str, int] = {"f": 0, "gradient": 0}
    for k in rng.permutation(len(cases)):
        kind, loss, gradient, x = cases[k]
        gradient.__name__ = "gradient"
        (loss, loss_points), (gradient, gradient_points) = watched(loss), watched(gradient)
        if decide(f, (loss, gradient, x)) != (kind is None):
            wrong_decisions.add("rejected a right gradient" if kind is None else kind)
        asked["f"] += len(loss_points)
        asked["gradient"] += sum(p.shape == x.shape and np.allclose(p, x) for p in gradient_points)
    if not wrong_decisions:
        return
    said = []
    accepted = sorted(wrong_decisions - {"rejected a right gradient"})
    if len(accepted) < len(wrong_decisions):
        said.append("rejected a right gradient")
    if accepted:
        said.append(f"accepted these wrong ones: {'; '.join(accepted)}")
    said += [f"never called {name}" for name, times in asked.items() if times == 0]
    raise Wrong(f"{name_of(f)} " + ", and it ".join(said))


def check_scales(f: Callable, rng: Rng, right: Right) -> None:
    x = rng.normal(size=(3, 2))
    if not decide(f, (takes((3, 2), lambda x: 1.5), np.zeros_like, x)):
        raise Wrong(f"{name_of(f)} rejected the right gradient, zeros, of a constant function")
    for factor in (1e-9, 1e9):
        loss, gradient = wave(rng, (3, 2))
        x = rng.normal(size=(3, 2))
        steep = "flat" if factor < 1 else "steep"
        if not decide(f, (scaled(loss, factor), scaled(gradient, factor), x)):
            raise Wrong(f"{name_of(f)} rejected the right gradient of a very {steep} function")
        if decide(f, (scaled(loss, factor), scaled(gradient, 2 * factor), x)):
            raise Wrong(f"{name_of(f)} accepted a doubled gradient of a very {steep} function")


def check_tolerance(f: Callable, rng: Rng, right: Right) -> None:
    """Well inside and a little inside the tolerance, and outside; small and large errors."""
    rejected: set[str] = set()
    accepted: set[str] = set()
    for shape, error in (((5,), 10.0 ** rng.uniform(-4, -2)), ((2, 3), rng.uniform(0.2, 0.3))):
        loss, gradient = wave(rng, shape)
        x = rng.normal(size=shape)
        # One gradient times (1 + e) / (1 − e), or that the other way up, is off by exactly e.
        for factor in ((1 + error) / (1 - error), (1 - error) / (1 + error)):
            for times, right in ((3.0, True), (1.04, True), (0.96, False), (0.3, False)):
                if decide(f, (loss, scaled(gradient, factor), x, times * error)) != right:
                    (rejected if right else accepted).add(f"{1 / times:.2f}")
    said = [
        f"{did} gradients whose relative error is {' and '.join(sorted(found))} times the tolerance"
        for did, found in (("rejected", rejected), ("accepted", accepted))
        if found
    ]
    if said:
        raise Wrong(f"{name_of(f)} {' and '.join(said)}")


def check_malformed(f: Callable, rng: Rng, right: Right) -> None:
    n = int(rng.integers(3, 6))
    for shape in ((n,), (2, 3)):
        loss, gradient = wave(rng, shape)
        x = rng.normal(size=shape)

        def with_nan(x: Any, gradient: Callable = gradient) -> np.ndarray:
            g = gradient(x).copy()
            g.flat[-1] = np.nan
            return g

        def in_one_column(x: Any, gradient: Callable = gradient) -> np.ndarray:
            return gradient(x).reshape(-1, 1)

        if decide(f, (loss, with_nan, x)):
            raise Wrong(f"{name_of(f)} accepted a gradient that holds nan")
        if decide(f, (loss, in_one_column, x)):
            raise Wrong(
                f"{name_of(f)} accepted a gradient of shape {(x.size, 1)} at an x of shape {shape}"
            )


ASKED = Asked(
    "gradient_check",
    Question("right gradients pass, wrong ones do not", 3, check_decides),
    Question("flat and steep functions alike", 1, check_scales),
    Question("the tolerance decides", 1, check_tolerance),
    Question("nan and a wrong shape do not pass", 1, check_malformed),
)
