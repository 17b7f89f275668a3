"""The only code that talks to AWS or reads a scanner's file."""

from django.apps import AppConfig


class CollectorsConfig(AppConfig):
    name = "collectors"
