"""A class in which everyone hands in differently, graded for real: nobody honest loses a point."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.classroom import Classroom, kept
from autograder.exercises import find
from autograder.runner import Options, Outcome, grade
from benchmarks.classes import EXERCISES, LESSON, answered, place, released, small_course
from tests.conftest import contained

pytestmark = contained

ALL = sum(find(name).points for name in EXERCISES)
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJg"
    "gg=="
)
HELPED = "def square(x):\n    return times(x, x)"
TIMES = "def times(a, b):\n    return a * b"


def code(source: str) -> dict:
    empty: dict = {"metadata": {}, "outputs": [], "execution_count": None}
    return {"cell_type": "code", "source": source, **empty}


def words(source: str, **more) -> dict:
    return {"cell_type": "markdown", "source": source, "metadata": {}, **more}


def text(cell: dict) -> str:
    return "".join(cell["source"])


def at(nb: dict, name: str) -> int:
    return next(k for k, cell in enumerate(nb["cells"]) if cell.get("id") == name)


def above(nb: dict, name: str, *cells: dict) -> None:
    """Put cells before the one of this id."""
    nb["cells"][at(nb, name) : at(nb, name)] = cells


def put(nb: dict, name: str, source: str) -> None:
    nb["cells"][at(nb, name)]["source"] = source


def helper_in_an_added_cell(nb, path):
    put(nb, "square", HELPED)
    above(nb, "square", code(TIMES))


def import_in_the_set_up(nb, path):
    put(nb, "square", "def square(x):\n    return operator.mul(x, x)")
    nb["cells"][1]["source"] = text(nb["cells"][1]) + "\nimport operator"


def set_up_that_fails(nb, path):
    nb["cells"][1]["source"] = "import a_package_that_is_missing\n" + text(nb["cells"][1])


def set_up_without_an_import(nb, path):
    nb["cells"][1]["source"] = "# I need none of it"


def cells_that_hang_and_raise(nb, path):
    above(
        nb, "square", code("while True:\n    pass"), code("1 / 0"), code("import os; os._exit(0)")
    )


def cells_that_flood(nb, path):
    above(nb, "square", *[code("for _ in range(900):\n    print('x' * 900)")] * 6)


def answer_behind_its_test(nb, path):
    put(nb, "square", '# YOUR CODE HERE\nraise NotImplementedError("not implemented yet")')
    nb["cells"].append(code(find("square").source))


def answer_in_pieces(nb, path):
    put(nb, "square", TIMES)
    above(nb, "test-square", code(HELPED))


def answers_in_one_cell(nb, path):
    put(nb, "square", find("square").source + "\n\n" + find("sigmoid").source)
    del nb["cells"][at(nb, "sigmoid")]


def helpers_behind_their_test(nb, path):
    put(nb, "square", HELPED)
    nb["cells"] += [code("def times(a, b):\n    return product(a, b)")]
    nb["cells"] += [code("def product(a, b):\n    return a * b")]


def file_beside(nb, path):
    (path.parent / "mytools.py").write_text(TIMES)
    (path.parent / "data").mkdir()
    (path.parent / "data" / "two.txt").write_text("2")
    put(nb, "square", "from mytools import times\n" + HELPED)
    above(nb, "square", code("assert open('data/two.txt').read() == '2'"))


def cells_that_act_before_a_process_ends(nb, path):
    """Each is needed, and binds no name that the answer uses."""
    (path.parent / "lib").mkdir()
    (path.parent / "lib" / "mytools.py").write_text(TIMES)
    put(nb, "square", "from mytools import times\nassert open('one.txt').read() == '1'\n" + HELPED)
    above(
        nb,
        "square",
        code("import sys"),
        code("sys.path.append('lib')"),
        code("with open('one.txt', 'w') as file:\n    file.write('1')"),
        code("import os; os._exit(0)"),
    )


def alarm_that_rings_later(nb, path):
    source = "import signal\n\ndef late(*_):\n    raise TimeoutError\n\n"
    source += "signal.signal(signal.SIGALRM, late)\nsignal.setitimer(signal.ITIMER_REAL, 0.05)"
    above(nb, "sigmoid", code(source))


def streams_that_are_gone(nb, path):
    put(nb, "square", find("square").source + "\nimport sys\nsys.stdout = sys.stderr = None")
    above(nb, "sigmoid", code("import sys\ndel sys.stdout, sys.stderr"))


def lines_for_a_shell(nb, path):
    before = (
        "!ls\n%matplotlib widget\n%pip install nothing-of-this-name\nfiles = !ls\n%no_such_magic\n"
    )
    before += "n = float(input('n? '))\nbreakpoint()\n"
    put(nb, "square", before + find("square").source + "\nexit()\nquit()")


def ids_and_marks_lost(nb, path):
    for cell in nb["cells"]:
        del cell["id"]
        cell["metadata"] = {}
    nb["nbformat_minor"] = 4


def pictures_and_words_of_ones_own(nb, path):
    pasted = {"a.png": {"image/png": PNG}}
    put(nb, "why", "See ![a](attachment:a.png)")
    nb["cells"][at(nb, "why")]["attachments"] = pasted
    nb["cells"].append(words("OF-MY-OWN ![a](attachment:a.png)", attachments=pasted))
    nb["cells"].append(code("print('PRINTED-BY-' + 'ME')"))


HONEST: list[Callable[[dict, Path], None]] = [
    helper_in_an_added_cell, import_in_the_set_up, set_up_that_fails, set_up_without_an_import,
    cells_that_hang_and_raise, cells_that_flood, answer_behind_its_test, answer_in_pieces,
    answers_in_one_cell, helpers_behind_their_test, file_beside,
    cells_that_act_before_a_process_ends, alarm_that_rings_later, streams_that_are_gone,
    lines_for_a_shell, ids_and_marks_lost, pictures_and_words_of_ones_own,
]  # fmt: skip


def missing_module(nb, path):
    put(nb, "square", "import torch\n\n" + find("square").source)


def syntax_error(nb, path):
    put(nb, "square", "def square(x:\n    return x * x")


def return_outside_of_the_function(nb, path):
    put(nb, "square", "y = 2\nreturn y * y")


def helper_that_failed(nb, path):
    put(nb, "square", HELPED)
    above(nb, "square", code("import torch\n\n" + TIMES))


def helper_that_hangs(nb, path):
    put(nb, "square", HELPED)
    above(nb, "square", code(TIMES + "\n\nwhile True:\n    pass"))


def helper_of_a_helper_that_failed(nb, path):
    put(nb, "square", HELPED)
    above(nb, "square", code("import torch as t"), code("one = t.ones(1)"), code(f"one\n\n{TIMES}"))


WHY_LOST = {
    missing_module: "ModuleNotFoundError: No module named 'torch'",
    syntax_error: "SyntaxError: ",
    return_outside_of_the_function: "SyntaxError: 'return' outside function",
    helper_that_failed: "your cell “import torch” failed: ModuleNotFoundError: No module",
    helper_that_hangs: "your cell “def times(a, b):” failed: time: it ran longer than 4 s",
    helper_of_a_helper_that_failed: "your cell “import torch as t” failed: ModuleNotFoundError",
}


def words_beside_a_blank_answer(nb, path):
    put(nb, "why", "*Your answer here.*")
    nb["cells"].append(words("Because it is so."))


def nothing_but_half_a_file(nb, path):
    nb["cells"] = "lost"


BY_HAND = [words_beside_a_blank_answer, nothing_but_half_a_file, pictures_and_words_of_ones_own]

EVERYONE = [*HONEST, *WHY_LOST, words_beside_a_blank_answer, nothing_but_half_a_file]


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> tuple[Classroom, Outcome]:
    course = small_course(tmp_path_factory.mktemp("taken"))
    blank = released(course)
    classroom = Classroom.of(course.root / "submitted", timeout=4)
    for student in EVERYONE:
        path = place(classroom.submitted, student.__name__)
        nb = answered(blank, {})
        student(nb, path)
        path.write_text(json.dumps(nb))
    return classroom, grade(course, classroom, [LESSON], Options(jobs=2))


def record(classroom: Classroom, student: Callable) -> dict:
    found = kept(classroom.record(student.__name__, LESSON, LESSON))
    assert found is not None
    return found


@pytest.mark.parametrize("student", HONEST, ids=lambda s: s.__name__)
def test_who_is_honest_loses_nothing(graded, student):
    found = record(graded[0], student)
    assert found["points"] == ALL, found["reasons"]


@pytest.mark.parametrize("student", WHY_LOST, ids=lambda s: s.__name__)
def test_the_first_thing_that_went_wrong_is_the_reason_and_costs_its_own_question(graded, student):
    found = record(graded[0], student)
    assert found["points"] == ALL - find("square").points
    assert found["marks"]["test-square"]["reason"].startswith(WHY_LOST[student])


@pytest.mark.parametrize("student", BY_HAND, ids=lambda s: s.__name__)
def test_what_may_be_an_answer_in_words_waits_for_a_person(graded, student):
    assert record(graded[0], student)["to_grade_by_hand"] == 3


def test_whoever_grades_sees_all_that_was_written(graded):
    classroom, _ = graded
    name = pictures_and_words_of_ones_own.__name__
    text = (classroom.autograded / name / LESSON / f"{LESSON}.ipynb").read_text()
    page = (classroom.feedback / name / LESSON / f"{LESSON}.html").read_text()
    for part in ("OF-MY-OWN", "PRINTED-BY-ME", PNG[:60]):
        assert part in text
        assert part in page
    assert text.count(PNG[:60]) == 2


def test_nothing_is_told_that_is_not_true(graded):
    told = {r.student: r.reasons for r in graded[1].results}
    assert told["ids_and_marks_lost"] == (
        "the file has lost the cells' ids: answers were found by what they define and where they "
        "stand",
    )
    assert told["helper_in_an_added_cell"] == ("you added 1 cell; it was run",)
    assert told["answer_behind_its_test"] == (
        "the answer square was found in another cell, by its name",
        "you added 1 cell; it was run",
    )
    assert not graded[1].unread
