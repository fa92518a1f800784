"""CloudFormation templates to networks. What a scan sees of it is in :mod:`vpce_checks.cloudformation.face`."""
