"""The read API of the sheet, over the same rows, columns and filters as the pages.

Rows come through ``inventory.access.visible_rows``, columns through ``visible_columns``. A cell
that points to another row holds its natural key. Custom columns are in ``custom``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from cairn.moments import MomentRangeFilter
from inventory import search
from inventory.access import Action, may, sees_everything, visible_columns, visible_rows
from inventory.audit.contacts import cells_shown, changes_shown
from inventory.audit.reading import AuditFilters
from inventory.changes.reading import Row, read
from inventory.columns import (
    ACCOUNTS,
    ORGANIZATIONS,
    PAYERS,
    PEOPLE,
    SHEETS,
    TEAMS,
    Column,
    Custom,
    Sheet,
    columns_of,
)
from inventory.filters import AccountFilters
from inventory.grid.ordering import is_sortable, ordered
from inventory.kinds import Date, Email, JsonValue, SetOf, Timestamp
from inventory.models import (
    Account,
    AuditEntry,
    ChangeSet,
    Organization,
    Origin,
    Payer,
    Person,
    RowChange,
    Sighting,
    State,
    Team,
)

Cells = Mapping[str, Any]


def _field(column: Column) -> serializers.Field[Any, Any, Any, Any]:
    kind = column.kind
    about: dict[str, Any] = {"label": column.label, "help_text": column.help or None}
    if isinstance(kind, SetOf):
        return serializers.ListField(child=serializers.CharField(), **about)
    if isinstance(kind, JsonValue):
        return serializers.DictField(**about)
    if isinstance(kind, Timestamp):
        return serializers.DateTimeField(allow_null=True, **about)
    if isinstance(kind, Date):
        return serializers.DateField(allow_null=True, **about)
    if isinstance(kind, Email):
        return serializers.EmailField(allow_blank=True, **about)
    return serializers.CharField(allow_blank=True, **about)


def _value(column: Column, value: Any) -> Any:
    """Where there is no moment, day or structure, JSON has null or an empty object."""
    if value in ("", None):
        if isinstance(column.kind, Timestamp | Date):
            return None
        return {} if isinstance(column.kind, JsonValue) else ""
    return value


class SheetSerializer(serializers.Serializer[Any]):
    """Rows as ``read`` gives them; the declared fields are for the schema."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        columns: Sequence[Column] = self.context["columns"]
        cells: Cells = instance.cells
        shown = {
            column.name: _value(column, cells[column.name])
            for column in columns
            if not isinstance(column.stored, Custom)
        }
        if self.context["sheet"] is ACCOUNTS:
            customs = [column for column in columns if isinstance(column.stored, Custom)]
            shown["custom"] = {column.name: cells[column.name] for column in customs}
        return shown


def sheet_serializer(sheet: Sheet) -> type[SheetSerializer]:
    fields: dict[str, Any] = {column.name: _field(column) for column in sheet.columns}
    if sheet is ACCOUNTS:
        fields["custom"] = serializers.DictField(child=serializers.CharField())
    return type(f"{sheet.model.__name__}Serializer", (SheetSerializer,), fields)


QUERY = OpenApiParameter("q", str, description="Every word must be found somewhere.")
ORDERING = OpenApiParameter(
    "ordering", str, description="A column's name; with a minus before it, from the end."
)


class SheetViewSet(viewsets.GenericViewSet[Any]):
    """Rows of one sheet, and one row by its key."""

    sheet: ClassVar[Sheet]
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.sheet.model._default_manager.none()
        return visible_rows(self.sheet, self.request.user)

    @extend_schema(parameters=[QUERY, ORDERING])
    def list(self, request: Request) -> Response:
        rows = self.filter_queryset(self.get_queryset())
        text = request.query_params.get("q", "").strip()
        if text and self.sheet is not ACCOUNTS:
            rows = search.rows(self.sheet, rows, text, request.user)
        page = self.paginate_queryset(self._ordered(rows, request))
        return self.get_paginated_response(self._shown(page or []))

    def retrieve(self, request: Request, **_: str) -> Response:
        return Response(self._shown([self.get_object()])[0])

    def _ordered(self, rows: QuerySet[Any], request: Request) -> QuerySet[Any]:
        name = request.query_params.get("ordering", "")
        seen = visible_columns(request.user, self.sheet, columns_of(self.sheet))
        columns = [c for c in seen if c.name == name.removeprefix("-")]
        by = next((column for column in columns if is_sortable(column)), None)
        return ordered(self.sheet, rows, by, descending=name.startswith("-"))

    def _shown(self, rows: Sequence[Any]) -> Sequence[dict[str, Any]]:
        """The cells of one page of rows; as many queries for one row as for a thousand."""
        sheet = self.sheet
        columns = visible_columns(self.request.user, sheet, columns_of(sheet))
        keys = [":".join(str(getattr(row, name)) for name in sheet.key) for row in rows]
        found: Mapping[str, Row] = read(sheet, columns, keys) if keys else {}
        cells_shown(sheet, columns, found)
        serializer = self.get_serializer_class()(context={"columns": columns, "sheet": sheet})
        return [serializer.to_representation(found[key]) for key in keys]


class AccountViewSet(SheetViewSet):
    """Accounts with every column of the sheet, filtered as on the account list."""

    sheet = ACCOUNTS
    queryset = Account.objects.none()
    serializer_class = sheet_serializer(ACCOUNTS)
    filterset_class = AccountFilters
    lookup_field = "account_id"

    @extend_schema(parameters=[ORDERING])
    def list(self, request: Request) -> Response:
        return super().list(request)


class TeamViewSet(SheetViewSet):
    sheet = TEAMS
    queryset = Team.objects.none()
    serializer_class = sheet_serializer(TEAMS)
    lookup_field = "slug"


