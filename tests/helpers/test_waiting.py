"""A cell that shows answers at work waits for those that are not written, and for nothing else."""

from __future__ import annotations

import numbers
import textwrap

import matplotlib.pyplot as plt
import pytest

from helpers import once_written

ANSWERS = """
import numpy as np
from helpers import once_written

def linear_model(x):
    raise NotImplementedError("not implemented yet")

def written(x):
    return 2 * linear_model(x)

def with_one_inside(x):
    def inner(y):
        raise NotImplementedError
    return [inner(y) for y in [x]]

class Dense:
    def __init__(self):
        pass
    def forward(self, x):
        raise NotImplementedError

unnamed = lambda x: (_ for _ in ()).throw(NotImplementedError)
"""


def run(body: str) -> None:
    """Run it as cells of a notebook."""
    notebook: dict = {"__name__": "__main__"}
    exec(ANSWERS, notebook)
    exec("with once_written():\n" + textwrap.indent(body, "    "), notebook)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("linear_model(1)", "`linear_model`"),
        ("written(1)", "`linear_model`"),
        ("sum(map(written, [1, 2]))", "`linear_model`"),
        ("np.vectorize(linear_model)([1, 2])", "`linear_model`"),
        ("with_one_inside(1)", "`with_one_inside`"),
        ("Dense().forward(1)", "`Dense`"),
        ("unnamed(1)", "an exercise above"),
        ("raise NotImplementedError", "an exercise above"),
    ],
)
def test_it_names_what_it_waits_for(capsys, body, name):
    run(f"print('before')\n{body}\nprint('after')")
    waits = f"This cell waits for {name}: write it, then run this cell again."
    assert capsys.readouterr().out == f"before\n{waits}\n"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("1 / 0", ZeroDivisionError),
        ("undefined", NameError),
        ("assert False", AssertionError),
        ("raise KeyboardInterrupt", KeyboardInterrupt),
        ("raise RuntimeError", RuntimeError),  # NotImplementedError's own base
    ],
)
def test_whatever_else_goes_wrong_is_told(body, error):
    with pytest.raises(error):
        run(body)


def test_what_a_library_has_not_implemented_is_told():
    with pytest.raises(NotImplementedError), once_written():
        numbers.Complex.real.fget(1)


def test_where_all_is_written_nothing_is_said(capsys):
    with once_written():
        result = 3
    assert result == 3
    assert capsys.readouterr().out == ""


def test_half_a_plot_is_not_shown_and_others_stay(capsys):
    mine = plt.figure()
    run("import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.figure()\nlinear_model(1)")
    assert plt.get_fignums() == [mine.number]
    with once_written():
        plt.figure()
    assert len(plt.get_fignums()) == 2
    plt.close("all")
