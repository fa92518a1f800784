"""What a rule says about one resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from vpce_checks.base.record import record
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Declaration, Network
from vpce_checks.model.verdict import FixKind, IgnoredBy, Severity, Status

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
