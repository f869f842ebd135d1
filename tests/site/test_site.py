"""The site says what the source says, is the same each time, and leads nowhere wrong."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image
from traitlets.config import Config

from autograder.course import Course, CourseError, is_exercise, is_written
from autograder.publishing import outputs
from autograder.publishing.build import build, check_is_ours
from autograder.publishing.chapters import Chapter, chapter, raised, slug
from autograder.publishing.faults import Page, faults
from autograder.publishing.pages import LONG, TRY, _only_asks, linked
from autograder.publishing.places import Places
from helpers.questions import names_in
from tests.conftest import ROOT
from tests.site.reading import article, blocks, code_of, words, words_of

COURSE = Course(ROOT)
LACKING = set(map(ord, "\nŷ½²¯"))
"""What stands in formulas and is not in the font as it is published: drawn in the text's own."""
LESSONS = [lesson.name for lesson in COURSE.lessons()]


def pages_of(site: Path, made: Chapter) -> list[Path]:
    return [site / "lessons" / made.lesson.name / f"{s.name}.html" for s in made.sections]


@pytest.fixture(scope="module", params=LESSONS)
def made(request) -> Chapter:
    return chapter(COURSE, COURSE.lesson(request.param))


def test_a_chapter_says_what_its_source_says(site, made):
    """Every word, in order, and no other; read from the source by another reader of Markdown."""
    said = "".join(words(article(path)) for path in pages_of(site, made))
    source = made.lesson.notebook()
    texts = [
        re.sub(r"### (BEGIN|END) SOLUTION", "", cell.source) if is_written(cell) else cell.source
        for cell in source.cells
        if cell.cell_type == "markdown"
    ]
    # The first page ends with the contents, under a heading of its own.
    wanted = "".join(map(words_of, texts))
    assert said.replace("Sections", "", 1) == wanted


def test_a_chapter_shows_the_code_of_both_notebooks_in_order(site, made):
    """Stub, worked solution, the output's code; of a check the code stands under what it says."""
    shown = [code for path in pages_of(site, made) for code in blocks(article(path))]
    wanted: list[str] = []
    for section in made.sections:
        for part in section.parts:
            if part.is_text:
                wanted += code_of(part.worked.source)
            elif not _only_asks(part.given.source):
                wanted.append(part.given.source)
                wanted += [part.worked.source] if is_exercise(part.given) else []
    assert shown == [code.strip("\n") for code in wanted]


def test_a_solution_stands_folded_behind_a_word(site, made):
    exercises = [p for s in made.sections for p in s.parts if is_exercise(p.given)]
    folds = [f for path in pages_of(site, made) for f in article(path).select(".downhill-solution")]
    tried = [fold for fold in folds if fold.summary.get_text() == TRY]
    assert len(tried) == len(exercises) > 0
    for fold, part in zip(tried, exercises, strict=True):
        assert not fold.has_attr("open")
        assert blocks(fold) == [part.worked.source.strip("\n")]
        assert part.worked.source != part.given.source


def test_long_code_that_draws_is_folded_and_no_other(site, made):
    """Whatever is to be written stands open, and so does what prints."""
    pages = [article(path) for path in pages_of(site, made)]
    folded = [code for page in pages for f in page.select(".downhill-code") for code in blocks(f)]
    parts = {p.given.source.strip("\n"): p for s in made.sections for p in s.parts}
    assert len(folded) >= 5
    for code in folded:
        assert "YOUR CODE HERE" not in code
        assert len(code.split("\n")) > LONG
        assert any(
            {"image/png", "text/html"} & output.get("data", {}).keys()
            for output in parts[code].worked.outputs
        )
    openly = [code for page in pages for code in blocks(page) if code not in folded]
    assert any("YOUR CODE HERE" in code for code in openly)


def test_the_first_page_links_the_sections_that_it_names(site, made):
    page = article(pages_of(site, made)[0])
    for contents in page.select(".toctree-wrapper"):
        contents.decompose()
    titles = {" ".join(s.title.casefold().split()): s.name for s in made.sections[1:]}
    named = [(t, " ".join(t.get_text().casefold().split())) for t in page.select("em, td")]
    linked = [tag.find_parent("a") or tag.a for tag, title in named if title in titles]
    assert len(linked) > 2
    wanted = [f"{titles[title]}.html" for _, title in named if title in titles]
    assert [link and link["href"] for link in linked] == wanted


def test_each_page_has_a_title_of_its_own(site):
    found = [
        re.search("<title>(.*?)</title>", path.read_text("utf-8"))[1]
        for path in site.rglob("*.html")
    ]
    assert "Letters (1 · Derivatives) - Downhill" in found
    assert len(set(found)) == len(found)


def test_a_picture_is_there_before_it_is_seen(site, made):
    """Else it would be missing on paper. And it opens alone."""
    pictures = [f for p in pages_of(site, made) for f in article(p).select(".downhill-picture")]
    for picture in pictures:
        assert not picture.img.has_attr("loading")
        assert picture.a["href"] == picture.img["src"]


