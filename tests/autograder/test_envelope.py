"""Which of the files of a folder are looked at, and how much of them."""

import pytest

from autograder.grading.envelope import opened
from autograder.grading.inbox import submissions
from tests.autograder.handed_in import LESSONS, put


@pytest.mark.parametrize("folder", ["01-small", "work/01-small", "01-small/for sunday"])
def test_a_notebook_is_found_however_many_pictures_lie_before_it(submitted, folder):
    for name in ("00", folder):
        put(submitted / "amy" / name, *(f"0 {k:03}.png" for k in range(600)))
    put(submitted / "amy" / folder, "01-small (1).ipynb")
    found, _ = submissions(submitted, LESSONS)
    (amys,) = (each for each in found if each.student == "amy")
    assert any(name.endswith("01-small (1).ipynb") for name in opened(amys, "01-small").others)


def test_of_texts_beside_it_no_more_is_read_than_of_one(submitted):
    """A parser takes seconds for each."""
    folder = submitted / "amy" / "01-small"
    put(folder, "01-small.ipynb", *(f"01-small-{k}.ipynb" for k in range(3)))
    for k in range(8):
        (folder / f"01-small ({k}).py").write_text("x = 1\n" * 400_000)
    (amys,) = (s for s in submissions(submitted, LESSONS)[0] if s.student == "amy")
    handed = opened(amys, "01-small")
    assert sum(name.endswith(".py") for name in handed.others) == 1
    assert any("(1).py was not looked at: there are too many" in line for line in handed.left)
