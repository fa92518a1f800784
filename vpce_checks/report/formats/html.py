"""A page to read in a browser and to keep: the answer, the matrix, the findings and each VPC. docs/html.md describes it.

It is one file. Nothing is loaded from outside, and it can be read without its script, which only adds filters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vpce_checks.base.version import VERSION
from vpce_checks.project.results import Report, RootReport
from vpce_checks.report import Style, root_name
from vpce_checks.report.deduplicate import deduplicate
from vpce_checks.report.groups import Grouped, grouped
from vpce_checks.report.html.assets import content_security_policy, script, style_sheet
from vpce_checks.report.html.blocks import Block, Places, numbered, places_of
from vpce_checks.report.html.filters import filters
from vpce_checks.report.html.findings import Findings
from vpce_checks.report.html.markup import code, link, section, text
from vpce_checks.report.html.matrix import matrix
from vpce_checks.report.html.rules import rules
from vpce_checks.report.html.summary import summary
from vpce_checks.report.html.unread import problems, unread
from vpce_checks.report.html.vpcs import vpcs
from vpce_checks.report.policies import policies_in_words
from vpce_checks.report.settled import Settled, settled_together
from vpce_checks.report.text.matrix import VpcCoverage, coverage
from vpce_checks.report.text.summary import scope_in_words, verdict_in_words

TITLES = {
    "summary": "Summary",
    "problems": "Errors and warnings",
    "matrix": "VPCs and services",
    "findings": "Findings",
    "vpcs": "VPCs",
    "costs": "Costs",
    "unread": "Not read",
    "rules": "Rules",
}
"""The sections, in their order."""


def render(report: Report, style: Style) -> str:
    """Return the whole page."""
    sections = dict(_sections(report, style))
    title = f"VPC endpoints: {verdict_in_words(report)}"
    lines = [
        *_head(title),
        "<body>",
        '<a class="skip" href="#main">Skip to the report</a>',
        "<header>",
        f"<h1>{text(title)}</h1>",
        *_scope(report, style),
        '<nav aria-label="Sections">',
        "<ul>",
        *(f"<li>{link(name, TITLES[name])}</li>" for name in sections),
        "</ul>",
        "</nav>",
        "</header>",
        '<main id="main" tabindex="-1">',
        *(line for part in sections.values() for line in part),
        "</main>",
        f"<footer><p>Written by vpce-checks {text(VERSION)}</p></footer>",
        f"<script>{script()}</script>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _head(title: str) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{content_security_policy()}">'
    yield '<meta name="referrer" content="no-referrer">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{text(title)}</title>"
    yield f"<style>{style_sheet()}</style>"
    yield "</head>"


def _scope(report: Report, style: Style) -> Iterator[str]:
    roots = [root for root in report.roots if root.is_root]
    where = f" ({code(root_name(roots[0].key, style.cwd))})" if len(roots) == 1 else ""
    yield f"<p>{text(scope_in_words(report))}{where}</p>"
    policies = policies_in_words(report, style.cwd)
    if policies:
        yield f"<p>Policy: {text(policies)}</p>"
    if style.compared_with:
        yield f"<p>Compared with {code(style.compared_with)}: what is not new is ignored</p>"


def _sections(report: Report, style: Style) -> Iterator[tuple[str, list[str]]]:
    """Yield the sections that are not empty, by name."""
    blocks = numbered(_contents(report, style))
    covered = coverage(report)
    places = places_of(report, [row for _, rows in covered for row in rows], blocks)
    parts: dict[str, Iterable[str]] = {
        "summary": summary(report, blocks, style),
        "problems": problems(report, style),
    }
    if not style.statistics:
        parts |= _details(report, covered, blocks, places, style)
    if style.costs:
        from vpce_checks.report.html.costs import costs

        parts["costs"] = costs(report, style, several=report.root_count > 1)
    parts["unread"] = unread(report, style, several=report.root_count > 1)
    if not style.statistics:
        parts["rules"] = rules(blocks)
    for name, those in parts.items():
        lines = section(name, TITLES[name], those)
        if lines:
            yield name, lines


def _details(
    report: Report,
    covered: Sequence[tuple[RootReport, list[VpcCoverage]]],
    blocks: Sequence[Block],
    places: Places,
    style: Style,
) -> dict[str, Iterable[str]]:
    several = report.root_count > 1
    table = list(matrix(report, covered, places, style))
    written = Findings(places, style, several_roots=several)
    found = list(written.sections(blocks))
    if written.is_cut:
        note = (
            "The page would be too long with all evidence. JSON and CSV reports have the evidence that is missing here."
        )
        found.insert(0, f"<p>{note}</p>")
    choices = list(filters(report, blocks, style)) if table or found else []
    return {"matrix": [*choices, *table], "findings": found, "vpcs": vpcs(covered, places, style, several=several)}


def _contents(report: Report, style: Style) -> Iterator[Settled | Grouped]:
    """Yield what the blocks show, worst first."""
    alone, groups = grouped(deduplicate(report.roots, "fail", "unknown"))
    for status in ("fail", "unknown"):
        yield from settled_together((same for same in alone if same.finding.status == status), report.roots, style.cwd)
        yield from (group for group in groups if group.status == status)
    if style.verbose:
        yield from (Settled((same,), None) for same in deduplicate(report.roots, "ignored", "pass"))
