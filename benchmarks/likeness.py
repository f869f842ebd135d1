"""Copies in a class: are they on top, and do honest pairs stay below?

A class is made of the bank's answers. Each honest student picks, for each exercise, the right
answer, another form of it or a known mistake, and writes it in a way of their own. Copies are
renamed, their statements and comments changed, a print added, `for` turned into `while`.
"""

from __future__ import annotations

import ast
import random
import time
from collections.abc import Callable, Mapping

from autograder.exercises import find
from autograder.reporting.likeness import Known, Likeness, Question, likeness
from helpers.questions import LESSONS, names_in

NAMES = (
    *"abcdeghkmnoqrtuvz",
    "tmp",
    "val",
    "res",
    "out",
    "total",
    "acc",
    "s",
    "p1",
    "i",
    "j",
    "idx",
)
NAMES += ("count", "cur", "new", "old", "step", "path", "vals", "arr", "data", "grad", "dx", "item")
COMMENTS = (
    "# compute",
    "# see the lesson",
    "# the formula",
    "# todo: check",
    "# loop",
    "# as in class",
)

Picker = Callable[[random.Random, str], str]
"""From chance and an exercise to an honest answer."""


def from_the_bank(chance: random.Random, name: str) -> str:
    exercise = find(name)
    kind = chance.random()
    if kind < 0.45:
        return exercise.source
    if kind < 0.8 and exercise.page.others:
        return chance.choice(exercise.page.others).source
    return chance.choice(exercise.page.wrong).source if exercise.page.wrong else exercise.source


class Own(ast.NodeTransformer):
    """A way of writing. names: for those that an answer binds. turns: how often operands turn."""

    def __init__(
        self, chance: random.Random, source: ast.AST, renames: float, turns: float
    ) -> None:
        bound = {
            n.id for n in ast.walk(source) if isinstance(n, ast.Name) and type(n.ctx) is ast.Store
        }
        bound |= {n.arg for n in ast.walk(source) if isinstance(n, ast.arg)} - {"self"}
        used = {n.id for n in ast.walk(source) if isinstance(n, ast.Name)} | bound
        self.names: dict[str, str] = {}
        for name in sorted(bound):
            if chance.random() < renames:
                free = [n for n in NAMES if n not in used]
                self.names[name] = chance.choice(free) if free else name + "_"
                used.add(self.names[name])
        self.chance, self.turns = chance, turns

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self.names.get(node.arg, node.arg))

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult) and self.chance.random() < self.turns:
            return ast.BinOp(node.right, node.op, node.left)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST | list[ast.AST]:
        self.generic_visit(node)
        if (
            node.value is None
            or self.chance.random() > self.turns
            or isinstance(node.value, ast.Name)
        ):
            return node
        name = self.chance.choice(("result", "out", "res", "answer"))
        return [
            ast.Assign([ast.Name(name, ast.Store())], node.value),
            ast.Return(ast.Name(name, ast.Load())),
        ]


def written(chance: random.Random, source: str, renames: float = 0.3, turns: float = 0.2) -> str:
    """An answer as one student writes it, who means the same."""
    tree = ast.parse(source)
    if any(isinstance(n, ast.ClassDef) for n in ast.walk(tree)):
        renames = 0.0
    made = ast.unparse(ast.fix_missing_locations(Own(chance, tree, renames, turns).visit(tree)))
    return commented(chance, made)


def commented(chance: random.Random, source: str) -> str:
    lines = source.split("\n")
    for _ in range(chance.randrange(3)):
        k = chance.randrange(len(lines))
        lines[k] += "  " + chance.choice(COMMENTS)
    return "\n".join(lines) + "\n"


