"""Every explorer in a real notebook: by hand, by keys alone, broken and mended, with no kernel."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from tests.browser import students
from tests.browser.jupyter import (
    end_sessions,
    execute,
    open_in_lab,
    open_in_notebook,
    run_all,
    serving,
    shoot,
    wait_for,
)
from tests.browser.shown import NAMES, changes, control, explorer, pixels, says, wrong

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
MEND = (
    "def gradient_descent(derivative, start, learning_rate, steps):\n"
    "    path = [start]\n"
    "    for _ in range(steps):\n"
    "        path.append(path[-1] - learning_rate * derivative(path[-1]))\n"
    "    return np.array(path)\n"
)
ASKED = (
    "from helpers import Prediction\n"
    'guess = Prediction("Which one?", ["<b>the first</b>", "the second", "the third"])\n'
    "guess"
)
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
ONE_STEP = "one_step(path[-1], derivative(path[-1]), learning_rate)"
BROKEN = {
    "raises": ("    raise RuntimeError('no luck')", "RuntimeError: no luck"),
    "unsolved": ("    raise NotImplementedError", "is not implemented yet"),
    "None": ("    pass", "returned None"),
    "shape": ("    return np.zeros((2, 5))", "51 points"),
    "never ends": ("    while True: pass", "did not finish in 2 s"),
    "nan": ("    return np.full(steps + 1, np.nan)", ""),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A notebook with a student's functions and all explorers, below a heading."""
    folder = tmp_path_factory.mktemp("explorers")
    source = Path(students.__file__).read_text()
    cells = [
        nbformat.v4.new_markdown_cell("# A heading"),
        nbformat.v4.new_code_cell(source + "\n\nEVERY = explorers()"),
        *(nbformat.v4.new_code_cell(f"EVERY[{name!r}]") for name in NAMES),
        nbformat.v4.new_code_cell(ASKED),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "explorers.ipynb")
    return folder


