"""The three ways to show an explorer, its still picture, its colours and its front end."""

import base64
import dataclasses
import io
import itertools
import json
import re
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from helpers.explorers import (
    CapacityExplorer,
    ConnectionExplorer,
    ConvergenceMap,
    DepthExplorer,
    ErrorCurveExplorer,
    GraphViewer,
    HiddenUnitsExplorer,
    MiniBatchExplorer,
    NeuronExplorer,
    PathExplorer,
    Race,
    SearchExplorer,
    SigmoidUnitExplorer,
    SliceExplorer,
    SoftmaxExplorer,
    StepSizeExplorer,
    SurfaceExplorer,
    TangentExplorer,
    explorer,
    still,
    style,
)
from helpers.explorers.scene import Mark, Panel, Picture, Says
from tests.browser import students
from tests.helpers.contrast import contrast

WIDGET = "application/vnd.jupyter.widget-view+json"
MOST = 200_000  # bytes in a notebook


def rms_prop(w, gradient, state, learning_rate=0.001, rho=0.9, epsilon=1e-8):
    r = rho * state.get("r", 0.0) + (1 - rho) * gradient**2
    return w - learning_rate * gradient / np.sqrt(r + epsilon), {"r": r}


def adam(w, gradient, state, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    t = state.get("t", 0) + 1
    s = beta1 * state.get("s", 0.0) + (1 - beta1) * gradient
    r = beta2 * state.get("r", 0.0) + (1 - beta2) * gradient**2
    length = np.sqrt(r / (1 - beta2**t)) + epsilon
    return w - learning_rate * (s / (1 - beta1**t)) / length, {"t": t, "s": s, "r": r}


def sigmoid_unit():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(150, 2)), np.ones(150)])
    return SigmoidUnitExplorer(students.sigmoid_rule, X, (X[:, 0] > 0).astype(float))


RULES = {"SGD": students.sgd, "momentum": students.momentum, "RMS-Prop": rms_prop, "Adam": adam}
DIFFERENCES = {"forward": students.forward, "central": students.central}
PLACES = np.eye(6)
PLANES = {"near": (PLACES[1], PLACES[0], PLACES[2]), "far": (2 * PLACES[1], *PLACES[:2])}
CURVES = {"sin": (np.sin, np.cos), "exp": (np.exp, np.exp), "sinh": (np.sinh, np.cosh)}
MAKE = {  # each as large as in its lesson
    "tangent": lambda: TangentExplorer(np.cos, lambda x: -np.sin(x)),
    "step size": lambda: StepSizeExplorer(students.gradient_descent),
    "surface": lambda: SurfaceExplorer(students.update_weights, surface="three basins"),
    "error curve": lambda: ErrorCurveExplorer(DIFFERENCES, CURVES),
    "neuron": lambda: NeuronExplorer(students.sigmoid),
    "sigmoid unit": sigmoid_unit,
    "softmax": lambda: SoftmaxExplorer(students.softmax),
    "path": lambda: PathExplorer(RULES, students.descend),
    "race": lambda: Race(RULES, students.descend),
    "convergence": lambda: ConvergenceMap(students.momentum, students.descend),
    "graph": lambda: GraphViewer(
        "(a + b) * max(a, c)", backward=students.backward, a=2.0, b=-1.0, c=3.0
    ),
    "hidden units": lambda: HiddenUnitsExplorer(*students.learnt(16)),
    "searches": lambda: SearchExplorer(students.keep_best, students.genetic_step),
    "connection": lambda: ConnectionExplorer(
        students.bezier, students.valley, PLACES[1], 2 * PLACES[0], -PLACES[1]
    ),
    "slice": lambda: SliceExplorer(
        students.loss_slice, students.valley, students.valley_slope, PLANES, RULES
    ),
    "mini-batch": lambda: MiniBatchExplorer(
        students.mini_batches,
        students.standard_error,
        np.random.default_rng(0).normal(size=(500, 2)),
    ),
    "depth": lambda: DepthExplorer(students.Dense, students.ReLU),
    "capacity": lambda: CapacityExplorer(students.two_curves(), students.diagnose, 2.3, 1.0),
}
MOVED = {
    "tangent": {"p": 0.3},
    "step size": {"learning_rate": 0.7},
    "surface": {"rate": 0.3},
    "error curve": {"x": 2.0},
    "neuron": {"w1": 2.0},
    "sigmoid unit": {"shown": 7},
    "softmax": {"cat": 3.0},
    "path": {"x": 1.0},
    "race": {"rate": 0.1},
    "convergence": {"alpha": 0.5},
    "graph": {"step": 2},
    "hidden units": {"shown": 3},
    "searches": {"dimension": 100},
    "connection": {"bend": 1.0},
    "slice": {"rate": 0.5},
    "mini-batch": {"batch_size": 16},
    "depth": {"gain": 1.4},
    "capacity": {"width": 8.0},
}
every_kind = pytest.mark.parametrize("kind", MAKE)


