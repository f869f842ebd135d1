"""What was graded, in a real Chromium: pages reach nothing, and Formgrader runs nothing."""

from __future__ import annotations

import json
import sqlite3
import urllib.parse

import pytest
from playwright.sync_api import Error

from autograder.classroom import Classroom
from autograder.grading.names import unreadable_name
from autograder.runner import Options, grade
from benchmarks.classes import answered, place, released, small_course
from tests.browser.jupyter import serving
from tests.conftest import contained
from tests.hostile import arena

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400), contained]

TEMPLATE = "https://cdnjs.cloudflare.com/"
"""Where Formgrader's template has its scripts."""
OPENED = (
    "a_colour_for_each_letter",
    "frames_with_ways_out",
    "html_that_grows",
    "impossible_outputs",
    "line_that_begins_anew",
    "pasted_things",
    "pictures_from_elsewhere",
    "pictures_of_gigabytes",
    "script_in_an_output",
    "svg_everywhere",
    "widget_in_a_comment",
)
NAMES = ("José", "Jose\u0301", "O'Neill", "李雷", "Doe, Jane (2)", "R&D &lt;", "a b", "x=1;")
FRAME = """
from IPython.display import display

from helpers.explorers import TangentExplorer

display(TangentExplorer(lambda x: x * x, lambda x: 2 * x))


def square(x):
    return x * x
"""


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """A class of honest names; the first of them shows an explorer."""
    course = small_course(tmp_path_factory.mktemp("honest"), arena.LESSON)
    blank = released(course, arena.LESSON)
    for name in NAMES:
        notebook = answered(blank, {"square": FRAME} if name == NAMES[0] else {})
        path = place(course.root / "submitted", name, arena.LESSON)
        path.write_text(json.dumps(notebook))
    classroom = Classroom.of(course.root / "submitted")
    grade(course, classroom, [arena.LESSON], Options(jobs=2))
    return classroom


@pytest.fixture
def page(browser):
    """A page from which nothing is fetched but files; `asked` is what it wanted besides."""
    page = browser.new_page(viewport={"width": 1100, "height": 1000})
    page.set_default_timeout(90_000)
    page.asked = []

    def answer(route):
        url = route.request.url
        if url.startswith("file:") or (page.local and url.startswith("http://127.0.0.1")):
            return route.continue_()
        page.asked.append(url)
        return route.abort()

    page.local = False
    page.route("**", answer)
    yield page
    page.close()


def look_through(page) -> None:
    """Unfold all, scroll to each frame, so that it is loaded, and let what runs run."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    for frame in page.locator("iframe").all():
        frame.scroll_into_view_if_needed()
    page.wait_for_timeout(500)


@pytest.mark.parametrize("name", OPENED)
def test_a_hostile_page_opens_and_asks_nobody(hostile, page, name):
    path = hostile.feedback / name / arena.LESSON / f"{arena.LESSON}.html"
    page.goto(path.as_uri(), wait_until="load")
    look_through(page)
    assert [url for url in page.asked if not url.startswith("data:")] == []
    assert page.evaluate("window.owned") is None
    assert page.evaluate("document.body.scrollHeight") < 500_000
    assert "Dense: " in page.locator("body").inner_text()


def test_an_explorer_is_shown_and_has_no_way_out(honest, page):
    path = honest.feedback / NAMES[0] / arena.LESSON / f"{arena.LESSON}.html"
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(path.as_uri(), wait_until="load")
    look_through(page)
    assert not [text for text in refused if "Content Security Policy" in text]
    says = page.frame_locator("iframe").locator(".downhill .says")
    says.filter(has_text="f").wait_for()  # first drawn, then said; in full where there was time
    frame = page.frames[1]
    asked = len(page.asked)
    for code in (
        "fetch('https://example.org/out')",
        "new Promise((yes, no) => { const i = new Image(); i.onload = yes; i.onerror = no;"
        " i.src = 'https://example.org/out.png'; })",
        "new Promise((yes, no) => { const s = document.createElement('script'); s.onload = yes;"
        " s.onerror = no; s.src = 'https://example.org/out.js'; document.head.append(s); })",
        "top.document.title",
    ):
        with pytest.raises(Error):
            frame.evaluate(code)
    assert len(page.asked) == asked
    assert frame.evaluate(
        "() => { const s = document.createElement('script'); s.text = 'window.ran = 1';"
        " document.body.append(s); return window.ran === undefined; }"
    )


@pytest.fixture(scope="module")
def formgrader(tmp_path_factory):
    """A function that serves Formgrader for a class, as an instructor opens it."""
    made = []

    def serve(classroom):
        context = serving("jupyterlab", classroom.folder, tmp_path_factory.mktemp("home"))
        made.append(context)
        return f"{context.__enter__()}/formgrader"

    yield serve
    for context in made:
        context.__exit__(None, None, None)


def submissions(classroom) -> dict[str, str]:
    """The address of each student's notebook in Formgrader."""
    book = sqlite3.connect(classroom.folder / "gradebook.db")
    query = (
        "SELECT student_id, submitted_notebook.id FROM submitted_notebook"
        " JOIN submitted_assignment AS whole ON whole.id = submitted_notebook.assignment_id"
    )
    return {student: f"submissions/{number}/" for student, number in book.execute(query)}


def test_formgrader_shows_every_honest_name_and_work(honest, page, formgrader):
    address = formgrader(honest)
    page.local = True
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    found = submissions(honest)
    assert found.keys() == set(NAMES)
    for name, place_of in found.items():
        assert unreadable_name(name) == ""
        page.goto(f"{address}/{place_of}", wait_until="load")
        assert name.replace("&lt;", "<") in page.locator(".name-shown").first.text_content()
        assert page.locator("input.score").count() == 5
        quoted = urllib.parse.quote(name)
        page.goto(f"{address}/manage_students/{quoted}", wait_until="load")
        page.get_by_text(arena.LESSON).first.wait_for()
    assert [error for error in wrong if "MathJax" not in error] == []


def test_formgrader_opens_every_hostile_notebook(hostile, page, formgrader):
    address = formgrader(hostile)
    page.local = True
    found = submissions(hostile)
    assert set(OPENED) <= found.keys()
    for name in OPENED:
        page.asked.clear()
        page.goto(f"{address}/{found[name]}", wait_until="load")
        look_through(page)
        assert [url for url in page.asked if not url.startswith((TEMPLATE, "data:"))] == []
        assert page.locator("input.score").count() == 5, name
        page.locator("text=Dense: ").first.wait_for()
        assert page.evaluate("window.owned") is None
