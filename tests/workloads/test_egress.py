"""Which ways lead out of a subnet: by routes, public addresses and security groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workloads.network import ECR, NAT, NETWORK, POLICY, S3, TASK, report_on, verdicts
from vpce_checks.reach.firewalls import is_private

NODES = """\
resource "aws_eks_node_group" "n" {
  cluster_name  = "k"
  node_role_arn = "arn:aws:iam::111122223333:role/n"
  subnet_ids    = [aws_subnet.inner.id]
}
"""
GATEWAY = """\
resource "aws_internet_gateway" "out" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.inner.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.out.id
}
"""


def route(destination: str, target: str, kind: str = "cidr_block") -> str:
    return f"""\
resource "aws_route" "more" {{
  route_table_id = aws_route_table.inner.id
  destination_{kind} = "{destination}"
  {target}
}}
"""


def fails(code: str, directory: Path) -> bool:
    """Whether VPCE017 fails for something in ``code``."""
    return "fail" in verdicts(report_on(directory, code), "VPCE017").values()


PUBLIC_SUBNET = NETWORK.replace(
    '  cidr_block = "10.70.1.0/24"\n', '  cidr_block = "10.70.1.0/24"\n  map_public_ip_on_launch = true\n'
)
ASKED = TASK.replace("    subnets  ", "    assign_public_ip = true\n    subnets  ")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (NETWORK + NODES, True),
        (NETWORK + NODES + NAT, False),
        (NETWORK + NODES + GATEWAY, True),
        (PUBLIC_SUBNET + NODES + GATEWAY, False),
        (PUBLIC_SUBNET + TASK + GATEWAY, True),
        (NETWORK + ASKED + GATEWAY, False),
        (NETWORK + NODES + route("0.0.0.0/0", 'transit_gateway_id = "tgw-1"'), False),
        (NETWORK + NODES + route("0.0.0.0/0", 'vpc_peering_connection_id = "pcx-1"'), False),
        (NETWORK + NODES + route("0.0.0.0/0", 'network_interface_id = "eni-1"'), False),
        (NETWORK + NODES + route("0.0.0.0/0", 'gateway_id = "vgw-1"'), False),
        (NETWORK + NODES + route("0.0.0.0/0", 'nat_gateway_id = "nat-1"'), False),
        (NETWORK + NODES + route("::/0", 'egress_only_gateway_id = "eigw-1"', "ipv6_cidr_block"), False),
        (NETWORK + NODES + route("52.94.0.0/16", 'gateway_id = "igw-1"'), False),
        (NETWORK + NODES + route("pl-1", 'transit_gateway_id = "tgw-1"', "prefix_list_id"), False),
        (NETWORK + NODES + route("10.0.0.0/8", 'transit_gateway_id = "tgw-1"'), True),
        (NETWORK + NODES + route("192.168.0.0/16", 'vpc_peering_connection_id = "pcx-1"'), True),
        (NETWORK.replace('vpc_id = aws_vpc.main.id\n}\n\nresource "aws_route_table_a', 'vpc_id = aws_vpc.main.id\n  propagating_vgws = ["vgw-1"]\n}\n\nresource "aws_route_table_a') + NODES, False),
    ],
)  # fmt: skip
def test_routes(code: str, expected: bool, tmp_path: Path) -> None:
    assert fails(code, tmp_path) is expected


INWARD = NETWORK.replace('"0.0.0.0/0"', '"10.70.0.0/16"')
NOWHERE = NETWORK[: NETWORK.index("  egress {")] + "}\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (INWARD + TASK + NAT, True),
        (NOWHERE + TASK + NAT, True),
        (NETWORK.replace('protocol    = "-1"', 'protocol    = "udp"') + TASK + NAT, True),
        (NETWORK.replace('"0.0.0.0/0"', "var.ranges") + 'variable "ranges" {}\n' + TASK + NAT, False),
        (INWARD + TASK.replace("aws_security_group.task.id", '"sg-0a1b2c3d"') + NAT, False),
    ],
)
def test_security_groups(code: str, expected: bool, tmp_path: Path) -> None:
    assert fails(code, tmp_path) is expected


@pytest.mark.parametrize(("network", "barred"), [(NOWHERE, True), (INWARD, True), (NETWORK, False)])
def test_groups_that_bar_the_way_to_a_gateway_endpoint(network: str, barred: bool, tmp_path: Path) -> None:
    report = report_on(tmp_path, network + TASK + ECR + S3)
    found = [each for each in report["results"] if (each["rule"], each["service"]) == ("VPCE017", "s3")]
    assert [each["message"].partition(", but ")[2] for each in found] == (
        ["none of its security groups allows HTTPS to the prefix list of aws_vpc_endpoint.s3"] if barred else []
    )
    assert all("aws_vpc_endpoint.s3 in a security group of aws_ecs_service.app" in each["fix"] for each in found)


def _outward(target: str, port: int = 443) -> str:
    rule = f'from_port = {port}\n    to_port = {port}\n    protocol = "tcp"\n    {target}\n'
    return f"{NOWHERE[: NOWHERE.rindex('}')]}  egress {{\n    {rule}  }}\n}}\n"


@pytest.mark.parametrize("way_out", ["", NAT])
@pytest.mark.parametrize(
    ("network", "shut"),
    [
        (NOWHERE, True),
        (INWARD, False),
        (_outward('cidr_blocks = ["0.0.0.0/0"]', 80), True),
        (_outward('cidr_blocks = ["127.0.0.1/32", "10.99.0.0/16"]'), True),
        (_outward('cidr_blocks = ["10.99.0.0/16"]\n    self = false\n    security_groups = []'), True),
        (_outward('cidr_blocks = ["10.70.1.0/28"]'), False),
        (_outward('cidr_blocks = ["10.99.0.0/16"]\n    self = true'), False),
        (_outward('security_groups = ["sg-0a1b2c3d"]'), False),
        (_outward('prefix_list_ids = ["pl-0a1b2c3d"]'), False),
        (_outward('ipv6_cidr_blocks = ["::/0"]'), False),
        (_outward("cidr_blocks = var.ranges") + 'variable "ranges" {}\n', False),
        (_outward('cidr_blocks = ["10.99.0.0/16"]\n    security_groups = var.more') + 'variable "more" {}\n', False),
    ],
)
def test_groups_that_bar_the_way_to_an_interface_endpoint(
    network: str, shut: bool, way_out: str, tmp_path: Path
) -> None:
    """Its private DNS leads the calls to it, whatever way out the subnet has."""
    report = report_on(tmp_path, network + TASK + ECR + S3 + way_out)
    found = [each for each in report["results"] if (each["rule"], each["service"]) == ("VPCE017", "ecr.api")]
    assert [each["message"].partition(", but ")[2] for each in found] == (
        ['none of its security groups allows HTTPS to aws_vpc_endpoint.ecr["ecr.api"]'] if shut else []
    )


OTHERS = """\
resource "aws_security_group" "other" {
  vpc_id = aws_vpc.main.id
}

