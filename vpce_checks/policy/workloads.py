"""What a policy says about the workloads of a VPC."""

from __future__ import annotations

from vpce_checks.base.record import record
from vpce_checks.model.network import Vpc
from vpce_checks.policy.model import Egress, Policy, WorkloadsMode
from vpce_checks.policy.required import overrides_for


@record
class WorkloadsSetting:
    """``mode`` says what is reported. ``egress`` is where unknown ways lead. ``excused`` are the services that the policy
    exempts, or that another VPC serves: calls to them are not reported."""

    mode: WorkloadsMode
    egress: Egress | None
    excused: frozenset[str]


def workloads_setting(policy: Policy, vpc: Vpc) -> WorkloadsSetting:
    """Return what ``policy`` says of the workloads of ``vpc``. Where several entries may match, the most silent counts."""
    outcomes, _ = overrides_for(policy, vpc)
    modes = {policy.workloads if each is None or each.workloads is None else each.workloads for each in outcomes}
    ways = {None if each is None else each.egress for each in outcomes}
    excused: set[str] = set()
    for each in outcomes:
        excused |= {item.service for item in policy.central_of(each)} | set(() if each is None else each.exempt)
    mode: WorkloadsMode = "off" if "off" in modes else "report" if "report" in modes else "require"
    return WorkloadsSetting(mode, ways.pop() if len(ways) == 1 else None, frozenset(excused))
