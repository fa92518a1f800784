"""Module directories: which files, what is declared twice, override files, requests to ignore."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.terraform.syntax.printing import shape
from vpce_checks.files import tracked
from vpce_checks.model.ignores import IgnoreComment
from vpce_checks.terraform.syntax import source_files
from vpce_checks.terraform.syntax.module_source import ModuleLoader, load_module
from vpce_checks.terraform.syntax.structure import Body, ModuleSource, blocks_of
from vpce_checks.terraform.syntax.text_shows import may_call


def write(directory: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def load(directory: Path, files: Mapping[str, str]) -> ModuleSource:
    return load_module(str(write(directory, files)))


def told(module: ModuleSource) -> list[tuple[str, int, str]]:
    return [(os.path.basename(problem.file), problem.line, problem.message) for problem in module.diagnostics]


def values(body: Body) -> dict[str, str]:
    return {name: shape(attribute.expr) for name, attribute in body.attributes.items()}


def test_every_kind_of_block_is_found_by_its_name(tmp_path: Path) -> None:
    module = load(
        tmp_path,
        {
            "b.tf": 'resource "aws_vpc" "a" {}\ndata "aws_region" "r" {}\nephemeral "e" "f" {}\nmodule "m" {}\n',
            "a.tf": 'variable "v" {}\noutput "o" {}\nlocals {\n  l = 1\n}\nlocals {\n  k = 2\n}\nterraform {}\n'
            'provider "aws" {}\nprovider "aws" {\n  alias = "west"\n}\nmoved {}\nimport {}\ncheck "c" {}\nremoved {}\n',
            "c.tf.json": '{"output": {"p": {"value": 1}}}',
            "notes.txt": "no terraform",
            ".hidden.tf": "broken",
            "x.tf~": "broken",
            "#x.tf#": "broken",
            "sub/x.tf": "broken",
        },
    )
    assert told(module) == []
    assert [os.path.basename(path) for path in module.files] == ["a.tf", "b.tf", "c.tf.json"]
    assert module.language == "terraform"
    assert list(module.resources) == [("aws_vpc", "a")]
    assert list(module.data) == [("aws_region", "r")]
    assert list(module.ephemeral) == [("e", "f")]
    assert (list(module.modules), list(module.variables), list(module.outputs)) == (["m"], ["v"], ["o", "p"])
    assert list(module.locals) == ["l", "k"]
    assert list(module.providers) == [("aws", ""), ("aws", "west")]
    assert len(module.terraform) == 1


def test_a_module_of_json_only_says_so(tmp_path: Path) -> None:
    assert load(tmp_path, {"a.tf.json": "{}", "override.tf.json": "{}"}).language == "terraform-json"


def test_of_two_blocks_with_one_name_the_first_wins(tmp_path: Path) -> None:
    module = load(
        tmp_path,
        {
            "a.tf": 'resource "t" "n" {\n  x = 1\n}\nvariable "v" {}\nlocals {\n  l = 1\n}\nprovider "aws" {}\n',
            "b.tf": 'resource "t" "n" {\n  x = 2\n}\nvariable "v" {}\nlocals {\n  l = 2\n}\nprovider "aws" {}\n'
            'output "o" {}\noutput "o" {}\nmodule "m" {}\nmodule "m" {}\n',
        },
    )
    assert told(module) == [
        ("b.tf", 1, 'resource "t" "n" is declared twice, first at a.tf:1; rename or remove one'),
        ("b.tf", 4, 'variable "v" is declared twice, first at a.tf:4; rename or remove one'),
        ("b.tf", 6, "the local 'l' is defined twice, first at a.tf:6; remove one"),
        ("b.tf", 8, 'provider "aws" is declared twice, first at a.tf:8; rename or remove one'),
        ("b.tf", 10, 'output "o" is declared twice, first at b.tf:9; rename or remove one'),
        ("b.tf", 12, 'module "m" is declared twice, first at b.tf:11; rename or remove one'),
    ]
    assert values(module.resources["t", "n"].body) == {"x": "Literal(1)"}


def test_labels_must_be_as_many_as_the_block_takes(tmp_path: Path) -> None:
    module = load(tmp_path, {"a.tf": 'resource "a" {}\nvariable {}\nlocals "x" {}\nfoo {}\nx = 1\noutput "fine" {}\n'})
    assert told(module) == [
        ("a.tf", 5, "'x' is set outside of any block; put it into one"),
        ("a.tf", 1, "a 'resource' block takes its type in quotes and its name in quotes, but this one has 1 label"),
        ("a.tf", 2, "a 'variable' block takes its name in quotes, but this one has 0 labels"),
        ("a.tf", 3, "a 'locals' block takes no label, but this one has 1 label"),
        ("a.tf", 4, "Terraform has no block type 'foo'"),
    ]
    assert list(module.outputs) == ["fine"]


def test_a_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    module = load(
        tmp_path,
        {"a.tf": 'variable "a" {\n  x = 1 +\n}\nvariable "b" {}\n', "b.tf": 'variable "c" {}\n', "c.tf.json": "{"},
    )
    assert [(file, line) for file, line, _ in told(module)] == [("a.tf", 2), ("c.tf.json", 1)]
    assert list(module.variables) == ["a", "b", "c"]


OVERRIDE = {
    "main.tf": """
