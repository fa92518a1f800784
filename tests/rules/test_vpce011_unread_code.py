"""VPCE011: what was not read, and what of it looks like a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.expectations import scan
from tests.rules.networks import vpc
from vpce_checks.base.record import replace
from vpce_checks.model.declaration import Declaration
from vpce_checks.model.network import Network, OpaqueModule, grouped
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, PartialString, Unknown
from vpce_checks.policy import Policy
from vpce_checks.policy.model import IgnoreEntry, Source
from vpce_checks.reach.opaque import may_look_up
from vpce_checks.reach.unread import looks_like_network
from vpce_checks.rules.baseline import Baseline, apply, recorded
from vpce_checks.rules.finding import Finding
from vpce_checks.rules.judge import judge
from vpce_checks.rules.registry import find_rule


def module(
    address: str = "module.x", source: str = "git::https://git.example.org/x.git", **fields: Any
) -> OpaqueModule:
    line = sum(map(ord, address)) % 900 + 1
    declared = Declaration(address, "module", Span("/repo/main.tf", line, 1, line + 2))
    return OpaqueModule(declared, source, "it is not there", **fields)


def judged(
    *modules: OpaqueModule, policy: Policy | None = None, foreign: frozenset[str] = frozenset()
) -> list[Finding]:
    rule = find_rule("VPCE011")
    assert rule is not None
    network = Network("/repo", foreign=foreign, **grouped(modules))
    return judge([network], policy or Policy(), [rule])


@pytest.mark.parametrize(
    "fields",
    [
        {"source": "git::ssh://git@git.example.org/team/vpc.git?ref=v1"},
        {"source": "app.terraform.io/acme/vpc-endpoints/aws"},
        {"source": "acme/network/aws//modules/spoke"},
        {"source": "acme/tools/aws//modules/subnets"},
        {"source": "Custom::VpcEndpointBuilder"},
        {"address": "module.network"},
        {"address": 'module.team["a"].module.vpc_main[0]'},
        {"address": "Shared/NetworkStack"},
        {"words": ("name", "vpc_cidr")},
        {"words": ("VpcCidr",)},
        {"outputs": ("private_subnets",)},
        {"outputs": ("VpcId",)},
        {"holds": ("AWS::EC2::VPC",)},
    ],
)
def test_what_looks_like_a_network(fields: dict[str, Any]) -> None:
    assert looks_like_network(module(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"source": "github.com/network-team/terraform-aws-bucket"},
        {"source": "terraform-aws-modules/route53/aws"},
        {"address": "module.alerts_for_vpc"},
        {"address": "module.vpc.module.flow_logs"},
        {"words": ("vpc_id", "subnet_ids", "allowed_cidr_blocks")},
        {"outputs": ("endpoint", "arn", "security_group_id")},
    ],
)
def test_what_does_not(fields: dict[str, Any]) -> None:
    assert not looks_like_network(module(**fields))


def test_networks_are_reported_by_source_and_the_rest_together() -> None:
    vpcs = [module(f"module.vpc[{at}]", "git::https://git.example.org/vpc.git?ref=v1") for at in range(5)]
    found = judged(*vpcs, module("module.vpc_2", "git::https://git.example.org/vpc.git?ref=v2"), *map(module, "abcde"))
    assert sorted((1 + len(finding.also), finding.status, finding.severity) for finding in found) == [
        (5, "unknown", "medium"),
        (6, "unknown", "medium"),
    ]
    likely, rest = sorted(found, key=lambda finding: -len(finding.also))
    assert "and 3 more (git::https://git.example.org/vpc.git), which look like a network" in likely.message
    assert "a, b, c and 2 more" in rest.message
    assert len(rest.why) == 2  # where the first one is declared, and why their one source was not read


def test_a_reason_is_said_once() -> None:
    """It may also be why it is not known whether the call is there."""
    unread = module()
    doubtful = replace(unread, declared=replace(unread.declared, exists=Unknown((Cause(unread.reason),))))
    (found,) = judged(doubtful)
    assert [each.text for each in found.why].count(unread.reason) == 1


def test_what_gives_no_finding() -> None:
    assert judged(module(harmless=True), module(is_unread=False)) == []
    assert judged(module("other"), foreign=frozenset({"other"})) == []


def test_an_ignored_module_is_taken_out_of_its_group() -> None:
    entry = IgnoreEntry("VPCE011", "module.a", "read by hand", None, Source("the policy"))
    found = judged(module("module.a"), module("module.b"), module("module.c"), policy=Policy(ignore=(entry,)))
    assert {(finding.resource, finding.status) for finding in found} == {
        ("module.a", "ignored"),
        ("module.b", "unknown"),
    }
    assert next(finding.also for finding in found if finding.status == "unknown") == ("module.c",)


def test_a_baseline_records_each_module_of_a_group() -> None:
    before = Baseline("/repo", recorded(judged(module("module.a"), module("module.b")), "/repo"))
    assert {key.resource for key in before.recorded} == {"module.a", "module.b"}
    (same,) = apply(judged(module("module.a"), module("module.b")), before)
    (fewer,) = apply(judged(module("module.b")), before)
    (more,) = apply(judged(module("module.a"), module("module.b"), module("module.c")), before)
    assert [same.status, fewer.status, more.status] == ["ignored", "ignored", "unknown"]


NAMED = replace(vpc("module.net.aws_vpc.main"), name="main")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"waits_for": ("module.net.aws_vpc.main",)}, True),
        ({"waits_for": ("module.net",), "address": "module.endpoints"}, True),
        ({"waits_for": ("module.net",), "inputs": ("main",)}, True),
        ({"waits_for": ("module.net",)}, False),
        ({"inputs": ("main",), "address": "module.endpoints"}, True),
        ({"inputs": ("main",)}, False),
        ({"inputs": ("other",), "address": "module.endpoints"}, False),
        ({"waits_for": ("module.net.aws_vpc.main",), "is_unread": False}, False),
    ],
)
def test_a_module_that_may_look_a_vpc_up(fields: dict[str, Any], expected: bool) -> None:
    assert may_look_up(module(**fields), NAMED) is expected


def test_a_name_that_is_known_in_part_is_the_same_name() -> None:
    name = PartialString((Unknown((), "string"), "-main"))
    likely = module("module.endpoints", inputs=(name,))
    assert may_look_up(likely, replace(NAMED, name=name))
    assert not may_look_up(likely, replace(NAMED, name=None))


@pytest.mark.parametrize(
    ("source", "advice"), [("../modules/net", "correct the path"), ("git::https://x/net", "run terraform init")]
)
def test_what_is_missing_gets_the_advice_that_helps(tmp_path: Path, source: str, advice: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "main.tf").write_text(f'module "net" {{\n  source = "{source}"\n}}\n')
    found = [each for each in scan(tmp_path, (), {})[1]["results"] if each["rule"] == "VPCE011"]
    assert [advice in each["fix"] for each in found] == [True]


@pytest.mark.parametrize(
    ("type", "source", "advice"),
    [
        ("module", "?", "roots of the policy file"),
        ("generated", "provider.tf", "roots of the policy file"),
        ("hook", "before_hook.make", "if the program writes no code"),
        ("file", "terragrunt.hcl", "mend the errors"),
        ("unfilled", "endpoints.tf.j2", "that the tool writes"),
        ("module", "git::https://git.example.org/x.git", "terraform init"),
    ],
)
def test_the_advice_is_about_what_was_not_read(type: str, source: str, advice: str) -> None:
    declared = Declaration("x", type, Span("/repo/terragrunt.hcl", 1, 1, 3))
    (finding,) = judged(OpaqueModule(declared, source, "it is not there"))
    assert finding.fix is not None and advice in str(finding.fix.value)


PARTS = """
provider "aws" { region = "eu-west-1" }
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_security_group" "s" { vpc_id = aws_vpc.v.id }
resource "aws_internet_gateway" "n" { vpc_id = aws_vpc.v.id }
resource "aws_ssm_parameter" "p" {
  name  = "/net/vpc"
  type  = "String"
  value = aws_vpc.v.id
}
"""


@pytest.mark.parametrize(
    ("name", "given", "status"),
    [
        ("x", "[aws_vpc.v.main_route_table_id]", "unknown"),
        ("x", "aws_vpc.v.default_route_table_id", "unknown"),
        ("x", "aws_ssm_parameter.p.name", "unknown"),
        ("x", '{ path = "/net/vpc" }', "unknown"),
        ("x", "aws_ssm_parameter.p.arn", "unknown"),
        ("x", "aws_vpc.v.default_security_group_id", "fail"),
        ("network", "aws_vpc.v.default_security_group_id", "unknown"),
        ("network", "aws_security_group.s.id", "fail"),
        ("x", "aws_security_group.s.id", "fail"),
        ("vpc-endpoints", "[aws_security_group.s.id]", "unknown"),
        ("vpc-endpoints", "aws_internet_gateway.n.id", "unknown"),
        ("vpc-endpoints", "aws_vpc.v.cidr_block", "unknown"),
        ("vpc-endpoints", "aws_vpc.v.owner_id", "fail"),
        ("network", "aws_vpc.v.cidr_block", "fail"),
    ],
)
def test_a_module_that_is_not_there_finds_the_vpc_by_what_it_gets(
    tmp_path: Path, name: str, given: str, status: str
) -> None:
    call = f'module "m" {{\n  source = "git::https://git.example.org/{name}.git"\n  t = {given}\n}}\n'
    (tmp_path / "main.tf").write_text(PARTS + call)
    _, report = scan(tmp_path, ("--rules", "VPCE001"), {})
    assert [each["status"] for each in report["results"]] == [status]


STORED = {
    "awscc": (
        'resource "awscc_ssm_parameter" "p" {\n  name = "NAME"\n  value = VALUE\n}\n',
        "awscc_ssm_parameter.p.name",
    ),
    "write-only": (
        'resource "aws_ssm_parameter" "p" {\n  name = "NAME"\n  value_wo = VALUE\n  value_wo_version = 1\n}\n',
        "aws_ssm_parameter.p.arn",
    ),
    "secret": (
        'resource "aws_secretsmanager_secret" "s" {\n  name = "NAME"\n}\n'
        'resource "aws_secretsmanager_secret_version" "s" {\n  secret_id = aws_secretsmanager_secret.s.id\n'
        "  secret_string = jsonencode({ vpc = VALUE })\n}\n",
        "aws_secretsmanager_secret.s.arn",
    ),
    "object": (
        'resource "aws_s3_object" "o" {\n  bucket = "b"\n  key = "NAME"\n  content = VALUE\n}\n',
        "aws_s3_object.o",
    ),
    "base64": (
        'resource "aws_s3_object" "o" {\n  bucket = "b"\n  key = "NAME"\n'
        "  content_base64 = base64encode(jsonencode([VALUE]))\n}\n",
        "aws_s3_object.o.key",
    ),
}
"""Ways to store a text, and what leads to it."""


@pytest.mark.parametrize("store", STORED)
@pytest.mark.parametrize("is_unit", [False, True])
@pytest.mark.parametrize(("given", "status"), [('"/net/vpc"', "unknown"), ("", "unknown"), ('"/net/other"', "fail")])
def test_a_module_that_is_not_there_finds_what_is_stored(
    tmp_path: Path, store: str, is_unit: bool, given: str, status: str
) -> None:
    code, reference = STORED[store]
    vpc, _, _ = PARTS.partition('resource "aws_ssm_parameter"')
    call = f'module "m" {{\n  source = "git::https://git.example.org/x.git"\n  t = {given or reference}\n}}\n'
    (tmp_path / ".git").mkdir()
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.tf").write_text(vpc + code.replace("NAME", "/net/vpc").replace("VALUE", "aws_vpc.v.id") + call)
    if is_unit:
        (tmp_path / "u").mkdir()
        (tmp_path / "u/terragrunt.hcl").write_text('terraform {\n  source = "../m"\n}\n')
    _, report = scan(tmp_path, ("--rules", "VPCE001"), {})
    assert [(each["root"], each["status"]) for each in report["results"]] == [("u" if is_unit else "m", status)]


@pytest.mark.parametrize(
    ("type", "given", "status"),
    [
        ("Custom::VpcEndpoints", "!GetAtt Vpc.DefaultSecurityGroup", "unknown"),
        ("Custom::Thing", "!GetAtt Vpc.DefaultSecurityGroup", "fail"),
        ("Custom::VpcEndpoints", "!GetAtt Group.GroupId", "unknown"),
        ("Custom::Thing", "!Ref Stored", "unknown"),
        ("Custom::Thing", "!Ref Named", "unknown"),
    ],
)
def test_a_custom_resource_finds_the_vpc_by_what_it_gets(tmp_path: Path, type: str, given: str, status: str) -> None:
    token = "arn:aws:lambda:eu-west-1:111122223333:function:x"
    (tmp_path / "t.yaml").write_text(
        "Resources:\n"
        "  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n"
        "  Group: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, GroupDescription: x}}\n"
        "  Stored: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Vpc}}\n"
        "  Named: {Type: AWS::SSM::Parameter, Properties: {Type: String, Name: /net/vpc, Value: !Ref Vpc}}\n"
        f"  C: {{Type: '{type}', Properties: {{ServiceToken: '{token}', Given: {given}}}}}\n"
    )
    _, report = scan(tmp_path, ("--rules", "VPCE001"), {})
    assert [each["status"] for each in report["results"]] == [status]


UNFILLED = """
{% for s in services %}
resource "aws_vpc_endpoint" "{{ s }}" {
  vpc_id       = aws_vpc.v.id
  service_name = "com.amazonaws.eu-west-1.{{ s }}"
}
{% endfor %}
"""
GENERATED = """generate_hcl "_e.tf" {
  content {
    resource "aws_vpc_endpoint" "e" {
      vpc_id = aws_vpc.v.id
    }
  }
}
"""
LONE = 'provider "aws" { region = "eu-west-1" }\nresource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }\n'
INSTALLED = (
    '{"Modules": [{"Key": "", "Dir": "."}, {"Key": "m", "Source": "acme/m/aws", "Dir": ".terraform/modules/m"}]}'
)
CALLS = 'module "m" {\n  source = "./m"\n}\n'


@pytest.mark.parametrize(
    ("files", "read", "endpoint"),
    [
        ({"endpoints.tf.j2": UNFILLED}, ["endpoints.tf.j2 was not read, and would create aws_vpc_endpoint"], "unknown"),
        (
            {"endpoints.tf.j2": UNFILLED, "see.tf": "# endpoints.tf.j2 has the rest\n"},
            ["endpoints.tf.j2 was not read, and would create aws_vpc_endpoint"],
            "unknown",
        ),
        ({"e.TF.Tmpl": UNFILLED}, ["e.TF.Tmpl was not read, and would create aws_vpc_endpoint"], "unknown"),
        (
            {"e.tf.json.tpl": '{"resource": {"aws_vpc_endpoint": {{ all }}}}'},
            ["e.tf.json.tpl was not read, and would create aws_vpc_endpoint"],
            "unknown",
        ),
        (
            {"b.tf.j2": 'module "b" {\n  source = "{{ source }}"\n}\n'},
            ["b.tf.j2 was not read, and could create VPCs, endpoints or routes"],
            "unknown",
        ),
        (
            {"calls.tf": CALLS, "m/main.tf": "locals {}\n", "m/e.tf.j2": UNFILLED},
            ["m/e.tf.j2 was not read, and would create aws_vpc_endpoint"],
            "unknown",
        ),
        (
            {"w.tf.j2": 'resource "aws_vpc" "w" {}\nresource "aws_route" "r" {}\n'},
            ["w.tf.j2 was not read, and would create aws_vpc and aws_route"],
            "fail",
        ),
        ({"d.tf.j2": 'data "aws_vpc" "d" {}\nresource "aws_vpc_endpoint_service" "s" {}\n'}, [], "fail"),
        ({"bucket.tf.j2": 'resource "aws_s3_bucket" "b" {}\n'}, [], "fail"),
        ({"e.tf.j2": UNFILLED, "e.tf": "locals {}\n"}, [], "fail"),
        ({"beside/e.tf.j2": UNFILLED}, [], "fail"),
        (
            {"stack.tm.hcl": "stack {}\n" + GENERATED},
            ["_e.tf was not read, and would create aws_vpc_endpoint"],
            "unknown",
        ),
        ({"stack.tm": "stack {}\n" + GENERATED, "_e.tf": "locals {}\n"}, [], "fail"),
        ({"globals.tm.hcl": GENERATED}, [], "fail"),
        ({"stack.tm.hcl": "stack {}\n" + GENERATED.replace("aws_vpc_endpoint", "aws_s3_bucket")}, [], "fail"),
        ({"stack.tm.hcl": GENERATED.replace("aws_vpc_endpoint", "aws_s3_bucket") + "stack {\n}\n"}, [], "fail"),
        (
            {"e.tf.tpl": UNFILLED, "w.tf": 'locals {\n  t = templatefile("${path.module}/e.tf.tpl", {})\n}\n'},
            [],
            "fail",
        ),
        (
            {
                "calls.tf": CALLS.replace("./m", "acme/m/aws"),
                ".terraform/modules/modules.json": INSTALLED,
                ".terraform/modules/m/main.tf": "locals {}\n",
                ".terraform/modules/m/e.tf.j2": UNFILLED,
            },
            [],
            "fail",
        ),
    ],
)
def test_code_that_another_tool_fills_in_beside_a_module_was_not_read(
    tmp_path: Path, files: dict[str, str], read: list[str], endpoint: str
) -> None:
    (tmp_path / ".git").mkdir()
    for name, text in {"main.tf": LONE, **files}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    results = scan(tmp_path, (), {})[1]["results"]
    assert [each["message"] for each in results if each["rule"] == "VPCE011"] == read
    assert {each["status"] for each in results if each["rule"] == "VPCE001"} == {endpoint}


def test_a_module_whose_vpc_another_tool_fills_in_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "m").mkdir()
    (tmp_path / "main.tf").write_text(CALLS)
    (tmp_path / "m/variables.tf").write_text('variable "name" {}\n')
    (tmp_path / "m/vpc.tf.j2").write_text('resource "aws_vpc" "v" {\n  cidr_block = "{{ cidr }}"\n}\n')
    found = [(each["rule"], each["status"]) for each in scan(tmp_path, (), {})[1]["results"]]
    assert found == [("VPCE011", "unknown")]


def test_terramate_writes_into_the_stacks_below(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "generate.tm.hcl").write_text(GENERATED)
    for name, text in (("main.tf", LONE), ("stack.tm.hcl", "stack {}\n")):
        (tmp_path / "net").mkdir(exist_ok=True)
        (tmp_path / "net" / name).write_text(text)
    results = scan(tmp_path, (), {})[1]["results"]
    assert {each["status"] for each in results if each["rule"] == "VPCE001"} == {"unknown"}
    assert [each["file"] for each in results if each["rule"] == "VPCE011"] == ["generate.tm.hcl"]


NETWORK_OF_TERRAMATE = 'resource "aws_vpc_endpoint" "s3" {\n  service_name = "x"\n}\n'


@pytest.mark.parametrize(
    ("source", "file", "text", "read"),
    [
        ("/lib/gen.tm.hcl", "lib/gen.tm.hcl", NETWORK_OF_TERRAMATE, ["net.tf"]),
        ("../lib/gen.tm.hcl", "lib/gen.tm.hcl", NETWORK_OF_TERRAMATE, ["net.tf"]),
        ("../lib/*.tm.hcl", "lib/gen.tm.hcl", NETWORK_OF_TERRAMATE, ["net.tf"]),
        ("../lib/gen.tm.hcl", "lib/gen.tm.hcl", 'tm_dynamic "module" {\n}\n', ["net.tf"]),
        (
            "../lib/gen.tm.hcl",
            "lib/gen.tm.hcl",
            'tm_dynamic "resource" {\n  labels = ["aws_vpc_endpoint", "s"]\n}\n',
            ["net.tf"],
        ),
        ("../lib/gen.tm.hcl", "lib/gen.tm.hcl", 'tm_dynamic "resource" {\n  labels = ["aws_sns_topic", "s"]\n}\n', []),
        ("../lib/gone.tm.hcl", "lib/gen.tm.hcl", NETWORK_OF_TERRAMATE, ["stack.tm.hcl"]),
        ("../../lib/gen.tm.hcl", "lib/gen.tm.hcl", NETWORK_OF_TERRAMATE, ["stack.tm.hcl"]),
    ],
)
@pytest.mark.parametrize("is_written", [False, True])
def test_what_a_stack_of_terramate_imports(
    tmp_path: Path, source: str, file: str, text: str, read: list[str], is_written: bool
) -> None:
    """With code beside it, and in a directory without code, where it is a warning."""
    stack = f'stack {{}}\nimport {{\n  source = "{source}"\n}}\n'
    generate = f'generate_hcl "net.tf" {{\n  content {{\n{text}  }}\n}}\n'
    files = {"net/stack.tm.hcl": stack, file: generate, **({"net/main.tf": LONE} if is_written else {})}
    (tmp_path / ".git").mkdir()
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    found = scan(tmp_path, (), {})[1]
    if is_written:
        assert [each["message"].split()[0] for each in found["results"] if each["rule"] == "VPCE011"] == read
        return
    warnings = [item for root in found["roots"] for item in root["diagnostics"]]
    assert [each["file"] for each in warnings] == [{"net.tf": file}.get(each, f"net/{each}") for each in read]
    assert all("erramate" in each["message"] and each["severity"] == "warning" for each in warnings)


@pytest.mark.parametrize(
    ("head", "more", "read"),
    [
        ("", "", ["_e.tf"]),
        ("// TERRAMATE: GENERATED AUTOMATICALLY DO NOT EDIT\n", "", []),
        ("", 'stack_filter {\n    project_paths = ["/net", "/app"]\n  }\n', ["_e.tf"]),
        ("", 'stack_filter {\n    project_paths = ["**/net"]\n  }\n', ["_e.tf"]),
        ("", 'stack_filter {\n    project_paths = ["/app", "envs/*"]\n  }\n', []),
        ("", 'stack_filter {\n    repository_paths = ["/app"]\n  }\n', []),
        ("", "stack_filter {\n    project_paths = global.paths\n  }\n", ["_e.tf"]),
    ],
)
def test_terramate_writes_into_some_stacks(tmp_path: Path, head: str, more: str, read: list[str]) -> None:
    """A file that it has not written beside those that it has is none of the stack."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "net").mkdir()
    (tmp_path / "generate.tm.hcl").write_text(GENERATED.replace("  content {", f"  {more}  content {{", 1))
    (tmp_path / "net/stack.tm.hcl").write_text("stack {}\n")
    (tmp_path / "net/main.tf").write_text(head + LONE)
    results = scan(tmp_path, (), {})[1]["results"]
    assert [each["message"].split()[0] for each in results if each["rule"] == "VPCE011"] == read
    assert {each["status"] for each in results if each["rule"] == "VPCE001"} == {"unknown" if read else "fail"}
