"""The rules that a lesson's source keeps. One that it breaks is refused: file, cell, reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nbformat import NotebookNode

from autograder.course import (
    BEGIN_HIDDEN,
    BEGIN_SOLUTION,
    END_HIDDEN,
    END_SOLUTION,
    TEST_PREFIX,
    CourseError,
    Lesson,
    grade_id,
    is_exercise,
    is_grade,
    is_solution,
    is_test,
    is_written,
    mark,
    ungraded_exercises,
)
from helpers.questions import asked_of, every_name

FILL_IN = "FILL IN"
"""What `autograder new` writes where something is left to its author."""

MARK_KEYS = {"grade", "grade_id", "locked", "schema_version", "solution", "task"}
GRADE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

Complaint = tuple[NotebookNode | None, str]


class SourceError(CourseError):
    """A lesson's source breaks rules; the message lists every place."""


def check_source(lesson: Lesson, notebook: NotebookNode) -> None:
    """Raise `SourceError` with every broken rule of the lesson, or return."""
    lines = [
        f"{lesson.path}: {_place(notebook, cell)}: {reason}"
        for rule in RULES
        for cell, reason in rule(notebook)
    ]
    if lines:
        raise SourceError("\n".join(lines))


def _place(notebook: NotebookNode, cell: NotebookNode | None) -> str:
    if cell is None:
        return "the notebook"
    number = next(i for i, other in enumerate(notebook.cells, 1) if other is cell)
    first = next((line for line in cell.source.split("\n") if line.strip()), "empty")
    return f"cell {number} ({grade_id(cell) or first[:40]})"


def kernel(notebook: NotebookNode) -> Iterator[Complaint]:
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield None, "its kernelspec must be python3"


def marks_are_complete(notebook: NotebookNode) -> Iterator[Complaint]:
    for cell in notebook.cells:
        if "nbgrader" not in cell.metadata:
            continue
        missing = sorted(MARK_KEYS - set(mark(cell)))
        if missing:
            yield cell, f"its nbgrader metadata lacks {', '.join(missing)}"
        elif not GRADE_ID.fullmatch(grade_id(cell)):
            yield cell, "a grade id is made of letters, digits, - and _, at most 64 of them"
        elif mark(cell)["schema_version"] != 3:
            yield cell, "its nbgrader schema_version must be 3"


def grade_ids_are_unique(notebook: NotebookNode) -> Iterator[Complaint]:
    seen = set()
    for cell in notebook.cells:
        name = grade_id(cell)
        if name and name in seen:
            yield cell, f"the grade id {name!r} is used twice"
        seen.add(name)


def graded_cells_have_points(notebook: NotebookNode) -> Iterator[Complaint]:
    for cell in notebook.cells:
        if not is_grade(cell):
            continue
        points = mark(cell).get("points")
        if isinstance(points, bool) or not isinstance(points, int | float) or points <= 0:
            yield cell, f"a graded cell needs points above 0, not {points!r}"


def solutions_are_marked(notebook: NotebookNode) -> Iterator[Complaint]:
    """nbgrader wipes a solution cell without markers whole, imports and signature included."""
    for cell in notebook.cells:
        reason = _unbalanced(cell.source, BEGIN_SOLUTION, END_SOLUTION)
        if reason:
            yield cell, reason
        elif is_solution(cell) and BEGIN_SOLUTION not in cell.source:
            yield cell, f"a solution cell needs {BEGIN_SOLUTION} and {END_SOLUTION}"
        elif not is_solution(cell) and BEGIN_SOLUTION in cell.source:
            yield cell, "a solution outside a solution cell: mark the cell as one"


def hidden_tests_are_marked(notebook: NotebookNode) -> Iterator[Complaint]:
    for cell in notebook.cells:
        reason = _unbalanced(cell.source, BEGIN_HIDDEN, END_HIDDEN)
        if reason:
            yield cell, reason
        elif BEGIN_HIDDEN in cell.source and not is_test(cell):
            yield cell, "hidden tests outside a test cell would be released"


