"""The life of an import: a scanner's file that is kept, read and written by one worker at a time,
and deleted; or the findings of an organization's Security Hub.

The database says whose turn it is. A worker that is killed stops renewing its lease, and the next
one begins the file again; what was written before is found, and counted once. One whose import is
cancelled learns it from the database, too.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from cairn.uploads import folder
from collectors import leases
from collectors.models import Connection
from collectors.outcomes import Missing
from collectors.scanners import Unreadable, scanner_of
from inventory import audit
from inventory.audit import Event
from inventory.models import Organization, User
from roadmap import announcing, security_hub
from roadmap.models import ScanImport
from roadmap.scan_import import Imported, import_file
from roadmap.storage.scans import Counts

State = ScanImport.State
MOST_ATTEMPTS = 3
PULLS_KEPT = 30  # of an organization's Security Hub: a week at the default interval
MOST_UNKNOWN = 1000  # accounts named on the page
FORGOTTEN = 24 * 3600  # seconds after which an upload that nothing refers to is deleted
UNSAID = 0.5  # seconds of reading that go by untold


class Ended(Exception):
    """The import has ended already, so that nobody can cancel it."""


class _Lost(Exception):
    """The import is no longer the worker's: another one took it over, or somebody cancelled it."""


def path_of(row: ScanImport) -> Path:
    return folder() / str(row.stored)


def take_in(
    file: UploadedFile[Any],
    user: User,
    *,
    at: datetime | None = None,
    regions: Sequence[str] = (),
    all_checks: bool = False,
) -> ScanImport:
    """Keep a file for the workers. Raises Unreadable for one that is no scanner's."""
    assert file.file is not None
    scanner = scanner_of(cast(BinaryIO, file.file))
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    row = ScanImport(
        name=_plain(file.name or ""),
        sha256=digest.hexdigest(),
        size=file.size or 0,
        label=scanner.label,
        scanned_at=at,
        regions=sorted(regions),
        all_checks=all_checks,
        uploaded_by=user,
    )
    _keep(file, path_of(row))
    with transaction.atomic():
        row.save()
        audit.record(Event.SCAN_UPLOADED, row, sha256=row.sha256, bytes=row.size)
    return row


