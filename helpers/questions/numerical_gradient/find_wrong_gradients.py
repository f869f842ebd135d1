"""What `find_wrong_gradients` is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers._findings import returned
from helpers.checks import name_of
from helpers.questions.base import Asked, Question, Right, Wrong, run
from helpers.questions.numerical_gradient.shared import Rng, scaled, wave

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
        raise Wrong(returned(answer, "expected a list of names", name_of(f)))
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


def hunt_everywhere(f: Callable, rng: Rng, right: Right) -> None:
    for n in (3, 5):
        points = rng.normal(size=(4, n))
        pool = []
        for _ in range(4):
            loss, gradient = wave(rng, (n,))
            pool.append((loss, gradient, False))
        for _ in range(4):
            loss, gradient = wave(rng, (n,))
            pool.append((loss, scaled(gradient, float(rng.choice([-1, 0, 0.5, 2, 1.01]))), True))
        candidates, wrong = named(rng, pool)
        judge_hunt(f, candidates, points, wrong)


def hunt_somewhere(f: Callable, rng: Rng, right: Right) -> None:
    """Gradients that are right at some points and wrong at others."""

    def switched(
        gradient: Callable, places: np.ndarray, times: float, otherwise: float
    ) -> Callable:
        def gradient_(x: Any) -> np.ndarray:
            here = np.any(np.all(np.abs(places - x) < 1e-3, axis=1))
            return (times if here else otherwise) * gradient(x)

        return gradient_

    points = rng.normal(size=(5, 4))
    pool = []
    for places in (points[:1], points[2:3], points[-1:], points[1:4]):
        loss, gradient = wave(rng, (4,))
        pool.append((loss, switched(gradient, places, 2.0, 1.0), True))
    loss, gradient = wave(rng, (4,))
    pool.append((loss, switched(gradient, points[1:2], 1.0, 2.0), True))
    for _ in range(3):
        pool.append((*wave(rng, (4,)), False))
    candidates, wrong = named(rng, pool)
    judge_hunt(f, candidates, points, wrong)


def hunt_extremes(f: Callable, rng: Rng, right: Right) -> None:
    for times, wrong in ((1.0, False), (3.0, True)):
        waves = [wave(rng, (3,)) for _ in range(3)]
        pool = [(loss, scaled(gradient, times), wrong) for loss, gradient in waves]
        candidates, names = named(rng, pool)
        judge_hunt(f, candidates, rng.normal(size=(3, 3)), names)


ASKED = Asked(
    "find_wrong_gradients",
    Question("the gradients that are wrong", 2, hunt_everywhere),
    Question("gradients that are wrong at some points only", 2, hunt_somewhere),
    Question("none wrong, or all of them", 1, hunt_extremes),
)
