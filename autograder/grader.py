"""Grades one submission: its answers into the sheet, the sheet into the sandbox, points from here.

A pure function of its task, but for the warm process that it uses: the same task gives the same
points, on whatever machine.
"""

from __future__ import annotations

import platform
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import determine_grade

from autograder.course import (
    TEST_PREFIX,
    grade_id,
    graded_exercises,
    is_exercise,
    is_grade,
    is_solution,
    is_test,
    mark,
    ungraded_exercises,
)
from autograder.exercises import exercises, find
from autograder.exercises.base import Exercise
from autograder.judge import VERDICT, as_data, diagnose, judge, nothing, seed_of
from autograder.lean import Cell, needed
from autograder.player import Limits, Player, Use
from autograder.sandbox.container import Container, SandboxError
from autograder.sandbox.remote import muted
from autograder.sandbox.session import Stopped
from autograder.sanitize import text
from autograder.screen import show_answers
from autograder.sheet import Sheet, as_json, digest, valid
from autograder.submission import Unreadable, rebuild
from helpers._text import printable
from helpers.judging.verdict import Verdict
from helpers.questions import LESSONS

PATIENCE_FOR_WHY = 10.0
"""Seconds to find out why an answer is wrong; no points depend on it."""

LONGEST_REASON = 300
LONGEST_TRACEBACK = 20_000

NOT_TAMPER_PROOF = (
    "Graded by the assignment's own test cells, in the student's process: "
    "contained, but not proof against tampering."
)


@dataclass(frozen=True)
class Task:
    """What is to be graded: a file's content, or why it cannot be read.

    question: grade this exercise alone. secret: what the inputs' seeds are made of. whole: play the
    cells too that no grade needs.
    """

    student: str
    key: tuple[str, str]
    content: bytes | None
    unreadable: str
    secret: str
    limits: Limits = field(default_factory=Limits)
    question: str | None = None
    whole: bool = False

    def made_of(self, sheet: Sheet) -> str:
        """The digest of all that the points depend on."""
        content = self.content if self.content is not None else self.unreadable
        how = f"{self.limits}, whole: {self.whole}"
        return digest(sheet.version, content, self.secret, self.student, how)


@dataclass(frozen=True)
class Mark:
    """One graded cell: points, or None where a person must give them; why some were lost."""

    points: float | None
    of: float
    reason: str = ""
    seed: int | None = None


@dataclass
class Graded:
    """A graded notebook. `failed` says why the grader itself could not do its work."""

    student: str
    key: tuple[str, str]
    notebook: str = ""
    marks: dict[str, Mark] = field(default_factory=dict)
    unanswered: tuple[str, ...] = ()
    """Grade ids of the answer cells that are as they were released."""
    notes: tuple[str, ...] = ()
    made: dict[str, Any] = field(default_factory=dict)
    use: Use = field(default_factory=Use)
    failed: str = ""

    @property
    def place(self) -> tuple[str, str, str]:
        """Student, assignment, notebook."""
        return self.student, *self.key


def grade(task: Task, sheet: Sheet, container: Container) -> Graded:
    """Grade one submission. Raises `SandboxError` where the sandbox fails, which is no verdict."""
    content = Unreadable(task.unreadable) if task.content is None else task.content
    rebuilt = rebuild(sheet.cells, content)
    made = digest(task.made_of(sheet))
    graded = Graded(task.student, task.key, notes=rebuilt.notes, made=made_by(task, sheet))
    seed = int(made[:8], 16)
    with Player(container, task.limits, sheet.files, seed) as player:
        work = Work(task, sheet, rebuilt.notebook, player, graded)
        work.do()
    graded.notes += tuple(work.missing())
    graded.use = player.use
    left_out = ungraded_exercises(rebuilt.notebook) if sheet.bank else ()
    graded.unanswered = tuple(n for n in unanswered(rebuilt.notebook) if n not in left_out)
    show_answers(filter(is_solution, rebuilt.notebook.cells))
    graded.notebook = as_json(valid(with_notes(rebuilt.notebook, graded.notes, sheet)))
    return graded


