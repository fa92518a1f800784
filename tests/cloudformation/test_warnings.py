"""Only what matters to a VPC or an endpoint is a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cloudformation.templates import VPC_AND_S3, networks, value_of, verdicts, write
from vpce_checks.cloudformation.sniff import may_be_template
from vpce_checks.cloudformation.template_set import TemplateSet
from vpce_checks.execution.scan import scan
from vpce_checks.model.values import Reference, Unknown
from vpce_checks.project.options import ScanOptions

ODD = """
  Odd:
    Type: Custom::Odd
    Properties: {A: !Ref Nowhere, A: 1}
"""
TWICE = """
  Twice:
    Type: AWS::SNS::Topic
    Properties: {TopicName: a, TopicName: b}
"""


def messages(directory: Path, template: str) -> list[str]:
    return [item.message for network in networks(directory, {"t.yaml": template}) for item in network.diagnostics]


@pytest.mark.parametrize("extra", [ODD, TWICE])
def test_a_template_without_network_is_not_warned_of(extra: str, tmp_path: Path) -> None:
    assert messages(tmp_path, "Resources:" + extra) == []
    assert len(messages(tmp_path, VPC_AND_S3 + extra)) == 1


@pytest.mark.parametrize(
    ("role", "told"),
    [
        ("", False),
        ("Role: 'arn:aws:iam::111122223333:role/x'", True),
        ("Role: !GetAtt Other.Arn", True),
        ("Role: !If [C, 'arn:aws:iam::111122223333:role/x', !Ref 'AWS::NoValue']", False),
    ],
)
def test_sam_makes_a_role_for_a_function_without_one(role: str, told: bool) -> None:
    sam = """
    Transform: AWS::Serverless-2016-10-31
    Conditions: {C: !Equals [!ImportValue x, a]}
    Resources:
      Other: {Type: "AWS::IAM::Role"}
      Fn: {Type: "AWS::Serverless::Function", Properties: {Runtime: python3.12, ROLE}}
    """
    for expression in ("!GetAtt FnRole.Arn", "!Ref FnRole"):
        found = value_of(expression, sam.replace("ROLE", role))
        assert isinstance(found, Unknown if told else Reference)


def test_a_template_that_is_not_there_may_have_held_one(tmp_path: Path) -> None:
    nested = "Resources:\n  Net: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: ./net.yaml}}\n"
    assert messages(tmp_path, nested) == ["the nested template ./net.yaml is not in this repository"]


@pytest.mark.parametrize(("type", "told"), [("AWS::EC2::VPC", True), ("AWS::Lambda::Function", False)])
@pytest.mark.parametrize("name", ["t.yaml", "t.json"])
def test_what_is_to_be_rendered_first_is_told_of_if_it_may_hold_one(
    name: str, type: str, told: bool, tmp_path: Path
) -> None:
    text = "{% if a %}\nResources:\n  {{ name }}:\n    Type: " + type + "\n{% endif %}\n"
    if name.endswith("json"):
        text = '{"Resources": {\n {% if a %} "A": {"Type": "' + type + '"} {% endif %}\n}}'
    write(tmp_path, {name: text})
    assert bool(list(TemplateSet([str(tmp_path / name)]))) is told


def test_what_is_to_be_rendered_first_is_an_error_where_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"t.yaml": "Resources:\n{% for a in b %}\n  {{ a }}: {Type: 'AWS::EC2::VPC'}\n{% endfor %}\n"})
    assert scan(ScanOptions(paths=(str(tmp_path),))).complete
    assert not scan(ScanOptions(paths=(str(tmp_path / "t.yaml"),))).complete


MACRO = """\
Transform: [ParameterResolver]
Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
  Cluster:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./cluster.yaml, Parameters: {Version: VALUE}}
