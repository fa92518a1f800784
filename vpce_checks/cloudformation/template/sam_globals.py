"""What the section ``Globals`` of a Serverless template adds to the properties of its resources.

Maps merge and lists add up; of anything else, also of functions, the resource's own value counts.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
"""

from __future__ import annotations

from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, Mapping, Node, Sequence, entry, string_items
from vpce_checks.cloudformation.template.template import ResourceDeclaration, Template

_SERVERLESS = "AWS::Serverless::"


def properties_of(template: Template, resource: ResourceDeclaration) -> Node | None:
    """Return the properties of a resource with those that ``Globals`` sets for every resource of its type."""
    own = resource.properties
    section = template.section("Globals") if resource.type.startswith(_SERVERLESS) else None
    common = entry(section, resource.type.removeprefix(_SERVERLESS))
    if not isinstance(common, Mapping):
        return own
    ignored = string_items(entry(resource.node, "IgnoreGlobals"))
    if "*" in ignored:
        return own
    kept = {name: node for name, node in common.entries.items() if name not in ignored}
    return _merged(Mapping(kept, common.keys, common.start, common.end), own if own is not None else EMPTY_MAPPING)


def _merged(common: Node, own: Node) -> Node:
    if isinstance(common, Sequence) and isinstance(own, Sequence):
        return Sequence([*common.items, *own.items], own.start, own.end)
    if not isinstance(common, Mapping) or not isinstance(own, Mapping) or _is_function(common) or _is_function(own):
        return own
    entries = {**common.entries, **own.entries}
    for name in common.entries.keys() & own.entries.keys():
        entries[name] = _merged(common.entries[name], own.entries[name])
    start, end = (own.start, own.end) if own is not EMPTY_MAPPING else (common.start, common.end)
    return Mapping(entries, {**common.keys, **own.keys}, start, end)


def _is_function(node: Mapping) -> bool:
    name = next(iter(node.entries), "")
    return len(node.entries) == 1 and (name in ("Ref", "Condition") or name.startswith("Fn::"))
