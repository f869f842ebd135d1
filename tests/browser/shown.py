"""The explorers as a page shows them."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from tests.browser import students
from tests.browser.jupyter import wait_for

NAMES = list(students.explorers())


def explorer(page: Page, name: str) -> Locator:
    return page.locator(".downhill").nth(NAMES.index(name))


def control(shown: Locator, label: str) -> Locator:
    return shown.get_by_label(label, exact=True)


def says(shown: Locator) -> str:
    return shown.locator(".says").inner_text()


def wrong(shown: Locator) -> str:
    return shown.locator(".wrong").inner_text()


def pixels(shown: Locator) -> str:
    return shown.locator(".plot canvas").evaluate("(canvas) => canvas.toDataURL()")


def changes(look, before, seconds: float = 30):
    return wait_for(lambda: look() != before, seconds, "a change")
