"""Read the sections of a template from its tree, without evaluating anything."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from functools import cached_property

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import field, mutable, record
from vpce_checks.cloudformation.sniff import NESTS
from vpce_checks.cloudformation.template.ignores import ignore_requests
from vpce_checks.cloudformation.template.nodes import (
    EMPTY_MAPPING,
    RAIN,
    Document,
    Mapping,
    Node,
    Scalar,
    Sequence,
    entry,
    string_items,
    text_of,
)
from vpce_checks.cloudformation.template.parameters import ParameterDeclaration, parameter_declarations
from vpce_checks.cloudformation.template.service_plugins import (
    conditional_resources,
    hides_plugins,
    network_plugins,
    with_sub_variables,
)
from vpce_checks.model.ignores import IgnoreComment
from vpce_checks.model.spans import Span

KNOWN_TRANSFORMS = (
    "AWS::Serverless-",
    "AWS::LanguageExtensions",
    "AWS::CodeDeployBlueGreen",
    "AWS::SecretsManager-",
)
"""Transforms whose effect on the network is known. Any other is a macro that may do anything."""

INCLUDE = "AWS::Include"
"""The transform that adds a file, and changes nothing beside it."""

RAIN_MODULE = "Rain::Module"

RAIN_UPLOADS = ("Rain::S3Http", "Rain::S3")
"""The directives of Rain that upload a file and stand for its address."""

FILLED_IN = ("Fn::ForEach::", "Fn::Transform", RAIN)
"""What the keys below ``Resources`` begin with that stand for resources."""

_PLACEHOLDER = pattern(r"\$\{([A-Za-z0-9_.]+)\}")

NETWORK_TYPES = ("AWS::EC2::VPC", "AWS::EC2::VPCEndpoint")
"""The types of a VPC and of an endpoint."""

STACK_TYPES = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
"""The types that nest a template, with the property that names it."""

STACK_SET = "AWS::CloudFormation::StackSet"
"""The type that deploys a template to other accounts and regions."""


@record
class ResourceDeclaration:
    """One entry of ``Resources``. ``node`` is its mapping. ``span`` starts at its logical ID."""

    id: str
    type: str
    node: Mapping
    span: Span

    @property
    def condition(self) -> str | None:
        """The name of its condition."""
        return text_of(entry(self.node, "Condition"))

    @property
    def properties(self) -> Node | None:
        """Its properties."""
        return entry(self.node, "Properties")

    @property
    def metadata(self) -> Node | None:
        """Its metadata."""
        return entry(self.node, "Metadata")


@mutable
class Template:
    """A template. ``body`` is the mapping that contains the sections. It may be a part of the document."""

    __slots__ = ("__dict__",)

    document: Document
    body: Mapping
    _declared: dict[int, ResourceDeclaration] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The file."""
        return self.document.path

    @property
    def language(self) -> str:
        """The network's language."""
        return f"cloudformation-{self.document.format}"

    def section(self, name: str) -> Mapping | None:
        """Return the section ``name``. None if it is not a mapping."""
        node = self.body.entries.get(name)
        return node if isinstance(node, Mapping) else None

    @property
    def is_service(self) -> bool:
        """Whether it is part of a Serverless Framework file, which deploys more than it contains."""
        return self.body is not self.document.root

    @cached_property
    def service(self) -> Node | None:
        """The whole Serverless Framework file that it is a part of, with the usual signs around variables. None: it is of none."""
        root = self.document.root
        if not self.is_service or not isinstance(root, Mapping) or "variableSyntax" not in self.document.text:
            return root if self.is_service else None
        from vpce_checks.cloudformation.template.serverless import with_usual_signs

        return with_usual_signs(self.document, root)

    @cached_property
    def has_dummies(self) -> bool:
        """Whether it may hold dummies instead of what CDK looks up."""
        from vpce_checks.cloudformation.template.cdk import STORED_DUMMY, lacks_look_ups

        return STORED_DUMMY in self.document.text or lacks_look_ups(self.path)

    @cached_property
    def is_fragment(self) -> bool:
        """Whether it is meant to be included by a Serverless Framework file."""
        text = self.document.text
        marks = (f"{signs}{mark}" for signs in ("${", "${{") for mark in ("self:", "opt:", "sls:", "file("))
        return not self.is_service and any(mark in text for mark in marks)

    @cached_property
    def parameters(self) -> MappingType[str, ParameterDeclaration]:
        """The declared parameters."""
        is_filled_in = self.is_service or self.is_fragment
        return parameter_declarations(
            self.document, self.section("Parameters"), self.required_keys, is_filled_in=is_filled_in
        )

    @cached_property
    def required_keys(self) -> MappingType[str, tuple[str, ...]]:
        """The possible values of the parameters, pseudo parameters too, that must be keys of a mapping."""
        if "FindInMap" not in self.document.text:
            return {}
        from vpce_checks.cloudformation.template.map_keys import required_keys

        return required_keys(self.body)

    @cached_property
    def _transforms(self) -> tuple[str, ...]:
        return tuple(filter(None, map(transform_name, transform_items(self.body.entries.get("Transform")))))

    @cached_property
    def has_extensions(self) -> bool:
        """Whether it uses AWS::LanguageExtensions."""
        return "AWS::LanguageExtensions" in self._transforms

    @cached_property
    def macros(self) -> tuple[tuple[str, Node], ...]:
        """The transforms of the whole template that may change anything, each with its node."""
        node = self.body.entries.get("Transform")
        names = self._transforms if node is not None else ()
        return tuple((name, node) for name in names if node is not None and not name.startswith(KNOWN_TRANSFORMS))

    @cached_property
    def network_plugins(self) -> tuple[tuple[str, str, Node], ...]:
        """The plugins of a Serverless Framework service that create what is not read: name, what it does, and node."""
        return network_plugins(self.service) if self.is_service else ()

    @cached_property
    def conditional(self) -> MappingType[str, Node]:
        """The resources that a plugin of the Serverless Framework leaves out or changes by conditions, as :func:`conditional_resources`
        has them."""
        return conditional_resources(self.service) if self.is_service else {}

    @cached_property
    def hides_plugins(self) -> bool:
        """Whether it is not known which plugins the Serverless Framework applies to it."""
        return self.is_fragment or (self.is_service and hides_plugins(self.document.root))

    @cached_property
    def rewriter(self) -> str:
        """The name of a macro that may change what stands in the template, not only add to it. "": there is none."""
        sections = (entry(section, "Fn::Transform") for section in self.body.entries.values())
        inside = [transform_name(item) for section in sections for item in transform_items(section)]
        names = [name for name, _ in self.macros] + inside
        return next((name for name in names if name not in ("", INCLUDE)), "")

    def resource(self, id: str, mapping: Mapping, node: Node) -> ResourceDeclaration | None:
        """Return the resource that ``node`` declares: the value of ``id`` in ``mapping``. None if it declares none."""
        known = self._declared.get(id_of := hash((id, node.start)))
        if known is not None and known.node is node:
            return known
        type = _type_of(node)
        if not isinstance(node, Mapping) or type is None:
            return None
        span = self.document.span(mapping.keys.get(id, node.start), node.end)
        self._declared[id_of] = found = ResourceDeclaration(id, type, node, span)
        return found

    @cached_property
    def ignores(self) -> tuple[IgnoreComment, ...]:
        """The requests in the template to ignore findings."""
        return ignore_requests(self.document, self.body, self.section("Resources"))

    @cached_property
    def local_templates(self) -> MappingType[str, str]:
        """The literal paths of the templates that it nests, as written, by logical ID."""
        resources = (self.section("Resources") or EMPTY_MAPPING).entries
        return {id: url for id, node in resources.items() if (url := nested_url(node)) is not None}

    @cached_property
    def module_files(self) -> tuple[str, ...]:
        """The literal paths of the files that it includes as modules, as written: ``Source`` in ``Modules``, and
        ``Rain::Module`` as a type.

        https://aws-cloudformation.github.io/rain/modules.html
        """
        sources = [entry(node, "Source") for node in (self.section("Modules") or EMPTY_MAPPING).entries.values()]
        types = [entry(node, "Type") for node in (self.section("Resources") or EMPTY_MAPPING).entries.values()]
        sources += [type.entries.get(RAIN_MODULE) for type in types if isinstance(type, Mapping)]
        return tuple(text for node in sources if (text := text_of(node)) and "://" not in text)

    @cached_property
    def attributes_used(self) -> MappingType[str, tuple[str, ...]]:
        """The attributes of each resource that ``Fn::GetAtt`` and ``Fn::Sub`` name, without ``Outputs.``."""
        found: dict[str, dict[str, None]] = {}
        pending: list[Node] = [self.body]
        while pending:
            node = pending.pop()
            if isinstance(node, Sequence):
                pending += node.items
            elif isinstance(node, Mapping):
                pending += node.entries.values()
                for name in _attributes_in(node):
                    id, _, attribute = name.partition(".")
                    found.setdefault(id, {})[attribute.removeprefix("Outputs.")] = None
        return {id: tuple(attributes) for id, attributes in found.items()}

    @cached_property
    def nested_by_address(self) -> MappingType[str, Node | None]:
        """What makes the address of each template that it nests by an address, by logical ID."""
        found: dict[str, Node | None] = {}
        for id, node in (self.section("Resources") or EMPTY_MAPPING).entries.items():
            if text_of(entry(node, "Type")) in STACK_TYPES and "://" in (nested_url(node) or "://"):
                found[id] = url_node(node)
        return found

    @property
    def may_nest(self) -> bool:
        """Whether it may nest templates: a quick look at its text."""
        return any(mark in self.document.text for mark in NESTS)

    @cached_property
    def computes_addresses(self) -> bool:
        """Whether it may nest templates by something else than literal texts: by what evaluation makes, or in a loop."""
        if any(node is not None and not isinstance(node, Scalar) for node in self.nested_by_address.values()):
            return True
        resources = (self.section("Resources") or EMPTY_MAPPING).entries.items()
        return any(name.startswith("Fn::ForEach") and any(stacks_below(node)) for name, node in resources)

    @cached_property
    def defaults(self) -> MappingType[str, str]:
        """The default values of the parameters that have one."""
        return {name: each.default for name, each in self.parameters.items() if each.default is not None}


