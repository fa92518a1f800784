"""Glue connections, replication instances and databases: what they call depends on resources beside them."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.documents import certain_items, member
from vpce_checks.model.network import Part
from vpce_checks.model.values import Cause, MapValue, Unknown, Value
from vpce_checks.model.workload import ServiceCall, Workload
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.arguments import is_set
from vpce_checks.workloads.plain import subnets_of

_FEATURES = {"s3import": "s3", "s3export": "s3", "lambda": "lambda"}
"""Features of databases, with the service that the database itself calls.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/postgresql-s3-export.html
"""

_TARGETS = {"s3": ("s3",), "dynamodb": ("dynamodb",), "kinesis": ("kinesis-streams",), "redshift": ("redshift", "s3")}
"""Engines of replication endpoints, with the services that a replication instance calls for them."""

_CUSTOM = ("events", "logs", "monitoring", "s3", "secretsmanager", "ssm", "ssmmessages")
"""What an instance of RDS Custom calls: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/custom-setup-orcl.html"""


def workloads(parts: Parts) -> Iterator[Workload]:
    """Yield these workloads."""
    yield from _glue(parts)
    yield from _replications(parts)
    yield from _databases(parts)


def _glue(parts: Parts) -> Iterator[Workload]:
    """Yield the connections that a job or crawler uses.

    Glue wants a gateway endpoint for S3: https://docs.aws.amazon.com/glue/latest/dg/connection-using.html
    """
    users: dict[str, Part] = {}
    for user in parts.of_kind("glue_job", "glue_crawler"):
        for value in _connections(user):
            connection = parts.find(value, "glue_connection")
            if connection is not None and user.declared.exists is True:
                users.setdefault(connection.address, user)
    for part in parts.of_kind("glue_connection"):
        used_by = users.get(part.address)
        if used_by is None or part.get("subnets") is None:
            continue
        why = f"{used_by.address} uses it and reads its code from s3"
        calls = [ServiceCall("s3", why, used_by.declared.span, gateway_only=True)]
        if isinstance(properties := part.get("properties"), MapValue) and is_set(member(properties, "SECRET_ID")):
            secret = "its password is in a secret, so it calls secretsmanager"
            calls.append(ServiceCall("secretsmanager", secret, part.place("properties")))
        yield Workload(
            part.declared, "glue_connection", part.get("subnets"), part.get("security_groups"), calls=tuple(calls)
        )


def _connections(user: Part) -> Iterator[Value]:
    yield from certain_items(user.get("connections"))
    for field in ("jdbc", "s3", "mongodb"):
        for target in certain_items(user.get(field)):
            yield member(target, "connection")


def _replications(parts: Parts) -> Iterator[Workload]:
    """https://docs.aws.amazon.com/dms/latest/userguide/CHAP_VPC_Endpoints.html"""
    for part in parts.of_kind("replication"):
        calls = [call for task in parts.of_kind("replication_task") for call in _of_task(parts, task, part)]
        if _is_recent(part.get("version")):
            yield Workload(
                part.declared,
                "replication",
                subnets_of(parts, part),
                part.get("security_groups"),
                "asked",
                _public_ip(part),
                spread=False,
                calls=tuple(calls),
            )


def _of_task(parts: Parts, task: Part, instance: Part) -> Iterator[ServiceCall]:
    own = parts.find(task.get("replication"), "replication")
    if own is None or own.address != instance.address or task.declared.exists is not True:
        return
    for field in ("source", "target"):
        if parts.find(task.get(field), "dms_s3_endpoint") is not None:
            yield ServiceCall("s3", f"{task.address} replicates with s3", task.place(field))
        endpoint = parts.find(task.get(field), "dms_endpoint")
        engine = endpoint.get("engine") if endpoint is not None else None
        for service in _TARGETS.get(engine, ()) if isinstance(engine, str) else ():
            yield ServiceCall(service, f"{task.address} replicates with {service}", task.place(field))
        if endpoint is not None and is_set(endpoint.get("secret")):
            why = f"{endpoint.address} has its password in a secret, so it calls secretsmanager"
            yield ServiceCall("secretsmanager", why, endpoint.place("secret"))


def _is_recent(version: Value) -> bool:
    """Return whether a replication instance is certainly of version 3.4.7 or later. Older ones go another way."""
    if version is None:
        return True  # AWS takes the newest
    numbers = version.split(".") if isinstance(version, str) else []
    return len(numbers) >= 3 and all(map(str.isdigit, numbers)) and tuple(map(int, numbers)) >= (3, 4, 7)


def _databases(parts: Parts) -> Iterator[Workload]:
    for part in parts.of_kind("database", "database_cluster"):
        engine = part.get("engine")
        if not isinstance(engine, str):
            continue
        calls: list[ServiceCall] = []
        if engine.startswith("custom-"):
            calls += (ServiceCall(name, f"RDS Custom calls {name}", part.place("engine")) for name in _CUSTOM)
        elif "postgres" in engine:
            calls += _by_features(parts, part)
        yield Workload(
            part.declared,
            part.kind,
            subnets_of(parts, part),
            part.get("security_groups"),
            "asked",
            _public_ip(part),
            spread=False,
            calls=tuple(calls),
        )


def _public_ip(part: Part) -> Value:
    """Return whether a database or a replication instance asks for a public address, as its language fills it in.

    CloudFormation leaves the default to AWS: a replication instance is public, and a database is if its VPC has an internet
    gateway. The instances of a cluster have settings of their own.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dms-replicationinstance.html
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
    """
    asked = part.get("public_ip")
    if part.kind == "database_cluster":
        return Unknown((Cause(f"the instances of {part.address} may ask for a public address", part.declared.span),))
    if asked is not None or "::" not in part.declared.type:
        return asked
    if part.kind == "replication":
        return True
    return Unknown((Cause(f"AWS may give {part.address} a public address", part.declared.span),))


def _by_features(parts: Parts, database: Part) -> Iterator[ServiceCall]:
    given = [(member(item, "feature"), database.place("roles")) for item in certain_items(database.get("roles"))]
    for part in parts.of_kind("database_role", "cluster_role"):
        own = parts.find(part.get("database"), "database", "database_cluster")
        if own is not None and own.address == database.address and part.declared.exists is True:
            given.append((part.get("feature"), part.place("feature")))
    for feature, span in given:
        service = _FEATURES.get(feature.lower()) if isinstance(feature, str) else None
        if service is not None:
            yield ServiceCall(service, f"it has a role for {feature}, so the database calls {service}", span)
