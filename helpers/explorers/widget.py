"""The widget: a line from an explorer in a notebook's page to the explorer in its kernel."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from IPython.core.getipython import get_ipython

from helpers.explorers import front

if TYPE_CHECKING:
    from helpers.explorers.explorer import Explorer

NOW, AHEAD = 0.06, 0.005
"""Seconds after which an answer is sent with what is ready: where the hand waits for it, and where
it was asked beforehand, so that the hand never waits for long behind it."""


class Widget(anywidget.AnyWidget):
    """An explorer in a notebook. What is asked and answered goes by messages, not by state."""

    _esm = front.MODULE
    _css = front.STYLE
    setting = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)

    def __init__(self, explorer: Explorer):
        super().__init__(setting=explorer.setting(), values=explorer.values)
        self._explorer = explorer
        self._functions = explorer.functions()
        self.on_msg(self._on_message)
        self.observe(self._on_values, names="values")
        shell = get_ipython()
        if shell is not None:
            _after_each_cell(shell, weakref.ref(self))

    def view(self) -> dict[str, Any]:
        """What a notebook shows where there is a kernel."""
        shown = self._repr_mimebundle_()
        return dict(shown[0]) if shown else {}

    def _on_values(self, change: dict) -> None:
        self._explorer.values = dict(change["new"])

    def _on_message(self, _: Any, content: dict, __: list) -> None:
        between_cells(lambda: self._answer(content))

    def _answer(self, content: dict) -> None:
        ahead = bool(content.get("ahead"))
        answers, buffers = self._explorer.answer(content["ask"], AHEAD if ahead else NOW)
        self.send({"pictures": answers, "ahead": ahead}, buffers)

    def refresh(self) -> None:
        """Draw anew where the student has defined one of the functions again."""
        functions = self._explorer.functions()
        if functions != self._functions:
            self._functions = functions
            self.send({"forget": True})


def between_cells(work: Callable[[], None]) -> None:
    """Do it where no cell runs: what is asked may use what a cell is changing, as its weights.

    JupyterLab hands messages to a thread beside the cells' own (a subshell of the kernel).
    """
    if threading.current_thread() is threading.main_thread():
        work()
    else:
        get_ipython().kernel.io_loop.add_callback(work)  # type: ignore[union-attr]


def _after_each_cell(shell: Any, widget: weakref.ref[Widget]) -> None:
    def refresh(*_: Any) -> None:
        alive = widget()
        if alive is None:
            shell.events.unregister("post_run_cell", refresh)
        else:
            alive.refresh()

    shell.events.register("post_run_cell", refresh)
