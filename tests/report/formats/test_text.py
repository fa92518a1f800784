"""The text report: complete, short, eighty columns wide, and safe to print."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.run import cli, root
from tests.expectations import FIXTURES
from tests.report.reports import declared, endpoint, network, report, vpc
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Network, OpaqueModule
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import unknown
from vpce_checks.project.results import Report
from vpce_checks.report import Style, render
from vpce_checks.rules.finding import Finding, Fix


def text(made: Report, cwd: Path, width: int = 80, colour: bool = False, verbose: bool = False) -> str:
    return render("text", made, Style(str(cwd), width, colour, verbose))


def missing(net: Network, service: str = "s3", rule: str = "VPCE001", status: str = "fail") -> Finding:
    """A finding about a service that the first VPC of ``net`` lacks (or may lack)."""
    vpc_of = net.vpcs[0]
    return Finding(
        rule,
        status,
        "high",
        vpc_of.declared,
        f"{vpc_of.address} has no gateway endpoint for {service}",
        vpc=vpc_of.address,
        service=service,
        why=(Evidence("the pack aws-baseline requires it"),),
        fix=Fix("add-gateway-endpoint", vpc=vpc_of.address, service=service, region="eu-west-1"),
    )


def test_failure_shows_place_code_reason_and_fix(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),))
    shown = text(report((net, [missing(net)])), tmp_path)
    block, table, summary = shown.rstrip("\n").rsplit("\n\n", 2)
    assert block == (
        "FAIL VPCE001 s3-gateway-endpoint (high)\n"
        "  aws_vpc.main has no gateway endpoint for s3\n"
        "  root/main.tf:1\n"
        "\n"
        '      1 | resource "aws_vpc" "main" {\n'
        '      2 |   cidr_block = "10.0.0.0/16"\n'
        "      3 | }\n"
        "\n"
        "  why: the pack aws-baseline requires it\n"
        "  fix: add to root/main.tf\n"
        "\n"
        '    resource "aws_vpc_endpoint" "s3" {\n'
        "      vpc_id            = aws_vpc.main.id\n"
        '      service_name      = "com.amazonaws.eu-west-1.s3"\n'
        '      vpc_endpoint_type = "Gateway"\n'
        "      route_table_ids   = [] # the private route tables\n"
        "    }"
    )
    assert table == "VPC           s3\naws_vpc.main  missing"
    assert summary == "1 failed, 0 unknown, 0 passed, 0 ignored (1 VPC in 1 root, 1 file)"


def test_module_calls_that_nothing_is_known_of_are_counted_as_modules_counts_them(tmp_path: Path) -> None:
    def closed(name: str, line: int, harmless: bool = False) -> OpaqueModule:
        about = declared(tmp_path, f"module.{name}", line, line)
        return OpaqueModule(about, "git::https://git.example.com/x.git", "it is not there", (), harmless)

    # A module that two calls use holds y: those are two calls in the same line.
    modules = (closed("x[0]", 3), closed("x[1]", 3), closed("a.module.y", 9), closed("b.module.y", 9))
    modules = (closed("z", 12, harmless=True), *modules)
    shown = text(report((network(tmp_path, opaque_modules=modules), [])), tmp_path)
    assert shown.endswith("\nnot read: 3 module calls (`vpce-checks modules` shows why)\n")
    assert "not read" not in text(report((network(tmp_path, opaque_modules=modules[:1]), [])), tmp_path)


def test_endpoints_that_are_there_whenever_the_vpc_is_are_shown(tmp_path: Path) -> None:
    perhaps = unknown("var.create has no value")
    main = vpc(tmp_path, declared=declared(tmp_path, "aws_vpc.main", 1, 3, exists=perhaps))
    s3 = endpoint(
        tmp_path, "aws_vpc_endpoint.s3", "s3", declared=declared(tmp_path, "aws_vpc_endpoint.s3", 5, exists=perhaps)
    )
    net = network(tmp_path, vpcs=(main,), endpoints=(s3,))
    shown = text(report((net, [missing(net, status="pass")])), tmp_path)
    assert "\naws_vpc.main  gateway\n" in shown
    assert "\naws_vpc.main  unknown\n" in text(report((net, [missing(net, status="unknown")])), tmp_path)


def test_offending_line_is_marked(tmp_path: Path) -> None:
    root = tmp_path / "root"
    place = Span(str(root / "main.tf"), 9)
    about = declared(root, "aws_vpc_endpoint.logs", 5, 10, field_spans={"private_dns": place})
    net = network(root, vpcs=(vpc(root),), endpoints=(endpoint(root, "aws_vpc_endpoint.logs", "logs", declared=about),))
    finding = Finding(
        "VPCE004",
        "fail",
        "high",
        about,
        "off",
        fix=Fix("set", "aws_vpc_endpoint.logs", field="private_dns", value=True),
    )
    shown = text(report((net, [finding])), tmp_path)
    assert (
        '      5 | resource "aws_vpc_endpoint" "logs" {\n        | ...\n    > 9 |   private_dns_enabled = false\n'
    ) in shown
    assert "      private_dns_enabled = true\n" in shown


def test_unknowns_follow_failures_without_code_or_fix(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),))
    doubt = missing(net, "dynamodb", "VPCE002", "unknown")
    shown = text(report((net, [doubt, missing(net)])), tmp_path)
    assert shown.index("FAIL VPCE001") < shown.index("UNKNOWN VPCE002")
    assert "|" not in shown[shown.index("UNKNOWN") :] and "fix:" not in shown[shown.index("UNKNOWN") :]


def test_worst_severity_first(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),))
    about = net.vpcs[0].declared
    findings = [Finding(f"VPCE00{n}", "fail", s, about, "said") for n, s in ((1, "low"), (2, "high"), (3, "medium"))]
    assert re.findall(r"\((high|medium|low)\)", text(report((net, findings)), tmp_path)) == ["high", "medium", "low"]


def test_passes_are_counted_and_shown_only_when_asked(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),))
    passed = Finding("VPCE001", "pass", "high", net.vpcs[0].declared, "aws_vpc.main has a gateway endpoint for S3")
    made = report((net, [passed]))
    assert text(made, tmp_path) == "0 failed, 0 unknown, 1 passed, 0 ignored (1 VPC in 1 root, 1 file)\n"
    assert text(made, tmp_path, verbose=True).startswith(
        "pass    VPCE001  aws_vpc.main has a gateway endpoint for S3\n"
    )


def test_one_finding_in_many_roots_is_told_once(tmp_path: Path) -> None:
    module = tmp_path / "module"
    network(module)
    about = declared(module, "module.net.aws_vpc.main", 1, 3)
    made = []
    for name in ("a", "b", "c", "d", "e"):
        net = network(tmp_path / name)
        made.append((net, [Finding("VPCE001", "fail", "high", about, "no endpoint")]))
    shown = text(report(*made), tmp_path)
    assert shown.count("FAIL") == 1
    assert "  in a, b, c and 2 more roots\n" in shown
    assert "5 failed" in shown


def test_diagnostics_come_first_and_incomplete_is_said_last(tmp_path: Path) -> None:
    root = tmp_path / "root"
    item = Diagnostic("error", "expected a closing brace", str(root / "main.tf"), 12)
    shown = text(report((network(root), []), diagnostics=(item,)), tmp_path)
    assert shown.startswith("error: root/main.tf:12: expected a closing brace\n")
    assert shown.endswith("incomplete: see the errors above\n")


def test_what_is_said_of_many_places_is_said_once(tmp_path: Path) -> None:
    root = tmp_path / "root"
    items = [
        Diagnostic("warning", "there is no local value 'env' here", str(root / "a.tf"), line) for line in range(1, 7)
    ]
    items.insert(1, Diagnostic("warning", "there is no local value 'tags' here", str(root / "a.tf"), 9))
    made = report((network(root), []), diagnostics=tuple(items))
    warnings = " ".join(text(made, tmp_path).split("\n\n")[0].split())
    assert warnings == (
        "warning: root/a.tf:1: there is no local value 'env' here (also root/a.tf:2, root/a.tf:3, root/a.tf:4 and 2 more) "
        "warning: root/a.tf:9: there is no local value 'tags' here"
    )
    assert text(made, tmp_path, verbose=True).count("warning: ") == 7


def test_table_shows_every_state(tmp_path: Path) -> None:
    root = tmp_path / "root"
    parts = (
        endpoint(root, "aws_vpc_endpoint.a", "s3", type="Gateway"),
        endpoint(root, "aws_vpc_endpoint.b", "logs", type="Interface", private_dns=False),
        endpoint(root, "aws_vpc_endpoint.c", "ssm", type="Interface", private_dns=True),
        endpoint(root, "aws_vpc_endpoint.d", "kms", type=unknown("var.type")),
    )
    net = network(root, vpcs=(vpc(root), vpc(root, "aws_vpc.bare")), endpoints=parts)
    about = parts[1].declared
    findings = [
        missing(net, "dynamodb", "VPCE002"),
        missing(net, "ec2", "VPCE003", "unknown"),
        missing(net, "sqs", "VPCE003", "ignored"),
        Finding("VPCE004", "fail", "high", about, "off", vpc="aws_vpc.main", service="logs"),
    ]
    table = text(report((net, findings)), tmp_path, width=120).rstrip("\n").split("\n\n")[-2].split("\n")
    assert [re.split(r"\s{2,}", line) for line in table] == [
        ["VPC", "dynamodb", "ec2", "kms", "logs", "s3", "sqs", "ssm"],
        ["aws_vpc.main", "missing", "unknown", "unknown", "DNS off", "gateway", "exempt", "interface"],
    ]


def test_wide_table_becomes_a_list(tmp_path: Path) -> None:
    root = tmp_path / "root"
    names = [
        "ec2",
        "ecr.api",
        "ecr.dkr",
        "ecs",
        "ecs-agent",
        "ecs-telemetry",
        "kms",
        "logs",
        "monitoring",
        "secretsmanager",
    ]
    parts = tuple(endpoint(root, f"aws_vpc_endpoint.x[{n}]", n, type="Interface", private_dns=True) for n in names)
    net = network(root, vpcs=(vpc(root),), endpoints=parts)
    shown = text(report((net, [missing(net)])), tmp_path)
    assert (
        "aws_vpc.main\n"
        "  missing    s3\n"
        "  interface  ec2, ecr.api, ecr.dkr, ecs, ecs-agent, ecs-telemetry, kms, logs,\n"
        "             monitoring, secretsmanager\n"
    ) in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_prose_fits_the_width(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),))
    long = Finding(
        "VPCE001", "fail", "high", net.vpcs[0].declared, "a word " * 60, why=(Evidence("because of this " * 20),)
    )
    for width in (72, 80, 100):
        assert max(map(len, text(report((net, [long])), tmp_path, width=width).splitlines())) <= width


def test_colour_only_when_asked(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),))
    made = report((net, [missing(net)]))
    plain, coloured = text(made, tmp_path), text(made, tmp_path, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[31mFAIL\x1b[0m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


def test_nothing_from_the_input_steers_the_terminal(tmp_path: Path) -> None:
    root = tmp_path / "ro\x1bot"
    hostile = "aws_vpc.\x1b]0;owned\x07\n::error::x\r\u202e\x9b31m\udc80"
    root.mkdir()
    (root / "main.tf").write_text('resource "aws_vpc" "x\x1b[2J" { # \u202e\x9b31m\r\n::error::from code\n}\n')
    net = network(root, vpcs=(vpc(root, hostile),))
    about = net.vpcs[0].declared
    finding = Finding(
        "VPCE001",
        "fail",
        "high",
        about,
        hostile,
        vpc=hostile,
        service="s3\x1b[0m",
        why=(Evidence(hostile, about.span),),
        fix=Fix("add-gateway-endpoint", vpc=hostile, service="s3", region="\x1b[31m"),
        when=(hostile,),
    )
    for status in ("fail", "unknown", "pass", "ignored"):
        made = report(
            (net, [Finding(**{**_fields(finding), "status": status})]),
            diagnostics=(Diagnostic("error", hostile, about.span.file),),
        )
        shown = text(made, tmp_path, verbose=True)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202f\u2066-\u2069\ud800-\udfff]", shown)
        assert not re.search(r"^::", shown, re.M)


def _fields(finding: Finding) -> dict[str, object]:
    return {name: getattr(finding, name) for name in finding.__slots__}


def test_unreadable_source_leaves_the_code_out(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),))
    (root / "main.tf").unlink()
    shown = text(report((net, [missing(net)])), tmp_path)
    assert "root/main.tf:1\n  why:" in shown


def test_of_a_plan_alone_no_place_is_said_to_be_that_of_a_call(tmp_path: Path) -> None:
    shown = cli("scan", ".", "--boundary", ".", "--format", "json", cwd=FIXTURES / "plan-modules").out
    assert "through module.platform" in shown and "called here" not in shown


def test_called_here_says_where(tmp_path: Path) -> None:
    call = 'module "ep" {\n  source = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"\n  version = "5.0.0"\n'
    code = call + '  vpc_id = "vpc-1"\n  endpoints = { logs = { service = "logs" } }\n}\n'
    root(tmp_path / "net", code)
    root(tmp_path / "main", 'module "net" {\n  source = "../net"\n}\n')
    (tmp_path / ".git").mkdir()
    shown = " ".join(cli("scan", "main", "--rules", "VPCE004", cwd=tmp_path).out.split())
    assert "is created by module.net.module.ep, called here (net/main.tf:1)" in shown
    assert "through module.net, called here (main/main.tf:1)" in shown
