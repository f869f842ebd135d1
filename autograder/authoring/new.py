"""`autograder new`: lays out a new exercise, with every place that its author fills in marked."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.authoring.rules import FILL_IN
from autograder.course import Course, CourseError, Lesson, is_solution
from autograder.exercises.page import OTHER, WRONG, files_of
from helpers.questions import LESSONS, every_name, names_in

QUESTIONS = '''"""What `{name}` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.usual import left_alone, value


def inputs(rng):
    """{FILL_IN}: tuples of ({signature}), drawn from rng, in which no two sizes are alike.

    And one each with a zero, with whole numbers, and with a square or a single column, where there
    are such.
    """
    for _ in range(5):
        yield (rng.normal(size=3),)


ASKED = Asked(
    "{name}",
    value(2, inputs, says="{FILL_IN}: what is right, in a few words"),
    left_alone(1, inputs),
)
'''

ANSWER = '''"""The right answer to `{name}`."""

from __future__ import annotations


def {name}({signature}):
    raise NotImplementedError("{FILL_IN}: the right answer, written plainly")
'''

PAGE = """# {name}

{FILL_IN}: a sentence on what the exercise is about, for those who read this page.

## {WRONG}

### {FILL_IN}: the mistake, in a few words

{FILL_IN}: the sentence that a student who makes it should read. What does it look like, and where
should they look? Never the answer.

```python
def {name}({signature}):
    return None
```
"""

RIGHT = """# {name}: what is right

## {OTHER}

### {FILL_IN}: what is other about it

```python
def {name}({signature}):
    return None
```
"""

CELL = '''
```{{code-cell}}
---
nbgrader:
  grade: false
  grade_id: {name}
  locked: false
  schema_version: 3
  solution: true
  task: false
---
def {name}({signature}):
    """{FILL_IN}: what it computes, the shapes, and the convention."""
    ### BEGIN SOLUTION
    raise NotImplementedError("{FILL_IN}: the worked solution")
    ### END SOLUTION
```
'''

TEST = """
```{{code-cell}}
---
nbgrader:
  grade: true
  grade_id: test-{name}
  locked: true
  schema_version: 3
  solution: false
  task: false
---
print(check_value({name}, 1.0, expected=1.0))  # {FILL_IN}
examine({name})
### BEGIN HIDDEN TESTS
from autograder.judge import award

award("{name}", {name})
### END HIDDEN TESTS
```
"""

UNGRADED = """
```{{code-cell}}
examine({name})
```
"""

NEXT = """Fill in every place that says “{FILL_IN}” in

  {files}

and the two cells at the end of {source}. Move these to where they belong, and the name to the
same place in {listed}, where it stands last now.
Then `autograder prove {name}` says what is missing, and `autograder build {lesson}` makes the
lesson."""


def lay_out(
    course: Course, lesson: Lesson, name: str, signature: str = "x", ungraded: bool = False
) -> str:
    """Write the files of a new exercise of this lesson; what is to be done next, in words.

    signature: the function's parameters, as they stand in its definition. ungraded: it is for the
    curious, and has no test cell.
    """
    _check(lesson, name, signature)
    words = {"name": name, "signature": signature, "FILL_IN": FILL_IN}
    words |= {"WRONG": WRONG, "OTHER": OTHER}
    paths = files_of_exercise(course, lesson.name, name)
    texts = (QUESTIONS, ANSWER, PAGE, RIGHT)
    files = {path: text.format(**words) for path, text in zip(paths, texts, strict=True)}
    there = [path for path in files if path.exists()]
    if there:
        raise CourseError(f"{there[0]} is there already; nothing was written")
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    cells = CELL + (UNGRADED if ungraded else TEST)
    entered = _enter(course, lesson, name)
    lesson.path.write_text(lesson.text().rstrip("\n") + "\n" + cells.format(**words))
    places = [str(path.relative_to(course.root)) for path in (*files, lesson.path, entered)]
    *filled, source, listed = places
    files_ = "\n  ".join(filled)
    return NEXT.format(files=files_, source=source, listed=listed, lesson=lesson.name, **words)


def _check(lesson: Lesson, name: str, signature: str) -> None:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or keyword.iskeyword(name):
        raise CourseError(f"{name!r} cannot be the name of a function in Python")
    try:
        ast.parse(f"def {name}({signature}): ...")
    except SyntaxError:
        raise CourseError(f"({signature}) cannot be the parameters of a function") from None
    if name in _taken(lesson):
        raise CourseError(f"{name} is something else in the lesson or in Python: choose another")
    if name in every_name():
        raise CourseError(f"there is an exercise {name!r} already; a name belongs to one exercise")
    if lesson.name not in LESSONS:
        raise CourseError(
            f"{lesson.name} has no exercises yet: add it to LESSONS in "
            "helpers/questions/__init__.py, and give it a folder with an __init__.py there and in "
            "autograder/exercises"
        )


def _taken(lesson: Lesson) -> set[str]:
    """The names that Python has, and those that the lesson's own cells import or define."""
    found = {*dir(builtins)}
    for cell in lesson.notebook().cells:
        if cell.cell_type != "code" or is_solution(cell):
            continue
        try:
            tree = ast.parse(str(cell.source))
        except SyntaxError:  # a line of IPython's own
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.alias):
                found.add(node.asname or node.name)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.add(node.name)
    return found


def files_of_exercise(course: Course, lesson: str, name: str) -> tuple[Path, Path, Path, Path]:
    """Its questions, its right answer, and both files of its page."""
    folder = LESSONS[lesson]
    answer = course.root / "autograder" / "exercises" / folder / f"{name}.py"
    return course.root / "helpers" / "questions" / folder / answer.name, answer, *files_of(answer)


def _enter(course: Course, lesson: Lesson, name: str) -> Path:
    """Add the name to the lesson's list, at its end; where that is."""
    path = course.root / "helpers" / "questions" / LESSONS[lesson.name] / "__init__.py"
    last = f'    "{names_in(lesson.name)[-1]}",\n'
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(last, f'{last}    "{name}",\n'), encoding="utf-8")
    return path


def unfilled(course: Course, name: str, lesson: str) -> Iterator[str]:
    """The places in an exercise's files that are still to be filled in; `rules` has its cells."""
    for path in files_of_exercise(course, lesson, name):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for number, line in enumerate(text.split("\n") if FILL_IN in text else (), 1):
            if FILL_IN in line:
                yield f"{path}:{number}: still to be filled in: {line.strip()}"
