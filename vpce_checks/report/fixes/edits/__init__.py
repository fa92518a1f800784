"""Turn the changes of a fix into edits of files: in Terraform's native syntax, and in templates in YAML or JSON."""
