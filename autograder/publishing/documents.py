"""The pages beside the chapters: the first one, those of docs/, and what students get wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from autograder.course import Course, Lesson
from autograder.exercises.page import BANK
from autograder.publishing.chapters import Chapter, headed
from autograder.publishing.pages import raw
from helpers.questions import LESSONS, names_in

DOORS: Mapping[str, tuple[str, ...]] = {
    "Students": ("student", "notation"),
    "Instructors": ("instructor", "mistakes", "jupyterhub", "scale", "trust"),
    "Contributors": ("contributor", "architecture", "writing-lessons", "browser-python"),
}
"""Who reads which page of docs/; `mistakes` is made of the bank's pages."""


OPENING = """\
Begin here. The curve is a landscape, and each dot is a step of gradient descent down it. Move the
learning rate: where does it arrive quickest, and from where on does it never arrive? Nothing needs
to be installed to read these pages and to play on them."""


def documents(course: Course) -> dict[str, str]:
    """The pages of docs/, by name in the site."""
    names = (name for door in DOORS.values() for name in door if name != "mistakes")
    folder = course.root / "docs"
    return {f"docs/{name}": (folder / f"{name}.md").read_text("utf-8") for name in names}


def home(course: Course, chapters: Sequence[Chapter], opening: str = "") -> str:
    """The first page: what the README says of the course and its lessons, and three doors.

    opening: an explorer's element, to play with before a word is read.
    """
    readme = (course.root / "README.md").read_text("utf-8")
    about = readme.partition("\n![")[0].partition("\n")[2]
    built = dict(re.findall(r"^\| \[([\w-]+)\]\(.*?\) \| (.*?) \|$", readme, re.MULTILINE))
    lines = [f"# {course_title(readme)}\n\n{about.strip()}\n"]
    if opening:
        lines.append(f"{OPENING}\n\n{raw(opening)}\n")
    lines.append("## Lessons\n")
    for each in chapters:
        name = each.lesson.name
        lines.append(f"- **[{each.title}](lessons/{name}/index.md)**: {built.get(name, '')}")
    lines.append("\n## Three doors\n")
    for door, names in DOORS.items():
        lines.append(f"- **{door}**: {', '.join(f'[]({_page(name)}.md)' for name in names)}")
    lines += ["", _tree("Lessons", [f"lessons/{each.lesson.name}/index" for each in chapters])]
    lines += [_tree(door, [_page(name) for name in names]) for door, names in DOORS.items()]
    return "\n".join(lines)


def course_title(readme: str) -> str:
    return readme.partition("\n")[0].removeprefix("# ")


def _page(name: str) -> str:
    return "mistakes/index" if name == "mistakes" else f"docs/{name}"


def _tree(caption: str, pages: Iterable[str]) -> str:
    listed = "\n".join(pages)
    return f"```{{toctree}}\n:hidden:\n:maxdepth: 2\n:caption: {caption}\n\n{listed}\n```\n"


# --- What students get wrong --------------------------------------------------------------------

ABOUT_MISTAKES = """\
# What students get wrong

For each exercise, the wrong answers that the bank knows. Under each stands the sentence that a
student who gives it reads, in the notebook and on the page of feedback; the answer is folded.
`autograder prove` holds that every one of them is refused and told its own sentence.

"""

FOR_WHOM = """\
This page is for who teaches: of who has yet to write the lesson, it takes the exercises away."""


def mistakes(chapters: Iterable[Chapter]) -> dict[str, str]:
    """A page a lesson, by name in the site, and the page that lists them."""
    known = [each for each in chapters if each.lesson.name in LESSONS]
    found = {f"mistakes/{each.lesson.name}": _mistakes(each) for each in known}
    names = "\n".join(name.partition("/")[2] for name in found)
    found["mistakes/index"] = f"{ABOUT_MISTAKES}```{{toctree}}\n:maxdepth: 1\n\n{names}\n```\n"
    return found


def _mistakes(chapter: Chapter) -> str:
    pieces = [f"# {chapter.title}: wrong answers", FOR_WHOM]
    pieces += [_of_exercise(chapter.lesson, name) for name in names_in(chapter.lesson.name)]
    return "\n\n".join(pieces) + "\n"


def _of_exercise(lesson: Lesson, name: str) -> str:
    """The page of the bank, with its headings as parts of the lesson's page and answers folded."""
    text = (BANK / LESSONS[lesson.name] / f"{name}.md").read_text("utf-8")
    lines = []
    for line, heading in headed(text):
        if heading and heading[1] == "#":
            lines.append(f"## `{name}`")
        elif heading and heading[1] == "###":  # no heading: there are hundreds
            lines.append(f"**{heading[2]}**")
        elif not heading:
            lines.append(line)
    whole = "\n".join(lines)
    opened = raw('<details class="downhill-fold"><summary>The answer</summary>')
    return re.sub(
        r"^(```(?:diff|python)\n.*?\n```)$",
        lambda block: f"{opened}\n\n{block[1]}\n\n{raw('</details>')}",
        whole,
        flags=re.MULTILINE | re.DOTALL,
    )
