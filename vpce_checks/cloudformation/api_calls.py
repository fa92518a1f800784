"""The API calls of CDK's ``AwsCustomResource``, which the template writes out.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html
"""

from __future__ import annotations

import re
from typing import NamedTuple

from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.stack import DISPLAY, Stack
from vpce_checks.cloudformation.template.nodes import Mapping
from vpce_checks.model.values import pattern

API_CALL = "Custom::AWS"

_SERVICE = re.compile(r'"service":"([^"*]{1,100})"')
_ACTION = re.compile(r'"action":"([^"*]{1,100})"')
_CLIENT = "@aws-sdk/client-"

BUILDERS = frozenset(
    [
        "batch",
        "cloudcontrol",
        "cloudformation",
        "codebuild",
        "codepipeline",
        "ec2",
        "ecs",
        "lambda",
        "servicecatalog",
        "sfn",
        "ssm",
        "stepfunctions",
    ]
)
"""The services whose calls can make a VPC, an endpoint or a route table, by themselves or by code that they start."""

_LEADING = ("route53", "route53profiles", "route53resolver")
"""The services whose calls can lead the names of a VPC to the endpoints of another one."""

_READS = ("describe", "get", "list")

_RECORDS = "changeresourcerecordsets"
"""The call that changes records, of a zone which is associated or not."""


class ApiCalls(NamedTuple):
    """What calls can do: whether they are all written out and none makes a VPC, an endpoint or a route table, and whether one may
    lead the names of a VPC to the endpoints of another."""

    make_no_network: bool = False
    lead: bool = False


def api_calls(stack: Stack, properties: Mapping) -> ApiCalls:
    """Return what the calls in ``properties`` can do."""
    nodes = [properties.entries[name] for name in ("Create", "Update", "Delete") if name in properties.entries]
    calls = [_call(pattern(evaluate(stack, node, DISPLAY)) or "") for node in nodes]
    made = [call.make_no_network for call in calls]
    return ApiCalls(bool(made) and all(made), any(call.lead for call in calls))


def _call(text: str) -> ApiCalls:
    services, actions = _SERVICE.findall(text), _ACTION.findall(text)
    if len(services) != 1 or len(actions) != 1:
        return ApiCalls()
    service = services[0].lower().removeprefix(_CLIENT).replace("-", "")
    action = actions[0].lower().removesuffix("command")
    if action.startswith(_READS):
        return ApiCalls(make_no_network=True)
    return ApiCalls(service not in BUILDERS, service in _LEADING and action != _RECORDS)
