"""Scan in this process and write down what Python asks of the system: a program for the tests to start.

``python -I audited.py LOG TREE ARGUMENT...`` runs the command line ARGUMENT... with the package in TREE. Each line of LOG
is the JSON of an audit event's name and the path or program in it. Processes that the scan forks write there as well.
Python raises no event for looks at what exists: see test_traced.py.
"""

from __future__ import annotations

import json
import os
import socket
import sys

BEGINNING = "/the scan begins here"
"""A path that is looked for when all is set up, so that who traces the process knows."""

PATHS = ("open", "os.listdir", "os.scandir", "os.chdir", "os.mkdir", "os.remove", "os.rename", "os.symlink")
OTHERS = (
    "subprocess.",
    "socket.",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "os.startfile",
    "ctypes.",
    "pty.",
)


def main(log: str, tree: str, arguments: list[str]) -> int:
    """Run the command line and note what it looks at."""
    written = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def hook(event: str, given: tuple[object, ...]) -> None:
        if event == "socket.__new__" and given[1] == socket.AF_UNIX:
            return  # the pipe to a process of ours; to connect or bind it would be another event
        if event in PATHS or event.startswith(OTHERS):
            first = given[0] if given else None
            if isinstance(first, int):  # a file that is open already
                return
            shown = os.fsdecode(first) if isinstance(first, (str, bytes)) else repr(first)
            if event in PATHS and not os.path.isabs(shown):
                shown = os.path.join(os.getcwd(), shown)
            os.write(written, (json.dumps([event, shown]) + "\n").encode())

    sys.addaudithook(hook)
    sys.path.insert(0, tree)
    from vpce_checks.cli.main import main as run

    os.path.exists(BEGINNING)
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
