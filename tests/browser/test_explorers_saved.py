"""Every explorer in a page of its own, and in pages that are published: with no kernel."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page

from helpers.explorers import StepSizeExplorer, front
from helpers.explorers.controls import Control
from helpers.explorers.explorer import Explorer
from helpers.explorers.scene import Picture, resolve, sentence, wire
from tests.browser import students
from tests.browser.jupyter import shoot, wait_for
from tests.browser.shown import NAMES, changes, control, pixels

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


def test_reduced_motion_goes_straight_to_the_end(browser, tmp_path):
    page = browser.new_page(reduced_motion="reduce")
    saved_page(page, tmp_path, "step size")
    step = page.get_by_label("step", exact=True)
    page.get_by_role("button", name="One step back").click()
    page.get_by_role("button", name="Play step").click()
    assert step.input_value() == "50"
    page.close()


def saved_page(page: Page, folder: Path, name: str) -> Locator:
    """The explorer's own page, opened with the network off."""
    path = folder / "page.html"
    path.write_text(students.explorers()[name].to_html())
    page.context.set_offline(True)
    page.goto(path.as_uri())
    shown = page.locator(".downhill")
    wait_for(shown.locator(".says").inner_text, 10, "the page to be drawn")
    return shown


@pytest.mark.parametrize("width", [390, 450, 760])
def test_every_slider_has_a_track(browser, tmp_path, width):
    """A player has buttons beside it: where there is no room for both, these go below."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    shown = saved_page(page, tmp_path, "step size")
    for slider in shown.locator("input[type=range]").all():
        assert slider.bounding_box()["width"] >= 80
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_page_moves_without_kernel_and_network(browser, tmp_path, name):
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    shown = saved_page(page, tmp_path, name)
    assert shown.evaluate("(e) => e.scrollHeight") <= students.explorers()[name]._frame_height()
    moved = 0
    for slider in shown.locator("input[type=range]").all():
        before = pixels(shown)
        slider.focus()
        last = slider.input_value() == slider.get_attribute("max")
        page.keyboard.press("ArrowLeft" if last else "ArrowRight")
        changes(lambda: pixels(shown), before)
        moved += 1
    assert moved
    assert errors == []
    page.close()


def test_a_saved_page_says_that_it_knows_one_slider_at_a_time(browser, tmp_path):
    page = browser.new_page()
    shown = saved_page(page, tmp_path, "path")
    assert control(shown, "start x").is_disabled()
    rate, alpha = control(shown, "learning rate ×"), control(shown, "momentum: alpha")
    at = rate.input_value()
    for slider in (rate, alpha):
        slider.focus()
        page.keyboard.press("ArrowLeft")
    assert rate.input_value() == at
    assert "the others went back" in shown.locator(".note").inner_text()
    page.close()


def test_a_graded_page_moves_only_what_it_holds(browser, tmp_path, monkeypatch):
    """While a class waits only the present picture is drawn: a slider would promise others."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    bundle, _ = students.explorers()["path"]._repr_mimebundle_()
    path = tmp_path / "graded.html"
    path.write_text(bundle["text/html"])
    page = browser.new_page()
    page.goto(path.as_uri())
    shown = page.frame_locator("iframe").locator(".downhill")
    wait_for(lambda: control(shown, "learning rate ×").is_disabled(), 10, "the slider to rest")
    assert control(shown, "step").is_enabled()
    page.close()


def test_the_front_end_and_python_read_a_scene_alike(browser):
    """What positions of controls pick and reveal, and every sentence, at 2,000 random settings."""
    rng = np.random.default_rng(7)
    page = browser.new_page()
    page.goto("about:blank")
    page.evaluate(
        "async (module) => { const file = new Blob([module], { type: 'text/javascript' });"
        " window.front = await import(URL.createObjectURL(file)); }",
        front.MODULE + "\nexport { resolve, sentence, unwire };",
    )
    far = StepSizeExplorer(students.gradient_descent, start=1e30)  # its f is over what 32 bits hold
    for shown in (*students.explorers().values(), far):
        asked = [
            {c.name: int(rng.integers(1000)) % len(c.every()) for c in players_of(shown)}
            for _ in range(250)
        ]
        pictures = shown.scene()
        found = page.evaluate(READ, [*sent(pictures), [shown.values | each for each in asked]])
        for values, (drawn, said) in zip(asked, found, strict=True):
            at = shown.values | values
            assert said == [sentence(s, at) for picture in pictures for s in picture.says]
            marks = [resolve(mark, at) for picture in pictures for mark in picture.marks]
            expected = np.concatenate([array for mark in marks for array in mark.values()])
            numbers = np.frombuffer(base64.b64decode(drawn), dtype="<f4")
            np.testing.assert_allclose(numbers, expected, rtol=0, atol=1e-9)
    page.close()


