"""The account spreadsheet, authoritative."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from inventory import contacts, signals
        from inventory.audit import signals as audited
        from inventory.grid.counts import register_counts

        signals.connect()
        audited.connect()
        register_counts()
        contacts.extend_account_list()
