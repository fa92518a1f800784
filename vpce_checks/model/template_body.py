"""A template of one language that the code of another deploys: a CloudFormation template in a resource of Terraform.

The language that finds one does not know how to read it. ``project/`` hands it a :class:`ReadTemplate` of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from vpce_checks.base.record import record
from vpce_checks.model.declaration import Call
from vpce_checks.model.network import NetworkObject
from vpce_checks.model.outside import Offer, Outside, Wanted
from vpce_checks.model.spans import Span
from vpce_checks.model.values import MapValue, Opaque, Unknown, Value


@record
class TemplateBody:
    """The text of a template, and how it is deployed.

    ``file`` is the file that holds exactly this text. None: the text is made at ``span``. Addresses of what it creates begin
    with ``prefix``, and ``calls`` lead to it. ``parameters`` are those that the deployment sets; the others have their
    defaults, or are unknown where ``others`` is. Nothing outside of ``boundary`` is read. ``outside`` has the roots
    whose values it may use. ``tags`` are those of the stack, as a map: what it creates has them, too.
    """

    text: str
    file: str | None
    span: Span
    prefix: str
    calls: tuple[Call, ...]
    parameters: Mapping[str, Value]
    others: Unknown | None
    region: Value
    exists: Literal[True] | Opaque
    boundary: str
    outside: Outside | None
    tags: Value = None


@record
class DeployedTemplate:
    """What a template creates, its outputs, what other roots may look up or import, and what it wants from others.
    Region and account are not among the keys of ``offers`` and ``wants``."""

    objects: tuple[NetworkObject, ...]
    outputs: MapValue
    offers: tuple[Offer, ...] = ()
    wants: tuple[Wanted, ...] = ()


class ReadTemplate(Protocol):
    """Reads the templates of a language."""

    def __call__(self, body: TemplateBody) -> DeployedTemplate | None:
        """Return what a template creates. None where it cannot be read in full."""
