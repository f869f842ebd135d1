"""Asking a student's function: what is said of a wrong one, and that the next correction counts."""

import contextlib
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from helpers._within import OutOfTime, within
from helpers.explorers import (
    ConnectionExplorer,
    ConvergenceMap,
    ErrorCurveExplorer,
    GraphViewer,
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
)
from helpers.explorers.asking import StudentError, ask, latest, numbers
from helpers.explorers.path import surface_of
from helpers.explorers.scene import wire
from tests.browser import students

# --- Asking a student's function ----------------------------------------------------------------


def test_a_function_defined_anew_is_the_one_that_is_asked():
    notebook = {}
    exec("def f(x): return 1", notebook)
    old = notebook["f"]
    exec("def f(x): return 2", notebook)
    assert latest(old)(0) == 2
    assert latest(np.cos) is np.cos
    del notebook["f"]
    assert latest(old) is old


def test_an_answer_is_the_functions_own():
    assert ask(lambda x: x + 1, 2) == 3


def change(x):
    x += 1
    return x


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: None, "returned None: does it end in a return?"),
        (lambda x: 1 / 0, "ZeroDivisionError"),
        (change, "change changed an array that it was given: work on a copy"),
    ],
)
def test_what_cannot_be_an_answer_is_said(f, words):
    with pytest.raises(StudentError) as error:
        ask(f, np.zeros(2))
    assert words in str(error.value)


def test_a_changed_array_stays_as_it_was_for_the_next_correction():
    given = np.zeros(2)
    with pytest.raises(StudentError):
        ask(change, given)
    assert given.tolist() == [0, 0]


@pytest.mark.parametrize("value", ["far", [1, [2, 3]], [1j], [True], object()])
def test_only_numbers_are_numbers(value):
    with pytest.raises(StudentError, match="it must be made of numbers"):
        numbers(value, "it")


# --- Time limits --------------------------------------------------------------------------------


def endless(*args, **settings):
    while True:
        pass


def stopped(errors):
    """Run an endless loop with a limit; put what is raised into a list."""
    try:
        within(0.02, endless)
    except OutOfTime as error:
        errors.append(str(error))


def test_an_endless_loop_is_stopped_in_any_thread():
    errors = []
    stopped(errors)
    other = threading.Thread(target=stopped, args=(errors,))
    other.start()
    other.join()
    assert errors == ["it did not finish in 0.02 s: is there a loop that never ends?"] * 2


def test_a_loop_that_catches_the_interruption_is_interrupted_again():
    def stubborn():
        try:
            endless()
        except BaseException:
            endless()

    with pytest.raises(OutOfTime, match="did not finish"):
        within(0.02, stubborn)


def test_a_quick_block_leaves_nothing_behind():
    threads = threading.active_count()
    for _ in range(200):
        within(5, lambda: None)
    assert sum(range(10_000)) == 49_995_000  # an exception on its way would arrive here
    assert threading.active_count() == threads


def wait_until(end):
    while time.perf_counter() < end:
        pass


def test_a_block_that_ends_as_its_time_runs_out_raises_nothing_else():
    for k in range(60):  # either outcome is right; any other exception is not
        end = time.perf_counter() + 0.01 + 0.0001 * k
        with contextlib.suppress(OutOfTime):
            within(0.01, lambda: wait_until(end))  # noqa: B023


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_a_block_raises_itself_goes_on(error):
    def fails():
        raise error

    with pytest.raises(error):
        within(5, fails)


def test_a_debugger_works_after_a_time_limit():
    """It looks at every call; in a process of its own, because a hang cannot be caught."""
    code = """
import sys
from helpers._within import within
within(5, lambda: None)
sys.setprofile(lambda *event: None)
(lambda: None)()
"""
    subprocess.run([sys.executable, "-c", code], timeout=15, check=True)


# --- Every explorer -------------------------------------------------------------------------------


