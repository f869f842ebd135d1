"""nbgrader's own commands, run from this folder, work on the course.

Lessons are written in `source/` as text; `refresh` brings the notebooks that nbgrader reads up to
date, so that `nbgrader generate_assignment 01-derivatives` needs nothing before it.
"""

import os
import sys
from pathlib import Path

# The bank and the helpers are this course's, here and in the kernels that nbgrader starts, also
# where another copy of the course is installed.
here = str(Path(__file__).parent)
if (Path(here) / "autograder").is_dir():
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join([here, *(p for p in paths if p not in ("", here))])
    sys.path[:] = [here, *(path for path in sys.path if path != here)]

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    Execute,
    GetGrades,
    IncludeHeaderFooter,
    LockCells,
)

from autograder.authoring.build import Tidy
from autograder.authoring.built import FromSource, refresh
from autograder.authoring.fetch import FetchHelpers
from autograder.course import Course, class_secret
from autograder.grading import buttons
from autograder.grading.feedback import ForReading
from autograder.judge import SECRET

c = get_config()  # type: ignore[name-defined]  # noqa: F821  (traitlets provides it)

# nbgrader starts `alembic` by its bare name, which fails where the environment is not activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

course = Course(Path(__file__).parent)
# Each student's tests draw inputs of their own, from the class's secret.
os.environ.setdefault(SECRET, class_secret(course.root))
refresh(course)

c.CourseDirectory.course_id = "downhill"
c.CourseDirectory.root = str(course.root)
c.CourseDirectory.source_directory = str(course.built_sources)
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.solution_directory = "solutions"
c.CourseDirectory.db_url = f"sqlite:///{course.root / 'gradebook.db'}"

# What is released is always made again from the source; without this, nbgrader would leave the
# committed notebooks alone and not enter the lesson in a new gradebook.
c.GenerateAssignment.force = True
c.FromSource.root = str(course.root)
c.GenerateSolution.force = True
c.Autograde.create_student = True

# In Formgrader, too, students' code runs in the sandbox, and pages are the autograder's.
buttons.take_over()

# In Colab a first cell of each notebook installs this: the address of the package that
# `autograder bundle --wheel` makes. Empty: there is no such cell.
c.FetchHelpers.address = ""
# Where the course lies, as in "https://github.com/OWNER/NAME", and its branch. The pages that
# `autograder site` makes then offer each lesson in Binder and as a download, and in Colab where
# there is an address above. Empty: they do not.
c.CourseSite.repository = ""
c.CourseSite.branch = "main"
c.GenerateAssignment.preprocessors.prepend([FromSource, FetchHelpers])

c.ClearSolutions.code_stub = {
    "python": '# YOUR CODE HERE\nraise NotImplementedError("not implemented yet")'
}
c.ClearSolutions.text_stub = "*Your answer here.*"

# After an interrupted cell on a busy machine the last outputs may take longer than the usual 4 s.
c.Execute.iopub_timeout = 60

# The kernel would otherwise print to our terminal that it listens on this machine.
c.Execute.extra_arguments = ["--log-level=ERROR"]

# A student reads the solutions: no hidden tests in them, and nothing that differs between two runs.
c.GenerateSolution.preprocessors = [
    FromSource,
    IncludeHeaderFooter,
    ClearHiddenTests,
    LockCells,
    ClearOutput,
    ClearMarkScheme,
    Execute,
    Tidy,
]
# Feedback is for students too. `ForReading` takes hidden tests out: nbgrader's own way stops at an
# answer that holds their mark.
c.GenerateFeedback.preprocessors = [
    GetGrades,
    ForReading,
    CSSHTMLHeaderPreprocessor,
]