"""
CLUSTER = """\
Parameters: {Version: {Type: String, AllowedValues: ["1.18", "1.17"]}}
Resources: {Group: {Type: "AWS::EC2::SecurityGroup", Properties: {GroupDescription: nodes}}}
"""


@pytest.mark.parametrize("value", ["~~/app/Version~~", "replaced-by-the-macro"])
def test_a_template_with_a_macro_is_not_refused_as_a_whole(value: str, tmp_path: Path) -> None:
    """The macro changes it before CloudFormation looks at parameters."""
    (found,) = networks(tmp_path, {"t.yaml": MACRO.replace("VALUE", value), "cluster.yaml": CLUSTER})
    assert len(found.vpcs) == len(found.opaque_modules) == 1
    plain = MACRO.replace("VALUE", value).replace("[ParameterResolver]", "AWS::Serverless-2016-10-31")
    (found,) = networks(tmp_path, {"t.yaml": plain, "cluster.yaml": CLUSTER})
    assert not found.vpcs
    assert "would refuse this template" in found.diagnostics[0].message


@pytest.mark.parametrize(
    ("above", "url"),
    [
        ("", "./middle.yaml"),
        ("Mappings: {M: {a: {u: ./middle.yaml}}}\n", "!FindInMap [M, a, u]"),
        ("Parameters: {Size: {Type: String, AllowedValues: [middle]}}\n", "!Sub './${Size}.yaml'"),
    ],
)
@pytest.mark.parametrize("is_passed", [False, True])
def test_a_macro_of_a_nested_template_counts_too(above: str, url: str, is_passed: bool, tmp_path: Path) -> None:
    """It changes what that one passes on."""
    cluster = "AWS::CloudFormation::Stack', Properties: {TemplateURL: ./cluster.yaml, Parameters: {Version: replaced}}"
    middle = f"Transform: [ParameterResolver]\nResources: {{Cluster: {{Type: '{cluster}}}}}\n"
    outer = f"Resources: {{N: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: {url}}}}}"
    vpc = "Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}"
    files = {
        "t.yaml": f"{above}{outer}, {vpc}}}\n",
        "middle.yaml": middle,
        "cluster.yaml": CLUSTER,
    }
    if is_passed:
        passed = f"TemplateURL: ./outer.yaml, Parameters: {{Url: {url}}}"
        nest = f"Resources: {{O: {{Type: 'AWS::CloudFormation::Stack', Properties: {{{passed}}}}}, {vpc}}}\n"
        files["t.yaml"] = f"{above}{nest}"
        files["outer.yaml"] = f"Parameters: {{Url: {{Type: String}}}}\n{outer.replace(url, '!Ref Url')}}}\n"
    (found,) = networks(tmp_path, files)
    assert len(found.vpcs) == 1


REPLACED = """\
Transform: TRANSFORM
Conditions: {HasEndpoint: !Not [!Equals ["~~/net/endpoint~~", ""]]}
Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}}
  S3:
    Type: AWS::EC2::VPCEndpoint
    Condition: HasEndpoint
    Properties: {VpcId: !Ref Vpc, ServiceName: com.amazonaws.eu-west-1.s3, RouteTableIds: [rtb-1]}
  Kms:
    Type: AWS::EC2::VPCEndpoint
    Properties: {VpcId: !Ref Vpc, ServiceName: com.amazonaws.eu-west-1.kms, VpcEndpointType: "TYPE", PrivateDnsEnabled: true}
