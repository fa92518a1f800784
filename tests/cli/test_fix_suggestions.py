"""``vpce-checks fix --changed-since REV --suggestions FILE``: the lines of a pull request, and the review for GitHub."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import cli
from tests.fixing.repositories import repository
from vpce_checks.fixing import review as module

VPC = 'resource "aws_vpc" "{0}" {{\n  cidr_block           = "10.0.0.0/16"\n  enable_dns_hostnames = true\n}}\n\nresource "aws_route_table" "{0}" {{\n  vpc_id = aws_vpc.{0}.id\n}}\n'
OFF = (
    '\nresource "aws_vpc_endpoint" "sqs" {\n  vpc_id              = aws_vpc.first.id\n'
    '  service_name        = "com.amazonaws.eu-west-1.sqs"\n  vpc_endpoint_type   = "Interface"\n'
    "  private_dns_enabled = false\n}\n"
)


def git(directory: Path, *arguments: str) -> str:
    own = ["-c", "user.name=me", "-c", "user.email=me@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *own, *arguments], cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(directory: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--message", "a change")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a VPC without endpoints in its first commit."""
    directory = tmp_path / "checkout"
    directory.mkdir()
    git(directory, "init", "--quiet")
    commit(directory, {"net/main.tf": VPC.format("first") + "\n# far away\n" * 10})
    return directory


def review(directory: Path, *arguments: str, code: int = 1) -> dict[str, Any]:
    done = cli("fix", "--changed-since", "HEAD~1", "--suggestions", "../review.json", *arguments, cwd=directory)
    assert done.code == code, done.out + done.err
    made: dict[str, Any] = json.loads((directory.parent / "review.json").read_text())
    return made


def taken_over(directory: Path, made: dict[str, Any]) -> None:
    """Do what GitHub does when the author commits all suggestions."""
    for each in sorted(made["comments"], key=lambda each: -each["line"]):
        file = directory / each["path"]
        (new,) = re.findall(r"^(`{3,})suggestion\n(.*)^\1$", each["body"], re.M | re.S)
        lines = file.read_text().split("\n")
        lines[each.get("start_line", each["line"]) - 1 : each["line"]] = new[1].split("\n")[:-1]
        file.write_text("\n".join(lines))


def test_what_a_change_brings_is_settled_by_its_suggestions(checkout: Path) -> None:
    commit(checkout, {"second/main.tf": VPC.format("second"), "net/queue.tf": OFF})
    made = review(checkout)
    assert made["commit_id"] == git(checkout, "rev-parse", "HEAD")
    assert made["event"] == "COMMENT" and made["body"].startswith("vpce-checks: ")
    assert {each["path"] for each in made["comments"]} == {"second/main.tf", "net/queue.tf"}
    assert all(each["side"] == "RIGHT" for each in made["comments"])
    (queue,) = (each for each in made["comments"] if each["path"] == "net/queue.tf")
    assert (queue["line"], "start_line" in queue) == (6, False)
    assert "This change settles:\n- `VPCE004` " in queue["body"]
    taken_over(checkout, made)
    after = cli("scan", "--format", "concise", cwd=checkout)
    assert "aws_vpc.second" not in after.out and "VPCE004" not in after.out
    assert "aws_vpc.first" in after.out


def test_suggestions_are_what_write_writes(checkout: Path) -> None:
    commit(checkout, {"second/main.tf": VPC.format("second"), "net/queue.tf": OFF})
    taken_over(checkout, review(checkout))
    suggested = (checkout / "second/main.tf").read_text(), (checkout / "net/queue.tf").read_text()
    git(checkout, "checkout", "--quiet", "--", ".")
    assert cli("fix", "--changed-since", "HEAD~1", "--write", cwd=checkout).code == 1
    assert ((checkout / "second/main.tf").read_text(), (checkout / "net/queue.tf").read_text()) == suggested
    assert "aws_vpc_endpoint" not in (checkout / "net/main.tf").read_text()