def examples():
    """Arrays of one's own each time, for functions that change what they are given."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(20, 2)), np.ones(20)])
    return X, (X[:, 0] > 0).astype(float)


def minus_sin(x):
    return -np.sin(x)


EXP = {"exp": (np.exp, np.exp)}
PLACES = np.eye(6)
ENDS = PLACES[1], 2 * PLACES[0], -PLACES[1]


def sliced(loss_slice, rule):
    plane = {"plane": tuple(PLACES[:3])}
    return SliceExplorer(loss_slice, students.valley, students.valley_slope, plane, {"mine": rule})


ALL = {  # how each explorer is made of one student's function, and the right one
    "tangent: f": (lambda f: TangentExplorer(f, minus_sin), np.cos),
    "tangent: derivative": (lambda f: TangentExplorer(np.cos, f), minus_sin),
    "step size": (StepSizeExplorer, students.gradient_descent),
    "surface": (SurfaceExplorer, students.update_weights),
    "error curve": (lambda f: ErrorCurveExplorer({"mine": f}, EXP), students.central),
    "neuron": (NeuronExplorer, students.sigmoid),
    "sigmoid unit": (lambda f: SigmoidUnitExplorer(f, *examples()), students.sigmoid_rule),
    "softmax": (SoftmaxExplorer, students.softmax),
    "path: rule": (lambda f: PathExplorer({"mine": f}, students.descend), students.sgd),
    "path: descend": (lambda f: PathExplorer({"mine": students.sgd}, f), students.descend),
    "race": (lambda f: Race({"mine": f}, students.descend, steps=20), students.sgd),
    "map: rule": (lambda f: ConvergenceMap(f, students.descend), students.momentum),
    "map: descend": (lambda f: ConvergenceMap(students.momentum, f), students.descend),
    "batches": (
        lambda f: MiniBatchExplorer(f, students.standard_error, examples()[0][:, :2]),
        students.mini_batches,
    ),
    "spread": (
        lambda f: MiniBatchExplorer(students.mini_batches, f, examples()[0][:, :2]),
        students.standard_error,
    ),
    "searches: random": (
        lambda f: SearchExplorer(f, students.genetic_step),
        students.keep_best,
    ),
    "searches: genetic": (
        lambda f: SearchExplorer(students.keep_best, f),
        students.genetic_step,
    ),
    "connection": (lambda f: ConnectionExplorer(f, students.valley, *ENDS), students.bezier),
    "slice: slice": (lambda f: sliced(f, students.sgd), students.loss_slice),
    "slice: rule": (lambda f: sliced(students.loss_slice, f), students.sgd),
    "graph": (lambda f: GraphViewer("(a + b) * a", backward=f, a=2.0), students.backward),
}
GIVEN_ARRAYS = [
    *("surface", "neuron", "softmax", "sigmoid unit", "path: rule", "path: descend"),
    *("map: rule", "map: descend", "spread"),
    *("connection", "slice: slice", "slice: rule"),
]


def errors_of(explorer):
    """What is wrong, of each layer where something is."""
    return [picture.error for picture in explorer.scene(30) if picture.error]


@pytest.mark.parametrize("kind", ALL)
def test_a_right_function_is_drawn_without_a_word_of_error(kind, no_warnings):
    make, right = ALL[kind]
    assert errors_of(make(right)) == []


WRONG = {
    "raises": ("raise RuntimeError('no luck')", "RuntimeError: no luck"),
    "leaves": ("raise SystemExit", "SystemExit"),
    "is unsolved": ("raise NotImplementedError", "f is not implemented yet"),
    "calls itself": ("return f(*args, **settings)", "RecursionError"),
    "returns None": ("return None", "None"),
    "returns text": ("return 'far'", ""),
    "returns another shape": ("return np.ones((2, 5))", ""),
    "returns a generator": ("yield 1.0", ""),
}


@pytest.mark.parametrize("how", WRONG)
@pytest.mark.parametrize("kind", ALL)
def test_a_wrong_function_is_said_and_the_next_correction_is_drawn(kind, how, no_warnings):
    (make, right), (body, words) = ALL[kind], WRONG[how]
    notebook = {"np": np, "right": right}
    exec(f"def f(*args, **settings): {body}", notebook)
    explorer = make(notebook["f"])
    (error,) = set(errors_of(explorer))
    assert words in error
    assert error in explorer.text()
    exec("def f(*args, **settings): return right(*args, **settings)", notebook)
    assert errors_of(explorer) == []


@pytest.mark.parametrize("kind", ALL)
def test_what_is_wrong_stands_in_the_still_picture(kind):
    pictures = []
    for words in ("costs $5_{ and $6", "costs nothing"):  # the first is no formula

        def wrong(*args, words=words, **settings):
            raise RuntimeError(words)

        pictures.append(ALL[kind][0](wrong).png())
    assert pictures[0] != pictures[1]


@pytest.mark.parametrize("kind", ALL)
def test_a_function_that_never_ends_is_said(kind):
    explorer = ALL[kind][0](endless)
    pictures = [explorer.picture(each, explorer.values, 0.03) for each in explorer.layers.values()]
    assert any("is there a loop that never ends?" in (each.error or "") for each in pictures)


@pytest.mark.parametrize("kind", GIVEN_ARRAYS)
def test_a_function_that_changes_its_input_is_said_and_spoils_nothing(kind):
    make, right = ALL[kind]
    notebook = {"np": np, "right": right}
    exec(
        """def f(*args, **settings):
        for each in args:
            if isinstance(each, np.ndarray):
                each += 1
        return right(*args, **settings)""",
        notebook,
    )
    explorer = make(notebook["f"])
    assert "changed an array" in errors_of(explorer)[0]
    exec("def f(*args, **settings): return right(*args, **settings)", notebook)
    buffers, as_ever = {}, {}
    assert wire(explorer.scene(), buffers) == wire(make(right).scene(), as_ever)
    assert list(buffers) == list(as_ever)


NAN = {
    "tangent: f": (lambda x: np.nan, "slope nan"),
    "tangent: derivative": (lambda x: np.nan, "f'(p) = nan"),
    "step size": (lambda d, start, rate, steps: np.full(steps + 1, np.nan), "diverged"),
    "surface": (lambda W, gradient, rate: W * np.nan, "runs away ✕"),
    "error curve": (lambda f, x, h: np.nan, "no error is a number"),
    "neuron": (lambda z: z * np.nan, "not every a lies between 0 and 1"),
    "sigmoid unit": (lambda w, X, y, learning_rate: w * np.nan, "squared error nan"),
    "softmax": (lambda scores: scores * np.nan, "your p is not a number"),
    "path: rule": (lambda w, g, s, learning_rate: (w * np.nan, s), "diverged"),
    "race": (lambda w, g, s, learning_rate: (w * np.nan, s), "diverged ✕ on 6"),
    "map: rule": (
        lambda w, g, s, learning_rate, alpha: (w * np.nan, s),
        "in 120 steps no closer, 340",
    ),
    "spread": (lambda g, size, repeats, rng: np.full(2, np.nan), "spreads by nan"),
    "graph": (lambda graph, values: [np.nan] * len(graph), "grows by nan"),
}


@pytest.mark.parametrize("kind", NAN)
def test_nan_is_drawn_as_nothing_and_said(kind):
    function, words = NAN[kind]
    explorer = ALL[kind][0](function)
    assert words in explorer.text()
    assert explorer.png().startswith(b"\x89PNG")


def test_what_a_function_prints_does_not_fill_the_notebook(capsys):
    def f(x):
        print("x" * 1000)
        return x

    TangentExplorer(f, f)._repr_mimebundle_()
    assert len(capsys.readouterr().out) < 200_000


# --- What only one explorer asks for --------------------------------------------------------------


@pytest.mark.parametrize("body", ["raise RuntimeError('no luck')", "return None", "return 'far'"])
def test_a_wrong_function_of_ones_own_is_said(body):
    notebook = {}
    exec(f"def height(p): {body}", notebook)
    mine = surface_of(notebook["height"], ((-2.0, 2.0), (-2.0, 2.0)), (0.0, 1.0))
    explorer = PathExplorer({"mine": students.sgd}, students.descend, mine)
    assert "height" in errors_of(explorer)[0]
    exec("def height(p): return float(p @ p)", notebook)
    assert errors_of(explorer) == []


@pytest.mark.parametrize(
    "batches",
    [
        lambda n, size, rng: [np.array([0.5])],
        lambda n, size, rng: [np.array([n])],
        lambda n, size, rng: rng.permutation(n),
        lambda n, size, rng: 5,
        lambda n, size, rng: [],
        lambda n, size, rng: (np.arange(size) for _ in range(3)),
        lambda n, size, rng: (1 / 0 for _ in range(3)),
    ],
    ids=[
        "floats",
        "beyond the end",
        "no batches",
        "a number",
        "nothing",
        "a generator",
        "raises later",
    ],
)
def test_what_is_no_list_of_batches_is_said(batches):
    explorer = MiniBatchExplorer(batches, students.standard_error, np.ones((6, 2)))
    assert errors_of(explorer) == ["mini_batches must return a list of arrays of indices"]
