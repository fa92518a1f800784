"""For tests of a policy and its rules: scan the texts of some files, and look at the verdicts::

from vpce_checks.testing import scan_files

def test_production_reaches_kms() -> None:
    verdicts = scan_files({"main.tf": 'resource "aws_vpc" "main" {...}'}, policy="policies/network.yaml")
    assert verdicts.of("ORG-NET-1") == {"aws_vpc.main": "fail"}
"""

from vpce_checks.testing.scanned import FixtureError, Verdicts, scan_files

__all__ = ["FixtureError", "Verdicts", "scan_files"]
