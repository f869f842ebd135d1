"""The class in which attacks are graded: a small course, honest students, and canaries.

An attack is a text file in `attacks/`. Its first line says what it tries, its second what it must
get: `square 0 time` is no points for `square` and the reason `time`; whatever is not named must
earn everything. Then come blocks: `# %% NAME` is the answer to an exercise, `# %% edit` changes the
notebook (`nb`, as JSON), and `# %% write` the file (`path`; `honest` is another student's).
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.course import Course, grade_id, is_exercise
from autograder.exercises import find
from tests.conftest import ROOT

LESSON = "01-hostile"
EXERCISES = ("square", "gradient_descent", "sigmoid", "Dense")
CANARY = "canary-4b1f07"
HONEST = ("honest-first", "honest-last")
ATTACKS = Path(__file__).parent / "attacks"

HEAD = """\
---
kernelspec:
  name: python3
  display_name: Python 3 (ipykernel)
  language: python
---

# A small lesson to be attacked

```{code-cell}
import numpy as np

from helpers import check_value
```
"""
ANSWER = """
```{{code-cell}}
---
nbgrader: {{grade: false, grade_id: {name}, locked: false, schema_version: 3, solution: true, \
task: false}}
---
### BEGIN SOLUTION
{source}# {canary}-solution
### END SOLUTION
```
"""
TEST = """
```{{code-cell}}
---
nbgrader: {{grade: true, grade_id: test-{name}, locked: true, points: {points}, \
schema_version: 3, solution: false, task: false}}
---
print("checked by eye")
### BEGIN HIDDEN TESTS
from autograder.judge import award

hidden = "{canary}-hidden-test"
award("{name}", {name})
### END HIDDEN TESTS
```
"""


@dataclass(frozen=True)
class Attack:
    """One hostile submission: what it tries, and for each exercise the points and the reason."""

    name: str
    tries: str
    gets: dict[str, tuple[float, str]]
    blocks: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Attack:
        first, second, text = path.read_text(encoding="utf-8").split("\n", 2)
        gets = {}
        for verdict in second.removeprefix("# Gets: ").split("; "):
            name, points, *reason = verdict.split()
            for each in EXERCISES if name == "all" else (name,):
                gets[each] = (float(points), " ".join(reason))
        parts = re.split(r"^# %% (\w+)\n", text, flags=re.MULTILINE)[1:]
        blocks = dict(zip(parts[::2], parts[1::2], strict=True))
        return cls(path.stem, first.removeprefix("# Tries: "), gets, blocks)


def attacks() -> list[Attack]:
    return [Attack.read(path) for path in sorted(ATTACKS.glob("*.txt"))]


def make_course(folder: Path) -> Course:
    """The small course, with canaries in its solutions, hidden tests, secrets and neighbours."""
    text = HEAD
    for name in EXERCISES:
        exercise = find(name)
        known = {"name": name, "canary": CANARY}
        text += ANSWER.format(source=exercise.source, **known)
        text += TEST.format(points=exercise.points, **known)
    source = folder / "source" / LESSON
    source.mkdir(parents=True)
    (source / f"{LESSON}.md").write_text(text)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "helpers", folder / "helpers")
    return Course(folder)


def hand_in(folder: Path, release: Path, listener: int) -> Path:
    """The whole class's files in `folder/submitted`: attacks between honest students."""
    submitted = folder / "submitted"
    blank = json.loads(release.read_text())
    for student in HONEST:
        _write(_place(submitted, student), _filled(blank, {}, f"# {CANARY}-{student}\n"))
    honest = _place(submitted, HONEST[0])
    for attack in attacks():
        path = _place(submitted, attack.name)
        blocks = {k: v.replace("LISTENER", str(listener)) for k, v in attack.blocks.items()}
        nb = _filled(blank, blocks, "")
        if "edit" in blocks:
            exec(blocks["edit"], {"nb": nb})
        _write(path, nb)
        if "write" in blocks:
            exec(blocks["write"], {"path": path, "honest": honest})
    return submitted


def _place(submitted: Path, student: str) -> Path:
    path = submitted / student / LESSON / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _filled(blank: dict, answers: dict[str, str], more: str) -> dict[str, Any]:
    """The release with right answers, except where there are others."""
    notebook = json.loads(json.dumps(blank))
    for cell in notebook["cells"]:
        node = nbformat.from_dict(cell)
        if is_exercise(node):
            name = grade_id(node)
            cell["source"] = answers.get(name, find(name).source) + more
    return notebook


def _write(path: Path, notebook: dict) -> None:
    path.write_text(json.dumps(notebook))
