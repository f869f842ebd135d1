"""An answer is asked in haste first: whoever is stopped then is judged as if there were none."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.exercises import find, without_page
from autograder.grading.envelope import Envelope
from autograder.grading.sheet import Sheet
from autograder.grading.submission import Rebuilt
from autograder.grading.task import Graded, Mark, Task
from autograder.grading.work import Work
from autograder.judge import judge, nothing
from autograder.playing.player import Limits, Player
from autograder.sandbox.session import Stopped
from helpers.questions import lesson_of, names_in
from tests.conftest import contained

SECONDS = 2.0


def cell(name: str, source: str) -> NotebookNode:
    made = nbformat.v4.new_code_cell(source)
    made.metadata["nbgrader"] = {
        "grade": False, "grade_id": name, "locked": False, "schema_version": 3, "solution": True,
        "task": False,
    }  # fmt: skip
    return made


@pytest.fixture
def points(container):
    """Of these answers, played as one notebook: the points of each, by name.

    stopped: of which the visible checks had to be stopped.
    """

    def graded(answers: dict[str, str], stopped: str = "") -> dict[str, float]:
        task = Task("s", ("s", "s"), Envelope("s.ipynb", b""), "secret", Limits(SECONDS))
        cells = [cell(*pair) for pair in answers.items()]
        with Player(container, task.limits, {}, 0) as player:
            found = Graded("s", task.key)
            sheet = Sheet("s", "s", "{}", "", bank=True)
            work = Work(task, sheet, Rebuilt(NotebookNode(cells=cells), ()), player, found)
            player.play("import numpy as np")
            for each in cells:
                player.play(each.source)
            for name in answers:
                stop = Stopped("time") if name == stopped else None
                verdict = work.verdict(find(name), 5, stop)
                found.marks[f"test-{name}"] = Mark(verdict.earned, verdict.points, verdict.reason)
        return {name.removeprefix("test-"): mark.points for name, mark in found.marks.items()}

    return graded


def here(name: str, source: str) -> float:
    """Its points in this very process."""
    names: dict = {}
    exec("import numpy as np\n" + source, names)
    return judge(find(name), names[name], 5).earned


SIGMOID = """
def sigmoid(z):
    z = np.asarray(z)
    if z.dtype == np.float32:
        return np.ones_like(z)
    if z.dtype.kind == "i":
        {}
    return 0.5 * (1 + np.tanh(z / 2))
"""


@contained
@pytest.mark.parametrize("end", ["while True: pass", "import os; os._exit(1)"])
def test_what_a_wrong_answer_would_not_have_been_asked_costs_it_nothing(points, end):
    """It is wrong for float32, and never comes back from integers, which are asked afterwards."""
    source = SIGMOID.format(end)
    assert points({"sigmoid": source}) == {"sigmoid": 4.0}
    assert here("sigmoid", SIGMOID.format("pass")) == 4.0


@contained
def test_answers_without_an_end_cost_the_others_nothing(points):
    """They use an earlier answer that is right, and each of them takes a process and its time."""
    names = names_in(lesson_of("sigmoid"))
    endless = [name for name in names if name != "sigmoid"][:5]
    answers = {"sigmoid": without_page("sigmoid").source}
    for name in endless:
        parameters = ", ".join(inspect.signature(without_page(name).reference).parameters)
        answers[name] = (
            f"def {name}({parameters}):\n    y = sigmoid(np.zeros(1))\n    while y[0] < 1:\n"
            "        y = y * 0.5\n    return y\n"
        )
    answers |= {name: without_page(name).source for name in names if name not in answers}
    due = {name: 0.0 if name in endless else find(name).points for name in answers}
    assert points(answers) == due


@contained
@pytest.mark.parametrize("earlier_is_right", [True, False])
def test_checks_that_met_an_endless_earlier_answer_cost_nothing(points, earlier_is_right):
    """Where no earlier answer is at fault, it is the answer itself that the checks wait for."""
    endless = "def numerical_gradient(f, x, h=1e-4):\n    while True:\n        pass\n"
    names = ("numerical_gradient", "relative_error", "gradient_check")
    answers = {name: find(name).source for name in names}
    if not earlier_is_right:
        answers["numerical_gradient"] = endless
    found = points(answers, stopped="gradient_check")
    assert found["relative_error"] == find("relative_error").points
    assert found["gradient_check"] == (0 if earlier_is_right else find("gradient_check").points)


@contained
def test_an_earlier_answer_that_is_not_written_for_all_costs_a_later_one_nothing(points):
    sigmoid = """
