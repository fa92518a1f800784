"""Which AWS account a provider configuration works in.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs#provider-configuration
"""

from __future__ import annotations

from vpce_checks.catalog.accounts import account_of_role
from vpce_checks.model.spans import Span
from vpce_checks.model.values import (
    Cause,
    ListValue,
    Opaque,
    PartialString,
    Reference,
    Unknown,
    Value,
    choose,
    join_strings,
    merge_causes,
)
from vpce_checks.terraform.config.nested_blocks import settings_blocks
from vpce_checks.terraform.config.providers import ProviderConfiguration

_ASSUMES = ("assume_role_with_web_identity", "assume_role")
"""What assumes roles, in the order in which the provider does: each role is assumed by the one before it."""

_CREDENTIALS = ("profile", "access_key", "shared_credentials_file", "shared_credentials_files")


def account_of(configuration: ProviderConfiguration | None, user: Span, run: Value = None) -> Value:
    """Return the account of what has a provider configuration and stands at ``user``; else a reference to its credentials.

    Configurations with different credentials may be of one account; with the same ones, they are. ``run`` is the account of
    the credentials that a run of the root has (null: those that every root has).
    """
    if configuration is None:
        return _credentials("", user) if run is None else run
    span = configuration.block.header
    roles = [
        block.get("role_arn") if block.exists is True else Unknown(merge_causes([block.exists]))
        for type in _ASSUMES
        for block in settings_blocks(configuration.block.body, type, configuration.scope, configuration.get)
    ]
    account = _account_of(roles[-1], span) if roles else None
    if account is not None:
        return account
    allowed = configuration.get("allowed_account_ids")
    if isinstance(allowed, ListValue) and allowed.exact and allowed.items:
        return choose(allowed.items, (Cause("this provider may work in several accounts", span),))
    named = roles[-1:] or [value for name in _CREDENTIALS for value in _texts(configuration.get(name))]
    if not named and run is not None:
        return run
    if all(isinstance(each, str) for each in named):
        return _credentials(", ".join(map(str, named)), span)
    return Unknown(merge_causes(named) or (Cause("the account of this provider is not known", span),))


def account_of_run(role: Value, profile: str | None, user: Span) -> Value:
    """Return the account of a run that assumes a role (null: none), or else has the credentials of a profile. Null if it has
    neither."""
    if role is None:
        return _credentials(profile, user) if profile else None
    account = _account_of(role, user)
    if account is not None:
        return account
    if isinstance(role, str):
        return _credentials(role, user)
    return Unknown(merge_causes([role]) or (Cause("the account of this run is not known", user),))


def _texts(value: Value) -> tuple[Value, ...]:
    """Return the texts of an argument that is one or a list of them."""
    if isinstance(value, ListValue) and value.exact:
        return value.items
    return () if value is None else (value,)


def _account_of(role: Value, span: Span) -> Value:
    """Return the account in the ARN of a role, or one of several. None if it may be any."""
    roles = _expanded(role)
    accounts = [account_of_role(each) for each in roles]
    if not accounts or None in accounts:
        return None
    return choose(accounts, (Cause("this provider may assume roles in several accounts", span),))


def _expanded(role: Value) -> tuple[Value, ...]:
    """Return every ARN that a role may have, as far as a part of it has few values."""
    if isinstance(role, Unknown):
        return role.one_of
    if isinstance(role, PartialString):
        for at, part in enumerate(role.parts):
            if isinstance(part, Unknown) and part.one_of:
                head, tail = role.parts[:at], role.parts[at + 1 :]
                texts = (each for each in part.one_of if isinstance(each, (str, Opaque)))
                return tuple(join_strings((*head, each, *tail)) for each in texts)
    return (role,)


def _credentials(what: str, span: Span) -> Reference:
    cause = Cause("the account of these credentials is not in the code", span)
    return Reference(f"credentials {what}", (), "credentials", (cause,), "string")
