"""The machinery below every explorer: scenes, controls, answers and the widget."""

import itertools
import json

import numpy as np
import pytest

from helpers.explorers import PathExplorer, StepSizeExplorer, TangentExplorer
from helpers.explorers.controls import Choice, Player, linear, powers
from helpers.explorers.path import surface_of
from helpers.explorers.scene import Mark, Panel, Picture, Says, resolve, sentence, show, wire
from tests.browser import students

# --- Scenes -------------------------------------------------------------------------------------


def drawn(at, **mark):
    """The x that a mark draws where the control `step` is at this position."""
    return resolve(Mark(kind="line", panel="p", y=[0.0], **mark), {"step": at})["x"].tolist()


def test_a_mark_is_drawn_whole_picked_or_revealed():
    x = [[1, 2, 3], [4, 5, 6]]
    assert drawn(0, x=[1, 2, 3]) == [1, 2, 3]
    assert drawn(1, x=x, pick="step") == [4, 5, 6]
    assert drawn(1, x=[1, 2, 3], pick="step") == [2]
    assert drawn(1, x=[1, 2, 3], reveal="step") == [1, 2]
    assert drawn(1, x=x, pick="step", reveal="step") == [4, 5]


def test_beyond_the_end_stands_the_last():
    assert drawn(9, x=[[1, 2], [3, 4]], pick="step") == [3, 4]
    assert drawn(9, x=[1, 2, 3], reveal="step") == [1, 2, 3]


@pytest.mark.parametrize(
    ("at", "says", "text"),
    [
        (0, Says(text="x is {x}, y {y}", fields={"x": 0.5, "y": -2}), "x is 0.5, y −2"),
        (1, Says(text="x is {x}", fields={"x": [1, 2, 3]}, pick="step"), "x is 2"),
        (9, Says(text="x is {x}", fields={"x": [1, 2, 3]}, pick="step"), "x is 3"),
        (1, Says(text="{x} of {n}", fields={"x": [1, 2], "n": 7}, pick="step"), "2 of 7"),
        (1, Says(text=["start", "x is {x}"], fields={"x": [1, 2]}, pick="step"), "x is 2"),
        (9, Says(text=["start", "end"], pick="step"), "end"),
    ],
)
def test_a_sentence_tells_the_numbers_of_a_position(at, says, text):
    assert sentence(says, {"step": at}) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "−0"),
        (3.0, "3"),
        (-0.25, "−0.25"),
        (np.nan, "nan"),
        (np.inf, "∞"),
        (-np.inf, "−∞"),
        (1e-5, "1e−5"),
        (0.000123456, "0.0001235"),
        (12345, "1.235e4"),
        (-2.5e20, "−2.5e20"),
        (0.99995, "1"),
        (9999.4, "9999"),
        (9999.5, "1e4"),
        (1.0625, "1.063"),  # a half is rounded up, as the front end does
    ],
)
def test_a_number_is_shown_in_four_digits(value, text):
    assert show(value) == text


def test_what_32_bits_do_not_hold_is_not_said_to_be_infinite():
    said = Says(text="{a}, {b}, {c}", fields={"a": 1.7e73, "b": -1e300, "c": np.inf})
    assert sentence(said, {}) == "over 3e38, below −3e38, ∞"


def test_equal_arrays_are_sent_once_as_32_bits():
    buffers = {}
    x = np.arange(6.0).reshape(2, 3)
    sent = wire(Picture([Mark(kind="line", panel="p", x=x, y=x.copy()), {"z": x[0]}]), buffers)
    assert sent["marks"][0]["x"] == sent["marks"][0]["y"] == {"buffer": 0, "shape": [2, 3]}
    assert sent["marks"][1]["z"] == {"buffer": 1, "shape": [3]}
    assert list(buffers) == [x.astype("<f4").tobytes(), x[0].astype("<f4").tobytes()]


def test_what_is_as_usual_is_not_sent():
    assert wire(Panel("p", title="t"), {}) == {"name": "p", "title": "t"}
    assert set(wire(Mark(kind="line", panel="p", x=[1], y=[2]), {})) == {"kind", "panel", "x", "y"}


# --- Controls -----------------------------------------------------------------------------------


def test_a_slider_has_the_given_value_among_its_positions():
    assert linear("x", "x", 0.4, 0, 1, 3).positions == (0, 0.4, 0.5, 1)
    assert powers("x", "x", 0.1, -2, 0, 1).positions == (0.01, 0.1, 1)
    assert powers("x", "x", 0.1, -2, 0, 1).at == 1


@pytest.mark.parametrize("kind", students.explorers())
def test_no_two_positions_of_a_slider_look_the_same(kind):
    for control in students.explorers()[kind].controls.values():
        texts = control.settings().get("texts", [])
        assert len(set(texts)) == len(texts), control.name


def test_set_goes_to_the_nearest_position():
    explorer = StepSizeExplorer(students.gradient_descent)
    positions = explorer.controls["learning_rate"].positions
    for wanted in (0.8, 0.9):
        explorer.set(learning_rate=wanted)
        nearest = min(positions, key=lambda rate, to=wanted: abs(rate - to))
        assert explorer.read("learning_rate") == nearest
    explorer.set(start=1.25, step=999)
    assert (explorer.read("start"), explorer.read("step")) == (1.25, 50)
    with pytest.raises(ValueError, match="is not one of"):
        explorer.set(curve="nowhere")


