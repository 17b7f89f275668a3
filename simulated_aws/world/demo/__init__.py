"""The demo world: a company whose accounts show every verdict that AWS's state can show.

One module per theme. A theme builds its part of AWS and claims what it demonstrates; a new one
is a module, and its name below, in the order in which they build on each other.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from simulated_aws.world.demo import company
from simulated_aws.world.demo.expectations import Theme

if TYPE_CHECKING:
    from types import ModuleType

    from simulated_aws.world.builder import Builder

MODULES: Final = (
    "organization", "roles", "contacts", "costs", "trails", "detection", "analyzers", "scans",
    "alerts",
    "buckets", "networks", "workloads", "metadata", "baseline", "signin", "access",
    "permissions", "connections", "images",
    "recorders", "log_sources",
    "backups", "remediation", "tags", "code", "guardrails",
    "disturbances",
)  # fmt: skip


def build(builder: Builder) -> dict[str, Any]:
    from simulated_aws.world.demo.roles import COLLECTOR
    from simulated_aws.world.empty import described

    for module in modules():
        module.build(builder)
    return {
        **described("demo", company.MANAGEMENT.id, COLLECTOR),
        "regions": list(company.ORGANIZATION_REGIONS),
        "settings": settings(),
        "accounts": [_account(account) for account in company.ACCOUNTS],
    }


def modules() -> Iterator[ModuleType]:
    for name in MODULES:
        yield importlib.import_module(f"simulated_aws.world.demo.{name}")


def themes() -> list[Theme]:
    return [theme for module in modules() for theme in getattr(module, "THEMES", ())]


def remarks_by_module() -> list[Mapping[str, str]]:
    """Account name -> what is worth knowing about it besides claims."""
    return [getattr(module, "REMARKS", {}) for module in modules()]


def settings() -> Mapping[str, Any]:
    """The settings of Cairn that the claims assume."""
    merged: dict[str, Any] = {}
    for module in modules():
        merged |= getattr(module, "SETTINGS", {})
    return merged


def _account(account: company.Account) -> dict[str, Any]:
    claims = {theme.item: theme.claim(account) for theme in themes()}
    return {
        "id": account.id,
        "name": account.name,
        "ou": account.ou,
        "team": account.team,
        "owner": f"{company.TEAMS[account.team]}@{company.DOMAIN}",
        "email": account.root_email,
        "state": account.state,
        "regions": list(account.regions),
        "classes": list(company.CLASSES.get(account.name, ())),
        "claims": {
            item: {"verdict": claim.verdict, "why": claim.why} for item, claim in claims.items()
        },
    }
