"""Read an organization's findings from AWS Security Hub, account by account, in place of files.

What Security Hub tells of an account is all it has, so what it does not name any more is gone. An
account about which nothing changed is not read again; one that was begun when a worker died is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from cairn.uploads import folder
from collectors.aws import Aws, CallFailed
from collectors.models import Connection
from collectors.outcomes import Missing
from collectors.scanners import read_results
from collectors.security_hub import sources
from collectors.services import securityhub
from collectors.store import place_of
from inventory.models import Account, AccountState
from inventory.policy import Policy, load_policy
from roadmap.models import AccountScan, VerdictChange
from roadmap.scan_import import Imported
from roadmap.scanner_checks import mapped
from roadmap.scans import CheckKey
from roadmap.storage.scans import Counts, plan, write
from roadmap.surveying import survey
from roadmap.triggers import judge_soon

LABEL = "Security Hub"
TOOL = "securityhub"
PULLED = "GetFindings"  # the scan id of what was read from Security Hub itself


def pull(
    connection: Connection,
    counts: Counts | None = None,
    progress: Callable[[int, int], None] = lambda accounts, total: None,
) -> Imported:
    """``progress`` is told how many accounts are through, of how many. ``counts`` are those of a
    pull that was interrupted. Raises Missing where AWS does not answer or nobody knows where to
    ask; what was read until then stays."""
    counts, checks = counts or Counts(), set[CheckKey]()
    asked, policy = sources(connection), load_policy()
    accounts = list(
        Account.objects.select_related("ou", "observed_organization")
        .filter(observed_organization=connection.organization, state=AccountState.ACTIVE)
        .order_by("account_id")
    )
    for number, account in enumerate(accounts):
        through = partial(progress, number, len(accounts))
        through()
        checks |= _pull(asked, account, policy, counts, through)
    progress(len(accounts), len(accounts))
    belongs = mapped()
    counts.unmapped = sum(1 for check in checks if check not in belongs)
    return Imported(LABEL, counts)


def _pull(
    asked: list[Aws], account: Account, policy: Policy, counts: Counts, wrote: Callable[[], None]
) -> set[CheckKey]:
    """The checks that Security Hub made in the account; none where nothing has changed."""
    newest = max(filter(None, (_newest(aws, account) for aws in asked)), default=None)
    last = AccountScan.objects.filter(account=account, tool=TOOL, scan_id=PULLED).first()
    if newest is None or (last and last.scanned_at >= newest):
        return set()
    with TemporaryFile(dir=folder()) as kept:
        file = cast(BinaryIO, kept)
        for aws in asked:
            with _saying_where(aws, account):
                for finding in securityhub.active_findings(aws, account.account_id):
                    file.write(json.dumps(finding, default=str).encode() + b"\n")
        if not file.tell():
            return set()
        file.seek(0)
        found = survey(read_results(file), {(account.partition, account.account_id): account.pk})
        for coverage in found.covered.values():
            coverage.at, coverage.scan_id = newest, PULLED
        at_least = int(policy.at(place_of(account))["IMPORT_MIN_CHECKS"])
        planned = plan(
            found,
            {key: account.pk for key, _ in found.covered},
            newest,
            lambda key: at_least,
            counts=counts,
            is_snapshot=True,
        )
        file.seek(0)
        try:
            write(planned, read_results(file), lambda results: wrote())
        finally:  # What was written is judged, whoever stopped it.
            judge_soon([account.pk], cause=VerdictChange.Cause.IMPORT)
    return set(found.checks)


def _newest(aws: Aws, account: Account) -> datetime | None:
    with _saying_where(aws, account):
        return securityhub.newest_update(aws, account.account_id)


@contextmanager
def _saying_where(aws: Aws, account: Account) -> Iterator[None]:
    try:
        yield
    except CallFailed as failed:
        raise Missing(
            failed.outcome,
            f"Security Hub did not answer in {aws.account_id}, {aws.region}, when it was asked "
            f"about {account}. {failed.message}",
        ) from failed
