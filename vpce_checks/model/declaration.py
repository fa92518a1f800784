"""Where an object of a network comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from vpce_checks.base.record import field, record
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, Opaque

INVENTORY = "inventory"
"""The type of what an inventory says is deployed: there may be more of it than the inventory holds."""


@record
class Call:
    """One step of the way to an object: the module call (or nested stack) ``address`` at ``span``.

    ``stub`` names the published module that a stub of ours replaces, since its code is missing; what it creates
    is located at the call. ``fetched`` is the source of a module whose code was fetched, so that it is not the repository's
    to change.
    """

    address: str
    span: Span
    stub: str = ""
    fetched: str = ""


@record
class Declaration:
    """Where an object comes from.

    ``address`` is Terraform's own (``module.net["prod"].aws_vpc.this[0]``) or a CloudFormation logical id
    (``Nested/Main``). ``calls`` leads from the root to the file, outermost first. ``exists`` is ``True`` or the
    opaque value that decides it. ``field_spans`` maps a field of the object ("private_dns") to the line that sets it.
    ``condition`` is the name of the CloudFormation condition that it hangs on. ``sensitive`` maps the fields of the
    object whose values must not be shown to what is shown instead; None where there are none. ``nulls`` maps fields that are set
    and null to the variable that is null; the text is empty where that is not known.
    """

    address: str
    type: str
    span: Span
    calls: tuple[Call, ...] = ()
    exists: Literal[True] | Opaque = True
    field_spans: Mapping[str, Span] = field(default_factory=dict)
    construct_path: str | None = None
    condition: str | None = None
    sensitive: Mapping[str, str] | None = field(default=None, compare=False)
    nulls: Mapping[str, Cause] | None = field(default=None, compare=False)

    def shown(self, name: str, text: str) -> str:
        """Return ``text``, which shows the value of field ``name``, or what is shown instead."""
        return text if self.sensitive is None else self.sensitive.get(name, text)
