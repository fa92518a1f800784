"""Variables of the Serverless Framework, which it fills in before CloudFormation reads the template.

Those that read an output of another stack (``${cf:net-dev.VpcId}``) or a stored parameter (``${ssm:/net/vpc}``) have the
value of another root. The others are not known, but they are followed in the names in these, and where a value of the
service (``${self:custom.vpcId}``) leads to one of these. The options of the command line, such as the stage, are the same
for all services, so a name that is made of one stays a name.

https://www.serverless.com/framework/docs/guides/variables
https://www.serverless.com/framework/docs/providers/aws/guide/variables
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from vpce_checks.catalog.partitions import is_region
from vpce_checks.cloudformation.evaluate.conversion import split, text
from vpce_checks.cloudformation.evaluate.stack import Stack
from vpce_checks.cloudformation.template.compose import passed_parameter
from vpce_checks.cloudformation.template.nodes import Mapping, Node, Scalar, Sequence, entry, text_of
from vpce_checks.cloudformation.template.service_plugins import SUB_VARIABLE
from vpce_checks.model.spans import Span
from vpce_checks.model.values import (
    Cause,
    Opaque,
    PartialString,
    Reference,
    Unknown,
    Value,
    choose,
    join_strings,
    merge_causes,
    unknown,
)

_INSIDE = r"[^{}]*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}[^{}]*)*"

FRAMEWORK_VARIABLE = re.compile(
    r"\$\{(\{)?(?:(?:cf|ssm|s3)(?:\.[\w-]{1,40})?|self|opt|sls|env|file|param|aws|custom|git|terraform|strToBool)[:(]"
    rf"{_INSIDE}\}}(?(1)\}})"
)
"""A variable, between the usual signs or those that people most often choose: ``${{...}}``."""

_SOURCE = re.compile(
    r"(?P<kind>cf|ssm|self|opt|sls|env|param)(?:\.(?P<old>[\w-]+))?(?:\((?P<given>[^()]*)\))?:(?P<address>.*)", re.S
)
_LITERAL = re.compile(r"(?P<sign>['\"])(?P<text>(?:(?!(?P=sign)).)*)(?P=sign)", re.DOTALL)
_ENDING = re.compile(r"~(true|false|split|raw)$")
_NO_PLACE = ("", "raw", "noDecrypt")
"""What else than a region may stand in the parentheses of a variable."""

_IN_FILE = re.compile(r"file\(([^(){}$]{1,300})\)(?::([\w.-]{1,200}))?")
_LEADS_ON = re.compile(r"(?<!\w)(?:(?:cf|ssm|self|param)[.(:]|file\()")
"""What a variable in a value of the service has in it that may lead to a value of another root."""

MAX_NAME_DEPTH = 8
"""How deep variables may nest or lead to each other, in a name and in the values of a service. It stops circles of names."""

MAX_CHOICES = 12
"""How many values of a service are followed where a variable chooses one of them."""

_OWN_DEFAULTS = {("stage", "dev"), ("region", "us-east-1")}
"""What the framework takes where an option is not given. A service that says the same says nothing."""


class _Source(NamedTuple):
    """What a variable reads: ``kind(given):address``. ``given`` has the region, if it is another one."""

    kind: str
    given: str
    address: str


def framework_text(stack: Stack, written: str, span: Span, mode: str) -> Value:
    """Return a text of a Serverless Framework file with its variables filled in, as far as they are known."""
    parts: list[Value] = []
    at = 0
    for match in FRAMEWORK_VARIABLE.finditer(written):
        parts += [plain_text(stack, written[at : match.start()], span), variable_value(stack, match[0], span, mode)]
        at = match.end()
    parts.append(plain_text(stack, written[at:], span))
    if len(parts) == 3 and parts[0] == parts[2] == "":
        return parts[1]  # it need not be a text
    return join_strings([text(part, span) for part in parts])


def plain_text(stack: Stack, written: str, span: Span) -> Value:
    """Return a text without variables. It may not be known whether a plugin makes something of ``#{...}`` in it."""
    if "#{" not in written or not stack.template.hides_plugins:
        return written
    parts: list[Value] = []
    at = 0
    for match in SUB_VARIABLE.finditer(written):
        parts += [written[at : match.start()], unknown(f"a plugin may replace {match[0]}", span)]
        at = match.end()
    return join_strings([*parts, written[at:]])


def variable_value(stack: Stack, written: str, span: Span, mode: str) -> Value:
    """Return the value of a variable: of another root, or not known."""
    found = _value(stack, _inner(written), span, mode)
    return unknown(f"{written} is filled in by the Serverless Framework", span) if found is None else found


