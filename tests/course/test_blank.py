"""A released notebook, with nothing in it written or little: Run All gets to its end."""

from __future__ import annotations

import os
import re

import pytest
from nbclient import NotebookClient
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

from autograder.course import Course, Lesson
from tests.conftest import ROOT

LESSONS = Course(ROOT).lessons()
STUB = 'raise NotImplementedError("not implemented yet")'


def released(lesson: Lesson) -> NotebookNode:
    """As nbgrader's `generate_assignment` makes it, but for what only a grader reads."""
    clear = ClearSolutions(code_stub={"python": f"# YOUR CODE HERE\n{STUB}"})
    notebook, _ = clear.preprocess(lesson.notebook(), ResourcesDict())
    notebook, _ = ClearHiddenTests().preprocess(notebook, ResourcesDict())
    assert STUB in str(notebook)
    return notebook


def run_all(notebook: NotebookNode, folder, monkeypatch) -> str:
    """All that its cells print; the test fails where one of them raises."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    monkeypatch.setenv("PYTHONPATH", path)
    NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        allow_errors=True,  # to name every cell at once
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    raised = [
        f"cell {number}, {cell.source[:60]!r}...: {output.ename}: {output.evalue}"
        for number, cell in enumerate(notebook.cells, 1)
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    if raised:
        pytest.fail("\n".join(raised), pytrace=False)
    return str([cell.get("outputs") for cell in notebook.cells])


@pytest.mark.spread
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_run_all_of_a_blank_notebook_ends_without_an_exception(lesson, tmp_path, monkeypatch):
    """What shows answers at work stands in `with once_written():`."""
    said = run_all(released(lesson), tmp_path, monkeypatch)
    assert "Traceback" not in said
    assert f"{lesson.exercises()[0]} is not implemented yet" in said


@pytest.mark.spread
def test_with_the_short_route_alone_lesson_6_reads_digits(tmp_path, monkeypatch):
    """*What the network sees*, *When to stop*, *Dropout* and *The capstone*, and nothing else."""
    lesson = next(lesson for lesson in LESSONS if lesson.name == "06-training")
    route = ("normalise", "early_stopping", "Dropout", "one_epoch")
    notebook, solved = released(lesson), lesson.notebook()
    for cell, right in zip(notebook.cells, solved.cells, strict=True):
        if cell.metadata.get("nbgrader", {}).get("grade_id") in route:
            cell.source = right.source
    said = run_all(notebook, tmp_path, monkeypatch)
    assert "This cell waits for `random_search`" in said
    shares = [float(share) for share in re.findall(r"seed \d: .*?, ([\d.]+)% right", said)]
    assert len(shares) == 5
    assert min(shares) > 95
    assert "This cell waits for the capstone" not in said


@pytest.mark.spread
def test_the_short_route_of_lesson_7_runs_with_its_own_exercises_alone(tmp_path, monkeypatch):
    """What it uses of other sections is made there by cells that need no answer."""
    lesson = LESSONS[6]
    said = re.search(r"If you have [^,]*, do (.*?)\. Of the rest", lesson.text())
    assert said
    route = re.findall(r"\*(.*?)\*", said[1])
    notebook, solved = released(lesson), lesson.notebook()
    section, within = "", []
    for cell, other in zip(notebook.cells, solved.cells, strict=True):
        heading = re.match(r"## (.*)", cell.source) if cell.cell_type == "markdown" else None
        section = heading[1] if heading else section
        if section in route:
            within.append(cell)
            if STUB in cell.source:
                cell.source = other.source
    assert len(route) == 5
    assert STUB in str(notebook)
    run_all(notebook, tmp_path, monkeypatch)
    waiting = [cell.source[:60] for cell in within if "This cell waits" in str(cell.get("outputs"))]
    assert not waiting
    outputs = str([cell.get("outputs") for cell in within])
    assert "is not implemented yet" not in outputs
