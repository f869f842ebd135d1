"""Objects that go to a student's process as their attributes, and what may come back as one."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.sandbox.pipe import ProtocolError
from autograder.sandbox.session import Stopped
from autograder.sandbox.wire import Ledger
from helpers.questions.backprop.shared import Bend, Squashed, network_of
from helpers.questions.base import shown
from tests.conftest import contained

SOURCE = """
import copy
import numpy as np

def step(network, X):
    for module in network:
        X = module.output(X)
    error = np.ones_like(X)
    for module in reversed(network):
        error = module.backprop(error)
    for module in network:
        if hasattr(module, "weights"):
            module.weights = module.weights - 0.1 * module.gradient
    return X

def in_place(network):
    network[0].weights[:] = 7.0

def another_dict(network):
    network[0].__dict__ = {"weights": np.zeros(2)}

def by_copies(network):
    return copy.deepcopy(network), network[::-1], [type(module).__name__ for module in network]

def another_class(network):
    class Mine(type(network[0])):
        pass
    network[0].__class__ = Mine
    return Mine(np.ones(1)), network[0]

def calls(f, network):
    f(network)
    return network[0].weights

def trains(network, epoch, loss, times):
    seen = []
    for _ in range(times):
        epoch()
        seen.append(float(network[0].weights[0, 0]))
        network[2].weights = network[0].weights + 100.0
        seen.append(loss())
    network[0].weights[:] = -1.0
    return seen, loss()

def names(network):
    return sorted(vars(network[0]))

def links(network):
    network[0].network, network[1].before = network, network[0]
    network[0].following = network[1]
    network[2].me = [network[2]]

class Wrapped:
    def __init__(self, module):
        self.module = module

    def output(self, X):
        self.module.__dict__ = {"weights": 1}
        return [[i] for i in range(60)]

def wraps(f, network):
    f(network[0], Wrapped(network[0]))
    return 5

def names_of_another_class(f):
    return f(**{np.str_("x"): 1})

def holds_itself(network):
    network[0].list = []
    network[0].list.append([network[0].list])
"""


@pytest.fixture
def session(start):
    made = start(seconds=20)
    assert made.run(SOURCE, lambda output: None)
    made.reset()
    return made


@pytest.fixture
def network():
    rng = np.random.default_rng(0)
    return network_of([rng.normal(size=(3, 4)), rng.normal(size=(5, 2))])


@contained
def test_an_answer_that_can_open_no_file_any_more_gets_them(session, network):
    hoards = "kept = []\ntry:\n    while True: kept.append(open('/dev/null'))\nexcept OSError: pass"
    assert session.run(hoards, lambda output: None)
    assert session.request("name", "step")(network, np.ones((6, 2))).shape == (6, 2)


def trained(network, X):
    """What `step` does, here."""
    names: dict = {}
    exec(SOURCE, names)
    return names["step"](network, X)


@contained
def test_what_an_answer_does_with_a_module_is_done_to_the_judges(session, network):
    X, same = np.ones((6, 2)), network_of([layer.weights.copy() for layer in network[::2]])
    before, step = list(network), session.request("name", "step")
    for _ in range(2):
        assert np.array_equal(step(network, X), trained(same, X))
    assert all(one is other for one, other in zip(network, before, strict=True))
    for one, other in zip(network, same, strict=True):
        assert vars(one).keys() == vars(other).keys()
        assert all(np.array_equal(vars(one)[name], vars(other)[name]) for name in vars(one))


@contained
def test_nothing_is_asked_for_a_call_of_a_module(session, network, monkeypatch):
    monkeypatch.setattr(session, "_answer", lambda ask: pytest.fail("it was asked"))
    session.request("name", "step")(network, np.ones((6, 2)))


@contained
def test_what_changes_in_place_and_attributes_that_are_others_come_back(session, network):
    weights = network[0].weights
    session.request("name", "in_place")(network)
    assert network[0].weights is weights
    assert np.all(weights == 7.0)
    session.request("name", "another_dict")(network)
    assert list(vars(network[0])) == ["weights"]
    assert np.array_equal(network[0].weights, np.zeros(2))


@contained
def test_what_the_judge_changes_between_two_calls_is_there_in_the_next(session, network):
    names = session.request("name", "names")
    assert names(network) == ["weights"]
    network[0].gradient = 1.0
    assert names(network) == ["gradient", "weights"]


@contained
def test_a_copy_is_another_object_of_the_same_class(session, network):
    copied, turned, kinds = session.request("name", "by_copies")(network)
    assert kinds == ["Squashed", "Bend", "Squashed"] == [type(module).__name__ for module in copied]
    assert all(one is not other for one, other in zip(copied, network, strict=True))
    assert np.array_equal(copied[0].weights, network[0].weights)
    assert all(one is other for one, other in zip(turned, network[::-1], strict=True))


@contained
def test_an_object_of_a_class_of_the_students_own_is_theirs(session, network):
    mine, changed = session.request("name", "another_class")(network)
    assert type(mine).__name__ == type(changed).__name__ == "Mine"
    assert not isinstance(mine, Squashed)


@contained
def test_a_function_of_the_judges_sees_what_the_answer_has_changed(session, network):
    seen = []
    session.request("name", "in_place")(network)
    session.request("name", "calls")(lambda given: seen.append(given[0].weights[0, 0]), network)
    assert seen == [7.0]


@contained
def test_what_either_side_assigns_the_other_sees(session, network):
    network[0].weights = np.zeros((3, 4))

    def epoch():
        for _ in range(3):  # what was assigned first may lie where the last does
            network[0].weights = network[0].weights + 1.0
        network[0].epochs = getattr(network[0], "epochs", 0) + 1

    def loss():
        return [float(layer.weights[0, 0]) for layer in network[::2]]

    trains = session.request("name", "trains")
    seen, last = trains(list(network), epoch, loss, 3)
    assert seen == [3.0, [3.0, 103.0], 6.0, [6.0, 106.0], 9.0, [9.0, 109.0]]
    assert last == [-1.0, 109.0]
    assert network[0].epochs == 3


@contained
def test_modules_may_know_each_other(session, network):
    links = session.request("name", "links")
    for _ in range(2):
        links(network)
        assert network[0].network is network
        assert network[0].following is network[1]
        assert network[1].before is network[0]
        assert network[2].me[0] is network[2]


@contained
def test_attributes_that_others_replace_while_the_judge_asks_are_told_no_more(session, network):
    def f(module, wrapped):
        for _ in range(4):
            wrapped.output(1.0)

    assert session.request("name", "wraps")(f, network) == 5
    assert session.request("defined", "wraps")


@contained
def test_a_name_may_be_of_another_class(session):
    assert session.request("name", "names_of_another_class")(lambda x: x) == 1


@contained
def test_a_list_that_holds_itself_ends_the_process(session, network):
    with pytest.raises(Stopped) as stopped:
        session.request("name", "holds_itself")(network)
    assert stopped.value.reason == "protocol"


@shown
class Secret:
    def __init__(self):
        self.known = 1


SQUASHED = "helpers.questions.backprop.shared:Squashed"


def ledgers() -> tuple[Ledger, Ledger]:
    """The judge's, and one of the other side that has the same classes."""
    made = [Ledger(first, lambda value: ["j", 0, []], lambda form: None) for first in (0, 1)]
    made[1].kinds = made[0].kinds
    return made[0], made[1]


