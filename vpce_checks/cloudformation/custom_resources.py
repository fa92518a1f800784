"""What is known of the Lambda function behind a custom resource: what its code is given, and what its role lets it make.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources-lambda.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vpce_checks.catalog.network_permissions import (
    makes_no_network,
    policy_makes_no_network,
    template_makes_no_network,
)
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.functions.attributes import declared_at
from vpce_checks.cloudformation.evaluate.functions.names import is_opaque
from vpce_checks.cloudformation.evaluate.stack import DISPLAY, Stack
from vpce_checks.cloudformation.reader import Reader, reader
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, entry
from vpce_checks.cloudformation.template.template import STACK_TYPES, ResourceDeclaration
from vpce_checks.model.documents import NotJson, member, read_document
from vpce_checks.model.values import (
    ListValue,
    MapValue,
    PartialString,
    Reference,
    Unknown,
    Value,
    made_of,
    opaque_parts,
    pattern,
)

_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
_SERVERLESS = "AWS::Serverless::Function"
_FUNCTIONS = ("AWS::Lambda::Function", _SERVERLESS)
_ALIASES = ("AWS::Lambda::Alias", "AWS::Lambda::Version")
_ATTACHED = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")

_GIVEN = ("Environment", "Code", "InlineCode")
"""The properties of a function that its code can read, or is."""

_TRUSTS = {
    "AWS::IAM::Role": ("AssumeRolePolicyDocument",),
    _SERVERLESS: ("AssumeRolePolicyDocument", *_GIVEN),
    "AWS::Lambda::Function": _GIVEN,
    "AWS::Lambda::Permission": ("Principal",),
    "AWS::SSM::Parameter": ("Value",),
    "AWS::SecretsManager::Secret": ("SecretString",),
    "AWS::EC2::Instance": ("UserData",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData",),
    "AWS::ECS::TaskDefinition": ("ContainerDefinitions",),
    "AWS::CodeBuild::Project": ("Environment",),
    "AWS::Events::Rule": ("Targets",),
    "AWS::StepFunctions::StateMachine": ("Definition", "DefinitionString", "DefinitionSubstitutions"),
    "AWS::Serverless::StateMachine": ("Definition", "DefinitionSubstitutions"),
}
"""The properties by which a role may get more than its policies: others trust the role, or tell code of it that may do
more for it."""

_ANY_ROLE = "*"

_MANAGED = ":iam::aws:policy/"


class _Declared(NamedTuple):
    """A resource, and the stack that declares it."""

    stack: Stack
    resource: ResourceDeclaration

    @property
    def address(self) -> str:
        return self.stack.prefix + self.resource.id

    def value(self, name: str) -> Value:
        """Return a property, null if it is omitted. Nothing is decided for it."""
        return reader(self.stack, self.resource).value(name, mode=DISPLAY)


class Behind(NamedTuple):
    """What a custom resource hands to its function beside its own properties. ``powerless``: the role of the function lets it
    make no VPC, endpoint or route."""

    inputs: tuple[Value, ...] = ()
    powerless: bool = False


def handed(read: Reader) -> tuple[Value, ...]:
    """Return the properties of a resource that was not read. Nothing is decided for them."""
    world = read.stack.world
    at = (id(read.stack), read.resource.id)
    if at not in world.handed:
        outside, world.sensitive = world.sensitive, False
        values = tuple(evaluate(read.stack, node, DISPLAY) for node in read.properties.entries.values())
        world.handed[at] = values, world.sensitive
        world.sensitive = outside
    values, sensitive = world.handed[at]
    world.sensitive |= sensitive
    return values


def behind(read: Reader) -> Behind:
    """Return what is known of the function that a custom resource calls. Nothing, if the function is elsewhere."""
    if not read.resource.type.startswith(_CUSTOM):
        return Behind()
    functions = list(_functions(read.stack, read.value("ServiceToken", mode=DISPLAY)))
    world = read.stack.world
    known = world.behind
    key = tuple(function.address if function is not None else None for function in functions)
    if key not in known:
        outside, world.sensitive = world.sensitive, False
        known[key] = _behind(functions), world.sensitive
        world.sensitive = outside
    found, sensitive = known[key]
    world.sensitive |= sensitive
    return Behind(*found)


def _behind(functions: list[_Declared | None]) -> Behind:
    known = [function for function in functions if function is not None]
    given = (function.value(name) for function in _with_named(known) for name in _GIVEN)
    powerless = bool(known) and len(known) == len(functions) and all(map(_is_powerless, known))
    return Behind(tuple(value for value in given if value is not None), powerless)


def _with_named(functions: list[_Declared]) -> Iterator[_Declared]:
    """Yield functions, and those that their environments name: CDK's provider framework calls another one that way."""
    pending, seen = list(functions), set[str]()
    while pending:
        function = pending.pop()
        if function.address in seen:
            continue
        seen.add(function.address)
        yield function
        named = (_at(function.stack, part) for part in _named(function.value("Environment")))
        pending += (each for each in named if each is not None and each.resource.type in _FUNCTIONS)


