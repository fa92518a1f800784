"""VPCE011: code that could hold a VPC, an endpoint or a route was not read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vpce_checks.base.record import replace
from vpce_checks.model.evidence import Evidence, because, declaration
from vpce_checks.model.network import Network, OpaqueModule
from vpce_checks.policy import Policy
from vpce_checks.reach.unread import is_unread, looks_like_network, source_name
from vpce_checks.rules.finding import Finding, Fix, Rule

MAX_NAMED = 3
"""How many names a message lists; the others are counted."""

MAX_STEPS = 10
"""How many sources the evidence lists."""


def check(network: Network, module: OpaqueModule, policy: Policy) -> Iterator[Finding]:
    """Report a module call, resource or file that was not read, unless it is known to hold no network."""
    if is_unread(network, module):
        yield _finding([module])


def gather(findings: Sequence[Finding], networks: Sequence[Network]) -> Iterable[Finding]:
    """Put together what has one source, and everything that does not look like a network."""
    modules = {module.address: module for network in reversed(networks) for module in network.opaque_modules}
    likely: dict[str, list[Finding]] = {}
    others: list[Finding] = []
    for finding in findings:
        module = modules[finding.resource]
        if looks_like_network(module):
            likely.setdefault(source_name(module), []).append(finding)
        else:
            others.append(finding)
    for group in (*likely.values(), *([others] if others else [])):
        yield _together(group, [modules[finding.resource] for finding in group])


def _together(findings: Sequence[Finding], modules: Sequence[OpaqueModule]) -> Finding:
    first = findings[0]
    if len(findings) == 1:
        return first
    when = first.when if all(finding.when == first.when for finding in findings) else ()
    also = tuple(module.address for module in modules[1:])
    return replace(_finding(modules), severity=first.severity, root=first.root, when=when, also=also)


def _finding(modules: Sequence[OpaqueModule]) -> Finding:
    about = modules[0].declared
    names = _names([module.address for module in modules])
    sources = {source_name(module) for module in modules}
    if len(sources) == 1 and sources.isdisjoint(("", *(module.address for module in modules))):
        names = f"{names} ({sources.pop()})"
    looks, was = ("looks", "was") if len(modules) == 1 else ("look", "were")
    message = f"{names} {was} not read, and could create VPCs, endpoints or routes"
    holds = list(dict.fromkeys(name for module in modules for name in module.holds))
    if holds:
        message = f"{names} {was} not read, and would create {_names(holds)}"
    elif looks_like_network(modules[0]):
        message = f"{names}, which {looks} like a network, {was} not read"
    why = tuple(_why(modules))
    return Finding(RULE.id, "unknown", RULE.severity, about, message, why=why, fix=Fix("text", value=_advice(modules)))


def _names(names: Sequence[str]) -> str:
    if len(names) > MAX_NAMED:
        return f"{', '.join(names[:MAX_NAMED])} and {len(names) - MAX_NAMED} more"
    return " and ".join([*([", ".join(names[:-1])] if len(names) > 1 else []), names[-1]])


def _why(modules: Sequence[OpaqueModule]) -> Iterator[Evidence]:
    """Yield where the first one is declared, and why each source was not read."""
    first = modules[0].declared
    yield from (step for step in declaration(first) if step.kind == "declaration")
    sources: dict[tuple[str, str], list[OpaqueModule]] = {}
    for module in modules:
        sources.setdefault((source_name(module), module.reason), []).append(module)
    for (source, reason), those in list(sources.items())[:MAX_STEPS]:
        times = f" ({len(those)} times)" if len(those) > 1 else ""
        shown = f"{source}{times}: " if len(sources) > 1 and source not in ("", those[0].address) else ""
        yield Evidence(f"{shown}{reason}", those[0].declared.span, "cause")
    if len(sources) > MAX_STEPS:
        yield Evidence(f"and {len(sources) - MAX_STEPS} more sources", kind="cause")
    if len(modules) == 1 and first.exists is not True:
        yield from because(cause for cause in first.exists.causes[:1] if cause.text != modules[0].reason)


def _advice(modules: Sequence[OpaqueModule]) -> str:
    if modules[0].declared.type == "variables":
        return "pass --var-file for the file that the deployment uses, or name it in roots of the policy file"
    if any(module.submodule for module in modules):
        return "check the git submodules out: git submodule update --init --recursive"
    if all(module.declared.type == "module" and module.source.startswith(("./", "../")) for module in modules):
        return "correct the path of the source, or leave the code out that nobody deploys: write it into exclude of the policy"
    if any(module.declared.type in ("unit", "stack") for module in modules):
        return (
            "run terragrunt stack generate before the scan; for a unit or stack that creates no VPC, endpoint or route, "
            "write modules: {SOURCE: none} into the policy"
        )
    called = [module for module in modules if module.declared.type == "module"]
    if (called and not any(map(source_name, called))) or all(module.declared.type == "generated" for module in modules):
        return "write what it depends on into roots of the policy file (environment, vars), or ignore this finding with a reason"
    if called:
        return (
            "run terraform init before the scan, or pass --download-modules or --module-source SOURCE=DIR; for a module "
            "that creates no VPC, endpoint or route, write modules: {SOURCE: none} into the policy"
        )
    if all(module.declared.type == "plugin" for module in modules):
        return "run serverless package, and scan the template that it writes into .serverless"
    if all(module.declared.type == "resources" for module in modules):
        return "scan the template that your tool puts it into"
    if all(module.declared.type == "unfilled" for module in modules):
        return "scan the file that the tool writes from it: render it into this directory first"
    if all(module.declared.type == "file" for module in modules):
        return "mend the errors in the file"
    if all(module.declared.type == "hook" for module in modules):
        return "if the program writes no code, ignore this finding with a reason"
    return "read it yourself and, if it creates no VPC, endpoint or route, ignore this finding with a reason"


RULE = Rule(
    id="VPCE011",
    name="unread-code",
    severity="medium",
    title="Code that could hold a VPC, an endpoint or a route was not read",
    rationale=(
        "A scan can judge only what it reads. A module that is not installed, a stack in another place, a custom resource "
        "or an encrypted file may create a VPC without endpoints, or the endpoint that another finding misses. The status "
        "is always unknown, so only --strict fails. What looks like a network (by its name, its arguments, or outputs used "
        "as ids of VPCs and subnets) is reported by source. Everything else of a root is one finding with a count. Known modules "
        "without a network are left out."
    ),
    url="https://developer.hashicorp.com/terraform/cli/commands/init#child-module-installation",
    judges="opaque",
    check=check,
    gather=gather,
    fails=False,
    fix=(
        "Let vpce-checks read the code: run `terraform init` before the scan, or pass `--download-modules` or "
        "`--module-source SOURCE=DIR`."
    ),
    ignore_when=(
        "You know that the code creates no VPC, endpoint or route: write `modules: {SOURCE: none}` into the policy."
    ),
    limits="What is in the code: that is what the finding says.",
    bad="""\
module "vpc" {
  source = "git::https://git.example.com/platform/vpc.git?ref=v3.2.0"
  cidr   = "10.0.0.0/16"
}
""",
    good="""\
module "vpc" {
  source = "../modules/vpc"
  cidr   = "10.0.0.0/16"
}
""",
)
