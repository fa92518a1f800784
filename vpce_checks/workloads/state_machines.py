"""Tasks of ECS that state machines of Step Functions run.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.pattern import pattern
from vpce_checks.model.documents import NotJson, member, read_document
from vpce_checks.model.network import Part
from vpce_checks.model.values import Cause, ListValue, MapValue, Unknown, Value
from vpce_checks.model.values import pattern as known_text
from vpce_checks.reach.parts import Parts

_RUN_TASK = pattern(r"arn:[a-z0-9-]+:states:[^:]*:[^:]*:ecs:runTask(\.sync|\.waitForTaskToken)?")


def task_runs(parts: Parts) -> Iterator[Part]:
    """Yield the states that run a task, each as a part like a target of EventBridge."""
    for machine in parts.of_kind("state_machine"):
        for state in _states(_definition(machine)):
            if _runs_task(member(state, "Resource")):
                yield _run(machine, state)


def _runs_task(resource: Value) -> bool:
    """Return whether a state certainly runs a task. What is not known in the ARN may be the partition."""
    return _RUN_TASK.fullmatch(known_text(resource, "-") or "") is not None


def _definition(machine: Part) -> Value:
    text = machine.get("definition")
    try:
        return machine.get("object") if text is None else read_document(text)
    except NotJson:
        return None  # AWS puts values into it first


def _states(machine: Value) -> Iterator[Value]:
    """Yield the states of a machine, with those inside of its Parallel and Map states.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
    """
    states = member(machine, "States")
    for state in states.items.values() if isinstance(states, MapValue) else ():
        yield state
        branches = member(state, "Branches")
        inner = branches.items if isinstance(branches, ListValue) else ()
        for each in (*inner, member(state, "ItemProcessor"), member(state, "Iterator")):
            yield from _states(each)


def _run(machine: Part, state: Value) -> Part:
    given = member(state, "Arguments") or member(state, "Parameters")  # in JSONata, in JSONPath
    network = _member(_member(given, "NetworkConfiguration", machine), "AwsvpcConfiguration", machine)
    arguments = {
        "cluster": _member(given, "Cluster", machine),
        "task": _member(given, "TaskDefinition", machine),
        "launch_type": _member(given, "LaunchType", machine),
        "platform_version": _member(given, "PlatformVersion", machine),
        "strategy": _member(given, "CapacityProviderStrategy", machine),
        "exec": _member(given, "EnableExecuteCommand", machine),
        "subnets": _member(network, "Subnets", machine),
        "security_groups": _member(network, "SecurityGroups", machine),
        "public_ip": _member(network, "AssignPublicIp", machine),
    }
    named = {name: value for name, value in arguments.items() if value is not None}
    return Part(machine.declared, "event_target", MapValue(named, "map"))


def _member(value: Value, name: str, machine: Part) -> Value:
    """Return a member of the input of a state. What a path (``Name.$``) or an expression gives is known at run time."""
    found = member(value, name)
    texts = found.items if isinstance(found, ListValue) else (found,)
    at_run_time = any(isinstance(text, str) and text.startswith(("{%", "${")) for text in texts)
    if at_run_time or (found is None and member(value, f"{name}.$") is not None):
        return Unknown((Cause(f"{name} is decided when {machine.address} runs", machine.place("definition")),))
    return found
