"""Where the code of a called module lies on disk.

https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from vpce_checks.source import Span
from vpce_checks.terraform.errors import EvalError
from vpce_checks.terraform.expressions import evaluate
from vpce_checks.terraform.scope import Scope, Session
from vpce_checks.terraform.syntax.structure import Block, ModuleSource

_INSTALLED = os.path.join(".terraform", "modules", "modules.json")


@dataclass(frozen=True, slots=True)
class Located:
    """The directory of a called module, or why there is none."""

    directory: str | None
    source: str
    reason: str = ""


def source_of(block: Block) -> str | None:
    """The ``source`` of a module call where it is written out, as Terraform demands."""
    attribute = block.body.attributes.get("source")
    value = getattr(attribute.expr, "value", None) if attribute is not None else None
    return value if isinstance(value, str) else None


def is_local(source: str) -> bool:
    """Whether a module source is a path in the same repository."""
    return source.startswith(("./", "../", ".\\", "..\\")) or source in (".", "..")


def locate(caller: ModuleSource, block: Block, key: str, session: Session) -> Located:
    """The directory of the module that ``block`` calls. ``key`` is the dotted path of call names from the root."""
    source = source_of(block)
    if source is None:
        source = _evaluated_source(block, session)
        if source is None:
            return Located(None, "?", "its source is not written out")
    if is_local(source):
        return _inside(os.path.join(caller.directory, source), source, session)
    installed = _installed_modules(session).get(key)
    if installed is not None:
        return _inside(os.path.join(session.root, installed), source, session)
    return Located(None, source, "it is not in the repository and not installed (terraform init would fetch it)")


def _installed_modules(session: Session) -> Mapping[str, str]:
    """The directories, relative to the root, of the modules that ``terraform init`` or ``get`` installed."""
    if session.installed is None:
        session.installed = {}
        path = os.path.join(session.root, _INSTALLED)
        if os.path.isfile(path):
            import json

            try:
                with open(path, encoding="utf-8") as file:
                    entries = json.load(file)["Modules"]
                session.installed = {str(entry["Key"]): str(entry["Dir"]) for entry in entries}
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                session.fail("this list of installed modules cannot be read; run terraform init again", Span(path, 1))
    return session.installed


def _inside(path: str, source: str, session: Session) -> Located:
    directory = os.path.realpath(path)
    boundary = session.options.boundary
    if directory != boundary and not directory.startswith(boundary.rstrip(os.sep) + os.sep):
        return Located(None, source, "it lies outside the scanned repository")
    if not os.path.isdir(directory):
        return Located(None, source, "there is no such directory")
    return Located(directory, source)


def _evaluated_source(block: Block, session: Session) -> str | None:
    # Since OpenTofu 1.8 a source may use variables; here only what needs none can be told.
    attribute = block.body.attributes.get("source")
    if attribute is None:
        return None

    def nothing(name: str, span: object) -> object:
        raise EvalError(f"{name} in a module source")

    try:
        value = evaluate(attribute.expr, Scope(session, nothing, {}))  # type: ignore[arg-type]
    except EvalError:
        return None
    return value if isinstance(value, str) else None
