"""Verdicts with downloaded modules, through the command line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import Result, cli
from tests.terraform.configurations import write
from tests.terraform.sources.download.servers import GATEWAYS, VPC, Reply, Server, call, commit, tar_of

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    directory = tmp_path / "repository"
    (directory / ".git").mkdir(parents=True)
    return directory


def scanned(root: Path, *arguments: str) -> tuple[Result, dict[str, Any]]:
    """A scan with downloads, and its report."""
    result = cli("scan", "--download-modules", "--format", "json", "--jobs", "1", *arguments, cwd=root)
    return result, json.loads(result.out)


def statuses(report: dict[str, Any]) -> dict[str, str]:
    """The verdict on the S3 gateway, by VPC."""
    return {item["vpc"]: item["status"] for item in report["results"] if item["rule"] == "VPCE001"}


def warnings(report: dict[str, Any]) -> list[str]:
    return [f"{d['file']}:{d['line']} {d['message']}" for r in report["roots"] for d in r["diagnostics"]]


def test_nothing_is_downloaded_unless_it_is_asked_for(root: Path, registry: Server, environment: Path) -> None:
    write(root, {"main.tf": PROVIDER + call(f"{registry.host}/acme/net/aws")})
    (root / ".vpce-checks.yaml").write_text("version: 1\n")
    cli("scan", cwd=root)
    cli("modules", cwd=root)
    assert not registry.asked and not environment.exists()


def test_a_plain_scan_does_not_pay_for_it(root: Path) -> None:
    write(root, {"main.tf": PROVIDER + call("acme/net/aws")})
    code = (
        "import sys; from vpce_checks.cli.main import main; main(['scan', '.']); "
        "print([name for name in sys.modules if '.download' in name or name in ('ssl', 'urllib.request')])"
    )
    paths = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=paths, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("key", ["download_modules: true", "download-modules: true", "modules: {download: true}"])
def test_a_policy_cannot_ask_for_it(root: Path, registry: Server, environment: Path, key: str) -> None:
    write(root, {"main.tf": call(f"{registry.host}/acme/net/aws"), ".vpce-checks.yaml": f"version: 1\n{key}\n"})
    assert cli("scan", cwd=root).code == 2 or not environment.exists()
    assert not registry.asked and not environment.exists()


def test_verdicts(root: Path, registry: Server, shelf: Path) -> None:
    """One of git, one of a registry, which is more than was known, and passes or fails for certain."""
    commit(shelf / "good", {"net/main.tf": GATEWAYS}, "v1")
    commit(shelf / "bad", {"main.tf": VPC}, "v1.0.0")
    registry.publish("acme/bad/aws", "1.0.0", f"git::{(shelf / 'bad').as_uri()}?ref=v1.0.0")
    good = call(f"git::{(shelf / 'good').as_uri()}//net?ref=v1", name="good")
    write(root, {"main.tf": PROVIDER + good + call(f"{registry.host}/acme/bad/aws", "~> 1.0", "bad")})
    assert cli("scan", cwd=root).code == 0
    result, report = scanned(root)
    assert result.code == 1 and not warnings(report)
    assert statuses(report) == {"module.good.aws_vpc.this": "pass", "module.bad.aws_vpc.this": "fail"}


def test_modules_of_modules(root: Path, registry: Server, shelf: Path) -> None:
    """By path inside of what came, by registry, by git."""
    commit(shelf / "leaf", {"main.tf": GATEWAYS})
    registry.publish("acme/leaf/aws", "1.0.0", f"git::{(shelf / 'leaf').as_uri()}")
    middle = {
        "modules/outer/main.tf": call("../inner", name="inner"),
        "modules/inner/main.tf": call(f"{registry.host}/acme/leaf/aws", "1.0.0", "leaf"),
    }
    commit(shelf / "middle", middle)
    write(root, {"main.tf": PROVIDER + call(f"git::{(shelf / 'middle').as_uri()}//modules/outer", name="outer")})
    result, report = scanned(root)
    assert statuses(report) == {"module.outer.module.inner.module.leaf.aws_vpc.this": "pass"}
    assert result.code == 0 and not warnings(report)


def test_modules_that_call_each_other(root: Path, shelf: Path) -> None:
    source = f"git::{(shelf / 'loop').as_uri()}"
    inputs = 'variable "vpc_id" {\n  default = null\n}\n'
    commit(shelf / "loop", {"main.tf": inputs + call(source, name="again", vpc_id="aws_vpc.this.id") + VPC})
    write(root, {"main.tf": PROVIDER + call(source)})
    result, report = scanned(root)
    assert result.code == 1 and "unknown" in statuses(report).values() and not warnings(report)


def test_modules_without_end(root: Path, registry: Server) -> None:
    """Every module calls the next one: it ends, and says where."""
    for number in range(40):
        place = f"/{number}.tgz"
        registry.publish(f"acme/m{number}/aws", "1.0.0", place)
        registry.replies[place] = Reply(
            body=tar_of(
                {
                    "main.tf": 'variable "vpc_id" {}\n'
                    + call(f"{registry.host}/acme/m{number + 1}/aws", "1.0.0", vpc_id="var.vpc_id")
                }
            )
        )
    write(root, {"main.tf": VPC + call(f"{registry.host}/acme/m0/aws", "1.0.0", vpc_id="aws_vpc.this.id")})
    result, report = scanned(root)
    assert result.code == 3 and statuses(report) == {"aws_vpc.this": "unknown"}
    assert len(warnings(report)) == 1 and "call each other more than 12 deep" in warnings(report)[0]


def test_only_so_many_modules(root: Path, registry: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vpce_checks.terraform.sources.download.rounds.MAX_MODULES", 2)
    registry.replies["/m.tgz"] = Reply(body=tar_of({"main.tf": VPC}))
    calls = [call(f"{registry.url}/m.tgz?n={number}", name=f"m{number}") for number in range(4)]
    write(root, {"main.tf": PROVIDER + "".join(calls)})
    _, report = scanned(root)
    assert len(warnings(report)) == 2 and "no more than 2 modules are downloaded" in warnings(report)[0]


def test_what_fails_stays_closed_and_says_so(root: Path, registry: Server) -> None:
    source = f"git::http://me:s3cr3t@{registry.host}/acme/net.git"
    calls = call(source, name="git", vpc_id="aws_vpc.this.id") + call(f"{registry.host}/acme/net/aws")
    write(root, {"main.tf": PROVIDER + VPC + calls})
    before = cli("scan", "--format", "json", cwd=root)
    result, report = scanned(root)
    assert result.code == 3 and before.code == 0
    assert statuses(report) == {"aws_vpc.this": "unknown"} == statuses(json.loads(before.out))
    assert {item["severity"] for entry in report["roots"] for item in entry["diagnostics"]} == {"error"}
    second, first = sorted(warnings(report))
    assert first.startswith("main.tf:7 ") and "could not be downloaded: git ls-remote failed" in first
    assert second.startswith("main.tf:11 ") and f"{registry.host} has no module acme/net/aws" in second
    assert "--module-source" in first
    assert "s3cr3t" not in result.out + result.err
    assert cli("scan", "--download-modules", "--strict", cwd=root).code == 3


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github", "gitlab", "markdown"])
def test_a_download_that_fails_is_an_error_in_every_format(root: Path, form: str) -> None:
    write(root, {"main.tf": PROVIDER + VPC + call("127.0.0.1:9/acme/net/aws")})
    result = cli("scan", "--download-modules", "--format", form, "--jobs", "1", cwd=root)
    assert result.code == 3
    assert "could not be downloaded" in result.out and "main.tf" in result.out


def test_a_stub_stands_in_for_what_fails_and_gives_way_to_what_comes(
    root: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = shelf / "acme" / "terraform-aws-vpc.git"
    commit(directory, {"main.tf": GATEWAYS}, "v5.1.0")
    rewritten = shelf / "gitconfig"
    rewritten.write_text(f'[url "{shelf.as_uri()}/acme/"]\n  insteadOf = https://github.com/terraform-aws-modules/\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(rewritten))
    source = "git::https://github.com/terraform-aws-modules/terraform-aws-vpc.git?ref=v5.1.0"
    write(root, {"main.tf": PROVIDER + call(source, name="vpc")})
    # git is let go to https and ssh only, whatever it rewrites: so this one fails ...
    result, report = scanned(root)
    assert "vpce-checks uses its stub of terraform-aws-modules/vpc/aws 5.1.0 instead" in warnings(report)[0]
    assert statuses(report) == {"module.vpc.aws_vpc.this[0]": "fail"} and result.code == 3
    # ... and comes once its protocol is let through.
    from vpce_checks.terraform.sources.download import git

    allowed = git._environment

    def with_files(*arguments: Any) -> dict[str, str]:
        return {**allowed(*arguments), "GIT_ALLOW_PROTOCOL": "file:https:ssh"}

    monkeypatch.setattr(git, "_environment", with_files)
    result, report = scanned(root)
    assert statuses(report) == {"module.vpc.aws_vpc.this": "pass"} and not warnings(report)


def test_what_the_user_gives_and_what_is_installed_comes_first(root: Path, server: Server) -> None:
    installed = {"Modules": [{"Key": "installed", "Source": "x", "Dir": ".terraform/modules/installed"}]}
    write(
        root,
        {
            "main.tf": PROVIDER
            + call(f"{server.url}/given.zip", name="given")
            + call(f"{server.url}/installed.zip", name="installed"),
            "own/main.tf": VPC,
            ".terraform/modules/modules.json": json.dumps(installed),
            ".terraform/modules/installed/main.tf": VPC,
        },
    )
    _, report = scanned(root, "--module-source", f"{server.url}/given.zip=own")
    assert set(statuses(report)) == {"module.given.aws_vpc.this", "module.installed.aws_vpc.this"}
    assert not server.asked


def test_a_module_that_leads_out_of_what_came(root: Path, shelf: Path, tmp_path: Path) -> None:
    """By path, or by a link: nothing of this machine is read."""
    write(tmp_path / "secret", {"main.tf": GATEWAYS})
    files = {"main.tf": call("../../../../secret", name="path") + call("./link", name="link")}
    commit(shelf / "net", files)
    os.symlink(tmp_path / "secret", shelf / "net" / "link")
    os.symlink(tmp_path / "secret" / "main.tf", shelf / "net" / "other.tf")
    commit(shelf / "net", {})
    write(root, {"main.tf": PROVIDER + VPC + call(f"git::{(shelf / 'net').as_uri()}")})
    result, report = scanned(root)
    assert statuses(report) == {"aws_vpc.this": "unknown"}
    assert result.code == 3 and "a link that leads outside" in " ".join(warnings(report))


def test_a_module_reads_its_own_files(root: Path, shelf: Path, tmp_path: Path) -> None:
    """And no other."""
    (tmp_path / "secret.json").write_text('["s3", "dynamodb"]')
    code = """