def test_where_it_is_narrow_panels_stand_below_each_other(browser):
    """As the widget shows it, which has all the room below; a saved page stands in a frame."""
    page = browser.new_page(viewport={"width": 450, "height": 900})
    page.set_content("<main></main>")
    shown = students.explorers()["softmax"]
    module = front.MODULE + "\nexport { showExplorer };"
    page.evaluate(SHOWS, [module, shown.setting(), shown.values])
    canvas = page.locator(".plot canvas")
    for width, times in ((450, 2.55), (800, 1), (450, 2.55)):
        page.set_viewport_size({"width": width, "height": 900})
        high = round(shown.height * times)
        wait_for(lambda high=high: round(canvas.bounding_box()["height"]) == high, 5, "its height")
    page.close()


@pytest.mark.parametrize("width", [240, 320])
def test_in_the_narrowest_cell_every_control_is_in_reach(browser, width):
    """What sticks out of a cell cannot be scrolled to."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    module = front.MODULE + "\nexport { showExplorer };"
    out = {}
    for name, shown in students.explorers().items():
        page.set_content(f"<style>{front.STYLE} body {{ margin: 0 }}</style><main></main>")
        page.evaluate(SHOWS, [module, shown.setting(), shown.values])
        out[name] = page.evaluate(STICKS_OUT, width)
    page.close()
    assert not any(out.values()), out


@pytest.mark.parametrize("width", [240, 320])
def test_in_the_narrowest_cell_a_slider_has_a_track(browser, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    module = front.MODULE + "\nexport { showExplorer };"
    for shown in students.explorers().values():
        page.set_content(f"<style>{front.STYLE} body {{ margin: 0 }}</style><main></main>")
        page.evaluate(SHOWS, [module, shown.setting(), shown.values])
        tracks = page.locator(".row input, .row select").evaluate_all(
            "all => all.map((each) => each.getBoundingClientRect().width)"
        )
        assert min(tracks) >= 50
    page.close()


STICKS_OUT = """(width) => [...document.querySelectorAll("main *")]
  .filter((each) => !each.closest(".aloud, .handle"))
  .filter((each) => each.getBoundingClientRect().right > width + 1)
  .map((each) => `${each.tagName} ${each.className} ${each.textContent}`.slice(0, 60))"""

SHOWS = """async ([module, setting, values]) => {
  const file = new Blob([module], { type: "text/javascript" });
  const { showExplorer } = await import(URL.createObjectURL(file));
  const source = { setting, values, ask: () => {}, keep: () => {} };
  showExplorer(document.querySelector("main"), source);
}"""

READ = """([pictures, buffers, settings]) => {
  const views = buffers.map((text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new DataView(bytes.buffer);
  });
  const scene = front.unwire(pictures, views);
  const marks = scene.flatMap((picture) => picture.marks ?? []);
  const says = scene.flatMap((picture) => picture.says ?? []);
  const packed = (arrays) => {
    let letters = "";
    for (const { buffer, byteOffset, byteLength } of arrays)
      for (const byte of new Uint8Array(buffer, byteOffset, byteLength))
        letters += String.fromCharCode(byte);
    return btoa(letters);
  };
  return settings.map((values) => [
    packed(marks.flatMap((mark) => Object.values(front.resolve(mark, values)))),
    says.map((each) => front.sentence(each, values)),
  ]);
}"""


def players_of(shown: Explorer) -> list[Control]:
    """The controls that ask nothing of Python: pictures are picked and revealed by them."""
    asking = {name for layer in shown.layers.values() for name in layer.asks}
    return [c for name, c in shown.controls.items() if name not in asking or c.kind == "slider"]


def sent(pictures: list[Picture]) -> tuple[list, list[str]]:
    buffers: dict[bytes, int] = {}
    wired = [wire(picture, buffers) for picture in pictures]
    return wired, [base64.b64encode(buffer).decode() for buffer in buffers]


def test_a_solution_published_as_html_shows_its_explorers(browser, tmp_path):
    """As `jupyter nbconvert --to html` writes it, read with no kernel and no network."""
    from nbconvert import HTMLExporter

    from tests.conftest import ROOT

    solution = ROOT / "solutions" / "01-derivatives" / "01-derivatives.ipynb"
    html, _ = HTMLExporter().from_filename(str(solution))
    path = tmp_path / "solution.html"
    path.write_text(html)
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.context.set_offline(True)
    page.goto(path.as_uri(), wait_until="domcontentloaded")
    frame = page.locator(".downhill-explorer iframe").first
    frame.scroll_into_view_if_needed()
    inside = frame.content_frame
    slider = inside.get_by_label("step ε")
    slider.wait_for(timeout=20_000)
    before = inside.locator(".says").inner_text()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    changes(lambda: inside.locator(".says").inner_text(), before)
    assert not page.locator(".downhill-explorer img").first.is_visible()
    shoot(page, "published-solution")
    page.close()
