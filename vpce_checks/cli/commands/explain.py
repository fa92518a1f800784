"""``vpce-checks explain``: what a rule checks, and why."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from vpce_checks.base.suggestions import suggestion
from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import UsageError
from vpce_checks.cli.paths import add_policy, add_trust
from vpce_checks.cli.terminal import WIDTH, put_lines

if TYPE_CHECKING:
    from vpce_checks.rules.finding import Rule

GROUP = "look up"


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="show what a rule checks and why",
        description="Show what a rule checks and why, with an example, how to fix what it finds, and when to ignore it.",
    )
    parser.add_argument("rule", metavar="RULE", nargs="?", help="id or name (default: a list of the rules)")
    add_policy(parser)
    add_trust(parser)
    return parser


def run(given: Namespace) -> int:
    """Print the list of rules, or everything about one. Raises UsageError for an unknown rule."""
    from vpce_checks.cli.own_rules import own_rules
    from vpce_checks.report.text.escape import escape
    from vpce_checks.rules.registry import all_rules, find_rule

    if given.rule is None:
        put_lines(_list((*all_rules(), *own_rules(given.policy, trust=given.trust_repo_rules))))
        return exit_codes.PASSED
    rule = find_rule(given.rule)
    if rule is None:
        own = own_rules(given.policy, trust=given.trust_repo_rules)
        wanted = given.rule.strip().lower()
        rule = next((each for each in own if wanted in (each.id.lower(), each.name)), None)
    if rule is None:
        known = [word for each in (*all_rules(), *own) for word in (each.id, each.name)]
        raise UsageError(f"no rule {given.rule!r}{suggestion(given.rule, known, 'vpce-checks rules')}")
    put_lines(map(escape, _page(rule)))
    return exit_codes.PASSED


def _list(rules: Iterable[Rule]) -> list[str]:
    from vpce_checks.report.text.wrap import columns

    return columns([["RULE", "SEVERITY", "NAME"], *([rule.id, rule.severity, rule.name] for rule in rules)])


def _page(rule: Rule) -> Iterator[str]:
    from vpce_checks.report.rule_page import headings
    from vpce_checks.report.text.wrap import wrap

    yield f"{rule.id} {rule.name} ({rule.severity})"
    yield from ("", *wrap(rule.title, WIDTH))
    if rule.rationale:
        yield from ("", *wrap(rule.rationale, WIDTH))
    if rule.url:
        yield from ("", f"See {rule.url}")
    if rule.severity_varies:
        yield from ("", *wrap(rule.severity_varies, WIDTH, "Severity: ", ""))
    for heading, code in zip(headings(rule), (rule.bad, rule.good), strict=True):
        if code:
            yield from ("", f"{heading}:", "")
            yield from (f"    {line}".rstrip() for line in code.rstrip("\n").split("\n"))
    for heading, text in (("To fix it", rule.fix), ("To ignore it", rule.ignore_when), ("It cannot know", rule.limits)):
        if text:
            yield from ("", *wrap(text, WIDTH, f"{heading}: ", ""))
    for control in rule.controls:
        yield from ("", *wrap(control, WIDTH, "Control: ", ""))
    yield from (
        "",
        *wrap(
            f"How to ignore it: a comment `vpce-checks:ignore {rule.id} reason` inside the resource, an entry of `ignore` "
            f"in the policy file, or `rules: {{{rule.id}: off}}` there.",
            WIDTH,
        ),
    )