class PersonViewSet(SheetViewSet):
    """People; their phone numbers only for those who may see them."""

    sheet = PEOPLE
    queryset = Person.objects.none()
    serializer_class = sheet_serializer(PEOPLE)
    lookup_field = "email"


class OrganizationViewSet(SheetViewSet):
    sheet = ORGANIZATIONS
    queryset = Organization.objects.none()
    serializer_class = sheet_serializer(ORGANIZATIONS)
    lookup_field = "organization_id"


class PayerViewSet(SheetViewSet):
    sheet = PAYERS
    queryset = Payer.objects.none()
    serializer_class = sheet_serializer(PAYERS)
    lookup_field = "account_id"


class RowChangeSerializer(serializers.ModelSerializer[RowChange]):
    """``cells`` is column → [old, new]."""

    cells = serializers.SerializerMethodField()

    class Meta:
        model = RowChange
        fields = ("sheet", "key", "kind", "row", "cells")

    def get_cells(self, change: RowChange) -> dict[str, list[Any]]:
        sheet = SHEETS[change.sheet]
        seen = visible_columns(self.context["request"].user, sheet, sheet.columns)
        hidden = {column.name for column in sheet.columns} - {column.name for column in seen}
        if "phone" not in hidden:
            changes_shown([change])
        return {name: pair for name, pair in change.cells.items() if name not in hidden}


class ChangeSetSerializer(serializers.ModelSerializer[ChangeSet]):
    user = serializers.EmailField(
        source="user.email", default=None, read_only=True, allow_null=True
    )
    report = serializers.SerializerMethodField(help_text="Counts, errors and repairs of an import.")

    class Meta:
        model = ChangeSet
        fields = (
            "id",
            "origin",
            "source",
            "message",
            "state",
            "user",
            "created_at",
            "applied_at",
            "undoes",
            "report",
        )

    @extend_schema_field(serializers.DictField())
    def get_report(self, change_set: ChangeSet) -> dict[str, Any]:
        """Parked rows are those of the file as they came, telephone numbers and all."""
        report = dict(change_set.report)
        if not may(self.context["request"].user, Action.IMPORT):
            report.pop("parked", None)
        return report


class ChangeSetDetailSerializer(ChangeSetSerializer):
    rows = RowChangeSerializer(many=True, read_only=True)

    class Meta(ChangeSetSerializer.Meta):
        fields = (*ChangeSetSerializer.Meta.fields, "rows")  # type: ignore[assignment]  # longer


class ChangeSetFilters(django_filters.FilterSet):
    origin = django_filters.MultipleChoiceFilter(choices=Origin.choices)
    state = django_filters.MultipleChoiceFilter(choices=State.choices)
    applied_at = MomentRangeFilter()

    class Meta:
        model = ChangeSet
        fields: Sequence[str] = ()


class ChangeSetViewSet(viewsets.ReadOnlyModelViewSet[ChangeSet]):
    """Change sets, newest first, and the cells of one; an owner sees their own."""

    queryset = ChangeSet.objects.none()
    filterset_class = ChangeSetFilters

    def get_queryset(self) -> QuerySet[ChangeSet]:
        change_sets = ChangeSet.objects.select_related("user").order_by("-id")
        if not sees_everything(self.request.user):
            change_sets = change_sets.filter(user=self.request.user.pk)
        return change_sets.prefetch_related("rows") if self.action == "retrieve" else change_sets

    def get_serializer_class(self) -> type[ChangeSetSerializer]:
        return ChangeSetDetailSerializer if self.action == "retrieve" else ChangeSetSerializer


class SightingSerializer(serializers.ModelSerializer[Sighting]):
    class Meta:
        model = Sighting
        fields = ("partition", "account_id", "source", "detail", "first_seen_at", "last_seen_at")


class SightingFilters(django_filters.FilterSet):
    account_id = django_filters.CharFilter()
    source = django_filters.CharFilter()

    class Meta:
        model = Sighting
        fields: Sequence[str] = ()


class SightingViewSet(viewsets.ReadOnlyModelViewSet[Sighting]):
    """Account ids seen anywhere; for those who see every account."""

    queryset = Sighting.objects.none()
    serializer_class = SightingSerializer
    filterset_class = SightingFilters

    def get_queryset(self) -> QuerySet[Sighting]:
        sightings = Sighting.objects.order_by("-last_seen_at", "-id")
        return sightings if sees_everything(self.request.user) else sightings.none()


class MaySeeAudit(BasePermission):
    message = "Your role may not see the audit log."

    def has_permission(self, request: Request, view: Any) -> bool:
        return may(request.user, Action.SEE_AUDIT)


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    details = serializers.JSONField(read_only=True, help_text="What told holds, as a structure.")

    class Meta:
        model = AuditEntry
        fields = (
            "number", "at", "event", "actor", "seen_as", "via", "means", "address", "kind", "key",
            "name", "details", "told", "hash",
        )  # fmt: skip


class AuditViewSet(viewsets.ReadOnlyModelViewSet[AuditEntry]):
    """Who did what, when and from where, newest first; for security and administrators."""

    queryset = AuditEntry.objects.order_by("-number")
    serializer_class = AuditEntrySerializer
    permission_classes = [MaySeeAudit]
    filterset_class = AuditFilters


routes = [
    ("accounts", AccountViewSet, "account"),
    ("teams", TeamViewSet, "team"),
    ("people", PersonViewSet, "person"),
    ("organizations", OrganizationViewSet, "organization"),
    ("payers", PayerViewSet, "payer"),
    ("change-sets", ChangeSetViewSet, "change-set"),
    ("sightings", SightingViewSet, "sighting"),
    ("audit", AuditViewSet, "audit-entry"),
]
