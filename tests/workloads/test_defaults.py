"""What holds where the code says nothing, or where several things say something together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workloads.network import NAT, NETWORK, report_on, verdicts
from tests.workloads.test_switched_off import GATE, STACK, failing

PUBLIC = (
    NETWORK
    + NAT.partition('resource "aws_subnet"')[0]
    + """\
resource "aws_route" "way" {
  route_table_id         = aws_route_table.inner.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.out.id
}
"""
)

REPLICATION = """\
  Places:
    Type: AWS::DMS::ReplicationSubnetGroup
    Properties: {ReplicationSubnetGroupIdentifier: g, ReplicationSubnetGroupDescription: x, SubnetIds: [!Ref Inner]}
  Engine:
    Type: AWS::DMS::ReplicationInstance
    Properties: {ReplicationInstanceClass: dms.t3.micro, ReplicationSubnetGroupIdentifier: !Ref Places PUBLIC}
  Target: {Type: AWS::DMS::Endpoint, Properties: {EndpointType: target, EngineName: kinesis}}
  Moves:
    Type: AWS::DMS::ReplicationTask
    Properties: {ReplicationInstanceArn: !Ref Engine, SourceEndpointArn: x, TargetEndpointArn: !Ref Target}
"""
DATABASE = """\
  Places: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: x, SubnetIds: [!Ref Inner]}}
  Data:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      DBSubnetGroupName: !Ref Places
      AssociatedRoles: [{FeatureName: s3Export, RoleArn: "arn:aws:iam::111122223333:role/x"}] PUBLIC
"""
CLUSTER = DATABASE.replace("DBInstance", "DBCluster").replace("postgres", "aurora-postgresql")
ASKED = ", PubliclyAccessible: false", "\n      PubliclyAccessible: false"


@pytest.mark.parametrize(
    ("code", "service", "private"),
    [(REPLICATION, "kinesis-streams", ASKED[0]), (DATABASE, "s3", ASKED[1]), (CLUSTER, "s3", None)],
)
def test_templates_leave_public_addresses_to_aws(code: str, service: str, private: str | None, tmp_path: Path) -> None:
    quiet = code.replace(" PUBLIC", "")
    assert failing(tmp_path / "closed", STACK + quiet, "template.yaml") == {service}
    assert failing(tmp_path / "gate", STACK + GATE + quiet, "template.yaml") == set()
    if private is not None:
        assert failing(tmp_path / "private", STACK + GATE + code.replace(" PUBLIC", private), "template.yaml") == {
            service
        }


def test_the_provider_sets_replication_instances_private(tmp_path: Path) -> None:
    code = """\
resource "aws_dms_replication_subnet_group" "g" {
  replication_subnet_group_id = "g"
  subnet_ids                  = [aws_subnet.inner.id]
}

resource "aws_dms_replication_instance" "i" {
  replication_subnet_group_id = aws_dms_replication_subnet_group.g.id
  vpc_security_group_ids      = [aws_security_group.task.id]
}

resource "aws_dms_endpoint" "t" {
  engine_name = "kinesis"
}

resource "aws_dms_replication_task" "t" {
  replication_instance_arn = aws_dms_replication_instance.i.replication_instance_arn
  target_endpoint_arn      = aws_dms_endpoint.t.endpoint_arn
}
"""
    assert failing(tmp_path, PUBLIC + code) == {"kinesis-streams"}


def test_redshift_may_be_public_by_default(tmp_path: Path) -> None:
    code = """\
resource "aws_redshift_subnet_group" "g" {
  name       = "g"
  subnet_ids = [aws_subnet.inner.id]
}

resource "aws_redshift_cluster" "c" {
  enhanced_vpc_routing      = true
  cluster_subnet_group_name = aws_redshift_subnet_group.g.name
  PUBLIC
}
"""
    assert failing(tmp_path / "default", PUBLIC + code.replace("PUBLIC", "")) == set()
    assert failing(tmp_path / "private", PUBLIC + code.replace("PUBLIC", "publicly_accessible = false")) == {"s3"}


def environment(name: str) -> str:
    return f"""\
resource "aws_batch_compute_environment" "{name}" {{
  type = "MANAGED"
  compute_resources {{
    type               = "FARGATE"
    max_vcpus          = 4
    subnets            = [aws_subnet.inner.id]
    security_group_ids = [aws_security_group.task.id]
  }}
}}
"""


def job(name: str, driver: str) -> str:
    return f"""\
resource "aws_batch_job_definition" "{name}" {{
  name                  = "{name}"
  type                  = "container"
  platform_capabilities = ["FARGATE"]
  container_properties  = jsonencode({{ image = "busybox", logConfiguration = {{ logDriver = "{driver}" }} }})
}}
"""


@pytest.mark.parametrize(
    ("environments", "drivers", "services"),
    [
        (["a", "b"], ["awslogs", "splunk"], set()),
        (["a", "b"], ["awslogs", "awslogs"], {"logs"}),
        (["a", "b"], [], {"logs"}),
        (["a"], ["awslogs", "splunk"], {"logs"}),
    ],
)
def test_the_queue_of_a_job_is_chosen_later(
    environments: list[str], drivers: list[str], services: set[str], tmp_path: Path
) -> None:
    jobs = [job(f"j{number}", driver) for number, driver in enumerate(drivers)]
    assert failing(tmp_path, NETWORK + "".join([*map(environment, environments), *jobs])) == services


EMR = """\
resource "aws_security_group" "closed" {
  vpc_id = aws_vpc.main.id
}

