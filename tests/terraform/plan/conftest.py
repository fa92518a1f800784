"""Terraform, the AWS provider and moto, once for all tests that make plans."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.truth import ec2, environment


@pytest.fixture(scope="session")
def tools() -> environment.Tools:
    try:
        return environment.tools()
    except environment.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def moto(tools: environment.Tools) -> Iterator[str]:
    with ec2.server(tools) as address:
        yield address
