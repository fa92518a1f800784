"""Which permissions let nobody make a VPC, an endpoint or a route by themselves. Which calls make none: ``api_calls``.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from vpce_checks.base.pattern import pattern

_SERVICES = frozenset(
    [
        *("acm", "acm-pca", "cloudfront", "cognito-identity", "cognito-idp", "dynamodb", "ecr"),
        *("elasticfilesystem", "firehose", "kinesis", "kms", "logs", "rekognition", "s3"),
        *("ses", "shield", "sns", "sqs", "tag", "waf", "waf-regional", "wafv2", "xray"),
    ]
)
"""Services that keep data, names, keys or messages. None of their actions makes a network. Code that a message starts is not
followed."""

_READS = pattern(r"(?:describe|get|list|lookup|search|batchget|view)[a-z*?]*")

_ACTIONS = frozenset(
    {
        "cloudwatch:putmetricdata",
        *("ec2:createtags", "ec2:deletetags", "ec2:createsecuritygroup", "ec2:deletesecuritygroup"),
        *("ec2:authorizesecuritygroupingress", "ec2:authorizesecuritygroupegress"),
        *("ec2:revokesecuritygroupingress", "ec2:revokesecuritygroupegress", "ec2:modifysecuritygrouprules"),
        *("ec2:createnetworkinterface", "ec2:deletenetworkinterface", "ec2:modifynetworkinterfaceattribute"),
        *("ec2:attachnetworkinterface", "ec2:detachnetworkinterface", "ec2:createnetworkinterfacepermission"),
        *("ec2:assignprivateipaddresses", "ec2:unassignprivateipaddresses", "ec2:associateaddress"),
        *("ec2:stopinstances", "ec2:rebootinstances", "ec2:terminateinstances"),
        *("ec2:createkeypair", "ec2:importkeypair", "ec2:deletekeypair"),
        *("iam:passrole", "iam:createservicelinkedrole"),
        *("lambda:addpermission", "lambda:removepermission"),
        "route53:changeresourcerecordsets",
        *("ssm:putparameter", "ssm:deleteparameter", "ssm:deleteparameters", "ssm:addtagstoresource"),
    }
)
"""Single actions of other services. Whoever may pass a role (``iam:PassRole``) also needs an action that starts code."""

_POLICIES = frozenset(
    {
        *("AWSLambdaBasicExecutionRole", "AWSLambdaVPCAccessExecutionRole", "AWSLambdaENIManagementAccess"),
        *("AWSXRayDaemonWriteAccess", "AWSXrayWriteOnlyAccess", "CloudWatchLambdaInsightsExecutionRolePolicy"),
        *("AmazonS3FullAccess", "AmazonS3ReadOnlyAccess", "AmazonDynamoDBReadOnlyAccess", "CloudWatchLogsFullAccess"),
        *("AmazonEC2ReadOnlyAccess", "AmazonVPCReadOnlyAccess", "AmazonSSMReadOnlyAccess"),
        *("ReadOnlyAccess", "ViewOnlyAccess", "SecurityAudit"),
    }
)
"""Policies of AWS that hold only such permissions.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

_TEMPLATES = frozenset(
    {
        *("AMIDescribePolicy", "AWSSecretsManagerGetSecretValuePolicy", "AcmGetCertificatePolicy"),
        *("CloudFormationDescribeStacksPolicy", "CloudWatchPutMetricPolicy", "ComprehendBasicAccessPolicy"),
        *("DynamoDBCrudPolicy", "DynamoDBReadPolicy", "DynamoDBReconfigurePolicy", "DynamoDBWritePolicy"),
        *(
            "EC2DescribePolicy",
            "FilterLogEventsPolicy",
            "FirehoseCrudPolicy",
            "FirehoseWritePolicy",
            "KMSDecryptPolicy",
        ),
        *("KMSEncryptPolicy", "KinesisCrudPolicy", "PollyFullAccessPolicy", "RekognitionDetectOnlyPolicy"),
        *("RekognitionReadPolicy", "Route53ChangeResourceRecordSetsPolicy", "S3CrudPolicy", "S3FullAccessPolicy"),
        *("S3ReadPolicy", "S3WritePolicy", "SESCrudPolicy", "SESSendBouncePolicy", "SNSCrudPolicy"),
        *("SNSPublishMessagePolicy", "SQSPollerPolicy", "SQSSendMessagePolicy", "SSMParameterReadPolicy"),
        *("SSMParameterWithSlashPrefixReadPolicy", "TextractPolicy", "VPCAccessPolicy"),
    }
)
"""Policy templates of AWS SAM that hold only such permissions.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
"""


def makes_no_network(action: str) -> bool:
    """Return whether an action of a policy (``ec2:Describe*``) lets its holder make no VPC, endpoint or route."""
    low = action.lower()
    service, _, name = low.partition(":")
    return bool(name) and (service in _SERVICES or low in _ACTIONS or _is_read(service, name))


def policy_makes_no_network(name: str) -> bool:
    """Return whether AWS's policy ``name`` lets its holder make no VPC, endpoint or route."""
    return name in _POLICIES


def template_makes_no_network(name: str) -> bool:
    """Return whether SAM's policy template ``name`` lets its holder make no VPC, endpoint or route."""
    return name in _TEMPLATES


def _is_read(service: str, name: str) -> bool:
    return "*" not in service and "?" not in service and _READS.fullmatch(name) is not None
