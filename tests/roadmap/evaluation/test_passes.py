"""A pass as seen from outside: rows in, verdicts, history and roll-ups out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collectors.models import Connection
from collectors.outcomes import Missing, Outcome
from collectors.services import account as account_service
from collectors.services import dynamodb, organizations, sts
from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, SETTINGS
from inventory.models import Account, Origin
from roadmap.evaluation import judge, passes
from roadmap.models import (
    AccountStanding,
    AccountVerdict,
    Attestation,
    Finding,
    OrganizationVerdict,
    RuleException,
    StageTally,
    VerdictChange,
)
from roadmap.registry import Attestable, Flow, Level
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Source,
    Verdict,
    by_region,
    combine,
    failed,
    passed,
    region_verdict,
    verdict_of,
)
from tests.factories import NOW, AccountFactory, UserFactory, observe
from tests.organization import MANAGEMENT, World
from tests.roadmap.conftest import make_item

Catalogue = Callable[..., None]
WEST = "eu-west-1"
NOBODY_LOOKS = Problem("nobody_looks", "arn:o/1", organization=True)
NORTH = "eu-north-1"


def by_identity(subject: Subject) -> Verdict:
    """Passes where the role's session is named Good; reads one fact and one setting."""
    identity = subject.facts.get(sts.identity)
    days = subject.settings["OWNER_CONFIRM_DAYS"]
    if identity.role_name == "Good":
        return passed(f"Good within {days} days.", facts={"role": identity.role_name})
    return failed("Bad.", facts={"role": identity.role_name}, problems=[Problem("table_open")])


def by_tables(subject: Subject) -> Verdict:
    """Fails in each Region that has tables, with a finding per table."""
    problems: list[Problem] = []

    def in_region(region: str, tables: Any) -> Verdict:
        problems.extend(Problem("table_open", f"arn:t/{t}", region=region) for t in tables)
        return failed("Tables.") if tables else passed("None.")

    parts = by_region(subject.facts.by_region(dynamodb.tables), in_region)
    return region_verdict(parts, "Tables.", problems=problems)


def by_services(subject: Subject) -> Verdict:
    """Asks the organization which services have access to it."""
    services = subject.facts.management(organizations.service_access)
    if services:
        return passed(f"{len(services)} services.", facts={"services": services})
    return failed("None.", problems=[NOBODY_LOOKS])


IDENTITY = make_item("inventory.identity", by_identity, reads=(sts.identity,))
TABLES = make_item("visibility.tables", by_tables, order="3.1", reads=(dynamodb.tables,))
SERVICES = make_item(
    "inventory.services", by_services, order="1.2", flow=Flow.INHERIT,
    reads=(organizations.service_access,),
)  # fmt: skip


def identity(account: Account, role: str, **more: Any) -> None:
    arn = f"arn:aws:sts::{account.account_id}:assumed-role/{role}/cairn"
    observe(account, sts.identity, sts.Identity(account.account_id, arn), **more)


def tables(account: Account, region: str, *names: str, **more: Any) -> None:
    observe(account, dynamodb.tables, names, region=region, **more)


def regions(account: Account, *names: str) -> None:
    observe(account, account_service.regions, account_service.Regions(enabled=names))


def verdict(account: Account, item: str) -> AccountVerdict:
    return AccountVerdict.objects.get(account=account, item=item)


def status(account: Account, item: str) -> tuple[str, str]:
    found = verdict(account, item)
    return found.status, found.reason


def except_from(item: str, account: Account | None, pattern: str) -> None:
    RuleException.objects.create(
        item=item,
        account=account,
        pattern=pattern,
        approved_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )


def test_what_was_never_collected_is_unknown(catalogue: Catalogue, world: World) -> None:
    catalogue(IDENTITY)
    judge(now=NOW)
    assert status(world.payments, IDENTITY.key) == ("unknown", "never_collected")


