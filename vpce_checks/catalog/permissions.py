"""Which endpoint services a permission is for: by the action, by a policy of AWS, by a policy template of SAM."""

from __future__ import annotations

import os
from functools import lru_cache


def services_of_action(action: str) -> tuple[str, ...]:
    """Return the services that calls with the permission ``action`` go to: ``sqs:SendMessage`` to ``("sqs",)``.

    Wildcards in the action are fine as long as every action that they may stand for goes to the same services; else
    nothing is returned.
    """
    prefix, _, name = action.partition(":")
    row = _table("permissions.tsv").get(prefix.lower())
    if row is None:
        return ()
    usual, _, others = row.partition("\t")
    by_action = {each: service for service, _, names in map(_parted, others.split()) for each in names.split(",")}
    wanted = name.lower()
    if "*" not in wanted and "?" not in wanted:
        found = next((service for each, service in by_action.items() if each.lower() == wanted), usual)
        return tuple(found.split()) if found != "-" else ()
    start = wanted.partition("*")[0].partition("?")[0]
    hidden = {service for each, service in by_action.items() if each.lower().startswith(start)}
    if not hidden:
        return tuple(usual.split()) if usual != "-" else ()
    only = hidden.pop() if len(hidden) == 1 and len(start) >= _TELLING else "-"
    return tuple(only.split()) if only != "-" else ()


_TELLING = 6
"""So many letters of an action leave no doubt of which family it is: ``InvokeModel*``, but not ``Get*``."""


def _parted(cell: str) -> tuple[str, str, str]:
    return cell.partition("=")


def services_of_policy(name: str) -> tuple[str, ...]:
    """Return what the holder of a policy of AWS calls, by the policy's name; nothing where that is not clear."""
    return tuple(_table("managed_policies.tsv").get(name, "").split())


def services_of_template(name: str) -> tuple[str, ...]:
    """Return what a function with a policy template of SAM calls; nothing where that is not clear."""
    return tuple(_table("sam_policies.tsv").get(name, "").split())


@lru_cache(maxsize=4)
def _table(name: str) -> dict[str, str]:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        lines = file.read().split("\n")
    rows = (line.partition("\t") for line in lines if line and line[0] != "#")
    return {key: rest for key, _, rest in rows}
