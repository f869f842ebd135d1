"""What an error or a warning comes from, where that can be told, in a beginner's words."""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
import re
import warnings
from collections.abc import Generator
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from helpers._code import Spot, is_cell, names_in, shown, spot_of, statement_of, value_of
from helpers._describing import describe, name_of, printable
from helpers._findings import not_due, unusable

MOST_NAMES = 4
"""Names whose values are told beside an error."""

READ_ONLY = "it writes into an array that is there to be read only: work on a copy"

NO_POWER = "^ is no power in Python; that is **"

WORDS = (
    (r"matmul: .*\(size (\d+) is different from (\d+)\)", r"the sizes \2 and \1 do not fit in a @"),
    (
        r"solve1?: .*\(size (\d+) is different from (\d+)\)",
        r"solve needs an entry for each row: the matrix has \2 rows, the vector \1 entries",
    ),
    (r"matmul: .*enough dimensions.*", "@ takes arrays, and one side of it is a single number"),
    (
        r"shapes (\(.*\)) and (\(.*\)) not aligned.*",
        r"the shapes \1 and \2 do not fit in a dot",
    ),
    (
        r"operands could not be broadcast together with shapes (\(.*?\)) (\(.*?\)).*",
        r"the shapes \1 and \2 do not fit together",
    ),
    (r"Last 2 dimensions of the array must be square", "the matrix is not square"),
    (r"setting an array element with a sequence\.", "an array does not fit into one entry"),
    (r"setting an array element with a sequence.*", "parts of different shapes make no array"),
    (r"invalid index to scalar variable\.?", "one number has no parts to take with [ ]"),
    (r"The truth value of an array .*", "an array of several entries is neither true nor false"),
    (r"only (length-1|0-dimensional) arrays can .*", "one number is needed, and this is an array"),
    (r"(assignment destination|output array) is read-only", READ_ONLY),
    (
        r"Cannot cast ufunc '(\w+)' output from .*(?:float|<f).* to .*(?:int|<i).*",
        "an array of whole numbers cannot take other numbers in place",
    ),
    (r"unsupported operand type\(s\) for \^: .*", NO_POWER),
    (r"ufunc 'bitwise_xor' not supported.*", NO_POWER),
    (
        r"ufunc '(\w+)' not supported for the input types.*",
        r"numpy's \1 cannot work on what it was given: is it no array of numbers?",
    ),
    (r"unsupported operand type\(s\) for (.+): '(.+)' and '(.+)'", r"there is no \1 of \2 and \3"),
    (r"'(\w+)' object is not subscriptable", r"\1 has no parts to take with [ ]"),
    (r"'(\w+)' object is not iterable", r"\1 has no parts to go through one by one"),
    (r"cannot unpack non-iterable (\w+) object", r"\1 on the right of the = has no parts"),
    (r"not enough values .* \(expected (\d+), got (\d+)\)", r"for \1 names there are \2 values"),
    (r"too many values to unpack \(expected (\d+).*", r"for \1 names there are more values"),
    (
        r"maximum recursion depth exceeded.*",
        "it calls itself without an end, or more often than Python allows, about 1000 times",
    ),
)
"""What numpy and Python say, and what that means; each holds for the whole message."""

BOTH = "np.where computes both formulas at every entry, also the one that it does not take there"


def in_words(exception: BaseException) -> str:
    """`raised ValueError: ...`, in plain words where numpy's own are hard to read.

    They depend on the exception alone, so that the same error reads the same everywhere.
    """
    try:
        text = str(exception)
    except Exception:  # a __str__ of the student's
        text = ""
    if isinstance(exception, KeyError):
        text = f"there is no key {text}"
    for pattern, words in WORDS:
        found = re.fullmatch(pattern, text.strip(), re.DOTALL)
        if found:
            text = found.expand(words)
    text = text.replace("'NoneType' object", "None").replace("NoneType", "None")
    text = "\n".join(printable(text, 400).split("\n")[:3])
    return f"raised {printable(type(exception).__name__, 60)}" + (f": {text}" if text else "")


def blamed(exception: BaseException) -> str | None:
    """Which function's odd return value an error comes from: `adam(...) returned None: ...`."""
    spot = spot_of(exception.__traceback__)
    if spot is None:
        return None
    for call in _calls(spot):
        function, value = _once_more(call, spot)
        if function is None:
            continue
        if value is None or isinstance(value, Generator):
            return unusable(value, _who(call, function, spot))
        if _is_odd(value, spot.unpacks, exception):
            return not_due(value, _who(call, function, spot), _due(function))
    return None


def _is_odd(value: Any, unpacks: bool, exception: BaseException) -> bool:
    """Whether an error comes from what this value is, rather than from what is in it."""
    if not unpacks:
        return type(value) in (tuple, list, dict, str, bool)
    parts = value.ndim if isinstance(value, np.ndarray) else type(value) in (tuple, list, dict)
    return not parts or isinstance(exception, IndexError | KeyError) or "unpack" in str(exception)


