"""The sandbox: answers behave as if they were here, endings have names, nothing gets out."""

from __future__ import annotations

import time

import numpy as np
import pytest

from autograder.exercises import exercises, find, replaced
from autograder.exercises.base import Exercise
from autograder.judge import diagnose, judge
from autograder.sandbox.container import Container, Warmth, helpers_folder
from autograder.sandbox.remote import muted
from autograder.sandbox.session import MOST_KEPT, Session, Stopped
from helpers.questions import every_name, lesson_of
from helpers.questions.base import shown
from tests.conftest import contained

EVERY = [find(name) for name in every_name()]


def defined(container: Container, source: str) -> Session:
    session = Session(container.fork())
    session.allow(60)
    assert session.run("import numpy as np\n" + source, lambda output: None)
    session.reset()
    return session


def found(verdict) -> list[tuple]:
    """Findings without the line of the error, which lies elsewhere in another cell."""
    return [(f.says, f.earned, (f.wrong or "").split("\n  in ")[0]) for f in verdict.findings]


def candidates(exercise: Exercise) -> list[str]:
    """The right answer, every other form, and some wrong answers."""
    page = exercise.page
    return [exercise.source, *(each.source for each in (*page.others, *page.wrong[::6]))]


@contained
@pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.name)
def test_an_answer_in_the_sandbox_is_judged_as_one_here(container, exercise: Exercise):
    for source in candidates(exercise):
        local = judge(exercise, exercise.compile(source), 7)
        others = [e.source for e in exercises(lesson_of(exercise.name)) if e.name != exercise.name]
        session = defined(container, "\n".join([*others, source]))
        with muted():
            remote = judge(exercise, session.request("name", exercise.name), 7)
        session.close()
        assert found(remote) == found(local), source


@pytest.fixture(scope="module")
def uncontained():
    with Container(Warmth((helpers_folder(),), contained=False)) as made:
        yield made


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.name)
def test_a_right_answer_earns_everything_without_a_container(uncontained, exercise: Exercise):
    """Where a student's process may read nothing of the course's that is not there already."""
    session = defined(uncontained, exercise.source)
    with muted():
        verdict = judge(exercise, session.request("name", exercise.name))
    session.close()
    assert verdict.earned == verdict.points, verdict.reason


@contained
@pytest.mark.parametrize("name", ["logistic_loss", "Dense", "adam", "numerical_gradient"])
def test_an_answer_in_the_sandbox_is_explained_as_one_here(container, name):
    exercise = find(name)
    for wrong in exercise.page.wrong[:4]:
        source = wrong.source
        session = defined(container, source)
        with muted():
            remote = diagnose(exercise, session.request("name", exercise.name))
        session.close()
        assert str(remote) == str(diagnose(exercise, exercise.compile(source)))


@contained
def test_an_error_names_the_line_of_the_cell(container):
    session = defined(container, "\ndef square(x):\n    y = 1 / 0\n    return y")
    with muted():
        verdict = judge(find("square"), session.request("name", "square"))
    session.close()
    assert "raised ZeroDivisionError: division by zero" in str(verdict)
    assert "in square, line 4 of its cell: y = 1 / 0" in str(verdict)


ENDINGS = {
    "time": "while True: pass",
    "crashed": "import ctypes; ctypes.string_at(0)",
    "exited": "import os; os._exit(3)",
    "output": "from IPython.display import display\n"
    "for _ in range(30): display({'text/plain': 'x' * 1_000_000}, raw=True)",
}


@contained
@pytest.mark.parametrize("reason", ENDINGS)
def test_an_ending_has_a_name(session, reason):
    session.allow(1 if reason == "time" else 60)
    with pytest.raises(Stopped) as stop:
        session.run(ENDINGS[reason], lambda output: None)
    assert stop.value.reason == reason
    with pytest.raises(Stopped) as again:
        session.run("1", lambda output: None)
    assert again.value.reason == reason, "what ended it is what is told"


@contained
def test_memory_is_bounded_and_the_process_lives_on(session):
    outputs: list[dict] = []
    session.run("import numpy as np\nnp.ones(200_000_000)", outputs.append)
    assert outputs[0]["ename"].endswith("MemoryError")
    assert session.run("1 + 1", outputs.append)
    assert outputs[1]["data"] == {"text/plain": "2"}


