"""The style and the script of the page, and the policy that lets a browser use these and nothing else.

https://www.w3.org/TR/CSP3/#grammardef-hash-source
"""

from __future__ import annotations

import base64
import hashlib
import os
from functools import lru_cache


@lru_cache
def style_sheet() -> str:
    """Return the style as it stands in the page."""
    return _read("style.css")


@lru_cache
def script() -> str:
    """Return the script as it stands in the page."""
    return _read("script.js")


def content_security_policy() -> str:
    """Return the policy: nothing is loaded, sent or run, but for the style and the script with these hashes."""
    return (
        f"default-src 'none'; style-src {_hash(style_sheet())}; script-src {_hash(script())}; "
        "base-uri 'none'; form-action 'none'"
    )


def _read(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return file.read()


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
