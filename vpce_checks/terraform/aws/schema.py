"""The little that must be known of provider schemas: defaults, and which attributes AWS assigns.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from vpce_checks.model.values import Value

_DEFAULTS: dict[str, dict[str, Value]] = {
    "aws_vpc": {"enable_dns_support": True, "enable_dns_hostnames": False, "instance_tenancy": "default"},
    "aws_default_vpc": {"enable_dns_support": True},
    "awscc_ec2_vpc": {"enable_dns_support": True, "enable_dns_hostnames": False},
    "aws_vpc_endpoint": {"vpc_endpoint_type": "Gateway", "private_dns_enabled": False},
    "aws_subnet": {"map_public_ip_on_launch": False, "assign_ipv6_address_on_creation": False},
}

# Attributes that are never null once the resource exists, in every aws_ resource that has them.
_ASSIGNED = frozenset(
    {
        "id",
        "arn",
        "owner_id",
        "main_route_table_id",
        "default_route_table_id",
        "default_network_acl_id",
        "default_security_group_id",
        "dns_entry",
        "dns_entries",
        "network_interface_ids",
        "hosted_zone_id",
        "zone_id",
        "security_group_rule_id",
        "name_servers",
    }
)


def default_of(type: str, name: str) -> Value:
    """The default of an argument; null where there is none, or where it is not known here."""
    return _DEFAULTS.get(type, {}).get(name)


def is_assigned(type: str, name: str) -> bool:
    """Whether AWS assigns this attribute, so that it is certainly there, and not null, after creation."""
    return name in _ASSIGNED or (type.startswith("awscc_") and name.endswith(("_id", "_arn")))


_ASSOCIATIONS = frozenset(
    {
        "aws_main_route_table_association",
        "aws_route_table_association",
        "aws_vpc_endpoint_route_table_association",
        "aws_vpc_endpoint_subnet_association",
    }
)
"""Types of which AWS chooses no argument."""


def is_written_if_unknown(type: str, name: str) -> bool:
    """Return whether an argument that is known only after the apply must be in the code, as AWS cannot choose it."""
    return type in _ASSOCIATIONS and name != "id"
