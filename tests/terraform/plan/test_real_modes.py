"""Plans of every mode, made by Terraform itself: what is certain of them is so, and what they leave out is said."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.expectations import report_results, scan
from tests.truth import deploy, overrides
from tests.truth.environment import Tools

pytestmark = pytest.mark.slow

VPC = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
S3 = """\
resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.s3"
}
"""
DYNAMODB = """\
variable "on" {
  default = true
}

resource "aws_vpc_endpoint" "dynamodb" {
  count        = var.on ? 1 : 0
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.dynamodb"
}
"""
OUTPUTS = 'output "nothing" {\n  value = null\n}\n\noutput "dynamodb" {\n  value = aws_vpc_endpoint.dynamodb[*].id\n}\n'
ALL = VPC + S3 + DYNAMODB


class Place:
    """A directory in which Terraform works, with the state of what it has applied."""

    def __init__(self, tools: Tools, moto: str, folder: Path) -> None:
        self.tools, self.moto, self.folder = tools, moto, folder / "code"
        self.folder.mkdir()
        (self.folder / ".git").mkdir()
        self._scanned = 0

    def terraform(self, *arguments: str) -> str:
        return deploy.terraform(self.tools, self.folder, {}, *arguments)

    def write(self, text: str) -> None:
        for old in self.folder.glob("*.tf"):
            old.unlink()
        (self.folder / "main.tf").write_text(text)
        overrides.write(self.folder, self.moto, self.tools.services)
        overrides.add_default_provider(self.folder, self.moto, self.tools.services)
        self.terraform("init", "-input=false", "-no-color")

    def apply(self, text: str, *arguments: str) -> None:
        self.write(text)
        self.terraform("apply", "-input=false", "-no-color", "-auto-approve", *arguments)

    def plan(self, *arguments: str) -> dict[str, Any]:
        with contextlib.suppress(deploy.NotApplied):  # an errored plan is saved as well
            self.terraform("plan", "-input=false", "-no-color", "-lock=false", "-out=saved.tfplan", *arguments)
        shown: dict[str, Any] = json.loads(self.terraform("show", "-json", "-no-color", "saved.tfplan"))
        return shown

    def reports(self, plan: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The reports on a plan beside its code, and alone."""
        found = []
        for beside in (True, False):
            self._scanned += 1
            folder = self.folder.parent / str(self._scanned)
            folder.mkdir()
            (folder / ".git").mkdir()
            if beside:
                shutil.copy(self.folder / "main.tf", folder)
            (folder / "plan.json").write_text(json.dumps(plan))
            found.append(scan(folder, (), {}, "plan.json")[1])
        return found


@pytest.fixture
def place(tools: Tools, moto: str, tmp_path: Path) -> Place:
    return Place(tools, moto, tmp_path)


def gateways(report: Mapping[str, Any], vpc: str = "aws_vpc.main") -> tuple[str | None, str | None]:
    """The verdicts on S3 and DynamoDB gateways."""
    statuses = report_results(report)[0]
    return statuses.get(("VPCE001", vpc, None)), statuses.get(("VPCE002", vpc, None))


def warned(report: Mapping[str, Any]) -> bool:
    return any("not complete" in each["message"] for root in report["roots"] for each in root["diagnostics"])


def without_complete(plan: Mapping[str, Any]) -> dict[str, Any]:
    """As OpenTofu and Terraform before 1.8 write it."""
    return {name: value for name, value in plan.items() if name not in ("complete", "applyable")}


def test_nothing_there_yet(place: Place) -> None:
    place.write(ALL)
    for plan in (place.plan(), without_complete(place.plan())):
        for report in place.reports(plan):
            assert gateways(report) == ("pass", "pass") and not warned(report)
    for report in place.reports(without_complete(place.plan("-var=on=false"))):
        assert gateways(report) == ("pass", "fail") and not warned(report)
    targeted = place.plan("-target=aws_vpc.main")
    for plan in (targeted, without_complete(targeted)):
        for report in place.reports(plan):
            assert gateways(report) == ("unknown", "unknown") and warned(report)
    both = place.plan("-target=aws_vpc_endpoint.s3")
    beside, alone = place.reports(without_complete(both))
    assert gateways(beside) == ("pass", "unknown") and warned(beside)
    # Nothing in such a plan tells -target from count = 0, and DynamoDB is switched off far more often.
    assert gateways(alone)[0] == "pass"
    for report in place.reports(both):
        assert gateways(report) == ("pass", "unknown") and warned(report)


def test_outputs_tell_a_targeted_plan(place: Place) -> None:
    place.write(ALL + OUTPUTS)
    for report in place.reports(without_complete(place.plan("-var=on=false"))):
        assert gateways(report) == ("pass", "fail") and not warned(report)
    for report in place.reports(without_complete(place.plan("-target=aws_vpc_endpoint.s3"))):
        assert gateways(report) == ("pass", "unknown") and warned(report)
    place.apply(ALL + OUTPUTS, "-var=on=false")
    for report in place.reports(without_complete(place.plan("-var=on=false"))):
        assert gateways(report) == ("pass", "fail") and not warned(report)


