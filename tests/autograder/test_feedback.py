"""A page always comes, in time: the usual one, or a plain one that holds every verdict."""

from __future__ import annotations

import json
import re

import nbformat
import pytest
from traitlets.config import Config

from autograder.authoring.nbgrader_api import hidden
from autograder.exercises import find
from autograder.grading import feedback
from autograder.grading import page as maker
from autograder.grading.attempts import as_written
from autograder.grading.envelope import Envelope
from autograder.grading.feedback import ForReading, Given, Pages
from autograder.grading.inbox import Submission
from autograder.grading.sheet import without_hidden
from autograder.grading.work import shown
from autograder.judge import nothing
from autograder.playing import render
from autograder.playing.patience import within
from helpers.explorers.page import SCRIPT
from tests.autograder.pictures import png

ABOUT = {"student": "ann", "assignment": "R&D", "notebook": "R&D <1>"}
NOTHING = Given()
HIDDEN = "x = 1\n### BEGIN HIDDEN TESTS\nassert canary\n### END HIDDEN TESTS\ny = 2"


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages()


def graded(name: str, source: str, kind: str = "code", **metadata: object) -> nbformat.NotebookNode:
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[kind]
    about = {"grade": False, "solution": False, "locked": True, "grade_id": name, **metadata}
    return make(source, metadata={"nbgrader": {"schema_version": 3, **about}})


def notebook(*answers: nbformat.NotebookNode) -> str:
    """One exercise that is wrong, and these answers, as JSON."""
    test = graded("test-square", HIDDEN, grade=True, points=2)
    test.outputs = [shown(nothing(find("square"), "it is <wrong>", 7))]
    return json.dumps(nbformat.v4.new_notebook(cells=[*answers, test]))


def made(pages: Pages, *answers: nbformat.NotebookNode, given: Given = NOTHING) -> str:
    return pages.page(notebook(*answers), {"test-square": 0.5}, given, ABOUT)


def test_the_courses_own_marks_and_mark_schemes_are_in_no_page():
    """Those that nbgrader is set to, and nothing between them."""
    config = Config()
    config.ClearHiddenTests.begin_test_delimeter = "#HID"
    config.ClearHiddenTests.end_test_delimeter = "#DIH"
    test = graded("test-square", "x = 1\n#HID\nassert canary\n#DIH\ny = 2", grade=True, points=2)
    scheme = "Do it.\n### BEGIN MARK SCHEME\ncanary\n### END MARK SCHEME"
    task = graded("do", scheme, "markdown", task=True, points=5)
    text = json.dumps(nbformat.v4.new_notebook(cells=[task, test]))
    page = Pages(hidden(config)).page(text, {"test-square": 1.0, "do": None}, NOTHING, ABOUT)
    assert "Do it." in page
    assert "canary" not in page
    assert "#HID" not in page
    assert "MARK SCHEME" not in page
    for_nbgraders_own, _ = ForReading(config=config).preprocess(nbformat.reads(text, 4), {})
    assert "canary" not in str(for_nbgraders_own)


def test_an_attempt_that_is_read_from_our_copy_shows_no_more(tmp_path):
    """What stands in a cell of the course's beyond the release would count as the student's own."""
    scheme = "Do it.\n### BEGIN MARK SCHEME\ncanary\n### END MARK SCHEME"
    task = graded("do", scheme, "markdown", task=True, points=5)
    mine = graded("square", HIDDEN, solution=True)
    content = json.dumps(nbformat.v4.new_notebook(cells=[task, mine])).encode()
    folder = tmp_path / "now.graded" / "autograded"
    submission = Submission("ann", "hw", folder, attempt="now.graded")
    read = nbformat.reads(as_written(submission, Envelope("hw.ipynb", content)).content, 4)
    assert [cell.source for cell in read.cells] == ["Do it.", HIDDEN]


def test_the_usual_page(pages):
    answer = graded("square", "def square(x): return 0", solution=True)
    page = made(pages, answer, given=Given(comments={"square": "*Look* again"}, penalty=0.25))
    assert "it is &lt;wrong&gt;" in page
    assert "<strong>0.25</strong> of 2 points" in page
    assert "0.5 of 2 points" in page
    assert "<em>Look</em> again" in page
    assert "canary" not in page
    assert "<title>R&amp;D &lt;1&gt;: 0.25 of 2 points</title>" in page
    assert "ann · R&amp;D · R&amp;D &lt;1&gt;" in page


def test_the_usual_page_reaches_nothing(pages):
    (policy,) = re.findall(r'<head>\n<meta http-equiv="Content-Security-Policy" content="(.*?)">',
                           made(pages))  # fmt: skip
    for what in ("img-src data:", "frame-src 'none'", "connect-src 'none'", "form-action 'none'",
                 "default-src 'none'"):  # fmt: skip
        assert what in policy
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src "))
    assert scripts.split()[1:] == [SCRIPT]


