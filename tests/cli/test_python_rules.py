"""Rules in Python, on the command line: which are run and which never, and what their mistakes come to."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import MISSING, Result, cli, process, root
from tests.project.git_repository import commit, git
from vpce_checks import Finding, Network, Policy, Rule, ScanOptions, Vpc, about_vpc, scan
from vpce_checks.project.python_rules import _Guard
from vpce_checks.report import format_names

RULE = """\
from vpce_checks import Rule, about_vpc

from ._words import WORD


def check(network, vpc, policy):
    yield about_vpc(RULE, vpc, "fail", f"{vpc.address} is {WORD}", fix=None)


RULE = Rule(id="ORG-PY-1", title="No VPC of that kind", severity="medium", judges="vpc", check=check)
"""
WORDS = 'WORD = "not wanted"\n'
POLICY = "version: 1\nrequired: {gateway: []}\nrules_dir: rules\n"
TRUST = "--trust-repo-rules"
FOUND = [("ORG-PY-1", "aws_vpc.main")]
NOT_RUN = (
    "the rules in rules (2 files) are not run, as whoever changes the scanned repository can change them or this file"
)


def rules_in(directory: Path, text: str = RULE) -> Path:
    """A directory of rules, with a file that the rules import."""
    root(directory, text, "org.py")
    root(directory, WORDS, "_words.py")
    return directory


def policy_in(directory: Path, text: str = POLICY, name: str = ".vpce-checks.yaml") -> str:
    return str(root(directory, text, name) / name)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that brings its rules."""
    place = root(tmp_path / "repository", MISSING)
    (place / ".git").mkdir()
    policy_in(place)
    rules_in(place / "rules")
    return place


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A repository without a policy."""
    place = root(tmp_path / "plain", MISSING)
    (place / ".git").mkdir()
    return place


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A policy with rules that is in no repository of the scan. Its rules leave a mark where they are run."""
    place = tmp_path / "outside"
    policy_in(place, name="policy.yaml")
    rules_in(place / "rules")
    return place


def failed(result: Result) -> list[tuple[str, str]]:
    return [(item["rule"], item["resource"]) for item in json.loads(result.out)["results"] if item["status"] == "fail"]


def errors(result: Result) -> list[str]:
    report = json.loads(result.out)
    return [item["message"] for each in report["roots"] for item in each["diagnostics"] if item["severity"] == "error"]


def scanned(directory: Path, *options: str) -> Result:
    return cli("scan", "--format", "json", *options, cwd=directory)


def flat(text: str) -> str:
    return " ".join(text.split())


# --- who is trusted ------------------------------------------------------------------------------------------------


def test_rules_of_the_repository_are_not_run(repository: Path) -> None:
    (repository / "rules" / "org.py").write_text("import os\nos.mkdir('ran')\n" + RULE)
    result = cli("scan", cwd=repository)
    assert result.code == 3
    assert f"error: .vpce-checks.yaml:3: {NOT_RUN}" in flat(result.out)
    assert not (repository / "ran").exists()
    assert failed(scanned(repository)) == []


@pytest.mark.parametrize("format", format_names())
def test_every_format_says_what_is_not_run(repository: Path, format: str) -> None:
    result = cli("scan", "--format", format, cwd=repository)
    assert result.code == 3
    if format != "csv":
        assert "the rules in rules" in flat(result.out + result.err)


def test_the_rest_is_judged(repository: Path) -> None:
    policy_in(repository, "version: 1\nrules_dir: rules\n")
    result = scanned(repository)
    assert (result.code, failed(result)) == (3, [("VPCE001", "aws_vpc.main"), ("VPCE002", "aws_vpc.main")])


def test_rules_of_the_repository_are_run_if_the_user_says_so(repository: Path) -> None:
    result = scanned(repository, TRUST)
    assert (result.code, failed(result), errors(result)) == (1, FOUND, [])
    assert sorted(path.name for path in (repository / "rules").iterdir()) == ["_words.py", "org.py"]
    assert not any(str(repository) in each for each in sys.path)


def test_rules_outside_are_run(plain: Path, outside: Path) -> None:
    result = scanned(plain, "--policy", str(outside / "policy.yaml"))
    assert (result.code, failed(result), errors(result)) == (1, FOUND, [])


def test_an_outside_policy_is_none_that_lies_in_the_repository(repository: Path) -> None:
    for policy in (".vpce-checks.yaml", str(repository / ".vpce-checks.yaml")):
        assert scanned(repository, "--policy", policy).code == 3


def test_a_link_to_a_policy_does_not_make_it_another_ones(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "linked.yaml").symlink_to(repository / ".vpce-checks.yaml")
    rules_in(tmp_path / "rules")
    result = scanned(repository, "--policy", str(tmp_path / "linked.yaml"))
    assert (result.code, failed(result)) == (3, [])


