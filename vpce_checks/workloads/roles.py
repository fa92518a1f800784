"""What the role of a workload says about its calls.

A permission is no call. Only a narrow one, written for named resources, of a role that nothing outside of a VPC uses, makes
a call likely. What AWS itself does with the role of a workload is no call of the workload.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vpce_checks.base.record import record, replace
from vpce_checks.catalog.permissions import services_of_action, services_of_policy, services_of_template
from vpce_checks.model.documents import NotJson, certain_items, is_whole, member, read_document
from vpce_checks.model.network import Part
from vpce_checks.model.spans import Span
from vpce_checks.model.values import MapValue, Reference, Value, pattern
from vpce_checks.model.workload import ServiceCall, Workload
from vpce_checks.reach.parts import Parts

MAX_STATEMENTS = 1_000
"""How many statements of a role are read. AWS takes about 10,000 characters of policies for a role."""

_HOLDERS = {
    "function": "function",
    "nodes": "nodes",
    "build": "build",
    "airflow": "airflow",
    "notebook": "notebook",
    "studio": "studio",
    "model": "model",
    "canary": "canary",
    "flink": "flink",
    "kafka_connector": "kafka_connector",
    "agent_runtime": "agent_runtime",
    "runner": "runner",
}
"""Workloads, by kind, that name the role of their code in the argument ``role`` of the part of this kind."""

_BY_TASK = ("service", "task_set", "event_target", "schedule", "host")
_BY_PROFILE = ("instance", "scaling_group", "emr", "image_builder")

_NO_CALLS = frozenset(
    {
        *("iam:passrole", "iam:createservicelinkedrole", "sts:getcalleridentity", "sts:getservicebearertoken"),
        # Every Airflow environment has it. https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-create-role.html
        "airflow:publishmetrics",
        # The service that keeps the data asks for the key.
        *("kms:decrypt", "kms:generatedatakey", "kms:generatedatakey*", "kms:describekey", "kms:creategrant"),
        "kms:generatedatakeywithoutplaintext",
    }
)
"""Permissions that are checked within the call of another service."""

_QUIET_PREFIXES = frozenset(
    {"ecr", "ec2messages", "ssmmessages", "rds-db", "neptune-db", "kafka-cluster", "elasticache"}
)
"""Permissions that say nothing: other arguments decide whether these services are called, or the data stays in the VPC."""

_QUIET_IN_FUNCTIONS = frozenset({"logs", "xray"})
_INTERFACES = ("ec2:createnetworkinterface", "ec2:deletenetworkinterface", "ec2:assignprivate", "ec2:unassignprivate")
_LOOK_UPS = ("ec2:describenetworkinterfaces", "ec2:describesubnets", "ec2:describevpcs", "ec2:describesecuritygroups")
_POLLING = (
    *("sqs:receivemessage", "sqs:deletemessage", "sqs:getqueueattributes", "sqs:changemessagevisibility"),
    *("kinesis:get", "kinesis:describe", "kinesis:list", "kinesis:subscribetoshard"),
    *("dynamodb:getrecords", "dynamodb:getsharditerator", "dynamodb:describestream", "dynamodb:liststreams"),
    *("kafka:describe", "kafka:getbootstrapbrokers", "kafka:listscramsecrets"),
)
"""What Lambda does to poll the sources of a function."""


@record
class Statement:
    """One statement that allows something: the known ones of its actions, and where it is written."""

    actions: tuple[str, ...]
    resources: Value
    span: Span


def with_roles(parts: Parts, workloads: list[Workload]) -> Iterator[Workload]:
    """Yield the workloads with the calls that their roles make likely."""
    holders = _holders(parts)
    inside = {workload.address for workload in workloads}
    evidence: dict[str, tuple[ServiceCall, ...]] = {}
    for workload in workloads:
        role = role_of(parts, workload)
        if role is None:
            own = tuple(_by_templates(parts.of_address(workload.address, "function")))
            yield replace(workload, calls=(*workload.calls, *own)) if own else workload
            continue
        users = holders.get(role.address, [])
        if not all(_runs_inside(parts, user, inside) for user in users):
            yield workload
            continue
        key = f"{role.address} {workload.kind == 'function'}"
        if key not in evidence:
            evidence[key] = tuple(role_calls(parts, role, users))
        yield replace(workload, role=role.address, calls=(*workload.calls, *evidence[key]))


def role_of(parts: Parts, workload: Workload) -> Part | None:
    """Return the role whose permissions the code of a workload has."""
    if workload.kind in _HOLDERS:
        part = parts.of_address(workload.address, _HOLDERS[workload.kind])
        return parts.find(part.get("role"), "role") if part is not None else None
    if workload.kind in _BY_TASK:
        starter = parts.of_address(workload.address, "service", "task_set", "event_target", "schedule")
        task = parts.find(starter.get("task"), "task") if starter is not None else None
        return parts.find(task.get("role"), "role") if task is not None else None
    if workload.kind in _BY_PROFILE:
        part = parts.of_address(workload.address, *_BY_PROFILE)
        return _by_profile(parts, part) if part is not None else None
    return None


def _by_profile(parts: Parts, part: Part) -> Part | None:
    from vpce_checks.workloads.hosts import template_of

    template = template_of(parts, part)
    for owner in (part, template):
        for field in ("profile", "profile_arn") if owner is not None else ():
            profile = parts.find(owner.get(field), "instance_profile") if owner is not None else None
            if profile is not None:
                return parts.find(profile.get("role"), "role")
    return None


def _holders(parts: Parts) -> dict[str, list[Part]]:
    """Return the parts that use each role, by the role's address."""
    found: dict[str, list[Part]] = {}
    for kind in (
        *_HOLDERS.values(),
        "task",
        "glue_job",
        "glue_crawler",
        "redshift",
        "pipe",
        "instance_profile",
    ):
        for part in parts.of_kind(kind):
            for field in ("role", "execution_role"):
                role = parts.find(part.get(field), "role")
                if role is not None:
                    found.setdefault(role.address, []).append(part)
    return found


