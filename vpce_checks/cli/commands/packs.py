"""``vpce-checks packs``: the policy packs that we ship."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vpce_checks.base.suggestions import suggestion
from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import UsageError
from vpce_checks.cli.terminal import WIDTH, put_lines

if TYPE_CHECKING:
    from vpce_checks.policy import Pack

GROUP = "the policy file"


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="list the policy packs, or show one",
        description="List the policy packs that come with vpce-checks, or show what one requires. A policy file takes them "
        "over with extends: [NAME].",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="the pack to show (default: a list of the packs)")
    return parser


def run(given: Namespace) -> int:
    """Print the list of packs, or everything about one. Raises UsageError for an unknown pack."""
    from vpce_checks.policy import find_pack, pack_names

    if given.name is None:
        put_lines(_list())
        return exit_codes.PASSED
    pack = find_pack(given.name)
    if pack is None:
        raise UsageError(f"no pack {given.name!r}{suggestion(given.name, pack_names())}")
    put_lines(_page(pack))
    return exit_codes.PASSED


def _list() -> Iterator[str]:
    from vpce_checks.policy import list_packs
    from vpce_checks.report.text.wrap import wrap

    packs = list_packs()
    indent = max(len(pack.name) for pack in packs) + 2
    for pack in packs:
        yield from wrap(pack.description, WIDTH, f"{pack.name:{indent}}", " " * indent)


def _page(pack: Pack) -> Iterator[str]:
    from vpce_checks.report.text.wrap import wrap

    yield pack.name
    yield from ("", *wrap(pack.description, WIDTH))
    if pack.url:
        yield from ("", f"See {pack.url}")
    yield ""
    for heading, services in (("gateway", pack.gateway), ("interface", pack.interface), ("central", pack.central)):
        if services:
            yield from wrap(", ".join(services), WIDTH, f"{heading:11}")