resource "t" "n" {
  a = 1
  b = 2
  ingress {
    p = 1
  }
  ingress {
    p = 2
  }
  dynamic "egress" {
    for_each = []
  }
  other {}
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [a]
  }
}
resource "t" "counted" {
  count = 1
}
variable "v" {
  type    = string
  default = "x"
}
output "o" {
  value = 1
}
locals {
  l = 1
  k = 1
}
module "m" {
  source = "./a"
  x      = 1
}
provider "aws" {
  region  = "a"
  profile = "p"
}
terraform {
  required_version = "1"
  backend "s3" {}
  required_providers {
    aws  = { source = "hashicorp/aws" }
    null = { source = "hashicorp/null" }
  }
}
""",
    "a_override.tf": """
resource "t" "n" {
  b = 3
  c = 4
  ingress {
    p = 9
  }
  egress {}
  lifecycle {
    prevent_destroy = true
    ignore_changes  = [b]
  }
}
resource "t" "counted" {
  for_each = {}
}
variable "v" {
  default = "y"
}
locals {
  l = 2
}
module "m" {
  source = "./b"
}
provider "aws" {
  region = "b"
}
provider "new" {
  region = "c"
}
terraform {
  cloud {}
  required_providers {
    aws = { source = "other/aws" }
  }
}
""",
    "override.tf.json": '{"resource": {"t": {"n": {"c": 5}}}, "output": {"o": {"value": 2}}}',
}


def test_override_files_merge_as_terraform_merges(tmp_path: Path) -> None:
    module = load(tmp_path, OVERRIDE)
    assert told(module) == []
    block = module.resources["t", "n"]
    assert block.span.line == 2
    assert os.path.basename(block.span.file) == "main.tf"
    assert values(block.body) == {"a": "Literal(1)", "b": "Literal(3)", "c": "Literal(5)"}
    assert [values(nested.body) for nested in blocks_of(block.body, "ingress")] == [{"p": "Literal(9)"}]
    assert [nested.type for nested in block.body.blocks] == ["other", "lifecycle", "ingress", "egress"]
    (lifecycle,) = blocks_of(block.body, "lifecycle")
    assert values(lifecycle.body) == {
        "create_before_destroy": "Literal(True)",
        "ignore_changes": "TupleCons((Name('b')))",
        "prevent_destroy": "Literal(True)",
    }
    assert values(module.resources["t", "counted"].body) == {"count": "Literal(1)"}
    assert values(module.variables["v"].body) == {"type": "Name('string')", "default": "Literal('y')"}
    assert values(module.outputs["o"].body) == {"value": "Literal(2)"}
    assert {name: shape(local.expr) for name, local in module.locals.items()} == {"l": "Literal(2)", "k": "Literal(1)"}
    assert values(module.modules["m"].body) == {"source": "Literal('./b')", "x": "Literal(1)"}
    assert values(module.providers["aws", ""].body) == {"region": "Literal('b')", "profile": "Literal('p')"}
    assert values(module.providers["new", ""].body) == {"region": "Literal('c')"}
    settings = [
        (nested.type, tuple(nested.body.attributes)) for block in module.terraform for nested in block.body.blocks
    ]
    assert settings == [("required_providers", ("null",)), ("cloud", ()), ("required_providers", ("aws",))]


def test_an_override_needs_something_to_override(tmp_path: Path) -> None:
    module = load(
        tmp_path,
        {
            "override.tf": 'resource "t" "n" {}\nlocals {\n  l = 1\n}\nprovider "aws" {\n  alias = "x"\n}\n'
            'variable "v" {}\n',
        },
    )
    assert told(module) == [
        ("override.tf", 1, 'there is no resource "t" "n" for this override file to override'),
        ("override.tf", 3, "there is no local 'l' for this override file to override"),
        ("override.tf", 5, 'there is no provider "aws" for this override file to override'),
        ("override.tf", 8, 'there is no variable "v" for this override file to override'),
    ]
    assert not module.resources and not module.locals


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on PATH")
def test_terraform_merges_the_same(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.tf": 'locals {\n  l = 1\n  k = 1\n}\nvariable "v" {\n  type = number\n  default = 1\n}\n',
            "override.tf": 'locals {\n  l = 2\n}\nvariable "v" {\n  default = 2\n}\n',
            "z_override.tf": "locals {\n  l = 3\n}\n",
            "b_override.tf": 'variable "v" {\n  default = 3\n}\n',
        },
    )
    done = subprocess.run(
        ["terraform", "console"], input="[local.l, local.k, var.v]\n", cwd=tmp_path, capture_output=True, text=True
    )
    module = load_module(str(tmp_path))
    ours = [module.locals["l"].expr, module.locals["k"].expr, module.variables["v"].body.attributes["default"].expr]
    assert [shape(expr) for expr in ours] == ["Literal(3)", "Literal(1)", "Literal(2)"]
    assert done.stdout.split() == ["[", "3,", "1,", "2,", "]"]


def test_requests_to_ignore_stand_in_comments_only(tmp_path: Path) -> None:
    text = """
