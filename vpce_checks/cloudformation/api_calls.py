"""The API calls of CDK's ``AwsCustomResource``, which the template writes out.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html
"""

from __future__ import annotations

import re
from typing import NamedTuple

from vpce_checks.catalog.network_permissions import makes_no_network
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.stack import DISPLAY, Stack
from vpce_checks.cloudformation.template.nodes import Mapping
from vpce_checks.model.values import pattern

API_CALL = "Custom::AWS"

_SERVICE = re.compile(r'"service":"([^"*]{1,100})"')
_ACTION = re.compile(r'"action":"([^"*]{1,100})"')
_CLIENT = "@aws-sdk/client-"

_PREFIXES = {
    "acmpca": "acm-pca",
    "cloudwatchlogs": "logs",
    "cognitoidentity": "cognito-identity",
    "cognitoidentityprovider": "cognito-idp",
    "cognitoidentityserviceprovider": "cognito-idp",
    "efs": "elasticfilesystem",
    "resourcegroupstaggingapi": "tag",
    "sesv2": "ses",
    "wafregional": "waf-regional",
}
"""What permissions call the services that the SDK for JavaScript calls otherwise, without dashes."""

_LEADING = ("route53", "route53profiles", "route53resolver")
"""The services whose calls can lead the names of a VPC to the endpoints of another one."""


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
    permission = f"{_PREFIXES.get(service, service)}:{action}"
    if service in _LEADING and not makes_no_network(permission):
        return ApiCalls(make_no_network=True, lead=True)
    return ApiCalls(makes_no_network(permission))
