"""The comment for reviewers: the matrix first, then the findings, and nothing of a stranger's is markup."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.report.cases import hostile, of_everything
from tests.report.reports import endpoint, network, report, vpc
from vpce_checks.project.results import Report
from vpce_checks.report import Style, render
from vpce_checks.report.formats.markdown import MAX_CHARACTERS
from vpce_checks.report.text.markdown import code, fenced, prose
from vpce_checks.rules.finding import Finding


def comment(made: Report, cwd: Path, **style: Any) -> str:
    return render("markdown", made, Style(str(cwd), **style))


def test_matrix_stands_before_the_findings(tmp_path: Path) -> None:
    text = comment(of_everything(tmp_path / "root"), tmp_path)
    head, _, found = text.partition("### To do")
    assert head.startswith("## VPC endpoints: 1 failed, 1 undecided, not everything could be read\n")
    assert "- error: `root/broken.tf:7` unexpected token" in head
    assert "| VPC | `dynamodb` | `logs` | `s3` |" in head
    assert "| `aws_vpc.main` | ❔ unknown | ✅ interface | ❌ missing |" in head
    assert found.index("VPCE001") < found.index("VPCE002")
    assert "`aws_vpc.main` has no gateway endpoint for S3" in found
    assert "`root/main.tf:1`" in found
    assert '```hcl\nresource "aws_vpc_endpoint" "s3" {\n' in found
    assert "<sub>1 ignored or already known. 1 passed.</sub>" in found


def test_comparison_is_named(tmp_path: Path) -> None:
    text = comment(of_everything(tmp_path / "root"), tmp_path, compared_with="origin/main")
    assert "### What this change adds" in text
    assert "Compared with `origin/main`." in text


def test_a_fips_endpoint_is_no_endpoint_of_another_vpc(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(
        root, vpcs=(vpc(root),), endpoints=(endpoint(root, "aws_vpc_endpoint.kms", "kms-fips", type="Interface"),)
    )
    found = Finding("VPCE003", "pass", "medium", net.vpcs[0].declared, "fine", vpc="aws_vpc.main", service="kms")
    text = comment(report((net, [found])), tmp_path)
    assert "| `aws_vpc.main` | ✅ interface | ✅ interface |" in text


def test_nothing_to_do(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),))
    finding = Finding("VPCE001", "pass", "high", net.vpcs[0].declared, "fine", vpc="aws_vpc.main", service="s3")
    text = comment(report((net, [finding])), tmp_path)
    assert text.startswith("## VPC endpoints: nothing to do\n")
    assert "###" not in text


def test_many_services_are_rows(tmp_path: Path) -> None:
    root = tmp_path / "root"
    services = ["ec2", "logs", "sts", "kms", "sns", "sqs", "ssm", "ecs", "events"]
    net = network(
        root,
        vpcs=(vpc(root),),
        endpoints=tuple(endpoint(root, f"aws_vpc_endpoint.{name}", name, type="Interface") for name in services),
    )
    lines = comment(report((net, [])), tmp_path).split("\n")
    assert "| service | `aws_vpc.main` |" in lines
    assert "| `sts` | ✅ interface |" in lines


def test_long_report_fits_into_a_comment(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),))
    about = net.vpcs[0].declared
    many = [Finding("VPCE001", "fail", "high", replace(about, address=f"aws_vpc.v{n}"), "no " * 50) for n in range(900)]
    text = comment(report((net, many)), tmp_path)
    assert len(text) < MAX_CHARACTERS + 1000
    shown = text.count("**❌ [VPCE001]")
    assert f"… and {900 - shown} more" in text


def test_names_stay_names(tmp_path: Path) -> None:
    text = comment(hostile(tmp_path / "root"), tmp_path)
    assert "\x1b" not in text
    assert not re.search(r"@me|#1\b", re.sub(r"`[^\n]*`", "", text))
    outside = re.sub(r"(`+)[^`].*?[^`]?\1", "", text)
    assert "<b>" not in outside
    assert "](http://x" not in outside
    assert all(line.count("|") - line.count("\\|") in (0, 3) for line in text.split("\n") if line.startswith("|"))


def test_code_holds_backticks_and_bars() -> None:
    assert code("a`b") == "``a`b``"
    assert code("`") == "`` ` ``"
    assert code("a|b", in_table=True) == "`a\\|b`"
    assert fenced("x\n```\ny") == "````\nx\n```\ny\n````"


def test_prose_is_no_markup() -> None:
    assert prose("*a* <i> [x](y)") == "\\*a\\* &lt;i&gt; \\[x\\]\\(y\\)"
    assert "@octocat" not in prose("@octocat")
    assert "https://" not in prose("https://example.com")
