"""The base of Cairn's commands that write or hand out data."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from inventory.audit.events import Event
from inventory.audit.recording import Thing, record


class RecordedCommand(BaseCommand):
    """Each start of it is in the audit log, also where it is refused afterwards.

    ``told`` are the options that an entry tells; none of them may be a secret.
    """

    told: tuple[str, ...] = ()

    def execute(self, *args: Any, **options: Any) -> str | None:
        name = type(self).__module__.rpartition(".")[2]
        told = {one: _plain(options[one]) for one in self.told if options.get(one)}
        record(Event.COMMAND_RUN, Thing("command", name, name), **told)
        return super().execute(*args, **options)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, bool | int) else str(value)
