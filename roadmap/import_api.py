"""Importing a scanner's file through the API, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import SuspiciousFileOperation
from django.urls import re_path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import FileUploadParser, MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from cairn.uploads import too_large
from collectors.scanners import Unreadable
from inventory.access import Action, may, require
from inventory.models import User
from roadmap.models import ScanImport
from roadmap.scan_uploads import Ended, cancel, take_in
from roadmap.views.scan_imports import ScanForm, wake_workers


class MayImport(BasePermission):
    message = "Your role may not import findings."

    def has_permission(self, request: Request, view: Any) -> bool:
        return may(request.user, Action.IMPORT_FINDINGS)


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT


class CountsSerializer(serializers.Serializer[Any]):
    """Of findings; ``read`` and ``refused`` of results, ``unmapped`` of checks. These three and
    ``named`` are counted when a file is through."""

    read = serializers.IntegerField()
    named = serializers.IntegerField(help_text="Findings that the file names.")
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    resolved = serializers.IntegerField()
    reopened = serializers.IntegerField()
    unmapped = serializers.IntegerField()
    refused = serializers.IntegerField()


class UnknownAccountSerializer(serializers.Serializer[Any]):
    partition = serializers.CharField()
    account = serializers.CharField()
    results = serializers.IntegerField()


class ScanImportSerializer(serializers.ModelSerializer[ScanImport]):
    url = serializers.SerializerMethodField(help_text="Where this import says how far it is.")
    format = serializers.CharField(source="label", read_only=True)
    uploaded_by = serializers.CharField(
        source="uploaded_by.email", read_only=True, default=None, allow_null=True
    )
    cancelled_by = serializers.CharField(
        source="cancelled_by.email", read_only=True, default=None, allow_null=True
    )
    percent = serializers.IntegerField(read_only=True)
    counts = serializers.SerializerMethodField(help_text="So far; null before anything is written.")
    refused_ids = serializers.DictField(
        source="refused",
        child=serializers.IntegerField(),
        read_only=True,
        help_text="What stands in place of account ids, with the number of its results.",
    )
    unknown_accounts = serializers.SerializerMethodField(
        help_text="Accounts that the inventory does not have; they wait as sightings."
    )
    regions = serializers.ListField(child=serializers.CharField(), read_only=True)
    organization = serializers.CharField(
        source="organization.organization_id",
        read_only=True,
        default=None,
        allow_null=True,
        help_text="Whose Security Hub was read; null for a file.",
    )

    class Meta:
        model = ScanImport
        fields: ClassVar[list[str]] = [
            "id", "url", "name", "sha256", "size", "format", "state", "message", "uploaded_by",
            "uploaded_at", "started_at", "finished_at", "cancelled_by", "percent", "results",
            "bytes_read", "counts", "refused_ids", "unknown_accounts", "regions", "all_checks",
            "scanned_at", "organization", "accounts", "accounts_read",
        ]  # fmt: skip

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, row: ScanImport) -> str:
        return reverse("scan-import-detail", [row.pk], request=self.context["request"])

    @extend_schema_field(CountsSerializer(allow_null=True))
    def get_counts(self, row: ScanImport) -> dict[str, int] | None:
        return row.counts or None

    @extend_schema_field(UnknownAccountSerializer(many=True))
    def get_unknown_accounts(self, row: ScanImport) -> list[dict[str, Any]]:
        return [
            {"partition": partition, "account": account, "results": results}
            for partition, account, results in row.unknown
        ]


class ScanImportViewSet(viewsets.ReadOnlyModelViewSet[ScanImport]):
    """Scanner files that were uploaded and readings of Security Hub, newest first."""

    queryset = ScanImport.objects.select_related("uploaded_by", "cancelled_by", "organization")
    serializer_class = ScanImportSerializer
    permission_classes = [MayImport]
    filterset_fields = {"state": ["exact"], "sha256": ["exact"]}

    @extend_schema(
        description="Stops an import that waits or goes on. What it had written stays, and "
        "importing the file again carries on from it; counts are null where nothing was written.",
        request=None,
        responses={
            200: ScanImportSerializer,
            409: OpenApiResponse(description="It has ended already."),
        },
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        assert isinstance(request.user, User)
        try:
            cancel(row, request.user)
        except Ended as ended:
            raise Conflict(str(ended)) from None
        return Response(self.get_serializer(row).data)


_TIME = "When the scan was made (ISO 8601), for files that do not say."
_ALL_CHECKS = (
    "The run made all checks of its tool: whatever it does not name, in Regions that it covers "
    "whole, is resolved."
)
_REGIONS = "Regions that the scan covers whole, such as eu-west-1,us-east-1."
_UPLOAD = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "at": {"type": "string", "format": "date-time", "description": _TIME},
            "regions": {"type": "string", "description": _REGIONS},
            "all_checks": {"type": "boolean", "default": False, "description": _ALL_CHECKS},
        },
        "required": ["file"],
    },
    "application/octet-stream": {"type": "string", "format": "binary"},
}


class ImportView(APIView):
    """Takes a scanner's file; a worker imports it."""

    parser_classes = [MultiPartParser, FileUploadParser]

    @extend_schema(
        operation_id="findings_import",
        description="A file as a form's part named file, or as the body, with its name in "
        "Content-Disposition. The answer names the address that says how far the import is.",
        parameters=[
            OpenApiParameter("at", OpenApiTypes.DATETIME, description=_TIME),
            OpenApiParameter("regions", OpenApiTypes.STR, description=_REGIONS),
            OpenApiParameter("all_checks", OpenApiTypes.BOOL, description=_ALL_CHECKS),
            OpenApiParameter(
                "Content-Disposition",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description='With the file as the body: attachment; filename="scan.ocsf.json"',
            ),
        ],
        request=_UPLOAD,
        responses={202: ScanImportSerializer},
    )
    def post(self, request: Request) -> Response:
        user = request.user
        require(user, Action.IMPORT_FINDINGS)
        assert isinstance(user, User)
        if refusal := too_large(request._request):
            raise TooLarge(refusal)
        try:
            files = request.FILES  # The body is read here.
        except SuspiciousFileOperation:
            raise ParseError("The file's name is no name of a file.") from None
        sent = {**request.query_params.dict(), **dict(request.POST.items())}
        form = ScanForm({**sent, **_all_checks(sent)}, files)
        if not form.is_valid():
            raise ValidationError(
                {name: [str(one) for one in e] for name, e in form.errors.items()}
            )
        told = form.cleaned_data
        file = told.pop("file")
        try:
            row = take_in(file, user, **told)
        except Unreadable as unreadable:
            raise ValidationError({"file": [str(unreadable)]}) from None
        finally:
            file.close()
        wake_workers()
        answer = ScanImportSerializer(row, context={"request": request}).data
        return Response(
            answer, status=status.HTTP_202_ACCEPTED, headers={"Location": answer["url"]}
        )


def _all_checks(sent: Mapping[str, Any]) -> dict[str, bool]:
    """A form takes any word for a tick, so what is neither yes nor no is refused here."""
    if "all_checks" not in sent:
        return {}
    try:
        return {"all_checks": serializers.BooleanField().run_validation(sent["all_checks"])}
    except ValidationError as error:
        raise ValidationError({"all_checks": error.detail}) from None


routes = [("findings/imports", ScanImportViewSet, "scan-import")]
paths = [re_path(r"^findings/import/?$", ImportView.as_view(), name="import-findings")]
