"""vpce-checks: finds VPCs without the endpoints they need, in Terraform and CloudFormation, before deployment.

What a program needs to scan by itself is here, and what a rule in Python is written with (docs/own-rules.md). Everything else
may change from release to release::

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
    from vpce_checks.model.evidence import Evidence, why_unknown
    from vpce_checks.model.network import Endpoint, Network, Vpc, link
    from vpce_checks.model.spans import Diagnostic, Span
    from vpce_checks.model.values import ListValue, MapValue, Value, is_known
    from vpce_checks.policy import Policy, PolicyError
    from vpce_checks.policy.model import Described
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.project.policies import UnknownRuleError
    from vpce_checks.project.results import Report, RootReport
    from vpce_checks.project.variables import VariableError
    from vpce_checks.reach.described import own_endpoint
    from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint, about_vpc

__all__ = [
    "CacheError",
    "Described",
    "Diagnostic",
    "Endpoint",
    "Evidence",
    "Finding",
    "Fix",
    "ListValue",
    "MapValue",
    "Network",
    "Policy",
    "PolicyError",
    "Report",
    "RootReport",
    "Rule",
    "ScanOptions",
    "Span",
    "UnknownRuleError",
    "Value",
    "VariableError",
    "Vpc",
    "__version__",
    "about_endpoint",
    "about_vpc",
    "is_known",
    "link",
    "own_endpoint",
    "scan",
    "why_unknown",
]

_HOMES = {
    "CacheError": "files.errors",
    "Described": "policy.model",
    "Diagnostic": "model.spans",
    "Endpoint": "model.network",
    "Evidence": "model.evidence",
    "Finding": "rules.finding",
    "Fix": "rules.finding",
    "ListValue": "model.values",
    "MapValue": "model.values",
    "Network": "model.network",
    "Policy": "policy",
    "PolicyError": "policy",
    "Report": "project.results",
    "RootReport": "project.results",
    "Rule": "rules.finding",
    "ScanOptions": "project.options",
    "Span": "model.spans",
    "UnknownRuleError": "project.policies",
    "Value": "model.values",
    "VariableError": "project.variables",
    "Vpc": "model.network",
    "about_endpoint": "rules.finding",
    "about_vpc": "rules.finding",
    "is_known": "model.values",
    "link": "model.network",
    "own_endpoint": "reach.described",
    "scan": "execution.scan",
    "why_unknown": "model.evidence",
}

if not TYPE_CHECKING:  # or a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *_HOMES})
