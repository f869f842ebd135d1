"""What lesson 7 says of feedback alignment is what it has measured, also where that fails."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.explorers import style
from helpers.predict import Prediction
from tests.course.landscapes import CELLS

SHARES = {
    "backpropagation": 0.96,
    "feedback alignment": 0.95,
    "only the output learns": 0.65,
    "other B each time": 0.78,
}


def told(monkeypatch, capsys, **others) -> str:
    """The reveal for these shares of digits that are right. others: of feedback alignment, say."""
    monkeypatch.setattr(plt, "show", plt.close)
    shares = SHARES | {name.replace("_", " "): share for name, share in others.items()}
    trained = next(cell for cell in CELLS if "other B each time" in cell and "ways = (" in cell)
    ways = re.search(r"^ways = \(.*?^\)", trained, re.S | re.M)
    question = next(cell for cell in CELLS if cell.startswith("feedback = Prediction("))
    angles = np.full(15 * 42, 80.0)
    names = {"np": np, "plt": plt, "style": style, "Prediction": Prediction}
    names["learnt"] = {(way, k): (share, angles, angles) for way, share in shares.items()
                       for k in range(5)}  # fmt: skip
    exec(question.split("\nfeedback\n")[0], names)
    exec(ways[0], names)
    exec(next(cell for cell in CELLS if "true, aligned, frozen" in cell), names)
    return capsys.readouterr().out.splitlines()[-1]


def test_each_share_is_called_by_its_name(monkeypatch, capsys):
    said = told(monkeypatch, capsys)
    assert "95.0% right against 96.0%" in said
    assert "it is 65%" in said


@pytest.mark.parametrize("share", [0.66, 0.9])
def test_where_it_does_not_learn_nobody_is_told_that_it_does(monkeypatch, capsys, share):
    assert "came out otherwise" in told(monkeypatch, capsys, feedback_alignment=share)
