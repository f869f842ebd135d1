"""Lines that need a person, a terminal or a network cost themselves and no other line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.playing.player import Limits, Player
from autograder.sandbox.container import Container, Warmth, helpers_folder
from tests.conftest import contained

pytestmark = contained


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    files = {"mytools.py": b"three = 3", "data/a.txt": b"here"}
    with (
        Container(Warmth((helpers_folder(),))) as container,
        Player(container, Limits(question=20.0), files, 0) as made,
    ):
        yield made


def shown(player: Player, source: str) -> str:
    outputs, stop = player.play(source)
    assert stop is None
    return "".join(o.get("text", "") + o.get("ename", "") for o in outputs)


@pytest.mark.parametrize(
    "line",
    [
        "!ls", "files = !ls", "!!ls", "%pip install nothing-of-this-name", "!pip install nothing",
        "%conda install nothing", "%matplotlib widget", "%matplotlib qt", "%load_ext nothing",
        "%nothing", "%autoreload 2", "%cd /nowhere", "%run nothing.py", "%debug", "n = input()",
        "n = float(input('n? '))", "while True:\n    n = input()",
        "import getpass\ngetpass.getpass()", "breakpoint()", "import pdb; pdb.set_trace()",
        "exit()", "quit()", "from google.colab import drive\ndrive.mount('/content/drive')",
        "from google.colab import files\nup = files.upload()", "import google.colab",
        "import matplotlib\nmatplotlib.use('TkAgg')",
        "import matplotlib.pyplot as plt\nplt.switch_backend('QtAgg')",
        "help(len)", "?len",
    ],
)  # fmt: skip
def test_what_stands_behind_it_runs(player, line):
    assert shown(player, f"{line}\nprint('BEHIND IT')").endswith("BEHIND IT\n")


def test_what_it_is_good_for_works(player):
    assert "mytools.py" in shown(player, "!ls")
    assert "mytools.py" in shown(player, "files = !ls\nprint(files)")
    assert "mytools.py" in shown(player, "%%bash\nls")
    assert "Wall time" in shown(player, "%%time\n3")


def test_files_of_the_students_are_there(player):
    assert shown(player, "import mytools\nprint(mytools.three)") == "3\n"
    assert shown(player, "print(open('data/a.txt').read())") == "here\n"


def test_a_breakpoint_in_an_answer_costs_nothing_and_pdbs_own_call_is_an_error(player):
    """As under nbgrader, whose kernel has no debugger attached."""
    assert shown(player, "def f():\n    breakpoint()\n    return 3\n\nprint(f())") == "3\n"
    assert shown(player, "import pdb\ndef f():\n    pdb.set_trace()\n\nf()") == "BdbQuit"


def test_an_error_of_another_kind_ends_the_cell(player):
    assert shown(player, "n = 1 / 0\nprint('BEHIND IT')") == "ZeroDivisionError"
    assert shown(player, "def f():\n    return input()\n\nf()\nprint('BEHIND IT')") == "EOFError"


@pytest.mark.parametrize(("line", "values"), [("%time 1 + 1", ["2"]), ("%time 1 + 1\nx = 3", [])])
def test_the_value_of_a_last_line_is_the_cells(player, line, values):
    """From which nbgrader takes a test's points."""
    outputs, _ = player.play(line)
    shown = [o["data"]["text/plain"] for o in outputs if o["output_type"] == "execute_result"]
    assert shown == values
