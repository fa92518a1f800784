"""Print the types that the Serverless transform makes of a template. It runs where aws-sam-translator is installed."""

from __future__ import annotations

import json
import sys
from unittest.mock import MagicMock

from samtranslator.parser.parser import Parser
from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.translator import Translator

policies = MagicMock(spec=ManagedPolicyLoader)
policies.load.return_value = {}
translated = Translator(policies.load.return_value, Parser()).translate(json.load(sys.stdin), {})
print(json.dumps(translated["Resources"]))
