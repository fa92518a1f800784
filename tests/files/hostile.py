"""A repository whose links and paths all lead out of it, to files that hold a secret."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

SECRET = "xyzzy-secret"

VPC = f'resource "aws_vpc" "{SECRET}" {{\n  cidr_block = "10.0.0.0/16"\n}}\n'
TEMPLATE = json.dumps({"Resources": {"Secret": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": SECRET}}}})
INSTALLED = {
    "Modules": [
        {"Key": "up", "Source": "org/up/aws", "Dir": "../../outside/module"},
        {"Key": "linked", "Source": "org/linked/aws", "Dir": ".terraform/modules/linked"},
        {"Key": "absolute", "Source": "org/absolute/aws", "Dir": "/etc"},
    ]
}

OUTSIDE = {
    "module/main.tf": VPC + f'output "secret" {{\n  value = "{SECRET}"\n}}\n',
    "dot-terraform/environment": SECRET,
    "dot-terraform/modules/modules.json": json.dumps(INSTALLED),
    "secret.txt": SECRET,
    "secret.tf": VPC,
    "secret.tfvars": f'name = "{SECRET}"\n',
    "secret.tfvars.json": json.dumps({"name": SECRET}),
    "secret.tfdeploy.hcl": f'deployment "one" {{\n  inputs = {{\n    name = "{SECRET}"\n  }}\n}}\n',
    "secret.tfcomponent.hcl": f'component "secret" {{\n  source = "{SECRET}"\n}}\n',
    "secret.hcl": f'locals {{\n  name = "{SECRET}"\n}}\ninputs = {{\n  name = "{SECRET}"\n}}\n',
    "unit/terragrunt.hcl": f'terraform {{\n  source = "../module"\n}}\ninputs = {{\n  name = "{SECRET}"\n}}\n',
    "unit/main.tf": VPC,
    "template.json": TEMPLATE,
    "manifest.json": json.dumps({"artifacts": {SECRET: {"type": "aws:cdk:tree"}}}),
    "samconfig.toml": f'[default.deploy.parameters]\nparameter_overrides = "Name={SECRET}"\n',
    "plan.json": json.dumps({"format_version": "1.2", "planned_values": {}, "resource_changes": [{"address": SECRET}]}),
    "run/source/.terragrunt-source-version": "",
}

ROOT = """variable "name" {
  default = "main"
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags = { Name = "${var.name}-${terraform.workspace}" }
}
resource "aws_vpc_endpoint" "named" {
  vpc_id            = aws_vpc.main.id
  vpc_endpoint_type = "Interface"
  service_name      = "com.amazonaws.eu-west-1.${var.name}-${terraform.workspace}"
}
"""

READS = (
    "\n".join(
        f'output "o{number}" {{\n  value = {call}\n}}'
        for number, call in enumerate(
            f'{function}("{path}"{rest})'
            for path in (
                "../../outside/secret.txt",
                "${path.module}/../../outside/secret.txt",
                "linked.txt",
                "directory/secret.txt",
                "directory/../secret.txt",
                "/etc/passwd",
                "~/.bashrc",
                "../up/outside/secret.txt",
                "loop.txt",
                "pipe.txt",
            )
            for function, rest in (
                ("file", ""),
                ("filebase64", ""),
                ("filesha256", ""),
                ("fileexists", ""),
                ("templatefile", ", {}"),
                ("fileset", ', "**"'),
            )
        )
    )
    + '\noutput "set" {\n  value = fileset(path.module, "{directory,up}/*")\n}\n'
)

CALLS = "\n".join(
    f'module "{name}" {{\n  source = "{source}"\n}}'
    for name, source in {
        "up": "org/up/aws",
        "linked": "org/linked/aws",
        "absolute": "org/absolute/aws",
        "local": "../../outside/module",
        "local_link": "./directory",
        "beyond": "./directory/../module",
    }.items()
)

UNIT = """include "up" {
  path = "../../outside/secret.hcl"
}
include "parents" {
  path = find_in_parent_folders("outside/secret.hcl")
}
include "link" {
  path = "linked.hcl"
}
locals {
  parents  = find_in_parent_folders("../outside/secret.hcl", "none")
  named    = find_in_parent_folders("secret-above.hcl", "none")
  read     = read_terragrunt_config("../../outside/secret.hcl", {})
  by_link  = read_terragrunt_config("linked.hcl", {})
  in_link  = read_terragrunt_config("directory/unit/terragrunt.hcl", {})
  tfvars   = read_tfvars_file("../../outside/secret.tfvars")
  file     = file("../../outside/secret.txt")
  exists   = fileexists("../../outside/secret.txt")
}
dependency "out" {
  config_path = "../../outside/unit"
}
dependency "link" {
  config_path = "directory/unit"
}
dependencies {
  paths = ["../../outside/unit", "directory/unit"]
}
terraform {
  source = "git::https://example.com/m.git//vpc?ref=v1"
  extra_arguments "files" {
    commands           = ["apply", "plan"]
    required_var_files = ["../../outside/secret.tfvars", "linked.tfvars"]
    optional_var_files = ["../../outside/other.tfvars"]
    arguments          = ["-var-file=../../outside/secret.tfvars"]
  }
}
inputs = merge(local, { out = dependency.out.outputs, link = dependency.link.outputs })
"""

STACK = """unit "out" {
  source = "../../outside/unit"
  path   = "out"
}
unit "link" {
  source = "./directory/unit"
  path   = "link"
}
unit "path" {
  source = "../unit"
  path   = "../../../outside/made"
}
stack "out" {
  source = "../../outside/unit"
  path   = "stack"
}
"""

NESTED = {
    "Parameters": {"Name": {"Type": "String"}},
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        **{
            f"Child{number}": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
            for number, url in enumerate(
                (
                    "../../outside/template.json",
                    "directory/template.json",
                    "linked.json",
                    "/etc/passwd",
                    "file:///etc/passwd",
                    f"https://s3.amazonaws.com/bucket/{'a' * 64}.json",
                )
            )
        },
        "Included": {
            "Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "../../outside/template.json"}}
        },
    },
}
ASSETS = {"files": {"a" * 64: {"source": {"path": "../../outside/template.json"}}}}
MANIFEST = {
    "artifacts": {
        "Stack": {
            "type": "aws:cloudformation:stack",
            "environment": "aws://1/eu-west-1",
            "properties": {"templateFile": "t.template.json"},
            "additionalMetadataFile": "../../outside/secret.txt",
        },
        "Other": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "../../outside/template.json"}},
    }
}
SERVERLESS = """service: s
provider:
  name: aws