def _runs_inside(parts: Parts, user: Part, inside: set[str]) -> bool:
    """Return whether a user of a role runs in a VPC only."""
    if user.kind == "instance_profile":
        return True
    if user.kind == "task":
        starters = parts.of_kind("service", "task_set", "event_target", "schedule")
        return any(
            starter.address in inside and (task := parts.find(starter.get("task"), "task")) is not None and task is user
            for starter in starters
        )
    return user.address in inside


def role_calls(parts: Parts, role: Part, users: list[Part]) -> Iterator[ServiceCall]:
    """Yield the calls that the policies of ``role`` make likely, one a service."""
    is_function = any(user.kind == "function" for user in users)
    dead_letters = [user.get("dead_letters") for user in users if user.get("dead_letters") is not None]
    denied = set[str]()
    found: dict[str, ServiceCall] = {}
    for document, span in policies_of(parts, role):
        for statement in _statements(document, span, denied):
            if not _is_narrow(statement.resources) or _is_only(statement.resources, dead_letters):
                continue
            for action in statement.actions:
                if _is_call(action, is_function=is_function):
                    why = f"{role.address} allows {action} on named resources"
                    for service in services_of_action(action):
                        found.setdefault(service, ServiceCall(service, why, statement.span, "likely"))
    for name, span in _managed(parts, role):
        for service in services_of_policy(name):
            if not (is_function and service == "xray"):
                why = f"{role.address} has the policy {name}"
                found.setdefault(service, ServiceCall(service, why, span, "likely"))
    yield from (call for service, call in found.items() if service not in denied)


def allowed_services(parts: Parts, role: Part) -> frozenset[str]:
    """Return the services of which the policies of a function's role name a call, on whichever resources."""
    denied = set[str]()
    found = set[str]()
    for document, span in policies_of(parts, role):
        for statement in _statements(document, span, denied):
            for action in statement.actions:
                if (action.endswith(":*") and action != "*:*") or _is_call(action, is_function=True):
                    found |= set(services_of_action(action))
    return frozenset(found - denied)


def _by_templates(function: Part | None) -> Iterator[ServiceCall]:
    """Yield what the policies of a SAM function make likely. It has a role of its own, unless it names one."""
    if function is None or function.get("role") is not None:
        return
    place = function.place("sam_policies")
    for item in certain_items(function.get("sam_policies")):
        if isinstance(item, str):
            name = item.rpartition("/")[2]
            for service in services_of_policy(name):
                if service != "xray":
                    yield ServiceCall(service, f"it has the policy {name}", place, "likely")
        for name in item.items if isinstance(item, MapValue) else ():
            for service in services_of_template(name):
                yield ServiceCall(service, f"the policy template {name} is for {service}", place, "likely")


