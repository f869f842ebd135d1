"""Each lesson in a real JupyterLab, in a real Chromium: run it, move a slider, see it change."""

from __future__ import annotations

import shutil

import nbformat
import pytest
from playwright.sync_api import Page

from autograder.course import Course, is_test
from autograder.sample import answered
from tests.browser.jupyter import (
    end_sessions,
    open_in_lab,
    run_all,
    serving,
    shoot,
    wait_for,
)
from tests.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

LESSONS = [lesson.name for lesson in Course(ROOT).lessons()]


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
    with serving("jupyterlab", folder, tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.fixture
def page(browser, lab, request):
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.set_default_timeout(120_000)
    yield page
    shoot(page, f"last-{request.node.name}")
    page.close()
    end_sessions(lab)


def test_a_released_lesson_runs_to_its_first_exercise(page, lab):
    """How Lab shows it; tests/course/test_blank.py runs every lesson to its end, without Lab."""
    lesson = LESSONS[0]
    open_in_lab(page, lab, lesson)
    run_all(page)
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
    """With the keyboard, on the first explorer; what it says must change."""
    explorer = page.locator(".downhill").first
    slider = explorer.locator("input[type=range]").first
    slider.wait_for(timeout=90_000)
    explorer.scroll_into_view_if_needed()
    before = wait_for(explorer.locator(".says").inner_text, 30, "the explorer's text")
    shoot(page, f"{name}-before")
    slider.focus()
    at_the_end = slider.input_value() == slider.get_attribute("max")
    for _ in range(6):
        page.keyboard.press("ArrowLeft" if at_the_end else "ArrowRight")
    wait_for(lambda: explorer.locator(".says").inner_text() != before, 30, "the text to change")
    shoot(page, f"{name}-after")


@pytest.mark.parametrize("lesson", [LESSONS[0], LESSONS[-1]])
def test_a_solved_lesson_runs_to_its_end_and_a_slider_moves(page, lab, lesson):
    """The first and the last: a solved lesson is played in a kernel when it is built, and
    test_explorers.py moves every explorer."""
    open_in_lab(page, lab, f"{lesson}-solved")
    run_all(page)
    last = page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first
    wait_for(
        lambda: page.evaluate(
            "() => { const nb = window.jupyterapp.shell.currentWidget.content.model;"
            " const code = [...nb.cells].filter(c => c.type === 'code');"
            " return code.every(c => c.executionCount !== null); }"
        ),
        300,
        "every cell to have run",
    )
    last.wait_for(timeout=60_000)
    errors = page.evaluate(
        "() => [...window.jupyterapp.shell.currentWidget.content.model.cells]"
        ".filter(c => c.type === 'code').flatMap(c => c.toJSON().outputs)"
        ".filter(o => o.output_type === 'error').map(o => o.evalue)"
    )
    assert errors == []
    assert (
        page.locator(".downhill .wrong").all_inner_texts()
        == [""] * page.locator(".downhill").count()
    )
    move_a_slider(page, lesson)
