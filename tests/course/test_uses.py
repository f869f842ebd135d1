"""Where text could become code, a path, a key, a pattern or a state: every use, and why it is safe.

The rule: what came from a student's process is shown, never used.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

SPOKEN_BY = (
    "checks", "_reading", "_text", "_causes", "_code", "_comparing", "_describing", "_findings",
    "_kept",
)  # fmt: skip
HOUSE = ROOT / "autograder"
FILES = [
    HOUSE / "judge.py",
    *(HOUSE / "proving" / f"{name}.py" for name in ("mutants", "record")),
    *(
        p
        for floor in ("sandbox", "playing", "grading")
        for p in sorted((HOUSE / floor).glob("*.py"))
    ),
    *(HOUSE / "exercises" / f"{name}.py" for name in ("__init__", "base", "page")),
    *(ROOT / "helpers" / f"{name}.py" for name in SPOKEN_BY),
    *sorted((ROOT / "helpers" / "judging").glob("*.py")),
    *sorted((ROOT / "helpers" / "questions").rglob("*.py")),
]
INSIDE = "runs in the student's own process, which may do as it likes with itself"
OURS = "a text of the bank's own, read when it was imported"
CELLS = "of a frame of a cell that ran in this very process, as __main__: a judge has none"
NAMED = "a lesson or an exercise by the tables of those that there are; others raise KeyError"
USES = {
    # The bank.
    ("autograder/proving/record.py", "_mark_of", "exercise.compile"): (
        "a wrong answer of the bank's, or an edit of the right one, when the course is built"
    ),
    ("autograder/exercises/__init__.py", "right_answer", "import_module"): NAMED,
    ("autograder/exercises/__init__.py", "right_answer", "getattr"): NAMED,
    ("helpers/questions/__init__.py", "names_in", "import_module"): NAMED,
    ("helpers/questions/__init__.py", "asked_of", "import_module"): NAMED,
    ("autograder/exercises/base.py", "source_of", "inspect.getsource"): (
        "once, when the bank is read, before a worker takes any student's file"
    ),
    ("autograder/exercises/base.py", "Exercise.compile", "compile"): OURS,
    ("autograder/exercises/base.py", "Exercise.compile", "exec"): OURS,
    ("autograder/proving/mutants.py", "_compiles", "compile"): (
        "an edit of the reference's source; nothing is executed"
    ),
    (
        "autograder/proving/mutants.py",
        "Slot.put",
        "getattr",
    ): "a field of a node of the reference's tree",
    (
        "autograder/proving/mutants.py",
        "Slot.put",
        "setattr",
    ): "a field of a node of the reference's tree",
    # Sentences: the templates are constants of the same file.
    ("helpers/judging/relations.py", "ratio", "words.format"): (
        "a template of its own; the label names an argument of the reference's"
    ),
    ("helpers/_reading.py", "simple_factor", "text.format"): "a template of its own table",
    ("autograder/sandbox/session.py", "Stopped.__init__", "REASONS[reason].format"): (
        "a template of the table; what is put in is text of ours, and no template"
    ),
    # What crosses the pipe.
    ("autograder/sandbox/remote.py", "raise_as_there", "type"): (
        "the name is letters and digits, and is only shown; base is from a table of Python's own"
    ),
    ("autograder/sandbox/session.py", "Session._known", "type"): (
        "the name is letters and digits, and is only shown; there are no members of the student's"
    ),
    ("autograder/sandbox/subclasses.py", "of_subclass", "type"): (
        "the name is letters and digits, and is only shown; base is from a table, without members"
    ),
    ("autograder/sandbox/lent.py", "is_shown", "getattr"): (
        "the name of the mark, a constant, of a class of the judge's"
    ),
    ("autograder/sandbox/lent.py", "done", "getattr, 2 times"): (
        "a public name, checked, of an object whose class is marked as shown to students; "
        "a method's is one of its class"
    ),
    ("autograder/sandbox/lent.py", "methods", "getattr"): (
        "the names that a class of the judge's has by itself"
    ),
    ("autograder/sandbox/lent.py", "done", "setattr"): (
        "a public name, checked, of an object whose class is marked as shown to students"
    ),
    ("autograder/sandbox/generators.py", "take", "bits.state ="): (
        "PCG64's own four numbers, each checked by type and range"
    ),
    ("autograder/sandbox/unpack.py", "", "np.dtype, 2 times"): "NumPy's own codes, once, at import",
    ("autograder/sandbox/remote.py", "", "setattr, 2 times"): "the operators there, at import",
    # Tracebacks: of the grader's own process, which holds no code of a student's.
    ("helpers/_causes.py", "in_words", "re.fullmatch"): "patterns of its own table",
    ("helpers/_causes.py", "place_of", "linecache.getline"): (
        "the file of a warning of this very process: a cell of the student's own kernel"
    ),
    ("helpers/_code.py", "shown", "linecache.getlines"): "the file of code of this very process",
    ("helpers/_code.py", "tree_of", "linecache.getlines"): "the file of code of this very process",
    ("helpers/_code.py", "body_of", "linecache.getlines"): "the file of code of this very process",
    ("helpers/_code.py", "value_of", "compile"): CELLS,
    ("helpers/_code.py", "value_of", "eval"): CELLS,
    ("helpers/checks.py", "_quoted", "linecache.getline"): (
        "a frame of this very process: the student's own kernel, or the bank's code here"
    ),
    # The page.
    (
        "autograder/playing/sanitize.py",
        "",
        "re.compile, 5 times",
    ): "patterns of constants, at import",
    ("autograder/grading/feedback.py", "plain_page", "PLAIN_PAGE.format"): (
        "a template of its own; what is put in is escaped, and no template"
    ),
    # What was handed in.
    ("autograder/grading/submission.py", "", "re.compile"): "a pattern of constants, at import",
    ("autograder/grading/platforms.py", "", "re.compile"): "patterns of constants, at import",
    ("autograder/sandbox/lines.py", "", "re.compile"): "patterns of constants, at import",
    # The gradebook.
    ("autograder/grading/revision.py", "cells", "getattr"): "the kinds of cells, named there",
    ("autograder/grading/revision.py", "_add", "getattr"): "a column of nbgrader's own table",
    # Inside the container.
    ("autograder/sandbox/cage.py", "call", "getattr"): (
        "a call of the C library by its name in this file, before any student's code"
    ),
    ("autograder/sandbox/seccomp.py", "compiled", "open"): (
        "a descriptor of its own, before any student's code"
    ),
    ("autograder/sandbox/cage.py", "_make_like", "open"): (
        "a place that the grader ordered, before any student's code"
    ),
    ("autograder/sandbox/seen.py", "oom_kills", "open"): "the kernel's own file, by its number",
    (
        "autograder/sandbox/seen.py",
        "schedule",
        "open",
    ): "the kernel's file of a task, by number",
    ("autograder/sandbox/seen.py", "processor", "open"): "the kernel's file of a task, by number",
    ("autograder/grading/effects.py", "_own_module", "importlib.util"): (
        "looks for a library of this name, and imports nothing"
    ),
    ("autograder/sandbox/shown.py", "refuse_bank", "importlib.util"): (
        "the bank's own name, a constant, before any student's code"
    ),
    ("autograder/sandbox/cage.py", "unshare", "open"): (
        "a file by its name in this function, before any student's code"
    ),
    ("autograder/sandbox/warm.py", "load", "importlib.import_module"): (
        "modules that the grader orders, before any student's code"
    ),
    ("autograder/sandbox/student.py", "", "getattr"): INSIDE,
    ("autograder/sandbox/student.py", "Desk.answer", "getattr"): INSIDE,
    ("autograder/sandbox/student.py", "Shared.kind_of", "getattr"): INSIDE,
    ("autograder/sandbox/student.py", "Shared.kind_of", "importlib.import_module"): INSIDE,
    ("autograder/sandbox/student.py", "Desk.do_file", "open"): INSIDE,
    ("autograder/sandbox/student.py", "Desk.do_get", "getattr"): INSIDE,
    ("autograder/sandbox/shell.py", "Cells._put_back", "delattr"): INSIDE,
    ("autograder/sandbox/shell.py", "Cells._put_back", "setattr"): INSIDE,
    ("autograder/sandbox/student.py", "Desk.do_set", "setattr"): INSIDE,
    ("autograder/sandbox/theirs.py", "Theirs.__init__", "object.__setattr__"): INSIDE,
    ("autograder/sandbox/student.py", "revived", "getattr"): INSIDE,
}
"""By file, function ("" is none) and what is called: why no text of a student's does harm there."""


