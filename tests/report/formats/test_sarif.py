"""SARIF: results, places, fingerprints and the way to a module. Its schema is checked among the tests of real tools."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import MISSING, cli
from tests.report.cases import hostile, of_everything
from tests.report.reports import declared, network, report, vpc
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Call
from vpce_checks.model.spans import Span
from vpce_checks.project.results import Report
from vpce_checks.report import Style, render
from vpce_checks.report.fixes import sarif_fixes
from vpce_checks.rules.finding import Finding
from vpce_checks.rules.registry import all_rules


def run(made: Report, cwd: Path, **style: Any) -> dict[str, Any]:
    """The only run of the log."""
    (only,) = json.loads(render("sarif", made, Style(str(cwd), **style)))["runs"]
    assert isinstance(only, dict)
    return only


def test_failures_and_unknowns_are_results(tmp_path: Path) -> None:
    results = run(of_everything(tmp_path / "root"), tmp_path)["results"]
    assert [(each["ruleId"], each["kind"], each["level"]) for each in results] == [
        ("VPCE001", "fail", "error"),
        ("VPCE002", "open", "none"),
    ]


def test_strict_makes_an_unknown_fail(tmp_path: Path) -> None:
    results = run(of_everything(tmp_path / "root"), tmp_path, strict=True)["results"]
    assert (results[1]["kind"], results[1]["level"]) == ("fail", "warning")


def test_verbose_adds_passes_and_suppressed_results(tmp_path: Path) -> None:
    results = {
        each["ruleId"]: each for each in run(of_everything(tmp_path / "root"), tmp_path, verbose=True)["results"]
    }
    assert (results["VPCE006"]["kind"], results["VPCE006"]["level"]) == ("pass", "none")
    assert results["VPCE004"]["suppressions"] == [{"kind": "inSource", "justification": "moved soon"}]


def test_rules_bring_their_help(tmp_path: Path) -> None:
    made = run(of_everything(tmp_path / "root"), tmp_path)
    rules = made["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in all_rules()]
    for result in made["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    for rule, written in zip(all_rules(), rules, strict=True):
        assert written["helpUri"] == rule.url
        assert rule.rationale in written["help"]["markdown"]
        assert rule.bad.strip("\n") in written["help"]["markdown"]


def test_an_unread_input_is_a_notification_of_an_unsuccessful_run(tmp_path: Path) -> None:
    (invocation,) = run(of_everything(tmp_path / "root"), tmp_path)["invocations"]
    assert invocation["executionSuccessful"] is False
    error, warning = invocation["toolExecutionNotifications"]
    assert (error["level"], error["message"]["text"], warning["level"]) == ("error", "unexpected token", "warning")
    place = error["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("root/broken.tf", 7)


def test_alert_survives_shifted_lines_and_new_words(tmp_path: Path) -> None:
    root = tmp_path / "root"
    made = of_everything(root)
    before = run(made, tmp_path)["results"][0]["partialFingerprints"]
    file = root / "main.tf"
    file.write_text("# a new comment\n\n" + file.read_text())
    finding = made.roots[0].findings[0]
    about = replace(finding.about, span=Span(str(file), 3, end_line=5))
    moved = report((made.roots[0].networks[0], [replace(finding, about=about, message="said otherwise")]))
    after = run(moved, tmp_path)["results"][0]
    assert after["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
    assert after["partialFingerprints"] == before


def test_fingerprints_tell_findings_apart(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    net, second = network(root, vpcs=(vpc(root),)), network(other, vpcs=(vpc(other),))
    about = net.vpcs[0].declared
    finding = Finding("VPCE003", "fail", "high", about, "no", service="ec2")
    variants = [
        finding,
        replace(finding, service="logs"),
        replace(finding, rule="VPCE001"),
        replace(finding, about=replace(about, address="aws_vpc.second")),
    ]
    results = run(report((net, variants), (second, [finding])), tmp_path)["results"]
    assert len({each["partialFingerprints"]["vpceChecks/v1"] for each in results}) == 5


def test_related_locations_lead_through_the_module_calls(tmp_path: Path) -> None:
    root = tmp_path / "root"
    main, module = str(root / "main.tf"), str(root / "modules" / "main.tf")
    calls = (Call("module.a", Span(main, 5)), Call("module.a.module.b[0]", Span(main, 7)))
    about = replace(declared(root, "module.a.module.b[0].aws_vpc.main", 1, 3, calls=calls), span=Span(module, 1))
    finding = Finding("VPCE001", "fail", "high", about, "no endpoint", why=(Evidence("through it", Span(main, 7)),))
    (result,) = run(report((network(root), [finding])), tmp_path)["results"]
    related = [
        (each["id"], each["message"]["text"], each["physicalLocation"]["region"]["startLine"])
        for each in result["relatedLocations"]
    ]
    assert related == [(1, "module.a is called", 5), (2, "module.a.module.b[0] is called", 7)]
    assert "module.a is called at [root/main.tf:5](1)" in result["message"]["text"]


def test_code_outside_of_the_repository_shows_at_its_call(tmp_path: Path) -> None:
    root = tmp_path / "root"
    fetched = Span(str(root / ".terraform" / "modules" / "vpc" / "main.tf"), 9)
    call = Call("module.vpc", Span(str(root / "main.tf"), 5))
    about = replace(declared(root, "module.vpc.aws_vpc.this[0]", 1, calls=(call,)), span=fetched)
    (result,) = run(report((network(root), [Finding("VPCE001", "fail", "high", about, "no")])), tmp_path)["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("root/main.tf", 5)
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "root/.terraform/modules/vpc/main.tf"


def test_paths_are_uris(tmp_path: Path) -> None:
    root = tmp_path / "a b#c"
    made = report((network(root, vpcs=(vpc(root),)), [Finding("VPCE001", "fail", "high", vpc(root).declared, "no")]))
    (result,) = run(made, tmp_path)["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "a%20b%23c/main.tf",
        "uriBaseId": "%SRCROOT%",
    }
    (tmp_path / "elsewhere").mkdir()
    (result,) = run(made, tmp_path / "elsewhere")["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": (root / "main.tf").as_uri()}


def test_no_name_makes_a_link(tmp_path: Path) -> None:
    (result,) = run(hostile(tmp_path / "root"), tmp_path)["results"]
    text = result["message"]["text"]
    assert "](http" not in text
    assert "\x1b" not in text
    assert text.count("](") == len(result["relatedLocations"])


TABLE = 'resource "aws_route_table" "private" {\n  vpc_id = aws_vpc.main.id\n}\n'
OFF = (
    "AWSTemplateFormatVersion: 2010-09-09\nResources:\n  Main:\n    Type: AWS::EC2::VPC\n    Properties:\n"
    "      CidrBlock: 10.0.0.0/16\n      EnableDnsHostnames: true\n  Kms:\n    Type: AWS::EC2::VPCEndpoint\n    Properties:\n"
    "      VpcId: !Ref Main\n      VpcEndpointType: Interface\n      ServiceName: com.amazonaws.eu-west-1.kms\n"
)


def scanned(directory: Path, files: dict[str, str], *options: str) -> list[dict[str, Any]]:
    """The results of a scan, in its directory."""
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(text.encode())
    done = cli("scan", ".", "--format", "sarif", *options, cwd=directory)
    results: list[dict[str, Any]] = json.loads(done.out)["runs"][0]["results"]
    return results


def changed(directory: Path, result: dict[str, Any]) -> None:
    """Make the fix of a result, as a viewer of SARIF does."""
    (fix,) = result["fixes"]
    for change in fix["artifactChanges"]:
        file = directory / change["artifactLocation"]["uri"]
        head, text = "", file.read_bytes().decode()
        if text.startswith("\ufeff"):
            head, text = text[0], text[1:]
        lines = text.split("\n")
        for each in reversed(change["replacements"]):
            region = each["deletedRegion"]
            start, end = (
                sum(len(line) + 1 for line in lines[: region[f"{at}Line"] - 1]) + region[f"{at}Column"] - 1
                for at in ("start", "end")
            )
            text = text[:start] + each.get("insertedContent", {}).get("text", "") + text[end:]
        file.write_bytes((head + text).encode())


@pytest.mark.parametrize(
    ("rule", "file", "code"),
    [
        ("VPCE001", "main.tf", MISSING + TABLE),
        ("VPCE001", "main.tf", (MISSING + TABLE).replace("\n", "\r\n")),
        (
            "VPCE001",
            "main.tf",
            "\ufeff" + MISSING.replace('"eu-west-1"', 'var.r # "é😀"') + 'variable "r" {}\n' + TABLE,
        ),
        ("VPCE001", "main.tf", (MISSING + TABLE).rstrip("\n")),
        ("VPCE004", "template.yaml", OFF),
        ("VPCE004", "template.yaml", "\ufeff# é😀\r\n" + OFF.replace("\n", "\r\n")),
    ],
)
def test_a_fix_settles_its_finding(rule: str, file: str, code: str, tmp_path: Path) -> None:
    results = {each["ruleId"]: each for each in scanned(tmp_path / "a", {file: code})}
    changed(tmp_path / "a", results[rule])
    after = scanned(tmp_path / "a", {})
    assert rule not in [each["ruleId"] for each in after]
    scanned(tmp_path / "b", {file: code})
    cli("fix", "--write", "--rules", rule, cwd=tmp_path / "b")
    assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_what_a_person_has_to_do_is_no_fix(tmp_path: Path) -> None:
    for result in scanned(tmp_path, {"main.tf": MISSING}):  # which route tables?
        assert result["kind"] == "fail" and "fixes" not in result


def test_files_that_are_not_to_be_changed_have_no_fix(tmp_path: Path) -> None:
    net = {"net/main.tf": (MISSING + TABLE).partition("\n\n")[2]}
    call = {"envs/main.tf": 'module "net" {\n  source = "../net"\n}\n'}
    assert all("fixes" in each for each in scanned(tmp_path / "a", {**net, **call}))
    left_out = scanned(tmp_path / "b", {**net, **call}, "--exclude", "net")
    assert left_out and not any("fixes" in each for each in left_out)
    (tmp_path / "a" / ".git").mkdir()
    done = cli("scan", ".", "--format", "sarif", cwd=tmp_path / "a" / "envs")  # the module is above
    above = json.loads(done.out)["runs"][0]["results"]
    assert above and not any("fixes" in each for each in above)


def test_an_endpoint_is_not_added_for_another_caller_of_the_module(tmp_path: Path) -> None:
    net = (MISSING + TABLE).partition("\n\n")[2] + 'output "id" {\n  value = aws_vpc.main.id\n}\n'
    call = 'module "net" {\n  source = "../net"\n}\n'
    own = (
        'resource "aws_vpc_endpoint" "s3" {\n  vpc_id       = module.net.id\n  service_name = "com.amazonaws.eu-west-1.s3"\n'
        '  route_table_ids = var.tables\n}\nvariable "tables" {\n  default = []\n}\n'
    )
    results = scanned(tmp_path, {"net/main.tf": net, "a/main.tf": call, "b/main.tf": call + own})
    found = {each["ruleId"]: "fixes" in each for each in results if each["properties"]["root"] == "a"}
    assert found == {"VPCE001": False, "VPCE002": True}


def test_the_code_that_is_parsed_for_fixes_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"{name}/main.tf": MISSING + TABLE for name in ("a", "b")}
    assert sum("fixes" in each for each in scanned(tmp_path, files)) == 4
    monkeypatch.setattr(sarif_fixes, "MAX_CHARACTERS", len(MISSING + TABLE) * 2)
    assert sum("fixes" in each for each in scanned(tmp_path, files)) == 2


def test_credentials_are_not_written_into_fixes(tmp_path: Path) -> None:
    named = TABLE.replace("private", "x").replace("{\n", '{\n  tags = { password = "hunter2hunter2" }\n')
    for result in scanned(tmp_path, {"main.tf": MISSING + named}):
        assert "hunter2" not in json.dumps(result)
