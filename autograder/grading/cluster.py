"""Grading on the workers of a Dask cluster, each with processes of its own, as on one machine.

Dask runs tasks in threads, where nothing bounds what a task does. So each worker is given as many
processes as it has threads, and tasks ask for these by name.
"""

from __future__ import annotations

import contextlib
import multiprocessing
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

    def __init__(self, client: Client):
        self.executor = client.get_executor(pure=False)

    def submit(self, work: Callable, /, *args: Any, **kwargs: Any) -> Future:
        with dask.annotate(executor=NAME):
            return self.executor.submit(work, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.executor.shutdown(wait)


def run_on_cluster(crew: Crew, orders: Iterable[Order], address: str) -> Iterator[Done]:
    """Grade on the workers of the Dask scheduler at this address."""
    try:
        client = Client(address, timeout=SLOWEST_ANSWER)
    except (OSError, ValueError) as error:
        raise CourseError(f"no Dask scheduler answers at {address}: {error}") from error
    with contextlib.closing(client):
        client.register_plugin(Enlist(crew), name=Enlist.name)
        workers: dict[str, Any] = client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            raise CourseError(f"the Dask scheduler at {address} has no workers")
        versions = set(client.run(code_version).values())
        if versions != {crew.code}:
            raise CourseError("the workers have another version of the course installed than here")
        jobs = sum(worker["nthreads"] for worker in workers.values())
        try:
            yield from run_all(lambda: Everywhere(client), orders, jobs)
        finally:
            client.unregister_worker_plugin(Enlist.name)