@pytest.fixture(scope="module")
def lab(folder, tmp_path_factory):
    with serving("jupyterlab", folder, tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.fixture(scope="module")
def opened(browser, lab):
    """The notebook in Lab with every explorer shown; all tests look at this one page."""
    page = browser.new_page(viewport={"width": 1100, "height": 1000})
    page.set_default_timeout(90_000)
    open_in_lab(page, lab, "explorers")
    run_all(page)
    wait_for(lambda: page.locator(".downhill").count() == len(NAMES), 60, "the explorers")
    for name in NAMES:
        wait_for(explorer(page, name).locator(".says").inner_text, 30, f"{name} to be drawn")
    yield page
    page.close()
    end_sessions(lab)


@pytest.mark.parametrize("name", NAMES)
def test_each_slider_moves_the_plot_by_keys_alone(opened, name):
    shown = explorer(opened, name)
    for slider in shown.locator("input[type=range]").all():
        before = pixels(shown), says(shown)
        slider.focus()
        last = slider.input_value() == slider.get_attribute("max")
        opened.keyboard.press("ArrowLeft" if last else "ArrowRight")
        changes(lambda: (pixels(shown), says(shown)), before)
    assert wrong(shown) == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_and_each_explorer_can_be_looked_at(opened, scheme):
    theme = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[scheme]
    opened.evaluate(
        "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
    )
    value = str(scheme == "light").lower()
    opened.locator(f"body[data-jp-theme-light={value}]").wait_for(state="attached")
    opened.wait_for_timeout(300)
    for name in NAMES:
        shown = explorer(opened, name)
        shown.scroll_into_view_if_needed()
        path = shoot(opened, f"explorer-{name}-{scheme}")
        shown.screenshot(path=path)
    found = Axe().run(opened, context=".downhill")
    assert {"label", "button-name", "select-name"} <= {p["id"] for p in found.response["passes"]}
    assert found.violations_count == 0, found.generate_report()


def test_arrow_keys_stay_in_the_explorer(opened):
    """Lab takes Left for itself and folds the heading above, unless it is told not to."""
    shown = explorer(opened, "path")
    for element in shown.locator("input, select, button").all():
        assert element.get_attribute("data-lm-suppress-shortcuts") == "true"
        element.focus()
        opened.keyboard.press("ArrowLeft")
    assert shown.is_visible()


def test_a_prediction_is_chosen_by_keys_alone(opened):
    """Lab takes Down for itself and goes to the next cell, unless it is told not to."""
    asked = opened.get_by_role("group", name="Which one?")
    asked.get_by_label("<b>the first</b>").focus()
    opened.keyboard.press("Space")
    for key, option in (
        ("ArrowDown", "the second"),
        ("ArrowRight", "the third"),
        ("ArrowUp", "the second"),
    ):
        opened.keyboard.press(key)
        assert asked.get_by_label(option).is_checked()
        assert asked.get_by_label(option).evaluate("it => it === document.activeElement")
    asked.get_by_text("Noted. Run on to see.").wait_for()  # Python has it


def test_tab_reaches_every_control_in_order(opened):
    shown = explorer(opened, "path")
    shown.locator(".handle").focus()
    reached = [shown.locator(".handle").get_attribute("aria-label")]
    for _ in range(shown.locator("input, select, button").count() - 1):
        opened.keyboard.press("Tab")
        reached.append(
            opened.evaluate(
                "() => { const e = document.activeElement;"
                " return e.closest('.downhill') && (e.getAttribute('aria-label')"
                " ?? e.labels[0].textContent); }"
            )
        )
    assert None not in reached
    assert len(set(reached)) == len(reached)


def test_the_start_is_dragged_clicked_typed_and_moved_by_keys(opened):
    shown = explorer(opened, "path")
    shown.scroll_into_view_if_needed()
    x, y = control(shown, "start x"), control(shown, "start y")
    box = shown.locator(".handle").bounding_box()
    middle = (box["x"] + 12, box["y"] + 12)

    before = says(shown), x.input_value(), y.input_value()
    opened.mouse.move(*middle)
    opened.mouse.down()
    opened.mouse.move(middle[0] + 60, middle[1] + 40, steps=8)
    opened.mouse.up()
    assert (x.input_value(), y.input_value()) != before[1:]
    changes(lambda: says(shown), before[0])

    for act in (
        lambda: opened.mouse.click(middle[0] + 20, middle[1] + 120),
        lambda: (shown.locator(".handle").focus(), opened.keyboard.press("ArrowUp")),
        lambda: (shown.locator(".handle").focus(), opened.keyboard.press("Shift+ArrowLeft")),
        lambda: x.fill("1.25"),
        lambda: (y.focus(), opened.keyboard.press("ArrowDown")),
    ):
        before = says(shown)
        act()
        changes(lambda: says(shown), before)
    assert x.input_value() == "1.25"


def test_a_surface_brings_its_own_start(opened):
    shown = explorer(opened, "path")
    before = says(shown)
    control(shown, "surface").select_option("himmelblau")
    changes(lambda: says(shown), before)
    assert control(shown, "start x").input_value() == "0"
    assert wrong(shown) == ""
    control(shown, "surface").select_option("canyon")
    wait_for(lambda: control(shown, "start x").input_value() == "-2.5", 10, "canyon's start")


def test_a_path_that_diverges_is_marked_and_not_lost(opened):
    shown = explorer(opened, "path")
    rate = control(shown, "learning rate ×")
    rate.focus()
    opened.keyboard.press("End")
    wait_for(lambda: "diverged" in says(shown), 20, "SGD to diverge")
    assert "SGD: loss" in says(shown)
    opened.keyboard.press("Home")
    wait_for(lambda: "diverged" not in says(shown), 20, "it to come back")


def test_it_plays_pauses_and_steps(opened):
    shown = explorer(opened, "step size")
    shown.scroll_into_view_if_needed()
    step = control(shown, "step")
    step.focus()
    opened.keyboard.press("Home")
    wait_for(lambda: step.input_value() == "0", 5, "the first step")
    opened.wait_for_timeout(500)  # what it says of that has been said
    before = says(shown)
    shown.get_by_role("button", name="Play step").click()
    wait_for(lambda: 3 < int(step.input_value()) < 50, 5, "it to be on its way")
    changes(lambda: says(shown), before, 2)  # what it says does not wait for its end
    shown.get_by_role("button", name="Pause step").click()
    at = int(step.input_value())
    shown.get_by_role("button", name="One step on").click()
    assert int(step.input_value()) == at + 1
    shown.get_by_role("button", name="One step back").click()
    assert int(step.input_value()) == at


def test_another_formula_makes_another_graph(opened):
    shown = explorer(opened, "graph")
    formula = control(shown, "formula")
    for text, words in (
        ("a * a + b", "grows by 4"),
        ("a +", "not a formula"),
        ("a * b", "grows by −1 for each"),
    ):
        formula.fill(text)
        opened.keyboard.press("Enter")
        wait_for(lambda: words in says(shown) + wrong(shown), 10, words)  # noqa: B023
    assert wrong(shown) == ""


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_function_is_said_in_the_plot_and_a_mended_one_goes_on(opened, how):
    body, words = BROKEN[how]
    shown = explorer(opened, "step size")
    good = says(shown)
    execute(opened, f"def gradient_descent(derivative, start, learning_rate, steps):\n{body}\n")
    if words:
        wait_for(lambda: words in wrong(shown), 15, "the message")
        shoot(opened, f"broken-{how}")
    else:
        wait_for(lambda: "diverged" in says(shown), 15, "the path to be marked")
    execute(opened, MEND)
    wait_for(lambda: wrong(shown) == "" and says(shown) == good, 15, "it to go on")


def test_a_function_that_is_called_by_the_one_shown_may_be_mended_too(opened):
    shown = explorer(opened, "step size")
    good = says(shown)
    execute(opened, "def one_step(x, slope, rate):\n    raise RuntimeError('half done')\n")
    execute(opened, MEND.replace("path[-1] - learning_rate * derivative(path[-1])", ONE_STEP))
    wait_for(lambda: "half done" in wrong(shown), 15, "the message")
    execute(opened, "def one_step(x, slope, rate):\n    return x - rate * slope\n")
    wait_for(lambda: wrong(shown) == "" and says(shown) == good, 15, "it to go on")


def test_a_rule_that_works_in_place_is_told(opened):
    shown = explorer(opened, "path")
    execute(
        opened,
        "def sgd(w, gradient, state, learning_rate=0.01):\n"
        "    w -= learning_rate * gradient\n"
        "    return w, state\n",
    )
    wait_for(lambda: "work on a copy" in wrong(shown), 15, "the message")
    assert "momentum: loss" in says(shown)  # the other rule goes on
    execute(
        opened,
        "def sgd(w, gradient, state, learning_rate=0.01):\n"
        "    return w - learning_rate * gradient, state\n",
    )
    wait_for(lambda: wrong(shown) == "" and "SGD: loss" in says(shown), 15, "it to go on")


def settled(page: Page, shown: Locator) -> None:
    """Until nothing more is asked beforehand: the pictures along the sliders are here."""
    shown.locator("input[type=range]").first.focus()
    rested = 0
    while rested < 15:
        page.wait_for_timeout(100)
        rested = rested + 1 if page.evaluate(f"{KERNEL}.status") == "idle" else 0


def walk(page: Page, slider: Locator, shown: Locator) -> None:
    """Ten positions of a slider, each of which is drawn and said."""
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(10):
        drawn, said = pixels(shown), says(shown)
        page.keyboard.press("ArrowRight")
        changes(lambda: pixels(shown), drawn)
        changes(lambda: says(shown), said)


def test_a_key_is_answered_in_the_next_frame(opened):
    """Frames are counted, not milliseconds; benchmarks/latency.py has those."""
    shown = explorer(opened, "path")
    shown.scroll_into_view_if_needed()
    settled(opened, shown)
    slider = control(shown, "learning rate ×")
    slider.focus()
    opened.keyboard.press("Home")
    for _ in range(10):
        shown.evaluate(
            "(root) => { const canvas = root.querySelector('.plot canvas');"
            " const before = canvas.toDataURL(); window.answered = undefined;"
            " const frame = (left) => requestAnimationFrame(() => left ? frame(left - 1)"
            " : (window.answered = String(canvas.toDataURL() !== before)));"
            " root.addEventListener('input', () => frame(2), { capture: true, once: true }); }"
        )
        opened.keyboard.press("ArrowRight")
        assert wait_for(lambda: opened.evaluate("window.answered"), 10, "frames") == "true"


def test_a_slider_moves_while_the_kernel_is_busy_and_after_it_died(opened):
    """Last of the tests of this page: there is no kernel after it."""
    shown = explorer(opened, "step size")
    settled(opened, shown)
    slider = control(shown, "learning rate")
    execute(opened, "import time; time.sleep(1000)", wait=False)
    wait_for(lambda: opened.evaluate(f"{KERNEL}.status") == "busy", 10, "the kernel to be busy")
    walk(opened, slider, shown)
    opened.evaluate(f"() => {KERNEL}.shutdown()")
    walk(opened, slider, shown)


def test_notebook_7_shows_moves_and_asks(browser, folder, tmp_path):
    with serving("notebook", folder, tmp_path) as address:
        page = browser.new_page(viewport={"width": 1100, "height": 1000})
        page.set_default_timeout(90_000)
        open_in_notebook(page, address, "explorers")
        run_all(page)
        wait_for(lambda: page.locator(".downhill").count() == len(NAMES), 60, "the explorers")
        shown = explorer(page, "path")
        before = wait_for(lambda: says(shown), 30, "the paths")
        shown.scroll_into_view_if_needed()
        for element, key in (
            (control(shown, "learning rate ×"), "ArrowLeft"),
            (shown.locator(".handle"), "ArrowDown"),
        ):
            element.focus()
            page.keyboard.press(key)
            before = changes(lambda: says(shown), before) and says(shown)
        assert shown.is_visible()
        shoot(page, "notebook-7")
        page.close()
        end_sessions(address)