def test_lines_that_the_diff_does_not_show_are_left(checkout: Path) -> None:
    text = (checkout / "net/main.tf").read_text()
    commit(checkout, {"net/main.tf": text + "# one more line\n"})
    made = review(checkout)
    assert made["comments"] == [] and "nothing to suggest" in made["body"]
    done = cli("fix", "--changed-since", "HEAD~1", cwd=checkout)
    assert done.code == 1 and "why: the diff since HEAD~1 does not show the lines to change" in " ".join(
        done.out.split()
    )
    assert "+++" not in done.out


def test_a_line_that_goes_leaves_none_behind(checkout: Path) -> None:
    template = """\
Parameters:
  On: {Type: String, Default: "no"}
Conditions:
  IsOn: !Equals [!Ref On, "yes"]
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  Table:
    Type: AWS::EC2::RouteTable
    Properties: {VpcId: !Ref Vpc}
  S3:
    Type: AWS::EC2::VPCEndpoint
    Condition: IsOn
    Properties:
      VpcId: !Ref Vpc
      ServiceName: !Sub com.amazonaws.${AWS::Region}.s3
      RouteTableIds: [!Ref Table]
"""
    commit(checkout, {"template.yaml": template})
    made = review(checkout, "--rules", "VPCE001")
    (each,) = made["comments"]
    assert each["line"] == 14 and each["body"].endswith("\n```suggestion\n```")
    taken_over(checkout, made)
    assert (checkout / "template.yaml").read_text() == template.replace("    Condition: IsOn\n", "")


def test_only_what_the_change_affects_is_judged(checkout: Path) -> None:
    commit(checkout, {"broken/main.tf": 'resource "aws_vpc" "b" {\n', "other/main.tf": VPC.format("other")})
    commit(checkout, {"second/main.tf": VPC.format("second")})
    made = review(checkout)
    assert {each["path"] for each in made["comments"]} == {"second/main.tf"}
    done = cli("fix", "--changed-since", "HEAD~1", cwd=checkout)
    assert done.code == 1 and "broken" not in done.err and "aws_vpc.other" not in done.out


def test_a_change_that_affects_nothing(checkout: Path) -> None:
    commit(checkout, {"notes.txt": "nothing\n"})
    done = cli("fix", "--changed-since", "HEAD~1", cwd=checkout)
    assert (done.code, done.err) == (0, "") and "nothing failed" in done.out


def test_a_file_with_another_name_shows_what_has_changed_in_it(checkout: Path) -> None:
    commit(checkout, {"old/main.tf": VPC.format("x") + OFF.replace("first", "x") + "\n# far away\n" * 20})
    (checkout / "new \u00e9").mkdir()
    git(checkout, "mv", "old/main.tf", "new \u00e9/main.tf")
    commit(checkout, {})
    assert review(checkout)["comments"] == []
    text = (checkout / "new \u00e9/main.tf").read_text()
    commit(checkout, {"old/main.tf": text})
    git(checkout, "rm", "-r", "--quiet", "new \u00e9")
    commit(checkout, {"old/main.tf": text.replace("  private_dns", "  # off\n  private_dns")})
    made = review(checkout)
    assert [(each["path"], each["line"]) for each in made["comments"]] == [("old/main.tf", 15)]


def test_a_review_is_of_what_is_committed(checkout: Path) -> None:
    why = "the file has changes that are not committed, and a review is of a commit: commit them first"
    commit(checkout, {"net/queue.tf": OFF})
    (checkout / "net/queue.tf").write_text("# one more line\n" + OFF)
    (checkout / "net/more.tf").write_text(OFF.replace("sqs", "sns"))
    assert review(checkout)["comments"] == []
    git(checkout, "add", "net/queue.tf")
    done = cli("fix", "--changed-since", "HEAD~1", "--suggestions", "../review.json", cwd=checkout)
    assert json.loads((checkout.parent / "review.json").read_text())["comments"] == []
    assert " ".join(done.out.split()).count(f"why: {why}") == 2
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--amend", "--no-edit")
    assert {each["path"] for each in review(checkout)["comments"]} == {"net/queue.tf", "net/more.tf"}


