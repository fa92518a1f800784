"""What the tool knows, to be looked up: its rules, the endpoint services of AWS, the policy packs. As lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vpce_checks.report.text.wrap import columns, wrap

if TYPE_CHECKING:
    from vpce_checks.policy import Pack
    from vpce_checks.rules.finding import Rule

WIDTH = 80


def rule_list() -> list[str]:
    """The rules in one table."""
    from vpce_checks.rules.registry import all_rules

    return columns([["RULE", "SEVERITY", "NAME"], *([rule.id, rule.severity, rule.name] for rule in all_rules())])


def rule_page(rule: Rule) -> Iterator[str]:
    """Everything about one rule."""
    yield f"{rule.id} {rule.name} ({rule.severity})"
    yield from ("", *wrap(rule.title, WIDTH), "", *wrap(rule.rationale, WIDTH), "", f"See {rule.url}")
    for heading, code in (("Fails:", rule.bad), ("Passes:", rule.good)):
        if code:
            yield from ("", heading, "")
            yield from (f"    {line}".rstrip() for line in code.rstrip("\n").split("\n"))
    yield from (
        "",
        *wrap(
            f"To ignore it: a comment `vpce-checks:ignore {rule.id} reason` inside the resource, an entry of `ignore` "
            f"in the policy file, or `rules: {{{rule.id}: off}}` there.",
            WIDTH,
        ),
    )


def service_list(word: str) -> list[str]:
    """The services with ``word`` in their names in one table; empty if there is none."""
    from vpce_checks.catalog import search

    rows = [
        [
            service.short_name,
            " + ".join(kind.lower() for kind in sorted(service.types)),
            {"yes": "yes", "no": "no", "unknown": ""}[service.private_dns] if "Interface" in service.types else "-",
            service.display_name,
        ]
        for service in search(word)
    ]
    return columns([["SERVICE", "ENDPOINT", "PRIVATE DNS", "NAME"], *rows]) if rows else []


def pack_list() -> Iterator[str]:
    """The packs, each with what it is for."""
    from vpce_checks.policy import list_packs

    packs = list_packs()
    indent = max(len(pack.name) for pack in packs) + 2
    for pack in packs:
        yield from wrap(pack.description, WIDTH, f"{pack.name:{indent}}", " " * indent)


def pack_page(pack: Pack) -> Iterator[str]:
    """Everything about one pack."""
    yield pack.name
    yield from ("", *wrap(pack.description, WIDTH))
    if pack.url:
        yield from ("", f"See {pack.url}")
    yield ""
    for heading, services in (("gateway", pack.gateway), ("interface", pack.interface), ("central", pack.central)):
        if services:
            yield from wrap(", ".join(services), WIDTH, f"{heading:11}")
