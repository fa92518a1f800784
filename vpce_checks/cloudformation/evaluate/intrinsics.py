"""Intrinsic functions over what static reading can know.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from vpce_checks.base.defects import defect
from vpce_checks.cloudformation.evaluate import pseudo
from vpce_checks.cloudformation.evaluate.choices import Interrupted
from vpce_checks.cloudformation.evaluate.stack import CONDITION, DISPLAY, MAX_FORKED_VALUES, NO_VALUE, PROPERTY, Stack
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, Mapping, Node, Scalar, Sequence, entry, text_of
from vpce_checks.cloudformation.template.template import STACK_TYPES, ResourceDeclaration
from vpce_checks.model.spans import Span
from vpce_checks.model.values import (
    Cause,
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Reference,
    Unknown,
    Value,
    choose,
    is_known,
    join_strings,
    merge_causes,
    pattern,
    unknown,
    weight,
)

MAX_DEPTH = 130
"""How deep evaluation may nest: a template's own depth and the parameters of nested stacks together."""

MAX_TEXT = 100_000
"""The longest string, and the most items of a list, that an expression may make."""

CLOSED_TYPES = frozenset(
    {
        "AWS::CloudFormation::CustomResource",
        "AWS::CloudFormation::StackSet",
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
    }
)
"""Types of AWS's own that may create anything."""

_VARIABLE = re.compile(r"\$\{([^}]{0,500})\}")
"""A name in the text of ``Fn::Sub``, which is shorter than that. A bound, so that a text of ``${`` takes no long."""

_FRAMEWORK_VARIABLE = re.compile(
    r"\$\{(?:self|opt|sls|env|file|param|aws|cf|ssm|s3|custom|git|terraform)[:(][^{}]*(?:\{[^{}]*\}[^{}]*)*\}"
)
_BRACES = re.compile(r"(\{\{|\}\})")
_MARKUP = re.compile(r"\{%|<%|%%\w+%%")
"""What template engines and build scripts put something in for, beside ``{{ ... }}``."""


def evaluate(stack: Stack, node: Node, mode: str = PROPERTY) -> Value:
    """What ``node`` is worth in ``stack``; NO_VALUE where it is as if absent."""
    world = stack.world
    world.step()
    if isinstance(node, Scalar) and not (isinstance(node.value, str) and ("{" in node.value or "%" in node.value)):
        return node.value
    if world.depth >= MAX_DEPTH:
        return unknown("the expression is nested too deeply", stack.span(node))
    world.depth += 1
    try:
        if isinstance(node, Scalar):
            text = _framework_text(stack, node) if "${" in node.text else node.text
            return filled_in(stack, text, stack.span(node), mode)
        if isinstance(node, Sequence):
            return _list(stack, node.items, mode)
        if len(node.entries) == 1:
            ((name, argument),) = node.entries.items()
            function = _FUNCTIONS.get(name)
            if function is not None:
                return function(stack, argument, mode)
            if name.startswith("!") or (name.startswith("Fn::") and not name.startswith("Fn::ForEach")):
                return unknown(f"{name} is no function that is known here", stack.span(node))
        return _map(stack, node, mode)
    except (Interrupted, RecursionError, MemoryError):
        raise
    except Exception as error:
        stack.fault(f"this cannot be evaluated: {defect(error)}", node, is_defect=True)
        return unknown("it cannot be evaluated", stack.span(node))
    finally:
        world.depth -= 1


def _framework_text(stack: Stack, node: Scalar) -> Value:
    """A string in a Serverless Framework file, whose own variables are filled in before CloudFormation sees it."""
    parts: list[Value] = []
    at = 0
    for match in _FRAMEWORK_VARIABLE.finditer(node.text):
        parts += [
            node.text[at : match.start()],
            unknown(f"{match[0]} is filled in by the Serverless Framework", stack.span(node)),
        ]
        at = match.end()
    return join_strings([*parts, node.text[at:]])


