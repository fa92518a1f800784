"""What is required: policy files, shipped packs, selectors, exemptions.

Importing this reads no YAML: with neither a policy file nor packs asked for, ``aws-baseline`` holds, which is
compiled in.
"""

from __future__ import annotations

from vpce_checks.policy.load import (
    POLICY_FILE,
    POLICY_FILES,
    find_policy_file,
    load_policy,
    policy_files,
    with_required,
)
from vpce_checks.policy.model import (
    IgnoreEntry,
    Policy,
    PolicyError,
    Requirement,
    RuleSetting,
    Source,
    VpcMatch,
    VpcOverride,
)
from vpce_checks.policy.packs import Pack, find_pack, list_packs, pack_names, policies_directory
from vpce_checks.policy.required import Required, Undecided, required_for

__all__ = [
    "POLICY_FILE",
    "POLICY_FILES",
    "IgnoreEntry",
    "Pack",
    "Policy",
    "PolicyError",
    "Required",
    "Requirement",
    "RuleSetting",
    "Source",
    "Undecided",
    "VpcMatch",
    "VpcOverride",
    "find_pack",
    "find_policy_file",
    "list_packs",
    "load_policy",
    "pack_names",
    "policies_directory",
    "policy_files",
    "required_for",
    "with_required",
]
