"""`autograder check`: whether a course is in order, before anything is made of it.

Every fault is one line: file, line, what it is and what to do. Cells are held to the rules of
`rules`, sources and releases to each other by `built`, the bank to both by `bank`; what follows
only from making everything again is `autograder build --check`'s.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from autograder import sealing
from autograder.authoring import foreign
from autograder.authoring.bank import (
    faults_of_exercises,
    faults_of_lists,
    owns_bank,
    unloadable,
)
from autograder.authoring.built import (
    digest_of,
    plain_cells,
    sealed_digest,
    sources_at_fault,
    stale_release,
    strays,
)
from autograder.authoring.nbgrader_api import (
    CONFIG,
    configuration,
    late_rule,
    not_followed,
    own_delimiters,
)
from autograder.authoring.rules import notes_of
from autograder.course import LESSON_NAME, Course, CourseError, Lesson
from autograder.proving import record
from helpers.questions import LESSONS, names_in


class Faults(CourseError):
    """The course is not in order; every fault on a line of its own."""


@dataclass
class Checked:
    """What was found: faults, and what is no fault but to be known."""

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Scope:
    """What a command needs to be in order.

    lessons: these, by name or number, or all. exercises: of the bank these alone, or all.
    released: `notebooks/`, too. pages: those of the bank, which `prove` reads for itself. late:
    the rule for late work.
    """

    lessons: tuple[str, ...] = ()
    exercises: tuple[str, ...] = ()
    released: bool = True
    pages: bool = True
    late: bool = True


def scope_of(course: Course, lessons: Iterable[str]) -> Scope:
    """What grading these takes, by name or number, or all; without lessons it is the late rule,
    for an assignment at fault is left out by itself.
    """
    return Scope(tuple(lessons)) if course.has_lessons() else Scope(released=False)


def require(course: Course, scope: Scope) -> list[str]:
    """Raise `Faults` where there are some; what is to be known besides."""
    found = check(course, scope)
    if found.faults:
        count = f"{len(found.faults)} fault{'s' * (len(found.faults) > 1)} in the course"
        raise Faults("\n".join([f"{count}; nothing was done:", *found.faults]))
    return found.notes


def check(course: Course, scope: Scope = Scope()) -> Checked:
    """Look at the lessons, at the bank's entries for their exercises, and at what was made."""
    found = Checked()
    if course.has_lessons() or any(course.source.glob("*/*.md")):
        bank = owns_bank(course)
        found.faults += names_of_folders(course)
        found.faults += unloadable(course) if bank else ()
        if not found.faults:
            found.faults += faults_of_lists(course) if bank else ()
            for lesson in [course.lesson(name) for name in scope.lessons] or course.lessons():
                of_lesson(course, lesson, scope, found)
            found.faults += strays(course) if scope.released and bank else ()
            found.faults += marks_of_lessons(course)
    elif scope.released:
        config = configuration(course)
        for name in foreign.assignments(course, scope.lessons):
            found.faults += foreign.faults_of(course, config, name)
    if scope.late:
        found.faults += _said(lambda: late_rule(configuration(course)))
        found.notes += unfollowed(course)
    return Checked(_tidy(course, found.faults), _tidy(course, found.notes))


def of_lesson(course: Course, lesson: Lesson, scope: Scope, found: Checked) -> None:
    """Add what is to be said of one lesson."""
    at_fault = list(sources_at_fault(course, lesson))
    if owns_bank(course) and lesson.name in LESSONS:
        names = [n for n in names_in(lesson.name) if not scope.exercises or n in scope.exercises]
        at_fault += faults_of_exercises(course, lesson, names, scope.pages)
    found.faults += at_fault
    if not at_fault:
        found.notes += notes_of(lesson) if plain_cells(course, lesson) else ()
        found.faults += unreleased(course, lesson) if scope.released else ()


def unreleased(course: Course, lesson: Lesson) -> Iterator[str]:
    """What students have, or would get, that is not what the source and the bank make."""
    yield from stale_release(course, lesson)
    again = f"run `autograder build {lesson.name}`"
    if owns_bank(course):
        path = course.sealed(lesson.name)
        if digest_of(sealing.read(path)) != sealed_digest(course, lesson):
            yield f"{path}: it is not what the predictions of {lesson.path.name} make: {again}"
        stale = list(record.stale([lesson.name])) if lesson.name in LESSONS else []
        if stale:
            of = f"{stale[0]} and {len(stale) - 1} others" if len(stale) > 1 else stale[0]
            yield f"{record.file_of(lesson.name)}: it is not what the bank makes of {of}: {again}"


def names_of_folders(course: Course) -> Iterator[str]:
    """Folders and files in `source/` that no command would find, or of which two are one."""
    named = "is named as 01-derivatives: two digits, then small letters and digits with hyphens"
    numbers: Counter[str] = Counter()
    for folder in sorted(course.source.iterdir()):
        if folder.name.startswith((".", "_")):
            continue
        texts = [path for path in sorted(folder.glob("*.md")) if not path.name.startswith(".")]
        books = [path for path in sorted(folder.glob("*.ipynb")) if not path.name.startswith(".")]
        own = folder / f"{folder.name}.md"
        if folder.is_file():
            if folder.suffix == ".ipynb" or LESSON_NAME.fullmatch(folder.stem):
                yield f"{folder}: a lesson lies in a folder of its own: source/NAME/NAME.md"
        elif not LESSON_NAME.fullmatch(folder.name):
            if texts or books:
                yield f"{folder}: a lesson's folder {named}; so it is no lesson: rename it"
        elif own not in texts:
            other = f": rename {texts[0].name}" if texts else ""
            yield f"{folder}: it has no {own.name}{other}"
        else:
            numbers[folder.name[:2]] += 1
            if numbers[folder.name[:2]] > 1:
                yield f"{folder}: another lesson has the number {folder.name[:2]} too: give it one"
            for book in books:
                yield f"{book}: a lesson's source is {own.name} alone: move it away"


def marks_of_lessons(course: Course) -> Iterator[str]:
    """Lessons have nbgrader's own marks; set to others it would release what these hide."""
    with contextlib.suppress(CourseError):  # which is told where the rule for late work is
        for setting in own_delimiters(configuration(course)):
            path = course.root / CONFIG
            yield f"{path}: {setting}: lessons are written with nbgrader's own marks: leave it out"


def unfollowed(course: Course) -> Iterator[str]:
    """Settings of nbgrader's by which its own commands go, and ours do not."""
    with contextlib.suppress(CourseError):  # told as above
        for said in not_followed(configuration(course)):
            yield f"{course.root / CONFIG}: {said}"


def _said(look: Callable[[], object]) -> list[str]:
    """The faults that this raises, a line each."""
    try:
        look()
    except CourseError as error:
        return str(error).split("\n")
    return []


def _tidy(course: Course, lines: Iterable[str]) -> list[str]:
    """Each once, with paths as they are seen from the course's folder."""
    return list(dict.fromkeys(line.replace(f"{course.root}/", "") for line in lines))