def size(bundle):
    """How many bytes an output takes in a notebook."""
    as_text = {
        kind: base64.b64encode(data).decode() if isinstance(data, bytes) else data
        for kind, data in bundle.items()
    }
    return len(json.dumps(as_text, ensure_ascii=False).encode())


def unhurried(kind):
    """As a page; pictures take as long as a busy machine needs, as none is shown as late."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOWNHILL_PAGES", "1")
        patch.setattr(explorer, "within", lambda seconds, compute: compute())
        return MAKE[kind]()._repr_mimebundle_()[0]


@pytest.fixture(scope="module")
def page():
    """The output of an explorer as a page, made once."""
    made = {}

    def of(kind):
        if kind not in made:
            made[kind] = unhurried(kind)
        return made[kind]

    return of


# --- Where there is a kernel, where there is none, and while a class is graded --------------------


@every_kind
def test_in_a_notebook_it_is_a_widget_with_a_picture_and_a_text(kind):
    explorer = MAKE[kind]()
    bundle, metadata = explorer._repr_mimebundle_()
    assert set(bundle) == {WIDGET, "image/png", "text/plain"}
    assert bundle["text/plain"] == f"{explorer.title}. {explorer.text()}"
    assert metadata["image/png"]["alt"] == bundle["text/plain"]
    assert size(bundle) < MOST


@every_kind
def test_on_a_page_it_is_html_with_a_picture_and_a_text(kind, page):
    bundle = page(kind)
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    assert '<iframe sandbox="allow-scripts"' in bundle["text/html"]
    assert '<img alt="' in bundle["text/html"]


@every_kind
def test_a_page_is_small(kind, page):
    assert size(page(kind)) < MOST


def test_without_anywidget_it_is_a_page(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "text/html" in MAKE["graph"]()._repr_mimebundle_()[0]


@every_kind
def test_while_grading_it_is_html_and_quick_and_small(kind, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    taken = []
    for _ in range(8):
        explorer = MAKE[kind]()
        start = time.process_time()
        bundle, _ = explorer._repr_mimebundle_()
        taken.append(time.process_time() - start)
    assert set(bundle) == {"text/html", "text/plain"}
    assert size(bundle) < MOST
    assert min(taken) < 0.05


def test_grading_blames_no_right_function(monkeypatch):
    """What takes longer than grading allows is left out; nothing is wrong with it."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    bundle, _ = MAKE["race"]()._repr_mimebundle_()
    assert "never ends" not in bundle["text/plain"]