resources:
  - ${file(../../outside/template.json)}
  - ${file(directory/template.json)}
  - ${file(~/.aws/config)}
  - ${file(/etc/passwd)}
  - Resources:
      Vpc:
        Type: AWS::EC2::VPC
        Properties: ${file(linked.json):Resources.Secret.Properties}
"""

REPOSITORY = {
    "workspace/main.tf": ROOT,
    "environment/main.tf": ROOT,
    "code/main.tf": ROOT,
    "values/main.tf": ROOT,
    "reads/main.tf": ROOT + READS,
    "pipes/other.tf": ROOT + 'module "up" {\n  source = "org/up/aws"\n}\n',
    "calls/main.tf": ROOT + CALLS,
    "calls/.terraform/modules/modules.json": json.dumps(INSTALLED),
    "installed/main.tf": ROOT + CALLS,
    "components/main.tfcomponent.hcl": 'variable "name" {\n  type = string\n}\n',
    "unit/terragrunt.hcl": UNIT,
    "made/terragrunt.stack.hcl": STACK,
    "nested/t.json": json.dumps(NESTED),
    "cdk.out/t.template.json": json.dumps(NESTED),
    "cdk.out/t.assets.json": json.dumps(ASSETS),
    "cdk.out/manifest.json": json.dumps(MANIFEST),
    "assembly/t.template.json": json.dumps(NESTED),
    "service/serverless.yml": SERVERLESS,
    "plans/plan.json": json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "planned_values": {"root_module": {}},
            "resource_changes": [],
            "configuration": {"root_module": {"module_calls": {"m": {"source": "../../outside/module", "module": {}}}}},
        }
    ),
    "plans/main.tf": ROOT + CALLS,
}

# Where each link of the repository leads, as it is written there.
LINKS = {
    "workspace/.terraform": "../../outside/dot-terraform",
    "environment/.terraform/environment": "../../../outside/secret.txt",
    "code/linked.tf": "../../outside/secret.tf",
    "code/folder.tf": "../../outside",
    "code/loop.tf": "loop.tf",
    "code/there-and-back.tf": "../../outside/../repository/code/main.tf",
    "values/terraform.tfvars": "../../outside/secret.tfvars",
    "values/a.auto.tfvars": "../../outside/secret.tfvars",
    "values/b.auto.tfvars.json": "../../outside/secret.tfvars.json",
    "values/other.tfvars": "../../outside/secret.tfvars",
    "reads/linked.txt": "../../outside/secret.txt",
    "reads/directory": "../../outside",
    "reads/loop.txt": "loop.txt",
    "up": "..",
    "calls/directory": "../../outside/module",
    "calls/.terraform/modules/linked": "../../../../outside/module",
    "installed/.terraform/modules": "../../../outside/dot-terraform/modules",
    "components/linked.tfdeploy.hcl": "../../outside/secret.tfdeploy.hcl",
    "components/linked.tfcomponent.hcl": "../../outside/secret.tfcomponent.hcl",
    "unit/linked.hcl": "../../outside/secret.hcl",
    "unit/linked.tfvars": "../../outside/secret.tfvars",
    "unit/directory": "../../outside",
    "unit/.terragrunt-cache": "../../outside/run",
    "linked-unit/terragrunt.hcl": "../../outside/unit/terragrunt.hcl",
    "made/directory": "../../outside",
    "linked-stack/terragrunt.stack.hcl": "../../outside/secret.hcl",
    "nested/directory": "../../outside",
    "nested/linked.json": "../../outside/template.json",
    "nested/samconfig.toml": "../../outside/samconfig.toml",
    "assembly/manifest.json": "../../outside/manifest.json",
    "assembly/t.assets.json": "../../outside/manifest.json",
    "service/directory": "../../outside",
    "service/linked.json": "../../outside/template.json",
    "plans/linked.json": "../../outside/plan.json",
    "plans/linked.tfplan": "../../outside/plan.json",
    "template.yaml": "../outside/template.json",
    "folder": "../outside",
    "root": "/",
    "home": "/root",
    "terminal.tf": "/dev/tty",
    "null.json": "/dev/zero",
    "process.yaml": "/proc/self/environ",
}

PIPES = (
    "pipes/main.tf",
    "pipes/terraform.tfvars",
    "pipes/x.auto.tfvars",
    "pipes/.terraform/environment",
    "pipes/.terraform/modules/modules.json",
    "pipes/template.yaml",
    "pipes/plan.json",
    "pipes/samconfig.toml",
    "pipes/manifest.json",
    "pipe-unit/terragrunt.hcl",
    "pipe-stack/terragrunt.stack.hcl",
    "pipes/x.tfdeploy.hcl",
    "reads/pipe.txt",
    "nested/manifest.json",
)


def write(top: Path, files: Mapping[str, str]) -> None:
    """Write ``files``, by their paths below ``top``."""
    for name, text in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)


def link(top: Path, links: Mapping[str, str]) -> None:
    """Make symbolic links, by their paths below ``top``."""
    for name, target in links.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).symlink_to(target)


def hostile_tree(top: Path, *, pipes: bool = True) -> Path:
    """``top/repository``, which leads to ``top/outside`` wherever it can."""
    make_outside(top)
    repository = top / "repository"
    (repository / ".git").mkdir(parents=True)
    write(repository, REPOSITORY)
    link(repository, LINKS)
    for name in PIPES if pipes else ():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(repository / name)
    return repository


def make_outside(top: Path) -> None:
    """What the repository leads to."""
    write(top / "outside", OUTSIDE)
    write(top, {"secret-above.hcl": OUTSIDE["secret.hcl"], "terragrunt.hcl": OUTSIDE["unit/terragrunt.hcl"]})


def remove_outside(top: Path) -> None:
    """Leave the repository alone in the world."""
    shutil.rmtree(top / "outside")
    (top / "secret-above.hcl").unlink()
    (top / "terragrunt.hcl").unlink()
