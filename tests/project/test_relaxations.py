"""A change that turns off what would have found it says so in its report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import MISSING, Result, cli
from tests.tools.environments import git

MARK = "this change also relaxes the policy: "
TEMPLATE = "Resources:\n  Main:\n    Type: AWS::EC2::VPC\n{}    Properties: {{CidrBlock: 10.0.0.0/16}}\n"
POLICY = "version: 1\nrequired: {gateway: [], interface: [kms]}\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "main.tf").write_text(MISSING)
    (tmp_path / ".vpce-checks.yaml").write_text(POLICY)
    (tmp_path / "template.yaml").write_text(TEMPLATE.format(""))
    commit(tmp_path)
    return tmp_path


def commit(repository: Path) -> None:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "a change")


def report(repository: Path, *options: str, format: str = "json") -> Result:
    return cli("scan", "--changed-since", "HEAD", "--format", format, *options, cwd=repository)


def relaxed(repository: Path, *options: str) -> list[tuple[str, int, str]]:
    """File, line and what is relaxed, of each warning of that kind."""
    result = report(repository, *options)
    document = json.loads(result.out)
    return [
        (item["file"], item["line"], item["message"].removeprefix(MARK))
        for root in document["roots"]
        for item in root["diagnostics"]
        if item["message"].startswith(MARK)
    ]


def test_nothing_is_relaxed(repository: Path) -> None:
    assert relaxed(repository) == []
    (repository / "main.tf").write_text("# vpce-checks\n" + MISSING)
    (repository / ".vpce-checks.yaml").write_text("# in other words\n" + POLICY)
    assert relaxed(repository) == []


def test_policy(repository: Path) -> None:
    (repository / ".vpce-checks.yaml").write_text(POLICY.replace("[kms]", "[]") + "rules:\n  VPCE004: off\n")
    assert relaxed(repository) == [
        (".vpce-checks.yaml", 1, "kms needs no interface endpoint any more"),
        (".vpce-checks.yaml", 4, "VPCE004 is off"),
    ]
    assert report(repository).code == 0


@pytest.mark.parametrize("format", ["text", "markdown", "github", "sarif", "gitlab", "junit"])
def test_every_format_for_people_says_so(repository: Path, format: str) -> None:
    (repository / ".vpce-checks.yaml").write_text(POLICY + "rules:\n  VPCE004: off\n")
    out = report(repository, format=format).out
    assert f"{MARK}VPCE004 is off" in " ".join(out.split())
    place = {
        "text": ".vpce-checks.yaml:4:",
        "markdown": "warning: `.vpce-checks.yaml:4`",
        "github": "::warning file=.vpce-checks.yaml,line=4,",
    }
    assert place.get(format, "") in out


def test_nothing_else_has_to_be_reported(repository: Path) -> None:
    """A policy for what no root is left of."""
    (repository / "main.tf").unlink()
    (repository / "template.yaml").unlink()
    (repository / ".vpce-checks.yaml").unlink()
    assert relaxed(repository) == [(".vpce-checks.yaml", 1, "kms needs no interface endpoint any more")]


def test_policy_that_is_extended(repository: Path) -> None:
    (repository / "team.yaml").write_text("version: 1\nextends: []\nrequired: {interface: [logs]}\n")
    (repository / ".vpce-checks.yaml").write_text("version: 1\nextends: [./team.yaml]\n")
    commit(repository)
    (repository / "team.yaml").write_text("version: 1\nextends: []\n")
    assert relaxed(repository) == [(".vpce-checks.yaml", 1, "logs needs no interface endpoint any more")]


def test_policy_nearer_by(repository: Path) -> None:
    (repository / "envs").mkdir()
    (repository / "envs" / "main.tf").write_text(MISSING)
    commit(repository)
    (repository / "envs" / ".vpce-checks.yaml").write_text("version: 1\nextends: []\n")
    warning = ("envs/.vpce-checks.yaml", 1, "kms needs no interface endpoint any more")
    assert relaxed(repository) == [warning]
    assert relaxed(repository, "envs") == [warning]
    commit(repository)
    (repository / ".vpce-checks.yaml").write_text("version: 1\nextends: []\n")
    assert relaxed(repository, "envs") == []


def test_named_policy(repository: Path) -> None:
    (repository / "named.yaml").write_text(POLICY)
    commit(repository)
    (repository / "named.yaml").write_text("version: 1\nextends: []\n")
    assert relaxed(repository, "--policy", "named.yaml") == [
        ("named.yaml", 1, "kms needs no interface endpoint any more")
    ]


def test_entries_with_paths_and_modules_are_the_same_in_both(repository: Path) -> None:
    text = POLICY + "vpcs: [{match: {path: a}, exempt: {kms: x}}]\nmodules: {git@example.com:a/b: mod}\n"
    text += "links: [{root: ., input: var.vpc, is: 'mod:aws_vpc.main'}]\n"
    (repository / "mod").mkdir()
    (repository / "mod" / "main.tf").write_text("# nothing\n")
    (repository / ".vpce-checks.yaml").write_text(text)
    commit(repository)
    (repository / ".vpce-checks.yaml").write_text("# words\n" + text)
    assert relaxed(repository) == []


def test_policy_of_before_that_cannot_be_read(repository: Path) -> None:
    (repository / ".vpce-checks.yaml").write_text("version: 2\n")
    commit(repository)
    (repository / ".vpce-checks.yaml").write_text(POLICY)
    assert relaxed(repository) == [(".vpce-checks.yaml", 1, "maybe: the policy of HEAD cannot be read")]


def test_ignores_in_code(repository: Path) -> None:
    lines = MISSING.splitlines()
    lines.insert(
        lines.index('resource "aws_vpc" "main" {') + 1, "  # vpce-checks:ignore VPCE003 the network team said so"
    )
    (repository / "main.tf").write_text("\n".join(lines) + "\n")
    metadata = "    Metadata: {vpce-checks: {ignore: [{rule: VPCE003, reason: later}]}}\n"
    (repository / "template.yaml").write_text(TEMPLATE.format(metadata))
    (repository / "more.tf.json").write_text('{"//": "checkov:skip=VPCE001:why", "locals": {}}')
    expected = [
        ("main.tf", 6, "VPCE003 is ignored in the code: the network team said so"),
        ("template.yaml", 4, "VPCE003 is ignored in the code: later"),
    ]
    assert [item for item in relaxed(repository) if item[0] != "more.tf.json"] == expected


def test_ignores_that_only_move_are_not_told(repository: Path) -> None:
    text = 'resource "aws_vpc" "b" {\n  # vpce-checks:ignore VPCE003 so it is\n}\n'
    (repository / "main.tf").write_text(text)
    commit(repository)
    (repository / "main.tf").write_text("# nothing\n")
    (repository / "other.tf").write_text("\n\n" + text)
    assert relaxed(repository) == []
    (repository / "third.tf").write_text(text.replace('"b"', '"c"'))
    assert relaxed(repository) == [("third.tf", 2, "VPCE003 is ignored in the code: so it is")]


def test_baseline(repository: Path) -> None:
    (repository / "known.json").write_text('{"version": 1, "findings": []}\n')
    commit(repository)
    assert relaxed(repository, "--baseline", "known.json") == []
    (repository / "main.tf").write_text(MISSING.replace("10.0.0.0", "10.1.0.0"))
    assert cli("scan", "--baseline", "known.json", "--write-baseline", cwd=repository).code == 0
    found = relaxed(repository, "--baseline", "known.json")
    assert [(file, message) for file, _, message in found] == [
        ("known.json", "the baseline holds VPCE003 on aws_vpc.main in ."),
        ("known.json", "the baseline holds VPCE003 on Main in template.yaml"),
    ]
    lines = (repository / "known.json").read_text().splitlines()
    assert ["aws_vpc.main" in lines[found[0][1] - 1], "Main" in lines[found[1][1] - 1]] == [True, True]
    assert relaxed(repository) == [], "it is not used"


def test_many_are_counted(repository: Path) -> None:
    entries = "".join(f"- {{rule: VPCE001, resource: a{number}, reason: x}}\n" for number in range(60))
    (repository / ".vpce-checks.yaml").write_text(POLICY + "ignore:\n" + entries)
    found = relaxed(repository)
    assert len(found) == 51
    assert found[-1][2] == "and 10 times more"


def test_links_are_not_followed_outside(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.tf"
    outside.write_text('resource "aws_vpc" "b" {\n  # vpce-checks:ignore VPCE003 a secret\n}\n')
    (repository / "link.tf").symlink_to(outside)
    assert "a secret" not in report(repository).out


NO_ROOT = "this is no root any more, so it is judged only as what calls or lists it makes it"


def test_a_root_that_something_else_calls_now(repository: Path) -> None:
    (repository / "decoy").mkdir()
    call = 'module "all" {\n  source = "../"\n  count  = var.on ? 1 : 0\n}\nvariable "on" {\n  default = false\n}\n'
    (repository / "decoy/main.tf").write_text(call)
    other = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "other.yaml"}}
    (repository / "manifest.json").write_text(json.dumps({"artifacts": {"other": other}}))
    assert relaxed(repository) == [(".", 1, NO_ROOT), ("template.yaml", 1, NO_ROOT)]


def test_a_call_that_never_makes_an_instance_hides_no_root(repository: Path) -> None:
    (repository / "decoy").mkdir()
    (repository / "decoy/main.tf").write_text('module "all" {\n  source = "../"\n  count  = 0\n}\n')
    (repository / "manifest.json").write_text('{"artifacts": {}}')
    assert relaxed(repository) == []


def test_a_module_that_never_was_a_root(repository: Path) -> None:
    (repository / "net").mkdir()
    (repository / "net/main.tf").write_text("# nothing yet\n")
    (repository / "main.tf").write_text(MISSING + 'module "net" {\n  source = "./net"\n}\n')
    assert relaxed(repository) == []


def test_exclusions_and_settings_of_roots(repository: Path) -> None:
    (repository / "prod.tfvars").write_text("")
    (repository / ".vpce-checks.yaml").write_text(POLICY + "exclude: [old]\nroots:\n  .: {var_files: [prod.tfvars]}\n")
    commit(repository)
    assert relaxed(repository) == []
    (repository / ".vpce-checks.yaml").write_text(
        POLICY + "exclude: [old, template.yaml]\nroots:\n  .: {var_files: [prod.tfvars], workspace: none}\n"
    )
    assert relaxed(repository) == [
        (".vpce-checks.yaml", 3, "template.yaml is excluded"),
        (".vpce-checks.yaml", 5, "the root . is judged with other settings"),
    ]
    (repository / ".vpce-checks.yaml").write_text(POLICY)
    assert relaxed(repository) == [(".vpce-checks.yaml", 1, "the settings of the root . are gone")]