def stack_names(stack: Stack) -> tuple[Value, ...]:
    """Return the names that others may have for the stack of a service: by its stage as the service says it, and as the
    command line may say it.

    https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml
    """
    root = stack.template.service
    given = text_of(entry(root, "provider", "stackName"))
    span = stack.span(stack.template.body)
    if given is not None:
        return (_name(stack, given, span),)
    service = entry(root, "service")
    service = service if isinstance(service, Scalar) else entry(service, "name")
    named = _name(stack, text_of(service) or "", span)
    if not named:
        return ()
    stated = _stated_stage(stack, span)
    fixed = [stated] if isinstance(stated, str) else []
    return tuple(join_strings([named, "-", text(each, span)]) for each in (_stage(stack, span), *fixed))


# -- values of other roots --------------------------------------------------------------------------------------------


def _value(stack: Stack, inner: str, span: Span, mode: str) -> Value | None:
    """Return the value of a variable that leads to other roots. None: it leads to none."""
    alternatives = _alternatives(inner)
    found = [_value_of(stack, each, span, mode) for each in alternatives]
    if all(value is None for value in found):
        return None
    first = found[0]
    if len(found) == 1:
        return first
    if isinstance(first, Reference) and first.kind == "resource" and _is_there(stack, alternatives[0], span):
        return first  # what is there is taken
    others = zip(alternatives, found, strict=True)
    values = [_other(stack, each, span) if value is None else value for each, value in others]
    return choose(values, (Cause(f"${{{inner}}} is filled in by the Serverless Framework", span),))


def _is_there(stack: Stack, alternative: str, span: Span) -> bool:
    """Return whether an alternative that has a value certainly has one: a key of the service that is not known may be none."""
    if alternative.startswith("$"):
        return _is_there(stack, _alternatives(_inner(alternative))[0], span)
    source = _source(alternative)
    return source is None or source.kind != "self" or not _at(stack, source.address, span)[1]


def _other(stack: Stack, alternative: str, span: Span) -> Value:
    literal = _literal(alternative)
    return literal if literal is not None else unknown(f"{alternative} is filled in by the Serverless Framework", span)


def _value_of(stack: Stack, alternative: str, span: Span, mode: str) -> Value | None:
    if alternative.startswith("$"):
        return _value(stack, _inner(alternative), span, mode)
    stack.world.step()
    source = _source(alternative)
    if source is None:
        return _in_file(stack, alternative, span, mode)
    if source.kind == "param":
        return _param(stack, source.address, span, mode)
    if source.kind == "cf":
        return _output(stack, source, span)
    if source.kind == "ssm":
        return _stored(stack, source, span, mode)
    return _own(stack, source, span, mode) if source.kind == "self" else None


def _output(stack: Stack, source: _Source, span: Span) -> Value:
    """Return an output of another stack: ``STACK.OUTPUT``."""
    name, output = _split(_name(stack, source.address, span))
    if output is None:
        return unknown(f"${{cf:{source.address}}} is filled in by the Serverless Framework", span)
    region = _region(stack, source, span)
    label = None if isinstance(name, str) else f"${{cf:{source.address}}}"
    return _output_of(stack, name, output, region, label, span)


def _output_of(
    stack: Stack, name: Value, output: str, region: str | Unknown | None, label: str | None, span: Span
) -> Value:
    from vpce_checks.cloudformation.shared_values import used_output

    arguments: dict[str, Value] = {"StackName": name}
    if region is not None:
        arguments["Region"] = region
    if stack.world.framework_uses is not None:
        stack.world.framework_uses.append(used_output(arguments, span))
        return unknown("it is only asked for", span)
    return _perhaps(stack.output_of(arguments, output, span, label), region)


def _param(stack: Stack, name: str, span: Span, mode: str) -> Value | None:
    """Return a parameter of the service, if it leads to other roots: an output that Compose passes, else what the service says
    for any of its stages. The command line and the dashboard may say something else.

    https://www.serverless.com/framework/docs/guides/parameters
    """
    template, templates = stack.template, stack.world.templates
    passed = passed_parameter(template.path, name, templates)
    other = templates.template(passed.service) if passed is not None else None
    if passed is not None and other is not None and (names := stack_names(Stack(stack.world, other))):
        region = text_of(entry(other.service, "provider", "region"))
        there = region if region is not None and is_region(region) else None
        return _output_of(stack, names[0], passed.output, there, f"${{param:{name}}}", span)
    stages = (entry(template.service, "params"), entry(template.service, "stages"))
    every = [node for each in stages if isinstance(each, Mapping) for node in each.entries.values()]
    found = [node for each in every if (node := entry(each, name) or entry(each, "params", name)) is not None]
    values = _led_to(stack, found[:MAX_CHOICES], span, mode)
    cause = Cause(f"the command line may set the parameter {name}", span)
    return choose([*values, Unknown((cause,))], (cause,)) if values else None