def read_template(document: Document) -> Template | None:
    """Return the template in ``document``: the document, or the ``resources`` of a Serverless Framework file. None if
    there is none."""
    for body in (document.root, entry(document.root, "resources")):
        if isinstance(body, Mapping) and has_resources(body):
            return Template(document, body if body is document.root else _as_usual(document, body))
    return Template(document, Mapping({}, {}, 0, 0)) if network_plugins(document.root) else None


def _as_usual(document: Document, body: Mapping) -> Mapping:
    """Return the resources of a service with the usual signs around variables, as its plugins leave them."""
    if "variableSyntax" in document.text:
        from vpce_checks.cloudformation.template.serverless import with_usual_signs

        body = with_usual_signs(document, body)
    return with_sub_variables(document, body)


def _attributes_in(node: Mapping) -> list[str]:
    """Return the attributes that a function names: ``Name.Attribute``."""
    names = string_items(node.entries.get("Fn::GetAtt"))
    found = [".".join(names)] if names else []
    text = string_items(node.entries.get("Fn::Sub"))
    return found + ([name for name in _PLACEHOLDER.findall(text[0]) if "." in name] if text else [])


def _type_of(node: Node) -> str | None:
    """Return the type that ``node`` declares. For Rain's ``!Rain::Module vpc.yaml`` it is ``Rain::Module``."""
    type = entry(node, "Type")
    if isinstance(type, Mapping) and len(type.entries) == 1:
        return next((key for key in type.entries if key.startswith(("!", RAIN))), None)
    return text_of(type)


