"""``vpce-checks services``: the endpoint services of AWS, and those that the workloads of a project use."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import UsageError
from vpce_checks.cli.terminal import put_lines, say

GROUP = "look up"

MAX_CALLERS = 3
"""How many callers a line of the table names, unless the user names a service."""


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="list the endpoint services that AWS offers, or those that workloads use",
        description="List the endpoint services that AWS offers.\n"
        "With --used: list what the workloads of each VPC call, how sure that is, and what serves the calls.\n"
        f"It names {MAX_CALLERS} callers of each service, and all of them with WORD.",
    )
    parser.add_argument("word", metavar="WORD", nargs="?", default="", help="only those with WORD in their name")
    parser.add_argument(
        "--used", metavar="PATH", nargs="?", const=".", help="those that the workloads below PATH (default: .) call"
    )
    return parser


def run(given: Namespace) -> int:
    """Print the services in one table. Raises UsageError if there is none."""
    return _used(given.used, given.word) if given.used is not None else _offered(given.word)


def _offered(word: str) -> int:
    from vpce_checks.catalog import nearest, search
    from vpce_checks.report.text.wrap import columns

    rows = [
        [
            service.short_name,
            " + ".join(kind.lower() for kind in sorted(service.types)),
            {"yes": "yes", "no": "no", "unknown": ""}[service.private_dns] if "Interface" in service.types else "-",
            service.display_name,
        ]
        for service in search(word)
    ]
    if not rows:
        close = nearest(word)
        near = f"; similar names: {', '.join(close)}" if close else ""
        raise UsageError(f"no service has {word!r} in its name{near}")
    put_lines(columns([["SERVICE", "ENDPOINT", "PRIVATE DNS", "NAME"], *rows]))
    return exit_codes.PASSED


def _used(path: str, word: str) -> int:
    """Print what the workloads below ``path`` call; with ``word``, only services with it in their name."""
    from vpce_checks.cli.errors import usage_errors
    from vpce_checks.cli.paths import check_paths
    from vpce_checks.execution.scan_root import scan_root
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.project.project import Project
    from vpce_checks.report import relative
    from vpce_checks.report.text.escape import escape
    from vpce_checks.report.text.wrap import columns
    from vpce_checks.rules.used_services import used_services

    check_paths([path])
    rows: list[list[str]] = []
    complete = True
    with usage_errors():
        project = Project(ScanOptions(paths=(path,), environment=dict(os.environ)))
        for root in (root for batch in project.batches() for root in batch.roots()):
            report = scan_root(project, root)
            for item in (item for item in report.diagnostics if item.severity == "error"):
                complete = False
                say(f"{relative(item.file, os.getcwd())}:{item.line}: {item.message}")
            for used in used_services(report.networks, project.policy_of(root)):
                if word in used.service:
                    named = used.callers if word else used.callers[:MAX_CALLERS]
                    others = len(used.callers) - len(named)
                    callers = ", ".join(named) + (f" and {others} more" if others else "")
                    place = relative(root.path, os.getcwd())
                    cells = [place, used.vpc, used.service, used.certainty, ", ".join(used.served_by), callers]
                    rows.append([escape(cell) for cell in cells])
    if rows:
        put_lines(columns([["ROOT", "VPC", "SERVICE", "SURE", "SERVED BY", "CALLED BY"], *rows]))
    else:
        say(f"no workload below {path} is known to call a service from a VPC")
    return exit_codes.PASSED if complete else exit_codes.UNREAD
