"""Does the judge hold, whatever a student's process says?

    python -m benchmarks.fuzz [SECONDS] [SEED]

Each case is one answer to one exercise of a lesson, in a process whose pipe is in the hands of a
`liar`, graded as always: played, judged, explained. Most processes are forks of this one, for
speed; every fifth is in the sandbox. Nothing may crash, hang, give points for a wrong answer, say
what cannot be printed, or leave anything behind in the judge.
"""

from __future__ import annotations

import contextlib
import gc
import os
import random
import signal
import socket
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nbformat import NotebookNode

from autograder.exercises import find
from autograder.exercises.base import Exercise
from autograder.grading.envelope import Envelope
from autograder.grading.sheet import Sheet
from autograder.grading.submission import Rebuilt
from autograder.grading.task import Graded, Task
from autograder.grading.work import Work
from autograder.judge import judge
from autograder.playing.player import Limits, Player
from autograder.sandbox.cage import Bounds
from autograder.sandbox.container import Container, NotContained, Warmth, helpers_folder
from autograder.sandbox.pipe import Pipe, until
from autograder.sandbox.process import Ending
from autograder.sandbox.seen import Turns
from autograder.sandbox.student import Desk
from helpers._text import KEPT
from helpers.judging.verdict import Verdict

LIAR = Path(__file__).with_name("liar.py").read_text(encoding="utf-8")
EXERCISES = (
    "square",  # numbers
    "sigmoid",  # arrays
    "gradient_descent",  # is given a function
    "gradient_check",  # answers yes or no
    "find_wrong_gradients",  # is given functions by name, and returns names
    "backward",  # lists of tuples
    "standard_error",  # is given a generator
    "Dense",  # a class
    "train_epoch",
    "one_epoch",
    "loss_and_gradients",  # are given objects of the judge's
)
QUESTION = 1.0
"""Seconds for a question."""
HANG = 30.0
"""Seconds for a case, far beyond all limits."""
SEED = 11
SHARE = 5
"""One of so many cases is in the sandbox, where there is one."""


# --- A process without a sandbox ------------------------------------------------------------------


class Bare:
    """In place of a `Container`: what it forks is this process, and confined by nothing."""

    def fork(self, bounds: Bounds, seed: int) -> BareProcess:
        return BareProcess()


