"""What a rule says about one resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from vpce_checks.base.record import record
from vpce_checks.model.evidence import Evidence, because, declaration
from vpce_checks.model.network import Declaration, Endpoint, Network, Vpc
from vpce_checks.model.verdict import FixKind, IgnoredBy, Severity, Status
from vpce_checks.reach.endpoints import vpc_label

if TYPE_CHECKING:
    from vpce_checks.policy import Policy


@record
class Fix:
    """What to add or change, for the report to write in the configuration's own language.

    ``kind``: ``"add-gateway-endpoint"``, ``"add-interface-endpoint"`` (``service``, ``vpc``, ``region``),
    ``"set"`` (``field`` of ``address`` to ``value``), ``"text"`` (``value`` says what to do in words).
    ``field`` is a field name of :mod:`vpce_checks.model.network`, e.g. ``"private_dns"``.
    """

    kind: FixKind
    address: str = ""
    vpc: str = ""
    service: str = ""
    region: str = ""
    field: str = ""
    value: bool | str | None = None

    @property
    def adds(self) -> bool:
        """Whether something is to be added, which is written with a look at what is there."""
        return self.kind in ("add-gateway-endpoint", "add-interface-endpoint")


@record
class Finding:
    """A verdict.

    ``about`` is the declaration judged, ``vpc`` the address or external label of its VPC (None: not known),
    ``why`` the chain of evidence, ``when`` the scenario in which a conditional verdict holds. ``root`` is the root
    that was judged, absolute. ``ignored_by`` tells who asks to ignore it, for what ``reason``; None where nobody does.
    """

    rule: str
    status: Status
    severity: Severity
    about: Declaration
    message: str
    vpc: str | None = None
    service: str | None = None
    why: tuple[Evidence, ...] = ()
    fix: Fix | None = None
    when: tuple[str, ...] = ()
    root: str = ""
    ignored_by: IgnoredBy | None = None
    reason: str = ""

    @property
    def resource(self) -> str:
        """The address judged."""
        return self.about.address

    @property
    def is_known(self) -> bool:
        """Whether it is ignored only because it is not new."""
        return self.ignored_by in ("baseline", "comparison")


Check = Callable[["Network", Any, "Policy"], Iterator[Finding]]
"""Judges one subject of a network: a :class:`Vpc` or an :class:`Endpoint`, as ``judges`` of the rule says."""


@record
class Rule:
    """A rule: its documentation and its check.

    ``url`` is the AWS page that the rule is based on. ``judges`` says what ``check`` is called with: each VPC or each
    endpoint of a network. ``bad`` and ``good`` are short Terraform examples for the rule's documentation page.
    """

    id: str
    name: str
    severity: Severity
    title: str
    rationale: str
    url: str
    judges: Literal["vpc", "endpoint"]
    check: Check
    bad: str = ""
    good: str = ""


def about_vpc(
    rule: Rule,
    vpc: Vpc,
    status: Status,
    message: str,
    service: str | None = None,
    why: Iterable[Evidence] = (),
    fix: Fix | None = None,
) -> Finding:
    """A finding about a VPC. It holds only if the VPC is created, so a ``fail`` of a VPC that may not be is unknown."""
    steps = (*declaration(vpc.declared), *why)
    if vpc.declared.exists is not True and status in ("fail", "unknown"):
        status, message = "unknown", f"{message}, if the VPC is created"
        steps += _existence(vpc.declared)
    return Finding(rule.id, status, rule.severity, vpc.declared, message, vpc.address, service, _once_each(steps), fix)


def about_endpoint(
    rule: Rule,
    endpoint: Endpoint,
    status: Status,
    message: str,
    service: str | None = None,
    why: Iterable[Evidence] = (),
    fix: Fix | None = None,
    severity: Severity | None = None,
) -> Finding:
    """A finding about an endpoint. As with VPCs, what may not be created does not fail for certain."""
    steps = (*declaration(endpoint.declared), *why)
    if endpoint.declared.exists is not True and status in ("fail", "unknown"):
        status, message = "unknown", f"{message}, if it is created"
        steps += _existence(endpoint.declared)
    level = severity or rule.severity
    return Finding(
        rule.id, status, level, endpoint.declared, message, vpc_label(endpoint), service, _once_each(steps), fix
    )


def _once_each(steps: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The steps without those that say the same of the same line again."""
    found: dict[object, Evidence] = {}
    for step in steps:
        place = (step.span.file, step.span.line) if step.span is not None else None
        found.setdefault((step.text, place), step)
    return tuple(found.values())


def _existence(declared: Declaration) -> tuple[Evidence, ...]:
    opaque = declared.exists
    causes = because(opaque.causes) if opaque is not True else ()
    return causes or (Evidence(f"whether {declared.address} is created cannot be told", declared.span, "cause"),)
