"""``vpce-checks services``: the endpoint services of AWS, and those that the workloads of a project use."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from vpce_checks.base.record import field, mutable, replace
from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import UsageError
from vpce_checks.cli.inputs import INPUTS, add_inputs, with_inputs
from vpce_checks.cli.paths import add_exclude, add_policy
from vpce_checks.cli.terminal import put_lines, say

if TYPE_CHECKING:
    from vpce_checks.model.network import Network
    from vpce_checks.model.values import Cause
    from vpce_checks.policy import Policy
    from vpce_checks.rules.used_services import NoCalls, Unplaced

GROUP = "look up"

MAX_NAMED = 3
"""How many VPCs a reason names, or roots, or calls."""

MAX_CALLERS = 3
"""How many callers a line of the table names, unless the user names a service."""


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="list the endpoint services that AWS offers, or those that workloads use",
        description="List the endpoint services that AWS offers. An empty cell of PRIVATE DNS is not known.\n"
        "With --used: list what the workloads of each VPC call, how sure that is, and what serves the calls.\n"
        f"It names {MAX_CALLERS} callers of each service, and all of them with WORD.",
    )
    parser.add_argument("word", metavar="WORD", nargs="?", default="", help="only those with WORD in their name")
    parser.add_argument(
        "--used", metavar="PATH", nargs="?", const=".", help="those that the workloads below PATH (default: .) call"
    )
    add_policy(parser)
    add_exclude(parser)
    add_inputs(parser)
    return parser


def run(given: Namespace) -> int:
    """Print the services in one table. Raises UsageError if there is none."""
    if given.used is not None:
        return _used(given)
    wrong = next((name for name in ("policy", "exclude", *INPUTS) if getattr(given, name)), None)
    if wrong is not None:
        raise UsageError(f"--{wrong.replace('_', '-')} is for --used")
    return _offered(given.word)


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


@mutable
class _Calls:
    """What the workloads of a project call, as ``--used`` prints it.

    ``rows`` are those of the table. ``doubtful`` has the services of which it is unknown what serves them, by the cause and
    the VPC. ``uncalled`` are the VPCs without a known call, each with its root. ``unplaced`` are the workloads, by root, that
    run in subnets nobody knows. ``complete``: all code was read.
    """

    rows: list[list[str]] = field(default_factory=list)
    doubtful: dict[Cause, dict[str, list[str]]] = field(default_factory=dict)
    uncalled: list[tuple[str, str, NoCalls]] = field(default_factory=list)
    unplaced: dict[str, list[Unplaced]] = field(default_factory=dict)
    workloads: int = 0
    complete: bool = True


def _used(given: Namespace) -> int:
    """Print what the workloads below a path call; with a word, only services with it in their name. Of VPCs in which no call is
    known, say why."""
    from vpce_checks.cli.errors import usage_errors
    from vpce_checks.cli.scan_options import plain_options
    from vpce_checks.execution.scan_root import scan_root
    from vpce_checks.project.project import Project
    from vpce_checks.report import relative, root_name

    if not given.word and not os.path.exists(given.used):
        wanted = f"vpce-checks services {given.used} --used"
        raise UsageError(f"no such file or directory: {given.used}; to look for services by a word: {wanted}")
    options = with_inputs(plain_options(Namespace(**{**vars(given), "paths": [given.used]})), given)
    here = os.getcwd()
    calls = _Calls()
    with usage_errors():
        project = Project(replace(options, all_workloads=True))
        project.policies.load_rules()
        for root in (root for batch in project.batches() for root in batch.roots()):
            report = scan_root(project, root)
            for item in (item for item in report.diagnostics if item.severity == "error"):
                calls.complete = False
                say(f"error: {relative(item.file, here)}:{item.line}: {item.message}")
            _add_calls(calls, root_name(root.key, here), report.networks, project.policy_of(root), given.word)
    _print_calls(calls, given, here)
    return exit_codes.PASSED if calls.complete else exit_codes.UNREAD


def _add_calls(calls: _Calls, place: str, networks: Sequence[Network], policy: Policy, word: str) -> None:
    """Add what the workloads of the root ``place`` call: services with ``word`` in their name."""
    from vpce_checks.report.text.escape import escape
    from vpce_checks.rules.used_services import used_services, without_calls, workloads_beside

    every = used_services(networks, policy)
    for used in (used for used in every if word in used.service):
        named = used.callers if word else used.callers[:MAX_CALLERS]
        others = len(used.callers) - len(named)
        callers = ", ".join(named) + (f" and {others} more" if others else "")
        cells = [place, used.vpc, used.service, used.certainty, ", ".join(used.served_by), callers]
        calls.rows.append([escape(cell) for cell in cells])
        if used.doubts:
            from_vpcs = calls.doubtful.setdefault(used.doubts[0], {})
            from_vpcs.setdefault(f"{used.vpc} in {place}", []).append(used.service)
    count, unplaced = workloads_beside(networks)
    calls.workloads += count
    calls.uncalled += [(place, vpc, why) for vpc, why in without_calls(networks, policy, every, unplaced).items()]
    if unplaced:
        calls.unplaced[place] = unplaced


def _print_calls(calls: _Calls, given: Namespace, here: str) -> None:
    """Print the table, then what is unknown, and why VPCs have no known call."""
    from vpce_checks.report.text.wrap import columns

    if calls.rows:
        put_lines(columns([["ROOT", "VPC", "SERVICE", "SURE", "SERVED BY", "CALLED BY"], *calls.rows]))
    else:
        what = f"a service with {given.word!r} in its name" if given.word else "a service"
        say(f"no workload below {given.used} is known to call {what} from a VPC")
    for cause, from_vpcs in calls.doubtful.items():
        shown = _first_of([f"{_first_of(services)} from {vpc}" for vpc, services in from_vpcs.items()])
        say(f"it is unknown what serves {shown}: {cause.text}{_at(cause, here)}")
    by_reason: dict[str, list[str]] = {}
    for place, vpc, why in calls.uncalled:
        more = f"; what was not read may hold more: {why.unread}" if why.unread else ""
        reason = why.text or _why_none(calls.workloads, calls.unplaced, place, here)
        by_reason.setdefault(reason + more, []).append(f"{vpc} in {place}")
    for reason, vpcs in by_reason.items():
        say(f"no call is known in {_first_of(vpcs)}: {reason}")


def _why_none(workloads: int, unplaced: Mapping[str, Sequence[Unplaced]], place: str, here: str) -> str:
    """Return why no workload is known in a VPC of the root ``place``, given how many there are in all roots and, by root, those
    whose subnets are unknown. If several other roots have such workloads, any of them may be in the VPC."""
    if not workloads:
        return "no workload of the code is known to run in a VPC"
    others = [root for root in unplaced if root != place]
    if place not in unplaced and len(others) > 1:
        count = sum(len(unplaced[root]) for root in others)
        return f"no workload is known to run there; the subnets of {count} in other roots are not known ({_first_of(others)})"
    known = unplaced.get(place) or unplaced.get(next(iter(others), ""))
    if not known:
        return "no workload is known to run there"
    first = known[0]
    more = f", and so it is with {len(known) - 1} more" if len(known) > 1 else ""
    reason = f"the subnet of {first.address} is not known: {first.why.text}{_at(first.why, here)}{more}"
    return f"no workload is known to run there; {reason}"


def _first_of(names: Sequence[str]) -> str:
    return ", ".join(names[:MAX_NAMED]) + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")


def _at(cause: Cause, here: str) -> str:
    from vpce_checks.report import relative

    return "" if cause.span is None else f" ({relative(cause.span.file, here)}:{cause.span.line})"
