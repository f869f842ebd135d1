"""Each lesson in a real JupyterLab, in a real Chromium: run it, move a slider, see it change."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, sync_playwright

from autograder.course import Course, is_test
from autograder.sample import answered
from tests.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]

CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    None,
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LESSONS = [lesson.name for lesson in Course(ROOT).lessons()]
SHOTS = ROOT / ".build" / "screenshots"

if CHROMIUM is None and not os.environ.get("CI"):
    pytest.skip("no Chromium here: apt install chromium", allow_module_level=True)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab's address, on a folder with each released lesson and a solved copy of it."""
    folder = tmp_path_factory.mktemp("lab")
    course = Course(ROOT)
    for lesson in course.lessons():
        path = course.notebooks / lesson.name / f"{lesson.name}.ipynb"
        shutil.copy(path, folder / f"{lesson.name}.ipynb")
        solved = answered(lesson, nbformat.read(path, 4), {})
        nbformat.write(solved, folder / f"{lesson.name}-solved.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    settings = home / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # Otherwise Lab keeps cells that are out of view out of the page, and a test cannot find them.
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    environment = os.environ | {
        "HOME": str(home),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--allow-root"]
    options = [
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        f"--notebook-dir={folder}",
    ]
    log = (home / "lab.log").open("w")
    server = subprocess.Popen(
        [*command, *options], env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(f"{address}/api"), 60, "JupyterLab to start")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def answers(address: str) -> bool:
    try:
        return urllib.request.urlopen(address, timeout=2).status == 200
    except OSError:
        return False


def wait_for(condition, seconds: float, what: str):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.25)
    raise TimeoutError(f"waited {seconds} s for {what}")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, lab, request):
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.set_default_timeout(60_000)
    yield page
    shoot(page, f"last-{request.node.name}")
    page.close()
    for session in json.load(urllib.request.urlopen(f"{lab}/api/sessions")):
        request = urllib.request.Request(f"{lab}/api/sessions/{session['id']}", method="DELETE")
        urllib.request.urlopen(request)


def run_all(page: Page, lab: str, name: str) -> None:
    page.goto(f"{lab}/lab/workspaces/{name}/tree/{name}.ipynb?reset")
    page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
        "?.connectionStatus === 'connected'"
    )
    page.evaluate("() => { void window.jupyterapp.commands.execute('notebook:run-all-cells'); }")


def shoot(page: Page, name: str) -> Path:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")
    return SHOTS / f"{name}.png"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_released_lesson_runs_to_its_first_exercise(page, lab, lesson):
    run_all(page, lab, lesson)
    said = page.locator(".jp-OutputArea-output", has_text="is not implemented yet").first
    said.wait_for(timeout=60_000)
    # Lab draws cells as they come into view: for a moment a cell may be there without its text.
    text = wait_for(said.text_content, 30, "the message")
    said.scroll_into_view_if_needed()
    shoot(page, f"{lesson}-released")
    assert "Traceback" not in text
    first = next(c.id for c in Course(ROOT).lesson(lesson).notebook().cells if is_test(c))
    assert first.removeprefix("test-") in text


def move_a_slider(page: Page, name: str) -> None:
    """With the keyboard, on the first explorer; the picture must become another one."""
    slider = page.locator(".jupyter-widgets [role=slider]").first
    slider.wait_for(timeout=90_000)
    picture = page.locator(".jupyter-widgets img").first
    picture.scroll_into_view_if_needed()
    before = wait_for(lambda: picture.get_attribute("src"), 30, "the picture")
    shoot(page, f"{name}-before")
    slider.focus()
    high = float(slider.get_attribute("aria-valuenow") or 0)
    at_the_end = high == float(slider.get_attribute("aria-valuemax") or -1)
    for _ in range(6):
        page.keyboard.press("ArrowDown" if at_the_end else "ArrowUp")
    wait_for(lambda: picture.get_attribute("src") != before, 30, "the picture to change")
    shoot(page, f"{name}-after")


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_solved_lesson_runs_to_its_end_and_a_slider_moves(page, lab, lesson):
    run_all(page, lab, f"{lesson}-solved")
    last = page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first
    wait_for(
        lambda: page.evaluate(
            "() => { const nb = window.jupyterapp.shell.currentWidget.content.model;"
            " const code = [...nb.cells].filter(c => c.type === 'code');"
            " return code.every(c => c.executionCount !== null); }"
        ),
        120,
        "every cell to have run",
    )
    last.wait_for(timeout=60_000)
    errors = page.evaluate(
        "() => [...window.jupyterapp.shell.currentWidget.content.model.cells]"
        ".filter(c => c.type === 'code').flatMap(c => c.toJSON().outputs)"
        ".filter(o => o.output_type === 'error').map(o => o.evalue)"
    )
    assert errors == []
    move_a_slider(page, lesson)
