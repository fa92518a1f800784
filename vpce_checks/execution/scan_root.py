"""The scan of one root: what it deploys, judged by the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vpce_checks.base.defects import defect, withhold_texts
from vpce_checks.base.record import replace
from vpce_checks.model.spans import Diagnostic
from vpce_checks.project.accepted import accepted
from vpce_checks.project.inventories import with_times
from vpce_checks.project.listing import take_inventory
from vpce_checks.project.networks import Networks, surroundings_of
from vpce_checks.project.project import Project
from vpce_checks.project.results import RootReport

if TYPE_CHECKING:
    from vpce_checks.model.roots import Root
    from vpce_checks.project.layout import Layout
    from vpce_checks.rules.finding import Finding
    from vpce_checks.rules.ignore_uses import IgnoreUse


def scan_root(project: Project, root: Root) -> RootReport:
    """Read and judge one root. Whatever goes wrong inside is an error of this root and of no other."""
    from vpce_checks.rules.judge import judge

    kept = Networks()
    findings: list[Finding] = []
    diagnostics: list[Diagnostic] = []
    ignores: tuple[IgnoreUse, ...] = ()
    layouts: dict[str, Layout] = {}
    policy = project.policy_of(root)
    withhold_texts(wanted=False)  # until there are sensitive values
    try:
        networks = project.read(root)
        found = dict.fromkeys(item for network in networks for item in network.diagnostics)
        diagnostics += accepted(found, project.scope, is_named=project.is_named(root.path))
        diagnostics += policy.expired()
        kept = Networks(tuple(networks), take_inventory(networks))
        in_python = project.python_rules_of(root)
        findings = judge(networks, policy, report=diagnostics.append, in_python=in_python)
        deployed = project.inventories.of(root.path)
        if deployed is not None:
            findings = [with_times(finding, deployed) for finding in findings]
        if policy.ignore or any(network.ignores for network in networks):
            from vpce_checks.rules.ignore_uses import ignore_uses

            ignores = ignore_uses(
                networks, policy, findings, in_python=in_python, knows_all=project.policies.runs_all_rules
            )
        for finding in findings:
            if finding.fix is not None and finding.fix.vpc:
                surroundings_of(kept, finding.fix)
        if project.options.layouts:
            from vpce_checks.project.layout import take_layouts

            layouts = take_layouts(networks)
        if not project.options.networks:
            kept = kept.without()
    except Exception as error:
        diagnostics.append(Diagnostic("error", defect(error), root.path, is_defect=True))
    name = root.deployment.name
    if name:
        findings = [replace(finding, deployment=name) for finding in findings]
    return RootReport(
        root.path,
        root.kind,
        kept,
        tuple(findings),
        tuple(diagnostics),
        name,
        policy.name,
        ignores,
        layouts=layouts,
    )
