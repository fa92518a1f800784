"""Where the stack of a root template is deployed: its region and its account, as far as the code and the user say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vpce_checks.base.record import record
from vpce_checks.cloudformation.template.cdk import environment_of
from vpce_checks.cloudformation.template.parameter_files import samconfig_region
from vpce_checks.model.roots import Deployment
from vpce_checks.model.values import Value


def region_by_tools(path: str) -> str | None:
    """Return the region that the tool which deploys a template names: CDK or the SAM CLI."""
    return environment_of(path)[1] or samconfig_region(path)


@record
class Environment:
    """``regions`` are those of all its deployments. None, or no region: not known."""

    account: str | None = None
    regions: frozenset[str] = frozenset()

    @property
    def region(self) -> str | None:
        """The only region."""
        return next(iter(self.regions)) if len(self.regions) == 1 else None

    def key(self) -> dict[str, Value]:
        """Return what is known as parts of a key (see model.outside.Wanted)."""
        known = {"region": self.region, "account": self.account}
        return {part: value for part, value in known.items() if value is not None}

    def elsewhere(self, named: Mapping[str, Value]) -> Environment:
        """Return this environment with the ``region`` and the ``account`` in ``named`` instead of its own."""
        region, account = named.get("region"), named.get("account", self.account)
        regions = frozenset({region}) if isinstance(region, str) else frozenset[str]()
        return Environment(
            account if isinstance(account, str) else None, regions if "region" in named else self.regions
        )

    def may_be(self, other: Environment) -> bool:
        """Return whether stacks of both may be in one region of one account."""
        return (self.account is None or other.account is None or self.account == other.account) and (
            not self.regions or not other.regions or not self.regions.isdisjoint(other.regions)
        )


def environment(path: str, region: str | None, deployments: Iterable[Deployment] = ()) -> Environment:
    """Return the environment of the root template at ``path``. ``region`` (``--region``) holds for all templates."""
    named = [region or each.region for each in deployments] or [region]
    regions = [each or region_by_tools(path) for each in named]
    known = frozenset(each for each in regions if each is not None)
    return Environment(environment_of(path)[0], known if None not in regions else frozenset())