def exercises_have_tests(notebook: NotebookNode) -> Iterator[Complaint]:
    """Or, for the curious, a plain cell that ends in `examine`, which counts for nothing."""
    ungraded = ungraded_exercises(notebook)
    exercises = {grade_id(c) for c in notebook.cells if is_exercise(c)}
    for place, cell in enumerate(notebook.cells):
        name = grade_id(cell)
        if is_exercise(cell) and name in ungraded:
            after = next((c for c in notebook.cells[place + 1 :] if c.cell_type == "code"), None)
            lines = after.source.rstrip().split("\n") if after and not mark(after) else [""]
            if lines[-1] != f"examine({name})":
                test, plain = f"a test cell {TEST_PREFIX + name!r}", f"examine({name})"
                yield cell, f"the exercise has no test: add {test}, or a plain one with {plain}"
            elif name not in every_name():
                yield cell, "an exercise for the curious must be in the bank, for examine to ask"
        if is_test(cell) and name.removeprefix(TEST_PREFIX) not in exercises:
            yield cell, f"the test cell {name!r} belongs to no exercise"
        if is_grade(cell) and is_solution(cell) and not is_written(cell):
            yield cell, "a code cell cannot be solution and test at once: make two cells"


def tests_ask_everything(notebook: NotebookNode) -> Iterator[Complaint]:
    """What the judge asks, a student is asked at once."""
    for cell in notebook.cells:
        if is_test(cell):
            last = f"examine({grade_id(cell).removeprefix(TEST_PREFIX)})"
            visible = cell.source.partition(BEGIN_HIDDEN)[0].rstrip().split("\n")
            if visible[-1] != last:
                yield cell, f"the last visible line of a test cell must be {last}"


def tests_ask_the_bank(notebook: NotebookNode) -> Iterator[Complaint]:
    """Without its hidden line a test cell would give full points whatever the checks found."""
    for cell in notebook.cells:
        if not is_test(cell):
            continue
        last = f'award("{grade_id(cell).removeprefix(TEST_PREFIX)}"'
        hidden = cell.source.partition(BEGIN_HIDDEN)[2].partition(END_HIDDEN)
        lines = hidden[0].strip().split("\n")
        if not lines[-1].startswith(last) or hidden[2].strip():
            yield cell, f"a test cell must end in a hidden region whose last line is {last}, ...)"


def nothing_is_left_to_fill_in(notebook: NotebookNode) -> Iterator[Complaint]:
    for cell in notebook.cells:
        if FILL_IN in cell.source:
            yield cell, f"it still says {FILL_IN!r}"


def points_are_those_of_the_questions(notebook: NotebookNode) -> Iterator[Complaint]:
    for name, cell in _tests_of_the_bank(notebook).items():
        points, due = mark(cell).get("points"), asked_of(name).points
        if points != due:
            yield cell, f"it has {points} points, its questions have {due:g} together"


def exercises_stand_in_the_order_of_the_list(notebook: NotebookNode) -> Iterator[Complaint]:
    """By their test cells; those without one by themselves."""
    ungraded = ungraded_exercises(notebook)
    found = {}
    for cell in notebook.cells:
        name = grade_id(cell).removeprefix(TEST_PREFIX)
        if (is_test(cell) or name in ungraded) and name in every_name():
            found[name] = cell
    for name, other in zip(found, filter(found.get, every_name()), strict=True):
        if name != other:
            where = "EXERCISES in the lesson's folder of helpers/questions"
            yield found[name], f"it stands where {other!r} stands in {where}: order both alike"
            return


def _tests_of_the_bank(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """By the exercise's name, in the notebook's order; those of other courses are left out."""
    tests = {grade_id(c).removeprefix(TEST_PREFIX): c for c in notebook.cells if is_test(c)}
    return {name: cell for name, cell in tests.items() if name in every_name()}


def _unbalanced(source: str, begin: str, end: str) -> str | None:
    """Markers stand in pairs, each alone on its line; else the reason."""
    inside = False
    for line in source.split("\n"):
        word = line.strip()
        if word == begin and not inside:
            inside = True
        elif word == end and inside:
            inside = False
        elif begin.removeprefix("### ") in line or end.removeprefix("### ") in line:
            return f"a stray or misspelt marker: {word!r}"
    return f"{begin} is never closed by {end}" if inside else None


RULES: tuple[Callable[[NotebookNode], Iterator[Complaint]], ...] = (
    kernel,
    marks_are_complete,
    grade_ids_are_unique,
    graded_cells_have_points,
    solutions_are_marked,
    hidden_tests_are_marked,
    exercises_have_tests,
    tests_ask_everything,
    tests_ask_the_bank,
    nothing_is_left_to_fill_in,
    points_are_those_of_the_questions,
    exercises_stand_in_the_order_of_the_list,
)
