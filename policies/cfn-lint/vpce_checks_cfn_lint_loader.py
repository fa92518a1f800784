"""What ``cfn-lint --append-rules "$(vpce-checks cfn-lint-dir)"`` loads: the rules of the installed vpce_checks.

cfn-lint imports every file in this directory, so nothing else may be here.
"""

from vpce_checks.plugins.cfn_lint import *  # noqa: F403
