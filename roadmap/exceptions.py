"""Leave to depart from an item, section 0.8 of the evidence rules: asked for, approved by another
person, for a while.

An exception for a whole account puts not applicable in the place of the rule's verdict, which
stays beside it. One for resources takes them out of every count. Nothing is deleted: refused,
expired and ended ones stay in the register.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Case, Count, Q, QuerySet, When

from collectors.store import place_of
from inventory import audit
from inventory.access import Action, may, require, sees_everything
from inventory.audit import Event
from inventory.models import Account, User
from inventory.policy import Place, load_policy
from roadmap.models import Asked, RuleException, VerdictChange
from roadmap.registry import items
from roadmap.triggers import judge_soon

State = Asked.State
LONGEST_PATTERN = 1024


def ask(
    user: User,
    item: str,
    *,
    account: Account | None,
    pattern: str = "",
    reason: str,
    expires_at: datetime,
) -> RuleException:
    """Ask for an exception: for a whole account, for resources of it, or of any account.

    Raises PermissionDenied, and ValidationError with a message per field.
    """
    require(user, Action.EXCEPT)
    if account is None and not sees_everything(user):
        raise PermissionDenied("You may ask for exceptions of single accounts only.")
    if account is not None and not _sees(user, account):
        raise PermissionDenied("You may ask for exceptions of accounts you see only.")
    asked = RuleException(
        item=item,
        account=account,
        pattern=pattern.strip(),
        reason=reason.strip(),
        requester=user,
        expires_at=expires_at,
    )
    _validate(asked, datetime.now(UTC))
    with transaction.atomic():
        asked.save()
        _record(Event.EXCEPTION_ASKED, asked)
    return asked


def approve(user: User, asked: RuleException) -> None:
    """Grant it. Raises PermissionDenied to whoever asked for it, and ValidationError if it no
    longer waits."""
    require(user, Action.APPROVE)
    if user.pk == asked.requester_id:
        raise PermissionDenied("Somebody other than who asked for it must approve an exception.")
    now = datetime.now(UTC)
    with transaction.atomic():
        _change(
            Event.EXCEPTION_GRANTED, asked, now, State.REQUESTED, approver=user, approved_at=now
        )


def refuse(user: User, asked: RuleException, remark: str) -> None:
    """Raises PermissionDenied, and ValidationError without a remark or if it no longer waits."""
    require(user, Action.APPROVE)
    if not remark.strip():
        raise ValidationError({"remark": "Say why, for who asked."})
    now = datetime.now(UTC)
    _change(
        Event.EXCEPTION_REFUSED,
        asked,
        now,
        State.REQUESTED,
        approver=_other(user, asked),
        refused_at=now,
        remark=remark,
    )


def end(user: User, granted: RuleException, remark: str = "") -> None:
    """End it before its time, or take it back while it waits: who may grant it, or asked for it."""
    now = datetime.now(UTC)
    own = granted.requester_id == user.pk
    if not own:
        require(user, Action.APPROVE)
    state = State.REQUESTED if own and granted.approved_at is None else State.HOLDS
    with transaction.atomic():
        _change(Event.EXCEPTION_ENDED, granted, now, state, ended_at=now, remark=remark.strip())


def _other(user: User, asked: RuleException) -> User | None:
    return None if user.pk == asked.requester_id else user


def _change(
    event: Event, exception: RuleException, now: datetime, expected: State, **values: object
) -> None:
    """Write it if it is still as expected, whatever others do meanwhile, and judge again."""
    rows = RuleException.objects.select_for_update().filter(pk=exception.pk)
    with transaction.atomic():
        current = rows.first()
        if current is None or current.state(now) != expected:
            state = current.state(now).label.lower() if current else "gone"
            raise ValidationError(f"It is not as it was: {state}.")
        for name, value in values.items():
            setattr(current, name, value)
            setattr(exception, name, value)
        current.save(update_fields=list(values))
        if current.approved_at is not None:
            judge_soon(
                sorted(accounts_of(current).values_list("pk", flat=True)),
                cause=VerdictChange.Cause.EXCEPTION,
            )
        _record(event, current)


def _record(event: Event, exception: RuleException) -> None:
    account = exception.account
    told = {"rows": [f"account:{account.key}"]} if account else {"resources": exception.pattern}
    audit.record(event, exception, item=exception.item, **told)


def _validate(asked: RuleException, now: datetime) -> None:
    errors: dict[str, str] = {}
    if asked.item not in items():
        errors["item"] = f"{asked.item} is no item of the roadmap."
    if not asked.reason:
        errors["reason"] = "Say why the rule need not hold here."
    if asked.pattern and not asked.pattern.startswith("arn:"):
        errors["pattern"] = (
            "Write an ARN, such as arn:aws:s3:::press-photos; * stands for anything."
        )
    elif asked.pattern.count(":") < 5:
        if asked.pattern:
            errors["pattern"] = "Write a whole ARN: six parts with colons between them."
    elif set(asked.pattern.removeprefix("arn:")) <= set("*?:"):
        errors["pattern"] = "Name the resources; this pattern covers everything."
    if asked.account is None and not asked.pattern:
        errors["pattern"] = "Name an account or resources."
    place = place_of(asked.account) if asked.account else Place()
    latest = now + timedelta(days=int(load_policy().at(place)["EXCEPTION_MAX_DAYS"]))
    if not now < asked.expires_at <= latest:
        errors["expires_at"] = f"Choose a day after today and not after {latest.date()}."
    if errors:
        raise ValidationError(errors)


def accounts_of(exception: RuleException) -> QuerySet[Account]:
    """The accounts it may change the verdict of."""
    if exception.account_id:
        return Account.objects.filter(pk=exception.account_id)
    named = exception.pattern.split(":")[4]
    if named.isdigit():
        return Account.objects.filter(account_id=named)
    return Account.objects.all()


def visible_to(user: User) -> QuerySet[RuleException]:
    """All of them; for an owner, those of accounts they see and those of no single account."""
    rows = RuleException.objects.select_related("account", "requester", "approver")
    if sees_everything(user):
        return rows
    accounts = Account.objects.visible_to(user).order_by()
    return rows.filter(Q(account__in=accounts.values("pk")) | Q(account=None))


def may_decide(user: User, asked: RuleException) -> bool:
    return may(user, Action.APPROVE) and user.pk != asked.requester_id


def _sees(user: User, account: Account) -> bool:
    return Account.objects.visible_to(user).filter(pk=account.pk).exists()


def in_state(user: User, now: datetime, state: str = "") -> QuerySet[RuleException]:
    """Those the user sees, of one state or all: what waits first, then what ends first."""
    rows = visible_to(user).alias(state_now=RuleException.state_at(now))
    if state:
        rows = rows.filter(state_now=state)
    urgency = Case(
        When(state_now=State.REQUESTED, then=0), When(state_now=State.HOLDS, then=1), default=2
    )
    return rows.order_by(urgency, "expires_at", "pk")


def counted(user: User, now: datetime) -> dict[str, int]:
    """State → how many the user sees. One query."""
    sums = {state: Count("pk", filter=Q(state_now=state)) for state in State.values}
    return dict(visible_to(user).alias(state_now=RuleException.state_at(now)).aggregate(**sums))
