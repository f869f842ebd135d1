"""Grade many submissions: each in a process of its own, by nbgrader, on a rebuilt notebook."""

from __future__ import annotations

import hashlib
import json
import os
import re
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback

from autograder.course import TEST_PREFIX, Course, CourseError, class_secret, grade_id, is_test
from autograder.judge import SECRET, VERDICT
from autograder.nbgrader_api import configuration, convert
from autograder.submission import Rebuilt, Submission, rebuild, submissions

COURSE_ID = "downhill"
"""As in nbgrader_config.py."""

Progress = Callable[[int, int, "Result"], None]


@dataclass(frozen=True)
class Classroom:
    """Where a class's work lies: `submitted` is given, nbgrader's folders stand beside it."""

    submitted: Path
    db_url: str
    timeout: int = 30
    """Seconds a cell may run."""

    @classmethod
    def of(cls, submitted: Path, db_url: str | None = None, timeout: int = 30) -> Classroom:
        """The class of these submissions; its SQLite waits for a lock while others write."""
        submitted = submitted.resolve()
        url = db_url or f"sqlite:///{submitted.parent / 'gradebook.db'}?timeout=120"
        return cls(submitted, url, timeout)

    @property
    def folder(self) -> Path:
        return self.submitted.parent

    @property
    def feedback(self) -> Path:
        return self.folder / "feedback"

    def record(self, submission: Submission) -> Path:
        """What was found when this submission was last graded."""
        return self.folder / "records" / submission.student / f"{submission.lesson}.json"


@dataclass(frozen=True)
class Result:
    """A graded submission: points, what is left for a person to grade, and reasons in words."""

    student: str
    lesson: str
    points: float
    of: float
    to_grade_by_hand: float
    reasons: tuple[str, ...]
    digest: str
    again: bool = False
    """True where nothing had changed and the earlier result stands."""


@dataclass(frozen=True)
class Job:
    course: Course
    classroom: Classroom
    submission: Submission


def grade(
    course: Course,
    classroom: Classroom,
    lessons: list[str],
    jobs: int | None = None,
    progress: Progress = lambda done, total, result: None,
) -> list[Result]:
    """Grade what has changed since the last time; one student's fault is one student's."""
    handed_in = submissions(classroom.submitted, lessons)
    work = [Job(course, classroom, submission) for submission in handed_in]
    register(course, classroom, handed_in)
    class_secret(classroom.folder)  # drawn before the pool starts, so that all read the same
    results = {}
    with ProcessPoolExecutor(max_workers=jobs or os.cpu_count()) as pool:
        futures = {pool.submit(grade_one, job): job for job in work}
        for done, future in enumerate(as_completed(futures), 1):
            job = futures[future]
            results[job.submission] = future.result()
            progress(done, len(work), results[job.submission])
    return [results[job.submission] for job in work]


def register(course: Course, classroom: Classroom, handed_in: list[Submission]) -> None:
    """Enter lessons (by `nbgrader generate_assignment`) and students in the class's gradebook."""
    for lesson in sorted({submission.lesson for submission in handed_in}):
        stamp = classroom.folder / ".registered" / lesson
        version = release_digest(course, lesson) + classroom.db_url
        if stamp.exists() and stamp.read_text() == version:
            continue
        config = configuration(
            course,
            release_directory=classroom.folder / "release",
            db_url=classroom.db_url,
        )
        convert(GenerateAssignment, config, lesson)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(version)
    # Here, not in the pool: two lessons of one new student would enter the student twice.
    with Gradebook(classroom.db_url, COURSE_ID) as book:
        for student in sorted({submission.student for submission in handed_in}):
            book.update_or_create_student(student)


