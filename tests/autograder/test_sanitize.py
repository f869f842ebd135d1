"""What a student shows runs nothing in a grader's browser; honest text stays as it is."""

from __future__ import annotations

import random
import re

import pytest
from bleach._vendor import html5lib
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import ansi2html

from autograder.playing import sanitize
from autograder.playing.sanitize import (
    COLOUR,
    NotShown,
    Room,
    harmless_data,
    harmless_metadata,
    prose,
    text,
)
from helpers.explorers.page import HIGHEST, document, frame
from tests.autograder.pictures import jpeg, png

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


SETTING = {"title": "a plot of <x>", "height": 320}
OURS = document(SETTING, {}, [], [b"12345678"])


def harmless(mime, value):
    return sanitize.harmless(mime, value, Room())


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
        ("text/html", frame(OURS, 300, "a plot of <x>")),
        ("text/html", '<span style="color: rgb(1, 2, 3); width: 12.5px;">x</span>'),
        ("text/html", '<b style="background-color: #023858; color: #1e2f3a;">x</b>'),
        ("text/html", '<b style="font-weight: 700; width: 100%; height: 900px;">x</b>'),
        ("text/html", f'<img src="data:image/png;base64,{png()}" width="300" alt="a plot">'),
        ("image/png", png()),
        ("image/jpeg", jpeg()),
    ],
)
def test_what_is_honest_stays(mime, text):
    assert harmless(mime, text) == text


def test_a_size_is_a_number_and_nothing_else_passes():
    lies = {"width": "1 onload=alert(1)", "height": 20, "alt": "a plot", "isolated": True}
    about = {"image/png": lies, "text/html": {"isolated": True}, "x": 3}
    assert harmless_metadata(about, {"image/png": png()}) == {
        "image/png": {"height": 20, "alt": "a plot"}
    }


SIZES = [-1, 0, True, 1.5, float("nan"), 10**9, 10**5000, [1], None, "9"]


@pytest.mark.parametrize("size", SIZES, ids=range(len(SIZES)))
def test_an_impossible_size_is_left_out(size):
    about = {"image/png": {"width": size, "height": 5}}
    assert harmless_metadata(about, {"image/png": png()}) == {"image/png": {"height": 5}}


@pytest.mark.parametrize("about", [None, 3, [], {"image/png": 3}, {3: {}}, {"image/png": {3: 3}}])
def test_metadata_that_is_none(about):
    assert harmless_metadata(about, {"image/png": png()}) in ({}, {"image/png": {}})


def test_a_flood_of_html_is_not_read():
    with pytest.raises(NotShown, match="3,000,000 characters of text/html are not shown"):
        harmless("text/html", "<b>" * 1_000_000)


@pytest.mark.parametrize(
    "value",
    [
        '<img src="https://example.org/who-looks.png">',
        '<img src="//example.org/who-looks.png">',
        '<img src="file:///etc/passwd">',
        '<img src="../other/student.png">',
        '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
        '<img src="data:image/png;base64,aaaa">',
        '<span style="background-color: url(https://example.org/who)">x</span>',
        '<span style="cursor: url(https://example.org/who), auto">x</span>',
        '<span style="color: u\\72l(https://example.org/who)">x</span>',
        "<span style=\"font: 1px image-set('https://example.org/who' 1x)\">x</span>",
        '<div style="height: 100000px">x</div>',
        '<div style="height: 999em">x</div>',
        '<div style="font-size: 9999px">x</div>',
        '<div style="width: 1e9px">x</div>',
        '<table><tr><td colspan="1000" rowspan="65534">x</td></tr></table>',
        '<div class="comment modal">x</div>',
        '<a href="data:text/html,x">x</a>',
        '<a href="../formgrader/api">x</a>',
        '<p id="points">x</p>',
    ],
)
def test_html_reaches_nothing_and_has_a_bounded_size(value):
    shown = harmless("text/html", value)
    assert not re.search(
        r"<img[^>]*src=|url|image-set|100000|1e9|65534|1000\b|class=|href=|id=", shown
    )


