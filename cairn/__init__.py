"""Wiring: settings, URLs, Celery, entry points. Nothing here knows what an account is."""

from cairn.celery import app as celery_app

__all__ = ["celery_app"]
