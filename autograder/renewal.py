"""What was graded, by what holds for the class today: no code is run, nothing is read but records.

Points, pages and nbgrader's gradebook follow a policy that has changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.classroom import Classroom, Place, Result, as_result, kept
from autograder.course import Course, CourseError
from autograder.grading.database import explained
from autograder.grading.deadlines import feed, strangers
from autograder.grading.desk import Desk
from autograder.grading.gradebook import Book
from autograder.grading.inbox import submissions
from autograder.grading.policy import Policy, policy_of
from autograder.grading.release import aside, course_id, listed, settings
from autograder.grading.task import Given


@dataclass
class Renewed:
    """What holds, and what came of it.

    said: dates that changed, in words. graded: how many notebooks have been graded. changes: the
    results before and after, where they differ. gone: notebooks whose graded copy is gone.
    """

    policy: Policy
    due: dict[str, str] = field(default_factory=dict)
    rule: str = ""
    said: list[str] = field(default_factory=list)
    graded: int = 0
    changes: list[tuple[Result, Result]] = field(default_factory=list)
    gone: list[Place] = field(default_factory=list)


def renew(
    course: Course,
    classroom: Classroom,
    dry_run: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> Renewed:
    """Apply the class's policy to all that is graded. dry_run: on a copy of the gradebook.

    Raises `CourseError` where the file, the class or the disk is at fault.
    """
    known = listed(course)
    policy = policy_of(classroom.folder, known)
    with ExitStack() as stack:
        stack.enter_context(explained(classroom.db_url))
        place = classroom
        if dry_run:
            place = stack.enter_context(aside(classroom))
        else:
            classroom.check()
            stack.enter_context(classroom.alone(say))
        config = settings(course, place)
        book = stack.enter_context(Book.open(place.db_url, course_id(config), config, policy))
        unpacked = Path(stack.enter_context(TemporaryDirectory(prefix="unpacked-")))
        stamps = stamps_of(classroom, known, unpacked)
        found = Renewed(policy)
        found.said += feed(book.book, policy)
        found.said += strangers(book.book, policy, {student for student, _ in stamps})
        found.due = {name: policy.shown(due) for name, due in book.dates().items()}
        found.rule = str(policy.late) if policy.late else nbgraders(book)
        desk = Desk(classroom, book, {}, stamps, None)
        for lesson in sorted(book.assignments()):
            _renew(classroom, desk, lesson, found, dry_run)
        return found


def outdated(course: Course, classroom: Classroom, lessons: list[str]) -> set[Place]:
    """Notebooks whose page does not show what stands in the gradebook by now; nothing is written.

    What no longer lies in `submitted/` is passed over: part of what a page shows is read there.
    """
    known = listed(course)
    policy = policy_of(classroom.folder, known)
    with ExitStack() as stack:
        stack.enter_context(explained(classroom.db_url))
        config = settings(course, classroom)
        book = stack.enter_context(Book.open(classroom.db_url, course_id(config), config, policy))
        unpacked = Path(stack.enter_context(TemporaryDirectory(prefix="unpacked-")))
        desk = Desk(classroom, book, {}, stamps_of(classroom, known, unpacked), None)
        return {
            place
            for lesson in lessons
            for place, given, record in graded(classroom, book, lesson)
            if place[:2] in desk.stamps and record.get("seen") != desk.seen(place, given)
        }


def stamps_of(classroom: Classroom, known: list[str], aside: Path) -> dict[tuple[str, str], Path]:
    """Where it stands when each submission was handed in; nothing where there is none so far."""
    try:
        handed_in, _ = submissions(classroom.submitted, known, aside)
    except CourseError:
        return {}
    return {(each.student, each.lesson): each.stamp for each in handed_in}


def _renew(classroom: Classroom, desk: Desk, lesson: str, found: Renewed, dry_run: bool) -> None:
    for place, given, record in graded(classroom, desk.book, lesson):
        found.graded += 1
        if record.get("seen") == desk.seen(place, given):
            continue
        before = as_result(record)
        after = desk.looked_at(place, record) if dry_run else desk.renew(place, record)
        if after is None:
            found.gone.append(place)
        elif (after.points, after.late) != (before.points, before.late):
            found.changes.append((before, after))


def graded(classroom: Classroom, book: Book, lesson: str) -> Iterator[tuple[Place, Given, dict]]:
    """The notebooks of a lesson that stand in the gradebook and have a record."""
    for (student, notebook), given in sorted(book.given(lesson).items(), key=lambda one: one[0]):
        place = Place(student, lesson, notebook)
        record = kept(classroom.record(*place))
        if record is not None and not record.get("failed"):
            yield place, given, record


def nbgraders(book: Book) -> str:
    """The late rule of `nbgrader_config.py`, in words."""
    plugin = book.rule.plugin_inst
    method = getattr(plugin, "penalty_method", None)
    words = {"none": "lateness costs nothing", "zero": "what is late earns nothing"}
    return words.get(str(method), f"{type(plugin).__name__} of nbgrader_config.py")
