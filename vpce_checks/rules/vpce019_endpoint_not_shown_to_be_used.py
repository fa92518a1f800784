"""VPCE019: nothing in the code shows a use of an interface endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Endpoint, Network, Vpc
from vpce_checks.policy import Policy, required_for
from vpce_checks.reach.endpoints import has_type, home_vpc, sole_service
from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge an interface endpoint. The rule says nothing unless all workloads, their roles and all callers are seen."""
    vpc, short = home_vpc(network, endpoint), sole_service(endpoint).short
    if vpc is None or short is None or not network.parts or not has_type(endpoint, "Interface").yes:
        return
    if short in required_for(policy, vpc).interface or _has_other_callers(network, vpc):
        return
    from vpce_checks.policy.workloads import workloads_setting
    from vpce_checks.workloads.unused import may_be_called

    if workloads_setting(policy, vpc).mode == "off" or may_be_called(network, vpc, short):
        return
    message = f"nothing in this configuration shows a use of {endpoint.address}"
    why = (Evidence(f"no workload in {vpc.address} calls {short}, and no role of theirs allows it"),)
    fix = Fix("text", address=endpoint.address, value="remove the endpoint if nothing else uses it: it costs money")
    yield about_endpoint(RULE, endpoint, "fail", message, short, why, fix)


def _has_other_callers(network: Network, vpc: Vpc) -> bool:
    """Return whether code that was not read, or other VPCs, may use the endpoints of ``vpc``."""
    return bool(
        any(not module.harmless for module in network.opaque_modules)
        or network.hosted_zones
        or network.zone_records
        or network.profile_resources
        or any(each.kind in ("transit_gateway", "cloud_wan") for each in network.appliances)
        or any(route.target_kind == "other" for route in network.routes)
    )


RULE = Rule(
    id="VPCE019",
    name="endpoint-not-shown-to-be-used",
    severity="low",
    title="Nothing in the code shows a use of an interface endpoint",
    rationale=(
        "An interface endpoint costs money for each hour and zone. This rule looks for endpoints that no workload of the "
        "VPC calls and that no role of theirs allows. It cannot see what is started by hand or by other code, so it is "
        "off unless the policy gives it a severity: `rules: {VPCE019: {severity: low}}`. Gateway endpoints cost nothing "
        "and are not judged."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html",
    judges="endpoint",
    check=check,
    on_by_default=False,
    fix="Remove the endpoint, after you looked at its metrics in CloudWatch.",
    ignore_when="What uses the endpoint is started by hand or by other code.",
    limits="Clients that are not in the code. The metrics of the endpoint show them.",
    bad="""\
resource "aws_vpc_endpoint" "athena" {
  vpc_id            = aws_vpc.main.id # whose tasks may call S3 only
  service_name      = "com.amazonaws.eu-west-1.athena"
  vpc_endpoint_type = "Interface"
}
""",
    good="""\
# no endpoint for what nothing calls
""",
)
