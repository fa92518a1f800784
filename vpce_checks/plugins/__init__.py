"""The rules inside of other tools: thin adapters, without a verdict of their own. Nothing here is imported by a scan."""
