"""What is known of the people whom the spreadsheet only names: of some all, of others some. And
contacts that AWS does not have yet, or has otherwise: what a plan of contacts would write."""

from __future__ import annotations

from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, PEOPLE
from inventory.models import Account, Origin, User

# As the alternate contacts of the simulated AWS have it.
SECURITY_DESK = {"name": "Larkfield security", "title": "Security", "phone": "+1 202 555 0100"}
KNOWN = {
    "security@example.com": SECURITY_DESK,
    "mara.lindqvist@example.com": {
        "name": "Mara Lindqvist",
        "title": "Head of platform",
        "phone": "+1 202 555 0111",
    },
    "lena.okafor@example.com": {"name": "Lena Okafor", "title": "Engineering manager"},
    "aiko.tanaka@example.com": {"name": "Aiko Tanaka", "phone": "+1 202 555 0117"},
}

NAMED = {
    "analytics-prod": {"security_contact": "security@example.com"},
    "corporate-it": {"security_contact": "security@example.com"},
    "network-hub": {"operations_contact": "mara.lindqvist@example.com"},
    "shared-services": {"operations_contact": "mara.lindqvist@example.com"},
    "payments-prod": {"operations_contact": "lena.okafor@example.com"},
}


def name_contacts(user: User) -> None:
    people = [Edit(PEOPLE, email, values) for email, values in KNOWN.items()]
    rows = Account.objects.filter(observed_name__in=NAMED)
    named = [Edit(ACCOUNTS, row.key, NAMED[row.observed_name]) for row in rows]
    write([*people, *named], origin=Origin.EDIT, source="Contacts", user=user)
