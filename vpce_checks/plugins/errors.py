"""Why another tool is not run with our rules."""

from __future__ import annotations


class NotInstalled(Exception):
    """The tool is not installed beside us."""


class ForeignCode(Exception):
    """The scanned repository names code for the tool to run."""
