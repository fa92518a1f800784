"""Find the releases of a module that create no VPC, endpoint or route table, as stubs/no-endpoints.txt lists them.

    python -m tests.stubs.harmless ORG/NAME/PROVIDER REPOSITORY

REPOSITORY is a git repository with the tags of the releases. Prints the lowest and the highest release of the newest
unbroken range, and what ends it. Nothing is fetched and nothing is checked out.
"""

from __future__ import annotations

import re
import subprocess
import sys

from vpce_checks.terraform.sources.address import parse_address
from vpce_checks.terraform.sources.stubs import known_module
from vpce_checks.terraform.sources.versions import Version, parse_version

NETWORK_TYPES = re.compile(
    r'^\s*resource\s+"?('
    r"aws_(?:default_)?vpc|aws_vpc_endpoint(?!_service\b|_connection)\w*|aws_(?:default_)?route_table|aws_route"
    r"|aws_(?:main_)?route_table_association|aws_(?:default_)?subnet|aws_internet_gateway"
    r"|aws_cloudformation_stack\w*|aws_serverlessapplicationrepository_cloudformation_stack"
    r"|aws_servicecatalog_provisioned_product|awscc_(?!iam_)\w+"
    r')"?\s',
    re.MULTILINE,
)
_SOURCE = re.compile(r'^\s*source\s*=\s*"([^"]+)"', re.MULTILINE)
_STACK_TYPES = re.compile(r"AWS::[A-Za-z0-9:]+")
_EMPTY_STACK = {"AWS::CloudFormation::WaitConditionHandle"}  # what a stack holds that is only there to be counted
ELSEWHERE = re.compile(r"(?:examples?|tests?|wrappers|_?docs?|exports|\.[a-z]+)/")


def obstacles(repository: str, tag: str) -> list[str]:
    """What in a release may create one of them: resource types and modules from elsewhere that are not listed."""
    names = git(repository, "ls-tree", "-r", "--name-only", tag).splitlines()
    files = [name for name in names if name.endswith((".tf", ".tf.json")) and not ELSEWHERE.match(name)]
    if not files:
        return ["no Terraform files"]
    if any(name.endswith(".tf.json") for name in files):
        return ["files in JSON syntax"]
    text = git(repository, "grep", "-hE", r"^\s*(resource|source)\b|AWS::|template_url", tag, "--", *files)
    called = {source for source in _SOURCE.findall(text) if not _is_provider_or_path(source)}
    types = set(NETWORK_TYPES.findall(text))
    if set(_STACK_TYPES.findall(text)) == _EMPTY_STACK and "template_url" not in text:
        types.discard("aws_cloudformation_stack")
    return sorted({*types, *(source for source in called if not _is_listed(source))})


def _is_provider_or_path(source: str) -> bool:
    return source.startswith(".") or (source.count("/") == 1 and "::" not in source) or "/hashicorp/" in source


def _is_listed(source: str) -> bool:
    known = known_module(parse_address(source), None)
    return known is not None and (known.harmless or known.label.startswith("cloudposse/label/null"))


def git(repository: str, *arguments: str) -> str:
    """What git prints about the repository."""
    done = subprocess.run(["git", "-C", repository, *arguments], capture_output=True, text=True, errors="replace")
    return done.stdout


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    module, repository = sys.argv[1:]
    tags = {version: tag for tag in git(repository, "tag").split() if (version := parse_version(tag.lower()))}
    clean: list[Version] = []
    for version in sorted((version for version in tags if not version.prerelease), reverse=True):
        found = obstacles(repository, tags[version])
        if found:
            print(f"{module} {version}: {', '.join(found)}")
            break
        clean.append(version)
    if clean:
        print(module, clean[-1], clean[0])
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
