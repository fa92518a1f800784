"""Escape names, messages and source lines. Strangers write them: they must not control a terminal or forge a line."""

from __future__ import annotations

from vpce_checks.base.redact import redact_code

_CONTROLS = (
    *range(0x20),  # C0: escape sequences, line feeds, carriage returns that overwrite, bells
    *range(0x7F, 0xA0),  # delete and C1
    0x061C, 0x200E, 0x200F,  # marks of direction
    *range(0x2028, 0x202F),  # line and paragraph separators, embeddings and overrides of direction
    *range(0x2066, 0x206A),  # isolates of direction
    0xFEFF,
)  # fmt: skip
_ESCAPES = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in _CONTROLS}
_ESCAPES.update({ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"})
_SOURCE = {**_ESCAPES, ord("\t"): "    "}


def escape(text: str) -> str:
    """Return ``text`` on one line, with every control character written out."""
    if text.isascii() and text.isprintable():  # as nearly all of it is
        return text
    return text.translate(_ESCAPES).encode("utf-8", "backslashreplace").decode()


def escape_source(line: str) -> str:
    """Return a line of source code like :func:`escape`, with tabs as four blanks."""
    if line.isascii() and line.isprintable():
        return line
    return line.translate(_SOURCE).encode("utf-8", "backslashreplace").decode()


def is_plain(text: str) -> bool:
    """Return whether source code can be shown as it is: without credentials, and without what steers a terminal."""
    lines = text.replace("\r\n", "\n").split("\n")
    return redact_code(text) == text and all(escape_source(line) == line for line in lines)