resource "aws_emr_cluster" "e" {
  ec2_attributes {
    subnet_id                         = aws_subnet.inner.id
    emr_managed_master_security_group = aws_security_group.closed.id
    emr_managed_slave_security_group  = aws_security_group.closed.id
    MORE
  }
}
"""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", ("VPCE017", "fail")),
        (
            'additional_master_security_groups = "${aws_security_group.closed.id},${aws_security_group.task.id}"',
            ("VPCE018", "fail"),
        ),
        ("additional_slave_security_groups = aws_security_group.task.id", ("VPCE018", "fail")),
        ("additional_slave_security_groups = var.groups", None),
    ],
)
def test_groups_of_emr_add_up(more: str, expected: tuple[str, str] | None, tmp_path: Path) -> None:
    report = report_on(tmp_path, NETWORK + NAT + 'variable "groups" {}\n' + EMR.replace("MORE", more))
    found = {(rule, status) for (rule, _, _), status in verdicts(report).items()}
    assert found == ({expected} if expected else set())


def test_groups_of_emr_add_up_in_templates(tmp_path: Path) -> None:
    cluster = """\
  Shut:
    Type: AWS::EC2::SecurityGroup
    Properties: {VpcId: !Ref Net, SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.30.0.0/16}]}
  Cluster:
    Type: AWS::EMR::Cluster
    Properties:
      Instances:
        Ec2SubnetId: !Ref Inner
        EmrManagedMasterSecurityGroup: !Ref Shut
        EmrManagedSlaveSecurityGroup: !Ref Shut
        AdditionalMasterSecurityGroups: MORE
"""
    way = (
        GATE.replace("GatewayId: !Ref Gate}}", "NatGatewayId: !Ref Nat}}")
        + """\
  Edge: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: 10.30.9.0/24}}
  EdgeTable: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Net}}
  EdgeUses: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {RouteTableId: !Ref EdgeTable, SubnetId: !Ref Edge}}
  EdgeOut:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref EdgeTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gate}
  Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref Edge, AllocationId: eipalloc-0a1b2c3d}}
"""
    )
    assert failing(tmp_path / "shut", STACK + way + cluster.replace("MORE", "[]"), "template.yaml") == {"s3"}
    assert failing(tmp_path / "open", STACK + way + cluster.replace("MORE", "[!Ref Guard]"), "template.yaml") == set()


def test_subnets_of_a_hosted_rotation_are_text_with_commas(tmp_path: Path) -> None:
    code = """\
  Second: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: 10.30.2.0/24}}
  Rotation:
    Type: AWS::SecretsManager::RotationSchedule
    Properties:
      SecretId: x
      HostedRotationLambda:
        RotationType: PostgreSQLSingleUser
        VpcSubnetIds: !Join [",", [!Ref Inner, !Ref Second]]
        VpcSecurityGroupIds: !Ref Guard
"""
    assert failing(tmp_path, STACK + code, "template.yaml") == {"secretsmanager"}


@pytest.mark.parametrize(
    ("region", "services"), [("${AWS::Region}", {"ecr.api", "ecr.dkr", "s3"}), ("us-east-1", set())]
)
@pytest.mark.parametrize("suffix", ["amazonaws.com", "${AWS::URLSuffix}"])
def test_the_region_of_a_registry_whose_suffix_aws_fills_in(
    region: str, services: set[str], suffix: str, tmp_path: Path
) -> None:
    code = f"""\
  Own:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions: [{{Name: a, Image: !Sub "111122223333.dkr.ecr.{region}.{suffix}/a:1"}}]
  App:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Crew
      LaunchType: FARGATE
      TaskDefinition: !Ref Own
      NetworkConfiguration: {{AwsvpcConfiguration: {{Subnets: [!Ref Inner], SecurityGroups: [!Ref Guard]}}}}
