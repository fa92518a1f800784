"""What runs in the VPCs of a network, and which AWS services it calls."""

from __future__ import annotations

from vpce_checks.workloads.inventory import workloads_of

__all__ = ["workloads_of"]
