"""The site in a real Chromium, from a disk and from a host's sub-folder: on a phone first."""

from __future__ import annotations

import functools
import http.server
import threading
from collections import Counter
from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.course import Course
from tests.browser.jupyter import wait_for
from tests.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1400, "height": 900}
UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDEST = """() => [...document.querySelectorAll("article *")].filter((each) =>
  each.getBoundingClientRect().right > innerWidth + 1
  && !each.closest("pre, .wide, .table-wrapper, math")).map((each) => each.outerHTML)"""
FITS = f"{WIDE} <= 0 && ({WIDEST})().length === 0"
MAY_BE_WIDE = "document.querySelector('article table, .downhill-explorer') !== null"
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
UNNAMED = "canvas[role=img]:not([aria-label])"
"""An explorer says what it shows once it has stood still for a moment."""
LESSONS = [lesson.name for lesson in Course(ROOT).lessons()]
LOOKED_AT = (
    "index",
    "search",
    "docs/instructor",
    "docs/student",
    "mistakes/01-derivatives",
    "lessons/01-derivatives/gradient-descent-in-one-variable",
    "lessons/02-numerical-gradient/kinks",
    "lessons/04-backprop/letters",
    "lessons/05-optimizers/momentum",
    "lessons/06-training/is-it-learning",
    "lessons/07-loss-landscapes/minima-saddles-plateaus",
    *(f"lessons/{lesson}/index" for lesson in LESSONS),
)
"""Each kind of page, and one or two of each chapter, for what takes seconds a page."""


def lost(request):
    """What never came. A page that is left asks for no more of what is still on its way to it."""
    return [] if request.failure == "net::ERR_ABORTED" else [(request.url, request.failure)]


def refused(answer):
    """What the host does not have: for the browser such an answer is one like any other."""
    return [(answer.url, answer.status)] if answer.status >= 400 else []


