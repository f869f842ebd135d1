"""A Jupyter server and Chromium for the tests: start, open, run, look, and leave nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.conftest import ROOT

CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    None,
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOTS = ROOT / ".build" / "screenshots"


@contextlib.contextmanager
def serving(app: str, folder: Path, home: Path) -> Iterator[str]:
    """The address of `jupyterlab` or `notebook` on a folder, with settings of its own in `home`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = home / "settings" / "@jupyterlab"
    # Cells that are out of view would be kept out of the page, and a test could not find them.
    write(settings / "notebook-extension" / "tracker.jupyterlab-settings", windowingMode="none")
    write(settings / "apputils-extension" / "notification.jupyterlab-settings", fetchNews="false")
    environment = os.environ | {
        "HOME": str(home),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    command = [sys.executable, "-m", app, "--no-browser", f"--port={port}", "--allow-root"]
    options = [
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        f"--ServerApp.root_dir={folder}",
        "--expose-app-in-browser",
    ]
    log = (home / f"{app}.log").open("w")
    server = subprocess.Popen(
        [*command, *options], env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(f"{address}/api"), 60, f"{app} to start")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def write(path: Path, **settings: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings))


def answers(address: str) -> bool:
    try:
        return urllib.request.urlopen(address, timeout=2).status == 200
    except OSError:
        return False


def end_sessions(address: str) -> None:
    """Stop every kernel of the server."""
    for session in json.load(urllib.request.urlopen(f"{address}/api/sessions")):
        request = urllib.request.Request(f"{address}/api/sessions/{session['id']}", method="DELETE")
        urllib.request.urlopen(request)


def wait_for(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.1)
    raise TimeoutError(f"waited {seconds} s for {what}")


def open_in_lab(page: Page, lab: str, name: str) -> None:
    """A notebook of the server's folder, with its kernel connected."""
    page.goto(f"{lab}/lab/workspaces/{name}/tree/{name}.ipynb?reset")
    connected(page)


def open_in_notebook(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/notebooks/{name}.ipynb")
    connected(page)


def connected(page: Page) -> None:
    page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
        "?.connectionStatus === 'connected'"
    )


def run_all(page: Page) -> None:
    """Start all cells; this does not wait for them."""
    page.evaluate("() => { void window.jupyterapp.commands.execute('notebook:run-all-cells'); }")


def execute(page: Page, code: str, *, wait: bool = True) -> None:
    """Run code in the notebook's kernel, as a cell would."""
    page.evaluate(
        "async ([code, wait]) => {"
        " const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;"
        " const future = kernel.requestExecute({ code });"
        " if (wait) await future.done; }",
        [code, wait],
    )


def shoot(page: Page, name: str) -> Path:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")
    return SHOTS / f"{name}.png"
