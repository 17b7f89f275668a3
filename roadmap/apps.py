"""What should be true of every account, and whether it is."""

from django.apps import AppConfig


class RoadmapConfig(AppConfig):
    name = "roadmap"

    def ready(self) -> None:
        from inventory.changes.apply import applied
        from roadmap.grid import extend_account_list
        from roadmap.triggers import change_set_applied

        applied.connect(change_set_applied, dispatch_uid="roadmap.change_set_applied")
        extend_account_list()
