"""What real Terraform says an expression is worth."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

_NEGATIVE_ZERO = re.compile(r"(?<![\w.])-0(?![\w.])")

needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on PATH")

ERROR = "<error>"
UNKNOWABLE = "<unknown to Terraform>"


def console(expressions: Sequence[str], directory: Path, configuration: str = "") -> list[object]:
    """The value of each expression, decoded from JSON; ERROR where Terraform refuses it while evaluating, UNKNOWABLE
    where it calls even a constant expression unknown.

    One process evaluates all: a console on a pipe reads everything and prints only the last value.
    """
    (directory / "main.tf").write_text(configuration)
    packed = ", ".join(f'try(jsonencode({expression}), "{ERROR}")' for expression in expressions)
    process = subprocess.run(
        ["terraform", "console"],
        input=f"jsonencode([{packed}])\n",
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if process.returncode:
        raise AssertionError(f"terraform console: {process.stderr}\n{packed[:2000]}")
    answer = process.stdout.strip().splitlines()[-1]
    if answer == "(known after apply)":  # one of them is, and hides all others
        if len(expressions) == 1:
            return [UNKNOWABLE]
        half = len(expressions) // 2
        return [
            *console(expressions[:half], directory, configuration),
            *console(expressions[half:], directory, configuration),
        ]
    values = json.loads(json.loads(answer))
    return [ERROR if value == ERROR else read_json(value) for value in values]


def read_json(text: str) -> object:
    """A JSON text with every number as it is written, and with a negative zero as zero, wherever it stands."""
    return json.loads(_NEGATIVE_ZERO.sub("0", text), parse_float=str, parse_int=str)
