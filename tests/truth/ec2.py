"""Starts the moto server and reads EC2 endpoints back from it, over EC2's own query interface."""

from __future__ import annotations

import contextlib
import subprocess
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.truth.environment import Tools


@dataclass(frozen=True)
class DeployedEndpoint:
    """A VPC endpoint as EC2 describes it."""

    id: str
    vpc: str
    service_name: str
    type: str
    private_dns: bool
    route_tables: tuple[str, ...]


@contextlib.contextmanager
def server(tools: Tools) -> Iterator[str]:
    """A moto server on loopback; yields its address."""
    script = Path(__file__).with_name("moto_server.py")
    process = subprocess.Popen(
        [str(tools.python), str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise RuntimeError("moto's server did not start")
        yield address
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def endpoints(address: str, region: str) -> dict[str, DeployedEndpoint]:
    """Every VPC endpoint of a region, by id."""
    found: dict[str, DeployedEndpoint] = {}
    token = ""
    while True:
        parameters = {"Action": "DescribeVpcEndpoints", "Version": "2016-11-15"}
        if token:
            parameters["NextToken"] = token
        root = _call(address, region, parameters)
        for item in root.iterfind("{*}vpcEndpointSet/{*}item"):
            endpoint = DeployedEndpoint(
                id=_text(item, "vpcEndpointId"),
                vpc=_text(item, "vpcId"),
                service_name=_text(item, "serviceName"),
                type=_text(item, "vpcEndpointType") or "Gateway",
                private_dns=_text(item, "privateDnsEnabled") == "true",
                route_tables=tuple(each.text or "" for each in item.iterfind("{*}routeTableIdSet/{*}item")),
            )
            found[endpoint.id] = endpoint
        token = _text(root, "nextToken")
        if not token:
            return found


def _text(element: ET.Element, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()


def _call(address: str, region: str, parameters: dict[str, str]) -> ET.Element:
    scope = f"AWS4-HMAC-SHA256 Credential=test/20250101/{region}/ec2/aws4_request, SignedHeaders=host, Signature=0"
    request = urllib.request.Request(
        address,
        data=urllib.parse.urlencode(parameters).encode(),
        headers={"Authorization": scope, "Content-Type": "application/x-www-form-urlencoded"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return ET.fromstring(answer.read())
