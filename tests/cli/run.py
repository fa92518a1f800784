"""The command line, run as its users run it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from vpce_checks.cli.main import main

MISSING = """\
provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
"""

COMPLETE = (
    MISSING
    + """
resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = toset(["s3", "dynamodb"])

  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.${each.key}"
  route_table_ids = [aws_route_table.private.id]
}
"""
)

UNKNOWN = COMPLETE.replace("toset(", "var.none ? toset([]) : toset(") + '\nvariable "none" {\n  type = bool\n}\n'


class Result(NamedTuple):
    code: int
    out: str
    err: str


def process(*arguments: str, cwd: Path, **environment: str) -> Result:
    """Run ``vpce-checks`` as a process inside ``cwd``."""
    done = subprocess.run(
        [sys.executable, "-m", "vpce_checks", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def cli(*arguments: str, cwd: Path, **environment: str) -> Result:
    """The same without a new process, which is what most tests can do with."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(cwd)
        for name, value in environment.items():
            patch.setenv(name, value)
        try:
            code = main(arguments)
        except SystemExit as stop:  # argparse, on wrong use
            code = int(stop.code or 0)
    return Result(code, out.getvalue(), err.getvalue())


def root(directory: Path, text: str, name: str = "main.tf") -> Path:
    """A directory with one file."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(text)
    return directory
