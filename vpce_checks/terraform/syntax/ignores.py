"""The comments of Terraform's code that ask to ignore a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vpce_checks.model.ignores import IgnoreComment, requests_in
from vpce_checks.terraform.syntax.hcl import HclBlock, HclFile, parse_file


def ignores_of(file: str, data: bytes) -> tuple[IgnoreComment, ...]:
    """Those in ``data``, the content of a file of code: Terraform, OpenTofu, a stack or Terragrunt."""
    if file.endswith(".json"):
        from vpce_checks.terraform.syntax.json_syntax import parse_json_file

        return tuple(ignores_in_json(file, parse_json_file(data, file).comments))
    return tuple(ignores_in_code(file, parse_file(data, file, comments=True)))


def ignores_in_json(file: str, comments: Iterable[tuple[int, str]]) -> Iterator[IgnoreComment]:
    """Yield the requests in the ``"//"`` properties of a file: line and text."""
    return (request.at(file, line) for line, text in comments for request in requests_in(text))


def ignores_in_code(file: str, parsed: HclFile) -> Iterator[IgnoreComment]:
    """Yield the requests in the comments of a file. One in the lines right above a block is for that block."""
    source = parsed.source
    for request in requests_in(source.text):
        if parsed.is_comment(request.start):
            line = source.line(request.start)
            yield _without_end(request.at(file, line, _block_below(parsed, line, parsed.body.blocks)))


def _without_end(comment: IgnoreComment) -> IgnoreComment:
    """Return ``comment`` without the end of a ``/* ... */`` on its line."""
    if "*/" not in comment.reason:
        return comment
    from vpce_checks.base.record import replace

    return replace(comment, reason=comment.reason.partition("*/")[0].strip())


def _block_below(parsed: HclFile, line: int, blocks: Sequence[HclBlock]) -> int:
    """Return the first line of the block right below ``line``, which no block spans; 0 if there is none."""
    below = 0
    for block in blocks:
        span = block.span
        if span.line <= line <= span.last_line:
            return 0
        if span.line > line:
            below = span.line
            break
    if not below:
        return 0
    text = parsed.source.text
    at = 0
    for number, content in enumerate(text.split("\n"), 1):
        is_comment = bool(content.strip()) and parsed.is_comment(at + len(content) - len(content.lstrip()))
        if line < number < below and not is_comment:
            return 0
        if number == below:
            break
        at += len(content) + 1
    return below
