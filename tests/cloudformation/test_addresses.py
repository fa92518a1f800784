"""Match S3 addresses to templates."""

from __future__ import annotations

import pytest

from vpce_checks.cloudformation.template.loader import parse
from vpce_checks.cloudformation.template.nodes import entry
from vpce_checks.cloudformation.template.s3_urls import address_of, match_address

TEMPLATES = (
    "/repo/main.yaml",
    "/repo/vpc.yaml",
    "/repo/templates/vpc.yaml",
    "/repo/templates/dns.yaml",
    "/repo/stacks/a/app.json",
    "/repo/stacks/b/app.json",
)


def test_a_text_with_very_many_variables_is_not_filled_in() -> None:
    """It would be as long as they are together."""
    text = parse(("x: !Sub '" + "${Passed}" * 101 + "/vpc.yaml'\n").encode(), "t.yaml")
    assert address_of(entry(text.root, "x"), {"Passed": "y" * 5_000}.get) == "*"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://s3.amazonaws.com/bucket/vpc.yaml", "https://s3.amazonaws.com/bucket/vpc.yaml"),
        ("!Sub https://${Bucket}.s3.amazonaws.com/${Prefix}vpc.yaml", "https://*.s3.amazonaws.com/*vpc.yaml"),
        ("!Sub ['${Base}/vpc.yaml', {Base: x}]", "x/vpc.yaml"),
        ("!Sub ['${Base}/vpc.yaml', {Base: !Ref Other}]", "*/vpc.yaml"),
        ("!Sub ['${Base}/vpc.yaml', {Base: !Sub '${Passed}/net'}]", "*/acme/net/vpc.yaml"),
        ("!Sub '${Passed}/vpc.yaml'", "*/acme/vpc.yaml"),
        ("!Join ['/', [!Ref Base, templates, vpc.yaml]]", "*/templates/vpc.yaml"),
        ("!Join ['', ['https://', !GetAtt Bucket.DomainName, /vpc.yaml]]", "https://*/vpc.yaml"),
        ("!If [A, b, c]", None),
        ("{ApplicationId: a, SemanticVersion: 1.0.0}", None),
    ],
)
def test_addresses(written: str, address: str | None) -> None:
    assert address_of(entry(parse(f"x: {written}\n".encode(), "t.yaml").root, "x"), {"Passed": "*/acme"}.get) == address


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("https://*.s3.amazonaws.com/*templates/vpc.yaml", "/repo/templates/vpc.yaml"),
        ("https://s3.amazonaws.com/bucket/templates/vpc.yaml", "/repo/templates/vpc.yaml"),
        ("https://s3.amazonaws.com/bucket/release/templates/vpc.yaml", "/repo/templates/vpc.yaml"),
        ("https://s3.amazonaws.com/bucket/other/vpc.yaml", None),  # no other/, and two vpc.yaml
        ("https://s3.amazonaws.com/bucket/dns.yaml", None),  # whose bucket?
        ("https://s3.amazonaws.com/*/dns.yaml", "/repo/templates/dns.yaml"),
        ("*/dns.yaml", "/repo/templates/dns.yaml"),
        ("https://example.com/templates/dns.yaml", None),
        ("https://*/submodules/net/templates/dns.yaml", None),  # another repository's
        ("*/app.json", None),  # two of them
        ("*b/app.json", "/repo/stacks/b/app.json"),
        ("https://*/upload/vpc.yaml", "/repo/vpc.yaml"),  # beside the one that nests it
        ("*", None),
        ("https://*/main.yaml", None),  # itself
        ("https://*/*.yaml", None),
        ("https://s3.amazonaws.com/*/vpc", None),
        ("", None),
    ],
)
def test_what_is_meant(address: str, meant: str | None) -> None:
    assert match_address(address, "/repo/main.yaml", TEMPLATES, "/repo") == meant
