"""A lesson that was revised after it was first graded: the gradebook follows it.

nbgrader refuses to, once somebody has handed in, because what people gave could be lost. Here a new
question is entered for those too, and one that is gone is taken out, but for what people gave.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    SubmittedNotebook,
    TaskCell,
)

from autograder.course import TEST_PREFIX, CourseError

Key = tuple[str, Any, str]
"""A cell's notebook, its kind as nbgrader has it, and its name."""

GRADED, COMMENTED = (GradeCell, TaskCell), (SolutionCell, TaskCell)
"""Kinds of cells of which each submission has a grade, and a comment."""
MOST_NAMES = 3
"""Students that a sentence names."""


def follow(book: Gradebook, now: Gradebook, name: str, drop: Iterable[str] = ()) -> Iterator[str]:
    """Give an assignment in `book` the cells that it has in `now`; in words what has changed.

    drop: questions of which nothing is to be kept. Raises `CourseError`, having changed nothing,
    where people gave points or comments for others that are gone.
    """
    old, new = book.find_assignment(name), now.find_assignment(name)
    had, has = cells(old), cells(new)
    gone = {key: had[key] for key in had.keys() - has.keys()}
    added = {key: has[key] for key in has.keys() - had.keys()}
    refuse(name, gone, {word for each in drop for word in (each, TEST_PREFIX + each)})
    _remove(book, gone)
    _remove_notebooks(book, old, {notebook.name for notebook in new.notebooks})
    _add(book, old, [notebook.name for notebook in new.notebooks], added)
    book.db.commit()
    for keys, what in ((added, "new since it was first graded"), (gone, "no longer asked")):
        found = questions(keys)
        if found:
            yield f"{name}: {what}: {', '.join(found)}; the gradebook follows"


def cells(assignment: Assignment) -> dict[Key, Any]:
    """Every cell that nbgrader keeps of an assignment."""
    return {
        (notebook.name, type(cell), cell.name): cell
        for notebook in assignment.notebooks
        for kind in ("grade_cells", "task_cells", "solution_cells", "source_cells")
        for cell in getattr(notebook, kind)
    }


def questions(keys: Iterable[Key]) -> list[str]:
    """Those that have points, by the names that students know."""
    return sorted({name.removeprefix(TEST_PREFIX) for _, kind, name in keys if kind in GRADED})


def refuse(assignment: str, gone: dict[Key, Any], drop: set[str]) -> None:
    """Raise `CourseError` where something would be lost that people gave."""
    lost = {
        key[2]: students
        for key, cell in gone.items()
        if key[2] not in drop and (students := given_to(cell))
    }
    for name, students in lost.items():
        some = ", ".join(students[:MOST_NAMES])
        more = f" and {len(students) - MOST_NAMES} more" if len(students) > MOST_NAMES else ""
        question = name.removeprefix(TEST_PREFIX)
        raise CourseError(
            f"{assignment} no longer asks {question}, for which people gave points or comments "
            f"({some}{more}): put it back, or remove them from the gradebook for good: the same "
            f"command with `--drop {question}`"
        )


def asked(book: Gradebook, assignments: Iterable[str]) -> set[str]:
    """The names of all questions that these have in the gradebook."""
    return {q for name in assignments for q in questions(cells(book.find_assignment(name)))}


def not_dropped(drop: Iterable[str], before: set[str], now: set[str]) -> Iterator[str]:
    """Of which questions nothing was removed, and why. before, now: those that are asked."""
    for name in drop:
        if name in now:
            yield f"--drop {name}: it is still asked, and nothing of it was removed"
        elif name not in before:
            near = difflib.get_close_matches(name, sorted(before), 1)
            meant = f": is {near[0]} meant?" if near else ""
            yield f"--drop {name}: the gradebook has no such question{meant}"


def given_to(cell: Any) -> list[str]:
    """The students whose answer a person gave points or a comment for."""
    if isinstance(cell, SourceCell):
        return []
    marked = [g for g in cell.grades if g.manual_score is not None or g.extra_credit]
    said = [c for c in cell.comments if c.manual_comment]
    return sorted({each.notebook.assignment.student_id for each in (*marked, *said)})


def _remove(book: Gradebook, gone: dict[Key, Any]) -> None:
    for cell in gone.values():
        if not isinstance(cell, SourceCell):
            for each in (*cell.grades, *cell.comments):
                book.db.delete(each)
        book.db.delete(cell)
    book.db.flush()


def _remove_notebooks(book: Gradebook, old: Assignment, names: set[str]) -> None:
    for notebook in [each for each in old.notebooks if each.name not in names]:
        for submitted in list(notebook.submissions):
            book.db.delete(submitted)
        book.db.delete(notebook)
    book.db.flush()
    book.db.expire_all()


def _add(book: Gradebook, old: Assignment, names: list[str], added: dict[Key, Any]) -> None:
    """New notebooks and cells, empty in every submission. The rest nbgrader enters itself."""
    there = {notebook.name: notebook for notebook in old.notebooks}
    for name in names:
        if name not in there:
            there[name] = Notebook(name=name, assignment_id=old.id)
            book.db.add(there[name])
            book.db.flush()
            for each in old.submissions:
                made = SubmittedNotebook(notebook_id=there[name].id, assignment_id=each.id)
                book.db.add(made)
    book.db.flush()
    for (name, kind, cell), model in added.items():
        columns = [c.name for c in kind.__mapper__.columns if c.name in OWN]
        values = {column: getattr(model, column) for column in columns}
        entered = kind(name=cell, notebook_id=there[name].id, **values)
        book.db.add(entered)
        book.db.flush()
        for submitted in there[name].submissions:
            where = {"cell_id": entered.id, "notebook_id": submitted.id}
            if kind in GRADED:
                book.db.add(Grade(**where, needs_manual_grade=False))
            if kind in COMMENTED:
                book.db.add(Comment(**where))


OWN = ("max_score", "cell_type", "locked", "source", "checksum")
"""What a cell says of itself."""
