"""`autograder check`: each fault that an instructor can make is told by file and line, at once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbgrader.converters import GenerateAssignment

from autograder import runner
from autograder.authoring import built
from autograder.authoring.checking import Scope, check
from autograder.authoring.nbgrader_api import configuration, convert
from autograder.cli import COMMANDS, main
from autograder.course import Course, CourseError, give_points
from tests.autograder.handed_in import put
from tests.conftest import ROOT, edit

SQUARE = "autograder/exercises/derivatives/square"
PLAIN_TEST = """
```{code-cell}
---
nbgrader:
  grade: true
  grade_id: thrice
  locked: true
  points: 2
  schema_version: 3
  solution: false
  task: false
tags: [plain]
---
assert double(3) == 6
### BEGIN HIDDEN TESTS
assert double(4) == 8
### END HIDDEN TESTS
```
"""


def found(course: Course, **scope) -> list[str]:
    return check(course, Scope(**scope)).faults


def line_of(path: Path, text: str) -> int:
    return next(i for i, line in enumerate(path.read_text().split("\n"), 1) if text in line)


# --- A course's own sources ---------------------------------------------------------------------


@pytest.fixture
def plain(small: Course) -> Course:
    """The small lesson as it may be without a bank: its test cell is plain."""
    path = small.lesson("01").path
    text = path.read_text()
    begin = text.index("```{code-cell}\n---\nnbgrader:\n  grade: true")
    end = text.index("```{code-cell}\nplt")
    path.write_text(text[:begin] + PLAIN_TEST.lstrip() + "\n" + text[end:])
    return small


def test_a_course_in_order_has_no_fault_and_plain_cells_are_told(plain, monkeypatch, capsys):
    monkeypatch.chdir(plain.root)
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    line = line_of(plain.lesson("01").path, "grade: true") - 3
    assert f"note: source/01-small/01-small.md:{line}: cell 4 (thrice): graded by its own" in said
    assert "not proof against tampering" in said
    assert "The course is in order." in said


def test_a_test_without_an_entry_in_the_bank_is_refused_unless_it_is_plain(small):
    (fault,) = found(small)
    line = line_of(small.lesson("01").path, "grade: true") - 3
    assert fault.startswith(f"source/01-small/01-small.md:{line}: cell 4 (test-double): the bank")
    assert "tags: [plain]" in fault


def test_a_plain_cell_has_points_and_asks_no_judge(plain):
    edit(plain, "  points: 2\n", "")
    edit(plain, "assert double(3) == 6", 'award("double", double)')
    assert [re.sub(r".*\): ", "", line) for line in found(plain)] == [
        "a graded cell needs points above 0, not None",
        "a cell with the tag 'plain' gives its own points: drop award(...)",
    ]


def test_lessons_are_written_with_nbgraders_own_marks(plain):
    """With others it would release what stands between those of the lesson."""
    with (plain.root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.ClearHiddenTests.begin_test_delimeter = '#HID'\n")
    (fault,) = found(plain)
    assert fault.startswith("nbgrader_config.py: ClearHiddenTests.begin_test_delimeter: lessons")


BROKEN: dict[str, tuple[str, str, str, str]] = {
    "yaml": ("  grade_id: double\n", "  grade_id: 'double\n", "grade_id: 'double", "no YAML"),
    "flat": ("nbgrader:\n  grade: false", "just words", "just words", "no YAML"),
    "json": ('"grade_id": "why",', '"grade_id": "why"', '"grade_id": "why"', "no JSON: Expecting"),
    "fence": ("END SOLUTION\n```", "END SOLUTION", "grade: false", "never closed by ```"),
    "last": ("double(1)]);\n```", "double(1)]);", "plt.plot(", "never closed by ```"),
    "head": ("name: python3", "name: [python3", "display_name", "no YAML"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_text_that_is_no_notebook_is_told_by_its_line(plain, case):
    old, new, there, reason = BROKEN[case]
    edit(plain, old, new)
    faults = found(plain)
    number = line_of(plain.lesson("01").path, there)
    told = [int(fault.split(":")[1]) for fault in faults]
    assert all(reason in fault for fault in faults), faults
    assert len(told) == 1
    assert number - 3 <= told[0] <= number + 1, (told, number)


def test_words_in_another_encoding_are_told_by_their_line(plain):
    path = plain.lesson("01").path
    line = line_of(path, "Twice x")
    path.write_bytes(path.read_text().replace("Twice x", "Twiçe x").encode("latin-1"))
    (fault,) = found(plain)
    assert fault == f"source/01-small/01-small.md:{line}: no UTF-8: save it as that"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        ("2-two/2-two.md", "source/2-two: a lesson's folder is named as 01-derivatives"),
        ("02-Two/02-Two.md", "source/02-Two: a lesson's folder is named as"),
        ("02-two/02-tow.md", "source/02-two: it has no 02-two.md: rename 02-tow.md"),
        ("02-two.md", "source/02-two.md: a lesson lies in a folder of its own"),
        ("01-more/01-more.md", "source/01-small: another lesson has the number 01 too"),
        ("01-small/01-small.ipynb", "source/01-small/01-small.ipynb: a lesson's source is"),
    ],
)
def test_a_name_that_no_command_would_find_is_told(plain, make, told):
    path, text = plain.source / make, plain.lesson("01").text()
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert any(fault.startswith(told) for fault in found(plain)), found(plain)


def test_one_lesson_is_looked_at_alone(plain):
    shutil.copytree(plain.source / "01-small", plain.source / "02-two")
    (plain.source / "02-two" / "01-small.md").rename(plain.source / "02-two" / "02-two.md")
    assert found(plain) == []
    edit(plain, "Twice x.", "FILL IN")
    assert found(plain, lessons=("2",)) == []
    assert "still says 'FILL IN'" in found(plain, lessons=("1",))[0]


# --- What was made of them ----------------------------------------------------------------------


def released(course: Course) -> Path:
    """The lesson as nbgrader releases it."""
    convert(GenerateAssignment, configuration(course), "01-small")
    return course.notebooks / "01-small" / "01-small.ipynb"


def change(path: Path, change: Callable[[nbformat.NotebookNode], None]) -> None:
    notebook = nbformat.read(path, 4)
    change(notebook)
    nbformat.write(notebook, path)


def reword(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[0].source += " Edited."


def answer(notebook: nbformat.NotebookNode) -> None:
    cell = next(c for c in notebook.cells if c.id == "double")
    cell.source = cell.source.replace("raise NotImplementedError", "return 2 * x  # ")


def price(notebook: nbformat.NotebookNode) -> None:
    next(c for c in notebook.cells if c.id == "thrice").metadata.nbgrader.points = 5


def drop(notebook: nbformat.NotebookNode) -> None:
    del notebook.cells[-1]


@pytest.mark.parametrize("how", [reword, answer, price, drop])
def test_a_release_that_is_not_what_the_source_makes_is_told(plain, how):
    path = released(plain)
    assert found(plain) == []
    change(path, how)
    (fault,) = found(plain)
    assert fault.startswith("notebooks/01-small/01-small.ipynb: ")
    assert "run `autograder build 01-small`" in fault
    assert found(plain, released=False) == []


def test_a_source_that_was_not_built_is_told(plain):
    released(plain)
    edit(plain, "# A small lesson", "# Another")
    (fault,) = found(plain)
    assert "is not what source/01-small/01-small.md:12 makes" in fault


def test_a_question_that_is_new_in_the_source_is_told(plain):
    path = released(plain)
    which = [cell.id for cell in nbformat.read(path, 4).cells].index("thrice")
    change(path, lambda notebook: notebook.cells.pop(which))
    (fault,) = found(plain)
    assert "is not in it yet: run `autograder build 01-small`, or remove it" in fault


def run_in_lab(notebook: nbformat.NotebookNode) -> None:
    """What Lab writes when a notebook is opened and run, and nothing else."""
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.cells[1].execution_count = 3
    notebook.cells[1].metadata["execution"] = {"iopub.execute_input": "now"}


def test_what_is_edited_where_formgrader_leads_is_kept_and_never_released(plain):
    path = released(plain)
    source = built.place(plain, plain.lesson("01"))
    change(source, run_in_lab)
    assert found(plain) == []

    change(source, lambda nb: nb.cells[2].update(source=nb.cells[2].source + "\n# mended"))
    edited = source.read_bytes()
    for _ in range(2):
        (fault,) = found(plain, released=False)
        assert fault.startswith(".build/source/01-small/01-small.ipynb: it was edited here")
        line = line_of(plain.lesson("01").path, "grade: false") - 3
        assert f"bring the change into source/01-small/01-small.md:{line}, delete this" in fault
        with pytest.raises(CourseError, match="it was edited here"):
            convert(GenerateAssignment, configuration(plain), "01-small")
        assert source.read_bytes() == edited
    edit(plain, "A small lesson", "A small lesson, changed")
    assert found(plain)
    assert source.read_bytes() == edited
    assert not path.exists()
    source.unlink()
    assert released(plain).exists()
    assert found(plain) == []


def test_whoever_asks_nbgrader_for_a_release_gets_what_the_source_makes(plain):
    """As Formgrader does, which read the course's settings when it was started."""
    released(plain)
    config = configuration(plain)
    edit(plain, "# A small lesson", "# Written since")
    convert(GenerateAssignment, config, "01-small")
    text = (plain.notebooks / "01-small" / "01-small.ipynb").read_text()
    assert "# Written since" in text