@pytest.mark.parametrize(
    "value",
    [
        frame("<!doctype html><script>fetch('//example.org')</script>", 300, "x"),
        frame(OURS.replace("showSaved(root,", "fetch('//example.org');(root,"), 300, "x"),
        frame(OURS.replace("default-src 'none'", "default-src *"), 300, "x"),
        frame(OURS.replace("<title>", "<title></title><script>alert(1)</script>"), 300, "x"),
        frame(OURS, 300, "x").replace("height:300px", "height:1000000px"),
        frame(OURS, 300, "x").replace("&lt;meta", "&ltmeta"),
        frame(document(SETTING, {}, [], [bytes(20_000_000)]), 300, "a bomb"),
        frame(re.sub(r'(data-saved=".{40})[^"]*', r"\1", OURS), 300, "half of what is packed"),
        frame(re.sub(r'data-saved="[^"]*', 'data-saved="no base64"', OURS), 300, "x"),
    ],
)
def test_a_frame_that_is_not_ours_to_the_letter_is_not_shown(value):
    assert len(value) < 300_000
    with pytest.raises(NotShown, match="no explorer of this course"):
        harmless("text/html", value)


def test_a_frame_with_other_rights_is_no_frame():
    lies = frame(OURS, 300, "x").replace(
        'sandbox="allow-scripts"', 'sandbox="allow-top-navigation"'
    )
    assert "<iframe" not in harmless("text/html", lies)


def test_a_frame_is_no_higher_than_a_page():
    assert f"height:{HIGHEST}px" in frame(OURS, 10**6, "x")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"image/svg+xml": "<svg/>"}, "image/svg+xml is not shown"),
        ({"application/json": {"x": float("nan")}}, "application/json is not shown"),
        ({"application/vnd.jupyter.widget-view+json": {"model_id": ["x"]}}, "running kernel"),
        ({"application/vnd.jupyter.widget-view+json": "<!--<script>"}, "running kernel"),
        ({"application/javascript": "alert(1)"}, "application/javascript is not shown"),
        ({"image/gif": "R0lGODlh"}, "image/gif is not shown"),
        ({"<b>\x1b[2J": "x"}, "another type is not shown"),
        ({"image/png": "iVBORw0KGgo="}, "a picture is not shown: it breaks off"),
        ({"image/png": 3}, "image/png that is no text is not shown"),
        ({"text/markdown": "x" * 20_001}, "20,001 characters of text/markdown"),
    ],
)
def test_what_is_not_shown_is_replaced_by_a_sentence(data, words):
    kept, lost = harmless_data(data, Room())
    assert kept == {}
    assert len(lost) == 1
    assert words in lost[0]
    kept, lost = harmless_data({"text/plain": "<a thing>", **data}, Room())
    assert kept == {"text/plain": "<a thing>"}
    kept, lost = harmless_data({"image/png": png(), **data, "text/plain": ""}, Room())
    assert lost == [] or "image/png" in data


def test_a_widget_that_says_what_it_is_needs_no_sentence():
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "( ) yes"}
    assert harmless_data(view, Room()) == ({"text/plain": "( ) yes"}, [])


def test_a_notebook_has_room_for_so_many_pixels():
    room = Room(pixels=1000)
    sanitize.harmless("image/png", png(20, 30), room)
    assert room.pixels == 400
    with pytest.raises(NotShown, match="too many pixels"):
        sanitize.harmless("image/png", png(20, 30), room)
    html = f'<img src="data:image/png;base64,{png(20, 30)}">'
    assert sanitize.harmless("text/html", html, room) == "<img>"


# --- Text ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        ("\x1b[1;38;5;208mx\x1b[m", "\x1b[1;38;5;208mx\x1b[m"),
        ("\x1b[48;2;1;2;3mx", "\x1b[48;2;1;2;3mx"),
        ("\x1b[38mhalf", "half"),
        ("\x1b[1;48mhalf", "half"),
        ("\x1b[0038mhalf", "half"),
        ("\x1b[38;5mhalf", "half"),
        ("\x1b[38;2;1;2mhalf", "half"),
        ("\x1b[38;5;256mtoo much", "too much"),
        ("\x1b[38;7;1modd", "odd"),
        ("\x1b[" + "1;" * 10_000 + "1mlong", "long"),
        ("\x1b[2J\x1b[1;1Hgone", "gone"),
        ("\x1b]0;title\x07", "]0;title"),
        ("\x1b[never ends", "ever ends"),
        ("a\x08\x00\x7f\x9b2Jb", "a2Jb"),
        ("half \ud800", "half ?"),
        ("tab\tline\nback\r", "tab\tline\nback\r"),
        ("### BEGIN HIDDEN TESTS", "### BEGIN\xa0HIDDEN TESTS"),
        ("the END SOLUTION", "the END\xa0SOLUTION"),
    ],
)
def test_a_text_moves_nothing_and_loses_nothing(value, shown):
    assert text(value) == shown
    ansi2html(shown)


