"""What is found below a path, and what is left alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.expectations import scan
from vpce_checks.cloudformation.sniff import may_be_template
from vpce_checks.files.containment import boundary_of
from vpce_checks.model.roots import Place, Settings
from vpce_checks.project import apps, discovery
from vpce_checks.project.languages import languages

TEMPLATE = "Resources:\n  Main:\n    Type: AWS::EC2::VPC\n"


def write(top: Path, *files: str) -> None:
    """Create files; what ends in .yaml is a template."""
    for name in files:
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEMPLATE if path.suffix in (".yaml", ".template") else "{}")


def find_place(path: str) -> Place:
    """The place at ``path``, walked for all languages."""
    return discovery.find_place(path, languages(Settings()))


def shown(found: Place, top: Path) -> tuple[list[str], list[str]]:
    """The directories and templates found, relative to ``top``."""
    return (
        [os.path.relpath(path, top) for path in found.of("terraform")],
        [os.path.relpath(path, top) for path in found.of("cloudformation")],
    )


def test_terraform_directories_and_templates_are_found(tmp_path: Path) -> None:
    write(tmp_path, "main.tf", "b/main.tf.json", "a/x.tf", "a/net.yaml", "c/net.template", "c/data.json", "c/note.txt")
    assert shown(find_place(str(tmp_path)), tmp_path) == ([".", "a", "b"], ["a/net.yaml", "c/net.template"])


def test_override_files_alone_make_no_module(tmp_path: Path) -> None:
    write(
        tmp_path,
        "patch/override.tf",
        "patch/net_override.tf.json",
        "patch/x_override.tofu",
        "a/override.tf",
        "a/x.tofu",
    )
    assert shown(find_place(str(tmp_path)), tmp_path) == (["a"], [])


def test_directories_of_tools_are_skipped(tmp_path: Path) -> None:
    skipped = (".git", ".terraform", ".venv", "venv", "node_modules", "__pycache__", ".hidden")
    write(tmp_path, *(f"{name}/main.tf" for name in skipped), "cdk.out/net.yaml", "vendored/main.tf")
    assert shown(find_place(str(tmp_path)), tmp_path) == (["vendored"], ["cdk.out/net.yaml"])


def test_hidden_directory_named_by_hand_is_walked(tmp_path: Path) -> None:
    write(tmp_path, ".hidden/a/main.tf")
    assert shown(find_place(str(tmp_path / ".hidden")), tmp_path) == ([".hidden/a"], [])


def test_a_file_stands_for_its_root_or_itself(tmp_path: Path) -> None:
    write(tmp_path, "a/main.tf", "a/net.yaml")
    assert shown(find_place(str(tmp_path / "a" / "main.tf")), tmp_path) == (["a"], [])
    assert shown(find_place(str(tmp_path / "a" / "net.yaml")), tmp_path) == ([], ["a/net.yaml"])


def test_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        find_place(str(tmp_path / "none"))


def test_boundary_is_the_repository_around(tmp_path: Path) -> None:
    write(tmp_path, "repo/envs/prod/main.tf", "bare/main.tf")
    (tmp_path / "repo" / ".git").mkdir()
    assert boundary_of(str(tmp_path / "repo" / "envs" / "prod")) == str(tmp_path / "repo")
    assert boundary_of(str(tmp_path / "repo" / "envs" / "prod" / "main.tf")) == str(tmp_path / "repo")
    assert boundary_of(str(tmp_path / "bare")) == str(tmp_path / "bare")
    (tmp_path / "bare" / ".git").write_text("gitdir: elsewhere")  # a worktree or a submodule
    assert boundary_of(str(tmp_path / "bare")) == str(tmp_path / "bare")


def test_links_out_of_the_repository_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "secret/main.tf", "secret/net.yaml", "repo/main.tf")
    (tmp_path / "repo" / ".git").mkdir()
    (tmp_path / "repo" / "out").symlink_to(tmp_path / "secret")
    (tmp_path / "repo" / "net.yaml").symlink_to(tmp_path / "secret" / "net.yaml")
    assert shown(find_place(str(tmp_path / "repo")), tmp_path) == (["repo"], [])


def test_links_inside_the_repository_are_followed_once(tmp_path: Path) -> None:
    write(tmp_path, "repo/shared/main.tf", "repo/envs/prod/main.tf")
    (tmp_path / "repo" / ".git").mkdir()
    for name in ("one", "two"):
        (tmp_path / "repo" / "envs" / name).symlink_to(tmp_path / "repo" / "shared")
    (tmp_path / "repo" / "envs" / "prod" / "up").symlink_to(tmp_path / "repo" / "envs")
    found = shown(find_place(str(tmp_path / "repo" / "envs")), tmp_path)
    assert found == (["repo/envs/prod", "repo/shared"], []) or found == (["repo/shared", "repo/envs/prod"], [])
    assert shown(find_place(str(tmp_path / "repo")), tmp_path) == (["repo/envs/prod", "repo/shared"], [])


def test_special_files_and_broken_links_are_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")  # opening it would wait for a writer
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop.tf").symlink_to(tmp_path / "loop.tf")
    assert shown(find_place(str(tmp_path)), tmp_path) == ([], [])


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (b'{"Resources": {"A": {"Type": "AWS::EC2::VPC"}}}', True),
        (b"Resources:\n  A:\n    Type: Custom::Thing\n", True),
        (b"Resources:\n  A:\n    Type: My::Own::Net::MODULE\n", True),
        (b'{"Resources": [], "about": "nothing of the kind"}', False),
        (b"kind: Deployment\n", False),
        (b"", False),
        ("Resources: {V: {Type: 'AWS::EC2::VPC'}}".encode("utf-16"), True),
        ("Resources: {V: {Type: 'AWS::EC2::VPC'}}".encode("utf-16-be"), False),  # without its mark it is nothing
        (b"provider: {name: aws}\nresources: ${file(all.yml)}", True),
        (rb'{"\u0052esources": {"V": {"Type": "AWS\u003a:EC2::VPC"}}}', True),
        (rb'Resources: {V: {Type: "\x41WS\U0000003a:EC2::VPC"}}', True),
        (b'Resources:\n  V:\n    Type: "AW\\\n      S::EC2::VPC"\n', True),
    ],
)
def test_templates_are_known_by_their_content(tmp_path: Path, content: bytes, answer: bool) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert may_be_template(str(file), str(file)) is answer


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every directory")
def test_unreadable_directory_is_told(tmp_path: Path) -> None:
    write(tmp_path, "open/main.tf", "closed/main.tf")
    (tmp_path / "closed").chmod(0)
    try:
        found = find_place(str(tmp_path))
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert shown(found, tmp_path) == (["open"], [])
    assert [(item.severity, os.path.basename(item.file)) for item in found.diagnostics] == [("error", "closed")]


def warnings(place: Place, top: Path) -> list[tuple[str, str]]:
    return [(os.path.relpath(item.file, top), item.message) for item in place.diagnostics]


def test_a_link_to_a_directory_outside_is_reported(tmp_path: Path) -> None:
    write(tmp_path, "secret/main.tf", "repo/main.tf")
    (tmp_path / "repo" / ".git").mkdir()
    (tmp_path / "repo" / "out").symlink_to(tmp_path / "secret")
    (tmp_path / "repo" / "gone").symlink_to(tmp_path / "repo" / "nothing")
    ((path, message),) = warnings(find_place(str(tmp_path / "repo")), tmp_path / "repo")
    assert path == "out"
    assert "leads outside the scanned repository" in message


def test_hidden_directories_with_code_are_reported(tmp_path: Path) -> None:
    write(tmp_path, "main.tf", ".infra/main.tf", ".stacks/net.yaml", ".terraform/modules/x/main.tf", ".terraform/x.tf")
    write(tmp_path, ".github/readme.txt", "a/.hidden/main.tf", "node_modules/x/main.tf", ".terragrunt-cache/main.tf")
    write(tmp_path, "lab/.setup/terraform/main.tf", "lab/.setup/terraform/before/main.tf", "b/.deep/x/.y/net.yaml")
    write(tmp_path, ".tool/.terraform/main.tf", ".tool/node_modules/x/main.tf")
    found = warnings(find_place(str(tmp_path)), tmp_path)
    assert sorted(path for path, _ in found) == [".infra", ".stacks", "a/.hidden", "b/.deep", "lab/.setup"]
    assert {message for _, message in found} == {
        "hidden directories are not scanned, and this one holds code; name it as a path to scan it"
    }


def test_files_that_another_tool_fills_in_are_reported(tmp_path: Path) -> None:
    vpc = "Resources:\n  Vpc:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: {{ cidr }}}\n"
    for name, content in {
        "net.yaml.j2": vpc,
        "net.json.TMPL": vpc,
        "bucket.yaml.j2": "Parameters:\n  Vpc: {Type: AWS::EC2::VPC::Id}\nResources:\n  Bucket:\n    Type: AWS::S3::Bucket\n",
        "net.yaml.tftpl": vpc,
        "main.yaml": vpc.replace("{{ cidr }}", "10.0.0.0/16"),
        "left/net.yaml.j2": vpc,
        "main.yaml.j2": vpc,
        "main.tf.jinja": 'resource "aws_vpc" "v" {}',
        "main.tf.J2": 'resource "aws_vpc_endpoint" "v" {}',
        "net.tf.erb": 'module "net" {\n  source = "terraform-aws-modules/vpc/aws"\n}',
        "bucket.tf.erb": 'module "b" {\n  source = "terraform-aws-modules/s3-bucket/aws"\n}',
        "bucket.tf.jinja": 'resource "aws_s3_bucket" "v" {}',
        ".vpce-checks.yaml": "version: 1\nexclude: ['left/*.j2']\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    _, report = scan(tmp_path, (), {})
    found = [each for root in report["roots"] for each in root["diagnostics"]]
    assert sorted(os.path.basename(each["file"]) for each in found) == [
        "main.tf.J2",
        "main.tf.jinja",
        "net.json.TMPL",
        "net.tf.erb",
        "net.yaml.j2",
    ]
    assert all("another tool fills this file in" in each["message"] for each in found)


def test_a_file_that_another_tool_fills_in_is_reported_once(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "filled").mkdir()
    (tmp_path / "filled/main.tf").write_text('locals {\n  text = templatefile("net.tf.tpl", {})\n}\n')
    for name in ("module/main.tf", "module/net.tf.j2", "alone/net.tf.j2", "filled/net.tf.tpl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('resource "aws_vpc" "v" {}\n')
    _, report = scan(tmp_path, (), {})
    warned = [each["file"] for root in report["roots"] for each in root["diagnostics"]]
    unread = [each["file"] for each in report["results"] if each["rule"] == "VPCE011"]
    assert sorted(each.split("/")[-2:] for each in warned) == [["alone", "net.tf.j2"], ["filled", "net.tf.tpl"]]
    assert [each.split("/")[-2:] for each in unread] == [["module", "net.tf.j2"]]


def test_stacks_of_sceptre_whose_template_is_elsewhere_are_reported(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    remote = "template:\n  type: http\n  url: https://bucket.example.org/{}\n"
    for name, content in {
        "config/config.yaml": "project_code: x\nregion: eu-west-1\n",
        "config/prod/vpc.yaml": "template_path: remote/main.yaml\n",
        "config/prod/a.yaml": "template_path: 'remote/subnets.yaml'  # fetched by a hook\n",
        "config/prod/b.yaml": "stack_name: prod-network\n" + remote.format("main.json?versionId=1"),
        "config/prod/c.yaml": "template: {type: s3, path: bucket/main.yaml}\nparameters: {VpcSubnetPrefix: '10.2'}\n",
        "config/prod/topic-of-vpc.yaml": "template_path: topic.yaml\n",
        "config/prod/old-vpc.yaml": "template_path: templates/topic.yaml\n",
        "config/prod/some-vpc.yaml": "template_path: {{ var.template }}.yaml\n",
        "config/prod/page-of-vpc.yaml": "template: vpc.html\n",
        "config/prod/app.yaml": "template_path: remote/app.yaml\nparameters: {VpcId: vpc-1}\n",
        "settings/vpc.yaml": "template_path: remote/vpc.yaml\n",
        "templates/topic.yaml": "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    _, report = scan(tmp_path, (), {})
    found = [each for root in report["roots"] for each in root["diagnostics"]]
    assert sorted(os.path.basename(each["file"]) for each in found) == ["a.yaml", "b.yaml", "c.yaml", "vpc.yaml"]
    assert {(each["severity"], "Sceptre deploys a template" in each["message"]) for each in found} == {
        ("warning", True)
    }


TS = "import * as ec2 from 'aws-cdk-lib/aws-ec2';\nexport const f = (s: any) => new ec2.Vpc(s, 'Vpc');\n"


@pytest.mark.parametrize(
    ("marker", "file", "code", "is_told"),
    [
        ("cdk.json", "lib/net.ts", TS, True),
        ("cdk.json", "bin/app.py", "from aws_cdk import aws_ec2 as ec2\nec2.Vpc(self, 'Vpc')\n", True),
        ("cdk.json", "src/main/java/Net.java", "\nVpc.Builder.create(this, id).build();", True),
        ("cdk.json", "src/Net.cs", "\nnew Vpc(this, id);", True),
        ("cdk.json", "net.go", "\nawsec2.NewVpc(stack, id, nil)", True),
        ("cdk.json", "net.ts", "\nnew ec2.CfnVPC(this, id)", True),
        ("cdk.json", "net.ts", "\nec2.Vpc.fromLookup(this, id, {})", False),
        ("cdk.json", "net.ts", "\nvpc.addGatewayEndpoint('S3', {})", True),
        ("cdk.json", "net.py", "\nvpc.add_interface_endpoint('Kms')", True),
        ("cdk.json", "net.ts", "\nnew sqs.Queue(this, id)", False),
        ("cdk.json", "net.py", "# the VPC (vpc-1)\nfrom aws_cdk import Stack", False),
        ("cdk.json", "net.py", '"""Uses\nVPC (vpc-1)."""\nfrom aws_cdk import Stack', False),
        ("cdk.json", "net.py", "# VPC (a)\nec2.Vpc(self, 'Vpc')", True),
        ("cdk.json", "net.ts", "f(); // VPC (a)\n", False),
        ("cdk.json", "net.ts", "/* VPC\n VPC (a) */\n", False),
        ("cdk.json", "net.ts", "f('**/*.ts', 'https://a');\nf('https://a', new ec2.Vpc(this, id));", True),
        ("cdk.json", "lambda/h.py", "import boto3\nboto3.resource('ec2').Vpc('vpc-1')", False),
        ("cdk.json", "net.py", "import boto3, aws_cdk\nec2.Vpc(self, 'Vpc')", True),
        ("cdk.json", "net.py", "from diagrams.aws.network import VPC\nVPC('net')", False),
        ("cdk.json", "net.ts", "import { OrgVpc } from '@org/constructs';\nnew OrgVpc(this, 'Vpc');", True),
        ("Pulumi.yaml", "__main__.py", "from parts.net import PartVPC\nvpc = PartVPC(settings)", True),
        ("cdk.json", "net.py", "from aws_cdk import Stack\nclass PartVpc(Construct):\n    pass", False),
        ("cdk.json", "web.js", "\nfunction ListVpc(props) {}", False),
        ("cdk.json", "net.go", "\nec2.LookupVpc(ctx, nil)", False),
        ("cdk.json", "net.go", "\nfunc GetVpc(stack Stack) IVpc {}\nvpc := GetVpc(stack)", False),
        ("cdk.json", "net.cs", "\nvar vpc = ImportVpc(this);", False),
        ("Pulumi.yaml", "Pulumi.yaml", "runtime: yaml\n# type: aws:ec2:Vpc", False),
        ("Pulumi.yaml", "Pulumi.yaml", "resources: {v: {\ntype: aws:ec2:Vpc}}", True),
        ("cdk.json", "node_modules/a/net.ts", TS, False),
        ("cdk.json", "test/net.ts", TS, False),
        ("cdk.json", "lib/net.test.ts", TS, False),
        ("cdk.json", "other/cdk.out/x.ts", TS, True),
        ("cdktf.json", "main.ts", "\nnew Vpc(this, id)", True),
        ("Pulumi.yaml", "index.ts", "\nnew aws.ec2.Vpc('v')", True),
        ("Pulumi.yaml", "main.go", "\nec2.NewVpcEndpoint(ctx, id, nil)", True),
        ("sst.config.ts", "infra/net.ts", "\nnew sst.aws.Vpc('V')", True),
        ("package.json", "lib/net.ts", TS, False),
    ],
)
def test_an_app_whose_output_is_not_there_is_told_of_if_it_makes_a_network(
    tmp_path: Path, marker: str, file: str, code: str, is_told: bool
) -> None:
    (tmp_path / ".git").mkdir()
    for name, content in {f"app/{marker}": "{}", f"app/{file}": code}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    _, report = scan(tmp_path, (), {})
    found = [
        (os.path.basename(each["file"]), each["message"]) for root in report["roots"] for each in root["diagnostics"]
    ]
    assert [name for name, _ in found] == [marker] * is_told
    assert all(f"({file}:2)" in message for _, message in found)


NET = '{"Resources": {"Vpc": {"Type": "AWS::EC2::VPC"}}}'
QUEUE = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}'


@pytest.mark.parametrize("out", ["cdk.out", "dist/out"])
@pytest.mark.parametrize("is_there", [True, False])
def test_an_app_whose_output_is_there_is_not_told_of(tmp_path: Path, out: str, is_there: bool) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "cdk.json").write_text("{}" if out == "cdk.out" else f'{{"app": "x", "output": "{out}"}}')
    (tmp_path / "net.ts").write_text(TS)
    (tmp_path / out).mkdir(parents=True)
    if is_there:
        (tmp_path / out / "manifest.json").write_text("{}")
        (tmp_path / out / "Net.template.json").write_text(NET)
    _, report = scan(tmp_path, (), {})
    found = [each["message"] for root in report["roots"] for each in root["diagnostics"]]
    assert [f"scan {out}" in message for message in found] == ([] if is_there else [True])


@pytest.mark.parametrize(
    ("marker", "written", "is_told"),
    [
        ("cdk.json", {"cdk.out/Auth.template.json": QUEUE}, True),
        ("cdk.json", {}, True),
        ("cdk.json", {"cdk.out/Auth.template.json": QUEUE, "cdk.out/assembly-Prod/Net.template.json": NET}, False),
        ("cdk.json", {"cdk.out/asset.1/Net.template.json": NET}, True),
        ("cdk.json", {"cdk.out/tree.json": NET}, True),
        ("cdktf.json", {"cdktf.out/stacks/net/cdk.tf.json": '{"resource": {"aws_vpc": {}}}'}, False),
        ("cdktf.json", {"cdktf.out/stacks/net/cdk.tf.json": '{"resource": {"aws_sqs_queue": {}}}'}, True),
    ],
)
def test_an_app_whose_output_is_only_of_other_stacks_is_told_of(
    tmp_path: Path, marker: str, written: dict[str, str], is_told: bool
) -> None:
    (tmp_path / ".git").mkdir()
    out = marker.replace(".json", ".out")
    for name, content in {marker: "{}", "net.ts": TS, f"{out}/manifest.json": "{}", **written}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    _, report = scan(tmp_path, (), {})
    found = [each["message"] for root in report["roots"] for each in root["diagnostics"]]
    assert [f"(net.ts:2), and nothing in {out} is one; run" in message for message in found] == [True] * is_told


def test_a_large_app_is_looked_at_to_its_end(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "cdk.json").write_text("{}")
    for at in range(300):
        (tmp_path / f"docs{at}").mkdir()
        (tmp_path / f"docs{at}" / "page.ts").write_text("export const page = 1;\n")
    (tmp_path / "infra/net").mkdir(parents=True)
    (tmp_path / "infra/net/stack.ts").write_text(TS)
    _, report = scan(tmp_path, (), {})
    (found,) = [each["message"] for root in report["roots"] for each in root["diagnostics"]]
    assert "(infra/net/stack.ts:2)" in found


@pytest.mark.parametrize(
    ("settings", "out"),
    [
        ('{"context": {"output": "other"}}', "cdk.out"),
        ('{"context": {"output": "other"}, "output": "out"}', "out"),
        ('{"output": ["out"]}', "cdk.out"),
        ('{"output": "a\\u0000b"}', "cdk.out"),
        ('{"output": "\\ud800"}', "cdk.out"),
        ('{"output": ""}', "cdk.out"),
        ('{"output": "out"', "cdk.out"),
        ('"output"', "cdk.out"),
        ("[" * 100_000 + '"output"', "cdk.out"),
    ],
)
def test_the_output_of_an_app_is_what_its_settings_say_at_their_top(tmp_path: Path, settings: str, out: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "cdk.json").write_text(settings)
    (tmp_path / "net.ts").write_text(TS)
    _, report = scan(tmp_path, (), {})
    found = [each["message"] for root in report["roots"] for each in root["diagnostics"]]
    assert [each.endswith(f"scan {out}") for each in found] == [True]


def test_an_app_in_another_one_is_told_of_by_itself(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name, content in {"cdk.json": "{}", "a/cdk.json": "{}", "a/net.ts": TS, "b/cdk.json": "{}"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    for policy, expected in (
        ("", ["a"]),
        ("version: 1\nexclude: [a/net.ts]\n", []),
        ("version: 1\nexclude: [a/cdk.json]\n", []),
    ):
        (tmp_path / ".vpce-checks.yaml").write_text(policy or "version: 1\n")
        _, report = scan(tmp_path, (), {})
        found = [each["file"] for root in report["roots"] for each in root["diagnostics"]]
        assert [os.path.basename(os.path.dirname(os.path.abspath(each))) for each in found] == expected


def test_a_named_file_that_another_tool_fills_in_is_reported(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "main.tf.j2").write_text('resource "aws_vpc" "v" {}')
    _, report = scan(tmp_path, (), {}, "main.tf.j2")
    found = [each["message"] for root in report["roots"] for each in root["diagnostics"]]
    assert ["another tool fills this file in" in each for each in found] == [True]


@pytest.mark.parametrize(
    ("where", "calls", "is_root"),
    [
        ("examples/simple", "../..", True),
        ("examples/simple", "../../modules/x", True),
        ("envs/prod", "../../modules/x", True),
        ("envs/test", "../../modules/x", True),
        ("live/account-setup", "../../modules/x", True),
        ("unit-tests/account-setup", "../../modules/x", False),
        ("tests/simple", "../..", True),
        ("tests/setup", "../../modules/x", False),
        ("testing/setup", "../../modules/x", False),
    ],
)
def test_what_a_test_runs_is_a_root_unless_only_tests_need_it(
    tmp_path: Path, where: str, calls: str, is_root: bool
) -> None:
    net = 'variable "cidr" {\n  default = null\n}\nresource "aws_vpc" "v" {\n  count = var.cidr == null ? 0 : 1\n}\n'
    files = {
        ".git/HEAD": "",
        "main.tf": net,
        "modules/x/main.tf": net,
        "tests/net.tftest.hcl": f'run "x" {{\n  module {{\n    source = "./{where}"\n  }}\n}}\n',
        f"{where}/main.tf": f'module "net" {{\n  source = "{calls}"\n  cidr = "10.0.0.0/16"\n}}\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert bool(scan(tmp_path, (), {})[1]["vpcs"]) == is_root


CALLED = {
    "modules/full/main.tofu": 'resource "aws_vpc" "v" {}\n',
    "modules/bare/main.tofu": 'resource "aws_vpc" "v" {}\n',
    "modules/other/x/main.tofu": 'resource "aws_vpc" "v" {}\n',
}
VPC = 'resource "aws_vpc" "v" {}\n'
STATE = 'terraform {\n  backend "s3" {}\n}\n'
CLOUD = "terraform {\n  cloud {}\n}\n"
EITHER = 'variable "a" { type = bool }\nmodule "net" {\n  source = var.a ? "./modules/bare" : "./modules/full"\n}\n'
CALL = 'variable "a" { type = string }\nmodule "net" { source = "%s" }\n'


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (
            {
                "main.tofu.json": '{"variable": {"a": {}}, "module": {"net": {"source": "./modules/${var.a}"}}}',
                "terraform.tfvars": 'a = "full"\n',
            },
            [".::module.net.aws_vpc.v", "modules/bare::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        ({"main.tofu": CALL % "./modules/${var.a}"}, ["modules/other/x::aws_vpc.v"]),
        (
            {"main.tofu": CALL % "./modules/fu${var.a}"},
            ["modules/bare::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {"main.tofu": CALL % "./modules/${var.a}/x"},
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v"],
        ),
        (
            {"live/main.tofu": CALL % "../${var.a}/bare"},
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {"live/terragrunt.hcl": 'terraform { source = "../modules//${get_env("KIND")}" }\n'},
            ["modules/other/x::aws_vpc.v"],
        ),
        (
            {"live/terragrunt.hcl": 'terraform { source = "${get_repo_root()}/modules//${get_env("KIND")}" }\n'},
            ["modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/terragrunt.hcl": 'terraform { source = "${get_repo_root()}/${get_env("KIND")}" }\n',
                "x/main.tf": VPC,
            },
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v", "x::aws_vpc.v"],
        ),
        (
            {"main.tofu": CALL % "./modules/${var.a}", "modules/bare/state.tf": STATE, "modules/full/cloud.tf": CLOUD},
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {"main.tofu": EITHER, "modules/bare/state.tf": STATE},
            ["modules/bare::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/terragrunt.hcl": 'terraform { source = "../modules//${get_env("KIND")}" }\n',
                "modules/bare/x.tf": STATE,
            },
            ["modules/bare::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {"live/terragrunt.hcl": 'terraform { source = "${get_env("BASE")}/bare" }\n'},
            ["modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/terragrunt.hcl": 'locals { base = yamldecode(sops_decrypt_file("x")).base }\n'
                'terraform { source = "${local.base}-of//modules/bare?ref=${get_env("V")}" }\n',
                "of/modules/bare/main.tf": VPC,
                "x-of/modules/bare/main.tf": VPC,
            },
            [
                "modules/bare::aws_vpc.v",
                "modules/full::aws_vpc.v",
                "modules/other/x::aws_vpc.v",
                "of/modules/bare::aws_vpc.v",
            ],
        ),
        (
            {"live/terragrunt.hcl": 'terraform { source = "${get_env("BASE")}re" }\n'},
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {"live/terragrunt.hcl": 'terraform { source = "${get_env("BASE")}/bare" }\n', "modules/bare/x.tf": STATE},
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/terragrunt.hcl": 'terraform { source = "${get_env("BASE")}/bare" }\n',
                "modules/bare/terragrunt.hcl": "",
            },
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/terragrunt.hcl": 'terraform { source = "../modules/${get_env("KIND")}" }\n',
                "modules/bare/terragrunt.hcl": "",
            },
            ["modules/bare::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/terragrunt.hcl": "terraform {\n"
                '  source = get_env("A") == "b" ? "../modules/bare" : "../modules//full"\n}\n'
            },
            ["modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/terragrunt.hcl": "terraform {\n"
                '  source = get_env("A") == "b" ? "../modules/bare" : "../modules/other/${get_env("B")}"\n}\n'
            },
            ["live::aws_vpc.v", "modules/full::aws_vpc.v"],
        ),
        (
            {"live/terragrunt.hcl": 'terraform { source = get_env("SOURCE", "../modules/bare") }\n'},
            ["live::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/terragrunt.hcl": 'locals { base = get_env("BASE", "..") }\n'
                'terraform { source = "${local.base}/modules//bare" }\n'
            },
            ["live::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/terragrunt.hcl": "locals {\n"
                '  all = merge({source = "../modules/bare"}, try(yamldecode(file("none.yml")), {}))\n}\n'
                "terraform { source = local.all.source }\n"
            },
            ["live::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/terragrunt.hcl": 'terraform { source = "git::https://example.com/infra.git//modules/bare?ref=v1" }\n'
            },
            ["modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/terragrunt.hcl": 'terraform { source = "git@github.com:acme/infra.git//modules/bare?ref=${get_env("V")}" }\n'
            },
            ["modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/terragrunt.hcl": 'terraform { source = "git::https://example.com/infra.git//modules/bare" }\n',
                "modules/bare/x.tf": STATE,
            },
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/terragrunt.hcl": 'terraform { source = "git::https://example.com/infra.git//modules/bare" }\n',
                "modules/bare/terragrunt.hcl": "",
            },
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {"live/terragrunt.hcl": 'terraform { source = "git::https://example.com/infra.git//bare" }\n'},
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {"live/main.tf": 'module "n" {\n  source = "git::https://example.com/infra.git//modules/bare?ref=v1"\n}\n'},
            ["modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {"live/main.tf.json": '{"module": {"n": {"source": "github.com/acme/infra//modules/bare"}}}'},
            ["modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/main.tf": 'module "n" {\n  source = "git@example.com:modules.git//net"\n}\n'
                'module "m" {\n  source = "git::https://example.com/modules.git//."\n}\n',
                "net/main.tf": 'resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n}\n',
            },
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v", "net::aws_vpc.v"],
        ),
        (
            {"live/main.tf": 'module "n" {\n  source = "git@example.com:infra.git//bare"\n}\n'},
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/main.tf": 'module "n" {\n  source = "git@example.com:infra.git//modules/bare"\n}\n',
                "modules/bare/x.tf": STATE,
            },
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "live/a/main.tofu": 'variable "base" {}\nvariable "ref" {}\n'
                'module "a" {\n  source = "${var.base}/modules/bare"\n}\n'
                'module "b" {\n  source = "git::https://example.com/i.git//modules/full?ref=${var.ref}"\n}\n'
            },
            ["modules/other/x::aws_vpc.v"],
        ),
        (
            {
                "modules/live/main.tf": 'variable "base" {}\nmodule "a" {\n  source = "${var.base}/bare"\n}\n',
                "modules/live/net.tf": 'module "b" {\n  source = "${var.base}/modules/full"\n}\n',
            },
            ["modules/bare::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
        (
            {"live/terragrunt.hcl": 'terraform { source = "tfr:///acme/net/aws//modules/bare?version=1.0.0" }\n'},
            ["modules/bare::aws_vpc.v", "modules/full::aws_vpc.v", "modules/other/x::aws_vpc.v"],
        ),
    ],
)
def test_what_a_source_may_be_is_no_root_by_itself(tmp_path: Path, files: dict[str, str], found: list[str]) -> None:
    """What is around the call is not known there, so nothing certain can be said of it."""
    for name, text in {".git/HEAD": "", **CALLED, **files}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    _, report = scan(tmp_path, ("--rules", "VPCE001"), {})
    assert [f"{each['root']}::{each['address']}" for each in report["vpcs"]] == found


def test_the_files_of_apps_are_those_that_the_walk_looks_for() -> None:
    assert apps._TOOLS.keys() == discovery.APP_FILES
