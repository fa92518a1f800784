"""What became of each request to ignore findings: what it ignores, or why it ignores nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from vpce_checks.base.record import record, replace
from vpce_checks.base.suggestions import nearest
from vpce_checks.model.ignores import IgnoreComment
from vpce_checks.model.network import Network
from vpce_checks.policy.own_rules import is_own_id
from vpce_checks.rules.comment_index import CommentIndex
from vpce_checks.rules.finding import Finding, Rule
from vpce_checks.rules.registry import find_rule, rule_ids

if TYPE_CHECKING:
    from datetime import date

    from vpce_checks.policy import IgnoreEntry, Policy

IgnoreProblem: TypeAlias = Literal["", "malformed", "unknown-rule", "expired", "unused"]

CHECKOV_IDS = ("VPCE000", "VPCE998", "VPCE999")
"""Ids that only Checkov knows: for what could not be judged, for the rules of a policy, and for undecided verdicts."""


@record
class IgnoreUse:
    """A request in the code or in a policy (``by``) to ignore findings of ``rules`` (empty: of all).

    ``resource`` and ``path`` are the globs of a policy's entry. ``until`` is a date as text ("": for ever). ``used`` says
    whether it ignores a finding. ``problem`` says what is wrong with it, ``detail`` says the same in words.
    """

    file: str
    line: int
    by: Literal["comment", "policy"]
    rules: tuple[str, ...]
    resource: str
    path: str
    reason: str
    until: str
    used: bool
    problem: IgnoreProblem
    detail: str

    @property
    def key(self) -> tuple[str, int, tuple[str, ...], str, str]:
        """What is equal for the same request in several roots."""
        return self.file, self.line, self.rules, self.resource, self.reason


def ignore_uses(
    networks: Sequence[Network],
    policy: Policy,
    findings: Sequence[Finding],
    today: date | None = None,
    in_python: Iterable[Rule] = (),
    *,
    knows_all: bool = True,
) -> tuple[IgnoreUse, ...]:
    """Return every request in ``networks`` and ``policy``, with what it is to the findings of one root, which the users'
    rules ``in_python`` judged too. ``knows_all``: there are no rules that were not run."""
    asked = [finding for finding in findings if finding.ignored_by in ("comment", "policy")]
    comments = CommentIndex(comment for network in networks for comment in network.ignores)
    used_comments = {comment for finding in asked for comment in comments.about(finding)}
    used_entries = {id(entry) for finding in asked for entry in policy.ignores_of(finding.rule, finding.about)}
    found: dict[object, IgnoreUse] = {}
    own = (*(rule.id for rule in policy.own_rules), *(rule.id for rule in in_python))
    for comment in comments.all:
        if not set(comment.rules) <= set(CHECKOV_IDS) or not comment.rules:
            add_use(
                found,
                _of_comment(comment, today, None if not knows_all else own, is_about_some=comment in used_comments),
            )
    for entry in policy.ignore:
        if entry.source.span is not None:
            add_use(found, _of_entry(entry, today, is_for_some=id(entry) in used_entries))
    return tuple(found.values())


def add_use(found: dict[object, IgnoreUse], use: IgnoreUse) -> None:
    """Add ``use`` to ``found``. A request that is used once is used."""
    known = found.get(use.key)
    if known is None or (use.used and not known.used):
        found[use.key] = use


def unused(use: IgnoreUse) -> IgnoreUse:
    """Return a request that ignores nothing in any root as one with a problem."""
    return replace(use, problem="unused", detail="this ignore is not needed any more: it ignores nothing")


def _of_comment(
    comment: IgnoreComment, today: date | None, own: tuple[str, ...] | None, *, is_about_some: bool
) -> IgnoreUse:
    problem, detail = _problem(comment.rules, own)
    if comment.problem:
        problem, detail = "malformed", comment.problem
    elif comment.expired(today):
        what = ", ".join(comment.rules) or "every rule"
        problem, detail = "expired", f"this ignore of {what} expired on {comment.until}"
    used = comment.holds(today) and is_about_some
    until = comment.until.isoformat() if comment.until is not None else ""
    return IgnoreUse(
        comment.file, comment.line, "comment", comment.rules, "", "", comment.reason, until, used, problem, detail
    )


def _of_entry(entry: IgnoreEntry, today: date | None, *, is_for_some: bool) -> IgnoreUse:
    assert entry.source.span is not None
    problem: IgnoreProblem = "expired" if entry.expired(today) else ""
    used = not problem and is_for_some
    until = entry.until.isoformat() if entry.until is not None else ""
    return IgnoreUse(
        entry.source.span.file,
        entry.source.span.line,
        "policy",
        (entry.rule,),
        entry.resource,
        entry.path or "",
        entry.reason,
        until,
        used,
        problem,
        "",  # the policy itself reports what has expired
    )


def _problem(rules: Iterable[str], own: tuple[str, ...] | None) -> tuple[IgnoreProblem, str]:
    """Return what is wrong with the ids of ``rules``. ``own`` are those of users' rules; None: there may be any."""
    known = (*rule_ids(), *(own or ()), *CHECKOV_IDS)
    wrong = next((rule for rule in rules if rule not in known and not (own is None and is_own_id(rule))), None)
    if wrong is None:
        return "", ""
    named = find_rule(wrong)
    close = named.id if named is not None else nearest(wrong, (*rule_ids(), *(own or ())))
    hint = f"; did you mean {close}?" if close is not None else "; write a rule such as VPCE001, or all"
    return "unknown-rule", f"there is no rule {wrong[:40]!r}{hint}"
