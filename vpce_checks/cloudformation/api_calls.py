"""The API calls of CDK's ``AwsCustomResource``, which the template writes out.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html
"""

from __future__ import annotations

import re

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

_READS = ("describe", "get", "list")


def calls_make_no_network(stack: Stack, properties: Mapping) -> bool:
    """Return whether the calls are all written out, and none makes a VPC, an endpoint or a route table."""
    nodes = [properties.entries[name] for name in ("Create", "Update", "Delete") if name in properties.entries]
    calls = [pattern(evaluate(stack, node, DISPLAY)) or "" for node in nodes]
    return bool(calls) and all(map(_is_harmless, calls))


def _is_harmless(call: str) -> bool:
    services, actions = _SERVICE.findall(call), _ACTION.findall(call)
    if len(services) != 1 or len(actions) != 1:
        return False
    service = services[0].lower().removeprefix(_CLIENT).replace("-", "")
    action = actions[0].lower().removesuffix("command")
    return service not in BUILDERS or action.startswith(_READS)