# --- The rule for late work ---------------------------------------------------------------------

RULE = """
from nbgrader.plugins import BasePlugin


class Half(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 2
"""


def name_rule(course: Course, name: str) -> int:
    path = course.root / "nbgrader_config.py"
    path.write_text(path.read_text() + f'\nc.AssignLatePenalties.plugin_class = "{name}"\n')
    return line_of(path, "plugin_class")


def test_a_rule_beside_the_config_is_found_and_one_that_is_not_there_is_told(plain, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    module = f"late_{os.getpid()}"
    line = name_rule(plain, f"{module}.Half")
    (fault,) = found(plain)
    assert fault.startswith(f"nbgrader_config.py:{line}: {module}.Half cannot be loaded")
    assert found(plain, late=False) == []
    (plain.root / f"{module}.py").write_text(RULE)
    assert found(plain) == []


def test_a_config_that_fails_is_told_by_its_line(plain):
    path = plain.root / "nbgrader_config.py"
    path.write_text(path.read_text() + "\nimport there_is_no_such_module\n")
    (fault,) = found(plain)
    line = line_of(path, "there_is_no_such_module")
    assert fault.startswith(f"nbgrader_config.py:{line}: ModuleNotFoundError: No module named")


def test_settings_that_only_nbgraders_own_commands_follow_are_told(plain):
    with (plain.root / "nbgrader_config.py").open("a") as config:
        for name, value in (("submitted", "submitted"), ("feedback", "pages")):
            config.write(f"\nc.CourseDirectory.{name}_directory = {value!r}\n")
    (told,) = (note for note in check(plain).notes if "CourseDirectory" in note)
    assert told.startswith("nbgrader_config.py: CourseDirectory.feedback_directory is not followed")


# --- Who asks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["build"], ["grade"], ["check"]])
def test_build_and_grade_stop_with_every_fault_before_they_do_anything(
    plain, monkeypatch, capsys, command
):
    edit(plain, "  points: 2\n", "")
    edit(plain, '"points": 3', '"points": -1')
    put(plain.root / "submitted", "amy/01-small/01-small.ipynb")
    monkeypatch.chdir(plain.root)
    before = sorted(p for p in plain.root.rglob("*") if ".build" not in p.parts)
    assert main(command) == 1
    said = "".join(capsys.readouterr())
    assert said.count("needs points above 0") == 2
    after = sorted(p for p in plain.root.rglob("*") if ".build" not in p.parts)
    assert [p for p in after if p.name != ".secret"] == before


def test_a_lesson_that_nobody_handed_in_may_be_half_written(plain, monkeypatch, capsys):
    other = plain.source / "02-more" / "02-more.md"
    other.parent.mkdir()
    text = plain.lesson("01").path.read_text()
    other.write_text(text.replace("  points: 2\n", "").replace('"points": 3', '"points": -1'))
    put(plain.root / "submitted", "amy/01-small/01-small.ipynb")
    monkeypatch.chdir(plain.root)
    monkeypatch.setattr(runner, "release", nothing_more)
    for command, told in ((["grade", "--dry-run"], REACHED), (["check"], "points above 0")):
        assert main(command) == 1
        assert told in "".join(capsys.readouterr())
    put(plain.root / "submitted", "amy/02-more/02-more.ipynb")
    assert main(["grade", "--dry-run"]) == 1
    assert "needs points above 0" in capsys.readouterr().err


REACHED = "the release is next"


def nothing_more(*_) -> None:
    raise CourseError(REACHED)


def test_this_course_is_in_order_but_for_what_is_built(course):
    """What was built is compared byte by byte in test_house."""
    assert check(course, Scope(released=False)).faults == []
    assert "check" in COMMANDS


def test_points_stand_with_the_questions_alone(course):
    for lesson in course.lessons():
        notebook = lesson.notebook()
        judged = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
        judged = [c for c in judged if c.cell_type == "code"]
        assert judged
        assert not any("points" in c.metadata.nbgrader for c in judged)
        give_points(notebook)
        assert all(c.metadata.nbgrader.points > 0 for c in judged)


def test_the_bank_is_that_of_the_course_in_whose_folder_one_stands(tmp_path):
    """With another copy's `autograder` first on the path, as after `pip install` elsewhere."""
    ignored = shutil.ignore_patterns("__pycache__", "explorers", "record", "front")
    for folder in ("autograder", "helpers", "source"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copytree(ROOT / "helpers" / "explorers", tmp_path / "helpers" / "explorers")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    page = tmp_path / f"{SQUARE}.md"
    page.write_text(page.read_text() + "\n### without a block\n\nA sentence.\n")
    told = subprocess.run(
        [sys.executable, "-c", "from autograder.cli import main; exit(main())", "check", "1"],
        cwd=tmp_path / "source",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 1, told
    assert f"this course's own bank and rules are used, those in {tmp_path}" in told.stderr
    assert (
        f"{SQUARE}.md:{line_of(page, '### without')}: 'without a block' needs a block"
        in told.stdout
    )


def test_where_the_course_cannot_have_its_own_bank_it_says_so(plain, monkeypatch, capsys):
    own = plain.root / "autograder"
    own.mkdir()
    (own / "cli.py").write_text("")
    monkeypatch.setenv("DOWNHILL_COURSE", str(plain.root))
    monkeypatch.chdir(plain.root)
    assert main(["check"]) == 1
    assert (
        f"the bank of this course is in {own}, and Python takes that in" in capsys.readouterr().err
    )