def filled_in(stack: Stack, value: Value, span: Span, mode: str) -> Value:
    """``value`` with references in the place of what is filled in: at deployment (``{{resolve:ssm:/net/vpc}}``), or
    before by a template engine (``{{ vpc }}``). Neither can be something that the template creates.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
    """
    parts = value.parts if isinstance(value, PartialString) else (value,) if isinstance(value, str) else ()
    if not any(isinstance(part, str) and ("{{" in part or _MARKUP.search(part)) for part in parts):
        return value
    label = stack.world.shown(pattern(value) or "*")
    if any(isinstance(part, str) and _MARKUP.search(part) for part in parts):
        return Reference(label, (), "parameter", (Cause(f"{label} is filled in before deployment", span),))
    found: list[Value] = []
    inside: list[Value] | None = None
    for part in parts:
        if not isinstance(part, str):
            (found if inside is None else inside).append(part)
            continue
        for piece in _BRACES.split(part):
            if piece == "{{" and inside is None:
                inside = []
            elif piece == "}}" and inside is not None:
                found.append(_looked_up(stack, inside or [""], span, mode))
                inside = None
            else:
                (found if inside is None else inside).append(piece)
    return value if inside is not None else join_strings(found)


def _looked_up(stack: Stack, inside: list[Value], span: Span, mode: str) -> Value:
    """What stands between ``{{`` and ``}}``."""
    label = "{{" + stack.world.shown(pattern(join_strings(inside)) or "") + "}}"
    first = inside[0]
    if not isinstance(first, str) or not first.lstrip().startswith("resolve:"):
        return Reference(label, (), "parameter", (Cause(f"{label} is filled in before deployment", span),))
    if first.lstrip().startswith("resolve:ssm:"):
        inside = [first.lstrip().removeprefix("resolve:ssm:"), *inside[1:]]
        if isinstance(inside[-1], str):
            inside[-1] = _without_version(inside[-1])
        stored = stack.looked_up(join_strings(inside), mode)
        if stored is not None:
            return text(stored, span)
    return Reference(label, (), "parameter", (Cause(f"{label} is looked up at deployment", span),))


def _without_version(name: str) -> str:
    """The name of a stored parameter without the version after it (``/net/vpc:3``)."""
    name = name.rstrip()
    before, colon, version = name.rpartition(":")
    return before if colon and version.isdecimal() else name


def _list(stack: Stack, items: list[Node], mode: str) -> Value:
    found: list[Value] = []
    maybe: dict[int, Opaque] = {}
    for item in items:
        value = evaluate(stack, item, mode)
        if value == NO_VALUE:
            continue
        if isinstance(value, Unknown) and NO_VALUE in value.one_of:
            maybe[len(found)] = Unknown(value.causes, "bool")
            value = _present(value)
        found.append(value)
    return ListValue(tuple(found), "list", maybe)


def _present(value: Unknown) -> Value:
    """``value`` if it is there at all."""
    return choose([member for member in value.one_of if member != NO_VALUE], value.causes)


def _map(stack: Stack, node: Mapping, mode: str) -> Value:
    items: dict[str, Value] = {}
    maybe: dict[str, Opaque] = {}
    rest: Opaque | None = None
    for key, (_, child) in stack.entries(node).items():
        if key.startswith("Fn::"):
            rest = unknown(f"{key} may add entries", stack.span(child))
            continue
        value = evaluate(stack, child, mode)
        if value == NO_VALUE:
            continue
        if isinstance(value, Unknown) and NO_VALUE in value.one_of:
            maybe[key] = Unknown(value.causes, "bool")
            value = _present(value)
        items[key] = value
    return MapValue(items, "map", maybe, rest)


# -- names ----------------------------------------------------------------------------------------------------


def _ref(stack: Stack, node: Node, mode: str) -> Value:
    name = text_of(node)
    if name is None:
        return _malformed(stack, "Ref", node)
    return named(stack, name, node, mode)


def named(stack: Stack, name: str, node: Node, mode: str) -> Value:
    """What ``Ref: name``, written at ``node``, is worth."""
    if name.startswith("AWS::"):
        return pseudo.pseudo_parameter(stack, name, node, mode)
    if name in stack.template.parameters:
        return stack.parameter(name, mode)
    resource = stack.resources().get(name)
    if resource is not None:
        if mode != DISPLAY:
            stack.require(resource)
        if is_closed(resource):
            return Reference(stack.prefix + name, (), "module", _closed_causes(resource))
        return Reference(
            stack.prefix + name, (), "resource", (Cause(f"{name} is created at deployment", resource.span),)
        )
    if stack.hidden:
        hidden, span, reason = stack.hidden[0]
        return unknown(f"{name} may be declared by {hidden}: {reason}", span)
    if _inside_module(stack, name):
        return Reference(stack.prefix + name, (), "module", (Cause(f"{name} is inside a module", stack.span(node)),))
    if stack.template.is_service or stack.template.is_fragment:
        return unknown(f"{name} is made by the Serverless Framework", stack.span(node))
    stack.warn(f"there is nothing called {name}", node)
    return unknown(f"there is nothing called {name}", stack.span(node))


