"""Subjects of the items that are judged Region by Region and run from the security account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.registry import Collector
from roadmap.subject import Company, Subject
from tests.roadmap.items.subjects import ACCOUNT, LOGS, REGIONS, SECURITY, Facts, row, subject

HOME, OTHER = "us-east-1", "eu-west-1"
SECURITY_ACCOUNTS = {SECURITY: ["tooling"], LOGS: ["log_archive"]}
COMPANY = Company(
    accounts={
        SECURITY: row(SECURITY, name="Audit"),
        LOGS: row(LOGS, name="Log archive"),
        ACCOUNT: row(),
    }
)


def everywhere(account: str, collector: Collector[Any], value: Any) -> dict[tuple[Any, ...], Any]:
    """The same value in every Region."""
    return {(account, collector, region): value for region in REGIONS}


def central_subject(
    values: Facts, *, settings: Mapping[str, Any] | None = None, **more: Any
) -> Subject:
    """Of a company whose security accounts are named."""
    named = {"SECURITY_ACCOUNTS": SECURITY_ACCOUNTS}
    return subject(values, settings=named | dict(settings or {}), company=COMPANY, **more)
