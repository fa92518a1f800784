"""vpce-checks: finds VPCs without the endpoints they need, in Terraform and CloudFormation, before deployment."""

from vpce_checks.base.version import VERSION as __version__

__all__ = ["__version__"]
