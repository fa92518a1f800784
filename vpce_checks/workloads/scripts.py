"""Which commands a script certainly runs, as far as its lines show: a word in a comment, a path or a text is no command.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-helper-scripts-reference.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html
"""

from __future__ import annotations

import re

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import record
from vpce_checks.model.values import Value
from vpce_checks.workloads.regions import HOLE, part_between, text_of

_COMMENT = pattern(r"(?:^|(?<=\s))#.*$", re.MULTILINE)
_BEGIN = (
    r"(?:^|[;&|({`]|\\n|\b(?:then|do|else|if|while|until)\s|\btrap\s+[\"']|-c\s+[\"'])[ \t]*"
    r"(?:-[ \t]+)?(?:(?:sudo|exec|time|nohup|!)[ \t]+)*"
)
"""Where a command begins: a line, or after what ends another command. ``- `` begins one in a list of cloud-init."""

_CLUSTER = pattern(
    _BEGIN + r"(?:(?:echo|printf)[ \t]+(?:-\w+[ \t]+)*)?[\"']?(?:export[ \t]+)?ECS_CLUSTER=[\"']?[\w" + HOLE + "$]",
    re.MULTILINE,
)
_HELPER = pattern(
    _BEGIN
    + r"[\"']?(?:[\w./\\:-]{0,100}[/\\])?(?P<name>cfn-(?:init|signal|hup))(?:\.exe)?[\"']?(?![\w./-])(?P<rest>[^\n;&|]*)",
    re.MULTILINE,
)
"""The path of a script is looked at as far as paths go: a longer one would cost its length at each place."""
_STACK = pattern(r"(?:^|\s)--stack\b")
_STACK_OF_INIT = pattern(r"(?:^|\s)(?:-s|--stack)\b")
_HUP = pattern(r"[ \t]*(?:-|>|$)")
_REGION = pattern(r"(?:^|\s)--region[ =]+[\"']?(?P<region>[^\s\"']+)")


_FILE = pattern(r"(?<!<)<<-?[ \t]*[\"']?([A-Za-z_]\w*)")
"""Where a text begins that a script writes somewhere, or hands to a command; it ends at a line with the same word."""


@record
class Helper:
    """A run of a helper script of CloudFormation that calls CloudFormation, in ``region`` (null: not said)."""

    name: str
    region: Value


def joins_cluster(script: Value) -> bool:
    """Return whether a script certainly writes the name of a cluster into the settings of the ECS agent."""
    text = _commands(script)
    return "ecs.config" in text and _CLUSTER.search(text) is not None


def helper_of(script: Value) -> Helper | None:
    """Return the first run of a helper script that certainly calls CloudFormation.

    ``cfn-signal`` without ``--stack`` sends its signal to the address of a wait condition, which is in S3.
    """
    text = _without_files(_commands(script))
    for found in _HELPER.finditer(text):
        name, rest = found["name"], found["rest"]
        calls = {"cfn-init": _STACK_OF_INIT.search, "cfn-signal": _STACK.search, "cfn-hup": _HUP.match}[name](rest)
        if calls is None:
            continue
        region = _REGION.search(rest)
        if region is None:
            return Helper(name, None)
        at = found.start("rest")
        return Helper(name, part_between(script, at + region.start("region"), at + region.end("region")))
    return None


def _commands(script: Value) -> str:
    """Return a script without its comments, each command on one line; what stays is where it was."""
    text = text_of(script).replace("\\\n", "  ")
    return _COMMENT.sub(lambda found: _blank(found[0]), text)


def _without_files(text: str) -> str:
    """Return a script without the texts that it only writes."""
    lines: list[str] = []
    end: str | None = None
    for line in text.split("\n"):
        begins = _FILE.search(line) if end is None else None
        lines.append(line if end is None else _blank(line))
        end = begins[1] if begins is not None else None if line.strip() == end else end
    return "\n".join(lines)


def _blank(text: str) -> str:
    return "".join(each if each == HOLE else " " for each in text)