# vpce-checks:ignore VPCE001 no traffic to S3
resource "t" "a" {
  x = "vpce-checks:ignore VPCE002 in a string"
  y = "x" // vpce-checks:ignore vpce003, VPCE004: two rules
  /* many
     vpce-checks:ignore VPCE005 in a block */
  #checkov:skip=VPCE006:by checkov
  #checkov:skip=CKV_AWS_1:not ours
  #checkov:skip=CKV_AWS_1,VPCE007
  z = <<EOT
# vpce-checks:ignore VPCE008
EOT
  # vpce-checks:ignore
  # vpce-checks:ignore all of it
  # vpce-checks:ignore VPC001 mistyped
}
"""
    module = load(
        tmp_path, {"a.tf": text, "b.tf.json": '{"locals": {\n"//": "vpce-checks:ignore VPCE009 json", "a": 1}}'}
    )
    file, json_file = module.files
    assert module.ignores == (
        IgnoreComment(file, 2, ("VPCE001",), "no traffic to S3", about=3),
        IgnoreComment(file, 5, ("VPCE003", "VPCE004"), "two rules"),
        IgnoreComment(file, 7, ("VPCE005",), "in a block"),
        IgnoreComment(file, 8, ("VPCE006",), "by checkov"),
        IgnoreComment(file, 10, ("VPCE007",), ""),
        IgnoreComment(file, 14, (), ""),
        IgnoreComment(file, 15, (), "of it"),
        IgnoreComment(file, 16, ("VPC001",), "mistyped"),
        IgnoreComment(json_file, 2, ("VPCE009",), "json"),
    )


def test_nothing_outside_of_the_repository_is_read(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"secret.tf": 'variable "secret" {}\n'})
    inside = write(tmp_path / "repository", {"main.tf": 'variable "v" {}\n', "real/x.tf": 'variable "w" {}\n'})
    (inside / "link.tf").symlink_to(outside / "secret.tf")
    (inside / "fine.tf").symlink_to(inside / "real" / "x.tf")
    (inside / "directory").symlink_to(outside)
    (inside / "dangling.tf").symlink_to(inside / "nowhere")
    (inside / "loop.tf").symlink_to(inside / "loop.tf")
    module = load_module(str(inside), places=(str(inside),))
    assert list(module.variables) == ["w", "v"]
    assert sorted(told(module)) == [
        ("dangling.tf", 1, "the file cannot be read: No such file or directory"),
        ("link.tf", 1, "this file is a link that leads outside the scanned repository; it is not read"),
        ("loop.tf", 1, "the file cannot be read: Too many levels of symbolic links"),
    ]
    (problem,) = load_module(str(inside / "directory"), places=(str(inside),)).diagnostics
    assert "outside the scanned repository" in problem.message
    (problem,) = load_module(str(inside / ".." / "outside"), places=(str(inside),)).diagnostics
    assert "outside the scanned repository" in problem.message


def test_only_regular_files_of_bearable_size_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_files, "MAX_FILE_BYTES", 1_000_000)
    (tmp_path / "big.tf").write_bytes(b"#" * 1_000_001)
    (tmp_path / "most.tf").write_bytes(b"#" * 1_000_000)
    os.mkfifo(tmp_path / "pipe.tf")
    (tmp_path / "folder.tf").mkdir()
    assert told(load_module(str(tmp_path))) == [
        ("big.tf", 1, "the file cannot be read: larger than 1 MB"),
        ("pipe.tf", 1, "the file cannot be read: not a regular file"),
    ]


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    (problem,) = load_module(str(tmp_path / "none")).diagnostics
    assert "No such file" in problem.message


def test_a_loader_reads_each_directory_once(tmp_path: Path) -> None:
    write(tmp_path, {"m/a.tf": 'variable "v" {}\n'})
    (tmp_path / "alias").symlink_to(tmp_path / "m")
    loader = ModuleLoader(str(tmp_path))
    first = loader.load(str(tmp_path / "m"))
    assert loader.load(str(tmp_path / "m" / ".." / "alias")) is first


def test_a_file_that_changes_after_its_calls_were_read_is_read_anew(tmp_path: Path) -> None:
    call = 'module "net" {\n  source = "./net"\n}\n'
    write(tmp_path, {"main.tf": call, "other.tf": call.replace("net", "dns")})
    loader = ModuleLoader(str(tmp_path))
    assert list(loader.load_where(str(tmp_path), may_call).modules) == ["net", "dns"]
    write(tmp_path, {"main.tf": call + 'resource "aws_vpc" "late" {}\n'})
    with tracked.recording() as seen:
        module = loader.load(str(tmp_path))
    assert list(module.resources) == [("aws_vpc", "late")]
    assert list(module.modules) == ["net", "dns"]
    assert str(tmp_path / "main.tf") in {path for _, path in seen}
