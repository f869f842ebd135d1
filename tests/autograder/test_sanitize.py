"""What a student shows runs nothing in a grader's browser; honest text stays as it is."""

from __future__ import annotations

import re

import pytest
from nbconvert.exporters import HTMLExporter

from autograder.sanitize import harmless, harmless_metadata
from helpers.explorers.page import frame

RUNS = re.compile(
    r"<\s*(?:script|iframe|object|embed|form|link|meta|base|style|svg)\b"
    r"|<[^>]*\bon\w+\s*="
    r"|(?:href|src)\s*=\s*[\"']?\s*(?:java|vb)script:",
    re.IGNORECASE,
)

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<IMG SRC=x OnError=alert(1)",
    "<b onclick=alert(1)>x</b>",
    "<svg onload=alert(1)>",
    "<iframe srcdoc='&lt;script>'></iframe>",
    '<div class="downhill-explorer"><iframe srcdoc="x"></iframe></div>',
    "<style>@import 'x'</style>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='&#106;ava&#9;script:alert(1)'>x</a>",
    "<form action=/grade><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url=x'>",
]
LINKS = [
    "[x](javascript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&amp;#106;avascript:alert(1))",
    "[x](javascript\\:alert(1))",
    "[x](<\tjava\tscript:alert(1)>)",
    "<javascript:alert(1)>",
    "[x][y]\n\n[y]: JavaScript&colon;alert(1)",
    "![x](vbscript:x)",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_html_runs_nothing(text):
    assert not RUNS.search(harmless("text/html", text))


@pytest.mark.parametrize("mime", ["text/markdown", "text/latex"])
@pytest.mark.parametrize("text", ATTACKS + LINKS)
def test_prose_runs_nothing_once_it_is_html(text, mime):
    page = HTMLExporter().markdown2html({}, harmless(mime, text))
    assert not RUNS.search(page.replace("&lt;", "")), page


@pytest.mark.parametrize("text", LINKS)
def test_what_is_looked_for_is_there_without_it(text):
    assert RUNS.search(HTMLExporter().markdown2html({}, text)) or text.startswith("[x](<\t")


@pytest.mark.parametrize(
    ("mime", "text"),
    [
        ("text/plain", "ones = <script>"),
        ("text/markdown", "one = 2, a < b, x<sub>1</sub>, [docs](https://numpy.org) *a* `b`"),
        ("text/html", '<table class="dataframe"><tbody><tr><td>1</td></tr></tbody></table>'),
        ("text/html", frame("<!doctype html><p>“x” < y</p>", 300, "a plot of <x>")),
        ("image/png", "iVBORw0KGgo="),
    ],
)
def test_what_is_honest_stays(mime, text):
    assert harmless(mime, text) == text


def test_a_size_is_a_number_and_nothing_else_passes():
    lies = {"width": "1 onload=alert(1)", "height": 20, "alt": "a plot", "isolated": True}
    assert harmless_metadata({"image/png": lies, "x": 3}) == {
        "image/png": {"height": 20, "alt": "a plot"}
    }


def test_a_flood_of_html_is_not_read():
    assert harmless("text/html", "<b>" * 1_000_000) == (
        "<p>(3,000,000 characters of HTML are not shown)</p>"
    )


def test_a_formula_keeps_its_meaning():
    assert harmless("text/markdown", "$a<b$") == "$a< b$"