resource "aws_security_group" "door" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port = 443
    to_port   = 443
    protocol  = "tcp"
    SOURCE
  }
}
"""


@pytest.mark.parametrize("way_out", ["", NAT])
@pytest.mark.parametrize(
    ("source", "refused"),
    [
        ("security_groups = [aws_security_group.other.id]", True),
        ('cidr_blocks = ["10.70.200.0/24"]', True),
        ("self = true", True),
        ("security_groups = [aws_security_group.other.id, aws_security_group.task.id]", False),
        ("cidr_blocks = [aws_subnet.inner.cidr_block]", False),
        ('cidr_blocks = ["10.70.0.0/16"]', False),
        ("security_groups = [var.clients]", False),
        ('security_groups = ["sg-0a1b2c3d"]', False),
        ('cidr_blocks = ["10.99.0.0/16"]', False),  # nobody is let in: VPCE013 says so
    ],
)
def test_an_endpoint_that_does_not_let_the_caller_in(source: str, refused: bool, way_out: str, tmp_path: Path) -> None:
    """Its private DNS leads the calls to it, whatever way out the subnet has."""
    named = "private_dns_enabled = true\n  security_group_ids = [aws_security_group.door.id]"
    door = (
        ECR.replace("private_dns_enabled = true", named) + OTHERS.replace("SOURCE", source) + 'variable "clients" {}\n'
    )
    report = report_on(tmp_path, NETWORK + TASK + door + S3 + way_out)
    found = [each for each in report["results"] if (each["rule"], each["service"]) == ("VPCE017", "ecr.api")]
    assert [each["message"].partition(", but ")[2] for each in found] == (
        ['aws_vpc_endpoint.ecr["ecr.api"] does not let in HTTPS from it'] if refused else []
    )
    assert not [each for each in report["results"] if each["rule"] == "VPCE018"]
    told = [str(step) for each in found for step in each["why"]]
    assert any("TCP 443 from this caller" in text for text in told) == refused


ADOPTED = """\
resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id
  INGRESS
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
BY_VPC = "aws_vpc.main.default_security_group_id"
BY_RESOURCE = "aws_default_security_group.main.id"
OF_ANOTHER = "aws_vpc.other.default_security_group_id"
PERHAPS = "var.own ? aws_vpc.main.default_security_group_id : aws_security_group.task.id"


