"""A module of the repository that stands outside of its root, so that other roots may call it: the fix goes beside the call.

An endpoint in the module would be one too many for a root that has its own.
"""

from __future__ import annotations

import re

from vpce_checks.files.containment import is_within
from vpce_checks.model.network import Call
from vpce_checks.report.fixes.module_code import written
from vpce_checks.terraform.syntax.structure import ModuleSource

_FOR = re.compile(r"\[for (\w+) in ([\w.]+) : \1\.id\]")


def may_be_shared(call: Call, file: str, root: ModuleSource) -> bool:
    """Return whether the module with ``file`` stands outside of ``root``, which calls it by ``call`` and only there."""
    if "[" in call.address or is_within(file, root.directory):
        return False
    sources = {name: block.body.attributes.get("source") for name, block in root.modules.items()}
    texts = {name: written(source) for name, source in sources.items() if source is not None}
    own = texts.get(call.address.removeprefix("module."))
    return bool(own) and list(texts.values()).count(str(own)) == 1


def output_with(code: ModuleSource, expression: str) -> str:
    """Return the name of the output of a module that has the value ``expression``; empty if there is none."""
    wanted = _plain(expression)
    for name, block in code.outputs.items():
        value = block.body.attributes.get("value")
        if value is not None and _plain(written(value)) == wanted:
            return name
    return ""


def _plain(expression: str) -> str:
    """Return an expression as this module compares it: one way to write a list of ids for all of them."""
    text = " ".join(expression.split()).replace(".*.", "[*].")
    return _FOR.sub(r"\2[*].id", re.sub(r"values\(([\w.]+)\)", r"\1", text))
