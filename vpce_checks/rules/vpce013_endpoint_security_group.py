"""VPCE013: nothing lets the calls of clients in to an interface endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vpce_checks.catalog.service_ports import port_words
from vpce_checks.model.evidence import because
from vpce_checks.model.network import Endpoint, Network, link
from vpce_checks.model.values import ListValue
from vpce_checks.policy import Policy
from vpce_checks.reach.endpoints import exists, has_type, home_vpc, service_label, vpc_label
from vpce_checks.reach.indexes import once
from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint

if TYPE_CHECKING:
    from vpce_checks.reach.admits import Admission


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge an interface endpoint to an AWS service. What is unknown of a VPC created elsewhere is not reported."""
    type = has_type(endpoint, "Interface")
    if type.no:
        return
    from vpce_checks.reach.admits import admits, ports_of

    ports = ports_of(endpoint)
    if ports is None:
        return
    admission = admits(network, endpoint)
    short, wanted = service_label(endpoint), port_words(ports)
    place = vpc_label(endpoint) or "its VPC"
    if admission.answer.yes:
        message = f"{endpoint.address} admits {wanted} from its clients"
        yield about_endpoint(RULE, endpoint, "pass", message, short, admission.why)
    elif admission.answer.no and type.yes:
        message, remedy = _stopped(network, endpoint, admission, place, wanted)
        message += f", so calls to {short} time out"
        fix = Fix("text", address=endpoint.address, value=remedy)
        yield about_endpoint(RULE, endpoint, "fail", message, short, admission.why, fix)
    elif home_vpc(network, endpoint) is not None and _is_first(network, endpoint, admission):
        message = f"{endpoint.address} might not admit {wanted} from {place}"
        why = (*admission.why, *because(type.causes), *because(admission.answer.causes))
        decides = None
        if admission.default:
            decides = Fix("text", address=endpoint.address, value=_rule_to_add(network, endpoint, wanted, place))
        yield about_endpoint(RULE, endpoint, "unknown", message, short, why, decides)


def _stopped(network: Network, endpoint: Endpoint, admission: Admission, place: str, wanted: str) -> tuple[str, str]:
    """Return what stops the clients of ``endpoint``, and what lets them in."""
    address = endpoint.address
    if admission.stopped_by == "acls":
        remedy = (
            f"allow {wanted} from the CIDR block of {place}, and the replies to it, in the network ACLs of its subnets"
        )
        return f"network ACLs let no client of {place} through to {address} on {wanted}", remedy
    return f"{address} admits no client from {place} on {wanted}", _rule_to_add(network, endpoint, wanted, place)


def _rule_to_add(network: Network, endpoint: Endpoint, wanted: str, place: str) -> str:
    """Return in words the ingress rule that lets in the clients of ``endpoint``: those of a hub are in other VPCs, too."""
    from vpce_checks.reach.clients import remote_clients

    remote = remote_clients(network, endpoint)
    homes = [place, *(vpc.address for vpc, _ in remote.vpcs if vpc.address != place)]
    blocks = f"the CIDR block{'s' if len(homes) > 1 or remote.elsewhere.possible else ''} of {' and '.join(homes)}"
    if remote.elsewhere.possible:
        blocks += " and of the VPCs elsewhere that use the endpoint"
    listed = endpoint.security_groups.items if isinstance(endpoint.security_groups, ListValue) else ()
    declared = {group.declared.address for group in network.security_groups}
    group = next((address for item in listed if (address := link(item).address) in declared), None)
    if group is not None:
        return f"add to {group} an ingress rule for {wanted} from {blocks}"
    return f"give the endpoint a security group with an ingress rule for {wanted} from {blocks}"


def _is_first(network: Network, endpoint: Endpoint, admission: Admission) -> bool:
    """Whether no endpoint before this one has the same doubt. What settles it for one endpoint settles it for all.

    An endpoint without a security group of its own is each its own omission.
    """
    if admission.default or not exists(endpoint.declared).yes:
        return True
    first = once(network, "first of a doubt about groups", dict[tuple[str, ...], str])
    return first.setdefault(admission.settles, endpoint.address) == endpoint.address


RULE = Rule(
    id="VPCE013",
    name="endpoint-security-group",
    severity="high",
    title="No client is let in to an interface endpoint",
    rationale=(
        "An interface endpoint has network interfaces, and security groups decide who may talk to them. Clients need "
        "TCP 443, or the ports of the service where it has its own, for instance those of SMTP. If no rule admits them, "
        "the name of the service leads to the endpoint and every call times out. An endpoint that names no security "
        "group has the default group of its VPC, which admits only its own members. Rules for the VPC of the endpoint "
        "count, and rules for other VPCs that a private zone or a Route 53 Profile leads to the endpoint. Network ACLs "
        "count where they are written. What other rules of the same groups may settle is reported once."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
    judges="endpoint",
    check=check,
    fix=(
        "Add an ingress rule for the port of the service, from the addresses of the clients. It opens the "
        "endpoint to them and nothing else."
    ),
    ignore_when="Other tools add the rules.",
    limits="Rules that somebody made by hand, and addresses that only the deployment knows.",
    bad="""\
resource "aws_security_group" "endpoints" {
  vpc_id = aws_vpc.main.id

  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = [aws_vpc.main.cidr_block]
  }
}

resource "aws_vpc_endpoint" "kms" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.private.id]
  security_group_ids  = [aws_security_group.endpoints.id]
}
""",
    good="""\
resource "aws_security_group" "endpoints" {
  vpc_id = aws_vpc.main.id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = [aws_vpc.main.cidr_block]
  }
}

resource "aws_vpc_endpoint" "kms" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.private.id]
  security_group_ids  = [aws_security_group.endpoints.id]
}
""",
)