def stacks_below(node: Node) -> Iterator[Mapping]:
    """Yield each mapping in ``node`` that declares a nested stack, in loops too."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, Sequence):
            pending += each.items
        elif isinstance(each, Mapping):
            pending += each.entries.values()
            if text_of(each.entries.get("Type")) in STACK_TYPES:
                yield each


def transform_items(node: Node | None) -> list[Node]:
    """Return the transforms that ``Transform`` or ``Fn::Transform`` lists, or the only one that it is."""
    return node.items if isinstance(node, Sequence) else [node] if node is not None else []


def transform_name(item: Node) -> str:
    """Return the name of a transform: it alone, or beside its parameters. "": it is not known."""
    return text_of(entry(item, "Name") if isinstance(item, Mapping) else item) or ""


def changes_siblings(transform: Node) -> bool:
    """Return whether ``Fn::Transform`` may change what stands beside it: every macro gets that and returns something for it.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-overview.html
    """
    return any(transform_name(item) != INCLUDE for item in transform_items(transform) or [transform])


def has_resources(body: Mapping) -> bool:
    """Return whether ``body`` is the body of a template: whether it declares a typed resource, or something fills them in, such
    as a file that the whole template includes."""
    resources = body.entries.get("Resources")
    if not isinstance(resources, Mapping):
        return INCLUDE in map(transform_name, transform_items(body.entries.get("Transform")))
    return any(name.startswith(FILLED_IN) or "::" in (_type_of(node) or "") for name, node in resources.entries.items())


def bare_network(document: Document) -> Mapping | None:
    """Return the first VPC or endpoint that stands at the top of a document, as in a file that a build puts below ``Resources``
    or another template includes. None: there is none, or the document is a template."""
    root = document.root if isinstance(document.root, Mapping) else EMPTY_MAPPING
    if "Resources" in root.entries:
        return None
    found = (node for node in root.entries.values() if text_of(entry(node, "Type")) in NETWORK_TYPES)
    return next((node for node in found if isinstance(node, Mapping)), None)


def nested_url(node: Node) -> str | None:
    """Return the literal path or URL of the template that the resource ``node`` nests. CDK writes it into the
    metadata."""
    if text_of(entry(node, "Type")) not in STACK_TYPES:
        return None
    if text_of(entry(node, "Metadata", "aws:asset:property")) == "TemplateURL":
        return text_of(entry(node, "Metadata", "aws:asset:path"))
    url = url_node(node)
    if isinstance(url, Mapping) and isinstance(sub := url.entries.get("Fn::Sub"), Scalar) and "${" not in sub.text:
        url = sub
    return text_of(_uploaded_by_rain(url) or url)


def _uploaded_by_rain(url: Node | None) -> Node | None:
    """Return the path of the file that a directive of Rain uploads, to put its address in this place. None: it is none.

    https://aws-cloudformation.github.io/rain/
    """
    for directive in RAIN_UPLOADS:
        file = entry(url, directive)
        if file is not None:
            return entry(file, "Path") if isinstance(file, Mapping) else file
    return None


def url_node(node: Node) -> Node | None:
    """Return what makes the path or URL of the template that the resource ``node`` nests."""
    property = STACK_TYPES.get(text_of(entry(node, "Type")) or "")
    return entry(node, "Properties", property) if property is not None else None