def test_grading_does_not_wait_for_what_never_ends(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")

    def endless(w, gradient, state, learning_rate):
        while True:
            pass

    explorer = PathExplorer(dict.fromkeys(RULES, endless), students.descend)
    taken = []
    for _ in range(8):
        start = time.process_time()
        explorer._repr_mimebundle_()
        taken.append(time.process_time() - start)
    assert min(taken) < 0.05


# --- A page of its own ----------------------------------------------------------------------------


def unpacked(html):
    """What a page holds, read as the front end reads it."""
    (packed,) = re.findall(r'data-saved="(.*?)"', html)
    all_bytes = zlib.decompress(base64.b64decode(packed))
    end = 4 + int.from_bytes(all_bytes[:4], "little")
    return json.loads(all_bytes[4:end]), all_bytes[end:]


def test_a_page_holds_every_picture_along_its_sliders():
    explorer = MAKE["tangent"]()
    saved, buffers = unpacked(explorer.to_html())
    asked = [(one["layer"], one["values"]) for one in saved["pictures"]]
    assert asked == [(one["layer"], one["values"]) for one in explorer.ahead()]
    assert sum(saved["sizes"]) == len(buffers)
    assert saved["values"] == explorer.values


def test_a_page_asks_no_network():
    html = MAKE["graph"]().to_html()
    code = re.sub(r'"[A-Za-z0-9+/=]{1000,}"', '""', html)
    assert len(code) < len(html)
    assert not re.search(r"https?:|wss?:|url\(|@import|\bfetch\(|XMLHttp|<link|\bsrc=", code)


@every_kind
def test_page_picture_and_text_are_the_same_every_time(kind, page):
    assert unhurried(kind) == page(kind)


def test_what_a_title_or_an_error_holds_cannot_end_the_page():
    explorer = GraphViewer("a")
    explorer.title = "</script><b>"
    explorer.set(expression='</script>"')
    html = explorer.to_html()
    assert html.count("</script>") == 1
    assert "<b>" not in html


# --- The still picture ----------------------------------------------------------------------------


def drawn(mark, **look):
    panel = Panel("p", x=(-1, 2), y=(-1, 1), **look)
    return still.draw([panel], [Picture([mark])], {}, 200)


def test_a_still_picture_shows_bars_and_names():
    one, other = (Mark(kind="bars", panel="p", x=[0, 1], y=[0.5, y]) for y in (-0.5, 0.9))
    assert drawn(one) != drawn(other)
    assert drawn(one, x_names=("cat", "dog")) != drawn(one)
    nothing = Mark(kind="bars", panel="p", x=[0], y=[np.nan])
    assert drawn(nothing) != drawn(one)


@pytest.mark.parametrize("how", [{"pick": "step"}, {"reveal": "step"}])
def test_a_still_picture_shows_the_present_position(how):
    mark = Mark(kind="line", panel="p", x=[[0, 1], [1, 0]], y=[[0, 1], [0, 1]], **how)
    panel = Panel("p", x=(0, 1), y=(0, 1))
    one, other = (still.draw([panel], [Picture([mark])], {"step": at}, 200) for at in (0, 1))
    assert one != other


def test_what_is_said_fits_below_the_plot():
    """As many lines as it needs, and none wider than the picture."""
    long = "a word and another " * 12
    panel = Panel("p", x=(0, 1), y=(0, 1))
    heights = []
    for says in ([], [Says(text=long)], [Says(text=long), Says(text="short", marker="circle")]):
        png = Image.open(io.BytesIO(still.draw([panel], [Picture(says=says)], {}, 200)))
        ink = np.asarray(png.convert("L")) < 128
        assert not ink[:, -4:].any()
        assert not ink[-2:].any()
        heights.append(png.height)
    assert heights[0] < heights[1] < heights[2]


@every_kind
def test_an_error_stands_below_the_plot_and_across_nothing(kind):
    """The plot keeps its place and its pixels: what is wrong is written below it."""
    explorer = MAKE[kind]()
    pictures = explorer.scene()
    marred = [dataclasses.replace(pictures[0], error="it is wrong\nin two ways"), *pictures[1:]]
    without, with_error = (
        np.asarray(Image.open(io.BytesIO(explorer.png(each))).convert("L"))
        for each in (pictures, marred)
    )
    more = len(with_error) - len(without)
    assert more > 20
    plot = explorer.height - 60
    assert np.mean(without[:plot] != with_error[:plot]) < 0.01
    assert (with_error[-more:] < 128).any()


@every_kind
def test_a_moved_control_makes_another_still_picture(kind, page):
    before = page(kind)
    explorer = MAKE[kind]()
    explorer.set(**MOVED[kind])
    after = explorer.png()
    assert Image.open(io.BytesIO(after)).width == 720
    assert after != before["image/png"]
    assert explorer.alt_text() != before["text/plain"]


# --- Colours --------------------------------------------------------------------------------------

PAGES = ("#FFFFFF", "#111111", "#1E1E1E")  # white, JupyterLab's dark, the dark of VS Code and Colab


def channels(color):
    return np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)])


def test_the_contrast_of_black_on_white_is_21():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", style.ON_BOTH)
def test_a_color_can_be_seen_on_both_themes(name, page):
    assert contrast(channels(style.ON_BOTH[name]), channels(page)) >= 3


@pytest.mark.parametrize("page", PAGES)
@every_kind
def test_what_is_faint_can_be_seen_as_well(kind, page):
    paper = channels(page)
    ink = 255 - 255 * (paper > 127)
    for picture in MAKE[kind]().scene():
        for mark in picture.marks:
            if mark.faint:
                color = style.ON_BOTH.get(mark.color)
                shown = 0.45 * (ink if color is None else channels(color)) + 0.55 * paper
                assert contrast(shown, paper) >= 3, mark.color


@every_kind
def test_lines_of_one_panel_differ_by_more_than_their_color(kind):
    """Every two colours of lines in a panel come with two dashes."""
    lines = [m for p in MAKE[kind]().scene() for m in p.marks if m.kind == "line" and not m.faint]
    for one, other in itertools.combinations(lines, 2):
        if one.panel == other.panel and one.color != other.color:
            assert one.dash != other.dash


@every_kind
def test_only_colors_for_both_themes_are_used(kind):
    for picture in MAKE[kind]().scene():
        for part in (*picture.marks, *picture.says):
            assert part.color in {None, "text", *style.ON_BOTH}
