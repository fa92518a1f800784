"""What a template deploys, found by trying every combination of parameters. Nothing here is clever, and nothing is shared
with the code that it checks.

Templates are Python objects as JSON has them. A parameter has ``AllowedValues``, or the values to try are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

Templates = Mapping[str, Any]
"""Nested templates, by the ``TemplateURL`` that names them."""

ABSENT = object()
PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


class Refused(Exception):
    """CloudFormation refuses these parameters."""


class Deployed:
    """One stack with known parameters. Raises Refused if it cannot be created."""

    def __init__(
        self, template: Any, parameters: Mapping[str, str], region: str, templates: Templates, prefix: str = ""
    ):
        self.template, self.region, self.templates, self.prefix = template, region, templates, prefix
        self.parameters: dict[str, Any] = {}
        for name, declared in template.get("Parameters", {}).items():
            given = parameters[name] if name in parameters else declared.get("Default")
            if given is None or not accepted(declared, given):
                raise Refused
            listed = declared["Type"] == "CommaDelimitedList" or declared["Type"].startswith("List<")
            self.parameters[name] = [item.strip() for item in given.split(",")] if listed else given
        for rule in template.get("Rules", {}).values():
            applies = "RuleCondition" not in rule or self.truth(rule["RuleCondition"])
            if applies and not all(self.truth(item["Assert"]) for item in rule["Assertions"]):
                raise Refused
        self.conditions = {name: self.truth(node) for name, node in template.get("Conditions", {}).items()}
        self.resources = {
            id: node
            for id, node in unrolled(template["Resources"], self).items()
            if "Condition" not in node or self.conditions[node["Condition"]]
        }
        self.nested: dict[str, Deployed] = {}
        self.objects: dict[str, dict[str, Any]] = {}
        for id in self.resources:
            self.create(id)

    def create(self, id: str) -> None:
        node = self.resources[id]
        if id in self.nested or prefixed(self, id) in self.objects:
            return
        if node["Type"] == "AWS::CloudFormation::Stack":
            given = {}
            for name, child in node["Properties"].get("Parameters", {}).items():
                made = self.value(child)
                if made is not ABSENT:
                    given[name] = ",".join(made) if isinstance(made, list) else made
            inner = Deployed(
                self.templates[node["Properties"]["TemplateURL"]],
                given,
                self.region,
                self.templates,
                f"{self.prefix}{id}/",
            )
            self.nested[id] = inner
            return
        properties = {name: self.value(child) for name, child in node.get("Properties", {}).items()}
        self.objects[prefixed(self, id)] = {
            "Type": node["Type"],
            **{name: made for name, made in properties.items() if made is not ABSENT},
        }

    def everything(self) -> dict[str, dict[str, Any]]:
        """Return all resources of this stack and those nested in it, by address."""
        found = dict(self.objects)
        for inner in self.nested.values():
            found.update(inner.everything())
        return found

    def value(self, node: Any) -> Any:
        if isinstance(node, bool):
            return "true" if node else "false"
        if isinstance(node, int):
            return str(node)
        if isinstance(node, list):
            return [made for made in map(self.value, node) if made is not ABSENT]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name == "Ref":
                return self.ref(argument if isinstance(argument, str) else self.value(argument))
            if name.startswith("Fn::"):
                return getattr(self, "fn_" + name[4:].lower())(argument)
        return {key: made for key, child in node.items() if (made := self.value(child)) is not ABSENT}

    def ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return ABSENT
        if name == "AWS::Region":
            return self.region
        if name in ("AWS::Partition", "AWS::URLSuffix"):
            found = next((value for start, value in PARTITIONS.items() if self.region.startswith(start)), "aws")
            return found if name == "AWS::Partition" else "amazonaws.com" + (".cn" if found == "aws-cn" else "")
        if name in self.parameters:
            return self.parameters[name]
        if name not in self.resources:
            raise Refused
        return f"<{self.prefix}{name}>"

    def fn_sub(self, argument: Any) -> str:
        text, variables = (argument, {}) if isinstance(argument, str) else argument

        def filled(match: re.Match[str]) -> str:
            made = self.value(variables[match[1]]) if match[1] in variables else self.ref(match[1])
            assert isinstance(made, str)
            return made

        return re.sub(r"\$\{([^}]+)\}", filled, text)

    def fn_join(self, argument: Any) -> str:
        return str(argument[0]).join(self.value(argument[1]))

    def fn_split(self, argument: Any) -> list[str]:
        made = self.value(argument[1])
        assert isinstance(made, str)
        return made.split(argument[0])

    def fn_select(self, argument: Any) -> Any:
        items = self.value(argument[1])
        if int(argument[0]) >= len(items):
            raise Refused
        return items[int(argument[0])]

    def fn_findinmap(self, argument: Any) -> Any:
        keys = [self.value(key) for key in argument[:3]]
        found: Any = self.template.get("Mappings", {})
        for key in keys:
            if key not in found:
                if len(argument) == 4:
                    return self.value(argument[3]["DefaultValue"])
                raise Refused
            found = found[key]
        return self.value(found)

    def fn_if(self, argument: Any) -> Any:
        return self.value(argument[1] if self.truth({"Condition": argument[0]}) else argument[2])

    def fn_getatt(self, argument: Any) -> Any:
        id, attribute = argument
        if id not in self.resources:
            raise Refused
        self.create(id)
        if id in self.nested:
            outputs = self.nested[id].template["Outputs"]
            return self.nested[id].value(outputs[attribute.removeprefix("Outputs.")]["Value"])
        return self.objects[prefixed(self, id)][attribute]

    def truth(self, node: Any) -> bool:
        ((name, argument),) = node.items()
        if name == "Condition":
            return self.truth(self.template["Conditions"][argument])
        if name == "Fn::Not":
            return not self.truth(argument[0])
        if name in ("Fn::And", "Fn::Or"):
            answers = [self.truth(item) for item in argument]  # each of them, as any may be refused
            return all(answers) if name == "Fn::And" else any(answers)
        first, second = (self.value(side) for side in argument)
        if name == "Fn::Equals":
            return bool(first == second)
        if name == "Fn::Contains":
            return second in first
        if name == "Fn::EachMemberIn":
            return all(item in second for item in first)
        assert name == "Fn::EachMemberEquals"
        return all(item == second for item in first)


def prefixed(stack: Deployed, id: str) -> str:
    return stack.prefix + id


def accepted(declared: Any, text: str) -> bool:
    """Return whether CloudFormation accepts ``text`` for a parameter."""
    listed = declared["Type"] == "CommaDelimitedList" or declared["Type"].startswith("List<")
    if declared["Type"] not in ("String", "Number", "CommaDelimitedList") and not text:
        return False
    for item in text.split(",") if listed and (text or "AllowedValues" in declared) else [] if listed else [text]:
        item = item.strip() if listed else item
        if "AllowedValues" in declared and item not in map(str, declared["AllowedValues"]):
            return False
        if "AllowedPattern" in declared and not re.fullmatch(declared["AllowedPattern"], item):
            return False
        if not declared.get("MinLength", 0) <= len(item) <= declared.get("MaxLength", 4096):
            return False
        if declared["Type"] == "Number":
            if not re.fullmatch(r"-?\d+", item):
                return False
            if not declared.get("MinValue", -(10**9)) <= int(item) <= declared.get("MaxValue", 10**9):
                return False
    return True


def unrolled(resources: Any, stack: Deployed) -> dict[str, Any]:
    """Return the resources, with a copy of the body of each loop for each of its items."""
    found: dict[str, Any] = {}
    for id, node in resources.items():
        if not id.startswith("Fn::ForEach::"):
            found[id] = node
            continue
        variable, items, body = node
        for item in stack.value(items):
            found.update(unrolled(replaced(body, variable, item), stack))
    return found


def replaced(node: Any, variable: str, item: str) -> Any:
    if isinstance(node, dict):
        if node == {"Ref": variable}:
            return item
        return {replaced(key, variable, item): replaced(child, variable, item) for key, child in node.items()}
    if isinstance(node, list):
        return [replaced(child, variable, item) for child in node]
    return node.replace("${" + variable + "}", item) if isinstance(node, str) else node


def combinations(
    template: Any, tried: Mapping[str, list[str]], regions: list[str]
) -> Iterator[tuple[dict[str, str], str]]:
    """Yield every combination of parameter values and region to try."""
    names = list(template.get("Parameters", {}))
    values = [
        list(map(str, tried[name] if name in tried else template["Parameters"][name]["AllowedValues"]))
        for name in names
    ]
    for region in regions:
        for chosen in product(*values):
            yield dict(zip(names, chosen, strict=True)), region


def statuses(objects: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Return the verdicts on one deployment: (rule, address) -> fail or pass."""
    found: dict[tuple[str, str], str] = {}
    endpoints = {id: item for id, item in objects.items() if item["Type"] == "AWS::EC2::VPCEndpoint"}
    for address, item in objects.items():
        if item["Type"] == "AWS::EC2::VPC":
            for rule, service in (("VPCE001", "s3"), ("VPCE002", "dynamodb")):
                there = any(
                    other["VpcId"] == f"<{address}>"
                    and other["ServiceName"].endswith("." + service)
                    and other.get("VpcEndpointType", "Gateway") == "Gateway"
                    for other in endpoints.values()
                )
                found[rule, address] = "pass" if there else "fail"
    for address, item in endpoints.items():
        if item.get("VpcEndpointType") == "Interface" and item["ServiceName"].endswith(".kms"):
            found["VPCE004", address] = "pass" if item.get("PrivateDnsEnabled") == "true" else "fail"
    return found


def by_brute_force(
    template: Any, templates: Templates, tried: Mapping[str, list[str]], regions: list[str]
) -> list[tuple[dict[str, str], dict[tuple[str, str], str]]]:
    """Return the verdicts in every combination that can be deployed."""
    found = []
    for chosen, region in combinations(template, tried, regions):
        try:
            stack = Deployed(template, chosen, region, templates)
        except Refused:
            continue
        found.append(({**chosen, "AWS::Region": region}, statuses(stack.everything())))
    return found
