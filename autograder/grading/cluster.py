"""Grading on the workers of a Dask cluster, each with processes of its own, as on one machine.

Dask runs tasks in threads, where nothing bounds what a task does. So each worker is given as many
processes as it has threads, and tasks ask for these by name.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import socket
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import dask
from distributed import Client, Worker, WorkerPlugin

from autograder.course import CourseError
from autograder.grading.pool import Crew, Done, Order, processes, run_all
from autograder.grading.sheet import code_version

NAME = "downhill"
SLOWEST_ANSWER = 20.0
"""Seconds in which a Dask scheduler has to answer."""


class Enlist(WorkerPlugin):
    """Gives a worker its processes; each starts what it grades with at its first task."""

    name = NAME

    def __init__(self, crew: Crew):
        self.crew = crew

    def setup(self, worker: Worker) -> None:
        # A worker may be what multiprocessing calls a daemon, and then have no children. Ours end
        # with it.
        multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
        crew, jobs = self.crew, worker.state.nthreads
        worker.executors[NAME] = Renewed(lambda: processes(crew, jobs, "spawn"))

    def teardown(self, worker: Worker) -> None:
        worker.executors.pop(NAME).shutdown()


class Renewed(Executor):
    """An executor that is made anew after a process of it has died."""

    def __init__(self, make: Callable[[], Executor]):
        self.make = make
        self.executor = make()

    def submit(self, work: Callable, /, *args: Any, **kwargs: Any) -> Future:
        try:
            return self.executor.submit(work, *args, **kwargs)
        except BrokenProcessPool:
            self.executor = self.make()
            return self.executor.submit(work, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.executor.shutdown(wait, cancel_futures=cancel_futures)


class Everywhere(Executor):
    """The processes of all workers of a cluster."""

    def __init__(self, client: Client, version: str):
        self.executor = client.get_executor(pure=False)
        self.version = version

    def submit(self, work: Callable, /, *args: Any, **kwargs: Any) -> Future:
        with dask.annotate(executor=NAME):
            return self.executor.submit(of_version, self.version, work, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.executor.shutdown(wait)


def of_version(version: str, work: Callable, /, *args: Any, **kwargs: Any) -> Any:
    """What this work gives; a worker that came in the middle may have another version.

    Raises `CourseError` there: nothing that it makes is a grade of this course.
    """
    if code_version() != version:
        raise CourseError(
            f"a worker on {socket.gethostname()} came in the middle and has another version of the "
            "course than here: install this one there, or end it, and go on with --resume"
        )
    return work(*args, **kwargs)


def run_on_cluster(crew: Crew, orders: Iterable[Order], address: str) -> Iterator[Done]:
    """Grade on the workers of the Dask scheduler at this address."""
    try:
        client = Client(address, timeout=SLOWEST_ANSWER)
    except (OSError, ValueError) as error:
        raise CourseError(f"no Dask scheduler answers at {address}: {error}") from error
    with contextlib.closing(client):
        workers: dict[str, Any] = client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            raise CourseError(f"the Dask scheduler at {address} has no workers")
        found = client.run(code_version, on_error="return")
        others = sorted(
            f"{worker} ({type(version).__name__}: {version})"
            if isinstance(version, Exception)
            else worker
            for worker, version in found.items()
            if version != crew.code
        )
        if others:
            raise CourseError(
                "workers have another version of the course installed than here, or none: "
                f"{', '.join(others)}. Install this one there, or end them, and grade again"
            )
        client.register_plugin(Enlist(crew), name=Enlist.name)
        jobs = sum(worker["nthreads"] for worker in workers.values())
        try:
            yield from run_all(lambda: Everywhere(client, crew.code), orders, jobs)
        finally:
            client.unregister_worker_plugin(Enlist.name)