def _inside_module(stack: Stack, name: str) -> bool:
    """Whether ``name`` is that of a resource inside a module: ``Module.Resource``, or ``ModuleResource``."""
    resources = stack.resources()
    modules = [id for id, resource in resources.items() if is_closed(resource)]
    modules += (stack.template.section("Modules") or EMPTY_MAPPING).entries
    return name.split(".")[0] in resources or any(map(name.startswith, modules))


def is_closed(resource: ResourceDeclaration) -> bool:
    """Whether a resource is of a kind that may create anything: a custom resource, a module, a foreign type, stacks
    whose templates are elsewhere."""
    type = resource.type
    return (
        type.startswith("Custom::")
        or type in CLOSED_TYPES
        or type.endswith("::MODULE")
        or not type.startswith(("AWS::", "Alexa::"))
    )


def _closed_causes(resource: ResourceDeclaration) -> tuple[Cause, ...]:
    return (Cause(f"what {resource.id} ({resource.type}) gives back cannot be told", resource.span),)


def _get_att(stack: Stack, node: Node, mode: str) -> Value:
    if isinstance(node, Sequence) and len(node.items) == 2:
        name, attribute = text_of(node.items[0]), evaluate(stack, node.items[1], mode)
    else:
        name, _, attribute = (text_of(node) or "").partition(".")
    if isinstance(node, Sequence) and name is None and node.items:
        evaluated = evaluate(stack, node.items[0], mode)
        name = evaluated if isinstance(evaluated, str) else None
    if not name or not isinstance(attribute, str):
        return _malformed(stack, "Fn::GetAtt", node)
    return attribute_of(stack, name, attribute, node, mode)


def attribute_of(stack: Stack, name: str, attribute: str, node: Node, mode: str) -> Value:
    """What ``Fn::GetAtt: [name, attribute]``, written at ``node``, is worth."""
    resource = stack.resources().get(name)
    if resource is None:
        return (
            named(stack, name, node, mode)
            if stack.hidden or name in stack.template.parameters or _inside_module(stack, name)
            else _no_resource(stack, name, node)
        )
    if mode != DISPLAY:
        stack.require(resource)
    if resource.type in STACK_TYPES:
        return _output(stack, resource, attribute, node, mode)
    if is_closed(resource):
        return Reference(stack.prefix + name, (attribute,), "module", _closed_causes(resource))
    if attribute == "VpcId" and resource.type in (
        "AWS::EC2::Subnet",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::RouteTable",
    ):
        properties = resource.properties
        vpc = properties.entries.get("VpcId") if isinstance(properties, Mapping) else None
        if vpc is not None:
            return evaluate(stack, vpc, mode)
    causes = (Cause(f"{name}.{stack.world.shown(attribute)} is known after deployment", resource.span),)
    return Reference(stack.prefix + name, (attribute,), "resource", causes)


def _no_resource(stack: Stack, name: str, node: Node) -> Value:
    if stack.template.is_service or stack.template.is_fragment:
        return unknown(f"{name} is made by the Serverless Framework", stack.span(node))
    stack.warn(f"there is no resource {name}", node)
    return unknown(f"there is no resource {name}", stack.span(node))


def _output(stack: Stack, resource: ResourceDeclaration, attribute: str, node: Node, mode: str) -> Value:
    """An output of a nested stack."""
    child = stack.child(resource)
    if child is None:
        text = f"{resource.id}.{attribute} is an output of a template that cannot be read"
        return Reference(stack.prefix + resource.id, (attribute,), "module", (Cause(text, resource.span),))
    name = attribute.removeprefix("Outputs.")
    section = child.template.section("Outputs")
    found = child.entries(section).get(name) if section is not None else None
    value = found[1].entries.get("Value") if found is not None and isinstance(found[1], Mapping) else None
    if value is None:
        if child.template.macros:
            return unknown(f"{name} may be made by a macro in {child.template.path}", stack.span(node))
        stack.warn(f"the stack {resource.id} has no output {name}", node)
        return unknown(f"the stack {resource.id} has no output {name}", stack.span(node))
    return evaluate(child, value, mode)


