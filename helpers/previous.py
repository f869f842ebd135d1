"""What you solved in an earlier lesson, for use in a later one, if it is there."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

GO_ON = "What stands here takes its place; you can go on."
ELSEWHERE = "Only the cells of the answers are run: what an answer uses must stand in its own cell."


def answers(lesson: str, names: Sequence[str]) -> dict[str, Any] | None:
    """Your answers from the notebook of another lesson, by name; None where they are not there.

    It is looked for beside this lesson's folder, at ../LESSON/LESSON.ipynb, and only the cells of
    these exercises are run. What is missing is printed, and never an error. While nbgrader grades,
    nothing is looked for: a lesson is graded on its own.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        print("While a lesson is graded, other lessons are left out.")
        return None
    path = Path("..") / lesson / f"{lesson}.ipynb"
    if not path.is_file():
        print(f"There is no notebook of lesson {lesson} beside this one. {GO_ON}")
        return None
    try:
        cells = json.loads(path.read_text(encoding="utf-8-sig"))["cells"]
        sources = [each for each in map(_source, cells) if each is not None]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        print(
            f"The notebook of lesson {lesson} cannot be read: open it, and save it again. {GO_ON}"
        )
        return None
    found: dict[str, Any] = {"np": np}
    for name in names:
        source = _solved(sources, name)
        if source is None:
            print(f"{name} of lesson {lesson} is not solved yet. {GO_ON}")
            return None
        try:
            exec(compile(source, f"<{lesson}: {name}>", "exec"), found)
            found[name] = found[name]
        except Exception as error:
            print(f"{name} of lesson {lesson} raises {type(error).__name__}: {error}")
            if isinstance(error, NameError):
                print(ELSEWHERE)
            return None
    return {name: found[name] for name in names}


def yours(
    lesson: str, names: Sequence[str], ours: tuple[Any, ...], tried: Callable[..., Any]
) -> tuple[Any, ...]:
    """Your answers in place of ours, where they are there and come to the same when tried.

    tried(*answers): a sequence of arrays, what these answers come to. Prints whose are taken.
    """
    found = answers(lesson, names)
    if not found:
        return ours
    theirs = tuple(found[name] for name in names)
    trouble = "they do otherwise"
    try:
        if all(map(np.allclose, tried(*theirs), tried(*ours))):
            print(f"{' and '.join(names)}: yours")
            return theirs
    except Exception as error:
        trouble = f"{type(error).__name__}: {error}"
    print(f"{' and '.join(names)}: ours. Yours are there, but {trouble}")
    return ours


def _source(cell: Any) -> tuple[str, str] | None:
    """A code cell's grade id, if it has one, and its source as one text."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source, about = cell.get("source", ""), cell.get("metadata")
    mark = about.get("nbgrader") if isinstance(about, dict) else None
    name = mark.get("grade_id") if isinstance(mark, dict) else ""
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    return str(name), text


def _solved(sources: list[tuple[str, str]], name: str) -> str | None:
    """The source that answers this exercise: its own cell's, else another's that defines it.

    What is no Python is given as it is, so that it can be said what is wrong with it.
    """
    own = [source for mark, source in sources if mark == name]
    others = [source for mark, source in sources if mark != name]
    found = [source for source in own + others if _defines(source, name)]
    return next((s for s in (*found, *own) if not _is_unsolved(s, name)), None)


def _body(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        return []


def _definitions(source: str, name: str) -> list[ast.FunctionDef | ast.ClassDef]:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return [node for node in _body(source) if isinstance(node, kinds) and node.name == name]


def _defines(source: str, name: str) -> bool:
    assigned = (target for each in _body(source) for target in _targets(each))
    named = any(isinstance(target, ast.Name) and target.id == name for target in assigned)
    return named or bool(_definitions(source, name))


def _is_unsolved(source: str, name: str) -> bool:
    """Whether this very function or class is still as it was, to be written."""
    parts = [
        part
        for node in _definitions(source, name)[-1:]
        for part in ast.walk(node)
        if isinstance(part, ast.FunctionDef | ast.ClassDef)
    ]
    return any(_is_missing(statement) for part in parts for statement in part.body)


def _targets(statement: ast.stmt) -> list[ast.expr]:
    return statement.targets if isinstance(statement, ast.Assign) else []


def _is_missing(statement: ast.stmt) -> bool:
    """`raise NotImplementedError`, as it stands where an answer is to be written."""
    return isinstance(statement, ast.Raise) and "NotImplementedError" in ast.unparse(statement)
