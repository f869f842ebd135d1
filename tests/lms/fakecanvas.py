"""A small Canvas: the part of its documented API that pushing grades takes, on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

TOKEN = "secret-token-7~abc"
A_PAGE = 2
"""Submissions on a page of the list: what is behind is found by the header Link."""


@dataclass
class FakeCanvas:
    """Course 7 with assignment 4242. late: what Canvas takes off by itself, by user.

    refuse: the status of its answer when a user is graded, in place of 200, with these words.
    full: takes no files.
    """

    url: str = ""
    most: float = 10.0
    full: bool = False
    words: str = "no"
    submissions: dict[int, dict[str, Any]] = field(default_factory=dict)
    late: dict[int, float] = field(default_factory=dict)
    refuse: dict[int, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    files: dict[int, dict[str, Any]] = field(default_factory=dict)

    def add(
        self, user: int, score: float | None = None, excused: bool = False, at: str | None = None
    ) -> None:
        self.submissions[user] = {
            "id": 5000 + user, "user_id": user, "assignment_id": 4242, "excused": excused,
            "score": score, "entered_score": score, "submission_comments": [],
            "submitted_at": at,
        }  # fmt: skip

    def grade(self, user: int, form: dict[str, list[str]]) -> dict[str, Any]:
        one = self.submissions[user]
        if grade := form.get("submission[posted_grade]"):
            one["entered_score"] = float(grade[0])
            one["points_deducted"] = self.late.get(user)
            one["score"] = float(grade[0]) - self.late.get(user, 0.0)
        for file in form.get("comment[file_ids][]", []):
            one["submission_comments"].append({"attachments": [self.files[int(file)]]})
        return one


@contextmanager
def serving() -> Iterator[FakeCanvas]:
    canvas = FakeCanvas()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def answer(self, status: int, what: Any, **headers: str) -> None:
            content = json.dumps(what).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def content(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def reply(self) -> None:
            url = urlparse(self.path)
            content = self.content()
            canvas.asked.append(f"{self.command} {url.path}")
            if url.path == "/upload":
                self.answer(200, upload(canvas, self.headers, content))
                return
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                refused = {"errors": [{"message": "Invalid access token."}]}
                self.answer(401, refused, WWW_Authenticate="Bearer")
                return
            parts = url.path.removeprefix("/api/v1/").split("/")
            assignment = ["courses", "7", "assignments", "4242"]
            if parts == ["courses", "7"]:
                self.answer(200, {"id": 7, "name": "Learning"})
            elif parts == assignment:
                about = {"id": 4242, "course_id": 7, "points_possible": canvas.most}
                self.answer(200, about)
            elif parts == [*assignment, "submissions"]:
                self.page(int(parse_qs(url.query).get("page", ["1"])[0]))
            elif parts[:4] == assignment and parts[-1] == "files":
                form = parse_qs(content.decode())
                params = {"name": form["name"][0]}
                self.answer(200, {"upload_url": f"{canvas.url}/upload", "upload_params": params})
            elif parts[:5] == [*assignment, "submissions"] and self.command == "PUT":
                user = int(parts[5])
                if status := canvas.refuse.get(user):
                    self.answer(status, {"errors": [{"message": canvas.words}]})
                else:
                    self.answer(200, canvas.grade(user, parse_qs(content.decode())))
            else:
                self.answer(404, {"errors": [{"message": "not there"}]})

        def page(self, number: int) -> None:
            every = list(canvas.submissions.values())
            here = every[(number - 1) * A_PAGE : number * A_PAGE]
            more = f'<{canvas.url}{urlparse(self.path).path}?page={number + 1}>; rel="next"'
            self.answer(200, here, **({"Link": more} if number * A_PAGE < len(every) else {}))

        do_GET = do_POST = do_PUT = reply

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    canvas.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield canvas
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def upload(canvas: FakeCanvas, headers: Message, content: bytes) -> dict[str, Any]:
    """The last step of an upload: the file, in a form of several parts."""
    boundary = headers["Content-Type"].partition("boundary=")[2].encode()
    for part in content.split(b"--" + boundary):
        head, _, body = part.partition(b"\r\n\r\n")
        if b"filename=" in head:
            name = head.partition(b'filename="')[2].partition(b'"')[0].decode()
            number = 800 + len(canvas.files)
            size = len(body.removesuffix(b"\r\n"))
            if canvas.full:
                return {"message": "file size exceeds quota"}
            about = {"id": number, "display_name": name, "size": size}
            canvas.files[number] = about | {"url": f"{canvas.url}/files/{number}"}
            return canvas.files[number]
    raise AssertionError("no file in the form")
