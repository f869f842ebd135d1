"""Which cells a grade needs: the student's, the checks, and what these use of the course's own.

A lesson's other cells (plots, training for show, explorers, races) show the student what they have
seen already. They are left out, unless the class is graded whole. Nothing here decides on points.
A cell that is left out binds no name that an answer or a check uses, and neither writes into such
a value, nor calls a method of it, nor hands it to a function for its effect or as its `out`, nor
gives it a second name, nor writes into a part of it by another name. What a function of the
course's changes behind that is not seen; `tests/course/test_class.py` grades a class both ways, and
holds them to the same points.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from autograder.grading.scopes import free, scopes, table, with_generators

WRITING = {"__main__", "exec", "get_ipython", "globals", "locals", "user_ns", "vars"}
"""Who uses one of these may use any name, and make any."""

QUIET = re.compile(
    r"^(?P<indent>[ \t]*)(?:!|\?|%%(?:time|capture)\b|%(?:matplotlib|pip|conda|config|load_ext"
    r"|autoreload|cd|ls|pwd|precision|xmode|who|whos|env|system|sx)\b).*$",
    re.MULTILINE,
)
"""Lines of IPython's own that make no name and change none."""

LONGEST_READ = 200_000
"""Letters of a cell that is looked into; a parser cannot be interrupted."""

READING = {"eval"}
"""Who uses this may use any name."""

BUILTINS = frozenset(dir(builtins))
MOST_STATEMENTS = 3000
"""Of a cell, and of all the student's cells together, whose names are told one by one."""
DEFINES, IMPORTS, RUNS = range(3)
"""What a statement does: it defines a function or a plain class; it imports; or anything else."""


@dataclass(frozen=True)
class Names:
    """What code uses of what others define, and what it does to names.

    makes: what it binds or writes into. touches: what it may change, if that is no function and no
    module. values: what it binds to something else than these. reads_any: it may use any name.
    imports: the names that it imports, each with the module that it comes from.
    """

    uses: frozenset[str]
    makes: frozenset[str]
    touches: frozenset[str]
    values: frozenset[str]
    reads_any: bool
    imports: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Read:
    """The names of a cell, and those of each of its statements with what this does.

    statements: None where they are more than anybody writes.
    """

    whole: Names
    statements: tuple[tuple[Names, int], ...] | None


@dataclass(frozen=True)
class Cell:
    """A code cell: what it says, None where that is not known.

    shows: it is the course's own and no check, so that it may be left out.
    """

    read: Read | None
    shows: bool


def needed(cells: Sequence[Cell]) -> list[bool]:
    """Whether each cell is played. All are, where the source does not say what one of them does.

    Order does not matter: a function finds its names when it is called, wherever they were defined.
    """
    everything = [True] * len(cells)
    known = [cell.read.whole for cell in cells if cell.read is not None]
    if len(known) < len(cells):
        return everything
    values = set().union(*(each.values for each in known))
    makes = [each.makes | (each.touches & values) for each in known]
    played = [not cell.shows for cell in cells]
    wanted: set[str] = set()
    while True:
        new = {n for each, plays in zip(known, played, strict=True) if plays for n in each.uses}
        if any(each.reads_any for each, plays in zip(known, played, strict=True) if plays):
            return everything
        if new <= wanted:
            return played
        wanted |= new
        played = [plays or bool(made & wanted) for plays, made in zip(played, makes, strict=True)]


def read(source: str) -> Read | None:
    """None where it is not plain Python, or may use any name.

    Each statement is read once, and the cell is what its statements are, one after the other.
    """
    whole = Reader()
    statements: list[tuple[Names, int]] = []
    try:
        body = with_generators(ast.parse(plain(source))).body
        few = len(body) <= MOST_STATEMENTS
        for node in body:
            one = Reader()
            one.statement(node)
            one.looks_into(node)
            if WRITING & one.mentioned:
                return None
            whole.then(one)
            if few:
                statements.append((one.names(), does(node)))
        return Read(whole.names(), tuple(statements) if few else None)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@lru_cache(maxsize=4096)
def read_ours(source: str) -> Read | None:
    """Of a cell of the course's own, which every notebook of a lesson has."""
    return read(source)