def test_every_output_of_the_worked_notebook_is_on_its_page(site, made):
    """Pictures and printed lines; but no line that tells an answer before it was asked."""
    page = "\n".join(path.read_text("utf-8") for path in pages_of(site, made))
    shown = re.sub(r"\s+", "", "".join(article(p).get_text() for p in pages_of(site, made)))
    pictures = 0
    for cell in made.worked.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            pictures += "image/png" in data and "text/html" not in data
            for line in output.get("text", "").splitlines():
                told = line.startswith("You made no prediction. ")
                assert (re.sub(r"\s+", "", line) in shown) != told, line
    assert page.count('<figure class="downhill-picture">') == pictures > 0
    assert "You made no prediction" not in page


def test_the_hidden_tests_are_on_no_page(site):
    for path in (site / "lessons").rglob("*.html"):
        assert "HIDDEN TESTS" not in path.read_text("utf-8"), path
        assert "autograder.judge" not in path.read_text("utf-8"), path


def test_every_exercise_and_mistake_is_behind_the_instructors_door(site, made):
    page = article(site / "mistakes" / f"{made.lesson.name}.html")
    assert [h.get_text().rstrip("#") for h in page.select("h2")] == list(names_in(made.lesson.name))
    from autograder.exercises import find

    wrong = [wrong.name for name in names_in(made.lesson.name) for wrong in find(name).page.wrong]
    named = [p.get_text() for p in page.select("section > p:has(> strong:only-child)")]
    assert [re.sub("[`*]", "", name) for name in wrong] == named
    assert all(not fold.has_attr("open") for fold in page.select("details"))


def test_links_hold_and_nothing_is_asked_of_another_host(site):
    assert faults(site) == []
    assert len(list(site.rglob("*.html"))) > 100


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('<a href="nowhere.html">x</a>', "nowhere.html, which is not there"),
        ('<a href="#nowhere">x</a>', "#nowhere, a place that is not there"),
        ('<img src="https://example.org/a.png">', "https://example.org/a.png, which is not the"),
        ('<script src="//example.org/a.js"></script>', "//example.org/a.js, which is not the"),
        ('<link rel="stylesheet" href="/a.css">', "/a.css, which is not the site's"),
        ('<img src="a.png">', "a.png, which is not there"),
        ('<a href="javascript:go()">x</a>', "a link to javascript:go()"),
        ('<style>@import "https://example.org/a.css"</style>', "https://example.org/a.css"),
        ('<p style="background: url(https://example.org/b)">x</p>', "https://example.org/b"),
    ],
)
def test_a_fault_of_a_page_is_told(tmp_path, wrong, said):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "page.html").write_text(f"<p id='here'>{wrong}<a href='#here'>y</a></p>")
    found = faults(tmp_path)
    assert len(found) == 1
    assert found[0].startswith("deep/page.html: ")
    assert said in found[0]


def test_a_picture_has_the_pixels_of_the_worked_notebook():
    pixels = np.random.default_rng(0).integers(0, 256, size=(40, 60, 4), dtype=np.uint8)
    png = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(png, "PNG")
    content, size = outputs.packed(png.getvalue())
    assert size == (60, 40)
    seen = pixels[..., 3] > 0
    with Image.open(io.BytesIO(content)) as image:
        assert np.array_equal(np.asarray(image)[seen], pixels[seen])


def test_a_page_and_a_chapter_are_light(site, made):
    """As they are transferred, gzipped: what is loaded at once, and all that a chapter can load."""
    shared = {f"_static/{name}" for name in ("styles/furo.css", "downhill.js", "math.woff")}
    all_of_it: dict[str, int] = dict.fromkeys(shared, 0)
    for path in pages_of(site, made):
        text = path.read_text("utf-8")
        files = {(path.parent / link.split("?")[0]).resolve() for link in Page.of(path).loads}
        files |= {site / "_static" / f"{name}.js" for name in re.findall(r"explorer-\w{16}", text)}
        files = {file for file in files if file.is_file()} | {site / "_static" / "math.woff"}
        loads = {file.relative_to(site).as_posix(): packed(file) for file in files}
        assert sum(loads.values()) <= 300_000, (path.name, loads)
        all_of_it |= loads
    assert sum(all_of_it.values()) <= 1_500_000


def test_the_font_has_every_character_of_the_formulas(site):
    """A letter alone is drawn as a mathematical one: italic."""
    font = TTFont(site / "_static" / "math.woff")
    assert "MATH" in font
    there = font.getBestCmap().keys()
    for path in site.rglob("*.html"):
        for drawn in re.findall(r"<math.*?</math>", path.read_text("utf-8"), re.DOTALL):
            letters = {ord(each) for each in unescape(re.sub("<[^>]*>", "", drawn))}
            alone = re.findall(r"<mi>([a-zA-Z])</mi>", drawn)
            letters |= {italic(each) for each in alone}
            assert {hex(each) for each in letters - there - LACKING} == set(), (path, drawn)


