"""Every step that a kernel may refuse, in a process that then ends. Imports nothing slow.

Runs inside the container, as `python -m sandbox.rehearsal [USER]`.
"""

from __future__ import annotations

import os
import sys

from . import cage, seccomp
from .shown import refuse_bank


def rehearse(user: str = "") -> None:
    """user: whom to become first, where the grader is root."""
    if user:
        cage.step_down(int(user))
    refuse_bank()
    program = seccomp.compiled()
    cage.unshare()
    child = os.fork()
    if child == 0:
        cage.mount_private(1 << 20, [])
        cage.drop_capabilities()
        cage.no_new_privileges()
        cage.landlock(["/"], ["/tmp"])
        seccomp.install(program)
        os._exit(0)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    rehearse(*sys.argv[1:])
