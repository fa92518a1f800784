"""``Ref``, ``Fn::GetAtt`` and ``Fn::ImportValue``: the values of names."""

from __future__ import annotations

from vpce_checks.cloudformation.evaluate import pseudo
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.functions.arguments import malformed
from vpce_checks.cloudformation.evaluate.stack import DISPLAY, PROPERTY, Stack
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, Mapping, Node, Sequence, text_of
from vpce_checks.cloudformation.template.template import STACK_TYPES, ResourceDeclaration
from vpce_checks.model.values import (
    Cause,
    Reference,
    Value,
    unknown,
)

OPAQUE_TYPES = frozenset(
    {
        "AWS::CloudFormation::CustomResource",
        "AWS::CloudFormation::StackSet",
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
    }
)
"""The AWS types that may create anything."""


def ref(stack: Stack, node: Node, mode: str) -> Value:
    """``Ref``."""
    name = text_of(node)
    if name is None:
        return malformed(stack, "Ref", node)
    return resolve_name(stack, name, node, mode)


def resolve_name(stack: Stack, name: str, node: Node, mode: str) -> Value:
    """Return the value of ``Ref: name``, written at ``node``."""
    if name.startswith("AWS::"):
        return pseudo.pseudo_parameter(stack, name, node, mode)
    if name in stack.template.parameters:
        return stack.parameter(name, mode)
    resource = stack.resources().get(name)
    if resource is not None:
        if mode != DISPLAY:
            stack.require(resource)
        if is_opaque(resource):
            return Reference(stack.prefix + name, (), "module", _opaque_causes(resource))
        return Reference(
            stack.prefix + name, (), "resource", (Cause(f"{name} is created at deployment", resource.span),)
        )
    if stack.opaque_entries:
        source, span, reason = stack.opaque_entries[0]
        return unknown(f"{name} may be declared by {source}: {reason}", span)
    if _inside_module(stack, name):
        return Reference(stack.prefix + name, (), "module", (Cause(f"{name} is inside a module", stack.span(node)),))
    if stack.template.is_service or stack.template.is_fragment:
        return unknown(f"{name} is created by the Serverless Framework", stack.span(node))
    stack.warn(f"the template declares no resource or parameter {name}", node)
    return unknown(f"the template declares no resource or parameter {name}", stack.span(node))


def _inside_module(stack: Stack, name: str) -> bool:
    """Return whether ``name`` is a resource inside of a module: ``Module.Resource``, or ``ModuleResource``."""
    resources = stack.resources()
    modules = [id for id, resource in resources.items() if is_opaque(resource)]
    modules += (stack.template.section("Modules") or EMPTY_MAPPING).entries
    return name.split(".")[0] in resources or any(map(name.startswith, modules))


def is_opaque(resource: ResourceDeclaration) -> bool:
    """Return whether a resource may create anything: a custom resource, a module, a type that is not AWS's, a stack
    set."""
    type = resource.type
    return (
        type.startswith("Custom::")
        or type in OPAQUE_TYPES
        or type.endswith("::MODULE")
        or not type.startswith(("AWS::", "Alexa::"))
    )


def _opaque_causes(resource: ResourceDeclaration) -> tuple[Cause, ...]:
    return (Cause(f"cannot determine what {resource.id} ({resource.type}) returns", resource.span),)


def get_att(stack: Stack, node: Node, mode: str) -> Value:
    """``Fn::GetAtt``, with a list or with ``Name.Attribute``."""
    if isinstance(node, Sequence) and len(node.items) == 2:
        name, attribute = text_of(node.items[0]), evaluate(stack, node.items[1], mode)
    else:
        name, _, attribute = (text_of(node) or "").partition(".")
    if isinstance(node, Sequence) and name is None and node.items:
        evaluated = evaluate(stack, node.items[0], mode)
        name = evaluated if isinstance(evaluated, str) else None
    if not name or not isinstance(attribute, str):
        return malformed(stack, "Fn::GetAtt", node)
    return attribute_of(stack, name, attribute, node, mode)


def attribute_of(stack: Stack, name: str, attribute: str, node: Node, mode: str) -> Value:
    """Return the value of ``Fn::GetAtt: [name, attribute]``, written at ``node``."""
    resource = stack.resources().get(name)
    if resource is None:
        return (
            resolve_name(stack, name, node, mode)
            if stack.opaque_entries or name in stack.template.parameters or _inside_module(stack, name)
            else _no_resource(stack, name, node)
        )
    if mode != DISPLAY:
        stack.require(resource)
    if resource.type in STACK_TYPES:
        return _output(stack, resource, attribute, node, mode)
    if is_opaque(resource):
        return Reference(stack.prefix + name, (attribute,), "module", _opaque_causes(resource))
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
        return unknown(f"{name} is created by the Serverless Framework", stack.span(node))
    stack.warn(f"the template declares no resource {name}", node)
    return unknown(f"the template declares no resource {name}", stack.span(node))


def _output(stack: Stack, resource: ResourceDeclaration, attribute: str, node: Node, mode: str) -> Value:
    """Return an output of a nested stack."""
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
            return unknown(f"{name} may be added by a macro in {child.template.path}", stack.span(node))
        stack.warn(f"the stack {resource.id} has no output {name}", node)
        return unknown(f"the stack {resource.id} has no output {name}", stack.span(node))
    return evaluate(child, value, mode)


def import_value(stack: Stack, node: Node, mode: str) -> Value:
    """``Fn::ImportValue``."""
    name = evaluate(stack, node, DISPLAY if mode == DISPLAY else PROPERTY)
    return stack.imported(name, node, mode)