"""


@pytest.mark.parametrize("type", ["~~/net/type~~", "@@type@@", "#{type}", "$type", "<<type>>", "!Explode type", "%d"])
def test_what_a_macro_may_replace_is_not_known(type: str, tmp_path: Path) -> None:
    found = verdicts(tmp_path, REPLACED.replace("TYPE", type).replace("TRANSFORM", "Resolver"))
    assert found["VPCE006", "Kms"] == found["VPCE001", "Vpc"] == "unknown"
    found = verdicts(tmp_path, REPLACED.replace("TYPE", "Gateway").replace("TRANSFORM", "Resolver"))
    assert found["VPCE006", "Kms"] == "fail"


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(("name", "expected"), [("Defaults", "unknown"), ("AWS::Include", "pass")])
def test_a_macro_gets_what_stands_beside_it(name: str, expected: str, listed: bool, tmp_path: Path) -> None:
    one = f"{{Name: '{name}', Parameters: {{Location: 's3://b/k'}}}}"
    beside = f"PrivateDnsEnabled: true, 'Fn::Transform': {f'[{one}]' if listed else one}"
    template = REPLACED.replace("Transform: TRANSFORM\n", "").replace("PrivateDnsEnabled: true", beside)
    found = verdicts(tmp_path, template.replace("TYPE", "Interface"))
    assert found["VPCE004", "Kms"] == expected


@pytest.mark.parametrize("transform", ["[Resolver]", "{Name: Resolver}", "[{Name: Resolver, Parameters: {a: b}}]"])
@pytest.mark.parametrize("place", ["top", "Resources", "Conditions"])
def test_a_macro_is_one_however_it_is_written(transform: str, place: str, tmp_path: Path) -> None:
    inside = REPLACED.replace(f"{place}: {{", f"{place}: {{'Fn::Transform': {transform}, ")
    inside = inside.replace(f"{place}:\n", f"{place}:\n  Fn::Transform: {transform}\n").replace(
        "Transform: TRANSFORM\n", ""
    )
    text = REPLACED.replace("TRANSFORM", transform) if place == "top" else inside
    found = verdicts(tmp_path, text.replace("TYPE", "%d"))
    assert found["VPCE006", "Kms"] == found["VPCE001", "Vpc"] == "unknown"


INCLUDES = "{Name: 'AWS::Include', Parameters: {Location: ./r.yaml}}"


@pytest.mark.parametrize("also", ["", "{Name: 'AWS::Include', Parameters: {Location: 's3://b/k'}}", "{Name: Resolver}"])
@pytest.mark.parametrize("is_top", [False, True])
def test_each_file_of_a_list_of_transforms_is_read(also: str, is_top: bool, tmp_path: Path) -> None:
    vpc = "Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}\n"
    write(tmp_path, {"r.yaml": f"Resources:\n  {vpc}" if is_top else vpc})
    listed = f"Transform: [{', '.join(filter(None, (also, INCLUDES)))}]\n"
    found = verdicts(
        tmp_path,
        f"{listed if is_top else ''}Resources:\n{'' if is_top else f'  Fn::{listed}'}  T: {{Type: 'AWS::SNS::Topic'}}\n",
    )
    assert found["VPCE001", "Vpc"] == ("unknown" if also else "fail")


RAIN = """\
Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
  S3: !Rain::Include FILE
"""
RAIN_S3 = """\
Type: AWS::EC2::VPCEndpoint
Properties: {VpcId: !Ref Vpc, ServiceName: com.amazonaws.eu-west-1.s3, RouteTableIds: !Rain::Include tables.yaml}
"""


@pytest.mark.parametrize(("file", "expected"), [("s3.yaml", "pass"), ("away.yaml", "unknown"), ("s3://a/b", "unknown")])
def test_what_rain_includes_stands_where_it_is_included(file: str, expected: str, tmp_path: Path) -> None:
    write(tmp_path, {"s3.yaml": RAIN_S3, "tables.yaml": "- rtb-0123456789abcdef0\n"})
    found = verdicts(tmp_path, RAIN.replace("FILE", file))
    assert found["VPCE001", "Vpc"] == expected
    assert found["VPCE002", "Vpc"] == ("fail" if expected == "pass" else "unknown")
    assert found.get(("VPCE011", "S3")) == (None if expected == "pass" else "unknown")


@pytest.mark.parametrize("form", ["!Rain::Embed index.py", "{'Rain::Embed': index.py}"])
@pytest.mark.parametrize("is_there", [True, False])
def test_the_code_that_rain_embeds_is_a_text(form: str, is_there: bool, tmp_path: Path) -> None:
    """It cannot hold the id of the VPC. What is not there may be anything."""
    if is_there:
        write(tmp_path, {"index.py": "def handler(event, context): {unclosed\n"})
    text = f"""\
Resources:
  Vpc: {{Type: "AWS::EC2::VPC", Properties: {{CidrBlock: 10.0.0.0/16}}}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Action: "sts:AssumeRole", Principal: {{Service: lambda.amazonaws.com}}}}]}}
      Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [{{Effect: Allow, Action: "iam:*", Resource: "*"}}]}}}}]
  Function:
    Type: AWS::Lambda::Function
    Properties: {{Role: !GetAtt Role.Arn, Handler: index.handler, Runtime: python3.12, Code: {{ZipFile: {form}}}}}
  Custom: {{Type: "Custom::X", Properties: {{ServiceToken: !GetAtt Function.Arn}}}}
