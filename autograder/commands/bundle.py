"""`autograder bundle`: make what students get."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.authoring.bundle import bundle, named, wheel
from autograder.course import Course
from autograder.terminal import lessons_option


def arguments(parser: argparse.ArgumentParser) -> None:
    lessons_option(parser)
    parser.add_argument(
        "--to", type=Path, help="the zip's path, or the package's folder (default: in dist/)"
    )
    parser.add_argument(
        "--wheel",
        action="store_true",
        help="the helpers alone, as a package for pip, into dist/: for a JupyterHub, or Colab",
    )


def run(course: Course, options: argparse.Namespace) -> int:
    place = course.root / "dist"
    if options.wheel:
        target = wheel(course, options.to or place)
    else:
        lessons = [course.lesson(name) for name in options.lessons]
        target = bundle(course, options.to or place / named(lessons), lessons)
    print(f"{target} ({target.stat().st_size / 1000:.0f} kB)")
    return 0
