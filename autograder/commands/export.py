"""`autograder export`: make the grades and pages that Canvas or Moodle takes in."""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table

from autograder.classroom import Classroom, results_of
from autograder.course import Course, CourseError
from autograder.grading.release import assignments, class_of
from autograder.lms import csvs
from autograder.lms.api import ADDRESS, TOKEN, Address, Canvas
from autograder.lms.canvas import for_canvas
from autograder.lms.cells import Exported, Wanted
from autograder.lms.collected import Entry, entries
from autograder.lms.feedback import pack
from autograder.lms.moodle import for_moodle
from autograder.lms.points import Points, book_of, points_in
from autograder.lms.push import EXCUSED, FAILED, PAGE, SAME, SET, Send, Sent, send
from autograder.lms.roster import Roster
from autograder.renewal import outdated
from autograder.tables import plain
from autograder.terminal import gradebook_option, number, positive, relative, repeated, wide
from helpers._text import printable

PAGELESS = "Graded and without a page (autograder grade --resume{} makes it)"
OUTDATED = (
    "Their page is older than the grade, so NOT {} (autograder grade --resume{} makes it anew)"
)
UNDATED = (
    "Their time cannot be told, so they count as in time (put timestamp.txt right, then autograder "
    "grade --resume{})"
)
UNTAKEN = "A notebook of the lesson is missing in what they handed in, and counts as blank"
WAITING_PAGES = "In it too, though an answer waits for a person and the grade is left as it was"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="a name or number (default: what is graded)"
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--canvas", type=Path, metavar="CSV", help="the gradebook that Canvas exports, or a roster"
    )
    where.add_argument(
        "--moodle",
        type=Path,
        metavar="CSV",
        help="Moodle's grading worksheet, gradebook export or list of participants, or a roster",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="(default: in exported/)")
    parser.add_argument("--by", choices=("lesson", "question"), default="lesson")
    parser.add_argument(
        "--partial",
        action="store_true",
        help="export those too of whom an answer waits for a person, with the points so far",
    )
    parser.add_argument(
        "--scale", action="store_true", help="convert points to the platform's maximum"
    )
    parser.add_argument(
        "--zero", action="store_true", help="0 points for those who handed in nothing"
    )
    parser.add_argument(
        "--column",
        metavar="LESSON=TITLE",
        action="append",
        default=[],
        help="the platform's column for a lesson, where its title does not name it",
    )
    parser.add_argument("--key", metavar="COLUMN", help="the column that students are called by")
    parser.add_argument(
        "--feedback", action="store_true", help="the pages as well: a zip, or with --push comments"
    )
    parser.add_argument(
        "--push",
        action="store_true",
        help=f"into Canvas by its API; the token stands in {TOKEN}; see --dry-run",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="with --push: send nothing, say what"
    )
    parser.add_argument("--url", help=f"Canvas's address (default: {ADDRESS})")
    parser.add_argument("--course", type=positive, help="Canvas's number of the course")
    parser.add_argument(
        "--assignment",
        type=positive,
        help="Canvas's number of the assignment (default: as the gradebook's column says)",
    )
    parser.add_argument(
        "--submitted", type=Path, default=Path("submitted"), help="(default: submitted)"
    )
    gradebook_option(parser)


