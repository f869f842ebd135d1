"""The sheets of a course: what is graded, from its sources and nbgrader's release of them."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from sqlalchemy import make_url
from traitlets.config import Config

from autograder.authoring.built import made_of
from autograder.authoring.foreign import faults_of
from autograder.authoring.nbgrader_api import (
    CONFIG,
    Refused,
    Revised,
    configuration,
    convert,
    hidden,
    late_rule,
    shown,
)
from autograder.classroom import COURSE_ID, GRADEBOOK, Classroom
from autograder.course import (
    Course,
    CourseError,
    files_beside,
    grade_id,
    graded_exercises,
    is_plain,
    rubrics_of,
    write,
)
from autograder.grading.database import copied, file_of, opened, plainly
from autograder.grading.gradebook import Book
from autograder.grading.names import unreadable_name
from autograder.grading.revision import asked, follow, not_dropped
from autograder.grading.sheet import Sheet, code_version, digest


def settings(course: Course, classroom: Classroom) -> Config:
    """The course's own nbgrader configuration, with the class's folders.

    Raises `CourseError` where its late rule cannot be loaded: else the first to be late meets it.
    """
    config = configuration(course, db_url=classroom.db_url)
    config.CourseDirectory.setdefault("course_id", COURSE_ID)
    late_rule(config)
    return config


def class_of(
    course: Course,
    submitted: Path,
    db_url: str | None = None,
    timeout: int = 30,
    *,
    there: bool = True,
) -> Classroom:
    """As `Classroom.at`, and its gradebook is the one that `nbgrader_config.py` names.

    Raises `CourseError` where that is the course's own class's, and this is another class.
    """
    found = Classroom.at(submitted, db_url, timeout, there=there)
    if db_url:
        return found
    folders = configuration(course).CourseDirectory
    named = str(folders.get("db_url") or "")
    root = Path(str(folders["root"])).resolve()
    path = file_of(named) if named else root / GRADEBOOK
    path = (root / path).resolve() if path is not None else None
    if path == root / GRADEBOOK:
        return found
    if found.folder not in (root, course.root.resolve()):
        raise CourseError(
            f"{CONFIG} names the gradebook {shown(named)}, and {found.submitted} lies in another "
            f"folder than the course: give its own by --db {shown(found.db_url)}, or that one"
        )
    if path is not None:  # waits for a lock while others write
        url = make_url(named).set(database=str(path))
        url = url.update_query_dict({"timeout": url.query.get("timeout", "120")})
        named = url.render_as_string(hide_password=False)
    return replace(found, db_url=named, configured=True)


def course_id(config: Config) -> str:
    return str(config.CourseDirectory.get("course_id") or "")


def source_folder(course: Course, config: Config, assignment: str) -> Path:
    """Where the source of an assignment lies that is not one of this course's lessons."""
    name = config.CourseDirectory.get("source_directory", "source")
    return course.root / str(name) / assignment


def has_bank(course: Course, assignment: str) -> bool:
    return (course.source / assignment / f"{assignment}.md").is_file()


def listed(course: Course) -> list[str]:
    """The names of all assignments, whether or not they can be graded."""
    if course.has_lessons():
        return [lesson.name for lesson in course.lessons()]
    return sorted(path.name for path in course.source.iterdir() if any(path.glob("*.ipynb")))


def assignments(course: Course, names: list[str]) -> list[str]:
    """The assignments of these names or numbers; all of them for no names."""
    if course.has_lessons():
        lessons = [course.lesson(name) for name in names] or course.lessons()
        return [lesson.name for lesson in lessons]
    there = listed(course)
    unknown = [name for name in names if name not in there]
    if unknown or not there:
        every = ", ".join(there) or "none"
        raise CourseError(f"there is no assignment {unknown[0] if unknown else ''!r}: {every}")
    for name in names or there:
        for notebook in (course.source / name).glob("*.ipynb"):
            fault = unreadable_name(name) or unreadable_name(notebook.stem)
            if fault:
                raise CourseError(f"{notebook.relative_to(course.source)}: {fault}")
    return names or there


def release(
    course: Course,
    classroom: Classroom,
    config: Config,
    names: list[str],
    drop: tuple[str, ...] = (),
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, str]:
    """Let nbgrader make the release and enter it in the gradebook, where it has changed.

    drop: questions that may be taken out of the gradebook with all that people gave for them. What
    is at fault in the others where some can be released; raises `CourseError` where none can.
    """
    with Book.open(classroom.db_url, course_id(config), config) as book:
        entered = book.assignments()
        before = asked(book.book, entered.intersection(names)) if drop else set()
    faults = {}
    for name in names:
        try:
            _follow_source(course, classroom, config, name, name in entered, drop, say)
        except Refused as error:
            faults[name] = str(error)
    if len(faults) == len(names) > 0:
        raise CourseError("\n".join(faults.values()))
    if drop:
        with Book.open(classroom.db_url, course_id(config), config) as book:
            for sentence in not_dropped(drop, before, asked(book.book, names)):
                say(sentence)
    return faults


