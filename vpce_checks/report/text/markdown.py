"""Escape text and code for Markdown. Strangers write them: they must not become markup, a link, a mention or HTML."""

from __future__ import annotations

from vpce_checks.report.text.escape import escape, escape_source

_ZERO_WIDTH = "\u200b"
_SPECIAL = {ord(sign): f"\\{sign}" for sign in "\\`*_{}[]()~|!$"}
_SPECIAL.update({ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"})
# GitHub and GitLab turn these into links after reading the markup: mentions, issue numbers, addresses.
_SPECIAL.update({ord("@"): f"@{_ZERO_WIDTH}", ord("#"): f"#{_ZERO_WIDTH}"})


def prose(text: str) -> str:
    """Return ``text`` as prose on one line."""
    text = escape(text).translate(_SPECIAL)
    return text.replace("://", f":{_ZERO_WIDTH}//").replace("www.", f"www{_ZERO_WIDTH}.")


def code(text: str, *, in_table: bool = False) -> str:
    """Return ``text`` as a code span. In a table, bars are escaped, because Markdown splits tables before it reads code."""
    text = escape(text) or " "
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    span = f"{ticks}{pad}{text}{pad}{ticks}"
    return span.replace("|", "\\|") if in_table else span


def fenced(text: str, language: str = "") -> str:
    """Return lines of source as a code block."""
    fence = fence_for(text)
    lines = [escape_source(line) for line in text.split("\n")]
    return "\n".join([f"{fence}{language}", *lines, fence])


def fence_for(text: str) -> str:
    """Return a fence that no line of ``text`` closes."""
    return "`" * max(3, _longest_run(text) + 1)


def _longest_run(text: str) -> int:
    """Return the length of the longest run of backticks."""
    longest = run = 0
    for letter in text:
        run = run + 1 if letter == "`" else 0
        longest = max(longest, run)
    return longest
