"""Every function that Terraform has is here."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.terraform.console import needs_terraform
from vpce_checks.terraform.lang import functions

# what `terraform metadata functions -json` of Terraform 1.11 lists, for machines without Terraform
NAMES = [
    "abs",
    "abspath",
    "alltrue",
    "anytrue",
    "base64decode",
    "base64encode",
    "base64gzip",
    "base64sha256",
    "base64sha512",
    "basename",
    "bcrypt",
    "can",
    "ceil",
    "chomp",
    "chunklist",
    "cidrhost",
    "cidrnetmask",
    "cidrsubnet",
    "cidrsubnets",
    "coalesce",
    "coalescelist",
    "compact",
    "concat",
    "contains",
    "csvdecode",
    "dirname",
    "distinct",
    "element",
    "endswith",
    "ephemeralasnull",
    "file",
    "filebase64",
    "filebase64sha256",
    "filebase64sha512",
    "fileexists",
    "filemd5",
    "fileset",
    "filesha1",
    "filesha256",
    "filesha512",
    "flatten",
    "floor",
    "format",
    "formatdate",
    "formatlist",
    "indent",
    "index",
    "issensitive",
    "join",
    "jsondecode",
    "jsonencode",
    "keys",
    "length",
    "log",
    "lookup",
    "lower",
    "matchkeys",
    "max",
    "md5",
    "merge",
    "min",
    "nonsensitive",
    "one",
    "parseint",
    "pathexpand",
    "plantimestamp",
    "pow",
    "range",
    "regex",
    "regexall",
    "replace",
    "reverse",
    "rsadecrypt",
    "sensitive",
    "setintersection",
    "setproduct",
    "setsubtract",
    "setunion",
    "sha1",
    "sha256",
    "sha512",
    "signum",
    "slice",
    "sort",
    "split",
    "startswith",
    "strcontains",
    "strrev",
    "substr",
    "sum",
    "templatefile",
    "templatestring",
    "textdecodebase64",
    "textencodebase64",
    "timeadd",
    "timecmp",
    "timestamp",
    "title",
    "tobool",
    "tolist",
    "tomap",
    "tonumber",
    "toset",
    "tostring",
    "transpose",
    "trim",
    "trimprefix",
    "trimspace",
    "trimsuffix",
    "try",
    "upper",
    "urlencode",
    "uuid",
    "uuidv5",
    "values",
    "yamldecode",
    "yamlencode",
    "zipmap",
]


def test_every_listed_name_is_known() -> None:
    assert functions.all_names() == {*NAMES, *(f"core::{name}" for name in NAMES)}


@needs_terraform
def test_every_name_of_this_terraform_is_known() -> None:
    process = subprocess.run(["terraform", "metadata", "functions", "-json"], capture_output=True, check=True)
    real = json.loads(process.stdout)["function_signatures"].keys()
    assert real - functions.all_names() == set()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in functions.LAZY])
def test_every_name_leads_to_its_function(name: str) -> None:
    function = functions.find(f"core::{name}")
    assert function is not None
    assert function.name == name
    assert functions.find(name) is function


def test_other_names_lead_nowhere() -> None:
    assert functions.find("nope") is None
    assert functions.find("core::core::abs") is None or functions.find("core::core::abs") is functions.find("abs")
    assert functions.find("provider::aws::arn_parse") is None


def test_a_family_is_imported_only_when_it_is_asked_for() -> None:
    heavy = {"zlib", "hashlib", "ipaddress", "yaml", "csv", "json", "datetime", "base64", "unicodedata", "fractions"}
    program = (
        "import sys; before = set(sys.modules)\n"
        "from vpce_checks.terraform.lang import functions\n"
        "functions.find('merge'), functions.find('concat'), functions.find('join'), functions.find('tolist')\n"
        f"print(sorted((set(sys.modules) - before) & {heavy!r}))"
    )
    process = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"
