"""The page: well-formed, closed to the outside, complete without a script, and nothing of a stranger's is markup."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.report.cases import HOSTILE, hostile, of_everything
from tests.report.formats.page import Page
from tests.report.reports import declared, endpoint, network, report, vpc
from vpce_checks.base.record import replace
from vpce_checks.execution.scan import scan
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Call, OpaqueModule
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, Unknown
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.results import Report
from vpce_checks.report import Style, render
from vpce_checks.report.html import findings
from vpce_checks.rules.finding import Finding, Fix
from vpce_checks.rules.registry import all_rules

REPOSITORY = Path(__file__).parents[3]
LOADING = {"src", "srcset", "data", "action", "formaction", "poster", "background", "ping", "manifest", "style"}
"""Attributes that load or send something, or that the policy would refuse."""


def page(made: Report, cwd: Path, **style: Any) -> Page:
    found = Page(render("html", made, Style(str(cwd), **style)))
    assert len(found.ids) == len(set(found.ids))
    inside = {link for link in found.links if link.startswith("#")}
    assert inside - {f"#{each}" for each in found.ids} == set()
    assert set(found.links) - inside <= {rule.url for rule in all_rules()}
    for element in found.elements:
        assert not LOADING & element.attributes.keys(), element
        assert not [name for name in element.attributes if name.startswith("on")], element
        assert "href" not in element.attributes or element.name == "a", element
        assert element.name not in ("img", "link", "iframe", "object", "embed", "base"), element
    return found


def test_the_answer_and_the_way_to_each_finding(tmp_path: Path) -> None:
    made = render("html", of_everything(tmp_path / "root"), Style(str(tmp_path)))
    found = page(of_everything(tmp_path / "root"), tmp_path)
    assert "<h1>VPC endpoints: 1 failed, 1 undecided, not everything could be read</h1>" in made
    assert "1 VPC with failures 0 VPCs undecided 0 VPCs without either" in found.text
    assert "VPCE001 s3-gateway-endpoint high 1 finding in 1 place" in found.text
    assert "1 finding: var.create has no value" in found.text
    assert "Incomplete: 1 error about the input." in found.text
    assert "error: root/broken.tf:7 unexpected token" in found.text
    assert '<td class="fail"><a href="#f1">missing</a></td>' in made
    assert '<td class="unknown"><a href="#f2">unknown</a></td>' in made
    assert '<td class="pass">interface</td>' in made
    (block,) = re.findall(r'<article class="fail" id="f1".*?</article>', made, re.S)
    assert "<code>aws_vpc.main</code> has no gateway endpoint for S3 (<code>root/main.tf:1</code>)" in block
    assert "<li>nothing here (<code>root/main.tf:5</code>)</li>" in block
    assert "1 | resource &quot;aws_vpc&quot; &quot;main&quot; {" in block
    assert "<strong>Fix:</strong> add to <code>root/main.tf</code>" in block
    assert "resource &quot;aws_vpc_endpoint&quot; &quot;s3&quot; {" in block
    assert "ignored: moved soon" not in found.text and "the type fits" not in found.text


def test_an_inventory_with_a_mistake_is_no_root(tmp_path: Path) -> None:
    for name in ("app", "net"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text('resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n')
    (tmp_path / "deployed.json").write_text("{")
    (tmp_path / ".vpce-checks.yaml").write_text("version: 1\ninventory: [deployed.json]\n")
    both = scan(ScanOptions(paths=(str(tmp_path),), boundary=str(tmp_path)))
    assert len(both.roots) == 3
    found = page(both, tmp_path)
    assert "2 VPCs in 2 roots, " in found.text
    (form,) = re.findall(r'<select name="root".*?</select>', render("html", both, Style(str(tmp_path))), re.S)
    assert re.findall(r">([^<>]+)</option>", form)[1:] == ["app", "net"]
    alone = scan(ScanOptions(paths=(str(tmp_path / "app"),), boundary=str(tmp_path)))
    assert "1 VPC in 1 root, 1 file (app)" in page(alone, tmp_path).text


def test_verbose_shows_what_passes_and_what_is_ignored(tmp_path: Path) -> None:
    found = page(of_everything(tmp_path / "root"), tmp_path, verbose=True)
    assert "private DNS is off (ignored: moved soon)" in found.text and "the type fits" in found.text
    assert [each.attributes["class"] for each in found.named("article")] == ["fail", "unknown", "ignored", "pass"]


def test_statistics_are_the_summary_alone(tmp_path: Path) -> None:
    found = page(of_everything(tmp_path / "root"), tmp_path, statistics=True)
    assert "1 finding in 1 place" in found.text
    assert not found.named("article") and "matrix" not in found.ids and "vpcs" not in found.ids


def test_a_comparison_is_named(tmp_path: Path) -> None:
    assert (
        "Compared with origin/main"
        in page(of_everything(tmp_path / "root"), tmp_path, compared_with="origin/main").text
    )


def test_nothing_to_do(tmp_path: Path) -> None:
    root = tmp_path / "root"
    found = page(report((network(root, vpcs=(vpc(root),)), [])), tmp_path)
    assert "VPC endpoints: nothing to do" in found.text
    assert "findings" not in found.ids and "filters" not in found.ids


def test_only_its_own_style_and_script_are_allowed(tmp_path: Path) -> None:
    found = page(hostile(tmp_path / "root"), tmp_path)
    metas = [each for each in found.named("meta") if each.attributes.get("http-equiv") == "Content-Security-Policy"]
    (policy,) = (each.attributes["content"] for each in metas)
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    hashes = {
        name: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for name, (text,) in ((name, found.raw[name]) for name in ("style", "script"))
    }
    assert rules == {
        "default-src": "'none'",
        "style-src": f"'sha256-{hashes['style']}'",
        "script-src": f"'sha256-{hashes['script']}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    names = [each.name for each in found.elements]
    assert found.elements.index(metas[0]) < min(names.index("style"), names.index("script"))


def test_people_without_sight_mouse_or_script_can_use_it(tmp_path: Path) -> None:
    found = page(of_everything(tmp_path / "root"), tmp_path)
    assert found.named("html")[0].attributes["lang"] == "en"
    assert [len(found.named(name)) for name in ("header", "nav", "main", "footer", "h1")] == [1] * 5
    assert found.named("a")[0].attributes == {"class": "skip", "href": "#main"}
    assert all(each.attributes.get("scope") in ("col", "row") for each in found.named("th"))
    assert len(found.named("caption")) == len(found.named("table"))
    assert all(each.attributes["aria-labelledby"] in found.ids for each in found.named("section"))
    assert "hidden" in found.named("form")[0].attributes  # until the script shows it
    hidden = [each for each in found.elements if "hidden" in each.attributes]
    assert hidden == found.named("form")
    (style,) = found.raw["style"]
    assert all(
        f"@media {what}" in style for what in ("(prefers-color-scheme: dark)", "print", "(forced-colors: active)")
    )
    assert ":focus-visible" in style


def test_names_stay_names(tmp_path: Path) -> None:
    for verbose in (False, True):
        made = render("html", hostile(tmp_path / "root"), Style(str(tmp_path), verbose=verbose, compared_with=HOSTILE))
        found = page(hostile(tmp_path / "root"), tmp_path, verbose=verbose, compared_with=HOSTILE)
        assert not set(made) & {"\x1b", "\u202e", "\ud800"} and "<b>@me" not in made
        assert not [each for each in found.named("b") if "h4" not in each.around]
        assert len(found.named("svg")) == 1
        assert "a`|](http://x) <b>@me #1\\n::error::x\\x1b[31m%0A&\"'\\u202e" in found.text
        made.encode()


@pytest.mark.parametrize(
    "evil", ["</script><script>alert(1)</script>", '" onclick="x', "<!--", "]]>", "&lt;&#60;", "</pre>"]
)
def test_markup_in_names_is_text(evil: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "main.tf").write_text(f"{evil}\n\t{evil}\n{evil}\n" * 4)
    net = network(
        root,
        vpcs=(vpc(root, f"aws_vpc.{evil}", region=evil),),
        endpoints=(endpoint(root, evil, evil, of=f"aws_vpc.{evil}", type="Interface"),),
        opaque_modules=(OpaqueModule(declared(root, f"module.{evil}", 1), evil, evil, (Unknown((Cause(evil),)),)),),
    )
    about = declared(root, f"aws_vpc.{evil}", 1, 3, calls=(Call(f"module.{evil}", Span(str(root / "main.tf"), 5)),))
    fail = Finding(
        evil,
        "fail",
        "high",
        about,
        f"{evil} has none",
        f"aws_vpc.{evil}",
        evil,
        (Evidence(evil),),
        Fix("text", value=evil),
    )
    unknown = replace(fail, status="unknown", rule="VPCE011", message=evil)
    net_policy = report((net, [fail, unknown, replace(fail, status="pass", message=f"2 {evil}")]))
    made = replace(
        net_policy, roots=tuple(replace(root, deployment=evil, policy=f"/{evil}") for root in net_policy.roots)
    )
    found = page(made, tmp_path, verbose=True, compared_with=evil)
    assert found.text.count(evil) > 12
    assert len(found.raw["script"]) == 1


def test_a_group_lists_its_findings_and_cells_lead_to_them(tmp_path: Path) -> None:
    root = tmp_path / "root"
    names = [f"aws_vpc.main[{number}]" for number in range(12)]
    net = network(root, vpcs=tuple(vpc(root, name) for name in names))
    found = [
        Finding(
            "VPCE001",
            "fail",
            "high",
            each.declared,
            f"{each.address} has none",
            each.address,
            "s3",
            fix=Fix("text", value="do it"),
        )
        for each in net.vpcs
    ]
    made = page(report((net, found)), tmp_path)
    assert len(made.named("article")) == 1
    assert "Fail VPCE001 s3-gateway-endpoint (high), 12 times" in made.text
    assert {f"#f1-{number}" for number in range(1, 13)} <= set(made.links)
    assert "2 more" in made.text


def test_many_services_are_rows(tmp_path: Path) -> None:
    root = tmp_path / "root"
    services = ["ec2", "logs", "sts", "kms", "sns", "sqs", "ssm", "ecs", "events"]
    ends = tuple(endpoint(root, f"aws_vpc_endpoint.{name}", name, type="Interface") for name in services)
    made = page(report((network(root, vpcs=(vpc(root),), endpoints=ends), [])), tmp_path)
    (table,) = (each for each in made.named("table") if "data-items" in each.attributes)
    assert table.attributes["data-items"] == "columns"


def test_what_is_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = of_everything(tmp_path / "root")
    whole = page(made, tmp_path)
    assert "The page would be too long" not in whole.text
    monkeypatch.setattr(findings, "MAX_CHARACTERS", 100)
    cut = page(made, tmp_path)
    assert "The page would be too long" in cut.text
    assert "the pack requires it" not in cut.text and "aws_vpc.main has no gateway endpoint for S3" in cut.text


@pytest.mark.parametrize("verbose", [False, True])
def test_many_fixtures_make_a_page(many_fixtures: Path, report_on_fixtures: Report, verbose: bool) -> None:
    found = page(report_on_fixtures, many_fixtures, verbose=verbose)
    shown = {each.attributes["class"] for each in found.named("article")}
    assert shown == ({"fail", "unknown", "ignored", "pass"} if verbose else {"fail", "unknown"})
    cells = [each for each in found.named("td") if each.attributes.get("class") in ("fail", "unknown")]
    assert len(cells) > 100
    text = render("html", report_on_fixtures, Style(str(many_fixtures), verbose=verbose))
    # "unknown" may be of an endpoint that no rule has a finding on; what fails always leads to a finding.
    assert not re.findall(r'<td class="fail">(?:missing|private DNS off|broken)', text)


def test_a_scan_without_it_does_not_import_it(tmp_path: Path) -> None:
    program = (
        "import sys; from vpce_checks.cli.main import main; main(['scan', sys.argv[1]]);"
        "sys.exit('vpce_checks.report.html' in sys.modules or 'html' in sys.modules)"
    )
    (tmp_path / "main.tf").write_text('resource "aws_vpc" "main" {}\n')
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, cwd=REPOSITORY
    )
    assert done.returncode == 0 and "VPCE001" in done.stdout, done.stderr
