"""The JSON Schema that ships with the package, the packs, and that both agree with the loader."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

import vpce_checks
from vpce_checks.catalog import all_services
from vpce_checks.policy import PolicyError, find_pack, list_packs, load_policy, pack_names, policies_directory
from vpce_checks.policy.load import not_known
from vpce_checks.policy.packs import BASELINE_LAYER, read_pack

SCHEMA = json.loads((Path(vpce_checks.__file__).parent / "policy" / "policy.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def as_json(value: Any) -> Any:
    """A document as an editor's YAML plug-in sees it: dates are text."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def schema_accepts(text: str) -> bool:
    try:
        document = yaml.safe_load(text)
    except ValueError:  # a date that does not exist
        return False
    return VALIDATOR.is_valid(as_json(document))


def loader_accepts(text: str, directory: Path) -> bool:
    file = directory / "p.yaml"
    file.write_text(text, encoding="utf-8")
    for name in ("a.json", "b.json"):  # inventories must be there
        (directory / name).write_text("{}")
    (directory / "rules").mkdir(exist_ok=True)  # and a directory of rules
    try:
        load_policy(str(directory), str(file), in_python=not_known)
    except PolicyError:
        return False
    return True


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_lists_the_catalogue() -> None:
    listed = SCHEMA["$defs"]["interfaceService"]["enum"]
    assert listed == [service.short_name for service in all_services() if "Interface" in service.types]
    gateways = SCHEMA["$defs"]["gatewayService"]["enum"]
    assert set(gateways) == {service.short_name for service in all_services() if "Gateway" in service.types}


