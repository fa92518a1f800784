"""What ``checkov --external-checks-dir`` loads: it hands Checkov the rules of the installed vpce_checks.

Checkov puts this directory on ``sys.path`` and imports every file in it under its bare name, so nothing else may be here.
"""

from vpce_checks.plugins.checkov import register

register()
