"""Names of students, folders and files: whether they can be shown, and which lesson they mean."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import PurePath

TURNS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters after which text runs the other way: a name would be shown as another."""
MARKUP = frozenset('<>"\\')
"""Formgrader writes names into its pages as they are: into HTML, and between quotes of a script."""
NOTEBOOK, TEXTS = ".ipynb", (".md", ".py")
"""How the files of notebooks end: Jupyter's own, and those that jupytext reads."""
DISGUISES = (NOTEBOOK, f"{NOTEBOOK}.txt", f"{NOTEBOOK}.json")
"""How browsers and Windows save Jupyter's own files."""
UNDER_ITS_NAME = (*TEXTS, ".json", ".txt")
"""How a file may end that is a notebook only if it has the notebook's name."""
COPY = re.compile(r"(?> ?\(\d+\)|[-_ ]*copy[-_ ]?\d*(?: ?\(\d+\))?|[-_ ]\d{1,2})++")
"""What systems, browsers and platforms put behind the name of a copy. It never goes back: a name of
forty copies would be read in as many ways as there are."""
COPY_OF = re.compile(r"(copy|kopie|copie|copia) (of|von|de|di) ")

BETWEEN = str.maketrans(dict.fromkeys(" _+", "-"))
"""What platforms put between words in place of a blank."""

EXACT, CASE, MARKED, NAMED, OTHER = range(5)
"""How near a file's name comes to a notebook's: it is the same, in other letters, a copy's, holds
it as a word, or is another."""


def nearness(file: str, notebook: str) -> int:
    """How near a file's name, without its ending, comes to this notebook's."""
    stem = PurePath(file).stem
    if stem == notebook:
        return EXACT
    stem, name = folded(stem).strip(), alike(notebook)
    if alike(stem) == name:
        return CASE
    stem = COPY_OF.sub("", stem, count=1)
    rest = stem[len(name) :]
    if alike(stem) == name or (alike(stem).startswith(name) and COPY.fullmatch(rest)):
        return MARKED
    return NAMED if _mentions(alike(stem), name) else OTHER


def _mentions(stem: str, name: str) -> bool:
    """Whether this name stands in it as a word, as in `amy_01-derivatives`."""
    before, found, after = stem.partition(name)
    return bool(found) and not (before[-1:].isalnum() or after[:1].isalnum())


def is_notebook(file: str) -> bool:
    return file.lower().endswith(DISGUISES)


def is_text(file: str) -> bool:
    return PurePath(file).suffix.lower() in TEXTS


def may_be(file: str, notebook: str) -> bool:
    """Whether a file of this name says that it is this notebook."""
    near = nearness(file, notebook)
    if is_notebook(file):
        return near <= NAMED
    return PurePath(file).suffix.lower() in UNDER_ITS_NAME and near <= MARKED


def folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def alike(name: str) -> str:
    """The same for names that differ but in letter case and in what stands between their words."""
    return folded(name).translate(BETWEEN)


def unreadable_name(name: str) -> str:
    """Why no table, page or gradebook can hold this name, and what to do; empty where all can."""
    if any("\ud800" <= c <= "\udfff" for c in name):
        return "its name is no UTF-8: rename it"
    if any(unicodedata.category(c) in ("Cc", "Zl", "Zp") or c in TURNS for c in name):
        return "its name holds a character that cannot be shown: rename it"
    found = sorted(MARKUP & set(name))
    if found:
        return f"its name holds {' '.join(found)}, which a web page would obey: rename it"
    return ""


def shown_name(name: str) -> str:
    """The name itself, or with escapes where it is unreadable."""
    if not unreadable_name(name):
        return name
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