def test_a_file_that_git_does_not_know_is_new(checkout: Path) -> None:
    (checkout / "net/queue.tf").write_text(OFF)
    done = cli("fix", "--changed-since", "HEAD", "--write", cwd=checkout)
    assert done.code == 1 and "private_dns_enabled = true" in (checkout / "net/queue.tf").read_text()


def test_no_more_is_named_than_a_comment_takes(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(checkout, {"second/main.tf": VPC.format("second")})
    (whole,) = review(checkout)["comments"]
    listed = [line for line in whole["body"].split("\n") if line.startswith("- ")]
    assert len(listed) == 2
    monkeypatch.setattr(module, "MAX_NAMED_CHARACTERS", len(listed[0]))
    (cut,) = review(checkout)["comments"]
    assert [line for line in cut["body"].split("\n") if line.startswith("- ")] == [listed[0], "- … and 1 more"]


@pytest.mark.parametrize("spoilt", ["\r\n", "\x07", "x" * 60_000, "`" * 20_000])
def test_what_a_suggestion_cannot_hold_is_left(checkout: Path, spoilt: str) -> None:
    text = (
        VPC.format("second").replace("\n", spoilt)
        if spoilt == "\r\n"
        else OFF.replace("= false", f"= false # {spoilt}")
    )
    (checkout / "net/more.tf").write_bytes(text.encode())
    commit(checkout, {})
    assert review(checkout)["comments"] == []
    left = cli("fix", "--changed-since", "HEAD~1", "--suggestions", "../review.json", cwd=checkout)
    assert "a suggestion cannot hold these lines" in " ".join(left.out.split())


def test_names_are_neither_markup_nor_the_end_of_a_suggestion(checkout: Path) -> None:
    fence = "# ```\n# ````suggestion\n"
    hostile = OFF.replace("resource", f"{fence}resource", 1).replace(
        "  private_dns_enabled = false", f"{fence}  private_dns_enabled = false # ````"
    )
    commit(checkout, {"net/`@me` <b>.tf": hostile})
    (each,) = review(checkout)["comments"]
    assert each["path"] == "net/`@me` <b>.tf"
    assert each["body"].count("\n`````suggestion\n") == 1 and each["body"].endswith("\n`````")


def test_without_a_revision_there_is_no_diff_to_stand_in(checkout: Path) -> None:
    done = cli("fix", "--suggestions", "../review.json", cwd=checkout)
    assert done.code == 2 and "--suggestions needs --changed-since" in done.err
    done = cli("fix", "--changed-since", "nowhere", cwd=checkout)
    assert done.code == 2 and "there is no revision 'nowhere'" in done.err


def test_a_file_that_cannot_be_written(checkout: Path) -> None:
    done = cli("fix", "--changed-since", "HEAD", "--suggestions", "no/such/directory.json", cwd=checkout)
    assert done.code == 2 and "there is no directory" in done.err


def test_too_many_are_counted(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_COMMENTS", 2)
    services = ("sqs", "sns", "kms", "ssm", "ecs")
    many = "\n# between\n\n".join(OFF.replace('"sqs"', f'"{name}"').replace(".sqs", f".{name}") for name in services)
    commit(checkout, {"net/many.tf": many})
    made = review(checkout)
    assert len(made["comments"]) == 2
    assert all(each["body"].startswith("The 5 changes of this file together settle:\n- ") for each in made["comments"])
    assert made["body"] == (
        "vpce-checks: 2 suggestions. With 3 more changes, which are left out, they settle 5 failures. "
        "Some may need one of these: `vpce-checks fix` with `--write` makes all of them."
    )


def test_repositories_of_tests_have_no_history(tmp_path: Path) -> None:
    done = cli("fix", "--changed-since", "HEAD", cwd=repository(tmp_path, {"main.tf": VPC.format("x")}))
    assert done.code == 2