def run(course: Course, options: argparse.Namespace) -> int:
    classroom = class_of(course, options.submitted, options.db, there=False)
    names = assignments(course, options.lessons)
    source = options.canvas or options.moodle
    roster = Roster.of(source, options.key)
    wanted = Wanted(
        options.partial,
        options.scale,
        options.zero,
        options.by == "question",
        {assignments(course, [lesson])[0]: title for lesson, title in map(pair, options.column)},
        frozenset((path.parent.name, path.name) for path in classroom.submitted.glob("*/*")),
    )
    lessons = graded(course, classroom, names, bool(options.lessons))
    collected = {points.lesson: entries(classroom, points.lesson) for points in lessons}
    tell_doubts(classroom, [points.lesson for points in lessons])
    old = older(course, classroom, lessons) if options.feedback else {}
    if options.push or options.dry_run:
        return push(classroom, roster, lessons, collected, wanted, options, old)
    make = for_canvas if options.canvas else for_moodle
    exported = make(roster, lessons, collected, wanted)
    output = options.output or classroom.folder / "exported" / name_for(options, lessons)
    if output.resolve() == source.resolve():
        raise CourseError(f"{output} is what was given: write it elsewhere by --output")
    csvs.save(exported.sheet, output)
    show(exported, output)
    lost = list(exported.nowhere)
    if options.feedback:
        platform = "canvas" if options.canvas else "moodle"
        for points in lessons:
            path = output.with_name(f"{points.lesson}-feedback-{platform}.zip")
            past = old.get(points.lesson, [])
            entered = collected[points.lesson]
            packed = pack(classroom, points.lesson, platform, entered, path, roster, past)
            where = f": {relative(path)}" if packed.pages else "."
            print(f"{number(packed.pages, 'feedback page')}{where}")
            tell("No name of the platform's is known, so not in it", packed.nameless)
            without = pageless(classroom, points)
            tell(PAGELESS.format(repeated(classroom)), without)
            tell(OUTDATED.format("in it", repeated(classroom)), past)
            left_out = {*packed.nameless, *without, *past}
            tell(WAITING_PAGES, [s for s in exported.waiting_for(points) if s not in left_out])
            lost += [*packed.nameless, *past]
    return 1 if lost else 0


def older(course: Course, classroom: Classroom, lessons: list[Points]) -> dict[str, list[str]]:
    """By lesson, whose page there is and does not show what stands in the gradebook by now."""
    found: dict[str, list[str]] = {points.lesson: [] for points in lessons}
    for place in sorted(outdated(course, classroom, list(found))):
        there = any((classroom.feedback / place.student / place.assignment).glob("*.html"))
        if there and place.student not in found[place.assignment]:
            found[place.assignment].append(place.student)
    return found


def graded(course: Course, classroom: Classroom, names: list[str], asked: bool) -> list[Points]:
    """The lessons' points; of those that were not asked for, those that are graded."""
    made = []
    with book_of(course, classroom) as book:
        there = {assignment.name for assignment in book.assignments}
        for name in names:
            if name in there or asked:
                try:
                    made.append(points_in(book, classroom, name))
                except CourseError:
                    if asked:
                        raise
    if not made:
        raise CourseError("nobody was graded for any lesson: run autograder grade first")
    return made


def pair(text: str) -> tuple[str, str]:
    lesson, equals, title = text.partition("=")
    if not (lesson and equals and title):
        raise CourseError(f"--column {text}: it takes LESSON=TITLE")
    return lesson, title


def name_for(options: argparse.Namespace, lessons: list[Points]) -> str:
    platform = "canvas" if options.canvas else "moodle"
    which = lessons[0].lesson if len(lessons) == 1 else "lessons"
    return f"{platform}-{which}{'-by-question' if options.by == 'question' else ''}.csv"


def tell_doubts(classroom: Classroom, lessons: list[str]) -> None:
    """Whose points may be other than they should be, before anything is written."""
    for lesson in lessons:
        found = list(results_of(classroom, lesson))
        told = (
            (UNDATED.format(repeated(classroom)), [r for r in found if r.undated]),
            (
                UNTAKEN,
                [r for r in found if r.untaken],
            ),
        )
        for what, results in told:
            tell(what, list(dict.fromkeys(f"{r.student} ({lesson})" for r in results)))


def show(exported: Exported, output: Path) -> None:
    print(f"{number(len(exported.given), 'grade')}: {relative(output)}")
    tell("Left as they were, as an answer waits for a person (--partial exports them)",
         exported.waiting)  # fmt: skip
    tell("Handed in and not graded yet, so left as they were", exported.ungraded)
    tell("Nothing handed in", exported.absent)
    tell("Other points stood there, by an earlier export or by hand", exported.other)
    tell("Excused or locked there, so left as they were", exported.kept)
    tell("In the gradebook and in no row, or not in one alone, so NOT exported", exported.nowhere)
    tell("New columns, which the platform will ask about", exported.new)
    for note in exported.notes:
        print(printable(f"Note: {note}."))


