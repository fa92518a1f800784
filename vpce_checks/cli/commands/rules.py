"""``vpce-checks rules``: the rules, for people and for programs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.paths import add_policy, add_trust
from vpce_checks.cli.terminal import put_lines

VERSION = 1
"""Of the JSON form."""

GROUP = "look up"


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(help="list the rules, also as JSON with all that is documented of them")
    add_policy(parser)
    add_trust(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    return parser


def run(given: Namespace) -> int:
    """Print the rules, then those of the policy. Raises UsageError."""
    from vpce_checks.cli.own_rules import own_rules
    from vpce_checks.rules.registry import all_rules

    rules = (*all_rules(), *own_rules(given.policy, trust=given.trust_repo_rules))
    if given.format == "text":
        from vpce_checks.report.text.escape import escape
        from vpce_checks.report.text.wrap import columns

        rows = [[rule.id, rule.severity, rule.name, rule.title] for rule in rules]
        put_lines(map(escape, columns([["RULE", "SEVERITY", "NAME", "CHECKS"], *rows])))
        return exit_codes.PASSED
    import json

    from vpce_checks.report.rule_page import rule_json

    document = {"version": VERSION, "rules": [rule_json(rule) for rule in rules]}
    put_lines([json.dumps(document, indent=2)])
    return exit_codes.PASSED
