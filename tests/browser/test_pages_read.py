"""A feedback page is read: on a phone, in the dark, on paper, by keyboard, without a network."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.course import Course
from autograder.grading.feedback import Given, Pages
from benchmarks.pages import graded
from tests.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LESSONS = ("01-derivatives", "04-backprop")
"""A usual one, and the one of most exercises."""
MOST_SHEETS = 4
LONG = f"x = '{'a' * 400}'\n"
UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The file of each lesson's page, by lesson and by how its answers are."""
    folder, made = tmp_path_factory.mktemp("pages"), {}
    for lesson in LESSONS:
        for student in ("right", "a third wrong"):
            text, points = graded(Course(ROOT), lesson, student)
            text = text.replace('"def ', f'"{LONG}def '.replace("\n", "\\n"))
            about = {"student": "ann", "assignment": lesson, "notebook": lesson}
            given = Given(comments={}).before(points)
            html = Pages().page(text, points, given, about, ["It was 2 hours late."])
            made[lesson, student] = folder / f"{lesson}-{student}.html"
            made[lesson, student].write_text(html, encoding="utf-8")
    return made


@pytest.fixture
def opened(browser, pages):
    """Opens a page; `asked` is what it wanted of a network, `said` what the browser complained."""
    contexts = []

    def open_one(lesson, student="a third wrong", width=390, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, device_scale_factor=1
        )
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.goto(pages[lesson, student].as_uri())
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened, scheme):
    page = opened(LESSONS[0], scheme=scheme)
    page.evaluate(UNFOLD)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_phone_shows_all_of_its_width(opened, lesson):
    page = opened(lesson)
    page.evaluate(UNFOLD)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    beyond = page.evaluate(
        "[...document.querySelectorAll('main *')].filter((each) => !each.closest('.wide')"
        " && each.getBoundingClientRect().right > 391).map((each) => each.outerHTML.slice(0, 99))"
    )
    assert beyond == []


def test_formulas_are_drawn_and_nobody_is_asked(opened):
    page = opened(LESSONS[0])
    page.evaluate(UNFOLD)
    fraction = page.locator("math mfrac").first.bounding_box()
    assert fraction["height"] > 15  # one thing above another
    assert [url for url in page.asked if not url.startswith("file:")] == []
    assert page.said == []
    assert "$" not in page.locator("body").inner_text()


@pytest.mark.parametrize("student", ["right", "a third wrong"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_is_printed_on_four_sheets(opened, lesson, student):
    sheets = len(re.findall(rb"/Type\s*/Page\b", opened(lesson, student).pdf(format="A4")))
    assert 1 <= sheets <= MOST_SHEETS


def test_a_link_unfolds_the_notebook_at_its_section(opened):
    page = opened(LESSONS[0], width=1000)
    notebook = page.locator("details.notebook")
    assert not notebook.evaluate("(each) => each.open")
    link = page.locator(".stands a").nth(3)
    link.focus()
    page.keyboard.press("Enter")
    heading = page.locator(link.get_attribute("href"))
    heading.wait_for()
    assert notebook.evaluate("(each) => each.open")
    assert heading.inner_text() == link.inner_text()
    assert -1 <= heading.bounding_box()["y"] < 800