def tell(what: str, names: list[str], most: int = 12) -> None:
    if names:
        more = f" and {len(names) - most} more" if len(names) > most else ""
        print(printable(f"{what} ({len(names)}): {', '.join(names[:most])}{more}"))


# --- Into Canvas by its API ----------------------------------------------------------------------


def push(
    classroom: Classroom,
    roster: Roster,
    lessons: list[Points],
    collected: Mapping[str, Mapping[str, Entry]],
    wanted: Wanted,
    options: argparse.Namespace,
    old: Mapping[str, list[str]],
) -> int:
    """Send one lesson's points. What goes out is what the CSV would say, read back from it."""
    if not options.canvas or not options.push:
        raise CourseError("--push goes with --canvas CSV, and --dry-run with --push")
    if len(lessons) != 1 or wanted.by_question:
        raise CourseError("--push takes one lesson, and not --by question")
    if not options.course:
        raise CourseError("give Canvas's number of the course by --course, as its address shows it")
    (points,) = lessons
    exported = for_canvas(roster, lessons, collected, wanted)
    found = re.search(r" \((\d+)\)$", exported.sheet.header[-1])
    assignment = options.assignment or (int(found[1]) if found else 0)
    if not assignment:
        raise CourseError("give Canvas's number of the assignment by --assignment")
    canvas = Canvas.at(Address.of(options.url, options.course, assignment))
    most = csvs.number(exported.sheet.rows[0][-1])
    if canvas.most is not None and most is not None and abs(canvas.most - most) >= 0.005:
        raise CourseError(
            f"the assignment gives {csvs.shown(canvas.most)} points in Canvas and "
            f"{csvs.shown(most)} here: set {csvs.shown(most)} there"
        )
    sent: list[Sent] = []
    past = old.get(points.lesson, [])
    every = sends(exported, classroom.feedback if options.feedback else None, points.lesson, past)
    try:
        send(canvas, every, options.dry_run, sent.append)
    finally:
        show_sent(sent, options.dry_run)
    tell("Not sent, as an answer waits for a person", exported.waiting)
    if options.feedback:
        tell(PAGELESS.format(repeated(classroom)), pageless(classroom, points))
        tell(OUTDATED.format("sent", repeated(classroom)), past)
    tell("In the gradebook and in no row, or not in one alone, so NOT sent", exported.nowhere)
    return 1 if exported.nowhere or past or any(one.what == FAILED for one in sent) else 0


def sends(
    exported: Exported, feedback: Path | None, lesson: str, without: Collection[str] = ()
) -> list[Send]:
    """What the CSV would say, and each student's pages. without: the pages of these."""
    made = []
    for student, person, value in exported.given:
        folder = feedback / student / lesson if feedback and student not in without else None
        pages = tuple(sorted(folder.glob("*.html"))) if folder else ()
        made.append(Send(person.student, person.number, value, pages))
    return made


def pageless(classroom: Classroom, points: Points) -> list[str]:
    """Who has points of a lesson and no page, as after `grade --no-feedback`."""
    folders = {student: classroom.feedback / student / points.lesson for student in points.students}
    return [student for student, folder in folders.items() if not any(folder.glob("*.html"))]


def show_sent(sent: list[Sent], dry_run: bool) -> None:
    """What was set, one by one, and how many needed nothing."""
    table = Table(box=SIMPLE_HEAD)
    for heading in ("student", "before", "after", ""):
        table.add_column(heading)
    for one in sent:
        if one.what in (SET, FAILED, EXCUSED) or (one.what == SAME and one.why):
            cells = [csvs.shown(x) if x is not None else "–" for x in (one.before, one.after)]
            what = "" if one.what in (SET, SAME) else f"{one.what}: "
            table.add_row(plain(one.student), *cells, plain(what + one.why))
    if table.row_count:
        wide().print(table)
    count = Counter(one.what for one in sent)
    verb = "would be set" if dry_run else "set"
    stand = "stands" if count[SAME] == 1 else "stand"
    print(f"{number(count[SET], 'grade')} {verb}, {count[SAME]} {stand} there already, "
          f"{number(count[PAGE], 'page')} {'would be attached' if dry_run else 'attached'}, "
          f"{count[FAILED]} failed.")  # fmt: skip
