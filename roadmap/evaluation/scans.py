"""Stored scans as rules read them, for many accounts in two queries."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, JSONField, Value
from django.db.models.sql.compiler import SQLCompiler

from roadmap.models import AccountScan, Finding
from roadmap.scans import CheckKey, Counted, Failure, Scan, Scans

State = Finding.State


class _Only(Func):
    """The entries of a JSON object whose keys are in a JSON list. A scan has hundreds of checks,
    and few of them belong to an item."""

    template = (
        "(SELECT COALESCE(jsonb_object_agg(entry.key, entry.value), '{}') "
        "FROM jsonb_each(%(expressions)s::jsonb)))"
    )
    arg_joiner = ") AS entry WHERE entry.key IN (SELECT jsonb_array_elements_text("
    output_field = JSONField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any
    ) -> tuple[str, Any]:
        return self.as_sql(
            compiler,
            connection,
            template="(SELECT json_group_object(entry.key, json(entry.value)) "
            "FROM json_each(%(expressions)s)))",
            arg_joiner=") AS entry WHERE entry.key IN (SELECT value FROM json_each(",
            **more,
        )


def scans_of(
    accounts: Sequence[int],
    checks: Mapping[str, Collection[CheckKey]],
    resources_of: Collection[CheckKey],
) -> dict[int, Scans]:
    """Account → its scans; accounts without any are left out. Of the checks ``resources_of``, the
    resources that fail are read too."""
    belonging = {check for keys in checks.values() for _, check in keys}
    wanted = Value(json.dumps(sorted(belonging)))
    rows = AccountScan.objects.filter(account__in=accounts).annotate(
        kept=_Only(F("results"), wanted)
    )
    found: dict[int, list[Scan]] = defaultdict(list)
    for account, tool, version, scan_id, regions, results in rows.values_list(
        "account_id", "tool", "version", "scan_id", "regions", "kept"
    ):
        found[account].append(Scan(tool, version, scan_id, _times(regions), _counts(results)))
    failures = _failures(found, resources_of) if found else {}
    return {
        account: Scans(scans, checks, failures.get(account, ())) for account, scans in found.items()
    }


def _times(regions: Mapping[str, str]) -> dict[str, datetime]:
    return {region: datetime.fromisoformat(at) for region, at in regions.items()}


def _counts(results: Mapping[str, Mapping[str, Sequence[Any]]]) -> dict[str, dict[str, Counted]]:
    # Most results are of the same few runs.
    moment = cache(datetime.fromisoformat)
    return {
        check: {region: Counted(moment(at), *numbers) for region, (at, *numbers) in regions.items()}
        for check, regions in results.items()
    }


def _failures(
    accounts: Collection[int], resources_of: Collection[CheckKey]
) -> dict[int, list[Failure]]:
    rows = Finding.objects.filter(
        account__in=accounts,
        source__in={tool for tool, _ in resources_of},
        item="",
        code__in={check for _, check in resources_of},
        state__in=(State.OPEN, State.MUTED),
    ).order_by("pk")
    found: dict[int, list[Failure]] = defaultdict(list)
    for account, tool, check, region, resource, seen_at, state in rows.values_list(
        "account_id", "source", "code", "region", "resource", "last_seen_at", "state"
    ):
        failure = Failure(tool, check, region, resource, seen_at, is_muted=state == State.MUTED)
        found[account].append(failure)
    return found
