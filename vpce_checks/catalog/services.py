"""The endpoint services that AWS offers: which exist, of which type, and what private DNS they have."""

from __future__ import annotations

import os
from functools import lru_cache

from vpce_checks.base.record import record

AS_OF = "2026-11"
"""When ``services.tsv`` and ``host_names.tsv`` were last compared with their sources: a year and a month."""

GATEWAY_SERVICES = ("s3", "dynamodb", "s3express")
"""Those that have gateway endpoints."""

_TYPES = {"G": "Gateway", "I": "Interface"}
_PRIVATE_DNS = {"y": "yes", "n": "no", "?": "unknown"}


@record
class Service:
    """An endpoint service of AWS.

    ``short_name`` is what follows the region in its name (``ecr.api``). ``types`` holds ``"Gateway"`` and/or
    ``"Interface"``. ``private_dns`` ("yes", "no", "unknown") says whether an interface endpoint for it can have private
    DNS; AWS documents "no" for few, so treat "unknown" as a probable yes. ``patterns`` are the full names that it goes by
    (the first is the usual one); ``{region}`` stands for the region. ``fips_of`` is the service that a FIPS variant stands for.
    """

    short_name: str
    display_name: str
    types: frozenset[str]
    private_dns: str
    patterns: tuple[str, ...] = ()
    fips_of: str | None = None
    notes: str = ""

    @property
    def pattern(self) -> str:
        """The usual full service name, with ``{region}``."""
        return self.patterns[0]

    @property
    def regional(self) -> bool:
        """Whether a region is part of its name."""
        return "{region}" in self.pattern


@lru_cache(maxsize=1)
def _rows() -> dict[str, str]:
    """Short name -> the rest of its line, split further only for the services that are asked for."""
    path = os.path.join(os.path.dirname(__file__), "services.tsv")
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    rows: dict[str, str] = {}
    for line in lines:
        if line and line[0] != "#":
            short_name, _, row = line.partition("\t")
            rows[short_name] = row
    return rows


def listed_name(short_name: str) -> str:
    """Return the name under which the table lists a service. Cells have numbers (``timestream.ingest-cell2``), and clusters
    of Aurora DSQL have ids (``dsql-0a1b2c``), which no list can hold.

    https://docs.aws.amazon.com/timestream/latest/developerguide/VPCEndpoints.vpc-endpoint-create.html
    https://docs.aws.amazon.com/aurora-dsql/latest/userguide/privatelink-managing-clusters.html
    """
    if short_name.startswith("timestream."):
        cell = short_name.rstrip("0123456789")
        return cell if cell.endswith("-cell") else short_name
    id = short_name.removeprefix("dsql-")
    return "dsql-*" if id != short_name and id.isalnum() and id != "fips" else short_name


@lru_cache(maxsize=1024)
def find_service(short_name: str) -> Service | None:
    """The service called ``short_name``, exactly."""
    row = _rows().get(listed_name(short_name))
    if row is None:
        return None
    types, display_name, private_dns, patterns, fips_of, notes = row.split("\t")
    return Service(
        short_name=short_name,
        display_name=display_name,
        types=frozenset(_TYPES[letter] for letter in types),
        private_dns=_PRIVATE_DNS[private_dns],
        patterns=tuple(patterns.replace("{}", "{region}").split()) or ("com.amazonaws.{region}." + short_name,),
        fips_of=fips_of or None,
        notes=notes,
    )


def short_names() -> tuple[str, ...]:
    """The short names of every service, sorted."""
    return tuple(_rows())


def all_services() -> tuple[Service, ...]:
    """Every service, sorted by short name."""
    return tuple(service for name in _rows() if (service := find_service(name)) is not None)


def search(word: str) -> tuple[Service, ...]:
    """The services whose short name, display name or notes hold ``word`` (in any case); all of them for ``""``."""
    wanted = word.casefold().strip()
    return tuple(
        service
        for service in all_services()
        if wanted in service.short_name
        or wanted in service.display_name.casefold()
        or wanted in service.notes.casefold()
    )


_ENDPOINT_NAMES = {
    "cloudwatch": ("monitoring", "logs", "events"),
    "cloudwatch-logs": ("logs",),
    "cloudwatchlogs": ("logs",),
    "cognito": ("cognito-idp",),
    "container-registry": ("ecr.api", "ecr.dkr"),
    "ecr": ("ecr.api", "ecr.dkr"),
    "efs": ("elasticfilesystem",),
    "elb": ("elasticloadbalancing",),
    "emr": ("elasticmapreduce",),
    "eventbridge": ("events",),
    "firehose": ("kinesis-firehose",),
    "keyspaces": ("cassandra",),
    "kinesis": ("kinesis-streams", "kinesis-firehose"),
    "mwaa": ("airflow.api", "airflow.env", "airflow.ops"),
    "prometheus": ("aps-workspaces", "aps"),
    "sagemaker": ("sagemaker.api", "sagemaker.runtime"),
    "ses": ("email-smtp", "email"),
    "sfn": ("states", "sync-states"),
    "step-functions": ("states", "sync-states"),
    "stepfunctions": ("states", "sync-states"),
}
"""What people call a service whose endpoints have another name."""


