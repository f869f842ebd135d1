"""Pages that hold the explorers and predictions of a lesson, opened from a disk."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page

from autograder.publishing import explorers, predictions
from tests.site.shown import COURSE, LESSONS, notebook

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1400, "height": 900}}
FIRST = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Played</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="_static/downhill.css"><style>
body { max-width: 760px; margin: 1em auto; padding: 0 16px; color-scheme: light dark;
  color: CanvasText; background: Canvas; }</style>
<script src="_static/downhill.js" defer></script></head><body><main>"""


def pages(folder: Path) -> Path:
    """A page for each lesson, with its explorers, its questions and what they reveal."""
    (folder / "_static").mkdir()
    for name, content in explorers.files(COURSE, COURSE.lessons()).items():
        (folder / "_static" / name).write_bytes(content)
    for lesson in LESSONS:
        worked = notebook(lesson)
        shown, asked = explorers.elements(COURSE, lesson), predictions.elements(worked)
        told = predictions.reveals(worked)
        body = []
        for cell in worked.cells:
            body += [*shown.get(cell.id, []), asked.get(cell.id, "")]
            body += told.get(cell.id, {}).values()
        (folder / f"{lesson}.html").write_text(FIRST + "\n".join(body) + "</main></body></html>")
    return folder


@contextmanager
def opened(browser, site: Path, lesson: str, **how):
    """The page of a lesson; whatever is wrong in it, or asked of another host, is an error."""
    context = browser.new_context(offline=True, **how)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("request", lambda r: None if r.url.startswith("file:") else wrong.append(r.url))
    page.goto((site / f"{lesson}.html").as_uri())
    yield page
    assert wrong == []
    context.close()


def alive(page: Page, number: int) -> Locator:
    figure = page.locator(".downhill-explorer").nth(number)
    figure.scroll_into_view_if_needed()
    figure.locator(".says li").first.wait_for()
    return figure


def count(lesson: str) -> int:
    return sum(map(len, explorers.elements(COURSE, lesson).values()))
