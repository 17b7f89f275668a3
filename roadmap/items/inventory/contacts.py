"""Every account has an owner team, contacts inside the company and a recent confirmation.

Reads the account's row, its alternate contacts (account:GetAlternateContact) and, for the
organization as a whole, which accounts are billed (ce:GetDimensionValues) or were seen elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from collectors.outcomes import Missing
from collectors.services import account, ce, organizations
from roadmap.mail import domain, is_inside
from roadmap.readings.gaps import is_doubt
from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.sentences import listed, number
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Verdict,
    failed,
    partly,
    passed,
    unknown_for,
)

# What keeps an owned account from passing: a sentence, and the finding it is reported as.
Gap = tuple[str, Problem | None]


def judge(subject: Subject) -> Verdict:
    verdict = _with_bounces(subject, _of_account(subject))
    return _with_unregistered(subject, verdict) if subject.account.is_management else verdict


def _of_account(subject: Subject) -> Verdict:
    row = subject.account
    contacts: account.Contacts | None = None
    missing: Missing | None = None
    try:
        contacts = subject.facts.get(account.contacts)
    except Missing as caught:
        # Where AWS keeps no contacts (a partition), the rest decides.
        missing = caught if is_doubt(caught) else None
    facts = _facts(subject, contacts)
    gaps = [*_row_gaps(subject), *(_contact_gaps(subject, contacts) if contacts else ())]
    if gaps:
        judged = partly if row.team else failed
        owned = [f"Team {row.team} owns it."] if row.team else []
        return judged(
            " ".join([*owned, *(sentence for sentence, _ in gaps)]),
            "owned, with gaps" if row.team else "no owner team",
            facts=facts,
            problems=[problem for _, problem in gaps if problem],
            incomplete=missing is not None,
        )
    if missing is not None:
        return unknown_for(missing, rule="contacts unreadable", facts=facts)
    return passed(
        f"Team {row.team} ({number(row.team_people, 'person', 'people')}) owns it, "
        f"{_set_contacts(contacts)}, and an owner confirmed it on {row.confirmed_at:%Y-%m-%d}.",
        "owned, reachable and confirmed",
        facts=facts,
    )


def _set_contacts(contacts: account.Contacts | None) -> str:
    if contacts is None:
        return "AWS keeps no contacts of it"
    kinds = [kind for kind, domain_of in _presence(contacts).items() if domain_of is not None]
    if not kinds:
        return "no contact of it is set or needed"
    return f"its {listed(kinds)} {'contact is' if len(kinds) == 1 else 'contacts are'} set"


def _facts(subject: Subject, contacts: account.Contacts | None) -> dict[str, Any]:
    row = subject.account
    sweep = max(
        subject.of_level(Level.ORGANIZATION), key=lambda a: a.given_at or subject.now, default=None
    )
    return {
        "name": row.name,
        "owner_team": row.team,
        "owner_source": "Cairn" if row.team else None,
        "owner_tags": _owner_tags(subject),
        "team_people": row.team_people,
        "payer": row.payer,
        "contacts": None if contacts is None else _presence(contacts),
        "confirmed_at": row.confirmed_at,
        "confirmed_by": row.confirmed_by,
        "tags": _tags(subject),
        "discovery_sweep": sweep
        and {"claim": sweep.claim, "url": sweep.url, "expires_at": sweep.expires_at},
    }


def _tags(subject: Subject) -> dict[str, str]:
    """As AWS Organizations has them now, else as the sheet last saw them; they decide nothing."""
    try:
        return dict(subject.facts.get(organizations.tags).tags)
    except Missing:
        return dict(subject.account.tags)


def _owner_tags(subject: Subject) -> dict[str, str]:
    """What tags say of the owner. Cairn stays authoritative: a tag makes nobody the owner."""
    keys = {key.lower() for key in subject.settings["OWNER_TAG_KEYS"]}
    return {key: value for key, value in sorted(_tags(subject).items()) if key.lower() in keys}


def _presence(contacts: account.Contacts) -> dict[str, str | None]:
    """Contact type → domain of its address, None where there is no contact."""
    return {
        kind.lower(): domain(contacts.alternate[kind].email_address)
        if kind in contacts.alternate
        else None
        for kind in account.ALTERNATE_CONTACT_TYPES
    }


def _row_gaps(subject: Subject) -> Iterator[Gap]:
    row = subject.account
    if not row.team:
        tags = _owner_tags(subject)
        hints = "".join(f" Its tag {key} says {value}." for key, value in tags.items())
        yield f"No team owns it.{hints}", Problem("no_owner")
    elif row.team_people < 1:
        nobody = f"Nobody is in team {row.team}."
        yield nobody, Problem("no_owner", detail=nobody)
    if not row.name:
        yield "It has no name.", None
    if not row.payer:
        yield "Who pays for it is not known.", None
    days = subject.settings["OWNER_CONFIRM_DAYS"]
    if row.confirmed_at is None:
        yield "No owner has confirmed it.", Problem("owner_unconfirmed")
    elif row.confirmed_at + timedelta(days=days) <= subject.now:
        stale = f"The confirmation of {row.confirmed_at:%Y-%m-%d} is older than {days} days."
        yield stale, Problem("owner_unconfirmed", detail=stale)


def _contact_gaps(subject: Subject, contacts: account.Contacts) -> Iterator[Gap]:
    present = [kind for kind in account.ALTERNATE_CONTACT_TYPES if kind in contacts.alternate]
    if subject.settings["REQUIRE_SECURITY_CONTACT"] and account.SECURITY not in present:
        others = [kind.lower() for kind in present]
        are = "is" if len(others) == 1 else "are"
        rest = f"{' and '.join(others)} {are} set" if others else "so are the others"
        yield f"Security contact is missing; {rest}.", Problem("no_security_contact")
    domains = subject.settings["COMPANY_EMAIL_DOMAINS"]
    addresses = {kind.lower(): contacts.alternate[kind].email_address for kind in present}
    foreign = [
        f"{kind} ({domain(address)})"
        for kind, address in addresses.items()
        if domains and not is_inside(address, domains)
    ]
    if foreign:
        outside = f"Contacts outside the company: {', '.join(foreign)}."
        yield outside, Problem("foreign_contact", detail=outside)


def _with_bounces(subject: Subject, verdict: Verdict) -> Verdict:
    """With a finding where mail to contacts comes back. It decides nothing: the contact may be
    right and the mailbox full."""
    if not subject.account.bouncing:
        return verdict
    roles = [role for role in subject.account.contacts if role in subject.account.bouncing]
    detail = f"Mail servers refuse mail to: {listed(roles, len(roles))}."
    return replace(verdict, problems=[*verdict.problems, Problem("mail_bounces", detail=detail)])


def _with_unregistered(subject: Subject, verdict: Verdict) -> Verdict:
    """The management account's verdict with the organization's findings: account ids that are
    billed or were seen elsewhere, and that are neither in the inventory nor a vendor's."""
    seen = dict(subject.company.sightings)
    incomplete = verdict.incomplete
    try:
        billed = subject.facts.management(ce.billed_accounts)
        seen |= dict.fromkeys(billed, f"Billed in the last {ce.BILLED_DAYS} days.")
    except Missing:
        # Without the bill, findings that rest on it must not count as resolved.
        incomplete = True
    known = subject.company.registered_ids | subject.settings["VENDOR_ACCOUNTS"].keys()
    strangers = {one: where for one, where in seen.items() if one not in known}
    partition = subject.account.partition
    problems = [
        Problem(
            "unregistered_account",
            f"arn:{partition}:iam::{one}:root",
            one,
            detail=strangers[one],
            organization=True,
        )
        for one in sorted(strangers)
    ]
    return replace(
        verdict,
        facts={**verdict.facts, "unregistered": strangers},
        problems=[*verdict.problems, *problems],
        incomplete=incomplete,
    )


