"""What is made of a verdict: what a record keeps, what a page shows, whether a name was missing."""

from __future__ import annotations

import re

import nbformat
from nbformat import NotebookNode

from autograder.grading.task import Mark
from autograder.judge import VERDICT, as_data
from autograder.playing.sanitize import text
from helpers.judging.verdict import LATER, Verdict

ENDS_UNDEFINED = re.compile(r"(?:^| raised )NameError: name '\w+' is not defined$")


def marked(verdict: Verdict, of: float) -> Mark:
    """What is kept of a verdict: what was not asked, because the value is wrong, is not lost."""
    lost = tuple(f.says for f in verdict.findings if f.wrong not in (None, LATER))
    return Mark(verdict.earned, of, verdict.reason, verdict.seed, lost)


def shown(verdict: Verdict) -> NotebookNode:
    """The verdict as an output of the test cell."""
    about = as_data(verdict, text)
    made = nbformat.v4.new_output("display_data")
    made.data = nbformat.from_dict({"text/plain": text(str(verdict)), VERDICT: about})
    return made


def misses(verdict: Verdict) -> bool:
    """Whether there was no answer, or a name that it needs was missing: either may come later."""
    return verdict.unsolved or any(ends_undefined(f.wrong or "") for f in verdict.findings)


def ends_undefined(wrong: str) -> bool:
    """At a line's beginning a function may be called as an error would be."""
    return ENDS_UNDEFINED.search(wrong.split("\n")[0]) is not None