def test_a_denied_fact_is_unknown_with_the_reason(catalogue: Catalogue, world: World) -> None:
    catalogue(IDENTITY)
    observe(world.denied, sts.identity, outcome=Outcome.ASSUME_ROLE_DENIED)
    judge(now=NOW)
    assert status(world.denied, IDENTITY.key) == ("unknown", "assume_role_denied")
    assert AccountStanding.objects.get(account=world.denied).refused_since == NOW


def test_refused_since_stays_at_the_first_refusal_and_ends_with_a_success(
    catalogue: Catalogue, world: World
) -> None:
    catalogue(IDENTITY)
    standing = AccountStanding.objects.filter(account=world.denied)
    for days in (0, 1):
        at = NOW + timedelta(days=days)
        observe(world.denied, sts.identity, outcome=Outcome.ASSUME_ROLE_DENIED, at=at)
        judge(now=at)
        assert standing.get().refused_since == NOW
    identity(world.denied, "Good", at=NOW + timedelta(days=2))
    judge(now=NOW + timedelta(days=2))
    assert standing.get().refused_since is None


def test_the_evidence_names_facts_settings_and_calls_without_times(
    catalogue: Catalogue, world: World
) -> None:
    catalogue(IDENTITY)
    identity(world.payments, "Good")
    judge(now=NOW)
    evidence = verdict(world.payments, IDENTITY.key).evidence
    assert evidence["facts"] == {"role": "Good"}
    assert evidence["settings"] == {"EVIDENCE_MAX_AGE_HOURS": 72, "OWNER_CONFIRM_DAYS": 365}
    assert evidence["read"] == [[world.payments.account_id, "sts.identity", "", "collected"]]


def test_seeing_the_same_again_writes_no_verdict(catalogue: Catalogue, world: World) -> None:
    catalogue(IDENTITY, TABLES, SERVICES)
    identity(world.payments, "Bad")
    judge(now=NOW)
    later = NOW + timedelta(hours=6)
    identity(world.payments, "Bad", at=later)
    with CaptureQueriesContext(connection) as queries:
        done = judge(now=later)
    assert done.stored.changed == 0
    written = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "DELETE"))]
    assert all('"roadmap_accountstanding"' in sql for sql in written), written
    assert AccountStanding.objects.get(account=world.payments).observed_at == later


def test_queries_do_not_grow_with_accounts(catalogue: Catalogue, world: World) -> None:
    catalogue(IDENTITY, TABLES, SERVICES)

    def count() -> int:
        judge(now=NOW)
        with CaptureQueriesContext(connection) as queries:
            judge(now=NOW)
        return len(queries)

    few = count()
    for account in AccountFactory.create_batch(40, observed_organization=world.organization):
        identity(account, "Good")
    assert count() == few


def test_evidence_too_old_is_stale_and_the_last_known_status_is_kept(
    catalogue: Catalogue, world: World
) -> None:
    catalogue(IDENTITY)
    identity(world.payments, "Good")
    judge(now=NOW)
    judge(now=NOW + timedelta(hours=72))
    assert status(world.payments, IDENTITY.key) == ("pass", "")
    judge(now=NOW + timedelta(hours=73))
    found = verdict(world.payments, IDENTITY.key)
    assert (found.status, found.reason) == ("unknown", "stale")
    assert found.last_known_status == "pass"
    assert found.last_known_at == NOW + timedelta(hours=72)
    assert found.since == NOW + timedelta(hours=73)
    assert "2026-11-01 12:00 UTC" in found.sentence


