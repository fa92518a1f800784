"""Print cfn-lint's values of expressions in a template. It runs where cfn-lint is installed."""

from __future__ import annotations

import json
import sys
import tempfile

from cfnlint.decode import decode
from cfnlint.jsonschema import CfnTemplateValidator
from cfnlint.template import Template

question = json.load(sys.stdin)
with tempfile.NamedTemporaryFile("w", suffix=".json") as stream:
    json.dump(question["template"], stream)
    stream.flush()
    decoded, problems = decode(stream.name)
    assert not problems, problems
    template = Template(stream.name, decoded, regions=["eu-west-1"])
    validator = CfnTemplateValidator({}).evolve(cfn=template, context=template.context)
    answers = []
    for expression in question["expressions"]:
        try:
            resolved = [value for value, _, error in validator.resolve_value(expression) if error is None]
            answers.append(json.loads(json.dumps(resolved, default=str)))
        except Exception as error:
            answers.append([{"failed": str(error)}])
print(json.dumps(answers))