@contained
def test_nothing_of_one_submission_reaches_the_next(container):
    first, second = (Session(container.fork()) for _ in range(2))
    outputs: list[dict] = []
    for session in (first, second):
        session.allow(10)
    first.run("import numpy\nnumpy.mine = 1\nopen('/tmp/mine', 'w').write('1')", outputs.append)
    second.run(
        "import numpy, os\nhasattr(numpy, 'mine'), os.path.exists('/tmp/mine')", outputs.append
    )
    assert outputs[-1]["data"]["text/plain"] == "(False, False)"
    first.close()
    second.close()


@contained
def test_what_runs_inside_is_nobody_and_sees_little(session):
    outputs: list[dict] = []
    source = """
import ctypes, os, socket
print(os.getuid(), os.getpid(), socket.gethostname(), sorted(os.listdir("/course")))
print(os.listdir("/proc"), "autograder" in str(os.listdir("/course")))
try:
    import autograder
except ImportError:
    print("no autograder")
"""
    session.run(source, outputs.append)
    text = "".join(o["text"] for o in outputs)
    assert text.startswith("1000 1 sandbox ['helpers', 'sandbox']\n[] False\nno autograder"), text


@contained
def test_an_error_of_a_students_is_no_ending(container):
    session = defined(container, "def f(kind): raise kind")
    session.run("kinds = [TimeoutError, ConnectionError, StopIteration]", lambda output: None)
    answer = session.request("name", "f")
    for kind in session.request("name", "kinds"):
        with pytest.raises(Exception, match=r"^$") as raised:
            answer(kind)
        assert type(raised.value).__name__ in ("TimeoutError", "ConnectionError", "StopIteration")
    assert session.alive
    session.close()


@contained
@pytest.mark.parametrize(
    "error", ['BlockingIOError("locked")', 'RuntimeError("can\'t start new thread")']
)
def test_an_error_that_sounds_like_a_bound_is_an_error_where_nothing_was_started(container, error):
    """A file that another holds raises it as well."""
    session = defined(container, f"def f(): raise {error}")
    with pytest.raises((BlockingIOError, RuntimeError), match=r"locked|new thread"):
        session.request("name", "f")()
    assert session.alive
    session.close()


@contained
def test_an_object_that_is_sent_again_is_there(container):
    """The judge says which objects it has no more use for, a while later."""
    session = defined(container, "class Odd: pass\nkept = [Odd() for _ in range(30)]")
    for _ in range(3):
        objects = session.request("name", "kept")
        session.request("defined", "kept")
        assert all("Odd object" in repr(each) for each in objects)
        del objects
    session.close()


@contained
def test_what_the_judge_holds_is_followed_and_nothing_else(container):
    """The process looks after what is shared with every message: what is of no use is forgotten."""
    source = """
kept = []
def keep(x):
    kept.append(x)
    return x * 2.0
def change():
    for x in kept:
        x += 1.0
    return len(kept)
"""
    session = defined(container, source)
    keep, change = (session.request("name", name) for name in ("keep", "change"))
    mine = np.zeros(3)
    doubled = keep(mine)
    for k in range(5 * MOST_KEPT):
        keep(np.full(3, float(k)))
    assert len(session.ledger.objects) <= 2 * MOST_KEPT
    assert change() == 1 + 5 * MOST_KEPT
    assert mine.tolist() == [1.0, 1.0, 1.0]
    assert keep(mine).tolist() == [2.0, 2.0, 2.0]
    assert doubled.tolist() == [0.0, 0.0, 0.0]
    session.close()


@shown
class Counter:
    def __init__(self):
        self.count, self.history = 0, np.zeros(2)

    def step(self, by=1):
        self.count += by
        self.history = self.history + by
        return self.count


@contained
def test_what_is_read_of_an_object_of_the_judges_is_as_it_is(container):
    """However often it is read: what has run in between may have changed it."""
    source = """
def answer(counter, also, other):
    seen = [counter.count]
    counter.step(by=2)
    seen.append(counter.count)
    also()
    seen.append(counter.count)
    counter.count = 50
    seen += [counter.count, other.count, counter.step()]
    counter.history += 0.5
    history = counter.history
    history *= 2
    counter.step = lambda: "mine"
    return seen + [counter.step(), other.step(), sorted(vars(other))]
def again(counter):
    return counter.count, counter.history.tolist()
"""
    session = defined(container, source)
    answer, again = (session.request("name", name) for name in ("answer", "again"))
    counter, other = Counter(), Counter()
    seen = answer(counter, lambda: counter.step(), other)
    assert seen == [0, 2, 3, 50, 0, 51, "mine", 1, ["count", "history"]]
    assert counter.history.tolist() == [9.0, 9.0]
    counter.count, counter.history = 7, np.ones(2)
    assert again(counter) == (7, [1.0, 1.0])
    session.close()


