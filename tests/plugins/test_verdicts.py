"""Findings on the blocks that Checkov has loaded, without Checkov."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.reports import declared, network, report, vpc
from vpce_checks.model.network import Call, Network, OpaqueModule
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.plugins.checkov.verdicts import Entity, Loading, Verdicts, same_instance
from vpce_checks.project.results import Report, RootReport
from vpce_checks.rules.finding import Finding


def finding(root: Path, address: str, status: str = "fail", rule: str = "VPCE001", **more: object) -> Finding:
    """A finding about ``address``, declared in main.tf or, in a module, in net/main.tf."""
    calls: tuple[Call, ...] = ()
    file = root / "main.tf"
    if address.startswith("module."):
        calls = (Call(".".join(address.split(".")[:2]), Span(str(file), 5)),)
        file = root / "net" / "main.tf"
    about = replace(declared(root, address, 1, calls=calls), span=Span(str(file), 1), type=address.split(".")[-2])
    return Finding(rule, status, "high", about, f"{address} {status}", root=str(root), **more)  # type: ignore[arg-type]


def made(root: Path, *findings: Finding, **parts: object) -> Report:
    net = network(root, vpcs=(vpc(root),), **parts)
    files = (*net.files, str(root / "net" / "main.tf"))
    return report((replace(net, files=files), list(findings)))


def block(root: Path, address: str, file: str = "main.tf") -> Entity:
    """A block as Checkov loads it."""
    type, name = address.split(".")[-2:]
    if type == "module":
        return Entity(str(root / file), "module", name.partition("[")[0], name)
    return Entity(str(root / file), type, name.partition("[")[0], address)


def messages(verdicts: Verdicts, entity: Entity) -> list[str]:
    return [each.message for each in verdicts.findings(entity)]


@pytest.mark.parametrize(
    ("seen", "address", "same"),
    [
        ("aws_vpc.a", "aws_vpc.a", True),
        ("aws_vpc.a", "aws_vpc.b", False),
        ("aws_vpc.a", "aws_vpc.a[0]", True),
        ("aws_vpc.a[0]", "aws_vpc.a[0]", True),
        ("aws_vpc.a[0]", "aws_vpc.a[1]", False),
        ("aws_vpc.a[0]", "aws_vpc.a[*]", True),
        ('module.m["a.b"].aws_vpc.a', 'module.m["a.b"].aws_vpc.a["x"]', True),
        ('module.m["a"].aws_vpc.a', 'module.m["b"].aws_vpc.a', False),
        ("module.m.aws_vpc.a", 'module.m["b"].aws_vpc.a', True),
        ("aws_vpc.a", "module.m.aws_vpc.a", False),
    ],
)
def test_instances(seen: str, address: str, same: bool) -> None:
    assert same_instance(seen, address) is same


def test_instances_that_checkov_does_not_tell_apart_come_together(tmp_path: Path) -> None:
    root = tmp_path / "root"
    first, second = finding(root, "aws_vpc.main[0]"), finding(root, "aws_vpc.main[1]", "pass")
    one = block(root, "aws_vpc.main")
    assert Verdicts(made(root, first, second), [one]).findings(one) == [first, second]
    expanded = [block(root, "aws_vpc.main[0]"), block(root, "aws_vpc.main[1]")]
    verdicts = Verdicts(made(root, first, second), expanded)
    assert [verdicts.findings(each) for each in expanded] == [[first], [second]]


def test_two_roots_with_one_module_come_together(tmp_path: Path) -> None:
    root = tmp_path / "root"
    first, second = finding(root, "module.net.aws_vpc.this"), finding(root, "module.net.aws_vpc.this", "pass")
    net = network(root, vpcs=(vpc(root),))
    one = block(root, "module.net.aws_vpc.this", "net/main.tf")
    assert Verdicts(report((net, [first]), (net, [second])), [one]).findings(one) == [first, second]


def test_module_that_checkov_did_not_load_is_told_on_its_call(tmp_path: Path) -> None:
    root = tmp_path / "root"
    lost = finding(root, 'module.net["a"].aws_vpc.this')
    calls = [block(root, 'module.net["a"]'), block(root, 'module.net["b"]')]
    other = block(root, "aws_vpc.main")
    verdicts = Verdicts(made(root, lost, finding(root, "aws_vpc.main", "pass")), [*calls, other])
    assert verdicts.findings(calls[0]) == [lost]
    assert verdicts.findings(calls[1]) == []
    assert messages(verdicts, other) == ["aws_vpc.main pass"]
    assert not verdicts.has_errors


def test_lost_finding_is_told_on_a_block_that_the_rule_has_not_judged(tmp_path: Path) -> None:
    root = tmp_path / "root"
    lost = finding(root, "aws_vpc.lost")
    judged, unjudged = block(root, "aws_vpc.main"), block(root, "aws_vpc_endpoint.s3")
    verdicts = Verdicts(made(root, lost, finding(root, "aws_vpc.main", "pass")), [judged, unjudged])
    assert messages(verdicts, judged) == ["aws_vpc.main pass"]
    assert verdicts.findings(unjudged) == [lost]


def test_lost_finding_without_any_block_to_stand_on_has_no_home(tmp_path: Path) -> None:
    root = tmp_path / "root"
    bucket = Entity(str(root / "main.tf"), "aws_s3_bucket", "b", "aws_s3_bucket.b")
    lost = finding(root, "aws_vpc.lost")
    for loaded in ([bucket], []):
        verdicts = Verdicts(made(root, lost), loaded)
        assert verdicts.homeless == [lost] and not verdicts.has_errors
    assert not Verdicts(made(root, finding(root, "aws_vpc.lost", "pass")), [bucket]).homeless
    left_out = Verdicts(
        made(root, lost), [bucket], loading=Loading(is_left_out=lambda path: path == str(root / "main.tf"))
    )
    assert not left_out.homeless


@pytest.mark.parametrize(
    ("loaded", "carriers"),
    [
        (['aws_vpc.a["x-${x}"]', 'aws_vpc.a["y"]'], ['aws_vpc.a["x-${x}"]', 'aws_vpc.a["y"]']),
        (['aws_vpc.a["${x}"]', 'aws_vpc.a["z"]'], ['aws_vpc.a["${x}"]', 'aws_vpc.a["${x}"]']),
        (['aws_vpc.a["z"]', 'aws_vpc.a["w"]'], ['aws_vpc.a["w"]', 'aws_vpc.a["w"]']),
    ],
)
def test_instances_that_checkov_spells_otherwise(tmp_path: Path, loaded: list[str], carriers: list[str]) -> None:
    root = tmp_path / "root"
    found = [finding(root, f'aws_vpc.a["{key}"]') for key in ("x-1", "y")]
    blocks = [block(root, address) for address in loaded]
    verdicts = Verdicts(made(root, *found), blocks)
    reported = [(each.resource, entity.address) for entity in blocks for each in verdicts.findings(entity)]
    assert sorted(reported) == sorted((each.resource, to) for each, to in zip(found, carriers, strict=True))
    assert not verdicts.homeless


def test_module_looked_at_by_itself_has_the_verdicts_of_all_callers(tmp_path: Path) -> None:
    root = tmp_path / "root"
    first, second = finding(root, "module.a.aws_vpc.this"), finding(root, "module.b.aws_vpc.this", "pass")
    alone = block(root, "aws_vpc.this", "net/main.tf")
    assert Verdicts(made(root, first, second), [alone]).findings(alone) == [first, second]


def test_module_that_is_not_created_has_no_verdict_of_another_call(tmp_path: Path) -> None:
    root = tmp_path / "root"
    on = finding(root, "module.on.aws_vpc.this")
    off = block(root, "module.off.aws_vpc.this", "net/main.tf")
    loaded = [off, block(root, "module.on.aws_vpc.this", "net/main.tf"), block(root, "module.off")]
    verdicts = Verdicts(made(root, on), loaded)
    assert verdicts.findings(off) == []
    assert verdicts.is_covered(off)


def test_what_was_not_scanned_is_not_covered(tmp_path: Path) -> None:
    root = tmp_path / "root"
    elsewhere = Entity(str(tmp_path / "elsewhere" / "main.tf"), "aws_vpc", "a", "aws_vpc.a")
    call = block(root, "module.m")
    inside = Entity(str(tmp_path / "fetched" / "main.tf"), "aws_vpc", "a", "module.m.aws_vpc.a")
    declaration = declared(root, "module.m", 5)
    opaque = made(root, opaque_modules=(OpaqueModule(declaration, "example.com/a/b/c", "not here"),))
    verdicts = Verdicts(opaque, [elsewhere, call, inside])
    assert not verdicts.is_covered(elsewhere)
    assert not verdicts.is_covered(inside)
    assert Verdicts(made(root), [call, inside]).is_covered(inside)


def test_a_closed_module_of_one_root_is_not_that_of_another(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    calls = [Entity(str(root / "main.tf"), "module", "app", "app") for root in (first, second)]
    off = Entity(str(tmp_path / "app" / "main.tf"), "aws_vpc_endpoint", "s3", "module.app.module.x.aws_vpc_endpoint.s3")
    closed = OpaqueModule(declared(second, "module.app", 1), "example.com/a/b/c", "not here")
    nets = (network(first, vpcs=(vpc(first),)), network(second, vpcs=(vpc(second),), opaque_modules=(closed,)))
    assert Verdicts(report(*((net, []) for net in nets)), [*calls, off]).is_covered(off)
    assert not Verdicts(report((nets[1], [])), [calls[1], off]).is_covered(off)


def test_errors_stand_where_they_happened(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    item = Diagnostic("error", "no word", str(root / "broken.tf"), 3)
    made = report((network(root, vpcs=(vpc(root),)), []), diagnostics=(item,))
    sound = Report((*made.roots, *report((network(other), [])).roots))
    here, there = block(root, "aws_vpc.main"), block(other, "aws_vpc.main")
    verdicts = Verdicts(sound, [here, there])
    assert [error.endswith("broken.tf:3: no word") for error in verdicts.errors(here)] == [True]
    assert verdicts.errors(there) == []


def test_errors_without_a_vpc_stand_on_the_nearest_block(tmp_path: Path) -> None:
    root = tmp_path / "root"
    item = Diagnostic("error", "cannot list", str(tmp_path / "closed"))
    made = report((network(root), []), diagnostics=(item,))
    bucket = Entity(str(root / "main.tf"), "aws_s3_bucket", "b", "aws_s3_bucket.b")
    assert len(Verdicts(made, [bucket]).errors(bucket)) == 1
    assert Verdicts(None, [bucket], ["all wrong"]).errors(bucket) == ["all wrong"]


def test_directories_are_judged_each_by_itself(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    both = Report(
        (*made(root, finding(root, "aws_vpc.main")).roots, *made(other, finding(other, "aws_vpc.main")).roots)
    )
    one = block(root, "aws_vpc.main")
    verdicts = Verdicts(both, [one], loading=Loading(directory=str(root)))
    assert len(verdicts.findings(one)) == 1
    assert not verdicts.has_errors


def test_frameworks_leave_each_other_their_files(tmp_path: Path) -> None:
    root = tmp_path / "root"
    lost = finding(root, "aws_vpc.lost")
    json = replace(lost, about=replace(lost.about, span=Span(str(root / "main.tf.json"), 1)))
    one = block(root, "aws_vpc_endpoint.s3")
    assert Verdicts(made(root, json), [one], loading=Loading(framework="terraform")).findings(one) == []
    assert Verdicts(made(root, json), [one], loading=Loading(framework="terraform_json")).findings(one) == [json]
    assert Verdicts(made(root, json), [one], loading=Loading(framework="terraform_plan")).findings(one) == []


def template(root: Path, *findings: Finding) -> Report:
    net = Network(str(root / "t.yaml"), "cloudformation-yaml", vpcs=(vpc(root, "Main"),), files=(str(root / "t.yaml"),))
    return report((net, list(findings)))


def test_nested_stacks_are_told_by_their_logical_ids(tmp_path: Path) -> None:
    about = replace(declared(tmp_path, "Net/Main", 1), type="AWS::EC2::VPC", span=Span(str(tmp_path / "net.yaml"), 2))
    nested = Finding("VPCE001", "fail", "high", about, "Net/Main has none")
    entity = Entity(str(tmp_path / "net.yaml"), "AWS::EC2::VPC", "Main")
    verdicts = Verdicts(template(tmp_path, nested), [entity], loading=Loading(framework="cloudformation"))
    assert verdicts.findings(entity) == [nested]


def test_condition_that_is_false_by_default_is_told_on_the_vpc(tmp_path: Path) -> None:
    about = replace(declared(tmp_path, "Kms", 9), type="AWS::EC2::VPCEndpoint", span=Span(str(tmp_path / "t.yaml"), 9))
    dropped = Finding("VPCE004", "fail", "high", about, "Kms has private DNS off", vpc="Main", when=("Stage is prod",))
    entity = Entity(str(tmp_path / "t.yaml"), "AWS::EC2::VPC", "Main")
    verdicts = Verdicts(template(tmp_path, dropped), [entity], loading=Loading(framework="cloudformation"))
    assert verdicts.findings(entity) == [dropped]


def test_what_a_service_includes_is_told_where_checkov_checks_anything(tmp_path: Path) -> None:
    part, entry = str(tmp_path / "part.yml"), str(tmp_path / "entry.yml")
    (tmp_path / "part.yml").write_text("Resources: {A: {Type: 'AWS::EC2::VPC'}}\n")
    (tmp_path / "entry.yml").write_text("Type: AWS::EC2::VPC\n")
    net = network(tmp_path, language="cloudformation-yaml")

    def told(directory: str, framework: str, loaded: Entity) -> list[str]:
        service = str(tmp_path / directory / "serverless.yml")
        found = []
        for name, file in (("A", part), ("B", entry)):
            about = replace(declared(tmp_path, name, 1), span=Span(file, 1), type="AWS::EC2::VPC")
            found.append(Finding("VPCE001", "fail", "high", about, name))
        whole = Report((RootReport(service, "cloudformation", (replace(net, root=service),), tuple(found)),))
        verdicts = Verdicts(whole, [loaded], loading=Loading(framework=framework))
        return [*messages(verdicts, loaded), *(f"lost {each.message}" for each in verdicts.homeless)]

    for directory, text in (("own", "Resources: {Q: {Type: AWS::SQS::Queue}}"), ("none", "Resources: {}")):
        (tmp_path / directory).mkdir()
        (tmp_path / directory / "serverless.yml").write_text(text)
    queue = Entity(str(tmp_path / "own" / "serverless.yml"), "AWS::SQS::Queue", "Q")
    in_part = Entity(part, "AWS::EC2::VPC", "A")
    assert [text.partition(":")[0] for text in told("own", "serverless", queue)] == ["lost B"]
    assert told("own", "cloudformation", in_part) == ["A"]
    first, second = told("none", "cloudformation", in_part)
    assert (first, second.partition(":")[0]) == ("A", "lost B")
    assert [text.partition(":")[0] for text in told("none", "serverless", queue)] == [second.partition(":")[0]]


def test_what_tests_set_up_is_no_part_of_the_scan_and_asked_nothing_of(tmp_path: Path) -> None:
    files = {
        ".git/HEAD": "",
        "main.tf": "",
        "tests/net.tftest.hcl": 'run "setup" {\n  module {\n    source = "./tests/setup"\n  }\n}\n',
        "tests/setup/main.tf": "",
        "elsewhere/main.tf": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    verdicts = Verdicts(made(tmp_path), [])
    assert verdicts.is_covered(block(tmp_path, "aws_vpc.a", "tests/setup/main.tf"))
    assert not verdicts.is_covered(block(tmp_path, "aws_vpc.a", "elsewhere/main.tf"))


@pytest.mark.parametrize("framework", ["terraform", "terraform_json", "terraform_plan", "cloudformation", "serverless"])
def test_rules_that_are_not_run_are_told_on_every_block(tmp_path: Path, framework: str) -> None:
    """Whatever Checkov scans, and wherever the policy file is that names them."""
    root = tmp_path / "root"
    not_run = (Diagnostic("error", "the rules are not run", str(tmp_path / "policy.yaml"), 3),)
    judged = block(root, "aws_vpc.main")
    verdicts = Verdicts(
        replace(made(root), not_run=not_run), [judged], loading=Loading(directory=str(root), framework=framework)
    )
    assert verdicts.has_errors
    assert [text.rpartition(": ")[2] for text in verdicts.errors(judged)] == ["the rules are not run"]
