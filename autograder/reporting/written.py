"""The answers to one written question: equal ones together, the rubric, what was given so far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.course import (
    RUBRIC,
    Course,
    CourseError,
    grade_id,
    is_grade,
    is_solution,
    mark,
    without_markers,
)
from autograder.grading.account import beside
from autograder.grading.by_hand import Standing
from autograder.grading.places import normal
from autograder.grading.release import has_bank
from autograder.grading.sheet import digest
from autograder.reporting.answers import Work

RUBRIC_HEADING = "**Rubric.**"
POINTS = re.compile(r"(\d+(?:\.\d+)?) points?: ")
"""How each line of a rubric begins."""
WRAP = re.compile(r"(?<=[^\n])\n(?=[^\W\d_])")
"""Within a paragraph: the next line begins with a letter."""
LAYOUT = re.compile(r"```|~~~|\$\$|^(?: {4}|\t)", re.MULTILINE)
"""Where lines mean something: in code and displays."""
FULL_STOP = re.compile(r"(?<=[\w)])\.$")
PICTURES = ("image/png", "image/jpeg")


@dataclass(frozen=True)
class Question:
    """asked, model: what stands above the answer, and the model answer, as Markdown.

    rubric: what earns how many points.
    """

    lesson: str
    notebook: str
    name: str
    points: float
    asked: str = ""
    model: str = ""
    rubric: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Answer:
    """A student's words. pictures: (type, base64). digest: of what was handed in here."""

    student: str
    text: str
    pictures: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> str:
        return digest(self.text, *(part for each in self.pictures for part in each))[:16]

    @property
    def key(self) -> tuple[str, ...]:
        """The same for answers that say the same: every sign counts, and so does its case.

        Only white space at the ends, where a line is wrapped, and a last full stop do not.
        """
        text = self.shown if LAYOUT.search(self.shown) else WRAP.sub(" ", self.shown)
        return FULL_STOP.sub("", text), *(part for each in self.pictures for part in each)

    @property
    def shown(self) -> str:
        """The words without white space at the ends of lines."""
        return "\n".join(line.rstrip() for line in self.text.strip().splitlines())


@dataclass(frozen=True)
class Group:
    """Equal answers that have been given the same so far."""

    answers: tuple[Answer, ...]
    standing: Standing

    @property
    def texts(self) -> list[str]:
        """Each text among them, once."""
        return list(dict.fromkeys(answer.shown for answer in self.answers))


def questions(course: Course, lesson: str, release: NotebookNode, notebook: str) -> list[Question]:
    """Every question of a released notebook that a person grades in its cell."""
    solved = {}
    if has_bank(course, lesson):
        cells = course.lesson(lesson).notebook().cells
        solved = {grade_id(c): without_markers(c.source) for c in cells if is_solution(c)}
    found, above = [], ""
    for cell in release.cells:
        if is_solution(cell) and is_grade(cell):
            model, _, rubric = solved.get(grade_id(cell), "").partition(RUBRIC_HEADING)
            points = float(mark(cell).get("points", 0))
            made = Question(lesson, notebook, grade_id(cell), points, above, model.strip())
            found.append(Question(**vars(made) | {"rubric": tuple(lines_of(rubric))}))
        above = cell.source if cell.cell_type == "markdown" and not is_solution(cell) else ""
    return found


def lines_of(rubric: str) -> Iterator[tuple[float, str]]:
    """“1 point: this. 2 points: that.” as (1.0, “this.”), (2.0, “that.”)."""
    _, *rest = POINTS.split(" ".join(rubric.split()))
    for points, text in zip(rest[::2], rest[1::2], strict=True):
        yield float(points), text.strip()


def answer_of(
    work: Work, question: Question, release: NotebookNode, standing: Standing
) -> Answer | None:
    """What a student wrote, in cells beside it where the cell is blank but somebody is to read it.

    Or has read it: what they gave can still be seen and changed.
    """
    blank = {grade_id(c): normal(c.source) for c in release.cells}.get(question.name, "")
    every = [c for c in work.cells if not c.metadata.get(RUBRIC)]
    place = next((k for k, c in enumerate(every) if grade_id(c) == question.name), None)
    if place is None:
        return None
    own = every[place]
    cells = [] if normal(own.source) in ("", blank) and not own.get("attachments") else [own]
    if not cells and not standing.waits and standing.points is None:
        return None
    cells = cells or beside(every, place)
    pictures = (
        (kind, str(data[kind]))
        for c in cells
        for data in (c.get("attachments") or {}).values()
        for kind in PICTURES
        if kind in data
    )
    return Answer(work.place.student, "\n\n".join(c.source for c in cells), tuple(pictures))


def grouped(answers: Iterable[tuple[Answer, Standing]]) -> list[Group]:
    """Equal answers together: first what waits, the most frequent first."""
    made: dict[tuple, list[Answer]] = {}
    for answer, standing in answers:
        made.setdefault((standing, answer.key), []).append(answer)
    groups = [Group(tuple(each), standing) for (standing, _), each in made.items()]
    return sorted(groups, key=lambda each: (not each.standing.waits, -len(each.answers)))


def find_question(found: list[Question], name: str) -> Question:
    for question in found:
        if question.name == name:
            return question
    raise CourseError(
        f"no question {name!r} is graded here; there are {', '.join(q.name for q in found)} "
        "(nbgrader's tasks are graded in Formgrader)"
    )
