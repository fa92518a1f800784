"""Holds what was deployed against what was claimed before.

A claim is what ``expected.yaml`` or our JSON report says. Every certain part of a claim must be so; an unknown part
(null) may turn out either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from tests.truth.deploy import Deployed, service

GATEWAY_RULES = {"VPCE001": "s3", "VPCE002": "dynamodb"}

Claim = Mapping[str, Any]


def vpcs_and_endpoints(
    deployed: Deployed, vpcs: Mapping[str, Claim], endpoints: Mapping[str, Claim], complete: bool
) -> list[str]:
    """Where the claimed VPCs and endpoints are not the deployed ones. ``complete``: no other may exist."""
    found = []
    own = {address: claim for address, claim in vpcs.items() if not claim["external"]}
    for address in deployed.vpcs:
        if address not in own and complete:
            found.append(f"vpc {address}: deployed, but not claimed")
    for address, claim in own.items():
        region = deployed.vpcs.get(address)
        if region is None:
            if complete:
                found.append(f"vpc {address}: claimed, but not deployed")
        elif claim["region"] not in (None, region):
            found.append(f"vpc {address}: claimed in {claim['region']}, deployed in {region}")
    for address, real in deployed.endpoints.items():
        claim_of = endpoints.get(address)
        if claim_of is None:
            if complete:
                found.append(f"endpoint {address}: deployed, but not claimed: {real}")
            continue
        actual = {
            "vpc": real.vpc if claim_of["vpc"] in deployed.vpcs or real.vpc in deployed.vpcs else claim_of["vpc"],
            "service": service(real.service_name) or claim_of["service"],
            "type": real.type,
            "private_dns": real.private_dns,
            "name": real.service_name,
        }
        for key, value in actual.items():
            if claim_of.get(key) is not None and not _so(key, claim_of[key], value):
                found.append(f"endpoint {address}: {key} claimed {claim_of[key]!r}, deployed {value!r}")
    for address, claim_of in endpoints.items():
        if address not in deployed.endpoints and claim_of["exists"]:
            found.append(f"endpoint {address}: claimed, but not deployed")
    return found


def _so(key: str, claimed: object, actual: object) -> bool:
    if key == "name":
        return fnmatchcase(str(actual), str(claimed))
    return claimed == actual


def verdicts(deployed: Deployed, statuses: Mapping[tuple[str, str, str | None], str]) -> list[str]:
    """Where a certain verdict is not what the deployed endpoints say."""
    found = []
    for (rule, address, wanted), status in statuses.items():
        if rule in (*GATEWAY_RULES, "VPCE003") and address in deployed.vpcs:
            short, type = (GATEWAY_RULES[rule], "Gateway") if rule in GATEWAY_RULES else (wanted, "Interface")
            there = any(
                each.vpc == address and each.type == type and service(each.service_name) in (short, f"{short}-fips")
                for each in deployed.endpoints.values()
            )
            if status not in ("unknown", "ignored", "pass" if there else "fail"):
                found.append(f"{rule} {address}: {status}, but {short} is {'there' if there else 'not there'}")
        if address not in deployed.endpoints:
            continue
        real = deployed.endpoints[address]
        if rule == "VPCE004" and status == "fail" and real.private_dns:
            found.append(f"{rule} {address}: fail, but private DNS is on")
        if rule == "VPCE007" and status == "pass" and not real.route_tables:
            found.append(f"{rule} {address}: pass, but no route table is associated")
    return found
