"""What students got wrong in a question: equal mistakes together, each with one answer.

Mistakes are equal where students read the same sentence. Numbers in it are left out of account: an
error names values that were drawn for one student. Words of the student's own are left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
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
        says = term.plain.sentence(answer.reason)
        key = says if says in known else NUMBERS.sub("…", says)
        heading = known.get(answer.reason, "")
        found.setdefault(key, Mistake(question, "", heading)).students.append(work.student)
        said.setdefault(key, Counter())[says] += 1
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
    """Finds for each mistake one answer in `autograded/`, as the class may see it.

    A notebook is read once; an answer out of one that was read already is preferred.
    """

    def __init__(self, classroom: Classroom, term: Term):
        self.folder, self.plain = classroom.autograded, term.plain
        self.read: dict[tuple[str, str, str], dict[str, str]] = {}

    def find(self, mistake: Mistake) -> str:
        """The code; or a sentence where no cell holds it."""
        q = mistake.question
        places = [(student, q.lesson, q.notebook) for student in mistake.students]
        for place in sorted(places, key=lambda place: (place not in self.read, _order(place)))[:2]:
            source = self._answers(place).get(q.name)
            if source:
                return self.plain.code(source)
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
