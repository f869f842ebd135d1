"""The report of a class, from its records to a page and CSV files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from autograder.classroom import Classroom
from autograder.course import write
from autograder.reporting.by_question import MOST_SHOWN
from autograder.reporting.findings import Report, report
from autograder.reporting.mistakes import Examples
from autograder.reporting.page import page
from autograder.reporting.sheets import sheets
from autograder.reporting.term import read

PAGE = "report.html"


def write_report(
    classroom: Classroom, lessons: list[str], folder: Path, now: datetime | None = None
) -> Report:
    """Write the page and the CSV files into a folder. Raises `CourseError` where nothing is graded.

    now: in UTC and without a zone; what is due later is not missing.
    """
    term = read(classroom, lessons)
    made = report(term, now or datetime.now(UTC).replace(tzinfo=None))
    examples = Examples(classroom, term)
    for question in made.questions:
        for mistake in question.mistakes[:MOST_SHOWN]:
            mistake.example = examples.find(mistake)
    for name, content in sheets(made).items():
        write(folder / name, content)
    write(folder / PAGE, page(made))
    return made
