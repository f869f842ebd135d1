"""The radio buttons of a prediction, in a notebook's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from helpers.explorers import front


class Buttons(anywidget.AnyWidget):
    """A question and what there is to choose from. `chosen` is called with each choice."""

    _esm = front.module(("controls.js", "question.js"))
    question = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    choice = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, question: str, options: list[str], choice: str | None, chosen: Callable[[str], None]
    ):
        said = "You chose this before." if choice else ""
        super().__init__(question=question, options=options, choice=choice, said=said)
        self._chosen = chosen
        self.observe(self._on_choice, names="choice")

    def view(self) -> dict[str, Any]:
        """What a notebook shows where there is a kernel."""
        shown = self._repr_mimebundle_()
        return dict(shown[0]) if shown else {}

    def _on_choice(self, change: dict) -> None:
        self._chosen(change["new"])
        self.said = "Noted. Run on to see."