def _refused(code: str, directory: Path) -> bool:
    found = [each for each in report_on(directory, code)["results"] if each["rule"] == "VPCE017"]
    return any("does not let in HTTPS from it" in each["message"] for each in found)


@pytest.mark.parametrize(
    ("caller", "source", "refused"),
    [
        (BY_RESOURCE, BY_VPC, False),
        (BY_VPC, BY_RESOURCE, False),
        (PERHAPS, BY_RESOURCE, False),
        (BY_RESOURCE, PERHAPS, False),
        (OF_ANOTHER, BY_RESOURCE, True),
        (BY_RESOURCE, OF_ANOTHER, True),
        ("aws_security_group.task.id", BY_RESOURCE, True),
    ],
)
def test_the_default_group_has_two_names(caller: str, source: str, refused: bool, tmp_path: Path) -> None:
    """The attribute of the VPC, and the resource that adopts the group."""
    named = "private_dns_enabled = true\n  security_group_ids = [aws_security_group.door.id]"
    door = ECR.replace("private_dns_enabled = true", named) + OTHERS.replace("SOURCE", f"security_groups = [{source}]")
    more = 'variable "own" {}\nresource "aws_vpc" "other" {\n  cidr_block = "10.71.0.0/16"\n}\n'
    task = TASK.replace("aws_security_group.task.id", caller)
    assert _refused(NETWORK + task + door + more + ADOPTED.replace("INGRESS", ""), tmp_path) == refused


def test_the_default_group_lets_its_members_in(tmp_path: Path) -> None:
    """An endpoint that names no group has it."""
    members = 'ingress {\n    from_port = 0\n    to_port = 0\n    protocol = "-1"\n    self = true\n  }'
    code = NETWORK + TASK.replace("aws_security_group.task.id", BY_VPC) + ECR + ADOPTED.replace("INGRESS", members)
    assert not _refused(code, tmp_path)


@pytest.mark.parametrize(
    ("caller", "source", "refused"),
    [
        ("sg-0123456789abcdef0", "123456789012/sg-0123456789abcdef0", False),
        ("sg-0123456789abcdef0", "${var.account}/sg-0123456789abcdef0", False),
        ("sg-0123456789abcdef0", "123456789012/sg-0fedcba9876543210", True),
    ],
)
def test_an_account_before_a_group(caller: str, source: str, refused: bool, tmp_path: Path) -> None:
    named = "private_dns_enabled = true\n  security_group_ids = [aws_security_group.door.id]"
    rule = f'security_groups = ["{source}"]'
    door = ECR.replace("private_dns_enabled = true", named) + OTHERS.replace("SOURCE", rule)
    task = TASK.replace("aws_security_group.task.id", f'"{caller}"')
    assert _refused(NETWORK + task + door + 'variable "account" {}\n', tmp_path) == refused