locals {
  listed = jsondecode(file("${path.module}/services.json"))
  found  = [for name in fileset(path.module, "services/*") : basename(name)]
  secret = jsondecode(file("${path.module}/../../../secret.json"))
}

resource "aws_vpc_endpoint" "gateway" {
  for_each        = toset(local.WHICH)
  vpc_id          = aws_vpc.this.id
  service_name    = "com.amazonaws.eu-west-1.${each.key}"
  route_table_ids = [aws_route_table.private.id]
}
"""
    rest = GATEWAYS.partition('resource "aws_vpc_endpoint"')[0]
    files = {"services.json": '["s3", "dynamodb"]', "services/s3": "", "services/dynamodb": ""}
    for which, status in (("listed", "pass"), ("found", "pass"), ("secret", "unknown")):
        commit(shelf / which, {"main.tf": rest + code.replace("WHICH", which), **files})
        write(root, {"main.tf": PROVIDER + call(f"git::{(shelf / which).as_uri()}")})
        assert statuses(scanned(root)[1]) == {"module.net.aws_vpc.this": status}


def test_modules_command(root: Path, registry: Server, shelf: Path) -> None:
    commit(shelf / "net", {"main.tf": VPC}, "v1.0.0")
    registry.publish("acme/net/aws", "1.0.0", f"git::{(shelf / 'net').as_uri()}?ref=v1.0.0")
    text = call(f"{registry.host}/acme/net/aws", "1.0.0") + call(f"{registry.host}/acme/none/aws", name="none")
    write(root, {"main.tf": text})
    result = cli("modules", "--download-modules", cwd=root)
    assert result.code == 3
    assert f"{registry.host}/acme/net/aws 1.0.0: downloaded, acme/net/aws 1.0.0, " in result.out
    assert f"opaque: it could not be downloaded: {registry.host} has no module acme/none/aws" in result.out
    assert "2 module calls: 1 downloaded, 1 opaque" in result.out
    assert "main.tf:5" in result.err
    listed = json.loads(cli("modules", "--download-modules", "--format", "json", cwd=root).out)["modules"]
    assert [entry["resolved"] for entry in listed] == ["downloaded", "opaque"]
    assert listed[0]["known_as"] == "acme/net/aws 1.0.0" and os.path.isdir(root / listed[0]["directory"])


def test_without_a_network_the_second_time(root: Path, registry: Server, shelf: Path) -> None:
    commit(shelf / "net", {"main.tf": GATEWAYS}, "v1.0.0")
    registry.publish("acme/net/aws", "1.0.0", f"git::{(shelf / 'net').as_uri()}?ref=v1.0.0")
    git = call(f"git::{(shelf / 'net').as_uri()}?ref=v1.0.0", name="git")
    write(root, {"main.tf": PROVIDER + git + call(f"{registry.host}/acme/net/aws", "1.0.0")})
    first, _ = scanned(root)
    registry.close()
    shutil.rmtree(shelf / "net")
    second, report = scanned(root)
    assert first == second and set(statuses(report).values()) == {"pass"}


def test_a_directory_inside_of_what_is_scanned(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, {"main.tf": VPC})
    monkeypatch.setenv("VPCE_CHECKS_MODULE_CACHE", str(root / "modules"))
    for command in ("scan", "modules"):
        result = cli(command, "--download-modules", cwd=root)
        assert result.code == 2 and "inside of what is scanned" in result.err
    assert not (root / "modules").exists()


def test_a_mistake_in_what_is_local(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, {"main.tf": VPC})
    monkeypatch.setenv("VPCE_CHECKS_LOCAL_MODULES", "/srv/git")
    result = cli("scan", "--download-modules", cwd=root)
    assert result.code == 2 and "VPCE_CHECKS_LOCAL_MODULES takes" in result.err


def test_where_downloads_are_kept(root: Path, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VPCE_CHECKS_MODULE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    server.replies["/m.tgz"] = Reply(body=tar_of({"main.tf": VPC}))
    write(root, {"main.tf": call(f"{server.url}/m.tgz")})
    scanned(root)
    (package,) = (tmp_path / "caches" / "vpce-checks" / "modules" / "packages").iterdir()
    assert (package / "main.tf").read_text() == VPC
    assert (tmp_path / "caches" / "vpce-checks" / "modules").stat().st_mode & 0o077 == 0


def test_verdicts_kept_by_what_was_downloaded(root: Path, shelf: Path, tmp_path: Path) -> None:
    """With --cache: a branch that has moved on gives another verdict."""
    commit(shelf / "net", {"main.tf": VPC})
    write(root, {"main.tf": PROVIDER + call(f"git::{(shelf / 'net').as_uri()}")})
    kept = ("--cache", str(tmp_path / "verdicts"))
    for _ in range(2):
        assert statuses(scanned(root, *kept)[1]) == {"module.net.aws_vpc.this": "fail"}
    commit(shelf / "net", {"main.tf": GATEWAYS})
    for _ in range(2):
        assert statuses(scanned(root, *kept)[1]) == {"module.net.aws_vpc.this": "pass"}
    assert "unknown" not in cli("scan", *kept, "--format", "json", cwd=root).out.partition('"summary"')[0]
    without = json.loads(cli("scan", "--format", "json", *kept, cwd=root).out)
    assert statuses(without) == {}


def test_several_processes_of_one_scan(root: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vpce_checks.execution.workers.PATIENCE", -1.0)
    commit(shelf / "net", {"main.tf": GATEWAYS}, "v1")
    for name in ("a", "b", "c"):
        write(root, {f"{name}/main.tf": PROVIDER + call(f"git::{(shelf / 'net').as_uri()}?ref=v1", name=name)})
    result, report = scanned(root, "--jobs", "2")
    assert result.code == 0 and set(statuses(report).values()) == {"pass"} and len(statuses(report)) == 3


def test_terragrunt(root: Path, registry: Server, shelf: Path) -> None:
    """The module that a unit names, and those that this one calls."""
    commit(shelf / "leaf", {"main.tf": GATEWAYS}, "v1.0.0")
    registry.publish("acme/leaf/aws", "1.0.0", f"git::{(shelf / 'leaf').as_uri()}?ref=v1.0.0")
    commit(shelf / "live", {"net/main.tf": PROVIDER + call(f"{registry.host}/acme/leaf/aws", "1.0.0")}, "v1")
    source = f"git::{(shelf / 'live').as_uri()}//net?ref=v1"
    write(root, {"prod/terragrunt.hcl": f'terraform {{\n  source = "{source}"\n}}\n'})
    result, report = scanned(root)
    assert result.code == 0 and not warnings(report)
    assert list(statuses(report).values()) == ["pass"]
    listed = json.loads(cli("modules", "--download-modules", "--format", "json", cwd=root).out)["modules"]
    assert [entry["resolved"] for entry in listed] == ["downloaded", "downloaded"]


def test_what_was_so_before(tmp_path: Path, shelf: Path) -> None:
    """With --changed-since: a failure inside of a downloaded module is new only where its call is."""
    commit(shelf / "net", {"main.tf": VPC}, "v1")
    source = f"git::{(shelf / 'net').as_uri()}?ref=v1"
    directory = tmp_path / "changing"
    first = commit(directory, {"main.tf": PROVIDER + call(source, name="old")})
    commit(directory, {"more.tf": call(source, name="new")})
    _, report = scanned(directory, "--changed-since", first)
    assert statuses(report) == {"module.old.aws_vpc.this": "ignored", "module.new.aws_vpc.this": "fail"}


def test_only_what_a_change_reaches_is_downloaded(root: Path, server: Server) -> None:
    server.replies["/m.tgz"] = Reply(body=tar_of({"main.tf": VPC}))
    for name in ("a", "b"):
        write(root, {f"{name}/main.tf": PROVIDER + call(f"{server.url}/m.tgz?{name}=1", name=name)})
    cli("scan", "--download-modules", "--changed-files", "a/main.tf", cwd=root)
    assert [asked.path for asked in server.asked] == ["/m.tgz?a=1"]


def test_interrupted(root: Path, environment: Path, tmp_path: Path) -> None:
    """Nothing goes on, and nothing is left behind."""
    ssh = tmp_path / "ssh"
    beats = tmp_path / "beats"
    ssh.write_text(f"#!/bin/sh\nfor beat in $(seq 1000); do echo >> {beats}; sleep 0.05; done\n")
    ssh.chmod(0o755)
    write(root, {"main.tf": call("git@git.example.com:acme/net.git")})
    variables = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4]), "GIT_SSH_COMMAND": str(ssh)}
    command = [sys.executable, "-m", "vpce_checks", "scan", "--download-modules"]
    scan = subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, env=variables, text=True)
    while not beats.exists() and scan.poll() is None:
        time.sleep(0.01)
    scan.send_signal(signal.SIGINT)
    assert scan.communicate(timeout=30)[1] == "vpce-checks: interrupted\n" and scan.returncode == 130
    last = beats.stat().st_size
    time.sleep(0.3)
    assert beats.stat().st_size == last
    assert not list((environment / "work").iterdir())


def test_several_scans_at_once(root: Path, registry: Server, shelf: Path, environment: Path) -> None:
    """Each has a whole module, whoever was first, and what one left over nobody sees."""
    files = {f"{number}.tf": f"locals {{\n  n{number} = {number}\n}}\n" for number in range(150)}
    commit(shelf / "net", {"main.tf": GATEWAYS, **files}, "v1.0.0")
    registry.publish("acme/net/aws", "1.0.0", f"git::{(shelf / 'net').as_uri()}?ref=v1.0.0")
    registry.replies["/m.tgz"] = Reply(body=tar_of({"main.tf": GATEWAYS, **files}))
    calls = call(f"{registry.host}/acme/net/aws", "1.0.0") + call(f"{registry.url}/m.tgz", name="archive")
    write(root, {"main.tf": PROVIDER + calls})
    command = [sys.executable, "-m", "vpce_checks", "scan", "--download-modules", "--format", "json", "--jobs", "1"]
    paths = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    scans = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, env=paths) for _ in range(4)]
    outputs = {scan.communicate(timeout=60)[0] for scan in scans}
    assert len(outputs) == 1 and {scan.returncode for scan in scans} == {0}
    assert set(statuses(json.loads(outputs.pop())).values()) == {"pass"}
    assert len(list((environment / "packages").iterdir())) == 2 and not list((environment / "work").iterdir())
