"""vpce-checks: finds VPCs without the endpoints they need, in Terraform and CloudFormation, before deployment."""

__version__ = "0.1.0"
