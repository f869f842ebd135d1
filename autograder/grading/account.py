"""What became of a notebook, exercise by exercise, as its student is to read it. No HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4.rwbase import rejoin_lines
from nbgrader.utils import compute_checksum

from autograder.course import (
    TEST_PREFIX,
    grade_id,
    is_grade,
    is_own,
    is_solution,
    is_task,
    mark,
)
from autograder.grading.task import Given
from autograder.judge import VERDICT
from helpers._text import printable

RIGHT, PART, NOT_YET, BLANK, WAITS = (
    "right",
    "right in part",
    "not right yet",
    "not answered",
    "waits for a person",
)
"""How an exercise stands."""
HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t#]*", re.ASCII)
CELL = re.compile(r"\(<ipython-input-[\w-]+>, (line \d+)\)")
"""Where an error is, as IPython says it."""
WARNED = re.compile(r"<ipython-input-[\w-]+>:(\d+):")
"""Where a warning comes from, as Python says it."""
STDERR = "a warning, or whatever is printed to stderr, costs the points of a test"
LONGEST = 300
NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,15})?")
UNNAMED = re.compile(r"cell-[0-9a-f]{12,}")
"""What nbgrader calls a cell to which nobody has given a name."""
FENCE = ("```", "~~~")


@dataclass(frozen=True)
class Property:
    """A question of the judge's: what was asked, its points, and what was wrong (or nothing)."""

    says: str
    points: float
    earned: float
    wrong: str | None


@dataclass(frozen=True)
class Judged:
    """The judge's verdict on an answer. text: the whole of it, where its parts are not known."""

    text: str
    properties: tuple[Property, ...] = ()
    reason: str = ""
    looks: str = ""
    seed: int | None = None


@dataclass
class Exercise:
    """An answer, and all that was said of it.

    answers: the cells in which it stands. tests: those that gave points, or where they waited.
    section: the place of the cell, and of the heading in it, under which it stands; and its title.
    """

    name: str
    answers: list[NotebookNode]
    tests: list[NotebookNode] = field(default_factory=list)
    section: tuple[int, int, str] | None = None
    points: float = 0.0
    of: float = 0.0
    extra: float = 0.0
    waits: bool = False
    by_hand: bool = False
    blank: bool = False
    verdicts: list[Judged] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def by_eye(self) -> bool:
        """Whether a person gives its points, not a program."""
        return any(map(is_task, self.tests)) or any(map(is_solution, self.tests))

    @property
    def stands(self) -> str:
        if self.waits:
            return WAITS
        if self.points - self.extra >= self.of:
            return RIGHT
        return PART if self.points > 0 else BLANK if self.blank else NOT_YET

    @property
    def reason(self) -> str:
        """Why points were lost, in a sentence."""
        return next((verdict.reason for verdict in self.verdicts if verdict.reason), "")


@dataclass
class Account:
    """A notebook's title, exercises and points; waiting: points of which a person has to decide."""

    title: str
    notebook: NotebookNode
    exercises: list[Exercise]
    total: float
    most: float
    waiting: float
    penalty: float

    @property
    def first(self) -> Exercise | None:
        """The first exercise that can be mended: later ones may build on it."""
        lost = (e for e in self.exercises if e.stands in (PART, NOT_YET, BLANK))
        return next(lost, None)

    @property
    def right(self) -> int:
        return sum(exercise.stands == RIGHT for exercise in self.exercises)


def read(text: str) -> NotebookNode:
    """An executed notebook, whose texts may be lists of lines."""
    return rejoin_lines(nbformat.from_dict(json.loads(text)))


def account(
    notebook: NotebookNode, points: Mapping[str, float | None], given: Given, name: str
) -> Account:
    """name: the notebook's, which is its title where it has no heading."""
    found = list(exercises(notebook))
    for exercise in found:
        enter(exercise, notebook, points, given)
    title = next((words for _, _, level, words in headings(notebook) if level == 1), name)
    return Account(
        title,
        notebook,
        found,
        sum(e.points for e in found) - given.penalty,
        sum(e.of for e in found),
        sum(float(mark(t)["points"]) for e in found for t in e.tests if grade_id(t) in given.waits),
        given.penalty,
    )


