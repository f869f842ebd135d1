"""Classes to be graded in measurements and tests: a small course, and as many students as asked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat

from autograder.classroom import Classroom
from autograder.course import Course, grade_id, is_exercise
from autograder.exercises import find
from autograder.grading.release import release, settings
from helpers.questions import every_name

ROOT = Path(__file__).parent.parent
LESSON = "01-small"
EXERCISES = ("square", "gradient_descent", "sigmoid", "Dense")

HEAD = """\
---
kernelspec:
  name: python3
  display_name: Python 3 (ipykernel)
  language: python
---

# A small lesson

```{code-cell}
import numpy as np

from helpers import check_value, examine
```
"""
ANSWER = """
```{{code-cell}}
---
nbgrader: {{grade: false, grade_id: {name}, locked: false, schema_version: 3, solution: true, \
task: false}}
---
### BEGIN SOLUTION
{source}{more}
### END SOLUTION
```
"""
TEST = """
```{{code-cell}}
---
nbgrader: {{grade: true, grade_id: test-{name}, locked: true, schema_version: 3, \
solution: false, task: false}}
---
print("checked by eye")
examine({name})
### BEGIN HIDDEN TESTS
from autograder.judge import award

{hidden}
award("{name}", {name})
### END HIDDEN TESTS
```
"""
WRITTEN = """
+++ {"nbgrader": {"grade": true, "grade_id": "why", "locked": false, "points": 3, \
"schema_version": 3, "solution": true, "task": false}}

### BEGIN SOLUTION
Because.
### END SOLUTION
"""


def small_course(folder: Path, lesson: str = LESSON, more: str = "", hidden: str = "") -> Course:
    """A course of one short lesson with exercises of four lessons and a written question.

    more: put behind every solution. hidden: put into every hidden test.
    """
    text = HEAD
    for name in filter(EXERCISES.__contains__, every_name()):  # in the bank's order
        exercise = find(name)
        text += ANSWER.format(name=name, source=exercise.source, more=more)
        text += TEST.format(name=name, hidden=hidden)
    source = folder / "source" / lesson
    source.mkdir(parents=True)
    (source / f"{lesson}.md").write_text(text + WRITTEN)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return Course(folder)


def released(course: Course, lesson: str = LESSON) -> dict[str, Any]:
    """The lesson as students get it, as JSON; made aside."""
    place = Classroom.of(course.root / "blank" / "submitted")
    place.folder.mkdir(exist_ok=True)
    release(course, place, settings(course, place), [lesson])
    return json.loads((place.release / lesson / f"{lesson}.ipynb").read_text())


def answered(blank: dict[str, Any], answers: dict[str, str], more: str = "") -> dict[str, Any]:
    """The release with right answers, except where there are others."""
    notebook = json.loads(json.dumps(blank))
    for cell in notebook["cells"]:
        node = nbformat.from_dict(cell)
        if is_exercise(node):
            name = grade_id(node)
            cell["source"] = (answers.get(name) or find(name).source) + more
        elif grade_id(node) == "why":
            cell["source"] = answers.get("why", "Because it is so.")
    return notebook


def place(submitted: Path, student: str, lesson: str = LESSON) -> Path:
    """Where this student's notebook is to be written."""
    path = submitted / student / lesson / f"{lesson}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


WRONG = "def square(x):\n    return 2 * x\n"


def small_class(folder: Path, students: int) -> tuple[Classroom, dict[str, float]]:
    """A class in `folder/submitted`, every second of whom has one wrong; and its right points."""
    course = small_course(folder)
    blank = released(course)
    whole = sum(find(name).points for name in EXERCISES)
    expected = {}
    right_and_wrong = [
        json.dumps(answered(blank, answers, "# STUDENT\n")) for answers in ({}, {"square": WRONG})
    ]
    for k in range(students):
        student = f"student-{k:05}"
        wrong = k % 2 == 1
        text = right_and_wrong[wrong].replace("STUDENT", student)
        place(folder / "submitted", student).write_text(text)
        expected[student] = whole - find("square").points if wrong else whole
    return Classroom.of(folder / "submitted"), expected
