"""Names of secrets as code writes them: by themselves, or as an ARN, which has six random characters behind the name.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html
"""

from __future__ import annotations

from vpce_checks.base.pattern import pattern
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, PartialString, Value, choose, join_strings

_ARN = pattern(r"arn:[a-z-]{1,20}:secretsmanager:([^:]{0,40}):([0-9]{0,12}):secret:")
_END = pattern(r"-[A-Za-z0-9]{6}\Z")


def parse_secret_name(value: Value, span: Span) -> tuple[Value, dict[str, Value] | None]:
    """Return the name of a secret, which stands at ``span``.

    Of an ARN, also the region and the account as far as they are known; else None: those of whoever reads it.
    """
    if isinstance(value, PartialString):
        return _of_partly_known_arn(value, span)
    found = _ARN.match(value) if isinstance(value, str) else None
    if found is None or not isinstance(value, str):
        return value, None
    key: dict[str, Value] = {
        part: text for part, text in (("region", found.group(1)), ("account", found.group(2))) if text
    }
    return _in_arn(value[found.end() :], span), key


def _of_partly_known_arn(value: PartialString, span: Span) -> tuple[Value, dict[str, Value] | None]:
    first = value.parts[0]
    if not isinstance(first, str) or not first.startswith("arn:"):
        return value, None
    for at, part in enumerate(value.parts):
        _, mark, after = part.partition(":secret:") if isinstance(part, str) else ("", "", "")
        if mark:
            name = join_strings((after, *value.parts[at + 1 :]))
            return _in_arn(name, span), {}
    return value, {}


def _in_arn(name: Value, span: Span) -> Value:
    """Return the name of a secret by its name in an ARN. AWS takes one without the random characters, too."""
    last = name.parts[-1] if isinstance(name, PartialString) else name
    if not isinstance(last, str) or _END.search(last) is None:
        return name
    bare = join_strings((*(name.parts[:-1] if isinstance(name, PartialString) else ()), _END.sub("", last)))
    causes = (Cause(f"an ARN does not say whether {last[-7:]} is a part of the secret's name", span),)
    return choose((bare, name), causes)
