"""`autograder site`: the course on the web, as files that any host can serve."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.terminal import console, lessons_option, number, relative

NEEDED = ("sphinx", "myst_parser", "furo")
MISSING = "The site is made by Sphinx, which is not installed here: pip install -e '.[site]'"


def arguments(parser: argparse.ArgumentParser) -> None:
    lessons_option(parser)
    parser.add_argument("--out", type=Path, help="the folder to make it in (default: dist/site)")
    parser.add_argument(
        "--check", action="store_true", help="fail where a link or what is recorded is at fault"
    )
    parser.add_argument(
        "--record", action="store_true", help="first record anew what explorers can show (minutes)"
    )


def run(course: Course, options: argparse.Namespace) -> int:
    if not all(importlib.util.find_spec(name) for name in NEEDED):
        raise CourseError(MISSING)
    from autograder.publishing import recording
    from autograder.publishing.build import build
    from autograder.publishing.faults import faults

    lessons = [course.lesson(name) for name in options.lessons] or course.lessons()
    out = options.out or course.root / "dist" / "site"
    if options.record:
        for lesson in lessons:
            with console.status(f"Recording the explorers of {lesson.name} ..."):
                recording.record(course, lesson.name)
    with console.status("Making the site ..."):
        build(course, out, lessons)
    pages = sum(1 for _ in out.rglob("*.html"))
    print(f"{relative(out)}: {number(pages, 'page')}. Open {relative(out / 'index.html')}")
    wrong = [*recording.stale(course), *faults(out)] if options.check else []
    for line in wrong:
        print(line)
    return 1 if wrong else 0