GOOD = [
    "version: 1",
    "version: 1\nextends: [aws-baseline, ecs-fargate]\nrequired: {gateway: [s3], interface: [ec2]}",
    "version: 1\nvpcs:\n- match: {address: 'module.*', name: x, path: envs/**, tags: {env: dev, n: 3, on: true}}\n"
    "  gateway: []\n  interface: [ec2]\n  add: {interface: [sqs], gateway: [s3]}\n  exempt: {s3: why}\n  central_endpoints: [kms]",
    "version: 1\ncentral_endpoints: [ssm, s3]\nrules: {VPCE001: off, VPCE002: {severity: low}, VPCE003: 'off'}",
    "version: 1\nignore:\n- {rule: VPCE001}\n- {rule: VPCE001, resource: x, reason: y, until: 2027-03-01}\n"
    "- {rule: VPCE002, until: '2027-03-01'}",
    "version: 1\nignore:\n- {rule: VPCE001, path: examples/**}",
    "version: 1\nvpcs: [{match: {default: true}, gateway: []}, {match: {default: false}}]",
    "version: 1\nexclude: [examples, '**/x']\nroots: {a: {vars: {n: 3}, workspace: w, region: eu-west-1, environment: {E: x}}}",
    "version: 1\nroots: {a: [{name: x}, {name: y, parameters: []}], b: [{vars: {}}], c: }\nformats: [json]",
    "version: 1\nlinks:\n- {root: a, input: var.vpc_id, is: 'net:aws_vpc.main'}\n- {root: a.yaml, input: VpcId, is: ['n.yaml:Vpc']}\n"
    "- {root: a, input: data.aws_vpc.x, is: 'net (eu):module.m[\"a:b\"].aws_vpc.x'}\n- {root: a, input: data.t.n.outputs.id, is: ':aws_vpc.x'}",
    "version: 1\ninventory: [a.json, {file: b.json}]",
    "version: 1\ninventory:\n- {file: a.json, zone: Z0123, vpc: vpc-0abc, account: '012345678901', region: eu-west-1, as_of: 2026-11-01}\n"
    "- {file: a.json, zone: /hostedzone/Z1, account: 111111111111, as_of: 2026-11-01T10:00:00Z}",
    "version: 1\nname: mine\ndescription: d\nurl: https://example.com\nextends:\nrequired:\nvpcs:\nrules:\nignore:",
    "version: 1\nvpcs:\n- match: {name: 10}\n  interface:\n  exempt:\n  add:",
    "version: 1\nown_rules:\n- {id: ORG-NET-1, title: t, severity: high, match: {tags: {a: b}}, why: w, fix: f, url: 'https://example.com/a?b=c',\n"
    "   must_have: {service: kms, type: interface, private_dns: true, elsewhere: true}}\n"
    "- {id: ACME-2, title: 5, must_not_have: {service: 'bedrock*'}}\n- {id: ORG-NET-1-A, title: t, must_have: {type: gateway}}\n"
    "rules: {ACME-2: off, ORG-NET-1: {severity: low}}\nignore: [{rule: ACME-2}]",
    "version: 1\nown_rules:\n- {id: A-1, title: t, severity: , must_not_have: {service: com.amazonaws.vpce.eu-west-1.vpce-svc-1, type: }}\n"
    "- {id: A-2, title: t, must_have: {private_dns: false, elsewhere: false}}",
    "version: 1\nown_rules:",
    "version: 1\nrules_dir: rules\nrules: {ORG-PY-1: off}",
]
BAD = [
    "",
    "[]",
    "version: 2",
    "version: '1'",
    "required: {}",
    "version: 1\nextra: 1",
    "version: 1\nextends: ecs-fargate",
    "version: 1\nextends: ['']",
    "version: 1\nrequired: [s3]",
    "version: 1\nrequired: {gateway: [sqs]}",
    "version: 1\nrequired: {gateway: s3}",
    "version: 1\nrequired: {interface: [s3express]}",
    "version: 1\nrequired: {interface: [ec2s]}",
    "version: 1\nrequired: {interface: [[ec2]]}",
    "version: 1\nrequired: {interface: [null]}",
    "version: 1\nvpcs: {}",
    "version: 1\nvpcs: [null]",
    "version: 1\nvpcs: [x]",
    "version: 1\nvpcs:\n- interface: []",
    "version: 1\nvpcs:\n- match:",
    "version: 1\nvpcs:\n- match: {}",
    "version: 1\nvpcs:\n- match: []",
    "version: 1\nvpcs:\n- match: {tags: {}}",
    "version: 1\nvpcs:\n- match: {tags: }",
    "version: 1\nvpcs:\n- match: {name: [x]}",
    "version: 1\nvpcs:\n- match: {name: }",
    "version: 1\nvpcs:\n- match: {name: x}\n  exempt: {s4: why}",
    "version: 1\nvpcs:\n- match: {name: x}\n  exempt: {s3: }",
    "version: 1\nvpcs:\n- match: {name: x}\n  add: [s3]",
    "version: 1\ncentral_endpoints: [nope]",
    "version: 1\nrules: []",
    "version: 1\nrules: {VPCE1: off}",
    "version: 1\nrules: {VPCE001: on}",
    "version: 1\nrules: {VPCE001: 'false'}",
    "version: 1\nrules: {VPCE001: low}",
    "version: 1\nrules: {VPCE001: {}}",
    "version: 1\nrules: {VPCE001: {severity: urgent}}",
    "version: 1\nrules: {VPCE001: {severity: [low]}}",
    "version: 1\nignore: {rule: VPCE001}",
    "version: 1\nignore: [null]",
    "version: 1\nignore: [VPCE001]",
    "version: 1\nignore:\n- {resource: x}",
    "version: 1\nignore:\n- {rule: vpce001}",
    "version: 1\nignore:\n- {rule: VPCE001, until: 2027-02-30}",
    "version: 1\nignore:\n- {rule: VPCE001, until: '20270301'}",
    "version: 1\nignore:\n- {rule: VPCE001, reason: ' '}",
    "version: 1\nvpcs:\n- match: {default: 'true'}",
    "version: 1\nvpcs:\n- match: {default: always}",
    "version: 1\nexclude: examples",
    "version: 1\nexclude: [[a]]",
    "version: 1\nroots: [a]",
    "version: 1\nroots: {a: x}",
    "version: 1\nroots: {a: []}",
    "version: 1\nroots: {a: [{vars: {}}, {name: y}]}",
    "version: 1\nroots: {a: {vars: [x=1]}}",
    "version: 1\nroots: {a: {colour: red}}",
    "version: 1\ninventory: a.json",
    "version: 1\ninventory: [[a.json]]",
    "version: 1\ninventory: [{zone: Z1}]",
    "version: 1\ninventory: [{file: a.json, zones: Z1}]",
    "version: 1\ninventory: [{file: a.json, zone: z-1}]",
    "version: 1\ninventory: [{file: a.json, vpc: main}]",
    "version: 1\ninventory: [{file: a.json, account: 5}]",
    "version: 1\ninventory: [{file: a.json, as_of: today}]",
    "version: 1\nrules_dir:",
    "version: 1\nrules_dir: ' '",
    "version: 1\nrules_dir: [rules]",
    "version: 1\nown_rules: {}",
    "version: 1\nown_rules: [null]",
    "version: 1\nown_rules: [ORG-1]",
    "version: 1\nown_rules: [{id: ORG-1, title: t}]",
    "version: 1\nown_rules: [{id: ORG-1, must_have: {service: kms}}]",
    "version: 1\nown_rules: [{title: t, must_have: {service: kms}}]",
    "version: 1\nown_rules: [{id: ORG-1, title: t, must_have: {service: kms}, must_not_have: {service: kms}}]",
    "version: 1\nown_rules: [{id: VPCE-1, title: t, must_have: {service: kms}}]",
    "version: 1\nown_rules: [{id: org-1, title: t, must_have: {service: kms}}]",
    "version: 1\nown_rules: [{id: ORG, title: t, must_have: {service: kms}}]",
    "version: 1\nown_rules: [{id: ORG-1, title: t, severity: urgent, must_have: {service: kms}}]",
    "version: 1\nown_rules: [{id: ORG-1, title: t, match: {}, must_have: {service: kms}}]",
    "version: 1\nown_rules: [{id: ORG-1, title: t, must_have: {}}]",
    "version: 1\nown_rules: [{id: ORG-1, title: t, must_have: }]",
    "version: 1\nown_rules: [{id: ORG-1, title: t, must_have: kms}]",
    "version: 1\nown_rules: [{id: ORG-1, title: t, must_have: {elsewhere: true}}]",
    "version: 1\nown_rules: [{id: ORG-1, title: t, must_have: {service: kmss}}]",
    "version: 1\nown_rules: [{id: ORG-1, title: t, must_have: {service: kms, type: Interface}}]",
    "version: 1\nown_rules: [{id: ORG-1, title: t, must_have: {service: kms, private_dns: 'true'}}]",
    "version: 1\nown_rules: [{id: ORG-1, title: t, must_not_have: {service: kms, elsewhere: true}}]",
    "version: 1\nown_rules: [{id: ORG-1, title: t, url: javascript:x, must_have: {service: kms}}]",
    "version: 1\nown_rules: [{id: ORG-1, title: ' ', must_have: {service: kms}}]",
    "version: 1\nlinks: {root: a}",
    "version: 1\nlinks: [a]",
    "version: 1\nlinks: [{root: a, input: var.x}]",
    "version: 1\nlinks: [{root: a, input: var.x, is: 'n:a.b', as: c}]",
    "version: 1\nlinks: [{root: a, input: vars.x, is: 'n:a.b'}]",
    "version: 1\nlinks: [{root: a, input: data.x, is: 'n:a.b'}]",
    "version: 1\nlinks: [{root: a, input: var.x, is: aws_vpc.main}]",
    "version: 1\nlinks: [{root: a, input: var.x, is: [[n]]}]",
    "version: 1\nformats: json",
    "version: 1\nformats: [json=x.json]",
    "version: 1\nname:",
    "version: 1\nname: {}",
]


