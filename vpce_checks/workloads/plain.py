"""Workloads that are one resource, and whose calls ``catalog/calls.tsv`` lists."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.record import record
from vpce_checks.catalog.calls import call_rows
from vpce_checks.model.documents import member
from vpce_checks.model.network import Part
from vpce_checks.model.values import Cause, Unknown, Value
from vpce_checks.model.workload import Addressing, ServiceCall, Workload
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.arguments import holds, joined_lists
from vpce_checks.workloads.images import image_calls
from vpce_checks.workloads.proxies import mentions_proxy, names_proxy


@record
class Plain:
    """How a kind of workload stands in the network. ``what`` names it in reports. ``spread``: it uses each of its subnets."""

    what: str
    addressing: Addressing = "never"
    spread: bool = True


KINDS = {
    "airflow": Plain("an Airflow environment"),
    "notebook": Plain("a notebook instance"),
    "studio": Plain("a SageMaker domain"),
    "model": Plain("a SageMaker model"),
    "build": Plain("a build project"),
    "emr": Plain("an EMR cluster", "perhaps", spread=False),
    "emr_serverless": Plain("an EMR Serverless application", "always"),
    "redshift": Plain("a Redshift cluster", "asked", spread=False),
    "redshift_workgroup": Plain("a Redshift workgroup", "asked"),
    "canary": Plain("a canary"),
    "agent_runtime": Plain("an agent runtime"),
    "image_builder": Plain("an image build", "launch"),
    "cloud9": Plain("a Cloud9 environment", "launch"),
    "flink": Plain("a Flink application"),
    "kafka_connector": Plain("a Kafka connector"),
    "neptune": Plain("a Neptune cluster with a role", "asked", spread=False),
    "disaster_recovery": Plain("a replication server of Elastic Disaster Recovery", "asked"),
}


def workloads(parts: Parts) -> Iterator[Workload]:
    """Yield the workloads of these kinds."""
    for kind, plain in KINDS.items():
        for part in parts.of_kind(kind):
            yield Workload(
                part.declared,
                kind,
                subnets_of(parts, part),
                _groups_of(part),
                plain.addressing,
                _public_ip(part),
                plain.spread,
                (*calls_by_kind(part, plain.what), *image_calls(parts, part, "image"), *_backend_calls(part)),
                proxied=names_proxy(part.get("environment")) or mentions_proxy(part.get("script")),
            )


def calls_by_kind(part: Part, what: str) -> Iterator[ServiceCall]:
    """Yield the calls that the lines of ``calls.tsv`` prove."""
    for row in call_rows().get(part.kind, ()):
        if holds(part, row.field, row.test, row.word):
            for service in row.services:
                says = f"{what} calls {service}" + (f" if {row.field} is set so" if row.test == "=" else "")
                yield ServiceCall(service, says, part.place(row.field), "certain", service in row.gateway_only)


_BACKENDS = {"SecretsManagerBackend": "secretsmanager", "SystemsManagerParameterStoreBackend": "ssm"}
"""Where Airflow looks for variables and connections first, by the class that ``secrets.backend`` names.

https://docs.aws.amazon.com/mwaa/latest/userguide/connections-secrets-manager.html
"""


def _backend_calls(part: Part) -> Iterator[ServiceCall]:
    """Yield the calls of an Airflow environment to where its secrets are, unless its arguments may name another region."""
    options = part.get("options")
    backend, arguments = member(options, "secrets.backend"), member(options, "secrets.backend_kwargs")
    service = _BACKENDS.get(backend.rpartition(".")[2]) if isinstance(backend, str) else None
    if service is not None and (arguments is None or (isinstance(arguments, str) and "region_name" not in arguments)):
        yield ServiceCall(service, f"the environment looks for its secrets in {service}", part.place("options"))


def _groups_of(part: Part) -> Value:
    """Return the security groups of a part. Those that it names beside its first ones add up, also as text with commas.

    https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-additional-sec-groups.html
    """
    own = part.get("security_groups")
    more = [
        value for field in ("core_groups", "more_groups", "more_core_groups") if (value := part.get(field)) is not None
    ]
    return own if own is None or not more else joined_lists([own, *more])


def _public_ip(part: Part) -> Value:
    """Return what a part says of a public address. The default of a Redshift cluster was public before 2025. The instances of a
    Neptune cluster have settings of their own.

    https://docs.aws.amazon.com/redshift/latest/mgmt/rs-security-group-public-private.html
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade
    """
    asked = part.get("public_ip")
    if asked is None and part.kind == "redshift":
        return Unknown((Cause(f"{part.address} may be public by default", part.declared.span),))
    if part.kind == "neptune":
        return Unknown((Cause(f"the instances of {part.address} may ask for a public address", part.declared.span),))
    return asked


def subnets_of(parts: Parts, part: Part) -> Value:
    """Return the subnets that a part names, by itself or through a subnet group."""
    own = part.get("subnets")
    if own is None:
        own = part.get("more_subnets")
    group = part.get("subnet_group")
    if own is None and group is not None:
        found = parts.find(group, "subnet_group", "dms_subnet_group")
        return found.get("subnets") if found is not None else None
    return own
