"""The read API of collection runs: how far each is, and what it could not collect."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from collectors.models import Run
from collectors.progress import problems_of, summary_of
from inventory.access import Action, may


class MaySeeRuns(BasePermission):
    message = "Your role may not see runs."

    def has_permission(self, request: Request, view: Any) -> bool:
        return may(request.user, Action.SEE_RUNS)


class ProblemSerializer(serializers.Serializer[Any]):
    account = serializers.CharField()
    collector = serializers.CharField()
    region = serializers.CharField()
    outcome = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class RunSerializer(serializers.ModelSerializer[Run]):
    organization = serializers.CharField(source="organization.organization_id")
    units = serializers.SerializerMethodField(help_text="Units by state.")
    calls = serializers.SerializerMethodField()

    class Meta:
        model = Run
        fields = [
            "id",
            "organization",
            "state",
            "trigger",
            "created_at",
            "started_at",
            "finished_at",
            "listing_complete",
            "message",
            "units",
            "calls",
        ]

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_units(self, run: Run) -> dict[str, int]:
        return dict(summary_of(run).states)

    def get_calls(self, run: Run) -> int:
        return summary_of(run).calls


class RunDetailSerializer(RunSerializer):
    problems = serializers.SerializerMethodField()

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "problems"]

    @extend_schema_field(ProblemSerializer(many=True))
    def get_problems(self, run: Run) -> list[dict[str, str]]:
        return problems_of(run)


class RunViewSet(viewsets.ReadOnlyModelViewSet[Run]):
    queryset = Run.objects.select_related("organization")
    permission_classes = [MaySeeRuns]
    filterset_fields = {"state": ["exact"], "organization__organization_id": ["exact"]}

    def get_serializer_class(self) -> type[RunSerializer]:
        return RunDetailSerializer if self.action == "retrieve" else RunSerializer


routes = [("runs", RunViewSet, "run")]