def test_a_rule_that_fails_costs_its_own_cell_only(
    catalogue: Catalogue, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(subject: Subject) -> Verdict:
        if subject.account.account_id == world.payments.account_id:
            raise ZeroDivisionError
        return passed("Fine.")

    item = make_item("inventory.broken", broken)
    catalogue(item, IDENTITY)
    identity(world.payments, "Good")
    judge(now=NOW)
    assert status(world.payments, item.key) == ("unknown", "undetermined")
    assert status(world.payments, IDENTITY.key) == ("pass", "")
    assert status(world.search, item.key) == ("pass", "")
    assert "rule failed" in caplog.text


def test_a_finding_that_the_item_does_not_declare_fails_the_rule(
    catalogue: Catalogue, world: World
) -> None:
    item = make_item("inventory.odd", lambda _: failed("Odd.", problems=[Problem("undeclared")]))
    catalogue(item)
    judge(now=NOW)
    assert status(world.payments, item.key) == ("unknown", "undetermined")


def test_a_parent_reads_the_verdicts_of_its_children(catalogue: Catalogue, world: World) -> None:
    def whole(subject: Subject) -> Verdict:
        parts = {key: v for key, v in subject.verdicts.items() if key == child.key}
        assert combine(parts.values()).status
        return verdict_of(parts, "As its child.", "combined")

    parent = make_item("inventory.whole", whole, order="1.1")
    child = make_item("inventory.identity", by_identity, order="1.1.1", parent=parent.key)
    catalogue(parent, child)
    identity(world.payments, "Bad")
    judge(now=NOW)
    assert status(world.payments, parent.key) == ("fail", "")
    tally = StageTally.objects.get(account=world.payments, stage=1)
    assert (tally.failed, tally.passed, tally.unknown) == (1, 0, 0)


def test_what_people_say_during_a_pass_is_not_overwritten_by_it(
    catalogue: Catalogue, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(subject: Subject) -> Verdict:
        answer = subject.attested()
        return passed("Answered.") if answer else failed("Nobody answered.")

    item = make_item("surface.asked", said, order="6.1", attests=[Attestable(Level.TEAM, "Is it?")])
    catalogue(item)
    judge_organization = passes._judge_organization
    answered: list[Attestation] = []

    def meanwhile(room: Any, now: Any) -> Any:
        """Somebody answers after the pass has read all answers."""
        if not answered:
            answered.append(
                Attestation.objects.create(
                    item=item.key,
                    claim="done",
                    team=world.payments_team,
                    expires_at=now + timedelta(days=9),
                )
            )
            judge([world.payments.pk])
        return judge_organization(room, now)

    monkeypatch.setattr(passes, "_judge_organization", meanwhile)
    judge()
    assert verdict(world.payments, item.key).sentence == "Answered."
    assert verdict(world.search, item.key).sentence == "Nobody answered."


class TestFlowDown:
    def test_an_organization_item_is_judged_once_and_handed_to_every_account(
        self, catalogue: Catalogue, world: World
    ) -> None:
        catalogue(SERVICES)
        observe(world.management, organizations.service_access, ("guardduty.amazonaws.com",))
        judge(now=NOW)
        own = OrganizationVerdict.objects.get()
        assert (own.status, own.source) == ("pass", "automatic")
        assert own.evidence["facts"] == {"services": ["guardduty.amazonaws.com"]}
        for account in (world.management, world.payments, world.denied):
            found = verdict(account, SERVICES.key)
            assert (found.status, found.source, found.sentence) == (
                "pass",
                "inherited",
                own.sentence,
            )
            assert found.evidence["inherits_from"] == world.organization.organization_id

    def test_a_team_s_own_answer_takes_the_place_of_what_its_accounts_inherit(
        self, catalogue: Catalogue, world: World
    ) -> None:
        def said(subject: Subject) -> Verdict:
            answer = subject.attested()
            return passed(f"By {answer.level}.") if answer else failed("By nobody.")

        asked = [Attestable(level, "Is it?") for level in (Level.TEAM, Level.ORGANIZATION)]
        item = make_item("surface.asked", said, order="6.1", flow=Flow.INHERIT, attests=asked)
        catalogue(item)
        for target in ({"organization": world.organization}, {"team": world.payments_team}):
            Attestation.objects.create(
                item=item.key, claim="done", expires_at=NOW + timedelta(days=9), **target
            )
        judge(now=NOW)
        own, above = (verdict(a, item.key) for a in (world.payments, world.search))
        assert (own.sentence, own.source) == ("By team.", "automatic")
        assert (above.sentence, above.source) == ("By organization.", "inherited")

    def test_a_setting_makes_an_inherited_item_each_account_s_own(
        self, catalogue: Catalogue, world: World
    ) -> None:
        item = make_item(
            "surface.own",
            lambda s: passed(s.account.account_id),
            order="6.1",
            flow=Flow.INHERIT,
            level_setting="HONEY_TOKEN_SCOPE",
        )
        catalogue(item)
        judge(now=NOW)
        assert verdict(world.payments, item.key).sentence == MANAGEMENT
        write(
            [Edit(SETTINGS, "installation:HONEY_TOKEN_SCOPE:", {"value": "account"})],
            origin=Origin.EDIT,
        )
        judge(now=NOW)
        assert verdict(world.payments, item.key).sentence == world.payments.account_id

    @pytest.mark.parametrize("is_handed_down", [True, False])
    def test_accounts_are_judged_alone_where_the_organization_hands_nothing_down(
        self, catalogue: Catalogue, world: World, is_handed_down: bool
    ) -> None:
        item = make_item(
            "surface.alone",
            lambda _: failed("Not everywhere.", is_handed_down=is_handed_down),
            order="6.1",
            flow=Flow.INHERIT,
            judge_alone=lambda s: passed(s.account.account_id),
        )
        catalogue(item)
        judge(now=NOW)
        found = verdict(world.payments, item.key)
        expected = ("Not everywhere.", "inherited")
        if not is_handed_down:
            expected = (world.payments.account_id, "automatic")
        assert (found.sentence, found.source) == expected

    def test_a_rule_of_the_organization_sees_the_accounts_that_answers_name(
        self, catalogue: Catalogue, world: World
    ) -> None:
        elsewhere = world.payments.account_id

        def by_other(subject: Subject) -> Verdict:
            return passed(subject.facts.at(elsewhere).get(sts.identity).role_name)

        item = make_item(
            "surface.elsewhere",
            by_other,
            order="6.1",
            flow=Flow.INHERIT,
            reads=(sts.identity,),
            attests=(Attestable(Level.ORGANIZATION, "Where?"),),
        )
        catalogue(item)
        identity(world.payments, "Good")
        judge(now=NOW)
        assert status(world.search, item.key) == ("unknown", "never_collected")
        Attestation.objects.create(
            item=item.key,
            claim="done",
            organization=world.organization,
            details={"user": f"arn:aws:iam::{elsewhere}:user/canary"},
            expires_at=NOW + timedelta(days=9),
        )
        judge(now=NOW)
        assert verdict(world.search, item.key).sentence == "Good"

    def test_a_rule_sees_whom_organizations_have_invited_lately(
        self, catalogue: Catalogue, world: World
    ) -> None:
        told: list[tuple[Any, Any]] = []

        def by_invitations(subject: Subject) -> Verdict:
            company = subject.company
            told.append((dict(company.invitations), list(company.unread_invitations)))
            return passed("Seen.")

        catalogue(make_item("inventory.invited", by_invitations))
        Connection.objects.create(organization=world.organization)
        judge([world.payments.pk], now=NOW)
        found = (
            organizations.Invitation("h-1", "OPEN", "888888888888"),
            organizations.Invitation("h-2", "REQUESTED", email="Ada@example.com"),
            organizations.Invitation("h-3", "EXPIRED", "999999999999"),
        )
        observe(world.management, organizations.invitations, found)
        judge([world.payments.pk], now=NOW)
        judge([world.payments.pk], now=NOW + timedelta(hours=73))
        own = world.organization.organization_id
        invited = {"888888888888": own, "ada@example.com": own}
        assert told == [({}, [own]), (invited, []), ({}, [own])]

    def test_a_suspended_account_inherits_nothing(self, catalogue: Catalogue, world: World) -> None:
        catalogue(SERVICES)
        observe(world.management, organizations.service_access, ("x",))
        judge(now=NOW)
        assert status(world.suspended, SERVICES.key) == ("not_applicable", "account_suspended")

    def test_outside_every_organization_it_fails(self, catalogue: Catalogue, world: World) -> None:
        catalogue(SERVICES)
        alone = AccountFactory.create(state="")
        left = AccountFactory.create(state="LEFT", observed_organization=world.organization)
        observe(world.management, organizations.service_access, ("x",))
        judge(now=NOW)
        for account in (alone, left):
            assert status(account, SERVICES.key) == ("fail", "")
            assert verdict(account, SERVICES.key).evidence["facts"]["note"] == "not_in_organization"

    def test_a_problem_of_the_organization_is_one_finding_of_its_management_account(
        self, catalogue: Catalogue, world: World
    ) -> None:
        per_account = make_item("inventory.each", by_services, reads=SERVICES.reads)
        catalogue(SERVICES, per_account)
        observe(world.management, organizations.service_access, ())
        judge(now=NOW)
        findings = Finding.objects.order_by("item")
        assert [(f.item, f.account_id, f.is_organization_wide) for f in findings] == [
            (per_account.key, world.management.pk, True),
            (SERVICES.key, world.management.pk, True),
        ]
        assert AccountStanding.objects.get(account=world.management).open_findings == 2
        observe(world.management, organizations.service_access, ("x",))
        judge([world.payments.pk], now=NOW + timedelta(hours=1))
        assert {f.item for f in findings.filter(state="open")} == {per_account.key}
        judge(now=NOW + timedelta(hours=2))
        assert not findings.filter(state="open").exists()
        assert AccountStanding.objects.get(account=world.management).open_findings == 0

    @pytest.mark.parametrize("is_inherited", [True, False])
    def test_a_finding_of_the_organization_may_be_excepted(
        self, catalogue: Catalogue, world: World, is_inherited: bool
    ) -> None:
        item = SERVICES if is_inherited else make_item("inventory.each", by_services)
        catalogue(item)
        observe(world.management, organizations.service_access, ())
        judge(now=NOW)
        assert Finding.objects.get().state == "open"
        except_from(item.key, world.payments, NOBODY_LOOKS.resource)
        judge(now=NOW + timedelta(hours=1))
        assert Finding.objects.get().state == "open"
        except_from(item.key, world.management, NOBODY_LOOKS.resource)
        judge(now=NOW + timedelta(hours=2))
        assert Finding.objects.get().state == "excepted"

    def test_what_the_management_account_could_not_look_for_stays_open(
        self, catalogue: Catalogue, world: World
    ) -> None:
        """Other accounts report none of it, and have seen all that they look at."""

        def from_above(subject: Subject) -> Verdict:
            if not subject.account.is_management:
                return passed("Nothing.")
            try:
                services = subject.facts.management(organizations.service_access)
            except Missing:
                return passed("Nothing.", incomplete=True)
            return passed("Nothing.", problems=[] if services else [NOBODY_LOOKS])

        catalogue(make_item("inventory.above", from_above, reads=SERVICES.reads))
        observe(world.management, organizations.service_access, ())
        judge(now=NOW)
        observe(world.management, organizations.service_access, outcome=Outcome.ACCESS_DENIED)
        judge(now=NOW + timedelta(hours=1))
        assert Finding.objects.get().state == "open"
        observe(world.management, organizations.service_access, ("x",))
        judge(now=NOW + timedelta(hours=2))
        assert Finding.objects.get().state == "resolved"


@pytest.mark.parametrize(
    ("state", "closed_on", "always", "expected"),
    [
        pytest.param("ACTIVE", None, False, ("pass", ""), id="active is judged"),
        pytest.param("", None, False, ("pass", ""), id="entered by hand is judged"),
        pytest.param("ACTIVE", date(2026, 1, 1), False, ("pass", ""), id="aws says active"),
        pytest.param(
            "PENDING_ACTIVATION", None, True, ("unknown", "never_collected"), id="not active yet"
        ),
        pytest.param(
            "SUSPENDED", None, False, ("not_applicable", "account_suspended"), id="suspended"
        ),
        pytest.param(
            "PENDING_CLOSURE", None, False, ("not_applicable", "account_suspended"), id="closing"
        ),
        pytest.param("SUSPENDED", None, True, ("pass", ""), id="suspended, always judged"),
        pytest.param("CLOSED", None, False, ("pass", ""), id="closed and not confirmed"),
        pytest.param("LEFT", None, False, ("pass", ""), id="left and not confirmed"),
        pytest.param(
            "CLOSED", date(2026, 1, 1), True, ("not_applicable", "account_closed"), id="closed"
        ),
        pytest.param(
            "LEFT", date(2026, 11, 1), False, ("not_applicable", "account_closed"), id="left"
        ),
        pytest.param("", date(2026, 1, 1), False, ("not_applicable", "account_closed"), id="gone"),
        pytest.param("LEFT", date(2027, 1, 1), False, ("pass", ""), id="closes in the future"),
    ],
)
def test_the_state_decides_first(
    catalogue: Catalogue,
    world: World,
    state: str,
    closed_on: date | None,
    always: bool,
    expected: tuple[str, str],
) -> None:
    item = make_item("inventory.any", lambda _: passed("Fine."), always_judged=always)
    catalogue(item)
    account = AccountFactory.create(
        state=state, closed_on=closed_on, observed_organization=world.organization
    )
    judge(now=NOW)
    assert status(account, item.key) == expected


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        ((Source.AUTOMATIC,), "never_collected"),
        ((Source.AUTOMATIC, Source.ATTESTED), "never_collected"),
        ((), "never_collected"),
        ((Source.ATTESTED,), "not_attested"),
        ((Source.IMPORTED, Source.ATTESTED), "not_attested"),
    ],
)
def test_an_item_without_a_rule_says_why_it_is_unknown(
    catalogue: Catalogue, world: World, sources: tuple[Source, ...], reason: str
) -> None:
    item = make_item("inventory.later", sources=sources)
    catalogue(item)
    judge(now=NOW)
    assert status(world.payments, item.key) == ("unknown", reason)


