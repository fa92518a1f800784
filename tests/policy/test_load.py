"""Policy files: where they are looked for, what they extend, and every mistake told with its line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vpce_checks.model.network import Call, Declaration
from vpce_checks.model.roots import Deployment
from vpce_checks.model.spans import Span
from vpce_checks.policy import Policy, PolicyError, find_policy_file, load_policy, with_required


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    return tmp_path / "repo"


def load(path: Path) -> Policy:
    return load_policy(str(path.parent), str(path))


def gateway(policy: Policy) -> list[str]:
    return [item.service for item in policy.gateway]


def interface(policy: Policy) -> list[str]:
    return [item.service for item in policy.interface]


def about(address: str, file: str = "/repo/main.tf", *callers: str) -> Declaration:
    calls = tuple(Call("module.net", Span(caller, 1)) for caller in callers)
    return Declaration(address, "aws_vpc", Span(file, 1), calls)


def mistakes(path: Path) -> list[tuple[int, str]]:
    with pytest.raises(PolicyError) as raised:
        load(path)
    return [(item.line, item.message) for item in raised.value.diagnostics]


# Where it is looked for


def test_the_nearest_file_up_to_the_root_of_the_repository(repository: Path) -> None:
    write(repository.parent / ".vpce-checks.yaml", "version: 1\n")
    start = repository / "envs" / "prod"
    start.mkdir(parents=True)
    assert find_policy_file(str(start)) is None
    top = write(repository / ".vpce-checks.yaml", "version: 1\n")
    assert find_policy_file(str(start)) == str(top)
    near = write(repository / "envs" / ".vpce-checks.yaml", "version: 1\n")
    assert find_policy_file(str(start)) == str(near)
    assert find_policy_file(str(write(start / "main.tf", ""))) == str(near)


def test_outside_of_a_repository_the_current_directory_is_the_top(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "work" / ".vpce-checks.yaml", "version: 1\n")
    start = tmp_path / "work" / "envs"
    start.mkdir()
    assert find_policy_file(str(start)) is None
    monkeypatch.chdir(tmp_path / "work")
    assert find_policy_file("envs") == str(file)


def test_without_a_file_the_baseline_holds_and_no_yaml_is_imported(repository: Path) -> None:
    program = (
        "import sys; from vpce_checks.policy import load_policy; policy = load_policy(sys.argv[1]);"
        "print([i.service for i in policy.gateway], [i.service for i in policy.interface], 'yaml' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(repository)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['s3', 'dynamodb'] [] False"


def test_a_link_out_of_the_repository_is_not_followed(repository: Path) -> None:
    secret = write(repository.parent / "secret.yaml", "version: 1\nsecret: 1\n")
    (repository / ".vpce-checks.yaml").symlink_to(secret)
    with pytest.raises(PolicyError, match="outside of the repository"):
        load_policy(str(repository))


def test_what_is_no_file_is_told(repository: Path) -> None:
    (repository / ".vpce-checks.yaml").mkdir()
    with pytest.raises(PolicyError, match="not a file"):
        load_policy(str(repository))
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(str(repository), str(repository / "missing.yaml"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_does_not_hang_the_scan(repository: Path) -> None:
    os.mkfifo(repository / ".vpce-checks.yaml")
    with pytest.raises(PolicyError, match="not a file"):
        load_policy(str(repository))


# What it says


def test_the_example_of_the_documentation(repository: Path) -> None:
    file = write(
        repository / ".vpce-checks.yaml",
        """\
version: 1
extends: [aws-baseline, ecs-fargate]
required:
  gateway: [s3, dynamodb]
  interface: [ec2, secretsmanager]
vpcs:
  - match: {address: "module.sandbox.*"}
    interface: []
    exempt: {s3: "no workloads, ticket NET-42"}
central_endpoints: [ssm, logs]
rules:
  VPCE006: {severity: low}
  VPCE008: off
ignore:
  - {rule: VPCE004, resource: "aws_vpc_endpoint.legacy", reason: "goes in March", until: 2027-03-01}
