"""A written question graded on its page, and entered: never over what somebody gave meanwhile."""

from __future__ import annotations

import json
from argparse import Namespace

import pytest
from nbformat import read, writes
from nbformat.v4 import new_markdown_cell

from autograder.classroom import Classroom
from autograder.cli import main
from autograder.commands.written import run
from autograder.course import OWN, RUBRIC, Course, CourseError, grade_id
from autograder.grading.by_hand import Standing, read_sheet
from autograder.reporting.written import Answer, Group, Question, grouped, lines_of, questions
from autograder.reporting.written_page import page
from benchmarks.classes import LESSON
from tests.course.conftest import begun, room  # noqa: F401  (fixtures)
from tests.course.rooms import by_hand, graded, opened

HOSTILE = "</textarea></script><script>alert(1)</script>"


def write_answers(room: Classroom, **words: str) -> None:  # noqa: F811
    for student, text in words.items():
        path = room.autograded / student / LESSON / f"{LESSON}.ipynb"
        notebook = json.loads(path.read_text())
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "why":
                cell["source"] = text
        path.write_text(json.dumps(notebook))


def command(room: Classroom, **options) -> int:  # noqa: F811
    usual = {"question": None, "apply": None, "overwrite": False, "submitted": room.submitted}
    return run(Course(room.folder), Namespace(**usual, db=None) if not options else
               Namespace(**(usual | {"db": None} | options)))  # fmt: skip


def about(room: Classroom) -> dict:  # noqa: F811
    """What the page knows, as its script reads it."""
    return json.loads(page_of(room).split('id="about">')[1].split("</script>")[0])


def page_of(room: Classroom) -> str:  # noqa: F811
    return (room.folder / "report" / "written-why.html").read_text()


def saved(room: Classroom, points: float = 2, comment: str = "Why?", **more) -> object:  # noqa: F811
    """The file that the page saves when every answer gets the same."""
    command(room, question="why")
    found = about(room)
    answers = [
        {**each, "before": group["before"], "points": points, "comment": comment, **more}
        for group in found["groups"]
        for each in group["answers"]
    ]
    path = room.folder / "why.json"
    path.write_text(json.dumps({**found["sheet"], "answers": answers}))
    return path


def stands(room: Classroom, student: str) -> tuple:  # noqa: F811
    with opened(room) as book:
        grade = book.find_grade("why", LESSON, LESSON, student)
        comment = book.find_comment("why", LESSON, LESSON, student)
        return grade.manual_score, grade.needs_manual_grade, comment.manual_comment


def test_what_is_saved_is_entered_as_formgrader_would(room, capsys):  # noqa: F811
    write_answers(room, amy="It *is* so.", bob="It *is*\nso")
    path = saved(room)
    assert len(about(room)["groups"]) == 1  # the two say the same
    assert command(room, apply=path) == 0
    assert "2 entered" in capsys.readouterr().out
    assert stands(room, "amy") == stands(room, "bob") == (2, False, "Why?")
    outcome = graded(room, resume=True)
    assert [r.to_grade_by_hand for r in outcome.results] == [0, 0]
    assert command(room, apply=path) == 0  # once more: nothing to do
    assert "0 entered, 2 stood there already" in capsys.readouterr().out


def test_what_formgrader_gave_meanwhile_stays_and_is_listed(room, capsys):  # noqa: F811
    write_answers(room, amy="One.", bob="Two.")
    path = saved(room, points=1)
    by_hand(room, 3.0, "WELL SAID")
    assert command(room, apply=path) == 1
    said = capsys.readouterr().out
    assert "not entered: amy: somebody gave 3 points and “WELL SAID” meanwhile" in said
    assert stands(room, "amy") == (3, False, "WELL SAID")
    assert stands(room, "bob") == (1, False, "Why?")
    assert command(room, apply=path, overwrite=True) == 0
    assert stands(room, "amy") == (1, False, "Why?")


def test_the_page_shows_what_formgrader_gave_before(room):  # noqa: F811
    write_answers(room, amy="The same.", bob="The same.")
    by_hand(room, 3.0)
    saved(room)
    befores = [group["before"] for group in about(room)["groups"]]
    assert befores == [{"points": None, "comment": ""}, {"points": 3.0, "comment": "WELL SAID"}]


def write_beside(room: Classroom, student: str, above: str, below: str) -> None:  # noqa: F811
    """The answer cell as it was released, a rubric above it, and words in cells of one's own."""
    path = room.autograded / student / LESSON / f"{LESSON}.ipynb"
    blank = {grade_id(c): c.source for c in read(room.release / LESSON / path.name, 4).cells}
    notebook = read(path, 4)
    place = [grade_id(c) for c in notebook.cells].index("why")
    notebook.cells[place].source = blank["why"]
    ours = [new_markdown_cell("A rubric.", metadata={RUBRIC: True}), notebook.cells[place]]
    mine = [new_markdown_cell(text, metadata={OWN: True}) for text in (above, below)]
    notebook.cells[place : place + 1] = [mine[0], *ours, mine[1]]
    path.write_text(writes(notebook))


def test_an_answer_beside_its_cell_is_still_on_the_page_when_it_has_been_graded(room):  # noqa: F811
    write_answers(room, bob="Two.")
    write_beside(room, "amy", "The slope is so,", "hence it falls.")
    path = saved(room, points=0)
    before = [group["answers"] for group in about(room)["groups"]]
    assert {each["student"] for answers in before for each in answers} == {"amy", "bob"}
    assert "The slope is so,\n\nhence it falls." in page_of(room)
    assert command(room, apply=path) == 0
    command(room, question="why")
    assert [group["answers"] for group in about(room)["groups"]] == before
    write_beside(room, "bob", "nothing", "at all")
    with opened(room) as book:
        grade = book.find_grade("why", LESSON, LESSON, "bob")
        grade.manual_score, grade.needs_manual_grade = None, False
    command(room, question="why")
    assert "nothing" not in page_of(
        room
    )  # nobody asked for words there, and nobody gave any points