def _import_value(stack: Stack, node: Node, mode: str) -> Value:
    name = evaluate(stack, node, DISPLAY if mode == DISPLAY else PROPERTY)
    return stack.imported(name, node, mode)


# -- strings and lists ----------------------------------------------------------------------------------------


def text(value: Value, span: Span | None = None) -> Value:
    """``value`` as a string: CloudFormation turns booleans and numbers into their text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    if value is None:
        return ""
    if isinstance(value, Unknown) and value.one_of:
        return choose([text(member, span) for member in value.one_of], value.causes)
    if isinstance(value, (ListValue, MapValue)):
        return Unknown(
            (Cause("a collection stands where a string is needed", span), *merge_causes([value]))[:4], "string"
        )
    return value


def _joined(stack: Stack, parts: list[Value], node: Node, mode: str) -> Value:
    texts = [text(part, stack.span(node)) for part in parts]
    if (
        sum(
            len(part)
            for item in texts
            for part in (item.parts if isinstance(item, PartialString) else [item])
            if isinstance(part, str)
        )
        > MAX_TEXT
    ):
        return unknown(f"longer than {MAX_TEXT} characters", stack.span(node))
    return filled_in(stack, join_strings(texts), stack.span(node), mode)


def _join(stack: Stack, node: Node, mode: str) -> Value:
    arguments = _arguments(stack, node, mode, 2)
    if arguments is None:
        return _malformed(stack, "Fn::Join", node)
    separator, items = arguments
    if isinstance(items, Reference):  # all of a list that is not known here
        return (
            items if separator == "," else _derived(items, f"joined by {stack.world.shown(repr(separator))}", "string")
        )
    if isinstance(items, (str, PartialString)):
        return items
    if not isinstance(items, ListValue) or not items.exact or not isinstance(separator, str):
        return Unknown(
            merge_causes([separator, items]) or (Cause("its items are not known", stack.span(node)),), "string"
        )
    parts: list[Value] = []
    for item in items.items:
        if isinstance(item, ListValue):
            item = Unknown(merge_causes([item]) or (Cause("a list stands in a list", stack.span(node)),))
        if parts and separator:
            parts.append(separator)
        parts.append(item)
    return _joined(stack, parts, node, mode)


def _derived(reference: Reference, step: str | int, type: str | None = None) -> Reference:
    """What a function makes of a value that has an identity has an identity as well."""
    return Reference(reference.address, (*reference.path, step), reference.kind, reference.causes, type)


def _split(stack: Stack, node: Node, mode: str) -> Value:
    arguments = _arguments(stack, node, mode, 2)
    if arguments is None:
        return _malformed(stack, "Fn::Split", node)
    separator, value = arguments
    if not isinstance(separator, str) or not separator:
        return Unknown(merge_causes([separator]) or (Cause("its separator is not known", stack.span(node)),), "list")
    return split(text(value, stack.span(node)), separator, trimmed=False, shown=stack.world.shown(repr(separator)))


def split(value: Value, separator: str, trimmed: bool = True, shown: str = "") -> Value:
    """The list that a string with separators is. What is made by AWS (an id, a name) holds no comma. ``shown`` is what
    reports show of the separator."""
    if isinstance(value, ListValue):
        return value
    if isinstance(value, (bool, int, Decimal)) or value is None:
        value = text(value)
    if isinstance(value, str):
        parts = value.split(separator)
        if len(parts) > MAX_TEXT:
            return unknown(f"more than {MAX_TEXT} items")
        return ListValue(tuple(part.strip() for part in parts) if trimmed else tuple(parts), "list")
    if isinstance(value, Reference):
        if separator == "," and value.kind == "resource" and value.type != "list":
            return ListValue((value,), "list")
        return value if separator == "," else _derived(value, f"split at {shown}", "list")
    if isinstance(value, PartialString):
        return _split_parts(value, separator)
    if isinstance(value, Unknown) and value.one_of:
        return choose([split(member, separator, trimmed, shown) for member in value.one_of], value.causes)
    return Unknown(merge_causes([value]), "list")


def _split_parts(value: PartialString, separator: str) -> Value:
    items: list[list[str | Opaque]] = [[]]
    for part in value.parts:
        if isinstance(part, str):
            first, *others = part.split(separator)
            items[-1].append(first)
            items += [[other] for other in others]
        elif (separator == "," and isinstance(part, Reference) and part.type != "list") or (
            isinstance(part, Unknown)
            and part.one_of
            and all(isinstance(m, str) and separator not in m for m in part.one_of)
        ):
            items[-1].append(part)
        elif len(items) == 1 and not any(items[0]):
            return Unknown(part.causes, "list")
        else:  # where the unknown part ends cannot be told, nor what follows it
            items.pop()
            return ListValue(tuple(join_strings(item) for item in items), "list", rest=Unknown(value.causes))
    return ListValue(tuple(join_strings(item) for item in items), "list")


def _select(stack: Stack, node: Node, mode: str) -> Value:
    arguments = _arguments(stack, node, mode, 2)
    if arguments is None:
        return _malformed(stack, "Fn::Select", node)
    index, items = arguments
    index = text(index)
    number = int(index) if isinstance(index, str) and index.isascii() and index.isdigit() and len(index) < 6 else None
    if isinstance(items, Reference) and number is not None:
        return _derived(items, number)
    if isinstance(items, ListValue) and number is not None:
        if number < len(items.items) and not any(position <= number for position in items.maybe):
            return items.items[number]
        if items.exact:
            return unknown(f"there is no item {number} in a list of {len(items.items)}", stack.span(node))
    if isinstance(items, ListValue) and items.exact and isinstance(index, Opaque):
        return choose(items.items, merge_causes([index]))
    if isinstance(items, Unknown) and items.one_of and number is not None:
        picked = [
            m.items[number] for m in items.one_of if isinstance(m, ListValue) and m.exact and number < len(m.items)
        ]
        if len(picked) == len(items.one_of):
            return choose(picked, items.causes)
    causes = merge_causes([index, items]) or (Cause("which item is meant cannot be told", stack.span(node)),)
    return Unknown(causes)


def _sub(stack: Stack, node: Node, mode: str) -> Value:
    template, variables = node, None
    if isinstance(node, Sequence):
        if len(node.items) != 2 or not isinstance(node.items[1], Mapping):
            return _malformed(stack, "Fn::Sub", node)
        template, variables = node.items[0], node.items[1]
    written = text_of(template)
    if written is None:
        if isinstance(template, Scalar):
            return ""
        return _malformed(stack, "Fn::Sub", node)
    parts: list[Value] = []
    values: dict[str, Value] = {}
    at = 0
    for match in _VARIABLE.finditer(written):
        parts.append(written[at : match.start()])
        at = match.end()
        name = match[1].strip()
        if match[1].startswith("!"):
            parts.append("${" + match[1][1:] + "}")
        elif variables is not None and name in variables.entries:
            if name not in values:
                values[name] = evaluate(stack, variables.entries[name], mode)
            parts.append(values[name])
        elif _FRAMEWORK_VARIABLE.fullmatch(match[0]) is not None:
            parts.append(unknown(f"{match[0]} is filled in by the Serverless Framework", stack.span(node)))
        elif "." in name and name not in stack.template.parameters:
            owner, _, attribute = name.partition(".")
            parts.append(attribute_of(stack, owner, attribute, template, mode))
        else:
            parts.append(named(stack, name, template, mode))
    parts.append(written[at:])
    return _joined(stack, parts, node, mode)


def _base64(stack: Stack, node: Node, mode: str) -> Value:
    from base64 import b64encode

    value = text(evaluate(stack, node, mode), stack.span(node))
    return b64encode(value.encode()).decode() if isinstance(value, str) else Unknown(merge_causes([value]), "string")


def _cidr(stack: Stack, node: Node, mode: str) -> Value:
    from ipaddress import ip_network
    from itertools import islice

    values = evaluate(stack, node, mode)
    items = values.items if isinstance(values, ListValue) and values.exact else ()
    if len(items) not in (2, 3):
        return _malformed(stack, "Fn::Cidr", node)
    texts = [text(item) for item in items]
    if not all(isinstance(item, str) for item in texts):
        return Unknown(merge_causes(texts), "list")
    try:
        network = ip_network(str(texts[0]), strict=False)
        count, bits = int(str(texts[1])), int(str(texts[2])) if len(texts) == 3 else 8
        if not 1 <= count <= 256:
            raise ValueError
        blocks = islice(network.subnets(new_prefix=network.max_prefixlen - bits), count)
        return ListValue(tuple(str(block) for block in blocks), "list")
    except ValueError:
        return unknown("Fn::Cidr cannot divide the block so", stack.span(node))


def _get_azs(stack: Stack, node: Node, mode: str) -> Value:
    region = evaluate(stack, node, mode)
    if region in ("", None):
        region = pseudo.pseudo_parameter(stack, "AWS::Region", node, DISPLAY)
    causes = (Cause("the availability zones are known at deployment", stack.span(node)),)
    if isinstance(region, Reference):
        return Reference(region.address, (*region.path, "zones"), region.kind, causes, "list")
    if isinstance(region, str):
        return Reference(region, ("zones",), "parameter", causes, "list")
    return Unknown(causes, "list")


def _length(stack: Stack, node: Node, mode: str) -> Value:
    value = evaluate(stack, node, mode)
    if isinstance(value, ListValue) and value.exact:
        return len(value.items)
    if isinstance(value, Reference):
        return _derived(value, "length", "number")
    return Unknown(merge_causes([value]) or (Cause("its length is not known", stack.span(node)),), "number")


def _to_json_string(stack: Stack, node: Node, mode: str) -> Value:
    import json

    value = evaluate(stack, node, mode)
    if not is_known(value) or weight(value) > MAX_TEXT:
        return Unknown(merge_causes([value]) or (Cause("too large", stack.span(node)),), "string")
    return json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False)


def _plain(value: Value) -> object:
    if isinstance(value, ListValue):
        return [_plain(item) for item in value.items]
    if isinstance(value, MapValue):
        return {key: _plain(item) for key, item in value.items.items()}
    return float(value) if isinstance(value, Decimal) else value


# -- choices --------------------------------------------------------------------------------------------------


def _if(stack: Stack, node: Node, mode: str) -> Value:
    if not isinstance(node, Sequence) or len(node.items) != 3:
        return _malformed(stack, "Fn::If", node)
    condition, yes, no = node.items
    name = text_of(condition)
    if name is None:
        from vpce_checks.cloudformation.evaluate.conditions import truth

        holds = truth(stack, condition)
    else:
        holds = stack.condition(name, condition)
    if holds is True:
        return evaluate(stack, yes, mode)
    if holds is False:
        return evaluate(stack, no, mode)
    return choose([evaluate(stack, yes, mode), evaluate(stack, no, mode)], holds.causes)


def _find_in_map(stack: Stack, node: Node, mode: str) -> Value:
    items = node.items if isinstance(node, Sequence) else []
    if len(items) not in (3, 4):
        return _malformed(stack, "Fn::FindInMap", node)
    default: Value = NO_VALUE
    has_default = len(items) == 4 and isinstance(items[3], Mapping) and "DefaultValue" in items[3].entries
    if has_default:
        assert isinstance(items[3], Mapping)
        default = evaluate(stack, items[3].entries["DefaultValue"], mode)
    name = text(evaluate(stack, items[0], mode))
    if not isinstance(name, str):
        return Unknown(merge_causes([name]) or (Cause("which mapping is meant cannot be told", stack.span(node)),))
    mappings = stack.entries(stack.template.section("Mappings") or EMPTY_MAPPING)
    shown = stack.world.shown(name)
    if name not in mappings:
        if included := mappings.get("Fn::Transform"):
            return _transform(stack, included[1], mode)
        if has_default:
            return default
        stack.warn(f"there is no mapping {shown}", node)
        return unknown(f"there is no mapping {shown}", stack.span(node))
    found: list[Node] = []
    level = [mappings[name][1]]
    causes: tuple[Cause, ...] = ()
    missing = False
    for key_node in items[1:3]:
        tables = [table for table in level if isinstance(table, Mapping)]
        written = key_node.text if isinstance(key_node, Scalar) else evaluate(stack, key_node, mode)
        key = _map_key(stack, written, tables, mode, has_default)
        if isinstance(key, str):
            found = [table.entries[key] for table in tables if key in table.entries]
            missing = missing or len(found) < len(tables) or not tables
        else:
            causes = (*causes, *merge_causes([key]))
            members = _members(stack, key, tables, items[2] if key_node is items[1] and not has_default else None, mode)
            found = [child for table in tables for k, child in table.entries.items() if members is None or k in members]
            missing = missing or has_default
        level = found
    values = [evaluate(stack, child, mode) for child in level]
    if has_default and missing:
        values.append(default)
    if not values:
        return unknown(f"the mapping {shown} has no such entry", stack.span(node))
    if not causes:
        return values[0]
    return choose(values[:MAX_TEXT], causes)


def _members(stack: Stack, key: Value, tables: list[Mapping], second: Node | None, mode: str) -> set[str] | None:
    """The keys that ``key`` can be; None: any. A condition forks into those under which the same stands."""
    if isinstance(key, Unknown) and key.one_of:
        return {member for member in key.one_of if isinstance(member, str)}
    choice = stack.world.choices.known(key.address) if isinstance(key, Reference) and not key.path else None
    if choice is None:
        return None
    name = text_of(second)
    if mode == CONDITION and name is not None and len(tables) == 1:
        groups: dict[str | None, list[str]] = {}
        for candidate, table in tables[0].entries.items():
            groups.setdefault(text_of(entry(table, name)), []).append(candidate)
        if None not in groups and len(groups) <= MAX_FORKED_VALUES:
            stack.world.choices.split(choice, tuple(map(tuple, groups.values())))
    left = stack.world.choices.left(choice)
    return set(left) if left is not None else None


def _map_key(stack: Stack, key: Value, tables: list[Mapping], mode: str, has_default: bool) -> Value:
    """A key to look up. One that is chosen at deployment forks, as long as the values are few."""
    key = text(key)
    if not isinstance(key, Reference) or key.path or mode == DISPLAY:
        return key
    choice = stack.world.choices.known(key.address)
    if choice is None:
        return key
    left = stack.world.choices.left(choice)
    if left is None and has_default:
        return key
    candidates = tuple(dict.fromkeys(name for table in tables for name in table.entries))
    if mode == CONDITION and 0 < len(left if left is not None else candidates) <= MAX_FORKED_VALUES:
        picked = stack.world.choices.pick(choice, candidates)
        return key if picked is None else picked
    return key


def _transform(stack: Stack, node: Node, mode: str) -> Value:
    return unknown("Fn::Transform puts in what is elsewhere", stack.span(node))


def _condition_value(stack: Stack, node: Node, mode: str) -> Value:
    """``{Condition: Name}`` outside of a condition is an ordinary mapping, as in an IAM policy."""
    return MapValue({"Condition": evaluate(stack, node, mode)}, "map")


def _truth_value(name: str) -> Callable[[Stack, Node, str], Value]:
    def function(stack: Stack, node: Node, mode: str) -> Value:
        from vpce_checks.cloudformation.evaluate.conditions import truth

        return truth(stack, Mapping({name: node}, {name: node.start}, node.start, node.end))

    return function


def _arguments(stack: Stack, node: Node, mode: str, count: int) -> tuple[Value, ...] | None:
    if not isinstance(node, Sequence) or len(node.items) != count:
        return None
    return tuple(evaluate(stack, item, mode) for item in node.items)


def _malformed(stack: Stack, name: str, node: Node) -> Value:
    stack.warn(f"{name} cannot be used like this", node)
    return unknown(f"{name} cannot be used like this", stack.span(node))


_FUNCTIONS: dict[str, Callable[[Stack, Node, str], Value]] = {
    "Ref": _ref,
    "Condition": _condition_value,
    "Fn::GetAtt": _get_att,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::Sub": _sub,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::GetAZs": _get_azs,
    "Fn::Length": _length,
    "Fn::ToJsonString": _to_json_string,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::Transform": _transform,
    "Fn::And": _truth_value("Fn::And"),
    "Fn::Or": _truth_value("Fn::Or"),
    "Fn::Not": _truth_value("Fn::Not"),
    "Fn::Equals": _truth_value("Fn::Equals"),
}
