"""``vpce-checks services``: the endpoint services of AWS."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import UsageError
from vpce_checks.cli.terminal import put_lines


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(help="list the endpoint services that AWS offers")
    parser.add_argument("word", metavar="WORD", nargs="?", default="", help="only those with WORD in their name")
    return parser


def run(given: Namespace) -> int:
    """Print the services in one table. Raises UsageError if there is none."""
    from vpce_checks.catalog import nearest, search
    from vpce_checks.report.text.wrap import columns

    rows = [
        [
            service.short_name,
            " + ".join(kind.lower() for kind in sorted(service.types)),
            {"yes": "yes", "no": "no", "unknown": ""}[service.private_dns] if "Interface" in service.types else "-",
            service.display_name,
        ]
        for service in search(given.word)
    ]
    if not rows:
        close = nearest(given.word)
        near = f"; similar names: {', '.join(close)}" if close else ""
        raise UsageError(f"no service has {given.word!r} in its name{near}")
    put_lines(columns([["SERVICE", "ENDPOINT", "PRIVATE DNS", "NAME"], *rows]))
    return exit_codes.PASSED
