"""What security accounts gather of Config for the whole organization, and how Security Hub is
configured from above. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import config, securityhub
from roadmap.readings.central import all_of_security, of_management, of_security
from roadmap.subject import Subject


@dataclass(frozen=True)
class Aggregation:
    """``kept`` are the aggregators of the organization. ``is_unseen``: nobody knows of others, as a
    security account could not be asked somewhere."""

    kept: Sequence[Mapping[str, Any]]
    is_unseen: bool


def aggregation(subject: Subject, scope: Sequence[str]) -> Aggregation:
    """``scope`` are the account's Regions."""
    missing: list[Missing] = []
    kept = [
        _of_account(subject, owner, aggregator, scope)
        for owner, _, seen in all_of_security(subject, config.aggregation, missing)
        for aggregator in seen.aggregators
        if aggregator.is_organization
    ]
    return Aggregation(kept, bool(missing))


def _of_account(
    subject: Subject, owner: str, aggregator: config.Aggregator, scope: Sequence[str]
) -> Mapping[str, Any]:
    about = f"{subject.account.account_id}/"
    return {
        "arn": aggregator.arn,
        "owner": owner,
        "reaches": [region for region in scope if aggregator.reaches(region)],
        "failed_here": [one for one in aggregator.failed if one.startswith(about)],
    }


def security_hub(subject: Subject, regions: Sequence[str]) -> dict[str, Any]:
    """How Security Hub is configured from above, by Region, and where its newer form is on."""
    central = {}
    newer = []
    for region in regions:
        for owner, seen in of_security(subject, securityhub.central, region).items():
            if seen.outcome == Outcome.COLLECTED and seen.get() != securityhub.Central():
                set_up = seen.get()
                central[region] = {
                    "owner": owner,
                    "kind": set_up.kind,
                    "status": set_up.status,
                    "auto_enable_standards": set_up.auto_enable_standards,
                    "failed_here": subject.account.account_id in set_up.failed,
                    "delegated": _is_delegated(subject, region, owner),
                }
        hub = subject.facts.observation(securityhub.hub_v2, region)
        if hub.outcome == Outcome.COLLECTED and hub.get():
            newer.append(region)
    return {"security_hub": central, "newer_security_hub": newer}


def _is_delegated(subject: Subject, region: str, owner: str) -> bool | None:
    """None where the management account could not be asked."""
    try:
        told = of_management(subject, securityhub.delegated_administrators, region)
    except Missing:
        return None
    return owner in (told or ())
