"""What the container shows: a list. What is not on it is not there.

On it are the system's programs and libraries, this Python, and what distributions have recorded as
theirs in the package folders. The course and its exercise bank never are, however it is installed:
as a package, for one user, editable, through a .pth, or as a folder beside its environment.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from .cage import DEVICES

BANK = "autograder"
"""The package that no submission may import."""
COURSE = "/course"
"""Where helpers and this package lie in the container."""
PACKAGES = "/packages"
"""Where the packages of all package folders lie in it, under their names."""
KIND_OF_PACKAGES = "py*/*-packages"
"""How package folders are named within a folder of libraries."""
OF_THE_SYSTEM = ("usr/bin", "usr/sbin", "usr/lib", "usr/lib32", "usr/lib64", "usr/libexec",
                 "usr/include", "usr/share", "usr/local/bin", "usr/local/lib", "usr/local/lib64",
                 "usr/local/share/fonts")  # fmt: skip
SETTINGS = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "fonts",
    "localtime",
)


class BankShown(Exception):
    """The exercise bank could be read by a submission; the message says where."""


def refuse_bank() -> None:
    """Inside: raise `BankShown` where the bank can be imported."""
    found = importlib.util.find_spec(BANK)
    if found is not None:
        places = [found.origin, *(found.submodule_search_locations or ())]
        place = next(filter(None, places), "an unknown place")
        raise BankShown(f"the exercise bank can be imported in the container, from {place}")


# --- Python and its packages ----------------------------------------------------------------------


def python() -> str:
    """This Python's program, past the links of a virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def libraries() -> list[Path]:
    """Folders of libraries that belong to this Python, outside the system's."""
    base = Path(os.path.realpath(sys.base_prefix))
    found = dict.fromkeys(Path(os.path.realpath(base / name)) for name in ("lib", sys.platlibdir))
    return [folder for folder in found if folder.is_dir() and not _is_systems(folder)]


def package_folders(path: list[str]) -> list[Path]:
    """The folders of `path` in which packages may lie: all but Python's own modules."""
    own = {os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}
    folders = dict.fromkeys(Path(os.path.realpath(entry)) for entry in path if entry)
    return [f for f in folders if f.is_dir() and str(f) not in own and f.name != "lib-dynload"]


def packages(folders: list[Path]) -> dict[str, Path]:
    """What is shown of these folders, by its name. A distribution's first folder gives it."""
    found: dict[str, Path] = {}
    known: set[str] = set()
    for folder in folders:
        shown, hidden = set(), {BANK, "__pycache__"}
        infos = sorted([*folder.glob("*.dist-info"), *folder.glob("*.egg-info")])
        for info in infos:
            names = set(recorded(info))
            if BANK in names or _leads_elsewhere(info):
                hidden |= names
            elif _project(info) not in known:
                shown |= names
        known |= {_project(info) for info in infos}
        for name in sorted(shown - hidden):
            if (folder / name).exists():
                found.setdefault(name, folder / name)
    return found


def recorded(info: Path) -> Iterator[str]:
    """The names of what a distribution has put into the package folder.

    info: its metadata. A single module's compiled file is named with its folder. Where there is no
    record, the names of its modules have to do.
    """
    yield info.name
    record, modules = info / "RECORD", info / "top_level.txt"
    listed = modules.read_text(encoding="utf-8").split() if modules.is_file() else []
    if record.is_file():
        yield from set(listed) & {BANK}
        with record.open(encoding="utf-8", newline="") as file:
            for line in filter(None, csv.reader(file)):
                first, _, rest = line[0].partition("/")
                if first not in ("", "..") and not first.endswith(".pth"):
                    yield line[0] if first == "__pycache__" and "/" not in rest else first
        return
    for name in listed or [_project(info)]:
        yield from (name, f"{name}.py", *(path.name for path in info.parent.glob(f"{name}.*.so")))


def _project(info: Path) -> str:
    return info.name.partition("-")[0].removesuffix(".egg").lower()


