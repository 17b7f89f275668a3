"""Findings in the API, a page of a million as fast as one of ten."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers, viewsets
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from cairn.moments import MomentRangeFilter
from cairn.pagination import PagePagination
from roadmap.decision_api import AnsweredFindings, WithAnswer
from roadmap.finding_filters import SHORTEST, FindingFilters
from roadmap.models import Finding
from roadmap.queries.finding_answers import WITH_ACCOUNT
from roadmap.queries.findings import (
    COUNTED,
    FindingPage,
    Place,
    finding_page,
    visible_findings,
)

LONGEST_NUMBER = 9  # digits of a page's number


class FindingPagination(PagePagination):
    """As all lists of the API, with links that lead to places instead of numbers of pages, and a
    count only as far as one is quick."""

    asked: Request
    found: FindingPage

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.asked = request
        asked = request.query_params
        size = self.get_page_size(request) or PagePagination.page_size
        skipped = (_number(asked.get("page")) - 1) * size
        self.found = finding_page(
            queryset,
            "newest",
            size,
            after=_place(asked.get("after")),
            before=_place(asked.get("before")),
            skipped=skipped,
            is_search="q" in asked or "resource" in asked,
        )
        if skipped and not self.found.findings:
            raise NotFound("There are not that many pages.")
        return [*self.found.findings]

    def get_paginated_response(self, data: Any) -> Response:
        count = self.found.count
        return Response(
            {
                "count": None if count.is_more else count.number,
                "next": self._link("after", self.found.following),
                "previous": self._link("before", self.found.previous),
                "results": data,
            }
        )

    def _link(self, name: str, place: Place | None) -> str | None:
        if place is None:
            return None
        url = self.asked.build_absolute_uri()
        for other in ("page", "after", "before"):
            url = remove_query_param(url, other)
        return replace_query_param(url, name, str(place))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        told = super().get_paginated_response_schema(schema)
        link = {"type": "string", "format": "uri", "nullable": True}
        told["properties"] |= {
            "count": {
                "type": "integer",
                "nullable": True,
                "description": f"Null where there are more than {COUNTED:,}.",
            },
            "next": link | {"description": "Follow it to read all findings, however many."},
            "previous": link,
        }
        return told

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        number, *others = super().get_schema_operation_parameters(view)
        number["description"] = "Takes longer the larger it is; `next` does not."
        return [number, *others, *(_parameter(name) for name in ("after", "before"))]


def _parameter(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "required": False,
        "in": "query",
        "description": "A place in the list, as `next` and `previous` name it.",
        "schema": {"type": "string"},
    }


def _number(text: str | None) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER and int(text)):
        raise NotFound("Pages have numbers from 1.")
    return int(text)


def _place(text: str | None) -> Place | None:
    place = Place.read(text) if text else None
    if text and place is None:
        raise NotFound("No answer has named this place; begin without one.")
    return place


class FindingSerializer(WithAnswer, serializers.ModelSerializer[Finding]):
    account = serializers.CharField(source="account.account_id", read_only=True)

    class Meta:
        model = Finding
        list_serializer_class = AnsweredFindings
        fields: ClassVar[list[str]] = [
            "id", "account", "source", "item", "code", "region", "resource", "title", "detail",
            "severity", "state", "is_organization_wide", "first_seen_at", "last_seen_at",
            "resolved_at", "reopened", "answer",
        ]  # fmt: skip


class FindingSearch(FindingFilters):
    """The page's filters, and some that only programs need."""

    resource = django_filters.CharFilter(lookup_expr="icontains", min_length=SHORTEST)
    first_seen_at = MomentRangeFilter()
    is_organization_wide = django_filters.BooleanFilter()


class FindingViewSet(viewsets.ReadOnlyModelViewSet[Finding]):
    """Findings of the accounts one may see, newest first."""

    queryset = Finding.objects.none()
    serializer_class = FindingSerializer
    filterset_class = FindingSearch
    pagination_class = FindingPagination

    def get_queryset(self) -> QuerySet[Finding]:
        return visible_findings(self.request.user).select_related(*WITH_ACCOUNT)


routes = [("findings", FindingViewSet, "finding")]
