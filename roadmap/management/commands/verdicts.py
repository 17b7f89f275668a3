"""Print stored verdicts with their evidence records (section 0.11 of the evidence rules)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.models import Account
from inventory.models.accounts import AccountQuerySet
from roadmap.evidence import named_in, seen
from roadmap.management.accounts import add_account_option, chosen_accounts
from roadmap.models import AccountVerdict
from roadmap.queries.verdicts import evidence_of, inherited
from roadmap.registry import items
from roadmap.verdicts import Status

# Verdicts of this many accounts are in memory at a time.
BATCH = 50


class Command(BaseCommand):
    help = "Print the verdicts of all or some accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_option(parser)
        parser.add_argument(
            "--item", action="append", default=[], metavar="KEY", help="Only this item; repeatable."
        )
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        keys = options["item"] or list(items())
        if unknown := sorted(set(keys) - set(items())):
            raise CommandError(f"No item {', '.join(unknown)} is on the roadmap.")
        chosen = chosen_accounts(options["account"])
        accounts = Account.objects.all() if chosen is None else chosen
        rows = verdict_rows(accounts, keys)
        if options["format"] == "text":
            for row in rows:
                self.stdout.write(_line(row))
            return
        self.stdout.write("[", ending="")
        for number, row in enumerate(rows):
            self.stdout.write((",\n" if number else "") + json.dumps(row), ending="")
        self.stdout.write("]")


def _line(row: dict[str, Any]) -> str:
    mark = Status(row["status"]).mark
    reason = f" ({row['reason']})" if row["reason"] else ""
    return f"{row['account']}  {mark} {row['item']}: {row['status']}{reason}. {row['sentence']}"


def verdict_rows(accounts: AccountQuerySet, keys: list[str]) -> Iterator[dict[str, Any]]:
    """Account by account, in the order of the roadmap. Four queries per batch of accounts."""
    order = {key: place for place, key in enumerate(items())}
    found = list(accounts.order_by("partition", "account_id").values_list("pk", flat=True))
    for start in range(0, len(found), BATCH):
        batch = {
            account.pk: account
            for account in Account.objects.filter(pk__in=found[start : start + BATCH])
            .order_by("partition", "account_id")
            .select_related("observed_organization")
        }
        verdicts = list(AccountVerdict.objects.filter(account__in=batch, item__in=keys))
        above = inherited(verdicts)
        facts = {
            partition: seen(partition, named_in([*verdicts, *above.values()]))
            for partition in {account.partition for account in batch.values()}
        }
        place = {pk: number for number, pk in enumerate(batch)}
        for verdict in sorted(verdicts, key=lambda v: (place[v.account_id], order[v.item])):
            account = batch[verdict.account_id]
            evidence = evidence_of(account, verdict, above, facts[account.partition]).as_json()
            yield {
                "account": account.account_id,
                "item": verdict.item,
                "status": verdict.status,
                "reason": verdict.reason or None,
                "source": verdict.source,
                "sentence": verdict.sentence,
                "incomplete": verdict.incomplete,
                "since": verdict.since.isoformat(),
                "observed_at": evidence["collected_at"],
                "last_known": _last_known(verdict),
                "evidence": evidence,
            }


def _last_known(verdict: AccountVerdict) -> dict[str, str | None] | None:
    if not verdict.last_known_status:
        return None
    at = verdict.last_known_at
    return {"status": verdict.last_known_status, "at": at.isoformat() if at else None}
