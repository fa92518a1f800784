"""What real Terraform deploys, to hold against what a scan said before.

``python -m tests.truth [FIXTURE...]`` applies fixtures with the Terraform CLI and the AWS provider onto moto's EC2 on
loopback, reads back what exists, and compares it with ``expected.yaml`` and with our own report.
"""