HOST = """\
resource "aws_instance" "host" {
  ami                    = "ami-0a1b2c3d"
  instance_type          = "t3.small"
  subnet_id              = aws_subnet.inner.id
  vpc_security_group_ids = [GROUPS]
  user_data              = "#!/bin/bash\\necho ECS_CLUSTER=c >> /etc/ecs/ecs.config\\n"
}

resource "aws_instance" "idle" {
  ami           = "ami-0a1b2c3d"
  instance_type = "t3.small"
}

data "aws_instance" "found" {
  instance_tags = { Name = "host" }
}

variable "more" {}
"""
ATTACHED = """\
resource "aws_network_interface_sg_attachment" "more" {
  COUNT
  security_group_id    = GROUP
  network_interface_id = INTERFACE
}
"""
BY_HOST = "aws_instance.host.primary_network_interface_id"
OTHER = "aws_security_group.other.id"


@pytest.mark.parametrize(
    ("group", "interface", "count", "refused"),
    [
        (OTHER, BY_HOST, "", False),
        (OTHER, BY_HOST, "count = var.more", False),
        (OTHER, "data.aws_instance.found.network_interface_id", "", False),
        ("aws_security_group.door.id", BY_HOST, "", True),
        (OTHER, "aws_instance.idle.primary_network_interface_id", "", True),
    ],
)
def test_a_group_that_is_added_to_an_instance(
    group: str, interface: str, count: str, refused: bool, tmp_path: Path
) -> None:
    """The endpoint lets in those of a group, or it is the only group that lets HTTPS out to the endpoint."""
    agent = ECR.replace('["ecr.api", "ecr.dkr"]', '["ecs", "ecs-agent", "ecs-telemetry"]')
    named = "private_dns_enabled = true\n  security_group_ids = [aws_security_group.door.id]"
    added = ATTACHED.replace("GROUP", group).replace("INTERFACE", interface).replace("COUNT", count)
    by = agent.replace("private_dns_enabled = true", named) + OTHERS.replace("SOURCE", f"security_groups = [{OTHER}]")
    host = HOST.replace("GROUPS", "aws_security_group.task.id")
    assert _refused(NETWORK + host + by + added, tmp_path) == refused

    shut = 'resource "aws_security_group" "shut" {\n  vpc_id = aws_vpc.main.id\n}\n'
    opened = OTHERS.replace("SOURCE", 'cidr_blocks = ["10.70.0.0/16"]').replace(
        '"other" {\n',
        '"other" {\n  egress {\n    from_port = 443\n    to_port = 443\n    protocol = "tcp"\n'
        '    cidr_blocks = ["10.70.0.0/16"]\n  }\n',
    )
    by = agent.replace("private_dns_enabled = true", named) + opened
    host = HOST.replace("GROUPS", "aws_security_group.shut.id")
    found = report_on(tmp_path, NETWORK + host + by + shut + added)["results"]
    barred = any("none of its security groups allows HTTPS" in each["message"] for each in found)
    assert barred == refused


def test_a_network_acl_that_does_not_let_the_caller_in(tmp_path: Path) -> None:
    gate = """\
resource "aws_subnet" "gate" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.70.2.0/24"
}

resource "aws_subnet" "third" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.70.3.0/24"
}

resource "aws_network_acl" "gate" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.gate.id]
  ingress {
    rule_no    = 10
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "10.70.3.0/24"
  }
  egress {
    rule_no    = 10
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }
}
"""
    named = "private_dns_enabled = true\n  security_group_ids = [aws_security_group.door.id]"
    door = ECR.replace("private_dns_enabled = true", named).replace("aws_subnet.inner.id", "aws_subnet.gate.id")
    code = NETWORK + TASK + door + OTHERS.replace("SOURCE", 'cidr_blocks = ["10.70.0.0/16"]') + gate
    found = [each for each in report_on(tmp_path, code)["results"] if each["service"] == "ecr.api"]
    told = [(each["message"], each["fix"]) for each in found if each["rule"] == "VPCE017"]
    endpoint = 'aws_vpc_endpoint.ecr["ecr.api"]'
    assert told == [
        (
            f"aws_ecs_service.app calls ecr.api, but network ACLs do not let HTTPS from aws_subnet.inner to {endpoint}",
            f"let TCP 443 from aws_subnet.inner, and the replies to it, through the network ACLs on the way to {endpoint}",
        )
    ]


