"""Uploaded files on their way in: streamed to the data folder, and never more than the limit.

Files of at most FILE_UPLOAD_MAX_MEMORY_SIZE stay in memory, as Django has it; the handler here
takes the others.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest


def folder() -> Path:
    """Where uploads lie until they are done with; on the disk that they are kept on."""
    found = Path(settings.DATA_DIR) / "uploads"
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def too_large(request: HttpRequest) -> str:
    """What to say of a request that is beyond the limit; empty for others."""
    size = _length(request.META)
    if size <= settings.UPLOAD_MAX_MB * 2**20:
        return ""
    return (
        f"The file has {size / 2**20:,.0f} MB and {settings.UPLOAD_MAX_MB:,} MB is the limit; "
        "scan fewer accounts at once, or ask whoever operates Cairn to raise UPLOAD_MAX_MB."
    )


def _length(meta: dict[str, Any]) -> int:
    told = str(meta.get("CONTENT_LENGTH") or "")
    return int(told) if told.isdecimal() else 0


class _Upload(TemporaryUploadedFile):
    """Its place in the folder owes nothing to the name that the sender gave."""

    def __init__(self, name: str | None, content_type: str | None, charset: str | None) -> None:
        file = tempfile.NamedTemporaryFile(suffix=".upload", dir=folder())  # noqa: SIM115  (closed with the request)
        UploadedFile.__init__(self, file, name, content_type, 0, charset)


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Takes a file only from somebody who is signed in, and none of a request that is too large:
    the form is read before any view can refuse it."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        user = getattr(self.request, "user", None)
        if self.request and (too_large(self.request) or not (user and user.is_authenticated)):
            raise SkipFile
        self.file = _Upload(self.file_name, self.content_type, self.charset)
