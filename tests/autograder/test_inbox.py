"""What lies in `submitted/`: each student's submissions, wherever they lie, and what is none."""

import errno
import os
import socket
import unicodedata
import zipfile
from pathlib import Path

import pytest

from autograder.grading import archives, inbox
from autograder.grading.envelope import opened
from autograder.grading.files import Unreadable, read, why_not
from autograder.grading.inbox import NotRead, Submission, submissions
from autograder.grading.names import shown_name, unreadable_name
from autograder.tables import labels
from tests.autograder.handed_in import LESSONS, put, zipped


def told(submitted: Path) -> list[NotRead]:
    """What is not read, where the honest student is."""
    found, unread = submissions(submitted, LESSONS)
    assert [(s.student, s.lesson) for s in found if s.student == "honest"] == [
        ("honest", "01-small")
    ]
    assert not {(s.student, s.lesson) for s in found} & {(u.student, u.lesson) for u in unread}
    return unread


@pytest.mark.parametrize(
    ("name", "shown", "why"),
    [
        (b"m\xfcller", "m\\xfcller", "no UTF-8"),
        ("Jos\N{LATIN SMALL LETTER E WITH ACUTE}".encode("latin-1"), "Jos\\xe9", "no UTF-8"),
        (b"\xed\xa0\xbd", "\\xed\\xa0\\xbd", "no UTF-8"),
        (b"two\nlines", "two\\nlines", "cannot be shown"),
        (b"\x1b[31mred", "\\x1b[31mred", "cannot be shown"),
        ("a\u2028b".encode(), "a\\u2028b", "cannot be shown"),
        ("gpj\u202eexe".encode(), "gpj\\u202eexe", "cannot be shown"),
        (b"\x7f", "\\x7f", "cannot be shown"),
    ],
)
def test_a_name_that_nothing_can_hold_is_told_in_escapes(submitted, name, shown, why):
    os.makedirs(os.path.join(os.fsencode(submitted), name, b"01-small"))
    (unread,) = told(submitted)
    assert (unread.student, unread.lesson) == (shown, "")
    assert why in unread.why
    assert unread.why.endswith("rename it")
    assert unread.student.isprintable()


@pytest.mark.parametrize(
    "name",
    [
        "O'Brien, Sean", "a b", "[late] amy", "-dash", "{x}", "%s", "x" * 255,
        "\N{LATIN SMALL LETTER E WITH ACUTE}t\N{LATIN SMALL LETTER E WITH ACUTE}", "\u5c0f\u660e",
        "\u0645\u06cc\u200c\u062e", "\U0001f469\u200d\U0001f393", "con", "honest.json", "~",
    ],
)  # fmt: skip
def test_any_other_name_is_read_as_it_is(submitted, name):
    (submitted / name / "01-small").mkdir(parents=True)
    assert told(submitted) == []
    assert (name, "01-small") in {(s.student, s.lesson) for s in submissions(submitted, LESSONS)[0]}
    assert shown_name(name) == name


def test_names_that_differ_in_case_or_in_unicodes_form_are_two_students(submitted):
    names = {"Ann", "ann", *(unicodedata.normalize(form, "Jos\xe9") for form in ("NFC", "NFD"))}
    for name in names:
        (submitted / name / "01-small").mkdir(parents=True, exist_ok=True)
    if len(os.listdir(submitted)) < 5:
        pytest.skip("a file system for which these are the same")
    assert told(submitted) == []
    found = sorted(s.student for s in submissions(submitted, LESSONS)[0])
    assert found == sorted({"honest"} | names)
    assert len(set(labels(found))) == len(found)
    assert labels(["Ann", "ann"]) == ["Ann", "ann"]
    assert all(label.endswith(("\\xe9')", "e\\u0301')")) for label in labels(found)[1:3])


def link_to_a_student(submitted: Path) -> str:
    (submitted / "odd").symlink_to("honest")
    return "odd"


