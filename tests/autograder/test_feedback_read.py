"""What a page says: of each exercise, of people's part, of a course without a bank, of attacks."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import jinja2
import nbformat
import pytest
from nbgrader.utils import compute_checksum

from autograder.course import OWN, RUBRIC, Course, rubrics_of
from autograder.exercises import find
from autograder.grading import account, page
from autograder.grading.feedback import Given, Pages
from autograder.grading.grader import with_rubrics
from autograder.grading.sheet import Sheet
from autograder.grading.work import shown
from autograder.judge import VERDICT, judge, nothing
from benchmarks.pages import FOLD, graded, judged
from tests.autograder.test_feedback import ABOUT
from tests.autograder.test_feedback import graded as cell
from tests.conftest import ROOT

COURSE = Course(ROOT)
LESSON = "04-backprop"


def made(cells: list, points: dict, given: Given | None = None, **about: str) -> str:
    text = json.dumps(nbformat.v4.new_notebook(cells=cells))
    return Pages().page(text, points, given or Given(), ABOUT | about)


def words(html: str) -> str:
    """What is read, the folded parts included."""
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", html.replace("<wbr>", ""), flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


def judged_cell(verdict) -> nbformat.NotebookNode:
    made = cell("test-square", "examine(square)", grade=True, points=1)
    made.outputs = [shown(verdict)]
    return made


@pytest.fixture(scope="module")
def lesson() -> str:
    """The page of a whole lesson of which a third is wrong, as the grader makes it."""
    text, points = graded(COURSE, LESSON, "a third wrong")
    about = {"student": "ann", "assignment": LESSON, "notebook": LESSON}
    return Pages().page(text, points, Given().before(points), about)


# --- Exercise by exercise ---------------------------------------------------------------------


def test_every_exercise_has_a_row_and_a_section_with_its_points(lesson):
    top = words(lesson.partition("<section")[0])
    names = COURSE.lesson(LESSON).exercises()
    for k, name in enumerate(names):
        of = f"{find(name).points:g}"
        assert f"{name} {of} of {of} right" in top or (
            k % 3 == 0 and re.search(rf"{name} [\d.]+ of {of} (not right yet|right in part)", top)
        ), name
    assert lesson.count('<section class="exercise') == len(names) + 1


def test_a_wrong_answer_says_what_it_looks_like_and_how_each_property_stands(lesson):
    name = COURSE.lesson(LESSON).exercises()[3]
    verdict = judged(name, "a third wrong", 3)
    (section,) = re.findall(rf"<section[^>]*>\s*<h2>{name}</h2>.*?</section>", lesson, re.DOTALL)
    text = page.Markup(section).striptags()
    assert verdict.diagnosis.hypothesis in text
    for finding in verdict.findings:
        assert f"{finding.says} ({finding.earned:g}/{finding.points:g})" in text
    assert f"seed {verdict.seed}" in text
    assert find(name).page.wrong[0].source.split("\n")[0].split("(")[0].split()[-1] in text
    assert "<details" not in section


def test_it_begins_with_what_to_do_next(lesson):
    first = COURSE.lesson(LESSON).exercises()[0]
    reason = judged(first, "a third wrong", 0).reason
    (said,) = re.findall(r'<p class="next">(.*?)</p>', lesson, re.DOTALL)
    assert page.Markup(said).striptags() == f"9 of 15 exercises are right. Next: {first} – {reason}"


def test_who_is_right_is_told_so_and_who_waits_is_told_that():
    right = judged_cell(judge(find("square"), lambda x: x * x))
    why = cell("why", "Because.", "markdown", grade=True, solution=True, points=3)
    assert "Everything is right." in made([right], {"test-square": 1.0})
    html = made([right, why], {"test-square": 1.0}, Given(waits=("why",)))
    assert "All that could be judged is right." in html
    assert "why – of 3 waits for a person" in words(html)
    assert "0 of 3" not in words(html)
    assert "1 of 4 points , 3 of the 4 not yet graded: they wait for a person" in words(html)


def test_what_nobody_answered_is_no_wrong_answer():
    answer = cell("square", "raise NotImplementedError", solution=True)
    answer.metadata.nbgrader["checksum"] = compute_checksum(answer)
    test = judged_cell(nothing(find("square"), "square is not implemented yet", 7))
    html = made([answer, test], {"test-square": 0.0})
    assert "square 0 of 1 not answered" in words(html)
    assert "square , which is not answered yet" in words(html)


def test_each_link_leads_somewhere(lesson):
    places = re.findall(r'id="([^"]*)"', lesson)
    links = re.findall(r'href="#([^"]*)"', lesson)
    assert len(places) == len(set(places))
    assert links
    assert set(links) <= set(places)
    (section,) = re.findall(r'<h\d id="c\d+-\d+">From front to back</h\d>', lesson)
    assert section.split('"')[1] in links


def test_the_notebook_shows_what_was_run_and_counts_what_was_not():
    ran = nbformat.v4.new_code_cell("print('I RAN')", execution_count=1)
    ran.outputs = [nbformat.v4.new_output("stream", text="I RAN")]
    left = [nbformat.v4.new_code_cell("plot('LEFT OUT')") for _ in range(2)]
    own = nbformat.v4.new_code_cell("print('MINE')", metadata={OWN: True})
    html = made([ran, *left, own], {})
    assert "I RAN" in html
    assert "MINE" in html
    assert "LEFT OUT" not in html
    assert "2 cells of the lesson that only show something were not run here" in html


def test_late_extra_and_a_persons_words_stand_in_it():
    why = cell("why", "Because.", "markdown", grade=True, solution=True, points=3)
    given = Given({"why": 2.0}, {"why": 0.5}, {"why": "*Well* said <b>"}, penalty=1.0)
    html = made([why], {}, given)
    assert "why 2.5 of 3 right in part" in words(html)
    assert "0.5 of them extra" in html
    assert "<em>Well</em> said" in html
    assert "Late −1 taken off for being late" in words(html)
    assert "1.5 of 3 points" in words(html)


def test_extra_points_make_no_wrong_answer_a_right_one():
    wrong = judged_cell(judge(find("square"), lambda x: 0 * x))
    html = words(made([wrong], {"test-square": 0.0}, Given(extra={"test-square": 2.0})))
    assert "square 2 of 1 right in part" in html
    assert "right in part" in html
    assert "Everything is right." not in html


def test_words_beside_a_blank_written_answer_are_shown_where_it_waits_and_when_it_is_graded():
    why = cell("why", "Your answer here.", "markdown", grade=True, solution=True, points=3)
    why.metadata.nbgrader["checksum"] = compute_checksum(why)
    mine = nbformat.v4.new_markdown_cell("Because it falls.", metadata={OWN: True})
    for given in (Given(waits=("why",)), Given({"why": 0.0}), Given({"why": 2.0})):
        section = made([why, mine], {}, given).partition("The whole notebook")[0]
        assert "Because it falls." in section
        assert "Your answer here." not in section
    assert "Because" not in made([why, mine], {"why": 0.0}).partition("The whole notebook")[0]


def test_a_rubric_is_for_whoever_grades_and_in_no_page():
    why = cell("why", "Because.", "markdown", grade=True, solution=True, points=3)
    notebook = nbformat.v4.new_notebook(cells=[why])
    sheet = Sheet("a", "a", "", "", bank=True, rubrics={"why": "CANARY 1 point"})
    cells = with_rubrics(notebook, sheet).cells
    assert [c.metadata.get(RUBRIC) for c in cells] == [True, None]
    assert "CANARY" in cells[0].source
    nbformat.validate(notebook)
    assert "CANARY" not in made(cells, {})


def test_the_rubrics_are_those_of_the_source():
    for each in COURSE.lessons():
        rubrics = rubrics_of(each.notebook())
        assert all("**Rubric.**" in text for text in rubrics.values())
        assert rubrics


# --- A course without a bank ------------------------------------------------------------------


WARNED = "\n<ipython-input-1-2ba622780d12>:4: UserWarning: old <b>\n  warnings.warn('old')\n"
STDERR = {"output_type": "stream", "name": "stderr", "text": WARNED}
FAILED = {"output_type": "error", "ename": "E", "evalue": "no", "traceback": []}


def value(said: str) -> dict:
    data = {"text/plain": said}
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}


@pytest.mark.parametrize(
    ("outputs", "why"),
    [
        ([STDERR], "costs the points of a test: line 4: UserWarning: old &lt;b&gt;"),
        ([STDERR, FAILED], "E: no"),
        ([value("7.5")], "the value of the test, 7.5, is above its 2 points, and counts as none"),
        ([value("1.5")], "points were lost here"),
        ([], "points were lost here"),
    ],
)
def test_without_a_bank_it_is_said_what_cost_the_points(outputs, why):
    """As the instructor's table says it; a warning costs the points of a right answer, too."""
    test = cell("some", "assert f(1)", grade=True, points=2)
    test.outputs = [nbformat.from_dict(output) for output in outputs]
    html = made([cell("f", "def f(): ...", solution=True), test], {"some": 0.0})
    line, _, _ = words(html).partition("some (0/2) ")[2].partition(" Your answer")
    assert line.endswith(why)
    assert words(html).partition("Next: f – ")[2].startswith(line)


