"""What should be true of every account, and whether it is."""

from django.apps import AppConfig


class RoadmapConfig(AppConfig):
    name = "roadmap"