class Disguised(ast.NodeTransformer):
    """A print here and there, neighbours that do not need each other turned, `for` as `while`."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse"):
            body = getattr(node, name, None)
            if isinstance(body, list) and body and not isinstance(node, ast.ClassDef | ast.Module):
                setattr(node, name, self.block(body))
        return node

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for node in body:
            if made and self.chance.random() < 0.5 and _may_turn(made[-1], node):
                made.insert(-1, node)
            else:
                made += self.loop(node)
        if self.chance.random() < 0.3:
            made.insert(self.chance.randrange(len(made)), ast.parse("print('here')").body[0])
        return made

    def loop(self, node: ast.stmt) -> list[ast.stmt]:
        match node:
            case ast.For(
                target=ast.Name(id=i), iter=ast.Call(func=ast.Name("range"), args=[end]), orelse=[]
            ):
                if self.chance.random() < 0.5 and not any(
                    isinstance(n, ast.Continue) for n in ast.walk(node)
                ):
                    i = "count_" if i == "_" else i
                    head = ast.parse(
                        f"{i} = 0\nwhile {i} < ({ast.unparse(end)}):\n    {i} += 1"
                    ).body
                    head[1].body = [*node.body, *head[1].body]  # type: ignore[attr-defined]
                    return head
        return [node]


def _may_turn(one: ast.stmt, two: ast.stmt) -> bool:
    """Both assign plain names, and neither uses the other's."""
    if not all(
        isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name) for n in (one, two)
    ):
        return False
    names = [{n.id for n in ast.walk(each) if isinstance(n, ast.Name)} for each in (one, two)]
    bound = [each.targets[0].id for each in (one, two)]  # type: ignore[attr-defined]
    return bound[0] not in names[1] and bound[1] not in names[0]


def copied(chance: random.Random, source: str) -> str:
    """Somebody's answer, renamed throughout and disguised."""
    tree = Disguised(chance).visit(ast.parse(source))
    return written(chance, ast.unparse(ast.fix_missing_locations(tree)), renames=0.9, turns=0.2)


def made_class(
    names: list[str],
    students: int,
    copies: int,
    seed: int,
    pick: Picker = from_the_bank,
    part: float = 0.8,
) -> tuple[dict[str, dict[str, str]], set[frozenset[str]]]:
    """Answers by exercise and student, and who copied from whom.

    part: of the answers that are copied; the others are the copier's own.
    """
    chance = random.Random(seed)
    who = [f"student-{k:04}" for k in range(students)]
    chance.shuffle(who)
    pairs = {who[2 * k + 1]: who[2 * k] for k in range(copies)}
    answers: dict[str, dict[str, str]] = {}
    for name in names:
        given = {s: written(chance, pick(chance, name)) for s in who if chance.random() < 0.95}
        for copier, source in pairs.items():
            if source in given and chance.random() < part:
                given[copier] = copied(chance, given[source])
        answers[name] = given
    return answers, {frozenset(pair) for pair in pairs.items()}


def known_of(names: list[str]) -> dict[str, Known]:
    made = {}
    for name in names:
        exercise = find(name)
        others = {form.name: form.source for form in exercise.page.others}
        wrong = {form.name: form.source for form in exercise.page.wrong}
        made[name] = Known(
            exercise.source, others, wrong, exercise.source.split("\n")[0] + "\n    ...\n"
        )
    return made


def questions_of(answers: dict[str, dict[str, str]], known: dict[str, Known]) -> list[Question]:
    return [Question(name, given, known[name]) for name, given in answers.items()]


def on_top(found: Likeness, pairs: set[frozenset[str]]) -> int:
    """How many of the first pairs are copies, as many as there are."""
    return sum(frozenset((p.first, p.second)) in pairs for p in found.pairs[: len(pairs)])


def measured(lessons: Mapping[str, list[str]], students: int, seeds: int, part: float) -> None:
    for label, names in lessons.items():
        known = known_of(names)
        hits, gaps, seconds = [], [], 0.0
        for seed in range(seeds):
            answers, pairs = made_class(names, students, 5, seed, part=part)
            begun = time.process_time()
            found = likeness(questions_of(answers, known), 40)
            seconds += time.process_time() - begun
            hits.append(on_top(found, pairs))
            copies = [p.bits for p in found.pairs if frozenset((p.first, p.second)) in pairs]
            honest = [p.bits for p in found.pairs if frozenset((p.first, p.second)) not in pairs]
            gaps.append((min(copies, default=0), max(honest, default=0), max(found.chance)))
        low, high, luck = (sum(g[k] for g in gaps) / len(gaps) for k in range(3))
        print(
            f"{label:28} {students:5} students: copies among the first five {sorted(hits)};"
            f" weakest copy {low:.1f}, strongest honest pair {high:.1f}, by chance {luck:.1f};"
            f" {seconds / seeds:.1f} s"
        )


def main() -> None:
    lessons = {lesson: list(names_in(lesson)) for lesson in LESSONS}
    one, two, *_ = lessons
    lessons[f"{one[:2]} and {two[:2]}"] = lessons[one] + lessons[two]
    for part in (1.0, 0.8):
        print(f"\n{part:.0%} of a lesson copied, 30 students")
        measured(lessons, 30, 5, part)
    print("\nA large class")
    measured({name: lessons[name] for name in (one, two)}, 1000, 1, 1.0)


if __name__ == "__main__":
    main()
