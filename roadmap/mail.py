"""Whether a mail address belongs to the company. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def domain(address: str) -> str:
    """The part after the last @, in lower case; empty for what is no address."""
    return address.rpartition("@")[2].strip().lower() if "@" in address else ""


def is_inside(address: str, domains: Sequence[str]) -> bool:
    """Whether the address is in one of the company's domains (COMPANY_EMAIL_DOMAINS)."""
    return domain(address) in {name.strip().lower() for name in domains} - {""}