@pytest.fixture
def opened(browser):
    """A function that opens a page; `asked` and `wrong` are what it wanted and what failed."""
    pages = []

    def open_page(viewport=PHONE, **options):
        page = browser.new_page(viewport=viewport, **options)
        page.asked, page.wrong = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("requestfailed", lambda request: page.wrong.extend(lost(request)))
        page.on("response", lambda answer: page.wrong.extend(refused(answer)))
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def address(site):
    """A host that serves the site below a folder of its own, and nothing beside it."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path):
            inside = path.startswith("/some/folder/")
            return super().translate_path(path.removeprefix("/some/folder") if inside else "/none")

        def log_message(self, *args):
            """Quietly."""

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(site))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/some/folder"
    server.shutdown()
    server.server_close()


def test_every_page_fits_a_phone_and_a_desk_and_asks_nobody(site, opened):
    """From the disk, with every fold open: nothing is wider than the screen, nothing fails.

    On a desk only those with a table or an explorer: text, and code that scrolls by itself, fit
    there if they fit a phone. Of the pages of mistakes, which are of one making, the longest.
    """
    page = opened()
    root = site.as_uri()
    mistakes = set(site.glob("mistakes/0*.html"))
    alike = mistakes - {max(mistakes, key=lambda path: path.stat().st_size)}
    seen = Counter()
    for path in sorted(set(site.rglob("*.html")) - alike):
        page.set_viewport_size(PHONE)
        page.goto(path.as_uri(), wait_until="load")
        page.evaluate(UNFOLD)
        for viewport in (PHONE, DESKTOP):
            if viewport is DESKTOP and not page.evaluate(MAY_BE_WIDE):
                continue
            page.set_viewport_size(viewport)
            where = (path.relative_to(site).as_posix(), viewport)
            page.evaluate(DRAWN)
            with suppress(TimeoutError):  # what stands on a plot moves when that is drawn again
                wait_for(lambda: page.evaluate(FITS), 10, "it to fit")
            assert page.evaluate(WIDE) <= 0, (where, page.evaluate(WIDEST)[:1])
            assert page.evaluate(WIDEST) == [], where
            seen[viewport["width"]] += 1
    assert seen[PHONE["width"]] > 100
    assert seen[DESKTOP["width"]] > 30
    assert page.wrong == []
    assert [url for url in page.asked if not url.startswith((root, "data:"))] == []


@pytest.mark.parametrize("name", LOOKED_AT)
def test_axe_finds_nothing(site, opened, name):
    """Light on a phone, dark on a desk, with every fold open."""
    page = opened(PHONE, color_scheme="light")
    page.goto((site / f"{name}.html").as_uri(), wait_until="load")
    page.evaluate(UNFOLD)
    for scheme, viewport in (("light", PHONE), ("dark", DESKTOP)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(viewport)
        for figure in page.locator(".downhill-explorer").all():  # each is drawn when it is seen
            figure.scroll_into_view_if_needed()
            figure.locator("canvas[aria-label]").first.wait_for()
        page.evaluate(DRAWN)
        page.wait_for_function(f"document.querySelector({UNNAMED!r}) === null")
        found = Axe().run(page).response["violations"]
        told = [(each["id"], each["nodes"][0]["html"][:200]) for each in found]
        assert told == [], scheme


def test_a_host_may_serve_it_from_any_folder(address, opened):
    page = opened()
    answers = []
    page.on("response", lambda response: answers.append((response.status, response.url)))
    page.goto(f"{address}/index.html", wait_until="networkidle")
    page.locator(".downhill-stage.alive").wait_for()
    page.locator("article").get_by_role("link", name="5 · Optimizers").click()
    page.get_by_role("link", name="Momentum", exact=True).last.click()
    page.get_by_role("heading", name="Momentum", exact=False).first.wait_for()
    assert [answer for answer in answers if answer[0] >= 400] == []
    assert all(url.startswith(address) for _, url in answers)


@pytest.mark.parametrize("words", ["nesterov", "nan", "learning rate"])
def test_a_search_finds_lessons_first_and_wrong_answers_last(address, opened, words):
    page = opened(DESKTOP)
    page.goto(f"{address}/docs/student.html")
    page.get_by_role("textbox", name="Search").fill(words)
    page.keyboard.press("Enter")
    page.locator(".search-summary", has_text="Search finished").wait_for()
    results = page.locator("#search-results li > a")
    found = [(link.get_attribute("href"), link.inner_text()) for link in results.all()]
    wrong = [path.startswith("mistakes/") for path, _ in found]
    assert found[0][0].startswith("lessons/")
    assert any(wrong)
    assert sorted(wrong) == wrong
    assert all(
        title.startswith("For instructors: ") for path, title in found if "mistakes/" in path
    )
    titles = [title for _, title in found]
    assert len(set(titles)) == len(titles)
    results.first.click()
    assert words in page.locator("article").inner_text().lower()
    assert page.wrong == []


def test_a_search_shows_nothing_that_is_folded(address, opened):
    """What is folded is found, and the reader told where: but not shown before it was asked for."""
    page = opened(DESKTOP)
    page.goto(f"{address}/search.html?q=look_ahead")
    result = page.locator("#search-results li", has_text="Looking ahead").first
    result.locator("p").first.wait_for()
    shown = result.inner_text()
    assert "def look_ahead(w, state, alpha=0.9)" in shown
    assert "return" not in shown


def test_the_way_through_a_chapter(site, opened):
    """By next from its first page to the one of the next lesson, and once back."""
    page = opened()
    page.goto((site / "lessons" / "06-training" / "index.html").as_uri())
    seen = []
    while "/07-" not in page.url:
        seen.append(page.url)
        page.locator("a.next-page").click()
    assert len(set(seen)) == len(seen) == len(list((site / "lessons" / "06-training").iterdir()))
    page.locator("a.prev-page").click()
    assert page.url == seen[-1]


def test_a_solution_opens_by_the_keyboard(site, opened):
    page = opened()
    path = site / "lessons" / "01-derivatives" / "gradient-descent-in-one-variable.html"
    page.goto(path.as_uri())
    fold = page.locator(".downhill-solution")
    assert fold.locator("pre").is_hidden()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert fold.locator("pre").last.is_visible()
    assert "raise NotImplementedError" not in fold.inner_text()


def test_formulas_are_drawn_in_the_sites_own_font(site, opened):
    page = opened()
    page.goto((site / "lessons" / "05-optimizers" / "adam.html").as_uri(), wait_until="load")
    assert page.evaluate(
        "document.fonts.ready.then(() => document.fonts.check('16px Downhill Math'))"
    )
    loaded = [url.rsplit("/", 1)[-1] for url in page.asked]
    assert "math.woff" in loaded
    fraction = page.locator("math mfrac").first.bounding_box()
    above, below = (
        each.bounding_box() for each in page.locator("math mfrac").first.locator("> *").all()
    )
    assert above["y"] + above["height"] <= below["y"] + 1
    assert fraction["height"] >= above["height"] + below["height"] - 1


def test_the_theme_can_be_chosen(site, opened):
    page = opened(DESKTOP, color_scheme="light")
    page.goto((site / "index.html").as_uri())
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    toggle = page.locator(".theme-toggle-content button")
    for _ in range(3):
        if page.evaluate("document.body.dataset.theme") == "dark":
            break
        toggle.click()
    assert page.evaluate("document.body.dataset.theme") == "dark"
    assert page.evaluate(ground) != before


def test_a_phone_has_room_and_what_fingers_meet(site, opened):
    """Targets of 44 pixels, code that is read without sideways scrolling, nothing over a plot."""
    page = opened(color_scheme="dark")
    page.goto((site / "lessons" / "05-optimizers" / "looking-ahead.html").as_uri())
    page.evaluate(UNFOLD)
    for control in (".theme-toggle-header button", ".nav-overlay-icon", ".toc-header-icon"):
        if page.locator(control).is_visible():
            box = page.locator(control).bounding_box()
            assert min(box["width"], box["height"]) >= 44, control
    sideways = "(all) => all.filter((each) => each.scrollWidth > each.clientWidth).length"
    assert page.locator(".highlight pre").evaluate_all(sideways) == 0
    assert page.locator(".content").count() == 1
    assert page.locator(".back-to-top").count() == 0


def test_a_picture_is_softer_in_the_dark_and_opens_by_a_tap(site, opened):
    page = opened(has_touch=True, color_scheme="light")
    page.goto((site / "lessons" / "05-optimizers" / "looking-ahead.html").as_uri())
    page.evaluate(UNFOLD)
    picture = page.locator(".downhill-picture img").first
    look = "(each) => getComputedStyle(each).filter"
    assert picture.evaluate(look) == "none"
    page.emulate_media(color_scheme="dark")
    assert picture.evaluate(look) == "brightness(0.85)"
    page.emulate_media(media="print")
    assert picture.evaluate(look) == "none"
    page.emulate_media(media="screen")
    file = picture.get_attribute("src").rpartition("/")[2]
    link = page.get_by_role("link", name=picture.get_attribute("alt"))
    assert "Open the picture" in link.first.get_attribute("title")
    picture.tap()
    page.wait_for_url(f"**/_static/{file}")


def test_what_is_printed_shows_results_and_no_solution(site, opened):
    page = opened(DESKTOP)
    page.goto((site / "lessons" / "05-optimizers" / "momentum.html").as_uri())
    page.emulate_media(media="print")
    high = "(all) => all.map((each) => each.getBoundingClientRect().height)"
    shown = page.locator(".downhill-after .downhill-picture").evaluate_all(high)
    assert len(shown) > 0
    assert min(shown) > 100
    assert max(page.locator(".downhill-solution").evaluate_all(high)) < 100
    assert page.locator(".sidebar-drawer").is_hidden()
