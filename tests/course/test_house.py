"""The house stands as docs/architecture.md draws it."""

from __future__ import annotations

import ast
import graphlib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import jupytext
import pytest
import yaml

from autograder.authoring.build import check
from autograder.course import Course
from tests.conftest import ROOT

ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, at its top or within a function."""
    return imported(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported(nodes: Iterable[ast.AST]) -> set[str]:
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def ours(path: Path, package: str) -> set[str]:
    return {name for name in imports_of(path) if name.split(".")[0] == package}


def part_of(module: str) -> str:
    """`autograder.exercises.base` belongs to the part `exercises`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def floors() -> list[tuple[list[str], set[str]]]:
    """The table of floors in docs/architecture.md: parts, and what they may import."""
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|[^|]*\| (.*?) \|$", ARCHITECTURE, re.MULTILINE)
    named = [[re.findall(r"`(\w+)`", column) for column in row] for row in rows]
    made: list[tuple[list[str], set[str]]] = []
    for (_, may), (parts, allowed) in zip(rows, named, strict=True):
        below = {part for above, _ in made for part in above}
        made.append((parts, below | set(parts) if may == "all" else set(allowed)))
    return made


def test_helpers_import_nothing_of_ours():
    for path in modules("helpers"):
        assert not ours(path, "autograder"), path
        outside = {name.split(".")[0] for name in imports_of(path)} - {"helpers"}
        known = {"numpy", "matplotlib", "contourpy", "PIL", "IPython"}
        known |= {"ipywidgets", "anywidget", "traitlets"}
        assert outside <= known | set(__import__("sys").stdlib_module_names), path


def test_the_table_names_every_part_of_the_autograder():
    parts = {part_of(name_of(path)) for path in modules("autograder")} - {"autograder"}
    assert sorted(parts) == sorted(part for parts, _ in floors() for part in parts)


def test_floors_stand_on_those_below():
    below: set[str] = set()
    for parts, allowed in floors():
        below |= set(parts)
        assert allowed <= below, parts


@pytest.mark.parametrize("path", modules("autograder"), ids=name_of)
def test_a_part_imports_only_what_the_table_allows(path):
    part = part_of(name_of(path))
    used = {part_of(name) for name in ours(path, "autograder")} - {part, "autograder"}
    allowed = next((allowed for parts, allowed in floors() if part in parts), set())
    assert used <= allowed, f"{part} also imports {sorted(used - allowed)}"


@pytest.mark.parametrize("package", ["autograder", "helpers"])
def test_no_modules_import_each_other_in_a_circle(package):
    known = {name_of(path) for path in modules(package)}
    graph = {
        name: {used for used in at_run_time(path) & known if not f"{name}.".startswith(f"{used}.")}
        for name, path in ((name_of(path), path) for path in modules(package))
    }
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError


def at_run_time(path: Path) -> set[str]:
    """The modules that a file imports when it is imported itself, not for its types alone."""
    return imported(ast.parse(path.read_text(encoding="utf-8")).body)


def test_a_lesson_imports_helpers_only(course):
    for lesson in course.lessons():
        notebook = jupytext.reads(lesson.text(), fmt="md:myst")
        for cell in notebook.cells:
            visible = re.sub(
                r"### BEGIN HIDDEN.*?### END HIDDEN TESTS", "", cell.source, flags=re.S
            )
            if cell.cell_type == "code":
                assert "autograder" not in visible, (lesson.name, cell.source)


def test_files_fit_on_a_few_screens():
    for folder in ("helpers", "autograder", "tests", "benchmarks"):
        for path in [*modules(folder), *(ROOT / folder).rglob("*.js")]:
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path


def test_each_answer_of_a_page_fits_on_a_screen():
    """A page is a list, as long as what is known of an exercise: longest for `Tensor`."""
    for path in (ROOT / "autograder" / "exercises").glob("*/*.md"):
        most = 560 if path.name == "Tensor.md" else 400
        assert len(path.read_text(encoding="utf-8").splitlines()) <= most, path
        for entry in path.read_text(encoding="utf-8").split("\n### "):
            assert len(entry.splitlines()) <= 70, f"{path}: {entry[:60]}"


def test_what_is_no_code_is_installed_too():
    """Else a course that is installed, not checked out, has no pages and no record."""
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    for package, patterns in named["package-data"].items():
        folder = ROOT / package
        data = {path for path in folder.rglob("*") if path.is_file() and path.suffix != ".py"}
        left_out = {"__pycache__", "pyproject.toml"}
        data = {path for path in data if not left_out & {*path.parts}}
        assert data
        assert data == {path for pattern in patterns for path in folder.glob(pattern)}


def test_the_environment_of_the_bundle_is_the_pip_line_of_its_readme():
    ours, all_of_it = (
        yaml.safe_load((ROOT / path).read_text())["dependencies"]
        for path in ("docs/student-environment.yml", "environment.yml")
    )
    line = re.search(r"pip install (.*?)  ", (ROOT / "docs" / "student.md").read_text())
    assert line
    assert {re.split("[<>=]", one)[0] for one in ours} == {"python", *line[1].split()}
    assert set(ours) <= set(all_of_it)


def test_environment_yml_agrees_with_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    wanted = [f"python{project['requires-python']}", *project["dependencies"]]
    assert sorted(conda) == sorted(wanted)


def test_the_hub_adds_to_the_lock_and_changes_nothing_in_it():
    pins = [
        dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-hub.lock")
    ]
    assert "jupyterhub" in pins[1]
    assert not pins[0].keys() & pins[1].keys()
    lock = (ROOT / "requirements-hub.lock").read_text()
    entries = re.split(r"\n(?=[a-z])", lock.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in lock


def test_the_lock_pins_every_dependency_by_hash_and_names_no_address():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = (ROOT / "requirements.lock").read_text()
    pins = dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", lock, re.MULTILINE))
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(one for extra in extras for one in extra)]
    for requirement in wanted:
        assert re.split(r"[<>=\[]", requirement)[0] in pins
    entries = re.split(r"\n(?=[a-z])", lock.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in lock


def test_no_text_names_a_path_of_a_machine():
    suffixes = {".md", ".py", ".ipynb", ".toml", ".yml", ".json", ".txt"}
    folders = ("source", "notebooks", "solutions", "helpers", "autograder", "docs", "benchmarks")
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in suffixes and "__pycache__" not in path.parts:
                text = path.read_text(encoding="utf-8")
                assert not re.search(r"/(home|root|work|Users)/\w", text), path


@pytest.mark.parametrize("path", sorted((ROOT / "source").glob("*/*.md")), ids=lambda p: p.stem)
def test_no_line_of_code_is_wider_than_its_cell(path):
    for cell in jupytext.reads(path.read_text(encoding="utf-8"), fmt="md:myst").cells:
        if cell.cell_type == "code":
            assert max(map(len, cell.source.split("\n"))) <= 88, cell.source


def test_what_is_committed_is_what_the_source_makes():
    """Notebooks, solutions, record and sealed answers: a fresh clone has nothing to make anew."""
    assert check(Course(ROOT)) == []