def test_a_choice_brings_its_own_start():
    explorer = PathExplorer({"mine": students.sgd}, students.descend)
    explorer.set(surface="rosenbrock")
    assert (explorer.read("x"), explorer.read("y")) == (-1.2, 1)
    explorer.set(x=0.5, surface="beale")
    assert (explorer.read("x"), explorer.read("y")) == (0.5, 1)


def test_only_what_has_positions_is_sent_ahead():
    assert [*Choice("c", "c", ("a", "b"), "a").every(), *Player("p", "p", 2, 0).every()] == [
        *("a", "b"),
        *(0, 1, 2),
    ]
    with pytest.raises(TypeError, match="any number"):
        StepSizeExplorer(students.gradient_descent).controls["start"].every()


# --- An explorer's answers ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", students.explorers())
def test_everything_along_the_sliders_is_known_ahead(kind):
    explorer = students.explorers()[kind]
    known = [(one["layer"], *one["values"].items()) for one in explorer.ahead()]
    for layer in explorer.layers.values():
        assert (layer.name, *((n, explorer.values[n]) for n in layer.asks)) in known
        for group in layer.ahead:
            for at in itertools.product(*(explorer.controls[name].every() for name in group)):
                values = explorer.values | dict(zip(group, at, strict=True))
                assert (layer.name, *((n, values[n]) for n in layer.asks)) in known


def test_an_answer_stops_when_its_time_is_over_but_has_one_picture():
    explorer = TangentExplorer(np.cos, lambda x: -np.sin(x))
    assert len(explorer.answer(explorer.ahead(), -1)[0]) == 1
    assert len(explorer.answer(explorer.ahead(), np.inf)[0]) == len(explorer.ahead())


@pytest.mark.parametrize("kind", students.explorers())
def test_an_answer_names_what_was_asked_and_is_plain_json(kind):
    explorer = students.explorers()[kind]
    asked = explorer.now()
    answers, buffers = explorer.answer(asked, np.inf)
    text = json.dumps([answers, explorer.setting(), explorer.values], allow_nan=False)
    assert [{**one, "picture": 0} for one in answers] == [{**one, "picture": 0} for one in asked]
    assert text.count('"buffer"') >= len(buffers) > 0
    assert not any(len(buffer) % 4 for buffer in buffers)


def test_a_cell_computes_each_picture_once(monkeypatch):
    """For its text and for its still picture; a loop that never ends takes its time only once."""
    explorer = StepSizeExplorer(students.gradient_descent)
    asked = []
    given = explorer.picture

    def counted(layer, *rest):
        asked.append(layer.name)
        return given(layer, *rest)

    monkeypatch.setattr(explorer, "picture", counted)
    explorer._repr_mimebundle_()
    assert asked == ["curve", "path"]


def test_an_answer_after_an_error_does_not_wait_for_every_position(monkeypatch):
    """A page is made of all positions; a loop that never ends must not be waited for at each."""

    def endless(*args):
        while True:
            pass

    explorer = StepSizeExplorer(endless)
    asked = []
    given = explorer.picture

    def counted(layer, values, *rest):
        asked.append(layer.name)
        return given(layer, values, 0.01)

    monkeypatch.setattr(explorer, "picture", counted)
    explorer.to_html()
    assert asked.count("path") < 10


# --- The widget ---------------------------------------------------------------------------------


@pytest.fixture
def sent(monkeypatch):
    """Every message that a widget sends."""
    from helpers.explorers.widget import Widget

    messages = []
    monkeypatch.setattr(
        Widget, "send", lambda self, content, buffers=None: messages.append(content)
    )
    return messages


def widget_of(explorer):
    explorer._repr_mimebundle_()
    return explorer._widget


def test_a_message_is_answered_with_pictures(sent):
    explorer = TangentExplorer(np.cos, lambda x: -np.sin(x))
    widget_of(explorer)._on_message(None, {"ask": explorer.now()}, [])
    assert sent[0]["pictures"][0]["layer"] == "curve"


def test_the_hand_and_the_code_move_the_same_controls(sent):
    explorer = StepSizeExplorer(students.gradient_descent)
    widget = widget_of(explorer)
    widget.values = {**widget.values, "start": 1.5}
    assert explorer.read("start") == 1.5
    explorer.set(start=-1.0)
    assert widget.values["start"] == -1.0


REDEFINED = {
    "the function": ("def f(x): return x", "def f(x): return 2 * x"),
    "what it calls": ("def g(x): return x\ndef f(x): return g(x)", "def g(x): return 2 * x"),
    "nothing": ("def f(x): return x", "h = 3"),
}


@pytest.mark.parametrize("what", REDEFINED)
def test_the_widget_forgets_when_a_function_is_defined_anew(sent, what):
    notebook, (before, after) = {}, REDEFINED[what]
    exec(before, notebook)
    widget = widget_of(TangentExplorer(notebook["f"], np.cos))
    exec(after, notebook)
    widget.refresh()
    assert sent == ([] if what == "nothing" else [{"forget": True}])


def test_the_widget_forgets_when_a_surface_is_defined_anew(sent):
    notebook = {}
    exec("def f(p): return float(p @ p)", notebook)
    mine = surface_of(notebook["f"], ((-2.0, 2.0), (-2.0, 2.0)), (1.0, 1.0))
    widget = widget_of(PathExplorer({"SGD": students.sgd}, students.descend, mine))
    exec("def f(p): return float(abs(p).sum())", notebook)
    widget.refresh()
    assert sent == [{"forget": True}]
