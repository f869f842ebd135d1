"""The table of attacks: what each tries, what it must get and what it got.

python -m tests.hostile [NAME ...]    these attacks alone
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.classes import EXERCISES
from tests.hostile.arena import attacks, graded, record


def main() -> None:
    print("| attack | tries | points of " + ", ".join(EXERCISES) + " | as it must |")
    print("|---|---|---|---|")
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        some = [a for a in attacks() if not sys.argv[1:] or a.name in sys.argv[1:]]
        classroom = graded(Path(folder), some)
        for attack in some:
            marks = record(classroom, attack.name)["marks"]
            got, right = [], True
            for name in EXERCISES:
                points, reason = attack.due(name)
                mark = marks[f"test-{name}"]
                right &= mark["points"] == points and mark["reason"].startswith(reason)
                kind = mark["reason"].partition(":")[0] if reason else ""
                got.append(f"{mark['points']:g} {kind}".strip())
            wrong += not right
            cells = attack.name, attack.tries, ", ".join(got), "yes" if right else "**no**"
            print("| " + " | ".join(cells) + " |")
    print(f"\n{len(some)} attacks, {wrong} with another verdict than they must get")


if __name__ == "__main__":
    main()
