"""Macie, for information: where it looks for sensitive data in S3, and who runs it.

Reads macie2:GetMacieSession per Region and the delegated administrators of the organization
(macie2:ListOrganizationAdminAccounts). It weighs nothing and enters no other verdict.
"""

from __future__ import annotations

from collectors.services import account, macie2
from roadmap.readings.central import of_management
from roadmap.registry import Fix, Flow, Item
from roadmap.sentences import account_name, listed, over_regions
from roadmap.subject import Subject
from roadmap.verdicts import (
    Source,
    Verdict,
    each_region,
    failed,
    partly,
    passed,
    region_verdict,
)


def judge(subject: Subject) -> Verdict:
    sessions = subject.facts.by_region(macie2.session)
    parts = each_region(sessions, lambda region: _in_region(subject, region))
    return region_verdict(
        parts,
        over_regions(parts),
        facts={"regions": {region: dict(part.facts) for region, part in parts.items()}},
    )


def _in_region(subject: Subject, region: str) -> Verdict:
    session = subject.facts.get(macie2.session, region)
    if not session.is_enabled:
        state = session.status.lower() or "off"
        return failed(f"Macie is {state}", "off or paused", facts={"status": session.status})
    administrators = _administrators(subject, region)
    central = [a for a in administrators if a in subject.settings["SECURITY_ACCOUNTS"]]
    facts = {"status": session.status, "administrators": administrators}
    if not central:
        return partly("Macie is on, run by no security account", "on, not central", facts=facts)
    names = listed(account_name(subject, owner) for owner in central)
    return passed(f"Macie is on, and {names} administers it", "on and central", facts=facts)


def _administrators(subject: Subject, region: str) -> list[str]:
    """Raises Missing; of an account outside any organization there are none."""
    administrators = of_management(subject, macie2.delegated_administrators, region)
    return list(administrators or ())


item = Item(
    __name__,
    order="3.1.4",
    title="Macie (for information)",
    guidance=(
        "Macie searches buckets for personal data, keys and the like, and is billed by the "
        "amount it reads. Whether it is worth having depends on what the company stores, so it is "
        "shown here without counting."
    ),
    scope="account×region",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC,),
    judge=judge,
    reads=(macie2.session, macie2.delegated_administrators, account.regions),
    parent="visibility.threat_services",
    weight=0,
    fix=Fix(
        "Delegate Macie to the security account, and enable it where sensitive data may lie.",
        "Managing multiple Macie accounts with AWS Organizations",
    ),
    source_url="https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-ao.html",
)