"""
    assert verdicts(tmp_path, text)["VPCE001", "Vpc"] == ("fail" if is_there else "unknown")


RAIN_JSON = """{"Resources": {
  "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
  "S3": {"Rain::Include": "FILE"}
}}"""


@pytest.mark.parametrize("text", [RAIN_JSON, RAIN.replace("!Rain::Include FILE", "{'Rain::Include': FILE}")])
@pytest.mark.parametrize(("file", "expected"), [("s3.yaml", "pass"), ("away.yaml", "unknown")])
def test_the_long_form_of_a_directive_is_the_same(file: str, expected: str, text: str, tmp_path: Path) -> None:
    write(tmp_path, {"s3.yaml": RAIN_S3, "tables.yaml": "- rtb-0123456789abcdef0\n"})
    found = verdicts(tmp_path, text.replace("FILE", file))
    assert found["VPCE001", "Vpc"] == expected
    assert found.get(("VPCE011", "S3")) == (None if expected == "pass" else "unknown")


@pytest.mark.parametrize("form", ["!Rain::NAME away.yaml", "{'Rain::NAME': away.yaml}"])
@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("Module", "{Type: FORM, Properties: {VpcId: !Ref Vpc}}"),
        ("Include", "{Type: 'AWS::EC2::VPCEndpoint', Properties: FORM}"),
        ("Include", "{Type: FORM, Properties: {VpcId: !Ref Vpc}}"),
    ],
)
def test_what_a_directive_stands_for_is_not_known(form: str, name: str, entry: str, tmp_path: Path) -> None:
    found = verdicts(tmp_path, RAIN.replace("!Rain::Include FILE", entry.replace("FORM", form.replace("NAME", name))))
    assert found["VPCE001", "Vpc"] == "unknown"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.yaml", "Resources: !Rain::Include away.yaml\n"),
        ("t.yaml", "Transform: {Name: AWS::Include, Parameters: {Location: s3://b/k}}\n"),
        ("t.json", '{"Transform": [{"Name": "AWS::Include", "Parameters": {"Location": "s3://b/k"}}]}'),
        ("t.json", '{"Resources": {"Rain::Include": "away.yaml"}}'),
        ("t.yaml", "Resources: {'Fn::Transform': {Name: Resolver}}\nMetadata: {A: 'AWS::B'}\n"),
        ("t.json", '{"Resources": {"Fn::Transform": {"Name": "Resolver"}}, "Metadata": {"A": "AWS::B"}}'),
        (
            "t.json",
            '{"Resources": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/k"}}}}',
        ),
    ],
)
def test_resources_that_are_all_elsewhere_are_told_of(name: str, text: str, tmp_path: Path) -> None:
    write(tmp_path, {name: text})
    report = scan(ScanOptions(paths=(str(tmp_path),)))
    assert [(each.rule, each.status) for each in report.findings] == [("VPCE011", "unknown")]


def test_rain_reads_a_nested_file_from_where_the_including_one_is(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    write(tmp_path, {"parts/s3.yaml": RAIN_S3, "parts/tables.yaml": "[rtb-0123456789abcdef0]\n", "tables.yaml": "[]\n"})
    assert verdicts(tmp_path, RAIN.replace("FILE", "parts/s3.yaml"))["VPCE007", "S3"] == "pass"
    write(tmp_path, {"parts/tables.yaml": "[]\n", "tables.yaml": "[rtb-0123456789abcdef0]\n"})
    assert verdicts(tmp_path, RAIN.replace("FILE", "parts/s3.yaml"))["VPCE007", "S3"] == "fail"


def test_a_section_that_rain_includes_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"all.yaml": "Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}\n"})
    (found,) = networks(tmp_path, {"t.yaml": "Resources: !Rain::Include all.yaml\n"})
    assert len(found.vpcs) == 1
    assert may_be_template("t.yaml", str(tmp_path / "t.yaml"))


SERVICE = "service: app\nprovider: {name: aws}\nplugins: PLUGINS\ncustom: {vpcConfig: {cidrBlock: 10.0.0.0/16}}\n"
RESOURCES = "resources: {Resources: {Topic: {Type: 'AWS::SNS::Topic'}}}\n"


@pytest.mark.parametrize("resources", ["", RESOURCES])
@pytest.mark.parametrize(
    ("plugins", "named"),
    [
        ("[serverless-vpc-plugin]", ["serverless-vpc-plugin"]),
        ("[other, '@acme/serverless-vpc-plugin']", ["@acme/serverless-vpc-plugin"]),
        ("{localPath: ./own, modules: [serverless-vpc-plugin]}", ["serverless-vpc-plugin"]),
        ("[serverless-vpc-discovery]", []),
    ],
)
def test_a_plugin_that_creates_a_vpc_is_told_of(plugins: str, named: list[str], resources: str, tmp_path: Path) -> None:
    found = networks(tmp_path, {"serverless.yml": SERVICE.replace("PLUGINS", plugins) + resources})
    assert [module.address for network in found for module in network.opaque_modules] == named
    if named:
        assert may_be_template("serverless.yml", str(tmp_path / "serverless.yml"))


INDENTED = """
Resources:
    Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
    Table:
    Type: AWS::EC2::RouteTable
    Properties:
      VpcId: !Ref Vpc
