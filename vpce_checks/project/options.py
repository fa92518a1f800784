"""What to scan, and how."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from vpce_checks.base.record import record
from vpce_checks.model.verdict import Severity

if TYPE_CHECKING:
    from vpce_checks.policy.scan_keys import Exclusion, InventoryEntry
    from vpce_checks.rules.baseline import Baseline
    from vpce_checks.rules.finding import Rule


@record
class ScanOptions:
    """What to scan and how. ``roots`` names Terraform roots (or templates) by hand instead of looking for them.

    ``variables`` are ``--var`` pairs, and ``files_before`` how many ``var_files`` come before each of them (all, where it says
    nothing). ``environment`` is the process's, of which ``TF_VAR_*`` count. ``module_sources``
    are ``--module-source`` pairs, the directory absolute. ``kinds`` limits the scan to roots of these kinds (see
    :class:`vpce_checks.project.results.RootReport`). ``download_modules`` is the directory that modules are downloaded
    to; None: none are. ``boundary`` is the real path of the directory outside of which nothing is read; None for the
    usual one. Without ``networks``, a report on a root has its inventory and what its fixes are written with, but not
    its networks: there is less to hold and to send. ``exclude`` are files and directories to leave out, beside those of
    policy files. ``inventory`` are files that say what is deployed, beside those of policy files. ``all_workloads``:
    the workloads of roots without a VPC are read as well, which no verdict needs. With ``layouts``, a report has the
    :class:`vpce_checks.project.layout.Layout` of each VPC. ``rules`` are the ids of the rules whose findings are
    reported (empty: all), ``skip_rules`` of those whose are not. ``trust_repo_rules``: rules in Python that are in what
    is scanned are run, which else is an error. ``not_trusted`` are real paths of further directories that count as
    scanned in this respect. ``python_rules`` are further rules.
    """

    paths: tuple[str, ...] = (".",)
    roots: tuple[str, ...] = ()
    policy: str | None = None
    require: tuple[str, ...] = ()
    var_files: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    files_before: tuple[int, ...] = ()
    environment: Mapping[str, str] = MappingProxyType({})
    parameters: tuple[str, ...] = ()
    region: str | None = None
    workspace: str | None = None
    min_severity: Severity = "low"
    baseline: Baseline | None = None
    module_sources: tuple[tuple[str, str], ...] = ()
    kinds: tuple[str, ...] = ("terraform", "terraform-plan", "cloudformation")
    changed: tuple[str, ...] | None = None
    download_modules: str | None = None
    networks: bool = True
    exclude: tuple[Exclusion, ...] = ()
    rules: tuple[str, ...] = ()
    skip_rules: tuple[str, ...] = ()
    boundary: str | None = None
    inventory: tuple[InventoryEntry, ...] = ()
    all_workloads: bool = False
    layouts: bool = False
    trust_repo_rules: bool = False
    not_trusted: tuple[str, ...] = ()
    python_rules: tuple[Rule, ...] = ()