def _follow_source(
    course: Course,
    classroom: Classroom,
    config: Config,
    name: str,
    entered: bool,
    drop: tuple[str, ...],
    say: Callable[[str], None],
) -> None:
    """Release one lesson again, where its source or the release has changed."""
    stamp = classroom.folder / ".registered" / name
    more = [classroom.db_url, *filter(None, [config.get("FetchHelpers", {}).get("address")])]
    version = digest(source_version(course, config, name), *more)
    released = classroom.release / name
    stamped = (*(stamp.read_text(encoding="utf-8").split() if stamp.exists() else ()), "")
    fresh = stamped[0] == version and released.is_dir() and entered
    if fresh and stamped[1] == contents(released):
        return
    at_fault = [] if has_bank(course, name) else faults_of(course, config, name)
    if at_fault:
        raise Refused("\n".join(line.replace(f"{course.root}/", "") for line in at_fault))
    if fresh and stamped[1]:
        say(f"{released} was changed by hand: it is made again, and graded is by the source")
    stamp.unlink(missing_ok=True)
    try:
        generate(course, classroom, name)
    except Revised:
        revise(course, classroom, config, name, drop, say)
        generate(course, classroom, name)
    write(stamp, f"{version} {contents(released)}")


def contents(folder: Path) -> str:
    """The digest of the files in a folder."""
    return digest(*(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()))


def generate(course: Course, classroom: Classroom, name: str) -> None:
    """nbgrader's own step from a source to a release; the gradebook learns of its cells."""
    chosen = configuration(course, release_directory=classroom.release, db_url=classroom.db_url)
    convert(GenerateAssignment, chosen, name)


def revise(
    course: Course,
    classroom: Classroom,
    config: Config,
    name: str,
    drop: tuple[str, ...],
    say: Callable[[str], None],
) -> None:
    """Let the gradebook follow a lesson whose cells have changed since it was first graded."""
    with tempfile.TemporaryDirectory(prefix="revised-") as folder:
        new = Classroom.of(Path(folder) / "submitted")
        generate(course, new, name)
        with (
            opened(new.db_url, course_id(config)) as now,
            opened(classroom.db_url, course_id(config)) as book,
            plainly(),
        ):
            for sentence in follow(book, now, name, drop):
                say(sentence)


def source_version(course: Course, config: Config, name: str) -> str:
    if has_bank(course, name):
        return made_of(course.lesson(name))
    folder = source_folder(course, config, name)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return digest(*(path.read_bytes() for path in files))


def sheets(
    course: Course, classroom: Classroom, config: Config, book: Book, names: list[str]
) -> dict[tuple[str, str], Sheet]:
    """Every notebook that is to be graded, by assignment and notebook."""
    made, marks = {}, hidden(config)
    for name in names:
        bank = has_bank(course, name)
        lesson = course.lesson(name).notebook() if bank else None
        code = code_version(graded_exercises(lesson) if lesson else None)
        version = digest(source_version(course, config, name), code)
        sources = book.source_cells(name)
        files = {} if bank else _files_of(course, config, name)
        rubrics = rubrics_of(lesson) if lesson else {}
        for path in sorted((classroom.release / name).glob("*.ipynb")):
            text = path.read_text(encoding="utf-8")
            own = sources.get(path.stem, {})
            sheet = Sheet(name, path.stem, text, version, own, files, bank, rubrics, marks)
            if bank:  # its hidden lines are the judge's, and stay here; those of plain cells run
                plain = {grade_id(cell) for cell in filter(is_plain, sheet.cells.cells)}
                kept = {cell: source for cell, source in own.items() if cell in plain}
                sheet = replace(sheet, sources=kept)
            sheet.cells  # noqa: B018  (refuses another language now, not in the middle)
            made[sheet.key] = sheet
    return made


def _files_of(course: Course, config: Config, name: str) -> dict[str, bytes]:
    """What of the course lies beside an assignment's notebooks, but what students may replace."""
    theirs = config.get("Autograde", {}).get("exclude_overwriting", {}).get(name, ())
    found = files_beside(source_folder(course, config, name))
    return {path: held for path, held in found.items() if path not in theirs}


@contextlib.contextmanager
def aside(classroom: Classroom) -> Iterator[Classroom]:
    """A copy of the class's place that nothing remains of: for looking without touching.

    Its gradebook holds what the class's does.
    """
    with tempfile.TemporaryDirectory(prefix="dry-run-") as folder:
        url = f"sqlite:///{Path(folder) / 'gradebook.db'}"
        copied(classroom.db_url, url)
        yield Classroom(Path(folder) / "submitted", url, classroom.timeout)
