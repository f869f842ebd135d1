"""100,000 gradings of right answers: how many are refused?

`python -m benchmarks.bank [GRADINGS]` grades every reference and every other form in the exercise
bank on as many seeds as it takes, several exercises at a time.
"""

from __future__ import annotations

import math
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from autograder.exercises import exercises, find
from autograder.proving.prove import Proof, prove_right
from helpers.questions import LESSONS


def right_answers(name: str, seeds: int) -> Proof:
    proof = Proof(name)
    prove_right(find(name), range(1000, 1000 + seeds), proof)
    return proof


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    bank = [exercise for lesson in LESSONS for exercise in exercises(lesson)]
    seeds = math.ceil(wanted / sum(1 + len(exercise.page.others) for exercise in bank))
    start = time.perf_counter()
    with ProcessPoolExecutor() as pool:
        waiting = [pool.submit(right_answers, exercise.name, seeds) for exercise in bank]
        proofs = [future.result() for future in waiting]
    seconds = time.perf_counter() - start
    gradings, refused = (sum(getattr(p, what) for p in proofs) for what in ("right", "refused"))
    print(f"{gradings} gradings of right answers on {seeds} seeds: {refused} refused")
    print(f"{1000 * seconds / gradings:.2f} ms each of wall time")
    for proof in proofs:
        for fault in proof.faults:
            print(f"  {proof.exercise}: {fault}")
    sys.exit(1 if refused else 0)


if __name__ == "__main__":
    main()
