"""Chromium, once for each file of tests."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.jupyter import CHROMIUM, FLAGS


def pytest_collection_modifyitems(items):
    """Where there is no Chromium these tests are skipped and say so; in CI there has to be one."""
    if CHROMIUM is None and not os.environ.get("CI"):
        skip = pytest.mark.skip(reason="no Chromium here: apt install chromium")
        for item in items:
            if "browser" in item.path.parts:
                item.add_marker(skip)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