"""
IN_SERVICE = "service: app\nprovider: {name: aws}\nresources:\n  " + INDENTED.strip().replace("\n", "\n  ") + "\n"
NO_TYPE = "Table is no resource, as it has no Type"


@pytest.mark.parametrize("template", [INDENTED, IN_SERVICE])
@pytest.mark.parametrize(
    ("instead", "expected"),
    [
        ("Table:\n", f"{NO_TYPE}; what stands beside it belongs below it, so check the indentation"),
        ("Table: {Properties: {A: 1}}\n", NO_TYPE),
        ("# Table:\n", "Type is no resource; check the indentation"),
    ],
)
def test_what_is_indented_wrongly_is_no_resource(template: str, instead: str, expected: str, tmp_path: Path) -> None:
    if instead.endswith("}}\n"):
        template = template.partition("Type: AWS::EC2::RouteTable")[0].rstrip() + "\n"
    name = "serverless.yml" if "service:" in template else "t.yaml"
    (found,) = networks(tmp_path, {name: template.replace("Table:\n", instead)})
    if template.startswith("service:") and expected == NO_TYPE:  # it may change what the Serverless Framework makes
        assert not found.diagnostics
        return
    assert [item.message for item in found.diagnostics] == [expected]
    assert found.diagnostics[0].line == template[: template.index("Table:")].count("\n") + 1 + ("# " in instead)
    assert not found.opaque_modules


def test_a_loop_may_make_what_is_no_resource(tmp_path: Path) -> None:
    loop = "  Fn::ForEach::X: [N, [A, B], {'T${N}': {Properties: {}}}]\n"
    (found,) = networks(tmp_path, {"t.yaml": "Transform: AWS::LanguageExtensions" + VPC_AND_S3 + loop})
    assert [item.message for item in found.diagnostics] == [
        f"T{each} is no resource, as it has no Type" for each in "AB"
    ]


def test_a_macro_may_make_a_resource_of_anything(tmp_path: Path) -> None:
    (found,) = networks(tmp_path, {"t.yaml": "Transform: Own" + INDENTED})
    assert not found.diagnostics


NESTED_STACKS = "custom: {additionalStacks: {net: {Resources: {Net: {Type: 'TYPE'}}}}}\n"


@pytest.mark.parametrize("resources", ["", RESOURCES])
@pytest.mark.parametrize(
    ("type", "is_told"),
    [("AWS::EC2::VPCEndpoint", True), ("AWS::DynamoDB::Table", False), ("${file(net/stacks.yml)}", True)],
)
def test_a_plugin_that_deploys_other_stacks_is_told_of(
    type: str, is_told: bool, resources: str, tmp_path: Path
) -> None:
    head = SERVICE.replace("PLUGINS", "[serverless-plugin-additional-stacks]").partition("custom")[0]
    found = networks(tmp_path, {"serverless.yml": head + NESTED_STACKS.replace("TYPE", type) + resources})
    named = ["serverless-plugin-additional-stacks"] if is_told else []
    assert [module.address for network in found for module in network.opaque_modules] == named
    if named:
        assert may_be_template("serverless.yml", str(tmp_path / "serverless.yml"))


@pytest.mark.parametrize("resources", ["", RESOURCES])
@pytest.mark.parametrize(
    ("custom", "file", "is_told"),
    [
        ("${file(c.yml)}", "additionalStacks: {net: {Resources: {Net: {Type: 'TYPE'}}}}", None),
        ("{additionalStacks: '${file(c.yml)}'}", "net: {Resources: {Net: {Type: 'TYPE'}}}", None),
        ("{additionalStacks: {net: '${file(c.yml):net}'}}", "net: {Resources: {Net: {Type: 'TYPE'}}}", None),
        ("${file(none.yml)}", "", True),
        ("{additionalStacks: '${file(none.yml)}'}", "", True),
        ("{additionalStacks: '${self:custom.stacks}'}", "", True),
        ("{additionalStacks: {net: {Resources: {Net: {Name: '${self:custom.name}'}}}}}", "", False),
        ("{}", "", False),
    ],
)
@pytest.mark.parametrize("type", ["AWS::EC2::VPC", "AWS::DynamoDB::Table"])
def test_other_stacks_in_files_are_read(
    custom: str, file: str, is_told: bool | None, type: str, resources: str, tmp_path: Path
) -> None:
    head = SERVICE.replace("PLUGINS", "[serverless-plugin-additional-stacks]").partition("custom")[0]
    files = {"serverless.yml": f"{head}custom: {custom}\n{resources}", "c.yml": file.replace("TYPE", type) + "\n"}
    named = [module.address for network in networks(tmp_path, files) for module in network.opaque_modules]
    is_told = type == "AWS::EC2::VPC" if is_told is None else is_told
    assert named == ["serverless-plugin-additional-stacks"] * is_told


def test_conditions_in_a_file_are_read(tmp_path: Path) -> None:
    service = IF_ELSE.replace("PLUGIN", "serverless-plugin-ifelse").replace("CONDITIONS", "'${file(conditions.yml)}'")
    files = {"serverless.yml": service, "conditions.yml": "- {If: 'true', Exclude: [resources.Resources.S3]}\n"}
    (found,) = networks(tmp_path, files)
    assert [each.declared.exists is True for each in (*found.vpcs, *found.endpoints)] == [True, False]


SUBSTITUTED = """
service: app
provider: {name: aws, region: eu-west-1}
plugins: PLUGINS
resources:
  Resources:
    Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
    Table: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: "#{Vpc}"}}
    S3:
      Type: AWS::EC2::VPCEndpoint
      Properties: {VpcId: "#{Vpc}", ServiceName: NAME, RouteTableIds: ["#{Table}"]}