DHCP = """\
resource "aws_vpc_dhcp_options" "own" {
  domain_name_servers = ["10.99.0.2"]
}

resource "aws_vpc_dhcp_options_association" "own" {
  vpc_id          = aws_vpc.main.id
  dhcp_options_id = aws_vpc_dhcp_options.own.id
}
"""
FORWARD = """\
resource "aws_route53_resolver_rule" "ecr" {
  domain_name          = "api.ecr.eu-west-1.amazonaws.com"
  rule_type            = "FORWARD"
  resolver_endpoint_id = "rslvr-out-1"

  target_ip {
    ip = "10.99.0.2"
  }
}

resource "aws_route53_resolver_rule_association" "ecr" {
  resolver_rule_id = aws_route53_resolver_rule.ecr.id
  vpc_id           = aws_vpc.main.id
}
"""


@pytest.mark.parametrize("answers", [DHCP, FORWARD])
def test_groups_bar_no_way_that_names_may_not_take(answers: str, tmp_path: Path) -> None:
    """Other DNS servers may lead the calls past the endpoint, by the NAT gateway."""
    group = _outward('cidr_blocks = ["10.99.0.0/16"]')
    report = report_on(tmp_path, group + answers + TASK + ECR + S3 + NAT)
    assert ("VPCE017", "aws_ecs_service.app", "ecr.api") not in verdicts(report, "VPCE017")


def test_a_separate_rule_may_be_for_a_group(tmp_path: Path) -> None:
    rule = """\
resource "aws_security_group_rule" "out" {
  type              = "egress"
  security_group_id = aws_security_group.task.id
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  TARGET
}
"""
    for target, shut in (("self = true", False), ('cidr_blocks = ["10.99.0.0/16"]', True)):
        code = NOWHERE + rule.replace("TARGET", target) + TASK + ECR + S3
        found = verdicts(report_on(tmp_path, code), "VPCE017")
        assert (("VPCE017", "aws_ecs_service.app", "ecr.api") in found) is shut


def test_a_separate_rule_counts(tmp_path: Path) -> None:
    rule = """\
resource "aws_vpc_security_group_egress_rule" "out" {
  security_group_id = aws_security_group.task.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}
"""
    assert not fails(NOWHERE + rule + TASK + NAT, tmp_path)


def test_a_group_of_a_template_lets_everything_out(tmp_path: Path) -> None:
    template = """\
Resources:
  Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Inner: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: 10.0.1.0/24}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: g, VpcId: !Ref Net}}
  S3: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Net, ServiceName: !Sub "com.amazonaws.${AWS::Region}.s3", RouteTableIds: [!Ref Table]}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Net}}
  Link: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Inner, RouteTableId: !Ref Table}}
  Canary: {Type: AWS::Synthetics::Canary, Properties: {VPCConfig: {SubnetIds: [!Ref Inner], SecurityGroupIds: [!Ref Group]}}}
"""
    report = report_on(tmp_path, template, POLICY, "template.yaml")
    assert verdicts(report) == {("VPCE017", "Canary", "monitoring"): "fail"}


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("10.1.0.0/16", True),
        ("10.0.0.0/7", False),
        ("0.0.0.0/0", False),
        ("::/0", False),
        ("fd00::/8", True),
        ("x", False),
    ],
)
def test_private_blocks(block: str, expected: bool) -> None:
    assert is_private(block) is expected


ROLE = """\
resource "aws_iam_role" "changer" {{
  name = "changer"
  {inline}
}}

{policy}
"""
STATEMENT = '{{ Statement = [{{ Effect = "{effect}", Action = {action}, Resource = "*" }}] }}'
INLINE = 'inline_policy {{\n    name   = "x"\n    policy = jsonencode({})\n  }}'
OWN = 'resource "aws_iam_role_policy" "x" {{\n  role   = aws_iam_role.changer.id\n  policy = jsonencode({})\n}}\n'
ALONE = 'resource "aws_iam_policy" "x" {{\n  policy = jsonencode({})\n}}\n'


