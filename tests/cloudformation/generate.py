"""Random templates with conditions, mappings, loops, rules and nested stacks, from a seed."""

from __future__ import annotations

import json
from random import Random
from typing import Any, NamedTuple

REGIONS = ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "ap-south-1"]
OTHER_REGIONS = ["eu-north-1", "cn-northwest-1", "us-gov-east-1"]
"""A region of each partition that no template names."""

WORDS = ["dev", "prod", "dev-eu", "prod-eu", "none", ""]
POOL = [*WORDS, "1", "2", "3", "other"]
"""Every text that a template compares with, and one more."""


class Case(NamedTuple):
    """A template, the templates that it nests, and the values and regions that stand for all possible ones."""

    template: Any
    nested: dict[str, Any]
    tried: dict[str, list[str]]
    regions: list[str]


class _Generator:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.tried: dict[str, list[str]] = {}
        self.parameters: dict[str, Any] = {}
        self.mappings: dict[str, Any] = {}
        self.conditions: dict[str, Any] = {}

    def case(self) -> Case:
        random = self.random
        for number in range(random.randint(1, 3)):
            self.parameter(f"P{number}")
        nested = {"inner.json": self.inner()} if random.random() < 0.4 else {}
        for number in range(random.randint(1, 3)):
            self.conditions[f"C{number}"] = self.condition(2)
        template: dict[str, Any] = {"Transform": "AWS::LanguageExtensions", "Parameters": self.parameters}
        resources = self.resources("Vpc", self.conditions)
        if nested:
            names = list(nested["inner.json"]["Parameters"])
            given = {name: self.text() for name in names}
            resources["Inner"] = self.maybe(
                {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "inner.json", "Parameters": given}}
            )
        if random.random() < 0.25:
            template["Rules"] = {"R": self.rule()}
        template |= {"Mappings": self.mappings, "Conditions": self.conditions, "Resources": resources}
        regions = (
            [*REGIONS, *OTHER_REGIONS]
            if "AWS::"
            in json.dumps([self.conditions, resources, self.mappings]).replace("com.amazonaws.${AWS::Region}", "")
            else ["us-east-1"]
        )
        return Case(template, nested, self.tried, regions)

    def parameter(self, name: str) -> None:
        random = self.random
        kind = random.choice(["listed", "listed", "open", "number", "pattern", "short", "list"])
        if kind == "listed":
            declared: dict[str, Any] = {"Type": "String", "AllowedValues": random.sample(WORDS, random.randint(2, 4))}
            if random.random() < 0.5:
                declared["Default"] = random.choice(WORDS)
        elif kind == "open":
            declared = {"Type": "String"}
            self.tried[name] = [*POOL, "other-eu"]
        elif kind == "number":
            declared = {"Type": "Number", "MinValue": 1, "MaxValue": 3}
            self.tried[name] = ["1", "2", "3"]
        elif kind == "pattern":
            declared = {"Type": "String", "AllowedPattern": random.choice(["(dev|prod)(-eu)?", "[a-z]+", "^(none)?$"])}
            self.tried[name] = POOL
        elif kind == "short":
            declared = {"Type": "String", "MinLength": random.randint(0, 1), "MaxLength": random.randint(3, 5)}
            self.tried[name] = [*POOL, "xyz"]
        else:
            declared = {"Type": "CommaDelimitedList"}
            if random.random() < 0.5:
                declared["AllowedValues"] = ["dev", "prod"]
            self.tried[name] = ["", "dev", "prod", "dev,prod", "prod,dev", "dev,dev", "other", "other,dev"]
        self.parameters[name] = declared

    def text(self) -> Any:
        """Return an expression for a text, of the parameters that are texts."""
        random = self.random
        names = [name for name, declared in self.parameters.items() if "List" not in declared["Type"]]
        plain: list[Any] = [random.choice(WORDS)]
        plain += [{"Ref": name} for name in names] * 3
        return random.choice(plain)

    def operand(self) -> tuple[Any, list[str]]:
        """Return an expression, and the texts to compare it with."""
        random = self.random
        name = random.choice(list(self.parameters))
        listed = "List" in self.parameters[name]["Type"]
        kinds = ["list"] if listed else ["ref", "ref", "ref", "sub", "split", "map", "region", "partition", "if"]
        kind = random.choice(kinds)
        ref = {"Ref": name}
        if kind == "list":
            return random.choice([({"Fn::Join": ["", ref]}, [""]), ({"Fn::Select": ["0", ref]}, ["dev", "prod"])])
        if kind == "sub":
            return {"Fn::Sub": f"x-${{{name}}}"}, ["x-dev", "x-prod-eu", "x-"]
        if kind == "split":
            return {"Fn::Select": ["0", {"Fn::Split": ["-", ref]}]}, ["dev", "prod", "none"]
        if kind == "map":
            return self.look_up(ref, self.parameters[name]), ["yes", "no"]
        if kind == "region":
            if random.random() < 0.4:
                return self.look_up({"Ref": "AWS::Region"}, None), ["yes", "no"]
            return {"Ref": "AWS::Region"}, REGIONS[:3]
        if kind == "partition":
            return random.choice(
                [({"Ref": "AWS::Partition"}, ["aws", "aws-cn"]), ({"Ref": "AWS::URLSuffix"}, ["amazonaws.com.cn"])]
            )
        if kind == "if" and self.conditions:
            chosen = {"Fn::If": [random.choice(list(self.conditions)), random.choice(WORDS), ref]}
            return chosen, WORDS
        return ref, ["1", "2", *WORDS]

    def look_up(self, key: Any, declared: Any) -> Any:
        random = self.random
        name = f"M{len(self.mappings)}"
        keys = REGIONS if declared is None else [word for word in (*WORDS, "1", "2", "3") if word]
        self.mappings[name] = {
            each: {"On": random.choice(["yes", "no"]), "Off": random.choice(["yes", "no"])}
            for each in random.sample(keys, random.randint(2, len(keys)))
        }
        arguments = [name, key, random.choice(["On", "Off"])]
        if random.random() < 0.5:
            arguments.append({"DefaultValue": random.choice(["yes", "no"])})
        return {"Fn::FindInMap": arguments}

    def condition(self, depth: int) -> Any:
        random = self.random
        kind = random.choice(["equals", "equals", "not", "and", "or", "named", "both"]) if depth else "equals"
        if kind == "not":
            return {"Fn::Not": [self.condition(depth - 1)]}
        if kind in ("and", "or"):
            return {f"Fn::{kind.title()}": [self.condition(depth - 1) for _ in range(2)]}
        if kind == "named" and self.conditions:
            return {"Condition": random.choice(list(self.conditions))}
        left, others = self.operand()
        listed = [
            name for name, each in self.parameters.items() if "AllowedValues" in each and each["Type"] == "String"
        ]
        if kind == "both" and len(listed) > 1:
            return {"Fn::Equals": [{"Ref": listed[0]}, {"Ref": listed[1]}]}
        sides = [left, random.choice(others)]
        random.shuffle(sides)
        return {"Fn::Equals": sides}

    def maybe(self, resource: dict[str, Any]) -> dict[str, Any]:
        if self.conditions and self.random.random() < 0.5:
            resource["Condition"] = self.random.choice(list(self.conditions))
        return resource

    def resources(self, vpc: str, conditions: dict[str, Any]) -> dict[str, Any]:
        random = self.random
        found: dict[str, Any] = {vpc: {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}
        if random.random() < 0.25:
            self.maybe(found[vpc])
        owner: Any = {"Ref": vpc}
        if random.random() < 0.2:
            found["Subnet"] = {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": owner, "CidrBlock": "10.0.0.0/24"}}
            if "Condition" in found[vpc]:
                found["Subnet"]["Condition"] = found[vpc]["Condition"]
            owner = {"Fn::GetAtt": ["Subnet", "VpcId"]}
        for number in range(random.randint(1, 3)):
            found[f"E{number}"] = self.maybe(self.endpoint(owner, random.choice(["s3", "dynamodb", "kms"]), conditions))
        if random.random() < 0.2:
            body = {"L${Service}": self.maybe(self.endpoint(owner, "${Service}", conditions))}
            found["Fn::ForEach::Loop"] = ["Service", random.choice([["s3", "kms"], ["dynamodb"]]), body]
        return found

    def endpoint(self, vpc: Any, service: str, conditions: dict[str, Any]) -> dict[str, Any]:
        random = self.random
        properties = {"VpcId": vpc, "ServiceName": {"Fn::Sub": f"com.amazonaws.${{AWS::Region}}.{service}"}}
        flags: list[Any] = [True, "false", {"Ref": "AWS::NoValue"}]
        if service != "kms":
            properties["RouteTableIds"] = ["rtb-1"]
            if conditions and random.random() < 0.2:
                name = random.choice(list(conditions))
                properties["VpcEndpointType"] = {"Fn::If": [name, "Gateway", "Interface"]}
            return {"Type": "AWS::EC2::VPCEndpoint", "Properties": properties}
        properties["VpcEndpointType"] = "Interface"
        if conditions and random.random() < 0.5:
            flags.append(
                {"Fn::If": [random.choice(list(conditions)), True, random.choice([False, {"Ref": "AWS::NoValue"}])]}
            )
        names = [name for name, declared in self.parameters.items() if "AllowedValues" in declared]
        names = [name for name in names if "List" not in self.parameters[name]["Type"]]
        if names and random.random() < 0.3:
            name = random.choice(names)
            keys = self.parameters[name]["AllowedValues"]
            self.mappings[f"D{len(self.mappings)}"] = {
                key: {"Dns": random.choice(["true", "false"])} for key in keys if key
            }
            flags.append({"Fn::FindInMap": [f"D{len(self.mappings) - 1}", {"Ref": name}, "Dns"]})
        properties["PrivateDnsEnabled"] = random.choice(flags)
        return {"Type": "AWS::EC2::VPCEndpoint", "Properties": properties}

    def rule(self) -> Any:
        random = self.random
        names = [name for name, declared in self.parameters.items() if "List" not in declared["Type"]]
        if not names:
            return {"Assertions": [{"Assert": {"Fn::Equals": ["a", "a"]}}]}
        ref, some = {"Ref": random.choice(names)}, random.sample(WORDS, 4)
        check = random.choice(
            [
                {"Fn::Contains": [some, ref]},
                {"Fn::EachMemberIn": [[ref], some]},
                {"Fn::Not": [{"Fn::EachMemberEquals": [[ref], some[0]]}]},
                {"Fn::Not": [{"Fn::Equals": [ref, some[0]]}]},
            ]
        )
        rule: dict[str, Any] = {"Assertions": [{"Assert": check}]}
        if random.random() < 0.5:
            rule["RuleCondition"] = {"Fn::Equals": [{"Ref": random.choice(names)}, random.choice(WORDS)]}
        return rule

    def inner(self) -> Any:
        """Return a template to nest. Its parameters are passed by the outer one."""
        inner = _Generator(self.random)
        inner.parameters = {"Q": {"Type": "String"}}
        if self.random.random() < 0.5:
            inner.parameters["Q"]["AllowedValues"] = self.random.sample(WORDS, 4)
        inner.conditions = {"K": inner.condition(1)}
        resources = inner.resources("Vpc", inner.conditions)
        return {
            "Transform": "AWS::LanguageExtensions",
            "Parameters": inner.parameters,
            "Mappings": inner.mappings,
            "Conditions": inner.conditions,
            "Resources": resources,
        }


def generated(seed: int) -> Case:
    """Return the case of ``seed``."""
    return _Generator(Random(seed)).case()
