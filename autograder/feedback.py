"""What a feedback page needs beyond nbgrader's: no hidden tests, and pictures without a kernel."""

from __future__ import annotations

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.course import WIDGET_VIEW, is_test


class ForReading(NbGraderPreprocessor):
    """Of an error in a test cell keep the last line: a traceback would quote the hidden tests.

    Of an explorer keep the picture: a page has no kernel for the widget.
    """

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                if len(output.get("data", {})) > 1:
                    output.data.pop(WIDGET_VIEW, None)
        for cell in filter(is_test, nb.cells):
            for output in cell.outputs:
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}"]
        return nb, resources
