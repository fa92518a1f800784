"""Read a file of an inventory: JSON as the AWS CLI prints it, with the place of each object in it.

https://docs.aws.amazon.com/cli/latest/reference/ec2/describe-vpcs.html and the pages of the other commands.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from vpce_checks.base.record import record
from vpce_checks.files.tracked import contents
from vpce_checks.model.outside import root_label
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.policy.scan_keys import InventoryEntry

MAX_BYTES = 32 * 1024 * 1024
"""A larger file is not read: the zones, endpoints and tables of a large organisation take some 10 MB."""

MAX_PROBLEMS = 20
"""How many mistakes of one file are reported."""

MAX_ID = 128
"""Characters of an id. Those of AWS have fewer."""

Kind: TypeAlias = Literal[
    "vpc", "endpoint", "subnet", "table", "group", "zone", "record", "profile", "profile_vpc", "profile_resource"
]
"""What a row is about. ``profile_vpc`` associates a Profile with a VPC, and ``profile_resource`` puts something into one."""


class Row(NamedTuple):
    """What one output says of one object. ``id`` is its real id; that of a record is made of its zone, name and type."""

    kind: Kind
    id: str
    values: Mapping[str, Any]
    entry: InventoryEntry
    span: Span


@record
class _Output:
    """A list in an output: what its entries are about, and which key has the id."""

    kind: Kind
    id: str
    command: str


_LISTS: Mapping[str, _Output] = {
    "Vpcs": _Output("vpc", "VpcId", "ec2 describe-vpcs"),
    "VpcEndpoints": _Output("endpoint", "VpcEndpointId", "ec2 describe-vpc-endpoints"),
    "Subnets": _Output("subnet", "SubnetId", "ec2 describe-subnets"),
    "RouteTables": _Output("table", "RouteTableId", "ec2 describe-route-tables"),
    "SecurityGroups": _Output("group", "GroupId", "ec2 describe-security-groups"),
    "HostedZones": _Output("zone", "Id", "route53 list-hosted-zones"),
    "HostedZoneSummaries": _Output("zone", "HostedZoneId", "route53 list-hosted-zones-by-vpc"),
    "ResourceRecordSets": _Output("record", "Name", "route53 list-resource-record-sets"),
    "ProfileSummaries": _Output("profile", "Id", "route53profiles list-profiles"),
    "ProfileAssociations": _Output("profile_vpc", "Id", "route53profiles list-profile-associations"),
    "ProfileResourceAssociations": _Output(
        "profile_resource", "Id", "route53profiles list-profile-resource-associations"
    ),
}
"""The key of an output with a list -> what is in the list."""

_ATTRIBUTES = ("EnableDnsSupport", "EnableDnsHostnames", "EnableNetworkAddressUsageMetrics")
"""What ``ec2 describe-vpc-attribute`` prints one of, beside the id of the VPC."""

_COMMANDS = ", ".join(
    dict.fromkeys(
        command.rpartition(" ")[2]
        for command in (
            *(each.command for each in _LISTS.values()),
            "route53 get-hosted-zone",
            "ec2 describe-vpc-attribute",
        )
    )
)


class _Problem(Exception):
    """Why a file, or a part of it, cannot be used. ``lines_before`` is how many lines stand before it."""

    def __init__(self, message: str, lines_before: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.lines_before = lines_before


def read_inventory(entry: InventoryEntry) -> tuple[list[Row], list[Diagnostic]]:
    """Return what a file says, and an error for each part of it that cannot be used."""
    name = root_label(entry.file).removesuffix(":")
    try:
        text = _text(entry, name)
        documents = list(_documents(text, name))
    except _Problem as problem:
        return [], [Diagnostic("error", problem.message, entry.file, 1 + problem.lines_before)]
    places = _Places(text, entry.file)
    rows: list[Row] = []
    problems: list[Diagnostic] = []
    for document in documents:
        for found in _rows(document, entry, name, places):
            if isinstance(found, Row):
                rows.append(found)
            else:
                problems.append(found)
    if len(problems) > MAX_PROBLEMS:
        more = f"{name} has {len(problems) - MAX_PROBLEMS} more such mistakes"
        problems[MAX_PROBLEMS:] = [Diagnostic("error", more, entry.file)]
    return rows, problems


def _text(entry: InventoryEntry, name: str) -> str:
    try:
        data = contents(entry.file, entry.places)
    except OSError as error:
        raise _Problem(f"the inventory {name} cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise _Problem(
            f"the inventory {name} is larger than {MAX_BYTES // 1024**2} MB; limit the command with --filters, or --vpc-ids"
        )
    try:  # PowerShell writes UTF-16
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise _Problem(f"the inventory {name} is no JSON: it is not UTF-8 text") from None


def _documents(text: str, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the JSON documents of a text: several, where the output of several commands was put together."""
    decoder = json.JSONDecoder()
    at = _skip(text, 0)
    if at == len(text):
        raise _Problem(f"the inventory {name} is empty")
    while at < len(text):
        try:
            document, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            words = f"the inventory {name} is no JSON, as the AWS CLI prints it with --output json: {error.msg}"
            raise _Problem(words, error.lineno - 1) from None
        except (RecursionError, ValueError):  # too deep, or a number of thousands of digits
            raise _Problem(f"the inventory {name} is no JSON as the AWS CLI prints it") from None
        if not isinstance(document, dict):
            raise _Problem(
                f"the inventory {name} is no output of a command: it begins with something other than {{",
                text.count("\n", 0, at),
            )
        yield document
        at = _skip(text, at)