@pytest.mark.parametrize(
    "source",
    [
        "# ### BEGIN HIDDEN TESTS\nkept = 1",
        "### BEGIN HIDDEN TESTS\nkept = 1\n### END HIDDEN TESTS",
        "### END HIDDEN TESTS\n### BEGIN HIDDEN TESTS\n### BEGIN HIDDEN TESTS\nkept = 1",
        "### BEGIN SOLUTION\nkept = 1\n### BEGIN MARK SCHEME",
    ],
)
@pytest.mark.parametrize("kind", ["code", "markdown"])
def test_marks_of_nbgrader_in_an_answer_take_nothing_away(pages, source, kind):
    answer = graded("square", source, kind, solution=True, grade=True, points=1)
    page = made(pages, answer, given=Given(comments={"square": "### BEGIN HIDDEN TESTS"}))
    assert "kept" in page
    assert "canary" not in page
    assert "cannot be shown here" not in page


@pytest.mark.parametrize(
    ("source", "left"),
    [
        (HIDDEN, "x = 1\ny = 2"),
        (HIDDEN.replace("### ", "#"), "x = 1\ny = 2"),
        (HIDDEN.replace("### END HIDDEN TESTS", ""), "x = 1"),
        (f"{HIDDEN}\n{HIDDEN}", "x = 1\ny = 2\nx = 1\ny = 2"),
        ("END HIDDEN TESTS\nx", "x"),
        ("x\n\ny", "x\n\ny"),
    ],
)
def test_hidden_tests_are_what_nbgrader_says_they_are(source, left):
    assert without_hidden(source) == left


def test_a_pasted_picture_is_in_the_page(pages):
    answer = graded("why", "![a](attachment:p.png)", "markdown", solution=True)
    answer.attachments = {"p.png": {"image/png": png()}}
    again = graded("why-2", "![a](attachment:p.png)", "markdown", solution=True)
    again.attachments = {"p.png": {"image/png": png(9, 9)}}
    page = made(pages, answer, again)
    assert f"data:image/png;base64,{png()}" in page
    assert f"data:image/png;base64,{png(9, 9)}" in page


@pytest.mark.parametrize(
    "answer",
    [
        graded("why", "![a](attachment:gone.png)", "markdown", solution=True),
        graded("square", "\n " * 8000 + "end of it", solution=True),
        graded("why", "\\\\[" * 6000 + "end of it", "markdown", solution=True),
    ],
    ids=range(3),
)
def test_a_cell_that_cannot_be_shown_is_shown_plainly(pages, answer, monkeypatch):
    monkeypatch.setattr(render, "LONGEST", 0.2)
    page = made(pages, answer)
    assert "end of it" in page or "attachment:gone.png" in page
    assert "cannot be shown here" not in page
    assert "it is &lt;wrong&gt;" in page


def test_half_a_colour_is_shown_plainly(pages):
    answer = graded("square", "x", solution=True)
    answer.outputs = [nbformat.v4.new_output("stream", text="half \x1b[38m")]
    assert "half " in made(pages, answer)


def fails(*_: object) -> None:
    raise KeyError("<b>")


def never_ends(*_: object) -> None:
    while True:
        maker.or_plain(spin, "a cell")


def spin(_: str) -> None:
    with within(0.5):
        while True:
            pass


@pytest.mark.parametrize(("way", "why"), [(fails, "KeyError: "), (never_ends, "TooLong: it took")])
def test_where_there_can_be_no_page_there_is_a_plain_one(monkeypatch, way, why):
    pages = Pages()
    monkeypatch.setattr(feedback, "PATIENCE", 0.1)
    monkeypatch.setattr(maker, "page", way)
    answer = graded("square", "def square(x): return 0", solution=True)
    page = made(pages, answer, given=Given(comments={"square": "Look <again>"}, penalty=0.25))
    assert "R&amp;D &lt;1&gt;: 0.25 of 2 points" in page
    assert "square: 0.5 of 2" in page
    assert "square: 0 of " in page
    assert "it is &lt;wrong&gt;" in page
    assert "Look &lt;again&gt;" in page
    assert why in page
    assert "<b>" not in page
    assert "canary" not in page
    assert "default-src 'none'" in page


def test_what_is_alike_in_a_class_is_made_once(pages):
    answer = graded("square", "def only_once(x): return 0", solution=True)
    made(pages, answer)
    before = render._code_kept.cache_info().hits
    made(pages, answer)
    assert render._code_kept.cache_info().hits == before + 3  # the answer twice, and its test
    long = graded("square", "def only_once(x): return 0\n" * 1000, solution=True)
    kept = render._code_kept.cache_info().currsize
    made(pages, long)
    assert render._code_kept.cache_info().currsize == kept
