"""What runs in a VPC and what it calls.

The room ``workloads`` puts the parts that a language reads (:class:`vpce_checks.model.network.Part`) together to workloads: a
service, its task definition and its roles are one workload.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from vpce_checks.base.record import record
from vpce_checks.model.network import Declaration
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Value

Certainty: TypeAlias = Literal["certain", "likely"]
"""How sure a call is. ``certain``: an argument proves it by a page of AWS. ``likely``: a role was written for it."""

Addressing: TypeAlias = Literal["never", "asked", "launch", "perhaps", "always"]
"""How the interfaces of a workload get a public address: never; if the workload asks for it; if the workload or else
the subnet gives one at launch; ``perhaps``: if the subnet does, and AWS does not document whether otherwise, too; or in
every public subnet."""


@record
class ServiceCall:
    """A call of an AWS service, by its short name. ``why`` says which argument proves it, at ``span``.

    ``region`` is where the service is called, if the code names a region; null stands for the region of the VPC.
    """

    service: str
    why: str
    span: Span
    certainty: Certainty = "certain"
    gateway_only: bool = False  # only a gateway endpoint (or NAT) will do
    region: Value = None


@record
class Workload:
    """Something that runs in subnets and calls AWS services.

    ``subnets`` and ``security_groups`` are as in the code: lists of references. ``public_ip`` is what the code says of a
    public address (null: nothing). ``spread``: it runs in each of its subnets, not in one that AWS chooses.
    ``role`` is the address of the role whose permissions its code has, if only workloads in VPCs have it. ``proxied``: its
    environment names a proxy, which may serve the calls.
    """

    declared: Declaration
    kind: str
    subnets: Value
    security_groups: Value = None
    addressing: Addressing = "never"
    public_ip: Value = None
    spread: bool = True
    calls: tuple[ServiceCall, ...] = ()
    role: str | None = None
    proxied: bool = False

    @property
    def address(self) -> str:
        """The address of its declaration."""
        return self.declared.address
