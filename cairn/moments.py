"""Moments as the API's filters take them: in UTC, whatever zone they were written in.

PostgreSQL refuses offsets from UTC of 16 hours and more, which ISO 8601 and Python allow.
"""

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django_filters.fields import IsoDateTimeField, IsoDateTimeRangeField, RangeField


class MomentField(IsoDateTimeField):
    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:
            raise ValidationError("Is outside the calendar; write a later time.") from None


class MomentRangeField(IsoDateTimeRangeField):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        RangeField.__init__(self, (MomentField(), MomentField()), *args, **kwargs)


class MomentRangeFilter(django_filters.IsoDateTimeFromToRangeFilter):
    """Two parameters, ``<name>_after`` and ``<name>_before``."""

    field_class = MomentRangeField
