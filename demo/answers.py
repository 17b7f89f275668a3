"""What people of Larkfield have said so far where no API can tell: some of it, as people do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from inventory.models import Account, Organization, Team, User
from roadmap.attestations import Answer, Target, give

WIKI = "https://wiki.example.com/cloud/"


@dataclass(frozen=True)
class Said:
    """``whom`` is empty for the organization, a team's name, or an account's; ``days`` are how long
    it holds, 0 for as long as the item allows."""

    item: str
    claim: str
    statement: str
    page: str = ""
    whom: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    about: str = ""
    days: int = 0


def said(today: date) -> list[Said]:
    def ago(days: int) -> str:
        return (today - timedelta(days=days)).isoformat()

    return [
        Said(
            "visibility.account_baseline",
            "done",
            "How accounts are made, by whom and with which baseline is written down.",
            "account-creation",
        ),
        Said(
            "inventory.contacts",
            "partly",
            "Finance and the mail search are done; the network logs are not.",
            "discovery-sweep",
        ),
        Said(
            "identity.connection_plan",
            "done",
            "Who may connect with whom, and what a new account is made for, is written down.",
            "connecting-accounts",
        ),
        Said(
            "refinement.honey_tokens",
            "done",
            "A key without any right lies where a thief would look first.",
            "canaries",
            about="AKIAEXAMPLEHONEYTOKN",
            details={
                "kind": "access key",
                "user": "arn:aws:iam::606060606060:user/backup-archive",
                "placement": ["The old backup scripts", "A page of the retired wiki"],
                "rule": f"{WIKI}canary-alert",
                "tested_on": ago(75),
            },
        ),
        Said(
            "detection.guidelines",
            "done",
            "The rule book is published and was gone over in summer.",
            "rule-book",
            details={
                "reviewed_on": ago(140),
                "version": "3.1",
                "names_accepted_risks": "yes",
                "names_own_checks": "no",
            },
        ),
        Said(
            "detection.guidelines",
            "done",
            "Payments keeps a stricter rule book of its own.",
            "payments-rule-book",
            "Payments",
            {
                "reviewed_on": ago(60),
                "names_accepted_risks": "yes",
                "names_own_checks": "yes",
            },
            days=20,
        ),
        Said(
            "incident.practice",
            "done",
            "A leaked key was played through at the table.",
            "exercise",
            details={
                "held_on": ago(200),
                "scenario": "credential",
                "kind": "table_top",
                "detect_minutes": 15,
                "understand_minutes": 50,
                "contain_minutes": 120,
            },
        ),
        Said(
            "incident.practice",
            "done",
            "Payments took a host of its own apart, on a Tuesday.",
            "payments-exercise",
            "Payments",
            {
                "held_on": ago(90),
                "scenario": "host",
                "kind": "live",
                "detect_minutes": 8,
                "understand_minutes": 35,
                "contain_minutes": 70,
                "lessons": f"{WIKI}payments-exercise-lessons",
            },
        ),
        Said(
            "identity.secret_hooks",
            "done",
            "Push protection is on for all repositories but two archives.",
            "payments-hooks",
            "Payments",
            {"share": 96, "tool": "Push protection", "kind": "push_protection"},
        ),
        Said(
            "identity.secret_hooks",
            "done",
            "The hook is in the template of new repositories.",
            "platform-hooks",
            "Platform",
            {"share": 60, "tool": "Hook of the template", "kind": "hook"},
            days=12,
        ),
        Said("identity.secret_hooks", "not_done", "Nothing yet.", whom="Data"),
        Said(
            "incident.blast_radius",
            "done",
            "One workload in one environment.",
            "payments-accounts",
            "payments-prod",
            {"falls": "Card payments of all shops stop."},
        ),
        Said(
            "incident.blast_radius",
            "not_done",
            "The shop's staging and production still share the account.",
            whom="fernhill-shop",
        ),
    ]


def answer(user: User, organization: Organization, now: datetime) -> None:
    for one in said(now.date()):
        given = Answer(
            one.claim,
            one.statement,
            f"{WIKI}{one.page}" if one.page else "",
            about=one.about,
            expires_at=now + timedelta(days=one.days) if one.days else None,
            details=one.details,
        )
        give(user, one.item, _whom(one.whom, organization), given)


def _whom(name: str, organization: Organization) -> Target:
    if not name:
        return organization
    team = Team.objects.filter(name=name).first()
    return team or Account.objects.get(observed_name=name)
