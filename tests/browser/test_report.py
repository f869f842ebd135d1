"""The report in a real Chromium: in both themes, on a phone, by keyboard and in print."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.reporting.by_question import anchor
from autograder.reporting.report import PAGE, write_report
from tests.reporting.conftest import term  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
UNFOLD = "document.querySelectorAll('details').forEach(each => each.open = true)"
SHOWN = "each => each.checkVisibility()"


@pytest.fixture(scope="module")
def report(term):  # noqa: F811
    """Of the latest lesson alone: axe looks at each of a page's elements."""
    folder = term.folder.parent / "latest"
    return write_report(term.classroom, term.plan.lessons[-1:], folder), folder / PAGE


@pytest.fixture
def page(browser, report):
    """The page, opened; `asked` is what it wanted."""
    page = browser.new_page(viewport=DESKTOP)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(report[1].as_uri(), wait_until="load")
    yield page
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_fetched(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.evaluate(UNFOLD)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert page.asked == [page.url]


def test_no_screen_is_too_narrow(page):
    page.evaluate(UNFOLD)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_first_mistake_is_found_and_opened_by_keyboard(page, report):
    mistake = report[0].common([report[0].latest])[0]
    code = page.locator(f"#{anchor(mistake.question)} pre").first
    assert not code.is_visible()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.common') !== null"):
            break
    assert page.evaluate("document.activeElement.textContent") == mistake.question.name
    page.keyboard.press("Enter")
    code.wait_for(state="visible")
    assert code.text_content() == mistake.example


def test_what_is_folded_is_open_in_print(page):
    """Not by its size: what is folded has one as soon as anything has asked for it."""
    folded = page.locator("details:not([open]) .says").last
    assert not folded.evaluate(SHOWN)
    page.emulate_media(media="print")
    assert folded.evaluate(SHOWN)
    assert folded.bounding_box()["height"] > 0
