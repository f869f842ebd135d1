"""The rules that a lesson's source keeps. One that it breaks is refused: file, cell, reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from nbformat import NotebookNode

from autograder.course import (
    BEGIN_HIDDEN,
    BEGIN_SOLUTION,
    END_HIDDEN,
    END_SOLUTION,
    PLAIN,
    TEST_PREFIX,
    CourseError,
    Lesson,
    grade_id,
    is_exercise,
    is_grade,
    is_judged,
    is_plain,
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
    rules = RULES + ((tests_are_in_the_bank,) if lesson.has_helpers else ())
    refuse(lesson, notebook, [found for rule in rules for found in rule(notebook)])


def notes_of(lesson: Lesson) -> list[str]:
    """What is no fault, but to be known, of a lesson that keeps the rules."""
    notebook = lesson.notebook()
    return _listed(lesson, notebook, list(plain_tests(notebook)))


def refuse(lesson: Lesson, notebook: NotebookNode, found: Sequence[Complaint]) -> None:
    """Raise `SourceError` where there are complaints: file, line, cell and reason of each."""
    if found:
        raise SourceError("\n".join(_listed(lesson, notebook, found)))


def _listed(lesson: Lesson, notebook: NotebookNode, found: Sequence[Complaint]) -> list[str]:
    """A line each, in the order of the source."""
    lines = lesson.places() if found else []
    placed = [(*_place(notebook, cell, lines), reason) for cell, reason in found]
    placed.sort(key=lambda each: each[0])
    return [f"{lesson.path}:{line}: {what}: {reason}" for line, what, reason in placed]


def _place(notebook: NotebookNode, cell: NotebookNode | None, lines: list[int]) -> tuple[int, str]:
    """The line of a cell in the source, and what it is called."""
    if cell is None:
        return 1, "the notebook"
    number = next(i for i, other in enumerate(notebook.cells, 1) if other is cell)
    first = next((line for line in cell.source.split("\n") if line.strip()), "empty")
    return lines[number - 1], f"cell {number} ({grade_id(cell) or first[:40]})"


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
    """But those that the bank asks: their points stand with the questions, and nowhere else."""
    for cell in notebook.cells:
        if not is_grade(cell):
            continue
        points = mark(cell).get("points")
        if is_judged(cell) and _exercise(cell) in every_name():
            if points is not None:
                due = asked_of(_exercise(cell)).points
                yield (
                    cell,
                    (
                        f"delete “points: {points}”: the points of a test cell are those of its "
                        f"questions ({due:g} together), and stand there alone"
                    ),
                )
            continue
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
                yield cell, f"the exercise has no test: add {test}, or a cell that ends in {plain}"
            elif name not in every_name():
                yield cell, "an exercise for the curious must be in the bank, for examine to ask"
        if is_judged(cell) and _exercise(cell) not in exercises:
            yield cell, f"the test cell {name!r} belongs to no exercise"
        if is_grade(cell) and is_solution(cell) and not is_written(cell):
            yield cell, "a code cell cannot be solution and test at once: make two cells"


def tests_ask_everything(notebook: NotebookNode) -> Iterator[Complaint]:
    """What the judge asks, a student is asked at once."""
    for cell in notebook.cells:
        if is_judged(cell):
            last = f"examine({_exercise(cell)})"
            visible = cell.source.partition(BEGIN_HIDDEN)[0].rstrip().split("\n")
            if visible[-1] != last:
                yield cell, f"the last visible line of a test cell must be {last}"


def tests_ask_the_bank(notebook: NotebookNode) -> Iterator[Complaint]:
    """Without its hidden line a test cell would give full points whatever the checks found."""
    for cell in notebook.cells:
        if is_plain(cell) and "award(" in cell.source:
            yield cell, f"a cell with the tag {PLAIN!r} gives its own points: drop award(...)"
        if not is_judged(cell):
            continue
        last = f'award("{_exercise(cell)}"'
        hidden = cell.source.partition(BEGIN_HIDDEN)[2].partition(END_HIDDEN)
        lines = hidden[0].strip().split("\n")
        if not lines[-1].startswith(last) or hidden[2].strip():
            yield cell, f"a test cell must end in a hidden region whose last line is {last}, ...)"


def nothing_is_left_to_fill_in(notebook: NotebookNode) -> Iterator[Complaint]:
    for cell in notebook.cells:
        if FILL_IN in cell.source:
            yield cell, f"it still says {FILL_IN!r}"


def tests_are_in_the_bank(notebook: NotebookNode) -> Iterator[Complaint]:
    """Else the judge knows nothing of it, and every student gets 0 of 0."""
    for cell in notebook.cells:
        name = _exercise(cell)
        if is_judged(cell) and name not in every_name():
            yield (
                cell,
                (
                    f"the bank has no exercise {name!r}: lay it out (`autograder new`), or tag "
                    f"the cell {PLAIN!r} (tags: [{PLAIN}]): its own asserts then give the points, "
                    "which is not proof against tampering"
                ),
            )


def plain_tests(notebook: NotebookNode) -> Iterator[Complaint]:
    """No fault, but to be known: what is graded where students' code can reach it."""
    for cell in filter(is_plain, notebook.cells):
        yield cell, "graded by its own asserts, which is not proof against tampering"


def exercises_stand_in_the_order_of_the_list(notebook: NotebookNode) -> Iterator[Complaint]:
    """By their test cells; those without one by themselves."""
    ungraded = ungraded_exercises(notebook)
    found = {}
    for cell in notebook.cells:
        name = grade_id(cell).removeprefix(TEST_PREFIX)
        if (is_judged(cell) or name in ungraded) and name in every_name():
            found[name] = cell
    for name, other in zip(found, filter(found.get, every_name()), strict=True):
        if name != other:
            where = "EXERCISES in the lesson's folder of helpers/questions"
            yield found[name], f"it stands where {other!r} stands in {where}: order both alike"
            return


def _exercise(cell: NotebookNode) -> str:
    """The exercise to which a test cell belongs, by its grade id."""
    return grade_id(cell).removeprefix(TEST_PREFIX)


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
    exercises_stand_in_the_order_of_the_list,
)