def test_without_a_bank_each_test_cell_is_a_line():
    answer = cell("squares", "def squares(n): ...", solution=True)
    tests = [cell(name, "assert True", grade=True, points=1) for name in ("some", "others")]
    tests[0].outputs = [nbformat.v4.new_output("error", ename="AssertionError", evalue="no <b>")]
    task = cell("cell-0123456789abcdef", "Do something.", "markdown", task=True, points=4)
    mine = nbformat.v4.new_markdown_cell("My work.", metadata={OWN: True})
    head = nbformat.v4.new_markdown_cell("## Part E")
    given = Given(waits=("cell-0123456789abcdef",))
    html = made([answer, *tests, head, task, mine], {"some": 0.0, "others": 1.0}, given)
    assert "squares 1 of 2 right in part" in words(html)
    assert "some (0/1) AssertionError: no &lt;b&gt; others (1/1)" in words(html)
    assert "Part E – of 4 waits for a person" in words(html)
    assert html.count("My work.") == 2


# --- What must not be -------------------------------------------------------------------------


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]


EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"


def test_words_of_a_student_are_words():
    verdict = nothing(find("square"), EVIL, 7)
    answer = cell("square", f"x = '''{EVIL}'''", solution=True)
    answer.outputs = [nbformat.v4.new_output("error", ename=EVIL, evalue=EVIL, traceback=[EVIL])]
    html = made([answer, judged_cell(verdict)], {"test-square": 0.0}, student=EVIL, notebook=EVIL)
    tags = Tags()
    tags.feed(html)
    assert not {"script", "img"} & set(tags.found)
    assert "49" not in words(html.partition("</header>")[0])


