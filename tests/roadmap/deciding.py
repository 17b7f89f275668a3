"""Findings that things happen to, for the tests of decisions: one that a scanner reports and one of
a rule of Cairn's own. Everything goes the way it goes in an installation."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import time_machine

from inventory.models import Account, PolicySetting, Role, User
from roadmap import decisions, exceptions
from roadmap.decided import Kind, decisions_of, standing_of
from roadmap.decision_states import Event, Standing
from roadmap.decisions import Chosen, Proposal
from roadmap.evaluation import judge
from roadmap.models import Finding, FindingDecision, RuleException
from roadmap.scan_import import import_file
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Severity, Verdict, failed, passed
from tests.collectors.scanners.test_readers import ocsf
from tests.factories import UserFactory
from tests.roadmap.conftest import make_item

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
HOLDS_DAYS = 30
ITEM = "surface.tables"


@dataclass
class Reported:
    """What is so: what a look at the account would find."""

    severity: Severity = Severity.HIGH
    text: str = "Open to everybody on port 22, and not changed for {days} days."
    days: int = 400
    is_there: bool = True
    muted: bool = False

    @property
    def detail(self) -> str:
        return self.text.format(days=self.days)


@dataclass
class Story:
    """One finding and its people. ``clock`` is moved on by a day with each look."""

    account: Account
    clock: time_machine.Traveller
    now: Reported = field(default_factory=Reported)
    decision: FindingDecision | None = None
    exception: RuleException | None = None

    def __post_init__(self) -> None:
        self.asking = UserFactory.create(email="asks@example.com", role=Role.SECURITY)
        self.approving = UserFactory.create(email="approves@example.com", role=Role.SECURITY)
        self.third = UserFactory.create(email="third@example.com", role=Role.ADMIN)

    def look(self) -> None:
        raise NotImplementedError

    @property
    def finding(self) -> Finding:
        return Finding.objects.get(account=self.account)

    @property
    def standing(self) -> Standing:
        now, finding = datetime.now(UTC), self.finding
        return standing_of(finding, decisions_of([finding], now).get(finding.pk), now)

    def decide(self, kind: Kind, user: User | None = None) -> FindingDecision:
        today: date = datetime.now(UTC).date()
        proposal = Proposal(
            kind,
            "It is like this.",
            control="The network filters it." if kind == Kind.ACCEPT else "",
            due_on=today + 10 * DAY if kind == Kind.ACKNOWLEDGE else None,
            expires_at=datetime.now(UTC) + HOLDS_DAYS * DAY if kind == Kind.ACCEPT else None,
        )
        made = decisions.decide(user or self.asking, proposal, Chosen([self.finding.pk]))
        self.decision = made
        return made

    def bring_to(self, standing: Standing) -> None:
        """By the shortest way from undecided."""
        ways = {
            Standing.UNDECIDED: (),
            Standing.ACKNOWLEDGED: (Event.ACKNOWLEDGE,),
            Standing.ACCEPTANCE_ASKED: (Event.ASK_ACCEPTANCE,),
            Standing.ACCEPTED: (Event.ASK_ACCEPTANCE, Event.APPROVE),
            Standing.FALSE_POSITIVE_ASKED: (Event.ASK_FALSE_POSITIVE,),
            Standing.FALSE_POSITIVE: (Event.ASK_FALSE_POSITIVE, Event.APPROVE),
            Standing.RESOLVED: (Event.GONE,),
        }
        for event in ways[standing]:
            self.happen(event)
        assert self.standing == standing

    def happen(self, event: Event) -> None:
        """Raises ValidationError where people may not do it in this state."""
        HAPPENS[event](self)
        if event == Event.GONE:
            assert self.finding.state == Finding.State.RESOLVED

    def seen(self, **changed: Any) -> None:
        self.now.is_there = True
        for name, value in changed.items():
            setattr(self.now, name, value)
        self.look()

    def gone(self) -> None:
        self.now.is_there = False
        self.look()

    def current(self) -> FindingDecision:
        """The decision as it is stored, whatever an object in memory says."""
        assert self.decision is not None
        return FindingDecision.objects.get(pk=self.decision.pk)

    def late_import(self) -> None:
        raise NotImplementedError

    def expire(self) -> None:
        self.clock.shift((HOLDS_DAYS + 1) * DAY)

    def grant_exception(self) -> None:
        raise NotImplementedError

    def end_exception(self) -> None:
        raise NotImplementedError

    def retire(self, user: User, *, gone: bool) -> None:
        user.role, user.is_active = Role.VIEWER, not gone
        user.save()


def _other_severity(story: Story) -> None:
    other = Severity.LOW if story.now.severity != Severity.LOW else Severity.CRITICAL
    story.seen(severity=other)


def _other_text(story: Story) -> None:
    port = 3389 if "22" in story.now.text else 22
    story.seen(text=f"Open to everybody on port {port}.")


HAPPENS: dict[Event, Any] = {
    Event.ACKNOWLEDGE: lambda story: story.decide(Kind.ACKNOWLEDGE),
    Event.ASK_ACCEPTANCE: lambda story: story.decide(Kind.ACCEPT),
    Event.ASK_FALSE_POSITIVE: lambda story: story.decide(Kind.FALSE_POSITIVE),
    Event.APPROVE: lambda story: decisions.approve(story.approving, story.current()),
    Event.REFUSE: lambda story: decisions.refuse(story.approving, story.current(), "Fix it."),
    Event.END: lambda story: decisions.end_early(story.asking, story.current()),
    Event.PLAN_PASSES: lambda story: story.clock.shift(11 * DAY),
    Event.EXPIRES: lambda story: story.expire(),
    Event.SEEN_SAME: lambda story: story.seen(),
    Event.SEEN_OLDER: lambda story: story.seen(days=story.now.days + 1),
    Event.SEVERITY_CHANGES: _other_severity,
    Event.TEXT_CHANGES: _other_text,
    Event.LATE_IMPORT: lambda story: story.late_import(),
    Event.MUTED: lambda story: story.seen(muted=True),
    Event.UNMUTED: lambda story: (story.seen(muted=True), story.seen(muted=False)),
    Event.EXCEPTED: lambda story: story.grant_exception(),
    Event.EXCEPTION_ENDS: lambda story: (story.grant_exception(), story.end_exception()),
    Event.GONE: lambda story: story.gone(),
    Event.APPROVER_LEAVES: lambda story: story.retire(story.approving, gone=False),
    Event.ASKER_LEAVES: lambda story: story.retire(story.asking, gone=True),
}


class ScannedStory(Story):
    """Prowler reports it."""

    def look(self) -> None:
        self.clock.shift(DAY)
        self._import(datetime.now(UTC), self.now)

    def late_import(self) -> None:
        self._import(datetime.now(UTC) - 300 * DAY, Reported(Severity.INFO, "It was another way."))

    def _import(self, at: datetime, reported: Reported) -> None:
        more: dict[str, Any] = {
            "severity": reported.severity.value.capitalize(),
            "status_detail": reported.detail,
            "status_code": "FAIL" if reported.is_there else "PASS",
            "status": "Suppressed" if reported.muted else "New",
        }
        results = [self._result("open_port", at, **more)]
        results += [self._result(f"other_{n}", at, status_code="PASS") for n in range(2)]
        file = io.BytesIO(json.dumps(results).encode())
        import_file(file, "scan.json", datetime.now(UTC))

    def _result(self, check: str, at: datetime, **more: Any) -> dict[str, Any]:
        return ocsf(
            metadata={"event_code": check},
            resources=[{"uid": "sg-1", "region": "eu-west-1"}],
            cloud={
                "provider": "aws",
                "account": {"uid": self.account.account_id},
                "region": "eu-west-1",
            },
            time_dt=at.isoformat(),
            **more,
        )


class JudgedStory(Story):
    """A rule of Cairn's own finds it."""

    ARN = "arn:aws:ec2:eu-west-1:444444444444:security-group/sg-1"

    def look(self) -> None:
        self.clock.shift(DAY)
        judge([self.account.pk])

    def rule(self, subject: Subject) -> Verdict:
        subject.is_excepted(self.ARN)
        if not self.now.is_there:
            return passed("None is open.")
        problem = Problem(
            "table_open", self.ARN, detail=self.now.detail, severity=self.now.severity
        )
        return failed("One is open.", problems=[problem])

    def grant_exception(self) -> None:
        self.exception = exceptions.ask(
            self.asking,
            ITEM,
            account=self.account,
            pattern=self.ARN,
            reason="It may.",
            expires_at=datetime.now(UTC) + 20 * DAY,
        )
        exceptions.approve(self.third, self.exception)
        self.look()

    def end_exception(self) -> None:
        assert self.exception is not None
        exceptions.end(self.third, self.exception)
        self.look()


def scanned(account: Account, clock: time_machine.Traveller, catalogue: Any) -> Story:
    PolicySetting.objects.create(
        name="IMPORT_MIN_CHECKS", level=PolicySetting.Level.INSTALLATION, value=2
    )
    story = ScannedStory(account, clock)
    story.look()
    return story


def judged(account: Account, clock: time_machine.Traveller, catalogue: Any) -> Story:
    story = JudgedStory(account, clock)
    catalogue(make_item(ITEM, story.rule, order="6.1"))
    story.look()
    return story