@contained
def test_what_is_written_in_place_is_there_when_a_method_is_called(container):
    @shown
    class Layer:
        def __init__(self):
            self.weights, self.seen = np.zeros(2), []

        def output(self):
            self.seen.append(self.weights.tolist())

    source = """
def answer(layer, also):
    for _ in range(3):
        layer.weights[:] += 1.0
        layer.output()
    layer.weights[:] = 9.0
    also()
"""
    layer = Layer()
    session = defined(container, source)
    session.request("name", "answer")(layer, layer.output)
    assert layer.seen == [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [9.0, 9.0]]
    session.close()


@contained
def test_what_was_read_of_an_object_and_is_old_is_held_by_nobody(container):
    """Else all of it would be looked through with every message."""
    source = """
def answer(counters, also):
    for counter in counters:
        counter.history
        also()
    return len(counters[0]._desk.ledger.noted)
"""
    session = defined(container, source)
    assert session.request("name", "answer")([Counter() for _ in range(100)], lambda: None) < 20
    session.close()


@contained
def test_names_that_an_answer_sees_are_replaced_and_restored(container):
    source = "def first(): return 1\ndef answer(): return first(), globals().get('second')"
    session = defined(container, source)
    answer = session.request("name", "answer")
    with replaced(answer, {"first": lambda: 2, "second": 5}):
        assert answer() == (2, 5)
    assert answer() == (1, None)
    session.close()


@contained
def test_random_numbers_are_the_same_in_every_run(container):
    drawn = []
    for _ in range(2):
        outputs: list[dict] = []
        session = Session(container.fork(seed=5))
        session.allow(10)
        session.run(
            "import random, numpy as np\nprint(random.random(), np.random.rand(), hash('a'))",
            outputs.append,
        )
        session.close()
        drawn.append("".join(o["text"] for o in outputs))
    assert drawn[0] == drawn[1]


def test_uncontained_works_where_it_is_asked_for():
    with Container(Warmth(contained=False)) as container:
        session = Session(container.fork())
        session.allow(10)
        outputs: list[dict] = []
        assert session.run("import os\nprint(1)", outputs.append)
        assert "".join(o["text"] for o in outputs) == "1\n"
        begin = time.monotonic()
        session.close()
        assert time.monotonic() - begin < 5


@contained
@pytest.mark.parametrize("generator", ["default_rng(7)", "Generator(np.random.MT19937(7))"])
def test_a_student_may_draw_with_a_generator_of_their_own(container, generator):
    """What stands in for their own earlier answer draws from it, wherever its state lies."""
    source = f"""
def made(Layer):
    rng = np.random.{generator}
    return Layer(2, 3, rng).weights, rng.normal()

def given(Layer, rng):
    return Layer(2, 3, rng).weights, rng.normal()
"""
    session = defined(container, source)
    Dense = find("Dense").reference
    here = eval(f"np.random.{generator}", {"np": np})
    rng = np.random.default_rng(7)
    for got, own in (
        (session.request("name", "made")(Dense), here),
        (session.request("name", "given")(Dense, np.random.default_rng(7)), rng),
    ):
        assert np.array_equal(got[0], Dense(2, 3, own).weights)
        assert got[1] == own.normal()
    session.close()


@contained
@pytest.mark.parametrize("when", ["in a cell", "in a call"])
def test_who_replaces_what_is_pythons_own_costs_nobody_else_anything(start, when):
    session = start()
    patch = "import builtins\nbuiltins.isinstance = lambda *_: True\nbuiltins.len = lambda _: 0"
    source = {"in a cell": patch, "in a call": "def patch():\n    " + patch.replace("\n", "\n    ")}
    shown = []
    session.run(source[when], shown.append)
    session.reset()
    if when == "in a call":
        session.request("name", "patch")()
    assert session.run("def answer(x):\n    return [len(x), isinstance(x, int)]", shown.append)
    assert session.request("name", "answer")([1, 2]) == [2, False]
    assert shown == []
