"""Tell broken files that are no code as it is deployed: those that a code generator fills in first (Jinja, Go,
Mustache, Backstage, ERB, Copier), and those in which no block begins.

In strings and comments of valid code a marker means nothing. So it counts only where the parser cannot go on.
"""

from __future__ import annotations

import re

from vpce_checks.base.pattern import pattern

_TAGS = (("{{", "}}"), ("{%", "%}"), ("<%", "%>"), ("[%", "%]"))
"""How a marker begins and ends. ``${{`` of Backstage is among them. A comment of Jinja (``{#``) and a directive (``%{``) may be a
slip in real code."""

_MAX_LENGTH = 2000
"""How many characters a marker may have: a longer one is two braces that have nothing to do with each other."""

_MEMBER = pattern(r'[{\s]*(?:"[^"\n]*"|[\w.-]+)\s*(?:=(?!=)|:(?!=))')
"""What an object with a brace too many begins with (``{{ Name = "x" }}``): no template language has that."""

_TYPES = rb"(?:resource|data|module|variable|output|provider|locals|terraform|ephemeral|check|component|stack|removed|moved|import)"
_BLOCK = re.compile(rb"^[ \t]*(?:/\*[^*]*\*/[ \t]*)?" + _TYPES + rb'\b|"' + _TYPES + rb'"\s*:', re.MULTILINE)

_NOT_HERE = b"version https://git-lfs"
"""How a file of Git LFS begins that was not fetched."""


def shows_block(data: bytes) -> bool:
    """Return whether a block of Terraform begins in the text of a file, in either syntax, right or wrong. If the text cannot be
    seen, as in UTF-16, one may."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    return b"\0" in data or data.startswith(_NOT_HERE) or _BLOCK.search(data) is not None


def is_in_marker(text: str, offset: int) -> bool:
    """Return whether the character at ``offset``, where the parser cannot go on, belongs to a marker."""
    for begin, end in _TAGS:
        start = text.rfind(begin, max(0, offset - _MAX_LENGTH), offset + len(begin))
        if start < 0:
            continue
        inside = start + len(begin)
        closed = text.find(end, inside, start + _MAX_LENGTH)
        if closed >= 0 and offset < closed + len(end):
            return not (begin == "{{" and _MEMBER.match(text, inside))
    return False
