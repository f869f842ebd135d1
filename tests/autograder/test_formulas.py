"""Formulas are drawn without a network, and nothing but formulas."""

from __future__ import annotations

import re

import pytest

from autograder.course import Course
from autograder.playing import formulas, render
from autograder.playing.formulas import formula
from tests.autograder.test_feedback_read import Tags
from tests.conftest import ROOT

EVIL = [
    r"\text{<script>alert(1)</script>}",
    r"\href{javascript:alert(1)}{x}",
    r"a<img/src=x onerror=alert(1)>b",
    r"\style{position:fixed}{x}",
    r"\class{a b}{x}",
    r"\color{red;background:url(//example.org)}{x}",
    r"\text{&lt;script&gt;&#60;script&#62;}",
    r"\mathrm{</math><script>alert(1)</script>}",
    r"\hspace{99999em}x",
    r"\rule{99999em}{99999em}",
    r"\begin{<script>}x\end{<script>}",
    r"\operatorname{<b onclick=alert(1)>}",
]


@pytest.mark.parametrize("source", EVIL)
@pytest.mark.parametrize("display", [False, True])
def test_nothing_comes_out_but_a_formula(source, display):
    html = formula(source, display)
    tags = Tags()
    tags.feed(html)
    assert set(tags.found) <= formulas.NAMES | {"code", "span"}
    for attribute in ("href", "style", "onclick", "onerror"):
        assert not re.search(rf"<[^>]*\s{attribute}=", html)
    assert not re.search(r'="[^"]*\d{4}', html)


@pytest.mark.parametrize(
    "source",
    ["}{", "x^x^x", "{" * 3000, r"\frac" * 300, r"\left(" * 200, "", "{" * 200 + "}" * 200,
     "x" * 5000, r"\sqrt{" * 80 + "x" + "}" * 80],
    ids=range(9),
)  # fmt: skip
def test_what_is_no_formula_stands_as_it_was_written(source):
    html = formula(source)
    assert html == f"<code>{source.strip()}</code>" or html.startswith("<math>")


def test_deep_formulas_are_not_drawn():
    assert formula(r"\sqrt{" * 80 + "x" + "}" * 80).startswith("<code>")


@pytest.mark.parametrize("lesson", [each.name for each in Course(ROOT).lessons()])
def test_every_formula_of_the_course_is_drawn(lesson):
    """No `$` stands in a page, and no TeX that could not be read."""
    cells = Course(ROOT).lesson(lesson).notebook().cells
    drawn = 0
    for cell in cells:
        if cell.cell_type == "markdown":
            html = render.markdown(cell.source)
            assert "<code>\\" not in html, cell.source
            text = re.sub(r"<pre>.*?</pre>|<code>.*?</code>|<[^>]*>", "", html, flags=re.DOTALL)
            assert "$" not in text.replace("\\$", ""), cell.source
            assert not re.search(r"\\[a-z]+", text), cell.source
            drawn += html.count("<math")
    assert drawn > 10
