"""The report's page and files: what is hostile is shown, what is old or missing is said."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from autograder.classroom import Classroom, Result, keep
from autograder.cli import main
from autograder.commands.report import tell
from autograder.course import CourseError
from autograder.exercises import find
from autograder.reporting import likeness_page
from autograder.reporting.findings import LessonReport
from autograder.reporting.mistakes import headings
from autograder.reporting.nameless import plain_for
from autograder.reporting.page import _in_short
from autograder.reporting.report import PAGE, write_report
from autograder.reporting.sheets import harmless, written
from autograder.reporting.term import Question
from benchmarks.classes import LESSON
from tests.conftest import ROOT

NOW = datetime(2026, 11, 1)
EVIL = "=cmd|' /C calc'!A0<script>alert(1)</script>"
VOID = {"meta", "line", "circle", "rect", "polyline", "br", "link"}


class Reader(HTMLParser):
    """Checks that every tag is closed, and keeps what could load or run something."""

    def __init__(self, page: str):
        super().__init__()
        self.open: list[str] = []
        self.odd: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            if name == "href":
                self.links.append(value)
            if name in ("src", "srcset") or name.startswith("on"):
                self.odd.append(f"{tag} {name}")
        if tag in ("script", "iframe", "object", "img", "link", "form"):
            self.odd.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def marks(**reasons: str) -> dict:
    """A record's marks of `sigmoid` and `Dense`, each right where no reason is given."""
    made = {}
    for name in ("sigmoid", "Dense"):
        of, why = find(name).points, reasons.get(name, "")
        made[f"test-{name}"] = {
            "points": 0.0 if why else of, "of": of, "reason": why, "seed": 1,
            "lost": [find(name).asked.questions[0].says] if why else [],
        }  # fmt: skip
    return made


def recorded(classroom: Classroom, student: str, found: dict, answer: str = "") -> None:
    """A record, and the graded notebook with this answer to `sigmoid`."""
    place = student, LESSON, LESSON
    result = Result(*place, 0.0, 1.0, 0.0, (), "made up")
    keep(classroom.record(*place), result, {"marks": found, "made": {}})
    about = {"grade_id": "sigmoid", "solution": True, "grade": False}
    cell = {"cell_type": "code", "source": answer, "metadata": {"nbgrader": about}}
    path = classroom.autograded / student / LESSON / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": [cell]}))


@pytest.fixture
def classroom(tmp_path):
    return Classroom.of(tmp_path / "submitted")


def made(classroom):
    report = write_report(classroom, [LESSON], classroom.folder / "report", NOW)
    return report, (classroom.folder / "report" / PAGE).read_text(encoding="utf-8")


def test_the_page_loads_nothing_and_its_links_lead_somewhere(term):
    read = Reader(term.page)
    assert not read.odd
    assert "default-src 'none'" in term.page
    assert "http" not in re.sub(r"http-equiv", "", term.page)
    assert all(link[0] == "#" and link[1:] in read.ids for link in read.links)
    assert len(read.ids) == len(set(read.ids))
    assert term.page.count('scope="row"') > 200
    assert term.page.count('role="img" aria-label="') == len(term.plan.lessons)


def test_examples_hold_no_name_of_a_student(term):
    codes = [unescape(code) for code in re.findall(r"<pre[^>]*>(.*?)</pre>", term.page, re.S)]
    assert len(codes) > 50
    assert [code for code in codes if "student" in code or "#" in code] == []
    mistake = term.report.common([term.report.latest])[0]
    assert f"def {mistake.question.name}" in mistake.example or "class" in mistake.example


def test_hostile_names_and_sentences_are_shown_and_do_nothing(classroom):
    recorded(classroom, "=cmd()<b>", marks(sigmoid=EVIL, Dense=EVIL), f"x = '''{EVIL}'''")
    recorded(classroom, "+1", marks(sigmoid=EVIL), "\0" * 10 + "((" * 5000)
    recorded(classroom, "\x1b[31m", marks(), "raise")
    report, page = made(classroom)
    assert not Reader(page).odd
    assert "=cmd()&lt;b&gt;" in page  # the name; no word of the sentence is ours
    assert "\x1b" not in page
    assert len(report.common(report.lessons)[0].students) == 2
    for path in (classroom.folder / "report").glob("*.csv"):
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))):
            odd = [cell for cell in row if cell.strip()[:1] in {"=", "+", "@", "-"}]
            assert all(map(number, odd)), odd


