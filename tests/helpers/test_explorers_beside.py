"""An explorer's messages that come on a thread beside the cells', as JupyterLab sends them."""

from __future__ import annotations

import json
import time

from jupyter_client.manager import start_new_kernel

SHOWN = """
import time, threading
from helpers.explorers import TangentExplorer
busy, seen = False, []
def f(x):
    seen.append((busy, threading.current_thread() is threading.main_thread()))
    return x**2
explorer = TangentExplorer(f, lambda x: 2 * x)
display(explorer)
"""
LONG = """
seen.clear()
busy = True
for _ in range(20):
    time.sleep(0.05)
busy = False
"""


def reply_of(client, channel, request):
    """The answer to a message that is sent on this channel."""
    getattr(client, f"{channel}_channel").send(request)
    while True:
        answer = getattr(client, f"get_{channel}_msg")(timeout=30)
        if answer["parent_header"].get("msg_id") == request["header"]["msg_id"]:
            return answer["content"]


def shown_widget(client) -> str:
    """The comm by which the explorer is asked that a cell shows."""
    views = []
    client.execute_interactive(
        SHOWN,
        timeout=60,
        output_hook=lambda message: views.append(message["content"].get("data", {})),
    )
    [view] = [data for data in views if "application/vnd.jupyter.widget-view+json" in data]
    return view["application/vnd.jupyter.widget-view+json"]["model_id"]


def printed(client, source: str) -> str:
    """What this cell prints."""
    said: list[dict] = []
    client.execute_interactive(source, output_hook=said.append, timeout=30)
    return "".join(m["content"]["text"] for m in said if m["msg_type"] == "stream")


def test_the_students_function_is_never_asked_while_a_cell_runs():
    manager, client = start_new_kernel()
    try:
        comm = shown_widget(client)
        session = client.session
        wanted = json.loads(printed(client, "import json; print(json.dumps(explorer.now()))"))
        made = reply_of(client, "control", session.msg("create_subshell_request", {}))
        assert made["status"] == "ok"

        def ask() -> None:
            data = {"method": "custom", "content": {"ask": wanted, "ahead": False}}
            asking = session.msg("comm_msg", {"comm_id": comm, "data": data})
            asking["header"]["subshell_id"] = made["subshell_id"]
            client.shell_channel.send(asking)

        ask()  # since this is answered, the kernel takes what comes next on the other thread
        printed(client, "pass")
        client.execute(LONG)
        time.sleep(0.3)
        ask()
        seen: list = []
        while not seen:  # until this test's time is over
            seen = json.loads(printed(client, "print(json.dumps(seen))"))
        assert all(each == [False, True] for each in seen), "during a cell, or on another thread"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
