"""The stubs against the modules whose place they take."""
