"""What students got wrong in a question: equal mistakes together, each with one anonymous answer.

Mistakes are equal where students read the same sentence. Numbers in it are left out of account: an
error names values that were drawn for one student.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from autograder.classroom import Classroom
from autograder.exercises import find
from autograder.reporting.term import Answer, Question, Term
from helpers._text import cut, printable
from helpers.questions import every_name

NUMBERS = re.compile(
    r"[-−+]?\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?(?:[\s,;]+[-−+]?\d[\d_.]*(?:[eE][-+]?\d+)?)*"
)
LONGEST_SENTENCE = 300
LONGEST_CODE, MOST_LINES = 20_000, 30
LONG = 5
"""Letters from which on a part of a name is taken out of longer words, too; and digits at all."""
NO_ANSWER = "The answer stands in no cell of its own, so that none is shown."


@dataclass
class Mistake:
    """One mistake: the sentence that students read, and who made it.

    heading: what the bank calls it; empty where it is no known one. example: one answer's code.
    """

    question: Question
    says: str
    heading: str
    students: list[str] = field(default_factory=list)
    example: str = ""

    @property
    def name(self) -> str:
        """In a few words."""
        return self.heading or cut(self.says, 60)


def mistakes(term: Term, question: Question) -> list[Mistake]:
    """What was wrong in a question, most common first. Blank answers are no mistakes."""
    found: dict[str, Mistake] = {}
    said: dict[str, Counter[str]] = {}
    known = headings(question.name)
    for work in term.of_lesson(question.lesson):
        answer = work.answers.get(question)
        if answer is None or not lost_points(answer):
            continue
        key = answer.reason if answer.reason in known else NUMBERS.sub("…", answer.reason)
        heading = known.get(answer.reason, "")
        found.setdefault(key, Mistake(question, "", heading)).students.append(work.student)
        said.setdefault(key, Counter())[answer.reason] += 1
    for key, mistake in found.items():
        mistake.says = printable(said[key].most_common(1)[0][0], LONGEST_SENTENCE)
    return sorted(found.values(), key=lambda m: (-len(m.students), m.says))


def lost_points(answer: Answer) -> bool:
    """For something that was wrong, and that a sentence says."""
    less = answer.points is not None and answer.points < answer.of
    return less and bool(answer.reason) and not answer.blank and not answer.by_hand


@cache
def headings(name: str) -> dict[str, str]:
    """The bank's headings by the sentence below them; none for what the bank does not have."""
    if name not in set(every_name()):
        return {}
    made: dict[str, str] = {}
    for wrong in find(name).page.wrong:
        made[wrong.says] = f"{made[wrong.says]}; {wrong.name}" if wrong.says in made else wrong.name
    return made


# --- Examples -----------------------------------------------------------------------------------


class Examples:
    """Finds for each mistake one answer in `autograded/`, without comments and without names.

    A notebook is read once; an answer out of one that was read already is preferred.
    """

    def __init__(self, classroom: Classroom, term: Term):
        self.folder, self.names = classroom.autograded, term.names
        self.read: dict[tuple[str, str, str], dict[str, str]] = {}

    def find(self, mistake: Mistake) -> str:
        """The code; or a sentence where no cell holds it."""
        q = mistake.question
        places = [(student, q.lesson, q.notebook) for student in mistake.students]
        for place in sorted(places, key=lambda place: (place not in self.read, _order(place)))[:2]:
            source = self._answers(place).get(q.name)
            if source:
                return anonymous(source, words(place[0], self.names.get(place[0], "")))
        return NO_ANSWER

    def _answers(self, place: tuple[str, str, str]) -> dict[str, str]:
        if place not in self.read:
            student, lesson, notebook = place
            self.read[place] = answers(self.folder / student / lesson / f"{notebook}.ipynb")
        return self.read[place]


def _order(place: tuple[str, str, str]) -> str:
    """By no name: the example is the first of the alphabet as rarely as anybody."""
    return hashlib.sha256("/".join(place).encode("utf-8", "replace")).hexdigest()


def answers(path: Path) -> dict[str, str]:
    """The text of each answer cell of a graded notebook, by grade id; none where it is gone."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return {}
    found = {}
    for cell in cells:
        about = cell.get("metadata", {}).get("nbgrader", {})
        if about.get("solution") and not about.get("grade"):
            source = cell.get("source", "")
            found[about["grade_id"]] = source if isinstance(source, str) else "".join(source)
    return found


def words(student: str, name: str) -> list[str]:
    """The parts of what a student is called."""
    found = {word for word in re.split(r"[\W_]+", f"{student} {name}") if word}
    whole = {text.strip() for text in (student, name) if text.strip()}
    return sorted(found | whole, key=len, reverse=True)


def anonymous(source: str, names: Iterable[str]) -> str:
    """An answer's code as Python writes it, without comments, docstrings and its author's names."""
    code = "\n".join(_plain(source[:LONGEST_CODE]).split("\n")[:MOST_LINES])
    for name in names:
        pattern = re.escape(name)
        if len(name) < LONG:
            pattern = rf"(?<![^\W\d_]){pattern}(?![^\W\d_])"
        short = name.isdigit() and len(name) < LONG
        if not short and not re.search(pattern, _ours(), re.IGNORECASE):
            code = re.sub(pattern, "…", code, flags=re.IGNORECASE)
    return printable(code)


def _plain(source: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in its texts
            tree = ast.parse(source)
            for node in ast.walk(tree):
                if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
                    node.body = [each for each in node.body if not _is_text(each)] or [ast.Pass()]
            return ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # no Python, or too deep
        lines = (re.sub(r"#.*", "", line).rstrip() for line in source.split("\n"))
        return "\n".join(line for line in lines if line)


def _is_text(node: ast.stmt) -> bool:
    """A docstring, or a comment written as one."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@cache
def _ours() -> str:
    """The right answers' words, which stay though a student be called so."""
    return "\n".join(find(name).source for name in every_name())
