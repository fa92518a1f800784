"""Functions behind custom resources: what may give their role more than its policies leaves a verdict open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import cli, root

TEMPLATE = """\
Resources:
  Main:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16, EnableDnsSupport: true, EnableDnsHostnames: true}
  Private:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/24}
  Notice:
    Type: Custom::Notice
    Properties: {ServiceToken: !GetAtt Worker.Arn, VpcId: !Ref Main}
  Worker:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt Role.Arn, Handler: index.handle, Runtime: python3.13, Code: {ZipFile: pass}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - {PolicyName: work, PolicyDocument: {Statement: [{Effect: Allow, Action: ACTION, Resource: "*"}]}}
"""
STRONG = "PolicyDocument: {Statement: [{Effect: Allow, Action: 'ec2:*', Resource: '*'}]}"
ADMIN = (
    "  Admin:\n    Type: AWS::Lambda::Function\n    Properties: {Role: 'arn:aws:iam::123456789012:role/admin', "
    "Handler: index.handle, Runtime: python3.13, Code: {ZipFile: pass}}\n"
)


def verdicts(directory: Path, *options: str) -> dict[tuple[str, str], str]:
    report = json.loads(cli("scan", "--format", "json", *options, cwd=directory).out)
    assert not [each for found in report["roots"] for each in found["diagnostics"] if each["severity"] == "error"]
    return {(each["rule"], each["service"] or ""): each["status"] for each in report["results"]}


def judged(tmp_path: Path, more: str = "", action: str = "logs:*", *options: str) -> dict[tuple[str, str], str]:
    root(tmp_path, TEMPLATE.replace("ACTION", action) + more, "net.yaml")
    return verdicts(tmp_path, *options)


GATEWAY = ("VPCE001", "s3")


@pytest.mark.parametrize(
    "more",
    [
        "",
        "  Other:\n    Type: AWS::IAM::Policy\n    Properties: {PolicyName: x, Roles: [!Ref Second], " + STRONG + "}\n",
        "  Weak:\n    Type: AWS::IAM::Policy\n    Properties: {PolicyName: x, Roles: [!Ref Role], "
        "PolicyDocument: {Statement: [{Effect: Allow, Action: 'sqs:*', Resource: '*'}]}}\n",
        "Outputs:\n  Vpc: {Value: !Ref Main}\n",
        "  Kept:\n    Type: AWS::SSM::Parameter\n    Properties: {Type: String, Name: /vpc, Value: !Ref Main}\n",
        "  May:\n    Type: AWS::Lambda::Permission\n"
        "    Properties: {FunctionName: !Ref Admin, Action: lambda:InvokeFunction, Principal: s3.amazonaws.com}\n"
        + ADMIN,
    ],
)
def test_a_function_that_may_make_no_network_hides_nothing(tmp_path: Path, more: str) -> None:
    second = "  Second:\n    Type: AWS::IAM::Role\n    Properties: {AssumeRolePolicyDocument: {Statement: []}}\n"
    assert judged(tmp_path, second + more)[GATEWAY] == "fail"


@pytest.mark.parametrize(
    "more",
    [
        "  Loud:\n    Type: AWS::IAM::Policy\n    Properties: {PolicyName: x, Roles: [!Ref Role], " + STRONG + "}\n",
        "  Loud:\n    Type: AWS::IAM::RolePolicy\n    Properties: {PolicyName: x, RoleName: !Ref Role, "
        + STRONG
        + "}\n",
        "  Loud:\n    Type: AWS::IAM::Policy\n    Properties: {PolicyName: x, Roles: !Split [',', !ImportValue Roles], "
        + STRONG
        + "}\n",
        "  Fn::ForEach::Loud:\n    - Name\n    - !Ref Names\n    - 'Loud${Name}':\n        Type: AWS::IAM::Policy\n"
        "        Properties: {PolicyName: x, Roles: [!Ref Role], "
        + STRONG
        + "}\nTransform: AWS::LanguageExtensions\nParameters: {Names: {Type: CommaDelimitedList}}\n",
        "  May:\n    Type: AWS::Lambda::Permission\n"
        "    Properties: {FunctionName: !Ref Admin, Action: lambda:InvokeFunction, Principal: !GetAtt Role.Arn}\n"
        + ADMIN,
        "  Told:\n    Type: AWS::SSM::Parameter\n    Properties: {Type: String, Name: /role, Value: !Ref Role}\n",
        "  Trusting:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n"
        "        Statement: [{Effect: Allow, Principal: {AWS: !GetAtt Role.Arn}, Action: sts:AssumeRole}]\n",
        "  Second:\n    Type: AWS::Serverless::Function\n"
        "    Connectors: {To: {Properties: {Destination: {Id: Admin}, Permissions: [Write]}}}\n"
        "    Properties: {Role: !GetAtt Role.Arn, InlineCode: pass, Handler: index.handle, Runtime: python3.13}\n"
        + ADMIN
        + "Transform: AWS::Serverless-2016-10-31\n",
        "  Away:\n    Type: AWS::CloudFormation::Stack\n"
        "    Properties: {TemplateURL: 'https://b.s3.amazonaws.com/away.yaml', Parameters: {Role: !Ref Role}}\n",
        "Outputs:\n  Role: {Value: !GetAtt Role.Arn}\n",
        "Parameters: {On: {Type: String}}\nConditions: {IsOn: !Equals [!Ref On, x]}\n"
        "Outputs:\n  Role: {Value: !If [IsOn, !Ref Role, none]}\n",
        "  Kept:\n    Type: AWS::SecretsManager::Secret\n    Properties: {SecretString: !Ref Role}\n",
        "  Host:\n    Type: AWS::EC2::Instance\n    Properties: {ImageId: ami-1, UserData: {'Fn::Base64': !Sub 'attach ${Role}'}}\n",
        "  Steps:\n    Type: AWS::StepFunctions::StateMachine\n"
        "    Properties: {RoleArn: 'arn:aws:iam::123456789012:role/admin', DefinitionSubstitutions: {Role: !Ref Role}}\n",
        "Modules:\n  Part: {Source: ./part.yaml, Properties: {Role: !Ref Role}}\n",
    ],
    ids=[
        *("policy", "role policy", "any", "loop", "permission", "parameter", "trust", "connector", "nested", "output"),
        *("output if", "secret", "user data", "steps", "Rain module"),
    ],
)
def test_what_may_give_the_role_more_leaves_it_open(tmp_path: Path, more: str) -> None:
    assert judged(tmp_path, more)[GATEWAY] == "unknown"


def test_a_role_with_a_name_may_be_named_by_code_elsewhere(tmp_path: Path) -> None:
    text = TEMPLATE.replace("ACTION", "logs:*")
    root(tmp_path, text.replace("      AssumeRole", "      RoleName: work\n      AssumeRole"), "net.yaml")
    loud = (
        f"Resources:\n  Loud:\n    Type: AWS::IAM::Policy\n    Properties: {{PolicyName: x, Roles: [work], {STRONG}}}\n"
    )
    root(tmp_path, loud, "policies.yaml")
    assert verdicts(tmp_path)[GATEWAY] == "unknown"


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("route53:*", "unknown"),
        ("route53:AssociateVPCWithHostedZone", "unknown"),
        ("route53:ChangeResourceRecordSets", "fail"),
        ("route53:ListHostedZones", "fail"),
    ],
)
def test_a_function_may_lead_the_vpc_to_the_endpoints_of_another_one(tmp_path: Path, action: str, status: str) -> None:
    """By a zone of a hub."""
    assert judged(tmp_path, "", action, "--require", "kms")["VPCE003", "kms"] == status


@pytest.mark.parametrize(
    ("service", "action", "status"),
    [
        ("Route53", "associateVPCWithHostedZone", "unknown"),
        ("Route53", "changeResourceRecordSets", "fail"),
        ("@aws-sdk/client-route-53", "AssociateVPCWithHostedZoneCommand", "unknown"),
        ("route53profiles", "AssociateProfile", "unknown"),
        ("Route53Resolver", "associateResolverRule", "unknown"),
        ("SecretsManager", "getSecretValue", "fail"),
        ("CloudWatchLogs", "putRetentionPolicy", "fail"),
        ("CognitoIdentityServiceProvider", "updateUserPool", "fail"),
        ("Scheduler", "createSchedule", "open"),
        ("@aws-sdk/client-config-service", "StartRemediationExecutionCommand", "open"),
        ("Glue", "startJobRun", "open"),
        ("SomethingNew", "putThing", "open"),
    ],
)
def test_calls_that_cdk_writes_out(tmp_path: Path, service: str, action: str, status: str) -> None:
    """``unknown``: only names may lead elsewhere. ``open``: whatever it starts may make an endpoint."""
    call = json.dumps({"service": service, "action": action, "parameters": {"VPC": "${Main}"}}, separators=(",", ":"))
    made = TEMPLATE.partition("  Notice:")[0] + (
        "  Call:\n    Type: Custom::AWS\n    Properties:\n"
        f"      ServiceToken: arn:aws:lambda:eu-west-1:123456789012:function:call\n      Create: !Sub '{call}'\n"
    )
    root(tmp_path, made, "net.yaml")
    found = verdicts(tmp_path, "--require", "kms")
    assert found["VPCE003", "kms"] == status.replace("open", "unknown")
    assert found[GATEWAY] == ("unknown" if status == "open" else "fail")


def test_hundreds_of_roles_are_looked_at_once(tmp_path: Path) -> None:
    """Each in turn would take more steps than a template may."""
    part = TEMPLATE[TEMPLATE.index("  Notice:") :].replace("ACTION", "logs:*").replace("!Ref Main", "!Ref Vpc")
    many = "".join(
        part.replace("Notice", f"Notice{at}")
        .replace("Worker", f"Worker{at}")
        .replace("  Role:\n    Type", f"  Role{at}:\n    Type")
        .replace("!GetAtt Role.", f"!GetAtt Role{at}.")
        for at in range(150)
    )
    root(tmp_path, "Parameters: {Vpc: {Type: 'AWS::EC2::VPC::Id'}}\nResources:\n" + many, "nested.yaml")
    vpc = TEMPLATE.partition("  Notice:")[0]
    stacks = "".join(
        f"  Nested{at}:\n    Type: AWS::CloudFormation::Stack\n"
        "    Properties: {TemplateURL: ./nested.yaml, Parameters: {Vpc: !Ref Main}}\n"
        for at in range(3)
    )
    root(tmp_path, vpc + stacks, "net.yaml")
    assert verdicts(tmp_path)[GATEWAY] == "fail"


def test_code_that_gets_the_name_of_a_role_may_give_it_more(tmp_path: Path) -> None:
    strong = ADMIN.replace("Handler: index", "Environment: {Variables: {ROLE: !Ref Role}}, Handler: index")
    assert judged(tmp_path, strong)[GATEWAY] == "unknown"


ZONE = (
    "  Zone:\n    Type: AWS::Route53::HostedZone\n"
    "    Properties: {Name: kms.eu-west-1.amazonaws.com, VPCs: [{VPCId: !Ref Main, VPCRegion: eu-west-1}]}\n"
)


@pytest.mark.parametrize(("handed", "status"), [("kms.eu-west-1.amazonaws.com.", "unknown"), ("corp.internal", "fail")])
def test_a_function_that_gets_the_name_of_a_zone_may_add_records(tmp_path: Path, handed: str, status: str) -> None:
    text = TEMPLATE.replace("ACTION", "route53:ChangeResourceRecordSets") + ZONE
    root(tmp_path, text.replace("VpcId: !Ref Main}\n  Worker", f"Zone: {handed}}}\n  Worker"), "net.yaml")
    assert verdicts(tmp_path, "--require", "kms", "--region", "eu-west-1")["VPCE003", "kms"] == status


def test_the_role_that_sam_makes_is_told_like_any_other(tmp_path: Path) -> None:
    head = TEMPLATE.partition("  Worker:")[0]
    worker = (
        "  Worker:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {Handler: index.handle, Runtime: python3.13, InlineCode: pass}\n"
        "Transform: AWS::Serverless-2016-10-31\n"
    )
    root(tmp_path, head + worker, "net.yaml")
    assert verdicts(tmp_path)[GATEWAY] == "fail"
    root(tmp_path, head + worker + "Outputs:\n  Role: {Value: !GetAtt WorkerRole.Arn}\n", "net.yaml")
    assert verdicts(tmp_path)[GATEWAY] == "unknown"
    assert "declares no resource WorkerRole" not in cli("scan", cwd=tmp_path).out


@pytest.mark.parametrize(
    ("type", "status"), [("AWS::Route53Profiles::ProfileAssociation", "unknown"), ("AWS::SNS::Topic", "fail")]
)
def test_a_loop_may_lead_names_elsewhere(tmp_path: Path, type: str, status: str) -> None:
    loop = (
        f"  Fn::ForEach::Each:\n    - Name\n    - !Ref Names\n    - 'Each${{Name}}':\n        Type: {type}\n"
        "        Properties: {ResourceId: !Ref Main, Name: x, ProfileId: !Ref Profile}\n"
        "Transform: AWS::LanguageExtensions\nParameters: {Names: {Type: CommaDelimitedList}, Profile: {Type: String}}\n"
    )
    root(tmp_path, TEMPLATE.partition("  Notice:")[0] + loop, "net.yaml")
    found = verdicts(tmp_path, "--require", "kms")
    assert (found["VPCE003", "kms"], found[GATEWAY]) == (status, "fail")


def test_a_trace_says_what_may_lead_elsewhere(tmp_path: Path) -> None:
    call = '{"service":"Route53","action":"associateVPCWithHostedZone","parameters":{"VPC":{"VPCId":"${Main}"}}}'
    made = TEMPLATE.partition("  Notice:")[0] + (
        "  Call:\n    Type: Custom::AWS\n    Properties:\n"
        f"      ServiceToken: arn:aws:lambda:eu-west-1:123456789012:function:call\n      Create: !Sub '{call}'\n"
    )
    root(tmp_path, made, "net.yaml")
    out = " ".join(cli("trace", "kms", "--region", "eu-west-1", cwd=tmp_path).out.split())
    assert "Call may lead names to an endpoint of another VPC" in out
