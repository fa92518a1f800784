"""Compare our reading of templates with other tools: cfn-lint, moto, CDK, the Serverless transform."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cloudformation.templates import networks, plain, value_of
from tests.cloudformation.test_intrinsics import KNOWN, TEMPLATE
from tests.cloudformation.test_loader import plain as tree
from tests.cloudformation.tools import ask, python_with
from vpce_checks.cloudformation.resources import BUILDERS
from vpce_checks.cloudformation.template.loader import parse
from vpce_checks.cloudformation.template.nodes import entry
from vpce_checks.execution.scan import scan
from vpce_checks.model.network import link
from vpce_checks.model.values import ListValue, pattern
from vpce_checks.project.options import ScanOptions

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"


def test_functions_are_worth_what_cfn_lint_resolves() -> None:
    expressions = [f"Expression: {expression}" for expression, _ in KNOWN]
    asked = [tree(entry(parse(text.encode(), "x").root, "Expression")) for text in expressions]
    template = tree(parse(TEMPLATE.encode(), "x").root)
    assert isinstance(template, dict)
    template["Transform"] = "AWS::LanguageExtensions"
    template["Resources"]["Vpc"]["Properties"] = {"CidrBlock": "10.0.0.0/16"}
    question = {"template": template, "expressions": asked}
    answers = ask(python_with("cfn-lint>=1.20"), HERE / "ask_cfn_lint.py", question=question)
    compared = 0
    for (expression, _), answer in zip(KNOWN, answers, strict=True):
        ours = plain(value_of(expression, TEMPLATE))
        if expression == "!Sub '${!Name} $Name $${Name}'":
            continue  # it leaves the escape as it is written
        if not answer or (len(answer) == 1 and not _resolved(answer[0])):
            continue  # more than its resolver goes into
        assert any(_same(ours, value) for value in answer), (expression, ours, answer)
        compared += 1
    assert compared >= 20


def _resolved(value: object) -> bool:
    """Return whether an answer contains no function."""
    text = json.dumps(value)
    return not any(word in text for word in ("Fn::", "Rain::", "Ref", "failed"))


def _same(left: object, right: object) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, str) and left.startswith(("{", "[")):
        return left.replace(" ", "") == str(right).replace(" ", "")
    return str(left).lower() == str(right).lower()  # it writes True for true


DEPLOYED: list[tuple[str, str, dict[str, str]]] = [
    ("cfn-conditions", "network.yaml", {"Environment": "dev"}),
    ("cfn-conditions", "network.yaml", {"Environment": "prod"}),
    ("cfn-json", "private-vpc.json", {}),
    ("cfn-private-dns-parameter", "endpoints.yml", {"EnablePrivateDns": "false", "Undecided": "true"}),
    ("cfn-find-in-map", "template.yaml", {"Environment": "prod", "Tier": "bronze"}),
]


@pytest.mark.parametrize(("fixture", "name", "parameters"), DEPLOYED)
def test_what_is_deployed_is_what_we_said(fixture: str, name: str, parameters: dict[str, str], tmp_path: Path) -> None:
    text = (FIXTURES / fixture / name).read_text()
    # moto does not follow a condition inside of Fn::Not.
    text = text.replace("!Not [!Condition IsDev]", "!Not [!Equals [!Ref Environment, dev]]")
    python = python_with("moto[cloudformation,ec2]>=5")
    deployed = ask(python, HERE / "ask_moto.py", question={"template": text, "parameters": parameters})
    (tmp_path / "p.json").write_text(json.dumps(parameters))
    files = (str(tmp_path / "p.json"),) if parameters else ()
    (network,) = networks(tmp_path, {name: text}, parameters=files, region="eu-west-1")
    assert sorted(vpc.address for vpc in network.vpcs) == sorted(deployed["vpcs"])
    said: dict[str, Any] = {}
    for endpoint in network.endpoints:
        tables = endpoint.route_tables
        assert isinstance(tables, ListValue)
        said[endpoint.address] = {
            "service_name": endpoint.service_name,
            "type": endpoint.type,
            "private_dns": endpoint.private_dns,
            "vpc": link(endpoint.vpc).address,
            "route_tables": sorted(str(link(table).address or link(table).external) for table in tables.items),
        }
    assert said == deployed["endpoints"]


def test_what_cdk_synthesises(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("CDK needs node")
    out = tmp_path / "cdk.out"
    ask(python_with("aws-cdk-lib>=2.150", "constructs>=10"), HERE / "synthesise.py", str(out))
    report = scan(ScanOptions(paths=(str(tmp_path),)))
    assert report.complete
    seen = {
        (Path(root.path).name.split(".")[0].rstrip("0123456789ABCDEF"), endpoint.declared.construct_path): (
            pattern(endpoint.service_name),
            endpoint.type,
            endpoint.private_dns,
        )
        for root in report.roots
        for network in root.networks
        for endpoint in network.endpoints
        if endpoint.address not in network.foreign
    }
    assert seen == {
        ("Agnostic", "Agnostic/Vpc/S3/Resource"): ("com.amazonaws.*.s3", "Gateway", False),
        ("Agnostic", "Agnostic/Vpc/Ecr/Resource"): ("com.amazonaws.*.ecr.dkr", "Interface", True),
        ("Agnostic", "Agnostic/Vpc/Logs/Resource"): ("com.amazonaws.*.logs", "Interface", False),
        ("Parent", "Parent/Nested/Sts/Resource"): ("com.amazonaws.eu-west-1.sts", "Interface", True),
        ("ProdEndpoints", "Prod/Endpoints/Kms/Resource"): ("com.amazonaws.cn-north-1.kms", "Interface", True),
        ("ProdEndpoints", "Prod/Endpoints/DynamoDB/Resource"): ("com.amazonaws.cn-north-1.dynamodb", "Gateway", False),
        ("ProdNetwork", "Prod/Network/Vpc/S3/Resource"): ("com.amazonaws.cn-north-1.s3", "Gateway", False),
        ("ProdNetwork", "Prod/Network/Vpc/Ecr/Resource"): ("cn.com.amazonaws.cn-north-1.ecr.dkr", "Interface", True),
        ("ProdNetwork", "Prod/Network/Vpc/Logs/Resource"): ("com.amazonaws.cn-north-1.logs", "Interface", False),
    }
    statuses = {
        (
            Path(root.path).name.split(".")[0].rstrip("0123456789ABCDEF"),
            finding.rule,
            finding.about.construct_path,
        ): finding.status
        for root in report.roots
        for finding in root.findings
    }
    assert statuses["Agnostic", "VPCE001", "Agnostic/Vpc/Resource"] == "pass"
    assert statuses["Agnostic", "VPCE002", "Agnostic/Vpc/Resource"] == "fail"
    assert statuses["Agnostic", "VPCE004", "Agnostic/Vpc/Logs/Resource"] == "fail"
    assert statuses["Parent", "VPCE001", "Parent/Vpc/Resource"] == "fail"
    assert statuses["ProdNetwork", "VPCE002", "Prod/Network/Vpc/Resource"] == "pass"


PRIVATE_API = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "Endpoint": {
            "Type": "AWS::EC2::VPCEndpoint",
            "Properties": {
                "VpcId": "vpc-12345678",
                "VpcEndpointType": "Interface",
                "ServiceName": "com.amazonaws.eu-west-1.execute-api",
            },
        },
        "Api": {
            "Type": "AWS::Serverless::Api",
            "Properties": {
                "StageName": "prod",
                "DefinitionBody": {"swagger": "2.0", "info": {"title": "x"}, "paths": {}},
                "EndpointConfiguration": {"Type": "PRIVATE", "VPCEndpointIds": [{"Ref": "Endpoint"}]},
                "Auth": {"ResourcePolicy": {"CustomStatements": [{"Action": "execute-api:Invoke", "Resource": ["*"]}]}},
                "Domain": {
                    "DomainName": "api.example.com",
                    "CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/x",
                    "EndpointConfiguration": "PRIVATE",
                    "Policy": {"Version": "2012-10-17", "Statement": []},
                    "Route53": {
                        "HostedZoneId": "Z1",
                        "VpcEndpointDomainName": {"Fn::Select": [0, {"Fn::GetAtt": ["Endpoint", "DnsEntries"]}]},
                        "VpcEndpointHostedZoneId": "Z2",
                    },
                },
            },
        },
        "Function": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "python3.12",
                "Handler": "x.y",
                "InlineCode": "x",
                "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
                "Events": {"Get": {"Type": "Api", "Properties": {"Path": "/", "Method": "get"}}},
            },
        },
        "HttpApi": {"Type": "AWS::Serverless::HttpApi"},
        "Table": {"Type": "AWS::Serverless::SimpleTable"},
        "Layer": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "s3://b/k"}},
        "Machine": {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {"Definition": {"StartAt": "x", "States": {}}, "Role": "arn:aws:iam::123456789012:role/x"},
        },
        "Nested": {"Type": "AWS::Serverless::Application", "Properties": {"Location": "https://example.com/t.yaml"}},
    },
}


def test_the_serverless_transform_makes_nothing_that_we_miss(tmp_path: Path) -> None:
    """A scan does not need the translator: it creates only one record that matters, and we read that ourselves."""
    made = ask(python_with("aws-sam-translator>=1.90"), HERE / "ask_sam.py", question=PRIVATE_API)
    own = {"Endpoint"}
    matters = {name: resource for name, resource in made.items() if resource["Type"] in BUILDERS and name not in own}
    records = [record for resource in matters.values() for record in resource["Properties"].get("RecordSets", [])]
    assert {resource["Type"] for resource in matters.values()} == {"AWS::Route53::RecordSetGroup"}
    (network,) = networks(tmp_path, {"t.json": json.dumps(PRIVATE_API)})
    assert [record["Name"] for record in records] == [record.name for record in network.zone_records]
    (ours,) = network.zone_records
    assert isinstance(ours.targets, ListValue)
    assert [link(target).address for target in ours.targets.items] == ["Endpoint"]
