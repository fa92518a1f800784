"""Every service that a shipped pack names is in the catalogue, in its comments as well as in what it requires."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vpce_checks.catalog import find_service, is_gateway_service
from vpce_checks.policy import load_policy, pack_names, policies_directory

_SUGGESTED = re.compile(r"^# {3}(?=[a-z])([a-z0-9., -]+?)(?: \((?:gateway)\))? {2,}", re.M)


@pytest.mark.parametrize("name", pack_names())
def test_what_a_pack_requires_exists(name: str, tmp_path: Path) -> None:
    policy_file = tmp_path / "policy.yaml"
    policy_file.write_text(f"version: 1\nextends: [{name}]\n", encoding="utf-8")
    policy = load_policy(str(tmp_path), str(policy_file))
    assert all(is_gateway_service(item.service) for item in policy.gateway)
    for item in (*policy.interface, *policy.central):
        service = find_service(item.service)
        assert service is not None and "Interface" in service.types, item.service


@pytest.mark.parametrize("name", pack_names())
def test_what_a_pack_suggests_exists(name: str) -> None:
    text = (Path(policies_directory()) / f"{name}.yaml").read_text(encoding="utf-8")
    suggested = [word.strip() for names in _SUGGESTED.findall(text) for word in names.split(",") if word.strip()]
    assert [word for word in suggested if find_service(word) is None] == []


def test_packs_suggest_something() -> None:
    texts = [(Path(policies_directory()) / f"{name}.yaml").read_text(encoding="utf-8") for name in pack_names()]
    assert sum(bool(_SUGGESTED.search(text)) for text in texts) >= 5


def test_no_pack_asks_for_what_nobody_needs() -> None:
    """ECR is not asked for by MWAA any more, ec2messages by no agent since 3.3.40.0, and S3 not by every function."""
    for name, services in {
        "mwaa": ("ecr.api", "airflow.env"),
        "ssm-managed": ("ec2messages",),
        "lambda": ("s3",),
    }.items():
        lines = (Path(policies_directory()) / f"{name}.yaml").read_text(encoding="utf-8").split("\n")
        required = [line.split("#")[0] for line in lines if not line.startswith("#")]
        assert not any(service in line for service in services for line in required), name