def made_by(task: Task, sheet: Sheet) -> dict[str, Any]:
    """What made a grade, so that the same can be made again."""
    return {
        "submission": digest(task.content if task.content is not None else task.unreadable),
        "course": sheet.version,
        "python": platform.python_version(),
        "packages": dict(packages()),
    }


@cache
def packages() -> dict[str, str]:
    found = {}
    for name in ("downhill", "numpy", "matplotlib", "ipython", "nbgrader"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


@dataclass
class Work:
    """The grading of one notebook, cell by cell."""

    task: Task
    sheet: Sheet
    notebook: NotebookNode
    player: Player
    graded: Graded
    stopped: dict[str, Stopped] = field(default_factory=dict)
    """What stopped an answer's own cell, by its grade id."""
    names: list[str] = field(default_factory=list)
    """Grade ids of the cells that were played, in order."""

    def do(self) -> None:
        for cell in self.notebook.cells:
            if not is_solution(cell):
                cell.source = self.sheet.sources.get(grade_id(cell), cell.source)
        played, count = self.played(), 0
        for cell in self.notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            if id(cell) in played:
                count += 1
                cell.execution_count = count
                self.run(cell, str(cell.source))
            if is_grade(cell):
                self.mark(cell)

    def played(self) -> set[int]:
        """The cells that are played, each by its identity."""
        code = [c for c in self.notebook.cells if c.cell_type == "code" and c.source.strip()]
        if self.task.whole or not self.sheet.bank:
            return {id(c) for c in code}
        which = needed([Cell(c.source, not (is_solution(c) or is_grade(c))) for c in code])
        return {id(c) for c, plays in zip(code, which, strict=True) if plays}

    def run(self, cell: NotebookNode, source: str) -> None:
        self.names.append(grade_id(cell))
        cell.outputs, stop = self.player.play(source)
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
        if stop:
            self.stopped[grade_id(cell)] = stop

    def missing(self) -> Iterator[str]:
        """Cells that ran at first and failed when run again: what they define was gone then."""
        for place, stop in self.player.again.items():
            name = self.names[place] or "of the course's own"
            yield f"the cell {name} failed when it was run again in a fresh process ({stop})"

    def mark(self, cell: NotebookNode) -> None:
        name = grade_id(cell)
        exercise = name.removeprefix(TEST_PREFIX)
        if self.task.question not in (None, exercise, name):
            return
        of = float(mark(cell)["points"])
        if not (self.sheet.bank and is_test(cell)):
            self.graded.marks[name] = by_its_cell(cell, of, self.stopped.get(name))
            return
        seed = seed_of(self.task.secret, self.task.student, exercise)
        verdict = self.verdict(find(exercise), seed, self.stopped.get(name))
        cell.outputs.append(shown(verdict))
        self.graded.marks[name] = Mark(verdict.earned, of, verdict.reason, seed)

    def verdict(self, exercise: Exercise, seed: int, stop: Stopped | None) -> Verdict:
        """No points where the answer's cell, or the visible checks on it, had to be stopped."""
        stop = self.stopped.get(exercise.name) or stop
        if stop:
            return nothing(exercise, str(stop), seed)
        try:
            session = self.player.ready()
            session.reset()
            if not session.request("defined", exercise.name):
                why = f"NameError: name '{exercise.name}' is not defined"
                return nothing(exercise, why, seed)
            with muted():
                verdict = judge(exercise, session.request("name", exercise.name), seed)
            session.rest()
        except Stopped as stop:
            self.player.drop_dead()
            return nothing(exercise, str(stop), seed)
        except MemoryError:  # what the judge was to compute with the answer's values
            self.player.end()
            return nothing(exercise, "memory: it needed more memory than it may have", seed)
        return self.explained(exercise, verdict) if verdict.puzzling else verdict

    def explained(self, exercise: Exercise, verdict: Verdict) -> Verdict:
        """With the reason why it is wrong, if that is found in time."""
        try:
            session = self.player.ready()
            self.player.allow(session, min(PATIENCE_FOR_WHY, self.task.limits.question))
            session.reset()
            with muted():
                why = diagnose(exercise, session.request("name", exercise.name))
            session.rest()
        except Stopped:
            self.player.drop_dead()
            return verdict
        except Exception as error:  # a fault of the diagnosis, which must not cost a grade
            said = printable(repr(error), 500)
            self.graded.made.setdefault("undiagnosed", {})[exercise.name] = said
            return verdict
        return replace(verdict, diagnosis=why)


def by_its_cell(cell: NotebookNode, of: float, stop: Stopped | None) -> Mark:
    """nbgrader's own rule: an error or stderr is 0, a displayed number counts, else everything.

    A value above the maximum, which stops nbgrader, counts as none.
    """
    try:
        points, _ = determine_grade(cell)
    except ValueError as error:
        return Mark(0.0, of, printable(str(error), LONGEST_REASON))
    except KeyError:  # nbgrader would stop
        return Mark(0.0, of, "its last value is shown, but not as a text")
    if stop and points is not None:
        return Mark(0.0, of, str(stop))
    return Mark(points, of, "" if points in (None, of) else first_error(cell))


def first_error(cell: NotebookNode) -> str:
    for output in cell.get("outputs", []):
        said = ""
        if output.output_type == "error":
            said = f"{output.ename}: {output.evalue}"
        elif output.output_type == "stream" and output.name == "stderr":
            said = f"stderr: {output.text}"
        if said:
            return printable(said.split("\n")[0], LONGEST_REASON)
    return ""


def shown(verdict: Verdict) -> NotebookNode:
    """The verdict as an output of the test cell."""
    about = as_data(verdict)
    about["reason"] = text(about["reason"])
    made = nbformat.v4.new_output("display_data")
    made.data = nbformat.from_dict({"text/plain": text(str(verdict)), VERDICT: about})
    return made


def unanswered(notebook: NotebookNode) -> Iterator[str]:
    """As in nbgrader: the answer's checksum is still that of the release."""
    from nbgrader.utils import compute_checksum

    for cell in notebook.cells:
        if is_solution(cell) and mark(cell).get("checksum") == compute_checksum(cell):
            yield grade_id(cell)


def with_notes(notebook: NotebookNode, notes: tuple[str, ...], sheet: Sheet) -> NotebookNode:
    """What was put right stands in the first cell, for the feedback."""
    lines = [f"- {note}" for note in notes]
    if not sheet.bank:
        lines.append(f"- {NOT_TAMPER_PROOF}")
    if lines:
        text = "**What the grader found in this file**\n\n" + "\n".join(lines)
        cell = nbformat.v4.new_markdown_cell(text, id="grader-notes")
        if notebook.nbformat_minor < 5:  # cells had no ids yet
            del cell["id"]
        notebook.cells.insert(0, cell)
    return notebook


class Worker:
    """Grades tasks one after another with one warm process, started again where it fails."""

    def __init__(
        self, sheets: dict[tuple[str, str], Sheet], start: Any, lent: Container | None = None
    ):
        self.sheets = sheets
        self.start = start
        self.container = lent
        for lesson in LESSONS:  # the bank's files are read before any student's code runs
            exercises(lesson)

    def grade(self, task: Task) -> Graded:
        """Never raises: what is the grader's fault is said to be so."""
        for attempt in (1, 2):
            try:
                if self.container is None:
                    self.container = self.start()
                return grade(task, self.sheets[task.key], self.container)
            except SandboxError as error:
                self.stop()
                if attempt == 2:
                    return Graded(task.student, task.key, failed=str(error))
            except Exception:
                self.stop()  # it may be in the middle of something
                text = printable(traceback.format_exc()[-LONGEST_TRACEBACK:], LONGEST_TRACEBACK)
                return Graded(task.student, task.key, failed=text)
        raise AssertionError("unreachable")

    def stop(self) -> None:
        if self.container is not None:
            self.container.stop()
            self.container = None


def exercises_in(sheet: Sheet) -> list[str]:
    """Those that are graded: without a bank, all."""
    if sheet.bank:
        return graded_exercises(sheet.cells)
    return [grade_id(c) for c in sheet.cells.cells if is_exercise(c)]
