"""Baselines: what was there before is ignored, what is new or has become certain is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.rules.networks import gateway, hidden, interface, network, policy, vpc
from vpce_checks.files.output import OutputError
from vpce_checks.model.network import Network
from vpce_checks.model.scenario import Limit
from vpce_checks.model.spans import Span
from vpce_checks.rules.baseline import BaselineError, apply, load_baseline, write_baseline
from vpce_checks.rules.finding import Finding
from vpce_checks.rules.judge import judge


def judged(root: Path, *objects: object) -> list[Finding]:
    made = network(*objects)
    return judge([replace(made, root=str(root))], policy(interface="ssm"))


def statuses(findings: list[Finding]) -> dict[str, str]:
    return {finding.rule: finding.status for finding in findings}


def test_what_is_recorded_is_ignored_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    before = judged(tmp_path / "prod", vpc(), gateway("dynamodb", route_tables=hidden()))
    assert write_baseline(str(file), before) == 3  # VPCE001, VPCE003 and the doubt of VPCE007
    baseline = load_baseline(str(file))
    assert statuses(apply(before, baseline))["VPCE001"] == "ignored"
    after = apply(judged(tmp_path / "prod", vpc()), baseline)
    assert statuses(after) == {"VPCE001": "ignored", "VPCE002": "fail", "VPCE003": "ignored"}
    assert "in the baseline" in after[0].message
    elsewhere = apply(judged(tmp_path / "dev", vpc()), baseline)
    assert set(statuses(elsewhere).values()) == {"fail"}


def test_lines_may_move_and_the_repository_too(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    file = tmp_path / "a" / "baseline.json"
    write_baseline(str(file), judged(tmp_path / "a" / "prod", vpc()))
    moved = tmp_path / "b"
    (tmp_path / "a").rename(moved)
    place = vpc()
    shifted = replace(place, declared=replace(place.declared, span=Span("/elsewhere/main.tf", 70, 1, 80)))
    found = apply(judged(moved / "prod", shifted), load_baseline(str(moved / "baseline.json")))
    assert set(statuses(found).values()) == {"ignored"}


def test_doubt_that_becomes_a_failure_is_reported(tmp_path: Path) -> None:
    file = str(tmp_path / "baseline.json")
    doubtful = judged(tmp_path, vpc(), gateway(exists=hidden()))
    write_baseline(file, doubtful)
    assert statuses(apply(doubtful, load_baseline(file)))["VPCE001"] == "ignored"
    assert statuses(apply(judged(tmp_path, vpc()), load_baseline(file)))["VPCE001"] == "fail"
    write_baseline(file, judged(tmp_path, vpc()))
    assert statuses(apply(doubtful, load_baseline(file)))["VPCE001"] == "ignored"


def test_services_of_one_vpc_are_told_apart(tmp_path: Path) -> None:
    file = str(tmp_path / "baseline.json")
    made = replace(network(vpc()), root=str(tmp_path))
    write_baseline(file, judge([made], policy("", "ssm")))
    found = apply(judge([made], policy("", "ssm logs")), load_baseline(file))
    assert {finding.service: finding.status for finding in found} == {"ssm": "ignored", "logs": "fail"}


def test_the_file_is_the_same_for_the_same_findings(tmp_path: Path) -> None:
    one, other = tmp_path / "1.json", tmp_path / "2.json"
    found = judged(tmp_path, vpc(), vpc("aws_vpc.other"), interface("s3"))
    write_baseline(str(one), found)
    write_baseline(str(other), reversed(found))
    assert one.read_bytes() == other.read_bytes()
    assert json.loads(one.read_text())["version"] == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a baseline"),
        ("{", "line 1"),
        ("[]", "no list"),
        ("[" * 100_000, "is not a baseline"),
        ('{"findings": {}}', "no list"),
        ('{"version": 2, "findings": []}', "version 2"),
        ('{"version": 1, "findings": [{"rule": "VPCE001"}]}', "finding 1"),
        ('{"version": 1, "findings": [3]}', "finding 1"),
        ('{"version": 1, "findings": [{"rule": "A", "root": ".", "resource": "b", "status": "pass"}]}', "finding 1"),
        ("\N{SNOWMAN}", "is not a baseline"),
    ],
)
def test_a_bad_file_is_told_in_words(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_bytes(text.encode("utf-16" if text == "\N{SNOWMAN}" else "utf-8"))
    with pytest.raises(BaselineError, match=says) as caught:
        load_baseline(str(file))
    assert str(file) in str(caught.value)


def test_files_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="there is no baseline"):
        load_baseline(str(tmp_path / "none.json"))
    with pytest.raises(OutputError, match="cannot write"):
        write_baseline(str(tmp_path / "no" / "such" / "place.json"), [])


def test_a_relative_root_is_kept_as_it_is(tmp_path: Path) -> None:
    file = str(tmp_path / "baseline.json")
    found = judge([Network("envs/prod", vpcs=(vpc(),))], policy())
    write_baseline(file, found)
    assert statuses(apply(found, load_baseline(file))) == {"VPCE001": "ignored", "VPCE002": "ignored"}


def in_cases(finding: Finding, *cases: tuple[Limit, ...]) -> Finding:
    return replace(finding, cases=cases, when=("somewhere",))


DEV, DEV_OR_TEST = (Limit("Stage", ("dev",)),), (Limit("Stage", ("dev", "test")),)
NOT_LIVE, LIVE = (Limit("Stage", ("live",), negated=True),), (Limit("Stage", ("live",)),)
DEV_BY_NIGHT = (*DEV, Limit("Night", ("yes",)))


@pytest.mark.parametrize(
    ("before", "now", "status"),
    [
        ((DEV_OR_TEST,), (DEV,), "ignored"),
        ((DEV,), (DEV_OR_TEST,), "fail"),
        ((DEV,), (LIVE,), "fail"),
        ((DEV,), (), "fail"),
        ((), (DEV,), "ignored"),
        ((NOT_LIVE,), (DEV_OR_TEST,), "ignored"),
        ((NOT_LIVE,), (LIVE,), "fail"),
        ((DEV_OR_TEST,), (NOT_LIVE,), "fail"),
        ((DEV,), (DEV_BY_NIGHT,), "ignored"),
        ((DEV_BY_NIGHT,), (DEV,), "fail"),
        ((DEV, LIVE), (LIVE,), "ignored"),
        ((DEV,), (DEV, LIVE), "fail"),
    ],
)
def test_a_failure_in_other_scenarios_is_new(
    before: tuple[tuple[Limit, ...], ...], now: tuple[tuple[Limit, ...], ...], status: str, tmp_path: Path
) -> None:
    file = str(tmp_path / "baseline.json")
    (finding,) = (item for item in judged(tmp_path, vpc()) if item.rule == "VPCE001")
    write_baseline(file, [in_cases(finding, *before)])
    assert statuses(apply([in_cases(finding, *now)], load_baseline(file))) == {"VPCE001": status}


def test_an_older_baseline_records_any_scenario(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    (finding,) = (item for item in judged(tmp_path, vpc()) if item.rule == "VPCE001")
    write_baseline(str(file), [in_cases(finding, DEV)])
    document = json.loads(file.read_text())
    assert document["findings"][0].pop("when") == [[{"name": "Stage", "is": ["dev"]}]]
    file.write_text(json.dumps(document))
    assert statuses(apply([in_cases(finding, LIVE)], load_baseline(str(file)))) == {"VPCE001": "ignored"}
    document["findings"][0]["when"] = [["dev"]]
    file.write_text(json.dumps(document))
    with pytest.raises(BaselineError):
        load_baseline(str(file))