def test_colours_are_whole_and_counted():
    shown = text("\x1b[1m:" * 25_000)
    assert shown.count(":") == 20_000
    assert len(re.findall(r"\x1b\[1m", shown)) == 2000
    assert shown.endswith("... [25,000 more characters are not shown]")


def test_nbconvert_reads_every_colour_that_is_kept():
    rng = random.Random(3)
    kept = 0
    for _ in range(3000):
        numbers = rng.choices(["", "0", "1", "5", "2", "38", "48", "038", "255", "256", "97"], k=6)
        sequence = "\x1b[" + ";".join(numbers[: rng.randint(1, 6)]) + "m"
        if COLOUR.fullmatch(sequence):
            kept += 1
            ansi2html(sequence + "x")
    assert kept > 300


# --- Markdown -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("![who](https://example.org/a.png)", "! [who](https://example.org/a.png)"),
        ("![](https://example.org/a.png)", "! [picture](https://example.org/a.png)"),
        ("![who][1]\n\n[1]: //example.org/a.png", "! [who][1]\n\n[1]: //example.org/a.png"),
        ("![a](attachment:b.png)", "*(a picture is not shown)*"),
        ("![a](attachment:mine%20own.png)", "![a](attachment:picture-1.png)"),
        ("![a](<attachment:mine own.png>)", "! [a](< attachment:mine own.png>)"),
        ("![a](attachment:no) ![a](attachment:mine%20own.png)!",
         "*(a picture is not shown)* ![a](attachment:picture-1.png)!"),
    ],
)  # fmt: skip
def test_only_an_attached_picture_is_a_picture(value, shown):
    assert prose(value, {"mine own.png": "picture-1.png"}) == shown


ENDS = [
    "</div></div></div>",
    "<details>",
    "</div><details><table><tr><td>",
    "<table><tr><td>x",
    "<s><small><small>",
    "<b>`</b>`",
    "<b>$x</b>$",
    "<b>\\\\(x</b>\\\\)",
    "<b>[x](</b>)",
    "<b>x\n\n</b>",
    "`<b>` x</b> <i>`</i>` <u>",
    "<b>x</b",
    "<!-- x",
    "<pre>x",
    "<ul><li>x",
    "<h1>x\n\n<p>y",
    "<sub><sup><span><del>x",
    "| <b>x | y</b> |\n|-|-|\n| <i>z | </i> |",
    "```mermaid\n</pre></div><details>\n```",
    "<B>x</b><b>y</B><b x>z</b>",
]


@pytest.mark.parametrize("value", ENDS, ids=range(len(ENDS)))
def test_markdown_changes_nothing_behind_it(value):
    """Read as a browser reads it, between two cells of a page."""
    shown = HTMLExporter().markdown2html({}, prose(value))
    page = html5lib.parse(
        f"<body><div id=before>before</div><div id=cell><div><div>{shown}</div></div></div>"
        "<div id=after>after</div>",
        namespaceHTMLElements=False,
    )
    body = page.find("body")
    assert [(each.tag, each.get("id")) for each in body] == [
        ("div", "before"), ("div", "cell"), ("div", "after")
    ]  # fmt: skip
    assert len(body[2]) == 0
    assert body[2].text == "after"


def test_honest_tags_stay():
    value = "x<sub>1</sub> <b>bold (f)</b><br> <u>so</u>, <i>x</i> and <kbd>Ctrl</kbd>"
    assert prose(value) == value
    assert prose("`a<b` and $a<b$") == "`a< b` and $a< b$"


@pytest.mark.parametrize("value", ["&amp;" * 4000, "&" + "amp;" * 4999, "<" * 20_000])
def test_nested_escapes_take_a_bounded_number_of_steps(value):
    assert prose(value)


def test_a_formula_keeps_its_meaning():
    assert harmless("text/markdown", "$a<b$") == "$a< b$"
