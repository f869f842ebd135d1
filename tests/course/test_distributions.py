"""What students install is the helpers and no more, and lessons find it wherever they open."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest
import yaml

from autograder.authoring.build import build, check
from autograder.authoring.bundle import bundle, named, wheel
from autograder.authoring.fetch import FetchHelpers
from autograder.cli import main
from autograder.course import Course, CourseError
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def package(course, tmp_path_factory) -> Path:
    return wheel(course, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(package, tmp_path_factory) -> Path:
    """A bare folder into which pip has put the students' package."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip += ["--no-deps", "--no-index", "--target", str(folder), str(package)]
    subprocess.run(pip, check=True, timeout=120)
    return folder


def as_student(code: str, folder: Path, *installed: Path) -> subprocess.CompletedProcess[str]:
    """Run code with the usual packages, and nothing of ours but what is installed there.

    Without `site` no editable install is looked up.
    """
    path = [*map(str, installed), *{sysconfig.get_path(n) for n in ("purelib", "platlib")}]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-S", "-"],
        input=f"import sys; sys.path.insert(0, '')\n{code}",
        cwd=folder,
        env=kept | {"PYTHONPATH": os.pathsep.join(path), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


STUDENT = """
import importlib.util, pathlib, sys
import helpers
from helpers import datasets, examine
print(pathlib.Path(helpers.__file__).parent)
print("bank", importlib.util.find_spec("autograder"))
def square(x):
    return x * x
examine(square)
def square(x):
    return 2 * x
try:
    examine(square)
except Exception as error:
    print("refused", type(error).__name__)
print("digits", len(vars(datasets.digits())) > 1)
"""


def test_the_students_package_works_alone_and_holds_no_bank(installed, tmp_path):
    ran = as_student(STUDENT, tmp_path, installed)
    assert not ran.returncode, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[:2] == [str(installed / "helpers"), "bank None"]
    assert "✓" in ran.stdout
    assert "refused CheckFailed" in lines
    assert lines[-1] == "digits True"


def test_the_students_package_holds_the_helpers_file_by_file_and_no_more(course, package):
    with zipfile.ZipFile(package) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    about = {name for name in held if name.startswith("downhill_helpers-")}
    wanted = {
        path.relative_to(course.root).as_posix(): path.read_bytes()
        for path in course.helper_files()
        if path.name != "pyproject.toml"
    }
    assert {name: held[name] for name in held.keys() - about} == wanted
    assert any(name.endswith("licenses/LICENSE") for name in about)


def test_two_packages_of_a_course_are_equal_to_the_byte(course, package, tmp_path):
    assert wheel(course, tmp_path).read_bytes() == package.read_bytes()


def test_building_it_leaves_nothing_among_the_helpers(course, package):
    assert not [*course.helpers.glob("*.egg-info"), *course.helpers.glob("build")]


def test_both_packages_describe_the_same_helpers():
    paths = ("helpers/pyproject.toml", "pyproject.toml")
    ours, all_of_it = (tomllib.loads((ROOT / path).read_text()) for path in paths)
    folders = {path.parent for path in (ROOT / "helpers").rglob("__init__.py")}
    names = sorted(path.relative_to(ROOT).as_posix().replace("/", ".") for path in folders)
    setuptools = ours["tool"]["setuptools"]
    assert sorted(setuptools["packages"]) == names
    data = all_of_it["tool"]["setuptools"]["package-data"]["helpers"]
    assert setuptools["package-data"]["helpers"] == data
    for key in ("version", "license", "requires-python"):
        assert ours["project"][key] == all_of_it["project"][key]
    needed = set(ours["project"]["dependencies"])
    assert needed <= set(all_of_it["project"]["dependencies"])
    environment = (ROOT / "docs" / "student-environment.yml").read_text()
    assert needed <= set(yaml.safe_load(environment)["dependencies"])


# --- Where lessons find the helpers ---------------------------------------------------------------


def imports(course: Course, name: str) -> str:
    """A lesson's first code cell, which imports the helpers."""
    cells = course.lesson(name).notebook().cells
    return str(next(cell.source for cell in cells if cell.cell_type == "code"))


def test_every_lesson_begins_where_the_package_is_installed(course, installed, tmp_path):
    """As in nbgrader's exchange, which hands out the folder of a lesson and nothing beside it."""
    cells = [imports(course, lesson.name) for lesson in course.lessons()]
    code = "\n".join(f"exec({cell!r}, {{}})" for cell in cells)
    ran = as_student(code + "\nprint(sys.modules['helpers'].__file__)", tmp_path, installed)
    assert ran.stdout.strip() == str(installed / "helpers" / "__init__.py"), ran.stderr


@pytest.mark.parametrize("place", ["notebooks/02-numerical-gradient", "notebooks", "."])
def test_a_lesson_finds_the_helpers_of_its_unpacked_zip(course, tmp_path, place):
    """VS Code and Jupyter start in the notebook's folder, or in the one that was opened."""
    lessons = [course.lesson("2")]
    zipfile.ZipFile(bundle(course, tmp_path / "one.zip", lessons)).extractall(tmp_path)
    home = tmp_path / "downhill"
    assert [p.name for p in (home / "notebooks").iterdir()] == ["02-numerical-gradient"]
    code = f"{imports(course, '2')}\nimport os, helpers\nprint(os.path.realpath(helpers.__file__))"
    ran = as_student(code, home / place)
    assert ran.stdout.strip() == str((home / "helpers" / "__init__.py").resolve()), ran.stderr


def test_where_they_are_missing_the_error_shows_what_to_do(course, tmp_path):
    cells = [imports(course, lesson.name) for lesson in course.lessons()]
    code = f"""
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.colors = "NoColor"
for cell in {cells!r}:
    shell.run_cell(cell)
"""
    said = as_student(code, tmp_path).stdout
    assert said.count("ModuleNotFoundError: No module named 'helpers'") == len(cells)
    assert said.count("Not found? Keep helpers/ beside notebooks/, or install the") == len(cells)


def test_the_command_makes_a_zip_for_each_choice(course, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(course.root)
    assert named([]) == "downhill.zip"
    assert named([course.lesson("1")]) == "downhill-01-derivatives.zip"
    target = tmp_path / "some.zip"
    assert main(["bundle", "1", "3", "--to", str(target)]) == 0
    notebooks = [n for n in zipfile.ZipFile(target).namelist() if n.endswith(".ipynb")]
    assert [Path(name).stem for name in notebooks] == ["01-derivatives", "03-sigmoid-rule"]
    assert main(["bundle", "99", "--to", str(target)]) == 1
    assert "there is no lesson '99'" in capsys.readouterr().err


def test_a_lesson_that_was_never_built_is_named(small, tmp_path):
    with pytest.raises(CourseError, match=r"01-small.ipynb is missing: run `autograder build`"):
        bundle(small, tmp_path / "students.zip")


# --- Colab ----------------------------------------------------------------------------------------

ADDRESS = "https://course.example/downhill_helpers-0.1.0-py3-none-any.whl"


@pytest.fixture
def in_colab(small) -> Course:
    """A small course with an address for Colab."""
    config = small.root / "nbgrader_config.py"
    text = config.read_text()
    assert 'c.FetchHelpers.address = ""' in text
    config.write_text(
        text.replace('c.FetchHelpers.address = ""', f'c.FetchHelpers.address = "{ADDRESS}"')
    )
    return small


def release(course: Course) -> list:
    path = course.notebooks / "01-small" / "01-small.ipynb"
    return list(nbformat.read(path, 4).cells)


def test_a_course_with_an_address_has_a_first_cell_that_fetches_the_helpers(in_colab, tmp_path):
    build(in_colab)
    code = [cell for cell in release(in_colab) if cell.cell_type == "code"]
    assert code[0].id == "fetch-helpers"
    solved = (in_colab.solutions / "01-small" / "01-small.ipynb").read_text()
    assert ADDRESS not in solved
    assert check(in_colab) == []
    ran = as_student(FETCHED.replace("CELL", repr(str(code[0].source))), tmp_path)
    assert ran.stdout.splitlines() == ["elsewhere []", f"colab ['install --quiet {ADDRESS}']"], (
        ran.stderr
    )


FETCHED = """
from IPython.core.interactiveshell import InteractiveShell
shell, asked = InteractiveShell.instance(), []
shell.register_magic_function(asked.append, magic_name="pip")
shell.run_cell(CELL).raise_error()
print("elsewhere", asked)
sys.modules["google.colab"] = sys
shell.run_cell(CELL).raise_error()
print("colab", asked)
"""


def test_without_an_address_there_is_no_such_cell(small):
    build(small)
    assert "fetch-helpers" not in [cell.id for cell in release(small)]


@pytest.mark.parametrize(
    "address", ["http://course.example/x.whl", "https://x.example/a b", "https://x.example/{x}"]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(Exception, match="must be an https address"):
        FetchHelpers(address=address)
