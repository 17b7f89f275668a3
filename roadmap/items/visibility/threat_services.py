"""CloudTrail, GuardDuty and Access Analyzer run centrally: the three sub-checks taken together.

Macie is shown beside them and decides nothing.
"""

from __future__ import annotations

from roadmap.registry import Fix, Flow, Item
from roadmap.subject import Subject
from roadmap.verdicts import NOT_JUDGED, Source, Verdict, verdict_of

SERVICES = {
    "visibility.cloudtrail": "CloudTrail",
    "visibility.guardduty": "GuardDuty",
    "visibility.access_analyzer": "Access Analyzer",
}


def judge(subject: Subject) -> Verdict:
    parts = {key: subject.verdicts.get(key, NOT_JUDGED) for key in SERVICES}
    said = [f"{name}: {parts[key].status.label.lower()}" for key, name in SERVICES.items()]
    return verdict_of(
        parts,
        f"{', '.join(said)}.",
        "combined over the services",
        facts={key: str(part.status) for key, part in parts.items()},
    )


item = Item(
    __name__,
    order="3.1",
    title="CloudTrail, GuardDuty, Access Analyzer central",
    guidance=(
        "Three services see most of what goes wrong in an account: CloudTrail records, GuardDuty "
        "looks for intruders, Access Analyzer finds what is shared outside. Run from the security "
        "account for the whole organization, they cover new accounts from their first day and "
        "are out of reach of whoever takes over a member."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC,),
    judge=judge,
    fix=Fix(
        "Delegate the three services to the security account and have new members join "
        "automatically.",
        "AWS services that you can use with AWS Organizations",
    ),
    source_url=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/"
        "orgs_integrate_services_list.html"
    ),
)
