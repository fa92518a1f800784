"""Read the JSON of a plan, and check it as far as other modules rely on it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from vpce_checks.files import tracked
from vpce_checks.files.containment import Places
from vpce_checks.model.spans import Span
from vpce_checks.terraform.plan.sniff import Nature, sniff

MAX_BYTES = tracked.MAX_BYTES
"""The largest plan that is read."""

READABLE = (0, 1)
"""The major format versions that are read. A new major version means that names changed their meaning."""

SHOW = "terraform show -json PLANFILE > plan.json"

_ADVICE: dict[Nature | None, str] = {
    "binary": f"this is a saved plan, which only Terraform can read; scan what `{SHOW}` writes",
    "text": f"this is a plan as text; save the plan with `terraform plan -out PLANFILE` and scan what `{SHOW}` writes",
    "log": f"this is the log of `terraform plan -json`, not a plan; save the plan with `-out PLANFILE` and scan what `{SHOW}` writes",
    "state": f"this is a Terraform state, not a plan; run `terraform plan -out PLANFILE` and scan what `{SHOW}` writes",
    "encrypted": "this is an encrypted OpenTofu file; scan what `tofu show -json PLANFILE > plan.json` writes",
    None: f"this is not a plan; scan what `{SHOW}` writes",
}

Object = Mapping[str, Any]
_NOTHING: Object = {}
_ADDRESS = re.compile(r'"address"\s*:\s*("(?:[^"\\]|\\.)*")')


class UnreadablePlan(Exception):
    """A file is not a readable plan. The message says why and what to do; ``line`` is the line in the file."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


class Document:
    """The JSON of a plan. ``top`` is its top object, ``file`` its absolute path."""

    def __init__(self, file: str, text: str, top: Object) -> None:
        self.file = file
        self.top = top
        self._text = text

    @cached_property
    def _lines(self) -> Mapping[str, int]:
        """The line of each planned address. Terraform writes a plan in one line, tools often lay it out."""
        text = self._text
        found: dict[str, int] = {}
        if text.count("\n", 0, 1_000_000) < 3:
            return found
        at, line = max(text.find('"planned_values"'), 0), 1
        line += text.count("\n", 0, at)
        for match in _ADDRESS.finditer(text, at):
            line += text.count("\n", at, match.start())
            at = match.start()
            found.setdefault(match[1], line)
        return found

    def place(self, address: str) -> Span:
        """Return the place of the object at ``address`` in the file."""
        return Span(
            self.file, self._lines.get(json.dumps(address), self._lines.get(json.dumps(address, ensure_ascii=False), 1))
        )


def read(path: str, places: Places) -> Document:
    """Return the plan in the file at ``path``. Raises UnreadablePlan."""
    try:
        data = tracked.contents(path, places)
    except OSError as error:
        raise UnreadablePlan(f"cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise UnreadablePlan(f"this plan is larger than {MAX_BYTES // 1024 // 1024} MB; vpce-checks does not read it")
    nature = sniff(data)
    if nature != "plan":
        raise UnreadablePlan(_ADVICE[nature])
    try:
        text = data.decode(json.detect_encoding(data))
        start = len(text) - len(text.lstrip("\ufeff \t\r\n"))
        text = text[:start].replace("\ufeff", " ") + text[start:]  # a tool that joins texts writes more than one mark
        top = json.loads(text, parse_float=Decimal, object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadablePlan(f"this plan is not valid UTF-8; write it again: `{SHOW}`", line) from error
    except json.JSONDecodeError as error:
        what = "cut short" if _ends_early(text, error) else f"damaged ({error.msg})"
        raise UnreadablePlan(f"this plan is {what}; write it again: `{SHOW}`", error.lineno) from error
    except RecursionError as error:
        raise UnreadablePlan("this plan nests too deeply to be read") from error
    except ValueError as error:  # a number of thousands of digits
        raise UnreadablePlan(f"this plan is damaged ({error})") from error
    _check_version(top)
    return Document(path, text, top)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of the plan. Raises UnreadablePlan for two values of one key: Terraform writes no such plan."""
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise UnreadablePlan(f"this plan has the key {twice[:60]!r} twice in one object; write it again: `{SHOW}`")
    return made


def _ends_early(text: str, error: json.JSONDecodeError) -> bool:
    end = len(text.rstrip())
    return error.pos >= end or error.msg.startswith("Unterminated string") or end - error.pos < 8


def _check_version(top: Object) -> None:
    if "format_version" not in top:
        if isinstance(object_of(top, "planned_values").get("root_module"), dict):
            return  # cut down by some tool to what it needs
        raise UnreadablePlan(_ADVICE[None])
    version = top["format_version"]
    major = str(version).split(".", 1)[0]
    if not major.isdecimal():
        raise UnreadablePlan(
            f"this plan has the invalid format version {str(version)[:20]!r}; write it again: `{SHOW}`"
        )
    if int(major[:9]) not in READABLE:
        by = str(top.get("terraform_version", "a newer Terraform"))[:20]
        raise UnreadablePlan(
            f"this plan has format version {str(version)[:20]} (Terraform {by}), and only versions up to "
            f"{READABLE[-1]}.x can be read here; upgrade vpce-checks, or write the plan with an older Terraform: `{SHOW}`"
        )
    if not (isinstance(top.get("planned_values"), dict) or isinstance(top.get("resource_changes"), list)):
        raise UnreadablePlan(_ADVICE[None])


def object_of(parent: Object, key: str) -> Object:
    """Return the object ``key`` of ``parent``; an empty one if there is none."""
    found = parent.get(key)
    return found if isinstance(found, dict) else _NOTHING


def objects_of(parent: Object, key: str) -> list[Object]:
    """Return the objects in the list ``key`` of ``parent``."""
    found = parent.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def text_of(parent: Object, key: str) -> str:
    """Return the string ``key`` of ``parent``; an empty one if there is none."""
    found = parent.get(key)
    return found if isinstance(found, str) else ""