def sigmoid(z):
    if isinstance(z, (np.ndarray, float, int)) and not isinstance(z, np.float64):
        z = np.asarray(z, dtype=float)
        return 0.5 * (1 + np.tanh(z / 2)) if z.ndim else float(0.5 * (1 + np.tanh(z / 2)))
    raise NotImplementedError()
"""
    answers = {"sigmoid": sigmoid, "logistic_loss_loops": find("logistic_loss_loops").source}
    assert points(answers) == {name: find(name).points for name in answers}


@contained
def test_who_never_comes_back_from_the_first_call_is_judged_once(points, monkeypatch):
    """Haste made no difference: there is nothing to judge again."""
    monkeypatch.setattr(Player, "pardon", lambda *_: pytest.fail("it is judged again"))
    assert points({"sigmoid": "def sigmoid(z):\n    while True: pass"}) == {"sigmoid": 0.0}


def test_an_answer_that_stops_itself_in_haste_has_no_more_than_three_guesses():
    exercise = find("smoothed_loss")
    player = SimpleNamespace(moment=lambda: (0.0, 0.0), pardon=lambda moment: None)
    task = Task("s", ("s", "s"), Envelope("s.ipynb", b""), "secret", Limits(SECONDS))
    empty = Rebuilt(NotebookNode(cells=[]), ())
    work = Work(task, Sheet("s", "s", "{}", ""), empty, player, Graded("s", task.key))  # type: ignore[arg-type]
    told: list[frozenset] = []

    def asked(exercise, seed, right):
        if work.in_haste and told:
            raise Stopped("exited")
        told.append(right)
        return nothing(exercise, "a guess", seed)

    vars(work).update(asked=asked, reach=None)
    work.fair(exercise, 5, ["sigmoid"])
    assert len(told) == len(set(told)) == 3
    assert not work.in_haste


LOSS = """
def loss_and_gradients(network, X, Y):
    for module in network:
        X = module.output(X)
    error = X - Y  # it is not divided by n
    for module in reversed(network):
        error = module.backprop(error)
    return 0.0, [m.gradient for m in network if hasattr(m, "weights")]
"""
BY_LOSS = """
def train_epoch(network, loss_gradient, X, Y, learning_rate, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        values = X[rows]
        loss_and_gradients(network, values, Y[rows])
        for module in network:
            values = module.output(values)
        loss_gradient(values, Y[rows])
        for module in network:
            if hasattr(module, "weights"):
                module.weights = module.weights - learning_rate * 2 * module.gradient
"""


@contained
def test_what_a_right_answer_does_to_a_module_is_there_for_the_student(points):
    """The right `loss_and_gradients` stands in: its `backprop` leaves a gradient in each module."""
    found = points({"loss_and_gradients": LOSS, "train_epoch": BY_LOSS})
    assert found["train_epoch"] == find("train_epoch").points


HOOKED = """
def train_epoch(network, loss_gradient, X, Y, learning_rate, batch_size, rng):
    vars(network[0])["__replacing__"] = vars(network[0])["__call_each__"] = 1
    globals()["train_epoch"] = network[0]
"""


@contained
def test_a_module_in_the_place_of_an_answer_is_a_wrong_answer(points):
    """Whatever its attributes are called."""
    assert points({"train_epoch": HOOKED}) == {"train_epoch": 0.0}


STEP = "module.weights = module.weights - learning_rate * module.gradient"
HEAD, TRAIN = find("train_epoch").source.split("\n", 1)
MODULES = {
    "linked": ("for a, b in zip(network, network[1:]): a.following, b.before = b, a", STEP),
    "know their network": ("for m in network: m.network = network", STEP),
    "know themselves": ("network[0].me = network[0]", STEP),
    "keep a method": ("for m in network: m.forward = m.output", STEP),
    "keep a function": ("for m in network: m.f = lambda x: x", STEP),
    "with another dict": ("for m in network: m.__dict__ = dict(m.__dict__)", STEP),
    "copied": ("import copy, pickle; copy.deepcopy(network); pickle.dumps(network[0])", STEP),
    "in place, then a copy": (
        "pass",
        "module.weights -= learning_rate * module.gradient; module.weights = module.weights.copy()",
    ),
}


@contained
@pytest.mark.parametrize("modules", MODULES)
def test_modules_are_treated_as_if_they_were_here(points, modules):
    before, step = MODULES[modules]
    assert STEP in TRAIN
    source = f"{HEAD}\n    {before}\n{TRAIN.replace(STEP, step)}"
    due = here("train_epoch", source)
    assert due == (5.0 if modules == "in place, then a copy" else 6.0)
    assert points({"train_epoch": source}) == {"train_epoch": due}
