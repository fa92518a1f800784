"""What the environment of a function says about its calls.

A variable that names a queue, table or secret of the configuration makes a call likely, if the role of the function allows
one. This holds for a role that other functions share, too, as it is about this one.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vpce_checks.base.record import replace
from vpce_checks.model.network import Part
from vpce_checks.model.values import MapValue
from vpce_checks.model.workload import ServiceCall, Workload
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.roles import allowed_services, role_of

_SERVICES = {
    "bucket": "s3",
    "delivery_stream": "kinesis-firehose",
    "event_bus": "events",
    "parameter": "ssm",
    "queue": "sqs",
    "secret": "secretsmanager",
    "state_machine": "states",
    "stream": "kinesis-streams",
    "table": "dynamodb",
    "topic": "sns",
}
"""Parts that a variable may name, with the service whose calls use them."""


def with_environments(parts: Parts, workloads: Iterable[Workload]) -> Iterator[Workload]:
    """Yield the workloads with the calls that the environment of a function makes likely."""
    for workload in workloads:
        function = parts.of_address(workload.address, "function") if workload.kind == "function" else None
        calls = tuple(_named(parts, workload, function)) if function is not None else ()
        yield replace(workload, calls=(*workload.calls, *calls)) if calls else workload


def _named(parts: Parts, workload: Workload, function: Part) -> Iterator[ServiceCall]:
    environment = function.get("environment")
    if not isinstance(environment, MapValue):
        return
    named: dict[str, str] = {}
    for name, value in environment.items.items():
        for kind, service in _SERVICES.items():
            part = parts.find(value, kind)  # a queue and a table may have the same name
            if part is not None:
                named.setdefault(service, f"{name} names {part.address}")
    role = role_of(parts, workload) if named else None
    if role is None:
        return
    allowed = allowed_services(parts, role)
    for service, says in named.items():
        if service in allowed:
            why = f"its variable {says}, and {role.address} allows calls to {service}"
            yield ServiceCall(service, why, function.place("environment"), "likely")