class TestFindings:
    @pytest.fixture(autouse=True)
    def tables_of_payments(self, catalogue: Catalogue, world: World) -> None:
        catalogue(TABLES)
        regions(world.payments, WEST, NORTH)
        tables(world.payments, WEST, "a", "b")
        tables(world.payments, NORTH, "c")
        judge(now=NOW)

    @staticmethod
    def states() -> dict[str, str]:
        return {f.resource[-1]: f.state for f in Finding.objects.all()}

    def test_each_problem_is_a_finding_with_a_title_and_severity(self, world: World) -> None:
        assert self.states() == {"a": "open", "b": "open", "c": "open"}
        finding = Finding.objects.get(resource="arn:t/a")
        assert (finding.title, finding.severity, finding.region) == ("Table open: a", "high", WEST)
        standing = AccountStanding.objects.get(account=world.payments)
        assert (standing.open_findings, standing.worst_open) == (3, "high")

    def test_judging_again_makes_no_second_one(self) -> None:
        judge(now=NOW + timedelta(hours=1))
        assert Finding.objects.count() == 3

    def test_one_that_is_gone_is_resolved_and_one_that_returns_reopens(self, world: World) -> None:
        tables(world.payments, WEST, "a")
        judge(now=NOW + timedelta(hours=1))
        gone = Finding.objects.get(resource="arn:t/b")
        assert (gone.state, gone.resolved_at) == ("resolved", NOW + timedelta(hours=1))
        assert AccountStanding.objects.get(account=world.payments).open_findings == 2
        tables(world.payments, WEST, "a", "b")
        judge(now=NOW + timedelta(hours=2))
        back = Finding.objects.get(resource="arn:t/b")
        assert (back.pk, back.state, back.reopened) == (gone.pk, "open", 1)
        assert back.resolved_at is None
        assert back.first_seen_at == NOW

    @pytest.mark.parametrize("outcome", [Outcome.ACCESS_DENIED, Outcome.THROTTLED])
    def test_a_region_nobody_could_see_resolves_nothing_there(
        self, world: World, outcome: Outcome
    ) -> None:
        tables(world.payments, WEST)
        tables(world.payments, NORTH, outcome=outcome)
        judge(now=NOW + timedelta(hours=1))
        assert self.states() == {"a": "resolved", "b": "resolved", "c": "open"}

    def test_one_of_a_resource_that_the_rule_does_not_count_may_be_excepted(
        self, world: World
    ) -> None:
        except_from(TABLES.key, world.payments, "arn:t/d")
        except_from(TABLES.key, None, "arn:t/b")
        judge(now=NOW + timedelta(hours=1))
        assert self.states() == {"a": "open", "b": "excepted", "c": "open"}
        assert status(world.payments, TABLES.key) == ("fail", "")
        (kept,) = verdict(world.payments, TABLES.key).evidence["exceptions"]
        assert kept["resource"] == "arn:t/b"

    def test_suspension_resolves_nothing_and_confirmed_closure_everything(
        self, world: World
    ) -> None:
        Account.objects.filter(pk=world.payments.pk).update(state="SUSPENDED")
        judge(now=NOW + timedelta(hours=1))
        assert set(self.states().values()) == {"open"}
        closed = {"state": "CLOSED", "closed_on": NOW.date()}
        Account.objects.filter(pk=world.payments.pk).update(**closed)
        judge(now=NOW + timedelta(hours=2))
        assert set(self.states().values()) == {"resolved"}