def nearest(short_name: str, n: int = 3) -> list[str]:
    """Up to ``n`` short names that ``short_name`` may be a misspelling of, the likeliest first."""
    import difflib  # only a wrong name needs it

    names = short_names()
    asked = short_name.casefold()[:100]
    # People write what Terraform modules call their keys, or a full name.
    if asked in _ENDPOINT_NAMES:
        return list(_ENDPOINT_NAMES[asked][:n])
    rewritten = asked.replace("_", ".")
    for candidate in (asked, rewritten, asked.replace("_", "-"), asked.rpartition(".")[2]):
        if candidate != short_name and candidate in _rows():
            return [candidate, *(close for close in difflib.get_close_matches(asked, names, n) if close != candidate)][
                :n
            ]
    return difflib.get_close_matches(rewritten, names, n, 0.5 if len(asked) < 4 else 0.6)


_MISSPELT_FROM = 6
"""How long a name must be, so that one letter more, less or other makes it a misspelling: short names differ by a letter."""


def is_misspelt(short_name: str) -> bool:
    """Return whether ``short_name``, which the catalogue lacks, is certainly the name of no endpoint service.

    That is so if it is what people call a service whose endpoints have another name, if it has letters that no name has, or
    if it is a known name with other separators or with one wrong letter. Any other name may be that of a service which AWS
    added after the catalogue was made.
    """
    if short_name.casefold() in _ENDPOINT_NAMES or not all(map(_is_label, short_name.split("."))):
        return True
    base = listed_name(without_fips(short_name))
    if base in _rows():
        return False  # AWS adds FIPS variants
    asked = _letters(base.rstrip("0123456789") if base.rstrip("0123456789").endswith("-cell") else base)
    known = {_letters(name) for name in short_names()}
    return asked in known or any(differ_by_a_letter(asked, name) for name in known)


def _is_label(label: str) -> bool:
    plain = label.replace("-", "")
    return plain.isascii() and plain.isalnum() and plain == plain.lower() and label[0] != "-" != label[-1]


def _letters(short_name: str) -> str:
    """Return a name without separators."""
    return short_name.replace(".", "").replace("-", "")


def differ_by_a_letter(left: str, right: str) -> bool:
    """Return whether one letter more, less or other, or two letters that changed places, make one name the other.

    The first letter and numbers do not count: ``rds-data`` and ``ds-data``, ``macie`` and ``macie2`` are services.
    """
    if abs(len(left) - len(right)) > 1 or max(len(left), len(right)) < _MISSPELT_FROM or left[:1] != right[:1]:
        return False
    shorter = min(len(left), len(right))
    start = next((at for at in range(shorter) if left[at] != right[at]), shorter)
    one, other = left[start:], right[start:]
    if one[:1].isdigit() or other[:1].isdigit():
        return False
    return one[1:] in (other, other[1:]) or other[1:] == one or (one[1::-1] == other[:2] and one[2:] == other[2:])


def without_fips(short_name: str) -> str:
    """The service that a FIPS variant stands for; any other name as it is.

    The mark has no fixed place (``kms-fips``, ``sagemaker.api-fips``, ``iot-fips.api``,
    ``mail-manager-smtp.auth.fips``), and AWS adds variants faster than lists are printed, so the mark decides.
    """
    if "fips" not in short_name:
        return short_name
    service = find_service(short_name)
    if service is not None and service.fips_of is not None:
        return service.fips_of
    labels: list[str] = []
    for label in short_name.split("."):
        if label != "fips":
            labels.append(label.removesuffix("-fips"))
    return ".".join(labels)


def satisfies(endpoint_short: str, required_short: str) -> bool:
    """Whether an endpoint for ``endpoint_short`` serves what is asked for as ``required_short``.

    Only the service itself and its FIPS variant do: ``ssmmessages`` does not serve ``ssm``.
    """
    return endpoint_short == required_short or without_fips(endpoint_short) == required_short


def is_gateway_service(short_name: str) -> bool:
    """Whether AWS offers a gateway endpoint for it (S3, its directory buckets, and DynamoDB)."""
    service = find_service(short_name)
    return service is not None and "Gateway" in service.types
