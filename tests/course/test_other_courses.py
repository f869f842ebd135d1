"""Another nbgrader course: what is at fault in a source is told by cell, and stops no other one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.authoring.checking import check
from autograder.authoring.nbgrader_api import reason
from autograder.classroom import Classroom
from autograder.course import Course, CourseError, mark
from autograder.grading.release import release, settings


def cell(name: str, source: str, kind: str = "code", **marks) -> NotebookNode:
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    about = {"grade_id": name, "grade": False, "solution": False, "locked": False, "task": False}
    return make(source, metadata={"nbgrader": about | {"schema_version": 3} | marks})


def notebook() -> NotebookNode:
    solution = "### BEGIN SOLUTION\ny = 1\n### END SOLUTION"
    cells = [
        cell("y", solution, solution=True),
        cell("test-y", "assert y == 1", grade=True, locked=True, points=1),
    ]
    metadata = {"kernelspec": {"name": "python3", "language": "python", "display_name": "P"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def twin(book: NotebookNode) -> None:
    book.cells.append(cell("test-y", "", grade=True, locked=True, points=1))


def without_points(book: NotebookNode) -> None:
    del mark(book.cells[1])["points"]


def template(book: NotebookNode) -> None:
    book.cells[1].source = "### AUTOTEST y"


def no_end(book: NotebookNode) -> None:
    book.cells[1].source = "### BEGIN HIDDEN TESTS\nassert y"


def no_solution(book: NotebookNode) -> None:
    mark(book.cells[0])["solution"] = False


def older(book: NotebookNode) -> None:
    mark(book.cells[0])["schema_version"] = 1


def in_r(book: NotebookNode) -> None:
    book.metadata.kernelspec.language = "R"


def as_it_is(book: NotebookNode) -> None:
    pass


FAULTS: list[tuple[str, Callable[[NotebookNode], None], str]] = [
    ("twice", twin, "/hw.ipynb: cells 2 and 3 have one grade id, test-y: give each its own"),
    ("points", without_points, "/hw.ipynb: cell 2 (test-y): it is graded and has no points: give"),
    (
        "template",
        template,
        "/hw.ipynb: cell 2 (test-y): AUTOTEST needs the file autotests.yml: ",
    ),
    ("end", no_end, "/hw.ipynb: cell 2 (test-y): No end hidden tests statement found: mend this"),
    ("region", no_solution, "/hw.ipynb: cell 1 (y): Solution region detected in a non-solution"),
    ("older", older, "/hw.ipynb: an older nbgrader made it: run `nbgrader update` on it"),
    ("other", in_r, "/hw.ipynb: it is in R; only Python can be graded here"),
    ("a+b", as_it_is, ": nbgrader refuses this name"),
    ("1 [x]", as_it_is, ": nbgrader takes * ? [ ] in a name for a pattern: rename the folder"),
]


@pytest.fixture
def course(tmp_path) -> Course:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    put(tmp_path, "good", notebook())
    return Course(tmp_path)


def put(root: Path, name: str, book: NotebookNode) -> None:
    (root / "source" / name).mkdir(parents=True)
    nbformat.write(book, root / "source" / name / "hw.ipynb")


@pytest.fixture
def made(course):
    """Releases assignments, and gives what is at fault in them."""
    classroom = Classroom.of(course.root / "class" / "submitted")
    classroom.submitted.mkdir(parents=True)
    return lambda *names: release(course, classroom, settings(course, classroom), [*names])


@pytest.mark.parametrize(("name", "spoil", "said"), FAULTS, ids=[each[0] for each in FAULTS])
def test_a_fault_is_told_by_its_cell(course, name, spoil, said):
    book = notebook()
    spoil(book)
    put(course.root, name, book)
    (fault,) = check(course).faults
    assert fault.startswith(f"source/{name}{said}")


def test_files_beyond_the_limit_are_told_before_anyone_is_graded(course, made, monkeypatch):
    monkeypatch.setattr("autograder.course.LARGEST_FILES", 1000)
    put(course.root, "large", notebook())
    (course.root / "source" / "large" / "data.csv").write_bytes(bytes(2000))
    (fault,) = check(course).faults
    assert fault.startswith("source/large holds more than 0 MB beside notebooks; the largest file")
    assert made("good", "large") == {"large": fault}


def test_a_folder_that_is_a_link_is_told(course, tmp_path):
    """Nobody follows it: what students and tests read in it would be missing, and cost points."""
    put(course.root, "linked", notebook())
    (tmp_path / "data").mkdir()
    (course.root / "source" / "linked" / "data").symlink_to(tmp_path / "data")
    (course.root / "source" / "linked" / ".data").symlink_to(tmp_path / "data")  # nobody's either
    (fault,) = check(course).faults
    assert fault.startswith("source/linked/data: a link to a folder")


def test_what_is_at_fault_stops_no_other_assignment(course, made):
    book = notebook()
    twin(book)
    put(course.root, "twice", book)
    put(course.root, "a+b", notebook())
    told = check(course).faults
    assert made("a+b", "good", "twice") == {"a+b": told[0], "twice": told[1]}
    assert (course.root / "class" / "release" / "good" / "hw.ipynb").is_file()


def test_where_all_are_at_fault_nothing_is_done(course, made):
    put(course.root, "a+b", notebook())
    with pytest.raises(CourseError) as error:
        made("a+b")
    assert [str(error.value)] == check(course).faults


def test_a_course_in_order_has_no_fault(course):
    assert check(course).faults == []


def test_the_courses_own_delimiters_are_those_that_are_looked_for(course):
    config = course.root / "nbgrader_config.py"
    config.write_text("c = get_config()\nc.ClearHiddenTests.begin_test_delimeter = '#HID'\n")
    book = notebook()
    book.cells[1].source = "#HID\nassert y"
    put(course.root, "own", book)
    (fault,) = check(course).faults
    assert "No end hidden tests statement found" in fault


def test_of_nbgraders_log_the_first_cause_is_told():
    log = (
        "[INFO] Converting notebook /c/source/hw/one.ipynb\n"
        "[INFO] Converting notebook /c/source/hw/two.ipynb\n"
        "Traceback (most recent call last):\n  File \"x.py\", line 1, in f\n"
        "yaml.parser.ParserError: it is no YAML.\n\nDuring handling of the above:\n\n"
        "nbgrader.converters.base.NbGraderException: There was an error\n"
    )  # fmt: skip
    assert reason(log) == "it is no YAML, in /c/source/hw/two.ipynb"
    assert reason("something else\n") == "something else"
