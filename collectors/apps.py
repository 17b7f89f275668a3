"""The only code that talks to AWS or reads a scanner's file."""

from django.apps import AppConfig


class CollectorsConfig(AppConfig):
    name = "collectors"

    def ready(self) -> None:
        from collectors.contact_lists import extend_account_list

        extend_account_list()
