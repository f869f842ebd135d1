"""The site in a real Chromium, from a disk and from a host's sub-folder: on a phone first."""

from __future__ import annotations

import functools
import http.server
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1400, "height": 900}
UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDEST = """() => [...document.querySelectorAll("article *")].filter((each) =>
  each.getBoundingClientRect().right > innerWidth + 1
  && !each.closest("pre, .wide, .table-wrapper, math")).map((each) => each.outerHTML)"""
LOOKED_AT = (
    "index",
    "search",
    "docs/instructor",
    "docs/student",
    "mistakes/01-derivatives",
    "lessons/01-derivatives/gradient-descent-in-one-variable",
    "lessons/02-numerical-gradient/kinks",
    "lessons/03-sigmoid-rule/index",
    "lessons/04-backprop/letters",
    "lessons/05-optimizers/momentum",
    "lessons/06-training/is-it-learning",
    "lessons/07-loss-landscapes/minima-saddles-plateaus",
)
"""Each kind of page, and one of each chapter, for what takes seconds a page."""


@pytest.fixture
def opened(browser):
    """A function that opens a page; `asked` and `wrong` are what it wanted and what failed."""
    pages = []

    def open_page(viewport=PHONE, **options):
        page = browser.new_page(viewport=viewport, **options)
        page.asked, page.wrong = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("requestfailed", lambda request: page.wrong.append(request.url))
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
    """From the disk, with every fold open: nothing is wider than the screen, nothing fails."""
    page = opened()
    root = site.as_uri()
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).as_posix()
        for viewport in (PHONE, DESKTOP):
            page.set_viewport_size(viewport)
            if viewport is PHONE:
                page.goto(path.as_uri(), wait_until="domcontentloaded")
                page.evaluate(UNFOLD)
            assert page.evaluate(WIDE) <= 0, (name, viewport, page.evaluate(WIDEST)[:1])
            assert page.evaluate(WIDEST) == [], (name, viewport)
    assert page.wrong == []
    assert [url for url in page.asked if not url.startswith((root, "data:"))] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_axe_finds_nothing(site, opened, name, scheme):
    """Light on a phone, dark on a desk, with every fold open."""
    page = opened(PHONE if scheme == "light" else DESKTOP, color_scheme=scheme)
    page.goto((site / f"{name}.html").as_uri(), wait_until="load")
    page.evaluate(UNFOLD)
    for figure in page.locator(".downhill-explorer").all():
        figure.scroll_into_view_if_needed()
        figure.locator("canvas[aria-label]").first.wait_for()
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []


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


def test_what_is_searched_for_is_found(address, opened):
    page = opened(DESKTOP)
    page.goto(f"{address}/docs/student.html")
    page.get_by_role("textbox", name="Search").fill("nesterov")
    page.keyboard.press("Enter")
    found = page.locator("#search-results a[href*='lessons/05-optimizers/']").first
    found.wait_for()
    found.click()
    assert "Nesterov" in page.locator("article").inner_text()
    assert page.wrong == []


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
