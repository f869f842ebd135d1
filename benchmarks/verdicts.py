"""How long a student waits for a verdict and its explanation.

`python -m benchmarks.verdicts [EXERCISE ...]` examines every known wrong answer as a notebook does,
in a process of its own: cold is the first time there (the lesson's record is read), warm the median
of three more. What one waits for is asked of all mistakes, and of the slowest exercises by name.
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable

from autograder.exercises import exercises, find
from helpers import examine
from helpers.checks import CheckFailed
from helpers.questions import LESSONS

TIMES = 3
SHOWN = 5


def seconds(answer: Callable) -> float:
    start = time.perf_counter()
    try:
        examine(answer)
    except CheckFailed:
        return time.perf_counter() - start
    raise AssertionError(f"{answer} is a wrong answer, and nothing is said of it")


def cold_and_warm(name: str, place: int) -> tuple[str, float, float]:
    exercise = find(name)
    answer = exercise.compile(exercise.page.wrong[place].source)
    cold = seconds(answer)
    return name, cold, statistics.median(seconds(answer) for _ in range(TIMES))


def line(what: str, values: list[float]) -> str:
    ordered = sorted(1000 * value for value in values)
    half, nearly = (ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.99))
    return f"{what:24} median {half:5.0f} ms, 99 % {nearly:5.0f} ms, most {ordered[-1]:5.0f} ms"


def main() -> None:
    chosen = sys.argv[1:] or [e.name for lesson in LESSONS for e in exercises(lesson)]
    cases = [(name, place) for name in chosen for place in range(len(find(name).page.wrong))]
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        rows = pool.starmap(cold_and_warm, cases, chunksize=1)
    print(f"{len(rows)} wrong answers, each with what it is told, one after another")
    print(line("cold", [cold for _, cold, _ in rows]))
    print(line("warm", [warm for _, _, warm in rows]))
    slowest = sorted(chosen, key=lambda name: -max(warm for n, _, warm in rows if n == name))
    for name in slowest[:SHOWN]:
        print(line(f"  {name}, warm", [warm for n, _, warm in rows if n == name]))


if __name__ == "__main__":
    main()
