"""``python -m bench.sight``: what other programs see of ``examples/``, whose faults are known, and prints a table.

Checkov has the YAML policies of this repository, as it has no rules for endpoints. cfn-lint has its own rules, and sees only
templates. Trivy's evaluator (``tfparse``) has no rules: of it is counted for how many endpoints it knows the VPC.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench import contenders
from bench.contenders import REPOSITORY, Contenders
from bench.measure import environment

RECORD = Path(__file__).with_name("SIGHT.md")
POLICIES = {"VPCEY001": "VPCE001", "VPCEY002": "VPCE002", "VPCEY004": "VPCE004"}
"""The YAML policies for Terraform, and the rules that they stand for; those for templates differ by a 1 in the middle."""

LOAD = """\
import json, sys, tfparse
print(json.dumps([tfparse.load_from_path(root) for root in sys.argv[1:]], default=str))
"""

ROW = re.compile(r"^\| \[([\w/-]+)\]\(\1\) \|.*\| (VPCE\d{3}) \|", re.M)
"""A row of the page of the examples: where a fault is, and the rule that it breaks."""

Found = set[tuple[str, str, str]]
"""Rule, file and address without indexes: what several instances of one block have in common."""


def main(arguments: list[str] | None = None) -> int:
    """Count, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.sight", description=__doc__)
    parser.add_argument(
        "--tools", type=Path, default=Path(".bench"), metavar="DIR", help="where programs are installed"
    )
    parser.add_argument("--write", action="store_true", help="record the table in bench/SIGHT.md")
    options = parser.parse_args(arguments)
    text = table(contenders.install(options.tools.resolve(), None))
    print(text, end="")
    if options.write:
        RECORD.write_text(text, encoding="utf-8")
    return 0


def table(programs: Contenders) -> str:
    """Return what each program sees, as Markdown."""
    versions = programs.versions()
    with tempfile.TemporaryDirectory() as directory:
        examples = Path(directory) / "examples"
        shutil.copytree(REPOSITORY / "examples", examples)
        (Path(directory) / ".git").mkdir()
        report = _json(directory, str(programs.ours / "bin" / "vpce-checks"), "scan", "examples", "--format", "json")
        stated = ROW.findall((examples / "README.md").read_text(encoding="utf-8"))
        fails = [each for each in report["results"] if each["status"] == "fail"]
        right = [each for each in fails if any(_is_there(each, *row) for row in stated)]
        faults = {_key(each["rule"], each["file"], each["resource"]) for each in right}
        theirs = _checkov(programs, directory)
        lint = _json(directory, str(programs.cfn_lint / "bin" / "cfn-lint"), "--format", "json", *_templates(examples))
        known, seen = _evaluator(programs, examples)
    named = [each for each in report["endpoints"] if _is_terraform(each)]
    ours = sum(each["vpc"] is not None for each in named)
    return f"""\
# What is seen

Made by `python -m bench.sight` on `examples/`. Its page states {len(stated)} faults, in code that is otherwise sound. The examples and
the YAML policies are ours: the numbers say what a program can see, not how good it is at what it is made for.

| program | faults found | sound code reported |
|---|---|---|
| vpce-checks | {len(right)} of {len(stated)} | {len(fails) - len(right)} |
| Checkov {versions["checkov"]}, policies/checkov-yaml | {len(theirs & faults)} of {len(stated)} | {len(theirs - faults)} |
| cfn-lint {versions["cfn-lint"]}, its own rules (templates) | {int(bool(lint))} of 1 | 0 |

| evaluator | endpoints in Terraform whose VPC it knows |
|---|---|
| vpce-checks | {ours} of {len(named)} |
| Trivy's (tfparse {versions["tfparse"]}) | {known} of {seen} |
"""


def _is_there(result: Mapping[str, Any], path: str, rule: str) -> bool:
    """Return whether a failure is the fault that the page states for an example."""
    return result["rule"] == rule and f"{result['root']}/".startswith(f"examples/{path}/")


def _is_terraform(item: Mapping[str, Any]) -> bool:
    return str(item["file"]).endswith(".tf")


def _key(rule: str, file: str, address: str) -> tuple[str, str, str]:
    return rule, file, re.sub(r"\[[^\]]*\]", "", address)


def _checkov(programs: Contenders, directory: str) -> Found:
    """Return the blocks that fail a YAML policy, by the rule that it stands for."""
    policies = str(REPOSITORY / "policies" / "checkov-yaml")
    options = ("--external-checks-dir", policies, "--check", "VPCEY*", "--skip-download", "--compact", "-o", "json")
    parts = _json(directory, str(programs.checkov / "bin" / "checkov"), "-d", "examples", *options)
    found: Found = set()
    for part in parts if isinstance(parts, list) else [parts]:
        for each in part["results"]["failed_checks"]:
            rule = POLICIES[each["check_id"].replace("VPCEY1", "VPCEY0")]
            found.add(_key(rule, "examples" + each["file_path"], each["resource"]))
    return found


def _templates(examples: Path) -> Iterable[str]:
    return map(str, sorted((examples / "cloudformation").glob("*.yaml")))


def _evaluator(programs: Contenders, examples: Path) -> tuple[int, int]:
    """Return for how many endpoints Trivy's evaluator knows the VPC, and how many it sees."""
    roots = sorted({str(file.parent) for file in examples.rglob("main.tf") if "modules" not in file.parts})
    loaded = _json(str(examples), str(programs.parsers / "bin" / "python"), "-c", LOAD, *roots)
    known = seen = 0
    for resources in loaded:
        vpcs = {each["id"] for each in resources.get("aws_vpc", ())}
        endpoints = resources.get("aws_vpc_endpoint", ())
        known += sum(isinstance(each.get("vpc_id"), str) and each["vpc_id"] in vpcs for each in endpoints)
        seen += len(endpoints)
    return known, seen


def _json(directory: str, *command: str) -> Any:
    """Return what a program prints. All of these end with an exit code other than 0 if they find something."""
    done = subprocess.run(command, cwd=directory, env=environment(), stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
