"""A written question graded on its page in a real Chromium, and saved."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.grading.by_hand import Standing, read_sheet
from autograder.reporting.likeness import Known, Question, likeness
from autograder.reporting.likeness_page import Lesson
from autograder.reporting.likeness_page import page as likeness_page
from autograder.reporting.written import Answer, Group
from autograder.reporting.written import Question as Asked
from autograder.reporting.written_page import page as written_page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

QUESTION = Asked(
    "01-x", "01-x", "why", 3, "Why?", "Because.", ((1.0, "the cause"), (2.0, "the <b>effect</b>"))
)
GROUPS = [
    Group((Answer("amy", "So."), Answer("bob", "so")), Standing()),
    Group((Answer("eve", "<img src=x onerror=document.title='ran'>"),), Standing()),
    Group((Answer("joe", "Given in Formgrader."),), Standing(3.0, "Good.", False)),
]


@pytest.fixture
def opened(browser, tmp_path):
    """A function that opens a page from a file, and fails where anything goes wrong on it."""
    wrong = []
    made = []

    def open_(text: str, **how):
        path = tmp_path / "page.html"
        path.write_text(text)
        page = browser.new_page(**how)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(path.as_uri())
        made.append(page)
        return page

    yield open_
    for page in made:
        page.close()
    assert wrong == []


def save(page, path):
    with page.expect_download() as download:
        page.get_by_role("button", name="Save what is graded").click()
    download.value.save_as(path)
    return {each.student: each for each in read_sheet(path).given}


def test_points_are_clicked_comments_used_again_and_all_is_saved(opened, tmp_path):
    page = opened(written_page(QUESTION, GROUPS))
    first, second, third = page.locator("article").all()
    first.get_by_label("1: the cause").check()
    first.get_by_role("button", name="Say what is missing").click()
    comment = "Missing: the <b>effect</b>"
    assert first.get_by_label("Comment", exact=True).input_value() == comment
    second.get_by_role("button", name="None").click()
    second.get_by_label("Used before").select_option(comment)
    assert page.get_by_role("status").inner_text() == "2 of 3 graded here"
    assert third.get_by_label("Points").input_value() == "3"
    given = save(page, tmp_path / "why.json")
    assert {who: (g.points, g.comment) for who, g in given.items()} == {
        "amy": (1, comment),
        "bob": (1, comment),
        "eve": (0, comment),
    }
    assert given["amy"].answer == GROUPS[0].answers[0].digest
    assert given["amy"].before == (None, "")
    assert page.title() == "why: written answers"

    page.reload()  # what was done is still there
    assert page.get_by_role("status").inner_text() == "2 of 3 graded here"
    page.evaluate("localStorage.clear()")
    page.reload()
    assert page.get_by_role("status").inner_text() == "0 of 3 graded here"
    page.locator("#load").set_input_files(tmp_path / "why.json")  # and comes back from the file
    page.get_by_text("2 of 3 graded here").wait_for()
    third.get_by_label("Points").fill("7")  # more than there is
    assert page.get_by_role("status").inner_text() == "2 of 3 graded here"
    third.get_by_label("Points").fill("2.5")
    assert save(page, tmp_path / "more.json")["joe"].before == (3.0, "Good.")
    other = json.loads((tmp_path / "why.json").read_text()) | {"page": "another"}
    (tmp_path / "other.json").write_text(json.dumps(other))
    page.locator("#load").set_input_files(tmp_path / "other.json")
    page.get_by_text("it was saved from another page").wait_for()


def alike() -> str:
    line = "def f(x):\n    return np.dot(x, x) + 'a_text_without_an_end' * 3" + " + x" * 60
    answers = {"a": line, "b": line.replace("x", "y")} | {
        f"s{k}": "f = abs(1 + 2)" for k in range(9)
    }
    return likeness_page([Lesson("01", likeness([Question("f", answers, Known())]), {})])


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(opened, scheme, width):
    for text in (written_page(QUESTION, GROUPS), alike()):
        size = {"width": width, "height": 900}
        page = opened(text, viewport=size, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]][:2]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