def test_some_of_it_is_there(place: Place) -> None:
    place.apply(ALL, "-target=aws_vpc.main")
    for report in place.reports(place.plan()):
        assert gateways(report) == ("pass", "pass") and not warned(report)
    for report in place.reports(place.plan("-refresh-only")):
        assert gateways(report) == (None, None) and warned(report)
    for report in place.reports(place.plan("-refresh=false", "-replace=aws_vpc.main")):
        assert gateways(report) == ("pass", "pass") and not warned(report)


def test_all_of_it_is_there(place: Place) -> None:
    place.apply(ALL)
    for report in place.reports(place.plan()):
        assert gateways(report) == ("pass", "pass") and not warned(report)
    for report in place.reports(place.plan("-var=on=false")):
        assert gateways(report) == ("pass", "fail") and not warned(report)
    for report in place.reports(place.plan("-destroy")):
        assert gateways(report) == (None, None) and not warned(report)
    for report in place.reports(place.plan("-destroy", "-target=aws_vpc_endpoint.s3")):
        assert "fail" not in gateways(report)
    for report in place.reports(place.plan("-replace=aws_vpc_endpoint.s3")):
        assert gateways(report) == ("pass", "pass") and not warned(report)


REMOVED = "removed {\n  from = aws_vpc_endpoint.s3\n\n  lifecycle {\n    destroy = false\n  }\n}\n"
MOVED = """\
resource "aws_vpc_endpoint" "other" {
  for_each     = toset(["dynamodb"])
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.${each.key}"
}

moved {
  from = aws_vpc_endpoint.dynamodb[0]
  to   = aws_vpc_endpoint.other["dynamodb"]
}
"""


def test_removed_moved_and_imported(place: Place) -> None:
    place.apply(ALL)
    place.write(VPC + REMOVED + MOVED)
    plan = place.plan()
    assert {each["change"]["actions"][0] for each in plan["resource_changes"]} >= {"forget"}
    for report in place.reports(plan):
        assert gateways(report) == ("unknown", "pass")
        assert [each["address"] for each in report["endpoints"]] == ['aws_vpc_endpoint.other["dynamodb"]']
    place.apply(VPC + REMOVED + MOVED)
    known = next(each for each in plan["resource_changes"] if each["address"] == "aws_vpc_endpoint.s3")
    identity = known["change"]["before"]["id"]
    place.write(VPC + S3 + MOVED + f'import {{\n  to = aws_vpc_endpoint.s3\n  id = "{identity}"\n}}\n')
    plan = place.plan()
    assert any(each["change"].get("importing") for each in plan["resource_changes"])
    for report in place.reports(plan):
        assert gateways(report) == ("pass", "pass") and not warned(report)


def test_an_error_stops_it(place: Place) -> None:
    wrong = 'resource "aws_vpc_endpoint" "e" {\n  vpc_id       = aws_vpc.main.id\n  service_name = "x"\n\n'
    wrong += '  lifecycle {\n    precondition {\n      condition     = var.on == null\n      error_message = "No."\n    }\n  }\n}\n'
    place.write(ALL.replace(S3, S3 + wrong))
    plan = place.plan()
    assert plan["errored"] is True
    for report in place.reports(plan):
        assert "fail" not in gateways(report) and warned(report)


SENSITIVE = """\
variable "name" {
  default   = "s3"
  sensitive = true
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.${var.name}"
  vpc_endpoint_type = var.name == "s3" ? "Gateway" : "Interface"
}

resource "terraform_data" "later" {
}

resource "aws_vpc_endpoint" "later" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.dynamodb"
  vpc_endpoint_type = terraform_data.later.id == "x" ? "Interface" : "Gateway"
}

module "none" {
  source = "./none"
  count  = 0
  vpc_id = aws_vpc.main.id
}
"""


def test_sensitive_unknown_and_absent(place: Place) -> None:
    (place.folder / "none").mkdir()
    (place.folder / "none" / "main.tf").write_text(
        'variable "vpc_id" {\n}\n' + S3.replace("aws_vpc.main.id", "var.vpc_id")
    )
    place.write(VPC + SENSITIVE)
    for report in place.reports(place.plan()):
        assert gateways(report) == ("pass", "unknown") and not warned(report)


TABLES = """\
resource "aws_route_table" "old" {
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = ROUTES
}
"""


@pytest.mark.parametrize(
    "routes",
    [
        "[aws_route_table.old.id, aws_route_table.new.id]",
        "distinct(concat([aws_route_table.old.id], aws_route_table.new[*].id))",
    ],
)
def test_route_tables_old_and_new(place: Place, routes: str) -> None:
    """Of a list of which one member is not known yet, the plan may know nothing; the others are in it none the less."""
    place.apply(VPC + TABLES.replace("ROUTES", "[aws_route_table.old.id]"))
    place.write(VPC + TABLES.replace("ROUTES", routes) + TABLES.split("\n\n")[0].replace('"old"', '"new"') + "\n")
    for report in place.reports(place.plan()):
        assert "fail" not in {status for (rule, _, _), status in report_results(report)[0].items() if rule == "VPCE007"}
