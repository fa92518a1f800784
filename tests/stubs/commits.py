"""List the commits of a published module that are as good as its releases, for calls that pin a commit.

    python -m tests.stubs.commits ORG/NAME/PROVIDER REPOSITORY

REPOSITORY is a git repository with the tags of the releases. For a module that has stubs, prints the lines of its
``commits.txt``: every commit, beside those of the releases, whose code is that of a release, and the release. For one
in ``no-endpoints.txt``, prints its line of ``no-endpoints-commits.txt``: the commits of the releases in the range, cut
to 20 digits. Nothing is fetched and nothing is checked out.
"""

from __future__ import annotations

import sys

from tests.stubs.harmless import ELSEWHERE, git
from vpce_checks.terraform.sources.stubs import COMMIT_DIGITS, harmless_range, releases_of
from vpce_checks.terraform.sources.versions import parse_version


def code_of(repository: str, commit: str) -> str:
    """The blobs of the Terraform files that make up the module at ``commit``, its submodules included."""
    lines = git(repository, "ls-tree", "-r", commit).splitlines()
    entries = (line.split("\t", 1) for line in lines)
    return "\n".join(
        f"{stat.split()[2]} {path}"
        for stat, path in entries
        if path.endswith((".tf", ".tf.json")) and not ELSEWHERE.match(path)
    )


def stub_lines(module: str, repository: str) -> list[str]:
    """``VERSION COMMIT`` of every further commit with the code of a release that has a stub."""
    releases = [release for release in releases_of(module).values() if release.directories]
    of_release = {release.commit for release in releases}
    versions: dict[str, str] = {}
    for release in releases:
        versions.setdefault(code_of(repository, release.commit), str(release.version))
    found = []
    for commit in reversed(git(repository, "rev-list", "--first-parent", "HEAD").split()):
        version = versions.get(code_of(repository, commit))
        if version is not None and commit not in of_release:
            found.append(f"{version} {commit}")
    return found


def harmless_line(module: str, repository: str) -> str:
    """The module and the commits of all its releases in the range that creates no endpoints."""
    lowest, highest = harmless_range(module)
    commits = []
    for tag in git(repository, "tag").split():
        version = parse_version(tag.lower())
        if version is not None and not version.prerelease and lowest <= version <= highest:
            commits.append((version, git(repository, "rev-list", "-1", tag).strip()[:COMMIT_DIGITS]))
    return " ".join((module, *dict.fromkeys(commit for _, commit in sorted(commits))))


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    module, repository = sys.argv[1:]
    print("\n".join(stub_lines(module, repository)) if releases_of(module) else harmless_line(module, repository))
    return 0


if __name__ == "__main__":
    sys.exit(main())