def _plain(name: str) -> str:
    """A sender's name for a file as people may read it; it names nothing here."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[-200:] or "Upload"


def _keep(file: UploadedFile[Any], path: Path) -> None:
    if isinstance(file, TemporaryUploadedFile):
        Path(file.temporary_file_path()).replace(path)
        file.close()
        return
    file.seek(0)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as kept:
        shutil.copyfileobj(file, kept)


def pull_soon(organization: Organization, user: User | None = None) -> ScanImport:
    """Let the workers read the findings of the organization's Security Hub; what they are at, if
    they are reading them."""
    pulls = ScanImport.objects.filter(organization=organization)
    ended = pulls.exclude(state__in=ScanImport.ACTIVE).order_by("-id").values_list("pk", flat=True)
    pulls.filter(pk__in=list(ended[PULLS_KEPT:])).delete()
    try:
        with transaction.atomic():
            row = ScanImport.objects.create(
                name=f"{security_hub.LABEL} of {organization}"[:200],
                organization=organization,
                label=security_hub.LABEL,
                uploaded_by=user,
            )
            audit.record(Event.SCAN_ASKED, row)
            return row
    except IntegrityError:
        return pulls.get(state__in=ScanImport.ACTIVE)


def work() -> bool:
    """Import the file that has waited longest, if no worker is at one, or read a Security Hub;
    whether others wait."""
    _give_up()
    _tidy()
    owner = leases.new_owner()
    waiting = ScanImport.objects.filter(state__in=ScanImport.ACTIVE).order_by("id")
    files = waiting.filter(organization=None)
    nexts = (files.first(), waiting.filter(_free(), organization__isnull=False).first())
    row = next((each for each in nexts if each and _take(each, owner)), None)
    if row is None:
        return False
    try:
        with leases.renewing(lambda: _renew(row, owner)):
            _import(row, owner)
    except _Lost:
        _delete_if_ended(row)
    finally:
        ScanImport.objects.filter(pk=row.pk, lease_owner=owner).update(
            turn=None, lease_owner="", lease_until=None
        )
    return waiting.exclude(pk=row.pk).exists()


def cancel(row: ScanImport, user: User) -> None:
    """Stop an import. What waits has ended with that. A worker finds out when it next saves, which
    undoes the batch that it was at; until then it keeps its turn. Raises Ended."""
    with transaction.atomic():
        changed = ScanImport.objects.filter(pk=row.pk, state__in=ScanImport.ACTIVE).update(
            state=State.CANCELLED, cancelled_by=user, finished_at=datetime.now(UTC)
        )
        if changed:
            audit.record(Event.SCAN_CANCELLED, row)
    row.refresh_from_db()
    if not changed:
        raise Ended(f"{row} has ended already: {row.get_state_display().lower()}.")
    if ScanImport.objects.filter(_free(), pk=row.pk).exists():  # A worker deletes it by itself.
        path_of(row).unlink(missing_ok=True)


def _free() -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=datetime.now(UTC))


def _take(row: ScanImport, owner: str) -> bool:
    """One file at a time: two may be of one account, and each takes its memory."""
    ScanImport.objects.filter(_free(), turn=True).update(turn=None)
    mine = ScanImport.objects.filter(_free(), pk=row.pk, state__in=ScanImport.ACTIVE)
    try:
        with transaction.atomic():
            taken = mine.update(
                turn=None if row.organization_id else True,
                lease_owner=owner,
                lease_until=leases.until(),
                attempts=F("attempts") + 1,
                started_at=Coalesce("started_at", datetime.now(UTC)),
            )
    except IntegrityError:
        return False
    row.refresh_from_db()
    return bool(taken)


def _renew(row: ScanImport, owner: str) -> None:
    ScanImport.objects.filter(pk=row.pk, lease_owner=owner).update(lease_until=leases.until())


def _save(row: ScanImport, owner: str, **values: Any) -> None:
    mine = ScanImport.objects.filter(pk=row.pk, lease_owner=owner, state__in=ScanImport.ACTIVE)
    if not mine.update(**values):
        raise _Lost


def _delete_if_ended(row: ScanImport) -> None:
    if not ScanImport.objects.filter(pk=row.pk, state__in=ScanImport.ACTIVE).exists():
        path_of(row).unlink(missing_ok=True)


def _import(row: ScanImport, owner: str) -> None:
    if row.organization:
        _pull(row, row.organization, owner)
        return
    try:
        with path_of(row).open("rb") as file:
            done = _read(row, owner, file)
    except Unreadable as unreadable:
        _end(row, owner, State.REFUSED, message=str(unreadable)[:1000])
    except FileNotFoundError:
        _end(
            row,
            owner,
            State.FAILED,
            message="The worker has no such file. Web server and workers must share the data "
            "folder (CAIRN_DATA_DIR); then upload it again.",
        )
    else:
        unknown = sorted(done.unknown.items(), key=lambda each: (-each[1], each[0]))
        _end(
            row,
            owner,
            State.DONE,
            message=done.note,
            counts=asdict(done.counts),
            refused=done.refused,
            unknown=[[*key, results] for key, results in unknown[:MOST_UNKNOWN]],
        )


def _pull(row: ScanImport, organization: Organization, owner: str) -> None:
    counts = Counts(**row.counts)

    def progress(accounts: int, total: int) -> None:
        _save(
            row,
            owner,
            state=State.WRITING,
            accounts=total,
            accounts_read=accounts,
            results=counts.read,
            counts=asdict(counts),
        )

    try:
        done = security_hub.pull(
            Connection.objects.get(organization=organization), counts, progress
        )
    except Missing as missing:
        _end(row, owner, State.FAILED, message=missing.message[:1000])
    except Connection.DoesNotExist:
        _end(row, owner, State.FAILED, message=f"{organization} is not connected any more.")
    else:
        _end(row, owner, State.DONE, counts=asdict(done.counts), results=done.counts.read)


def _read(row: ScanImport, owner: str, file: BinaryIO) -> Imported:
    counts = Counts(**row.counts)
    told = 0.0

    def progress(stage: str, results: int) -> None:
        nonlocal told
        if stage == State.READING and time.monotonic() - told < UNSAID:
            return
        told = time.monotonic()
        values: dict[str, Any] = {"state": stage, "results": results, "bytes_read": file.tell()}
        if stage == State.WRITING:  # With the batch that it counts, in one transaction.
            values["counts"] = asdict(counts)
        _save(row, owner, **values)

    progress(State.READING, 0)
    return import_file(
        file,
        row.name,
        row.uploaded_at,
        at=row.scanned_at,
        complete_regions=row.regions,
        all_checks=row.all_checks,
        counts=counts,
        progress=progress,
    )


def _end(row: ScanImport, owner: str, state: State, **values: Any) -> None:
    event = Event.SCAN_IMPORTED if state == State.DONE else Event.SCAN_REFUSED
    told = {name: values[name] for name in ("counts", "message") if values.get(name)}
    with transaction.atomic():
        _save(row, owner, state=state, finished_at=datetime.now(UTC), **values)
        announcing.import_ended(row, state, values.get("message", ""))
        audit.record(event, row, **told)
    path_of(row).unlink(missing_ok=True)


def _give_up() -> None:
    """What workers began too often and never ended is not begun again."""
    message = (
        f"Workers began this file {MOST_ATTEMPTS} times and never came to its end; their logs say "
        "why. What they wrote stays, and importing the file again carries on from it."
    )
    deadly = ScanImport.objects.filter(
        _free(), state__in=ScanImport.ACTIVE, attempts__gte=MOST_ATTEMPTS
    )
    for row in deadly:
        with transaction.atomic():
            ended = deadly.filter(pk=row.pk).update(
                state=State.FAILED, finished_at=datetime.now(UTC), message=message, turn=None
            )
            if ended:
                announcing.import_ended(row, State.FAILED, message)


def _tidy() -> None:
    """Delete what nothing refers to: of ended imports, and of processes killed with a file."""
    wanted = set(
        ScanImport.objects.filter(state__in=ScanImport.ACTIVE).values_list("stored", flat=True)
    )
    for path in folder().iterdir():
        with suppress(FileNotFoundError):  # Somebody else deleted it.
            is_old = path.stat().st_mtime < time.time() - FORGOTTEN
            if is_old and _key(path) not in wanted:
                path.unlink()


def _key(path: Path) -> UUID | None:
    try:
        return UUID(path.name)
    except ValueError:
        return None
