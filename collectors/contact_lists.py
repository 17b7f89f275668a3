"""Lists of accounts by how their contacts stand beside AWS's: filters, a column and counts.

The decision of ``alternate_contacts.compare`` as SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Count,
    F,
    FilteredRelation,
    Func,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Lower, Replace
from django.utils.html import escape

from collectors.alternate_contacts import DRIFTING, ROLES, Standing
from collectors.models import Fact
from collectors.outcomes import Outcome
from collectors.services import account as account_service
from inventory.access import Anyone
from inventory.changes.reading import Row
from inventory.filters import Chosen, register_filter
from inventory.grid.extensions import ExtraColumn, register
from inventory.models import Account, ContactRole, Organization

PUNCTUATION = (" ", "-", "(", ")")  # what AWS takes in a number besides digits and +


def _seen() -> QuerySet[Fact]:
    kind = account_service.contacts.name
    return Fact.objects.filter(kind=kind, outcome=Outcome.COLLECTED).order_by()


def _facts(kind: str) -> QuerySet[Any]:
    """Collected facts with ``standing`` of one type."""
    held = FilteredRelation(
        "account__contact_set", condition=Q(account__contact_set__role=ROLES[kind])
    )
    path = f"value__alternate__{kind}"
    observed = {
        "aws_email": Lower(KT(f"{path}__email_address")),
        "aws_name": _text(KT(f"{path}__name")),
        "aws_title": _text(KT(f"{path}__title")),
        "aws_phone": _digits(_text(KT(f"{path}__phone_number"))),
    }
    differs = ~Q(aws_email=Lower(F("held__person__email")))
    for name in ("name", "title"):
        differs |= _both(f"held__person__{name}", f"aws_{name}")
    differs |= _both("held_phone", "aws_phone")
    return (
        _seen()
        .annotate(held=held, **observed)
        .annotate(held_phone=_digits(F("held__person__phone")))
        .annotate(
            standing=Case(
                When(held__isnull=True, aws_email=None, then=Value(Standing.NOBODY.value)),
                When(held__isnull=True, then=Value(Standing.ONLY_AWS.value)),
                When(aws_email=None, then=Value(Standing.ONLY_SHEET.value)),
                When(differs, then=Value(Standing.DIFFERS.value)),
                default=Value(Standing.SAME.value),
            )
        )
    )


def _text(expression: Any) -> Coalesce:
    return Coalesce(expression, Value(""), output_field=TextField())


def _digits(expression: Any) -> Func:
    for sign in PUNCTUATION:
        expression = Replace(expression, Value(sign), output_field=TextField())
    return expression  # type: ignore[no-any-return]  # PUNCTUATION is not empty


def _both(ours: str, theirs: str) -> Q:
    return ~Q(**{ours: ""}) & ~Q(**{theirs: ""}) & ~Q(**{ours: F(theirs)})


def _stands(kinds: Sequence[str], standings: Sequence[Standing]) -> Callable[[], Q]:
    def condition() -> Q:
        found = Q()
        for kind in kinds:
            found |= Q(pk__in=_facts(kind).filter(standing__in=standings).values("account"))
        return found

    return condition


def _is_known() -> Q:
    return Q(pk__in=_seen().values("account"))


def _conditions() -> dict[str, tuple[str, str, Callable[[], Q]]]:
    every = tuple(ROLES)
    found: dict[str, tuple[str, str, Callable[[], Q]]] = {
        "any": ("Any difference", "whose contacts differ from AWS", _stands(every, DRIFTING)),
        "none": (
            "No difference",
            "whose contacts are those of AWS",
            lambda: _is_known() & ~_stands(every, DRIFTING)(),
        ),
        "unknown": ("Not known", "whose contacts in AWS are not known", lambda: ~_is_known()),
    }
    for kind, role in ROLES.items():
        label = role.label
        found[role.value] = (
            f"{label}: any difference",
            f"whose {label.lower()} differs from AWS",
            _stands([kind], DRIFTING),
        )
        for standing in (*DRIFTING, Standing.SAME, Standing.NOBODY):
            found[f"{role.value}-{standing.value}"] = (
                f"{label}: {standing.words}",
                f"whose {label.lower()}: {standing.words}",
                _stands([kind], [standing]),
            )
    return found


@dataclass(frozen=True)
class Tally:
    """How many accounts of an organization stand so, for one type; ``choice`` is the filter's."""

    role: ContactRole
    standing: Standing
    count: int

    @property
    def choice(self) -> str:
        if self.standing == Standing.UNKNOWN:
            return "unknown"
        return f"{self.role.value}-{self.standing.value}"


def tallies(organization: Organization) -> dict[ContactRole, list[Tally]]:
    """The accounts that AWS lists in the organization, by type and standing. Four queries."""
    accounts = Account.objects.filter(observed_organization=organization)
    total = accounts.count()
    found = {}
    for kind, role in ROLES.items():
        facts = _facts(kind).filter(account__observed_organization=organization)
        counts = dict(facts.values("standing").annotate(n=Count("pk")).values_list("standing", "n"))
        counts[Standing.UNKNOWN] = total - sum(counts.values())
        found[role] = [Tally(role, one, counts.get(one.value, 0)) for one in Standing]
    return found


def _cells(rows: Mapping[int, Row], user: Anyone) -> dict[int, str]:
    told: dict[int, list[str]] = {pk: [] for pk in rows}
    for kind, role in ROLES.items():
        facts = _facts(kind).filter(account__in=list(rows), standing__in=DRIFTING)
        for account, standing in facts.values_list("account", "standing"):
            told[account].append(f"{role.value}: {Standing(standing).words}")
    known = set(_seen().filter(account__in=list(rows)).values_list("account_id", flat=True))
    return {pk: _cell(words, pk in known) for pk, words in told.items()}


def _cell(words: Sequence[str], is_known: bool) -> str:
    if not is_known:
        return '<span class="quiet">not known</span>'
    if not words:
        return "no difference"
    return (
        f'<span class="drift"><span aria-hidden="true">≠</span> {escape("; ".join(words))}</span>'
    )


def extend_account_list() -> None:
    """Called once, when the apps are ready."""
    column = ExtraColumn(
        "aws_contacts",
        "Contacts in AWS",
        _cells,
        help="Where the alternate contacts in AWS differ from the sheet.",
        default=False,
    )
    register("account", column)
    register_filter("aws_contacts", Chosen("Contacts in AWS", _conditions()))
