"""Links of the policy: an input of one root is an object that another root creates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.estate.estates import NETWORK, PROVIDER, TEMPLATE, endpoint, importer, remote_state, report, verdicts, why
from vpce_checks.estate.linked import LinkedObjects
from vpce_checks.model.links import Link, Target
from vpce_checks.model.roots import Root
from vpce_checks.model.spans import Span
from vpce_checks.policy import PolicyError, load_policy

CORE = "net:aws_vpc.core"
VPC_OF_TEMPLATE = "net.yaml:Vpc"
VARIABLE = 'variable "vpc" {}\n' + endpoint("var.vpc")
PARAMETER = importer("!Ref V", "Parameters: {V: {Type: String}}\n")


def links(*entries: dict[str, Any], **more: object) -> dict[str, str]:
    """A policy file with links."""
    return {".vpce-checks.yaml": json.dumps({"version": 1, "links": entries, **more}, indent=0)}


def link(input: str, to: object, root: str = "ep") -> dict[str, Any]:
    return {"root": root, "input": input, "is": to}


def errors(found: dict[str, Any]) -> list[str]:
    return [
        f"{item['file']}:{item['line']}: {item['message']}"
        for root in found["roots"]
        for item in root["diagnostics"]
        if item["severity"] == "error"
    ]


DATA = {
    "a variable": ("var.vpc", VARIABLE),
    "a data source": (
        "data.aws_vpc.x",
        'data "aws_vpc" "x" {\n  id = "vpc-0123456789abcdef0"\n}\n' + endpoint("data.aws_vpc.x.id"),
    ),
    "an attribute": ("data.external.x.result.vpc", 'data "external" "x" {\n  program = ["x"]\n}\n'
        + endpoint("data.external.x.result.vpc")),
    "a stored parameter": (
        "data.aws_ssm_parameter.x",
        'data "aws_ssm_parameter" "x" {\n  name = "/elsewhere"\n}\n' + endpoint("data.aws_ssm_parameter.x.value"),
    ),
    "an output of a state": (
        "data.terraform_remote_state.net.outputs.vpc_id",
        remote_state("s3", bucket='"b"', key='"elsewhere"') + endpoint(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DATA)
def test_an_input_of_terraform_is_linked(tmp_path: Path, name: str) -> None:
    input, code = DATA[name]
    files = {"net/main.tf": NETWORK, "ep/main.tf": code}
    assert verdicts(report(tmp_path, files)) == {CORE: "fail"}
    found = report(tmp_path, {**files, **links(link(input, "net:aws_vpc.core"))})
    assert verdicts(found) == {CORE: "pass"}
    assert errors(found) == []
    assert any(
        f"{input} is linked to net:aws_vpc.core here (.vpce-checks.yaml:" in step for step in why(found, "aws_vpc.core")
    )


@pytest.mark.parametrize(
    ("files", "entry", "vpc"),
    [
        ({"net.yaml": TEMPLATE, "ep.yaml": PARAMETER}, link("V", "net.yaml:Vpc", "ep.yaml"), VPC_OF_TEMPLATE),
        ({"net/main.tf": NETWORK, "ep.yaml": PARAMETER}, link("V", "net:aws_vpc.core", "ep.yaml"), CORE),
        ({"net.yaml": TEMPLATE, "ep/main.tf": VARIABLE}, link("var.vpc", "net.yaml:Vpc"), VPC_OF_TEMPLATE),
    ],
)
def test_templates_are_linked(tmp_path: Path, files: dict[str, str], entry: dict[str, Any], vpc: str) -> None:
    assert verdicts(report(tmp_path, files)) == {vpc: "fail"}
    found = report(tmp_path, {**files, **links(entry)})
    assert (verdicts(found), errors(found)) == ({vpc: "pass"}, [])


def test_a_condition_on_a_linked_parameter(tmp_path: Path) -> None:
    """The id of an object is no empty text, so the endpoint is there."""
    head = "Parameters: {V: {Type: String, Default: ''}}\nConditions: {Has: !Not [!Equals [!Ref V, '']]}\n"
    template = importer("!Ref V", head).replace("    Properties:", "    Condition: Has\n    Properties:", 1)
    policy = links(link("V", "net:aws_vpc.core", "ep.yaml"))
    assert verdicts(report(tmp_path, {"net/main.tf": NETWORK, "ep.yaml": template, **policy})) == {CORE: "pass"}


@pytest.mark.parametrize("type", ["list(string)", "set(string)", "any"])
def test_a_list_of_objects(tmp_path: Path, type: str) -> None:
    code = (f'variable "vpc" {{}}\nvariable "tables" {{\n  type = {type}\n}}\n' + endpoint("var.vpc")).replace(
        '["rtb-0123456789abcdef0"]', "var.tables"
    )
    files = {"net/main.tf": NETWORK, "ep/main.tf": code}
    entries = [link("var.vpc", "net:aws_vpc.core"), link("var.tables", ["net:aws_route_table.private"])]
    found = report(tmp_path, {**files, **links(*entries)})
    assert verdicts(found, "VPCE007") == {"ep:aws_vpc_endpoint.s3": "pass"}
    assert verdicts(report(tmp_path, {**files, **links(entries[0])}), "VPCE007") == {
        "ep:aws_vpc_endpoint.s3": "unknown"
    }


def test_a_link_of_the_directory_below(tmp_path: Path) -> None:
    """Roots are relative to the policy file, and a scan of one of them reads the other."""
    policy = links(link("var.vpc", "net:aws_vpc.core"))[".vpce-checks.yaml"]
    files = {"envs/net/main.tf": NETWORK, "envs/ep/main.tf": VARIABLE, "envs/.vpce-checks.yaml": policy}
    assert verdicts(report(tmp_path, files)) == {f"envs/{CORE}": "pass"}
    assert verdicts(report(tmp_path, files, path="envs/net")) == {f"envs/{CORE}": "pass"}


BESIDE = {
    "net/main.tf": NETWORK.replace(
        'output "vpc_id"', 'resource "aws_vpc" "two" {\n  cidr_block = "10.2.0.0/16"\n}\noutput "vpc_id"'
    ),
    "ep/main.tf": VARIABLE,
}


def policy_at(directory: str, *entries: dict[str, Any]) -> dict[str, str]:
    """The policy file of a directory, with links."""
    return {f"{directory}/{name}": text for name, text in links(*entries).items()}


def test_a_link_beside_the_scanned_part_counts(tmp_path: Path) -> None:
    files = {**BESIDE, **policy_at("ep", link("var.vpc", "../net:aws_vpc.core", root="."))}
    whole = {CORE: "pass", "net:aws_vpc.two": "fail"}
    assert verdicts(report(tmp_path, files)) == whole
    assert verdicts(report(tmp_path, files, path="net")) == whole


def test_a_broken_policy_beside_the_scanned_part_is_not_its_matter(tmp_path: Path) -> None:
    files = {**BESIDE, "ep/.vpce-checks.yaml": "version: 1\nlinks: 5\n"}
    assert verdicts(report(tmp_path, files, path="net")) == {CORE: "fail", "net:aws_vpc.two": "fail"}


def test_the_nearest_policy_says_what_an_input_is(tmp_path: Path) -> None:
    files = {
        **BESIDE,
        **links(link("var.vpc", "net:aws_vpc.core")),
        **policy_at("ep", link("var.vpc", "../net:aws_vpc.two", root=".")),
    }
    assert verdicts(report(tmp_path, files)) == {CORE: "fail", "net:aws_vpc.two": "pass"}


def test_one_of_several_deployments(tmp_path: Path) -> None:
    roots = {"net": [{"name": "eu", "region": "eu-west-1"}, {"name": "us", "region": "us-east-1"}]}
    network = NETWORK.replace(PROVIDER, "")
    files = {"net/main.tf": network, "ep/main.tf": VARIABLE}
    found = report(tmp_path, {**files, **links(link("var.vpc", "net (eu):aws_vpc.core"), roots=roots)})
    status = {each.get("deployment"): each["status"] for each in found["results"] if each["rule"] == "VPCE001"}
    assert status == {"eu": "pass", "us": "fail"}
    found = report(tmp_path, {**files, **links(link("var.vpc", "net:aws_vpc.core"), roots=roots)})
    assert errors(found) == [
        ".vpce-checks.yaml:6: net has no deployment '': it has 'eu', 'us'; write net (NAME):aws_vpc.core"
    ]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            link("var.vpc", "net:aws_vpc.cor"),
            "var.vpc is linked to aws_vpc.cor, which net does not create; did you mean 'aws_vpc.core'?",
        ),
        (
            link("var.vpc", "nett:aws_vpc.core"),
            "this link names the root nett, which is not deployed on its own, or is not there; did you mean 'net'?",
        ),
        (
            link("var.vpc", "net:aws_vpc.core", "app"),
            "this link names the root app, which is not deployed on its own, or is not there",
        ),
        (link("var.vpd", "net:aws_vpc.core"), "ep has no input var.vpd that a link can set; did you mean 'var.vpc'?"),
    ],
)
def test_a_link_that_leads_nowhere(tmp_path: Path, entry: dict[str, Any], message: str) -> None:
    """It is an error with file and line. The rest is scanned."""
    found = report(tmp_path, {"net/main.tf": NETWORK, "ep/main.tf": VARIABLE, **links(entry)})
    assert errors(found) == [f".vpce-checks.yaml:6: {message}"]
    assert verdicts(found)[CORE] != "pass"


@pytest.mark.parametrize(
    ("type", "to", "problem"),
    [
        ("string", ["net:aws_vpc.core"], "a list of objects, but takes one value"),
        (
            "tuple([string, string])",
            ["net:aws_vpc.core"],
            "objects that do not fit its type: a tuple of 2 elements is required, not 1",
        ),
        ("map(string)", "net:aws_vpc.core", "one object, but takes a map"),
        ("list(string)", "net:aws_vpc.core", "one object, but takes a list"),
    ],
)
def test_a_link_of_the_wrong_shape(tmp_path: Path, type: str, to: str | list[str], problem: str) -> None:
    code = f'variable "vpc" {{\n  type = {type}\n}}\n' + endpoint("var.vpc")
    found = report(tmp_path, {"net/main.tf": NETWORK, "ep/main.tf": code, **links(link("var.vpc", to))})
    assert errors(found) == [f".vpce-checks.yaml:6: var.vpc is linked to {problem}"]
    assert verdicts(found) == {CORE: "unknown"}


def test_a_link_of_a_parameter_of_the_wrong_shape(tmp_path: Path) -> None:
    files = {"net.yaml": TEMPLATE, "ep.yaml": PARAMETER, **links(link("V", ["net.yaml:Vpc"], "ep.yaml"))}
    found = report(tmp_path, files)
    assert errors(found) == [".vpce-checks.yaml:6: V is linked to a list of objects, but takes one value"]
    assert verdicts(found) == {VPC_OF_TEMPLATE: "unknown"}


def test_two_links_of_one_input(tmp_path: Path) -> None:
    """A policy that contradicts itself is no policy."""
    entries = [link("var.vpc", "net:aws_vpc.core"), link("var.vpc", "app:aws_vpc.core")]
    files = {"net/main.tf": NETWORK, "ep/main.tf": VARIABLE, **links(*entries)}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(PolicyError, match="two links say what"):
        load_policy(str(tmp_path), boundary=str(tmp_path))


def test_links_in_a_circle(tmp_path: Path) -> None:
    both = NETWORK + VARIABLE.replace(PROVIDER, "")
    entries = [link("var.vpc", "net:aws_vpc.core"), link("var.vpc", "ep:aws_vpc.core", "net")]
    found = report(tmp_path, {"net/main.tf": both, "ep/main.tf": both, **links(*entries)})
    assert (verdicts(found), errors(found)) == ({CORE: "pass", "ep:aws_vpc.core": "pass"}, [])


@pytest.mark.parametrize(
    ("of_net", "of_ep"), [("ep:aws_vpc.core", "net:aws_vpc.cor"), ("net:aws_vpc.cor", "net:aws_vpc.core")]
)
def test_a_broken_link_in_a_circle(tmp_path: Path, of_net: str, of_ep: str) -> None:
    both = NETWORK + VARIABLE.replace(PROVIDER, "")
    entries = [link("var.vpc", of_ep), link("var.vpc", of_net, "net")]
    found = report(tmp_path, {"net/main.tf": both, "ep/main.tf": both, **links(*entries)})
    assert [text.split(": ", 1)[1] for text in errors(found)] == [
        "var.vpc is linked to aws_vpc.cor, which net does not create; did you mean 'aws_vpc.core'?"
    ]


def test_a_long_chain_of_links() -> None:
    """Roots are read from the far end, one after the other: a chain nests nothing, and a circle ends."""
    count = 3000
    roots = [Root(f"/r{number}", "terraform", "/", "terraform") for number in range(count)]
    next_of = {root: [_link_to(roots[(at + 1) % count], root)] for at, root in enumerate(roots)}
    reached = LinkedObjects(roots, next_of.__getitem__).reached_from(roots[0])
    assert reached == [*roots[1:], roots[0]]


def _link_to(target: Root, root: Root) -> Link:
    return Link(root.path, "var.vpc", (Target(target.path, "aws_vpc.core"),), False, Span("/.vpce-checks.yaml", 1))