def test_rules_in_the_repository_are_not_run_for_an_outside_policy(plain: Path) -> None:
    rules_in(plain / "rules")
    policy = policy_in(plain.parent, POLICY.replace("rules_dir: rules", "rules_dir: plain/rules"), "p.yaml")
    result = cli("scan", "--format", "json", "plain", "--policy", policy, cwd=plain.parent)
    assert (result.code, failed(result)) == (3, [])
    assert cli("scan", "plain", "--policy", policy, TRUST, cwd=plain.parent).code == 1


def test_a_link_through_the_repository_is_not_trusted(plain: Path, outside: Path) -> None:
    """Whoever changes the repository decides where it leads."""
    (plain / "way").symlink_to(outside / "rules")
    (plain.parent / "linked").symlink_to(plain / "way")
    policy = policy_in(plain.parent, POLICY.replace("rules_dir: rules", "rules_dir: linked"), "p.yaml")
    result = cli("scan", "--format", "json", "plain", "--policy", policy, cwd=plain.parent)
    assert (result.code, failed(result)) == (3, [])


def test_an_extended_policy_of_the_repository_is_not_trusted(repository: Path) -> None:
    policy = policy_in(repository.parent, "version: 1\nextends: [repository/.vpce-checks.yaml]\n", "p.yaml")
    result = cli("scan", "--format", "json", "repository", "--policy", policy, cwd=repository.parent)
    assert result.code == 3
    assert "ORG-PY-1" not in [rule for rule, _ in failed(result)]


def test_what_is_around_a_submodule_is_not_trusted(repository: Path) -> None:
    part = root(repository / "part", MISSING)
    (part / ".git").write_text("gitdir: ../.git/modules/part\n")
    result = scanned(part, "--policy", "../.vpce-checks.yaml")
    assert (result.code, failed(result)) == (3, [])


def test_of_two_repositories_none_is_trusted(repository: Path, plain: Path) -> None:
    result = scanned(plain, ".", str(repository), "--policy", str(repository / ".vpce-checks.yaml"))
    assert (result.code, failed(result)) == (3, [])


def test_no_policy_leads_out_of_its_repository(repository: Path, outside: Path) -> None:
    (repository / "linked").symlink_to(outside / "rules")
    for named in ("../outside/rules", "linked", str(outside / "rules")):
        policy_in(repository, POLICY.replace("rules_dir: rules", f"rules_dir: {named}"))
        for options in ((), (TRUST,)):
            result = scanned(repository, *options)
            assert result.code == 2
            assert ".vpce-checks.yaml:3: the rules directory" in result.err
            assert "is outside of the repository of this file" in result.err


def test_no_file_leads_out_of_the_directory(repository: Path, outside: Path) -> None:
    (repository / "rules" / "more.py").symlink_to(outside / "rules" / "org.py")
    result = scanned(repository, TRUST)
    assert result.code == 2
    assert "rules/more.py:1: this is a link that leads out of the rules directory" in result.err


def test_a_comparison_does_not_make_rules_trusted(repository: Path) -> None:
    """The earlier state is scanned in another directory, of which the rules of today are no part."""
    shutil.rmtree(repository / ".git")
    git(repository, "init", "-q")
    commit(repository)
    (repository / "main.tf").write_text(MISSING + "# more\n")
    policy = policy_in(
        repository.parent, POLICY.replace("rules_dir: rules", "rules_dir: repository/rules"), "policy.yaml"
    )
    mark = repository.parent / "ran"
    (repository / "rules" / "org.py").write_text(f"import os\nos.mkdir({str(mark)!r})\n" + RULE)
    arguments = ("scan", "repository", "--changed-since", "HEAD", "--policy", policy)
    assert cli(*arguments, cwd=repository.parent).code == 3
    assert not mark.exists()


# --- mistakes ------------------------------------------------------------------------------------------------------

