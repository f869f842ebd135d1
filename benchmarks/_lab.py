"""JupyterLab on a folder, Chromium, and a slow network between them, while a block runs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LAB = [
    "--no-browser",
    "--allow-root",
    "--IdentityProvider.token=",
    "--ServerApp.disable_check_xsrf=True",
    "--LabApp.expose_app_in_browser=True",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.news_url=None",
]

SETTINGS: dict[str, dict] = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
"""Cells out of view stay in the page, and no question about news covers a corner of it."""


@contextlib.contextmanager
def lab(folder: Path) -> Iterator[int]:
    """The port of a JupyterLab of its own settings on this folder; its sessions end with it."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        for name, setting in SETTINGS.items():
            path = Path(home, "settings", "@jupyterlab", f"{name}.jupyterlab-settings")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(setting))
        environment = os.environ | {
            "HOME": home,
            "JUPYTERLAB_SETTINGS_DIR": f"{home}/settings",
            "JUPYTER_CONFIG_DIR": f"{home}/config",
            "JUPYTER_DATA_DIR": f"{home}/data",
            "IPYTHONDIR": f"{home}/ipython",
        }
        with Path(home, "lab.log").open("w") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *LAB, f"--port={port}", "."],
                env=environment,
                cwd=folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                wait_for(lambda: sessions(port) is not None, 60, "JupyterLab to start")
                yield port
            finally:
                end_sessions(port)
                server.terminate()
                try:
                    server.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    server.kill()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(condition: Callable[[], Any], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(0.25)


def sessions(port: int) -> list[dict] | None:
    """The server's sessions, or None where it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/sessions", timeout=5) as reply:
            return json.load(reply)
    except OSError:
        return None


def end_sessions(port: int) -> None:
    for session in sessions(port) or ():
        address = f"http://127.0.0.1:{port}/api/sessions/{session['id']}"
        with contextlib.suppress(OSError):
            urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=20)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        raise FileNotFoundError("no Chromium here: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def run_notebook(page: Page, port: int, name: str) -> None:
    """Open a notebook in Lab and run it to its end."""
    page.goto(f"http://127.0.0.1:{port}/lab/workspaces/{name}/tree/{name}.ipynb?reset")
    page.wait_for_function("window.jupyterapp !== undefined")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.wait_for_function(f"{KERNEL}?.connectionStatus === 'connected'")
    page.evaluate("() => { void window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.wait_for_function(
        "[...window.jupyterapp.shell.currentWidget.content.model.cells]"
        ".every(c => c.type !== 'code' || c.executionCount !== null)"
    )


KERNEL = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
"""The kernel of the notebook that Lab shows, for `page.evaluate`."""


class Network:
    """A port that passes bytes on to another, each way `seconds` later; may be set at any time."""

    def __init__(self, to: int):
        self.seconds, self.to, self.port = 0.0, to, free_port()
        self.loop = asyncio.new_event_loop()

    def __enter__(self) -> Network:
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        listening = asyncio.start_server(self.connect, "127.0.0.1", self.port)
        asyncio.run_coroutine_threadsafe(listening, self.loop).result(timeout=10)
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(timeout=10)

    async def connect(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, on = await asyncio.open_connection("127.0.0.1", self.to)
        await asyncio.gather(self.carry(near, on), self.carry(far, back))

    async def carry(self, read: asyncio.StreamReader, write: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await read.read(1 << 16):
                self.loop.call_later(self.seconds, write.write, data)
        self.loop.call_later(self.seconds, write.close)
