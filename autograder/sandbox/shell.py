"""IPython's own shell without a kernel: runs cells, and gives their outputs as a notebook has them.

It is made once, in the warm process, and every fork has a copy that has run nothing yet.
"""

from __future__ import annotations

import ast
import base64
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot
from matplotlib.figure import Figure
from traitlets import Type
from traitlets.config import Config

from .lines import OneLine, stands_as_it_is, without_debugger
from .plots import drawn_once, share_parser

MOST_LINES, MOST_CHARACTERS = 1000, 100_000
"""Of what a cell prints, as in nbgrader's LimitOutput; the rest is left out."""
MOST_FRAMES = 12
"""Of a traceback, in blocks as IPython writes them."""

Emit = Callable[[dict], None]


class Stream:
    """sys.stdout or sys.stderr of a cell: collects what is written and emits it in pieces."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, shell: Shell, name: str):
        self.shell = shell
        self.name = name
        self.begin()

    def begin(self) -> None:
        self.text: list[str] = []
        self.size = self.lines = self.pieces = 0
        self.last = time.monotonic()
        self.full = False

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if not self.full and self.shell.emit is not None:
            self._take(text)
        return len(text)

    def _take(self, text: str) -> None:
        self.lines += text.count("\n")
        if self.lines > MOST_LINES or self.size + len(text) > MOST_CHARACTERS:
            self.full = True
            text = text[: MOST_CHARACTERS - self.size] + "\n... [the rest of the output is cut]\n"
        self.size += len(text)
        self.text.append(text)
        # A few pieces go at once, so that they survive what comes next; then in larger ones.
        if self.pieces < 20 or self.full or time.monotonic() - self.last > 0.1:
            self.flush()

    def flush(self) -> None:
        if self.text and self.shell.emit is not None:
            text, self.text = "".join(self.text), []
            self.pieces += 1
            self.last = time.monotonic()
            self.shell.emit({"output_type": "stream", "name": self.name, "text": text})

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def fileno(self) -> int:
        return 1 if self.name == "stdout" else 2


class Publisher(DisplayPublisher):
    shell: Any

    def publish(
        self,
        data: Any,
        metadata: Any = None,
        source: Any = None,
        *,
        transient: Any = None,
        update: bool = False,
        **kwargs: Any,
    ) -> None:
        output: dict[str, Any] = {"output_type": "display_data"}
        output |= {"data": as_json(data), "metadata": metadata or {}}
        name = (transient or {}).get("display_id")
        if name is not None:
            output["display_id"] = str(name)
            output["update"] = bool(update)
        self.shell.put(output)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.put({"output_type": "clear", "wait": bool(wait)})


class Hook(DisplayHook):
    shell: Any

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        self.shell.put(
            {
                "output_type": "execute_result",
                "execution_count": self.prompt_count,
                "data": as_json(format_dict),
                "metadata": md_dict or {},
            }
        )

    def finish_displayhook(self) -> None:
        self.flush_streams()

    def flush_streams(self) -> None:
        for stream in self.shell.streams:
            stream.flush()


class Shell(InteractiveShell):
    displayhook_class = Type(Hook)
    display_pub_class = Type(Publisher)
    emit: Emit | None = None
    streams: tuple[Stream, ...] = ()
    made: tuple[list, ...] = ()
    """What is done with a cell before it runs, as `make_shell` left it."""
    plain = False
    """Whether the cell that runs needs none of it: looking for it takes as long as most cells."""

    def done_before(self) -> tuple[list, ...]:
        texts = self.input_transformer_manager
        before = texts.cleanup_transforms, texts.line_transforms, texts.token_transformers
        return (*map(list, before), [*self.input_transformers_post], [*self.ast_transformers])

    def transform_cell(self, raw_cell: str) -> str:
        self.plain = stands_as_it_is(raw_cell) and self.done_before() == self.made
        if self.plain:
            return raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"
        return super().transform_cell(raw_cell)

    def transform_ast(self, node: ast.Module) -> ast.Module:
        return node if self.plain else super().transform_ast(node)

    def _format_exception_for_storage(self, exception: BaseException, *_: Any, **__: Any) -> dict:
        """Nobody saves this shell's history: a second traceback of each error is not made."""
        return {"ename": type(exception).__name__, "evalue": "", "traceback": []}

    def system(self, cmd: str) -> None:
        """What `!command` runs, without a terminal: the sandbox has none."""
        if said := self.getoutput(cmd, split=False, depth=1):
            sys.stdout.write(said)

    def put(self, output: dict) -> None:
        for stream in self.streams:
            stream.flush()
        if self.emit is not None:
            self.emit(output)

    def ask_exit(self) -> None:
        """What `exit()` asks for: in Jupyter the cell goes on, and its kernel ends behind it."""

    def enable_gui(self, gui: Any = None) -> None:
        """There is no window to open."""

    def enable_matplotlib(self, gui: str | None = None) -> Any:
        """Figures stand in the notebook, whatever `%matplotlib` asks for."""
        return super().enable_matplotlib("inline")

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        blocks = list(stb)
        if len(blocks) > MOST_FRAMES:
            left_out = f"... [{len(blocks) - MOST_FRAMES} frames are left out]"
            blocks = [*blocks[:4], left_out, *blocks[-(MOST_FRAMES - 4) :]]
        try:
            text = str(evalue)[:5000]
        except BaseException:  # a __str__ of the student's
            text = ""
        self.put(
            {
                "output_type": "error",
                "ename": str(etype.__name__)[:200],
                "evalue": text,
                "traceback": [block[:5000] for block in blocks],
            }
        )