GOOD_RULE = 'Rule(id="ORG-PY-1", title="t", severity="low", judges="vpc", check=check)'
HEAD = "from vpce_checks import Rule, about_vpc\n\n\ndef check(network, vpc, policy):\n    return []\n\n\n"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("def check(\n", 1, "this rule cannot be loaded: SyntaxError: '(' was never closed"),
        ("\nimport no_such_module\n", 2, "this rule cannot be loaded: ModuleNotFoundError: No module named"),
        ("\n\n1 / 0\n", 3, "this rule cannot be loaded: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(0)\n", 2, "this rule cannot be loaded: SystemExit: 0"),
        ("from ..outside import x\n", 1, "this rule cannot be loaded: ImportError"),
        ("from . import no_such\n", 1, "this rule cannot be loaded: ImportError"),
        ("x = 1\n", 1, "this file has no RULE and no RULES; begin its name with _"),
        (f"{HEAD}RULE = {GOOD_RULE}\nRULES = [RULE]\n", 1, "this file has both RULE and RULES"),
        ("RULE = 'ORG-PY-1'\n", 1, "this is a str, and not a Rule or a list of them"),
        ("RULES = []\n", 1, "this holds no rule"),
        ("RULES = [1]\n", 1, "this is a int, and not a Rule"),
        (HEAD + "RULE = " + GOOD_RULE.replace("ORG-PY-1", "VPCE001"), 4, "'VPCE001' cannot be the id of a rule"),
        (HEAD + "RULE = " + GOOD_RULE.replace("ORG-PY-1", "org_py"), 4, "'org_py' cannot be the id of a rule"),
        (
            HEAD + "RULE = " + GOOD_RULE.replace('"low"', '"urgent"'),
            4,
            "the rule ORG-PY-1 is wrong: its severity has to be low, medium or high",
        ),
        (
            HEAD + "RULE = " + GOOD_RULE.replace('"vpc"', '"subnet"'),
            4,
            "the rule ORG-PY-1 is wrong: it has to judge vpc, endpoint or opaque",
        ),
        (HEAD + "RULE = " + GOOD_RULE.replace('"t"', '" "'), 4, "the rule ORG-PY-1 is wrong: it has no title"),
        (HEAD + "RULE = " + GOOD_RULE.replace('"t"', "7"), 4, "the rule ORG-PY-1 is wrong: its title is no text"),
        (
            HEAD + "RULE = " + GOOD_RULE.replace("check=check", "check=7"),
            1,
            "the rule ORG-PY-1 is wrong: its check is no function",
        ),
        (
            HEAD + "RULE = " + GOOD_RULE.replace(")", ', url="javascript:x")'),
            4,
            "the rule ORG-PY-1 is wrong: its url is no address",
        ),
        (
            HEAD + "RULE = " + GOOD_RULE.replace(")", ', name="A b")'),
            4,
            "the rule ORG-PY-1 is wrong: its name is not like-this",
        ),
        (HEAD + f"RULES = [{GOOD_RULE}, {GOOD_RULE}]\n", 4, "there is another rule ORG-PY-1, at org.py:4"),
    ],
)
def test_mistakes_in_a_file(repository: Path, text: str, line: int, message: str) -> None:
    (repository / "rules" / "org.py").write_text(text)
    result = scanned(repository, TRUST)
    assert result.code == 2
    assert f"rules/org.py:{line}: {message}" in result.err
    assert "Traceback" not in result.err


def test_all_mistakes_are_told_together(repository: Path) -> None:
    for name in ("a.py", "b.py"):
        (repository / "rules" / name).write_text("1 / 0\n")
    (repository / "rules" / "not-a-name.py").write_text("")
    result = scanned(repository, TRUST)
    assert "rules/not-a-name.py:1: the name of this file is none that Python can import" in result.err
    (repository / "rules" / "not-a-name.py").unlink()
    result = scanned(repository, TRUST)
    assert "rules/a.py:1: " in result.err
    assert "rules/b.py:1: " in result.err


def test_a_directory_without_rules(repository: Path) -> None:
    (repository / "rules" / "org.py").unlink()
    result = scanned(repository, TRUST)
    assert result.code == 2
    assert ".vpce-checks.yaml:3: there is no Python file with rules in this directory" in result.err
    shutil.rmtree(repository / "rules")
    for options in ((), (TRUST,)):
        result = scanned(repository, *options)
        assert result.code == 2
        assert ".vpce-checks.yaml:3: there is no directory rules with rules" in result.err


def test_an_id_that_the_policy_declares_too(repository: Path) -> None:
    declared = "own_rules: [{id: ORG-PY-1, title: t, must_have: {service: kms}}]\n"
    policy_in(repository, POLICY + declared)
    result = scanned(repository, TRUST)
    assert result.code == 2
    assert ".vpce-checks.yaml:4: there is another rule ORG-PY-1, at rules/org.py:6" in result.err
    assert failed(scanned(repository)) == FOUND  # the declared one


def test_an_id_that_there_is_not(repository: Path) -> None:
    policy_in(repository, POLICY + "rules: {ORG-PY-2: off}\n")
    result = scanned(repository, TRUST)
    assert result.code == 2
    assert ".vpce-checks.yaml:4: this policy declares no rule ORG-PY-2; did you mean 'ORG-PY-1'?" in result.err
    assert scanned(repository).code == 3  # nobody knows


def judged(repository: Path, body: str, *options: str) -> Result:
    text = "from vpce_checks import Evidence, Finding, Fix, Rule, about_vpc\n\n\ndef check(network, vpc, policy):\n"
    rule = '\n\nRULE = Rule(id="ORG-PY-1", title="t", severity="low", judges="vpc", check=check)\n'
    (repository / "rules" / "org.py").write_text(f"{text}    {body}\n{rule}")
    return scanned(repository, TRUST, *options)


