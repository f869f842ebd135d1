"""Where a lesson can be opened or had, in a course that says where it lies."""

from __future__ import annotations

import re
from dataclasses import dataclass

from traitlets.config import Config

from autograder.course import CourseError
from autograder.publishing.pages import raw

REPOSITORY = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git|/)?")
BRANCH = re.compile(r"[\w.-]+")

WHERE = (
    '<p class="downhill-where">To work on it: the notebook is in the folder '
    "<code>notebooks/{}/</code> of the course. How to get the course and open it, you read in "
    '<a href="../../docs/student.html">For students</a>.</p>'
)


@dataclass(frozen=True)
class Places:
    """repository: OWNER/NAME on GitHub; empty where the course does not say.

    fetches: whether its notebooks fetch the helpers in Colab, where they are of no use without.
    """

    repository: str = ""
    branch: str = "main"
    fetches: bool = False

    @classmethod
    def of(cls, config: Config) -> Places:
        """Raises `CourseError` where `nbgrader_config.py` says what is no such address."""
        said = str(config.CourseSite.get("repository", ""))
        branch = str(config.CourseSite.get("branch", "main"))
        fetches = bool(config.FetchHelpers.get("address", ""))
        if not said:
            return cls()
        found = REPOSITORY.fullmatch(said)
        if not found:
            raise CourseError(
                "nbgrader_config.py: CourseSite.repository must be as "
                f"https://github.com/OWNER/NAME, and is {said!r}"
            )
        if not BRANCH.fullmatch(branch):
            raise CourseError(f"nbgrader_config.py: CourseSite.branch is no branch: {branch!r}")
        return cls(found[1], branch, fetches)

    def offered(self, lesson: str, text: str) -> str:
        """A chapter's first page; under its title the places, or else where its notebook is."""
        title, _, rest = text.partition("\n")
        links = self.links(lesson)
        listed = "".join(f'<a href="{address}">{name}</a>' for name, address in links.items())
        offer = f'<p class="downhill-take">{listed}</p>' if links else WHERE.format(lesson)
        return f"{title}\n\n{raw(offer)}\n{rest}"

    def links(self, lesson: str) -> dict[str, str]:
        if not self.repository:
            return {}
        notebook = f"notebooks/{lesson}/{lesson}.ipynb"
        at = f"{self.repository}/blob/{self.branch}/{notebook}"
        colab = {"Open in Colab": f"https://colab.research.google.com/github/{at}"}
        binder = f"https://mybinder.org/v2/gh/{self.repository}/{self.branch}"
        return {
            **(colab if self.fetches else {}),
            "Open in Binder": f"{binder}?urlpath=lab/tree/{notebook}",
            "Download the notebook": (
                f"https://github.com/{self.repository}/raw/{self.branch}/{notebook}"
            ),
        }
