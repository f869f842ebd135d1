"""The bank held against the course: each exercise has its files and its cell, no file is left."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import autograder
from autograder.authoring.new import files_of_exercise, unfilled
from autograder.course import Course, CourseError, Lesson, grade_id, is_exercise
from autograder.exercises import find, right_answer
from helpers.questions import LESSONS, asked_of, names_in

LISTED = "helpers/questions/__init__.py"


def owns_bank(course: Course) -> bool:
    """Whether this is the course whose exercises the bank holds, and not one that borrows it."""
    return (course.root / "autograder").resolve() == Path(str(autograder.__file__)).parent.resolve()


def unloadable(course: Course) -> Iterator[str]:
    """Lists of exercises that cannot be read; without them nothing else can be asked."""
    for lesson, folder in LESSONS.items():
        path = course.helpers / "questions" / folder
        yield from _tried(course, path / "__init__.py", partial(names_in, lesson))


def faults_of_lists(course: Course) -> Iterator[str]:
    """Lessons and names that are listed and are not there, or are there and are not listed."""
    lessons = {lesson.name: lesson for lesson in course.lessons()}
    for name in LESSONS:
        if name not in lessons:
            where = _line(course.root / LISTED, f'"{name}"')
            yield f"{where}: no lesson {name!r} is in source/: take it out, or rename it in both"
    places = Counter(name for lesson in LESSONS for name in names_in(lesson))
    for folder in LESSONS.values():
        listed = course.helpers / "questions" / folder / "__init__.py"
        for name in (name for name, count in places.items() if count > 1):
            if f'"{name}"' in listed.read_text(encoding="utf-8"):
                yield f"{_line(listed, name)}: {name!r} is listed more than once"
    for name, lesson in lessons.items():
        if name in LESSONS:
            yield from _files(course, lesson)


def _files(course: Course, lesson: Lesson) -> Iterator[str]:
    """Files that an exercise lacks, and those of no exercise."""
    known = names_in(lesson.name)
    listed = course.helpers / "questions" / LESSONS[lesson.name] / "__init__.py"
    for name in known:
        for path in files_of_exercise(course, lesson.name, name):
            if not path.is_file():
                where = _line(listed, f'"{name}"')
                yield (
                    f"{where}: {name!r} is listed and has no {path.relative_to(course.root)}: "
                    f"write it (`autograder new` lays one out), or take {name!r} out of EXERCISES"
                )
    enter = f"enter it in EXERCISES in {listed.relative_to(course.root)}, or delete the file"
    for path in sorted(listed.parent.glob("*.py")):
        if path.stem not in known and re.search(r"^ASKED\b", path.read_text("utf-8"), re.M):
            yield f"{path}:1: questions of {path.stem!r}, which is no exercise: {enter}"
    for path in sorted((course.root / "autograder" / "exercises" / listed.parent.name).iterdir()):
        name = path.name.split(".")[0]
        if path.is_file() and name not in (*known, "__init__", "shared", ""):
            yield f"{path}:1: the bank's {name!r}, which is no exercise: {enter}"


def faults_of_exercises(
    course: Course, lesson: Lesson, names: Iterable[str], pages: bool = True
) -> Iterator[str]:
    """Listed exercises without a cell, questions and answers that cannot be read; and pages."""
    cells = lesson.notebook().cells if _lacks(lesson, names) else []
    there = {grade_id(cell) for cell in cells if is_exercise(cell)}
    for name in names:
        if cells and name not in there:
            where = _line(course.helpers / "questions" / LESSONS[lesson.name] / "__init__.py", name)
            yield (
                f"{where}: {name!r} is listed, and {lesson.path} has no solution cell with "
                f"“grade_id: {name}”: write it, or remove the exercise (docs/writing-lessons.md)"
            )
        questions, answer, *_ = files_of_exercise(course, lesson.name, name)
        faults = list(_tried(course, questions, partial(_asked, name)))
        faults += _tried(course, answer, partial(right_answer, name))
        if pages and not faults:
            faults += _tried(course, answer, partial(find, name))
        yield from faults
        yield from unfilled(course, name, lesson.name)


def _lacks(lesson: Lesson, names: Iterable[str]) -> bool:
    """Whether a name certainly stands nowhere in the text: then its cells are read."""
    return not set(names) <= set(re.findall(r"\bgrade_id\"?: *\"?(\w+)", lesson.text()))


def _asked(name: str) -> None:
    found = asked_of(name).name
    if found != name:
        raise CourseError(f"ASKED is called {found!r}: it must have the file's name, {name!r}")


def _tried(course: Course, path: Path, load: Callable[[], Any]) -> Iterator[str]:
    """What loading comes to, where it fails: the file and line, and the error."""
    if not path.is_file():
        return  # said already
    try:
        load()
    except CourseError as error:
        text = str(error)
        yield from text.split("\n") if re.match(r"\S+:\d+: ", text) else [f"{path}:1: {text}"]
    except (Exception, SystemExit) as error:
        yield f"{_where(course, path, error)}: {type(error).__name__}: {_said(error)}"


def _said(error: BaseException) -> str:
    return str(error.msg if isinstance(error, SyntaxError) else error).split("\n")[0]


def _where(course: Course, path: Path, error: BaseException) -> str:
    """The last line of the course's own that an error went through."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    every = traceback.extract_tb(error.__traceback__)
    frames = [f for f in every if Path(f.filename).is_relative_to(path.parent)]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else f"{path}:1"


def _line(path: Path, word: str) -> str:
    """The file and the first line with this word."""
    lines = path.read_text(encoding="utf-8").split("\n")
    number = next((i for i, line in enumerate(lines, 1) if word in line), 1)
    return f"{path}:{number}"