YIELD = 'yield about_vpc(RULE, vpc, "fail", "m"'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("yield 1 / 0", "ZeroDivisionError: division by zero at org.py:5"),
        ("raise SystemExit(0)", "SystemExit: 0 at org.py:5"),
        ("return None", "its check returns a NoneType and no findings"),
        ("return ['fail']", "its check yields a str and no finding"),
        ("while True: " + YIELD + ")", "it has more than 1000 findings"),
        (YIELD + ", why=['because'])", "AttributeError: 'str' object has no attribute 'span' at org.py:5"),
        (YIELD + ", fix='do it')", "its check yields a finding with a fix that is none"),
        (YIELD + ", fix=Fix('set', value=3))", "its check yields a finding with a fix that is none"),
        (YIELD + ", why=[Evidence('t', kind='x')])", "its check yields a finding with a 'why' that is no evidence"),
        (YIELD + ", service=3)", "its check yields a finding with a service that is no text"),
        (YIELD.replace('"fail"', '"failed"') + ")", "its check yields a finding status 'failed'"),
        (YIELD.replace('"fail"', '"ignored"') + ")", "its check yields a finding status 'ignored'"),
        (YIELD + ', severity="urgent")', "its check yields a finding severity 'urgent'"),
        ("yield Finding('VPCE001', 'pass', 'low', vpc.declared, 'm')", "its check yields a finding rule 'VPCE001'"),
        ("yield Finding('ORG-PY-1', 'fail', 'low', vpc, 'm')", "its check yields a finding about no declaration"),
        ("return check(network, vpc, policy)", "RecursionError"),
    ],
)
def test_a_rule_that_fails(repository: Path, body: str, message: str) -> None:
    result = judged(repository, body)
    assert result.code == 3
    (told,) = errors(result)
    assert told.startswith(f"ORG-PY-1 could not check aws_vpc.main: {message}")
    assert "please report" not in told
    (item,) = (item for item in json.loads(result.out)["results"] if item["rule"] == "ORG-PY-1")
    assert item["status"] == "unknown"


def test_its_text_may_be_secret(repository: Path) -> None:
    code = MISSING + 'variable "word" {\n  default   = "hush"\n  sensitive = true\n}\nlocals {\n  it = var.word\n}\n'
    (repository / "main.tf").write_text(code.replace("10.0.0.0/16", "${var.word}"))
    result = judged(repository, "raise ValueError(str(vpc.cidrs))")
    assert result.code == 3
    assert "hush" not in result.out
    assert "ValueError: its text may hold sensitive values at org.py:5" in errors(result)[0]


def test_what_a_rule_says_of_itself_alone_counts(repository: Path) -> None:
    body = "yield Finding('ORG-PY-1', 'fail', 'low', vpc.declared, 'm', root='/x', ignored_by='policy', reason='r')"
    result = judged(repository, body)
    assert (result.code, failed(result)) == (1, FOUND)


def test_what_it_prints_is_not_in_the_report(repository: Path) -> None:
    result = judged(repository, "print('printed'); " + YIELD + ")")
    assert failed(result) == FOUND
    assert "printed" in result.err


# --- like any other rule -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", format_names())
def test_every_format_has_it(repository: Path, format: str) -> None:
    assert "ORG-PY-1" in cli("scan", TRUST, "--format", format, cwd=repository).out


def test_sarif_describes_it(repository: Path) -> None:
    run = json.loads(cli("scan", TRUST, "--format", "sarif", cwd=repository).out)["runs"][0]
    (result,) = run["results"]
    described: dict[str, Any] = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert (described["id"], described["name"]) == ("ORG-PY-1", "no-vpc-of-that-kind")
    assert described["shortDescription"]["text"] == "No VPC of that kind"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--rules", "ORG-PY-1"], FOUND),
        (["--rules", "VPCE001"], []),
        (["--skip-rules", "ORG-PY-1"], []),
        (["--min-severity", "high"], []),
    ],
)
def test_chosen(repository: Path, options: list[str], found: list[tuple[str, str]]) -> None:
    assert failed(scanned(repository, TRUST, *options)) == found


def test_fail_on(repository: Path) -> None:
    assert scanned(repository, TRUST, "--fail-on", "high").code == 0
    assert scanned(repository, TRUST, "--fail-on", "medium").code == 1


def test_a_rule_that_is_not_run_cannot_be_chosen(repository: Path) -> None:
    result = scanned(repository, "--rules", "ORG-PY-1")
    assert result.code == 2
    assert "declares a rule ORG-PY-1; rules in Python that are in the scanned repository are not run" in result.err


@pytest.mark.parametrize("more", ["rules: {ORG-PY-1: off}\n", "ignore: [{rule: ORG-PY-1, reason: agreed}]\n"])
def test_the_policy_switches_it_off(repository: Path, more: str) -> None:
    policy_in(repository, POLICY + more)
    assert failed(scanned(repository, TRUST)) == []


def test_the_policy_sets_its_severity(repository: Path) -> None:
    policy_in(repository, POLICY + "rules: {ORG-PY-1: {severity: high}}\n")
    assert scanned(repository, TRUST, "--fail-on", "high").code == 1


