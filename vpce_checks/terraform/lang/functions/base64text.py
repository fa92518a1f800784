"""Text as base64, as Terraform reads it."""

from __future__ import annotations

import base64
import binascii

from vpce_checks.terraform.types.errors import EvalError


def decode_base64(text: str, function: str) -> bytes:
    """The bytes that ``text`` stands for. Raises EvalError in the name of ``function``."""
    # Go skips line ends, and nothing else
    try:
        return base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        raise EvalError(f"{function}(): failed to decode base64 data") from None
