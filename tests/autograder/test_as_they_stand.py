"""A cell that needs nothing done to it is run as it stands: IPython would not change it."""

from __future__ import annotations

import ast

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell

from autograder.course import Course
from autograder.exercises import find
from autograder.playing.player import Limits, Player
from autograder.sandbox.container import Container, Warmth, helpers_folder
from autograder.sandbox.lines import OneLine, stands_as_it_is
from benchmarks.classes import ROOT
from helpers.questions import every_name
from tests.conftest import contained

ODD = [
    "%matplotlib inline\nx = 1", "x = 1\n%time x", "files = !ls\nx", "files = \\\n!ls\nx",
    "x = %pwd\nx", "x = 1\n!ls", "len?\nx = 1", "x = 1\nlen?", "x = 1\n?len", ">>> x = 1\n>>> x",
    "In [1]: x = 1\nx", "... x\nx", "  x = 1\n  y = 2", "\n\nx = 1\ny = 2", "x = '''\n   \n'''\ny",
    "x = 1\n  \ny = 2", "x = 1\r\ny = 2", "x = 1\x0cy = 2\nz", "x = '\u2028'\ny", "/len x\ny",
    ",f a b\ny", ";f a\ny", "f = len\nx = input('n? ')", "x = (input)('n')\ny",
    "import google.colab\nx = 1", "from google import colab\nx = 1", "import pdb\npdb.set_trace()",
    "breakpoint  (\n)", "import matplotlib\nmatplotlib.use('TkAgg')", "drive.mount('/x')\ny",
    "import os\nos.system('ls')",
]  # fmt: skip
"""Cells of several lines that IPython or `OneLine` changes, or may change."""


def read_by_ipython(source: str) -> str:
    return TransformerManager().transform_cell(source)


def guarded(source: str) -> str:
    return ast.dump(OneLine().visit(ast.parse(source)))


def cells() -> list[str]:
    """Every code cell of the course, and every answer that the bank knows, right and wrong."""
    found = []
    for lesson in Course(ROOT).lessons():
        found += [cell.source for cell in lesson.notebook().cells if cell.cell_type == "code"]
    for exercise in map(find, every_name()):
        found += [exercise.source, *(wrong.source for wrong in exercise.page.wrong)]
    return [*dict.fromkeys(found)]


def test_a_cell_that_stands_as_it_is_is_what_ipython_would_read():
    plain = [source for source in cells() if stands_as_it_is(source)]
    for source in plain:
        assert read_by_ipython(source) == (source if source.endswith("\n") else source + "\n")
        assert guarded(source) == ast.dump(ast.parse(source))
    assert len(plain) > 0.9 * len(cells())


@pytest.mark.parametrize("source", ODD)
def test_what_may_be_changed_is_not_plain(source):
    assert not stands_as_it_is(source)


def test_most_of_these_would_be_changed():
    def same(source: str) -> bool:
        text = read_by_ipython(source)
        try:
            return text == source + "\n" and guarded(text) == ast.dump(ast.parse(source))
        except SyntaxError:  # what IPython leaves as it is, and Python cannot read
            return True

    assert sum(map(same, ODD)) < 5


@pytest.fixture(scope="module")
def container():
    with Container(Warmth((helpers_folder(),))) as made:
        yield made


@pytest.fixture(scope="module")
def player(container):
    with Player(container, Limits(question=20.0), {}, 0) as made:
        yield made


def shown(player: Player, source: str) -> str:
    outputs, stop = player.play(source)
    assert stop is None
    return "".join(o.get("text", "") + o.get("ename", "") for o in outputs)


@contained
def test_what_a_notebook_does_to_its_own_cells_is_done(player):
    """Its own transformations are run, whether of the text or of the tree, and until it ends."""
    text = "lambda lines: [line.replace('before', 'AFTER') for line in lines]"
    assert shown(player, f"get_ipython().input_transformers_post.append({text})\nx = 1") == ""
    assert shown(player, "x = 'before'\nprint(x)") == "AFTER\n"
    assert shown(player, "get_ipython().input_transformers_post.clear()\nx = 1") == ""
    assert shown(player, "x = 'before'\nprint(x)") == "before\n"
    tree = "import ast\n\n\nclass Twos(ast.NodeTransformer):\n    def visit_Constant(self, node):\n"
    tree += "        return ast.Constant(2) if node.value == 1 else node\n\n\n"
    assert shown(player, tree + "get_ipython().ast_transformers.append(Twos())") == ""
    assert shown(player, "x = 1\nprint(x)") == "2\n"


@contained
def test_an_error_is_shown_with_its_line(player):
    outputs, _ = player.play("x = 1\n1 / 0\n")
    (error,) = outputs
    assert error["ename"] == "ZeroDivisionError"
    assert any("----> 2" in block for block in error["traceback"])


def test_the_shell_still_has_what_it_replaces():
    """Each of them is IPython's own, by this name: one that is renamed would not be replaced."""
    for name in ("transform_cell", "transform_ast", "_format_exception_for_storage"):
        assert callable(getattr(InteractiveShell, name))


SILENT = {
    "its traceback": "InteractiveShell.showtraceback = lambda *a, **k: None",
    "the shell's own": "type(shell).showtraceback = lambda *a, **k: None",
    "that of this shell": "shell.showtraceback = shell._showtraceback = lambda *a, **k: None",
    "a handler": "shell.set_custom_exc((Exception,), lambda *a, **k: None)",
    "how code runs": "async def nothing(*a, **k): pass\n\n\nInteractiveShell.run_code = nothing",
    "how cells run": "shell.run_cell = InteractiveShell.run_cell = lambda *a, **k: None",
    "another class": "class Mine(type(shell)):\n    def showtraceback(self, *a, **k): pass\n\n\n"
    "shell.__class__ = Mine",
    "sys.excepthook": "import sys\nsys.excepthook = shell.excepthook = lambda *a: None",
    "the output": "def clear(*_):\n    shell.display_pub.clear_output()\n\n\n"
    "shell.events.register('post_run_cell', clear)",
    "in the cell": "def fail():\n    shell.showtraceback = lambda *a, **k: None\n    assert False",
    "BdbQuit": "import bdb\ndef fail(): raise bdb.BdbQuit",
    "SystemExit": "class Stop(SystemExit): pass\n\n\ndef fail(): raise Stop",
    "KeyboardInterrupt": "class Stop(KeyboardInterrupt): pass\n\n\ndef fail(): raise Stop",
    "how it is shown": "class Odd(Exception):\n    def _render_traceback_(self): return 3\n\n\n"
    "def fail(): raise Odd",
}
"""What a notebook does so that an error is not shown."""


@contained
@pytest.mark.parametrize("silenced", SILENT.values(), ids=SILENT)
def test_a_cell_that_fails_shows_an_error_whatever_the_notebook_did(silenced, container):
    before = "from IPython.core.interactiveshell import InteractiveShell\nshell = get_ipython()\n"
    with Player(container, Limits(question=20.0), {}, 0) as player:
        player.play("def fail():\n    assert False\n")
        outputs, stop = player.play(before + silenced)
        assert (outputs, stop) == ([], None)
        outputs, stop = player.play("x = 1\nfail()\n")
        assert stop is None
        assert "error" in [output.output_type for output in outputs]