def role(action: str, effect: str = "Allow", inline: str = "", policy: str = OWN) -> str:
    statement = STATEMENT.format(action=action, effect=effect)
    return ROLE.format(inline=inline.format(statement), policy=policy.format(statement))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (role('"ec2:CreateRoute"'), False),
        (role('["ec2:DescribeRouteTables", "ec2:ReplaceRoute"]'), False),
        (role('"ec2:*Route"', policy=ALONE), False),
        (role('"ec2:CreateRoute"', inline=INLINE, policy=""), False),
        (role('"ec2:CreateRoute"', effect="Deny"), True),
        (role('"ec2:DescribeRouteTables"'), True),
        (role('"ec2:*"'), True),
        (role('"*"'), True),
    ],
)
def test_who_may_change_routes_may_add_one(code: str, expected: bool, tmp_path: Path) -> None:
    assert fails(NETWORK + NODES + code, tmp_path) is expected


def test_who_may_change_routes_in_a_template(tmp_path: Path) -> None:
    template = """\
Resources:
  Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.30.0.0/16}}
  Inner: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: 10.30.1.0/24}}
  Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: c, NodeRole: r, Subnets: [!Ref Inner]}}
  Role:
    Type: AWS::IAM::Role
    Properties: {Policies: [{PolicyName: x, PolicyDocument: {Statement: [{Effect: Allow, Action: "ec2:%s", Resource: "*"}]}}]}
"""
    found = [report_on(tmp_path / name, template % name, name="t.yaml") for name in ("CreateRoute", "CreateTags")]
    assert ["fail" in verdicts(report, "VPCE017").values() for report in found] == [False, True]


def acl(egress: str, ingress: str, family: str = "") -> str:
    """A network ACL of the subnet of the task that lets TCP out to, and in from, the given blocks (of IPv6: ``ipv6_``)."""
    rules = "".join(
        f"""\
  {way} {{
    rule_no    = 100
    protocol   = "tcp"
    action     = "allow"
    {family}cidr_block = "{block}"
    from_port  = {port}
    to_port    = 65535
  }}
"""
        for way, block, port in (("egress", egress, 443), ("ingress", ingress, 1024))
    )
    return f"""\
resource "aws_network_acl" "inner" {{
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.inner.id]
{rules}}}
"""


@pytest.mark.parametrize(
    ("egress", "ingress", "isolated", "by_nat"),
    [
        ("0.0.0.0/0", "0.0.0.0/0", False, True),
        ("10.70.0.0/16", "0.0.0.0/0", True, False),
        ("0.0.0.0/0", "10.0.0.0/8", True, False),
        ("52.0.0.0/8", "0.0.0.0/0", False, False),
    ],
)
def test_network_acls_close_a_way_out(egress: str, ingress: str, isolated: bool, by_nat: bool, tmp_path: Path) -> None:
    code = NETWORK + TASK + NAT + acl(egress, ingress)
    assert fails(code, tmp_path) == isolated
    assert ("fail" in verdicts(report_on(tmp_path, code), "VPCE018").values()) == by_nat


@pytest.mark.parametrize("block", ["::/0", "64:ff9b::/96"])
def test_a_network_acl_that_lets_ipv6_out_may_leave_a_way(block: str, tmp_path: Path) -> None:
    assert not fails(NETWORK + TASK + NAT + acl(block, block, "ipv6_"), tmp_path)


@pytest.mark.parametrize(("block", "closed"), [("10.70.0.0/16", True), ("52.0.0.0/8", False), ("0.0.0.0/0", False)])
def test_network_acls_bar_the_way_to_a_gateway_endpoint(block: str, closed: bool, tmp_path: Path) -> None:
    """It changes the route, and not the public address that the calls go to."""
    report = report_on(tmp_path, NETWORK + TASK + ECR + S3 + acl(block, block))
    found = [each for each in report["results"] if each["rule"] == "VPCE017"]
    reason = "the network ACL of aws_subnet.inner denies HTTPS to public addresses, also by a gateway endpoint"
    assert [(each["service"], each["status"], each["message"].partition(", but ")[2]) for each in found] == (
        [("s3", "fail", reason)] if closed else []
    )
    assert all("in the network ACL of aws_subnet.inner" in each["fix"] for each in found)
