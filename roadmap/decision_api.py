"""Decisions on findings in the API: read, made, approved, refused and ended, as on the pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError as Refused
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cairn.moments import MomentRangeFilter
from inventory.models import User
from roadmap import decision_register, decisions
from roadmap.decided import Kind, State
from roadmap.decisions import PIECE, Chosen, Proposal
from roadmap.models import Finding, FindingDecision
from roadmap.queries.finding_answers import FindingAnswer, answers_of


class DecisionSerializer(serializers.ModelSerializer[FindingDecision]):
    state = serializers.SerializerMethodField()
    requester = serializers.CharField(
        source="requester.email", read_only=True, default=None, allow_null=True
    )
    approver = serializers.CharField(
        source="approver.email", read_only=True, default=None, allow_null=True
    )
    ended_by = serializers.CharField(
        source="ended_by.email", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = FindingDecision
        fields: ClassVar[list[str]] = [
            "id", "kind", "state", "note", "control", "requester", "requested_at", "due_on",
            "expires_at", "approver", "approved_at", "refused_at", "ended_at", "ended_by", "remark",
            "selection", "gathered_at", "size", "passed_over",
        ]  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(choices=State.choices))
    def get_state(self, decision: FindingDecision) -> str:
        return decision.state(datetime.now(UTC)).value


class NewDecisionSerializer(serializers.Serializer[Any]):
    """Either ``findings`` or ``matching``."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    note = serializers.CharField(max_length=4000, help_text="The plan, or the reason.")
    control = serializers.CharField(
        max_length=4000, default="", allow_blank=True, help_text="What limits an accepted risk."
    )
    due_on = serializers.DateField(default=None, help_text="Of an acknowledgement.")
    expires_at = serializers.DateTimeField(default=None, help_text="Of an acceptance.")
    findings = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        max_length=PIECE,
        default=list,
    )
    matching = serializers.CharField(
        default=None,
        allow_blank=True,
        help_text="Filters of the list of findings, such as state=open&severity=low: all of these.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["findings"]) == (attrs["matching"] is not None):
            raise ValidationError("Name findings, or the filters that they match.")
        return attrs

    def save_for(self, user: User) -> FindingDecision:
        data = dict(self.validated_data)
        chosen = Chosen(data.pop("findings"), data.pop("matching") or "")
        return decisions.decide(user, Proposal(**{**data, "kind": Kind(data["kind"])}), chosen)


class RemarkSerializer(serializers.Serializer[Any]):
    remark = serializers.CharField(max_length=1000, default="", allow_blank=True)


class DecisionFilters(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=State.choices, method="in_state")
    requester = django_filters.CharFilter(field_name="requester__email", lookup_expr="iexact")
    approver = django_filters.CharFilter(field_name="approver__email", lookup_expr="iexact")
    approver_left = django_filters.BooleanFilter(
        method="by_approver", label="Whether its approver may no longer approve."
    )
    expires_at = MomentRangeFilter()
    due_on = django_filters.DateFromToRangeFilter()

    class Meta:
        model = FindingDecision
        fields: ClassVar[list[str]] = ["kind"]

    def in_state(
        self, rows: QuerySet[FindingDecision], name: str, states: list[str]
    ) -> QuerySet[FindingDecision]:
        now = FindingDecision.state_at(datetime.now(UTC))
        return rows.alias(state_now=now).filter(state_now__in=states) if states else rows

    def by_approver(
        self, rows: QuerySet[FindingDecision], name: str, has_left: bool
    ) -> QuerySet[FindingDecision]:
        left = decision_register.approver_left()
        return rows.filter(left) if has_left else rows.exclude(left)


class DecisionViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[FindingDecision],
):
    """Decisions on findings that one sees, newest first. ``/findings/?of_decision=`` has the
    findings of one."""

    queryset = FindingDecision.objects.none()
    serializer_class = DecisionSerializer
    filterset_class = DecisionFilters

    def get_queryset(self) -> QuerySet[FindingDecision]:
        user = self.request.user
        if not isinstance(user, User):
            return FindingDecision.objects.none()
        return decisions.visible_to(user).order_by("-requested_at", "-pk")

    @extend_schema(request=NewDecisionSerializer, responses={201: DecisionSerializer})
    def create(self, request: Request) -> Response:
        asked = NewDecisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            made = asked.save_for(_user(request))
        except Refused as error:
            raise _as_answer(error) from None
        return Response(self.get_serializer(made).data, status.HTTP_201_CREATED)

    @extend_schema(request=RemarkSerializer, responses=DecisionSerializer)
    @action(methods=["post"], detail=True)
    def approve(self, request: Request, pk: str) -> Response:
        return self._settle(request, decisions.approve)

    @extend_schema(request=RemarkSerializer, responses=DecisionSerializer)
    @action(methods=["post"], detail=True)
    def refuse(self, request: Request, pk: str) -> Response:
        return self._settle(request, decisions.refuse)

    @extend_schema(request=RemarkSerializer, responses=DecisionSerializer)
    @action(methods=["post"], detail=True)
    def end(self, request: Request, pk: str) -> Response:
        return self._settle(request, decisions.end_early)

    def _settle(self, request: Request, settle: Any) -> Response:
        decision = self.get_object()
        said = RemarkSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            settle(_user(request), decision, said.validated_data["remark"])
        except Refused as error:
            raise _as_answer(error) from None
        return Response(self.get_serializer(decision).data)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # Whoever is not signed in was turned away.
    return request.user


def _as_answer(error: Refused) -> ValidationError:
    if hasattr(error, "error_dict"):
        return ValidationError(error.message_dict)
    return ValidationError(error.messages)


class FindingDecisionSerializer(serializers.Serializer[Any]):
    """The decision that stands for a finding."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    requester = serializers.CharField(source="requester.email", default=None, allow_null=True)
    approver = serializers.CharField(source="approver.email", default=None, allow_null=True)
    note = serializers.CharField()
    due_on = serializers.DateField()
    expires_at = serializers.DateTimeField()


class FindingAnswerSerializer(serializers.Serializer[Any]):
    """Where a finding stands by what people decided, and by when it is due."""

    standing = serializers.CharField()
    decision = FindingDecisionSerializer(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    is_overdue = serializers.BooleanField()


class AnsweredFindings(serializers.ListSerializer[Any]):
    """Looks up what was decided of all of them at once."""

    def to_representation(self, data: Any) -> Any:
        rows = list(data)
        self.child.answers = answers_of(rows)  # type: ignore[union-attr]
        return super().to_representation(rows)


class WithAnswer(serializers.Serializer[Any]):
    """Adds to a finding what was decided of it."""

    answers: dict[int, FindingAnswer] | None = None
    answer = serializers.SerializerMethodField()

    @extend_schema_field(FindingAnswerSerializer)
    def get_answer(self, finding: Finding) -> dict[str, Any]:
        answers = answers_of([finding]) if self.answers is None else self.answers
        return dict(FindingAnswerSerializer(answers[finding.pk]).data)


routes = [("decisions", DecisionViewSet, "decision")]
