"""Rules that fail: a defect in a rule costs its verdict on one VPC or endpoint, which is then unknown, and no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vpce_checks.base.defects import defect
from vpce_checks.base.hints import TypeAlias, TypeVar
from vpce_checks.base.record import replace
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Endpoint, Network, Vpc
from vpce_checks.model.spans import Diagnostic
from vpce_checks.policy import Policy
from vpce_checks.rules.finding import Finding, Rule

T = TypeVar("T")

MAX_FAILURES = 100
"""A rule that fails more often than this in one network is not asked about the rest of it."""

Tell: TypeAlias = Callable[[Diagnostic], None]

_Subject: TypeAlias = Vpc | Endpoint
"""What a rule judges: each VPC, or each endpoint, in the order of the network, which means nothing."""


def checked(rule: Rule, network: Network, policy: Policy, tell: Tell) -> list[Finding]:
    """What ``rule`` says about ``network``. Where it fails, ``tell`` hears of it and the verdict is unknown."""
    try:
        return list(rule.check(network, policy))
    except Exception:
        return _in_spite(rule, network, policy, tell)


def _in_spite(rule: Rule, network: Network, policy: Policy, tell: Tell) -> list[Finding]:
    """The findings of a rule that fails. What it fails for is noted, and the rule starts again with what comes after."""
    found: list[Finding] = []
    done: list[_Subject] = []
    for _ in range(MAX_FAILURES):
        order = replace(network, vpcs=_at_the_end(done, network.vpcs), endpoints=_at_the_end(done, network.endpoints))
        try:
            for finding in rule.check(order, policy):
                if any(finding.about is subject.declared for subject in done):
                    return found
                found.append(finding)
            return found
        except Exception as error:
            failed, reason = _judged_in(error, order), defect(error)
        if failed is None:
            break
        if _is_among(failed, done):
            return found
        span = failed.declared.span
        message = f"{rule.id} cannot judge {failed.address}: {reason}"
        tell(Diagnostic("error", message, span.file, span.line, is_defect=True))
        found = [finding for finding in found if finding.about is not failed.declared]
        found.append(_undecided(rule, failed, reason))
        subjects: Sequence[_Subject] = order.vpcs if isinstance(failed, Vpc) else order.endpoints
        done += subjects[: next(at for at, subject in enumerate(subjects) if subject is failed) + 1]
    tell(Diagnostic("error", f"{rule.id} cannot judge all of this: {reason}", network.root, is_defect=True))
    rest = [vpc for vpc in network.vpcs if not _is_among(vpc, done)]
    return [*found, *(_undecided(rule, vpc, reason) for vpc in rest)]


def _judged_in(error: Exception, network: Network) -> _Subject | None:
    """The VPC or endpoint that a rule was about to judge when it failed: the first one that its outermost function holds
    in a variable, which is that of its loop."""
    trace = error.__traceback__.tb_next if error.__traceback__ is not None else None  # past the guard itself
    while trace is not None:
        for value in trace.tb_frame.f_locals.values():
            if isinstance(value, (Vpc, Endpoint)) and _is_among(value, (*network.vpcs, *network.endpoints)):
                return value
        trace = trace.tb_next
    return None


def _undecided(rule: Rule, subject: _Subject, reason: str) -> Finding:
    message = f"{subject.address} cannot be judged"
    vpc = subject.address if isinstance(subject, Vpc) else None
    steps = (Evidence(reason, subject.declared.span),)
    return Finding(rule.id, "unknown", rule.severity, subject.declared, message, vpc, why=steps)


def _at_the_end(last: Sequence[_Subject], subjects: Sequence[T]) -> tuple[T, ...]:
    return tuple(sorted(subjects, key=lambda subject: _is_among(subject, last)))


def _is_among(subject: object, subjects: Sequence[_Subject]) -> bool:
    return any(subject is other for other in subjects)
