"""Explorers and predictions as the site's pages have them: from a disk, with the network off."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page

from autograder.course import Course
from autograder.publishing import explorers, packing, predictions, recording, saved
from helpers.explorers.scene import show
from tests.browser.jupyter import wait_for
from tests.browser.played import DESK, PHONE, alive, count, opened, pages
from tests.browser.shown import changes, control, pixels
from tests.conftest import ROOT
from tests.site.shown import LESSONS, notebook

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    return pages(tmp_path_factory.mktemp("site"))


@pytest.mark.parametrize("how", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_every_explorer_comes_alive_in_its_place(browser, site, lesson, how):
    """It is drawn when it is seen and not before, nothing jumps by more than a line, stands beside
    the page or leaves it empty, and every control is moved by the keyboard alone: what is then
    shown is whole."""
    with opened(browser, site, lesson, **how) as page:
        assert page.locator(".downhill-stage.alive").count() < count(lesson)
        for number in range(count(lesson)):
            figure = page.locator(".downhill-explorer").nth(number)
            before = figure.bounding_box()["height"]
            alive(page, number)
            wait_for(lambda f=figure: f.locator(".says").inner_text().strip(), 5, "sentences")
            assert abs(figure.bounding_box()["height"] - before) < LINE
            assert figure.evaluate(EMPTY) < LINE + 5  # a margin
            for moved in figure.locator(".controls :is(input, select)").all():
                move(page, figure, moved)
            assert figure.locator(".wrong").inner_text() == ""
            assert "Python has not" not in figure.locator(".note").inner_text()
            assert figure.locator("img").is_hidden()
            assert figure.evaluate(OUTSIDE) == []
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide == how["viewport"]["width"]


LINE = 21
"""Pixels."""

EMPTY = """(figure) => figure.getBoundingClientRect().bottom -
  figure.querySelector(".controls").getBoundingClientRect().bottom"""
"""Pixels below the last control."""

OUTSIDE = """(figure) => {
  const { left, right } = figure.getBoundingClientRect();
  const finger = matchMedia("(pointer: coarse)").matches ? 44 : 0;
  return [...figure.querySelectorAll(".controls :not(option), .says *")].filter((each) => {
    const box = each.getBoundingClientRect();
    const low = each.matches("input, select, button") && box.height < finger;
    const short = each.matches("[type=range]") && box.width < 100;
    return low || short || box.left < left - 1 || box.right > right + 1;
  }).map((each) => each.outerHTML);
}"""
"""What stands beside the figure, and what is too small for a finger."""


def move(page: Page, figure: Locator, moved: Locator) -> None:
    """A key changes the control, and with it the plot or what it says."""
    shows = lambda: (pixels(figure), figure.locator(".says").inner_text())  # noqa: E731
    before, was = shows(), moved.input_value()
    moved.focus()
    if moved.evaluate("(e) => e.tagName") == "SELECT":
        options = moved.locator("option").all_inner_texts()
        moved.select_option(next(each for each in options if each != was))
    else:
        page.keyboard.press("Home" if was == moved.get_attribute("max") else "End")
    assert moved.input_value() != was
    label = moved.evaluate("(e) => e.labels[0].textContent")
    wait_for(lambda: shows() != before, 5, f"{label} to change from {was}")
    if moved.evaluate("(e) => e.closest('.row').matches('.wide')"):
        page.keyboard.press("End")  # at its first step, what other controls change is not seen


def test_a_point_that_is_dragged_snaps_to_the_nearest_start_and_says_so(browser, site):
    with opened(browser, site, "01-derivatives", **DESK) as page:
        figure = alive(page, 2)
        starts = offered("01-derivatives", "start")
        handle, plot = figure.locator(".handle"), figure.locator(".plot canvas").bounding_box()
        start = axis(page, figure, handle)
        box = handle.bounding_box()
        page.mouse.move(box["x"] + 12, box["y"] + 12)
        page.mouse.down()
        found = set()
        for part in np.linspace(0.1, 0.5, 9):
            across = plot["x"] + part * plot["width"]
            page.mouse.move(across, box["y"] + 12)
            nearest = starts[int(np.argmin(np.abs(np.subtract(starts, start(across)))))]
            wait_for(lambda n=nearest: place(handle) == n, 5, f"the start {nearest}")
            found.add(nearest)
        page.mouse.up()
        assert len(found) > 5
        said = figure.locator("p.recorded").first.inner_text()
        assert f"start {place(handle):g}".replace("-", "−") in said
        assert "nearest" in said
        figure.locator(".says").get_by_text("learning rate 0.1").wait_for()


def offered(lesson: str, name: str) -> list[float]:
    index = recording.read(Course(ROOT), lesson)
    return next(e["offers"][name] for each in index.values() for e in each if name in e["offers"])


def place(handle: Locator) -> float:
    return float(
        re.findall(r": (-?\d+\.?\d*(?:e-?\d+)?)[,.]", handle.get_attribute("aria-label"))[0]
    )


def axis(page: Page, figure: Locator, handle: Locator) -> Callable[[float], float]:
    """From pixels across the page to numbers of the plot: the handle stands where its own number
    is, so two places of it give the axis."""
    slider = control(figure, "start")
    before, points = slider.input_value(), []
    for at in ("0", slider.get_attribute("max"), before):
        slider.evaluate(
            "(e, at) => { e.value = at; e.dispatchEvent(new Event('input')); }",
            at,
        )
        page.evaluate("() => new Promise((r) => requestAnimationFrame(() => setTimeout(r)))")
        box = handle.bounding_box()
        points.append((box["x"] + box["width"] / 2, place(handle)))
    (a, low), (b, high), _ = points
    return lambda across: low + (across - a) / (b - a) * (high - low)


def test_an_arrow_key_moves_a_point_to_the_next_start_and_to_the_end(browser, site):
    """The starts of a surface stand further apart than a key moves: it does not stay for that."""
    with opened(browser, site, "05-optimizers", **DESK) as page:
        figure = alive(page, 2)
        handle = figure.locator(".handle")
        handle.focus()
        seen = [place(handle)]
        for _ in range(12):
            page.keyboard.press("ArrowRight")
            page.evaluate("() => new Promise((r) => requestAnimationFrame(() => setTimeout(r)))")
            seen.append(place(handle))
        moved = [b for a, b in itertools.pairwise(seen) if b != a]
        assert moved == sorted(set(moved))
        assert len(moved) >= 8


def test_another_surface_is_loaded_when_it_is_chosen(browser, site):
    with opened(browser, site, "05-optimizers", **DESK) as page:
        figure = alive(page, 2)
        before = page.locator("head script").count()
        control(figure, "surface").select_option("himmelblau")
        wait_for(lambda: place(figure.locator(".handle")) == 0, 5, "its own start")
        assert page.locator("head script").count() > before
        surface = figure.locator(".says")
        wait_for(lambda: "26.08" in surface.inner_text(), 5, "its gradient")


def test_formulas_are_offered_and_it_is_said_where_one_types_them(browser, site):
    with opened(browser, site, "04-backprop", **PHONE) as page:
        figure = alive(page, 0)
        formula = control(figure, "formula")
        assert formula.evaluate("(e) => e.options.length") >= 7
        formula.select_option("a * b + a")
        wait_for(lambda: "“a × b + a”" in figure.locator(".says").inner_text(), 5, "its graph")
        assert "no Python" in figure.inner_text()
        assert "notebook" in figure.inner_text()


def test_without_scripts_there_is_a_picture_in_words_and_a_question(browser, site):
    context = browser.new_context(java_script_enabled=False, **PHONE)
    page = context.new_page()
    page.goto((site / "01-derivatives.html").as_uri())
    still = page.locator(".downhill-explorer img").first
    still.scroll_into_view_if_needed()
    assert still.is_visible()
    assert len(still.get_attribute("alt")) > 80
    assert still.evaluate("async (e) => { await e.decode(); return e.naturalWidth; }") > 300
    assert page.locator(".downhill-asked").first.is_visible()
    context.close()


def test_print_has_the_still_picture(browser, site):
    with opened(browser, site, "01-derivatives", **DESK) as page:
        figure = alive(page, 0)
        page.emulate_media(media="print")
        assert figure.locator("img").is_visible()
        assert figure.locator(".downhill").is_hidden()


def test_the_theme_changes_the_plot(browser, site):
    with opened(browser, site, "01-derivatives", color_scheme="light", **DESK) as page:
        figure = alive(page, 0)
        before = pixels(figure)
        page.emulate_media(color_scheme="dark")
        changes(lambda: pixels(figure), before, 5)


def test_a_prediction_is_answered_by_the_keyboard_and_remembered(browser, site):
    """Each of its answers, worded as the notebook words it, with the line where it is revealed."""
    worked = notebook("01-derivatives")
    _, key, _, options = next(iter(predictions._asked(worked).values()))
    line = next(text for lines in told(worked) for text, k in lines if k == key)
    answer = re.search(r"It is “(.*?)”", line)[1]
    with opened(browser, site, "01-derivatives", **DESK) as page:
        group = page.locator(f"#predict-{key}")
        reveal = page.locator(f".downhill-reveal[data-prediction='{key}']")
        assert "Predict first" in reveal.inner_text()
        assert group.locator("button").count() == 3
        for option in options:
            group.get_by_role("button", name=option, exact=True).focus()
            page.keyboard.press("Enter")
            so = line.replace("You made no prediction", f"You predicted “{option}”")
            if option == answer:
                so = so.replace(f". It is “{answer}”", ", and so it is")
            wait_for(lambda s=so: group.locator("[role=status]").inner_text() == s, 5, so)
            wait_for(lambda s=so: reveal.inner_text() == s, 5, so)
        page.reload()
        wait_for(lambda: reveal.inner_text() == so, 5, "what was chosen before")


def told(worked):
    asked = predictions._asked(worked)
    return [list(predictions._told(cell, asked)) for cell in worked.cells]


def test_the_page_and_python_unpack_alike(browser, site):
    """Every array of every file of data of two lessons, bit for bit."""
    text = (site / "_static" / explorers.SCRIPT).read_text()
    page = browser.new_page()
    page.goto("about:blank")
    page.evaluate(
        "(text) => { const script = document.createElement('script');"
        " script.textContent = text; document.head.append(script); }",
        text.replace("(document.currentScript).src", "'file:///x/'").removesuffix("})();\n")
        + "window.front = { unpacked };\n})();\n",
    )
    for lesson in ("05-optimizers", "06-training"):
        for _, element in explorers._elements(Course(ROOT), lesson, "_static"):
            for name, content in element.files.items():
                if name.endswith(".js"):
                    packed = content.decode().split('"')[3]
                    found = base64.b64decode(page.evaluate(UNPACK, packed))
                    _, arrays = packing.unpacked(base64.b64decode(packed))
                    whole = np.concatenate(arrays)
                    np.testing.assert_array_equal(np.frombuffer(found, "<f4"), whole)
    page.close()


UNPACK = """async (packed) => {
  const { buffers } = await front.unpacked(packed);
  let letters = "";
  for (const { buffer } of buffers)
    for (const byte of new Uint8Array(buffer)) letters += String.fromCharCode(byte);
  return btoa(letters);
}"""


def test_what_is_shown_is_what_was_recorded(browser, site):
    """The sentences at recorded settings of the paths, as Python has recorded them."""
    lesson = "05-optimizers"
    _cell, several = list(saved.explorers(notebook(lesson)).items())[2]
    assert several[0].setting["handle"]
    with opened(browser, site, lesson, **DESK) as page:
        figure = alive(page, 2)
        rate = control(figure, "learning rate ×")
        for at in (2, 5, 6):
            rate.evaluate(
                "(e, at) => { e.value = at; e.dispatchEvent(new Event('input')); }", str(at)
            )
            expected = losses(several[0], at)
            for name, text in expected.items():
                figure.locator(".says").get_by_text(f"{name}: loss {text} at step 60").wait_for()


def losses(each: saved.Saved, rate: int) -> dict[str, str]:
    """The last loss of every rule at a position of the rate, as a sentence writes it."""
    values = each.values | {"rate": rate}
    found = {}
    for one in each.pictures:
        here = all(values[name] == value for name, value in one["values"].items())
        if here and one["layer"].startswith("rule "):
            field = one["picture"]["says"][0]["fields"]["loss"]
            numbers = np.frombuffer(each.buffers[field["buffer"]], "<f4")
            found[one["layer"].removeprefix("rule ")] = show(float(numbers[-1]))
    assert len(found) == 4
    return found
