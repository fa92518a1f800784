"""Names of stored parameters as code writes them: by themselves, with a version, or as an ARN of another account.

https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-shared-parameters.html
"""

from __future__ import annotations

from vpce_checks.base.pattern import pattern
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, PartialString, Value, choose, join_strings

_VERSION = pattern(r":[0-9]{1,9}\Z")
_ARN = pattern(r"arn:[a-z-]{1,20}:ssm:([^:]{0,40}):([0-9]{0,12}):parameter")


def parse_parameter_name(value: Value, span: Span) -> tuple[Value, dict[str, Value] | None]:
    """Return the name of a stored parameter, which stands at ``span``, without its version.

    Of an ARN, also the region and the account as far as they are known; else None: those of whoever reads it.
    """
    if isinstance(value, PartialString):
        return _of_partly_known_arn(value, span)
    if not isinstance(value, str):
        return value, None
    name = _VERSION.sub("", value)
    found = _ARN.match(name)
    if found is None:
        return name, None
    key: dict[str, Value] = {
        part: text for part, text in (("region", found.group(1)), ("account", found.group(2))) if text
    }
    return _in_arn(name[found.end() :], span), key


def _of_partly_known_arn(value: PartialString, span: Span) -> tuple[Value, dict[str, Value] | None]:
    first = value.parts[0]
    if not isinstance(first, str) or not first.startswith("arn:"):
        return value, None
    for at, part in enumerate(value.parts):
        _, mark, after = part.partition(":parameter/") if isinstance(part, str) else ("", "", "")
        if mark:
            name = join_strings(("/", after, *value.parts[at + 1 :]))
            return _in_arn(_VERSION.sub("", name), span) if isinstance(name, str) else name, {}
    return value, {}


def _in_arn(path: str, span: Span) -> Value:
    """Return the name of a parameter by its path in an ARN, which has a slash even where a plain name has none."""
    if path.count("/") > 1:
        return path
    causes = (Cause(f"an ARN does not say whether the name of a parameter is {path} or {path.lstrip('/')}", span),)
    return choose((path, path.lstrip("/")), causes)
