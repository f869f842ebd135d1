"""Workers of a Dask cluster of another version of the course, or without it: no grade of theirs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from distributed import LocalCluster

from autograder.course import CourseError
from autograder.grading import cluster
from autograder.grading.cluster import of_version, run_on_cluster
from autograder.grading.envelope import Envelope
from autograder.grading.pool import Crew, Order, run_all
from autograder.grading.sheet import code_version
from autograder.grading.task import Task


def absent() -> str:
    raise ModuleNotFoundError("No module named 'autograder'")


@pytest.mark.parametrize("found", [lambda: "another version", absent])
def test_the_worker_that_is_of_no_use_is_named(found, monkeypatch):
    monkeypatch.setattr(cluster, "code_version", found)
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as local:
        (worker,) = local.workers.values()
        with pytest.raises(CourseError, match="another version of the course") as told:
            [*run_on_cluster(Crew({}, (), True, code_version()), [], local.scheduler_address)]
        assert str(worker.address) in str(told.value)


def test_one_that_comes_in_the_middle_stops_the_class():
    """Whatever it would make of the submissions: its points would be of another course."""

    class Another(ThreadPoolExecutor):
        def submit(self, work, /, *args, **kwargs):
            return super().submit(of_version, "another version", work, *args, **kwargs)

    order = Order(Task("amy", ("01-small", "01-small"), Envelope(""), ""))
    with pytest.raises(CourseError, match="came in the middle and has another version"):
        [*run_all(lambda: Another(1), [order], 1)]


def test_one_of_the_same_version_works():
    assert of_version(code_version(), max, 1, 2) == 2
