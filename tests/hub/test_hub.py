"""A lesson there and back on a real JupyterHub: accounts, proxy, exchange, Formgrader, browser."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from autograder.course import Course
from autograder.sample import answered
from tests.browser.jupyter import CHROMIUM, FLAGS, SHOTS, shoot
from tests.conftest import ROOT
from tests.hub.hub import AMY, BOB, TEACHER, Hub, running

pytestmark = pytest.mark.timeout(3600)

LESSON = "01-derivatives"
WRONG = {"gradient_descent": "def gradient_descent(derivative, start, learning_rate, steps):\n"
         "    return np.array([start] * (steps + 1))\n"}  # fmt: skip
SAID = "Seen by a person."
LONG = 180_000
"""Milliseconds: a server starts, a notebook runs."""


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    if os.geteuid() != 0:
        pytest.fail("a hub makes accounts: run `make test-hub` as root, on a machine of your own")
    missing = [name for name in ("npm", "node", "useradd", "bwrap") if shutil.which(name) is None]
    if CHROMIUM is None or missing:
        pytest.fail(f"not here: {', '.join(missing) or 'chromium'}")
    log = ROOT / ".build" / "hub.log"
    log.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    shutil.rmtree(SHOTS / "hub", ignore_errors=True)
    (SHOTS / "hub").mkdir(parents=True)
    with running(log) as hub:
        yield hub


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def people(hub, browser) -> dict[str, Page]:
    """Everybody's page, signed in, with their own server started."""
    return {name: signed_in(hub, browser, name) for name in (TEACHER, AMY, BOB)}


def signed_in(hub: Hub, browser: Browser, name: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{hub.address}/hub/login")
    page.fill("#username_input", name)
    page.fill("#password_input", hub.password)
    page.click("#login_submit")
    page.locator("#jp-main-dock-panel").wait_for(timeout=LONG)
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    return page


def menu(page: Page) -> list[str]:
    """What stands in the Nbgrader menu."""
    page.get_by_role("menuitem", name="Nbgrader").click()
    entries = page.locator(".lm-Menu .lm-Menu-itemLabel")
    entries.first.wait_for()
    found = [text.strip() for text in entries.all_inner_texts() if text.strip()]
    page.keyboard.press("Escape")
    return found


def assignment_list(hub: Hub, page: Page, name: str) -> Page:
    """nbgrader's list of assignments, freshly opened."""
    page.goto(f"{hub.address}/user/{name}/lab?reset")
    page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=LONG)
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.locator(".lm-Menu-itemLabel", has_text="Assignment List").click()
    page.locator("#nbgrader-assignment-list").wait_for()
    return page


def work(hub: Hub, name: str, answers: dict[str, str]) -> Path:
    """What this student writes into the fetched notebook."""
    path = hub.home(name) / LESSON / f"{LESSON}.ipynb"
    lesson = Course(ROOT).lesson(LESSON)
    path.write_text(nbformat.writes(answered(lesson, nbformat.read(path, 4), answers)))
    return path


def test_students_see_no_formgrader_and_no_answers(hub, people):
    assert any("Formgrader" in entry for entry in menu(people[TEACHER]))
    shoot(people[TEACHER], "hub/1-teacher")
    page = people[AMY]
    entries = menu(page)
    assert any("Assignment" in entry for entry in entries)
    assert not any("Formgrader" in entry or "Course" in entry for entry in entries)
    assert page.request.get(f"{hub.address}/user/{AMY}/formgrader").status == 404
    assert page.request.get(f"{hub.address}/user/{TEACHER}/formgrader").status in (403, 404)
    python = f"{hub.shell.values['HUB']}/bin/python"
    assert hub.as_student(AMY, f"{python} -c 'import helpers'").returncode == 0
    refused = hub.as_student(AMY, f"{python} -c 'import autograder'")
    assert "ModuleNotFoundError" in refused.stderr
    assert hub.as_student(AMY, f"ls {hub.course}").returncode != 0
    for secret in ("hub/jupyterhub.sqlite", "hub/cookie_secret"):
        assert hub.as_student(AMY, f"cat $HUB/{secret}").returncode != 0


def test_a_lesson_is_fetched_done_validated_and_handed_in(hub, people):
    hub.teacher("release")
    for name, answers in ((AMY, {}), (BOB, WRONG)):
        page = assignment_list(hub, people[name], name)
        shoot(page, f"hub/2-list-{name}")
        page.locator("#released_assignments_list").get_by_role("button", name="Fetch").click()
        fetched = page.locator("#fetched_assignments_list")
        fetched.get_by_role("button", name="Submit").wait_for()
        work(hub, name, answers)
        text = validated(hub, page, name)
        if name == AMY:
            assert "passes all the tests" in text
        else:
            assert "gradient_descent" in text
            assert "passes all the tests" not in text
        page = assignment_list(hub, page, name)
        fetched.get_by_role("button", name="Submit").click(timeout=LONG)
        handed_in = page.locator("#submitted_assignments_list")
        expect(handed_in).to_contain_text(LESSON)
        shoot(page, f"hub/4-submitted-{name}")