def test_off_means_not_run(repository: Path) -> None:
    policy_in(repository, POLICY + "rules: {ORG-PY-1: off}\n")
    assert judged(repository, "yield 1 / 0").code == 0


def test_a_comment_ignores_it(repository: Path) -> None:
    code = MISSING.replace("  cidr_block", "  # vpce-checks:ignore ORG-PY-1 why\n  cidr_block")
    (repository / "main.tf").write_text(code)
    result = scanned(repository, TRUST, "--strict-ignores")
    assert (result.code, failed(result)) == (0, [])
    assert cli("ignores", TRUST, cwd=repository).code == 0
    assert "there is no rule 'ORG-PY-1'" not in cli("scan", cwd=repository).out


def test_a_baseline_knows_it(repository: Path) -> None:
    assert cli("scan", TRUST, "--baseline", "b.json", "--write-baseline", cwd=repository).code == 0
    assert cli("scan", TRUST, "--baseline", "b.json", cwd=repository).code == 0


def test_it_holds_below_the_policy_file(repository: Path) -> None:
    """Also where another file is nearer, as other keys about the scan do; that one sets severities."""
    part = root(repository / "part", MISSING)
    policy_in(part, "version: 1\nrequired: {gateway: []}\nrules: {ORG-PY-1: {severity: high}}\n")
    report = json.loads(scanned(repository, TRUST).out)
    assert {(each["root"], each["severity"]) for each in report["results"]} == {(".", "medium"), ("part", "high")}
    assert failed(scanned(part, TRUST)) == FOUND


def test_a_directory_that_two_policies_name_is_one(repository: Path) -> None:
    part = root(repository / "part", MISSING)
    policy_in(part, "version: 1\nrequired: {gateway: []}\nrules_dir: ../rules\n")
    assert failed(scanned(part, TRUST)) == FOUND


def test_nothing_is_kept_in_a_cache(repository: Path, tmp_path: Path) -> None:
    """Nobody knows what else its verdicts rest on."""
    cache = str(tmp_path / "cache")
    (repository.parent / "word").write_text("first")
    body = f"yield about_vpc(RULE, vpc, 'fail', open({str(repository.parent / 'word')!r}).read())"
    texts = []
    for word in ("first", "second"):
        (repository.parent / "word").write_text(word)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CONFIG_HOME", cache)
            result = judged(repository, body, "--cache", cache)
        texts += [item["message"] for item in json.loads(result.out)["results"]]
    assert texts == ["first", "second"]