def _leads_elsewhere(info: Path) -> bool:
    """Whether this distribution is editable: what it has put there points to another folder."""
    origin = info / "direct_url.json"
    if not origin.is_file():
        return False
    return bool(json.loads(origin.read_text("utf-8")).get("dir_info", {}).get("editable"))


def _is_systems(folder: Path) -> bool:
    return any(folder.is_relative_to(Path("/", name)) for name in OF_THE_SYSTEM)


def _is_packagers(folder: Path) -> bool:
    """Whether the system's own packager fills this folder, which keeps records of another kind."""
    return _is_systems(folder) and not folder.is_relative_to("/usr/local")


# --- The list, as bubblewrap reads it -------------------------------------------------------------


def everything(ours: list[Path], path: list[str]) -> list[str]:
    """Arguments of bubblewrap that show all there is to see, and remount it read-only.

    ours: the packages of the course that are shown in `COURSE`. path: as `sys.path`.
    Raises `BankShown` where the course lies in what must be shown as a whole.
    """
    folders = package_folders(path)
    left = [folder for folder in folders if _is_packagers(folder)]
    _refuse_around(Path(os.path.realpath(__file__)).parents[2], left)
    shown = {f"{PACKAGES}/{name}": place for name, place in _listed(folders, left).items()}
    shown |= {f"{COURSE}/{folder.name}": folder for folder in ours}
    return [
        *_system(),
        *("--proc", "/proc", "--perms", "0755", "--tmpfs", "/dev"),
        *(word for place in DEVICES for word in ("--dev-bind", place, place)),
        *("--dir", "/dev/shm", "--remount-ro", "/dev"),
        # This /tmp is for the warm process alone; each fork mounts another one over it.
        *("--perms", "1777", "--tmpfs", "/tmp"),
        *_binds({str(place): place for place in pythons_own()}),
        *_covers(left),
        *_binds(shown),
    ]


def pythons_own() -> list[Path]:
    """What is shown of this Python where it is not a part of the system."""
    program = Path(python())
    return [*([] if _is_systems(program) else [program]), *libraries()]


def _listed(folders: list[Path], left: list[Path]) -> dict[str, Path]:
    return packages([folder for folder in folders if folder not in left])


def _refuse_around(home: Path, left: list[Path]) -> None:
    """home: the folder that holds the bank. In a package folder it is one of many, and left out."""
    whole = [Path("/", name) for name in OF_THE_SYSTEM] + libraries()
    packed = home.match(KIND_OF_PACKAGES) and home not in left
    if not packed and any(home.is_relative_to(folder) for folder in whole):
        raise BankShown(
            f"the course lies in {home}, which the container shows: install it elsewhere"
        )


def _system() -> Iterator[str]:
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        place = Path("/", name)
        if place.is_symlink():
            yield from ("--symlink", os.readlink(place), str(place))
        elif place.is_dir():
            yield from ("--ro-bind", str(place), str(place))
    for name in OF_THE_SYSTEM:
        place = Path("/", name)
        if place.is_symlink():
            yield from ("--symlink", os.readlink(place), str(place))
        elif place.is_dir():
            yield from _binds({str(place): place})
    for name in SETTINGS:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")


def _covers(left: list[Path]) -> Iterator[str]:
    """Empty folders over the package folders: what is shown of them is shown elsewhere."""
    places = [Path("/", name) for name in OF_THE_SYSTEM if "lib" in name] + libraries()
    found = {os.path.realpath(f) for place in places for f in place.glob(KIND_OF_PACKAGES)}
    for folder in sorted(found - {str(folder) for folder in left}):
        if os.path.isdir(folder):
            yield from ("--perms", "0755", "--tmpfs", folder, "--remount-ro", folder)


def _binds(shown: dict[str, Path]) -> Iterator[str]:
    made: set[Path] = set()
    for place, source in shown.items():
        for parent in reversed(Path(place).parents[:-1]):  # else they are root's own
            if parent not in made:
                yield from ("--perms", "0755", "--dir", str(parent))
                made.add(parent)
        yield from ("--ro-bind", str(source), place)
