"""What the pages are told, against an organization known by heart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collectors.outcomes import Outcome
from collectors.services import organizations, sts
from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, SETTINGS
from inventory.models import Account, ChangeSet, Origin, Role, Team, User
from roadmap import progress, queries
from roadmap.evaluation import judge
from roadmap.models import DailyProgress, VerdictChange
from roadmap.registry import Flow
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Status, Verdict, failed, partly, passed
from tests.factories import NOW, AccountFactory, UserFactory, observe
from tests.organization import PENNY, SAM, World
from tests.roadmap.conftest import make_item

VISIBLE = Account.objects.all


def by_identity(subject: Subject) -> Verdict:
    name = subject.facts.get(sts.identity).role_name
    if name == "Good":
        return passed("Good.", facts={"role": name})
    if name == "Half":
        return partly("Half.")
    return failed("Bad.", problems=[Problem("table_open", "arn:t/1")])


def by_services(subject: Subject) -> Verdict:
    return passed(
        "Served.", facts={"n": len(subject.facts.management(organizations.service_access))}
    )


WHOLE = make_item("inventory.whole", lambda s: s.verdicts["inventory.part"], order="1.1")
PART = make_item("inventory.part", by_identity, order="1.1.1", parent="inventory.whole")
SERVED = make_item("surface.served", by_services, order="6.1", flow=Flow.INHERIT)


def identity(account: Account, role: str, **more: Any) -> None:
    arn = f"arn:aws:sts::{account.account_id}:assumed-role/{role}/cairn"
    observe(account, sts.identity, sts.Identity(account.account_id, arn), **more)


@pytest.fixture(autouse=True)
def judged(catalogue: Callable[..., None], world: World) -> None:
    catalogue(WHOLE, PART, SERVED)
    identity(world.payments, "Bad")
    identity(world.search, "Good")
    observe(world.denied, sts.identity, outcome=Outcome.ASSUME_ROLE_DENIED)
    observe(world.management, organizations.service_access, ("x",))
    judge(now=NOW)


def user(email: str = "viewer@example.com", role: Role = Role.VIEWER) -> User:
    made = UserFactory.create(email=email, role=role)
    made.refresh_from_db()
    return made


def test_the_headlines_count_accounts_and_know_no_week_before() -> None:
    Account.objects.filter(name="payments").update(confirmed_at=NOW)
    found = {h.key: (h.value, h.total, h.change) for h in queries.headlines(user(), NOW)}
    assert found == {
        "known": (7, 7, None),
        "confirmed": (1, 7, None),
        "organized": (7, 7, None),
        "collected": (2, 7, None),
    }


def test_the_headlines_tell_the_change_since_a_week_ago_where_history_reaches(
    world: World,
) -> None:
    write([Edit(ACCOUNTS, world.audit.key, {"notes": "Old."})], origin=Origin.EDIT)
    ChangeSet.objects.update(applied_at=NOW - timedelta(days=20))
    edits = [
        Edit(ACCOUNTS, "aws:888888888888", {"name": "new"}),
        Edit(ACCOUNTS, world.payments.key, {"confirmed_at": NOW}),
    ]
    write(edits, origin=Origin.EDIT)
    viewer = user()
    found = {h.key: (h.value, h.change) for h in queries.headlines(viewer, NOW)}
    assert found == {
        "known": (8, 1),
        "confirmed": (1, 1),
        "organized": (7, 0),
        "collected": (2, None),
    }
    with CaptureQueriesContext(connection) as captured:
        queries.headlines(viewer, NOW)
    assert len(captured) == 1


def test_the_heat_map_is_worst_first_and_names_the_teams_pages() -> None:
    heat = queries.heat_map(user())
    assert heat.day == NOW.date()
    assert [(r.label, r.slug, r.accounts) for r in heat.rows] == [
        ("", "", 4),
        ("Payments", "payments", 2),
        ("Search", "search", 1),
    ]
    search = heat.rows[2]
    assert [step.stage.number for step in search.stages] == list(range(1, 11))
    assert search.stages[0].counts.passed == 1  # the sub-check does not count again
    assert search.stages[5].counts.passed == 1
    assert heat.whole.accounts == 7
    assert heat.whole.counts.cells == 14


def test_an_owners_heat_map_has_their_accounts_only() -> None:
    heat = queries.heat_map(user(SAM, Role.OWNER))
    assert [(r.label, r.accounts) for r in heat.rows] == [("Search", 1)]
    assert heat.whole.counts.cells == 2


def test_the_heat_map_of_a_day_is_the_last_one_recorded_until_then() -> None:
    assert queries.heat_map(user(), day=NOW.date() + timedelta(days=3)).day == NOW.date()
    nothing = queries.heat_map(user(), day=NOW.date() - timedelta(days=1))
    assert (nothing.day, list(nothing.rows), nothing.whole.counts.cells) == (None, [], 0)


def test_the_trend_leaves_out_days_without_a_record() -> None:
    progress.refresh(date(2026, 11, 5))
    assert [d.day for d in queries.trend(user())] == [NOW.date(), date(2026, 11, 5)]
    assert queries.trend(user(), since=date(2026, 11, 2))[0].accounts == 7


def test_a_trend_notes_the_days_on_which_settings_changed() -> None:
    first = ChangeSet.objects.count()
    for name, value in (("APPROVED_REGIONS", ["eu-west-1"]), ("APPROVED_REGIONS", ["eu-west-2"])):
        write([Edit(SETTINGS, f"installation:{name}:", {"value": value})], origin=Origin.EDIT)
    write(
        [Edit(SETTINGS, "installation:SECURITY_ROLE_NAMES:", {"value": ["Security"]})],
        origin=Origin.EDIT,
    )
    assert ChangeSet.objects.count() == first + 3
    ChangeSet.objects.update(applied_at=NOW)
    latest = ChangeSet.objects.latest("pk")
    ChangeSet.objects.filter(pk=latest.pk).update(applied_at=NOW + timedelta(days=2))
    assert queries.rule_changes(NOW.date()) == [
        queries.RuleChange(NOW.date(), ["APPROVED_REGIONS"]),
        queries.RuleChange(NOW.date() + timedelta(days=2), ["SECURITY_ROLE_NAMES"]),
    ]
    assert len(queries.rule_changes(NOW.date() + timedelta(days=1))) == 1


def test_the_trend_of_a_team_is_for_its_people_and_not_for_contacts_of_an_account(
    world: World,
) -> None:
    penny, sam = user(PENNY, Role.OWNER), user(SAM, Role.OWNER)
    assert queries.trend(penny, "team", "Payments")
    assert not queries.trend(sam, "team", "Payments")
    assert not queries.trend(penny)
    world.payments.contact_set.create(person=world.sam, role="deputy")
    assert not queries.trend(sam, "team", "Payments")


def test_blockers_are_items_that_accounts_fail() -> None:
    (blocker,) = queries.blockers(VISIBLE())
    assert (blocker.item.key, blocker.accounts, blocker.counts.unknown) == (WHOLE.key, 1, 4)


def test_setbacks_are_verdicts_that_became_worse(world: World) -> None:
    identity(world.search, "Half")
    identity(world.payments, "Good")
    judge(now=NOW + timedelta(hours=1))
    found = queries.setbacks(VISIBLE(), NOW - timedelta(days=7))
    assert {(s.item.key, s.change.account.name, s.from_status, s.to_status) for s in found} == {
        (WHOLE.key, "search", Status.PASS, Status.PARTIAL),
        (PART.key, "search", Status.PASS, Status.PARTIAL),
    }
    assert not queries.setbacks(VISIBLE(), NOW + timedelta(hours=2))


def test_to_learn_of_a_fault_is_no_setback(world: World) -> None:
    identity(world.audit, "Bad")
    judge(now=NOW + timedelta(hours=1))
    fell = VerdictChange.objects.filter(account=world.audit, from_status=Status.UNKNOWN)
    assert fell.filter(to_status=Status.FAIL).exists()
    assert not queries.setbacks(VISIBLE(), NOW - timedelta(days=7))


def test_coverage_tells_refused_from_never_collected() -> None:
    found = queries.coverage(VISIBLE(), NOW)
    assert (found.accounts, found.collected, found.refused, found.never) == (7, 2, 1, 4)
    later = queries.coverage(VISIBLE(), NOW + timedelta(days=2))
    assert (later.collected, later.older) == (0, 2)
    assert later.newest_at == NOW


class TestAccountPage:
    def test_stages_hold_items_with_their_sub_checks_below(self, world: World) -> None:
        page = queries.account_page(VISIBLE(), world.payments.account_id)
        assert [len(stage.items) for stage in page.stages] == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0]
        (item,) = page.stages[0].items
        assert [child.item.key for child in item.children] == [PART.key]
        assert item.status == Status.FAIL
        assert page.counts.cells == 2
        assert page.level == 0
        assert page.standing is not None
        assert page.standing.open_findings == 2

    def test_an_item_has_evidence_with_calls_and_times_and_its_findings(self, world: World) -> None:
        page = queries.account_page(VISIBLE(), world.payments.account_id)
        part = page.stages[0].items[0].children[0]
        assert part.observed_at == NOW
        assert part.evidence.expires_at == NOW + timedelta(hours=72)
        assert part.evidence.calls[0]["request_id"]
        assert part.evidence.scope["account"] == world.payments.account_id
        assert [f.finding.title for f in part.findings] == ["Table open: 1"]

    def test_an_inherited_item_shows_the_organizations_evidence(self, world: World) -> None:
        page = queries.account_page(VISIBLE(), world.payments.account_id)
        (item,) = page.stages[5].items
        assert item.inherits_from == world.organization.organization_id
        assert item.evidence.facts == {"n": 1}
        assert item.evidence.scope["type"] == "organization"
        assert item.observed_at == NOW

    def test_it_shows_changes_and_the_state_of_collection(self, world: World) -> None:
        page = queries.account_page(VISIBLE(), world.denied.account_id)
        assert [(c.kind, c.outcome) for c in page.collection] == [
            ("sts.identity", "assume_role_denied")
        ]
        assert isinstance(page.changes[0], VerdictChange)

    def test_an_account_one_may_not_see_does_not_exist(self, world: World) -> None:
        sam = user(SAM, Role.OWNER)
        with pytest.raises(Account.DoesNotExist):
            queries.account_page(Account.objects.visible_to(sam), world.payments.account_id)

    def test_queries_do_not_grow_with_items(
        self, world: World, catalogue: Callable[..., None]
    ) -> None:
        def number() -> int:
            with CaptureQueriesContext(connection) as captured:
                queries.account_page(VISIBLE(), world.payments.account_id)
            return len(captured)

        before = number()
        more = [make_item(f"network.n{i}", by_identity, order=f"9.{i}") for i in range(9)]
        catalogue(WHOLE, PART, SERVED, *more)
        judge(now=NOW)
        assert number() == before


class TestTeamPage:
    def test_it_has_the_accounts_worst_first_and_the_counts(self, world: World) -> None:
        page = queries.team_page(user(), "payments", NOW)
        assert {line.account.name: line.owner for line in page.accounts} == {
            "payments": PENNY,
            "denied": "",
        }
        assert page.counts.cells == 4
        assert page.coverage.refused == 1
        assert [b.item.key for b in page.blockers] == [WHOLE.key]

    def test_of_many_accounts_it_has_the_worst_and_all_owners(self, world: World) -> None:
        everything = queries.team_page(user(), "payments", NOW).accounts
        first = queries.team_page(user(), "payments", NOW, limit=1)
        assert [line.account for line in first.accounts] == [everything[0].account]
        assert first.coverage.accounts == 2
        assert first.owners == [PENNY]

    def test_people_of_other_teams_do_not_find_it(self) -> None:
        with pytest.raises(Team.DoesNotExist):
            queries.team_page(user(SAM, Role.OWNER), "payments", NOW)

    def test_queries_do_not_grow_with_accounts(self, world: World) -> None:
        def number() -> int:
            with CaptureQueriesContext(connection) as captured:
                queries.team_page(viewer, "payments", NOW)
            return len(captured)

        viewer = user()
        before = number()
        AccountFactory.create_batch(20, team=world.payments_team)
        judge(now=NOW)
        assert number() == before


class TestRoadmapPages:
    def test_stages_count_each_items_accounts(self) -> None:
        first = queries.stages_page(VISIBLE())[0]
        (item,) = first.items
        assert (item.counts.failed, item.counts.passed, item.counts.not_applicable) == (1, 1, 1)
        assert [child.item.key for child in item.children] == [PART.key]

    def test_an_item_lists_accounts_worst_first_with_their_owners(self) -> None:
        page = queries.item_page(VISIBLE(), PART.key)
        assert page.matching == 7
        assert page.parent is not None
        assert page.parent.key == WHOLE.key
        first = page.accounts[0]
        assert (first.account.name, first.owner, first.status) == ("payments", PENNY, Status.FAIL)
        assert page.accounts[-1].status == Status.NOT_APPLICABLE

    def test_an_item_page_can_be_cut_and_narrowed(self) -> None:
        page = queries.item_page(VISIBLE(), PART.key, status="unknown", start=1, size=2)
        assert page.matching == 4
        assert [row.status for row in page.accounts] == [Status.UNKNOWN] * 2

    def test_an_organization_wide_item_shows_the_organizations_own_verdict(self) -> None:
        (answer,) = queries.item_page(VISIBLE(), SERVED.key).organizations
        assert (answer.organization.name, answer.status) == ("Example", Status.PASS)

    def test_owners_to_write_to(self) -> None:
        assert queries.owners_to_write_to(VISIBLE(), PART.key, ["fail", "pass"]) == [PENNY, SAM]
        sams = Account.objects.visible_to(user(SAM, Role.OWNER))
        assert queries.owners_to_write_to(sams, PART.key, ["fail", "pass"]) == [SAM]


def test_heat_map_reads_only_the_days_rows() -> None:
    viewer = user()
    with CaptureQueriesContext(connection) as captured:
        queries.heat_map(viewer)
    assert len(captured) == 3
    assert not any("stagetally" in q["sql"] for q in captured)
    assert DailyProgress.objects.filter(dimension="team").count() == 30
