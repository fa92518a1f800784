"""moto's server on a free loopback port, which it prints. Runs in the truth's own venv, not in the tests'.

moto differs from AWS in ways that matter here, and each is patched: an endpoint gets its VPC's default security
group (the provider insists on one, and is given a stand-in); endpoints of VPCs that do not exist here (literal ids)
are accepted; and a hosted zone created with a VPC is private.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint  # type: ignore[import-not-found]
from moto.route53.responses import Route53  # type: ignore[import-not-found]
from moto.server import ThreadedMotoServer  # type: ignore[import-not-found]


def _groups(self: VPCEndPoint) -> list[dict[str, str]]:
    known = [self.ec2_backend.get_security_group_from_id(each) for each in self.security_group_ids]
    return [{"GroupId": group.id, "GroupName": group.name} for group in known if group]


def _patch() -> None:
    create = VPCBackend.create_vpc_endpoint
    zone = Route53.create_hosted_zone

    def create_vpc_endpoint(self: Any, vpc_id: str, *args: Any, **kwargs: Any) -> Any:
        group = self.get_security_group_from_name("default", vpc_id)
        kwargs["security_group_ids"] = [group.id] if group else []
        if vpc_id not in self.vpcs:
            self.get_vpc = lambda _: None
            try:
                return create(self, vpc_id, *args, **kwargs)
            finally:
                del self.get_vpc
        return create(self, vpc_id, *args, **kwargs)

    def create_hosted_zone(self: Any) -> Any:
        get = self._get_bool_param
        self._get_bool_param = lambda name, *rest: (
            self._get_param("VPC.VPCId") is not None if name == "HostedZoneConfig.PrivateZone" else get(name, *rest)
        )
        return zone(self)

    VPCBackend.create_vpc_endpoint = create_vpc_endpoint
    Route53.create_hosted_zone = create_hosted_zone
    VPCEndPoint.groups = property(_groups)


def main() -> None:
    """Serve until standard input ends, so that the server never outlives the tests."""
    _patch()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    closed = threading.Thread(target=sys.stdin.read)
    closed.start()
    closed.join()
    server.stop()


if __name__ == "__main__":
    main()
