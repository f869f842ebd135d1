"""Which answers of a class are alike, and how odd it is that they are.

Of each exercise, two answers weigh as much as they share, times how rare it is, in bits: log2 of
the class's size over the number of others who wrote so. What the bank knows, right or wrong, counts
as if more had written it; what was released is taken out. A pair's weight is the sum over the
exercises. What chance alone would come to is found by dealing the answers to each exercise anew.

Only parts that two students share are looked at, by an index of them, and equal answers once.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from autograder.reporting.trees import Part, Parts, parts

RIGHT, OTHER, WRONG = 0.5, 0.1, 0.05
"""As if so large a share of the class had given the right answer, one of its other forms, or a
known mistake, besides those who did."""
SHORT = 1.0
"""Shared parts at which an answer has half of its weight: what is short says less."""
DEALS = 10
"""Classes that are dealt by chance."""
FEW = 15
"""What at most one in so many others has is called rare."""


@dataclass(frozen=True)
class Known:
    """What the bank knows of an exercise: the source of each answer, by its name.

    usual: the right answer itself. others: its other forms. wrong: known mistakes. stub: what was
    released. given: names that the course gives.
    """

    usual: str = ""
    others: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    stub: str = ""
    given: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Alike:
    """Two answers to one exercise. share: of the lighter one's parts, by weight; bits: weight.

    same: how many others wrote the very same. rare: parts that they share and few others have, the
    oddest first. known: the bank's answer that one of them is, if it is one. sources: both answers.
    """

    exercise: str
    share: float
    bits: float
    same: int
    rare: tuple[Rare, ...]
    known: str
    sources: tuple[str, str]


@dataclass(frozen=True)
class Rare:
    """A shared part: how many others have it, and the lines on which it stands, in each answer."""

    others: int
    lines: tuple[range, range]


@dataclass(frozen=True)
class Pair:
    """exercises: those that both answered, the weightiest first."""

    first: str
    second: str
    bits: float
    exercises: tuple[Alike, ...]


@dataclass(frozen=True)
class Likeness:
    """pairs: the weightiest first. chance: the weight of the first pair in classes dealt anew.

    students: how many have answers.
    """

    pairs: tuple[Pair, ...]
    chance: tuple[float, ...]
    students: int


class Question:
    """One exercise's answers, as parts with weights. answers: the source of each student's."""

    def __init__(self, name: str, answers: Mapping[str, str], known: Known) -> None:
        self.name, self.known, self.sources = name, known, answers
        self.stub = parts(known.stub, known.given).keys()
        made = {student: self._parts(source) for student, source in answers.items()}
        self.parts = {student: found for student, found in made.items() if found}
        self.count = Counter(part for found in self.parts.values() for part in found)
        self.bank = self._bank()
        self.as_if = self._as_if()
        numbers: dict[frozenset[int], int] = {}
        self.form = {
            student: numbers.setdefault(frozenset(found), len(numbers))
            for student, found in self.parts.items()
        }
        self.forms = list(numbers)

    def _parts(self, source: str) -> Parts:
        found = parts(source, self.known.given)
        return {part: where for part, where in found.items() if part not in self.stub}

    def _bank(self) -> dict[frozenset[int], str]:
        """What the bank knows, by its parts: a name for each."""
        named = [(f"the known mistake “{n}”", text) for n, text in self.known.wrong.items()]
        named += [(f"a right answer we know, “{n}”", text) for n, text in self.known.others.items()]
        named.append(("the right answer as the solutions have it", self.known.usual))
        return {frozenset(self._parts(text)): name for name, text in named if text}

    def _as_if(self) -> dict[int, float]:
        """How many more students count as having a part, because the bank has it."""
        size, more = len(self.parts), dict[int, float]()
        for share, sources in (
            (WRONG, self.known.wrong.values()),
            (OTHER, self.known.others.values()),
            (RIGHT, [self.known.usual]),
        ):
            for source in sources:
                more |= dict.fromkeys(self._parts(source), share * size + 1)
        return more

    def weight(self, part: int) -> float:
        """Bits: how odd it is that two share it. What one alone has weighs as if two had it."""
        known = self.as_if.get(part, 0.0)
        others = max(self.count[part] - 2, 0) + known
        return math.log2((len(self.parts) + 1 + known) / (others + 1))

    def bits(self) -> np.ndarray:
        """The weight of every two forms, (forms, forms), float32."""
        shared = [part for part, count in self.count.items() if count > 1]
        place = {part: k for k, part in enumerate(shared)}
        has = np.zeros((len(self.forms), len(shared)), dtype=np.float32)
        for row, form in enumerate(self.forms):
            has[row, [place[part] for part in form if part in place]] = 1.0
        weights = np.array([self.weight(part) for part in shared], dtype=np.float32)
        norms = np.array([self._norm(form) for form in self.forms], dtype=np.float32)
        both = np.minimum(norms[:, None], norms)
        count = has @ has.T
        return (has * weights**2) @ has.T / both * count / (count + SHORT)

    def _norm(self, form: Iterable[int]) -> float:
        return max(sum(map(self.weight, form)), 1e-6)

    def alike(self, first: str, second: str) -> Alike:
        one, two = self.parts[first], self.parts[second]
        both = sorted(one.keys() & two.keys(), key=lambda part: (self.count[part], -one[part].size))
        weights = list(map(self.weight, both))
        smaller = min(self._norm(one), self._norm(two))
        short = len(both) / (len(both) + SHORT)
        forms = Counter(self.form.values())
        same = forms[self.form[first]] - 2 if self.form[first] == self.form[second] else 0
        few = max(2, len(self.parts) // FEW)
        rare = [
            Rare(self.count[part] - 2, (_lines(one[part]), _lines(two[part])))
            for part in both
            if self.count[part] - 2 <= few and part not in self.as_if
        ]
        known = [self.bank.get(self.forms[self.form[who]], "") for who in (first, second)]
        return Alike(
            self.name,
            sum(weights) / smaller,
            sum(w * w for w in weights) / smaller * short,
            same,
            tuple(rare),
            known[0] or known[1],
            (self.sources[first], self.sources[second]),
        )


def _lines(part: Part) -> range:
    return range(part.first, part.last + 1)


def likeness(questions: Sequence[Question], most: int = 20) -> Likeness:
    """The pairs of a class in these questions together. most: pairs to be told."""
    students = sorted({student for each in questions for student in each.form})
    number = {student: k for k, student in enumerate(students)}
    total = np.zeros((len(students), len(students)), dtype=np.float32)
    dealt = np.zeros((DEALS, *total.shape), dtype=np.float32)
    random = np.random.default_rng(0)  # the same pages for the same class
    for question in questions:
        if not question.form:
            continue
        forms = np.array(list(question.form.values()))
        spread = question.bits()[np.ix_(forms, forms)]
        who = np.array([number[student] for student in question.form])
        total[np.ix_(who, who)] += spread
        for deal in dealt:
            shuffled = random.permutation(who)
            deal[np.ix_(shuffled, shuffled)] += spread
    chance = tuple(float(np.triu(deal, 1).max(initial=0.0)) for deal in dealt)
    return Likeness(tuple(_pairs(total, questions, students, most)), chance, len(students))


def _pairs(
    total: np.ndarray, questions: Sequence[Question], students: Sequence[str], most: int
) -> Iterator[Pair]:
    upper = np.triu(total, 1).ravel()
    first = np.argpartition(upper, -most)[-most:] if upper.size > most else np.arange(upper.size)
    for flat in sorted(first, key=lambda place: -upper[place]):
        if upper[flat] <= 0:
            return
        a, b = (students[int(k)] for k in divmod(flat, len(students)))
        found = [q.alike(a, b) for q in questions if a in q.parts and b in q.parts]
        found.sort(key=lambda each: -each.bits)
        yield Pair(a, b, float(upper[flat]), tuple(found))
