"""Where copies of backups lie, and whether anybody can change them there. Pure.

A question is answered True, False, or with the Missing that says why nobody knows: what could not
be seen stays apart from what is not so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from collectors.outcomes import Missing, Outcome
from collectors.services import backup, s3
from roadmap.subject import Subject

Known = bool | Missing

LOCKED = "LOCKED"


@dataclass(frozen=True)
class Place:
    """Where a copy is, and whether it can be changed there."""

    account_id: str
    region: str
    is_immutable: Known = False
    is_air_gapped: bool = False


def any_of(answers: Iterable[Known]) -> Known:
    """True if one is; otherwise what kept anybody from knowing, if anything did."""
    found = list(answers)
    if any(answer is True for answer in found):
        return True
    return next((answer for answer in found if isinstance(answer, Missing)), False)


Protected = Mapping[str, backup.ProtectedResource] | Missing


@dataclass(frozen=True)
class Copies:
    """What the account copied lately. ``told`` is what AWS Backup protects, by Region and ARN, and
    ``cut`` why copies of a Region may be missing, both as far as they were looked up."""

    subject: Subject
    told: dict[str, Protected] = field(default_factory=dict)
    cut: dict[str, Missing] = field(default_factory=dict)

    @property
    def since(self) -> datetime:
        return self.subject.now - timedelta(days=self.subject.settings["BACKUP_COPY_MAX_AGE_DAYS"])

    def protected(self, region: str) -> Protected:
        if region not in self.told:
            self.told[region] = self._look_up(region)
        return self.told[region]

    def _look_up(self, region: str) -> Protected:
        observation = self.subject.facts.observation(backup.protection, region)
        if observation.outcome == Outcome.SERVICE_UNAVAILABLE:
            return {}
        try:
            found = observation.get()
        except Missing as missing:
            return missing
        if found.copies_since is not None and found.copies_since > self.since:
            message = f"Copies in {region} are known from {found.copies_since:%Y-%m-%d} on only."
            self.cut[region] = Missing(Outcome.NEVER_COLLECTED, message)
        return {resource.resource_arn: resource for resource in found.resources}

    def of(self, arns: Sequence[str], region: str) -> tuple[list[backup.Copy], list[Missing]]:
        """Copies of the Region's backups of any of the resources, copies of those copies where they
        stayed in the account, and so on; and why there may be more."""
        regions, copies, gaps = [region], [], []
        for place in regions:
            protected = self.protected(place)
            if isinstance(protected, Missing):
                gaps.append(protected)
                continue
            if place in self.cut:
                gaps.append(self.cut[place])
            young = [
                copy
                for arn in arns
                if arn in protected
                for copy in protected[arn].copies
                if copy.completed_at is not None and copy.completed_at >= self.since
            ]
            copies += young
            near = {copy.region for copy in young if self._is_near(copy)}
            regions += sorted(near - set(regions))
        return copies, gaps

    def _is_near(self, copy: backup.Copy) -> bool:
        """Whether the account itself may have copied it once more, where Cairn looks."""
        own = self.subject.account.account_id
        return copy.account_id == own and copy.region in self.subject.facts.regions


def backup_accounts(subject: Subject) -> list[str]:
    roles = subject.settings["SECURITY_ACCOUNTS"]
    return sorted(account for account, its in roles.items() if "backup" in its)


def is_apart(subject: Subject, place: Place, region: str) -> bool:
    """In another account and another Region than ``region``, as far as both are known; nobody in
    the account can reach into an air-gapped vault, so that one is as good as another account."""
    own = subject.account.account_id
    is_other_account = bool(place.account_id) and place.account_id != own
    is_other_region = bool(region and place.region) and place.region != region
    return is_other_region and (is_other_account or place.is_air_gapped)


def vault_place(subject: Subject, copy: backup.Copy) -> Place:
    """The vault as it is today where it can be seen, else as the copy job found it."""
    account, region = copy.account_id, copy.region
    found = Place(account, region, copy.lock_state == LOCKED, copy.is_air_gapped)
    if copy.is_air_gapped:
        return replace(found, is_immutable=True)
    if account not in (*backup_accounts(subject), subject.account.account_id):
        return found
    try:
        vaults = subject.facts.at(account).get(backup.vaults, region)
    except Missing as missing:
        return replace(found, is_immutable=any_of((found.is_immutable, missing)))
    vault = next((vault for vault in vaults if vault.arn == copy.vault_arn), None)
    if vault is None:
        return found
    return Place(account, region, vault.is_immutable, vault.is_air_gapped)


def bucket_place(subject: Subject, replica: s3.Replica) -> Place | None:
    """Where the bucket is, if a backup account has it; None for one that nobody can place. Raises
    Missing where a backup account could not be asked."""
    unseen: list[Missing] = []
    for account in backup_accounts(subject):
        if replica.account not in ("", account):
            continue
        try:
            found = subject.facts.at(account).get(s3.bucket_backups)
        except Missing as missing:
            unseen.append(missing)
            continue
        for bucket in found:
            if bucket.name == replica.bucket:
                return Place(account, bucket.region, _is_locked(bucket))
    if unseen:
        raise unseen[0]
    return None


def _is_locked(bucket: s3.BucketBackups) -> Known:
    if bucket.outcome != Outcome.COLLECTED:
        return Missing(bucket.outcome, bucket.message)
    return bucket.has_object_lock
