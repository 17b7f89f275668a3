"""Floors of the pages: a response of the same size, and the same rows in the barest of tables."""

from __future__ import annotations

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from inventory.models import Account, Contact
from roadmap.models import Finding
from roadmap.scanner_checks import checks_by_item

COLUMNS = (
    "account_id", "name", "email", "team__name", "environment", "owner", "state", "payer__name",
    "standing__score", "standing__level", "standing__observed_at",
)  # fmt: skip


def with_owner(accounts: QuerySet[Account]) -> QuerySet[Account]:
    held = Contact.objects.filter(account=OuterRef("pk"), role="owner")
    return accounts.annotate(owner=Subquery(held.values("person__email")[:1]))


def bare(request: HttpRequest, size: int) -> HttpResponse:
    return HttpResponse(b"x" * size)


def table(request: HttpRequest, rows: int) -> HttpResponse:
    """Rows of one query as a table and nothing else: no page around it, no sign-in, no links."""
    accounts = with_owner(Account.objects.all())
    if team := request.GET.get("team"):
        accounts = accounts.filter(team__slug=team)
    if stage := request.GET.get("stage"):
        is_open = Q()
        for name in ("failed", "partial", "unknown"):
            is_open |= Q(**{f"stage_tallies__{name}__gt": 0})
        accounts = accounts.filter(is_open, stage_tallies__stage=stage)
    if text := request.GET.get("q"):
        accounts = accounts.filter(
            Q(name__icontains=text) | Q(account_id__contains=text) | Q(email__icontains=text)
        )
    if request.GET.get("drift"):
        accounts = accounts.filter(_differs())
    order = request.GET.get("sort", "account_id")
    found = accounts.order_by(order, "account_id").values_list(*COLUMNS)[:rows]
    return HttpResponse(render_to_string("bench/table.html", {"columns": COLUMNS, "rows": found}))


def _differs() -> Q:
    """What the sheet and AWS both say, and say differently, as one writes it by hand."""
    payers = Q(payer__isnull=False) & ~Q(observed_payer="")
    organizations = Q(organization__isnull=False, observed_organization__isnull=False)
    return (
        (~Q(name=F("observed_name")) & ~Q(name="") & ~Q(observed_name=""))
        | (~Q(email__iexact=F("observed_email")) & ~Q(email="") & ~Q(observed_email=""))
        | (~Q(payer__account_id=F("observed_payer")) & payers)
        | (~Q(organization=F("observed_organization")) & organizations)
    )


ALL = [field.name for field in Finding._meta.concrete_fields]
FINDING_COLUMNS = (
    "title", "resource", "severity", "state", "account__name", "account__account_id",
    "account__team__name", "item", "source", "code", "region", "first_seen_at", "last_seen_at",
)  # fmt: skip


def findings(request: HttpRequest, rows: int) -> HttpResponse:
    """The same for findings, as one writes it by hand: without counts and pages."""
    found = Finding.objects.all()
    if request.GET.get("state") != "any":
        found = found.filter(state="open")
    if team := request.GET.get("team"):
        found = found.filter(account__team__slug=team)
    if item := request.GET.get("item"):
        checks = Q(item=item)
        for tool, check in checks_by_item()[item]:
            checks |= Q(source=tool, item="", code=check)
        found = found.filter(checks)
    if text := request.GET.get("q"):
        found = found.filter(Q(title__icontains=text) | Q(resource__icontains=text))
    found = found.order_by("-weight", "-first_seen_at", "-pk")
    cells = found.values_list(*FINDING_COLUMNS)[:rows]
    context = {"columns": FINDING_COLUMNS, "rows": cells}
    return HttpResponse(render_to_string("bench/table.html", context))


def findings_json(request: HttpRequest, rows: int) -> JsonResponse:
    """The newest findings with all their columns, from one query."""
    found = Finding.objects.order_by("-first_seen_at", "-pk")
    return JsonResponse({"results": list(found.values("account__account_id", *ALL)[:rows])})


def finding_groups(request: HttpRequest, by: str) -> HttpResponse:
    columns = ("account",) if by == "account" else ("source", "item", "code")
    counted = Finding.objects.filter(state="open").order_by().values_list(*columns)
    rows = counted.annotate(n=Count("*")).order_by("-n")[:100]
    context = {"columns": (*columns, "n"), "rows": rows}
    return HttpResponse(render_to_string("bench/table.html", context))