"""
    assert failing(tmp_path, STACK + code, "template.yaml") == services


BEANSTALK = """\
resource "aws_elastic_beanstalk_environment" "e" {
  name        = "e"
  application = "a"
  MORE
  setting {
    namespace = "aws:ec2:vpc"
    name      = "Subnets"
    value     = "${aws_subnet.inner.id},${aws_subnet.inner.id}"
  }
}
"""
ALWAYS = {"cloudformation", "elasticbeanstalk", "s3"}


def option(namespace: str, name: str, value: str) -> str:
    return f'setting {{\n    namespace = "{namespace}"\n    name = "{name}"\n    value = {value}\n  }}\n'


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", ALWAYS),
        ('tier = "Worker"', {*ALWAYS, "sqs"}),
        ('tier = "WebServer"', ALWAYS),
        (
            option("aws:elasticbeanstalk:healthreporting:system", "SystemType", '"enhanced"'),
            {*ALWAYS, "elasticbeanstalk-health"},
        ),
        (option("aws:elasticbeanstalk:healthreporting:system", "SystemType", '"basic"'), ALWAYS),
        (option("aws:elasticbeanstalk:cloudwatch:logs", "StreamLogs", "true"), {*ALWAYS, "logs"}),
        (option("aws:elasticbeanstalk:cloudwatch:logs", "StreamLogs", "var.open"), ALWAYS),
        ("count = var.open", set()),
    ],
)
def test_settings_of_elastic_beanstalk(more: str, expected: set[str], tmp_path: Path) -> None:
    code = 'variable "open" {}\n' + BEANSTALK.replace("MORE", more)
    assert failing(tmp_path, NETWORK + code) == expected


def test_an_environment_of_elastic_beanstalk_with_a_way_out(tmp_path: Path) -> None:
    found = verdicts(report_on(tmp_path / "nat", NETWORK + NAT + BEANSTALK.replace("MORE", "")))
    assert "VPCE017" not in {rule for rule, _, _ in found}
    public = option("aws:ec2:vpc", "AssociatePublicIpAddress", '"true"')
    assert failing(tmp_path / "public", PUBLIC + BEANSTALK.replace("MORE", public)) == set()
    assert failing(tmp_path / "private", PUBLIC + BEANSTALK.replace("MORE", public.replace("true", "false"))) == ALWAYS
    hidden = BEANSTALK.replace("MORE", "").replace('"${aws_subnet.inner.id},${aws_subnet.inner.id}"', "var.subnets")
    assert failing(tmp_path / "hidden", NETWORK + 'variable "subnets" {}\n' + hidden) == set()


MORE_SETTINGS = """
  dynamic "setting" {
    for_each = var.more
    content {
      namespace = setting.value.namespace
      name      = setting.value.name
      value     = setting.value.value
    }
  }
"""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", ALWAYS),
        ('template_name = "saved"', set()),
        (MORE_SETTINGS, set()),
        (option("aws:ec2:vpc", "AssociatePublicIpAddress", "var.more"), set()),
        (option("aws:ec2:vpc", "ELBScheme", "var.more"), ALWAYS),
        (MORE_SETTINGS + option("aws:ec2:vpc", "AssociatePublicIpAddress", '"false"'), ALWAYS),
    ],
)
def test_what_is_not_known_of_an_environment_may_ask_for_a_public_address(
    more: str, expected: set[str], tmp_path: Path
) -> None:
    code = 'variable "more" {}\n' + BEANSTALK.replace("MORE", more)
    assert failing(tmp_path, PUBLIC + code) == expected


def test_an_environment_of_elastic_beanstalk_in_a_template(tmp_path: Path) -> None:
    code = """\
  Site:
    Type: AWS::ElasticBeanstalk::Environment
    Properties:
      ApplicationName: x
      Tier: {Name: Worker, Type: SQS/HTTP}
      OptionSettings:
        - {Namespace: "aws:ec2:vpc", OptionName: Subnets, Value: !Join [",", [!Ref Inner, !Ref Inner]]}
        - {Namespace: "aws:elasticbeanstalk:cloudwatch:logs", OptionName: StreamLogs, Value: true}
"""
    assert failing(tmp_path, STACK + code, "template.yaml") == {*ALWAYS, "sqs", "logs"}


NEPTUNE = """\
resource "aws_neptune_subnet_group" "g" {
  name       = "g"
  subnet_ids = [aws_subnet.inner.id]
}

resource "aws_neptune_cluster" "c" {
  neptune_subnet_group_name = aws_neptune_subnet_group.g.name
  vpc_security_group_ids    = [aws_security_group.task.id]
  ROLES
}
"""


@pytest.mark.parametrize(
    ("roles", "expected"),
    [("", set()), ('iam_roles = ["arn:aws:iam::111122223333:role/x"]', {"s3"}), ("iam_roles = var.roles", set())],
)
def test_a_neptune_cluster_loads_from_s3_with_a_role(roles: str, expected: set[str], tmp_path: Path) -> None:
    code = 'variable "roles" {}\n' + NEPTUNE.replace("ROLES", roles)
    assert failing(tmp_path / "closed", NETWORK + code) == expected
    assert failing(tmp_path / "public", PUBLIC + code) == set()


@pytest.mark.parametrize(("public", "expected"), [("true", set()), ("false", {"drs", "ec2", "s3"})])
def test_the_staging_area_of_disaster_recovery(public: str, expected: set[str], tmp_path: Path) -> None:
    code = f"""\
resource "aws_drs_replication_configuration_template" "t" {{
  staging_area_subnet_id                  = aws_subnet.inner.id
  replication_servers_security_groups_ids = [aws_security_group.task.id]
  create_public_ip                        = {public}
}}
"""
    assert failing(tmp_path, PUBLIC + code) == expected
