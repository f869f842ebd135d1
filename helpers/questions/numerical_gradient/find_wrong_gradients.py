"""What `find_wrong_gradients` is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers._describing import kind_of
from helpers._findings import changed, returned, same
from helpers.checks import name_of
from helpers.questions.base import Asked, Question, Right, Wrong, run
from helpers.questions.numerical_gradient.shared import Rng, takes, times, wave

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa")


def named(rng: Rng, candidates: list[tuple]) -> tuple[dict, list[str]]:
    """Candidates (f, gradient, is it wrong?) under random names, in random order."""
    names = [str(name) for name in rng.permutation(NAMES)]
    order = [candidates[k] for k in rng.permutation(len(candidates))]
    found = {name: (f, gradient) for name, (f, gradient, _) in zip(names, order, strict=False)}
    return found, [name for name, (*_, wrong) in zip(names, order, strict=False) if wrong]


def judge_hunt(f: Callable, candidates: dict, points: Any, expected: list[str]) -> None:
    answer = run(f, (candidates, points))
    if not isinstance(answer, list | tuple | set):
        raise Wrong(returned(answer, "expected a list of names", name_of(f)))
    odd = [kind_of(name) for name in answer if not isinstance(name, str)]
    if odd:
        raise Wrong(f"{name_of(f)} returned, in place of a name, {odd[0]}")
    missed = sorted(set(expected) - set(answer))
    innocent = sorted(set(answer) - set(expected))
    said = [
        f"{text} {', '.join(found)}"
        for text, found in (
            ("it missed", missed),
            ("it calls wrong what is right:", [name for name in innocent if name in candidates]),
            ("it names what is not among them:", [n for n in innocent if n not in candidates]),
        )
        if found
    ]
    if said:
        raise Wrong(f"of the gradients {', '.join(candidates)}: {'; '.join(said)}")


def hunt(f: Callable, rng: Rng, points: Any, wrong: list[Callable], right: int) -> None:
    """Among so many right gradients, those that these functions make wrong."""
    candidates, names = hidden(rng, np.shape(points)[1:], wrong, right)
    judge_hunt(f, candidates, points, names)


def hidden(rng: Rng, shape: tuple[int, ...], wrong: list[Callable], right: int) -> tuple:
    """Candidates by name, and the names of the wrong ones."""
    pool = []
    for mistake in (*wrong, *[None] * right):
        loss, gradient = wave(rng, shape)
        pool.append((loss, mistake(gradient) if mistake else gradient, mistake is not None))
    return named(rng, pool)


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


def hunt_everywhere(f: Callable, rng: Rng, right: Right) -> None:
    for n in (3, 5, 4):
        points: Any = rng.normal(size=(n if n == 4 else int(rng.integers(3, 6)), n))
        points = list(points) if n == 5 else points
        wrong = [times(any_factor(rng)) for _ in range(int(rng.integers(3, 6)))]
        hunt(f, rng, points, wrong, int(rng.integers(3, 5)))


def hunt_somewhere(f: Callable, rng: Rng, right: Right) -> None:
    """Gradients that are right at some points and wrong, or nan, at others."""
    points = rng.normal(size=(5, int(rng.integers(3, 6))))
    wrong = [around(p, 2.0, 1.0) for p in (points[:1], points[2:3], points[-1:], points[1:4])]
    wrong.append(around(points[1:2], 1.0, 2.0))
    wrong.append(around(points[3:4], np.nan, 1.0))
    wrong += [times(any_factor(rng)) for _ in range(int(rng.integers(2)))]
    hunt(f, rng, points, wrong, int(rng.integers(2, 4)))


def hunt_extremes(f: Callable, rng: Rng, right: Right) -> None:
    """None is wrong, or all are; in either order; at several points, or at a single one.

    Both are asked at as many points of one size.
    """
    for places in (int(rng.integers(3, 6)), 1):
        n = int(rng.integers(3, 6))
        for all_wrong in rng.permutation([True, False]):
            points = rng.normal(size=(places, n))
            count = int(rng.integers(3, 8))
            wrong = [times(any_factor(rng)) for _ in range(count)] if all_wrong else []
            hunt(f, rng, points, wrong, 0 if all_wrong else count)


def used(find: Callable, candidates: dict, points: Any) -> tuple:
    """What comes back, and what was given as it is then: the names, and the points."""
    return find(candidates, points), list(candidates), points


def hunt_politely(f: Callable, rng: Rng, right: Right) -> None:
    """A list comes back, with each name once; what was given is as it was: a dict and a list, or
    an array.
    """
    for listed in rng.permutation([True, False]):
        points: Any = rng.normal(size=(3, 4))
        points = list(points) if listed else points
        candidates, _ = hidden(rng, (4,), [times(2.0), times(-1.0)], 2)
        answer, names, places = run(f, (candidates, points), used)
        for name, kept in (
            ("candidates", sorted(names) == sorted(candidates)),
            ("points", same(points, places)),
        ):
            if not kept:
                raise Wrong(changed(name_of(f), name, given=True))
        if type(answer) is not list:
            raise Wrong(returned(answer, "expected a list of names", name_of(f)))
        often = sorted({str(name) for name in answer if answer.count(name) > 1})
        if often:
            raise Wrong(f"{name_of(f)} names more than once {', '.join(often)}")


ASKED = Asked(
    "find_wrong_gradients",
    Question("the gradients that are wrong", 1, hunt_everywhere),
    Question("gradients that are wrong at some points only", 2, hunt_somewhere),
    Question("none wrong, or all of them", 1, hunt_extremes),
    Question(
        "a list, each name once; candidates and points are left as they were", 1, hunt_politely
    ),
)
