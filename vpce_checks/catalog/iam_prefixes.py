"""What IAM calls the services: the prefixes of actions, and the services in ARNs, by the lines of ``iam_prefixes.tsv``.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache

ARN_OF_TYPE: Mapping[str, str] = {
    "aws_cloudwatch_log_group": "logs",
    "aws_codecommit_repository": "codecommit",
    "aws_db_instance": "rds",
    "aws_dynamodb_table": "dynamodb",
    "aws_ecr_repository": "ecr",
    "aws_ecs_cluster": "ecs",
    "aws_iam_role": "iam",
    "aws_iam_user": "iam",
    "aws_kinesis_firehose_delivery_stream": "firehose",
    "aws_kinesis_stream": "kinesis",
    "aws_kms_alias": "kms",
    "aws_kms_key": "kms",
    "aws_lambda_function": "lambda",
    "aws_rds_cluster": "rds",
    "aws_s3_bucket": "s3",
    "aws_s3_bucket_object": "s3",
    "aws_s3_object": "s3",
    "aws_secretsmanager_secret": "secretsmanager",
    "aws_sfn_state_machine": "states",
    "aws_sns_topic": "sns",
    "aws_sqs_queue": "sqs",
    "aws_ssm_parameter": "ssm",
}
"""The service in the ``arn`` of a resource or data source of Terraform, for those that policies name most."""

SHORTEST_ACTION = 3
"""How many characters the name of an action has at least: ``apigateway:GET``."""


@lru_cache(maxsize=1)
def arns_by_prefix() -> Mapping[str, frozenset[str]]:
    """Return the services in the ARNs of what actions act on, by the prefix of the actions; ``*`` stands for any."""
    path = os.path.join(os.path.dirname(__file__), "iam_prefixes.tsv")
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file.read().split("\n") if line and line[0] != "#"]
    found: dict[str, frozenset[str]] = {}
    for line in lines:
        prefix, _, services = line.partition("\t")
        found[prefix] = frozenset(services.split())
    return found


@lru_cache(maxsize=1)
def services_in_arns() -> frozenset[str]:
    """Return every service that an ARN may name, as far as we know."""
    by_prefix = arns_by_prefix()
    return frozenset(by_prefix).union(*by_prefix.values()) - {"*"}
