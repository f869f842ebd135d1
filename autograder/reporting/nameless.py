"""What a student wrote, as the class may see it: without names, texts and comments.

Nothing is searched for that looks like a name: a word stays only if it is the course's or Python's.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass, field
from functools import cache
from keyword import kwlist
from pathlib import Path

from autograder.exercises import find
from autograder.reporting.trees import ATTRIBUTES, KNOWN
from helpers import checks
from helpers._text import printable
from helpers.questions import every_name

LONGEST_CODE, MOST_LINES = 20_000, 30
WORD = re.compile(r"[^\W\d]\w*")
NUMBER = re.compile(r"(?<![\w.])\d{5,}(?![\w.])")
"""Such a whole number may be somebody's."""
RAISED = re.compile(r"\braised |\b[^\W\d]\w*: ")
TEXT = re.compile(r"'''.*?'''|\"\"\".*?\"\"\"|'[^'\n]*'|\"[^\"\n]*\"", re.DOTALL)
GAPS = re.compile(r"…(?:[^\w\s…]{0,3}[ \t]?…)+")
ERRORS = """
The Last Singular SVD Eigenvalues Cannot Unable Expected Incorrect Invalid Input Out Array Index
a able aligned all ambiguous an and any argument arguments array arrays as assigned assignment
associated at attribute axes axis base be been before between boolean bounds broadcast but by call
callable can cannot cast changed class closed comparison complex concatenate concatenation convert
converge conversion core could data deep defined deleted depth dict did different dimension
dimensional dimensions division does domain dtype during element elements empty end error exactly
exceeded expected expression file float for forbidden format found from function gave given got
greater has have import in index indices infinite inhomogeneous input inside instance int integer
integers into invalid is item items iterable iteration its key keyword large length less list local
long loop match matching math matrix maximum memory method mismatch missing module more multiple
must name nan negative no not number object objects of on one only operand operands operation
operator or order out outside overflow part perhaps position positional possible range read real
recursion referenced required requested returned sequence set shape shapes should signature
singular size slice square string subscriptable support supported syntax than that the to together
too truth tuple type types ufunc unexpected unhashable unpack unsupported use valid value values
variable was were where with without zero
"""
"""Words of numpy's and Python's own errors."""


@dataclass(frozen=True)
class Plain:
    """The words that may be shown. given: the course's in these notebooks; texts: its texts there.

    called: parts of what the class is called, in small letters: no such word stays but a name in
    the bank.
    """

    given: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
    read: dict[str, str] = field(default_factory=dict, compare=False)

    def knows(self, word: str) -> bool:
        if len(word) == 1 or word in _of_bank():
            return True
        return (word in self.given or word in _ours()) and word.casefold() not in self.called

    def sentence(self, text: str) -> str:
        """What a student read, with … for words that are not the course's."""
        if text not in self.read:
            self.read[text] = self._sentence(text)
        return self.read[text]

    def _sentence(self, text: str) -> str:
        if text in _says():
            return text
        found = WORD.sub(lambda m: m[0] if self.knows(m[0]) else "…", text)
        raised = RAISED.search(found)
        if raised:
            found = found[: raised.end()] + NUMBER.sub("…", found[raised.end() :])
        return found if found == text else GAPS.sub("…", found)

    def code(self, source: str) -> str:
        """An answer: own names numbered; own texts and long whole numbers as …; no comments."""
        source = source[:LONGEST_CODE]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of escapes in its texts
                made = ast.unparse(_Plainer(self).visit(ast.parse(source)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # no Python, or too deep
            made = self._tokens(source)
        return printable("\n".join(made.split("\n")[:MOST_LINES]))

    def _tokens(self, source: str) -> str:
        source = TEXT.sub(lambda m: m[0] if m[0].strip("'\"") in self.kept() else "'…'", source)
        lines = (re.sub(r"#.*", "", line).rstrip() for line in source.split("\n"))
        renamed = _Plainer(self).renamed
        text = WORD.sub(lambda m: renamed(m[0]), "\n".join(line for line in lines if line))
        return NUMBER.sub("…", text)

    def kept(self) -> Set[str]:
        return self.texts | _texts_of_bank()


class _Plainer(ast.NodeTransformer):
    def __init__(self, plain: Plain) -> None:
        self.plain, self.texts = plain, plain.kept()
        self.names: dict[str, str] = {}

    def renamed(self, name: str) -> str:
        parts = name.split(".")
        return ".".join(p if not p or self.plain.knows(p) else self._number(p) for p in parts)

    def _number(self, name: str) -> str:
        return self.names.setdefault(name, f"name{len(self.names) + 1}")

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        if isinstance(value, str | bytes) and value not in self.texts:
            return ast.Constant("…")
        if type(value) is int and NUMBER.fullmatch(str(value)) and str(value).strip("0") != "1":
            return ast.Name("…")
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for name, value in ast.iter_fields(node):
            if isinstance(value, str):
                setattr(node, name, self.renamed(value))
            elif isinstance(value, list) and value and isinstance(value[0], str):
                setattr(node, name, [self.renamed(each) for each in value])
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.body = [each for each in node.body if not _is_text(each)] or [ast.Pass()]
        return super().generic_visit(node)


def _is_text(node: ast.stmt) -> bool:
    """A docstring, or a comment written as one."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def plain_for(notebooks: Collection[Path], called: Collection[str]) -> Plain:
    """notebooks: released ones. called: names and logins of the class."""
    sources = [cell for path in notebooks for cell in _cells(path)]
    parts = (part for name in called for part in re.split(r"[\W_]+", name.casefold()))
    whole = {name.casefold() for name in called}
    return Plain(
        frozenset(word for each in sources for word in WORD.findall(each)),
        frozenset(text for each in sources for text in _texts(each)),
        frozenset(whole | {part for part in parts if len(part) > 1}),
    )


def _cells(path: Path) -> list[str]:
    if path.is_symlink():
        return []
    try:
        return ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]
    except (OSError, ValueError, KeyError, TypeError):  # then its words are not known
        return []


def _texts(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # prose, or a cell magic
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def _bank() -> tuple[str, ...]:
    found = [find(name) for name in every_name()]
    return tuple(text for e in found for text in (e.source, *(w.source for w in e.page.wrong)))


@cache
def _of_bank() -> frozenset[str]:
    """The names in the right and the known answers, which stay though a student be called so."""
    words = frozenset(word for source in _bank() for word in WORD.findall(source))
    return words | KNOWN | ATTRIBUTES | frozenset(kwlist) | frozenset(every_name())


@cache
def _texts_of_bank() -> frozenset[str]:
    return frozenset(text for source in _bank() for text in _texts(source))


@cache
def _says() -> frozenset[str]:
    return frozenset(w.says for name in every_name() for w in find(name).page.wrong)


@cache
def _ours() -> frozenset[str]:
    """The words that the course's own sentences are made of."""
    course, ours = Path(checks.__file__).parent, Path(__file__).parents[1]
    files = [*course.rglob("*.py"), ours / "judge.py", ours / "grading" / "work.py"]
    files += [*(ours / "sandbox").glob("*.py"), *(ours / "exercises").rglob("*.py")]
    said = [ERRORS, *_says(), *(path.read_text("utf-8") for path in files)]
    return frozenset(word for text in said for word in WORD.findall(text))
