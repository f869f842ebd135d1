"""What one message between the judge and a student's process costs, here and in other checkouts.

    python -m benchmarks.messages [CHECKOUT ...]

Processor time of both sides together, for a call of the student's (`request`) and for a call that
the student's code makes of something of the judge's (`ask`): with both on one processor, as the
grader has them, and wherever the kernel puts them. The checkouts take turns, five times; the least
of each counts, and the ratio is to the last checkout named.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
TURNS, TIMES = 5, 400

STUDENT = """
import time
import numpy as np

def twice(x):
    return 2 * x

def asks(f, x, times):
    for _ in range(times):
        f(x)

class Holder:
    def __init__(self):
        self.weights = np.ones(3)

def used():
    return time.process_time()
"""


def conversation() -> tuple[Any, int]:
    """A session with a process that has run `STUDENT`, outside any container; and its number."""
    from autograder.sandbox.pipe import Pipe
    from autograder.sandbox.session import Session
    from autograder.sandbox.student import Desk

    here, there = socket.socketpair()
    student = os.fork()
    if student == 0:
        here.close()
        names: dict[str, Any] = {}
        exec(STUDENT, names)
        Desk(Pipe(there), names, lambda source, show: True).serve()
    there.close()
    alone = SimpleNamespace(seconds=0.0, some=False)
    never = SimpleNamespace(waited_since=lambda before: 0.0)
    process: Any = SimpleNamespace(pipe=Pipe(here), turns=never, queued=0.0, others=alone)
    session = Session(process)
    session.allow(600)
    return session, student


def measured() -> Iterator[tuple[str, float]]:
    """Each kind of message, and its microseconds."""
    session, student = conversation()
    twice, asks, used = (session.request("name", name) for name in ("twice", "asks", "used"))
    holder, array = session.request("name", "Holder")(), np.ones((3, 4))
    kinds: dict[str, Callable[[], Any]] = {
        "request, a number": lambda: [twice(2.0) for _ in range(TIMES)],
        "request, a new array": lambda: [twice(array.copy()) for _ in range(TIMES)],
        "request, an attribute": lambda: [holder.weights for _ in range(TIMES)],
        "ask, a number": lambda: asks(lambda x: x, 0.5, TIMES),
        "ask, an array": lambda: asks(lambda x: 2 * x, array, TIMES),
    }
    everywhere = os.sched_getaffinity(0)
    for where, processors in (("one processor", {min(everywhere)}), ("any", everywhere)):
        for task in (0, student):
            os.sched_setaffinity(task, processors)
        for kind, repeat in kinds.items():
            repeat()
            begun = used() + time.process_time()
            repeat()
            cost = (used() + time.process_time() - begun) / TIMES * 1e6
            yield f"{kind} ({where})", cost
    session.rest()
    os.kill(student, signal.SIGKILL)
    os.waitpid(student, 0)


def in_checkout(place: Path) -> dict[str, float]:
    """The same, by the code of a checkout."""
    command = [sys.executable, str(Path(__file__).resolve()), "--measure"]
    environment = {**os.environ, "PYTHONPATH": str(place), "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(
        command, cwd=place, env=environment, check=True, capture_output=True, text=True
    )
    lines = (line.rsplit("\t", 1) for line in run.stdout.splitlines())
    return {kind: float(cost) for kind, cost in lines}


def main(others: list[str]) -> None:
    places = [ROOT, *(Path(other).resolve() for other in others)]
    turns = [[in_checkout(place) for place in places] for _ in range(TURNS)]
    for kind in turns[0][0]:
        least = [min(turn[i][kind] for turn in turns) for i in range(len(places))]
        figures = "  ".join(f"{cost:6.0f} µs" for cost in least)
        print(f"{kind:40}{figures}   ratio {least[0] / least[-1]:.2f}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--measure"]:
        for kind, cost in measured():
            print(f"{kind}\t{cost}")
    else:
        main(sys.argv[1:])
