"""What a user may have meant."""

from __future__ import annotations

import pytest

from vpce_checks.base.suggestions import did_you_mean, nearest, suggestion

RULES = ("VPCE001", "VPCE004", "VPCE014", "VPCE016", "s3-gateway-endpoint", "private-dns-disabled", "endpoint-policy")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("vpce4", "VPCE004"),
        ("VPCE016", "VPCE016"),
        ("VPCE0001", "VPCE001"),
        ("vpce06", "VPCE016"),
        ("private-dns", "private-dns-disabled"),
        ("nonsense", None),
        ("", None),
    ],
)
def test_the_nearest_word(word: str, meant: str | None) -> None:
    assert nearest(word, RULES) == meant


def test_a_short_word_may_differ_in_half_of_its_letters() -> None:
    assert did_you_mean("s4", ["s3", "kms"]) == "; did you mean 's3'?"
    assert did_you_mean("xml", ["html", "json"]) == ""


def test_words_around_it_are_offered_if_they_are_few() -> None:
    assert suggestion("s3", RULES) == "; did you mean s3-gateway-endpoint?"
    assert suggestion("endpoint", RULES) == "; did you mean endpoint-policy?"
    assert suggestion("point", RULES, "a command") == "; did you mean s3-gateway-endpoint or endpoint-policy?"
    assert suggestion("PC", RULES, "a command") == "; a command lists them"
    assert suggestion("", ("a", "b")) == "; there are a, b"
