"""Which changes of the code settle findings, and do no harm: each is tried, and the changed code is scanned again."""