def _in_file(stack: Stack, alternative: str, span: Span, mode: str) -> Value | None:
    """Return a value in a file, ``file(net.yml):vpcId``, if that leads to other roots."""
    match = _IN_FILE.fullmatch(alternative)
    if match is None or len(stack.world.under_way) >= MAX_NAME_DEPTH:
        return None
    path = os.path.normpath(os.path.join(os.path.dirname(stack.template.path), match[1].strip().strip("'\"")))
    node = entry(stack.world.templates.values_in(path), *(match[2] or "").split("."))
    written = text_of(node)
    if node is None or written is None or id(node) in stack.world.under_way or not _leads_on(node):
        return None
    stack.world.under_way.add(id(node))
    try:
        return framework_text(stack, written, span, mode)  # its places are in another file
    finally:
        stack.world.under_way.remove(id(node))


def _region(stack: Stack, source: _Source, span: Span) -> str | Unknown | None:
    """Return the region that a variable names. None: that of the service."""
    found: str | None = None
    for written in _pieces(source.given, ","):
        name = _name(stack, written.strip(), span)
        if isinstance(name, str) and is_region(name):
            found = name
        elif not isinstance(name, str) or name not in _NO_PLACE:
            return unknown(f"it is not known where ${{{source.kind}({source.given}):{source.address}}} reads", span)
    return found


def _perhaps(value: Value, region: str | Unknown | None) -> Value:
    """Return a value that is read in ``region``. Where that is not known, another value may be read."""
    return choose([value, region], region.causes) if isinstance(region, Unknown) else value


def _split(address: Value) -> tuple[Value, str | None]:
    """Return the name of a stack and that of its output, None if that is not known."""
    if isinstance(address, str):
        name, _, output = address.partition(".")
        return name, output or None
    last = address.parts[-1] if isinstance(address, PartialString) else None
    if not isinstance(address, PartialString) or not isinstance(last, str) or "." not in last:
        return address, None
    end, _, output = last.rpartition(".")
    return join_strings([*address.parts[:-1], end]), output or None


def _stored(stack: Stack, source: _Source, span: Span, mode: str) -> Value:
    """Return the value of a stored parameter."""
    from vpce_checks.cloudformation.shared_values import used_parameter

    ending = _ENDING.search(source.address)
    name = _name(stack, _ENDING.sub("", source.address), span)
    region = _region(stack, source, span)
    elsewhere_too: dict[str, Value] = {"region": region} if region is not None else {}
    if stack.world.framework_uses is not None:
        stack.world.framework_uses.append(used_parameter(name, span, elsewhere_too))
        return unknown("it is only asked for", span)
    label = f"${{ssm:{source.address}}}"
    elsewhere = Reference(label, (), "parameter", (Cause(f"{label} is read by the Serverless Framework", span),))
    found = stack.stored_value(name, span, mode, elsewhere, elsewhere_too)
    is_list = ending is not None and ending[1] == "split"
    return _perhaps(split(found, ",") if is_list and found is not elsewhere else found, region)


def _own(stack: Stack, source: _Source, span: Span, mode: str) -> Value | None:
    """Return what the service itself says, if that leads to other roots."""
    nodes, causes = _at(stack, source.address, span)
    values = _led_to(stack, nodes, span, mode)
    return choose(values, causes) if len(values) > 1 else values[0] if values else None


def _led_to(stack: Stack, nodes: list[Node], span: Span, mode: str) -> list[Value]:
    """Return the values of some nodes of the service; none if none of them leads to other roots."""
    from vpce_checks.cloudformation.evaluate.expressions import evaluate

    under_way = stack.world.under_way
    nodes = [node for node in nodes if id(node) not in under_way]
    if not any(map(_leads_on, nodes)):
        return []
    if len(under_way) >= MAX_NAME_DEPTH:
        return [unknown("the variables lead too far", span)]
    values: list[Value] = []
    for node in nodes:
        under_way.add(id(node))
        try:
            values.append(evaluate(stack, node, mode))
        finally:
            under_way.remove(id(node))
    return values


def _leads_on(node: Node) -> bool:
    if isinstance(node, Scalar):
        _, variable, rest = node.text.partition("${")
        return bool(variable) and _LEADS_ON.search(rest) is not None
    return any(map(_leads_on, node.items if isinstance(node, Sequence) else node.entries.values()))


