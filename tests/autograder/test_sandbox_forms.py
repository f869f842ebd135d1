"""The sandbox: earlier answers in every form in which a later one calls them, and views."""

from __future__ import annotations

import pytest

from autograder.exercises import replaced
from tests.autograder.test_sandbox import defined
from tests.conftest import contained

FORMS = {
    "a default": "def answer(first=first): return first()",
    "a default by name": "def answer(*, f=first): return f()",
    "another name": "other = first\ndef answer(): return other()",
    "a closure": (
        "def make(f):\n    def answer(): return f()\n    return answer\nanswer = make(first)"
    ),
    "errstate": "import numpy as np\n@np.errstate(over='ignore')\ndef answer(): return first()",
    "lru_cache": "import functools\n@functools.lru_cache(0)\ndef answer(): return first()",
    "partial": "import functools\ndef f(x): return first()\nanswer = functools.partial(f, 1)",
    "an object": "class C:\n    def __call__(self): return first()\nanswer = C()",
    "a method": "class C:\n    def go(self): return first()\nanswer = C().go",
    "held by an object": (
        "class C:\n    def __init__(self, f): self.f = f\n"
        "    def __call__(self): return self.f()\n"
        "def g(f=first): return f()\nanswer = C(g)"
    ),
}


@contained
@pytest.mark.parametrize("form", FORMS)
def test_an_earlier_answer_is_replaced_in_whatever_form_a_later_one_calls_it(container, form):
    source = f"def first(): return 1\n{FORMS[form]}"
    session = defined(container, source)
    there = session.request("name", "answer")
    here: dict = {}
    exec(source, here)
    for answer in (there, here["answer"]):
        with replaced(answer, {"first": lambda: 2}):
            assert answer() == 2
        assert answer() == 1
    session.close()


@contained
@pytest.mark.parametrize(
    ("begins", "view"),
    [
        ("b = np.zeros(3)", "b[...]"),
        ("b = np.zeros(3)", "b[::-1]"),
        ("b = np.zeros((3, 1))", "b.reshape(3)"),
        ("a = bytearray(24); b = np.frombuffer(a)", "np.frombuffer(a)"),
    ],
)
def test_a_view_of_what_an_answer_keeps_is_seen_to_change(container, begins, view):
    """The view is held by nobody, and shows whatever is written to its memory."""
    source = f"""
import numpy as np
{begins}
def answer(f):
    b[...] = f()
    return {view}
"""
    session = defined(container, source)
    answer = session.request("name", "answer")
    first = answer(lambda: 1.0)
    assert first.tolist() == [1.0, 1.0, 1.0]
    answer(lambda: 2.0)
    assert first.tolist() == [2.0, 2.0, 2.0]
    session.close()
