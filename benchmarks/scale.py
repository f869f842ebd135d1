"""A term on a cluster, on paper: `python -m benchmarks.scale [RECORDS]`.

100,000 students, seven lessons, 16, 64 and 256 workers: a simulation with measured times. How long
a worker is held by a submission comes from the records of a graded class, or else of a sample class
that is graded here; what the desk takes, the size of orders and results, and what Dask takes for
each task are measured here. docs/scale.md says what came of it, on one machine.
"""

from __future__ import annotations

import heapq
import os
import pickle
import random
import sys
import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from unittest.mock import patch

import nbformat

from autograder import runner
from autograder.classroom import Classroom, Place, Result, kept
from autograder.grading.longest import longest
from autograder.grading.pool import AHEAD, Crew, Done, processors
from autograder.playing.player import Limits, Use
from autograder.runner import Options, Run, grade
from autograder.sample import blank, mistakes, worked_solution
from autograder.sandbox.seen import schedule
from autograder.spent import Spent
from benchmarks.grading import course_copy, folder

STUDENTS, LESSONS = 100_000, 7
WORKERS = (16, 64, 256)
SECTION = 16
"""Workers that one desk is given where a class is graded in sections."""
AIM = 30.0
"""Core-hours for all of it."""
SAMPLE = {"right": worked_solution, "blank": blank} | {f"wrong-{k}": mistakes(k) for k in range(3)}
EMPTY_TASKS = 300


# --- The simulation -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Costs:
    """Seconds that each task takes of what there is once.

    desk: of the grader, to send an order and to write its result. scheduler: of Dask's.
    """

    desk: float
    scheduler: float = 0.0


@dataclass(frozen=True)
class Simulated:
    """What a simulated run came to, in seconds.

    busy: of all `workers` together. desk, scheduler: of one, of the busiest. desks: how many.
    """

    wall: float
    workers: int
    busy: float
    desk: float
    scheduler: float
    desks: int = 1

    @property
    def cores(self) -> int:
        """That are held all the time: a desk and its scheduler share one."""
        return self.workers + self.desks

    @property
    def shares(self) -> dict[str, float]:
        """How busy each was, of the whole time."""
        return {
            "the workers": self.busy / (self.wall * self.workers),
            "the desk": self.desk / self.wall,
            "the scheduler": self.scheduler / self.wall,
        }

    @property
    def limit(self) -> str:
        return max(self.shares, key=self.shares.__getitem__)


def simulate(tasks: Iterable[float], workers: int, costs: Costs) -> Simulated:
    """Play `pool.run_all` on a cluster: tasks in order, `AHEAD` for each worker under way at most.

    tasks: seconds that each holds a worker. The grader takes all results that are there, one after
    the other, and then sends as many orders; the scheduler passes on one at a time; a worker that
    is free takes the task that has waited longest.
    """
    waiting = iter(tasks)
    free = [0.0] * workers
    there: list[float] = []
    """When each result under way will be there."""
    now = passed = busy = 0.0
    count = 0
    while True:
        while len(there) < AHEAD * workers and (seconds := next(waiting, None)) is not None:
            passed = max(passed, now) + costs.scheduler
            ended = max(passed, free[0]) + seconds
            heapq.heapreplace(free, ended)
            heapq.heappush(there, ended)
            busy += seconds
            count += 1
        if not there:
            return Simulated(now, workers, busy, count * costs.desk, count * costs.scheduler)
        now = max(now, there[0])
        finished = 0
        while there and there[0] <= now:
            heapq.heappop(there)
            finished += 1
        now += finished * costs.desk


