"""Copies come first, honest pairs stay below, and what is said of a pair is so."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from argparse import Namespace
from dataclasses import replace

import pytest

from autograder.classroom import Classroom
from autograder.commands.likeness import run
from autograder.course import Course
from autograder.exercises import find
from autograder.reporting.likeness import Known, likeness
from autograder.reporting.likeness_page import TOGETHER, Lesson, harmless, page, table
from autograder.reporting.trees import parts
from benchmarks.classes import answered, released, small_course
from benchmarks.likeness import copied, known_of, made_class, on_top, questions_of
from helpers import questions
from helpers.questions import names_in

LESSONS = list(questions.LESSONS)

SUM = """\
def total(x, y):
    s = 0
    for i in range(len(x)):
        s += x[i] * y[i]
    if s > 1.0:
        return np.abs(s)
    return s
"""
SAME = {
    "names": SUM.replace("s ", "acc ").replace("(s)", "(acc)").replace("return s", "return acc"),
    "comments": SUM.replace("s = 0\n", "s = 0  # begin\n    # then\n\n"),
    "numbers": SUM.replace("1.0", "1").replace("s = 0", "s = 0.0"),
    "long form": SUM.replace("s += x[i] * y[i]", "s = x[i] * y[i] + s"),
    "turned": SUM.replace("s > 1.0", "1.0 < s"),
    "printing": SUM.replace("    if s", "    print(s)\n    if s"),
    "documented": SUM.replace("    s = 0\n", '    "Adds up."\n    s: float = 0\n'),
}


def weights(lessons: list[str], students: int, seed: int, copies: int = 5):
    names = [name for lesson in lessons for name in names_in(lesson)]
    answers, pairs = made_class(names, students, copies, seed, part=1.0)
    return likeness(questions_of(answers, known_of(names)), 40), pairs


@pytest.mark.parametrize("what", SAME)
def test_what_only_looks_different_has_the_same_parts(what):
    assert SAME[what] != SUM
    assert parts(SAME[what]).keys() == parts(SUM).keys()


@pytest.mark.parametrize(
    "source",
    [
        SUM.replace("x[i] * y[i]", "x[i] - y[i]"),
        SUM.replace("np.abs", "np.sum"),
        SUM.replace("x[i] * y[i]", "x[i] * x[i]"),
        SUM.replace("1.0", "1.5"),
    ],
)
def test_what_means_something_else_has_other_parts(source):
    shared = parts(source).keys() & parts(SUM).keys()
    assert 0 < len(shared) < len(parts(SUM))


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5000,
        "1+" * 15000 + "1",
        "-" * 30000 + "1",
        "x." * 20000 + "y",
        "lambda:" * 3000 + "1",
        "[" * 90 + "]" * 90,
        "\0\ud800",
        "f'{" * 2000,
        "x = 1\n" * 200_000,
    ],
)
def test_every_text_has_an_end(source):
    assert len(parts(source)) <= 8000


def test_an_answer_that_cannot_be_parsed_is_compared_all_the_same():
    broken = SUM.replace("return np.abs(s)", "return np.abs(s")
    renamed = broken.replace("x", "left").replace("y", "right")
    other = "def total(x, y)\n    return sum(a * b for a, b in zip(x, y))"
    assert len(parts(broken).keys() & parts(renamed).keys()) > 0.9 * len(parts(broken))
    assert len(parts(broken).keys() & parts(other).keys()) < 0.1 * len(parts(broken))


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_five_copies_among_thirty_come_first(seed):
    """Over two lessons; what one lesson tells is shown by `benchmarks/likeness.py`."""
    found, copies = weights(LESSONS[:2], 30, seed)
    assert on_top(found, copies) == 5


def test_a_class_without_copies_has_no_pair_far_above_chance():
    found, _ = weights(LESSONS[:1], 30, 5, copies=0)
    assert found.pairs[0].bits < 1.3 * max(found.chance)


def test_what_the_course_gave_and_what_all_write_weighs_nothing():
    stub = "def f(x):\n    y = np.zeros(len(x) + 1)\n    ...\n"
    same = {f"s{k}": find("square").source for k in range(20)}
    given = {f"s{k}": stub for k in range(20)}
    known = {"square": Known(find("square").source), "f": Known(stub=stub)}
    found = likeness(questions_of({"square": same, "f": given}, known))
    assert all(pair.bits < 1 for pair in found.pairs)
    assert all(each.exercise == "square" for pair in found.pairs for each in pair.exercises)


def test_a_known_mistake_weighs_less_than_one_of_their_own():
    mistake = find("gradient_descent").page.wrong[0].source
    own = mistake.replace("path.append(", "path.append(0.5 * x + 0.5 * ").replace(
        "+ 0.5 * x -", "-"
    )
    known = known_of(["gradient_descent"])

    def bits(source: str) -> float:
        others = {f"o{k}": find("gradient_descent").source for k in range(28)}
        answers = {"gradient_descent": others | {"a": source, "b": source}}
        found = likeness(questions_of(answers, known))
        return next(p.bits for p in found.pairs if {p.first, p.second} == {"a", "b"})

    assert bits(own) > 1.2 * bits(mistake) > 0


# --- The page and the table -----------------------------------------------------------------------

HOSTILE = "</pre><script>alert(1)</script>"


@pytest.fixture(scope="module")
def told() -> Lesson:
    names = list(names_in(LESSONS[0]))
    answers, _ = made_class(names, 30, 0, 5)
    for name in names:
        if name in answers and "student-0001" in answers[name]:
            answers[name]["=1+1"] = copied(random.Random(name), answers[name]["student-0001"])
    answers[names[0]]["=1+1"] += f"# {HOSTILE}\n"
    reasons = {names[1]: dict.fromkeys(("student-0001", "=1+1", "student-0002"), f"odd {HOSTILE}")}
    return Lesson("01", likeness(questions_of(answers, known_of(names))), reasons)


def test_the_page_shows_the_copy_first_with_reasons_for_and_against(told):
    shown = page([told])
    first = re.search(r"<details><summary>.*?</summary>.*?(?=<details)", shown, re.DOTALL)
    assert first
    assert "=1+1 and student-0001" in first[0]
    assert "above chance" in first[0]
    for sentence in (
        "answers that both gave are alike",
        "The same mistake in",
        "(1 other)",
        "Others wrote the very same",
        "students come to them by themselves",
    ):
        assert sentence in first[0], sentence
    assert "<mark>" in shown
    assert "<script" not in shown
    assert "default-src 'none'" in shown


def test_all_lessons_together_are_not_one_more(told):
    twice = [replace(told, name="01"), replace(told, name="02")]
    every = [replace(told, name=TOGETHER), *twice]
    assert "more than one lesson" not in page(every[:2])
    assert "student-0001: 01, 02</li>" in page(every)


def test_the_table_holds_a_line_for_each_pair_and_no_formula(told):
    rows = list(csv.DictReader(io.StringIO(table([told]))))
    assert len(rows) == len(told.likeness.pairs)
    assert "'=1+1" in rows[0].values()
    for text in ("=1", "+1", "-1", "@a", "\t=1"):
        assert harmless(text)[0] not in "=+-@\t"


def test_the_command_reads_what_was_graded(tmp_path, monkeypatch, capsys):
    course = small_course(tmp_path)
    blank = released(course)
    odd = "def square(x):\n    y = np.array([x, x])\n    return y.prod() + 0 * y.sum()\n"
    for k in range(8):
        notebook = answered(blank, {"square": odd.replace("y", "ab"[k])} if k < 2 else {})
        if k == 1:  # in a cell of the student's own
            cell = next(c for c in notebook["cells"] if odd[:10] in "".join(c["source"]))
            own = {"cell_type": "code", "metadata": {"own": True}, "source": cell["source"]}
            notebook["cells"].append(own)
            cell["source"] = next(c["source"] for c in blank["cells"] if c["id"] == cell["id"])
        path = tmp_path / "autograded" / f"s{k}" / "01-small" / "01-small.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook))
    (path.parent / "other.ipynb").symlink_to(path)
    room = Classroom.of(tmp_path / "submitted")
    release = room.release / "01-small" / "01-small.ipynb"
    release.parent.mkdir(parents=True)
    release.write_text(json.dumps(blank))
    options = Namespace(lessons=[], submitted=tmp_path / "submitted", pairs=3)
    assert run(Course(tmp_path), options) == 0
    assert "8 students" in capsys.readouterr().out
    rows = list(csv.DictReader((tmp_path / "report" / "likeness.csv").open()))
    assert (rows[0]["first"], rows[0]["second"]) == ("s0", "s1")
    assert rows[0]["oddest exercises"].startswith("square")
