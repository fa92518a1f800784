"""Find the directories whose text reads or writes what roots share, without parsing it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from vpce_checks.base.pattern import pattern
from vpce_checks.files.containment import KnownPlaces, Places
from vpce_checks.files.content import read_start
from vpce_checks.files.states import recall
from vpce_checks.files.tracked import contained
from vpce_checks.model.roots import Marks
from vpce_checks.terraform.syntax.source_files import configuration_files

if TYPE_CHECKING:
    from vpce_checks.terraform.roots import Called

_TAKES = (
    b"terraform_remote_state",
    b"tfe_outputs",
    b"stack-config/yaml",  # a published module that reads a state
    b"terraform-yaml-stack-config",
    b"aws_ssm_parameter",
    b"awscc_ssm_parameter",
    b"aws_cloudformation_export",
    b"aws_cloudformation_stack",
    b'"aws_default_subnet"',
)
_FOUND = (
    rb"aws_(?:vpcs?|vpc_endpoint|subnets?|subnet_ids|route_tables?|security_groups?|secretsmanager_secret_version|s3_object|s3_bucket_object)"
    rb"|local_(?:sensitive_)?file|vault_generic_secret|vault_kv_secret(?:_v2)?"
    rb"|aws_dynamodb_table_item|kubernetes_config_map(?:_v1)?|consul_keys|consul_key_prefix"
)
"""The data sources that look an object up, or read what is in a store."""
# Not rb"\bdata", for what begins with letters is found ten times as fast.
_FINDS = pattern(rb'data(?<=\bdata)[ \t]*"?(?:' + _FOUND + rb')(?=["\s])')
_FINDS_VPC_OF = pattern(
    rb"data\.aws_(?<=\bdata\.aws_)"
    rb"(?:db_subnet_group|ec2_transit_gateway_vpc_attachment|eks_cluster|instance|a?lb|nat_gateway|vpc_peering_connection)"
    rb"\.[^\s,(){}]{1,80}?\.(?:vpc_id|vpc_config|subnet_id)\b"
)
"""What looks up something in a VPC, for the sake of that VPC."""
_FINDS_BY_NAME = pattern(
    rb"(?:source(?<=\bsource)[\"']?[ \t]*[=:][ \t]*[\"'](?!\.)[^\"'\n]{0,200}|module(?<=\bmodule)[ \t]{1,9}\"?[\w-]{0,80})"
    rb"(?:[eE]ndpoint|ENDPOINT|vpce|VPCE|[pP]rivate[lL]ink)"
)
"""A call of a module that may be about endpoints (:func:`vpce_checks.model.code_names.names_endpoints`): it may find a VPC by
what it gets."""
_FINDS_IN_JSON = pattern(rb'"(?:' + _FOUND + rb')"')
_GIVES = (
    b"backend",
    b"cloud",
    b"aws_ssm_parameter",
    b"awscc_ssm_parameter",
    b"aws_cloudformation_stack",
    b"aws_secretsmanager_secret_version",
    b"aws_s3_object",
    b"aws_s3_bucket_object",
    b"local_file",
    b"local_sensitive_file",
    b"vault_generic_secret",
    b"vault_kv_secret",
    b"aws_dynamodb_table_item",
    b"kubernetes_config_map",
    b"consul_keys",
    b"consul_key_prefix",
    b'"aws_vpc"',
    b'"aws_default_vpc"',
    b"awscc_ec2_",
    b'"aws_subnet"',
    b'"aws_route_table"',
    b'"aws_security_group"',
    b'"aws_vpc_endpoint"',
    b"/vpc/aws",  # published modules that create a VPC
    b"terraform-aws-vpc",
)
_LOCAL = (b"terraform_remote_state", b'"local"')
"""A root whose state is a file need not say so."""


def marks_in(directories: Iterable[str], boundary: str) -> dict[str, Marks]:
    """Return the marks of those of ``directories`` that have any."""
    found: dict[str, Marks] = {}
    places = KnownPlaces((boundary,))
    for directory in directories:
        shown = recall("marks", directory, partial(_shown_in, directory, places))
        if shown:
            found[directory] = Marks("takes" in shown, partial(_digest, directory, boundary), "any" in shown)
    return found


def _shown_in(directory: str, places: Places) -> tuple[str, tuple[str, ...]]:
    """Return in words what the code in a directory shows, and the names of the files that were read."""
    names = _names_of_code(directory, places)
    takes = gives = from_any = False
    for data in _texts_of(directory, names, places):
        takes = takes or _uses(data)
        gives = gives or _gives(data)
        from_any = from_any or all(mark in data for mark in _LOCAL)
    shown = ("takes" if takes else "gives" if gives else "", "from any" if from_any and (takes or gives) else "")
    return " ".join(filter(None, shown)), tuple(sorted(names))


def marks_of_units(units: Iterable[str], boundary: str, digest: Callable[[str], str]) -> dict[str, Marks]:
    """Return the marks of Terragrunt units. Their files, and those in the directories above, may generate code.

    ``digest`` returns the hash of everything that the inputs of a unit rest on.
    """
    takes: dict[str, bool] = {}

    def takes_in(directory: str) -> bool:
        if directory not in takes:
            above = os.path.dirname(directory)
            inside = any(map(_uses, _texts_of(directory, _files_of_terragrunt(directory, boundary), (boundary,))))
            takes[directory] = inside or (directory != boundary and above != directory and takes_in(above))
        return takes[directory]

    return {unit: Marks(takes_in(unit), partial(digest, unit)) for unit in units}


@contained
def _names(directory: str) -> list[str]:
    return sorted(name for name in os.listdir(directory) if name.endswith((".hcl", ".hcl.json")))


def _files_of_terragrunt(directory: str, boundary: str) -> list[str]:
    try:
        return _names(directory, (boundary,))
    except OSError:
        return []


def _digest(directory: str, boundary: str) -> str:
    from hashlib import blake2b  # it loads OpenSSL, which only a scan with joined roots needs

    digest = blake2b(digest_size=16)
    for data in _texts(directory, (boundary,)):
        if _uses(data) or _gives(data):
            digest.update(data)
    return digest.hexdigest()


def _gives(data: bytes) -> bool:
    return any(map(data.__contains__, _GIVES))


def _uses(data: bytes) -> bool:
    if any(map(data.__contains__, _TAKES)) or _FINDS_BY_NAME.search(data) is not None:
        return True
    if b"data" not in data:
        return False
    if _FINDS.search(data) is not None or _FINDS_VPC_OF.search(data) is not None:
        return True
    return b'"data"' in data and _FINDS_IN_JSON.search(data) is not None


def _texts(directory: str, places: Places) -> Iterable[bytes]:
    yield from _texts_of(directory, _names_of_code(directory, places), places)


def _names_of_code(directory: str, places: Places) -> list[str]:
    try:
        primary, override = configuration_files(directory, places)
    except OSError:
        return []
    return [*primary, *override]


def _texts_of(directory: str, names: Iterable[str], places: Places) -> Iterable[bytes]:
    for name in names:
        yield read_start(os.path.join(directory, name), places)


def may_share(root: str, marked: Mapping[str, Marks], called: Called) -> bool:
    """Return whether a root module has anything to share: it or a module that it calls has marks."""
    from vpce_checks.terraform.roots import reachable_directories

    if root in marked or any(mark.from_any for mark in marked.values()):
        return True
    return not reachable_directories(root, called).isdisjoint(marked)
