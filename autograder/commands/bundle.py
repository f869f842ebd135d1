"""`autograder bundle`: make the zip for students."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.authoring.bundle import bundle
from autograder.course import Course


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", type=Path, help="the zip's path (default: dist/downhill.zip)")


def run(course: Course, options: argparse.Namespace) -> int:
    target = bundle(course, options.to or course.root / "dist" / "downhill.zip")
    print(f"{target} ({target.stat().st_size / 1000:.0f} kB)")
    return 0
