"""An answer as parts that renaming, comments and formatting leave as they are.

A part is a subtree of its syntax tree. Taken out are: names of the student's own (numbered by where
they first stand in the part), texts, the spelling of numbers, annotations, docstrings, `print`,
`pass`, the order of operands of + and *, and of named arguments, `x += y` for `x = x + y`, `a > b`
for `b < a`. What cannot be parsed is taken in runs of tokens. Nothing is executed.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import itertools
import keyword
import math
import random
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from autograder.grading.lean import plain
from autograder.playing.patience import TooLong, within

LONGEST = 40_000
"""Letters of an answer that are looked into."""
PATIENCE = 2.0
"""Seconds for one answer."""
MOST = 4_000
"""Parts of an answer."""
SMALLEST = 4
"""Tokens of a part; below, everybody has it."""
RUN = 8
"""Tokens that are taken together where an answer cannot be parsed."""
DEEPEST = 60
"""Levels of nesting below which nothing is looked at."""

WORD = re.compile(r"[^\W\d]\w*|\d[\w.]*|[^\w\s]")

_COMMON = (
    np,
    np.ndarray,
    np.linalg,
    np.random,
    math,
    itertools,
    random,
    list,
    dict,
    set,
    str,
    tuple,
)
KNOWN = frozenset(dir(builtins)) | {"np", "math", "itertools", "functools", "self"}
ATTRIBUTES = frozenset(name for each in _COMMON for name in dir(each))


@dataclass(frozen=True)
class Part:
    """first, last: the lines on which it stands, from 1. size: its tokens."""

    first: int
    last: int
    size: int


Parts = dict[int, Part]
"""Parts of an answer by their digest; the first of equal ones."""


def parts(source: str, given: Set[str] = frozenset()) -> Parts:
    """An answer's parts. given: names of the course's, which nobody makes up.

    Ends in bounded time, and never raises.
    """
    try:
        with within(PATIENCE):
            return _kept(source[:LONGEST], frozenset(given))
    except (TooLong, RecursionError, MemoryError):
        return {}


@lru_cache(maxsize=20_000)
def _kept(source: str, given: frozenset[str]) -> Parts:
    found = _of_tree(source, given)
    return _of_words(source, given) if found is None else found


def _of_tree(source: str, given: frozenset[str]) -> Parts | None:
    try:
        tree = ast.parse(plain(source))
        reader = _Reader(given, _bound(tree))
        reader.block(tree.body, 0)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return reader.found


def _bound(tree: ast.AST) -> frozenset[str]:
    """Names that the answer itself binds: its own, even where the course has them."""
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and type(n.ctx) is ast.Store}
    return frozenset(stored | {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)})


def _of_words(source: str, given: frozenset[str]) -> Parts:
    """Runs of tokens, for what is no Python."""
    words: list[tuple[str, int]] = []
    for number, line in enumerate(source.split("\n"), 1):
        words += [(word, number) for word in WORD.findall(line.split("#")[0])]
    known = KNOWN | given | ATTRIBUTES
    tokens = [w if _fixed(w, known) else f"${w}" for w, _ in words]
    found: Parts = {}
    for k in range(min(len(tokens) - RUN + 1, MOST)):
        name = _digest(["words", *tokens[k : k + RUN]])
        found.setdefault(name, Part(words[k][1], words[k + RUN - 1][1], RUN))
    return found


def _fixed(word: str, known: Set[str]) -> bool:
    return not word.isidentifier() or keyword.iskeyword(word) or word in known


def _digest(tokens: Sequence[str]) -> int:
    """Of tokens, with the student's own names numbered in the order in which they come."""
    numbers: dict[str, int] = {}
    text = [
        f"${numbers.setdefault(t, len(numbers))}" if t[0] == "$" else t for t in tokens
    ]  # fmt: skip
    whole = hashlib.blake2b(" ".join(text).encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(whole.digest(), "big")


def _nameless(tokens: Sequence[str]) -> list[str]:
    return ["$" if t[0] == "$" else t for t in tokens]


class _Reader:
    """One walk of a tree. Each method gives a node's tokens, own names with a $ before them."""

    def __init__(self, given: frozenset[str], bound: frozenset[str]) -> None:
        self.known = (KNOWN | given) - bound
        self.attributes = ATTRIBUTES | given
        self.found: Parts = {}

    def note(self, nodes: Sequence[ast.AST], tokens: list[str]) -> None:
        if len(tokens) < SMALLEST or len(self.found) >= MOST:
            return
        first = getattr(nodes[0], "lineno", 0)
        last = getattr(nodes[-1], "end_lineno", None) or first
        self.found.setdefault(_digest(tokens), Part(first, last, len(tokens)))

    # --- Statements

    def block(self, body: Sequence[ast.stmt], depth: int) -> list[str]:
        tokens = ["["]
        for node in body:
            if not _says_nothing(node):
                tokens += self.statement(node, depth + 1)
        return [*tokens, "]"]

    def statement(self, node: ast.stmt, depth: int) -> list[str]:
        if depth > DEEPEST:
            return ["..."]
        blocks = [
            value
            for _, value in ast.iter_fields(node)
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt)
        ]
        tokens = self.head(node, depth)
        if blocks:
            self.note([node], tokens)
            self._one_line(tokens, node)
        for body in blocks:
            tokens = tokens + self.block(body, depth)
        self.note([node], tokens)
        return tokens

    def _one_line(self, tokens: list[str], node: ast.stmt) -> None:
        """A head stands on its first line alone."""
        name = _digest(tokens)
        if name in self.found and self.found[name].first == node.lineno:
            self.found[name] = Part(node.lineno, node.lineno, len(tokens))

    def head(self, node: ast.stmt, depth: int) -> list[str]:
        """A statement without the blocks in it."""
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                named = self.name(node.name)
                return [
                    "def",
                    named,
                    *self.arguments(node.args, depth),
                    *self.each(node.decorator_list, depth),
                ]
            case ast.AugAssign(target=target, op=op, value=value):
                operands = (
                    _chain(value, type(op)) if isinstance(op, ast.Add | ast.Mult) else [value]
                )
                old = self.of(target, depth + 1)
                whole = self.operation(op, [old, *(self.of(n, depth + 1) for n in operands)])
                self.note([node], whole)
                return ["Assign", *old, *whole, ")"]
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                made = (*self.of(target, depth + 1), *self.of(value, depth + 1))
                return ["Assign", *made, ")"]
            case ast.Import(names=names):
                return ["import", *(alias.name for alias in names)]
            case ast.ImportFrom(module=module, names=names):
                return ["import", module or ".", *(alias.name for alias in names)]
            case ast.ClassDef(name=name, bases=bases):
                return ["class", self.name(name), *self.each(bases, depth)]
        return self.generic(node, depth, ast.stmt)

    # --- Expressions

    def of(self, node: ast.AST, depth: int) -> list[str]:
        if depth > DEEPEST:
            return ["..."]
        tokens = self.tokens(node, depth)
        if isinstance(node, ast.expr):
            self.note([node], tokens)
        return tokens

    def tokens(self, node: ast.AST, depth: int) -> list[str]:
        match node:
            case ast.Name(id=name):
                return [self.name(name)]
            case ast.Constant(value=value):
                return [_constant(value)]
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return [_constant(-value)]
            case ast.Attribute(value=value, attr=attr):
                shown = attr if attr in self.attributes else f"$.{attr}"
                return [".", *self.of(value, depth + 1), shown]
            case ast.BinOp(op=ast.Add() | ast.Mult() as op):
                return self.operation(op, [self.of(n, depth + 1) for n in _chain(node, type(op))])
            case ast.Compare(left=left, ops=[ast.Gt() | ast.GtE() as op], comparators=[right]):
                turned = "Lt" if isinstance(op, ast.Gt) else "LtE"
                return [turned, *self.of(right, depth + 1), *self.of(left, depth + 1)]
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return [type(op).__name__, *self.of(left, depth + 1), *self.of(right, depth + 1)]
            case ast.Call(func=func, args=args, keywords=keywords):
                named = sorted(keywords, key=lambda k: k.arg or "")
                found = ["call", *self.of(func, depth + 1), *self.each(args, depth)]
                for each in named:
                    found += [f"{each.arg}=", *self.of(each.value, depth + 1)]
                return [*found, ")"]
            case ast.Lambda(args=args, body=body):
                return ["lambda", *self.arguments(args, depth), *self.of(body, depth + 1)]
            case ast.JoinedStr():
                return ["text"]
        return self.generic(node, depth, ast.stmt)

    def operation(self, op: ast.operator, operands: list[list[str]]) -> list[str]:
        if isinstance(op, ast.Add | ast.Mult):
            operands = sorted(operands, key=_nameless)
        return [type(op).__name__, *(token for each in operands for token in each), ")"]

    def arguments(self, args: ast.arguments, depth: int) -> list[str]:
        every = [*args.posonlyargs, *args.args, *filter(None, [args.vararg]), *args.kwonlyargs]
        names = [self.name(each.arg) for each in [*every, *filter(None, [args.kwarg])]]
        defaults = [*args.defaults, *filter(None, args.kw_defaults)]
        return ["(", *names, *self.each(defaults, depth), ")"]

    def each(self, nodes: Iterable[ast.AST], depth: int) -> list[str]:
        return [token for node in nodes for token in self.of(node, depth + 1)]

    def generic(self, node: ast.AST, depth: int, without: type) -> list[str]:
        """Any other node: its kind, and what stands in it, but for blocks of statements."""
        tokens = [type(node).__name__]
        for _, value in ast.iter_fields(node):
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, ast.expr_context | without):
                    continue
                if isinstance(each, ast.ExceptHandler | ast.match_case):
                    tokens += ["except", *self.block(each.body, depth + 1)]
                elif isinstance(each, ast.AST):
                    tokens += self.of(each, depth + 1)
                elif isinstance(each, str):
                    tokens.append(self.name(each))
        return [*tokens, ")"]

    def name(self, name: str) -> str:
        return name if name in self.known else f"${name}"


def _says_nothing(node: ast.stmt) -> bool:
    """A text, `pass`, `print(...)`, or an annotation alone."""
    match node:
        case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.AnnAssign(value=None):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="print" | "display"))):
            return True
    return False


def _chain(node: ast.expr, op: type) -> Iterator[ast.expr]:
    """The operands of a + b + c."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, op):
        yield node.right
        node = node.left
    yield node


def _constant(value: object) -> str:
    if isinstance(value, str | bytes):
        return "text"
    if isinstance(value, bool) or value is None or value is Ellipsis:
        return str(value)
    if isinstance(value, int) and abs(value) < 2**53:
        value = float(value)
    return f"{value!r}" if isinstance(value, float | complex) else "large"