def exercises(notebook: NotebookNode) -> Iterator[Exercise]:
    """In order. Tests that follow each other without an answer between them are of one exercise.

    A test cell `test-NAME` is that of NAME, wherever it stands.
    """
    cells = notebook.cells
    named = {grade_id(c): c for c in cells if is_solution(c) and not is_grade(c)}
    places = {id(cell): at for at, cell in enumerate(cells)}
    sections = list(headings(notebook))
    answers: list[NotebookNode] = []
    last: Exercise | None = None
    for at, cell in enumerate(cells):
        name = grade_id(cell)
        if is_solution(cell) and not is_grade(cell):
            answers.append(cell)
        elif is_grade(cell) or is_task(cell):
            own = named.get(name.removeprefix(TEST_PREFIX))
            alone = is_task(cell) or is_solution(cell) or own is not None
            if not alone and not answers and last is not None:
                last.tests.append(cell)
                continue
            if is_task(cell):
                mine = list(_following(cells, at))
            else:
                mine = [own] if own is not None else [cell] if is_solution(cell) else answers
            asked = name if own is None and alone else grade_id(mine[0]) if mine else name
            made = Exercise(asked, mine, [cell])
            made.section = _section(sections, places[id(mine[0])] if mine else at)
            if made.section and UNNAMED.fullmatch(made.name):
                made.name = made.section[2]
            answers = []
            last = None if alone else made
            yield made


def _following(cells: list[NotebookNode], at: int) -> Iterator[NotebookNode]:
    """The student's own cells behind a task."""
    for cell in cells[at + 1 :]:
        if not is_own(cell):
            return
        yield cell


def _section(sections: list[tuple[int, int, int, str]], at: int) -> tuple[int, int, str] | None:
    """The heading that a cell stands under, if there is one."""
    before = [(place, k, words) for place, k, _, words in sections if place <= at]
    return before[-1] if before else None


def enter(
    exercise: Exercise,
    notebook: NotebookNode,
    points: Mapping[str, float | None],
    given: Given,
) -> None:
    """Points, verdicts and comments into an exercise."""
    for cell in exercise.tests:
        name = grade_id(cell)
        extra = given.extra.get(name, 0.0)
        exercise.points += given.scores.get(name, points.get(name) or 0.0) + extra
        exercise.extra += extra
        exercise.of += float(mark(cell)["points"])
        exercise.waits |= name in given.waits
        exercise.by_hand |= name in given.scores or bool(extra)
        exercise.verdicts += judged(cell)
    if not exercise.verdicts and not exercise.by_eye:
        exercise.verdicts.append(by_its_tests(exercise.tests, points, given))
    for name in dict.fromkeys(map(grade_id, (*exercise.answers, *exercise.tests))):
        if given.comments.get(name):
            exercise.comments.append(given.comments[name])
    exercise.blank = all(map(unanswered, exercise.answers)) and bool(exercise.answers)
    if exercise.blank and (exercise.points or exercise.waits or exercise.by_hand):
        found = list(elsewhere(exercise, notebook.cells))
        exercise.answers, exercise.blank = found or exercise.answers, not found


def unanswered(cell: NotebookNode) -> bool:
    """As in nbgrader: the answer's checksum is still that of the release."""
    return is_solution(cell) and mark(cell).get("checksum") == compute_checksum(cell)


