"""The version of vpce-checks (the same as in pyproject.toml)."""

VERSION = "0.2.0"