def test_an_answer_that_has_changed_since_is_not_graded_by_the_old_page(room, capsys):  # noqa: F811
    write_answers(room, amy="One.", bob="Two.")
    path = saved(room)
    write_answers(room, amy="Another.")
    assert command(room, apply=path) == 1
    assert "amy: the answer has changed since the page was made" in capsys.readouterr().out
    assert stands(room, "amy")[:2] == (None, True)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"points": 4}, "4 points are more than the question's 3"),
        ({"student": "../eve"}, "the gradebook has no such answer"),
    ],
)
def test_what_cannot_be_given_is_listed(room, capsys, change, why):  # noqa: F811
    path = saved(room, **change)
    assert command(room, apply=path) == 1
    assert why in capsys.readouterr().out
    assert stands(room, "amy")[0] is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"written": 2}',
        '{"written": 1, "answers": [1], "lesson": "", "notebook": "", "question": ""}',
        '{"written": 1, "answers": [], "lesson": 1, "notebook": "", "question": ""}',
        '{"written": 1, "lesson": "", "notebook": "", "question": "", "answers": [{"student": "a",'
        ' "answer": "", "points": NaN, "comment": "", "before": {"points": null, "comment": ""}}]}',
        "[" * 100_000,
    ],
)
def test_a_file_of_another_kind_is_refused_in_a_sentence(tmp_path, text):
    path = tmp_path / "why.json"
    path.write_text(text)
    with pytest.raises(CourseError, match=r"is not what the page of a question saves"):
        read_sheet(path)


def test_without_a_question_they_are_listed_and_a_wrong_name_says_which(room, capsys):  # noqa: F811
    write_answers(room, amy="One.", bob="Two.")
    assert command(room) == 0
    assert f"{LESSON}  why: 2 answers, 2 wait" in capsys.readouterr().out
    with pytest.raises(CourseError, match="no question 'which' is graded here; there are why"):
        command(room, question="which")


def test_every_rubric_of_the_course_is_read_and_adds_up(course):
    import nbformat

    found = 0
    for lesson in course.lessons():
        release = nbformat.read(course.notebooks / lesson.name / f"{lesson.name}.ipynb", 4)
        for question in questions(course, lesson.name, release, lesson.name):
            found += 1
            assert sum(points for points, _ in question.rubric) == question.points, question.name
            assert question.model
            assert question.asked
    assert found >= 8
    assert list(lines_of("1 point: this, 2 of them. 0.5 points: that.")) == [
        (1.0, "this, 2 of them."),
        (0.5, "that."),
    ]


SAME = ("Because it is **so**,\nand not else.", " Because it is **so**, and not else  ")
OTHERS = (
    ("grows as n!", "grows as n"),
    ("f(a) > f(b)", "f(a) f(b)"),
    ("W x", "w x"),
    ("a*b", "a b"),
    ("w_1", "w 1"),
    ("so...", "so"),
    ("# one", "one"),
    ("> x", "x"),
    ("if a:\n    b\nc", "if a:\n    b\n    c"),
    ("```\na\nb\n```", "```\na b\n```"),
    ("it is 3\n- 1", "it is 3 - 1"),
    ("One.\n\nTwo", "One. Two"),
    ("a b", "ab"),
)


@pytest.mark.parametrize("pair", OTHERS)
def test_answers_that_differ_in_a_sign_are_apart(pair):
    assert len(grouped((Answer(text, text), Standing()) for text in pair)) == 2


def test_answers_are_together_where_they_say_the_same():
    (group,) = grouped((Answer("amy", text), Standing()) for text in SAME)
    assert group.texts == [SAME[0], SAME[1].strip()]
    shown = page(Question("l", "l", "why", 3), [group])
    assert shown.count("Because it is **so**,") == 2  # each text that the grade is given to
    (group,) = grouped((Answer(text, text), Standing()) for text in ("so ", "so", "\nso"))
    assert group.texts == ["so"]


def test_a_picture_is_part_of_an_answer():
    words = SAME[0]
    picture = Answer("p", words, (("image/png", "AAAA"),))
    assert picture.key != Answer("q", words).key
    assert picture.digest != Answer("q", words).digest


def test_formulas_of_the_course_are_drawn_and_a_card_says_how_it_stands():
    question = Question("l", "l", "why", 3, "Is $a<b$?", "At $10^{12}$ & more: $$x_1$$")
    shown = page(question, [Group((Answer("amy", "$y$"),), Standing())])
    assert shown.count("<math") == 3
    assert "10^{12}" not in shown
    assert "&amp; more" in shown
    assert "$y$" in shown  # a student's words stay as they are
    assert '<legend data-stands="not graded">' in shown
    assert "graded(card) ? 'graded here' : legend.dataset.stands" in shown


def test_words_of_students_are_text():
    group = Group((Answer(HOSTILE, HOSTILE, (("image/png", '"><script>'),)),), Standing(1, HOSTILE))
    shown = page(Question("l", "l", "why", 3, HOSTILE, HOSTILE, ((1.0, HOSTILE),)), [group])
    assert shown.count("<script") == 2  # ours
    assert "alert(1)</script>" not in shown


def test_before_anything_is_graded_it_says_so_and_makes_no_gradebook(small, monkeypatch, capsys):
    monkeypatch.chdir(small.root)
    assert main(["written"]) == 1
    assert "run autograder grade first" in capsys.readouterr().err
    assert not (small.root / "gradebook.db").exists()