def elsewhere(exercise: Exercise, cells: list[NotebookNode]) -> Iterator[NotebookNode]:
    """The student's own cells in which the answer stands: those that define it, or its words."""
    if exercise.by_eye:
        place = next((k for k, c in enumerate(cells) if c is exercise.answers[0]), None)
        yield from [] if place is None else beside(cells, place)
        return
    name = exercise.name
    begins = (f"def {name}(", f"class {name}(", f"class {name}:", f"{name} = ")
    for cell in cells:
        lines = cell.source.split("\n") if is_own(cell) and cell.cell_type == "code" else []
        if any(line.startswith(begins) for line in lines):
            yield cell


def beside(cells: list[NotebookNode], place: int) -> list[NotebookNode]:
    """The student's own cells next to a blank written answer; where there are none, all of them."""
    above = takewhile(is_own, reversed(cells[:place]))
    below = takewhile(is_own, cells[place + 1 :])
    return [*reversed([*above]), *below] or [*filter(is_own, cells)]


def judged(cell: NotebookNode) -> list[Judged]:
    """The judge's verdicts among a cell's outputs, as far as they are what the judge writes."""
    data = [output.get("data", {}) for output in cell.get("outputs", [])]
    return [_judged(each[VERDICT], each.get("text/plain", "")) for each in data if VERDICT in each]


def _judged(about: Any, text: str) -> Judged:
    match about:
        case {"reason": str(reason), "findings": [*found], "looks": str(looks)}:
            properties = tuple(each for each in map(_property, found) if each is not None)
            seed = about.get("seed")
            if len(properties) == len(found):
                return Judged(text, properties, reason, looks, seed if type(seed) is int else None)
    return Judged(text)


def _property(about: Any) -> Property | None:
    match about:
        case {"says": str(says), "points": of, "earned": got, "wrong": None | str() as wrong}:
            if {type(of), type(got)} <= {int, float}:
                return Property(says, float(of), float(got), wrong)
    return None


def by_its_tests(
    tests: list[NotebookNode], points: Mapping[str, float | None], given: Given
) -> Judged:
    """A verdict of a course without a bank: a line for each of its own test cells."""
    found = []
    for cell in tests:
        name, of = grade_id(cell), float(mark(cell)["points"])
        earned = given.scores.get(name, points.get(name) or 0.0)
        why = errors(cell) if name in given.scores else causes(cell, of)
        wrong = None if earned >= of else next(why, "points were lost here")
        found.append(Property(name, of, earned, wrong))
    reason = next((each.wrong for each in found if each.wrong), "")
    return Judged("", tuple(found), reason)


def causes(cell: NotebookNode, of: float) -> Iterator[str]:
    """Why nbgrader's rule gives a test cell less than all its points, the likeliest first."""
    yield from errors(cell)
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stderr":
            said = next(filter(str.strip, output.text.split("\n")), "")
            yield f"{STDERR}: {printable(without_cell(said.strip()), LONGEST)}"
        elif output.output_type == "execute_result":
            value = str(output.data.get("text/plain", ""))
            if NUMBER.fullmatch(value) and float(value) > of:
                above = f"is above its {of:g} points, and counts as none"
                yield f"the value of the test, {value}, {above}"


def errors(cell: NotebookNode) -> Iterator[str]:
    """The errors that a cell ended with, in a line each."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            yield without_cell(f"{output.ename}: {output.evalue}".split("\n")[0].removesuffix(": "))


def without_cell(error: str) -> str:
    """An error without IPython's name for the cell that it is in, which says nobody anything."""
    return WARNED.sub(r"line \1:", CELL.sub(r"(\1)", error))


def headings(notebook: NotebookNode) -> Iterator[tuple[int, int, int, str]]:
    """The course's own: the place of its cell, its number there, its level and its words."""
    for at, cell in enumerate(notebook.cells):
        if cell.cell_type != "markdown" or is_own(cell) or is_solution(cell):
            continue
        count, fenced = 0, False
        for line in cell.source.split("\n"):
            fenced ^= line.lstrip().startswith(FENCE)
            found = None if fenced else HEADING.fullmatch(line.rstrip())
            if found:
                count += 1
                yield at, count, len(found[1]), found[2]
