"""What reports call the things that roots share."""

from __future__ import annotations

import pytest

from vpce_checks.model.outside import EXPORT, PARAMETER, STACK, words_for


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        (EXPORT, "prod-VpcId", "the export prod-VpcId"),
        (EXPORT, "*-VpcId", "an export whose name ends in -VpcId"),
        (EXPORT, "-VpcId", "an export whose name ends in -VpcId"),  # the name of the stack is "" by default
        (EXPORT, "vpc-*", "an export whose name begins with vpc-"),
        (EXPORT, "vpc-*-id", "the export vpc-*-id"),
        (EXPORT, "*", "the export *"),
        (PARAMETER, "/net/vpc", "the stored parameter /net/vpc"),
        (PARAMETER, "*/vpc", "the stored parameter */vpc"),
        (STACK, "net", "stack net"),
    ],
)
def test_words_for(kind: str, name: str, words: str) -> None:
    assert words_for(kind, name) == words