def _calls(spot: Spot) -> list[ast.Call]:
    """The calls whose values the failing expression works on."""
    found = []
    for node in spot.operands:
        while isinstance(node, ast.Starred | ast.Subscript | ast.Attribute | ast.UnaryOp):
            node = node.operand if isinstance(node, ast.UnaryOp) else node.value
        if isinstance(node, ast.Call):
            found.append(node)
    return found


def _once_more(call: ast.Call, spot: Spot) -> tuple[Any, Any]:
    """A function of the notebook's, and what this call of it returns; else (None, None)."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        try:
            function = value_of(call.func, spot.frame)
            plain = function.__func__ if isinstance(function, MethodType) else function
            if not isinstance(plain, FunctionType) or not is_cell(plain.__code__.co_filename):
                return None, None
            return function, value_of(call, spot.frame)
        except Exception:  # it raised something else the second time
            return None, None


def _who(call: ast.Call, function: Any, spot: Spot) -> str:
    if isinstance(function, MethodType):
        return f"{type(function.__self__).__name__}.{name_of(function)}"
    name = name_of(function)
    if isinstance(call.func, ast.Name) and call.func.id == name:
        return shown(call, spot.frame.f_code.co_filename)
    return name


def _due(function: Any) -> str:
    """What a function must return, as its docstring has it, or ''."""
    text = " ".join((getattr(function, "__doc__", None) or "").split())
    found = re.search(r"\bReturns? (?:the tuple )?(.+?)(?:[.;] |[.;]?$)", text)
    return printable(found.group(1), 80) if found else ""


# --- Beside an error ----------------------------------------------------------------------------


def there(exception: BaseException) -> str:
    """What stood under the names of the expression that failed: `X has shape (6, 3), y (6,)`."""
    spot = spot_of(exception.__traceback__)
    if spot is None:
        return ""
    values = dict(_values(spot))
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    if _is_of_shapes(exception) and arrays:
        values = arrays
    said, shape = [], "has shape "
    for name, value in list(values.items())[:MOST_NAMES]:
        if isinstance(value, np.ndarray):
            said.append(f"{name} {shape}{value.shape}")
            shape = "" if said[-1] == f"{name} has shape {value.shape}" else shape
        else:
            what = "a function" if callable(value) else printable(describe(value), 40)
            said.append(f"{name} is {what}")
    return "there " + ", ".join(said) if said else ""


def _is_of_shapes(exception: BaseException) -> bool:
    if isinstance(exception, np.linalg.LinAlgError):
        return True
    words = ("shape", "dimension", "broadcast", "signature", "aligned", "size", "axis", "axes")
    return isinstance(exception, ValueError) and any(word in str(exception) for word in words)


_TOLD = (np.ndarray, np.number, int, float, str, list, tuple, dict, type(None), FunctionType)


def _values(spot: Spot) -> list[tuple[str, Any]]:
    """The data that the failing expression names, arrays of `self` included."""
    found = []
    names = {**spot.frame.f_globals, **spot.frame.f_locals}
    called = {ast.unparse(n.func) for n in ast.walk(spot.node) if isinstance(n, ast.Call)}
    for name in names_in(spot.node):
        if name in names and name not in called and isinstance(names[name], _TOLD):
            found.append((name, names[name]))
    for node in ast.walk(spot.node):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            with contextlib.suppress(Exception):
                value = value_of(node, spot.frame)
                if isinstance(value, np.ndarray) and node.attr != "T":
                    found.append((ast.unparse(node), value))
    return found


def lacking(exception: BaseException) -> str:
    """Of an object that lacks an attribute: those that it has."""
    if not isinstance(exception, AttributeError) or exception.obj is None:
        return ""
    owner = type(exception.obj)
    made_here = any(
        isinstance(each, FunctionType) and is_cell(each.__code__.co_filename)
        for each in vars(owner).values()
    )
    if not made_here or exception.name in dir(owner):
        return ""
    names = [name for name in [*vars(exception.obj), *vars(owner)] if not name.startswith("_")]
    return f"this {owner.__name__} has {', '.join(names[:8])}" if names else ""


# --- Warnings -----------------------------------------------------------------------------------


def place_of(warning: warnings.WarningMessage) -> str:
    """Where in a cell a warning arose, and why, where that can be told: lines, or ''."""
    if not is_cell(warning.filename):
        return ""
    line = linecache.getline(warning.filename, warning.lineno).strip()
    text = f"\n  in line {warning.lineno} of its cell"
    text += f": {printable(line, 120)}" if line else ""
    both = "np.where(" in statement_of(warning.filename, warning.lineno)
    return text + (f"\n  {BOTH}" if both and "encountered in" in str(warning.message) else "")
