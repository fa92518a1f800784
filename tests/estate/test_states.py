"""Remote states, of every backend, are those of the roots of the repository that have them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.estate.estates import (
    NETWORK,
    PROVIDER,
    REMOTE,
    backend,
    endpoint,
    importer,
    remote_state,
    report,
    verdicts,
    why,
)

CORE = "net:aws_vpc.core"
S3 = {"bucket": '"b"', "key": '"net"'}
CLOUD = 'terraform {\n  cloud {\n    organization = "o"\n    workspaces {\n      name = "net"\n    }\n  }\n}\n'

BACKENDS = {
    "s3": (backend("s3", **S3), remote_state("s3", **S3)),
    "gcs": (backend("gcs", bucket='"b"', prefix='"net"'), remote_state("gcs", bucket='"b"', prefix='"net"')),
    "azurerm": (
        backend("azurerm", storage_account_name='"a"', container_name='"c"', key='"net"'),
        remote_state("azurerm", storage_account_name='"a"', container_name='"c"', key='"net"'),
    ),
    "local without a block": ("", remote_state("local", path='"../net/terraform.tfstate"')),
    "local by the module's path": ("", remote_state("local", path='"${path.module}/../net/terraform.tfstate"')),
    "local": (backend("local", path='"/srv/net.tfstate"'), remote_state("local", path='"/srv/net.tfstate"')),
    "http": (backend("http", address='"https://x/net"'), remote_state("http", address='"https://x/net"')),
    "consul": (backend("consul", path='"net"'), remote_state("consul", path='"net"')),
    "kubernetes": (backend("kubernetes", secret_suffix='"n"'), remote_state("kubernetes", secret_suffix='"n"')),
    "pg": (backend("pg", conn_str='"postgres://x"'), remote_state("pg", conn_str='"postgres://x"')),
    "cos": (backend("cos", bucket='"b"', prefix='"net"'), remote_state("cos", bucket='"b"', prefix='"net"')),
    "oss": (backend("oss", bucket='"b"', prefix='"net"'), remote_state("oss", bucket='"b"', prefix='"net"')),
    "cloud": (CLOUD, remote_state("remote", organization='"o"', workspaces='{ name = "net" }')),
    "terragrunt's workspace": (
        backend("s3", **S3),
        remote_state("s3", "workspace = terraform.workspace", **S3),
    ),
}


@pytest.mark.parametrize("name", BACKENDS)
def test_the_state_of_another_root(tmp_path: Path, name: str) -> None:
    written, read = BACKENDS[name]
    found = report(tmp_path, {"net/main.tf": written + NETWORK, "ep/main.tf": read + endpoint()})
    assert verdicts(found) == {CORE: "pass"}


OTHERS = {
    "another key": (backend("s3", **S3), remote_state("s3", bucket='"b"', key='"app"'), "fail"),
    "another bucket": (backend("s3", **S3), remote_state("s3", bucket='"c"', key='"net"'), "fail"),
    "another backend": (backend("gcs", bucket='"b"'), remote_state("s3", **S3), "fail"),
    "another prefix": (backend("gcs", bucket='"b"', prefix='"x"'), remote_state("gcs", bucket='"b"'), "fail"),
    "another workspace": (CLOUD, remote_state("remote", organization='"o"', workspaces='{ name = "x" }'), "fail"),
    "another organization": (CLOUD, remote_state("remote", organization='"p"', workspaces='{ name = "net" }'), "fail"),
    "an unknown key": (
        backend("s3", **S3),
        'variable "k" {}\n' + remote_state("s3", bucket='"b"', key="var.k"),
        "unknown",
    ),
    "an unknown key in another bucket": (
        backend("s3", **S3),
        'variable "k" {}\n' + remote_state("s3", bucket='"c"', key="var.k"),
        "fail",
    ),
    "a key that cannot be it": (
        backend("s3", **S3),
        'variable "k" {}\n' + remote_state("s3", bucket='"b"', key='"${var.k}/app"'),
        "fail",
    ),
    "a key by a default": (
        backend("s3", **S3),
        'variable "k" {\n  default = "net"\n}\n' + remote_state("s3", bucket='"b"', key="var.k"),
        "pass",
    ),
    "a backend given at init": (backend("s3"), remote_state("s3", **S3), "unknown"),
    "an empty bucket by a default": (
        backend("s3", **S3),
        'variable "b" {\n  default = ""\n}\n' + remote_state("s3", bucket="var.b", key='"net"'),
        "unknown",
    ),
    "an empty bucket and another key": (backend("s3", **S3), remote_state("s3", bucket='""', key='"app"'), "fail"),
    "an empty key": (backend("s3", **S3), remote_state("s3", bucket='"b"', key='""'), "unknown"),
    "no prefix in a bucket of Google": (
        backend("gcs", bucket='"b"', prefix='"net"'),
        remote_state("gcs", bucket='"b"', prefix='""'),
        "fail",
    ),
    "an empty workspace": (
        CLOUD,
        remote_state("remote", organization='"o"', workspaces='{ name = "" }'),
        "unknown",
    ),
    "an empty organization": (
        CLOUD,
        remote_state("remote", organization='""', workspaces='{ name = "net" }'),
        "unknown",
    ),
    "workspaces by tags": (
        CLOUD.replace('name = "net"', 'tags = ["net"]'),
        remote_state("remote", organization='"o"', workspaces='{ name = "net" }'),
        "unknown",
    ),
}


def on(backend_type: str, written: dict[str, str], read: dict[str, str], status: str) -> tuple[str, str, str]:
    """One state by its path; ``written`` and ``read`` say which server has it."""
    own = {
        "s3": S3,
        "consul": {"path": '"net"'},
        "kubernetes": {"secret_suffix": '"net"'},
        "cos": {"bucket": '"b"', "prefix": '"net"'},
        "oci": {"bucket": '"b"', "namespace": '"n"', "key": '"net"'},
        "azurerm": {"storage_account_name": '"a"', "container_name": '"c"', "key": '"net"'},
        "gcs": {"bucket": '"b"', "prefix": '"net"'},
        "pg": {},
    }[backend_type]
    return backend(backend_type, **own, **written), remote_state(backend_type, **own, **read), status


def servers(setting: str, one: str, other: str) -> tuple[dict[str, str], dict[str, str]]:
    return {setting: one}, {setting: other}


MINIO = ('{ s3 = "http://minio-a:9000" }', '{ s3 = "http://minio-b:9000" }')
SERVERS = {
    "consul": on("consul", *servers("address", '"a:8500"', '"b:8500"'), "fail"),
    "one consul": on("consul", *servers("address", '"a:8500"', '"a:8500"'), "pass"),
    "consul on this machine": on("consul", *servers("address", '"127.0.0.1:8500"', '"b:8500"'), "unknown"),
    "consul by the environment": on("consul", {}, {"address": '"b:8500"'}, "unknown"),
    "a datacenter of consul": on("consul", *servers("datacenter", '"a"', '"b"'), "fail"),
    "contexts that may be of one cluster": on(
        "kubernetes", *servers("config_context", '"prod"', '"prod-admin"'), "unknown"
    ),
    "a cluster": on("kubernetes", *servers("config_context_cluster", '"prod"', '"dev"'), "fail"),
    "a host": on("kubernetes", *servers("host", '"https://a"', '"https://b"'), "fail"),
    "files that name a cluster": on("kubernetes", *servers("config_path", '"~/.kube/a"', '"~/.kube/b"'), "unknown"),
    "one file that names a cluster": on("kubernetes", *servers("config_path", '"~/.kube/a"', '"~/.kube/a"'), "pass"),
    "a host as it is written": on("kubernetes", *servers("host", '"https://A/"', '"https://a"'), "pass"),
    "a host and a context": on("kubernetes", {"host": '"https://a"'}, {"config_context": '"b"'}, "unknown"),
    "endpoints": on("s3", *servers("endpoints", *MINIO), "fail"),
    "one endpoint": on("s3", {"endpoint": '"http://minio-a:9000/"'}, {"endpoints": MINIO[0]}, "pass"),
    "an endpoint as before": on("s3", *servers("endpoint", '"http://a"', '"http://b"'), "fail"),
    "an endpoint and the environment": on("s3", {"endpoints": MINIO[0]}, {}, "unknown"),
    "endpoints of AWS": on(
        "s3",
        *servers("endpoints", '{ s3 = "https://s3.amazonaws.com" }', '{ s3 = "https://s3.eu-west-1.amazonaws.com" }'),
        "pass",
    ),
    "an unknown endpoint": (
        backend("s3", **S3, endpoints=MINIO[0]),
        'variable "e" {}\n' + remote_state("s3", **S3, endpoints="{ s3 = var.e }"),
        "unknown",
    ),
    "partitions": on("s3", *servers("region", '"eu-west-1"', '"cn-north-1"'), "fail"),
    "regions of one partition": on("s3", *servers("region", '"eu-west-1"', '"us-east-1"'), "pass"),
    "regions of cos": on("cos", *servers("region", '"ap-guangzhou"', '"ap-beijing"'), "fail"),
    "regions of oci": on("oci", *servers("region", '"us-ashburn-1"', '"uk-london-1"'), "fail"),
    "clouds of azurerm": on("azurerm", *servers("environment", '"public"', '"china"'), "fail"),
    "endpoints of gcs": on("gcs", *servers("storage_custom_endpoint", '"https://a/"', '"https://b/"'), "fail"),
    "databases": on("pg", *servers("conn_str", '"postgres://u:p@a/x"', '"postgres://u:p@b/x"'), "fail"),
    "users of one database": on("pg", *servers("conn_str", '"postgres://u:p@a/x"', '"host=a dbname=x user=v"'), "pass"),
}


@pytest.mark.parametrize("name", SERVERS)
def test_the_server_that_has_the_state(tmp_path: Path, name: str) -> None:
    written, read, status = SERVERS[name]
    found = report(tmp_path, {"net/main.tf": written + NETWORK, "ep/main.tf": read + endpoint()})
    assert verdicts(found) == {CORE: status}


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ('"env:/prod/net"', "pass"),
        ('"env:/${terraform.workspace}/net"', "pass"),
        ('"env:/${var.stage}/net"', "pass"),
        ('"env:/prod/app"', "fail"),
        ('"env:/net"', "fail"),
    ],
)
def test_a_state_by_its_path_in_the_bucket(tmp_path: Path, key: str, status: str) -> None:
    """``env:/prod/net`` is where the state ``net`` is in the workspace prod."""
    read = 'variable "stage" {}\n' + remote_state("s3", bucket='"b"', key=key)
    found = report(tmp_path, {"net/main.tf": backend("s3", **S3) + NETWORK, "ep/main.tf": read + endpoint()})
    assert verdicts(found) == {CORE: status}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("../net/./terraform.tfstate", "pass"),
        ("../n${var.stage}/terraform.tfstate", "unknown"),
        ("${path.module}/../${var.stage}/terraform.tfstate", "unknown"),
        ("../${var.stage}", "unknown"),
        ("${path.cwd}/../ne${var.stage}/terraform.tfstate", "unknown"),
        ("../${var.stage}/../net/terraform.tfstate", "unknown"),
        ("../app-${var.stage}/terraform.tfstate", "fail"),
        ("../${var.stage}/../app/terraform.tfstate", "fail"),
        ("../net/terraform.tfstate.d/prod/terraform.tfstate", "pass"),
        ("../net/terraform.tfstate.d/${terraform.workspace}/terraform.tfstate", "pass"),
        ("../${var.stage}/terraform.tfstate.d/prod/terraform.tfstate", "unknown"),
        ("../app/terraform.tfstate.d/prod/terraform.tfstate", "fail"),
    ],
)
def test_a_partly_known_path_of_a_local_state(tmp_path: Path, path: str, status: str) -> None:
    read = 'variable "stage" {}\n' + remote_state("local", path=f'"{path}"')
    found = report(tmp_path, {"net/main.tf": NETWORK, "ep/main.tf": read + endpoint()})
    assert verdicts(found) == {CORE: status}


@pytest.mark.parametrize(
    ("provider", "organization", "status"),
    [
        ("", 'organization = "o"', "fail"),
        ('hostname = "tfe.example.com"', 'organization = "o"', "pass"),
        ('hostname = "tfe.example.com"\n  organization = "o"', "", "pass"),
        ("hostname = var.host", 'organization = "o"', "unknown"),
    ],
)
def test_outputs_of_a_workspace_on_another_host(tmp_path: Path, provider: str, organization: str, status: str) -> None:
    net = CLOUD.replace('organization = "o"', 'organization = "o"\n    hostname = "tfe.example.com"') + NETWORK
    read = f'variable "host" {{}}\nprovider "tfe" {{\n  {provider}\n}}\n' + (
        f'data "tfe_outputs" "net" {{\n  {organization}\n  workspace = "net"\n}}\n'
    )
    found = report(tmp_path, {"net/main.tf": net, "ep/main.tf": read + endpoint("data.tfe_outputs.net.values.vpc_id")})
    assert verdicts(found) == {CORE: status}


@pytest.mark.parametrize(
    ("workspace", "read", "status"),
    [
        ("prod", {"workspace_dir": '"../states"', "": 'workspace = "prod"'}, "pass"),
        ("prod", {"workspace_dir": '"../states"', "": 'workspace = "dev"'}, "fail"),
        ("prod", {"workspace_dir": '"../others"', "": 'workspace = "prod"'}, "fail"),
        ("prod", {"path": '"../states/prod/terraform.tfstate"'}, "pass"),
        ("prod", {"path": '"../net/terraform.tfstate"'}, "fail"),
        ("default", {"path": '"../net/terraform.tfstate"', "workspace_dir": '"../states"'}, "pass"),
        ("default", {"workspace_dir": '"../states"', "": 'workspace = "prod"'}, "fail"),
        ("", {"workspace_dir": '"../states"', "": 'workspace = "prod"'}, "pass"),
        ("", {"path": '"../states/prod/terraform.tfstate"'}, "unknown"),
        ("", {"path": '"../net/terraform.tfstate"'}, "pass"),
    ],
)
def test_local_states_in_a_directory_of_workspaces(
    tmp_path: Path, workspace: str, read: dict[str, str], status: str
) -> None:
    net = backend("local", workspace_dir='"../states"') + NETWORK
    said = {name: value for name, value in read.items() if name}
    files = {"net/main.tf": net, "ep/main.tf": remote_state("local", read.get("", ""), **said) + endpoint()}
    if workspace:
        files["net/.terraform/environment"] = workspace
    assert verdicts(report(tmp_path, files)) == {CORE: status}


def test_the_prefix_of_workspaces(tmp_path: Path) -> None:
    net = backend("s3", **S3, workspace_key_prefix='"teams"') + NETWORK
    for workspace, status in (("default", "pass"), ("prod", "fail")):
        read = remote_state("s3", f'workspace = "{workspace}"', **S3)
        found = report(tmp_path, {"net/main.tf": net, "ep/main.tf": read + endpoint()})
        assert verdicts(found) == {CORE: status}


@pytest.mark.parametrize(
    ("workspace", "path", "status"),
    [
        ("", "teams/prod/net", "unknown"),
        ("prod", "teams/prod/net", "pass"),
        ("dev", "teams/prod/net", "fail"),
        ("", "teams/prod/other", "fail"),
        ("", "teams/net", "fail"),
        ("default", "net", "pass"),
    ],
)
def test_a_path_below_the_prefix_of_workspaces(tmp_path: Path, workspace: str, path: str, status: str) -> None:
    net = backend("s3", **{**S3, "key": '"net"'}, workspace_key_prefix='"teams"') + NETWORK
    read = remote_state("s3", **{**S3, "key": f'"{path}"'})
    policy = "version: 1\nextends: [aws-baseline]\n"
    if workspace:
        policy += f"roots:\n  net: {{workspace: {workspace}}}\n"
    found = report(tmp_path, {"net/main.tf": net, "ep/main.tf": read + endpoint(), ".vpce-checks.yaml": policy})
    assert verdicts(found) == {CORE: status}


@pytest.mark.parametrize("name", OTHERS)
def test_how_sure_a_state_is(tmp_path: Path, name: str) -> None:
    written, read, status = OTHERS[name]
    found = report(tmp_path, {"net/main.tf": written + NETWORK, "ep/main.tf": read + endpoint()})
    assert verdicts(found) == {CORE: status}


def test_settings_in_a_file_for_init(tmp_path: Path) -> None:
    files = {
        "net/main.tf": backend("s3") + NETWORK,
        "net/prod.s3.tfbackend": 'bucket = "b"\nkey = "net"\n',
        "ep/main.tf": remote_state("s3", **S3) + endpoint(),
    }
    assert verdicts(report(tmp_path, files)) == {CORE: "pass"}
    files["net/dev.s3.tfbackend"] = 'bucket = "b"\nkey = "dev"\n'
    assert verdicts(report(tmp_path, files)) == {CORE: "unknown"}


@pytest.mark.parametrize(
    "vpc",
    [
        "data.terraform_remote_state.net.vpc_id",
        'data.terraform_remote_state.net.outputs["vpc_id"]',
        'lookup(data.terraform_remote_state.net.outputs, "vpc_id", "")',
        "try(data.terraform_remote_state.net.outputs.vpc_id, null)",
        "one([data.terraform_remote_state.net.outputs.vpc_id])",
    ],
)
def test_ways_to_an_output(tmp_path: Path, vpc: str) -> None:
    files = {"net/main.tf": backend("s3", **S3) + NETWORK, "ep/main.tf": remote_state("s3", **S3) + endpoint(vpc)}
    assert verdicts(report(tmp_path, files)) == {CORE: "pass"}


def test_the_evidence_names_both_files(tmp_path: Path) -> None:
    files = {"net/main.tf": backend("s3", **S3) + NETWORK, "ep/main.tf": remote_state("s3", **S3) + endpoint()}
    found = report(tmp_path, files)
    steps = "\n".join(why(found, "aws_vpc.core"))
    assert "satisfied by ep:aws_vpc_endpoint.s3" in steps
    assert "data.terraform_remote_state.net is read here (ep/main.tf:2)" in steps
    assert "this is the state (backend s3) of net (net/main.tf:2)" in steps
    (row,) = found["endpoints"]
    assert (row["vpc"], row["vpc_root"]) == ("aws_vpc.core", "net")


def test_two_roots_with_one_key(tmp_path: Path) -> None:
    net = backend("s3", **S3) + NETWORK
    files = {"net/main.tf": net, "twin/main.tf": net, "ep/main.tf": remote_state("s3", **S3) + endpoint()}
    found = report(tmp_path, files)
    assert verdicts(found) == {CORE: "unknown", "twin:aws_vpc.core": "unknown"}
    steps = "\n".join(why(found, "aws_vpc.core"))
    assert "data.terraform_remote_state.net may be the state (backend s3) of net (net/main.tf:2)" in steps
    assert "data.terraform_remote_state.net may be the state (backend s3) of twin (twin/main.tf:2)" in steps


def test_many_candidates_are_counted_and_named(tmp_path: Path) -> None:
    roots = [f"net{number}" for number in range(12)]
    files = {f"{root}/main.tf": backend("s3") + NETWORK for root in roots}
    found = report(tmp_path, {**files, "ep/main.tf": remote_state("s3", **S3) + endpoint()})
    steps = why(found, "aws_vpc.core")
    state = "data.terraform_remote_state.net"
    assert f"{state} may be the state (backend s3) of net0 (net0/main.tf:2)" in steps
    (others,) = [step for step in steps if "may also be" in step]
    assert others.startswith(
        f"{state} may also be one of 10 others: the state (backend s3) of net10 (net10/main.tf:2), "
    )
    assert others.endswith("and 2 more (ep/main.tf:2)")
    assert any(step.startswith("the code does not set key of the backend (net0/main.tf:2)") for step in steps)


def test_a_name_that_is_no_string(tmp_path: Path) -> None:
    read = remote_state("remote", organization='["o"]', workspaces='{ name = "net" }')
    found = report(tmp_path, {"net/main.tf": CLOUD + NETWORK, "ep/main.tf": read + endpoint()})
    reason = "the name of the organization or of the workspace is not a string (ep/main.tf:2)"
    assert reason in why(found, "aws_vpc.core")


@pytest.mark.parametrize("count", [3, 30])
def test_several_files_for_init(tmp_path: Path, count: int) -> None:
    """The reason names them. Files past the bound may hold the right settings."""
    files = {f"net/{n:02}.tfbackend": f'bucket = "b"\nkey = "other{n}"\n' for n in range(count - 1)}
    files["net/99.tfbackend"] = 'bucket = "b"\nkey = "net"\n'
    files |= {"net/main.tf": backend("s3") + NETWORK, "ep/main.tf": remote_state("s3", **S3) + endpoint()}
    found = report(tmp_path, files)
    assert verdicts(found) == {CORE: "unknown"}
    (reason,) = [step for step in why(found, "aws_vpc.core") if "-backend-config" in step]
    assert f"any of {count} files by -backend-config: 00.tfbackend, 01.tfbackend" in reason
    assert reason.endswith("(net/main.tf:2)")


def test_values_that_decide_what_exists(tmp_path: Path) -> None:
    switch = "count = data.terraform_remote_state.net.outputs.on ? 1 : 0"
    for value, status in (("true", "pass"), ("false", "fail")):
        files = {
            "net/main.tf": backend("s3", **S3) + NETWORK + f'output "on" {{\n  value = {value}\n}}\n',
            "ep/main.tf": remote_state("s3", **S3) + endpoint(more=switch),
        }
        assert verdicts(report(tmp_path, files)) == {CORE: status}


def test_a_state_passed_on(tmp_path: Path) -> None:
    files = {
        "net/main.tf": backend("s3", **S3) + NETWORK,
        "mid/main.tf": backend("s3", bucket='"b"', key='"mid"')
        + remote_state("s3", **S3)
        + 'output "all" {\n  value = data.terraform_remote_state.net.outputs\n}\n',
        "ep/main.tf": remote_state("s3", bucket='"b"', key='"mid"')
        + endpoint("data.terraform_remote_state.net.outputs.all.vpc_id"),
    }
    assert verdicts(report(tmp_path, files)) == {CORE: "pass"}


def test_states_that_wait_for_each_other(tmp_path: Path) -> None:
    files = {
        "a/main.tf": backend("s3", **S3)
        + remote_state("s3", bucket='"b"', key='"other"')
        + 'output "vpc_id" {\n  value = data.terraform_remote_state.net.outputs.vpc_id\n}\n'
        + endpoint(),
        "b/main.tf": backend("s3", bucket='"b"', key='"other"')
        + remote_state("s3", **S3)
        + 'output "vpc_id" {\n  value = data.terraform_remote_state.net.outputs.vpc_id\n}\n'
        + 'resource "aws_vpc" "own" {\n  cidr_block = "10.0.0.0/16"\n}\n',
    }
    assert verdicts(report(tmp_path, files)) == {"b:aws_vpc.own": "unknown"}


def test_the_own_state(tmp_path: Path) -> None:
    files = {"net/main.tf": backend("s3", **S3) + remote_state("s3", **S3) + NETWORK + endpoint().replace(PROVIDER, "")}
    assert verdicts(report(tmp_path, files)) == {CORE: "pass"}


def test_a_state_that_a_module_reads(tmp_path: Path) -> None:
    module = 'variable "key" {}\n' + remote_state("s3", bucket='"b"', key="var.key") + endpoint().replace(PROVIDER, "")
    files = {
        "net/main.tf": backend("s3", **S3) + NETWORK,
        "modules/ep/main.tf": module,
        "ep/main.tf": PROVIDER + 'module "ep" {\n  source = "../modules/ep"\n  key    = "net"\n}\n',
    }
    assert verdicts(report(tmp_path, files)) == {CORE: "pass"}


def test_in_json(tmp_path: Path) -> None:
    document = {
        "data": {"terraform_remote_state": {"net": {"backend": "s3", "config": {"bucket": "b", "key": "net"}}}},
        "resource": {
            "aws_vpc_endpoint": {
                "s3": {"vpc_id": f"${{{REMOTE}}}", "service_name": "com.amazonaws.eu-west-1.s3", "route_table_ids": []}
            }
        },
    }
    files = {"net/main.tf": backend("s3", **S3) + NETWORK, "ep/main.tf.json": json.dumps(document)}
    assert verdicts(report(tmp_path, files)) == {CORE: "pass"}


def test_outputs_of_a_workspace(tmp_path: Path) -> None:
    data = 'data "tfe_outputs" "net" {\n  organization = "o"\n  workspace    = "%s"\n}\n'
    for workspace, status in (("net", "pass"), ("app", "fail")):
        files = {
            "net/main.tf": CLOUD + NETWORK,
            "ep/main.tf": data % workspace + endpoint("data.tfe_outputs.net.values.vpc_id"),
        }
        assert verdicts(report(tmp_path, files)) == {CORE: status}


def test_a_scan_of_one_root_reads_those_that_it_is_joined_with(tmp_path: Path) -> None:
    files = {"net/main.tf": backend("s3", **S3) + NETWORK, "ep/main.tf": remote_state("s3", **S3) + endpoint()}
    for path in ("net", "net/main.tf"):
        found = report(tmp_path, files, path=path)
        assert verdicts(found) == {CORE: "pass"}
        assert [root["path"] for root in found["roots"]] == ["net"]


def test_a_root_in_several_workspaces(tmp_path: Path) -> None:
    net, prod = backend("s3", **S3) + NETWORK, remote_state("s3", 'workspace = "prod"', **S3) + endpoint()
    assert verdicts(report(tmp_path, {"net/main.tf": net, "prod/main.tf": prod})) == {CORE: "pass"}
    dev = remote_state("s3", 'workspace = "dev"', **S3) + PROVIDER
    dev += 'resource "aws_security_group" "app" {\n  vpc_id = data.terraform_remote_state.net.outputs.vpc_id\n}\n'
    assert verdicts(report(tmp_path, {"dev/main.tf": dev})) == {CORE: "unknown"}


def test_an_unrelated_root_changes_nothing(tmp_path: Path) -> None:
    files = {"net/main.tf": backend("s3", **S3) + NETWORK, "ep/main.tf": remote_state("s3", **S3) + endpoint()}
    before = report(tmp_path, files)["results"]
    after = report(tmp_path, {"other/main.tf": backend("s3", bucket='"b"', key='"other"') + NETWORK})["results"]
    assert [each for each in after if each["root"] != "other"] == before


HUB = """
resource "aws_vpc_endpoint" "kms" {
  vpc_id              = aws_vpc.core.id
  service_name        = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = false
}
output "dns" {
  value = aws_vpc_endpoint.kms.dns_entry[0]
}
"""
ZONES = """
resource "aws_route53_zone" "kms" {
  name = "kms.eu-west-1.amazonaws.com"
  vpc {
    vpc_id = data.terraform_remote_state.spoke.outputs.vpc_id
  }
}
resource "aws_route53_record" "kms" {
  zone_id = aws_route53_zone.kms.zone_id
  name    = ""
  type    = "A"
  alias {
    name                   = data.terraform_remote_state.net.outputs.dns.dns_name
    zone_id                = data.terraform_remote_state.net.outputs.dns.hosted_zone_id
    evaluate_target_health = false
  }
}
"""


@pytest.mark.parametrize(("zones", "status"), [(ZONES, "pass"), (ZONES.replace('"kms.', '"sqs.'), "fail")])
def test_zones_of_a_third_root_lead_to_a_hub(tmp_path: Path, zones: str, status: str) -> None:
    state = {"bucket": '"b"', "key": '"spoke"'}
    both = remote_state("s3", **S3) + remote_state("s3", **state).replace('"net"', '"spoke"')
    found = report(
        tmp_path,
        {
            "hub/main.tf": backend("s3", **S3) + NETWORK + HUB,
            "spoke/main.tf": backend("s3", **state)
            + NETWORK.replace("10.0.", "10.1.").replace("  tags ", "  enable_dns_hostnames = true\n  tags "),
            "zones/main.tf": PROVIDER + both + zones,
        },
        "--require=kms",
    )
    assert verdicts(found, "VPCE003")["spoke:aws_vpc.core"] == status


APP = """
resource "aws_ecs_task_definition" "app" {
  family                   = "app"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  container_definitions    = jsonencode([{ name = "app", image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1" }])
}
resource "aws_ecs_service" "app" {
  name            = "app"
  task_definition = aws_ecs_task_definition.app.arn
  launch_type     = "FARGATE"
  network_configuration {
    subnets = [data.terraform_remote_state.net.outputs.subnet_id]
  }
}
"""
ROOM = """
resource "aws_subnet" "private" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_route_table_association" "private" {
  subnet_id      = aws_subnet.private.id
  route_table_id = aws_route_table.private.id
}
output "subnet_id" {
  value = aws_subnet.private.id
}
"""


def test_workloads_of_another_root_call_from_the_subnets_of_this_one(tmp_path: Path) -> None:
    files = {
        "net/main.tf": backend("s3", **S3) + NETWORK + ROOM,
        "app/main.tf": PROVIDER + remote_state("s3", **S3) + APP,
    }
    found = report(tmp_path, files)
    assert verdicts(found, "VPCE017") == {"net:app:aws_ecs_service.app": "fail"}
    assert verdicts(report(tmp_path, {**files, "app/main.tf": PROVIDER + APP}), "VPCE017") == {}


@pytest.mark.parametrize("path", [".", "b"])
def test_the_endpoint_of_the_later_root_is_refused(tmp_path: Path, path: str) -> None:
    both = (
        PROVIDER
        + remote_state("s3", **S3)
        + """
resource "aws_vpc_endpoint" "kms" {
  vpc_id              = data.terraform_remote_state.net.outputs.vpc_id
  service_name        = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
}
"""
    )
    found = report(
        tmp_path, {"net/main.tf": backend("s3", **S3) + NETWORK, "a/main.tf": both, "b/main.tf": both}, path=path
    )
    assert verdicts(found, "VPCE010") == {
        f"{found['roots'][-1 if path == 'b' else 1]['path']}:aws_vpc_endpoint.kms": "fail"
    }


@pytest.mark.parametrize("prefix", ["net/", "/net"])
def test_slashes_around_a_prefix_of_gcs_do_not_count(tmp_path: Path, prefix: str) -> None:
    files = {
        "net/main.tf": backend("gcs", bucket='"b"', prefix='"net"') + NETWORK,
        "app/main.tf": PROVIDER + remote_state("gcs", bucket='"b"', prefix=f'"{prefix}"') + endpoint(REMOTE),
    }
    assert verdicts(report(tmp_path, files)) == {CORE: "pass"}


def test_a_fix_names_no_object_of_another_root(tmp_path: Path) -> None:
    """The route tables of the VPC are in the root that creates it: code here cannot name them."""
    bare = endpoint().replace('  route_table_ids = ["rtb-0123456789abcdef0"]\n', "")
    read = remote_state("s3", **S3) + bare
    found = report(tmp_path, {"net/main.tf": backend("s3", **S3) + NETWORK, "ep/main.tf": read})
    fix = next(each["fix"] for each in found["results"] if each["rule"] == "VPCE007" and each["root"] == "ep")
    assert fix == "associate the endpoint with every private route table of its VPC"


STACK = 'resource "aws_cloudformation_stack" "ep" {{\n  name = "ep"\n  template_body = {body}\n  parameters = {{ Vpc = {vpc} }}\n}}\n'
"""A stack whose template has an endpoint."""


@pytest.mark.parametrize("root", ["ep", "live/ep"])
def test_a_stack_of_a_template_that_is_a_root_of_its_own(tmp_path: Path, root: str) -> None:
    """The endpoint is judged in the root of the template. It counts for the VPC of a third root."""
    stack = STACK.format(body='file("${path.module}/ep.yaml")', vpc=REMOTE)
    code = {
        "main.tf": PROVIDER + remote_state("s3", **S3) + stack,
        "ep.yaml": importer("!Ref Vpc", "Parameters: {Vpc: {Type: String}}\n"),
    }
    files = {"net/main.tf": backend("s3", **S3) + NETWORK, **{f"ep/{name}": text for name, text in code.items()}}
    if root != "ep":
        files |= {"live/ep/terragrunt.hcl": 'terraform {\n  source = "../../ep"\n}\n'}
    found = report(tmp_path, files)
    assert verdicts(found) == {CORE: "pass"}
    assert {each["root"] for each in found["results"] if each["resource"].endswith("S3")} == {"ep/ep.yaml"}


ATMOS = 'module "net" {\n  source    = "%s"\n  component = "net"\n  %s\n}\n'
REMOTE_STATE = "cloudposse/stack-config/yaml//modules/remote-state"
IN_GIT = "git::https://github.com/cloudposse/terraform-yaml-stack-config.git//modules/remote-state?ref=1.5.0"


@pytest.mark.parametrize(
    ("source", "more", "output", "status"),
    [
        (REMOTE_STATE, 'version = "1.8.0"', "vpc_id", "unknown"),
        (REMOTE_STATE, 'version = "1.8.0"', "network_id", "unknown"),
        (REMOTE_STATE, 'version = "1.8.0"\n  bypass = true\n  defaults = { vpc_id = "vpc-1" }', "vpc_id", "fail"),
        (IN_GIT, "", "vpc_id", "unknown"),
    ],
)
def test_a_state_that_the_yaml_of_atmos_names(tmp_path: Path, source: str, more: str, output: str, status: str) -> None:
    """A published module reads it. Which one that is, a provider reads from the stacks."""
    code = ATMOS % (source, more) + endpoint(f"module.net.outputs.{output}")
    found = report(tmp_path, {"net/main.tf": NETWORK, "ep/main.tf": code})
    assert verdicts(found) == {"net:aws_vpc.core": status}
    assert not [each for each in found["results"] if each["rule"] == "VPCE011"]
