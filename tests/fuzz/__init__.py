"""Fuzzing: damaged inputs of every format must give a report, never a crash. ``python -m tests.fuzz --help``."""
