"""The JSON report: to the letter of its schema, and of what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import vpce_checks.report
from tests.report.reports import declared, endpoint, network, report, vpc
from tests.scenarios import scenario
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Network
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import PartialString, Reference, Unknown, Value, unknown
from vpce_checks.project.results import Report
from vpce_checks.report import Style, render
from vpce_checks.rules.finding import Finding, Fix

SCHEMA = json.loads((Path(vpce_checks.report.__file__).parent / "report.schema.json").read_text())


def document(made: Report, cwd: Path) -> dict[str, Any]:
    """What the JSON format writes, checked with the schema that ships."""
    read = json.loads(render("json", made, Style(str(cwd))))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(read, SCHEMA)
    assert isinstance(read, dict)
    return read


def rows(parts: Network | list[Network], cwd: Path) -> list[dict[str, Any]]:
    """The endpoints that the report lists for a root."""
    listed: list[dict[str, Any]] = document(report((parts, [])), cwd)["endpoints"]
    return listed


def test_result_tells_everything_of_a_finding(tmp_path: Path) -> None:
    root = tmp_path / "envs" / "prod"
    root.parent.mkdir()
    net = network(root, vpcs=(vpc(root),))
    finding = Finding(
        "VPCE001",
        "fail",
        "high",
        net.vpcs[0].declared,
        "The VPC has no gateway endpoint for S3",
        vpc="aws_vpc.main",
        service="s3",
        why=(Evidence("nothing is there"), Evidence("nor here", Span(str(root / "main.tf"), 5))),
        fix=Fix("add-gateway-endpoint", vpc="aws_vpc.main", service="s3", region="eu-west-1"),
    )
    (result,) = document(report((net, [finding])), tmp_path)["results"]
    assert result.pop("fix").startswith('resource "aws_vpc_endpoint" "s3" {')
    assert result == {
        "rule": "VPCE001",
        "status": "fail",
        "severity": "high",
        "root": "envs/prod",
        "resource": "aws_vpc.main",
        "vpc": "aws_vpc.main",
        "service": "s3",
        "file": "envs/prod/main.tf",
        "start_line": 1,
        "end_line": 3,
        "message": "The VPC has no gateway endpoint for S3",
        "why": ["nothing is there", "nor here (envs/prod/main.tf:5)"],
        "fix_in": {"action": "add to", "file": "envs/prod/main.tf"},
    }


def test_a_fix_in_words_has_no_place(tmp_path: Path) -> None:
    net = network(tmp_path, vpcs=(vpc(tmp_path),))
    words = Fix("text", address="aws_vpc.main", value="do it")
    finding = Finding("VPCE001", "fail", "high", net.vpcs[0].declared, "It fails", fix=words)
    (result,) = document(report((net, [finding])), tmp_path)["results"]
    assert result["fix"] == "do it" and "fix_in" not in result


def test_scenario_stands_in_the_message(tmp_path: Path) -> None:
    net = network(tmp_path / "root", vpcs=(vpc(tmp_path / "root"),))
    finding = Finding(
        "VPCE002", "fail", "medium", net.vpcs[0].declared, "No endpoint.", when=("Environment is dev or test", "A is b")
    )
    (result,) = document(report((net, [finding])), tmp_path)["results"]
    assert result["message"] == "No endpoint; when Environment is dev or test and A is b"


def test_summary_counts_findings_roots_and_distinct_files(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),))
    about = net.vpcs[0].declared
    statuses = ["fail", "fail", "pass", "unknown", "unknown", "unknown", "ignored"]
    findings = [Finding("VPCE001", status, "low", about, "said") for status in statuses]
    made = report((net, findings), (net, []))
    assert document(made, tmp_path)["summary"] == {
        "fail": 2,
        "pass": 1,
        "unknown": 3,
        "ignored": 1,
        "roots": 2,
        "files": 1,
    }


def test_paths_lead_from_the_current_directory_with_forward_slashes(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (tmp_path / "elsewhere").mkdir()
    net = network(root, vpcs=(vpc(root),))
    assert document(report((net, [])), root)["roots"][0]["path"] == "."
    assert document(report((net, [])), tmp_path / "elsewhere")["vpcs"][0]["file"] == "../root/main.tf"


def test_diagnostics_stand_under_their_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    item = Diagnostic("error", "unexpected token", str(root / "main.tf"), 7)
    made = report((network(root), []), diagnostics=(item,))
    assert document(made, tmp_path)["roots"] == [
        {
            "path": "root",
            "kind": "terraform",
            "policy": None,
            "diagnostics": [{"severity": "error", "message": "unexpected token", "file": "root/main.tf", "line": 7}],
        }
    ]


@pytest.mark.parametrize(
    ("name", "shown", "short"),
    [
        ("com.amazonaws.eu-west-1.s3", "com.amazonaws.eu-west-1.s3", "s3"),
        (PartialString(("com.amazonaws.", unknown("no region"), ".ecr.api")), "com.amazonaws.*.ecr.api", "ecr.api"),
        (PartialString(("com.amazonaws.eu-west-1.", unknown("which"))), "com.amazonaws.eu-west-1.*", None),
        (unknown("which"), None, None),
        (Reference("var.name", kind="variable"), None, None),
        (None, None, None),
    ],
)
def test_service_name_shows_what_is_known(tmp_path: Path, name: Value, shown: str | None, short: str | None) -> None:
    root = tmp_path / "root"
    one = replace(endpoint(root, "aws_vpc_endpoint.a", "logs"), service_name=name)
    made = network(root, vpcs=(vpc(root),), endpoints=(one,))
    (row,) = rows(made, tmp_path)
    assert (row["service_name"], row["service"]) == (shown, short)


def test_endpoint_fields_are_json_values(tmp_path: Path) -> None:
    root = tmp_path / "root"
    doubtful = declared(root, "aws_vpc_endpoint.b", 5, 10, exists=unknown("var.create has no value"))
    made = network(
        root,
        vpcs=(vpc(root),),
        endpoints=(
            endpoint(root, "aws_vpc_endpoint.a", "logs", type="Interface", private_dns=True),
            endpoint(
                root, "aws_vpc_endpoint.b", "s3", declared=doubtful, type=unknown("type"), private_dns=unknown("dns")
            ),
        ),
    )
    first, second = rows(made, tmp_path)
    assert first == {
        "root": "root",
        "address": "aws_vpc_endpoint.a",
        "vpc": "aws_vpc.main",
        "service_name": "com.amazonaws.eu-west-1.logs",
        "service": "logs",
        "type": "Interface",
        "private_dns": True,
        "exists": True,
        "when": [],
        "file": "root/main.tf",
        "line": 5,
    }
    assert (second["type"], second["private_dns"], second["exists"]) == (None, None, None)


def test_external_vpcs_are_listed_through_their_endpoints(tmp_path: Path) -> None:
    root = tmp_path / "root"
    made = network(
        root,
        vpcs=(vpc(root),),
        endpoints=(
            endpoint(root, "aws_vpc_endpoint.a", "logs", of=Reference("data.aws_vpc.shared", ("id",), "data")),
            endpoint(root, "aws_vpc_endpoint.b", "logs", of="vpc-0123"),
            endpoint(root, "aws_vpc_endpoint.c", "logs", of="vpc-0123"),
            endpoint(root, "aws_vpc_endpoint.d", "logs", of=unknown("module not there")),
        ),
    )
    read = document(report((made, [])), tmp_path)
    assert [(each["address"], each["external"]) for each in read["vpcs"]] == [
        ("aws_vpc.main", False),
        ("data.aws_vpc.shared", True),
        ("vpc-0123", True),
    ]
    assert [each["vpc"] for each in read["endpoints"]] == ["data.aws_vpc.shared", "vpc-0123", "vpc-0123", None]


def test_scenarios_are_merged_and_told(tmp_path: Path) -> None:
    root = tmp_path / "root"

    def deployed(environments: str, environment: str, *names: str, dns: bool = True) -> Network:
        chosen = scenario({"Environment": environments}, Environment=environment)
        made = tuple(
            endpoint(root, f"aws_vpc_endpoint.{name}", name, type="Interface", private_dns=dns) for name in names
        )
        return network(root, vpcs=(vpc(root),), endpoints=made, scenario=chosen)

    three, two = "dev test prod", "dev prod"
    both = [deployed(three, "dev", "logs"), deployed(three, "test", "logs"), deployed(three, "prod", "logs", "ssm")]
    assert [(row["service"], row["when"]) for row in rows(both, tmp_path)] == [
        ("logs", []),
        ("ssm", ["Environment is prod"]),
    ]
    differing = [deployed(two, "dev", "logs", dns=False), deployed(two, "prod", "logs")]
    assert {(row["private_dns"], *row["when"]) for row in rows(differing, tmp_path)} == {
        (False, "Environment is dev"),
        (True, "Environment is prod"),
    }
    assert len(document(report((both, [])), tmp_path)["vpcs"]) == 1


def test_output_is_ascii_and_hostile_names_are_escaped(tmp_path: Path) -> None:
    root = tmp_path / "root"
    hostile = "aws_vpc.\x1b[31mred\n::error::x\u202e\udc80é"
    made = network(root, vpcs=(vpc(root, hostile),))
    text = render("json", report((made, [])), Style(str(tmp_path)))
    assert text.isascii() and "\x1b" not in text and "\n::error" not in text
    assert json.loads(text)["vpcs"][0]["address"] == hostile


def test_order_does_not_depend_on_the_order_of_objects(tmp_path: Path) -> None:
    root = tmp_path / "root"
    parts = [endpoint(root, f"aws_vpc_endpoint.{name}", name) for name in ("s3", "logs", "ssm")]
    one = network(root, vpcs=(vpc(root, "aws_vpc.b"), vpc(root, "aws_vpc.a")), endpoints=tuple(parts))
    other = network(root, vpcs=(vpc(root, "aws_vpc.a"), vpc(root, "aws_vpc.b")), endpoints=tuple(reversed(parts)))
    assert render("json", report((one, [])), Style(str(tmp_path))) == render(
        "json", report((other, [])), Style(str(tmp_path))
    )


def test_one_of_several_types_is_not_known(tmp_path: Path) -> None:
    root = tmp_path / "root"
    choice = Unknown(unknown("var.type").causes, one_of=("Gateway", "Interface"))
    made = network(root, vpcs=(vpc(root),), endpoints=(endpoint(root, "aws_vpc_endpoint.a", "s3", type=choice),))
    assert rows(made, tmp_path)[0]["type"] is None
