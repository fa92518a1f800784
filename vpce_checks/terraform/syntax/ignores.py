"""Comments in code that ask to ignore a rule: ``vpce-checks:ignore`` and ``checkov:skip``."""

from __future__ import annotations

from vpce_checks.base.pattern import pattern
from vpce_checks.model.network import IgnoreComment
from vpce_checks.terraform.syntax.hcl import HclFile, parse_file

_IGNORE = pattern(
    r"vpce-checks:ignore(?:[ \t]+(?P<rules>\w+(?:[ \t]*,[ \t]*\w+)*))?(?P<reason>[^\r\n]*)"
    r"|checkov:skip=(?P<skipped>\w+(?:[ \t]*,[ \t]*\w+)*)(?:[ \t]*:(?P<why>[^\r\n]*))?"
)


def ignores_of(file: str, data: bytes) -> tuple[IgnoreComment, ...]:
    """Those in ``data``, the content of a file of code: Terraform, OpenTofu, a stack or Terragrunt."""
    if file.endswith(".json"):
        from vpce_checks.terraform.syntax.json_syntax import parse_json_file

        return tuple(ignore_requests(file, parse_json_file(data, file).comments))
    return tuple(ignore_requests(file, comments_of(parse_file(data, file, comments=True))))


def comments_of(file: HclFile) -> list[tuple[int, str]]:
    """The lines of comments that may ask to ignore something: line number and text."""
    found = []
    text = file.source.text
    for match in _IGNORE.finditer(text):
        if file.is_comment(match.start()):
            end = text.find("\n", match.start())
            line = text[match.start() : end if end >= 0 else len(text)].partition("*/")[0]
            found.append((file.source.line(match.start()), line))
    return found


def ignore_requests(file: str, comments: list[tuple[int, str]]) -> list[IgnoreComment]:
    """The requests among comments to ignore rules of ours. Checkov's skips of its own checks are none of them."""
    requests = []
    for line, text in comments:
        for match in _IGNORE.finditer(text):
            skipped = match.group("skipped")
            if skipped is not None:
                rules = tuple(rule for rule in _rules(skipped) if rule.startswith("VPCE"))
                if rules:
                    requests.append(IgnoreComment(file, line, rules, (match.group("why") or "").strip()))
                continue
            rules = _rules(match.group("rules") or "")
            if rules in (("ALL",), ("*",)):
                rules = ()
            # Words that are no rule stay: the request then silences nothing, where a typing mistake must not silence all.
            requests.append(IgnoreComment(file, line, rules, (match.group("reason") or "").strip().lstrip(": \t")))
    return requests


def _rules(text: str) -> tuple[str, ...]:
    return tuple(rule.strip().upper() for rule in text.split(",") if rule.strip())
