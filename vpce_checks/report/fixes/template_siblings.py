"""A gateway endpoint of the same VPC in a template: a new one may be in the same route tables, and may stand beside it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

from vpce_checks.cloudformation.template.loader import parse
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, Mapping, Node, Scalar, entry
from vpce_checks.model.addresses import leaf
from vpce_checks.model.network import Declaration, Network
from vpce_checks.project.networks import look_up_code
from vpce_checks.report.fixes.edits.edit import RefusedError
from vpce_checks.report.fixes.edits.template_edits import resources_in
from vpce_checks.report.text.frame import text_of


def written_properties(
    declared: Declaration, names: Sequence[str], networks: Sequence[Network]
) -> dict[str, Any] | None:
    """Return properties of a resource as its template writes them; None if it does not write one of them itself."""
    file = declared.span.file
    resources = look_up_code(networks, f"resources in {file}", lambda _: _resources(file))
    found = {name: entry(resources, leaf(declared.address), "Properties", name) for name in names}
    given = {name: _plain(node) for name, node in found.items() if node is not None}
    return given if len(given) == len(names) else None


def _resources(file: str) -> Mapping:
    with suppress(RefusedError):
        return resources_in(parse(text_of(file).encode("utf-8"), file))
    return EMPTY_MAPPING


def _plain(node: Node) -> Any:
    """Return a node as JSON has it."""
    if isinstance(node, Scalar):
        return node.text if isinstance(node.value, Decimal) else node.value
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.entries.items()}
    return [_plain(item) for item in node.items]