"""
IN_TEXT = "com.amazonaws.#{AWS::Region}.s3"


@pytest.mark.parametrize(
    "name", [repr(IN_TEXT), f"!Sub {IN_TEXT!r}", "!Sub ['com.#{Who}.#{AWS::Region}.s3', {Who: amazonaws}]"]
)
@pytest.mark.parametrize(
    ("plugins", "expected"),
    [
        ("[serverless-pseudo-parameters]", "pass"),
        ("[other, '@acme/serverless-pseudo-parameters']", "pass"),
        ("{localPath: ./own, modules: [serverless-pseudo-parameters]}", "pass"),
        ("[serverless-cloudformation-sub-variables]", "pass"),
        ("[serverless-cf-vars]", "pass"),
        ("['${self:custom.plugin}']", "unknown"),
        ("'${file(plugins.yml)}'", "unknown"),
        ("[other]", "fail"),
    ],
)
def test_a_plugin_that_makes_sub_of_a_text(plugins: str, expected: str, name: str, tmp_path: Path) -> None:
    found = verdicts(tmp_path, SUBSTITUTED.replace("PLUGINS", plugins).replace("NAME", name))
    assert found["VPCE001", "Vpc"] == expected


def test_what_a_plugin_leaves_alone(tmp_path: Path) -> None:
    for custom in ("pseudoParameters: {allowReferences: false}", "other: 1"):
        service = SUBSTITUTED.replace("PLUGINS", f"[serverless-pseudo-parameters]\ncustom: {{{custom}}}")
        (found,) = networks(tmp_path, {"serverless.yml": service.replace("NAME", "'a#@{b}'")})
        (endpoint,) = found.endpoints
        assert endpoint.service_name == "a#{b}"
        assert isinstance(endpoint.vpc, Reference) is (custom == "other: 1")


IF_ELSE = """
service: app
provider: {name: aws, region: eu-west-1}
plugins: ["PLUGIN"]
custom: {serverlessIfElse: CONDITIONS}
resources:
  Resources:
    Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
    Table: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: !Ref Vpc}}
    S3:
      Type: AWS::EC2::VPCEndpoint
      Properties: {VpcId: !Ref Vpc, ServiceName: com.amazonaws.eu-west-1.s3, RouteTableIds: [!Ref Table]}