def plain(source: str) -> str:
    """A cell without IPython's own lines, as far as these make no name. Raises `ValueError`."""
    if len(source) > LONGEST_READ:
        raise ValueError("too long to be looked into")
    return QUIET.sub(r"\g<indent>pass", source)


def parts(value: ast.expr) -> set[str]:
    """The names of what is, or holds, this very value: a call makes another one."""
    match value:
        case ast.Tuple(elts=held) | ast.List(elts=held) | ast.Set(elts=held):
            return set().union(*map(parts, held))
        case ast.Dict(values=held) | ast.BoolOp(values=held):
            return set().union(*map(parts, held))
        case ast.IfExp(body=one, orelse=other):
            return parts(one) | parts(other)
        case ast.Starred(value=inner) | ast.NamedExpr(value=inner):
            return parts(inner)
    return {root(value)}


def does(statement: ast.stmt) -> int:
    match statement:
        case ast.Import() | ast.ImportFrom():
            return IMPORTS
        case ast.FunctionDef(decorator_list=[]):
            return DEFINES
        case ast.ClassDef(decorator_list=[], bases=[], keywords=[], body=body):
            methods = all(isinstance(each, ast.FunctionDef | ast.Expr) for each in body)
            return DEFINES if methods else RUNS
    return RUNS


