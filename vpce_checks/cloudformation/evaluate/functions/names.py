"""``Ref``, ``Fn::GetAtt`` and ``Fn::ImportValue``: the values of names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from vpce_checks.cloudformation.evaluate import pseudo
from vpce_checks.cloudformation.evaluate.conversion import text
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.functions.arguments import either, malformed
from vpce_checks.cloudformation.evaluate.functions.attributes import repeated
from vpce_checks.cloudformation.evaluate.functions.rain import constant_named
from vpce_checks.cloudformation.evaluate.stack import DISPLAY, PROPERTY, Stack
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, RAIN, Mapping, Node, Sequence, entry, text_of
from vpce_checks.cloudformation.template.sam_globals import properties_of
from vpce_checks.cloudformation.template.template import STACK_TYPES, ResourceDeclaration
from vpce_checks.model.values import (
    Cause,
    Reference,
    Unknown,
    Value,
    is_known,
    merge_causes,
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
    """``Ref``. With AWS::LanguageExtensions, a function may make the name."""
    name = text_of(node)
    if name is not None:
        return resolve_name(stack, name, node, mode)
    if not stack.template.has_extensions or not isinstance(node, Mapping):
        return malformed(stack, "Ref", node)
    return _by_name(stack, "Ref", node, mode, lambda name: resolve_name(stack, name, node, mode))


def _by_name(stack: Stack, function: str, node: Node, mode: str, of: Callable[[str], Value]) -> Value:
    """Return what ``of`` returns for the name that ``node`` makes, or for each of the names that it can be."""
    made = text(evaluate(stack, node, mode))
    names = made.one_of if isinstance(made, Unknown) else (made,)
    known = [name for name in names if isinstance(name, str)]
    if known and len(known) == len(names):
        return either([partial(of, name) for name in known], merge_causes([made]))
    causes = merge_causes([made])
    if causes:
        return Unknown(causes)
    return malformed(stack, function, node)


def resolve_name(stack: Stack, name: str, node: Node, mode: str) -> Value:
    """Return the value of ``Ref: name``, written at ``node``."""
    if name.startswith("AWS::"):
        return pseudo.pseudo_parameter(stack, name, node, mode)
    if name.startswith(RAIN):
        return constant_named(stack, name.removeprefix(RAIN), node, mode)
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
        source = stack.opaque_entries[0]
        return unknown(f"{name} may be declared by {source.name}: {source.reason}", source.span)
    if _inside_module(stack, name):
        # The id of a resource of a module is the id of no resource of this template.
        kind = "undeclared" if _of_module_type(stack, name) else "module"
        return Reference(stack.prefix + name, (), kind, (Cause(f"{name} is inside a module", stack.span(node)),))
    if stack.template.is_service or stack.template.is_fragment:
        return unknown(f"{name} is created by the Serverless Framework", stack.span(node))
    if _is_made_role(stack, name):
        return Reference(stack.prefix + name, (), "resource", (Cause(f"{name} is created by SAM", stack.span(node)),))
    stack.warn(f"the template declares no resource or parameter {name}", node)
    return unknown(f"the template declares no resource or parameter {name}", stack.span(node))


def _is_made_role(stack: Stack, name: str) -> bool:
    """Return whether ``name`` is the role that SAM makes for a function, if that has none, or only under a condition.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
    """
    function = stack.resources().get(name.removesuffix("Role"))
    if function is None or not name.endswith("Role") or function.type != "AWS::Serverless::Function":
        return False
    own = entry(properties_of(stack.template, function), "Role")
    return own is None or entry(own, "Fn::If") is not None


def _inside_module(stack: Stack, name: str) -> bool:
    """Return whether ``name`` is a resource inside of a module: ``Module.Resource``, or ``ModuleResource``."""
    resources = stack.resources()
    modules = [id for id, resource in resources.items() if is_opaque(resource)]
    modules += (stack.template.section("Modules") or EMPTY_MAPPING).entries
    return name.split(".")[0] in resources or any(map(name.startswith, modules))


def _of_module_type(stack: Stack, name: str) -> bool:
    modules = [id for id, resource in stack.resources().items() if is_module(resource)]
    return any(name.startswith(id) and name != id for id in modules)


def is_module(resource: ResourceDeclaration) -> bool:
    """Return whether a resource stands for those of a module of the registry.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/module-ref-resources.html
    """
    return resource.type.endswith("::MODULE")


def _gets_nothing(stack: Stack, module: ResourceDeclaration) -> bool:
    """Return whether a module gets only known values. Then no attribute of what is in it is the id of something outside."""
    return module.properties is None or is_known(evaluate(stack, module.properties, DISPLAY))


def is_opaque(resource: ResourceDeclaration) -> bool:
    """Return whether a resource may create anything: a custom resource, a module, a type that is not AWS's, a stack
    set."""
    return is_opaque_type(resource.type)


def is_opaque_type(type: str) -> bool:
    """Return whether a resource of ``type`` may create anything."""
    return (
        type.startswith("Custom::")
        or type in OPAQUE_TYPES
        or type.endswith("::MODULE")
        or not type.startswith(("AWS::", "Alexa::"))
    )


def _opaque_causes(resource: ResourceDeclaration) -> tuple[Cause, ...]:
    return (Cause(f"cannot determine what {resource.id} ({resource.type}) returns", resource.span),)


def get_att(stack: Stack, node: Node, mode: str) -> Value:
    """``Fn::GetAtt``, with a list or with ``Name.Attribute``. With AWS::LanguageExtensions, functions may make both."""
    if isinstance(node, Sequence) and len(node.items) >= 2:
        attributes = [text(evaluate(stack, item, mode)) for item in node.items[1:]]
        known = [attribute for attribute in attributes if isinstance(attribute, str)]
        attribute = ".".join(known)
        if len(known) < len(attributes):
            return Unknown(merge_causes(attributes) or (Cause("the attribute is unknown", stack.span(node)),))
        name = text_of(node.items[0])
        if name is None and isinstance(node.items[0], Mapping):
            return _by_name(
                stack,
                "Fn::GetAtt",
                node.items[0],
                mode,
                lambda name: attribute_of(stack, name, attribute, node, mode),
            )
    elif isinstance(node, Mapping) and stack.template.has_extensions:
        return _by_name(stack, "Fn::GetAtt", node, mode, lambda name: attribute_of(stack, *_parts(name), node, mode))
    else:
        name, attribute = _parts(text_of(node) or "")
    if not name:
        return malformed(stack, "Fn::GetAtt", node)
    return attribute_of(stack, name, attribute, node, mode)


def _parts(name: str) -> tuple[str, str]:
    resource, _, attribute = name.partition(".")
    return resource, attribute


def attribute_of(stack: Stack, name: str, attribute: str, node: Node, mode: str) -> Value:
    """Return the value of ``Fn::GetAtt: [name, attribute]``, written at ``node``."""
    resource = stack.resources().get(name)
    if resource is None:
        if _inside_module(stack, name):
            causes = (Cause(f"{name} is inside a module", stack.span(node)),)
            owners = [each for id, each in stack.resources().items() if is_module(each) and name.startswith(id)]
            kind = "undeclared" if owners and all(_gets_nothing(stack, owner) for owner in owners) else "module"
            return Reference(stack.prefix + name, (attribute,), kind, causes)
        if stack.opaque_entries or name in stack.template.parameters:
            return resolve_name(stack, name, node, mode)
        if _is_made_role(stack, name):
            causes = (Cause(f"{name} is created by SAM", stack.span(node)),)
            return Reference(stack.prefix + name, (attribute,), "resource", causes)
        return _no_resource(stack, name, node)
    if mode != DISPLAY:
        stack.require(resource)
    if resource.type in STACK_TYPES:
        return _output(stack, resource, attribute, node, mode)
    if is_opaque(resource):
        inside = is_module(resource) and "." in attribute and _gets_nothing(stack, resource)
        kind = "undeclared" if inside else "module"
        return Reference(stack.prefix + name, (attribute,), kind, _opaque_causes(resource))
    value = repeated(stack, resource, attribute, mode)
    if value is not None:
        return value
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
        why = f"{resource.id}.{attribute} is an output of a template that cannot be read"
        return Reference(stack.prefix + resource.id, (attribute,), "module", (Cause(why, resource.span),))
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


def get_stack_output(stack: Stack, node: Node, mode: str) -> Value:
    """``Fn::GetStackOutput``: an output of another stack, which need not be exported.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
    """
    arguments = (
        {key: evaluate(stack, child, mode) for key, child in node.entries.items()} if isinstance(node, Mapping) else {}
    )
    output = arguments.get("OutputName")
    if arguments.get("StackName") is None or not isinstance(output, str):
        return malformed(stack, "Fn::GetStackOutput", node)
    return stack.output_of(arguments, output, stack.span(node))
