"""Events of Serverless functions for which SAM makes event source mappings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workloads.network import report_on, verdicts
from tests.workloads.test_switched_off import STACK, failing

SASL = "SourceAccessConfigurations: [{Type: SASL_SCRAM_512_AUTH, URI: secret}]"
PLACES = """SourceAccessConfigurations:
              - {Type: VPC_SUBNET, URI: !Sub "subnet:${Inner}"}
              - {Type: VPC_SECURITY_GROUP, URI: !Sub "security_group:${Guard}"}"""
POLLS = {"lambda", "sts"}


def function(type: str, properties: str) -> str:
    return f"""\
Transform: AWS::Serverless-2016-10-31
{STACK}
  Job:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Events:
        Topic:
          Type: {type}
          Properties:
            {properties}
"""


@pytest.mark.parametrize(
    ("type", "properties", "services"),
    [
        ("MSK", "Stream: !Ref Brokers", POLLS),
        ("MSK", "Stream: !GetAtt Brokers.Arn\n            Enabled: true", POLLS),
        ("MSK", f"Stream: !Ref Brokers\n            {SASL}", {*POLLS, "secretsmanager"}),
        ("SelfManagedKafka", f"KafkaBootstrapServers: [10.0.0.1:9092]\n            {PLACES}", POLLS),
        ("MSK", "Stream: !Ref Brokers\n            Enabled: false", set()),
        ("MSK", "Stream: !Ref Brokers\n            Enabled: !Ref Off", set()),
        ("MSK", "Stream: !Ref Brokers\n            ProvisionedPollerConfig: {MinimumPollers: 1}", set()),
        ("MSK", "Stream: !Ref Off", set()),
        ("SQS", "Queue: !Ref Brokers", set()),
    ],
)
def test_events_are_polled_from_the_subnets_of_their_source(
    type: str, properties: str, services: set[str], tmp_path: Path
) -> None:
    assert failing(tmp_path, function(type, properties), "template.yaml") == services


def test_the_mapping_has_the_name_that_sam_gives_it(tmp_path: Path) -> None:
    report = report_on(tmp_path, function("MSK", "Stream: !Ref Brokers"), name="template.yaml")
    assert {resource for _, resource, _ in verdicts(report)} == {"JobTopic"}
