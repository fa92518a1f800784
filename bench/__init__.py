"""Benchmarks: what vpce-checks costs, beside the tools that do something alike. ``python -m bench`` runs them."""