def release_digest(course: Course, lesson: str) -> str:
    """The version of a lesson: its text and the exercise bank that grades it."""
    total = hashlib.sha256(course.lesson(lesson).text().encode())
    for path in sorted((Path(__file__).parent).rglob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()


def grade_one(job: Job) -> Result:
    """Rebuild, let nbgrader execute and score, write feedback; in a process of the pool."""
    submission, classroom = job.submission, job.classroom
    digest = submission_digest(job)
    record = classroom.record(submission)
    if record.exists():
        earlier = json.loads(record.read_text())
        if earlier["digest"] == digest:
            return Result(**{**earlier, "reasons": tuple(earlier["reasons"]), "again": True})
    try:
        result = replace(twice(run_nbgrader, job), digest=digest)
    except Exception as fault:  # the batch goes on, and the table says whose fault it is not
        log = record.with_suffix(".log")
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("".join(traceback.format_exception(fault)))
        text = f"the grader itself failed, not the student: see {log}"
        return Result(submission.student, submission.lesson, 0.0, 0.0, 0.0, (text,), "")
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(asdict(result), indent=1) + "\n")
    return result


def twice(step: Callable[[Job], Result], job: Job) -> Result:
    """A kernel or a lock may fail once on a busy machine; what fails again is a fault to report."""
    try:
        return step(job)
    except CourseError:
        return step(job)


def submission_digest(job: Job) -> str:
    path = job.submission.path
    content = path.read_bytes() if path.is_file() else b""
    version = release_digest(job.course, job.submission.lesson).encode()
    return hashlib.sha256(version + content).hexdigest()


def run_nbgrader(job: Job) -> Result:
    submission, classroom = job.submission, job.classroom
    student, lesson = submission.student, submission.lesson
    released = classroom.folder / "release" / lesson / f"{lesson}.ipynb"
    rebuilt = rebuild(nbformat.read(released, 4), submission.path)
    write_rebuilt(rebuilt, classroom.folder / ".rebuilt" / student / lesson / f"{lesson}.ipynb")
    os.environ[SECRET] = class_secret(classroom.folder)

    config = configuration(
        job.course,
        root=classroom.folder,
        submitted_directory=".rebuilt",
        autograded_directory="autograded",
        feedback_directory="feedback",
        db_url=classroom.db_url,
    )
    config.Execute.timeout = classroom.timeout
    convert(Autograde, config, lesson, student)
    convert(GenerateFeedback, config, lesson, student)

    executed = classroom.folder / "autograded" / student / lesson / f"{lesson}.ipynb"
    notebook = nbformat.read(executed, 4)
    with Gradebook(classroom.db_url, COURSE_ID) as book:
        graded = book.find_submission(lesson, student)
        by_hand = sum(
            g.max_score for n in graded.notebooks for g in n.grades if g.needs_manual_grade
        )
        return Result(
            student,
            lesson,
            float(graded.score or 0),
            float(graded.max_score or 0),
            float(by_hand),
            rebuilt.notes + tuple(faults(notebook, classroom.timeout)),
            "",
        )


def write_rebuilt(rebuilt: Rebuilt, path: Path) -> None:
    """The notebook to grade; what was put right stands in its first cell, for the feedback."""
    notebook = rebuilt.notebook
    if rebuilt.notes:
        lines = "\n".join(f"- {note}" for note in rebuilt.notes)
        text = f"**What the grader found in this file**\n\n{lines}"
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id="grader-notes"))
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def faults(notebook: NotebookNode, timeout: int) -> Iterator[str]:
    """Why points were lost, a line for each exercise that lost some."""
    for cell in notebook.cells:
        if not is_test(cell):
            continue
        name = grade_id(cell).removeprefix(TEST_PREFIX)
        for output in cell.outputs:
            verdict = output.get("data", {}).get(VERDICT)
            if verdict and verdict["earned"] < verdict["points"]:
                yield f"{name}: {verdict['reason']}"
            elif output.output_type == "error" and output.ename == "CellTimeoutError":
                yield f"{name}: time: it ran longer than {timeout} s"
            elif output.output_type == "error" and output.ename != "KeyboardInterrupt":
                yield f"{name}: {output.ename}: {plain(output.evalue)}"


def plain(text: str) -> str:
    """The first line, without terminal colours."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).strip().split("\n")
    return lines[0]
