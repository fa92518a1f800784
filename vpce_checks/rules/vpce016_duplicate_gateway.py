"""VPCE016: two gateway endpoints of one service are on one route table."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.catalog import is_gateway_service
from vpce_checks.model.evidence import Evidence, because
from vpce_checks.model.network import Endpoint, Network
from vpce_checks.policy import Policy
from vpce_checks.reach.endpoints import has_type, may_be_deployed, service_label, sole_service
from vpce_checks.reach.shared_tables import (
    may_share_unnamed,
    opaque_may_share,
    shared_with_itself,
    sharing,
    unnamed_beside,
)
from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge a gateway endpoint: compare its tables with those of the endpoints that are declared before it."""
    short = sole_service(endpoint).short
    if short is None or not is_gateway_service(short) or not has_type(endpoint, "Gateway").yes:
        return
    found = sharing(network, endpoint)
    # What may be deployed already may be this endpoint itself.
    shares = [share for share in found if share.answer.yes or not may_be_deployed(share.other)]
    certain = [share for share in shares if share.answer.yes]
    label = service_label(endpoint)
    if certain:
        tables = " and ".join(dict.fromkeys(share.table for share in certain))
        other = certain[0].other
        message = f"{endpoint.address} is on {tables} beside {other.address} for {label}, so AWS refuses it"
        why = tuple(
            Evidence(f"{share.other.address} for {label} is on {share.table}", share.other.declared.span)
            for share in certain
        )
        fix = Fix("text", address=endpoint.address, value=f"keep one gateway endpoint for {label} on each route table")
        yield about_endpoint(RULE, endpoint, "fail", message, label, why, fix)
    elif shares:
        share = shares[0]
        message = f"{endpoint.address} and {share.other.address} for {label} might both be on {share.table}"
        step = Evidence(f"{share.other.address} may be on {share.table}", share.other.declared.span)
        yield about_endpoint(RULE, endpoint, "unknown", message, label, (step, *because(share.answer.causes)))
    elif (beside := unnamed_beside(network, endpoint)) is not None:
        other, step = beside
        message = f"{endpoint.address} and {other.address} might both be on one route table, with routes to {label}"
        yield about_endpoint(RULE, endpoint, "unknown", message, label, (step,))
    elif (table := shared_with_itself(network, endpoint)) is not None:
        message = f"{endpoint.address} may exist more than once, and then each is on {table} for {label}"
        step = Evidence("how often count or for_each makes it is not known", endpoint.declared.span, "cause")
        yield about_endpoint(RULE, endpoint, "unknown", message, label, (step,))
    # If it shares one with a later endpoint, the finding is about that one.
    elif (
        len(shares) == len(found)
        and not sharing(network, endpoint, later=True)
        and not may_share_unnamed(network, endpoint)
        and not opaque_may_share(network, endpoint)
    ):
        message = f"{endpoint.address} shares no route table with another gateway endpoint for {label}"
        yield about_endpoint(RULE, endpoint, "pass", message, label)


RULE = Rule(
    id="VPCE016",
    name="duplicate-gateway",
    severity="high",
    title="Two gateway endpoints of one service are on one route table",
    rationale=(
        "A gateway endpoint puts a route for the addresses of its service into each of its route tables, and a table "
        "takes one route to them. AWS refuses the second endpoint in the middle of the deployment. Several endpoints "
        "for one service are fine on different tables, and so are endpoints for different services on one table. The "
        "finding is about the endpoint that is declared later."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
    judges="endpoint",
    check=check,
    fix="Remove the route table from one of the endpoints.",
    ignore_when="There is no good reason: AWS refuses the second route.",
    limits=(
        "Endpoints that somebody made by hand, or that code which was not read makes on tables that it looks up in the VPC."
    ),
    bad="""\
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.private.id]
}

resource "aws_vpc_endpoint" "s3_again" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.private.id]
}
""",
    good="""\
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.private.id]
}
""",
)