def test_in_several_processes(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vpce_checks.execution.workers.PATIENCE", -1)
    for number in range(6):
        root(repository / f"root{number}", MISSING)
    result = scanned(repository, TRUST, "--jobs", "2")
    assert (result.code, failed(result)) == (1, FOUND * 7)


def test_in_new_processes(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS and Windows, where a process knows nothing of what its parent has loaded."""
    monkeypatch.setattr("vpce_checks.execution.workers.PATIENCE", -1)
    monkeypatch.setattr("vpce_checks.execution.process.sys.platform", "darwin")
    for number in range(3):
        root(repository / f"root{number}", MISSING)
    result = scanned(repository, TRUST, "--jobs", "2")
    assert (result.code, failed(result)) == (1, FOUND * 4)


def test_a_changed_file_of_rules_concerns_every_root(repository: Path) -> None:
    result = scanned(repository, TRUST, "--changed-files", "rules/_words.py")
    assert failed(result) == FOUND
    (repository / "notes.py").write_text("")
    assert failed(scanned(repository, TRUST, "--changed-files", "notes.py")) == []


def test_a_change_that_touches_rules_is_told(repository: Path) -> None:
    shutil.rmtree(repository / ".git")
    git(repository, "init", "-q")
    commit(repository)
    (repository / "rules" / "org.py").write_text(RULE + "\n# changed\n")
    result = cli("scan", TRUST, "--changed-since", "HEAD", cwd=repository)
    assert "the policy: maybe: the rules in rules/org.py are changed" in flat(result.out)
    assert result.code == 0  # it failed before
    policy_in(repository, "version: 1\nrequired: {gateway: []}\n")
    result = cli("scan", "--changed-since", "HEAD", cwd=repository)
    assert "the policy: the rules in rules do not hold any more" in flat(result.out)


# --- other commands ------------------------------------------------------------------------------------------------


def test_rules_and_explain(repository: Path, plain: Path, outside: Path) -> None:
    assert cli("rules", TRUST, cwd=repository).out.splitlines()[-1].split()[:3] == [
        "ORG-PY-1",
        "medium",
        "no-vpc-of-that-kind",
    ]
    listed = json.loads(cli("rules", TRUST, "--format", "json", cwd=repository).out)["rules"]
    assert listed[-1]["id"] == "ORG-PY-1"
    assert cli("explain", "org-py-1", TRUST, cwd=repository).out.startswith("ORG-PY-1 no-vpc-of-that-kind (medium)\n")
    result = cli("rules", cwd=repository)
    assert (result.code, "ORG-PY-1" in result.out) == (0, False)
    assert f".vpce-checks.yaml:3: {NOT_RUN}" in result.err
    assert cli("explain", "ORG-PY-1", cwd=repository).code == 2
    assert "ORG-PY-1" in cli("rules", "--policy", str(outside / "policy.yaml"), cwd=plain).out


def test_rules_with_mistakes_are_not_shown(repository: Path) -> None:
    (repository / "rules" / "org.py").write_text("1 / 0\n")
    result = cli("rules", TRUST, cwd=repository)
    assert result.code == 0
    assert "the rules of the policy are not shown: rules/org.py:1: " in result.err
    assert cli("rules", TRUST, "--policy", ".vpce-checks.yaml", cwd=repository).code == 2


def test_settings_name_the_directory_and_run_nothing(repository: Path) -> None:
    (repository / "rules" / "org.py").write_text("1 / 0\n")
    policy_in(repository, POLICY + "rules: {ORG-PY-1: off}\n")
    result = cli("settings", cwd=repository)
    assert result.code == 0
    assert "rules_dir: rules (.vpce-checks.yaml:3, run only with --trust-repo-rules)" in result.out
    (policy,) = json.loads(cli("settings", "--format", "json", cwd=repository).out)["policies"]
    assert policy["rules_dirs"] == {"rules": {"from": ".vpce-checks.yaml:3", "run": False}}


def test_fix(repository: Path) -> None:
    (repository / "rules" / "org.py").write_text(
        RULE.replace("fix=None", "fix=Fix('set', vpc.address, vpc.address, field='enable_dns_hostnames', value=True)")
        .replace(
            'yield about_vpc(RULE, vpc, "fail"',
            'yield about_vpc(RULE, vpc, "fail" if not vpc.enable_dns_hostnames else "pass"',
        )
        .replace("import Rule", "import Fix, Rule")
    )
    assert cli("fix", "--rules", "ORG-PY-1", cwd=repository).code == 2
    assert cli("fix", cwd=repository).code == 3
    assert cli("fix", "--rules", "ORG-PY-1", "--write", TRUST, cwd=repository).code == 1
    assert "enable_dns_hostnames = true" in (repository / "main.tf").read_text()
    assert failed(scanned(repository, TRUST)) == []


def test_settings_say_what_is_run(plain: Path, outside: Path) -> None:
    result = cli("settings", "--policy", str(outside / "policy.yaml"), cwd=plain)
    assert "rules_dir: ../outside/rules (../outside/policy.yaml:3)" in result.out


def test_what_hosts_say(repository: Path) -> None:
    from vpce_checks.plugins.templates import verdicts

    template = root(repository, "Resources:\n  Main: {Type: AWS::EC2::VPC}\n", "net.yaml") / "net.yaml"
    (remark,) = verdicts(str(template)).errors()
    assert "are not run" in remark.message
    assert list(verdicts(str(template)).own_failures()) == []


# --- installed packages --------------------------------------------------------------------------------------------


def install(directory: Path, rule: str = RULE, entry: str = "mine = acme_rules.org:RULE") -> Path:
    """Put a package and what an installer writes about it into a directory."""
    root(directory / "acme_rules", "", "__init__.py")
    root(directory / "acme_rules", WORDS, "_words.py")
    root(directory / "acme_rules", rule, "org.py")
    listing = f"[console_scripts]\nacme = acme_rules:main\n\n[vpce_checks.rules]\n{entry}\n"
    root(directory / "acme_rules-1.0.dist-info", listing, "entry_points.txt")
    root(directory / "other-1.0.dist-info", "[console_scripts]\nother = other:main\n", "entry_points.txt")
    return directory


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory on Python's path with a package that brings a rule."""
    directory = install(tmp_path / "site")
    monkeypatch.syspath_prepend(str(directory))
    return directory


ALL = [("ORG-PY-1", "aws_vpc.main"), ("VPCE001", "aws_vpc.main"), ("VPCE002", "aws_vpc.main")]


@pytest.fixture(autouse=True)
def forget_modules() -> Any:
    """Another test has another package of this name."""
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] in ("acme", "acme_rules")]:
        del sys.modules[name]
    from vpce_checks.rules.installed import rules_of_entry

    rules_of_entry.cache_clear()


def test_rules_of_an_installed_package_are_run(plain: Path, installed: Path) -> None:
    result = scanned(plain)
    assert (result.code, failed(result)) == (1, ALL)
    assert failed(scanned(plain, "--skip-rules", "ORG-PY-1")) == ALL[1:]
    assert "ORG-PY-1" in cli("rules", cwd=plain).out
    assert "rules of an installed package: acme_rules" in cli("settings", cwd=plain).out
    policy_in(plain, "version: 1\nrules: {ORG-PY-1: off}\n")
    assert failed(scanned(plain)) == ALL[1:]