def loop_of_links(submitted: Path) -> str:
    (submitted / "odd").symlink_to("odd-too")
    (submitted / "odd-too").symlink_to("odd")
    return "odd odd-too"


def link_to_nothing(submitted: Path) -> str:
    (submitted / "odd").symlink_to("nowhere")
    return "odd"


def link_to_a_students_lesson(submitted: Path) -> str:
    (submitted / "odd").mkdir()
    (submitted / "odd" / "01-small").symlink_to("../honest/01-small")
    return "odd/01-small"


def link_to_a_lesson_of_ones_own(submitted: Path) -> str:
    (submitted / "odd" / "mine").mkdir(parents=True)
    (submitted / "odd" / "01-small").symlink_to("mine")
    return "odd/01-small odd/mine"


def file_for_a_student(submitted: Path) -> str:
    (submitted / "odd.zip").write_bytes(b"PK")
    return "odd.zip"


def file_for_a_lesson(submitted: Path) -> str:
    (submitted / "odd").mkdir()
    (submitted / "odd" / "01-small").write_text("{}")
    return "odd/01-small"


def pipe_for_a_student(submitted: Path) -> str:
    os.mkfifo(submitted / "odd")
    return "odd"


def socket_for_a_lesson(submitted: Path) -> str:
    (submitted / "odd").mkdir()
    here = os.open(submitted / "odd", os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as server:  # its address may be no longer than 107 bytes
        server.bind(f"/proc/self/fd/{here}/01-small")
    os.close(here)
    return "odd/01-small"


def hidden_student(submitted: Path) -> str:
    (submitted / ".odd" / "02-more").mkdir(parents=True)
    return ".odd/02-more"


@pytest.mark.parametrize(
    "make",
    [
        link_to_a_student, loop_of_links, link_to_nothing, link_to_a_students_lesson,
        link_to_a_lesson_of_ones_own, file_for_a_student, file_for_a_lesson, pipe_for_a_student,
        socket_for_a_lesson, hidden_student,
    ],
    ids=lambda make: make.__name__,
)  # fmt: skip
def test_what_is_no_folder_of_ones_own_is_not_read_and_told(submitted, make):
    expected = make(submitted).split()
    unread = told(submitted)
    assert ["/".join(filter(None, (u.student, u.lesson))) for u in unread] == expected
    assert all(": " in u.why for u in unread), "what is to be done"


def test_what_tools_leave_lying_about_is_passed_over(submitted):
    (submitted / ".DS_Store").write_text("")
    (submitted / "desktop.ini").write_text("")
    (submitted / ".ipynb_checkpoints").mkdir()
    (submitted / ".loop").symlink_to(".loop")
    (submitted / "__MACOSX" / "honest").mkdir(parents=True)
    (submitted / "honest" / ".ipynb_checkpoints").mkdir()
    assert told(submitted) == []


@pytest.mark.parametrize("where", ["odd", "odd/01-small"])
@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_a_folder_that_cannot_be_looked_into_is_told(submitted, monkeypatch, where, number):
    """Root may look into every folder, so the refusal is played."""
    (submitted / "odd" / "01-small").mkdir(parents=True)
    refuse(monkeypatch, "lstat", submitted / where, OSError(number, os.strerror(number)))
    (unread,) = told(submitted)
    assert (unread.student, unread.lesson) == ("odd", "")
    assert unread.why == why_not(OSError(number, os.strerror(number)))


@pytest.mark.parametrize("call", ["lstat", "listdir"])
def test_a_folder_that_vanishes_meanwhile_is_told(submitted, monkeypatch, call):
    (submitted / "odd" / "01-small").mkdir(parents=True)
    refuse(monkeypatch, call, submitted / "odd", FileNotFoundError(errno.ENOENT, "it is gone"))
    found, unread = submissions(submitted, LESSONS)
    assert "it vanished" in unread[0].why
    assert ("honest", "01-small") in {(s.student, s.lesson) for s in found}


def test_a_folder_that_may_be_entered_but_not_listed_is_read(submitted, monkeypatch):
    (submitted / "odd" / "01-small").mkdir(parents=True)
    refuse(monkeypatch, "listdir", submitted / "odd", PermissionError(errno.EACCES, "not you"))
    assert told(submitted) == []
    assert len(submissions(submitted, LESSONS)[0]) == 2


def refuse(monkeypatch, call: str, path: Path, error: OSError) -> None:
    """Let this function of `os` fail on this path."""
    own = getattr(os, call)

    def refuses(asked, *arguments, **options):
        if Path(asked) == path:
            raise error
        return own(asked, *arguments, **options)

    monkeypatch.setattr(os, call, refuses)


def test_a_notebook_that_may_not_be_read_is_no_unanswered_one(tmp_path, monkeypatch):
    path = tmp_path / "x.ipynb"
    path.write_text("{}")

    def refuses(*arguments):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuses)
    with pytest.raises(PermissionError):
        read(path)


