"""The API of the roadmap: items, verdicts, findings, progress and attestations, which are read,
and imports of findings.

Rows come through ``Account.objects.visible_to``, as on the pages.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from cairn.moments import MomentRangeFilter
from inventory.models import Account, User
from roadmap import attestations, decision_api, finding_api, import_api
from roadmap.evidence import named_in, seen
from roadmap.models import AccountVerdict, Attestation, DailyProgress
from roadmap.queries.counts import counts_of, within
from roadmap.queries.overview import visible_progress
from roadmap.queries.verdicts import evidence_of, inherited
from roadmap.registry import Level, items
from roadmap.restricted import INSTEAD, hidden_from
from roadmap.rollups import FIELDS
from roadmap.verdicts import Severity, Source, Status


def _choices(enum: type[Status] | type[Severity] | type[Source] | type[Level]) -> list[str]:
    return [str(member) for member in enum]


class ItemSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    order = serializers.CharField(help_text="Position on the roadmap, such as 3.1.2.")
    stage = serializers.IntegerField(source="stage.number")
    title = serializers.CharField()
    guidance = serializers.CharField()
    scope = serializers.CharField()
    flow = serializers.CharField()
    sources = serializers.ListField(child=serializers.CharField())
    parent = serializers.CharField(  # type: ignore[assignment]  # a serializer's own parent is another thing
        help_text="The item this is a sub-check of, or empty."
    )
    counts = serializers.BooleanField(help_text="Whether it counts in scores by itself.")
    fix = serializers.CharField(source="fix.text")
    source_url = serializers.URLField()


class ItemViewSet(viewsets.ViewSet):
    """The catalogue. Every signed-in person may read all of it."""

    serializer_class = ItemSerializer
    lookup_field = "key"
    lookup_value_regex = r"[a-z_]+\.[a-z0-9_]+"

    @extend_schema(responses=ItemSerializer(many=True))
    def list(self, request: Request) -> Response:
        return Response(ItemSerializer([*items().values()], many=True).data)

    @extend_schema(responses=ItemSerializer)
    def retrieve(self, request: Request, key: str) -> Response:
        if key not in items():
            raise NotFound(f"{key} is no item of the roadmap.")
        return Response(ItemSerializer(items()[key]).data)


class VerdictSerializer(serializers.ModelSerializer[AccountVerdict]):
    account = serializers.CharField(source="account.account_id", read_only=True)

    class Meta:
        model = AccountVerdict
        fields: ClassVar[list[str]] = [
            "id", "account", "item", "status", "reason", "source", "sentence", "incomplete",
            "since", "last_known_status", "last_known_at",
        ]  # fmt: skip

    def to_representation(self, instance: AccountVerdict) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(instance)
        if instance.item in self.context["view"].hidden:
            told |= {"sentence": INSTEAD} | ({"evidence": {}} if "evidence" in told else {})
        return told


class VerdictDetailSerializer(VerdictSerializer):
    evidence = serializers.SerializerMethodField(help_text="The whole evidence record.")

    class Meta(VerdictSerializer.Meta):
        fields: ClassVar[list[str]] = [*VerdictSerializer.Meta.fields, "evidence"]

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_evidence(self, verdict: AccountVerdict) -> dict[str, Any]:
        above = inherited([verdict])
        facts = seen(verdict.account.partition, named_in([verdict, *above.values()]))
        return evidence_of(verdict.account, verdict, above, facts).as_json()


class VerdictFilters(django_filters.FilterSet):
    account = django_filters.CharFilter(field_name="account__account_id")
    team = django_filters.CharFilter(field_name="account__team__slug")
    organization = django_filters.CharFilter(
        field_name="account__observed_organization__organization_id"
    )
    item = django_filters.CharFilter()
    stage = django_filters.NumberFilter(method="of_stage", label="Stage number")
    status = django_filters.MultipleChoiceFilter(choices=[(s, s) for s in _choices(Status)])
    source = django_filters.MultipleChoiceFilter(choices=[(s, s) for s in _choices(Source)])
    reason = django_filters.CharFilter()
    incomplete = django_filters.BooleanFilter()
    since = MomentRangeFilter()

    class Meta:
        model = AccountVerdict
        fields: ClassVar[list[str]] = []

    def of_stage(
        self, verdicts: QuerySet[AccountVerdict], name: str, number: Any
    ) -> QuerySet[AccountVerdict]:
        keys = [item.key for item in items().values() if item.stage.number == int(number)]
        return verdicts.filter(item__in=keys)


class VerdictViewSet(viewsets.ReadOnlyModelViewSet[AccountVerdict]):
    """Verdicts of the accounts one may see; a single one comes with its evidence record."""

    queryset = AccountVerdict.objects.none()
    filterset_class = VerdictFilters

    @cached_property
    def hidden(self) -> frozenset[str]:
        return hidden_from(self.request.user)

    def get_queryset(self) -> QuerySet[AccountVerdict]:
        found = within(AccountVerdict.objects.all(), Account.objects.visible_to(self.request.user))
        found = found.order_by("account__account_id", "item")
        if self.action == "list":
            return found.select_related("account").defer("evidence")
        return found.select_related("account__observed_organization")

    def get_serializer_class(self) -> type[VerdictSerializer]:
        return VerdictSerializer if self.action == "list" else VerdictDetailSerializer


class ProgressSerializer(serializers.ModelSerializer[DailyProgress]):
    score = serializers.SerializerMethodField(help_text="0 to 1; null when nothing applies.")

    class Meta:
        model = DailyProgress
        fields: ClassVar[list[str]] = [
            "day", "dimension", "group", "label", "stage", "accounts", *FIELDS.values(), "score",
        ]  # fmt: skip

    def get_score(self, row: DailyProgress) -> float | None:
        return counts_of(row).score


class ProgressFilters(django_filters.FilterSet):
    day = django_filters.DateFromToRangeFilter()

    class Meta:
        model = DailyProgress
        fields: ClassVar[list[str]] = ["dimension", "group", "stage"]


class ProgressViewSet(viewsets.ReadOnlyModelViewSet[DailyProgress]):
    """Progress by day, dimension, group and stage. An account owner sees their own teams."""

    queryset = DailyProgress.objects.none()
    serializer_class = ProgressSerializer
    filterset_class = ProgressFilters

    def get_queryset(self) -> QuerySet[DailyProgress]:
        return visible_progress(self.request.user).order_by("-day", "dimension", "group", "stage")


class AttestationSerializer(serializers.ModelSerializer[Attestation]):
    account = serializers.CharField(
        source="account.account_id", read_only=True, default=None, allow_null=True
    )
    team = serializers.CharField(source="team.slug", read_only=True, default=None, allow_null=True)
    organization = serializers.CharField(
        source="organization.organization_id", read_only=True, default=None, allow_null=True
    )
    author = serializers.CharField(
        source="author.email", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = Attestation
        fields: ClassVar[list[str]] = [
            "id", "item", "account", "team", "organization", "claim", "about", "statement", "url",
            "author", "created_at", "expires_at", "withdrawn_at",
        ]  # fmt: skip


class AttestationFilters(django_filters.FilterSet):
    account = django_filters.CharFilter(field_name="account__account_id")
    team = django_filters.CharFilter(field_name="team__slug")
    organization = django_filters.CharFilter(field_name="organization__organization_id")
    expires_at = MomentRangeFilter()
    is_withdrawn = django_filters.BooleanFilter(
        field_name="withdrawn_at", lookup_expr="isnull", exclude=True, label="Withdrawn"
    )

    class Meta:
        model = Attestation
        fields: ClassVar[list[str]] = ["item", "claim"]


class AttestationViewSet(viewsets.ReadOnlyModelViewSet[Attestation]):
    """Answers about what one may see, those withdrawn included, newest first."""

    queryset = Attestation.objects.none()
    serializer_class = AttestationSerializer
    filterset_class = AttestationFilters

    def get_queryset(self) -> QuerySet[Attestation]:
        user = self.request.user
        if not isinstance(user, User):
            return Attestation.objects.none()
        found = attestations.visible_to(user)
        return found.select_related("account", "team", "organization", "author")


routes = [
    *import_api.routes,  # Before findings, whose keys would match their address.
    ("items", ItemViewSet, "item"),
    ("verdicts", VerdictViewSet, "verdict"),
    *finding_api.routes,
    *decision_api.routes,
    ("progress", ProgressViewSet, "progress"),
    ("attestations", AttestationViewSet, "attestation"),
]
paths = import_api.paths
