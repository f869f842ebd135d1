"""The site's explorers below a finger: a page scrolls, a ring is dragged, a player plays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page

from tests.browser.jupyter import wait_for
from tests.browser.played import PHONE, alive, count, opened, pages
from tests.site.shown import LESSONS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    return pages(tmp_path_factory.mktemp("site"))


class Finger:
    """A finger on the page, as a touch screen tells of it."""

    def __init__(self, page: Page) -> None:
        self.page, self.session = page, page.context.new_cdp_session(page)

    def swipe(self, start: tuple[float, float], by: tuple[float, float]) -> None:
        self._tell("touchStart", [start])
        for part in np.linspace(0, 1, 11)[1:]:
            self._tell("touchMove", [(start[0] + part * by[0], start[1] + part * by[1])])
            self.page.evaluate("() => new Promise(requestAnimationFrame)")
        self._tell("touchEnd", [])

    def _tell(self, kind: str, places: list[tuple[float, float]]) -> None:
        points = [{"x": float(x), "y": float(y)} for x, y in places]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


SCROLLED = "() => Math.round(window.scrollY)"


def centre(page: Page, figure: Locator, shown: str) -> tuple[float, float]:
    """Where the middle of what is shown stands, once it is in the middle of the page."""
    element = figure.locator(shown)
    element.evaluate("(e) => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = element.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_swipe_over_any_plot_scrolls_the_page_and_moves_nothing(browser, site, lesson):
    with opened(browser, site, lesson, **PHONE) as page:
        finger = Finger(page)
        for number in range(count(lesson)):
            figure = alive(page, number)
            held = figure.locator(".handle")
            x, y = centre(page, figure, ".handle" if held.count() else ".plot")
            if held.count():  # where a mouse would take the ring to
                x += 100 if x < PHONE["viewport"]["width"] / 2 else -100
            stood = held.get_attribute("aria-label") if held.count() else None
            before = page.evaluate(SCROLLED)
            way = -150 if before < 200 else 150
            finger.swipe((x, y), (0, way))
            wait_for(
                lambda b=before, w=way: (b - page.evaluate(SCROLLED)) * np.sign(w) > 60,
                5,
                "scrolling",
            )
            if held.count():
                assert held.get_attribute("aria-label") == stood


@pytest.mark.parametrize(("lesson", "number"), [("05-optimizers", 2), ("07-loss-landscapes", 1)])
def test_a_finger_that_meets_the_ring_or_its_margin_drags_it(browser, site, lesson, number):
    """Upwards as well, where a page would scroll; what is then said stands above the controls."""
    with opened(browser, site, lesson, **PHONE) as page:
        figure = alive(page, number)
        held, said = figure.locator(".handle"), figure.locator("p.recorded")
        before = said.inner_text()
        assert "On this page" in before
        for beside in (0, -30):
            x, y = centre(page, figure, ".handle")
            stood, scrolled = held.get_attribute("aria-label"), page.evaluate(SCROLLED)
            top = figure.locator(".plot").bounding_box()["y"]
            Finger(page).swipe((x + beside, y), (0, -80 if y - 80 > top else 80))
            wait_for(lambda s=stood: held.get_attribute("aria-label") != s, 5, "another start")
            assert page.evaluate(SCROLLED) == scrolled
        wait_for(lambda: "nearest that was recorded" in said.inner_text(), 5, "that it snapped")
        assert said.get_attribute("role") == "status"
        below = [
            figure.locator(each).bounding_box()["y"] for each in (".plot", "p.recorded", ".says")
        ]
        assert below == sorted(below)


def test_sentences_follow_a_player_that_plays(browser, site):
    """Also where the browser paints as often as it can: its clock is the test's."""
    with opened(browser, site, "05-optimizers", **PHONE) as page:
        figure = alive(page, 2)
        page.clock.install()
        figure.evaluate(WATCH)
        figure.get_by_role("button", name="Play").click()
        page.clock.run_for(5000)
        wait_for(lambda: figure.get_by_role("button", name="Play").count() == 1, 20, "the end")
        seen = {int(step) for step in page.evaluate("() => seen")}
        assert len(seen - {0, 60}) >= 5


WATCH = """(figure) => {
  window.seen = [];
  const says = figure.querySelector(".says");
  const look = () => seen.push(says.textContent.match(/at step (\\d+)/)[1]);
  new MutationObserver(look).observe(says, { subtree: true, childList: true, characterData: true });
}"""
