"""A report with one of everything, and one whose every name is hostile."""

from __future__ import annotations

from pathlib import Path

from tests.report.reports import declared, endpoint, network, report, vpc
from vpce_checks.base.record import replace
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Call
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.project.layout import Layout, SubnetsRow
from vpce_checks.project.results import Report
from vpce_checks.rules.finding import Finding, Fix

HOSTILE = "a`|](http://x) <b>@me #1\n::error::x\x1b[31m%0A&\"'\u202e\ufffe\ud800,:"


def of_everything(root: Path) -> Report:
    """A fail with evidence and fix, an unknown, an ignored, a pass, an error and a warning."""
    net = network(
        root, vpcs=(vpc(root),), endpoints=(endpoint(root, "aws_vpc_endpoint.logs", "logs", type="Interface"),)
    )
    main, logs = net.vpcs[0].declared, net.endpoints[0].declared
    findings = [
        Finding(
            "VPCE001",
            "fail",
            "high",
            main,
            "aws_vpc.main has no gateway endpoint for S3",
            vpc="aws_vpc.main",
            service="s3",
            why=(Evidence("the pack requires it"), Evidence("nothing here", Span(str(root / "main.tf"), 5))),
            fix=Fix("add-gateway-endpoint", vpc="aws_vpc.main", service="s3", region="eu-west-1"),
        ),
        Finding(
            "VPCE002",
            "unknown",
            "medium",
            main,
            "aws_vpc.main may have no gateway endpoint for DynamoDB",
            vpc="aws_vpc.main",
            service="dynamodb",
            why=(Evidence("var.create has no value", Span(str(root / "main.tf"), 2)),),
        ),
        Finding(
            "VPCE004",
            "ignored",
            "high",
            logs,
            "private DNS is off (ignored: moved soon)",
            vpc="aws_vpc.main",
            service="logs",
            why=(Evidence("ignored: moved soon", Span(str(root / "main.tf"), 6), "ignored"),),
            ignored_by="comment",
            reason="moved soon",
        ),
        Finding("VPCE006", "pass", "high", logs, "the type fits", vpc="aws_vpc.main", service="logs"),
    ]
    diagnostics = (
        Diagnostic("error", "unexpected token", str(root / "broken.tf"), 7),
        Diagnostic("warning", "an entry has expired", str(root / ".vpce-checks.yaml"), 3),
    )
    return report((net, findings), diagnostics=diagnostics)


def hostile(root: Path) -> Report:
    """Names, messages, evidence, fix and diagnostics that try to break out of the format."""
    net = network(root, vpcs=(vpc(root),))
    about = declared(
        root, f"aws_vpc.{HOSTILE}", 1, 3, calls=(Call(f"module.{HOSTILE}", Span(str(root / "main.tf"), 5)),)
    )
    finding = Finding(
        "VPCE001",
        "fail",
        "high",
        about,
        f"{HOSTILE} has none",
        vpc=HOSTILE,
        service=HOSTILE,
        why=(Evidence(HOSTILE), Evidence(HOSTILE, Span(str(root / f"{HOSTILE[:4]}].tf"), 1))),
        fix=Fix("text", value=HOSTILE),
        when=(HOSTILE,),
    )
    made = report((net, [finding]), diagnostics=(Diagnostic("error", HOSTILE, str(root / "main.tf")),))
    row = SubnetsRow(HOSTILE, 1, (HOSTILE,), "private", HOSTILE, (HOSTILE,), HOSTILE, (HOSTILE,), ((HOSTILE, True),))
    layouts = {each.address: Layout((row,), (HOSTILE,)) for each in net.vpcs}
    return replace(made, roots=tuple(replace(each, layouts=layouts) for each in made.roots))