""",
    )
    policy = load_policy(str(repository))
    assert gateway(policy) == ["s3", "dynamodb"]
    assert interface(policy) == ["ecr.api", "ecr.dkr", "logs", "ec2", "secretsmanager"]
    assert [item.service for item in policy.central] == ["ssm", "logs"]
    assert policy.severity_of("VPCE006", "high") == "low" and policy.severity_of("VPCE001", "high") == "high"
    assert policy.is_off("VPCE008") and not policy.is_off("VPCE006") and not policy.is_off("VPCE001")
    (override,) = policy.vpcs
    assert override.match.address == "module.sandbox.*" and override.interface == () and override.gateway is None
    assert override.exempt == {"s3": "no workloads, ticket NET-42"}
    assert policy.files == (str(file),)
    ec2 = next(item for item in policy.interface if item.service == "ec2")
    assert ec2.source.span is not None and (ec2.source.span.file, ec2.source.span.line) == (str(file), 5)
    assert policy.interface[0].source.text == "the pack ecs-fargate"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 1\n", ["s3", "dynamodb"]),
        ("version: 1\nextends:\n  # - ecs-fargate\n", ["s3", "dynamodb"]),
        ("version: 1\nrequired: {interface: [ec2]}\n", ["s3", "dynamodb"]),
        ("version: 1\nrequired: {gateway: [s3]}\n", ["s3"]),
        ("version: 1\nrequired: {gateway: []}\n", []),
        ("version: 1\nextends: []\n", []),
        ("version: 1\nextends: [ssm-managed]\n", ["s3"]),
        ("version: 1\nextends: [ssm-managed]\nrequired: {gateway: [s3express]}\n", ["s3", "s3express"]),
    ],
)
def test_the_baseline_holds_until_a_file_says_otherwise(repository: Path, text: str, expected: list[str]) -> None:
    assert gateway(load(write(repository / "p.yaml", text))) == expected


def test_paths_extend_relative_to_the_file_and_later_ones_win(repository: Path) -> None:
    write(
        repository / "policies" / "org.yaml",
        "version: 1\nrequired: {interface: [kms]}\nrules: {VPCE001: {severity: low}, VPCE002: off}\n"
        "ignore:\n  - {rule: VPCE003, resource: org}\n",
    )
    file = write(
        repository / "team" / "p.yaml",
        "version: 1\nextends: [../policies/org.yaml]\nrequired: {interface: [sqs, kms]}\nrules: {VPCE001: off}\n"
        "ignore:\n  - {rule: VPCE003, resource: team}\n",
    )
    policy = load(file)
    assert gateway(policy) == ["s3", "dynamodb"] and interface(policy) == ["kms", "sqs"]
    assert policy.is_off("VPCE001") and policy.is_off("VPCE002")
    assert [entry.resource for entry in policy.ignore] == ["team", "org"]
    assert policy.interface[0].source.span is not None
    assert policy.interface[0].source.span.file.endswith("org.yaml")


def test_a_diamond_is_no_circle(repository: Path) -> None:
    write(repository / "base.yaml", "version: 1\nrequired: {interface: [kms]}\n")
    write(repository / "a.yaml", "version: 1\nextends: [./base.yaml]\n")
    write(repository / "b.yaml", "version: 1\nextends: [base.yaml, ./a.yaml]\n")
    assert interface(load(write(repository / "p.yaml", "version: 1\nextends: [a.yaml, b.yaml]\n"))) == ["kms"]


def test_a_circle_is_told_where_it_closes(repository: Path) -> None:
    write(repository / "a.yaml", "version: 1\nextends:\n  - b.yaml\n")
    write(repository / "b.yaml", "version: 1\nextends:\n  - aws-baseline\n  - a.yaml\n")
    with pytest.raises(PolicyError) as raised:
        load(repository / "a.yaml")
    (mistake,) = raised.value.diagnostics
    assert "circle: a.yaml extends b.yaml extends a.yaml" in mistake.message
    assert mistake.file.endswith("b.yaml") and mistake.line == 4


def test_a_long_chain_ends(repository: Path) -> None:
    for index in range(200):
        write(repository / f"p{index}.yaml", f"version: 1\nextends: [p{index + 1}.yaml]\n")
    with pytest.raises(PolicyError, match="extend each other"):
        load(repository / "p0.yaml")


def test_nothing_outside_of_the_repository_is_extended(repository: Path) -> None:
    write(repository.parent / "outside.yaml", "version: 1\n")
    (repository / "link.yaml").symlink_to(repository.parent / "outside.yaml")
    for name in ("../outside.yaml", str(repository.parent / "outside.yaml"), "link.yaml"):
        ((line, message),) = mistakes(write(repository / "p.yaml", f"version: 1\nextends:\n  - {name}\n"))
        assert line == 3 and "outside of the repository" in message


def test_ignores_end(repository: Path) -> None:
    from datetime import date

    policy = load(
        write(
            repository / "p.yaml",
            "version: 1\nignore:\n  - {rule: VPCE004, resource: 'aws_vpc_endpoint.a*', reason: r, until: '2027-03-01'}\n"
            "  - {rule: VPCE005}\n",
        )
    )
    last, after = date(2027, 3, 1), date(2027, 3, 2)
    assert policy.ignore_for("VPCE004", about("aws_vpc_endpoint.a[0]"), last) is policy.ignore[0]
    assert policy.ignore_for("VPCE004", about("aws_vpc_endpoint.b"), last) is None
    assert policy.ignore_for("VPCE004", about("aws_vpc_endpoint.a[0]"), after) is None
    assert policy.ignore_for("VPCE005", about("anything"), after) is policy.ignore[1]
    assert policy.ignore_for("VPCE001", about("anything"), last) is None
    assert policy.expired(last) == ()
    (warning,) = policy.expired(after)
    assert warning.severity == "warning" and warning.line == 3 and "2027-03-01" in warning.message


def test_an_ignore_holds_for_a_path(repository: Path) -> None:
    policy = load(write(repository / "p.yaml", "version: 1\nignore:\n  - {rule: VPCE001, path: 'examples/*'}\n"))

    def is_ignored(*files: str) -> bool:
        return policy.ignore_for("VPCE001", about("aws_vpc.a", *(f"{repository}/{file}" for file in files))) is not None

    assert is_ignored("examples/basic/main.tf")
    assert is_ignored("modules/net/main.tf", "examples/basic/main.tf")
    assert not is_ignored("live/main.tf")
    assert not is_ignored("live/examples/basic/main.tf")


def test_keys_about_the_scan(repository: Path) -> None:
    write(repository / "envs" / "prod" / "prod.tfvars", "")
    write(repository / "shared.tfvars", "")
    policy = load(
        write(
            repository / "p.yaml",
            "version: 1\nexclude: [examples, '**/testdata']\nformats: [text, json]\n"
            "roots:\n  envs/prod: {var_files: [prod.tfvars, shared.tfvars], vars: {n: 3}, workspace: prod, region: eu-west-1}\n"
            "  net.yaml:\n  - {name: a, environment: {ENV: a}}\n  - {name: b}\n",
        )
    )
    assert [(entry.glob, entry.directory) for entry in policy.exclude] == [
        ("examples", str(repository)),
        ("**/testdata", str(repository)),
    ]
    assert [text for text, _ in policy.formats] == ["text", "json"]
    prod, net = policy.roots
    assert (prod.path, prod.span.line) == (str(repository / "envs" / "prod"), 5)
    assert prod.deployments == (
        Deployment(
            var_files=(str(repository / "envs" / "prod" / "prod.tfvars"), str(repository / "shared.tfvars")),
            variables=(("n", "3"),),
            workspace="prod",
            region="eu-west-1",
        ),
    )
    assert net.deployments == (Deployment("a", environment=(("ENV", "a"),)), Deployment("b"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("{var_files: [none.tfvars]}", "there is no file 'none.tfvars' in envs/prod or beside this policy file"),
        ("{var_files: [../../../outside.tfvars]}", "there is no file '../../../outside.tfvars'"),
        ("{var_file: [x]}", "the entry 'envs/prod' of 'roots' has no key 'var_file'; did you mean 'var_files'?"),
        ("{region: mars}", "there is no region 'mars'"),
        ("[{name: a}, {region: eu-west-1}]", "each of several deployments of 'envs/prod' needs 'name'"),
        ("[{name: a}, {name: a}]", "two deployments of 'envs/prod' are called 'a'"),
        ("[]", "the settings of 'envs/prod' are empty"),
    ],
)
def test_mistakes_in_the_settings_of_a_root(repository: Path, settings: str, message: str) -> None:
    write(repository.parent / "outside.tfvars", "")
    (repository / "envs" / "prod").mkdir(parents=True)
    ((line, said),) = mistakes(write(repository / "p.yaml", f"version: 1\nroots:\n  envs/prod: {settings}\n"))
    assert line == 3
    assert message in said


def test_require_adds_interface_services(repository: Path) -> None:
    policy = load_policy(str(repository), require=["ec2", "ec2", "sqs"])
    assert gateway(policy) == ["s3", "dynamodb"] and interface(policy) == ["ec2", "sqs"]
    assert policy.interface[0].source.text == "--require"
    assert interface(with_required(policy, ["sqs", "sns"])) == ["ec2", "sqs", "sns"]
    with pytest.raises(PolicyError, match="did you mean 'secretsmanager'"):
        with_required(policy, ["secretmanager"])


# What is wrong with it


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("version: 1\nrequird: {}\n", 2, "did you mean 'required'?"),
        ("version: 2\n", 1, "version"),
        ("version: '1'\n", 1, "version"),
        ("required: {}\n", 1, "'version: 1' is missing"),
        ("", 1, "version: 1"),
        ("- version: 1\n", 1, "mapping"),
        ("version: 1\nversion: 1\n", 2, "given twice"),
        ("version: 1\nrequired:\n  gateway: [s3, sqs]\n", 3, "no gateway endpoint for sqs"),
        ("version: 1\nrequired:\n  gateway:\n    - s3\n    - dynamdb\n", 5, "did you mean 'dynamodb'?"),
        ("version: 1\nrequired:\n  interface: [s3express]\n", 3, "gateway"),
        ("version: 1\nrequired:\n  interface:\n  - ec2mesages\n", 4, "did you mean 'ec2messages'?"),
        ("version: 1\nrequired:\n  interface: [com.amazonaws.eu-west-1.ecr.api]\n", 3, "did you mean 'ecr.api'?"),
        ("version: 1\nrequired:\n  interface: ec2, kms\n", 3, "'interface' must be a list, such as [ec2, kms]"),
        ("version: 1\nrequired:\n  interface: {ec2: kms}\n", 3, "'interface' must be a list, not a mapping"),
        ("version: 1\nrequired: s3\n", 2, "'required' must be a mapping (KEY: VALUE), not a single value"),
        ("version: 1\nrules: {s3-gateway: off}\n", 2, "no rule 's3-gateway'; vpce-checks rules lists the ids"),
        ("version: 1\nrequired:\n  interface: [[ec2]]\n", 3, "must be text"),
        ("version: 1\nextends: [ecs-fargat]\n", 2, "did you mean 'ecs-fargate'?"),
        ("version: 1\nextends: ecs-fargate\n", 2, "must be a list"),
        ("version: 1\nextends: [nowhere.yaml]\n", 2, "cannot be read"),
        ('version: 1\nextends: ["a\\0.yaml"]\n', 2, "must be text"),
        ("version: 1\ncentral_endpoints: [smm]\n", 2, "did you mean 'ssm'?"),
        ("version: 1\nvpcs:\n- gateway: [s3]\n", 3, "needs 'match'"),
        ("version: 1\nvpcs:\n- match: {}\n", 3, "at least one of"),
        ("version: 1\nvpcs:\n- match: {tags: {}}\n", 3, "at least one tag"),
        ("version: 1\nvpcs:\n- match: {adress: x}\n", 3, "did you mean 'address'?"),
        ("version: 1\nvpcs:\n- match: {name: x}\n  exempt: {s4: why}\n", 4, "did you mean 's3'?"),
        ("version: 1\nvpcs:\n- match: {name: x}\n  exempt: {s3: }\n", 4, "must be text"),
        ("version: 1\nvpcs:\n- match: {name: x}\n  add: {interfaces: []}\n", 4, "did you mean 'interface'?"),
        ("version: 1\nrules:\n  VPC001: off\n", 3, "no rule 'VPC001'"),
        ("version: 1\nrules:\n  VPCE001: on\n", 3, "must be 'off'"),
        ("version: 1\nrules:\n  VPCE001: {severity: hihg}\n", 3, "low, medium or high"),
        ("version: 1\nrules:\n  VPCE001: {}\n", 3, "must be 'off'"),
        ("version: 1\nignore:\n- {resource: x}\n", 3, "needs 'rule'"),
        ("version: 1\nignore:\n- rule: VPCE001\n  until: 2027-02-30\n", 4, "no such date"),
        ("version: 1\nignore:\n- rule: VPCE001\n  until: tomorrow\n", 4, "no such date"),
        ("version: 1\nignore:\n- rule: VPCE001\n  resorce: x\n", 4, "did you mean 'resource'?"),
        ("version: 1\nrequired:\n\tgateway: [s3]\n", 3, "not valid YAML"),
        ("version: 1\nrequired: [\n", 3, "not valid YAML"),
        ("version: 1\nname: *nothing\n", 2, "there is no anchor"),
        ("version: 1\nname: &a [*a]\n", 2, "there is no anchor"),
        ("version: 1\n---\nversion: 1\n", 2, "one YAML document"),
        ("version: 1\nname: !!python/object/apply:os.system [ls]\n", 2, "tags"),
        ("version: 1\nname: " + "[" * 5000 + "\n", 2, "is nested too deeply"),
        ("version: 1\nname: " + "x" * 1_000_001 + "\n", 1, "larger than"),
        ("version: 1\nvpcs:\n- match: {name: " + "x" * 501 + "}\n", 3, "longer than"),
        ("version: 1\nname: \x01\n", 2, "does not allow"),
    ],
)
def test_a_mistake_is_told_with_its_line(repository: Path, text: str, line: int, message: str) -> None:
    found = mistakes(write(repository / "p.yaml", text))
    assert found[0][0] == line and message in found[0][1], found


def test_every_mistake_is_told_at_once(repository: Path) -> None:
    found = mistakes(
        write(repository / "p.yaml", "version: 1\nrequired: {interface: [ec3, sqz]}\nrules: {VPCE1: off}\nignore: 3\n")
    )
    assert [line for line, _ in found] == [2, 2, 3, 4]


def test_the_message_names_file_and_line(repository: Path) -> None:
    file = write(repository / "p.yaml", "version: 1\nrequird: 1\n")
    with pytest.raises(PolicyError) as raised:
        load(file)
    assert str(raised.value).startswith(f"{file}:2: ")


def test_bytes_that_are_no_text_are_told(repository: Path) -> None:
    file = repository / "p.yaml"
    file.write_bytes(b"version: 1\nname: caf\xe9\n")
    assert mistakes(file) == [(2, "the file is not UTF-8")]


def test_an_alias_bomb_ends_soon(repository: Path) -> None:
    text = "version: 1\nname: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for depth in range(1, 12):
        text += f"key{depth}: &a{depth} [" + ", ".join([f"*a{depth - 1}"] * 10) + "]\n"
    ((line, message),) = mistakes(write(repository / "p.yaml", text))
    assert line < 9 and "aliases" in message


def test_aliases_may_be_used(repository: Path) -> None:
    file = write(
        repository / "p.yaml",
        "version: 1\nrequired:\n  interface: &all [ec2, sqs]\nvpcs:\n- match: {name: hub}\n  interface: *all\n",
    )
    policy = load(file)
    assert policy.vpcs[0].interface == policy.interface != ()


def test_rules_that_exist_are_asked_for_only_where_the_policy_names_some(repository: Path) -> None:
    asked: list[int] = []

    def known() -> list[str]:
        asked.append(1)
        return ["VPCE001", "VPCE002"]

    silent = write(repository / "a.yaml", "version: 1\n")
    load_policy(str(repository), str(silent), known_rules=known)
    assert not asked
    wrong = write(repository / "b.yaml", "version: 1\nrules: {VPCE042: off}\n")
    with pytest.raises(PolicyError, match="no rule 'VPCE042'; did you mean 'VPCE002'"):
        load_policy(str(repository), str(wrong), known_rules=known)
