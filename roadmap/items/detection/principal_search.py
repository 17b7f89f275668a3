"""All calls of a principal in a period can be listed, over accounts and Regions.

Reads what searches the records of trails: Glue tables over their buckets with Athena work groups
and Security Lake in the security accounts, event data stores and the organization trail's log group
in the management account. Judged once for the organization, whose trail serves all its accounts;
where there is none, or what is there leaves accounts out, each account is judged by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from collectors.outcomes import Missing
from collectors.services import account, athena, cloudtrail, glue, logs, securitylake
from collectors.services.cloudtrail import Coverage, Trail
from roadmap.readings.call_search import Search, Store
from roadmap.readings.gaps import is_doubt
from roadmap.registry import (
    Attestable,
    Detail,
    DetailKind,
    FindingKind,
    Fix,
    Flow,
    Item,
    Level,
)
from roadmap.subject import Attested, Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Status,
    Verdict,
    failed,
    not_in_organization,
    partly,
    passed,
    unknown_for,
)

ACTIVE = "ACTIVE"


def judge(subject: Subject) -> Verdict:
    """The organization."""
    row = subject.account
    if not row.organization_id:
        return not_in_organization()
    colleagues = subject.company.accounts.values()
    members = frozenset(one.account_id for one in colleagues if one.state == ACTIVE)
    missing: list[Missing] = []
    trails = _organization_trails(subject, missing)
    may_serve = bool(trails or missing)
    stores = Search(subject, members or frozenset({row.account_id}), trails, missing).stores()
    verdict = _of_stores(subject, stores, missing)
    is_alike = may_serve and not any(store.lacks_accounts for store in stores)
    if is_alike or verdict.status == Status.PASS:
        return verdict
    return replace(
        verdict,
        sentence=f"{verdict.sentence} So each account is judged by itself.",
        problems=[problem for problem in verdict.problems if problem.code != "no_log_search"],
        is_handed_down=False,
    )


def judge_alone(subject: Subject) -> Verdict:
    """An account that differs from others of its organization: by its own trails, or by what is
    kept of it centrally. Of its own trails' log groups it is not told how far back they reach."""
    missing: list[Missing] = []
    seen = [*_organization_trails(subject, missing), *_trails_here(subject, missing)]
    trails = list({trail.arn: trail for trail in seen}.values())
    search = Search(subject, frozenset({subject.account.account_id}), trails, missing)
    stores = search.stores()
    if not subject.account.is_management:
        stores += search.own_log_groups()
    return _of_stores(subject, stores, missing, is_alone=True)


def _organization_trails(subject: Subject, missing: list[Missing]) -> list[Trail]:
    try:
        found = subject.facts.management(cloudtrail.organization_trails)
    except Missing as caught:
        missing.append(caught)
        return []
    return [trail for trail in found if trail.is_organization_trail and _records(trail)]


def _trails_here(subject: Subject, missing: list[Missing]) -> Iterator[Trail]:
    """Those that the account sees, its own and the organization's."""
    for observation in subject.facts.by_region(cloudtrail.trails).values():
        try:
            yield from (trail for trail in observation.get() if _records(trail))
        except Missing as caught:
            if is_doubt(caught):
                missing.append(caught)


def _records(trail: Trail) -> bool:
    return trail.is_logging and trail.management_events != Coverage.NONE


def _of_stores(
    subject: Subject, stores: Sequence[Store], missing: Sequence[Missing], *, is_alone: bool = False
) -> Verdict:
    least = subject.settings["LOG_SEARCH_MIN_DAYS"]
    more: dict[str, Any] = {"facts": {"stores": [store.kept for store in stores]}}
    whole = [store for store in stores if not store.gap]
    long = [store for store in whole if store.reaches(least)]
    if long:
        return passed(
            f"{long[0]} lists the calls of a principal, {long[0].back}.",
            "searchable store",
            incomplete=bool(missing),
            **more,
        )
    answer = subject.attested()
    holding = answer if answer and answer.holds(subject.now) else None
    if holding and holding.claim == "done":
        return passed(
            f"The calls of a principal can be listed, says {holding.author or 'an answer'}.",
            "search attested",
            source=Source.ATTESTED,
            incomplete=bool(missing),
            **more,
        )
    if missing:
        return unknown_for(missing[0], **more)
    return _in_part(stores, least, more) or _without(holding, more, is_alone=is_alone)


def _in_part(stores: Sequence[Store], least: int, more: dict[str, Any]) -> Verdict | None:
    whole = [store for store in stores if not store.gap]
    open_ones = [store for store in whole if store.is_open]
    if open_ones:
        return partly(
            f"{open_ones[0]} lists the calls of a principal, but Cairn does not ask how far back.",
            "history not asked",
            incomplete=True,
            **more,
        )
    if whole:
        longest = max(whole, key=lambda store: store.days or 0)
        return partly(
            f"{longest} reaches only {longest.days} days back, of {least} that are wanted.",
            "history too short",
            problems=list(_short(whole)),
            **more,
        )
    if stores:
        return partly(
            f"{stores[0]} {stores[0].gap}.",
            "store leaves part out",
            problems=list(_short(s for s in stores if not s.reaches(least) and not s.is_open)),
            **more,
        )
    return None


def _short(stores: Iterable[Store]) -> Iterator[Problem]:
    for store in stores:
        yield Problem("log_history_short", store.arn, store.name, organization=True)


def _without(holding: Attested | None, more: dict[str, Any], *, is_alone: bool) -> Verdict:
    if holding and holding.claim == "partly":
        return partly(
            f"Only part of a principal's calls can be listed, says "
            f"{holding.author or 'an answer'}.",
            "search attested in part",
            source=Source.ATTESTED,
            **more,
        )
    return failed(
        "Only CloudTrail's own event history can be searched: 90 days, one account and one Region "
        "at a time.",
        "event history only",
        problems=[Problem("no_log_search", organization=not is_alone)],
        **more,
    )


item = Item(
    __name__,
    order="4.2.3",
    title="Actions searchable by principal",
    guidance=(
        "The first question of every investigation is what this key did, everywhere, since it "
        "leaked. CloudTrail's own event history answers it for one account, one Region and 90 "
        "days. A table over the trail's bucket, a data lake or a monitoring system answers it for"
        " all."
    ),
    scope="organization",
    flow=Flow.INHERIT,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    judge=judge,
    judge_alone=judge_alone,
    reads=(
        cloudtrail.organization_trails,
        cloudtrail.trails,
        cloudtrail.event_data_stores,
        logs.organization_trail_logs,
        logs.trail_logs,
        glue.trail_tables,
        athena.work_groups,
        securitylake.data_lake,
        account.regions,
    ),
    findings={
        "no_log_search": FindingKind("Calls cannot be searched by principal", Severity.HIGH),
        "log_history_short": FindingKind("Searchable history too short", Severity.MEDIUM),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            (
                "Given a principal and a period, can its calls be listed? Link a saved query or "
                "its result."
            ),
            details=(
                Detail("query_url", "Saved query, or its result", DetailKind.URL, required=True),
            ),
        ),
    ),
    parent="detection.investigation",
    fix=Fix(
        (
            "Create an Athena table over the trail's bucket, and keep a query that lists a "
            "principal's calls."
        ),
        "Query AWS CloudTrail logs",
    ),
    source_url="https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html",
)