class TestHistory:
    @staticmethod
    def last(account: Account) -> VerdictChange:
        return VerdictChange.objects.filter(account=account).order_by("-id")[0]

    def test_the_first_verdict_has_the_cause_first_and_unseen_cells_have_no_line(
        self, catalogue: Catalogue, world: World
    ) -> None:
        catalogue(IDENTITY)
        judge(now=NOW)
        assert not VerdictChange.objects.exclude(account=world.suspended).exists()
        identity(world.payments, "Good")
        judge(now=NOW)
        change = self.last(world.payments)
        assert (change.cause, change.from_status, change.to_status) == ("first", "unknown", "pass")

    def test_other_facts_are_the_cause_evidence(self, catalogue: Catalogue, world: World) -> None:
        catalogue(IDENTITY)
        for role in ("Good", "Bad"):
            identity(world.payments, role)
            judge(now=NOW)
        change = self.last(world.payments)
        assert (change.cause, change.from_status, change.to_status) == ("evidence", "pass", "fail")

    def test_a_state_is_the_cause_account_state(self, catalogue: Catalogue, world: World) -> None:
        catalogue(IDENTITY)
        identity(world.payments, "Good")
        judge(now=NOW)
        Account.objects.filter(pk=world.payments.pk).update(state="SUSPENDED")
        judge(now=NOW)
        assert self.last(world.payments).cause == "account_state"

    def test_a_setting_is_the_cause_setting(
        self, catalogue: Catalogue, world: World, django_capture_on_commit_callbacks: Any
    ) -> None:
        def rule(subject: Subject) -> Verdict:
            required = subject.settings["REQUIRE_SECURITY_CONTACT"]
            return failed("Required.") if required else passed("Not required.")

        catalogue(make_item("inventory.contact", rule))
        judge(now=NOW)
        with django_capture_on_commit_callbacks(execute=True):
            edit = Edit(SETTINGS, "installation:REQUIRE_SECURITY_CONTACT:", {"value": False})
            write([edit], origin=Origin.EDIT)
        change = self.last(world.payments)
        assert (change.cause, change.to_status) == ("setting", "pass")

    def test_a_cell_of_the_sheet_is_the_cause_account_state(
        self, catalogue: Catalogue, world: World, django_capture_on_commit_callbacks: Any
    ) -> None:
        def rule(subject: Subject) -> Verdict:
            return passed("Has one.") if subject.account.team else failed("Has none.")

        catalogue(make_item("inventory.team", rule))
        judge(now=NOW)
        with django_capture_on_commit_callbacks(execute=True):
            write([Edit(ACCOUNTS, world.payments.key, {"team": ""})], origin=Origin.EDIT)
        change = self.last(world.payments)
        assert (change.cause, change.to_status) == ("account_state", "fail")

    def test_an_answer_and_its_expiry_are_the_cause_attestation(
        self, catalogue: Catalogue, world: World
    ) -> None:
        def rule(subject: Subject) -> Verdict:
            answer = subject.attested()
            valid = answer is not None and answer.holds(subject.now)
            return passed("Said so.") if valid else failed("Not said.")

        asked = Attestable(Level.ACCOUNT, "Is it?")
        catalogue(make_item("inventory.asked", rule, attests=(asked,)))
        judge(now=NOW)
        Attestation.objects.create(
            item="inventory.asked", account=world.payments, claim="done", statement="Yes.",
            author=UserFactory.create(), expires_at=NOW + timedelta(days=9),
        )  # fmt: skip
        for at, expected in ((NOW, "pass"), (NOW + timedelta(days=9), "fail")):
            judge(now=at)
            change = self.last(world.payments)
            assert (change.cause, change.to_status) == ("attestation", expected)

    def test_another_rule_over_the_same_facts_is_the_cause_rule(
        self, catalogue: Catalogue, world: World
    ) -> None:
        catalogue(make_item("inventory.same", lambda _: passed("Fine.")))
        judge(now=NOW)
        catalogue(make_item("inventory.same", lambda _: failed("Not fine.")))
        judge(now=NOW)
        assert self.last(world.payments).cause == "rule"

    def test_a_handed_down_change_has_the_cause_it_had_above(
        self, catalogue: Catalogue, world: World
    ) -> None:
        catalogue(SERVICES)
        for services in (("x",), ()):
            observe(world.management, organizations.service_access, services)
            judge(now=NOW)
        change = self.last(world.payments)
        assert (change.cause, change.to_status) == ("evidence", "fail")


