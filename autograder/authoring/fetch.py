"""The cell that fetches the helpers in Colab, in the release of a course that has an address."""

from __future__ import annotations

import re

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import TraitError, Unicode, validate

ADDRESS = re.compile(r"(git\+)?https://[\w.~:/?#@!&=+%,-]+")
"""As pip takes it; nothing that IPython would put something else in place of."""
CELL = """\
# In Colab this fetches the helpers of the course. Anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install --quiet {address}"""


class FetchHelpers(NbGraderPreprocessor):
    """Puts the cell before the first code cell, or nothing where there is no address."""

    address = Unicode(
        "",
        help="What pip installs in Colab: the package that `autograder bundle --wheel` makes, "
        "where students can load it from. Empty: no cell.",
    ).tag(config=True)

    @validate("address")
    def _is_an_address(self, proposal: dict) -> str:
        value = str(proposal["value"])
        if value and not ADDRESS.fullmatch(value):
            raise TraitError(f"FetchHelpers.address must be an https address, and is {value!r}")
        return value

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        places = [place for place, cell in enumerate(nb.cells) if cell.cell_type == "code"]
        if self.address and places:
            source = CELL.format(address=self.address)
            cell = nbformat.v4.new_code_cell(source, id="fetch-helpers")
            nb.cells.insert(places[0], cell)
        return nb, resources
