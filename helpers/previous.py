"""What you solved in an earlier lesson, for use in a later one, if it is there."""

from __future__ import annotations

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
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        print(f"There is no notebook of lesson {lesson} beside this one. {GO_ON}")
        return None
    found: dict[str, Any] = {"np": np}
    for name in names:
        source = _source(cells, name)
        if source is None or "raise NotImplementedError" in source:
            print(f"{name} of lesson {lesson} is not solved yet. {GO_ON}")
            return None
        try:
            exec(compile(source, f"<{lesson}: {name}>", "exec"), found)
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


def _source(cells: list[dict], name: str) -> str | None:
    """The solution cell with this grade id, as one text."""
    for cell in cells:
        if cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") == name:
            source = cell.get("source", "")
            return source if isinstance(source, str) else "".join(source)
    return None
