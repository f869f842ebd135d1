"""`autograder check` holds the bank against the course: nothing is missing, nothing left over."""

from __future__ import annotations

import os
import shutil

import pytest

from autograder.authoring import bank, checking
from autograder.course import Course
from autograder.exercises.page import PageError, parse_page
from tests.conftest import ROOT
from tests.course.test_check import SQUARE, found, line_of


@pytest.fixture
def copied(tmp_path, monkeypatch) -> Course:
    """The course's sources, questions and bank, to be written into; the running bank is its own."""
    ignored = shutil.ignore_patterns("__pycache__", "record", "explorers")
    for folder in ("source", "helpers", "autograder/exercises"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    monkeypatch.setattr(checking, "owns_bank", lambda course: True)
    # Its configuration, which is read, puts it in front of what kernels import.
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    return Course(tmp_path)


def of_lesson_1(course: Course) -> list[str]:
    return found(course, lessons=("1",), released=False, late=False)


LISTED = "helpers/questions/derivatives/__init__.py"


def test_files_without_an_exercise_and_exercises_without_files_are_told(copied):
    assert of_lesson_1(copied) == []
    for old, new in (
        (f"{SQUARE}.right.md", f"{SQUARE}s.right.md"),
        ("helpers/questions/derivatives/square.py", "helpers/questions/derivatives/cube.py"),
    ):
        (copied.root / old).rename(copied.root / new)
    line = line_of(copied.root / LISTED, '"square"')
    faults = of_lesson_1(copied)
    assert {fault.split(": ")[0] for fault in faults} == {
        f"{LISTED}:{line}",
        f"{SQUARE}s.right.md:1",
        "helpers/questions/derivatives/cube.py:1",
    }
    assert f"has no {SQUARE}.right.md" in "\n".join(faults)
    assert all("take 'square' out of EXERCISES" in f or "or delete the file" in f for f in faults)


def test_an_exercise_that_is_listed_and_has_no_cell_is_told(copied):
    path = copied.lesson("1").path
    path.write_text(path.read_text().replace("grade_id: square\n", "grade_id: cube\n"))
    faults = of_lesson_1(copied)
    line = line_of(copied.root / LISTED, '"square"')
    assert any(f.startswith(f"{LISTED}:{line}: 'square' is listed, and") for f in faults), faults


PAGE = """\
## Wrong answers

### one

It says so.

```diff
-    no
```

### two

```python
```
"""


def test_every_fault_of_a_page_is_told_by_its_heading():
    with pytest.raises(PageError) as refused:
        parse_page(PAGE, "def square(x):\n    return x * x\n", "square.md")
    one, two = str(refused.value).split("\n")
    assert one.startswith("square.md:3: 'one': the lines of its diff that are not added stand nowh")
    assert two == "square.md:11: 'two' has no sentence for the student who gives this answer"


def test_what_is_left_to_fill_in_is_told(copied):
    page = copied.root / f"{SQUARE}.md"
    page.write_text(page.read_text() + "\nFILL IN: more\n")
    line = line_of(page, "FILL IN")
    assert of_lesson_1(copied) == [f"{SQUARE}.md:{line}: still to be filled in: FILL IN: more"]


def test_a_lesson_that_is_gone_is_told_where_it_is_listed(copied):
    shutil.rmtree(copied.source / "07-loss-landscapes")
    line = line_of(copied.root / bank.LISTED, "07-loss-landscapes")
    (fault,) = of_lesson_1(copied)
    assert fault.startswith(f"helpers/questions/__init__.py:{line}: no lesson '07-loss-landscapes'")