item = Item(
    __name__,
    order="1.1",
    title="Every account listed, with owner and contacts",
    guidance=(
        "When something happens in an account, somebody has to answer for it within the hour. "
        "Each account belongs to a team with people in it, has a security contact that AWS can "
        "write to, and an owner looks over the entry once a year. Accounts that nobody entered "
        "show up in bills, shares and trust policies."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(account.contacts, organizations.tags, ce.billed_accounts),
    findings={
        "no_owner": FindingKind("No owner", Severity.HIGH),
        "no_security_contact": FindingKind("No security contact", Severity.MEDIUM),
        "foreign_contact": FindingKind("Contact outside the company", Severity.MEDIUM),
        "owner_unconfirmed": FindingKind("Owner has not confirmed", Severity.LOW),
        "mail_bounces": FindingKind("Mail to a contact bounces", Severity.MEDIUM, of_sheet=True),
        "unregistered_account": FindingKind("Account not in the inventory", Severity.HIGH),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            "Have bills and payers, mailboxes, the technical account manager and network logs been "
            "searched for accounts that nobody has entered?",
        ),
    ),
    always_judged=True,
    imports={
        "prowler": (
            "account_security_contact_information_is_registered",
            "account_maintain_different_contact_details_to_security_billing_and_operations",
        ),
        "securityhub": ("Account.1",),
    },
    fix=Fix(
        "Choose an owner team in the sheet, and set the security contact from the management "
        "account.",
        "Update the alternate contacts for your AWS account",
    ),
    source_url="https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-contact-alternate.html",
)
