"""`autograder report`: what the class got wrong, on one page, and as CSV."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.course import Course
from autograder.grading.release import assignments, class_of
from autograder.reporting.findings import Report
from autograder.reporting.report import PAGE, write_report
from autograder.terminal import gradebook_option, lessons_option, relative, submitted_option
from helpers._text import printable

MOST_TOLD = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    lessons_option(parser)
    submitted_option(
        parser, "the folder of STUDENT/LESSON/LESSON.ipynb, graded before (default: submitted)"
    )
    gradebook_option(parser)
    parser.add_argument(
        "--to", type=Path, metavar="FOLDER", help="where to write it (default: report/ beside them)"
    )


def run(course: Course, options: argparse.Namespace) -> int:
    classroom = class_of(course, options.submitted, options.db, there=False)
    folder = options.to or classroom.folder / "report"
    made = write_report(classroom, assignments(course, options.lessons), folder)
    tell(made)
    print(f"The report: {relative(folder.resolve() / PAGE)}, and CSV files beside it")
    return 0


def tell(made: Report) -> None:
    """The few most common mistakes, and how many may need help."""
    common = made.common([made.latest])[:MOST_TOLD]
    print(f"Most common mistakes in {made.latest.name}:{'' if common else ' none was made twice'}")
    for mistake in common:
        count = f"{len(mistake.students)} of {made.count_of(mistake)}"
        print(printable(f"  {count}  {mistake.question.name}: {mistake.says}"))
    print(f"{len(made.in_need())} of {len(made.students)} students may need help.")
