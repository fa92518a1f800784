"""What decides how a name is resolved in a VPC, besides its private hosted zones: see :mod:`vpce_checks.model.network`.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver.html
"""

from __future__ import annotations

from vpce_checks.base.record import record
from vpce_checks.model.declaration import Declaration
from vpce_checks.model.values import Value


@record
class ZoneLookup:
    """A hosted zone that this configuration looks up: another one created it. ``id`` is its zone id, where known.
    ``private`` is whether only private zones are looked for; else only public ones are."""

    declared: Declaration
    name: Value
    id: Value = None
    private: Value = False


@record
class ResolverRule:
    """A Route 53 Resolver rule for ``domain`` and all names below it. ``kind`` is ``"FORWARD"``, ``"SYSTEM"`` ..."""

    declared: Declaration
    domain: Value
    kind: Value


@record
class ResolverRuleAssociation:
    """A Resolver rule associated with a VPC."""

    declared: Declaration
    rule: Value
    vpc: Value


@record
class DomainList:
    """A list of domains of the DNS Firewall: names, and ``*.`` before the names below which all are meant."""

    declared: Declaration
    domains: Value


@record
class FirewallRule:
    """A rule of a DNS Firewall rule group. ``action`` is ``"ALLOW"``, ``"ALERT"`` or ``"BLOCK"``, and ``response`` what is answered
    then (``"NODATA"``, ``"NXDOMAIN"``, ``"OVERRIDE"``); ``domains`` names a list. ``query_type`` is the one type of record that it
    is for; None: all. The lowest priority comes first."""

    declared: Declaration
    group: Value
    action: Value
    domains: Value
    priority: Value
    query_type: Value = None
    response: Value = None


@record
class FirewallAssociation:
    """A DNS Firewall rule group associated with a VPC. The lowest priority comes first."""

    declared: Declaration
    group: Value
    vpc: Value
    priority: Value


@record
class EndpointService:
    """An endpoint service of one's own (AWS PrivateLink). ``private_dns_name`` is None where it has none."""

    declared: Declaration
    private_dns_name: Value = None