def make_shell() -> Shell:
    config = Config()
    config.HistoryManager.enabled = False
    # Colours of a terminal are for a dark ground: on Formgrader's white they cannot be read.
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config)
    shell.enable_matplotlib("inline")
    shell.ast_transformers.append(OneLine())
    shell.made = shell.done_before()
    without_debugger()
    assert shell.display_formatter is not None
    formatter = shell.display_formatter.formatters["image/png"]
    formatter.for_type(Figure, drawn_once)
    share_parser()
    # After a cell the inline backend shows its figures; pyplot would first draw them for a window.
    pyplot.uninstall_repl_displayhook()
    return shell


class Cells:
    """Runs cells in a shell, one after another."""

    def __init__(self, shell: Shell):
        self.shell = shell
        self.run_cell = shell.run_cell  # whatever becomes of the shell's own
        kinds = Shell, InteractiveShell
        done = {name for kind in kinds for name, value in vars(kind).items() if callable(value)}
        self.own = [(kind, name, vars(kind).get(name)) for kind in kinds for name in done]
        shell.streams = (Stream(shell, "stdout"), Stream(shell, "stderr"))
        sys.stdout, sys.stderr = shell.streams  # type: ignore[assignment]
        sys.displayhook = shell.displayhook
        self.written = _catch_descriptors()

    def run(self, source: str, emit: Emit) -> bool:
        """Run a cell; True where it ran to its end."""
        shell = self.shell
        self._put_back()
        failed = False

        def noted(output: dict) -> None:
            nonlocal failed
            failed = failed or output.get("output_type") == "error"
            emit(output)

        shell.emit = noted
        sys.stdout, sys.stderr = shell.streams  # type: ignore[assignment]
        for stream in shell.streams:
            stream.begin()
        try:
            result = self.run_cell(source, store_history=True)
            error = result.error_before_exec or result.error_in_exec
            if error is not None and not failed:  # a BdbQuit, or what cannot be shown
                shell._showtraceback(type(error), error, [])
            return error is None
        finally:
            for stream in shell.streams:
                stream.flush()
            self._show_written(emit)
            shell.emit = None

    def _put_back(self) -> None:
        """How cells are run and their errors shown is what it was, whatever a cell made of it."""
        self.shell.__class__ = Shell
        for kind, name, value in self.own:
            vars(self.shell).pop(name, None)
            if vars(kind).get(name) is value:
                continue
            if value is None:
                delattr(kind, name)
            else:
                setattr(kind, name, value)
        self.shell.custom_exceptions = ()

    def _show_written(self, emit: Emit) -> None:
        """What subprocesses and C code wrote, past Python's streams."""
        size = os.fstat(self.written).st_size
        if size:
            text = os.pread(self.written, MOST_CHARACTERS, 0).decode("utf-8", "replace")
            os.ftruncate(self.written, 0)
            emit({"output_type": "stream", "name": "stdout", "text": text})


def _catch_descriptors() -> int:
    """Descriptors 1 and 2 lead to a small file in memory, read after each cell."""
    path = os.path.join(os.environ["HOME"], ".written")
    written = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    os.unlink(path)
    for descriptor in (1, 2):
        os.dup2(written, descriptor)
    return written


def as_json(data: dict) -> dict:
    """Pictures as base64, as Jupyter sends them."""
    return {
        str(mime): base64.b64encode(content).decode() if isinstance(content, bytes) else content
        for mime, content in data.items()
    }