_SPACE = re.compile(r"[ \t\r\n]*")


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found is not None else at


class _Places:
    """Where objects are in a text: where their id is written first after a key."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._ends: list[int] | None = None
        self._found: dict[str, dict[str, list[int]]] = {}

    def of(self, key: str, id: str, number: int = 0) -> Span:
        """Return the line of the ``number``th time that ``key`` has the value ``id``."""
        if key not in self._found:
            by_id: dict[str, list[int]] = {}
            for each in re.finditer(rf'"{key}"\s*:\s*"([^"]*)"', self._text):
                by_id.setdefault(each[1], []).append(each.start())
            self._found[key] = by_id
        offsets = self._found[key].get(json.dumps(id, ensure_ascii=False)[1:-1], ())
        return Span(self._file, self._line(offsets[min(number, len(offsets) - 1)]) if offsets else 1)

    def _line(self, offset: int) -> int:
        if self._ends is None:
            self._ends = [each.start() for each in re.finditer("\n", self._text)]
        return bisect_right(self._ends, offset) + 1


def _rows(document: Mapping[str, Any], entry: InventoryEntry, name: str, places: _Places) -> Iterator[Row | Diagnostic]:
    known = False
    for key, output in _LISTS.items():
        if key in document:
            known = True
            yield from _listed(key, document[key], output, entry, name, places)
    if isinstance(document.get("HostedZone"), dict):
        known = True
        zone = {**document["HostedZone"], "VPCs": document.get("VPCs")}
        yield from _listed("HostedZone", [zone], _LISTS["HostedZones"], entry, name, places)
    if any(key in document for key in _ATTRIBUTES):
        known = True
        attributes = _attributes(document, entry.vpc)
        if attributes["VpcId"] is None:
            yield _nameless("vpc", "ec2 describe-vpc-attribute", entry, name)
        else:
            yield from _listed("the attribute", [attributes], _LISTS["Vpcs"], entry, name, places)
    if not known:
        keys = ", ".join(sorted(map(str, document))[:8]) or "nothing"
        yield Diagnostic(
            "error",
            f"the inventory {name} is no output that is known: it has {keys}. Known are {_COMMANDS}",
            entry.file,
        )


def _attributes(document: Mapping[str, Any], vpc: str) -> Mapping[str, Any]:
    """Return the attributes of a VPC as if ``describe-vpcs`` printed them. ``vpc`` is its id where the output has none."""
    found = {"VpcId": document.get("VpcId") or vpc or None}
    for key in _ATTRIBUTES:
        value = document.get(key)
        found[key] = value.get("Value") if isinstance(value, dict) else value
    return found


def _listed(
    key: str, listed: object, output: _Output, entry: InventoryEntry, name: str, places: _Places
) -> Iterator[Row | Diagnostic]:
    if not isinstance(listed, list):
        yield Diagnostic("error", f"{key} in the inventory {name} is no list", entry.file)
        return
    if needed := _needed(key, entry):
        yield _nameless(needed, output.command, entry, name)
        return
    times: dict[str, int] = {}
    for number, each in enumerate(listed):
        id = each.get(output.id) if isinstance(each, dict) else None
        if not isinstance(id, str) or not 0 < len(id) <= (MAX_ID if output.kind != "record" else 1024):
            yield Diagnostic("error", f"{key}[{number}] in the inventory {name} has no {output.id}", entry.file)
            continue
        span = places.of(output.id, id, times.get(id, 0))
        times[id] = times.get(id, 0) + 1
        if output.kind == "record":
            yield Row("record", _record_id(each, entry), each, entry, span)
        elif output.kind == "zone":
            if key == "HostedZoneSummaries":
                each = {
                    "Name": each.get("Name"),
                    "VPCs": [{"VPCId": entry.vpc}],
                    "Config": {"PrivateZone": True},
                    "Owner": each.get("Owner"),
                }
            yield Row("zone", id.removeprefix("/hostedzone/"), each, entry, span)
        else:
            yield Row(output.kind, id, each, entry, span)


def _nameless(needed: str, command: str, entry: InventoryEntry, name: str) -> Diagnostic:
    words = f"an output of {command} does not say which {needed} it is about: name it in the policy"
    example = f"{{file: {name}, {needed}: {'Z0123456789' if needed == 'zone' else 'vpc-0123456789abcdef0'}}}"
    return Diagnostic("error", f"the inventory {name} cannot be used: {words}, as in {example}", entry.file)


def _needed(key: str, entry: InventoryEntry) -> str:
    """Return what must be known to use an output, and nobody says."""
    if key == "ResourceRecordSets" and not entry.zone:
        return "zone"
    return "vpc" if key == "HostedZoneSummaries" and not entry.vpc else ""


def _record_id(values: Mapping[str, Any], entry: InventoryEntry) -> str:
    words = [values.get("Name"), values.get("Type"), values.get("SetIdentifier")]
    return f"{entry.zone}/{' '.join(str(word) for word in words if word is not None)}"
