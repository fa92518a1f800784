"""The intrinsic functions, by the name that a template calls them by.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from vpce_checks.cloudformation.evaluate.functions.conditional import condition_value, if_, truth_value
from vpce_checks.cloudformation.evaluate.functions.lookups import cidr, get_azs, length, select
from vpce_checks.cloudformation.evaluate.functions.mappings import find_in_map, transform
from vpce_checks.cloudformation.evaluate.functions.names import get_att, get_stack_output, import_value, ref
from vpce_checks.cloudformation.evaluate.functions.rain import RAIN_CONSTANT, constant
from vpce_checks.cloudformation.evaluate.functions.strings import base64, join, split_string, sub, to_json_string
from vpce_checks.cloudformation.evaluate.stack import Stack
from vpce_checks.cloudformation.template.nodes import Node
from vpce_checks.model.values import Value

Function: TypeAlias = Callable[[Stack, Node, str], Value]

FUNCTIONS: dict[str, Function] = {
    "Ref": ref,
    "Condition": condition_value,
    "Fn::GetAtt": get_att,
    "Fn::ImportValue": import_value,
    "Fn::GetStackOutput": get_stack_output,
    "Fn::Join": join,
    "Fn::Split": split_string,
    "Fn::Select": select,
    "Fn::Sub": sub,
    "Fn::Base64": base64,
    "Fn::Cidr": cidr,
    "Fn::GetAZs": get_azs,
    "Fn::Length": length,
    "Fn::ToJsonString": to_json_string,
    "Fn::If": if_,
    "Fn::FindInMap": find_in_map,
    RAIN_CONSTANT: constant,
    "Fn::Transform": transform,
    "Fn::And": truth_value("Fn::And"),
    "Fn::Or": truth_value("Fn::Or"),
    "Fn::Not": truth_value("Fn::Not"),
    "Fn::Equals": truth_value("Fn::Equals"),
}
