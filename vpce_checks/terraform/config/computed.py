"""Attributes of managed resources that follow from their arguments.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
https://developer.hashicorp.com/terraform/language/resources/terraform-data
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from vpce_checks.model.documents import certain_items
from vpce_checks.model.values import Cause, ListValue, Reference, Value, join_strings
from vpce_checks.terraform.aws.carried import carried
from vpce_checks.terraform.config.default_vpc import in_default_vpc

if TYPE_CHECKING:
    from vpce_checks.terraform.config.instances import Instance


def computed(instance: Instance, name: str) -> Value:
    """Return attribute ``name`` of a resource that does not set it as an argument; null if nothing gives its value."""
    compute = _COMPUTED.get((instance.type, name))
    if compute is not None:
        return compute(instance)
    vpc = carried(instance, name, instance.scope.session.declared.get)
    return vpc if vpc is not None else in_default_vpc(instance, name)


def _service_name(instance: Instance) -> Value:
    """Return the name of an endpoint service of one's own: ``com.amazonaws.vpce.REGION.vpce-svc-ID``.

    https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
    """
    from vpce_checks import catalog

    region = instance.region()
    prefix = catalog.reverse_dns_prefix(catalog.partition_of(region)) if isinstance(region, str) else "com.amazonaws"
    cause = Cause(f"{instance.address}.id is known only after it is created", instance.block.header)
    id = Reference(instance.address, ("id",), "resource", (cause,), "string")
    return join_strings((f"{prefix}.vpce.", region, ".", id))


_BALANCERS = {"network_load_balancer_arns": "Interface", "gateway_load_balancer_arns": "GatewayLoadBalancer"}
"""What an endpoint service is in front of, and the type of endpoints that this makes."""


def _service_type(instance: Instance) -> Value:
    """Return the type of the endpoints of a declared endpoint service. Its load balancers decide the type."""
    balancers = {type: instance.get(argument) for argument, type in _BALANCERS.items()}
    given = [(type, value) for type, value in balancers.items() if value is not None]
    if len(given) != 1 or not isinstance(given[0][1], ListValue) or not certain_items(given[0][1]):
        return None
    return given[0][0]


def _accepted_vpc(instance: Instance, attribute: str) -> Value:
    """Return a VPC of the peering connection that a resource accepts. It calls the one that accepts its own."""
    connection = instance.get("vpc_peering_connection_id")
    if not isinstance(connection, Reference) or connection.path != ("id",):
        return None
    asked = instance.scope.session.declared.get(connection.address)
    return asked.attribute(attribute) if asked is not None else None


def _outputs(instance: Instance) -> Value:
    """Return the outputs of a stack whose template is in the code, or may be a file of the repository."""
    from vpce_checks.terraform.config.template_bodies import deployed_template

    deployed = deployed_template(instance)
    if deployed is not None:
        return deployed.outputs
    if instance.scope.session.outside is None:
        return None
    from vpce_checks.terraform.config.outputs_of_others import value_of_another

    return value_of_another(instance, "outputs")


_COMPUTED: dict[tuple[str, str], Callable[[Instance], Value]] = {
    ("aws_vpc_endpoint_service", "service_name"): _service_name,
    ("aws_vpc_endpoint_service", "service_type"): _service_type,
    ("aws_vpc_peering_connection_accepter", "vpc_id"): partial(_accepted_vpc, attribute="peer_vpc_id"),
    ("aws_vpc_peering_connection_accepter", "peer_vpc_id"): partial(_accepted_vpc, attribute="vpc_id"),
    ("aws_cloudformation_stack", "outputs"): _outputs,
    ("terraform_data", "output"): lambda instance: instance.get("input"),
}
