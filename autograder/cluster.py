"""What runs on the workers of a Dask cluster."""

from __future__ import annotations

from distributed import Worker, WorkerPlugin, get_worker

from autograder.pool import Crew, Done, Order


class Enlist(WorkerPlugin):
    """Gives each worker what it grades with; its warm process starts with its first task."""

    name = "downhill"

    def __init__(self, crew: Crew):
        self.crew = crew

    def teardown(self, worker: Worker) -> None:
        self.crew.worker.stop()


def work(order: Order) -> Done:
    plugin = get_worker().plugins[Enlist.name]
    assert isinstance(plugin, Enlist)
    return plugin.crew.do(order)
