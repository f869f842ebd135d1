"""Where grading runs: processes of this machine, or a Dask cluster. The same code either way.

Each worker has a warm process of its own. Submissions travel as bytes and come back as bytes.
"""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.util
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from autograder.course import CourseError
from autograder.grading.feedback import Pages
from autograder.grading.grader import Worker
from autograder.grading.sheet import HIDDEN, Sheet
from autograder.grading.task import Given, Graded, Task
from autograder.grading.work import read_ahead
from autograder.sandbox.container import Container, Warmth, check, helpers_folder

MOST_MEMORY = 3 << 30
"""Bytes of address space that a worker may take beyond what it starts with."""
LONGEST = 600.0
"""Seconds of a worker's own, beyond what a notebook may take, after which the kernel ends it."""
AHEAD = 3
"""Tasks that wait for each worker, so that none is idle and memory stays flat."""

_crew: Crew | None = None
"""What this worker process grades with."""


@dataclass(frozen=True)
class Order:
    """A task, and what its feedback page needs. `page`: whether to make one."""

    task: Task
    given: Given = field(default_factory=Given)
    page: bool = True


@dataclass(frozen=True)
class Done:
    order: Order
    graded: Graded
    page: str = ""


@dataclass
class Crew:
    """What a worker needs: the sheets, and how to start its warm process."""

    sheets: dict[tuple[str, str], Sheet]
    preload: tuple[str, ...]
    contained: bool
    code: str
    user: int | None = None
    """Whom students' code runs as where it is not contained; as the grader, by itself."""

    begun: Container | None = None
    """A warm process that has been started and not told yet what to import."""
    lent: Container | None = None
    """The warm process that the workers of one machine share; one that fails is replaced."""

    @cached_property
    def worker(self) -> Worker:
        return Worker(self.sheets, lambda: Container(self.warmth()), self.lent)

    @cached_property
    def pages(self) -> Pages:
        (hidden,) = {sheet.hidden for sheet in self.sheets.values()} or {HIDDEN}  # a course's own
        return Pages(hidden)

    def prepare(self) -> None:
        """Have ready what every worker begins with, before it is forked."""
        self.pages.prepare(self.sheets.values())
        for sheet in self.sheets.values():
            if sheet.bank:
                read_ahead(sheet)

    def warmth(self) -> Warmth:
        return Warmth((helpers_folder(),), self.preload, self.contained, self.user)

    def do(self, order: Order) -> Done:
        begun = time.process_time()
        graded = self.worker.grade(order.task)
        judged, page = time.process_time(), ""
        if order.page and not graded.failed:
            points = {name: mark.points for name, mark in graded.marks.items()}
            given = order.given.before(points)
            page = self.pages.page(graded.notebook, points, given, graded.place._asdict())
        graded.use.judge, graded.use.page = judged - begun, time.process_time() - judged
        return Done(order, graded, page)


def check_confinement() -> None:
    """Raise `NotContained` where this machine cannot confine the students' code."""
    check(Warmth((helpers_folder(),)))


def processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# --- One machine --------------------------------------------------------------------------------


def run_local(crew: Crew, orders: Iterable[Order], jobs: int) -> Iterator[Done]:
    """Grade on this machine. A worker that dies costs at most the task that killed it twice."""
    if sys.platform != "linux":
        yield from run_all(lambda: processes(crew, jobs, "spawn"), orders, jobs)
        return
    begun, crew.begun = crew.begun, None  # it ends with these orders, and there may be more
    if begun:
        begun.tell(crew.preload)
    with begun or Container(crew.warmth()) as crew.lent:
        crew.prepare()  # while it warms up
        crew.lent.ready()
        gc.freeze()  # what is there now is looked through by no worker, and so copied by none
        try:
            yield from run_all(lambda: processes(crew, jobs, "fork"), orders, jobs)
        finally:
            gc.unfreeze()


def processes(crew: Crew, jobs: int, method: str) -> Executor:
    """Processes that grade; method: how multiprocessing starts them."""
    context = multiprocessing.get_context(method)
    return ProcessPoolExecutor(jobs, context, initializer=_enlist, initargs=(crew,))


def _enlist(crew: Crew) -> None:
    global _crew
    _crew = crew
    _limit_memory()
    multiprocessing.util.Finalize(crew, crew.worker.stop, exitpriority=10)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _limit_memory() -> None:
    """Of what the judge computes with an answer's values; the sandbox has limits of its own."""
    if sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + MOST_MEMORY
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _end_with(parent: int) -> None:
    """Where the grader is killed, its workers would otherwise wait for ever for the next task."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _work(order: Order) -> tuple[Graded, str]:
    """The rest of `Done`: an order stays where it was given, and does not travel back."""
    assert _crew is not None
    limits = order.task.limits
    _limit_time(limits.notebook + limits.question + LONGEST)
    done = _crew.do(order)
    return done.graded, done.page


def _limit_time(seconds: float) -> None:
    """Of a task's computing: each part has an end of its own, and this one is the kernel's."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)


def run_all(
    start: Callable[[], Executor],
    orders: Iterable[Order],
    workers: int,
) -> Iterator[Done]:
    waiting = iter(orders)
    again: list[tuple[Order, int]] = []
    executor = start()
    running: dict[Future, tuple[Order, int]] = {}
    try:
        while True:
            # After a worker's death one task at a time, until it is known which one kills.
            most = 1 if again else AHEAD * workers
            while len(running) < most:
                order, tries = again.pop() if again else (next(waiting, None), 0)
                if order is None:
                    break
                running[executor.submit(_work, order)] = (order, tries)
            if not running:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            broken = False
            for future in finished:
                order, tries = running.pop(future)
                try:
                    yield Done(order, *future.result())
                except BrokenProcessPool:
                    broken = True
                    if tries < 2:
                        again.append((order, tries + 1))
                    else:
                        yield _failed(order, "a worker process died of it, three times")
                except CourseError:  # of no one submission
                    raise
                except Exception as error:
                    yield _failed(order, f"{type(error).__name__}: {error}")
            if broken:
                again += [(order, tries) for order, tries in running.values()]
                running.clear()
                executor.shutdown(wait=False)
                executor = start()
    finally:
        for future in running:
            future.cancel()
        executor.shutdown(wait=True)


def _failed(order: Order, why: str) -> Done:
    return Done(order, Graded(order.task.student, order.task.key, failed=why))
