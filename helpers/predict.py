"""Predict first, then look: a question to commit to before the code answers it."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import string
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers._sealed import key_of, secret_of

CHOICES = ".predictions.json"
"""Beside the notebook: what was chosen, so that it is still there when the kernel starts anew."""

NOT_HERE = (
    "The answer to this question is not here. It is kept in helpers/sealed/, by the words of the "
    "question: leave these as they were, and use the helpers that came with this notebook."
)

Bounds = Sequence[Any]
"""(low, high); None is no bound."""


class Prediction:
    """A question with a few answers to choose from. Nothing is graded.

    Show it as the last line of a cell, choose, run on, and let `reveal` compare.

    >>> guess = Prediction("Halve ε. The error of the linear model becomes", ["half", "a quarter"])
    >>> guess.choose("half")
    >>> print(guess.reveal("a quarter", "it falls as ε²"))
    You predicted “half”. It is “a quarter”: it falls as ε².
    """

    def __init__(self, question: str, options: Sequence[str]):
        self.question = question
        self.options = list(options)
        self.choice: str | None = None
        before = _choices().get(key_of(self.question, self.options))
        if before in self.options:
            self.choice = before

    def choose(self, option: str) -> None:
        if option not in self.options:
            raise ValueError(f"{option!r} is not one of {self.options}")
        self.choice = option
        _keep(key_of(self.question, self.options), option)

    def reveal(
        self,
        answer: str | None = None,
        because: str = "",
        *,
        within: Mapping[str, Bounds] | None = None,
        **measured: Any,
    ) -> str:
        """What you said beside what is so.

        answer, because: what is so, and why. A lesson's stand in no cell, but in `helpers/sealed/`.
        measured: what this run came to; `{name:format}` in the reason is filled with it.
        within: where it lies when all is right, as `(low, high)`, None for no bound. Where this
        run came out otherwise, that is said instead.
        """
        if answer is None:
            secret = secret_of(self.question, self.options)
            if secret is None:
                return NOT_HERE
            answer, because, within = secret["answer"], secret["because"], secret["within"]
        if answer not in self.options:
            raise ValueError(f"{answer!r} is not one of {self.options}")
        said = f"You predicted “{self.choice}”" if self.choice else "You made no prediction"
        odd = list(_outside(because, within or {}, measured))
        try:
            reason = because.format(**measured) if measured else because
        except (ValueError, TypeError, LookupError, AttributeError):
            odd = odd or [f"{name} is {_short(value)}" for name, value in measured.items()]
        if odd:
            return (
                f"{said}. This run came out otherwise: {'; '.join(odd)}. With the worked answers "
                f"it is “{answer}”. Look at the exercises above, then run this cell again."
            )
        reason = f": {reason.rstrip('.')}" if reason else ""
        if self.choice == answer:
            return f"{said}, and so it is{reason}."
        return f"{said}. It is “{answer}”{reason}."

    def __repr__(self) -> str:
        marks = ("(•)" if option == self.choice else "( )" for option in self.options)
        lines = [f"  {mark} {o}" for mark, o in zip(marks, self.options, strict=True)]
        how = f'{_name_of(self)}.choose("{self.options[0]}")'
        return "\n".join([self.question, *lines, f"No buttons to press here? Choose with {how}."])

    def _repr_mimebundle_(self, **kwargs: Any) -> dict:
        text = {"text/plain": repr(self)}
        if "NBGRADER_EXECUTION" in os.environ or not importlib.util.find_spec("anywidget"):
            return text
        from helpers.buttons import Buttons  # late: it is needed where buttons are shown

        return Buttons(self.question, self.options, self.choice, self.choose).view() | text


def _name_of(guess: Prediction) -> str:
    """What the notebook calls it."""
    names = vars(sys.modules["__main__"]).items()
    return next((n for n, value in names if value is guess and not n.startswith("_")), "guess")


# --- What was measured --------------------------------------------------------------------------


def _outside(
    because: str, within: Mapping[str, Bounds], measured: Mapping[str, Any]
) -> Iterator[str]:
    """A sentence on each value that is not where it is when all is right."""
    for name, (low, high) in within.items():
        value = measured.get(name)
        with contextlib.suppress(TypeError, ValueError):  # no number, or several
            above, below = low is None or low <= value, high is None or value <= high
            if above and below:
                continue
        for form in (_format_of(because, name), ".6g", ".17g"):
            least, most, found = (_short(each, form) for each in (low, high, value))
            if found not in (least, most):  # else it would be told to be what it is not
                break
        where = least if least == most else f"between {least} and {most}"
        if low is None or high is None:
            where = f"{most} or less" if low is None else f"{least} or more"
        yield f"{name} is {found}, and {where} with the worked answers"


def _format_of(because: str, name: str) -> str:
    """How the reason writes this value."""
    with contextlib.suppress(ValueError):
        for _, field, form, _ in string.Formatter().parse(because):
            if field == name and form:
                return form
    return ""


def _short(value: Any, form: str = "") -> str:
    """A value as the reason writes it, as far as it can be: bounds are whole numbers, say."""
    for each in (form, ".4g"):
        with contextlib.suppress(TypeError, ValueError):
            text = format(value, each) if each else f"{value:.4g}"
            return text if text.strip("-0.%") else text.removeprefix("-")
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


# --- What was chosen ----------------------------------------------------------------------------


def _remembers() -> bool:
    """Not while a submission is graded or validated, nor while the course is built."""
    from helpers.explorers.page import WANTED

    return not {"NBGRADER_EXECUTION", WANTED} & os.environ.keys()


def _choices() -> dict[str, str]:
    """What was chosen, by question; nothing where that cannot be told."""
    with contextlib.suppress(OSError, ValueError):
        if _remembers():
            found = json.loads(Path(CHOICES).read_text(encoding="utf-8"))
            return found if isinstance(found, dict) else {}
    return {}


def _keep(key: str, option: str) -> None:
    """Whole or not at all; where it cannot be written it is forgotten with the kernel."""
    if not _remembers():
        return
    with contextlib.suppress(OSError):
        text = json.dumps(_choices() | {key: option}, ensure_ascii=False, indent=1) + "\n"
        handle, part = tempfile.mkstemp(dir=".", prefix=CHOICES)
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(part, CHOICES)
        except OSError:
            os.unlink(part)