@pytest.mark.parametrize("text", GOOD)
def test_both_accept(text: str, tmp_path: Path) -> None:
    assert schema_accepts(text) and loader_accepts(text, tmp_path)


@pytest.mark.parametrize("text", BAD)
def test_both_refuse(text: str, tmp_path: Path) -> None:
    assert not schema_accepts(text)
    assert not loader_accepts(text, tmp_path)


# The packs


def test_the_packs_of_the_documentation_are_there() -> None:
    assert set(pack_names()) == {
        "aws-baseline",
        "ecs-fargate",
        "ecs-ec2",
        "eks-private",
        "ssm-managed",
        "lambda",
        "mwaa",
        "sagemaker-studio",
        "glue",
        "hub-and-spoke",
    }
    assert pack_names()[0] == "aws-baseline" and find_pack("nope") is None


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_is_valid_and_says_what_it_stands_on(name: str, tmp_path: Path) -> None:
    text = (Path(policies_directory()) / f"{name}.yaml").read_text(encoding="utf-8")
    assert schema_accepts(text) and loader_accepts(text, tmp_path)
    pack = find_pack(name)
    assert pack is not None and pack.description and pack.url.startswith("https://docs.aws.amazon.com/")
    assert yaml.safe_load(text)["name"] == name and pack.path.endswith(f"{name}.yaml")
    assert "s3" in pack.gateway or name == "lambda"  # no endpoint is needed by all functions


def test_the_compiled_baseline_is_the_file(tmp_path: Path) -> None:
    layer = read_pack("aws-baseline")
    assert (layer.gateway, layer.interface, layer.central) == (
        BASELINE_LAYER.gateway,
        BASELINE_LAYER.interface,
        BASELINE_LAYER.central,
    )
    assert (layer.vpcs, dict(layer.rules), layer.ignore, layer.extends) == ((), {}, (), ())


def test_the_packs_require_what_their_workloads_need() -> None:
    packs = {pack.name: pack for pack in list_packs()}
    assert set(packs["ecs-fargate"].interface) == {"ecr.api", "ecr.dkr", "logs"}
    assert {"ecs", "ecs-agent", "ecs-telemetry"} <= set(packs["ecs-ec2"].interface)
    assert {"ssm", "ssmmessages"} == set(packs["ssm-managed"].interface)
    assert packs["glue"].gateway == ("s3",) and packs["glue"].interface == ()
    assert {"ssm", "logs"} <= set(packs["hub-and-spoke"].central) and packs["hub-and-spoke"].interface == ()