def test_an_item_that_left_the_catalogue_leaves_verdicts_counts_and_findings(
    catalogue: Catalogue, world: World
) -> None:
    catalogue(IDENTITY, SERVICES, TABLES)
    regions(world.payments, WEST)
    tables(world.payments, WEST, "a")
    judge(now=NOW)
    assert AccountStanding.objects.get(account=world.payments).open_findings == 1
    assert StageTally.objects.get(account=world.payments, stage=1).unknown == 2
    catalogue(IDENTITY)
    judge(now=NOW)
    assert not AccountVerdict.objects.filter(item=SERVICES.key).exists()
    assert not OrganizationVerdict.objects.filter(item=SERVICES.key).exists()
    assert Finding.objects.get().state == "resolved"
    assert AccountStanding.objects.get(account=world.payments).open_findings == 0
    assert StageTally.objects.get(account=world.payments, stage=1).unknown == 1


def test_a_newer_judgement_stands(catalogue: Catalogue, world: World) -> None:
    catalogue(IDENTITY)
    identity(world.payments, "Good")
    judge(now=NOW + timedelta(minutes=1))
    identity(world.payments, "Bad")
    done = judge(now=NOW)
    assert done.stored.skipped == len(world.accounts)
    assert status(world.payments, IDENTITY.key) == ("pass", "")


def test_judging_some_accounts_leaves_the_others(catalogue: Catalogue, world: World) -> None:
    catalogue(IDENTITY)
    judge([world.payments.pk], now=NOW)
    assert AccountVerdict.objects.get().account_id == world.payments.pk
    assert world.management.account_id == MANAGEMENT
