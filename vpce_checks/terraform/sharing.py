"""What a root module shares with other roots: its state, the parameters that it stores, and what it reads of others."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain

from vpce_checks.base.record import replace
from vpce_checks.files.containment import Places
from vpce_checks.files.tracked import contained
from vpce_checks.model.outside import PARAMETER, STACK, STATE, Offer, Outside, Sharing, Wanted, offered_elsewhere
from vpce_checks.model.spans import Span
from vpce_checks.model.values import JsonText, MapValue, PartialString, Value, merge_causes, unknown
from vpce_checks.terraform.aws.generic import DEPLOYS_TEMPLATE, STACK_SET
from vpce_checks.terraform.aws.tag_resources import tags_of
from vpce_checks.terraform.build import deep_evaluation, tag_instances
from vpce_checks.terraform.config.default_vpc import BY_DEFAULT, is_in_default_vpc
from vpce_checks.terraform.config.instances import Instance
from vpce_checks.terraform.config.look_ups import (
    CREATED_TYPES,
    LOOK_UP_TYPES,
    offered_object,
    own_address,
    wanted_default_vpc,
    wanted_object,
)
from vpce_checks.terraform.config.module import Module, OpaqueCall
from vpce_checks.terraform.config.named_elsewhere import wanted_by_name
from vpce_checks.terraform.config.nested_blocks import NestedBlock, nested_blocks
from vpce_checks.terraform.config.outputs_of_others import (
    WANTED_TYPES,
    environment_key,
    wanted,
    wanted_template,
)
from vpce_checks.terraform.config.parameter_modules import parameters_of_modules
from vpce_checks.terraform.config.stack_sets import in_other_accounts, instances_of
from vpce_checks.terraform.config.state_paths import path_in_bucket, path_in_directory
from vpce_checks.terraform.config.states import WORKSPACES, alternatives, state_address
from vpce_checks.terraform.config.stores import BUCKET_OBJECT, PARAMETER_TYPES, STORE_TYPES, stored, stored_value
from vpce_checks.terraform.config.template_bodies import deployed_template
from vpce_checks.terraform.config.variables import no_names, root_values
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.scope import Scope, Session, TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.syntax.structure import Block
from vpce_checks.terraform.syntax.tfvars import load_tfvars
from vpce_checks.terraform.types.errors import EvalError

MAX_BACKEND_FILES = 20
"""How many files for ``-backend-config`` of one root are read."""


def sharing_of(
    directory: str, label: str, options: TerraformOptions, loader: ModuleLoader, outside: Outside
) -> Sharing:
    """Return what the root module in ``directory`` shares. Its values are evaluated when something asks for them.

    References in them begin with ``label``.
    """
    source = loader.load(directory)
    session = Session(directory, options, loader)
    session.outside = outside
    session.label = label

    def offers() -> tuple[Offer, ...]:
        with deep_evaluation():
            return (*with_paths(state_of(root)), *offered(root))

    with deep_evaluation():
        root = Module(session, source, root_values(source, session))
        return Sharing(offers, tuple(wanted_in(root)))


def offered(root: Module) -> Iterator[Offer]:
    """Yield the objects, stored parameters, exports and outputs of stacks that others may find."""
    modules = list(_modules(root))
    tags = tags_of(tag_instances(modules))
    for module in modules:
        yield from parameters_of_modules(module)
        for type, name in module.source.resources:
            if type in DEPLOYS_TEMPLATE:
                yield from chain.from_iterable(map(_of_template, module.instances(type, name)))
            if type in PARAMETER_TYPES:
                yield from map(_parameter, module.instances(type, name))
            if type in CREATED_TYPES:
                yield from (offered_object(each, tags) for each in module.instances(type, name))
            if type in STORE_TYPES:
                yield from chain.from_iterable(map(_stored, module.instances(type, name)))


def _of_template(instance: Instance) -> Iterator[Offer]:
    """Yield what the template of a stack offers, and its outputs. An empty body lets the resource itself not find them."""
    deployed = deployed_template(instance)
    if deployed is None:
        return
    key, label = _environment(instance), instance.scope.session.label
    if instance.type == STACK_SET:  # CloudFormation names its stacks
        for each in deployed.offers:
            offer = replace(each, what=each.what.removeprefix(label), key={**each.key, **key})
            yield offered_elsewhere(offer, in_other_accounts(instance))
        return
    outputs, rest = deployed.outputs.items, deployed.outputs.rest
    what, span = own_address(instance), instance.block.header
    names = partial(tuple, outputs)
    key_of_stack = {**key, "body": ""}
    more = rest.causes if rest is not None else ()
    yield Offer(
        STACK,
        instance.get("name"),
        what,
        span,
        outputs.get,
        names,
        key_of_stack,
        why_more=lambda: more,
        doubts=deployed.outputs.maybe,
    )
    for offer in deployed.offers:
        yield replace(offer, what=offer.what.removeprefix(label), key={**offer.key, **key})


def wanted_in(root: Module) -> Iterator[Wanted]:
    """Yield what a root module and those that it calls want from others."""
    for module in _modules(root):
        for type, name in module.source.data:
            if type in WANTED_TYPES or type in LOOK_UP_TYPES:
                yield from _wants(module, type, name)
        for name in module.source.modules:
            for child in module.children(name)[1].values():
                if isinstance(child, OpaqueCall):
                    yield from wanted_by_name(child)
        for type, name in module.source.resources:
            if type in DEPLOYS_TEMPLATE:
                for each in module.instances(type, name):
                    yield from _wanted_by_stack(each)
            if type in BY_DEFAULT:
                yield from map(wanted_default_vpc, filter(is_in_default_vpc, module.instances(type, name)))


def _wanted_by_stack(instance: Instance) -> Iterator[Wanted]:
    """Yield the outputs that a stack has where its template is a root, and what its own template wants."""
    want, deployed = wanted_template(instance), deployed_template(instance)
    if want is not None:
        yield want
    if deployed is not None:
        key = _environment(instance)
        yield from (replace(each, key={**key, **each.key}) for each in deployed.wants)


def _environment(instance: Instance) -> dict[str, Value]:
    """Return the region and the account of a stack. Those of a stack set are in others."""
    if instance.type != STACK_SET:
        return environment_key(instance)
    region = instances_of(instance).region
    return {"region": region} if isinstance(region, str) else {}


def _modules(module: Module) -> Iterator[Module]:
    yield module
    for name in module.source.modules:
        for child in module.children(name)[1].values():
            if isinstance(child, Module):
                yield from _modules(child)


def _wants(module: Module, type: str, name: str) -> Iterator[Wanted]:
    for instance in module.expanded("data", type, name)[1].values():
        want = wanted_object(instance) if type in LOOK_UP_TYPES else wanted(instance)
        if want is not None:
            yield want


def _stored(instance: Instance) -> Iterator[Offer]:
    for offer in stored(instance, environment_key):
        yield replace(offer, value=partial(_value_of, offer))


def _value_of(offer: Offer, name: str) -> Value:
    with deep_evaluation():
        return offer.value(name)


def _parameter(instance: Instance) -> Offer:
    def value(name: str) -> Value:
        with deep_evaluation():
            return stored_value(instance)

    return Offer(
        PARAMETER,
        instance.get("name"),
        own_address(instance),
        instance.block.header,
        value,
        key=environment_key(instance),
    )


# -- the state -------------------------------------------------------------------------------------------------------


def state_of(root: Module) -> Offer:
    """Return the state of a root module."""
    source, session = root.source, root.session
    block = root.source.backend
    span = block.header if block is not None else _first_line(root)
    backend = (
        "local" if block is None else "cloud" if block.type == "cloud" else block.labels[0] if block.labels else ""
    )
    settings = _settings(block, root.scope) if block is not None else {}
    if block is not None and block.type == "backend":
        settings = {**settings, **_given_at_init(root, span)}
    address = state_address(backend, settings, session.root, span)
    key = dict(address.key)
    if backend not in ("remote", "cloud", "http") and session.workspace is not None:
        key.setdefault("workspace", session.workspace)

    def value(name: str) -> Value:
        with deep_evaluation():
            return root.output(name)

    def is_sensitive(name: str) -> bool:
        return root.mark_of_output(name) is not None

    names = partial(tuple, source.outputs)
    what = "the state" if block is None else f"the state (backend {backend})"
    return Offer(STATE, address.name, what, span, value, names, key, is_sensitive)


def with_paths(state: Offer) -> Iterator[Offer]:
    """Yield a state, and if it is in a bucket, once more by its path in a workspace below a ``workspace_key_prefix`` of its own,
    and as the object that it is.

    Those who read it may write the path as the key. Paths below ``env:`` need no offer: anybody knows them by their beginning.
    The same goes for a ``workspace_dir`` of a local backend.
    """
    key = dict(state.key)
    directory = key.pop(WORKSPACES, None)
    if directory is not None:
        yield from _in_directory(replace(state, key=key), directory)
        return
    yield state
    if key.get("backend") != "s3":
        return
    prefix = key.pop("workspace_key_prefix", None)
    workspace = key.pop("workspace", None) or unknown("the workspace is not in the code", state.span, "string")
    yield from _as_object(state, state.name)
    path = path_in_bucket(prefix, workspace, state.name) if isinstance(prefix, str) and workspace != "default" else None
    if path is not None:
        yield from _as_object(state, path)
        if prefix != "env:":
            yield replace(state, name=path, key=key)


def _as_object(state: Offer, path: Value) -> Iterator[Offer]:
    """Yield the state as the object in a bucket that others may read, without the backend that knows what is in it.

    https://developer.hashicorp.com/terraform/language/state/remote-state-data#alternative-ways-to-share-data-between-configurations
    """
    if not isinstance(path, (str, PartialString)):
        return
    names = state.names() or ()

    def text(name: str) -> Value:
        outputs = {each: MapValue({"value": state.value(each)}, "object") for each in names}
        document = MapValue({"outputs": MapValue(outputs, "object")}, "object")
        return JsonText(merge_causes([document]), "string", document=document)

    def is_sensitive(name: str) -> bool:
        return any(map(state.is_sensitive, names))

    bucket = {"bucket": state.key["bucket"]} if "bucket" in state.key else {}
    yield Offer(BUCKET_OBJECT, path, state.what, state.span, text, key=bucket, is_sensitive=is_sensitive)


def _in_directory(state: Offer, directory: Value) -> Iterator[Offer]:
    workspace = state.key.get("workspace")
    if workspace is None or workspace == "default":
        yield state
    if workspace == "default":
        return
    yield replace(state, name=directory)
    key = {part: value for part, value in state.key.items() if part != "workspace"}
    path = path_in_directory(directory, workspace or unknown("the workspace is not in the code", state.span, "string"))
    if path is not None:
        yield replace(state, name=path, key=key)


def _first_line(root: Module) -> Span:
    return Span(root.source.files[0] if root.source.files else root.source.directory, 1)


def _settings(block: Block, scope: Scope) -> dict[str, Value]:
    """Return the settings of a ``backend`` or ``cloud`` block. OpenTofu allows variables and locals in it."""
    nested = NestedBlock(block.body, scope)
    found = {name: nested.get(name) for name in block.body.attributes}
    for inner in nested_blocks(block.body, "workspaces", scope):
        found["workspaces"] = MapValue({name: inner.get(name) for name in inner.body.attributes}, "object")
    return found


def _given_at_init(root: Module, span: Span) -> Mapping[str, Value]:
    """Return the settings in the files beside the root that are meant for ``terraform init -backend-config``."""
    directory, places = root.source.directory, root.session.places
    try:
        names = _backend_files(directory, places)
    except OSError:
        return {}
    files = {name: _read_settings(os.path.join(directory, name), places, root) for name in names[:MAX_BACKEND_FILES]}
    if len(files) < 2:
        return next(iter(files.values()), {})
    return alternatives(files, len(names), span)


@contained
def _backend_files(directory: str) -> list[str]:
    """The files for ``-backend-config`` in a directory, and in the directories in it."""
    found: list[str] = []
    with os.scandir(directory) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith("."):
                found += [
                    os.path.join(entry.name, name) for name in sorted(os.listdir(entry.path)) if _is_for_init(name)
                ]
        elif _is_for_init(entry.name):
            found.append(entry.name)
    return found


def _is_for_init(name: str) -> bool:
    return name.endswith(".tfbackend") or ("backend" in name and name.endswith((".hcl", ".conf", ".tfvars", ".config")))


def _read_settings(path: str, places: Places, root: Module) -> dict[str, Value]:
    scope = Scope(root.session, no_names, {})
    found: dict[str, Value] = {}
    for name, (expr, _) in load_tfvars(path, places)[0].items():
        try:
            found[name] = evaluate(expr, scope)
        except EvalError:
            continue
    return found
