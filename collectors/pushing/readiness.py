"""Whether contacts may be written for an organization, and with what."""

from __future__ import annotations

from django.conf import settings

from collectors.aws import Role
from collectors.aws.contact_writes import ContactWriter
from collectors.models import Connection
from inventory.models import Organization
from inventory.policy import Place, Values, load_policy


class NotPossible(Exception):
    """What was asked cannot be done as things are; the message says why and what to do."""


def why_off(connection: Connection | None) -> str:
    """Why nothing can be written, or an empty text."""
    if not settings.CONTACT_PUSH:
        return (
            "Writing to AWS is off in this installation. Whoever operates it turns it on with "
            "CONTACT_PUSH=1 in the environment of web server and workers."
        )
    if connection is None or not connection.contacts_role_arn:
        return "No contacts role is set for this organization."
    return ""


def require_on(organization: Organization) -> Connection:
    """Raises NotPossible."""
    connection = Connection.objects.filter(organization=organization).first()
    if why := why_off(connection):
        raise NotPossible(why)
    assert connection is not None
    return connection


def values_of(organization: Organization) -> Values:
    return load_policy().at(Place(organization=organization.organization_id))


def writer_of(connection: Connection, role_arn: str = "") -> ContactWriter:
    """Writes with the connection's contacts role, or with one that is to be tested."""
    role = Role(role_arn or connection.contacts_role_arn, "M", connection.external_id)
    return ContactWriter(role, values_of(connection.organization))