def in_sections(tasks: Sequence[float], workers: int, costs: Costs) -> Simulated:
    """The class in as many parts as there are `SECTION` workers, each with a desk and a scheduler.

    The longest part says how long it takes; the desk is the busiest one.
    """
    parts = max(1, workers // SECTION)
    runs = [simulate(tasks[k::parts], workers // parts, costs) for k in range(parts)]
    return Simulated(
        max(run.wall for run in runs),
        workers,
        sum(run.busy for run in runs),
        max(run.desk for run in runs),
        max(run.scheduler for run in runs),
        parts,
    )


# --- What is measured ---------------------------------------------------------------------------


def held(records: Path) -> dict[str, list[float]]:
    """Seconds that each submission of a graded class held a worker, by lesson."""
    found: dict[str, list[float]] = {}
    for path in sorted(records.glob("*/*/*.json")):
        record = kept(path)
        if record is not None and not record["failed"]:
            place = Place(record["student"], record["lesson"], record["notebook"])
            use = Use(**record["used"])
            if not use.judge:
                raise SystemExit(f"{path} does not say what judge and page took: grade it again")
            found.setdefault(place.assignment, []).append(Spent(place, use).held)
    if not found:
        raise SystemExit(f"there are no records in {records}")
    return found


@dataclass
class Measured:
    """What is measured while a sample class is graded, in seconds and bytes.

    Of the desk the disk's time counts: a gradebook is written through to it.
    """

    held: dict[str, list[float]] = field(default_factory=dict)
    read: list[float] = field(default_factory=list)
    write: list[float] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    results: list[int] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    crew: int = 0


def taken() -> float:
    """The clock's seconds, less those in which this thread was ready and had no processor."""
    return time.perf_counter() - schedule("thread-self")[1]


def sample() -> Measured:
    """Grade a sample class, each lesson by each of `SAMPLE`, and measure."""
    made = Measured()
    settle, run_local, task = Run.settle, runner.run_local, Run._task

    def settled(run: Run, done: Done) -> Result:
        made.orders.append(len(pickle.dumps(done.order)))
        made.results.append(len(pickle.dumps((done.graded, done.page))))
        made.memory.append(done.graded.use.memory)
        begun = taken()
        result = settle(run, done)
        made.write.append(taken() - begun)
        return result

    def tasked(*arguments):
        begun = taken()
        result = task(*arguments)
        made.read.append(taken() - begun)
        return result

    def ran(crew: Crew, orders, jobs):
        made.crew = len(pickle.dumps(crew))
        with closing(run_local(crew, orders, jobs)) as graded:
            yield from graded

    with folder() as place:
        course = course_copy(place)
        for lesson in course.lessons():
            for student, make in SAMPLE.items():
                release = nbformat.read(course.notebooks / lesson.name / f"{lesson.name}.ipynb", 4)
                path = course.root / "submitted" / student / lesson.name / f"{lesson.name}.ipynb"
                path.parent.mkdir(parents=True)
                path.write_text(make(lesson, release))
        classroom = Classroom.of(course.root / "submitted")
        with (
            patch.object(Run, "settle", settled),
            patch.object(Run, "_task", tasked),
            patch.object(runner, "run_local", ran),
        ):
            grade(course, classroom, [lesson.name for lesson in course.lessons()], Options())
        made.held = held(classroom.folder / "records")
    return made


def passed_on(payload: bytes, answer: int) -> tuple[float, float]:
    """Seconds of a processor that a task costs the grader, and Dask's scheduler.

    payload: an order. answer: bytes of its result. Client, scheduler and worker are processes of
    their own.
    """
    from distributed import Client
    from distributed.deploy.subprocess import SubprocessCluster

    workers = {"nthreads": 1}
    with (
        SubprocessCluster(n_workers=1, worker_kwargs=workers) as cluster,
        Client(cluster) as client,
    ):
        executor = client.get_executor(pure=False)
        executor.submit(_echo, payload, answer).result()  # everything is imported
        theirs = client.run_on_scheduler(time.process_time)
        begun = time.process_time()
        under_way: deque[Future] = deque()
        for _ in range(EMPTY_TASKS):
            if len(under_way) == AHEAD:
                under_way.popleft().result()
            under_way.append(executor.submit(_echo, payload, answer))
        for future in under_way:
            future.result()
        ours = time.process_time() - begun
        theirs = client.run_on_scheduler(time.process_time) - theirs
    return ours / EMPTY_TASKS, theirs / EMPTY_TASKS


def _echo(payload: bytes, answer: int) -> bytes:
    return bytes(answer)


# --- What is printed ----------------------------------------------------------------------------


def drawn(found: dict[str, list[float]], students: int, lessons: int, seed: int = 1) -> list[float]:
    """Task times of a class: for each student one of each lesson, drawn from the measured ones."""
    draw = random.Random(seed)
    names = sorted(found)
    columns = [draw.choices(found[names[k % len(names)]], k=students) for k in range(lessons)]
    return [seconds for column in columns for seconds in column]


def table(title: str, runs: Iterable[Simulated]) -> None:
    print(f"\n{title}\n")
    print("| workers | hours | core-hours | used | workers busy | desk busy | limit |")
    print("|---|---|---|---|---|---|---|")
    for run in runs:
        shares = run.shares
        print(
            f"| {run.workers} | {run.wall / 3600:.2f} | {run.wall * run.cores / 3600:.0f} "
            f"| {run.busy / 3600:.0f} | {shares['the workers']:.0%} | {shares['the desk']:.0%} "
            f"| {run.limit} |"
        )


def main(records: Path | None = None) -> None:
    made = sample()
    found = held(records) if records else made.held
    ours, scheduler = passed_on(bytes(int(mean(made.orders))), int(mean(made.results)))
    desk = mean(made.read) + mean(made.write) + ours
    seconds = [each for some in found.values() for each in some]
    load = f"load {os.getloadavg()[0]:.0f} on {processors()} processors"
    print(f"\n## One submission, on this machine ({load})\n")
    print("| | mean | most |")
    print("|---|---|---|")
    print(f"| holds a worker | {mean(seconds):.2f} s | {max(seconds):.2f} s |")
    print(f"| an order | {mean(made.orders) / 1e3:.0f} kB | {max(made.orders) / 1e3:.0f} kB |")
    print(f"| a result | {mean(made.results) / 1e3:.0f} kB | {max(made.results) / 1e3:.0f} kB |")
    print(f"| memory of it | {mean(made.memory) / 1e6:.0f} MB | {max(made.memory) / 1e6:.0f} MB |")
    for name, times in (("reads", made.read), ("writes", made.write)):
        print(f"| the desk {name} | {1e3 * mean(times):.1f} ms | {1e3 * max(times):.1f} ms |")
    print(f"| Dask, of the desk's process | {1e3 * ours:.1f} ms | |")
    print(f"| Dask, of the scheduler | {1e3 * scheduler:.1f} ms | |")
    print(f"\nSent to each worker once: {made.crew / 1e6:.1f} MB.")
    print(f"The desk keeps up with {mean(seconds) / desk:.0f} workers.")
    again = AHEAD * mean(seconds)
    print(f"A worker's death costs {again:.0f} s for each worker: all under way, one by one.")

    tasks = drawn(found, STUDENTS, LESSONS)
    costs = Costs(desk, scheduler)
    print(f"\n## {STUDENTS:,} students, {LESSONS} lessons")
    table("One desk:", (simulate(tasks, count, costs) for count in WORKERS))
    title = f"In sections, a desk and a scheduler for every {SECTION} workers:"
    table(title, (in_sections(tasks, count, costs) for count in WORKERS))
    used = sum(tasks) / 3600
    most = AIM * 3600 / len(tasks)
    travels = len(tasks) * (mean(made.orders) + mean(made.results)) / 1e9
    print(f"\n{travels:.0f} GB travel. ", end="")
    print(
        f"{AIM:g} core-hours are {most:.3f} s a submission; the workers use {used:.0f}, "
        f"desk and scheduler {len(tasks) * (desk + scheduler) / 3600:.0f} more. "
        f"One in 1,000 that takes all that its limits allow adds "
        f"{len(tasks) / 1000 * sum(longest(Limits()).values()) / 3600:.0f}; "
        f"one that runs a question out, {len(tasks) / 1000 * Limits().question / 3600:.0f}."
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
