"""What AWS takes as an alternate contact.

https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html
"""

from __future__ import annotations

import re

from collectors.alternate_contacts import Details

LONGEST = {"name": 64, "title": 50, "email": 254, "phone": 25}
PATTERNS = {
    "email": re.compile(r"[\s]*[\w+=.#|!&-]+@[\w.-]+\.[\w]+[\s]*"),
    "phone": re.compile(r"[\s0-9()+-]+"),
}
WORDS = {"email": "e-mail address", "phone": "phone number"}


def why_refused(details: Details) -> str:
    """Why AWS would refuse the contact, in words, or an empty text."""
    values = {name: getattr(details, name) for name in LONGEST}
    if missing := [name for name, value in values.items() if not value]:
        return f"{' and '.join(missing)} missing"
    for name, value in values.items():
        if len(value) > LONGEST[name]:
            return f"{name} has {len(value)} characters, and AWS takes {LONGEST[name]}"
        if name in PATTERNS and not PATTERNS[name].fullmatch(value):
            return f"the {WORDS[name]} is not one that AWS takes"
    return ""
