"""What happens when a sign-in is saved: it is tied to the person of the same address."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save

from inventory.access import link_person
from inventory.models import User


def connect() -> None:
    post_save.connect(_link, sender=User, dispatch_uid="inventory.link_person")


def _link(instance: User, *, raw: bool = False, **_: Any) -> None:
    # A fixture brings its own people.
    if not raw:
        link_person(instance)
