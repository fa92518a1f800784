"""What every test shares: records are frozen, and tests marked ``slow`` run only when asked for with ``--slow``."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.frozen_records import freeze_records

freeze_records()  # before any test imports a module that defines records

# The same examples every time: a failure must come from the change at hand. Look for new ones with
# --hypothesis-profile=default.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


# A key for caches, so that no test makes one in the directory of whoever runs it.
os.environ["VPCE_CHECKS_CACHE_KEY"] = "the key of the tests"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests marked slow as well")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    skip = pytest.mark.skip(reason="slow: run it with --slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)