def test_in_a_process_of_its_own(plain: Path, tmp_path: Path) -> None:
    directory = install(tmp_path / "site")
    path = os.pathsep.join([str(Path(__file__).parents[2]), str(directory)])
    result = process("scan", "--format", "json", cwd=plain, PYTHONPATH=path)
    assert (result.code, failed(result)) == (1, ALL)


def test_the_repository_does_not_take_the_place_of_a_package(plain: Path, tmp_path: Path) -> None:
    directory = install(tmp_path / "site")
    root(plain / "acme_rules", "import os\nos.mkdir('ran')\n", "__init__.py")
    root(plain / "acme_rules", RULE.replace("ORG-PY-1", "ORG-PY-2"), "org.py")
    path = os.pathsep.join([str(Path(__file__).parents[2]), str(directory)])
    result = process("scan", "--format", "json", cwd=plain, PYTHONPATH=path)
    assert (result.code, failed(result)) == (1, ALL)
    assert not (plain / "ran").exists()


@pytest.mark.parametrize(
    ("rule", "entry", "message"),
    [
        (
            "1 / 0\n",
            "mine = acme_rules.org:RULE",
            "acme_rules (acme_rules.org:RULE) cannot be loaded: ZeroDivisionError",
        ),
        (RULE, "mine = acme_rules.org:RULES", "(acme_rules.org:RULES) cannot be loaded: AttributeError"),
        (RULE, "mine = acme_rules.nothing:RULE", "cannot be loaded: ModuleNotFoundError"),
        (RULE, "mine = acme_rules.org", "this is a module, and not a Rule or a list of them"),
        (RULE.replace("ORG-PY-1", "VPCE001"), "mine = acme_rules.org:RULE", "'VPCE001' cannot be the id of a rule"),
    ],
)
def test_mistakes_in_a_package(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str, entry: str, message: str
) -> None:
    monkeypatch.syspath_prepend(str(install(tmp_path / "site", rule, entry)))
    result = scanned(plain)
    assert result.code == 2
    assert "acme_rules-1.0.dist-info/entry_points.txt:5: " in result.err or "acme_rules/org.py:6: " in result.err
    assert message in result.err


def test_a_package_and_a_directory_with_one_id(repository: Path, installed: Path) -> None:
    result = scanned(repository, TRUST)
    assert result.code == 2
    assert "rules/org.py:6: there is another rule ORG-PY-1, at ../../site/acme_rules/org.py:6" in result.err


def test_a_package_in_the_repository_is_none_that_is_installed(plain: Path) -> None:
    """``python -m vpce_checks`` puts the current directory on Python's path."""
    install(plain)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(plain))
        result = scanned(plain)
        assert (result.code, failed(result)) == (3, ALL[1:])
        assert "the rules of the package acme_rules are not run, as its code is in the scanned" in errors(result)[0]
        assert failed(scanned(plain, TRUST)) == ALL


def test_a_package_whose_code_is_in_the_repository(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after ``pip install -e``: whoever changes the repository changes what is run."""
    site = install(tmp_path / "site")
    shutil.move(site / "acme_rules", plain / "acme_rules")
    for directory in (plain, site):
        monkeypatch.syspath_prepend(str(directory))
    result = scanned(plain)
    assert (result.code, failed(result)) == (3, ALL[1:])
    assert "as its code is in the scanned repository" in errors(result)[0]
    assert failed(scanned(plain, TRUST)) == ALL
    assert failed(scanned(tmp_path, "plain")) == ALL[1:]


def test_an_environment_in_the_repository_is_trusted(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As whoever can change it can change vpce-checks itself."""
    site = install(plain / ".venv" / "site-packages")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(site))
    assert failed(scanned(plain)) == ALL


class Editable:
    """What ``pip install -e`` puts among Python's finders: a module is found in the repository, wherever Python's path leads."""

    def __init__(self, name: str, file: Path) -> None:
        self.name, self.file = name, str(file)

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """Return where the module is."""
        return spec_from_file_location(fullname, self.file) if fullname == self.name else None


MARK = "import os\nos.mkdir({!r})\n"


