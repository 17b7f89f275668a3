"""A million findings of the company's accounts, made inside the database.

A third are Cairn's own, the rest of scanners, in the proportions that a year leaves behind: most of
them resolved, some muted or excepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection

from inventory.models import Account
from roadmap.models import Finding
from roadmap.registry import items
from roadmap.scanner_checks import declared
from roadmap.verdicts import Severity

FINDINGS = 1_000_000
UNMAPPED = 400  # checks that belong to no item
DAYS = 365
STATES = ((61, "resolved"), (95, "open"), (99, "muted"), (100, "excepted"))  # up to that percent
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-southeast-2", "global")
# Two primes spread neighbouring rows over kinds, states and days.
SPREAD = "(a.id * 7919 + n.n * 104729)"

Kind = tuple[str, str, str, str, str]  # source, item, code, title, severity


def add(findings: int = FINDINGS) -> None:
    each = -(-findings // Account.objects.count())
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE kind (n integer PRIMARY KEY, source varchar(16), "
            "item varchar(64), code varchar(200), title varchar(400), severity varchar(8))"
        )
        kinds = [(n, *kind) for n, kind in enumerate(_kinds())]
        cursor.executemany("INSERT INTO kind VALUES (%s, %s, %s, %s, %s, %s)", kinds)
        cursor.execute(
            "CREATE TEMPORARY TABLE day AS SELECT 0 AS n, first_seen_at AS at "
            "FROM roadmap_finding WHERE 1 = 0"
        )
        cursor.executemany("INSERT INTO day VALUES (%s, %s)", list(_days()))
        cursor.execute(_insert(len(kinds), each))
        cursor.execute("DROP TABLE kind")
        cursor.execute("DROP TABLE day")
        # What autovacuum does soon after: counting off an index needs to know what all may see.
        is_postgres = connection.vendor == "postgresql"
        cursor.execute("VACUUM ANALYZE" if is_postgres else "ANALYZE")


def _kinds() -> list[Kind]:
    words = [str(severity) for severity in Severity]
    own = [
        ("cairn", key, code, kind.title, str(kind.severity))
        for key, item in items().items()
        for code, kind in item.findings.items()
    ]
    checks: Sequence[tuple[str, str]] = [
        *declared(),
        *(("prowler", f"service{n % 40}_check_{n}") for n in range(UNMAPPED)),
    ]
    imported = [
        (tool, "", check, f"Resources should pass {check}", words[n * n % len(words)])
        for n, (tool, check) in enumerate(checks)
    ]
    return own + imported


def _days() -> Iterator[tuple[int, datetime]]:
    first = datetime.now(UTC) - timedelta(days=DAYS)
    return ((n, first + timedelta(days=n)) for n in range(DAYS))


def _insert(kinds: int, each: int) -> str:
    states = " ".join(f"WHEN {SPREAD} / 3 % 100 < {upto} THEN '{s}'" for upto, s in STATES)
    regions = " ".join(f"WHEN {n} THEN '{region}'" for n, region in enumerate(REGIONS))
    resource = (
        "'arn:aws:ec2:eu-west-1:' || a.account_id || ':instance/i-' || "
        f"CAST({SPREAD} % 1000003 AS text) || '-' || CAST(n.n AS text)"
    )
    return (
        f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {each}) "  # noqa: S608  (constants)
        f"INSERT INTO {Finding._meta.db_table} (account_id, source, item, code, region, resource, "
        "title, detail, severity, is_organization_wide, state, first_seen_at, last_seen_at, "
        "resolved_at, reopened) "
        f"SELECT a.id, k.source, k.item, k.code, CASE {SPREAD} % {len(REGIONS)} {regions} END, "
        f"{resource}, k.title || ': i-' || CAST({SPREAD} % 1000003 AS text), "
        "'Seen in ' || k.code || ' with settings that the check does not allow, see its page.', "
        f"k.severity, 1 = 0, CASE {states} END, day.at, day.at, NULL, 0 "
        f"FROM {Account._meta.db_table} a CROSS JOIN n "
        f"JOIN kind k ON k.n = {SPREAD} % {kinds} JOIN day ON day.n = {SPREAD} / 7 % {DAYS}"
    )