def test_a_folder_that_has_vanished_is_no_missing_notebook(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "gone" / "x.ipynb")


@pytest.mark.parametrize("kind", ["pipe", "link", "loop", "folder", "socket", "device"])
def test_what_is_no_plain_file_counts_as_unanswered(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    path = Path("x.ipynb")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        Path("other").write_text("{}")
        path.symlink_to("other")
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    else:
        path = Path("/dev/zero")
    with pytest.raises(Unreadable, match=r"is a link|no file, but something else"):
        read(path)


def test_a_name_is_readable_or_said_not_to_be():
    for code in range(0x300):
        name = chr(code)
        bad = code < 32 or 127 <= code < 160 or name in '<>"\\'
        assert bool(unreadable_name(name)) == bad


@pytest.mark.parametrize(
    "name",
    [
        "José",
        "Jose\u0301",
        "O'Neill",
        "李雷",
        "Doe, Jane (2)",
        "R&D",
        "a b",
        "Zoë;1",
        "x=1%",
        "#7",
        "🙂",
    ],
)
def test_an_honest_name_has_no_fault(name):
    assert unreadable_name(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("<img src=x onerror=alert(1)>", "< >"),
        ('x" onmouseover="alert(1)', '"'),
        ('"; alert(1); "', '"'),
        ("the quote of a script\\", "\\"),
        ("two\nlines", "cannot be shown"),
        ("\x1b[2Jclean", "cannot be shown"),
        ("\x9b2J", "cannot be shown"),
        ("ann\u202eefas", "cannot be shown"),
        ("one\u2028two", "cannot be shown"),
        ("J\udcf6rg", "UTF-8"),
    ],
)
def test_a_name_that_a_page_would_obey_has_a_fault_that_says_what_to_do(name, why):
    fault = unreadable_name(name)
    assert why in fault
    assert fault.endswith("rename it")


# --- What lies in a lesson's folder ---------------------------------------------------------------


def test_files_of_the_students_travel_with_the_notebook(submitted):
    folder = submitted / "amy" / "01-small"
    put(folder, "01-small.ipynb", "mytools.py", "data/a.csv", "timestamp.txt", ".hidden")
    (folder / "secret.txt").symlink_to("/etc/passwd")
    (folder / "large.bin").write_bytes(b"0" * 10_000_001)
    envelope = opened(Submission("amy", "01-small", folder), "01-small")
    assert set(envelope.files) == {"mytools.py", "data/a.csv"}
    assert len(envelope.left) == 2
    assert any(line.startswith("secret.txt is a link") for line in envelope.left)
    assert any(line.startswith("the file large.bin was not there") for line in envelope.left)