def _functions(
    stack: Stack, token: Value, types: tuple[str, ...] = (*_FUNCTIONS, *_ALIASES)
) -> Iterator[_Declared | None]:
    """Yield each function that ``token`` may be the ARN of: by itself, by an alias or by a version of it. None stands for
    one that is elsewhere."""
    if isinstance(token, Unknown) and token.one_of:
        for each in token.one_of:
            yield from _functions(stack, each, types)
        return
    if isinstance(token, PartialString) and not _is_arn_of_one(token):
        yield None
        return
    found = [_at(stack, part) for part in opaque_parts(token)]
    named = [each for each in found if each is not None and each.resource.type in types]
    if len(named) != 1:
        yield None
    elif named[0].resource.type in _ALIASES:
        yield from _functions(named[0].stack, named[0].value("FunctionName"), _FUNCTIONS)
    else:
        yield named[0]


def _is_arn_of_one(token: PartialString) -> bool:
    """Return whether a function is named whole in an ARN that is put together, not as a part of another name."""
    text = pattern(token)
    return text is not None and ":function:*" in text and text.rpartition(":function:*")[2][:1] in ("", ":")


def _at(stack: Stack, value: Value) -> _Declared | None:
    """Return the resource that ``value`` is the name or an attribute of."""
    if not isinstance(value, Reference) or value.kind != "resource":
        return None
    found = declared_at(stack, value.address)
    return _Declared(*found) if found is not None else None


def _is_powerless(function: _Declared) -> bool:
    """Return whether everything that gives a function permissions is in the code, and none lets it make a network."""
    if "Connectors" in function.resource.node.entries:  # SAM adds policies to the role
        return False
    given = function.value("Role")
    role = _at(function.stack, given)
    if role is None and given is None and function.resource.type == _SERVERLESS:
        role = function  # SAM makes a role for it
    if role is None or role.resource.type not in ("AWS::IAM::Role", _SERVERLESS):
        return False
    known = function.stack.world.powerless
    if role.address not in known:
        known[role.address] = _lets_make_nothing(role)
    return known[role.address]


def _lets_make_nothing(role: _Declared) -> bool:
    """Return whether the policies of ``role``, or of a function that SAM makes a role for, let nobody make a network."""
    if not role.stack.world.linked:
        return False  # the template is within code of another language, which may attach a policy to it
    if role.resource.type == _SERVERLESS:  # SAM calls the role NAMERole
        return _made_role_is_harmless(role) and not _may_have_more(role.stack, f"{role.address}Role")
    if role.value("RoleName") is not None:
        return False  # code elsewhere may attach a policy to it by this name
    return _role_is_harmless(role) and not _may_have_more(role.stack, role.address)


def _role_is_harmless(role: _Declared) -> bool:
    inline, managed = _items(role.value("Policies")), _items(role.value("ManagedPolicyArns"))
    if inline is None or managed is None:
        return False
    return all(_is_harmless(member(item, "PolicyDocument")) for item in inline) and all(
        _is_harmless_policy(role.stack, item) for item in managed
    )


def _made_role_is_harmless(function: _Declared) -> bool:
    """Return whether the role that SAM makes for a function is harmless. It may also call what ``EventInvokeConfig`` names.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
    """
    policies = _items(function.value("Policies"))
    if policies is None or function.value("EventInvokeConfig") is not None:
        return False
    return all(_is_harmless_here(function.stack, item) for item in policies)


def _is_harmless_here(stack: Stack, policy: Value) -> bool:
    """Return whether an item of a function's ``Policies`` is harmless: a policy template, a document, a name or an ARN."""
    if isinstance(policy, MapValue):
        templates = all(map(template_makes_no_network, policy.items)) and bool(policy.items) and policy.rest is None
        return templates or _is_harmless(policy)
    if isinstance(policy, str) and ":" not in policy:
        return policy_makes_no_network(policy.rpartition("/")[2])
    return _is_harmless_policy(stack, policy)


