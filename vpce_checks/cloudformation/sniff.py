"""Find files that may be CloudFormation templates, by their bytes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import record
from vpce_checks.files.content import MAX_BYTES, may_go_on
from vpce_checks.files.encrypted import POINTER, encrypted_with
from vpce_checks.files.regular import NotRegularError, read_regular

_BARE_NETWORK = pattern(
    rb"""^[\t ]+["']?Type["']?[\t ]*:[\t ]*["']?AWS::EC2::VPC(?:Endpoint)?["']?[\t ]*[,\r]?$""", re.M
)

_HOLDS_RESOURCES = pattern(r"resources?(?![a-z])|cfn|cloudformation|template", re.IGNORECASE)
"""Names of files, or of the directories that they are in, that may hold resources without the key ``Resources``."""

_NETWORK_PLUGIN = pattern(rb"plugins.{0,20000}serverless-(?:vpc-plugin|plugin-additional-stacks)", re.DOTALL)
"""A plugin of the Serverless Framework that creates more: the service need not have resources of its own."""

_TEMPLATE_NAME = pattern(r"\.template$|template|stack|cfn|cloudformation|network|vpc|subnet|endpoint", re.IGNORECASE)
"""Names of encrypted files that may be templates: others hold secrets."""

_ESCAPE = pattern(rb"\\(?:u00|x|U000000)([2-7][0-9A-Fa-f])|\\\r?\n[ \t]*")
"""A character of ASCII as JSON or YAML may write it, or a line of YAML that goes on in the next one."""


_INCLUSIONS = (b"${file(", b"${{file(", b"variableSyntax")
"""What a service of the Serverless Framework contains whose resources are in other files."""


def may_be_template(file: str, place: str) -> bool:
    """Return whether the bytes of ``file``, which leads to ``place``, may be a CloudFormation template. It is cheap, and True
    for every real one."""
    try:
        content = read_regular(place, MAX_BYTES)
    except NotRegularError:
        return False
    except OSError:
        return True  # the template loader reports the error
    content = spelled_out(content)
    if b"Resources" in content and any(mark in content for mark in (b"AWS::", b"Custom::", b"::MODULE", b"Rain::")):
        return True
    if b"Transform" in content and b"AWS::Include" in content:
        return True  # what it includes may have all resources
    if b"resources:" in content and any(mark in content for mark in _INCLUSIONS):
        return True
    if (
        b"AWS::EC2::VPC" in content
        and _BARE_NETWORK.search(content) is not None
        and _HOLDS_RESOURCES.search(_last_names(file)) is not None
    ):
        return True
    if b"provider" in content and _NETWORK_PLUGIN.search(content) is not None:
        return True
    tool = encrypted_with(content)
    if tool is None and not content.startswith(POINTER):
        return False
    # sops leaves the keys readable. Of a file that is encrypted as a whole, or elsewhere, only the name says what it is.
    return b"Resources" in content if tool == "sops" else _TEMPLATE_NAME.search(os.path.basename(file)) is not None


def _last_names(file: str) -> str:
    return os.sep.join(file.split(os.sep)[-2:])


def spelled_out(content: bytes) -> bytes:
    """Return ``content`` with each character of ASCII as one byte, however it is encoded or escaped."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = content.replace(b"\0", b"")  # UTF-16: every other byte of ASCII is NUL
    if b"\\" in content:
        content = _ESCAPE.sub(lambda found: bytes.fromhex((found[1] or b"").decode("ascii")), content)
    return content


_PARAMETER = b"AWS::SSM::Parameter::Value"
_USES = (b"ImportValue", b"GetStackOutput", _PARAMETER, b"resolve:ssm:")

_VARIABLE = (
    r"[$%@~#&][{<(][^}>\n]{0,200}?(?<=[{<(, ])(?:file\(|(?:cf|ssm|param)(?:\.[\w-]{1,40}|\([^)\n]{0,60}\))?:(?!:))"
)

FRAMEWORK_USE = pattern(_VARIABLE)
"""A variable of the Serverless Framework that reads an output of another stack or a stored parameter: ``${cf:net.VpcId}``.
So may a value in a file, or a parameter of the service."""

_FRAMEWORK_USE = pattern(_VARIABLE.encode())

_BOOTSTRAP = pattern(rb'AWS::SSM::Parameter::Value<String>"?,?\s*"?Default"?[ \t]*:[ \t]*"?/cdk-bootstrap/')
"""A parameter that CDK adds to each template. It holds the version of CDK's own stack.

https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
"""


_ELSEWHERE = (b"AWS::Include", b"Rain::Include", *_INCLUSIONS)
"""What a template contains whose text is in other files as well, which need not look like templates."""

NESTS = ("TemplateURL", "AWS::Serverless::Application")
"""What stands in every template that nests others."""

_WRITER = pattern(rb"AWS::SSM::Parameter(?!::Value)")


@record
class SharingShown:
    """What the bytes of some templates show: whether one may use a value that others share (``uses``), and whether it may be one
    that a template among them shares (``follows``)."""

    uses: bool
    follows: bool


def sharing_shown(contents: Iterable[bytes]) -> SharingShown:
    """Return what some templates show. Most templates of CDK use a stored parameter, which only CDK's own stack writes."""
    uses = writes = exported = False
    for content in map(spelled_out, contents):
        if may_include(content) or may_go_on(content):
            return SharingShown(uses=True, follows=True)
        by_framework = _FRAMEWORK_USE.search(content) is not None
        uses = uses or by_framework or any(mark in content for mark in _USES)
        exported = exported or by_framework or b"ImportValue" in content or b"GetStackOutput" in content
        writes = writes or _WRITER.search(content) is not None
    return SharingShown(uses, exported or (uses and writes))


def shares_values(template: bytes) -> bool:
    """Return whether a template shares values with others. Then their verdicts may depend on each other."""
    marks = (b"Export", b"AWS::SSM::Parameter", *_USES)
    return any(mark in template for mark in marks) or _FRAMEWORK_USE.search(template) is not None


def may_include(template: bytes) -> bool:
    """Return whether a template may have parts in other files."""
    return any(mark in template for mark in _ELSEWHERE)


def may_nest(template: bytes) -> bool:
    """Return whether a template may nest others. ``template`` has what it includes, too."""
    return any(mark.encode() in template for mark in NESTS)


def creates_objects(template: bytes) -> bool:
    """Return whether a template may create objects that others look up by their tags."""
    return b"AWS::EC2::" in template


def uses_values(template: bytes) -> bool:
    """Return whether a template uses values of others."""
    if _PARAMETER in template:
        template = _BOOTSTRAP.sub(b"", template)
    if any(mark in template for mark in _INCLUSIONS):
        return True  # what it includes may use some
    return any(mark in template for mark in _USES) or _FRAMEWORK_USE.search(template) is not None