def test_of_the_courses_files_only_those_that_differ_are_told(submitted):
    """Sent back unchanged they are there all the same, and crowd out nothing."""
    folder = submitted / "amy" / "01-small"
    names = [f"data/{k:03}.csv" for k in range(150)]
    put(folder, "01-small.ipynb", *names, "tools.py", "mine.py", "sub")
    ours = dict.fromkeys(names, b"{}") | {"tools.py": b"k = 1", "sub/a.txt": b""}
    envelope = opened(Submission("amy", "01-small", folder), "01-small", ours=ours)
    assert set(envelope.files) == {"mine.py"}
    told = "differs from the course's: the course's own was used"
    assert envelope.left == (f"the file sub {told}", f"the file tools.py {told}")


def test_files_are_taken_up_to_a_number_and_a_size(submitted):
    folder = submitted / "amy" / "01-small"
    put(folder, "01-small.ipynb", *(f"{k:03}.txt" for k in range(150)))
    envelope = opened(Submission("amy", "01-small", folder), "01-small")
    assert len(envelope.files) == 100
    assert envelope.left[-1] == "47 more files were left out"


def test_other_notebooks_may_be_the_one_but_not_the_assignments_own(submitted):
    folder = submitted / "amy" / "hw"
    put(folder, "p.ipynb", "p (1).ipynb", "q.ipynb", "q-Copy1.ipynb", "draft.ipynb")
    submission = Submission("amy", "hw", folder)
    lesson = {"p": frozenset({"in-p"}), "q": frozenset({"in-q"})}
    assert set(opened(submission, "p", lesson).others) == {"p (1).ipynb"}
    assert set(opened(submission, "q", lesson).others) == {"q-Copy1.ipynb"}
    assert len(opened(submission, "p").others) == 4


def test_as_many_archives_as_lessons_are_opened(submitted, taken):
    for k in range(8):
        zipped(submitted / "amy" / f"old {k}.zip", "notes.txt")
    zipped(submitted / "amy" / "z.zip", "01-small/01-small.ipynb")
    found, _ = taken()
    assert set(found) == {("amy", "01-small")}


def test_all_archives_of_a_student_have_one_size(submitted, taken, monkeypatch):
    monkeypatch.setattr(inbox, "LARGEST_OF_STUDENT", 3)
    for lesson in ("01-small", "02-more"):
        zipped(submitted / "amy" / lesson / "mine.zip", f"{lesson}.ipynb")  # of two bytes each
    found, unread = taken()
    assert set(found) == {("amy", "01-small")}
    assert ["too much was unpacked" in each.why for each in unread] == [True]


def test_a_full_disk_is_nobodys_fault(submitted, taken, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    zipped(submitted / "amy" / "work.zip", "01-small.ipynb")
    monkeypatch.setattr(inbox, "unpack", full)
    with pytest.raises(OSError, match="No space left"):
        taken()


def test_what_would_be_unpacked_at_once_is_not(submitted, taken):
    """A few hundred bytes that bzip2 has packed may be a gigabyte."""
    (submitted / "amy").mkdir()
    with zipfile.ZipFile(submitted / "amy" / "a.zip", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("01-small.ipynb", "{}")
    found, (unread,) = taken()
    assert found == {}
    assert "packed in an unusual way: unpack it here" in unread.why


def test_many_small_files_and_archives_that_hold_too_many_have_an_end(submitted, taken):
    whole = inbox.LARGEST_OF_STUDENT // archives.SMALLEST
    names = [f"{k}/x" for k in range(whole // 4 + 1)]
    for k in range(6):
        zipped(submitted / "amy" / f"{k}.zip", *names)
    too_many = list(map(str, range(archives.MOST_MEMBERS + 1)))
    for k in range(14):
        zipped(submitted / "bob" / f"{k:02}.zip", *too_many)
    _, unread = taken()
    told = [f"{u.student}: {u.why}" for u in unread]
    assert sum(line.startswith("amy: ") and "too much was unpacked" in line for line in told) == 3
    assert sum(line.startswith("bob: it holds more than 5,000 files") for line in told) == 10
    assert sum(line.startswith("bob: too much was unpacked before it") for line in told) == 4
