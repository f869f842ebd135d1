"""What tests share: the real course, and a small one in a temporary folder."""

from __future__ import annotations

import ast
import gc
import os
import shutil
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import jupytext
import numpy as np
import pytest

from autograder.classroom import Classroom
from autograder.course import Course

ROOT = Path(__file__).parent.parent

contained = pytest.mark.skipif(
    not os.environ.get("CI") and shutil.which("bwrap") is None,
    reason="grading takes bubblewrap (apt install bubblewrap)",
)
"""Of tests that grade. In CI they run, and fail where the sandbox is missing."""

LONGEST_FIRST = (
    "test_class.py",
    "test_lab.py",
    "test_attacks.py",
    "test_pages.py",
    "test_grading.py",
    "test_trouble.py",
    "test_quickstart.py",
    "test_two_graders.py",
    "test_fuzz.py",
    "test_blank.py",
    "test_examine.py",
    "test_explorers.py",
    "test_explorers_saved.py",
    "test_claims_7.py",
)
"""Files whose tests, one after the other on one worker, would else be what the end waits for."""

TOGETHER = {
    "test_pages.py": "test_attacks.py",
    "test_claims_7_networks.py": "test_claims_7.py",
}
"""Files of one group with another: they look at one class, `hostile`, which is graded once, or at
the networks of lesson 7, which are trained once."""


def functions_of(lesson: str, *wanted: str, **given: Any) -> dict[str, Any]:
    """The functions of these names from a lesson's cells, with the names given that they use."""
    names = {"np": np, **given}
    for cell in jupytext.reads(lesson, fmt="md:myst").cells:
        if cell.cell_type == "code" and any(f"def {name}(" in cell.source for name in wanted):
            for part in ast.parse(cell.source).body:
                if isinstance(part, ast.FunctionDef) and part.name in wanted:
                    exec(compile(ast.Module([part], []), "cell", "exec"), names)
    return names


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """With `-n auto` one test more at a time than there are processors: some only wait."""
    count = yield
    return count if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS") else count + 1


def pytest_configure(config: pytest.Config) -> None:
    """Else pytest-xdist begins with the groups of most tests, whatever their order here."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For `--dist loadgroup`: the tests of a file share its fixtures and go to one worker.

    Those marked `spread` need none of them, go to whoever is free, and fill the end.
    """

    def place(item: pytest.Item) -> tuple[bool, int]:
        spread = item.get_closest_marker("spread") is not None
        name = item.path.name
        long = LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)
        return spread, long

    items.sort(key=place)
    for item in items:
        if item.get_closest_marker("spread") is None:
            group = TOGETHER.get(item.path.name, item.path.name)
            item.add_marker(pytest.mark.xdist_group(group))


def pytest_collection_finish(session: pytest.Session) -> None:
    """A group that is not heeded costs nothing but time: each worker makes the file's fixtures."""
    if getattr(session.config.option, "loadgroup", False):
        grouped = [item for item in session.items if item.get_closest_marker("xdist_group")]
        if any("@" not in item.nodeid for item in grouped):
            raise pytest.UsageError("this pytest and this pytest-xdist do not group tests")
    gc.collect()
    gc.freeze()  # what is there now stays, and is not looked through with every collection


SMALL = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3 (ipykernel)
  language: python
---

# A small lesson

```{code-cell}
import matplotlib.pyplot as plt

from helpers import check_value


def examine(answer):
    print("It is asked everything.")
```

```{code-cell}
---
nbgrader:
  grade: false
  grade_id: double
  locked: false
  schema_version: 3
  solution: true
  task: false
---
def double(x):
    \"\"\"Twice x.\"\"\"
    ### BEGIN SOLUTION
    canary_in_the_solution = 2 * x
    return canary_in_the_solution
    ### END SOLUTION
```

```{code-cell}
---
nbgrader:
  grade: true
  grade_id: test-double
  locked: true
  points: 2
  schema_version: 3
  solution: false
  task: false
---
print(check_value(double, 3.0, expected=6.0))
examine(double)
### BEGIN HIDDEN TESTS
from autograder.judge import award

canary_in_the_hidden_test = 40.0
award("double", double)
### END HIDDEN TESTS
```

```{code-cell}
plt.plot([0, 1], [double(0), double(1)]);
```

+++ {"nbgrader": {"grade": true, "grade_id": "why", "locked": false, "points": 3, \
"schema_version": 3, "solution": true, "task": false}}

### BEGIN SOLUTION
canary_in_the_model_answer

**Rubric.** 3 points: canary_in_the_rubric.
### END SOLUTION
"""


@pytest.fixture
def no_warnings() -> Iterator[None]:
    """Nothing is warned of. What earlier tests have left behind is collected before."""
    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    assert not caught, [str(warning.message) for warning in caught]


@pytest.fixture(scope="session")
def course() -> Course:
    """The course of this repository."""
    return Course(ROOT)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """A class in which every attack was graded: what its files say, and what browsers show."""
    from tests.hostile.arena import graded

    return graded(tmp_path_factory.mktemp("arena"))


@pytest.fixture
def small(tmp_path: Path) -> Course:
    """A course of one small lesson with canaries in all that a student must not see."""
    folder = tmp_path / "small"
    lesson = folder / "source" / "01-small"
    lesson.mkdir(parents=True)
    (lesson / "01-small.md").write_text(SMALL)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return Course(folder)


def edit(course: Course, old: str, new: str) -> None:
    """Replace text in the small lesson's source; it must be there."""
    path = course.lesson("01").path
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The course on the web, made once for the tests of a worker."""
    from autograder.publishing.build import build

    out = tmp_path_factory.mktemp("made") / "site"
    build(Course(ROOT), out)
    return out