def policies_of(parts: Parts, role: Part) -> Iterator[tuple[Value, Span]]:
    """Yield the policies of a role that the code holds: its own, and those attached to it."""
    for item in certain_items(role.get("inline")):
        yield _document(member(item, "policy")), role.place("inline")
    for part in parts.of_kind("role_policy"):
        if _is(parts, part.get("role"), role):
            yield part.get("policy"), part.place("policy")
    for part in parts.of_kind("policy"):
        if any(_is(parts, item, role) for item in certain_items(part.get("roles"))):
            yield part.get("policy"), part.place("policy")
    for value, _ in attached_policies(parts, role):
        policy = parts.find(value, "policy")
        if policy is not None:
            yield policy.get("policy"), policy.place("policy")


def _is(parts: Parts, value: Value, role: Part) -> bool:
    return parts.find(value, "role") is role


def _document(value: Value) -> Value:
    try:
        return read_document(value)
    except NotJson:
        return None


def attached_policies(parts: Parts, role: Part) -> Iterator[tuple[Value, Span]]:
    """Yield the ARNs of the policies attached to a role."""
    for value in certain_items(role.get("managed")):
        yield value, role.place("managed")
    for part in parts.of_kind("attachment"):
        if _is(parts, part.get("role"), role):
            yield part.get("policy_arn"), part.place("policy_arn")
    for part in parts.of_kind("attachments"):
        if any(_is(parts, item, role) for item in certain_items(part.get("roles"))):
            yield part.get("policy_arn"), part.place("policy_arn")
    for part in parts.of_kind("exclusive"):
        if _is(parts, part.get("role"), role):
            for value in certain_items(part.get("managed")):
                yield value, part.place("managed")


def _managed(parts: Parts, role: Part) -> Iterator[tuple[str, Span]]:
    """Yield the names of the policies of AWS that are attached to a role."""
    for value, span in attached_policies(parts, role):
        text = pattern(value) or ""
        if ":iam::aws:policy/" in text:
            yield text.rpartition("/")[2], span


def _statements(document: Value, span: Span, denied: set[str]) -> Iterator[Statement]:
    """Yield the statements of a policy that allow something. What one denies for good is added to ``denied``."""
    for at, item in enumerate(certain_items(member(document, "Statement"))):
        if at >= MAX_STATEMENTS:
            return
        if not isinstance(item, MapValue) or member(item, "NotAction") is not None:
            continue
        actions = tuple(action for action in certain_items(member(item, "Action")) if isinstance(action, str))
        effect = member(item, "Effect")
        if effect == "Deny" and member(item, "Condition") is None and member(item, "NotResource") is None:
            if "*" in certain_items(member(item, "Resource")):
                denied |= {name for action in actions if action.endswith(":*") for name in services_of_action(action)}
        elif effect == "Allow" and member(item, "NotResource") is None:
            yield Statement(actions, member(item, "Resource"), span)


def _is_narrow(resources: Value) -> bool:
    """Return whether a statement is for named resources only."""
    items = list(certain_items(resources))
    return (
        bool(items) and is_whole(resources) and all((pattern(item) or "*") != "*" or _is_named(item) for item in items)
    )


def _is_named(item: Value) -> bool:
    return isinstance(item, Reference)


def _is_only(resources: Value, targets: Iterable[Value]) -> bool:
    """Return whether a statement is for the queue of failed events alone, which Lambda sends to."""
    items = list(certain_items(resources))
    return all(any(isinstance(item, Reference) and item == target for target in targets) for item in items)


def _is_call(action: str, *, is_function: bool) -> bool:
    """Return whether a permission is for a call that the workload itself makes."""
    low = action.lower()
    prefix, _, name = low.partition(":")
    if low in _NO_CALLS or prefix in _QUIET_PREFIXES or name in ("", "*") or low == "*":
        return False
    if low.startswith(_INTERFACES) or low.startswith(_LOOK_UPS):
        return False
    return not is_function or (prefix not in _QUIET_IN_FUNCTIONS and not low.startswith(_POLLING))
