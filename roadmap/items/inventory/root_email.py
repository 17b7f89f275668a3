"""The root user's address is a company mailing list that several people read.

Reads ``Email`` of organizations:ListAccounts, cross-checked with account:GetPrimaryEmail, and what
people attest of the address or of every address that matches a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from collectors.outcomes import Missing
from collectors.services import account, organizations
from roadmap.mail import domain, is_inside
from roadmap.readings.answers import unanswered
from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.subject import Attested, Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Verdict,
    failed,
    partly,
    passed,
    unknown,
)


@dataclass(frozen=True)
class Proof:
    """What people say of the address: the answer that counts, and whether it still holds."""

    attested: Attested | None
    holds: bool
    pattern: str = ""

    def claims(self, claim: str) -> bool:
        return self.holds and self.attested is not None and self.attested.claim == claim


def judge(subject: Subject) -> Verdict:
    domains = subject.settings["COMPANY_EMAIL_DOMAINS"]
    address = _address(subject)
    proof = _proof(subject, address)
    facts = _facts(subject, address, domains, proof)
    if proof.claims("not_done"):
        return _of_address(address, domains, proof, facts)
    if not domains:
        return unknown(
            Reason.NOT_CONFIGURED,
            "The company's mail domains are not set, so no address can be told from another.",
            "no company domains",
            facts=facts,
        )
    if not subject.account.organization_id and not proof.holds:
        return unanswered(
            proof.attested,
            "whether its root address is a list",
            "It is in no known organization, so AWS does not tell its root address.",
            facts=facts,
        )
    if not address:
        return unknown(
            Reason.UNDETERMINED, "Its root address is not known.", "no address", facts=facts
        )
    return _of_address(address, domains, proof, facts)


def _address(subject: Subject) -> str:
    """As the organization lists it; outside one, as the sheet records it. Raises Missing."""
    row = subject.account
    if not row.organization_id:
        return row.email
    listed = subject.facts.management(organizations.listing).account(row.account_id)
    return listed.email if listed else row.email


def _proof(subject: Subject, address: str) -> Proof:
    """The narrowest level wins, then the newest answer; answers that hold come before others."""
    patterns = [p for p in subject.settings["ROOT_EMAIL_LIST_PATTERNS"] if _matches(p, address)]
    about = {address.lower(), *patterns}
    applies = [
        a
        for a in subject.attestations
        if a.about.lower() in {one.lower() for one in about} - {""}
        or (a.level == Level.ACCOUNT and not a.about)
    ]
    standing = [a for a in applies if a.holds(subject.now)]
    best = replace(subject, attestations=standing or applies).attested()
    pattern = best.about if best and best.about in patterns else next(iter(patterns), "")
    return Proof(best, bool(standing), pattern)


def _matches(pattern: str, address: str) -> bool:
    """Whether the whole address matches; a pattern that is no regular expression matches none."""
    try:
        return bool(address) and re.fullmatch(pattern, address, re.IGNORECASE) is not None
    except re.error:
        return False


def _facts(subject: Subject, address: str, domains: list[str], proof: Proof) -> dict[str, Any]:
    attested = proof.attested
    return {
        "address": address,
        "is_company_domain": is_inside(address, domains),
        "is_unique": subject.company.root_emails.get(address.lower(), 0) <= 1,
        "pattern": proof.pattern,
        "attestation": attested
        and {"claim": attested.claim, "about": attested.about, "holds": proof.holds},
        "primary_email_agrees": _primary_agrees(subject, address),
    }


def _primary_agrees(subject: Subject, address: str) -> bool | None:
    """None where AWS did not tell the primary address, which only cross-checks."""
    try:
        primary = subject.facts.get(account.primary_email).address
    except Missing:
        return None
    return primary.lower() == address.lower() if primary else None


def _of_address(address: str, domains: list[str], proof: Proof, facts: dict[str, Any]) -> Verdict:
    """``address`` or ``domains`` are empty only where somebody says that it is no list."""
    is_foreign = bool(address and domains) and not is_inside(address, domains)
    foreign = [Problem("root_email_foreign", name=address)] if is_foreign else []
    single = [Problem("root_email_single_person", name=address)] if proof.claims("not_done") else []
    about = f"The root address {address}".strip()
    if foreign or single:
        why = [f"is at {domain(address)}, not the company's"] if foreign else []
        why += ["reaches one person only"] if single else []
        return failed(
            f"{about} {' and '.join(why)}.",
            "other domain" if foreign else "attested: not a list",
            facts=facts,
            problems=[*foreign, *single],
        )
    lacking = list(_lacking(proof, facts))
    if not lacking:
        return passed(f"{about} is a company list.", "company domain, proven list", facts=facts)
    but = f"{' and '.join(lacking)}."
    return partly(
        f"{about} is the company's, but {but}",
        "company domain, unproven",
        facts=facts,
        problems=[Problem("root_email_unproven", name=address, detail=but)],
    )


def _lacking(proof: Proof, facts: dict[str, Any]) -> Iterator[str]:
    if proof.claims("partly"):
        yield "it is a list only in part"
    elif proof.attested is not None and not proof.holds:
        yield "the answer that it is a list has expired"
    elif not proof.claims("done"):
        yield "nobody has said that it is a list"
    if not facts["is_unique"]:
        yield "more than one account uses it"


item = Item(
    __name__,
    order="1.3",
    title="Root e-mail is a company distribution list",
    guidance=(
        "Whoever reads the root user's mail can take over the account. The address belongs to the "
        "company, to no single person, and reaches at least two people, so that it survives "
        "holidays and resignations. With plus-addressing (aws+prod@…) one list serves many "
        "accounts, each with its own address."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    judge=judge,
    reads=(organizations.listing, account.primary_email),
    findings={
        "root_email_foreign": FindingKind("Root address outside the company", Severity.HIGH),
        "root_email_single_person": FindingKind("Root address of one person", Severity.MEDIUM),
        "root_email_unproven": FindingKind("Root address not shown to be a list", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.ACCOUNT,
            "Is the root address a mailing list with at least two recipients?",
            about="Address",
        ),
        Attestable(
            Level.ORGANIZATION,
            "Is this address, or is every address that matches this pattern, a mailing list with "
            "at least two recipients?",
            about="Address or pattern",
        ),
    ),
    always_judged=True,
    fix=Fix(
        "Change the member's root address to a group address from the management account.",
        "Update the root user email address",
    ),
    source_url="https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-root-user-email.html",
)
