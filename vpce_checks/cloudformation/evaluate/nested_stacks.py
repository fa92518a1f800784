"""Find the local template that a resource nests, and the parameters that it passes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.outcomes import MAX_OUTCOMES
from vpce_checks.cloudformation.evaluate.stack import DISPLAY, PROPERTY, Binding, Stack
from vpce_checks.cloudformation.template.cdk import nested_template
from vpce_checks.cloudformation.template.nodes import Mapping, Node, Scalar, Sequence, entry
from vpce_checks.cloudformation.template.s3_urls import MAX_LENGTH, address_of, addresses_of
from vpce_checks.cloudformation.template.template import STACK_TYPES, ResourceDeclaration, nested_url
from vpce_checks.cloudformation.template.templates import MAX_STACKS_DEEP
from vpce_checks.files import tracked
from vpce_checks.model.network import Call
from vpce_checks.model.sensitive import SENSITIVE
from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.values import PartialString, Unknown, Value, pattern

if TYPE_CHECKING:
    from vpce_checks.cloudformation.template.template import Template


def nested_stack(stack: Stack, resource: ResourceDeclaration) -> Stack | None:
    """Return the stack that ``resource`` nests. If its template cannot be read, return None and note the reason in
    ``stack``."""
    template, reason = _template(stack, resource)
    if template is None:
        stack.unreadable[resource.id] = reason
        return None
    return _nesting(stack, resource, template)


def possible_stacks(stack: Stack, resource: ResourceDeclaration) -> Iterator[Stack]:
    """Yield a stack for each template file that ``resource`` may nest, whatever is chosen. Choices must be frozen."""
    node = entry(resource.properties, STACK_TYPES[resource.type])
    above = {*(call.span.file for call in stack.calls), stack.template.path}
    for path in _possible_files(stack, node):
        template = stack.world.templates.template(path) if path not in above else None
        if template is not None and len(stack.calls) < MAX_STACKS_DEEP:
            yield _nesting(stack, resource, template)


def _possible_files(stack: Stack, node: Node | None) -> list[str]:
    """Return the files of the templates that an expression may mean, as far as its values are known and not sensitive."""
    return list(dict.fromkeys(file for text in _texts_of(stack, node) if (file := _file_at(stack, text)) is not None))


def _texts_of(stack: Stack, node: Node | None) -> list[str]:
    """Return the texts that an expression may be, as far as they are not sensitive."""
    world = stack.world
    outside, world.sensitive = world.sensitive, False
    value = evaluate(stack, node, PROPERTY) if node is not None else None
    sensitive, world.sensitive = world.sensitive, outside
    return _possible_texts(value) if not sensitive else []


def _file_at(stack: Stack, text: str) -> str | None:
    """Return the file of the template at a path or an address, with ``*`` for each part that is not known."""
    if "://" not in text and "*" not in text:
        return _local(stack, text)
    return stack.world.templates.at_address(text, stack.template.path)


def _possible_texts(value: Value) -> list[str]:
    """Return the texts that a value may be, with ``*`` for each part that is not known."""
    parts = value.parts if isinstance(value, PartialString) else (value,)
    found = [""]
    for part in parts:
        options = part.one_of if isinstance(part, Unknown) and len(part.one_of) * len(found) <= MAX_OUTCOMES else ()
        texts = [
            text for each in options or (part,) for text in (_possible_texts(each) if options else [pattern(each)])
        ]
        found = [before + text for before in found for text in texts if text is not None]
    return found


def _local(stack: Stack, url: str) -> str:
    """Return the file at a path in a template."""
    written = os.path.join(os.path.dirname(stack.template.path), url)
    return tracked.place_of(written, stack.world.templates.places) or os.path.normpath(written)


def _nesting(stack: Stack, resource: ResourceDeclaration, template: Template) -> Stack:
    passed = entry(resource.properties, "Parameters")
    nodes = _passed(stack, passed) if passed is not None else {}
    bindings: dict[str, Binding | None] = dict.fromkeys(template.parameters) if nodes is None else {}
    bindings.update((name, Binding(stack, node)) for name, node in (nodes or {}).items())
    return Stack(
        stack.world,
        template,
        f"{stack.prefix}{resource.id}/",
        (*stack.calls, Call(stack.prefix + resource.id, resource.span)),
        bindings,
        nested=True,
        nested_by=(stack, resource),
    )


def _passed(stack: Stack, node: Node) -> dict[str, Node] | None:
    """Return the parameters that a stack passes, by name. Where ``Fn::If`` chooses all of them, it chooses each. None: they
    are not known."""
    if not isinstance(node, Mapping):
        return {}
    choice = node.entries.get("Fn::If") if len(node.entries) == 1 else None
    if isinstance(choice, Sequence) and len(choice.items) == 3:
        branches = [_passed(stack, branch) for branch in choice.items[1:]]
        names = dict.fromkeys(name for branch in branches for name in branch or ())
        place = (node.start, node.end)
        absent = Mapping({"Ref": Scalar("AWS::NoValue", "AWS::NoValue", *place)}, {}, *place)
        found: dict[str, Node] = {}
        for name in names:
            each = [branch.get(name, absent) if branch is not None else absent for branch in branches]
            found[name] = Mapping({"Fn::If": Sequence([choice.items[0], *each], *place)}, node.keys, *place)
        return found if None not in branches else None
    if "Ref" in node.entries and len(node.entries) == 1:
        return {}  # AWS::NoValue
    entries = stack.entries(node)
    return (
        None
        if any(name.startswith("Fn::") for name in entries)
        else {name: each for name, (_, each) in entries.items()}
    )


def _uploaded(stack: Stack, node: Node | None) -> str | None:
    """Return the template of the scan that matches an S3 address. None if there is none, or there are several."""
    template, templates = stack.template, stack.world.templates
    addresses = addresses_of(node, template.defaults, partial(_given, stack))
    found = {templates.at_address(address, template.path) for address in addresses}
    return found.pop() if len(found) == 1 else None


def _meant(stack: Stack, address: Value) -> str | None:
    """Return the template of the scan that an address means which is known, but for parts before the file name."""
    text = pattern(address) if isinstance(address, PartialString) else address
    if not isinstance(text, str) or "://" not in text:
        return None
    return stack.world.templates.at_address(text, stack.template.path)


def _is_choice(stack: Stack, node: Node) -> bool:
    """Return whether the values of parameters choose one of several templates, of which one at least is in the scan."""
    with stack.world.choices.freezing():
        files = [_file_at(stack, text) for text in _texts_of(stack, node)]
    there = {path if path is not None and stack.world.templates.template(path) is not None else None for path in files}
    return len(there) > 1


def _near(stack: Stack, addresses: Iterable[str]) -> str:
    """Return the end of a sentence that says which templates of the scan look like those at ``addresses``."""
    templates = stack.world.templates
    found = dict.fromkeys(templates.near(address, stack.template.path) for address in addresses)
    return "".join(f"; {each}" for each in found if each)


def _given(stack: Stack, name: str) -> str | None:
    """Return what the parent stack passes as the parameter ``name``, with ``*`` for each part that is not literal."""
    given = stack.given.get(name)
    if not stack.nested or given is None:
        return None
    if not isinstance(given, Binding):
        return "*"
    address = address_of(given.node, partial(_given, given.stack)) or "*"
    return address if len(address) <= MAX_LENGTH else "*"


def _template(stack: Stack, resource: ResourceDeclaration) -> tuple[Template | None, str]:
    url: object = nested_url(resource.node)
    world = stack.world
    outside, world.sensitive = world.sensitive, False
    if url is None:
        node = entry(resource.properties, STACK_TYPES[resource.type])
        if node is None:
            return None, "it has no template URL"
        if isinstance(node, Mapping) and "ApplicationId" in node.entries:
            return None, "its template is in the Serverless Application Repository"
        value = evaluate(stack, node, DISPLAY)
        if not isinstance(value, str) and _is_choice(stack, node):
            value = evaluate(stack, node, PROPERTY)
        url = (
            nested_template(stack.template.path, pattern(value) or "")
            or _meant(stack, value)
            or _uploaded(stack, node)
            or value
        )
    elif isinstance(url, str) and "://" in url:
        url = _uploaded(stack, entry(resource.properties, STACK_TYPES[resource.type])) or url
    sensitive, world.sensitive = world.sensitive, outside
    if url == "":
        return None, "it has no template URL"
    if not isinstance(url, str):
        node = entry(resource.properties, STACK_TYPES[resource.type])
        near = (
            _near(stack, addresses_of(node, stack.template.defaults, partial(_given, stack))) if not sensitive else ""
        )
        return None, f"its template URL is unknown before deployment{near}"
    with tracked.path_untold() if sensitive else nullcontext():
        return _template_at(stack, resource, url, SENSITIVE if sensitive else url)


def _template_at(stack: Stack, resource: ResourceDeclaration, url: str, shown: str) -> tuple[Template | None, str]:
    """Return the template at ``url``, or None with a reason. Reports show ``shown`` instead of the URL."""
    if "://" in url:
        near = _near(stack, (url,)) if shown == url else ""
        return None, f"its template is at {shown}{near}" if near else f"its template is not in this repository: {shown}"
    places = stack.world.templates.places
    path = _local(stack, url)
    if len(stack.calls) >= MAX_STACKS_DEEP:
        reason = f"it is nested deeper than {MAX_STACKS_DEEP} stacks"
        message = f"the stack {resource.id} is not read: {reason}"
        stack.world.diagnostics.setdefault(Diagnostic("error", message, resource.span.file, resource.span.line))
        return None, reason
    above = (*(call.span.file for call in stack.calls), stack.template.path)
    if any(path == tracked.place_of(file, places) for file in above):
        stack.error(f"the stack {resource.id} includes itself", resource.node)
        return None, "it includes itself"
    template = stack.world.templates.template(path)
    if template is None:
        document = stack.world.templates.broken(path)
        if document is not None:
            for item in document.diagnostics:
                stack.world.diagnostics.setdefault(item)
            return None, f"{shown} cannot be read as a template"
        if "node_modules" not in url.split("/"):  # it is not a mistake if npm has not installed it yet
            stack.world.missing.add(stack.warn(f"the nested template {shown} is not in this repository", resource.node))
        return None, f"{shown} is not in this repository"
    return template, ""