@pytest.mark.parametrize(
    "form",
    [
        ["v", 1, "os:PathLike", ["d", 3, []]],
        ["v", 1, "helpers.questions.backprop.shared:Bend", ["d", 3, []]],
        ["v", 1, ["l", 5, []], ["d", 3, []]],
        ["v", 1, SQUASHED, ["l", 3, []]],
        ["v", 1, SQUASHED, ["d", 3, [[1, 2]]]],
        ["v", 1, SQUASHED, ["k", [1], [2]]],
        ["v", 1, SQUASHED, ["d", 3, [["x", ["=", 3]]]]],
        [
            "v",
            1,
            "helpers.questions.backprop.shared:Squashed",
            ["d", 3, [["x", ["l", 5, [["=", 5]]]]]],
        ],
        ["l", 7, [["v", 11, SQUASHED, ["d", 9, [["a", ["=", 7]]]]], ["=", 9]]],
        ["l", 7, [["v", 11, SQUASHED, ["d", 9, [["a", ["l", 5, [["=", 7]] * 3]]]]], ["=", 5]]],
        ["v", 1, SQUASHED, ["d", 1, []]],
        ["v", 1, SQUASHED],
        ["v", 100, SQUASHED, ["d", 3, []]],
        ["v", True, SQUASHED, ["d", 3, []]],
    ],
)
def test_what_is_no_object_that_was_sent_is_refused(form):
    judge, _ = ledgers()
    judge.pack([Squashed(np.ones(2)), Secret()])
    with pytest.raises(ProtocolError):
        judge.unpack(form, memoryview(b""))


def test_only_what_is_marked_goes_as_its_attributes():
    judge, theirs = ledgers()

    class Mine(Bend):
        pass

    for value in (Secret(), Mine(), Squashed, type("Bend", (), {})()):
        assert judge.pack(value)[0][0] == "j"
    assert theirs.pack(Bend())[0][0] == "j"  # it has never had one
    assert judge.pack(Bend())[0][0] == "v"
    assert theirs.pack(Bend())[0][0] == "v"


def test_an_object_that_comes_twice_is_one():
    judge, theirs = ledgers()
    layer = Squashed(np.ones(2))
    form, arrays = judge.pack([layer, layer])
    one, other = theirs.unpack(form, memoryview(b"".join(arrays)))
    assert one is other
    assert type(one) is Squashed