@pytest.mark.parametrize(
    "about",
    [
        None,
        [],
        "reason",
        {"reason": 7, "findings": [], "looks": ""},
        {"reason": "", "findings": [None, {"says": 1}, []], "looks": ""},
        {"reason": "", "findings": "<b>", "looks": []},
        {"reason": "", "findings": [{"says": "", "points": True, "earned": "1"}], "looks": ""},
    ],
)
def test_a_verdict_that_nobody_wrote_is_shown_as_text(about):
    test = cell("test-square", "", grade=True, points=1)
    data = {"text/plain": "SAID <b>", VERDICT: about}
    test.outputs = [nbformat.from_dict({"output_type": "display_data", "metadata": {}})]
    test.outputs[0].data = data
    html = made([test], {"test-square": 0.0})
    assert "SAID &lt;b&gt;" in html
    assert "cannot be shown here" not in html


def test_templates_are_read_once_in_a_process(monkeypatch):
    made([], {})
    monkeypatch.setattr(jinja2.Environment, "compile", None)
    monkeypatch.setattr(jinja2.Environment, "get_template", None)
    assert "<main>" in made([], {})


def test_a_lesson_without_its_notebook_is_small(lesson):
    assert len(lesson[: lesson.index(FOLD)].encode()) < 150_000


def test_the_title_is_the_lessons_and_a_fence_holds_no_heading():
    text = "```\n# no heading\n```\n# It is $x^2$\n\n## Then"
    head = nbformat.v4.new_markdown_cell(text)
    found = list(account.headings(nbformat.v4.new_notebook(cells=[head])))
    assert found == [(0, 1, 1, "It is $x^2$"), (0, 2, 2, "Then")]
    html = made([head], {})
    assert "<title>It is x^2: 0 of 0 points</title>" in html
    assert '<h3 id="c0-1">It is <math>' in html


def test_names_in_sentences_are_code_and_long_ones_break_at_underscores():
    assert page.coded("`a<b` steps, ` alone") == "<code>a&lt;b</code> steps, ` alone"
    assert page.broken("difference_quotient<") == "difference_<wbr>quotient&lt;"


def test_an_error_does_not_tell_ipythons_name_of_a_cell():
    place = "(<ipython-input-30-1a2b3c>, line 2)"
    output = nbformat.v4.new_output(
        "error",
        ename="SyntaxError",
        evalue=f"oops {place}",
        traceback=[f"SyntaxError: oops {place}"],
    )
    cell = nbformat.v4.new_code_cell("1 +", outputs=[output])
    for html in (page.errors(cell), page.outputs(cell)):
        assert "SyntaxError: oops (line 2)" in html
