"""One attempt to observe one fact in one place, and what the attempts of a unit come to."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from collectors.aws import MAIN_REGION, Aws, CallFailed, Role
from collectors.facts import Observation
from collectors.models import Connection, Unit
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Reach, Scope
from collectors.store import Seen, place_of, plain
from inventory.models import Account, AccountState
from inventory.policy import Policy

logger = logging.getLogger(__name__)

# What says something about AWS, and nothing against the attempt.
ANSWERS = frozenset({Outcome.COLLECTED, Outcome.REGION_BLOCKED, Outcome.SERVICE_UNAVAILABLE})
DENIALS = frozenset({Outcome.ACCESS_DENIED, Outcome.ASSUME_ROLE_DENIED})


@dataclass(frozen=True)
class Observer:
    """Observes one account of a connected organization."""

    connection: Connection
    account: Account
    policy: Policy

    @property
    def management_role(self) -> Role:
        return Role(self.connection.management_role_arn, "M", self.connection.external_id)

    @property
    def is_entered(self) -> bool:
        """AWS lets nobody into an account that is not active; of it only others can tell."""
        return self.account.state in ("", AccountState.ACTIVE)

    def member_role(self, scope: Scope = Scope.ACCOUNT) -> Role:
        return member_role(self.connection, self.account, "D" if scope == Scope.SECURITY else "A")

    def role(self, scope: Scope) -> Role:
        if scope in (Scope.ORGANIZATION, Scope.TARGET):
            return self.management_role
        return self.member_role(scope)

    def observe(
        self,
        collector: Collector[Any],
        region: str,
        stored: Mapping[str, Observation[Any]] | None = None,
    ) -> Seen:
        """Call AWS; ``region`` is empty where the fact is global, ``stored`` what the collector
        builds on. Raises nothing."""
        aws = self._aws(collector, region, stored or {})
        try:
            value = plain(collector.transform(collector.fetch(aws)))
        except Missing as missing:
            return self.seen(collector, region, missing, aws.calls)
        except Exception as error:  # A fault in one collector must not cost the others theirs.
            logger.exception("collector failed", extra={"collector": collector.name})
            fault = f"{collector.name} could not read the answer: {type(error).__name__}: {error}"
            return self.seen(collector, region, Missing(Outcome.API_ERROR, fault), aws.calls)
        return Seen(
            account=self.account.pk,
            kind=collector.name,
            region=region,
            outcome=Outcome.COLLECTED,
            observed_at=aws.now,
            value=value,
            calls=aws.calls,
        )

    def seen(
        self,
        collector: Collector[Any],
        region: str,
        missing: Missing,
        calls: Sequence[dict[str, Any]] = (),
    ) -> Seen:
        """An attempt that gave no value."""
        return Seen(
            account=self.account.pk,
            kind=collector.name,
            region=region,
            outcome=missing.outcome,
            observed_at=datetime.now(UTC),
            message=missing.message,
            code=missing.code if isinstance(missing, CallFailed) else "",
            calls=calls,
        )

    def _aws(
        self, collector: Collector[Any], region: str, stored: Mapping[str, Observation[Any]]
    ) -> Aws:
        is_target = collector.scope == Scope.TARGET
        return Aws(
            role=self.role(collector.scope),
            region=region or MAIN_REGION[self.account.partition],
            settings=self.policy.at(place_of(self.account)),
            now=datetime.now(UTC),
            target=self.account.account_id if is_target else "",
            is_regional=collector.reach != Reach.GLOBAL,
            own_role=self.member_role() if is_target and self.is_entered else None,
            stored=stored,
        )


def member_role(connection: Connection, account: Account, caller: str = "A") -> Role:
    return Role(
        f"arn:{account.partition}:iam::{account.account_id}:role/{connection.member_role_name}",
        caller,
        connection.external_id,
    )


def outcome_of(seen: Sequence[Seen]) -> Unit.State:
    """The state of a unit after attempts in all its Regions; without a Region it is skipped."""
    if not seen:
        return Unit.State.SKIPPED
    wanting = [one.outcome for one in seen if one.outcome not in ANSWERS]
    if not wanting:
        return Unit.State.DONE
    if len(wanting) < len(seen):
        return Unit.State.PARTIAL
    return Unit.State.DENIED if set(wanting) <= DENIALS else Unit.State.FAILED


def problems_of(seen: Sequence[Seen]) -> list[dict[str, str]]:
    return [
        {
            "region": one.region,
            "outcome": one.outcome,
            "code": one.code,
            "message": one.message,
        }
        for one in seen
        if one.outcome not in ANSWERS
    ]
