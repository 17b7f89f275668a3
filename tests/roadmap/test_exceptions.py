"""Who may ask for an exception and who may grant it, and what it changes and leaves visible."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from collectors.services import s3control
from inventory.models import Account, Role, User
from roadmap import exceptions
from roadmap.evaluation import judge
from roadmap.exceptions import State, approve, ask, end, refuse
from roadmap.models import AccountStanding, AccountVerdict, Finding, RuleException, VerdictChange
from roadmap.registry import FindingKind
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Severity, Verdict, failed, passed, verdict_of
from tests.factories import NOW, UserFactory, observe
from tests.organization import PENNY, World
from tests.roadmap.conftest import make_item

KEY = "surface.open"
PARENT = "surface.whole"
ARNS = ("arn:aws:s3:::press-photos", "arn:aws:s3:::payroll")
OPEN = FindingKind("Bucket open", Severity.HIGH)
REASON = "The press office serves its photos here."


def by_buckets(subject: Subject) -> Verdict:
    block = subject.facts.get(s3control.public_access_block)
    names = [bucket.name for bucket in block.buckets]
    open_ones = [name for name in names if not subject.is_excepted(f"arn:aws:s3:::{name}")]
    if not open_ones:
        return passed("No bucket is open.")
    problems = [Problem("bucket_open", f"arn:aws:s3:::{name}") for name in open_ones]
    return failed(f"{len(open_ones)} buckets are open.", problems=problems)


def by_part(subject: Subject) -> Verdict:
    return verdict_of({KEY: subject.verdicts[KEY]}, "As its part.", "combined")


@pytest.fixture(autouse=True)
def judged(catalogue: Any, world: World) -> None:
    catalogue(
        make_item(PARENT, by_part, order="6.1"),
        make_item(KEY, by_buckets, order="6.1.1", parent=PARENT, findings={"bucket_open": OPEN}),
    )
    block = s3control.PublicAccessBlock(
        s3control.Flags(False, False, False, False),
        tuple(s3control.BucketBlock(arn.rpartition(":")[2]) for arn in ARNS),
    )
    observe(world.payments, s3control.public_access_block, block, at=datetime.now(UTC))
    judge()


@pytest.fixture
def asking() -> User:
    return UserFactory.create(role=Role.SECURITY)


@pytest.fixture
def granting() -> User:
    return UserFactory.create(role=Role.SECURITY)


def asked(user: User, account: Account | None, pattern: str = "", days: int = 30) -> RuleException:
    until = datetime.now(UTC) + timedelta(days=days)
    return ask(user, KEY, account=account, pattern=pattern, reason=REASON, expires_at=until)


def verdict(world: World, key: str = KEY) -> AccountVerdict:
    return AccountVerdict.objects.get(account=world.payments, item=key)


def states() -> dict[str, str]:
    return dict(Finding.objects.filter(item=KEY).values_list("resource", "state"))


def test_one_for_the_account_stands_beside_the_raw_verdict(
    world: World, asking: User, granting: User
) -> None:
    assert verdict(world).status == "fail"
    exception = asked(asking, world.payments)
    judge()
    assert verdict(world).status == "fail"  # Asking changes nothing.
    approve(granting, exception)
    judge()
    row = verdict(world)
    assert (row.status, row.reason) == ("not_applicable", "exception")
    assert REASON in row.sentence
    assert "fail. 2 buckets are open." in row.sentence
    assert row.evidence["raw"]["verdict"] == "fail"
    (kept,) = row.evidence["exceptions"]
    assert (kept["resource"], kept["approver"]) == ("", granting.email)
    assert verdict(world, PARENT).status == "not_applicable"
    assert set(states().values()) == {"excepted"}
    assert AccountStanding.objects.get(account=world.payments).open_findings == 0
    change = VerdictChange.objects.filter(account=world.payments, item=KEY).latest("at")
    assert (change.cause, change.to_status) == ("exception", "not_applicable")


def test_one_for_resources_takes_them_out_and_the_rest_stays(
    world: World, asking: User, granting: User
) -> None:
    approve(granting, asked(asking, world.payments, "arn:aws:s3:::press-*"))
    judge()
    row = verdict(world)
    assert (row.status, row.sentence) == ("fail", "1 buckets are open.")
    assert [e["resource"] for e in row.evidence["exceptions"]] == [ARNS[0]]
    assert states() == {ARNS[0]: "excepted", ARNS[1]: "open"}


def test_when_it_ends_the_rule_counts_again(world: World, asking: User, granting: User) -> None:
    exception = asked(asking, world.payments)
    approve(granting, exception)
    judge()
    end(granting, exception, "Photos moved.")
    judge()
    assert verdict(world).status == "fail"
    assert set(states().values()) == {"open"}
    assert exception.remark == "Photos moved."


def test_one_that_is_over_no_longer_counts(world: World, asking: User, granting: User) -> None:
    exception = asked(asking, world.payments)
    approve(granting, exception)
    judge()
    judge(now=exception.expires_at + timedelta(seconds=1))
    assert verdict(world).status != "not_applicable"


BEFORE, AFTER = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("dates", "state"),
    [
        pytest.param({}, State.REQUESTED, id="asked for"),
        pytest.param({"expires_at": NOW}, State.EXPIRED, id="never decided"),
        pytest.param({"refused_at": BEFORE}, State.REFUSED, id="refused"),
        pytest.param({"refused_at": BEFORE, "expires_at": BEFORE}, State.REFUSED, id="long ago"),
        pytest.param({"ended_at": BEFORE}, State.ENDED, id="taken back"),
        pytest.param({"approved_at": BEFORE}, State.HOLDS, id="granted"),
        pytest.param({"approved_at": AFTER}, State.HOLDS, id="granted by a clock ahead"),
        pytest.param({"approved_at": BEFORE, "expires_at": NOW}, State.EXPIRED, id="over"),
        pytest.param({"approved_at": BEFORE, "ended_at": BEFORE}, State.ENDED, id="ended early"),
        pytest.param(
            {"ended_at": BEFORE, "expires_at": BEFORE}, State.ENDED, id="ended, then over"
        ),
    ],
)
def test_its_dates_say_which_state_it_is_in(
    world: World, asking: User, dates: dict[str, datetime], state: State
) -> None:
    values = {"item": KEY, "account": world.payments, "expires_at": AFTER} | dates
    exception = RuleException.objects.create(**values)
    found = {one: list(exceptions.in_state(asking, NOW, one)) for one in State}
    assert found == {one: [exception] if one == state else [] for one in State}
    assert exception.state(NOW) == state
    assert exceptions.counted(asking, NOW) == {one: int(one == state) for one in State}


def test_what_waits_stands_on_top_then_what_ends_first(world: World, asking: User) -> None:
    for reason, dates in {
        "over": {"approved_at": BEFORE, "expires_at": BEFORE},
        "holds long": {"approved_at": BEFORE, "expires_at": AFTER + timedelta(days=1)},
        "holds": {"approved_at": BEFORE, "expires_at": AFTER},
        "waits": {"expires_at": AFTER + timedelta(days=2)},
    }.items():
        RuleException.objects.create(item=KEY, account=world.payments, reason=reason, **dates)
    shown = [row.reason for row in exceptions.in_state(asking, NOW)]
    assert shown == ["waits", "holds", "holds long", "over"]


def test_nobody_grants_their_own(world: World, asking: User) -> None:
    exception = asked(asking, world.payments)
    assert not exceptions.may_decide(asking, exception)
    with pytest.raises(PermissionDenied, match="other than who asked"):
        approve(asking, exception)
    assert RuleException.objects.get().approved_at is None


def test_owners_ask_for_their_accounts_and_grant_nothing(world: World, asking: User) -> None:
    penny = UserFactory.create(email=PENNY, role=Role.OWNER)
    penny.refresh_from_db()
    mine = asked(penny, world.payments)
    for account in (world.search, None):
        with pytest.raises(PermissionDenied):
            asked(penny, account, ARNS[0])
    with pytest.raises(PermissionDenied):
        approve(penny, asked(asking, world.payments))
    end(penny, mine)  # Whoever asked may take it back while it waits.
    assert mine.ended_at is not None


@pytest.mark.parametrize("role", [Role.VIEWER, Role.FINANCE])
def test_others_do_not_ask(world: World, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        asked(UserFactory.create(role=role), world.payments)


def test_two_cannot_decide_differently(world: World, asking: User, granting: User) -> None:
    exception = asked(asking, world.payments)
    same = RuleException.objects.get(pk=exception.pk)
    refuse(granting, exception, "Move the photos instead.")
    with pytest.raises(ValidationError, match="refused"):
        approve(granting, same)
    assert RuleException.objects.get().approved_at is None


@pytest.mark.parametrize(
    ("pattern", "days", "field"),
    [
        pytest.param("press-*", 30, "pattern", id="no ARN"),
        pytest.param("arn:aws:s3", 30, "pattern", id="half an ARN"),
        pytest.param("arn:*:*:*:*:*", 30, "pattern", id="everything"),
        pytest.param("", 0, "expires_at", id="over already"),
        pytest.param("", 366, "expires_at", id="longer than the setting allows"),
    ],
)
def test_what_cannot_be_granted_is_refused_at_once(
    world: World, asking: User, pattern: str, days: int, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        asked(asking, world.payments, pattern, days)
    assert list(refused.value.message_dict) == [field]
    assert not RuleException.objects.exists()