def validated(hub: Hub, page: Page, name: str) -> str:
    """What nbgrader's button above the open notebook says: it runs all in a fresh kernel."""
    page.goto(f"{hub.address}/user/{name}/lab/tree/{LESSON}/{LESSON}.ipynb?reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=LONG)
    page.get_by_role("button", name="Validate").click(timeout=LONG)
    dialog = page.locator(".jp-Dialog")
    dialog.wait_for(timeout=LONG)
    shoot(page, f"hub/3-validated-{name}")
    return dialog.inner_text()


def test_what_was_handed_in_is_graded_in_the_sandbox(hub):
    said = hub.teacher("grade")
    assert "cheating" not in said
    assert points(hub, AMY) > points(hub, BOB) > 0
    record = json.loads(record_of(hub, AMY).read_text())
    assert all(mark["points"] == mark["of"] for mark in record["marks"].values() if mark["seed"])


def record_of(hub: Hub, name: str) -> Path:
    return hub.course / "records" / name / LESSON / f"{LESSON}.json"


def points(hub: Hub, name: str) -> float:
    return float(json.loads(record_of(hub, name).read_text())["points"])


def test_the_teacher_grades_by_hand_and_formgrader_gives_it_back(hub, people):
    page, formgrader = people[TEACHER], f"{hub.address}/user/{TEACHER}/formgrader"
    before = points(hub, AMY)
    page.goto(f"{formgrader}/gradebook/{LESSON}/{LESSON}")
    page.locator("tbody tr").nth(1).wait_for()  # before that one says that it loads
    shoot(page, "hub/5-manual-grading")
    page.goto(submission_of(page, formgrader, AMY))
    waiting = page.locator("input.score.needs_manual_grade")
    waiting.first.wait_for()
    enter(page, waiting.first, "1", "/api/grade/")
    shoot(page, "hub/6-by-hand")
    enter(page, page.locator("textarea.comment").first, SAID, "/api/comment/")
    press(page, f"{formgrader}/manage_submissions/{LESSON}", "td.autograde a", "7-autograde")
    press(page, f"{formgrader}/manage_assignments", "td.generate-feedback a", "8-pages")
    assert points(hub, AMY) == before + 1
    press(page, f"{formgrader}/manage_assignments", "td.release-feedback a", "9-released")
    hub.teacher("feedback")  # the same by commands; nothing stops there either


def enter(page: Page, field: Locator, text: str, saved: str) -> None:
    """Into one of Formgrader's fields, which are saved when they are left."""
    field.evaluate("field => field.scrollIntoView({block: 'center'})")
    with page.expect_response(lambda r: saved in r.url and r.request.method == "PUT") as answer:
        field.fill(text)
        field.press("Tab")
    assert answer.value.ok


def submission_of(page: Page, formgrader: str, name: str) -> str:
    """The address where Formgrader shows this student's notebook."""
    api = f"{formgrader}/api/submitted_notebooks/{LESSON}/{LESSON}"
    (mine,) = [each for each in page.request.get(api).json() if each["student"] == name]
    return f"{formgrader}/submissions/{mine['id']}"


def press(page: Page, address: str, button: str, shot: str) -> None:
    """One of Formgrader's buttons in the lesson's row, which says that it went well."""
    page.goto(address)
    row = page.locator("tbody tr", has_text=LESSON if "assignments" in address else AMY)
    row.locator(button).first.click()
    modal = page.locator(".modal.in, .modal.show").first
    modal.wait_for(timeout=LONG)
    shoot(page, f"hub/{shot}")
    assert "Success" in modal.inner_text(), modal.inner_text()


def test_each_student_reads_their_own_feedback(hub, people):
    for name in (AMY, BOB):
        page = assignment_list(hub, people[name], name)
        handed_in = page.locator("#submitted_assignments_list")
        handed_in.get_by_role("button", name="Fetch Feedback").click()
        expect(handed_in).to_contain_text("view feedback", timeout=60_000)
        shoot(page, f"hub/10-feedback-{name}")
        folder = hub.home(name) / LESSON / "feedback"
        (path,) = folder.rglob("*.html")
        text = path.read_text()
        assert (SAID in text) == (name == AMY)
        assert ("has the same entry everywhere" in text) == (name == BOB)
        where = path.relative_to(hub.home(name)).as_posix()
        page.goto(f"{hub.address}/user/{name}/files/{quote(where)}")
        shoot(page, f"hub/11-page-{name}")
