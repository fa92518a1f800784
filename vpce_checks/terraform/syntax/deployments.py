"""The deployment files of a stack.

https://developer.hashicorp.com/terraform/language/stacks/deploy/config
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from vpce_checks.base.record import record
from vpce_checks.files.containment import Places
from vpce_checks.files.tracked import contained
from vpce_checks.model.spans import Diagnostic
from vpce_checks.terraform.syntax.file_names import DEPLOYMENT_SUFFIXES
from vpce_checks.terraform.syntax.hcl import parse_file
from vpce_checks.terraform.syntax.json_syntax import parse_json_blocks
from vpce_checks.terraform.syntax.source_files import read_source, unreadable
from vpce_checks.terraform.syntax.structure import Attribute, Block

_LABELS = {"deployment": 1, "locals": 0}
"""How many labels blocks have, in files that are JSON."""


@record
class Deployments:
    """The ``deployment`` blocks of a stack, and the local values that they may use."""

    blocks: tuple[Block, ...]
    locals: Mapping[str, Attribute]
    diagnostics: tuple[Diagnostic, ...]


@contained
def _deployment_names(directory: str) -> list[str]:
    return sorted(name for name in os.listdir(directory) if name.endswith(DEPLOYMENT_SUFFIXES))


def deployment_files(directory: str, places: Places) -> list[str]:
    """The deployment files of a directory."""
    try:
        return [os.path.join(directory, name) for name in _deployment_names(directory, places)]
    except OSError:
        return []


def load_deployments(directory: str, places: Places) -> Deployments:
    """What the deployment files of a directory say. Never raises: see ``diagnostics``."""
    blocks: list[Block] = []
    locals: dict[str, Attribute] = {}
    diagnostics: list[Diagnostic] = []
    for path in deployment_files(directory, places):
        try:
            data = read_source(path, places)
        except OSError as error:
            diagnostics.append(unreadable(path, error))
            continue
        file = parse_json_blocks(data, path, _LABELS) if path.endswith(".json") else parse_file(data, path)
        diagnostics += file.diagnostics
        for block in file.body.blocks:
            if block.type == "deployment" and len(block.labels) == 1:
                blocks.append(block)
            elif block.type == "locals":
                locals.update(block.body.attributes)
    return Deployments(tuple(blocks), locals, tuple(diagnostics))