# --- Reading the code ---------------------------------------------------------------------------


def uses(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Every use: the function that it stands in, and what is called, read or set."""

    def walk(node: ast.AST, place: str) -> Iterator[tuple[str, str]]:
        for child in ast.iter_child_nodes(node):
            inner = place
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = f"{place}.{child.name}" if place else child.name
            what = dangerous(child)
            if what:
                yield place, what
            yield from walk(child, inner)

    yield from walk(tree, "")


def dangerous(node: ast.AST) -> str:
    """What this node does, if text could become more than text by it; else nothing."""
    match node:
        case ast.Assign(targets=[ast.Attribute(attr="state") as target]):
            return f"{ast.unparse(target)} ="  # the state of a library's object
        case ast.Attribute(value=ast.Name(id="linecache" | "importlib" | "pickle" | "marshal")):
            return ast.unparse(node)
        case ast.Call() if is_dangerous(node):
            return ast.unparse(node.func)
    return ""


def is_dangerous(node: ast.Call) -> bool:
    match node.func:
        case ast.Name(id="compile" | "eval" | "exec" | "__import__" | "import_module"):
            return True
        case ast.Name(id="getattr" | "setattr" | "delattr" | "hasattr"):
            return not is_constant(node, 1)
        case ast.Name(id="type"):
            return len(node.args) > 1
        case ast.Name(id="open"):
            return not is_constant(node, 0)
        case ast.Attribute(value=ast.Name(id="inspect"), attr="getsource" | "getsourcelines"):
            return True
        case ast.Attribute(value=ast.Name(id="re")):
            return not is_constant(node, 0)
        case ast.Attribute(value=ast.Name(id="np"), attr="dtype"):
            return not is_constant(node, 0)
        case ast.Attribute(attr="compile" | "exec_module" | "load_module"):
            return True
        case ast.Attribute(attr="__setattr__" | "__getattribute__" | "__delattr__"):
            return not is_constant(node, 1)
        case ast.Attribute(value=text, attr="format" | "format_map"):
            return not isinstance(text, ast.Constant)
    return False


def is_constant(call: ast.Call, place: int) -> bool:
    return len(call.args) > place and isinstance(call.args[place], ast.Constant)


def found() -> set[tuple[str, str, str]]:
    count = Counter(
        (path.relative_to(ROOT).as_posix(), function, what)
        for path in FILES
        for function, what in uses(ast.parse(path.read_text(encoding="utf-8")))
    )
    return {
        (path, function, what if times == 1 else f"{what}, {times} times")
        for (path, function, what), times in count.items()
    }


# --- The rules ----------------------------------------------------------------------------------


def test_every_use_is_listed_with_a_reason():
    assert found() - set(USES) == set()


def test_every_use_that_is_listed_is_there():
    assert set(USES) - found() == set()


def test_reasons_are_given():
    assert all(len(reason.split()) > 3 for reason in USES.values())


@pytest.mark.parametrize(
    "code",
    [
        "eval(text)",
        "exec(text)",
        "compile(text, name, 'exec')",
        "__import__(name)",
        "importlib.import_module(name)",
        "linecache.cache.pop(name)",
        "linecache.getline(name, 3)",
        "getattr(value, name)",
        "setattr(value, name, 1)",
        "hasattr(value, name)",
        "object.__setattr__(value, name, 1)",
        "type(name, (), {})",
        "re.sub(text, '', 'a')",
        "re.compile(f'{text}+')",
        "np.dtype(text)",
        "template.format(1)",
        "generator.bit_generator.state = state",
        "pickle.loads(text)",
        "inspect.getsource(f)",
        "open(name)",
    ],
)
def test_a_use_is_seen(code):
    assert list(uses(ast.parse(f"def f():\n    {code}")))


@pytest.mark.parametrize(
    "code", ["getattr(value, 'name')", "re.sub('a', text, 'b')", "'{}'.format(text)", "type(value)"]
)
def test_what_has_a_fixed_text_is_none(code):
    assert not list(uses(ast.parse(f"def f():\n    {code}")))


def test_files_are_read():
    assert all(path.is_file() for path in FILES)
    assert len(FILES) > 20
