#!/usr/bin/env python
"""Django's command line; with no DJANGO_SETTINGS_MODULE it works on the embedded installation."""

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command, execute_from_command_line, get_commands

OURS = {"inventory", "collectors", "roadmap"}


def prepare_embedded_database(command: str) -> None:
    """Make the embedded database the first time one of Cairn's own commands needs it."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3") and not Path(database["NAME"]).exists():
        django.setup()
        if get_commands().get(command) in OURS:
            call_command("migrate", verbosity=0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cairn.settings.dev")
    if len(sys.argv) > 1:
        prepare_embedded_database(sys.argv[1])
    execute_from_command_line(sys.argv)