class BareProcess:
    """In place of a `Process`: a fork of this one, which serves the judge as a student's does."""

    turns = Turns()
    gather = scatter = staticmethod(lambda: None)
    others = SimpleNamespace(seconds=0.0, some=False)

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self.watch, self.report = socket.socketpair()
        self.unread = b""
        self.ending: Ending | None = None
        self.pid = os.fork()
        if self.pid == 0:
            try:
                ours.close()
                live(theirs)
            finally:
                os._exit(1)
        theirs.close()
        self.pipe = Pipe(ours)
        self.pipe.receive(until(20))

    def end(self) -> Ending:
        if self.ending is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            _, status, usage = os.wait4(self.pid, 0)
            code = os.waitstatus_to_exitcode(status)
            self.ending = Ending(code, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
            for each in (self.pipe.connection, self.watch, self.report):
                each.close()
        return self.ending


def live(connection: socket.socket) -> None:
    """What a student's process does, with `exec` for a shell."""
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    gc.disable()  # it would look at, and so copy, all that this process has
    names: dict[str, Any] = {}

    def run(source: str, emit: Callable) -> bool:
        emit({"output_type": "stream", "name": "stdout", "text": "here"})
        exec(compile(source, "<ipython-input-1-fuzz>", "exec"), names)
        return True

    desk = names["desk"] = Desk(Pipe(connection), names, run)
    desk.send("ready")
    desk.serve()


# --- Cases ----------------------------------------------------------------------------------------


@dataclass
class Figures:
    """What came of all cases. The lists hold what must not be."""

    cases: Counter = field(default_factory=Counter)
    reasons: Counter = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    wrong_points: list[str] = field(default_factory=list)
    unprintable: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def faults(self) -> list[str]:
        return [*self.crashes, *self.wrong_points, *self.unprintable, *self.hangs]

    def __str__(self) -> str:
        lines = [f"{sum(self.cases.values())} cases"]
        lines += [f"  {count:6} {place}" for place, count in self.cases.most_common()]
        lines += ["verdicts"]
        lines += [f"  {count:6} {reason}" for reason, count in self.reasons.most_common()]
        lines += [
            f"{len(self.crashes)} crashes, {len(self.wrong_points)} wrong points, "
            f"{len(self.unprintable)} verdicts that cannot be printed, {len(self.hangs)} hangs; "
            f"the slowest case took {self.slowest:.1f} s of {QUESTION:g} s for a question"
        ]
        return "\n".join([*lines, *self.faults[:20]])


def wrong_answers(exercise: Exercise) -> list[str]:
    """Sources of answers that earn nothing."""
    sources = [each.source for each in exercise.page.wrong]
    found = [s for s in sources if judge(exercise, exercise.compile(s)).earned == 0]
    return [*found[:4], f"def {exercise.name}(*arguments): return arguments[0]"]


class Fuzz:
    """Runs cases. container: the sandbox for some of them; None where there is none."""

    def __init__(self, container: Container | None = None):
        self.container = container
        self.figures = Figures()
        self.exercises = [find(name) for name in EXERCISES]
        self.wrong = {e.name: wrong_answers(e) for e in self.exercises}

    def case(self, seed: int) -> None:
        """One case; what is sent depends on `seed` alone."""
        draw = random.Random(seed)
        exercise = draw.choice(self.exercises)
        right = draw.random() < 0.3
        source = exercise.source if right else draw.choice(self.wrong[exercise.name])
        boxed = self.container is not None and seed % SHARE == 0
        where = f"case {seed}, {exercise.name}, {'right' if right else 'wrong'}"
        begun = time.monotonic()
        try:
            verdict = self.verdict(exercise, source, seed, self.container if boxed else Bare())
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            last = "".join(traceback.format_exception(error))[-1500:]
            self.figures.crashes.append(f"{where}: {last}")
        else:
            self.look_at(verdict, where, exercise.points if right else 0.0)
        took = time.monotonic() - begun
        self.figures.slowest = max(self.figures.slowest, took)
        if took > HANG:
            self.figures.hangs.append(f"{where}: {took:.0f} s")
        self.figures.cases["in the sandbox" if boxed else "in a fork"] += 1

    def verdict(self, exercise: Exercise, source: str, seed: int, container: Any) -> Verdict:
        handed = Envelope("fuzz.ipynb", b"")
        task = Task("fuzz", ("fuzz", "fuzz"), handed, "secret", Limits(QUESTION))
        sheet = Sheet("fuzz", "fuzz", "{}", "", bank=True)
        with Player(container, task.limits, {}, seed) as player:
            graded, nothing = Graded("fuzz", task.key), Rebuilt(NotebookNode(cells=[]), ())
            work = Work(task, sheet, nothing, player, graded)
            _, stop = player.play(f"import numpy as np\n{source}\n{LIAR}\nbegin({seed})\n")
            return work.verdict(exercise, seed, stop)

    def look_at(self, verdict: Verdict, where: str, most: float) -> None:
        said = f"{verdict}{verdict.reason}"
        if verdict.earned > most or not 0 <= verdict.earned <= verdict.points:
            self.figures.wrong_points.append(f"{where}: {verdict.earned:g} points")
        if len(said) > 50_000 or not all(c.isprintable() or c in KEPT for c in said):
            self.figures.unprintable.append(f"{where}: {said[:500]!a}")
        first = verdict.reason.partition(":")[0]
        known = ("time", "memory", "processes", "output", "crashed", "exited", "protocol")
        kind = "right" if verdict.earned == verdict.points else "another answer"
        self.figures.reasons[first if first in known else kind] += 1

    def neighbours(self) -> None:
        """Answers of others are judged as they were, here and through a pipe."""
        for exercise in self.exercises:
            for source, due in (
                (exercise.source, exercise.points),
                (self.wrong[exercise.name][-1], 0),
            ):
                earned = [judge(exercise, exercise.compile(source)).earned]
                with Player(Bare(), Limits(20), {}, 0) as player:  # type: ignore[arg-type]
                    player.play(f"import numpy as np\n{source}")
                    session = player.ready()
                    session.reset()
                    earned += [judge(exercise, session.request("name", exercise.name)).earned]
                if earned != [due, due]:
                    self.figures.wrong_points.append(f"a neighbour's {exercise.name}: {earned}")


def seeds(seed: int) -> Iterator[int]:
    draw = random.Random(seed)
    while True:
        yield draw.randrange(10**9)


@contextlib.contextmanager
def sandbox() -> Iterator[Container | None]:
    try:
        with Container(Warmth((helpers_folder(),))) as container:
            container.ready()
            yield container
    except NotContained as error:
        print(f"without the sandbox: {error}")
        yield None


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3600.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    end = time.monotonic() + seconds
    with sandbox() as container:
        fuzz = Fuzz(container)
        for k, each in enumerate(seeds(seed)):
            fuzz.case(each)
            if k % 200 == 199:
                fuzz.neighbours()
            if time.monotonic() > end:
                break
        fuzz.neighbours()
    print(fuzz.figures)
    if fuzz.figures.faults:
        sys.exit(1)


if __name__ == "__main__":
    main()