def italic(letter: str) -> int:
    if letter == "h":
        return 0x210E
    first = 0x1D434 - ord("A") if letter.isupper() else 0x1D44E - ord("a")
    return first + ord(letter)


def packed(path: Path) -> int:
    content = path.read_bytes()
    return (
        len(content) if path.suffix in (".png", ".webp", ".woff") else len(gzip.compress(content))
    )


def test_two_builds_are_the_same_to_the_byte(tmp_path):
    """In other processes, with other seeds of their hashes, from other folders."""
    found = []
    for seed in ("1", "2"):
        out = tmp_path / seed / ("deeper" * int(seed))
        code = "import sys; from autograder.cli import main; sys.exit(main(sys.argv[1:]))"
        subprocess.run(
            [sys.executable, "-c", code, "site", "1", "--out", str(out)],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
        )
        found.append(
            {
                path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sorted(out.rglob("*"))
                if path.is_file()
            }
        )
        shutil.rmtree(out)
    assert found[0] == found[1]
    assert "lessons/01-derivatives/index.html" in found[0]


# --- Small parts --------------------------------------------------------------------------------


def test_a_folder_that_holds_anything_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CourseError, match="holds something else"):
        build(COURSE, tmp_path)
    with pytest.raises(CourseError, match="holds something else"):
        build(COURSE, tmp_path / "thesis.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_what_is_replaced_is_a_site_or_nothing(site, tmp_path):
    for folder in (site, tmp_path, tmp_path / "new"):
        check_is_ours(folder)


def test_headings_in_code_are_no_headings():
    text = "## One\n\n```\n# no heading\n```\n\n### Two\n\n~~~~\n## none\n~~~\n## none\n~~~~"
    assert raised(text) == text.replace("## One", "# One").replace("### Two", "## Two")


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("before *The gradient\ncheck*.", "before [*The gradient\ncheck*](check.md)."),
        ("*Run All*, **the race**, the race", "*Run All*, **the race**, the race"),
        ("*the race*", "[*the race*](race.md)"),
        ("| The race | 30 | | x | 2 |", "| [The race](race.md) | 30 | | x | 2 |"),
        ("| **The race** | **3** |", "| [**The race**](race.md) | **3** |"),
        ("|---|\n| a | The race |", "|---|\n| a | [The race](race.md) |"),
    ],
)
def test_a_section_that_is_named_is_linked(text, made):
    assert linked(text, {"the gradient check": "check", "the race": "race"}) == made


@pytest.mark.parametrize(
    ("title", "name"),
    [("Why not just solve it?", "why-not-just-solve-it"), ("Nesterov's step", "nesterovs-step")],
)
def test_a_title_is_an_address(title, name):
    assert slug(title) == name


def test_a_lesson_is_offered_only_where_the_course_says_where_it_lies():
    nowhere, bare, fetching = Config(), Config(), Config()
    for config in (bare, fetching):
        config.CourseSite.repository = "https://github.com/someone/downhill.git"
    fetching.FetchHelpers.address = "https://example.org/helpers.whl"
    text = "# 1 · A lesson\n\nIt begins."
    said = Places.of(nowhere).offered("01-a", text)
    assert "<code>notebooks/01-a/</code>" in said
    assert "https://" not in said
    assert said.startswith("# 1 · A lesson\n\n````{raw} html\n<p")
    assert said.endswith("\n\nIt begins.")
    assert list(Places.of(bare).links("01-a")) == ["Open in Binder", "Download the notebook"]
    links = Places.of(fetching).links("01-a")
    assert links["Open in Colab"] == (
        "https://colab.research.google.com/github/someone/downhill/blob/main"
        "/notebooks/01-a/01-a.ipynb"
    )
    assert "someone/downhill/raw/main/" in links["Download the notebook"]
    offered = Places.of(fetching).offered("01-a", text)
    assert offered.startswith("# 1 · A lesson\n\n````{raw} html\n<p")
    assert offered.endswith("\n\nIt begins.")


@pytest.mark.parametrize(
    "address", ["someone/downhill", "https://example.org/a/b", 'https://github.com/a/b"><i>']
)
def test_what_is_no_repository_is_told(address):
    config = Config()
    config.CourseSite.repository = address
    with pytest.raises(CourseError, match=r"CourseSite\.repository"):
        Places.of(config)


def test_the_committed_course_offers_nothing_and_says_where_a_notebook_is(site, made):
    page = article(pages_of(site, made)[0])
    assert not page.select(".downhill-take")
    (where,) = page.select(".downhill-where")
    assert (COURSE.root / where.code.get_text() / f"{made.lesson.name}.ipynb").is_file()
    assert where.a["href"] == "../../docs/student.html"
    assert "make bundle" in article(site / "docs" / "student.html").get_text()
