"""`autograder policy`: what holds for a class, applied to all that was graded, and nothing run."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table

from autograder.classroom import Classroom
from autograder.course import Course
from autograder.grading.policy import NAME
from autograder.grading.release import class_of
from autograder.renewal import Renewed, renew
from autograder.tables import plain
from autograder.terminal import gradebook_option, number, relative, say, wide
from helpers._text import printable

MOST = 20
"""Changes that are told one by one."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--submitted",
        type=Path,
        default=Path("submitted"),
        help=f"the class's folder of submissions (default: submitted); {NAME} lies beside it",
    )
    gradebook_option(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would change; write nothing"
    )


def run(course: Course, options: argparse.Namespace) -> int:
    begun = not (options.submitted.parent / NAME).exists()  # else it may hold before the class is
    classroom = class_of(course, options.submitted, options.db, there=begun)
    found = renew(course, classroom, options.dry_run, say)
    holds(found, classroom)
    for sentence in found.said:
        print(printable(sentence))
    if found.changes:
        wide().print(changes(found))
    more = len(found.changes) - MOST
    if more > 0:
        print(f"and {more} more")
    for place in found.gone:
        say(f"{place.student}, {place.assignment}: its graded notebook is gone: grade it again")
    would = "would change. Nothing was written." if options.dry_run else "changed."
    what = f"points or lateness of {len(found.changes)} {would}"
    print(f"{number(found.graded, 'notebook is', 'notebooks are')} graded; {what}")
    return 1 if found.gone else 0


def holds(found: Renewed, classroom: Classroom) -> None:
    """What holds, and where it comes from."""
    policy, path = found.policy, relative(classroom.folder / NAME)
    print(f"What holds: {path}" if policy.path else f"There is no {path}: nbgrader's own holds.")
    print(f"  due:        {_list(found.due)}")
    given = policy.extensions
    counts = {s: len(own) for s, own in (given or {}).items()}
    each = (f"{printable(s)} ({number(n, 'entry', 'entries')})" for s, n in sorted(counts.items()))
    said = ", ".join(each) or "nobody"
    print(f"  extensions: {'as in the gradebook' if given is None else said}")
    print(f"  late:       {found.rule}")
    print(f"  attempts:   {'the best counts' if policy.best else 'the last counts'}")


def _list(due: dict[str, str]) -> str:
    return "\n              ".join(f"{name}  {when}" for name, when in due.items()) or "no dates"


def changes(found: Renewed) -> Table:
    made = Table(box=SIMPLE_HEAD)
    for heading in ("student", "lesson", "before", "after", ""):
        made.add_column(heading, overflow="fold")
    for before, after in found.changes[:MOST]:
        why = after.late or ("no longer late" if before.late else "another attempt counts")
        made.add_row(
            plain(after.student),
            plain(after.lesson),
            f"{before.points:g}",
            f"{after.points:g} of {after.of:g}",
            plain(why),
        )
    return made
