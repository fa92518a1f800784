"""VPCE017: a workload without a way out calls a service that no endpoint serves."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.network import Network, Vpc
from vpce_checks.policy import Policy
from vpce_checks.rules.finding import Finding, Fix, Rule


def check(network: Network, vpc: Vpc, policy: Policy) -> Iterator[Finding]:
    """Judge the calls of the workloads in a VPC. Likely calls count only if the policy requires their endpoints."""
    if not network.parts:
        return
    from vpce_checks.catalog import is_gateway_service
    from vpce_checks.policy.workloads import workloads_setting
    from vpce_checks.rules.required_endpoint import fails_already
    from vpce_checks.rules.workload_calls import about_workload, outcomes_in, past_acls, remedy

    for outcome in outcomes_in(network, vpc, policy):
        workload, service = outcome.workload.address, outcome.call.service
        if not outcome.fails or fails_already(network, vpc, policy, service):
            continue
        fix = remedy(network, vpc, outcome)
        where = f"in {outcome.subnet.declared.address} " if outcome.differs else ""
        reason = f"{where}it has no way out of {vpc.address} and no endpoint serves it"
        if (shut := outcome.served.shut) is not None:
            reason = f"none of its security groups allows HTTPS to {shut}"
            value = f"allow TCP 443 to {shut} in a security group of {workload}"
            fix = Fix("text", address=workload, value=value)
        elif (closed := outcome.served.refuses) is not None:
            reason = f"{closed} does not let in HTTPS from it"
            value = f"let in TCP 443 from a security group of {workload}, or from its subnets, in a security group of {closed}"
            if outcome.served.by_acls:
                place = outcome.subnet.declared.address
                reason = f"network ACLs do not let HTTPS from {place} to {closed}"
                value = (
                    f"let TCP 443 from {place}, and the replies to it, through the network ACLs on the way to {closed}"
                )
            fix = Fix("text", address=closed, value=value)
        elif is_gateway_service(service) and past_acls(network, outcome.subnet, service).no:
            place = outcome.subnet.declared.address
            reason = f"the network ACL of {place} denies HTTPS to public addresses, also by a gateway endpoint"
            value = f"let HTTPS to public addresses out, and the replies in, in the network ACL of {place}, or add an interface endpoint"
            fix = Fix("text", address=workload, value=value)
        elif (barred := outcome.served.barred) is not None:
            reason = f"none of its security groups allows HTTPS to the prefix list of {barred}"
            value = f"allow TCP 443 to the prefix list of {barred} in a security group of {workload}"
            fix = Fix("text", address=workload, value=value)
        if outcome.call.certainty == "certain":
            message = f"{workload} calls {service}, but {reason}"
            yield about_workload(RULE, outcome, vpc, "fail", message, fix)
        elif workloads_setting(policy, vpc).mode == "require":
            message = f"{workload} likely calls {service}, but {reason}"
            yield about_workload(RULE, outcome, vpc, "unknown", message, fix)


RULE = Rule(
    id="VPCE017",
    name="call-cannot-work",
    severity="high",
    title="A workload calls a service that it cannot reach",
    rationale=(
        "Some arguments prove that a workload calls an AWS service: an image in ECR, the log driver awslogs, a secret in a "
        "task definition, a node group. In a subnet without a way to the Internet, such a call works only through an "
        "endpoint. Private DNS of an interface endpoint leads all calls to it: a security group of the workload must let HTTPS out "
        "to it, and the endpoint must let the workload in. Otherwise tasks do not start, nodes do not "
        "join and jobs hang. The rule fails only if the code "
        "shows the call, the routes and the endpoints for certain. Where private DNS leads calls to an endpoint that they do "
        "not get through to, it also fails with a NAT gateway, whatever other way out there is. What the policy excuses or declares central is not "
        "judged."
    ),
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html",
    judges="vpc",
    check=check,
    fix=(
        "Add the endpoint that the call needs, or give the subnet a way out. An interface endpoint costs money "
        "for each hour and zone."
    ),
    ignore_when="A way out exists that the code does not show: say `egress: internet` in the policy.",
    limits="Routes and proxies that are not in the code. Roles prove no call.",
    bad="""\
resource "aws_ecs_service" "app" {
  launch_type     = "FARGATE"
  task_definition = aws_ecs_task_definition.app.arn # its image is in ECR
  network_configuration {
    subnets = [aws_subnet.private.id] # no route out, no endpoint for ECR
  }
}
""",
    good="""\
resource "aws_vpc_endpoint" "ecr" {
  for_each            = toset(["ecr.api", "ecr.dkr"])
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.private.id]
  security_group_ids  = [aws_security_group.endpoints.id]
}
""",
)
