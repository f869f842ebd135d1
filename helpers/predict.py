"""Predict first, then look: a question to commit to before the code answers it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import ipywidgets as widgets


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

    def choose(self, option: str) -> None:
        if option not in self.options:
            raise ValueError(f"{option!r} is not one of {self.options}")
        self.choice = option

    def reveal(self, answer: str, because: str = "") -> str:
        """What you said beside what is so."""
        if answer not in self.options:
            raise ValueError(f"{answer!r} is not one of {self.options}")
        reason = f": {because}" if because else ""
        if self.choice is None:
            return f"You made no prediction. It is “{answer}”{reason}."
        if self.choice == answer:
            return f"You predicted “{answer}”, and so it is{reason}."
        return f"You predicted “{self.choice}”. It is “{answer}”{reason}."

    def _repr_mimebundle_(self, **kwargs: Any) -> dict:
        buttons = widgets.RadioButtons(
            options=self.options, value=self.choice, layout=widgets.Layout(width="max-content")
        )
        said = widgets.HTML(value="")

        def on_choice(change: dict) -> None:
            self.choose(change["new"])
            said.value = "<i>Noted. Run on to see.</i>"

        buttons.observe(on_choice, names="value")
        box = widgets.VBox([widgets.HTML(f"<b>{escape(self.question)}</b>"), buttons, said])
        bundle = dict(box._repr_mimebundle_())
        bundle["text/plain"] = self.question + "".join(f"\n  ( ) {o}" for o in self.options)
        return bundle