def _at(stack: Stack, address: str, span: Span, depth: int = 0) -> tuple[list[Node], tuple[Cause, ...]]:
    """Return what the service has at an address. Where a part of that is not known, it is all that it may mean, and why; it
    may mean none of that too."""
    nodes: list[Node] = [stack.template.service] if stack.template.service is not None else []
    causes: tuple[Cause, ...] = ()
    for segment in _pieces(address, "."):
        name = _name(stack, segment, span, depth)
        mappings = [node for node in nodes if isinstance(node, Mapping)]
        if any("${" in (text_of(node) or "") for node in nodes):
            causes = (*causes, Cause(f"it is not known what ${{self:{address}}} is", span))
        if isinstance(name, str):
            nodes = [node.entries[name] for node in mappings if name in node.entries]
        else:
            nodes = [child for node in mappings for child in node.entries.values()]
            causes = (*causes, *merge_causes([name]))
        if len(nodes) > MAX_CHOICES:
            return [], causes
    return nodes, causes


# -- names ------------------------------------------------------------------------------------------------------------


def _name(stack: Stack, written: str, span: Span, depth: int = 0) -> Value:
    """Return a name with variables in it."""
    stack.world.step()
    if depth > MAX_NAME_DEPTH:
        return unknown("the variables lead too far", span)
    parts: list[Value] = []
    at = 0
    for match in FRAMEWORK_VARIABLE.finditer(written):
        inner = _inner(match[0])
        parts += [written[at : match.start()], text(_name_of(stack, _alternatives(inner), span, depth + 1), span)]
        at = match.end()
    return join_strings([*parts, written[at:]])


def _name_of(stack: Stack, alternatives: list[str], span: Span, depth: int) -> Value:
    """Return what the first of some alternatives that is there is, as a name."""
    first, rest = (alternatives[0], alternatives[1:]) if alternatives else ("", [])
    literal = _literal(first)
    if literal is not None:
        return literal
    if first.startswith("$"):
        return _name(stack, first, span, depth)
    source = _source(first)
    if source is not None and source.kind in ("opt", "env") and "{" not in source.address:
        default = _name_of(stack, rest, span, depth) if rest else None
        return _given(source.kind, source.address, default, span)
    if source is not None and (source.kind, source.address) == ("sls", "stage"):
        return _stage(stack, span, depth)
    if source is not None and source.kind == "self":
        nodes, causes = _at(stack, source.address, span, depth + 1)
        written = text_of(nodes[0]) if len(nodes) == 1 else None
        if causes and (rest or not nodes):
            return unknown(f"${{{first}}} is filled in by the Serverless Framework", span)
        if written is not None:
            return _name(stack, written, span, depth)
        if not nodes and rest:
            return _name_of(stack, rest, span, depth)
        if not nodes and source.address == "provider.stage":
            return _stage(stack, span, depth)
    return unknown(f"${{{first}}} is filled in by the Serverless Framework", span)


def _stage(stack: Stack, span: Span, depth: int = 0) -> Value:
    """Return the stage of a service: the option of the command line, else what the service says, else ``dev``."""
    return _given("opt", "stage", _stated_stage(stack, span, depth), span)


def _stated_stage(stack: Stack, span: Span, depth: int = 0) -> Value:
    written = text_of(entry(stack.template.service, "provider", "stage"))
    return _name(stack, written, span, depth + 1) if written else "dev"


def _given(kind: str, name: str, default: Value, span: Span) -> Value:
    """Return an option or a variable of the environment, as something that services have in common: it is the same where
    they have the same default."""
    address = f"{kind}:{name}"
    if isinstance(default, Reference) and default.address.partition(",")[0] == address:
        return default
    if isinstance(default, Opaque):
        return unknown(f"${{{address}}} is not known", span)
    if isinstance(default, str) and (name, default) not in _OWN_DEFAULTS:
        address += f", '{default}'"
    return Reference(address, (), "parameter", (Cause(f"${{{address}}} is chosen at deployment", span),))


# -- reading ----------------------------------------------------------------------------------------------------------


def _inner(variable: str) -> str:
    """Return what stands between the signs of a variable."""
    return variable[3:-2] if variable.startswith("${{") and variable.endswith("}}") else variable[2:-1]


def _literal(alternative: str) -> str | None:
    """Return the text of an alternative in quotes. None: it has none."""
    match = _LITERAL.fullmatch(alternative)
    return match["text"] if match is not None else None


def _source(alternative: str) -> _Source | None:
    match = _SOURCE.fullmatch(alternative)
    if match is None:
        return None
    return _Source(match["kind"], match["given"] or match["old"] or "", match["address"].strip())


def _alternatives(inner: str) -> list[str]:
    return [piece.strip() for piece in _pieces(inner, ",")]


def _pieces(written: str, sign: str) -> Iterator[str]:
    """Yield what stands between the signs that are in no braces, brackets or quotes."""
    depth, quote, start = 0, "", 0
    for at, character in enumerate(written):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "({":
            depth += 1
        elif character in ")}":
            depth -= 1
        elif character == sign and depth == 0:
            yield written[start:at]
            start = at + 1
    yield written[start:]
