"""What real Terraform says an expression is worth."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on PATH")

ERROR = "<error>"


def console(expressions: Sequence[str], directory: Path, configuration: str = "") -> list[object]:
    """The value of each expression, decoded from JSON; ERROR where Terraform refuses it while evaluating.

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
    values = json.loads(json.loads(process.stdout.strip().splitlines()[-1]))
    return [ERROR if value == ERROR else json.loads(value, parse_float=str, parse_int=_integer) for value in values]


def _integer(text: str) -> str:
    return "0" if text == "-0" else text  # a negative zero is a zero
