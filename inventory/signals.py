"""What follows from a write: a sign-in is tied to the person of the same address, and a new owner
settles who said that an account is not theirs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_save

from cairn.sign_in import sessions
from inventory import ownership
from inventory.access import link_person
from inventory.changes import applied
from inventory.models import ChangeSet, User


def connect() -> None:
    post_save.connect(_link, sender=User, dispatch_uid="inventory.link_person")
    user_logged_in.connect(sessions.begin, dispatch_uid="sessions.begin")
    applied.connect(
        ownership.change_set_applied, sender=ChangeSet, dispatch_uid="inventory.ownership"
    )


def _link(instance: User, *, raw: bool = False, **_: Any) -> None:
    # A fixture brings its own people.
    if not raw:
        link_person(instance)