"""


@pytest.mark.parametrize(
    ("conditions", "s3", "dynamodb"),
    [
        ("[{If: 'true', Exclude: [functions.a]}]", "pass", "fail"),
        ("[{If: 'true', Exclude: [resources.Resources.S3]}]", "unknown", "fail"),
        ("[{If: 'true', ElseSet: {resources.Resources.S3.Properties.VpcId: vpc-1}}]", "unknown", "fail"),
        ("[{ExcludeIf: {resources.Resources.S3: '1 == 1'}}]", "unknown", "fail"),
        ("[{If: 'true', Set: {resources.Resources.Ddb: {}}}]", "pass", "unknown"),
        ("[{If: 'true', Exclude: [resources.Resources]}]", "unknown", "unknown"),
        ("'${file(conditions.yml)}'", "unknown", "unknown"),
        ("['${file(conditions.yml)}']", "unknown", "unknown"),
        ("[{If: 'true', Exclude: ['${self:custom.out}']}]", "unknown", "unknown"),
        ("[{If: 'true', Exclude: ['resources.Resources.${self:custom.out}']}]", "unknown", "unknown"),
        ("[{If: '${self:custom.out}', Exclude: ['functions.${self:custom.a}']}]", "pass", "fail"),
    ],
)
def test_a_plugin_that_leaves_resources_out(conditions: str, s3: str, dynamodb: str, tmp_path: Path) -> None:
    for plugin in ("serverless-plugin-ifelse", "@acme/serverless-plugin-ifelse"):
        found = verdicts(tmp_path, IF_ELSE.replace("PLUGIN", plugin).replace("CONDITIONS", conditions))
        assert (found["VPCE001", "Vpc"], found["VPCE002", "Vpc"]) == (s3, dynamodb)
    found = verdicts(tmp_path, IF_ELSE.replace("PLUGIN", "other").replace("CONDITIONS", conditions))
    assert (found["VPCE001", "Vpc"], found["VPCE002", "Vpc"]) == ("pass", "fail")


BARE = """\
Vpc:
  Type: AWS::EC2::VPC
  Properties: {CidrBlock: 10.0.0.0/16}
"""
BARE_JSON = """\
{
  "Vpc": {
    "Type": "AWS::EC2::VPC",
    "Properties": {"CidrBlock": "10.0.0.0/16"}
  }
}
"""
INCLUDING = """\
service: app
provider: {name: aws}
resources:
  Resources: ${file(resources/vpc.yml)}
"""


@pytest.mark.parametrize(
    ("name", "content", "is_told"),
    [
        ("resources/vpc.yml", BARE, True),
        ("cfn/vpc.json", BARE_JSON, True),
        ("net/vpc.resource.yml", BARE, True),
        ("data/vpc.yml", BARE, False),
        ("resources/vpc.yml", BARE.replace("VPC", "SecurityGroup"), False),
        ("resources/vpc.yml", "list:\n  - Type: AWS::EC2::VPC\n", False),
        ("resources/vpc.yml", "about:\n  vpc:\n    Type: AWS::EC2::VPC\n", False),
        ("resources/vpc.yml", f"{{% if a %}}\n{BARE}{{% endif %}}\n", True),
        ("resources/vpc.yml", BARE.replace("Vpc:", "{{ name }}:"), True),
        ("resources/vpc.yml", BARE + "Other: {{ a }}\n", True),
        ("cfn/vpc.json", BARE_JSON.replace('  "Vpc"', '{% if a %}\n  "Vpc"'), True),
        ("resources/vpc.yml", "{% if a %}\nabout:\n  vpc:\n    Type: AWS::EC2::VPC\n{% endif %}\n", False),
        ("resources/vpc.yml", "{% if a %}\nlist:\n  - name: a\n    Type: AWS::EC2::VPC\n{% endif %}\n", False),
        ("cfn/config.yaml", "name: {{ a }}\ndata:\n  t.yaml: |\n    Vpc:\n      Type: AWS::EC2::VPC\n", False),
    ],
)
def test_a_network_without_a_template_is_told_of(name: str, content: str, is_told: bool, tmp_path: Path) -> None:
    write(tmp_path, {name: content})
    report = scan(ScanOptions(paths=(str(tmp_path),)))
    assert [finding.rule for root in report.roots for finding in root.findings] == ["VPCE011"] * is_told
    assert report.complete
    if is_told:
        assert not scan(ScanOptions(paths=(str(tmp_path / name),))).complete


def test_a_network_that_a_scanned_service_includes_is_part_of_it(tmp_path: Path) -> None:
    write(tmp_path, {"resources/vpc.yml": BARE, "serverless.yml": INCLUDING})
    (root,) = scan(ScanOptions(paths=(str(tmp_path),))).roots
    assert root.path.endswith("serverless.yml")
    assert {finding.rule for finding in root.findings} == {"VPCE001", "VPCE002"}
