"""Files kept between the steps of an import."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import models

KEEP_FOR = timedelta(hours=24)
KEEP_PER_USER = 5


class UploadManager(models.Manager["Upload"]):
    def purge(self) -> None:
        """Forget what is too old, and all but the newest few of each user."""
        self.filter(created_at__lt=datetime.now(UTC) - KEEP_FOR).delete()
        kept: dict[int, int] = {}
        for pk, user in self.order_by("-created_at").values_list("pk", "user_id"):
            kept[user] = kept.get(user, 0) + 1
            if kept[user] > KEEP_PER_USER:
                self.filter(pk=pk).delete()


class Upload(models.Model):
    """What a person uploaded or pasted, as it came; only they can open it, for a day.

    It is kept in the database, since the next step may be answered by another web process.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads"
    )
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UploadManager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name
