"""Columns that a company adds to its sheet, with no migration and no restart."""

from __future__ import annotations

from django.db import models


class CustomColumn(models.Model):
    """A text column of the account sheet; its values live in ``Account.custom``."""

    name = models.SlugField(max_length=60, unique=True, help_text="Starts with x_.")
    label = models.CharField(max_length=100)
    help = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label
