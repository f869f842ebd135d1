"""Proof of the tests: what is wrong is refused and named, what is right is never refused."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from autograder.exercises import find
from autograder.exercises.base import Exercise
from autograder.judge import diagnose, judge
from autograder.mutants import Mutant, mutants
from autograder.record import record
from helpers.judging.recorded import Record

SEEDS = 20
"""Of wrong answers: each must be refused on every one."""

RIGHT_SEEDS = 40
"""Of right answers: none may be refused on any."""


EXPLAIN = 100
"""Mutants of an exercise that are explained, evenly spread over all of them."""

PATIENCE = 60
"""Seconds for one mutant on all its seeds."""


@dataclass
class Proof:
    """What was tried on one exercise; `faults` are the lines that should not be there."""

    exercise: str
    misconceptions: int = 0
    named: int = 0
    mutants: int = 0
    tried: int = 0
    """Mutants that were to be explained; the others were only to be refused."""
    explained: int = 0
    crashed: int = 0
    """Not explained, but they raise: the message is the error, with the line that raised it."""
    same: list[tuple[str, str]] = field(default_factory=list)
    equivalents: int = 0
    gradings: int = 0
    right: int = 0
    refused: int = 0
    slowest: float = 0.0
    """Seconds that the slowest grading took."""
    faults: list[str] = field(default_factory=list)

    def grade(self, exercise: Exercise, answer: Callable, seed: int) -> float:
        """The points that the answer earns on this seed; counted and timed."""
        start = time.perf_counter()
        verdict = judge(exercise, answer, seed, shuffled=False)
        self.slowest = max(self.slowest, time.perf_counter() - start)
        self.gradings += 1
        return verdict.earned


def prove(
    exercise: Exercise,
    seeds: int = SEEDS,
    right_seeds: int = RIGHT_SEEDS,
    explain: int = EXPLAIN,
) -> Proof:
    """Try every misconception, mechanical mutant and equivalent on so many seeds.

    explain: about how many of the mutants are to be explained as well.
    """
    proof = Proof(exercise.name)
    prove_right(exercise, range(right_seeds), proof)
    if proof.refused:  # nothing can be recorded of a right answer that is none
        return proof
    recorded = record(exercise, hold_out=True)
    for misconception in exercise.page.wrong:
        proof.misconceptions += 1
        wrong = exercise.compile(misconception.source)
        points = {proof.grade(exercise, wrong, seed) for seed in range(seeds)}
        if exercise.points in points:
            proof.faults.append(f"misconception “{misconception.name}” accepted")
        if len(points) > 1:  # two students with the same mistake must lose the same
            proof.faults.append(
                f"misconception “{misconception.name}” earns {sorted(points)}, by seed"
            )
        said = diagnose(exercise, wrong, recorded).hypothesis
        proof.named += said == misconception.says
        if said != misconception.says:
            proof.faults.append(f"misconception “{misconception.name}” is told: {said}")
    every = list(mutants(exercise.source))
    stride = max(1, len(every) // explain)
    for i, mutant in enumerate(every):
        refused = prove_mutant(exercise, mutant, range(seeds), proof)
        if refused is not None and i % stride == 0:
            explain_mutant(exercise, refused, recorded, proof)
    return proof


def prove_all(
    names: list[str], seeds: int = SEEDS, right_seeds: int = RIGHT_SEEDS, jobs: int | None = None
) -> Iterator[Proof]:
    """The proofs of these exercises, in their order, several at a time."""
    with ProcessPoolExecutor(max_workers=jobs or os.cpu_count()) as pool:
        waiting = [pool.submit(_prove_named, name, seeds, right_seeds) for name in names]
        for future in waiting:
            yield future.result()


def _prove_named(name: str, seeds: int, right_seeds: int) -> Proof:
    return prove(find(name), seeds, right_seeds)


def prove_right(exercise: Exercise, seeds: Iterable[int], proof: Proof) -> None:
    """The reference and every equivalent must earn everything on every seed."""
    sources = {"the reference": exercise.source}
    sources |= {f"“{form.name}”": form.source for form in exercise.page.others}
    proof.equivalents = len(exercise.page.others)
    for name, source in sources.items():
        right = exercise.compile(source)
        for seed in seeds:
            proof.right += 1
            if proof.grade(exercise, right, seed) < exercise.points:
                proof.refused += 1
                proof.faults.append(f"{name} refused on seed {seed}")


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeoutError` again and again after this long: an edit may leave a loop without end.

    Only where the system has timers, and in the main thread.
    """

    def stop(*_: object) -> None:
        raise TimeoutError("it does not end")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def prove_mutant(exercise: Exercise, mutant: Mutant, seeds: range, proof: Proof) -> Callable | None:
    """Refused on every seed, or listed as the same? The wrong function, if it is one."""
    try:
        wrong = exercise.compile(mutant.source)
    except Exception:  # an edit that makes no function, as of a default value, tells nothing
        return None
    with time_limit(PATIENCE):
        accepted = [s for s in seeds if proof.grade(exercise, wrong, s) == exercise.points]
    known = next((same.why for same in exercise.page.same if mutant.line in same.lines), None)
    if known is not None:
        proof.same.append((mutant.line, known))
        if len(accepted) < len(seeds):
            proof.faults.append(f"listed as the same, but refused: {mutant.line}")
        return None
    proof.mutants += 1
    if accepted:
        some = "every seed" if len(accepted) == len(seeds) else f"seeds {accepted}"
        proof.faults.append(f"mutant accepted on {some}: {mutant.line}")
        return None
    return wrong


def explain_mutant(exercise: Exercise, wrong: Callable, recorded: Record, proof: Proof) -> None:
    """The record lacks the edits of the right answer itself: else each would explain itself."""
    proof.tried += 1
    with time_limit(PATIENCE):
        diagnosis = diagnose(exercise, wrong, recorded)
    if diagnosis.hypothesis or diagnosis.structure:
        proof.explained += 1
    elif " raised " in (judge(exercise, wrong).findings[0].wrong or ""):
        proof.crashed += 1