class Reader:
    """Reads statements in the order in which they run, as far as that is certain.

    A name is the cell's own if the cell has certainly bound it before it reads it. What it calls a
    method of for its effect, or writes into, counts as made by it too.
    """

    def __init__(self) -> None:
        self.uses: set[str] = set()
        self.makes: set[str] = set()
        self.bound: set[str] = set()
        self.mentioned: set[str] = set()
        """Every name, attribute and imported thing; a star stands for all."""
        self.stored: set[str] = set()
        self.written: set[str] = set()
        """What it writes into."""
        self.changed: set[str] = set()
        """What may be changed by a call or by another name, as far as a call or the name says."""
        self.behind: list[tuple[str, ast.expr]] = []
        """What a name is bound to, or to a part of."""
        self.imports: set[tuple[str, str]] = set()

    def then(self, other: Reader) -> None:
        """Take what was read by itself of what runs next."""
        self.uses |= other.uses - self.bound
        self.makes |= other.makes
        self.bound |= other.bound
        self.mentioned |= other.mentioned
        self.stored |= other.stored
        self.written |= other.written
        self.changed |= other.changed
        self.behind += other.behind
        self.imports |= other.imports

    def names(self) -> Names:
        return Names(
            frozenset(self.uses - (BUILTINS - self.makes)),
            frozenset(self.makes),
            frozenset(self.touches()),
            frozenset(self.stored),
            bool(READING & self.mentioned),
            frozenset(self.imports),
        )

    def touches(self) -> set[str]:
        """Who may be changed by way of a call or of another name.

        `y = x.pop()`, `fill(x)`, `add(1, 2, out=x)`, `other = x`: x. So is x where a name that the
        cell writes into, or that is touched itself, was bound to a part of x:
        `for row in x: row += 1`.
        """
        behind: dict[str, list[ast.expr]] = {}
        for name, value in self.behind:
            behind.setdefault(name, []).append(value)
        found, reached, seen = set(self.changed), [*self.written, *self.changed], set[int]()
        while reached:  # a part of a part of x
            for value in behind.pop(reached.pop(), ()):
                if id(value) not in seen:
                    seen.add(id(value))
                    new = parts(value) - found
                    found |= new
                    reached += new
        return found

    # --- Whatever the order

    def looks_into(self, statement: ast.stmt) -> None:
        """Collect in one walk all that stands anywhere in it: walks are most of the time."""
        for node in ast.walk(statement):
            match node:
                case ast.Name(id=name, ctx=ctx):
                    self.mentioned.add(name)
                    if isinstance(ctx, ast.Store):
                        self.stored.add(name)
                case ast.Attribute(attr=name, ctx=ctx):
                    self.mentioned.add(name)
                    if isinstance(ctx, ast.Store):
                        self.written.add(root(node))
                case ast.Subscript(ctx=ast.Store()):
                    self.written.add(root(node))
                case ast.Import(names=names):
                    self.imports |= {(n.asname or n.name.partition(".")[0], n.name) for n in names}
                case ast.ImportFrom(module=module, names=names):
                    self.imports |= {(n.asname or n.name, module or "") for n in names}
                case ast.alias(name=name):
                    self.mentioned |= WRITING if name == "*" else {name}
                case ast.Call(func=func, keywords=keywords):
                    self.changed |= {root(k.value) for k in keywords if k.arg == "out"}
                    if isinstance(func, ast.Attribute):
                        self.changed.add(root(func))
                case ast.Expr(value=ast.Call(func=func, args=args, keywords=keywords)):
                    if not (isinstance(func, ast.Name) and func.id in ("display", "print")):
                        given = (*args, *(k.value for k in keywords))
                        self.changed |= {root(value) for value in given}
                case ast.Assign(targets=targets, value=value):
                    self.changed |= {value.id} if isinstance(value, ast.Name) else set()
                    self.binds(value, *targets)
                case (
                    ast.AnnAssign(target=target, value=ast.expr() as value)
                    | ast.NamedExpr(target=target, value=value)
                    | ast.For(target=target, iter=value)
                    | ast.comprehension(target=target, iter=value)
                ):
                    self.binds(value, target)
                case ast.AugAssign(target=target):
                    self.written.add(root(target))

    def binds(self, value: ast.expr, *targets: ast.expr) -> None:
        inside = (node for target in targets for node in ast.walk(target))
        self.behind += [(node.id, value) for node in inside if isinstance(node, ast.Name)]

    # --- In the order in which it runs

    def block(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def branch(self, body: Sequence[ast.stmt], also: Set[str] = frozenset()) -> None:
        """Statements that may not run, or not to their end: what they bind is not certain after."""
        before = set(self.bound)
        self.bound |= also
        self.block(body)
        self.bound = before

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.For():
                self.reads(node.iter)
                targets = self.writes(node.target)
                self.branch(node.body, also=targets)
                self.branch(node.orelse)
            case ast.While() | ast.If():
                self.reads(node.test)
                self.branch(node.body)
                self.branch(node.orelse)
            case ast.With():
                for item in node.items:
                    self.reads(item.context_expr)
                    if item.optional_vars is not None:
                        self.bound |= self.writes(item.optional_vars)
                self.block(node.body)
            case ast.Try():
                for body in (node.body, *(h.body for h in node.handlers), node.orelse):
                    self.branch(body)
                self.block(node.finalbody)
                self.makes |= {h.name for h in node.handlers if h.name}
                self.whole(*(table(h.type) for h in node.handlers if h.type))
            case ast.Assign():
                self.reads(node.value)
                for target in node.targets:
                    self.bound |= self.writes(target)
            case _:
                top = table(node)
                self.uses |= free(node, top) - self.bound
                self.bound |= self.whole(top)
                self.changes(node)

    def reads(self, node: ast.AST) -> None:
        self.uses |= free(node, table(node)) - self.bound

    def writes(self, target: ast.expr) -> set[str]:
        """Bind a target; what lies inside of something that has a name changes that."""
        bound = {n.id for n in ast.walk(target) if isinstance(n, ast.Name) and stored(n)}
        for node in ast.walk(target):
            if isinstance(node, (ast.Attribute, ast.Subscript)):
                self.reads(node)
                self.makes |= {root(node)}
        self.makes |= bound
        return bound

    def whole(self, *tables: symtable.SymbolTable) -> set[str]:
        """Any other statement, its names as Python's own symbol table has them."""
        bound: set[str] = set()
        for top in tables:
            bound |= {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
            for inner in scopes(top):
                self.makes |= {
                    s.get_name()
                    for s in inner.get_symbols()
                    if s.is_declared_global() and s.is_assigned()
                }
        self.makes |= bound
        return bound

    def changes(self, node: ast.stmt) -> None:
        """`losses.append(loss)`, `x[0] += 1`: who is changed."""
        target = getattr(node, "target", None)
        if isinstance(target, (ast.Attribute, ast.Subscript)):
            self.makes |= {root(target)}
        called = node.value if isinstance(node, ast.Expr) else None
        if isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute):
            self.makes |= {root(called.func)}


def stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def root(node: ast.expr) -> str:
    """The name at the beginning of a.b[c]; none where it begins with something else."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.NamedExpr)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
