"""Findings: the verdict of a rule on one VPC or endpoint. And :class:`Rule` itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from vpce_checks.base.record import record
from vpce_checks.model.evidence import Evidence, because, declaration
from vpce_checks.model.network import Declaration, Endpoint, Network, Vpc
from vpce_checks.model.scenario import Case
from vpce_checks.model.verdict import FixKind, Group, IgnoredBy, Severity, Status
from vpce_checks.reach.endpoints import vpc_label

if TYPE_CHECKING:
    from vpce_checks.policy import Policy


@record
class Fix:
    """What to add or change. The report writes it in the language of the configuration.

    ``kind``: ``"add-gateway-endpoint"`` and ``"add-interface-endpoint"`` use ``service``, ``vpc`` and ``region``.
    ``"set"`` sets ``field`` of ``address``, and the fields in ``also``, to ``value``; ``vpc`` is the VPC that it is
    about, if that is created here. Of the field ``"route_tables"``, the value says in words which ones. For ``"text"``,
    ``value`` says in words what to do. ``field`` is a field name of :mod:`vpce_checks.model.network`, e.g.
    ``"private_dns"``.
    """

    kind: FixKind
    address: str = ""
    vpc: str = ""
    service: str = ""
    region: str = ""
    field: str = ""
    value: bool | str | None = None
    also: tuple[str, ...] = ()

    @property
    def needs_tables(self) -> bool:
        """Whether the fix names route tables of the VPC, and not subnets."""
        return self.kind == "add-gateway-endpoint" or self.field == "route_tables"

    @property
    def adds(self) -> bool:
        """Whether the fix adds an endpoint. Such a fix depends on the resources that exist."""
        return self.kind in ("add-gateway-endpoint", "add-interface-endpoint")


@record
class RuleText:
    """What reports say of a rule that does not come with vpce-checks. ``rationale``, ``url`` and ``fix`` may be empty."""

    name: str
    title: str
    severity: Severity
    rationale: str = ""
    url: str = ""
    fix: str = ""


@record
class Finding:
    """The verdict of one rule on one resource.

    ``about`` is the declaration of the resource. ``vpc`` is the address or the external label of its VPC (None: not
    known). ``why`` lists the evidence. ``when`` holds the conditions of the scenarios in which the verdict holds
    (empty: always), ``cases`` the same for computing. ``passes_by_default``: a ``fail`` that is a pass where every
    parameter has its default. ``root`` is the absolute path of the root, ``deployment`` the name of one of several
    deployments of it ("": the only one). Reports for people show findings of one ``group`` together. ``also`` are the
    addresses of further resources that the finding stands for. ``ignored_by`` says who ignores the finding, for
    ``reason``; it is None if nobody does. ``own`` is the text of a rule of the user's own; None for the rules that come
    with vpce-checks. ``leaves_out``: what is unknown is only whether something is needed that a fix leaves out on
    purpose. ``is_refused``: AWS refuses what there is, or may refuse it, where else it would only do nothing. ``serves_some``: the
    endpoint that it fails for takes the calls of some subnets. ``served_by`` is the address of the endpoint of another VPC
    that is why it passes. ``failed``: the finding is ignored, and is a ``fail`` otherwise.
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
    cases: tuple[Case, ...] = ()
    passes_by_default: bool = False
    root: str = ""
    ignored_by: IgnoredBy | None = None
    reason: str = ""
    also: tuple[str, ...] = ()
    deployment: str = ""
    group: Group | None = None
    own: RuleText | None = None
    leaves_out: bool = False
    is_refused: bool = False
    serves_some: bool = False
    served_by: str | None = None
    failed: bool = False

    @property
    def resource(self) -> str:
        """The address of the resource."""
        return self.about.address

    @property
    def is_known(self) -> bool:
        """Whether the finding is ignored only because it is not new."""
        return self.ignored_by in ("baseline", "comparison")


Check = Callable[[Network, Any, "Policy"], Iterator[Finding]]
"""Judges one subject of a network: a :class:`Vpc`, an :class:`Endpoint` or an :class:`OpaqueModule`, as ``judges`` of the
rule says."""

