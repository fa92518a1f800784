"""Credentials taken out of what is shown: user names, passwords, tokens and keys in the addresses of code.

The forms of an address: https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

import re

from vpce_checks.base.pattern import pattern

MAX_MESSAGE = 300
"""Characters of another program's message that are shown."""

_SHOWN_PARAMETERS = frozenset({"ref", "depth", "archive", "checksum", "version", "tag", "terraform-get"})
_USER = pattern(r"(?P<scheme>[a-z0-9+.-]{1,32}://)(?P<user>[^/\s]*)@", re.IGNORECASE)
_SCP_USER = pattern(r"(?P<before>^|::)(?P<user>[^@/\s:]+:[^@/\s:]+)@", re.IGNORECASE)
_USER_IN_TEXT = pattern(r"://[^/\s'\"]+@")
_CONTROL_CHARACTERS = pattern(r"[\x00-\x1f\x7f]+")
_WORD = pattern(r"""[^\s"'`]+""")
_MIN_SECRET = 4
"""A shorter secret would be found in any sentence. As part of a URL it is redacted together with its user."""


def redact_address(address: str) -> str:
    """``address`` without the passwords, tokens and keys in it."""
    shown = _SCP_USER.sub(lambda match: f"{match['before']}***@", _USER.sub(_redact_user, address))
    address, question, query = shown.partition("?")
    if not question:
        return address
    return address + "?" + "&".join(map(_redact_parameter, query.split("&")))


def _redact_user(match: re.Match[str]) -> str:
    # "git" and the like are names that every client uses; anything else before the @ may be a token.
    user = match["user"]
    plain = user.lower() in ("git", "hg") and match["scheme"].lower().endswith(("ssh://", "git://"))
    return f"{match['scheme']}{user}@" if plain else f"{match['scheme']}***@"


def _redact_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    if name.lower() in _SHOWN_PARAMETERS:
        return parameter
    return f"{name}=***" if equals else "***"


def redact_code(line: str) -> str:
    """A line of code without the credentials in the addresses that it holds."""
    if not (("://" in line or "::" in line) and ("@" in line or "?" in line)):
        return line
    return _WORD.sub(lambda match: redact_address(match[0]) if ":" in match[0] else match[0], line)


def redact_message(text: str, secrets: frozenset[str]) -> str:
    """Another program's message in one line, without ``secrets`` and without the user of any URL in it."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    text = _CONTROL_CHARACTERS.sub(" ", _USER_IN_TEXT.sub("://***@", text)).strip()
    return text if len(text) <= MAX_MESSAGE else f"{text[:MAX_MESSAGE]}..."


def secrets_of(address: str) -> frozenset[str]:
    """The parts of ``address`` that must not be shown: its users and passwords, and the values of its parameters."""
    from urllib.parse import parse_qsl, unquote

    found: set[str] = set()
    path, _, query = address.partition("?")
    segments = path.split("/")
    for place, segment in enumerate(segments):
        text, at, _ = segment.rpartition("@")
        if at and place > 0 and (segments[place - 1] or not segments[place - 2].endswith(":")):  # not after ://
            _, at, text = text.partition("::")
        if at:
            found |= {text, *text.split(":")}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name.lower() not in _SHOWN_PARAMETERS:
            found.add(value)
    found |= {unquote(text) for text in found}
    return frozenset(text for text in found if len(text) >= _MIN_SECRET)


def without_user(address: str) -> str:
    """``address`` without its user and password. What is left names the same code."""
    return _SCP_USER.sub(r"\g<before>", _USER.sub(r"\g<scheme>", address))
