"""VPCE014: the policy of an endpoint lets no call through, or not those that required services make."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.record import replace
from vpce_checks.model.evidence import Evidence, because
from vpce_checks.model.network import Endpoint, Network
from vpce_checks.model.tristate import any_of, maybe
from vpce_checks.model.values import merge_causes
from vpce_checks.policy import Policy
from vpce_checks.policy.required import required_for
from vpce_checks.reach.allows import allows
from vpce_checks.reach.endpoints import has_type, home_vpc, is_of, is_vpc, service_label, sole_service
from vpce_checks.reach.indexes import once
from vpce_checks.reach.permission import Permission
from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint

_NEEDS = {"ecr": ("ecr.dkr", "ecr.api"), "ssm": ("ssm",)}
"""Key of the buckets of AWS -> the services whose clients read them."""


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge a gateway or interface endpoint to an AWS service."""
    if sole_service(endpoint).of_others or any_of(has_type(endpoint, type) for type in ("Gateway", "Interface")).no:
        return
    found = _as_far_as_known(network, endpoint, policy, allows(network, endpoint, _needs(network, endpoint, policy)))
    short = service_label(endpoint)
    pull = _pull(network, endpoint, policy) if found.trouble == "buckets" else ()
    if found.answer.yes:
        text = "lets calls through" if found.given else "is AWS's own, which allows everything"
        yield about_endpoint(RULE, endpoint, "pass", f"the policy of {endpoint.address} {text}", short, found.why)
    elif found.answer.no:
        message = f"the policy of {endpoint.address} {found.words}"
        fix = Fix("text", address=endpoint.address, value=_FIXES[found.trouble])
        yield about_endpoint(RULE, endpoint, "fail", message, short, (*found.why, *pull), fix)
    elif found.given and (
        found.trouble or _is_first(network, endpoint, tuple(cause.text for cause in found.answer.causes))
    ):
        message = f"the policy of {endpoint.address} {found.words}"
        why = dict.fromkeys((*found.why, *pull, *because(found.answer.causes)))
        yield about_endpoint(RULE, endpoint, "unknown", message, short, tuple(why))


def _as_far_as_known(network: Network, endpoint: Endpoint, policy: Policy, found: Permission) -> Permission:
    """Return ``found``, which is not certain where calls are let through but the service, the type or the VPC is not
    known: another service may support no policy or have other actions, another VPC may require more buckets."""
    if not (found.given and found.answer.yes):
        return found
    if sole_service(endpoint).short is None:
        causes = merge_causes([endpoint.service_name])
        return replace(found, answer=maybe(causes), words="might not suit its service")
    needs = _possible_needs(network, endpoint, policy)
    wanted = allows(network, endpoint, needs) if needs else found
    doubts = merge_causes([endpoint.vpc, endpoint.type])
    return found if wanted.answer.yes else replace(wanted, answer=maybe((*doubts, *wanted.answer.causes)))


def _possible_needs(network: Network, endpoint: Endpoint, policy: Policy) -> tuple[str, ...]:
    """Return what :func:`_needs` might return, if more were known of the type and the VPC."""
    if not has_type(endpoint, "Gateway").possible:
        return ()
    required = [required_for(policy, vpc) for vpc in network.vpcs if is_vpc(endpoint.vpc, vpc).possible]
    asked = {name for each in required for name in (*each.interface, *(other.service for other in each.undecided))}
    return tuple(key for key, services in _NEEDS.items() if not asked.isdisjoint(services))


def _needs(network: Network, endpoint: Endpoint, policy: Policy) -> tuple[str, ...]:
    """Return whose buckets a policy of S3 must leave open: those of the services that are required of the VPC, or that its
    workloads certainly call."""
    home = home_vpc(network, endpoint)
    if home is None or not is_of(endpoint, "s3").yes or not has_type(endpoint, "Gateway").yes:
        return ()
    required = required_for(policy, home)
    needs = [key for key, services in _NEEDS.items() if not set(services).isdisjoint(required.interface)]
    if "ecr" not in needs and _pull(network, endpoint, policy):
        needs.append("ecr")
    return tuple(needs)


def _pull(network: Network, endpoint: Endpoint, policy: Policy) -> tuple[Evidence, ...]:
    """Return a workload that certainly reads the layers of an image in ECR through ``endpoint``; nothing if there is none.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    """
    home = home_vpc(network, endpoint)
    if home is None or not network.parts:
        return ()
    from vpce_checks.rules.workload_calls import is_in_region, outcomes_in  # few roots have workloads

    for outcome in outcomes_in(network, home, policy):
        if outcome.call.service == "s3" and outcome.served.by == endpoint.address:
            for call in outcome.workload.calls:
                if call.service == "ecr.dkr" and call.certainty == "certain" and is_in_region(call, home):
                    return (Evidence(f"{outcome.workload.address}: {call.why}", call.span),)
    return ()


def _is_first(network: Network, endpoint: Endpoint, doubt: tuple[str, ...]) -> bool:
    """Whether no endpoint before this one has the same doubt: what settles it for one settles it for all."""
    first = once(network, "first of a doubt about policies", dict[tuple[str, ...], str])
    return first.setdefault(doubt, endpoint.address) == endpoint.address


_FIXES = {
    "unsupported": "remove the policy",
    "too long": "shorten the policy, for instance with wildcards or conditions in place of lists",
    "malformed": "correct the policy document",
    "nothing allowed": "add a statement that allows the calls, with the Principal * and a condition to limit it",
    "all denied": "limit the statement that denies everything, by a condition, an action or a resource",
    "buckets": "allow s3:GetObject on these buckets of AWS as well",
    "": "",
}

RULE = Rule(
    id="VPCE014",
    name="endpoint-policy",
    severity="high",
    title="The policy of an endpoint lets no call through",
    rationale=(
        "An endpoint policy limits who may call what through an endpoint. AWS's own policy allows everything. A policy "
        "without a statement that allows, with statements that deny all of it, or with the actions of another "
        "service lets no call through. Actions begin with what IAM calls the service: those of the endpoint monitoring with "
        "cloudwatch. Nor does an action beside resources that it does not act on let a call through, such as s3:GetObject "
        "for the ARN of a bucket, or sqs:SendMessage for that of a topic. A gateway endpoint matches no principal but *, so a policy limits principals by "
        "a condition. A policy of S3 that names buckets must also name those that AWS's own software reads: the layers "
        "of container images (ECR) and the buckets of Systems Manager. The rule asks for these if the policy file "
        "requires ecr.api, ecr.dkr or ssm of the VPC, and for the layers also if a workload pulls an image of ECR through the "
        "endpoint. AWS refuses policies of more than 20,480 characters, policies "
        "that are not well-formed, and policies for services that support none."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
    judges="endpoint",
    check=check,
    fix=(
        "Widen the policy by the actions and resources that the finding names, or leave the policy out: AWS then "
        "allows everything that IAM allows."
    ),
    ignore_when="The endpoint is for other services or principals than those that the policy requires.",
    limits=(
        "What IAM allows the caller, and policies that the deployment computes. Where the region of the endpoint is not known, "
        "ARNs are taken to be of its partition."
    ),
    bad="""\
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.private.id]

  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = "*", Action = "dynamodb:*", Resource = "*" }]
  })
}
""",
    good="""\
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.private.id]

  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:*", Resource = "*" }]
  })
}
""",
)
