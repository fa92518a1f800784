"""The requests in one file, by itself, to ignore something."""

from __future__ import annotations

from vpce_checks.model.network import IgnoreComment
from vpce_checks.terraform.syntax.module_source import comments_of, ignore_requests


def ignores_of(file: str, data: bytes) -> tuple[IgnoreComment, ...]:
    """Those in ``data``, the content of a file of code: Terraform, OpenTofu, a stack or Terragrunt."""
    if file.endswith(".json"):
        from vpce_checks.terraform.syntax.json_syntax import parse_json_file

        return tuple(ignore_requests(file, parse_json_file(data, file).comments))
    from vpce_checks.terraform.syntax.hcl import parse_file

    return tuple(ignore_requests(file, comments_of(parse_file(data, file, comments=True))))