Gather = Callable[[Sequence[Finding], Sequence[Network]], Iterable[Finding]]
"""Returns what is reported instead of a rule's findings on one root that nobody ignores: fewer, each for several of them."""


@record
class Rule:
    """A rule: its documentation and its check. Ours are such records, and so are those that users write in Python.

    ``name`` is what reports call it beside its id; a user's rule without one gets it from its title. ``rationale`` says why
    it matters. ``url`` is the page that the rule is based on. ``judges`` says what ``check`` is called with: each VPC, each
    endpoint or each opaque module of a network. ``gather`` puts findings together. ``fails``: whether it ever
    fails, or only says what is unknown. A rule that is not
    ``on_by_default`` runs if the policy gives it a severity. ``bad`` and ``good`` are short Terraform examples for the
    rule's documentation page. ``fix`` says how to fix a failure and what that changes, ``ignore_when`` when a failure is no
    fault, ``limits`` what the rule cannot know, ``controls`` which controls of others ask for the same. ``severity_varies``
    says which findings have another severity than the rule (a policy that sets one sets it for all).
    """

    id: str
    title: str
    severity: Severity
    judges: Literal["vpc", "endpoint", "opaque"]
    check: Check
    name: str = ""
    rationale: str = ""
    url: str = ""
    bad: str = ""
    good: str = ""
    gather: Gather | None = None
    fails: bool = True
    fix: str = ""
    ignore_when: str = ""
    limits: str = ""
    controls: tuple[str, ...] = ()
    on_by_default: bool = True
    severity_varies: str = ""

    @property
    def text(self) -> RuleText:
        """What its findings carry along, if it is not one of ours."""
        return RuleText(self.name, self.title, self.severity, self.rationale, self.url, self.fix)


def about_vpc(
    rule: Rule,
    vpc: Vpc,
    status: Status,
    message: str,
    service: str | None = None,
    why: Iterable[Evidence] = (),
    fix: Fix | None = None,
    severity: Severity | None = None,
    group: Group | None = None,
) -> Finding:
    """Return a finding about a VPC. A ``fail`` becomes unknown if it is not certain that the VPC is created."""
    about = vpc.declared
    status, message, steps = _if_created("the VPC", about, status, message, why)
    return Finding(
        rule.id, status, severity or rule.severity, about, message, vpc.address, service, steps, fix, group=group
    )


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
    """Return a finding about an endpoint. A ``fail`` becomes unknown if it is not certain that it is created."""
    about = endpoint.declared
    status, message, steps = _if_created("the endpoint", about, status, message, why)
    return Finding(rule.id, status, severity or rule.severity, about, message, vpc_label(endpoint), service, steps, fix)


def addition(vpc: Vpc, type: str, service: str) -> Fix:
    """Return the fix that adds an endpoint of ``type`` ("gateway" or "interface") to ``vpc``.

    It names the region if that may be written down. Without one, it uses a data source.
    """
    region = vpc.region if isinstance(vpc.region, str) else ""
    may_be_written = vpc.declared.shown("region", region) == region
    kind: FixKind = "add-gateway-endpoint" if type == "gateway" else "add-interface-endpoint"
    return Fix(kind, vpc=vpc.address, service=service, region=region if may_be_written else "")


def _if_created(
    what: str, declared: Declaration, status: Status, message: str, why: Iterable[Evidence]
) -> tuple[Status, str, tuple[Evidence, ...]]:
    """Return status, message and evidence of a finding, unknown if it is not certain that its resource is created."""
    steps = (*declaration(declared), *why)
    if declared.exists is True or status not in ("fail", "unknown"):
        return status, message, _once_each(steps)
    return "unknown", f"{message}, if {what} is created", _once_each((*steps, *_existence(declared)))


def _once_each(steps: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return the steps without repetitions: steps with the same text about the same line."""
    found: dict[object, Evidence] = {}
    for step in steps:
        place = (step.span.file, step.span.line) if step.span is not None else None
        found.setdefault((step.text, place), step)
    return tuple(found.values())


def _existence(declared: Declaration) -> tuple[Evidence, ...]:
    opaque = declared.exists
    causes = because(opaque.causes) if opaque is not True else ()
    return causes or (Evidence(f"cannot determine whether {declared.address} is created", declared.span, "cause"),)
