"""The course on the web in a browser: how soon is there a picture, how soon does it follow a hand?

`python -m benchmarks.site [FOLDER]` serves a site that was made (`autograder site`; dist/site) from
this machine, packed with gzip as hosts do, and opens each page that has explorers in headless
Chromium, with nothing kept from before: on a desk, and on a phone whose processor is emulated to be
four times slower and whose network has 10 Mbit/s and 40 ms.

first    milliseconds from the request to the first contentful paint (Chromium's own mark)
alive    milliseconds from when an explorer is scrolled to until its plot is drawn by the script
frame    milliseconds of script for a slider's move: its event, and the frame that draws it; the
         median and the longest of 60 moves of each explorer. A frame has 16.7.
kB       that the page has sent for, packed, when it is opened; and when every explorer has been
         shown and touched, with pictures, style and script; the text apart
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import re
import shutil
import statistics
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from autograder.course import Course
from autograder.publishing.packing import unpacked
from benchmarks._lab import FLAGS

DESK = {"viewport": {"width": 1400, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SLOWER, MBIT, LATE = 4, 10, 40
PACKED = (".html", ".js", ".css", ".svg", ".json", ".txt")

WATCH = """() => {
  window.busy = [];
  const own = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (call) => own((time) => {
    const start = performance.now();
    call(time);
    window.busy.push(performance.now() - start);
  });
}"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Sends text packed, as every usual host does."""

    def send_head(self):
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if path.suffix not in PACKED or not path.is_file():
            return super().send_head()
        content = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        return None

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def measured(browser: Browser, address: str, phone: bool) -> dict[str, float]:
    context = browser.new_context(**(PHONE if phone else DESK))
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    sent: dict[str, float] = {}
    kinds: dict[str, str] = {}
    line.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["type"]}))
    line.on(
        "Network.loadingFinished", lambda e: sent.update({e["requestId"]: e["encodedDataLength"]})
    )
    if phone:
        line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        rate = MBIT * 1e6 / 8
        line.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LATE,
                "downloadThroughput": rate,
                "uploadThroughput": rate,
            },
        )
    page.add_init_script(f"({WATCH})()")
    page.goto(address, wait_until="networkidle")
    first = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"
    )
    beyond = lambda: sum(n for r, n in sent.items() if kinds.get(r) != "Document") / 1000  # noqa: E731
    at_first, alive, frames = beyond(), [], []
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    for figure in page.locator(".downhill-explorer").all():
        alive.append(figure.evaluate(ALIVE))
        figure.locator(".downhill-stage").dispatch_event("focusin")
        page.wait_for_load_state("networkidle")
        frames += moved(page, figure)
    page.evaluate("document.querySelectorAll('img').forEach((each) => (each.loading = 'eager'))")
    page.wait_for_load_state("networkidle")
    context.close()
    return {
        "first": first,
        "alive": max(alive),
        "median": statistics.median(frames),
        "longest": max(frames),
        "opened": at_first,
        "all": beyond(),
    }


MOVES = """async (slider) => {
  const spent = [];
  for (let k = 0; k < 60; k++) {
    window.busy.length = 0;
    slider.value = String(k % (Number(slider.max) + 1));
    const start = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    const handled = performance.now() - start;
    await new Promise((done) => setTimeout(done, 25));
    spent.push(handled + window.busy.reduce((sum, each) => sum + each, 0));
  }
  return spent;
}"""
ALIVE = """async (figure) => {
  const start = performance.now();
  figure.scrollIntoView();
  while (!figure.querySelector(".says li")) await new Promise((done) => setTimeout(done, 1));
  return performance.now() - start;
}"""


def moved(page: Page, figure: Locator) -> list[float]:
    """Milliseconds of each move of the first slider: its event, and the frame that draws it."""
    slider = figure.locator("input[type=range]").first
    page.evaluate("window.busy.length = 0")
    return slider.evaluate(MOVES)


def chapters(folder: Path) -> dict[str, float]:
    """kB of each chapter in all, packed: its pages, and all that any of them can send for."""
    sizes: dict[str, float] = {}
    for chapter in sorted((folder / "lessons").iterdir()):
        files = set(chapter.rglob("*.html"))
        text = "".join(path.read_text("utf-8") for path in files)
        names, found = set(re.findall(r"(?:explorer|picture)-[0-9a-f]{16}", text)), set()
        while names - found:
            found |= names
            for path in (folder / "_static" / f"{name}.js" for name in list(names)):
                names |= set(_parts(path)) if path.is_file() else set()
        files |= {path for path in (folder / "_static").iterdir() if path.stem in found}
        sizes[chapter.name] = sum(_packed(path) for path in files) / 1000
    return sizes


def _parts(path: Path) -> list[str]:
    """The files of data that one explorer's may send for later."""
    told, _ = unpacked(b64decode(path.read_text().split('"')[3]))
    return [part["file"] for part in told.get("more", ())]


def _packed(path: Path) -> int:
    content = path.read_bytes()
    return len(gzip.compress(content)) if path.suffix in PACKED else len(content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Course.here().root / "dist/site")
    folder = parser.parse_args().folder
    if not (folder / "index.html").is_file():
        raise SystemExit(f"{folder} holds no site: autograder site")
    chromium = next(p for n in ("chromium", "google-chrome") if (p := shutil.which(n)))
    pages = [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.glob("lessons/*/*.html"))
        if "downhill-explorer" in path.read_text("utf-8")
    ]
    with served(folder) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for phone in (False, True):
            print("phone" if phone else "desk", end=": ")
            print("first ms, alive ms, frame ms (median, longest), kB opened, kB in all")
            for name in pages:
                found = measured(browser, f"{address}/{name}", phone)
                print(f"  {name:60}", *(f"{value:7.1f}" for value in found.values()), flush=True)
        browser.close()
    print("kB of a chapter in all, packed:")
    for name, size in chapters(folder).items():
        print(f"  {name:60} {size:7.0f}")


if __name__ == "__main__":
    main()