def number(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell) is not None


FORMULAS = [
    "=1+1", "+a", "-a", "@a", "\t=1", " =1", "\n@a", "\uff1d1+1", "\uff20SUM(1)", "\ufe621",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_compute_is_a_text(text):
    assert harmless(text)[0] == "'"
    assert likeness_page.harmless(text)[0] == "'"
    assert written(["a", "b"], [[-0.25, text[-2:]]]).startswith("a,b\n-0.25,")


def test_a_known_mistake_is_named_and_numbers_in_errors_do_not_part_equals(classroom):
    wrong = find("sigmoid").page.wrong[0]
    for k in range(3):
        recorded(classroom, f"known-{k}", marks(sigmoid=wrong.says), wrong.source)
        said = f"ValueError: shapes ({k},) and [{k}. 1.5 -2e-3] differ"
        recorded(classroom, f"error-{k}", marks(sigmoid=said), "def sigmoid(z): return z[9]")
    report, page = made(classroom)
    sigmoid, dense = report.lessons[0].questions
    assert [(len(m.students), m.heading) for m in sigmoid.mistakes] == [
        (3, ""),
        (3, wrong.name),
    ] or [(len(m.students), m.heading) for m in sigmoid.mistakes] == [(3, wrong.name), (3, "")]
    assert dense.mistakes == []
    assert page.count(wrong.says) >= 2
    assert headings("no such exercise") == {}


def test_a_blank_answer_is_a_zero_and_an_empty_notebook_is_not(classroom):
    blank = "{} is not implemented yet: write your code"
    recorded(classroom, "some", marks(sigmoid=blank.format("sigmoid")))
    recorded(classroom, "all", marks())
    recorded(classroom, "none", marks(sigmoid=blank.format("sigmoid"), Dense=blank.format("Dense")))
    report, page = made(classroom)
    (lesson,) = report.lessons
    sigmoid = lesson.questions[0]
    assert (sigmoid.count, sigmoid.blank, sigmoid.mean, sigmoid.mistakes) == (2, 1, 0.5, [])
    assert lesson.empty == ["none"]
    assert "1 handed in without any answer: none" in page


def test_records_of_an_earlier_grader_are_read_and_said_to_be_so(classroom):
    old = marks(sigmoid="It is wrong.")
    for mark in old.values():
        del mark["lost"]
    recorded(classroom, "one", old)
    report, page = made(classroom)
    assert report.lessons[0].questions[0].properties is None
    assert "Grade the lesson again" in page


def test_what_is_handed_in_and_not_graded_is_neither_missing_nor_there(classroom):
    recorded(classroom, "graded", marks())
    (classroom.submitted / "waits" / LESSON).mkdir(parents=True)
    report, page = made(classroom)
    (lesson,) = report.lessons
    assert (lesson.ungraded, lesson.missing) == (["waits"], [])
    assert "1 handed in and not graded yet: run autograder grade: waits" in page


def test_of_a_small_class_no_question_is_judged(classroom):
    for k in range(9):
        recorded(classroom, f"s{k}", marks(sigmoid="It is wrong." if k % 2 else ""))
    report, page = made(classroom)
    assert all(q.discrimination is None for q in report.questions)
    assert "None that these numbers can tell." in page
    assert "cannot be told" in page


def in_short(late=0, missing=0, shares=(0.75, 0.75), means=()) -> str:
    """What is said of a lesson that three students handed in."""
    works = [SimpleNamespace(is_late=k < late, waits=0) for k in range(3)]
    names = (Question("01", "01", f"q{k}") for k in range(99))
    asked = [SimpleNamespace(mean=m, question=q) for m, q in zip(means, names, strict=False)]
    lesson = LessonReport("01", works, list(shares), 9, ["x"] * missing, [], [], [], asked)
    report = SimpleNamespace(students=works + ["x"] * missing)
    return re.sub(r"<.*?>", "", _in_short(report, lesson))


def test_a_lesson_in_short_says_of_whom_it_speaks():
    assert in_short(late=1, missing=1) == (
        "3 of 4 students handed it in, 1 of them late; 1 did not, though it was due. "
        "On average the 2 with graded answers earned 75 % of the points."
    )
    assert "On average they earned 50 % of" in in_short(shares=(0.25, 0.5, 0.75))
    assert in_short(shares=()) == "3 of 3 students handed it in."
    assert "Hardest: q1, 25 % of its points." in in_short(means=(0.5, 0.251, None))
    assert "Hardest: q1, q2, 25 % of the points of each." in in_short(means=(0.5, 0.251, 0.25))
    many = in_short(means=(0.67,) * 10 + (0.9,))
    assert "10 questions are the hardest, with 67 % of the points of each." in many


def test_where_no_time_is_known_one_sentence_says_so(classroom, term):
    recorded(classroom, "one", marks())
    _, page = made(classroom)
    assert "That is not known of any lesson" in page
    assert "the last hour" not in page
    assert "the last hour" in term.page


def test_where_nothing_is_graded_one_sentence_says_so(classroom):
    with pytest.raises(CourseError, match="run autograder grade first"):
        write_report(classroom, [LESSON], classroom.folder / "report", NOW)


SAID = "asked Jane Doe, jane.doe@uni.example, 1234567"
NAMED = f"""# Jane Doe
import jane.doe as jd
author = "Jane Doe"
def sigmoid(z, *, jane=1):
    '''Jane Doe'''
    global Jane
    by_JaneDoe = f"Jane {{z}}" + b"Jane".decode()
    z.jane_doe(jane=1234567)
    raise ValueError({SAID!r})
"""


@pytest.mark.parametrize("source", [NAMED, NAMED + ")"])
def test_an_example_is_code_without_names_texts_and_comments(source):
    code = plain_for([], []).code(source)
    assert not re.search("jane|doe|1234567", code, re.IGNORECASE)
    assert "def sigmoid(z, *, name" in code
    assert "raise ValueError('…')" in code


def test_what_is_the_courses_stays(tmp_path):
    path = tmp_path / "lesson.ipynb"
    path.write_text(json.dumps({"cells": [{"source": ["way_of_ours = 'a text of ours'"]}]}))
    source = "way_of_ours = 'a text of ours'\ngradient = np.zeros(3) + 100000"
    assert plain_for([path], ["gradient"]).code(source) == source
    assert plain_for([path], ["way_of_ours"]).code(source).startswith("name1 = ")


def test_sentences_hold_no_words_of_students_own(classroom, capsys):
    line = f"raise ValueError({SAID!r})"
    said = f"sigmoid(1.5) raised ValueError: {SAID}\n  in line 2 of its cell: {line}"
    recorded(classroom, "jdoe", marks(sigmoid=said), NAMED)
    recorded(classroom, "liwang", marks(sigmoid=said.replace("Jane", "Liwang")), NAMED)
    report, page = made(classroom)
    tell(report)
    shown = capsys.readouterr().out + (classroom.folder / "report" / "mistakes.csv").read_text()
    (mistake,) = report.lessons[0].questions[0].mistakes
    assert mistake.says.startswith("sigmoid(1.5) raised ValueError: ")
    assert len(mistake.students) == 2
    for name in ("Jane", "Liwang", "Doe", "uni.example", "1234567"):
        assert name not in page
        assert name not in shown


@pytest.mark.parametrize(
    "text",
    [
        "f raised ValueError: operands could not be broadcast together with shapes (3,) (4,)",
        "sigmoid(2.0) raised TypeError: can only concatenate list (not int) to list",
        "it is wrong where `x` is not 0, and right elsewhere",
    ],
)
def test_sentences_of_ours_and_of_pythons_stay(text):
    assert plain_for([], ["jdoe"]).sentence(text) == text


def test_the_command_says_the_most_common_mistakes(term, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    options = ["--submitted", str(term.classroom.submitted), "--to", str(tmp_path / "made")]
    assert main(["report", "01", "2", *options]) == 0
    said = capsys.readouterr().out
    assert term.plan.common["02-numerical-gradient"][1] in said
    page = (tmp_path / "made" / PAGE).read_text(encoding="utf-8")
    assert "02-numerical-gradient" in page
    assert "03-sigmoid-rule" not in page
    assert len(list((tmp_path / "made").glob("*.csv"))) == 7
