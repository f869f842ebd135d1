"""`autograder collect`: take a download of Canvas or Moodle into `submitted/`."""

from __future__ import annotations

import argparse
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.box import SIMPLE_HEAD
from rich.table import Table

from autograder.classroom import Classroom
from autograder.course import Course, CourseError
from autograder.grading.release import assignments, listed
from autograder.lms.api import ADDRESS, TOKEN, Address, Canvas
from autograder.lms.collect import AGAIN, NEW, OLDER, SAME, STAMPED, Collection, Outcome, ids_in
from autograder.lms.collected import enter
from autograder.lms.roster import Roster
from autograder.tables import plain
from autograder.terminal import number, positive, relative, say, wide
from helpers._text import printable

MOST_TOLD = 100
"""Files of a download that are told one by one."""
NO_ROSTER = (
    "no --roster: students are called as the platform writes their names, nobody can be told as "
    "missing, and two of one name are told apart within a download, but not from one to the next"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="the zip, or what it was unpacked to"
    )
    parser.add_argument("--lesson", required=True, metavar="NAME", help="what was handed in")
    parser.add_argument(
        "--roster",
        type=Path,
        metavar="CSV",
        help="who is in the class: Canvas's gradebook, Moodle's grading worksheet or list of "
        "participants, nbgrader's students.csv",
    )
    parser.add_argument("--key", metavar="COLUMN", help="the roster's column to call students by")
    parser.add_argument(
        "--match",
        metavar="NAME=STUDENT",
        action="append",
        default=[],
        help="whose a file or folder of this name is, or those with this number of a platform's",
    )
    parser.add_argument(
        "--timezone",
        metavar="PLACE",
        help="where the clock stands by which Moodle's worksheet, or a name of Blackboard's or "
        "Brightspace's, says when: Europe/Berlin",
    )
    asked = f"ask Canvas's API when each was handed in; the token stands in {TOKEN}: its number of"
    parser.add_argument("--course", type=positive, help=f"{asked} the course")
    parser.add_argument("--assignment", type=positive, help="and of the assignment")
    parser.add_argument("--url", help=f"Canvas's address (default: {ADDRESS})")
    parser.add_argument(
        "--submitted", type=Path, default=Path("submitted"), help="(default: submitted)"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be done; do nothing")


def run(course: Course, options: argparse.Namespace) -> int:
    (lesson,) = assignments(course, [options.lesson])
    if options.key and not options.roster:
        raise CourseError("--key names a column of the roster: give that by --roster")
    roster = Roster.of(options.roster, options.key) if options.roster else None
    classroom = Classroom.at(options.submitted, there=False)
    chosen = dict(map(pair, options.match))
    collection = Collection(
        classroom,
        lesson,
        roster,
        listed(course),
        options.timezone,
        times(options),
        chosen,
        options.dry_run,
        asked=asked_by(course),
    )
    if roster is None:
        say(NO_ROSTER)
    with ExitStack() as stack:
        if not options.dry_run:
            classroom.submitted.mkdir(parents=True, exist_ok=True)
            stack.enter_context(classroom.alone(say))
        for source in options.files:
            aside = Path(stack.enter_context(TemporaryDirectory(prefix="collected-")))
            collection.take(source, aside)
        if not options.dry_run:
            enter(classroom, lesson, collection.outcome.entries)
    outcome = collection.finish()
    show(outcome, classroom, lesson, options.dry_run)
    for name in sorted(chosen.keys() - collection.used):
        say(f"--match {name}={chosen[name]}: nothing has that number or name")
    return 1 if outcome.unmatched else 0


def asked_by(course: Course) -> dict[str, frozenset[str]]:
    """The grade ids of each lesson that is built, by which a notebook is known."""
    return {
        name: ids
        for name in listed(course)
        if (ids := ids_in(course.notebooks / name / f"{name}.ipynb"))
    }


def times(options: argparse.Namespace) -> dict[str, str]:
    """When each student handed in, where Canvas is to be asked for it."""
    if not options.course and not options.assignment:
        return {}
    if not (options.course and options.assignment):
        raise CourseError("to ask Canvas for the times give both --course and --assignment")
    return Canvas.at(Address.of(options.url, options.course, options.assignment)).times


def pair(text: str) -> tuple[str, str]:
    left, equals, right = text.rpartition("=")
    if not (left and equals and right):
        raise CourseError(f"--match {text}: it takes NAME=STUDENT")
    return left, right


def show(outcome: Outcome, classroom: Classroom, lesson: str, dry_run: bool) -> None:
    """What became of each, in a few lines; only what needs the instructor one by one."""
    count = Counter(each.what for each in outcome.collected)
    said = ", ".join(
        f"{count[what]} {what}" for what in (NEW, AGAIN, STAMPED, SAME, OLDER) if count[what]
    )
    would = " Nothing was written." if dry_run else ""
    print(f"{lesson}: {number(len(outcome.collected), 'student')} ({said or 'none'}).{would}")
    if outcome.elsewhere:
        files = number(len(outcome.elsewhere), "student's file", "students' files")
        which = ", ".join(sorted(set(outcome.elsewhere)))
        print(f"Is --lesson right? {files} of another lesson by content, and not taken: {which}")
    for each in outcome.collected:
        for kept in map(relative, each.kept):
            print(printable(f"  {each.student}: the earlier attempt is kept in {kept}"))
    notes = Counter(each.note for each in outcome.collected if each.note)
    for note, many in notes.items():
        whose = [each.student for each in outcome.collected if each.note == note]
        print(printable(f"  {many} × {note}: {in_short(whose)}"))
    if outcome.missing:
        print(printable(f"Not handed in ({len(outcome.missing)}): {in_short(outcome.missing, 40)}"))
    if outcome.unmatched:
        table = Table(box=SIMPLE_HEAD)
        for heading in ("not taken", "why, and what to do"):
            table.add_column(heading, overflow="fold")
        for what, why in outcome.unmatched[:MOST_TOLD]:
            table.add_row(plain(what), plain(why))
        wide().print(table)
        if len(outcome.unmatched) > MOST_TOLD:
            print(f"and {len(outcome.unmatched) - MOST_TOLD} more")
        print("They are as they were in the download. --match 'NAME=STUDENT' says whose one is.")


def in_short(names: list[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
