"""Plugins of the Serverless Framework that change what a service deploys.

https://www.serverless.com/framework/docs/guides/plugins
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vpce_checks.cloudformation.template.nodes import Document, Mapping, Node, Scalar, Sequence, entry, text_of
from vpce_checks.model.template_text import network_types_in

NETWORK_PLUGIN = "serverless-vpc-plugin"
"""The plugin that creates a VPC with endpoints. Its copies have names with a scope.

https://www.serverless.com/plugins/serverless-vpc-plugin
"""

STACKS_PLUGIN = "serverless-plugin-additional-stacks"
"""The plugin that deploys the stacks below ``custom.additionalStacks``, beside that of the service.

https://www.npmjs.com/package/serverless-plugin-additional-stacks
"""

IF_ELSE_PLUGIN = "serverless-plugin-ifelse"
"""The plugin that leaves out and sets what ``custom.serverlessIfElse`` names.

https://www.serverless.com/plugins/serverless-plugin-ifelse
"""

_RESOURCE = re.compile(r"resources(?:\.Resources(?:\.([\w-]+)(?:\.[^\s]{0,200})?)?)?")

_SUB_PLUGIN = re.compile(r"serverless-(?:plugin-)?(?:pseudo-parameters|cloudformation-sub-variables|cf-vars)(?![a-z])")
"""The plugins that make ``Fn::Sub`` of texts with ``#{...}``.

https://www.npmjs.com/package/serverless-pseudo-parameters
https://www.npmjs.com/package/serverless-cloudformation-sub-variables
https://www.npmjs.com/package/serverless-cf-vars
"""

SUB_VARIABLE = re.compile(r"#\{([^{}]{1,500})\}")
_PSEUDO_PARAMETER = re.compile(r"#\{(AWS::[a-zA-Z]+)\}")
_ESCAPED = re.compile(r"#@\{([^{}]{1,500})\}")


def _plugins(service: Node | None) -> list[tuple[str, Node]]:
    """Return the plugins of a service by their names without a scope or a path, each with its node."""
    if entry(service, "provider") is None:
        return []
    plugins = entry(service, "plugins")
    if isinstance(plugins, Mapping):
        plugins = entry(plugins, "modules")
    items = plugins.items if isinstance(plugins, Sequence) else [plugins] if plugins is not None else []
    return [((text_of(item) or "").rpartition("/")[2], item) for item in items]


def hides_plugins(service: Node | None) -> bool:
    """Return whether a variable stands for plugins of a service: any of them may be among these."""
    return any("{" in (text_of(item) or "") for _, item in _plugins(service))


def network_plugins(service: Node | None) -> tuple[tuple[str, str, Node], ...]:
    """Return the plugins of a service that create VPCs or endpoints which are not read: name, what it does, and node."""
    found: list[tuple[str, str, Node]] = []
    for name, item in _plugins(service):
        if name == NETWORK_PLUGIN:
            found.append((text_of(item) or name, "creates a VPC with endpoints", item))
        elif name == STACKS_PLUGIN and _deploys_network(service):
            does = "deploys other stacks (custom.additionalStacks), which are not read"
            found.append((text_of(item) or name, does, item))
    return tuple(found)


def _deploys_network(service: Node | None) -> bool:
    """Return whether a stack beside that of the service has a network, by its types. What is not read may have one."""
    stacks = entry(service, "custom")
    if isinstance(stacks, Mapping):
        stacks = stacks.entries.get("additionalStacks")
    each = stacks.entries.values() if isinstance(stacks, Mapping) else [stacks]
    if any("{" in (text_of(node) or "") for node in each):
        return True
    texts = [text for text, _ in _texts(stacks)] if stacks is not None else []
    return any("file(" in text or network_types_in(text) for text in texts)


def conditional_resources(service: Node | None) -> dict[str, Node]:
    """Return the resources that a plugin leaves out or changes by conditions, each with the node that names it. "": any of them."""
    plugin = next((item for name, item in _plugins(service) if name == IF_ELSE_PLUGIN), None)
    if plugin is None:
        return {}
    conditions = entry(service, "custom", "serverlessIfElse")
    if not isinstance(conditions, Sequence):
        return {"": conditions or plugin}
    filled_in = next(_filled_in(conditions), None)
    found: dict[str, Node] = {"": filled_in} if filled_in is not None else {}
    for text, node in _texts(conditions):
        match = _RESOURCE.fullmatch(text)
        if match is not None:
            found.setdefault(match[1] or "", node)
    return found


def _filled_in(conditions: Sequence) -> Iterator[Node]:
    """Yield the variables in the place of conditions, or of what one of them leaves out or sets."""
    pending: list[Node] = [conditions]
    while pending:
        node = pending.pop()
        if isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Mapping):
            pending += [each for key, each in node.entries.items() if key != "If" and not isinstance(each, Mapping)]
        elif "{" in node.text and node.text.startswith(("$", "resources")):
            yield node


def _texts(top: Node) -> Iterator[tuple[str, Node]]:
    """Yield the texts and the keys in a tree, each with a node where it stands."""
    pending = [top]
    while pending:
        node = pending.pop()
        if isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Mapping):
            pending += node.entries.values()
            yield from ((key, Scalar(key, key, at, at + len(key))) for key, at in node.keys.items())
        else:
            yield node.text, node


def with_sub_variables(document: Document, body: Mapping) -> Mapping:
    """Return ``body`` with ``Fn::Sub`` for each text with ``#{...}``, if the service has a plugin that makes it."""
    if "#{" not in document.text or not any(_SUB_PLUGIN.match(name) for name, _ in _plugins(document.root)):
        return body
    only_pseudo = text_of(entry(document.root, "custom", "pseudoParameters", "allowReferences")) == "false"
    found = _substituted(body, _PSEUDO_PARAMETER if only_pseudo else SUB_VARIABLE, is_sub=False)
    assert isinstance(found, Mapping)
    return found


def _substituted(node: Node, variable: re.Pattern[str], *, is_sub: bool) -> Node:
    """Return ``node`` as the plugin leaves it. ``is_sub``: it is the argument of a ``Fn::Sub`` that is there already."""
    if isinstance(node, Sequence):
        items = [_substituted(item, variable, is_sub=is_sub and number == 0) for number, item in enumerate(node.items)]
        return Sequence(items, node.start, node.end)
    if isinstance(node, Mapping):
        entries = {key: _substituted(each, variable, is_sub=key == "Fn::Sub") for key, each in node.entries.items()}
        return Mapping(entries, node.keys, node.start, node.end)
    if not isinstance(node.value, str) or "#" not in node.text:
        return node
    text, count = variable.subn(r"${\1}", node.text)
    text = _ESCAPED.sub(r"#{\1}", text)
    scalar = Scalar(text, text, node.start, node.end)
    return (
        scalar if is_sub or not count else Mapping({"Fn::Sub": scalar}, {"Fn::Sub": node.start}, node.start, node.end)
    )