def _may_have_more(stack: Stack, role: str) -> bool:
    """Return whether something in the deployment may give the role at ``role`` a policy that lets it make a network."""
    world = stack.world
    if world.empowered is None:
        outside = world.sensitive
        world.empowered = set[str]().union(*map(_empowered_by, _deployment(stack)))
        world.sensitive = outside
    return _ANY_ROLE in world.empowered or role in world.empowered


def _empowered_by(stack: Stack) -> set[str]:
    """Return the addresses of the roles to which ``stack`` may give more: those that it attaches policies to, and those
    whose names it tells. ``_ANY_ROLE``, if these may be any."""
    outputs = (stack.template.section("Outputs") or EMPTY_MAPPING).entries.values()
    told = [evaluate(stack, value, DISPLAY) for node in outputs if (value := entry(node, "Value")) is not None]
    found = {_ANY_ROLE} if stack.opaque_entries or stack.template.section("Modules") is not None else set[str]()
    for resource in stack.resources().values():
        if resource.type == "AWS::Serverless::Connector" or "Connectors" in resource.node.entries:
            found.add(_ANY_ROLE)
        told += _told(_Declared(stack, resource))
        if resource.type in _ATTACHED and stack.exists(resource) is not False:
            found |= _attached_to(_Declared(stack, resource))
    found.update(part.address for value in told for part in _named(value))
    return found


def _told(other: _Declared) -> list[Value]:
    """Return what a resource is handed that may do more for a role whose name it gets: it trusts it, or was not read."""
    resource = other.resource
    if is_opaque(resource) or (resource.type in STACK_TYPES and other.stack.child(resource) is None):
        return [*handed(reader(other.stack, resource))]
    return [other.value(name) for name in _TRUSTS.get(resource.type, ())]


def _attached_to(policy: _Declared) -> set[str]:
    """Return the addresses of the roles that a policy is, or may be, attached to. None, if it is harmless."""
    items = _items(policy.value("RoleName" if policy.resource.type == "AWS::IAM::RolePolicy" else "Roles"))
    if items == () or _is_harmless(policy.value("PolicyDocument")):
        return set()
    found = set[str]()
    for item in items if items is not None else (None,):
        if isinstance(item, Reference) and item.kind == "resource":
            found.add(item.address)
        elif not isinstance(item, str):  # a role of the code has no name that is written out
            found.add(_ANY_ROLE)
    return found


def _named(value: Value) -> Iterator[Reference]:
    """Yield what ``value`` names, holds or may be, also inside of a text that is made of it."""
    pending, seen = [value], set[int]()
    while pending:
        top = pending.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        for part in opaque_parts(top):
            if isinstance(part, Reference):
                yield part
            elif isinstance(part, Unknown):
                pending += made_of(part)


def _deployment(stack: Stack) -> Iterator[Stack]:
    """Yield the stacks that are deployed together with ``stack``, itself included."""
    pending = list(stack.world.linked.values())
    while pending:
        found = pending.pop()
        yield found
        pending += (child for _, child in found.children())


def _is_harmless_policy(stack: Stack, arn: Value) -> bool:
    """Return whether a policy that a role names lets nobody make a network: one of AWS, or one of this deployment."""
    own = _at(stack, arn)
    if own is not None:
        return own.resource.type == "AWS::IAM::ManagedPolicy" and _is_harmless(own.value("PolicyDocument"))
    text = pattern(arn) or ""
    return _MANAGED in text and policy_makes_no_network(text.rpartition("/")[2])


def _is_harmless(document: Value) -> bool:
    """Return whether a policy is known whole, and allows no action that makes a network."""
    try:
        document = read_document(document)
    except NotJson:
        return False
    if not isinstance(document, MapValue) or document.rest is not None:
        return False
    statements = _items(member(document, "Statement"))
    return statements is not None and bool(statements) and all(map(_is_harmless_statement, statements))


def _is_harmless_statement(statement: Value) -> bool:
    if not isinstance(statement, MapValue) or statement.rest is not None:
        return False
    effect, actions = member(statement, "Effect"), _items(member(statement, "Action"))
    if effect == "Deny":
        return True
    if effect != "Allow" or not actions or member(statement, "NotAction") is not None:
        return False
    return all(isinstance(action, str) and makes_no_network(action) for action in actions)


def _items(value: Value) -> tuple[Value, ...] | None:
    """Return all that a list may hold, a single item as a list of one. None if it may hold more than is known."""
    if value is None:
        return ()
    if isinstance(value, ListValue):
        return value.items if value.rest is None else None
    return (value,)