def test_a_part_of_a_package_may_be_in_the_repository(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package is installed, and what the entry point names in it is found by a finder."""
    site = install(tmp_path / "site")
    (site / "acme_rules" / "org.py").unlink()
    root(plain / "src", MARK.format(str(tmp_path / "ran")) + RULE, "org.py")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(sys, "meta_path", [Editable("acme_rules.org", plain / "src" / "org.py"), *sys.meta_path])
    result = scanned(plain)
    assert (result.code, failed(result)) == (3, ALL[1:])
    assert "the rules of the package acme_rules are not run" in errors(result)[0]
    assert not (tmp_path / "ran").exists()
    assert failed(scanned(plain, TRUST)) == ALL


@pytest.mark.parametrize("is_in_check", [False, True])
def test_what_trusted_rules_import_is_not_in_the_repository(
    plain: Path, outside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_in_check: bool
) -> None:
    root(plain / "src", MARK.format(str(tmp_path / "ran")), "acme_rules.py")
    rule = (
        RULE.replace("policy):\n", "policy):\n    import acme_rules\n") if is_in_check else f"import acme_rules\n{RULE}"
    )
    rules_in(outside / "rules", rule)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Editable("acme_rules", plain / "src" / "acme_rules.py")])
    result = scanned(plain, "--policy", str(outside / "policy.yaml"))
    assert result.code == (3 if is_in_check else 2)
    assert "acme_rules is in the scanned repository" in result.out + result.err
    assert not (tmp_path / "ran").exists()


def test_what_was_imported_from_the_repository_before_is_not_trusted(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program that calls a scan may have put it on Python's path, and taken it off again."""
    site = install(tmp_path / "site")
    shutil.move(site / "acme_rules", plain / "acme_rules")
    monkeypatch.syspath_prepend(str(site))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(plain))
        import_module("acme_rules.org")
    result = scanned(plain)
    assert (result.code, failed(result)) == (3, ALL[1:])
    assert "as its code is in the scanned repository" in errors(result)[0]


@pytest.mark.parametrize("packages", [(), ("acme",), ("acme", "acme/vpc")])
@pytest.mark.parametrize("is_scanned", [False, True])
def test_a_package_in_a_package(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packages: tuple[str, ...], is_scanned: bool
) -> None:
    """Also where a package is a directory without ``__init__.py``."""
    site = plain if is_scanned else tmp_path / "site"
    for package in packages:
        root(site / package, "", "__init__.py")
    root(site / "acme" / "vpc", WORDS, "_words.py")
    root(site / "acme" / "vpc", RULE, "rules.py")
    root(site / "acme-1.0.dist-info", "[vpce_checks.rules]\nmine = acme.vpc.rules:RULE\n", "entry_points.txt")
    monkeypatch.syspath_prepend(str(site))
    result = scanned(plain)
    assert (result.code, failed(result)) == ((3, ALL[1:]) if is_scanned else (1, ALL))


def test_a_package_in_a_package_that_is_in_the_repository_in_part(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python joins directories without ``__init__.py`` from all over its path."""
    site = tmp_path / "site"
    root(site / "acme-1.0.dist-info", "[vpce_checks.rules]\nmine = acme.vpc.rules:RULE\n", "entry_points.txt")
    root(site / "acme" / "other", "", "__init__.py")
    root(plain / "acme" / "vpc", MARK.format(str(tmp_path / "ran")) + RULE, "rules.py")
    root(plain / "acme" / "vpc", WORDS, "_words.py")
    for directory in (plain, site):
        monkeypatch.syspath_prepend(str(directory))
    result = scanned(plain)
    assert result.code in (2, 3)
    assert not (tmp_path / "ran").exists()


def test_rules_may_import_the_standard_library_of_a_python_in_the_repository(
    plain: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where Python itself is below the scanned directory: whoever can change it can change anything."""
    root(plain / "python" / "lib", "NUMBER = 1\n", "acme_rules.py")
    monkeypatch.syspath_prepend(str(plain / "python" / "lib"))
    rules_in(outside / "rules", f"import acme_rules\n{RULE}")
    policy = str(outside / "policy.yaml")
    assert scanned(plain, "--policy", policy).code == 2
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(plain / "python" / "lib"))
    assert failed(scanned(plain, "--policy", policy)) == FOUND


def test_rules_that_are_handed_over_may_import_what_they_like(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are those of the program that calls the scan."""
    root(plain, "NUMBER = 1\n", "acme_rules.py")
    monkeypatch.syspath_prepend(str(plain))

    def check(network: Network, vpc: Vpc, policy: Policy) -> Iterator[Finding]:
        number = import_module("acme_rules").NUMBER
        yield about_vpc(rule, vpc, "fail", f"number {number}")

    rule = Rule(id="ORG-PY-1", title="t", severity="low", judges="vpc", check=check)
    report = scan(ScanOptions(paths=(str(plain),), python_rules=(rule,)))
    assert [each.message for each in report.findings if each.rule == "ORG-PY-1"] == ["number 1"]


def test_in_several_threads(plain: Path, outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's path and standard output are those of all threads."""
    rules_in(
        outside / "rules", RULE.replace("policy):\n", "policy):\n    __import__('time').sleep(0.001 * (id(vpc) % 7))\n")
    )
    monkeypatch.syspath_prepend(str(plain))
    path, stdout = list(sys.path), sys.stdout
    options = ScanOptions(paths=(str(plain),), policy=str(outside / "policy.yaml"))

    def found() -> list[str]:
        return [each.rule for each in scan(options).findings]

    with ThreadPoolExecutor(8) as threads:
        results = [each.result() for each in [threads.submit(found) for _ in range(24)]]
    assert results == [["ORG-PY-1"]] * 24
    assert (sys.path, sys.stdout) == (path, stdout)
    assert not [finder for finder in sys.meta_path if isinstance(finder, _Guard)]
