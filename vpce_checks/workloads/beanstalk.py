"""Environments of Elastic Beanstalk: their settings say in which subnets the instances are, and what these call.

The agents on the instances take no proxy. A saved configuration may set what the environment does not.

https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/vpc-vpce.html
https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.documents import certain_items, member
from vpce_checks.model.network import Part
from vpce_checks.model.values import Cause, Unknown, Value
from vpce_checks.model.workload import ServiceCall, Workload
from vpce_checks.reach.listed import listed
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.arguments import as_list, is_word
from vpce_checks.workloads.plain import calls_by_kind

_BY_SETTING = (
    ("aws:elasticbeanstalk:healthreporting:system", "SystemType", "enhanced", "elasticbeanstalk-health"),
    ("aws:elasticbeanstalk:cloudwatch:logs", "StreamLogs", "true", "logs"),
    ("aws:elasticbeanstalk:cloudwatch:logs:health", "HealthStreamingEnabled", "true", "logs"),
)
"""A setting, its value, and the service that the instances call then."""

_VPC, _PUBLIC = "aws:ec2:vpc", "AssociatePublicIpAddress"


def workloads(parts: Parts) -> Iterator[Workload]:
    """Yield the environments that name their subnets."""
    for part in parts.of_kind("beanstalk"):
        subnets = as_list(_setting(part, _VPC, "Subnets"))
        if subnets is not None:
            yield Workload(
                part.declared,
                "beanstalk",
                subnets,
                Unknown((Cause(f"Elastic Beanstalk adds a security group to {part.address}", part.declared.span),)),
                "launch",
                _public_ip(part),
                calls=tuple(_calls(part)),
            )


def _calls(part: Part) -> Iterator[ServiceCall]:
    yield from calls_by_kind(part, "an Elastic Beanstalk environment")
    if is_word(part.get("tier"), "Worker"):
        yield ServiceCall("sqs", "it is of the tier Worker, so its instances read a queue of sqs", part.place("tier"))
    found = set[str]()
    for namespace, name, word, service in _BY_SETTING:
        if service not in found and is_word(_setting(part, namespace, name), word):
            found.add(service)
            yield ServiceCall(service, f"{name} is {word}, so its instances call {service}", part.place("settings"))


def _public_ip(part: Part) -> Value:
    """Return whether an environment asks for public addresses; null if it certainly leaves that to its subnets."""
    asked = _setting(part, _VPC, _PUBLIC)
    if asked is None and (part.get("template") is not None or _may_set(part, _VPC, _PUBLIC)):
        return Unknown((Cause(f"{part.address} may ask for a public address", part.place("settings")),))
    return asked.lower() == "true" if isinstance(asked, str) else asked


def _may_set(part: Part, namespace: str, name: str) -> bool:
    """Return whether an environment has a setting that may be of this option."""
    for item, _ in listed(part.get("settings"), or_one=True):
        named = (member(item, "namespace"), namespace), (member(item, "name"), name)
        if all(said == wanted or not isinstance(said, str) for said, wanted in named):
            return True
    return False


def _setting(part: Part, namespace: str, name: str) -> Value:
    """Return what an environment sets an option to. Null if it certainly does not; the last one counts."""
    settings = part.get("settings")
    found: Value = None
    for item in certain_items(settings):
        if member(item, "namespace") == namespace and member(item, "name") == name:
            found = member(item, "value")
    return found
