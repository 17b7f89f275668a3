"""What AWS Backup's plans select, and may not touch. Pure. They decide no verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from collectors.outcomes import Missing, Outcome
from collectors.services import backup
from roadmap.readings.data_stores import DataStore
from roadmap.subject import Subject
from roadmap.verdicts import Problem


def plans_of(
    subject: Subject, regions: Sequence[str]
) -> tuple[dict[str, backup.Plans], frozenset[str]]:
    """Region → its plans, and the Regions where they could not be read."""
    found, unseen = {}, set()
    for region in regions:
        try:
            found[region] = subject.facts.get(backup.plans, region)
        except Missing as missing:
            if missing.outcome != Outcome.SERVICE_UNAVAILABLE:
                unseen.add(region)
    return found, frozenset(unseen)


def not_opted_in(
    region: str, plans: backup.Plans, stores: Sequence[DataStore]
) -> Iterator[Problem]:
    """Asked of the data stores that are there: selections are patterns and tags."""
    refused = sorted(
        {
            store.type
            for store in stores
            if store.region == region
            and plans.opted_in.get(store.type) is False
            and any(_selects(one, store.arn) for plan in plans.plans for one in plan.selections)
        }
    )
    if refused:
        yield Problem(
            "service_not_opted_in", region=region, detail=f"Not opted in: {', '.join(refused)}."
        )


def _selects(selection: backup.Selection, arn: str) -> bool:
    """By ARN; one by tags alone may select anything that it does not leave out."""
    if any(fnmatchcase(arn, pattern) for pattern in selection.not_resources):
        return False
    if not selection.resources:
        return selection.is_by_tag
    return any(fnmatchcase(arn, pattern) for pattern in selection.resources)
