"""vpce-checks: finds VPCs without the endpoints they need, in Terraform and CloudFormation, before deployment.

What a program needs to scan by itself is here; everything else may change from release to release::

    import vpce_checks

    report = vpce_checks.scan(vpce_checks.ScanOptions(paths=("infrastructure",)))
    failures = [finding for finding in report.findings if finding.status == "fail"]

The names are imported when they are first used.
"""

from vpce_checks.base.version import VERSION as __version__

TYPE_CHECKING = False  # type checkers take the name for true; whoever asks for the version need not import typing

if TYPE_CHECKING:
    from vpce_checks.execution.scan import scan
    from vpce_checks.files.errors import CacheError
    from vpce_checks.model.evidence import Evidence
    from vpce_checks.model.spans import Diagnostic, Span
    from vpce_checks.policy import PolicyError
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.project.policies import UnknownRuleError
    from vpce_checks.project.results import Report, RootReport
    from vpce_checks.project.variables import VariableError
    from vpce_checks.rules.finding import Finding

__all__ = [
    "CacheError",
    "Diagnostic",
    "Evidence",
    "Finding",
    "PolicyError",
    "Report",
    "RootReport",
    "ScanOptions",
    "Span",
    "UnknownRuleError",
    "VariableError",
    "__version__",
    "scan",
]

_HOMES = {
    "CacheError": "files.errors",
    "Diagnostic": "model.spans",
    "Evidence": "model.evidence",
    "Finding": "rules.finding",
    "PolicyError": "policy",
    "Report": "project.results",
    "RootReport": "project.results",
    "ScanOptions": "project.options",
    "Span": "model.spans",
    "UnknownRuleError": "project.policies",
    "VariableError": "project.variables",
    "scan": "execution.scan",
}

if not TYPE_CHECKING:  # or a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *_HOMES})
