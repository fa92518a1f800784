"""Which AWS account a provider configuration works in.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs#provider-configuration
"""

from __future__ import annotations

from vpce_checks.catalog.accounts import account_of_role
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, ListValue, Reference, Value, choose
from vpce_checks.terraform.config.nested_blocks import settings_blocks
from vpce_checks.terraform.config.providers import ProviderConfiguration

_ASSUMES = ("assume_role", "assume_role_with_web_identity")
_CREDENTIALS = ("profile", "access_key", "shared_credentials_file", "shared_credentials_files")


def account_of(configuration: ProviderConfiguration | None, user: Span) -> Value:
    """Return the account of what has a provider configuration and stands at ``user``; else a reference to its credentials.

    Configurations with different credentials may be of one account; with the same ones, they are. None: the code names the
    credentials by a value that is not known.
    """
    if configuration is None:
        return _credentials("", user)
    span = configuration.block.header
    roles = [
        block.get("role_arn")
        for type in _ASSUMES
        for block in settings_blocks(configuration.block.body, type, configuration.scope, configuration.get)
    ]
    account = account_of_role(roles[-1]) if roles else None  # each role is assumed by the one before it
    if account is not None:
        return account
    allowed = configuration.get("allowed_account_ids")
    if isinstance(allowed, ListValue) and allowed.exact and allowed.items:
        return choose(allowed.items, (Cause("this provider may work in several accounts", span),))
    named = roles[-1:] or [value for name in _CREDENTIALS if (value := configuration.get(name)) is not None]
    return _credentials(", ".join(map(str, named)), span) if all(isinstance(each, str) for each in named) else None


def _credentials(what: str, span: Span) -> Reference:
    cause = Cause("the account of these credentials is not in the code", span)
    return Reference(f"credentials {what}", (), "credentials", (cause,), "string")
