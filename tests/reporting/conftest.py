"""A term of sixty students and five lessons, written once: nothing is graded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from autograder.classroom import Classroom
from autograder.course import Course
from autograder.reporting.findings import Report
from autograder.reporting.report import PAGE, write_report
from benchmarks.term import BEGIN, Planted, bank, simulate
from tests.conftest import ROOT

LESSONS = ("01", "02", "03", "05", "06")
STUDENTS = 60


@dataclass
class Reported:
    """A class, what was planted in it, and its report."""

    classroom: Classroom
    plan: Planted
    report: Report
    folder: Path

    @property
    def page(self) -> str:
        return (self.folder / PAGE).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def term(tmp_path_factory) -> Reported:
    course = Course(ROOT)
    lessons = {k.name: bank(k, 3) for k in map(course.lesson, LESSONS)}
    folder = tmp_path_factory.mktemp("term")
    classroom, plan = simulate(folder, lessons, STUDENTS, seed=3)
    report = write_report(
        classroom, list(lessons), folder / "report", BEGIN + timedelta(weeks=len(LESSONS))
    )
    return Reported(classroom, plan, report, folder / "report")
